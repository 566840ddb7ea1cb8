"""The design system in a real browser: no serious accessibility finding, nothing wider than the screen, no blocked script,
and the keys of the entry grid."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
AXE = ROOT / "portals" / "ui" / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PAGES = (
    "/",
    "/components/",
    "/list/",
    "/document/",
    "/grid/",
    "/voucher/",
    "/supplier/",
    "/sign/",
    "/missing/",
    "/toast/",
)
SHOTS = os.environ.get("GALLERY_SHOTS", "")

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        not Path(CHROMIUM).exists() or not AXE.exists(), reason="needs Chromium and the front-end packages"
    ),
]


@pytest.fixture(scope="module")
def gallery() -> Iterator[str]:
    """The gallery server in a process of its own."""
    command = [sys.executable, "-m", "tests.portals.ui.serve"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        try:
            yield f"http://127.0.0.1:{line.split()[-1]}"
        finally:
            server.terminate()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as player:
        chromium = player.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def windows(gallery: str, browser: Any) -> Callable[..., Any]:
    """One window for each look: what one page has loaded need not come again for the next."""
    return cache(partial(window_of, browser, gallery))


def open_page(browser: Any, base: str, path: str, **look: Any) -> tuple[Any, list[str]]:
    """A page in a window of its own, ready to be worked with, and what goes wrong on it."""
    page, wrong = show(window_of(browser, base, **look), base + path)
    page.wait_for_load_state("networkidle")
    return page, wrong


def window_of(browser: Any, base: str, *, width: int, theme: str = "light", language: str = "zh-hans") -> Any:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=theme,
        locale="zh-CN" if language[:2] == "zh" else "en-GB",
        bypass_csp=False,
    )
    context.add_cookies(
        [
            {"name": "troika_language", "value": language, "url": base},
            {"name": "troika_theme", "value": theme, "url": base},
        ]
    )
    return context


def show(window: Any, address: str) -> tuple[Any, list[str]]:
    page = window.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "console",
        lambda message: wrong.append(message.text) if message.type == "error" and "404" not in message.text else None,
    )
    page.goto(address)
    until(page, "!document.querySelector('.busy, .htmx-request')")
    return page, wrong


def until(page: Any, condition: str) -> None:
    """Wait until a JavaScript expression holds; the browser's own waiting needs eval, which the policy forbids."""
    for _attempt in range(240):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"never came true: {condition}")


@cache
def _axe() -> str:
    return AXE.read_text()


