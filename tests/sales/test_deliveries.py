"""Deliveries: what leaves, at what cost, from which lots; and everything back again (SAL-02, G-04, INV-04)."""

from decimal import Decimal

import pytest

from backend.access.services import actor_for
from backend.accounting.models import Voucher
from backend.availability.models import DemandLine
from backend.inventory.models import Lot, LotBalance, LotEdge, StockBalance, StockMove
from backend.kernel.actor import Actor
from backend.kernel.document import Closing
from backend.kernel.errors import IllegalTransition, NotFoundRefused, Refusal
from backend.kernel.links import graph
from backend.logistics.models import Shipment
from backend.sales.models import SalesOrder
from backend.sales.services import deliveries, orders, progress
from backend.sales.services.inputs import DeliveryData, DeliveryLineInput
from tests.factories.catalog import make_item
from tests.factories.parties import AT, make_carrier, make_customer
from tests.factories.sales import approved_order, put_stock

pytestmark = pytest.mark.usefixtures("tenant")
WHO = Actor.system()


def draft(order, *lines, **data):
    keyed = [DeliveryLineInput(line.pk, Decimal(str(qty))) for line, qty in lines] or None
    return deliveries.create_delivery_from_order(
        order_id=order.pk, lines=keyed, data=DeliveryData(**data), actor=WHO, at=AT
    )


def approve(delivery):
    return deliveries.approve_delivery(delivery_id=delivery.pk, actor=WHO, at=AT)


def ship(order, **more):
    return deliveries.ship_order(order_id=order.pk, actor=WHO, at=AT, **more)


def balance(item):
    return StockBalance.objects.get(item=item)


def stocked(qty=100, value=None, **values):
    item = make_item(**values)
    put_stock(item, qty, value=value)
    return item


def test_laptops():
    """G-04: on hand 15, 5 reserved for others, order 10: available 0; dispatched: on hand 5, reserved 5."""
    item = stocked(15)
    approved_order((item, 5))
    order = approved_order((item, 10))
    assert balance(item).available == 0
    ship(order)
    assert (balance(item).on_hand, balance(item).reserved) == (5, 5)


def test_a_draft_takes_what_is_reserved_and_the_next_what_is_left():
    item = stocked(30)
    order = approved_order((item, 100))
    first = draft(order)
    assert first.lines.get().qty == 30
    with pytest.raises(Refusal) as refused:
        draft(order)
    assert refused.value.code == "nothing_to_deliver"
    approve(first)
    order.refresh_from_db()
    assert (order.shipped, order.closing) == ("partial", "open")


def test_shipping_moves_stock_cost_progress_and_closes():
    item = stocked(10, value=1234)
    order = approved_order((item, 10, 200))
    delivery = approve(draft(order))
    order.refresh_from_db()
    line = delivery.lines.get()
    assert (order.shipped, order.closing, order.lines.get().shipped_qty) == ("full", "auto_closed", 10)
    assert (delivery.cost_amount, line.cost_amount, delivery.gross_amount) == (1234, 1234, 2000)
    assert balance(item).value == 0
    assert DemandLine.objects.get().open_qty == 0
    assert StockMove.objects.get(doc_id=delivery.pk).order_id == order.pk
    assert [node.document for node in graph(order).at(1)] == [delivery]


def test_more_than_is_open_is_refused_by_line():
    item = stocked(100)
    order = approved_order((item, 10))
    line = order.lines.get()
    with pytest.raises(Refusal) as refused:
        draft(order, (line, 11))
    assert (refused.value.problems[0].code, refused.value.problems[0].line) == ("over_shipment", 1)
    one, two = draft(order, (line, 6)), draft(order, (line, 6))
    approve(one)
    with pytest.raises(Refusal) as refused:
        approve(two)
    assert refused.value.problems[0].code == "over_shipment"


def test_what_is_reserved_for_others_does_not_leave():
    item = stocked(10)
    approved_order((item, 10))
    late = approved_order((item, 5))
    with pytest.raises(Refusal):
        draft(late)
    delivery = draft(late, (late.lines.get(), 5))
    with pytest.raises(Refusal):
        approve(delivery)
    assert balance(item).on_hand == 10


