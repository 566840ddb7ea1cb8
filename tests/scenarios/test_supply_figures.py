"""Acceptance figures of the supply side that no other story tells to the letter: SRM-10, PUR-03, PUR-08, INV-17, SCM-12."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.utils import timezone, translation

from backend.access.models import Member
from backend.accounting.models import Voucher
from backend.invoicing.models import PurchaseInvoiceLine
from backend.invoicing.services import statements
from backend.kernel.errors import Refusal
from backend.kernel.links import graph
from backend.logistics.models import Shipment
from backend.logistics.services import report_milestone
from backend.processes.procure_to_pay import invoice_statement, post_when_it_matches
from backend.processes.statements import propose_supplier_statement
from backend.purchasing.models import PurchaseOrder
from backend.purchasing.services import confirmations, orders, receipts
from backend.purchasing.services.inputs import LineInput, OrderData, ReceiptLineInput
from backend.sales.services import deliveries
from backend.sales.services.inputs import DeliveryData
from backend.workflow.models import Notification
from backend.workflow.texts import render
from tests.api.caller import Caller
from tests.people import client_of, make_member
from tests.scenarios.world import World, settle

pytestmark = pytest.mark.usefixtures("tenant")


@pytest.fixture
def world():
    return World()


def buy(world, item, qty=100):
    data = OrderData(world.supplier.pk, world.day(5), [LineInput(item.pk, D(qty), price=D(113))])
    order = orders.save_order(data=data, actor=world.buyer, at=world.at)
    return orders.approve_order(order_id=order.pk, actor=world.buyer, at=world.at)


def test_srm_10_an_order_is_in_the_portal_within_ten_seconds_and_its_first_view_is_kept(world):
    order = buy(world, world.item("PAPER", "Paper"))
    approved = timezone.now()
    settle()
    told = Notification.objects.get(kind="supplier.order_sent", params__number=order.number)
    assert told.member_id == world.supplier_person.member_id
    assert max(told.created_at, told.mailed_at) - approved < timedelta(seconds=10)
    portal = client_of(Member.objects.get(pk=told.member_id))
    assert order.number in portal.get("/supplier/orders/").content.decode()
    assert PurchaseOrder.objects.get(pk=order.pk).viewed_at is None, "a list is not yet a look"
    assert portal.get(told.url).status_code == 200
    seen = PurchaseOrder.objects.get(pk=order.pk).viewed_at
    assert seen is not None
    portal.get(told.url)
    assert PurchaseOrder.objects.get(pk=order.pk).viewed_at == seen


def test_pur_03_with_two_per_cent_102_of_100_are_accepted_and_103_refused(world):
    type(world.supplier.supplier).objects.filter(pk=world.supplier.pk).update(over_receipt_pct=D(2))
    order = buy(world, world.item("PAPER", "Paper"))
    line = order.lines.get()

    def receive(qty):
        lines = [ReceiptLineInput(line.pk, D(qty))]
        return receipts.receive_order(order_id=order.pk, lines=lines, actor=world.keeper, at=world.at)

    with pytest.raises(Refusal) as refused:
        receive(103)
    assert (refused.value.problems[0].code, refused.value.problems[0].line) == ("over_receipt", 1)
    body = {"lines": [{"order_line_id": str(line.pk), "qty": "103"}]}
    caller = Caller.of(world.keeper)
    status, told = caller.refused("POST", "purchasing/receipts/", body)
    assert (status, told["problems"][0]["code"]) == (409, "over_receipt")
    typed = {"lines-0-id": str(line.pk), "lines-0-qty": "103", "doc_date": str(world.today), "approve": "1"}
    page = client_of(Member.objects.get(pk=world.keeper.member_id))
    answer = page.post(f"/purchasing/receipts/new/?order={order.number}", typed)
    assert answer.status_code == 409
    assert 'value="103"' in answer.content.decode()
    assert receive(102).lines.get().qty == 102
    order.refresh_from_db()
    assert (order.received, order.closing) == ("full", "auto_closed")


def test_pur_08_from_the_order_to_the_payable_nothing_is_keyed_again(world):
    """The supplier's number of its invoice is all that anybody types: quantities, prices and accounts follow."""
    order = buy(world, world.item("PAPER", "Paper"), 50)
    supplier = {"actor": world.supplier_person, "at": world.at}
    us = {"actor": world.accountant, "at": world.at}
    confirmations.confirm_order_all(order_id=order.pk, **supplier)
    receipts.receive_order(
        order_id=order.pk, lines=[ReceiptLineInput(order.lines.get().pk, D(50))], actor=world.keeper, at=world.at
    )
    period = {"period_from": world.today.replace(day=1), "period_to": world.today}
    stated = propose_supplier_statement(party_id=world.supplier.pk, **period, **us)
    statements.agree(statement_id=stated.pk, side="them", **supplier)
    statements.agree(statement_id=stated.pk, side="us", **us)
    draft = invoice_statement(statement_id=stated.pk, external_no="FP-1", **supplier)
    invoice = post_when_it_matches(invoice_id=draft.pk, at=world.at)
    assert (invoice.approval, invoice.gross_amount) == ("approved", order.gross_amount)
    line, ordered = PurchaseInvoiceLine.objects.get(document=invoice), order.lines.get()
    assert (line.qty, line.tax_incl_price, line.tax_rate) == (ordered.qty, ordered.tax_incl_price, ordered.tax_rate)
    assert line.order_line_id == ordered.pk
    family = {node.document.pk for node in graph(order).nodes}
    vouchers = Voucher.objects.filter(lines__party=world.supplier).distinct()
    assert vouchers.count() == 2
    for voucher in vouchers:
        assert voucher.source_id in family
        assert voucher.rule


