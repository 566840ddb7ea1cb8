"""The scan page on a phone (INV-15): a code answers at once; without a network it waits with its key and is sent once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.browser import PHONE, Window, until

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def test_a_scan_waits_for_the_network_and_is_sent_once(window: Callable[..., Window]) -> None:
    seen = window(size=PHONE, language="en-US").sign_in("demo-en", "owner@demo-en.example")
    page = seen.open("demo-en", "/items/?view=all")
    code = page.locator("td a").first.inner_text().strip()
    page = seen.open("demo-en", "/inventory/scan/")
    page.locator("label", has_text="Look up").click()
    page.fill("#s-code", code)
    page.keyboard.press("Enter")
    until(lambda: page.locator("[data-scan-result]").count() == 1, "The answer to a scan")
    assert code in page.locator("[data-scan-result]").first.inner_text()
    seen.context.set_offline(True)
    page.fill("#s-code", code)
    page.keyboard.press("Enter")
    until(lambda: page.locator("[data-scan-note]").count() == 1, "The word that it waits")
    seen.errors.clear()  # the browser notes that it had no network
    seen.context.set_offline(False)
    until(lambda: page.locator("[data-scan-result]").count() == 2, "The scan that waited", patience=15)
    assert page.locator("[data-scan-note]").count() == 0
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]
