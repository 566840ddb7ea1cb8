"""Fixtures of the browser stories: ``product`` (a real one, running), ``browser``, ``window`` (somebody's browser window).

Without Chromium every story is left out, with one reason.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.browser import CHROMIUM, DESK, FLAGS, Window
from tests.e2e.product import Product, borrow, give_back


@pytest.fixture(scope="session")
def chromium() -> str:
    for path in CHROMIUM:
        if Path(path).exists():
            return path
    pytest.skip("Chromium is missing: apt-get install chromium fonts-noto-cjk")


@pytest.fixture(scope="session")
def product(
    chromium: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Product]:
    """The product with its demo companies, shared by all processes of this test run."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if hasattr(request.config, "workerinput") else base) / "product"
    running = borrow(shared)
    yield running
    give_back(shared)


@pytest.fixture(scope="module")
def browser(chromium: str, product: Product) -> Iterator[Any]:
    """A browser for one module: while it is open, code that uses the database must not run in this process."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def window(
    browser: Any, product: Product, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[..., Window]]:
    """``window(size=PHONE, language="en-US")``: a window of its own; none may have seen an error when the test ends."""
    opened: list[Window] = []
    failed_before = request.session.testsfailed

    def make(size: dict[str, int] = DESK, language: str = "zh-CN", **more: Any) -> Window:
        opened.append(Window(browser, product, size=size, language=language, **more))
        return opened[-1]

    yield make
    if request.session.testsfailed > failed_before:
        for number, one in enumerate(opened):
            one.page.screenshot(path=tmp_path / f"window-{number}.png", full_page=True)
            print(f"window {number}: {one.problems()}, see {tmp_path}")
    errors = [error for one in opened for error in one.errors]
    for one in opened:
        one.close()
    assert not errors, "Errors in the browser's console:\n" + "\n".join(errors)
