"""G-01 in the browser, in Chinese: paper stock 80, order 100, through all faces to the last voucher and the ticket.

Each chapter is what one person does in one window; what others must see by themselves is waited for, never made.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.e2e.browser import PHONE, Window, until
from tests.e2e.product import Product

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PAPER, LOT, CARRIER = "复印纸 A4 70g", "HX-261122", "顺丰速运"
SECONDS_TO_TELL = 5.0


class Story:
    """The people of one company, each in a window of their own, and the documents they made."""

    def __init__(self, product: Product, window: Callable[..., Window]) -> None:
        self.product, self.window = product, window
        self.slug = f"haitang-{int(time.time()) % 1_000_000}"
        self.windows: dict[str, Window] = {}
        self.numbers: dict[str, str] = {}

    def who(self, key: str) -> Window:
        """This person's window, signed in."""
        if key not in self.windows:
            face = f"{key}/" if key in {"supplier", "customer"} else ""
            size = {"size": PHONE} if face else {}
            self.windows[key] = self.window(**size).sign_in(self.slug, f"{key}@{self.slug}.example", face)
        return self.windows[key]

    def open(self, key: str, path: str) -> Any:
        return self.who(key).open(self.slug, path)

    def remember(self, what: str, page: Any) -> str:
        self.numbers[what] = page.url.rstrip("/").split("/")[-1]
        return self.numbers[what]


def short(day: date) -> str:
    return f"{day:%m-%d}"


def press(page: Any, verb: str) -> None:
    """Press the button that posts to `…/verb/`, opening the menu it is in."""
    button = page.locator(f"main form[action$='/{verb}/'] button").first
    button.wait_for(state="attached")
    if not button.is_visible():
        menu = button.evaluate("button => button.closest('[popover]')?.id || ''")
        page.locator(f"[popovertarget='{menu}']").filter(visible=True).first.click()
    button.click()
    page.wait_for_load_state()


def today() -> date:
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


def test_from_shortage_to_ticket(product: Product, window: Callable[..., Window]) -> None:
    story = Story(product, window)
    product.backstage("company", story.slug, "海棠办公用品有限公司", "zh-hans")
    the_seller_orders_by_keyboard(story)
    the_seller_approves_and_asks_why(story)
    the_warehouse_ships(story, "80", "first_delivery")
    the_customer_signs(story, "first_delivery")
    the_buyer_buys_what_is_short(story)
    the_supplier_confirms_later(story)
    customer_and_seller_hear_of_it(story)
    the_supplier_announces_the_lot(story)
    the_warehouse_receives(story)
    the_warehouse_ships(story, "20", "delivery")
    the_customer_signs(story, "delivery")
    the_accountant_invoices_and_collects(story)
    both_sides_agree_on_the_statement(story)
    the_supplier_invoices_and_is_paid(story)
    the_books_are_balanced(story)
    the_customer_opens_a_ticket_in_two_taps(story)


def the_seller_orders_by_keyboard(story: Story) -> None:
    """The line grid without the mouse: pinyin picks the item, Enter goes on, Ctrl-S saves."""
    page = story.open("sales", "/sales/orders/new/")
    page.fill("#tk-customer", "wljy")
    page.locator("[role=option]", has_text="文澜").first.click()
    page.fill("#id_requested_date", f"{today() + timedelta(days=3):%Y-%m-%d}")
    page.locator("[data-tk-grid] tbody tr").first.locator("[data-picker]").focus()
    page.keyboard.type("fyza4")
    page.locator("[role=option]", has_text=PAPER).first.wait_for()
    page.keyboard.press("Enter")
    until(lambda: PAPER in page.locator("[data-tk-grid] tbody tr").first.inner_text(), "The item's name")
    page.keyboard.type("100")
    page.keyboard.press("Enter")
    until(lambda: "15,800.00" in page.locator("[data-tk-grid] tfoot").inner_text(), "The total")
    row = page.locator("[data-tk-grid] tbody tr").first.inner_text()
    assert "80" in row, row
    page.keyboard.press("Control+s")
    page.wait_for_url(re.compile(r"/sales/orders/XSDD-[\d-]+/$"))
    story.remember("order", page)


def the_seller_approves_and_asks_why(story: Story) -> None:
    """80 are reserved, 20 come later; the number says why."""
    page = story.who("sales").page
    page.click("button:has-text('审核')")
    page.wait_for_selector(".tk-chip.ok:has-text('已审核')")
    promise = page.locator("button.tk-promise").first
    assert "80 今天" in promise.inner_text(), promise.inner_text()
    promise.click()
    why = page.locator(".tk-why:popover-open")
    why.wait_for()
    until(lambda: "80" in why.inner_text() and "预留" in why.inner_text(), "The ladder of the promise")
    page.keyboard.press("Escape")


