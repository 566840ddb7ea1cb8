"""Shipping notices and receipts: lots, tolerance, stock, value, progress, and everything taken back."""

from decimal import Decimal
from typing import Any

import pytest

from backend.availability.models import SupplyLine
from backend.inventory.models import Lot, LotEdge, StockBalance, StockMove
from backend.kernel.errors import Refusal
from backend.kernel.links import graph
from backend.logistics.models import Shipment
from backend.parties.models import Party
from backend.purchasing.models import Asn, PurchaseOrder, PurchaseReceipt
from backend.purchasing.services import asns, receipts
from backend.purchasing.services.inputs import AsnData, AsnLineInput, ReceiptData, ReceiptLineInput
from backend.workflow import parameters
from tests.factories.catalog import make_item
from tests.factories.parties import AT, make_supplier
from tests.factories.purchasing import (
    BUYER,
    confirm,
    day,
    lines_of,
    make_purchase_order,
    receive,
    ship,
    supplier_actor,
)

pytestmark = pytest.mark.usefixtures("tenant")


def D(value: Any) -> Decimal:  # noqa: N802 - reads like a literal
    return Decimal(str(value))


def on_hand(item: Any) -> tuple[Decimal, Decimal]:
    row = StockBalance.objects.filter(item=item).first()
    return (row.on_hand, row.value) if row else (D(0), D(0))


def supply_of(order: PurchaseOrder) -> list[tuple[int, str, str]]:
    rows = SupplyLine.objects.filter(ref_id=order.pk, open_qty__gt=0).order_by("supply_date", "schedule_no")
    return [(int(row.open_qty), row.supply_date.isoformat(), row.firmness) for row in rows]


def confirmed_order(*lines: Any, supplier: Party | None = None, **header: Any) -> PurchaseOrder:
    order = make_purchase_order(*lines, supplier=supplier, **header)
    confirm(order)
    return order


def test_a_notice_covers_lines_of_several_orders():
    supplier, item = make_supplier(), make_item()
    first, second = confirmed_order((item, 10), supplier=supplier), confirmed_order((item, 20), supplier=supplier)
    rows = [*lines_of(first), *lines_of(second)]
    data = AsnData(lines=[AsnLineInput(row.pk, D(5)) for row in rows], expected_date=day(3), tracking_no="SF1")
    notice = asns.submit_asn(data=data, actor=supplier_actor(supplier), at=AT)
    assert supply_of(first) == [(5, day(3).isoformat(), "shipped"), (5, day(7).isoformat(), "confirmed")]
    assert supply_of(second) == [(5, day(3).isoformat(), "shipped"), (15, day(7).isoformat(), "confirmed")]
    shipment = Shipment.objects.get(source_id=notice.pk)
    assert (shipment.direction, shipment.tracking_no, shipment.expected_date) == ("in", "SF1", day(3))
    receipt = receipts.receive_asn(asn_id=notice.pk, actor=BUYER, at=AT)
    assert on_hand(item) == (10, D("100.00"))
    assert {line.order_number for line in receipt.lines.all()} == {first.number, second.number}
    assert {node.document.number for node in graph(receipt).nodes} == {
        receipt.number,
        notice.number,
        first.number,
        second.number,
    }
    shipment.refresh_from_db()
    assert shipment.delivered_at == AT


def test_a_notice_never_announces_more_than_is_confirmed():
    supplier = make_supplier(over_receipt_pct=D(2))
    order = make_purchase_order((make_item(), 100), supplier=supplier)
    with pytest.raises(Refusal) as refused:
        ship(order, 1)
    assert (refused.value.code, refused.value.problems[0].line) == ("more_than_confirmed", 1)
    confirm(order)
    with pytest.raises(Refusal):
        ship(order, 103)
    ship(order, 102)
    with pytest.raises(Refusal):
        ship(order, 1)


