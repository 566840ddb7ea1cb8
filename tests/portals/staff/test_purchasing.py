"""Purchasing pages: the whole chain through the browser, refusals that lose nothing, rights and query bounds."""

from datetime import timedelta
from decimal import Decimal as D
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

pytestmark = pytest.mark.django_db


def _order_fields(world: SimpleNamespace, **more: Any) -> dict[str, Any]:
    return {
        "supplier": str(world.supplier.pk),
        "doc_date": world.today.isoformat(),
        "requested_date": (world.today + timedelta(days=5)).isoformat(),
        "warehouse_id": str(world.warehouse.pk),
        "price_includes_tax": "1",
        "lines-0-item_id": str(world.paper.pk),
        "lines-0-item_id_code": "PA4",
        "lines-0-qty": "50",
        **more,
    }


@pytest.fixture
def purchase(world: SimpleNamespace) -> Any:
    """An approved order of 50 for the supplier."""
    from backend.purchasing.services import orders
    from backend.purchasing.services.inputs import LineInput, OrderData

    who = {"actor": world.actor, "at": timezone.now()}
    data = OrderData(
        supplier_id=world.supplier.pk,
        requested_date=world.today + timedelta(days=5),
        lines=(LineInput(world.paper.pk, D(50), D(100)),),
    )
    order = orders.save_order(data=data, **who)
    return orders.approve_order(order_id=order.pk, **who)


LISTS = ["suggestions", "orders", "asns", "receipts", "inspections", "invoices", "statements"]


@pytest.mark.parametrize("name", LISTS)
def test_lists_are_drawn_within_bounds(world, browser, purchase, statements, name):
    client = browser()
    client.get(f"/purchasing/{name}/")
    with statements(12):
        answer = client.get(f"/purchasing/{name}/?view=all")
    assert answer.status_code == 200
    assert client.get(f"/purchasing/{name}/?by=lines").status_code == 200


def test_an_order_is_written_approved_answered_and_received(world, browser):
    from backend.inventory.models import StockBalance
    from backend.invoicing.models import PurchaseInvoice
    from backend.purchasing.models import PurchaseOrder, PurchaseReceipt

    client = browser()
    made = client.post("/purchasing/orders/new/", _order_fields(world))
    assert made.status_code == 302, made.content.decode()[:3000]
    order = PurchaseOrder.objects.get()
    page = f"/purchasing/orders/{order.number}/"
    assert client.post(f"{page}approval/").status_code == 302
    line = order.lines.get()
    days = [(world.today + timedelta(days=n)).isoformat() for n in (4, 9)]
    parts = {"qty": "30", "date": days[0], "qty2": "20", "date2": days[1], "reason": "two trucks", "id": str(line.pk)}
    answered = client.post(f"{page}answer/", {f"lines-0-{key}": value for key, value in parts.items()})
    assert answered.status_code == 302, answered.content.decode()[:3000]
    assert line.schedule.count() == 2
    order.refresh_from_db()
    answer = order.confirmations.get()
    if answer.state == "proposed":
        assert client.post(f"{page}decision/", {"confirmation": str(answer.pk), "verdict": "accept"}).status_code == 302
    kept = {"lines-0-id": str(line.pk), "lines-0-qty": "30", "doc_date": world.today.isoformat()}
    saved = client.post(f"/purchasing/receipts/new/?order={order.number}", kept)
    assert saved.status_code == 302, saved.content.decode()[:3000]
    receipt = PurchaseReceipt.objects.get()
    assert client.post(f"/purchasing/receipts/{receipt.number}/approval/").status_code == 302
    assert StockBalance.objects.get(item=world.paper).on_hand == D(110)
    form = {"supplier": str(world.supplier.pk), "receipt": [str(receipt.pk)], "external_no": "12345678"}
    assert client.post("/purchasing/invoices/new/", form).status_code == 302
    invoice = PurchaseInvoice.objects.get()
    detail = f"/purchasing/invoices/{invoice.number}/"
    assert client.post(f"{detail}approval/").status_code == 302
    invoice.refresh_from_db()
    assert invoice.is_approved
    for address in (page, f"/purchasing/receipts/{receipt.number}/", detail):
        assert client.get(address).status_code == 200
        assert client.get(f"{address}print/?lang=en")["Content-Type"] == "application/pdf"
    assert client.get(f"{page}sheet/").status_code == 200


def test_pages_stay_within_their_statements(world, browser, purchase, statements):
    client = browser()
    page = f"/purchasing/orders/{purchase.number}/"
    client.get(page)
    for address in (
        page,
        f"{page}edit/",
        f"{page}amend/",
        f"{page}answer/",
        f"/purchasing/receipts/new/?order={purchase.number}",
    ):
        with statements(14):
            assert client.get(address, follow=False).status_code in {200, 302}, address


