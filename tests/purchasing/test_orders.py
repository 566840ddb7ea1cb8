"""Purchase orders: saved, approved into supply, amended, taken back, never lost."""

from decimal import Decimal

import pytest

from backend.availability.models import SupplyLine
from backend.kernel.audit import timeline
from backend.kernel.errors import IllegalTransition, Refusal, StaleVersion, ValidationRefused
from backend.kernel.models import DocumentLink
from backend.purchasing.models import LineState, PurchaseOrder, ScheduleLine, Sending
from backend.purchasing.selectors.orders import order_for, orders_visible_to
from backend.purchasing.services import orders
from backend.purchasing.services.checks import CannotEditOrder, CannotOrderFrom, CannotUnapproveOrder
from backend.purchasing.services.inputs import LineInput, OrderData
from backend.workflow import parameters
from tests.factories.catalog import make_item, make_price_list
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


def supply_of(order: PurchaseOrder) -> list[tuple[int, str, str]]:
    rows = SupplyLine.objects.filter(ref_id=order.pk, open_qty__gt=0).order_by("supply_date", "schedule_no")
    return [(int(row.open_qty), row.supply_date.isoformat(), row.firmness) for row in rows]


def test_a_draft_takes_prices_and_terms_from_the_supplier():
    supplier, item = make_supplier(payment_days=45), make_item()
    make_price_list((item, "9.04"), kind="purchase", party_id=supplier.pk)
    data = OrderData(supplier_id=supplier.pk, requested_date=day(5), lines=[LineInput(item.pk, Decimal(100))])
    order = orders.save_order(data=data, actor=BUYER, at=AT)
    [line] = lines_of(order)
    assert order.number.startswith("CGDD-20261123-")
    assert (order.payment_days, order.approval) == (45, "draft")
    assert (line.tax_incl_price, line.unit_price, line.price_source) == (Decimal("9.04"), Decimal("8"), "agreed")
    assert (order.net_amount, order.tax_amount, order.gross_amount) == (800, 104, 904)
    assert not supply_of(order)


def test_every_wrong_line_is_told_at_once():
    supplier, item = make_supplier(), make_item()
    service = make_item(purchasable=False)
    lines = [LineInput(item.pk, Decimal("0.5")), LineInput(service.pk, Decimal(1)), LineInput(item.pk, Decimal(-1))]
    with pytest.raises(Refusal) as refused:
        orders.save_order(
            data=OrderData(supplier_id=supplier.pk, requested_date=day(5), lines=lines), actor=BUYER, at=AT
        )
    assert [(problem.line, problem.field) for problem in refused.value.problems] == [
        (1, "qty"),
        (2, "item_id"),
        (3, "qty"),
    ]
    assert not PurchaseOrder.objects.exists()


def test_editing_keeps_lines_and_refuses_stale_versions():
    first, second = make_item(), make_item()
    order = make_purchase_order((first, 10), (second, 5), approve=False)
    one, two = lines_of(order)
    lines = [
        LineInput(second.pk, Decimal(7), price=Decimal(2), id=two.pk),
        LineInput(first.pk, Decimal(1), price=Decimal(3)),
    ]
    data = OrderData(supplier_id=order.supplier_id, requested_date=day(9), lines=lines)
    orders.save_order(data=data, order_id=order.pk, version=order.version, actor=BUYER, at=AT)
    rows = lines_of(order)
    assert [(row.line_no, row.item_id, int(row.qty)) for row in rows] == [(1, second.pk, 7), (2, first.pk, 1)]
    assert rows[0].pk == two.pk
    assert rows[1].pk != one.pk
    with pytest.raises(StaleVersion):
        orders.save_order(data=data, order_id=order.pk, version=order.version, actor=BUYER, at=AT)


def test_approval_brings_supply_and_sends_the_order():
    order = make_purchase_order((make_item(), 100), requested=day(7))
    order.refresh_from_db()
    assert (order.approval, order.sending, order.sent_at) == ("approved", Sending.SENT, AT)
    assert supply_of(order) == [(100, day(7).isoformat(), "requested")]
    with pytest.raises(IllegalTransition):
        orders.approve_order(order_id=order.pk, actor=BUYER, at=AT)
    assert [entry.verb for entry in timeline(order.pk)] == ["send", "approve", "create"]


def test_the_company_may_send_by_hand():
    parameters.set_parameter(key="purchasing.auto_send", value=False, actor=BUYER, at=AT)
    order = make_purchase_order((make_item(), 1))
    actor = supplier_actor(order.supplier)
    assert order.sending == Sending.NOT_SENT
    assert not orders_visible_to(actor).exists()
    orders.send_order(order_id=order.pk, actor=BUYER, at=AT)
    assert order_for(actor, order.number).pk == order.pk


def test_a_supplier_sees_its_own_orders_alone_and_the_first_look_is_noted():
    order, foreign = make_purchase_order((make_item(), 1)), make_purchase_order((make_item(), 1))
    actor = supplier_actor(order.supplier)
    assert [found.pk for found in orders_visible_to(actor)] == [order.pk]
    with pytest.raises(Refusal) as refused:
        order_for(actor, foreign.number)
    assert refused.value.status == 404
    assert orders.mark_viewed(order_id=order.pk, actor=actor, at=AT)
    assert not orders.mark_viewed(order_id=order.pk, actor=actor, at=AT)
    with pytest.raises(Refusal) as refused:
        orders.mark_viewed(order_id=foreign.pk, actor=actor, at=AT)
    assert refused.value.status == 404