def test_inv_17_a_click_on_80_reserved_tells_whose_they_are(world):
    item = world.item("PAPER", "Paper", stock=100)
    first, second = world.order(item, 50), world.order(item, 30)
    client = client_of(make_member("owner"))
    page = client.get(f"/items/{item.pk}/")
    held = {row.ref_number: (row.reserved_qty, url) for row, url in page.context["held"]}
    assert {number: qty for number, (qty, _url) in held.items()} == {first.number: 50, second.number: 30}
    text = page.content.decode()
    for number, (_qty, url) in held.items():
        assert number in text
        assert client.get(url).status_code == 200
    stock = client.get("/inventory/stock/").content.decode()
    assert f"/items/{item.pk}/#i-held" in stock


def test_scm_12_milestones_have_their_time_and_source_and_the_customer_hears_within_a_minute(world):
    item = world.item("PAPER", "Paper", stock=10)
    order = world.order(item, 10)
    shipped = timezone.now()
    made = deliveries.ship_order(
        order_id=order.pk,
        data=DeliveryData(carrier_id=world.carrier.pk, tracking_no="SF-7"),
        actor=world.keeper,
        at=world.at,
    )
    settle()
    told = Notification.objects.get(kind="customer.order_shipped", params__number=made.number)
    assert told.member_id == world.customer_person.member_id
    assert told.created_at - shipped < timedelta(minutes=1)
    with translation.override("zh-hans"):
        title, body = render("customer.order_shipped", told.params)
    assert order.number in title
    assert "送达" in body
    assert told.params["expected_date"] == world.day(1).isoformat(), "tomorrow"
    shipment = Shipment.objects.get(source_id=made.pk)
    for hours, kind in ((2, "in_transit"), (20, "out_for_delivery"), (22, "delivered")):
        at = world.at + timedelta(hours=hours)
        report_milestone(shipment_id=shipment.pk, kind=kind, place="杭州", actor=world.keeper, at=at)
    rows = list(shipment.milestones.order_by("at", "id").values_list("kind", "at", "source"))
    way = ["picked", "packed", "dispatched", "in_transit", "out_for_delivery", "delivered"]
    assert [kind for kind, _at, _source in rows] == way
    assert all(source == world.keeper.channel for _kind, _at, source in rows)
    page = client_of(Member.objects.get(pk=told.member_id)).get(f"/customer/orders/{order.number}/").content.decode()
    assert "SF-7" in page
    assert page.count("杭州") >= 3