def test_a_refused_order_keeps_what_was_typed(world, browser):
    fields = _order_fields(world, **{"lines-0-qty": "many", "supplier_ref": "REF-77"})
    answer = browser().post("/purchasing/orders/new/", fields)
    text = answer.content.decode()
    assert answer.status_code == 400
    assert "REF-77" in text
    assert 'value="many"' in text


def test_nobody_approves_an_order_that_was_changed_after_he_read_it(world, browser):
    from backend.purchasing.services import orders
    from backend.purchasing.services.inputs import LineInput, OrderData

    def written(price: int, **known: Any) -> Any:
        lines = (LineInput(world.paper.pk, D(5), D(price)),)
        data = OrderData(supplier_id=world.supplier.pk, requested_date=world.today + timedelta(days=5), lines=lines)
        return orders.save_order(data=data, actor=world.actor, at=timezone.now(), **known)

    read = written(100)
    now = written(999, order_id=read.pk)
    client, page = browser(), f"/purchasing/orders/{read.number}/approval/"
    assert client.post(page, {"version": read.version}).status_code == 409
    read.refresh_from_db()
    assert read.approval == "draft"
    assert client.post(page, {"version": now.version}).status_code == 302


def test_a_refused_answer_keeps_what_was_typed(world, browser, purchase):
    line = purchase.lines.get()
    fields = {"lines-0-id": str(line.pk), "lines-0-qty": "40", "lines-0-date": "", "lines-0-reason": "ovens"}
    answer = browser().post(f"/purchasing/orders/{purchase.number}/answer/", fields)
    assert answer.status_code == 400
    assert "ovens" in answer.content.decode()


def test_a_difference_is_shown_and_accepted(world, browser, purchase):
    from backend.invoicing.models import PurchaseInvoice
    from backend.processes import procure_to_pay
    from backend.purchasing.services import receipts
    from backend.purchasing.services.inputs import ReceiptLineInput

    who = {"actor": world.actor, "at": timezone.now()}
    line = purchase.lines.get()
    receipt = receipts.receive_order(order_id=purchase.pk, lines=(ReceiptLineInput(line.pk, D(50)),), **who)
    prices = {receipt.lines.get().pk: D(120)}
    invoice = procure_to_pay.invoice_receipts(receipt_ids=[receipt.pk], prices=prices, external_no="9", **who)
    client, page = browser(), f"/purchasing/invoices/{invoice.number}/"
    refused = client.post(f"{page}approval/")
    assert refused.status_code == 409
    assert "884.95" in client.get(page).content.decode()  # 50 x 20, without 13 % tax
    assert client.post(f"{page}acceptance/").status_code == 302
    assert PurchaseInvoice.objects.get().is_approved


def test_a_shortage_becomes_an_order(world, browser, order_of):
    from backend.availability.models import Suggestion
    from backend.purchasing.models import PurchaseOrder

    order_of({"PA4": 100}, approved=True)
    suggestion = Suggestion.objects.get()
    client = browser()
    page = client.get("/purchasing/suggestions/")
    assert page.status_code == 200
    assert "PA4" in page.content.decode()
    refused = client.post(f"/purchasing/suggestions/{suggestion.pk}/dismissal/", {"reason": ""})
    assert refused.status_code in {400, 409}
    assert (
        client.post(
            f"/purchasing/suggestions/{suggestion.pk}/snooze/", {"until": (world.today + timedelta(days=3)).isoformat()}
        ).status_code
        == 302
    )
    assert client.post(f"/purchasing/suggestions/{suggestion.pk}/revival/").status_code == 302
    assert client.get("/purchasing/suggestions/?export=xlsx").status_code == 200
    made = client.post("/purchasing/suggestions/orders/", {"chosen": [str(suggestion.pk)]})
    assert made.status_code == 302
    assert PurchaseOrder.objects.get().lines.get().qty >= 20


def test_a_statement_is_proposed_and_signed(world, browser, purchase):
    from backend.invoicing.models import Statement
    from backend.purchasing.services import receipts
    from backend.purchasing.services.inputs import ReceiptLineInput

    who = {"actor": world.actor, "at": timezone.now()}
    line = purchase.lines.get()
    receipts.receive_order(order_id=purchase.pk, lines=(ReceiptLineInput(line.pk, D(50)),), **who)
    client = browser()
    days = {"period_from": world.today.replace(day=1).isoformat(), "period_to": world.today.isoformat()}
    new = "/purchasing/statements/new/"
    asked = client.get(f"{new}?customer={world.wenlan.pk}").content.decode()
    assert 'data-tk-when="side:supplier" hidden>' in asked
    assert 'data-tk-when="side:customer">' in asked
    missing = client.post(new, {"side": "supplier", "customer": str(world.wenlan.pk), **days})
    assert missing.status_code == 400
    assert missing.context["form"].errors.keys() == {"supplier"}
    made = client.post(new, {"side": "supplier", "supplier": str(world.supplier.pk), "customer": "?", **days})
    assert made.status_code == 302
    statement = Statement.objects.get()
    page = f"/purchasing/statements/{statement.number}/"
    assert client.get(page).status_code == 200
    assert client.post(f"{page}signature/").status_code == 302
    assert client.get(f"{page}print/")["Content-Type"] == "application/pdf"


