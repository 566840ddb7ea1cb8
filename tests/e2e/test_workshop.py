"""The workshop on a phone (PRO-04): an order by the item's kit, its material issued, its goods received."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.browser import PHONE, Window
from tests.e2e.product import Product

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def test_an_order_is_made_on_a_phone(product: Product, window: Callable[..., Window]) -> None:
    code = product.backstage("kit", "demo-en")["code"]
    seen = window(size=PHONE, language="en-US").sign_in("demo-en", "warehouse@demo-en.example")
    page = seen.open("demo-en", f"/production/orders/new/?item={code}&qty=3")
    assert page.locator("input[name^='lines-'][name$='-qty']:not([value=''])").count() >= 2, "The kit's components"
    save(seen)
    order = page.url
    press(seen, "Approve")
    press(seen, "Issue material")
    save(seen)
    press(seen, "Book into stock")
    page.goto(order)
    press(seen, "Receive products")
    save(seen)
    press(seen, "Book into stock")
    page.goto(order)
    assert page.locator(".tk-axis .tk-chip.ok", has_text="Made").count() == 1, seen.problems()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def save(seen: Window) -> None:
    press(seen, "Save")
    assert "/new/" not in seen.page.url, seen.problems()


def press(seen: Window, words: str) -> None:
    """The page's main button, and what comes after it."""
    button: Any = seen.page.locator("main .btn-primary", has_text=words).first
    with seen.page.expect_navigation():
        button.click()
