"""A browser for the stories: whose window it is, what went wrong in it, and the few gestures people make again and again."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from typing import Any

from tests.e2e.product import PASSWORD, Product

CHROMIUM = ("/usr/bin/chromium", "/usr/bin/chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
# A refused form answers with 4xx on purpose; the browser notes each such answer as an error of the console.
EXPECTED = re.compile(r"status of 4(00|02|03|04|09)\b")


class Window:
    """One person's browser window: the page, and every error it has seen."""

    def __init__(self, browser: Any, product: Product, *, size: dict[str, int], language: str = "zh-CN", **more: Any):
        self.product = product
        self.context = browser.new_context(
            viewport=size, locale=language, timezone_id="Asia/Shanghai", reduced_motion="reduce", **more
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(30_000)
        self.errors: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.errors.append(f"{self.page.url}: {error}"))

    def _note(self, message: Any) -> None:
        if message.type == "error" and not EXPECTED.search(message.text):
            self.errors.append(f"{self.page.url}: {message.text}")

    def sign_in(self, company: str, person: str, face: str = "") -> Window:
        """Sign in on a face: "" is the staff's, "supplier/" and "customer/" the portals'."""
        self.page.goto(self.product.url(company, f"/{face}signin/"))
        self.page.fill("#id_email", person)
        self.page.fill("#id_password", PASSWORD)
        self.page.click("main button.btn-primary, form button.btn-primary")
        self.page.wait_for_url(lambda url: "signin" not in url)
        return self

    def open(self, company: str, path: str) -> Any:
        answer = self.page.goto(self.product.url(company, path))
        status = answer.status if answer else 0
        assert 200 <= status < 400, f"{path} answered {status}"
        return self.page

    def text(self) -> str:
        return str(self.page.inner_text("body"))

    def problems(self) -> str:
        """What the page refuses, to be said when a step did not go on."""
        shown = self.page.locator(".tk-err, .err, .tk-banner.bad").all_inner_texts()
        return f"{self.page.url} {shown} {self.errors}"

    def close(self) -> None:
        self.context.close()


def slowness() -> float:
    """How much slower this machine is just now: it may have more to do than it has cores."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def until(look: Callable[[], Any], what: str, patience: float = 5.0, pause: float = 0.25) -> Any:
    """Look again until it is there; `what` says what did not come. A busy machine is given more time."""
    patience *= slowness()
    end = time.monotonic() + patience
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not happen within {patience:g} s.")
        time.sleep(pause)