def test_a_notice_is_received_with_counted_quantities(world, browser, purchase):
    from backend.purchasing.models import PurchaseReceipt
    from backend.purchasing.services import asns, confirmations, orders
    from backend.purchasing.services.inputs import AsnData, AsnLineInput

    who = {"actor": world.actor, "at": timezone.now()}
    if purchase.sending == "not_sent":
        orders.send_order(order_id=purchase.pk, **who)
    confirmations.confirm_order_all(order_id=purchase.pk, **who)
    line = purchase.lines.get()
    notice = asns.submit_asn(data=AsnData(lines=(AsnLineInput(line.pk, D(50)),), expected_date=world.today), **who)
    client, page = browser(), f"/purchasing/asns/{notice.number}/"
    assert client.get(page).status_code == 200
    bad = client.post(f"{page}receiving/", {f"counted-{notice.lines.get().pk}": "lots"})
    assert bad.status_code == 400
    assert 'value="lots"' in bad.content.decode()
    assert client.post(f"{page}receiving/", {f"counted-{notice.lines.get().pk}": "48"}).status_code == 302
    assert PurchaseReceipt.objects.get().lines.get().qty == D(48)


def test_rights_and_unknown_numbers(world, browser, purchase):
    picker = browser("picker")
    assert picker.get("/purchasing/orders/").status_code == 403
    assert picker.post(f"/purchasing/orders/{purchase.number}/approval/").status_code == 403
    owner = browser()
    for name in ("orders", "asns", "receipts", "invoices", "statements"):
        assert owner.get(f"/purchasing/{name}/NOPE-1/").status_code == 404
    lead = browser("warehouse_lead").get(f"/purchasing/orders/{purchase.number}/").content.decode()
    assert "5,000.00" not in lead


def test_pur_07_the_last_price_stands_at_the_line_and_a_rise_is_explained(world, browser, purchase, statements):
    """PUR-07: while typing, on the order, when approving, and on the page of the item; hidden from who sees no prices."""
    from backend.purchasing.models import PurchaseOrder

    client = browser()
    typed = _order_fields(world, **{"lines-0-price": "120", "lines-0-touched": "price"})
    answer = client.post("/purchasing/entry/recalculate/", typed).json()["lines"]["0"]
    assert (answer["last"], answer["_short"]) == ("100.00", ["last"])
    assert answer["_notes"]["rows"][0][0].startswith("100.00 CNY")
    assert client.post("/purchasing/orders/new/", typed).status_code == 302
    order = PurchaseOrder.objects.exclude(pk=purchase.pk).get()
    page = f"/purchasing/orders/{order.number}/"
    refused = client.post(f"{page}approval/")
    assert refused.status_code == 409
    assert "20" in refused.content.decode()
    shown = client.get(page).content.decode()
    assert "price_reasons" in shown
    assert "+20%" in shown
    line = order.lines.get()
    assert client.post(f"{page}prices/", {f"why-{line.pk}": "浆价上涨"}).status_code == 302
    assert client.post(f"{page}approval/").status_code == 302
    with statements(45):
        assert "浆价上涨" in client.get(page).content.decode()
    history = f"/purchasing/items/{world.paper.pk}/prices/"
    with statements(12):
        drawn = client.get(history).content.decode()
    assert purchase.number in drawn
    assert "浆价上涨" in drawn
    assert browser("picker").get(history).status_code == 403
    assert client.get(f"/purchasing/items/{world.supplier.pk}/prices/").status_code == 404
    assert "浆价上涨" not in _printed(order)


def test_pur_07_an_item_that_was_never_bought_is_said_to_be_new(world, browser, statements):
    """PUR-07: while typing and on the draft its price stands beside the item's own; the page stays within its statements."""
    from backend.purchasing.models import PurchaseOrder

    client = browser()
    typed = _order_fields(world, **{"lines-0-price": "120", "lines-0-touched": "price"})
    answer = client.post("/purchasing/entry/recalculate/", typed).json()["lines"]["0"]
    assert answer["last"] == "100.00 · 从未采购"
    assert answer["_short"] == ["last"]
    assert client.post("/purchasing/orders/new/", typed).status_code == 302
    page = f"/purchasing/orders/{PurchaseOrder.objects.get().number}/"
    client.get(page)
    with statements(12):
        shown = client.get(page).content.decode()
    assert "+20%" in shown
    assert client.post(f"{page}approval/").status_code == 302


def _printed(order: Any) -> str:
    """What the price column of the printed order says."""
    from portals.staff.purchasing.order_lines import line_of
    from portals.staff.purchasing.order_reading import read_order

    page = read_order(order)
    return str([line_of(page, line, SimpleNamespace(may=lambda code: True)).cells["price"] for line in page.lines])