def serious(page: Any) -> list[str]:
    """Serious and critical findings of axe, evaluated without loosening the page's policy."""
    page.evaluate(_axe())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{each['id']}: {node['target']} {node.get('failureSummary', '')[:160]}"
        for each in found["violations"]
        if each["impact"] in {"serious", "critical"}
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    ("width", "theme", "language"),
    [(1440, "light", "zh-hans"), (1440, "dark", "en"), (360, "light", "zh-hans"), (360, "dark", "en")],
)
def test_page_is_accessible_and_fits(
    gallery: str, windows: Callable[..., Any], path: str, width: int, theme: str, language: str
) -> None:
    page, wrong = show(windows(width=width, theme=theme, language=language), gallery + path)
    if SHOTS:
        name = f"{path.strip('/') or 'home'}-{language[:2]}-{width}-{theme}.png"
        page.screenshot(path=str(Path(SHOTS) / name), full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert serious(page) == []
    assert wrong == []
    page.close()


def test_overlays_are_accessible(gallery: str, browser: Any) -> None:
    page, wrong = open_page(browser, gallery, "/document/", width=1440)
    page.click("td.prom .tk-promise")
    assert page.locator(".tk-why:popover-open").count() == 1
    assert serious(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.wait_for_selector('[role="option"]')
    assert page.locator('[role="option"][aria-selected="true"]').count() == 1
    assert serious(page) == []
    page.keyboard.press("Escape")
    page.click('[popovertarget="tk-user"]')
    page.click('[data-tk-look="theme"] button[value="dark"]')
    assert page.get_attribute("html", "data-bs-theme") == "dark"
    assert wrong == []
    page.context.close()


def test_phone_drawer_opens_and_closes(gallery: str, browser: Any) -> None:
    page, wrong = open_page(browser, gallery, "/", width=360)
    page.click(".tk-menu-btn")
    assert page.is_visible(".tk-side")
    assert serious(page) == []
    page.keyboard.press("Escape")
    assert not page.is_visible(".tk-side")
    assert wrong == []
    page.context.close()


def values(page: Any) -> list[list[str]]:
    """Code, quantity and price of the filled rows."""
    rows = page.evaluate(
        """[...document.querySelectorAll('tbody tr[data-row]')].map(r => ['item_code','qty','price'].map(k =>
           r.querySelector(`[name$="-${k}"]`)?.value ?? '')).filter(v => v[0] || v[1])"""
    )
    return list(rows)


def test_grid_keys(gallery: str, browser: Any) -> None:
    page, wrong = open_page(browser, gallery, "/grid/", width=1440)
    until(page, "document.querySelector('[data-row=\"0\"] [data-out=gross]').textContent === '13,200.00'")
    page.click('[data-row="1"] [data-picker]')
    page.keyboard.type("dsj")
    page.wait_for_selector(".tk-ta .op")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.type("24")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('[data-row=\"1\"] [data-out=gross]').textContent === '403.20'")
    assert values(page) == [["PA4-70-5", "100", "132.00"], ["ST-SL25", "24", "16.80"]]
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "lines-2-item_code"
    page.keyboard.type("ST-12")
    page.keyboard.press("Enter")
    until(page, "document.activeElement.name === 'lines-2-qty'")
    page.keyboard.press("Control+d")
    until(page, "document.querySelector('[data-row=\"2\"] [name$=\"-qty\"]').value === '24'")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("F6")
    assert [row[1] for row in values(page)] == ["100", "100", "100"]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+Delete")
    assert [row[0] for row in values(page)] == ["PA4-70-5", "ST-12"]
    assert wrong == []
    page.context.close()


def test_grid_takes_a_block_from_a_spreadsheet(gallery: str, browser: Any) -> None:
    page, wrong = open_page(browser, gallery, "/grid/", width=1440)
    page.click('[data-row="1"] [data-picker]')
    block = json.dumps("ST-HD100\t10\t35.00\nST-12\t1,200\nXX-1\t5\n")
    page.evaluate(
        f"""const data = new DataTransfer(); data.setData('text/plain', {block});
        document.activeElement.dispatchEvent(new ClipboardEvent('paste', {{clipboardData: data, bubbles: true, cancelable: true}}))"""
    )
    page.wait_for_selector('[data-row="3"] td.bad')
    until(page, "document.querySelector('[data-row=\"2\"] [name$=\"-price\"]').value === '9.90'")
    assert values(page)[1:] == [["ST-HD100", "10", "35.00"], ["ST-12", "1200", "9.90"], ["XX-1", "5", ""]]
    assert page.text_content('[data-row="1"] [data-out="source"]') == "手工"
    assert wrong == []
    page.context.close()


def test_a_failed_save_keeps_everything(gallery: str, browser: Any) -> None:
    page, _wrong = open_page(browser, gallery, "/grid/", width=1440)
    page.fill('[name="customer"]', "杭州文澜")
    page.fill('[name="date"]', "2026-11-27")
    page.keyboard.press("Control+s")
    page.wait_for_selector(".tk-err")
    assert values(page)[0][:2] == ["PA4-70-5", "100"]
    assert "可用 80 箱" in (page.text_content('[data-row="0"] td.bad') or "")
    assert serious(page) == []
    page.context.close()


def test_list_selection_sums_exactly_and_the_batch_tells_what_was_refused(gallery: str, browser: Any) -> None:
    page, wrong = open_page(browser, gallery, "/list/?view=all", width=1440)
    for row in (1, 2, 3):
        page.check(f"tbody tr:nth-child({row}) [data-tk-row]")
    shown = page.eval_on_selector_all("tr.sel td.p-amount", "cells => cells.map(c => c.textContent.trim())")
    total = sum(round(float(text.replace(",", "")) * 100) for text in shown)
    assert page.text_content("[data-tk-picked-sum]") == f"{total / 100:,.2f}"
    page.click('.tk-batch button[value="approve"]')
    page.wait_for_selector(".tk-err")
    assert "XSDD-" in (page.text_content(".tk-err") or "")
    assert wrong == [] or all("409" in text for text in wrong)
    page.context.close()


def test_list_filters_swap_in_place_and_change_the_address(gallery: str, browser: Any) -> None:
    page, wrong = open_page(browser, gallery, "/list/?view=all", width=1440)
    page.click('[popovertarget="tk-f-approval"]')
    page.check('#tk-f-approval input[value="submitted"]')
    page.click("#tk-f-approval button.btn")
    page.wait_for_url("**approval=submitted**")
    page.wait_for_selector(".tk-filter.on")
    assert serious(page) == []
    page.go_back()
    until(page, "!document.querySelector('.tk-filter.on')")
    assert wrong == []
    page.context.close()
