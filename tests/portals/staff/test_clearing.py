"""Refunds, receivables against payables and debts moved to another party through their pages."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from backend.invoicing.models import DebtTransfer, FundAccount, Netting, PurchaseInvoice, Receipt, Refund
from backend.invoicing.services import money, purchase_invoices, sales_invoices, transfers
from backend.invoicing.services.drafts import InvoiceData, InvoiceLineInput
from backend.processes.procure_to_pay import invoice_orders
from tests.api.caller import Caller
from tests.factories.invoicing import buy, receive
from tests.factories.purchasing import make_purchase_order

pytestmark = pytest.mark.django_db


def test_an_advance_is_paid_back_page_by_page(world: Any, browser: Any, member_for: Any) -> None:
    who = {"actor": world.actor, "at": timezone.now()}
    fund = FundAccount.objects.first()
    assert fund
    data = money.MoneyData(world.wenlan.pk, fund.pk, world.today, Decimal(300))
    money.approve_receipt(receipt_id=money.save_receipt(data=data, **who).pk, **who)
    client = browser()
    form = {
        "side": "customer",
        "customer": str(world.wenlan.pk),
        "amount": "120.50",
        "fund_account": str(fund.pk),
        "doc_date": world.today.isoformat(),
        "reference": "kept words",
    }
    new = "/finance/refunds/new/"
    for wrong in ({"customer": ""}, {"amount": "300.01"}):
        refused = client.post(new, form | wrong)
        assert refused.status_code in {400, 409}, wrong
        assert "kept words" in refused.content.decode()
    assert client.post(new, form).status_code == 302
    made = Refund.objects.get()
    page = f"/finance/refunds/{made.number}/"
    assert client.post(f"{page}edit/", form | {"amount": "100", "version": made.version}).status_code == 302
    advance = Receipt.objects.get()
    chosen = form | {"amount": "100", "how": "typed", f"take-0-{advance.pk}": "99", "version": made.version + 1}
    refused = client.post(f"{page}edit/", chosen)
    assert refused.status_code == 409
    assert 'value="99"' in refused.content.decode()
    assert client.post(f"{page}edit/", chosen | {f"take-0-{advance.pk}": "100"}).status_code == 302
    assert advance.number in client.get(f"{page}edit/").content.decode()
    for language in ("zh-hans", "en"):
        assert client.get(f"{page}print/?lang={language}")["Content-Type"] == "application/pdf"
    for step in ("approval/", "approval/undo/", "approval/"):
        assert client.post(f"{page}{step}", {"reason": "x"}).status_code == 302, step
    assert "100.00" in client.get(page).content.decode()
    assert "文澜办公" in client.get("/finance/refunds/?view=all").content.decode()
    caller = Caller.of(member_for("owner"))
    body = {
        "side": "customer",
        "party_id": str(world.wenlan.pk),
        "fund_account_id": str(fund.pk),
        "doc_date": world.today.isoformat(),
        "amount": "50.00",
    }
    over = caller.call("POST", "invoicing/refunds/", body | {"amount": "200.01"})
    assert over.status_code == 409
    saved = caller.call("POST", "invoicing/refunds/", body)
    assert saved.status_code == 201, saved.content
    booked = caller.call("POST", f"invoicing/refunds/{saved.json()['number']}/approval/", {})
    assert booked.json()["approval"] == "approved", booked.content


def test_nothing_to_set_off_is_said_and_rights_hold(world: Any, browser: Any) -> None:
    client = browser()
    form = {"customer": str(world.wenlan.pk), "supplier": str(world.supplier.pk), "doc_date": world.today.isoformat()}
    refused = client.post("/finance/nettings/new/", form)
    assert refused.status_code == 409
    assert not Netting.objects.exists()
    assert client.get("/finance/nettings/?view=all").status_code == 200
    for path in ("nettings", "refunds"):
        assert browser("sales_rep").get(f"/finance/{path}/").status_code == 403
        for step in ("", "edit/"):
            assert client.get(f"/finance/{path}/NO-0/{step}").status_code == 404


def invoice_of(world: Any, party: Any, *prices: int, bought: bool = False) -> list[Any]:
    """Approved invoices of a service, one for each price."""
    services, who, made = (
        purchase_invoices if bought else sales_invoices,
        {"actor": world.actor, "at": timezone.now()},
        [],
    )
    for price in prices:
        line = InvoiceLineInput(item_id=world.service.pk, qty=Decimal(1), price=Decimal(price))
        data = InvoiceData(party.pk, world.today, [line], external_no=f"EXT-{price}" if bought else "")
        saved = services.save_invoice(data=data, **who)
        made.append(services.approve_invoice(invoice_id=saved.pk, **who))
    return made


def test_what_is_settled_is_chosen_on_the_page_and_printed(world: Any, browser: Any) -> None:
    """Row 20: the open items of both sides stand on the form; what was typed stays when it is refused."""
    older, newer = invoice_of(world, world.wenlan, 300, 200)
    (bill,) = invoice_of(world, world.supplier, 500, bought=True)
    client, new = browser(), "/finance/nettings/new/"
    parties = {
        "customer": str(world.wenlan.pk),
        "supplier": str(world.supplier.pk),
        "doc_date": world.today.isoformat(),
    }
    shown = client.post(new, parties | {"refresh": "1"}).content.decode()
    for row in (older, newer, bill):
        assert row.number in shown
    assert 'value="typed" checked' in shown
    assert client.post(new, parties | {"how": "typed"}).status_code == 400
    assert not Netting.objects.exists()
    typed = parties | {
        "how": "typed",
        f"take-0-{newer.pk}": "150.00",
        f"take-1-{bill.pk}": "149.99",
        "remark": "as agreed",
    }
    refused = client.post(new, typed)
    assert refused.status_code == 409
    page = refused.content.decode()
    assert 'value="149.99"' in page
    assert 'value="150.00"' in page
    assert "as agreed" in page
    assert client.post(new, typed | {f"take-0-{newer.pk}": "1x"}).status_code == 400
    assert client.post(new, typed | {f"take-1-{bill.pk}": "150"}).status_code == 302
    made = Netting.objects.get()
    assert list(made.lines.order_by("line_no").values_list("sales_invoice_id", "amount")) == [
        (newer.pk, Decimal(150)),
        (None, Decimal(150)),
    ]
    one = f"/finance/nettings/{made.number}/"
    assert 'value="150.00"' in client.get(f"{one}edit/").content.decode()
    for language in ("zh-hans", "en"):
        assert client.get(f"{one}print/?lang={language}")["Content-Type"] == "application/pdf"


def test_a_debt_goes_over_to_another_customer_page_by_page(world: Any, browser: Any, member_for: Any) -> None:
    """Row 20: moved, printed, paid by the new customer, taken back; over the API as well."""
    older, newer = invoice_of(world, world.wenlan, 300, 200)
    client, new = browser(), "/finance/debt-transfers/new/"
    form = {
        "side": "customer",
        "customer": str(world.wenlan.pk),
        "doc_date": world.today.isoformat(),
        "remark": "by letter",
    }
    shown = client.post(new, form | {"refresh": "1"})
    assert newer.number in shown.content.decode()
    typed = form | {"how": "typed", f"take-0-{newer.pk}": "200"}
    missing = client.post(new, typed)
    assert missing.status_code == 400
    assert "by letter" in missing.content.decode()
    assert client.post(new, typed | {"to_customer": str(world.wenlan.pk)}).status_code == 400
    assert client.post(new, typed | {"to_customer": str(world.linan.pk)}).status_code == 302
    made = DebtTransfer.objects.get()
    one = f"/finance/debt-transfers/{made.number}/"
    assert client.post(f"{one}approval/").status_code == 302
    (carried,) = transfers.carried_by(made)
    assert carried.number in client.get(one).content.decode()
    assert made.number in client.get(f"/sales/invoices/{carried.number}/").content.decode()
    assert client.get(f"/sales/invoices/{carried.number}/print/")["Content-Type"] == "application/pdf"
    assert "临安建材" in client.get("/finance/debt-transfers/?view=all").content.decode()
    for language in ("zh-hans", "en"):
        assert client.get(f"{one}print/?lang={language}")["Content-Type"] == "application/pdf"
    assert client.post(f"{one}approval/undo/", {"reason": "x"}).status_code == 302
    assert client.post(f"{one}void/", {"reason": "x"}).status_code == 302
    assert browser("sales_rep").get("/finance/debt-transfers/").status_code == 403
    assert client.get("/finance/debt-transfers/NO-0/").status_code == 404
    caller = Caller.of(member_for("accountant"))
    body = {
        "side": "customer",
        "from_party_id": str(world.wenlan.pk),
        "to_party_id": str(world.linan.pk),
        "doc_date": world.today.isoformat(),
        "invoices": [{"invoice_id": str(older.pk), "amount": "120.00"}],
    }
    saved = caller.call("POST", "invoicing/debt-transfers/", body)
    assert saved.status_code == 201, saved.content
    path = f"invoicing/debt-transfers/{saved.json()['number']}/approval/"
    assert caller.call("POST", path, {}).json()["amount"] == "120.00"
    assert caller.call("DELETE", path).json()["approval"] == "draft"


def test_what_was_invoiced_and_will_not_come_page_and_api(world: Any, browser: Any, member_for: Any) -> None:
    """Of ten invoiced before they came, two will not come by the page and three more over the API: 56.50 of 113."""
    order = make_purchase_order((world.paper, 10), supplier=world.supplier)
    bill = invoice_orders(order_ids=[order.pk], actor=world.actor, at=timezone.now())
    bill = purchase_invoices.approve_invoice(invoice_id=bill.pk, actor=world.actor, at=timezone.now())
    line, client = bill.lines.get(), browser()
    page = f"/purchasing/invoices/{bill.number}/allowance/"
    assert f"missing-{line.pk}" in client.get(page).content.decode()
    form = {"doc_date": world.today.isoformat(), "external_no": "R-8", "remark": ""}
    refused = client.post(page, form | {f"missing-{line.pk}": "11"})
    assert (refused.status_code, 'value="11"' in refused.content.decode()) == (400, True)
    assert client.post(page, form | {f"missing-{line.pk}": "2"}).status_code == 302
    caller, path = Caller.of(member_for("accountant")), f"invoicing/purchase-invoices/{bill.number}/allowance/"
    wish = {"doc_date": world.today.isoformat(), "lines": [{"line_id": str(line.pk), "qty": "3"}]}
    made = caller.call("POST", path, wish)
    assert (made.status_code, made.json()["gross_amount"]) == (201, "-33.90"), made.content
    for note in PurchaseInvoice.objects.filter(gross_amount__lt=0):
        assert client.post(f"/purchasing/invoices/{note.number}/approval/").status_code == 302
        assert client.get(f"/purchasing/invoices/{note.number}/").status_code == 200
        assert client.get(f"/purchasing/invoices/{note.number}/print/")["Content-Type"] == "application/pdf"
    order.refresh_from_db()
    assert (order.lines.get().ahead_qty, order.invoiced) == (5, "partial")


def test_a_supplier_allows_something_page_and_api(world: Any, browser: Any, member_for: Any) -> None:
    """Row 8: an amount beside the goods of an invoice becomes a draft debit note; what is typed stays when it is refused."""
    bill = buy(world.supplier, receive(world.supplier, [(world.paper, 20, 10)]))
    line, client = bill.lines.get(), browser()
    page = f"/purchasing/invoices/{bill.number}/allowance/"
    assert page in client.get(f"/purchasing/invoices/{bill.number}/").content.decode()
    form = {
        "doc_date": world.today.isoformat(),
        "external_no": "R-7",
        f"allow-{line.pk}": "226.01",
        "remark": "year end",
    }
    refused = client.post(page, form)
    assert refused.status_code in {400, 409}
    body = refused.content.decode()
    assert 'value="226.01"' in body
    assert "year end" in body
    done = client.post(page, form | {f"allow-{line.pk}": "22.60"})
    assert done.status_code == 302
    note = PurchaseInvoice.objects.get(gross_amount__lt=0)
    assert client.post(f"/purchasing/invoices/{note.number}/approval/").status_code == 302
    assert "-22.60" in client.get(f"/purchasing/invoices/{note.number}/").content.decode().replace("−", "-")
    assert client.get(f"/purchasing/invoices/{note.number}/print/")["Content-Type"] == "application/pdf"
    assert client.get(page).status_code == 200
    assert browser("sales_rep").get(page).status_code == 403
    assert client.get("/purchasing/invoices/NO-0/allowance/").status_code == 404
    caller, path = Caller.of(member_for("accountant")), f"invoicing/purchase-invoices/{bill.number}/allowance/"
    wish = {"doc_date": world.today.isoformat(), "lines": [{"line_id": str(line.pk), "amount": "203.41"}]}
    assert caller.call("POST", path, wish).status_code in {400, 409}
    wish["lines"][0]["amount"] = "203.40"
    made = caller.call("POST", path, wish)
    assert (made.status_code, made.json()["gross_amount"]) == (201, "-203.40"), made.content
