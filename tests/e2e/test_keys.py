"""The keys of the entry grids, by keyboard alone: the lines of an order (UX-06) and the lines of a voucher (FIN-03)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.browser import Window, until
from tests.e2e.product import Product

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PASTE = """text => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""


def cell(page: Any, row: int, key: str) -> Any:
    """The field of a column in a line of the grid."""
    return page.locator("[data-tk-grid] tbody tr[data-row]").nth(row).locator(f"td[data-key={key}] .cell")


def value(page: Any, row: int, key: str) -> str:
    return str(cell(page, row, key).input_value()).replace(",", "")


def pick(page: Any, row: int, key: str, typed: str, offered: str) -> None:
    """Type into a picker and take what is offered with Enter."""
    cell(page, row, key).focus()
    page.keyboard.type(typed)
    page.locator("[role=option]", has_text=offered).first.wait_for()
    page.keyboard.press("Enter")
    chosen = page.locator("[data-tk-grid] tbody tr[data-row]").nth(row).locator(f"td[data-key={key}] [data-id]")
    until(chosen.input_value, f"Picking {offered}")


def test_keys_of_the_order_lines(window: Callable[..., Window]) -> None:
    """Enter goes on, F7 opens the picker, F6 and Ctrl-D fill, a block is pasted, Shift-Delete removes, Ctrl-S saves."""
    seen = window(language="en-US").sign_in("demo-en", "sales@demo-en.example")
    page = seen.open("demo-en", "/sales/orders/new/")
    page.fill("#tk-customer", "Xixi")
    page.locator("[role=option]", has_text="Xixi").first.click()
    pick(page, 0, "item_id", "stapler", "Heavy stapler")
    code = value(page, 0, "item_id")
    assert page.evaluate("() => document.activeElement.closest('td').dataset.key") != "item_id", (
        "Enter stays in the picker"
    )
    cell(page, 0, "item_id").focus()
    page.keyboard.press("F7")
    page.locator("[role=option]").first.wait_for()
    page.keyboard.press("Escape")
    assert page.locator("[role=option]").filter(visible=True).count() == 0
    cell(page, 0, "qty").fill("2")
    cell(page, 1, "item_id").focus()
    page.evaluate(PASTE, f"{code}\n{code}\n{code}")
    until(lambda: [value(page, row, "item_id") for row in range(4)] == [code] * 4, "The pasted block")
    cell(page, 0, "qty").focus()
    page.keyboard.press("F6")
    assert [value(page, row, "qty") for row in range(4)] == ["2"] * 4
    cell(page, 0, "qty").fill("3")
    cell(page, 1, "qty").focus()
    page.keyboard.press("Control+d")
    assert value(page, 1, "qty") == "3"
    filled = page.locator("[data-tk-grid] tbody tr[data-row]:not(.blank)")
    cell(page, 3, "qty").focus()
    page.keyboard.press("Shift+Delete")
    until(lambda: filled.count() == 3, "Removing a line")
    page.keyboard.press("Control+s")
    page.wait_for_url(re.compile(r"/sales/orders/SO-[\d-]+/$"))
    assert page.locator("main").inner_text().count(code) >= 3, seen.problems()


def test_keys_of_the_matrix(window: Callable[..., Window], product: Product) -> None:
    """INV-14: a style opens its matrix; arrows and Enter move in it, Ctrl-Enter makes lines; opened again it changes them."""
    product.backstage("style", "demo-en")
    seen = window(language="en-US").sign_in("demo-en", "sales@demo-en.example")
    page = seen.open("demo-en", "/sales/orders/new/")
    page.fill("#tk-customer", "Xixi")
    page.locator("[role=option]", has_text="Xixi").first.click()
    open_matrix(page, 0)
    for key in ("2", "ArrowRight", "3", "ArrowDown", "5", "ArrowLeft", "ArrowUp", "Enter", "Enter", "4"):
        page.keyboard.press(key)
    assert page.locator("[data-sum-row]").all_inner_texts() == ["5", "9"]
    assert page.locator("[data-sum-column]").all_inner_texts() == ["6", "8"]
    page.keyboard.press("Control+Enter")
    until(
        lambda: keyed(page) == {"TEE-RED-S": "2", "TEE-RED-M": "3", "TEE-BLUE-S": "4", "TEE-BLUE-M": "5"}, "The lines"
    )
    open_matrix(page, 4)
    page.keyboard.type("7")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Delete")
    page.keyboard.press("Control+Enter")
    until(lambda: keyed(page) == {"TEE-RED-S": "7", "TEE-BLUE-S": "4", "TEE-BLUE-M": "5"}, "The changed lines")
    page.keyboard.press("Control+s")
    page.wait_for_url(re.compile(r"/sales/orders/SO-[\d-]+/$"))
    assert "TEE-BLUE-M" in page.locator("main").inner_text()


def open_matrix(page: Any, row: int) -> None:
    """Type the style's code and take it with Enter: the first cell of the matrix has the focus."""
    cell(page, row, "item_id").focus()
    page.keyboard.type("tee")
    page.locator("[role=option]", has_text="T-shirt").first.wait_for()
    page.keyboard.press("Enter")
    page.locator("dialog[open] input[data-item]:focus").wait_for()


def keyed(page: Any) -> dict[str, str]:
    """Code and quantity of the filled lines."""
    rows = page.locator("[data-tk-grid] tbody tr[data-row]:not(.blank)")
    return {value(page, row, "item_id"): value(page, row, "qty") for row in range(rows.count())}


def test_keys_of_the_voucher_lines(window: Callable[..., Window]) -> None:
    """F7 chooses the account and the partner, space moves an amount to the other side, `=` balances the last line, Ctrl-S posts."""
    seen = window(language="en-US").sign_in("demo-en", "accountant@demo-en.example")
    page = seen.open("demo-en", "/finance/vouchers/new/")
    page.fill("#id_summary", "Rent of the month")
    cell(page, 0, "account").focus()
    page.keyboard.press("F7")
    page.locator("[role=option]").first.wait_for()
    page.keyboard.press("Escape")
    pick(page, 0, "account", "5602", "5602")
    cell(page, 0, "party").focus()
    page.keyboard.press("F7")
    page.locator("[role=option]").first.wait_for()
    page.keyboard.press("Enter")
    named = page.locator('tr[data-row="0"] [data-out="party_name"]')
    until(lambda: bool(named.inner_text()), "The partner's name")
    cell(page, 0, "credit").focus()
    page.keyboard.type("1234.56")
    page.keyboard.press("Space")
    assert (value(page, 0, "debit"), value(page, 0, "credit")) == ("1234.56", "")
    pick(page, 1, "account", "1001", "1001")
    cell(page, 1, "credit").focus()
    page.keyboard.type("=")
    until(lambda: value(page, 1, "credit") == "1234.56", "The balancing amount")
    page.keyboard.press("Control+s")
    page.wait_for_load_state()
    until(lambda: "/new/" not in page.url or page.locator(".tk-err, .cellerr").count(), "An answer")
    assert re.search(r"/finance/vouchers/JV-[\d-]+/$", page.url), seen.problems()
    assert page.locator("main").inner_text().count("1,234.56") >= 2
