"""From the landing page to a company; the trial's end, paying, writing again. In English."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.browser import Window, slowness, until
from tests.e2e.product import PASSWORD, Product

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SECONDS_TO_READY = 2.0
CARD = "4242424242424242"


def test_sign_up_trial_and_payment(product: Product, window: Callable[..., Window]) -> None:
    slug = f"bayview-{int(time.time()) % 1_000_000}"
    seen = window(language="en-US")
    sign_up(product, seen, slug)
    open_by_mail(product, seen, slug)
    order_in_english(seen, slug)
    product.backstage("end_trial", slug)
    writing_is_refused(seen, slug)
    pay(seen, slug)
    order_in_english(seen, slug)


def sign_up(product: Product, seen: Window, slug: str) -> None:
    page = seen.page
    page.goto(product.url())
    page.locator("a[href*='/signup/']").first.click()
    page.fill("#id_email", f"owner@{slug}.example")
    page.fill("#id_name", "Ada Lindgren")
    page.fill("#id_company", "Bayview Paper Ltd")
    page.locator("#id_company").press("Tab")
    until(lambda: page.input_value("#id_slug"), "The address made from the name")
    page.fill("#id_slug", slug)
    page.fill("#id_password", PASSWORD)
    page.check("#id_with_demo_data")
    page.click("form button.btn-primary")
    page.wait_for_selector("text=Look into your mail")


def open_by_mail(product: Product, seen: Window, slug: str) -> None:
    """The mailed link; from the press to the home page of the company."""
    page = seen.page
    link = product.link_mailed(f"owner@{slug}.example", "/signup/verify/")
    began = time.monotonic()
    page.goto(link)
    page.wait_for_url(lambda url: url.startswith(product.url(slug)), timeout=60_000)
    took = time.monotonic() - began
    assert took <= SECONDS_TO_READY * slowness(), f"the company was ready after {took:.1f} s"
    page.wait_for_selector("h1:has-text('Ada')")
    page.wait_for_selector("#tk-sample", state="detached", timeout=60_000)  # the home page draws itself again
    page.wait_for_selector("#h-todo")


def order_in_english(seen: Window, slug: str) -> None:
    """A short order: one customer, one line, saved and approved."""
    page = seen.open(slug, "/sales/orders/new/")

    def offered() -> bool:
        page.fill("#tk-customer", "")
        page.locator("#tk-customer").press_sequentially("Xixi")
        page.wait_for_timeout(400)
        return bool(page.locator("[role=option]", has_text="Xixi").count())

    until(offered, "The sample customer", 30)
    page.locator("[role=option]", has_text="Xixi").first.click()
    first = page.locator("[data-tk-grid] tbody tr").first
    first.locator("[data-picker]").focus()
    page.keyboard.type("stapler")
    page.locator("[role=option]", has_text="Heavy stapler").first.wait_for()
    page.keyboard.press("Enter")
    until(lambda: "Heavy stapler" in first.inner_text(), "The item's name")
    page.keyboard.type("2")
    page.keyboard.press("Control+s")
    page.wait_for_url(re.compile(r"/sales/orders/SO-[\d-]+/$"))
    page.locator("form[action$='/approval/'] button").filter(visible=True).first.click()
    page.wait_for_selector(".tk-chip.ok:has-text('Approved')")


def writing_is_refused(seen: Window, slug: str) -> None:
    """Reading goes on; writing answers 402 and shows the way to pay."""
    page = seen.open(slug, "/sales/orders/")
    assert "read only" in page.inner_text(".tk-banner")
    answers: list[int] = []
    page.on("response", lambda answer: answers.append(answer.status) if answer.request.method == "POST" else None)
    page.goto(seen.product.url(slug, "/customers/new/"))
    page.fill("#id_name", "Nobody Ltd")
    page.locator("main button.btn-primary").first.click()
    until(lambda: 402 in answers, "The refusal")
    assert page.locator("a[href*='/subscription/']").count()


def pay(seen: Window, slug: str) -> None:
    """The plan page, the card at the payment service, back again."""
    page: Any = seen.open(slug, "/subscription/")
    page.locator("button[name=offer]").first.click()
    page.wait_for_url(lambda url: "/c/pay/" in url)
    page.fill("[name=number]", CARD)
    page.fill("[name=expiry]", "12/40")
    if page.locator("[name=cvc]").count():
        page.fill("[name=cvc]", "123")
    page.locator("form button[type=submit], form button").last.scroll_into_view_if_needed()
    page.locator("[name=number]").press("Enter")
    page.wait_for_url(lambda url: url.startswith(seen.product.url(slug)), timeout=30_000)
    until(lambda: "Your plan" in seen.open(slug, "/subscription/").inner_text("main"), "The plan", 15)