def test_lots_and_expiry_are_asked_for_at_the_door():
    item = make_item(lot_tracked=True, expiry_tracked=True, shelf_life_days=30)
    order = confirmed_order((item, 10))
    [line] = lines_of(order)
    with pytest.raises(Refusal) as refused:
        asns.submit_asn(
            data=AsnData(lines=[AsnLineInput(line.pk, D(10))], expected_date=day(3)),
            actor=supplier_actor(order.supplier),
            at=AT,
        )
    assert {problem.code for problem in refused.value.problems} == {"lot_missing", "expiry_missing"}
    made = AsnLineInput(line.pk, D(10), lot_no="B-77", mfg_date=day(-1))
    notice = asns.submit_asn(
        data=AsnData(lines=[made], expected_date=day(3)), actor=supplier_actor(order.supplier), at=AT
    )
    receipts.receive_asn(asn_id=notice.pk, actor=BUYER, at=AT)
    lot = Lot.objects.get(item=item)
    assert (lot.lot_no, lot.supplier_lot_no, lot.supplier_id, lot.expiry_date) == (
        "B-77",
        "B-77",
        order.supplier_id,
        day(29),
    )
    assert LotEdge.objects.get(lot=lot).direction == "out"


def test_the_same_number_of_two_suppliers_is_two_lots():
    item = make_item(lot_tracked=True)
    first, second = confirmed_order((item, 10)), confirmed_order((item, 5))
    receive(first, 10, lot="L1")
    receive(second, 5, lot="L1")
    lots = Lot.objects.filter(item=item).order_by("created_at", "lot_no")
    assert [(lot.supplier_lot_no, lot.supplier_id) for lot in lots] == [
        ("L1", first.supplier_id),
        ("L1", second.supplier_id),
    ]


def test_a_short_delivery_is_expected_again():
    item = make_item()
    order = confirmed_order((item, 50))
    notice = ship(order)
    [row] = notice.lines.all()
    receipts.receive_asn(asn_id=notice.pk, quantities={row.pk: D(45)}, actor=BUYER, at=AT)
    order.refresh_from_db()
    [line] = lines_of(order)
    assert (line.received_qty, line.shipped_qty, order.received, order.closing) == (45, 45, "partial", "open")
    assert supply_of(order) == [(5, day(7).isoformat(), "confirmed")]
    ship(order, 5)


def test_over_receipt_within_tolerance_only():
    supplier, item = make_supplier(over_receipt_pct=D(2)), make_item()
    order = make_purchase_order((item, 100), supplier=supplier)
    with pytest.raises(Refusal) as refused:
        receive(order, 103)
    [problem] = refused.value.problems
    assert (problem.code, problem.document, problem.line) == ("over_receipt", order.number, 1)
    receive(order, 102)
    order.refresh_from_db()
    assert on_hand(item)[0] == 102
    assert (order.received, order.closing) == ("full", "auto_closed")
    assert not supply_of(order)


def test_stock_is_valued_net_for_general_and_gross_for_small_taxpayers():
    item = make_item()
    receive(make_purchase_order((item, 10, "11.30")), 10)
    assert on_hand(item) == (10, D("100.00"))
    parameters.set_parameter(key="accounting.taxpayer_type", value="small_scale", actor=BUYER, at=AT)
    other = make_item()
    receive(make_purchase_order((other, 10, "11.30")), 10)
    assert on_hand(other) == (10, D("113.00"))


def test_a_draft_is_counted_first_and_booked_later():
    item = make_item(lot_tracked=True)
    order = make_purchase_order((item, 10))
    [line] = lines_of(order)
    data = ReceiptData(lines=[ReceiptLineInput(line.pk, D(4), lot_no="A")])
    receipt = receipts.save_receipt(data=data, actor=BUYER, at=AT)
    assert on_hand(item)[0] == 0
    data = ReceiptData(lines=[ReceiptLineInput(line.pk, D(6), lot_no="B")])
    receipt = receipts.save_receipt(data=data, receipt_id=receipt.pk, version=receipt.version, actor=BUYER, at=AT)
    receipts.approve_receipt(receipt_id=receipt.pk, actor=BUYER, at=AT)
    assert on_hand(item)[0] == 6
    assert Lot.objects.get(item=item).lot_no == "B"
    with pytest.raises(Refusal):
        receipts.save_receipt(data=data, receipt_id=receipt.pk, actor=BUYER, at=AT)