def test_nothing_is_ordered_from_a_blocked_supplier():
    order = make_purchase_order((make_item(), 1), approve=False)
    order.supplier.supplier.state = "blocked"
    order.supplier.supplier.save()
    with pytest.raises(CannotOrderFrom) as refused:
        orders.approve_order(order_id=order.pk, actor=BUYER, at=AT)
    assert refused.value.code == "supplier_stopped"


def test_taking_back_is_refused_naming_what_depends_on_it():
    order = make_purchase_order((make_item(), 10))
    confirm(order)
    notice = ship(order)
    with pytest.raises(CannotUnapproveOrder) as refused:
        orders.unapprove_order(order_id=order.pk, actor=BUYER, at=AT)
    assert refused.value.links[0].number == notice.number
    other = make_purchase_order((make_item(), 10))
    receipt = receive(other, 4)
    with pytest.raises(CannotUnapproveOrder) as refused:
        orders.unapprove_order(order_id=other.pk, actor=BUYER, at=AT)
    assert refused.value.links[0].number == receipt.number


def test_taking_back_leaves_nothing_behind():
    order = make_purchase_order((make_item(), 10))
    confirm(order)
    orders.unapprove_order(order_id=order.pk, actor=BUYER, at=AT)
    order.refresh_from_db()
    assert (order.approval, order.sending, order.confirmed) == ("draft", "not_sent", "none")
    assert not supply_of(order)
    assert not ScheduleLine.objects.filter(order_line__document=order).exists()
    orders.approve_order(order_id=order.pk, actor=BUYER, at=AT)
    assert supply_of(order) == [(10, day(7).isoformat(), "requested")]


def test_an_amendment_keeps_before_and_after_and_asks_again():
    first, second = make_item(), make_item()
    order = make_purchase_order((first, 10), (second, 20))
    confirm(order)
    one, two = lines_of(order)
    orders.amend_order(
        order_id=order.pk,
        lines=[
            LineInput(first.pk, Decimal(15), id=one.pk, requested_date=day(9)),
            LineInput(second.pk, Decimal(0), id=two.pk),
            LineInput(second.pk, Decimal(3), price=Decimal(5)),
        ],
        reason="more needed",
        actor=BUYER,
        at=AT,
    )
    order.refresh_from_db()
    one, two, three = lines_of(order)
    assert (order.revision, one.state, int(one.qty), two.wanted_qty, int(three.qty)) == (1, LineState.OPEN, 15, 0, 3)
    assert supply_of(order) == [(3, day(7).isoformat(), "requested"), (15, day(9).isoformat(), "requested")]
    changes = timeline(order.pk).filter(verb="amend").get().changes
    assert changes["1.qty"] == ["10.0000", "15"]
    assert order.gross_amount == Decimal("184.50")


def test_what_is_not_bought_any_more_is_ordered_less_or_later_never_more():
    item = make_item()
    order = make_purchase_order((item, 10))
    [line] = lines_of(order)
    type(item).objects.filter(pk=item.pk).update(active=False)

    def amend(qty):
        given = LineInput(item.pk, Decimal(qty), id=line.pk, requested_date=day(9))
        orders.amend_order(order_id=order.pk, lines=[given], reason="switched off", actor=BUYER, at=AT)

    with pytest.raises(CannotEditOrder):
        amend(11)
    amend(8)
    assert supply_of(order) == [(8, day(9).isoformat(), "requested")]


def test_an_amendment_cannot_go_below_what_arrived():
    item = make_item()
    order = make_purchase_order((item, 10))
    receive(order, 6)
    [line] = lines_of(order)
    with pytest.raises(CannotEditOrder) as refused:
        orders.amend_order(order_id=order.pk, lines=[LineInput(item.pk, Decimal(5), id=line.pk)], actor=BUYER, at=AT)
    assert refused.value.code == "below_done_quantity"


def test_closing_stops_the_rest_and_reopening_brings_it_back():
    order = make_purchase_order((make_item(), 10))
    receive(order, 4)
    orders.close_order(order_id=order.pk, actor=BUYER, at=AT, reason="enough")
    assert not supply_of(order)
    with pytest.raises(Refusal):
        receive(order, 1)
    orders.reopen_order(order_id=order.pk, actor=BUYER, at=AT)
    assert supply_of(order) == [(6, day(7).isoformat(), "requested")]


def test_a_void_draft_leaves_no_link():
    order = make_purchase_order((make_item(), 10), approve=False)
    orders.void_order(order_id=order.pk, actor=BUYER, at=AT)
    order.refresh_from_db()
    assert order.approval == "voided"
    assert not DocumentLink.objects.filter(target_id=order.pk).exists()


def test_an_order_needs_lines():
    with pytest.raises(ValidationRefused):
        orders.save_order(
            data=OrderData(supplier_id=make_supplier().pk, requested_date=day(5), lines=[]), actor=BUYER, at=AT
        )
