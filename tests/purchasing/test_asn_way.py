"""SRM-13: the way of a shipping notice, over lines of several orders, until it is received and closed."""

from datetime import timedelta
from decimal import Decimal

import pytest

from backend.availability.models import SupplyLine
from backend.kernel.errors import IllegalTransition, NotFoundRefused, ValidationRefused
from backend.logistics.models import Milestone, Shipment
from backend.logistics.services import shipments
from backend.purchasing.models import AsnState
from backend.purchasing.services import asn_way, asns, receipts
from backend.purchasing.services.checks import CannotShipLine
from backend.purchasing.services.inputs import AsnData, AsnLineInput
from tests.factories.catalog import make_item
from tests.factories.parties import AT, make_supplier
from tests.factories.purchasing import BUYER, confirm, day, lines_of, make_purchase_order, ship, supplier_actor

pytestmark = pytest.mark.usefixtures("tenant")


def test_one_notice_for_lines_of_two_orders_from_announced_to_closed():
    supplier, item = make_supplier(), make_item(lot_tracked=True)
    first = make_purchase_order((item, 10), supplier=supplier)
    second = make_purchase_order((item, 20), supplier=supplier)
    for order in (first, second):
        confirm(order)
    lines = [*lines_of(first), *lines_of(second)]
    inputs = [AsnLineInput(line.pk, line.qty, lot_no=f"L{place}", packages=2) for place, line in enumerate(lines)]
    seller = supplier_actor(supplier)
    notice = asns.submit_asn(data=AsnData(inputs, day(5), "顺丰", "SF1"), actor=seller, at=AT)
    assert notice.state == AsnState.SUBMITTED
    assert [row.packages for row in notice.lines.order_by("line_no")] == [2, 2]
    assert asn_way.dispatch_asn(asn_id=notice.pk, place="苏州", actor=seller, at=AT).state == AsnState.IN_TRANSIT
    assert asn_way.dispatch_asn(asn_id=notice.pk, place="杭州", actor=seller, at=AT).state == AsnState.IN_TRANSIT
    assert list(Milestone.objects.filter(kind="in_transit").values_list("place", flat=True)) == ["苏州", "杭州"]
    assert asn_way.arrive_asn(asn_id=notice.pk, actor=BUYER, at=AT).state == AsnState.ARRIVED
    with pytest.raises(IllegalTransition):
        asn_way.close_asn(asn_id=notice.pk, actor=BUYER, at=AT)
    receipt = receipts.receive_asn(asn_id=notice.pk, actor=BUYER, at=AT)
    assert receipt.lines.count() == 2
    assert asn_way.close_asn(asn_id=notice.pk, actor=BUYER, at=AT).state == AsnState.CLOSED
    receipts.unapprove_receipt(receipt_id=receipt.pk, actor=BUYER, at=AT)
    notice.refresh_from_db()
    assert (notice.state, notice.outcome) == (AsnState.SUBMITTED, "")


def test_another_day_of_arrival_moves_what_is_expected():
    """M-01: the day of arrival is the truth; what hangs on it moves."""
    order = make_purchase_order((make_item(), 10))
    confirm(order)
    notice = ship(order, 10, expected=day(6))
    seller = supplier_actor(order.supplier)
    asn_way.move_asn(asn_id=notice.pk, expected_date=day(9), reason="snow", tracking_no="SF2", actor=seller, at=AT)
    supply = SupplyLine.objects.get(ref_id=order.pk, open_qty__gt=0)
    assert (supply.supply_date, supply.open_qty, supply.firmness) == (day(9), Decimal(10), "shipped")
    shipment = Shipment.objects.get(source_id=notice.pk)
    assert (shipment.expected_date, shipment.tracking_no) == (day(9), "SF2")
    with pytest.raises(ValidationRefused):
        asn_way.move_asn(asn_id=notice.pk, expected_date=day(-3), actor=seller, at=AT)
    with pytest.raises(NotFoundRefused):
        asn_way.move_asn(asn_id=notice.pk, expected_date=day(8), actor=supplier_actor(make_supplier()), at=AT)


def test_the_supplier_withdraws_until_it_is_received():
    order = make_purchase_order((make_item(), 10))
    confirm(order)
    seller = supplier_actor(order.supplier)
    notice = ship(order, 10)
    asn_way.dispatch_asn(asn_id=notice.pk, actor=seller, at=AT)
    with pytest.raises(NotFoundRefused):
        asns.withdraw_asn(asn_id=notice.pk, actor=supplier_actor(make_supplier()), at=AT)
    asns.withdraw_asn(asn_id=notice.pk, actor=seller, at=AT)
    [line] = lines_of(order)
    assert line.shipped_qty == 0
    second = ship(order, 10)
    receipts.receive_asn(asn_id=second.pk, actor=BUYER, at=AT)
    with pytest.raises(IllegalTransition):
        asns.withdraw_asn(asn_id=second.pk, actor=seller, at=AT)


def test_more_than_open_and_confirmed_is_refused_beyond_the_tolerance():
    supplier = make_supplier(over_receipt_pct=Decimal(2))
    order = make_purchase_order((make_item(), 100), supplier=supplier)
    with pytest.raises(CannotShipLine):
        ship(order, 10)
    confirm(order)
    with pytest.raises(CannotShipLine):
        ship(order, 103)
    ship(order, 102)


def test_srm_13_a_receipt_taken_back_was_no_delivery_and_a_withdrawn_notice_leaves_no_shipment():
    """SCM-12: but what the carrier itself told at another time stands."""
    order = make_purchase_order((make_item(), 10))
    confirm(order)
    notice = ship(order, 10)
    receipt = receipts.receive_asn(asn_id=notice.pk, actor=BUYER, at=AT)
    shipment = Shipment.objects.get(source_id=notice.pk)
    receipts.unapprove_receipt(receipt_id=receipt.pk, actor=BUYER, at=AT)
    shipment.refresh_from_db()
    assert (shipment.delivered_at, shipment.signed_by) == (None, "")
    assert not shipment.milestones.filter(kind="delivered").exists()
    receipts.approve_receipt(receipt_id=receipt.pk, actor=BUYER, at=AT)
    shipment.refresh_from_db()
    assert shipment.delivered_at == AT
    receipts.unapprove_receipt(receipt_id=receipt.pk, actor=BUYER, at=AT)
    later = AT + timedelta(days=1)
    shipments.report_milestone(shipment_id=shipment.pk, kind="delivered", actor=BUYER, at=later)
    receipts.approve_receipt(receipt_id=receipt.pk, actor=BUYER, at=AT)
    receipts.unapprove_receipt(receipt_id=receipt.pk, actor=BUYER, at=AT)
    shipment.refresh_from_db()
    assert shipment.delivered_at == later
    Shipment.objects.filter(pk=shipment.pk).update(delivered_at=None)
    asns.withdraw_asn(asn_id=notice.pk, actor=supplier_actor(order.supplier), at=AT)
    assert not Shipment.objects.filter(pk=shipment.pk).exists()