def the_buyer_buys_what_is_short(story: Story) -> None:
    page = story.open("buyer", "/purchasing/suggestions/")
    page.locator("tr", has_text=PAPER).wait_for()
    page.click("main button.btn-primary")
    page.wait_for_url(re.compile(r"/purchasing/orders/CGDD-[\d-]+/$"))
    story.remember("purchase", page)
    page.click("button:has-text('审核')")
    page.wait_for_selector(".tk-chip.ok:has-text('已审核')")


def the_supplier_confirms_later(story: Story) -> None:
    """On the phone: open the order from the to-do, move the date of its line, say why."""
    page = story.open("supplier", "/supplier/")
    page.locator(f"a[href*='{story.numbers['purchase']}']").first.click()
    page.locator("details.tk-fold summary").first.click()
    story.numbers["later"] = short(today() + timedelta(days=11))
    page.locator("input[name^='date-']").first.fill(f"{today() + timedelta(days=11):%Y-%m-%d}")
    page.locator("input[name^='reason-']").first.fill("缺料")
    page.locator("button[name=verdict][value=answer]").first.click()
    page.wait_for_load_state()
    assert story.numbers["later"] in page.inner_text("main"), story.who("supplier").problems()


def customer_and_seller_hear_of_it(story: Story) -> None:
    """Within five seconds the portal shows the new date and the seller has something to do."""
    customer, seller = story.who("customer"), story.who("sales")
    path, later = f"/customer/orders/{story.numbers['order']}/", story.numbers["later"]

    def told() -> bool:
        customer.open(story.slug, path)
        return later in customer.page.inner_text("main")

    until(told, "The new date in the customer's portal", SECONDS_TO_TELL)
    words = customer.page.inner_text("main")
    assert "恒信" not in words, "a customer must not read the supplier's name"
    assert story.numbers["purchase"] not in words
    until(
        lambda: story.numbers["order"] in seller.open(story.slug, "/tasks/").inner_text("main"),
        "The seller's task",
        SECONDS_TO_TELL,
    )
    buyer = story.open("buyer", f"/purchasing/orders/{story.numbers['purchase']}/")
    if buyer.locator("form[action$='/decision/'] button").count():
        press(buyer, "decision")


def the_supplier_announces_the_lot(story: Story) -> None:
    page = story.open("supplier", "/supplier/shipments/new/")
    page.locator("input[name^='lot-']").first.fill(LOT)
    page.fill("#carrier", "德邦快运")
    page.fill("#tracking", "DB20261122")
    page.locator("main form button.btn-primary").click()
    page.wait_for_url(lambda url: "/shipments/" in url and "/new/" not in url)
    if page.url.endswith("/shipments/"):
        page.locator("main .tk-mlist a").first.click()
    assert LOT in page.inner_text("main"), story.who("supplier").problems()
    story.remember("notice", page)


def the_warehouse_receives(story: Story) -> None:
    """One press books the announced goods; what waited is reserved by itself."""
    page = story.open("warehouse", f"/purchasing/asns/{story.numbers['notice']}/")
    page.locator("form[action$='/receiving/'] button").filter(visible=True).first.click()
    page.wait_for_load_state()
    order = f"/sales/orders/{story.numbers['order']}/"
    until(lambda: "已预留 20" in story.open("warehouse", order).inner_text(".tk-phead"), "Reserving the 20 that waited")


def the_warehouse_ships(story: Story, qty: str, what: str) -> None:
    """What is reserved leaves in a delivery of its own."""
    page = story.open("warehouse", f"/sales/orders/{story.numbers['order']}/")
    press(page, "delivery")
    page.wait_for_url(re.compile(r"/sales/deliveries/XSCK-[\d-]+/$"))
    number = story.remember(what, page)
    assert f"{qty} 箱" in page.inner_text("main"), page.inner_text("main")
    page.goto(story.product.url(story.slug, f"/sales/deliveries/{number}/edit/"))
    page.select_option("#id_carrier_id", label=CARRIER)
    page.keyboard.press("Control+s")
    page.wait_for_url(re.compile(rf"/sales/deliveries/{number}/$"))
    press(page, "approval")
    page.wait_for_selector(".tk-chip.ok:has-text('已审核')")


def the_customer_signs(story: Story, what: str) -> None:
    page = story.open("customer", f"/customer/orders/{story.numbers['order']}/")
    sign = page.locator(f"form[action*='{story.numbers[what]}'][action$='/signature/'] button")
    sign.first.click()
    page.wait_for_load_state()
    assert "已签收" in page.inner_text("main")
    assert not sign.count()