def test_all_at_once_customers_wait():
    item, scarce = stocked(100), stocked(1)
    customer = make_customer(ship_complete=True)
    order = approved_order((item, 10), (scarce, 2), customer=customer)
    with pytest.raises(Refusal) as refused:
        draft(order)
    assert customer.name in refused.value.message


def test_lots_leave_by_expiry_and_split_the_line():
    item = make_item(lot_tracked=True, expiry_tracked=True)
    late, soon = (
        Lot.objects.create(item=item, lot_no=no, expiry_date=day, created_at=AT)
        for no, day in (("B", "2027-12-01"), ("A", "2027-01-01"))
    )
    put_stock(item, 10, value=100, lot=late)
    put_stock(item, 4, value=40, lot=soon)
    order = approved_order((item, 7, 100))
    delivery = approve(draft(order))
    lines = list(delivery.lines.select_related("lot").order_by("line_no"))
    assert [(line.lot.lot_no, line.qty, line.line_no) for line in lines] == [("A", 4, 1), ("B", 3, 2)]
    assert sum(line.gross_amount for line in lines) == delivery.gross_amount == 700
    assert all(line.net_amount + line.tax_amount == line.gross_amount for line in lines)
    assert sum(line.net_amount for line in lines) == delivery.net_amount
    assert LotBalance.objects.get(lot=late).on_hand == 7
    assert LotEdge.objects.filter(activity_id=delivery.pk, direction="in").count() == 2
    deliveries.unapprove_delivery(delivery_id=delivery.pk, actor=WHO, at=AT)
    assert LotBalance.objects.get(lot=soon).on_hand == 4
    assert approve(delivery).cost_amount == delivery.cost_amount
    assert delivery.lines.count() == 2


def test_taking_back_restores_everything():
    item = stocked(10, value=500)
    order = approved_order((item, 10))
    delivery = ship(order)
    deliveries.unapprove_delivery(delivery_id=delivery.pk, actor=WHO, at=AT)
    order.refresh_from_db()
    delivery.refresh_from_db()
    assert (order.shipped, order.closing, order.lines.get().shipped_qty) == ("none", "open", 0)
    assert (balance(item).on_hand, balance(item).reserved, balance(item).value) == (10, 10, 500)
    assert (delivery.approval, delivery.cost_amount) == ("draft", 0)
    assert DemandLine.objects.get().open_qty == 10
    deliveries.void_delivery(delivery_id=delivery.pk, actor=WHO, at=AT)
    assert ship(order).is_approved


def test_books_follow_both_ways():
    item = stocked(10, value=500)
    order = approved_order((item, 10))
    delivery = ship(order)
    assert Voucher.objects.filter(source_id=delivery.pk).count() == 1
    deliveries.unapprove_delivery(delivery_id=delivery.pk, actor=WHO, at=AT)
    assert Voucher.objects.filter(source_id=delivery.pk).count() == 2


def test_an_order_with_a_delivery_is_not_unapproved_and_names_it():
    item = stocked(10)
    order = approved_order((item, 10))
    delivery = draft(order)
    for act in (orders.unapprove_order, orders.void_order):
        with pytest.raises(Refusal) as refused:
            act(order_id=order.pk, actor=WHO, at=AT)
        assert refused.value.links[0].number == delivery.number
    with pytest.raises(Refusal):
        orders.close_order(order_id=order.pk, actor=WHO, at=AT)
    deliveries.void_delivery(delivery_id=delivery.pk, actor=WHO, at=AT)
    orders.unapprove_order(order_id=order.pk, actor=WHO, at=AT)


def test_several_orders_on_one_delivery():
    item, customer = stocked(100), make_customer()
    one, two = (approved_order((item, qty), customer=customer) for qty in (3, 4))
    delivery = deliveries.create_delivery(order_ids=[two.pk, one.pk], actor=WHO, at=AT)
    approve(delivery)
    assert set(SalesOrder.objects.values_list("shipped", "closing")) == {("full", Closing.AUTO_CLOSED)}
    stranger = approved_order((item, 1))
    with pytest.raises(Refusal):
        deliveries.create_delivery(
            order_ids=[approved_order((item, 1), customer=customer).pk, stranger.pk], actor=WHO, at=AT
        )