def test_taking_a_receipt_back_restores_everything():
    item = make_item(lot_tracked=True)
    order = confirmed_order((item, 50))
    notice = ship(order)
    assert supply_of(order) == [(50, day(6).isoformat(), "shipped")]
    [row] = notice.lines.all()
    receipt = receipts.receive_asn(asn_id=notice.pk, quantities={row.pk: D(45)}, actor=BUYER, at=AT)
    receipts.unapprove_receipt(receipt_id=receipt.pk, actor=BUYER, at=AT, reason="wrong pallet")
    order.refresh_from_db()
    [line] = lines_of(order)
    assert on_hand(item) == (0, 0)
    assert (line.received_qty, line.shipped_qty, order.received, order.closing) == (0, 50, "none", "open")
    assert supply_of(order) == [(45, day(6).isoformat(), "shipped"), (5, day(6).isoformat(), "shipped")]
    assert Asn.objects.get(pk=notice.pk).state == "submitted"
    assert StockMove.objects.filter(doc_id=receipt.pk).count() == 2
    receipts.approve_receipt(receipt_id=receipt.pk, actor=BUYER, at=AT)
    assert on_hand(item)[0] == 45
    assert Asn.objects.get(pk=notice.pk).state == "received"


def test_a_direct_receipt_taken_back_opens_the_order_again():
    item = make_item()
    order = make_purchase_order((item, 10))
    receipt = receive(order, 10)
    order.refresh_from_db()
    assert order.closing == "auto_closed"
    receipts.unapprove_receipt(receipt_id=receipt.pk, actor=BUYER, at=AT)
    order.refresh_from_db()
    assert (order.closing, order.received) == ("open", "none")
    assert supply_of(order) == [(10, day(7).isoformat(), "requested")]
    receipts.void_receipt(receipt_id=receipt.pk, actor=BUYER, at=AT)
    assert PurchaseReceipt.objects.get(pk=receipt.pk).approval == "voided"


def test_a_withdrawn_notice_is_to_be_sent_again():
    order = confirmed_order((make_item(), 50))
    notice = ship(order, 30)
    asns.withdraw_asn(asn_id=notice.pk, actor=supplier_actor(order.supplier), at=AT, reason="truck broke down")
    assert sorted(supply_of(order)) == [(20, day(7).isoformat(), "confirmed"), (30, day(7).isoformat(), "confirmed")]
    assert not Shipment.objects.filter(source_id=notice.pk).exists()
    ship(order, 50)
    with pytest.raises(Refusal):
        receipts.receive_asn(asn_id=notice.pk, actor=BUYER, at=AT)


def test_another_supplier_cannot_ship_or_withdraw():
    order, foreign = confirmed_order((make_item(), 5)), confirmed_order((make_item(), 5))
    notice = ship(foreign)
    actor = supplier_actor(order.supplier)
    with pytest.raises(Refusal) as refused:
        asns.withdraw_asn(asn_id=notice.pk, actor=actor, at=AT)
    assert refused.value.status == 404
    [line] = lines_of(foreign)
    with pytest.raises(Refusal) as refused:
        asns.submit_asn(data=AsnData(lines=[AsnLineInput(line.pk, D(1))], expected_date=day(1)), actor=actor, at=AT)
    assert refused.value.status == 404


def test_services_are_received_without_stock():
    item = make_item(item_type="service")
    order = make_purchase_order((item, 1, "1130"))
    receipt = receive(order, 1)
    assert not StockMove.objects.filter(doc_id=receipt.pk).exists()
    assert receipt.net_amount == 1000
    assert not supply_of(order)