def the_accountant_invoices_and_collects(story: Story) -> None:
    """One invoice over both deliveries, and the money for it."""
    page = story.open("accountant", f"/sales/orders/{story.numbers['order']}/")
    press(page, "invoice")
    page.wait_for_url(re.compile(r"/sales/invoices/XSFP-[\d-]+/$"))
    story.remember("invoice", page)
    press(page, "approval")
    page.goto(story.product.url(story.slug, "/finance/receipts/new/"))
    page.fill("#tk-customer", "wljy")
    page.locator("[role=option]", has_text="文澜").first.click()
    page.fill("#id_amount", "15800")
    page.locator("input[name=how][value=oldest]").check()
    page.keyboard.press("Control+s")
    page.wait_for_url(re.compile(r"/finance/receipts/SK[A-Z]*-[\d-]+/$"))
    press(page, "approval")
    page.wait_for_selector(".tk-chip.ok:has-text('已审核')")
    invoice = story.open("accountant", f"/sales/invoices/{story.numbers['invoice']}/")
    assert "已结清" in invoice.inner_text(".tk-phead")


def both_sides_agree_on_the_statement(story: Story) -> None:
    page = story.open("accountant", "/purchasing/statements/new/")
    page.fill("#id_period_from", f"{today():%Y-%m-01}")
    page.fill("#id_period_to", f"{today():%Y-%m-%d}")
    page.fill("#tk-supplier", "hxzy")
    page.locator("[role=option]", has_text="恒信").first.click()
    page.click("main button.btn-primary")
    page.wait_for_url(re.compile(r"/purchasing/statements/[A-Z]+-[\d-]+/$"))
    number = story.remember("statement", page)
    theirs = story.open("supplier", f"/supplier/statements/{number}/")
    theirs.locator("form[action$='/signature/'] button").click()
    theirs.wait_for_load_state()
    page.reload()
    press(page, "signature")
    theirs.reload()
    assert "SHA-256" in theirs.inner_text("main"), story.who("supplier").problems()


def the_supplier_invoices_and_is_paid(story: Story) -> None:
    theirs = story.who("supplier").page
    theirs.locator("a[href*='/supplier/invoices/new/']").click()
    theirs.fill("input[name=external_no]", "20261122000000000001")
    theirs.locator("main form button.btn-primary").click()
    theirs.wait_for_url(re.compile(r"/supplier/invoices/[A-Z]+-[\d-]+/$"))
    number = story.remember("supplier_invoice", theirs)
    page = story.open("accountant", f"/purchasing/invoices/{number}/")
    page.wait_for_selector(".tk-chip.ok:has-text('已审核')")  # it matched, so it booked itself
    page.goto(story.product.url(story.slug, "/finance/payments/new/"))
    page.fill("#tk-supplier", "hxzy")
    page.locator("[role=option]", has_text="恒信").first.click()
    page.fill("#id_amount", "5900")
    page.locator("input[name=how][value=oldest]").check()
    page.keyboard.press("Control+s")
    page.wait_for_url(re.compile(r"/finance/payments/FK[A-Z]*-[\d-]+/$"))
    press(page, "approval")
    page.wait_for_selector(".tk-chip.ok:has-text('已审核')")
    page.goto(story.product.url(story.slug, f"/purchasing/invoices/{number}/"))
    assert "已结清" in page.inner_text(".tk-phead")


def the_books_are_balanced(story: Story) -> None:
    page = story.open("accountant", "/finance/trial-balance/")
    assert "15,800.00" in page.inner_text("main")
    assert "不平" not in page.inner_text("main")
    found = story.product.backstage("books", story.slug)
    assert found == {"differences": [], "violations": [], "balanced": True}


def the_customer_opens_a_ticket_in_two_taps(story: Story) -> None:
    """From the delivered line: one tap on the line, one on what is wrong; staff see lot, supplier and carrier."""
    page = story.open("customer", f"/customer/orders/{story.numbers['order']}/")
    page.locator("li", has_text=LOT).locator("a[href*='/customer/tickets/new/']").click()
    page.locator(".tk-issue label").first.click()
    page.locator("main form button.btn-primary").click()
    page.wait_for_url(re.compile(r"/customer/tickets/[A-Z]+-[\d-]+/$"))
    number = story.remember("ticket", page)
    seen = story.open("sales", f"/service/tickets/{number}/").inner_text("main")
    for known in (PAPER, LOT, "恒信", CARRIER, story.numbers["delivery"]):
        assert known in seen, f"{known} is missing: {seen}"