def test_a_draft_can_be_changed():
    item = stocked(100)
    order = approved_order((item, 10))
    line = order.lines.get()
    delivery = draft(order)
    changed = deliveries.save_delivery(
        delivery_id=delivery.pk,
        lines=[DeliveryLineInput(line.pk, Decimal(4))],
        data=DeliveryData(tracking_no="SF123"),
        version=1,
        actor=WHO,
        at=AT,
    )
    assert (changed.lines.get().qty, changed.tracking_no, changed.gross_amount) == (4, "SF123", 452)
    approve(changed)
    with pytest.raises(Refusal):
        deliveries.save_delivery(delivery_id=delivery.pk, lines=[], actor=WHO, at=AT)


def test_signing_is_once_by_the_customer_himself(member_for):
    item, carrier = stocked(10), make_carrier()
    customer, other = make_customer(), make_customer()
    order = approved_order((item, 10), customer=customer)
    delivery = draft(order, carrier_id=carrier.pk)
    receiver = actor_for(member_for("customer_receiver", party=customer))
    stranger = actor_for(member_for("customer_receiver", party=other))

    def sign(who):
        return deliveries.sign_delivery(delivery_id=delivery.pk, signed_by="王收货", actor=who, at=AT)

    with pytest.raises(Refusal):
        sign(receiver)
    approve(delivery)
    with pytest.raises(NotFoundRefused):
        sign(stranger)
    assert sign(receiver).signed_by == "王收货"
    with pytest.raises(Refusal):
        sign(receiver)
    assert Shipment.objects.get(source_id=delivery.pk).signed_by == "王收货"
    with pytest.raises(Refusal) as refused:
        deliveries.unapprove_delivery(delivery_id=delivery.pk, actor=WHO, at=AT)
    assert "王收货" in refused.value.message


def test_services_are_delivered_without_stock():
    service = make_item(item_type="service")
    order = approved_order((service, 3))
    delivery = ship(order)
    order.refresh_from_db()
    assert (delivery.cost_amount, order.shipped) == (0, "full")
    assert not StockMove.objects.filter(doc_id=delivery.pk).exists()


def test_invoiced_quantities_are_counted_both_ways():
    item = stocked(10)
    order = approved_order((item, 10))
    delivery = ship(order)
    line = delivery.lines.get()
    progress.record_invoiced([(line.pk, Decimal(4))], actor=WHO, at=AT)
    order.refresh_from_db()
    delivery.refresh_from_db()
    assert (order.invoiced, delivery.invoiced, order.lines.get().invoiced_qty) == ("partial", "partial", 4)
    progress.record_invoiced([(line.pk, Decimal(6))], actor=WHO, at=AT)
    order.refresh_from_db()
    assert order.invoiced == "full"
    progress.record_invoiced([(line.pk, Decimal(-10))], actor=WHO, at=AT)
    order.refresh_from_db()
    assert order.invoiced == "none"


def test_a_shipped_delivery_is_not_shipped_twice():
    order = approved_order((stocked(10), 10))
    delivery = ship(order)
    with pytest.raises(IllegalTransition):
        approve(delivery)


@pytest.mark.parametrize("count", [1, 30])
def test_statements_do_not_grow_with_lines(count, django_assert_max_num_queries, monkeypatch):
    from backend.kernel import events

    items = [stocked(100) for _ in range(count)]
    order = approved_order(*((item, 2) for item in items))
    again = approved_order(*((item, 2) for item in items))
    monkeypatch.setattr(events, "publish_all", lambda *a, **k: None)  # sales alone, without books and shipment
    with django_assert_max_num_queries(20):
        delivery = ship(order)
    with django_assert_max_num_queries(20):
        kept = draft(again)
    with django_assert_max_num_queries(22):
        approve(kept)
    with django_assert_max_num_queries(26):
        deliveries.unapprove_delivery(delivery_id=delivery.pk, actor=WHO, at=AT)
