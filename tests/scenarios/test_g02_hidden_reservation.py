"""G-02: 100 lie there, 80 are promised to others. An order of 50 in 3 days gets 20 now and 30 with the next supply."""

import pytest

from backend.availability.selectors import preview_promise
from backend.kernel.audit import timeline
from backend.kernel.errors import PermissionRefused, Refusal
from backend.purchasing.services import confirmations, orders
from backend.purchasing.services.inputs import AnswerLine, LineInput, OrderData, PartInput
from backend.sales.services.promises import override_promise
from tests.scenarios.world import D, World, demand_of, line_of, promised


@pytest.fixture
def world(tenant) -> World:
    return World()


def test_what_is_reserved_for_others_is_not_promised_again(world):
    """INV-05: on hand 100, reserved 80: sales sees 20, and the day of the next supply."""
    item = world.item("TONER", "Toner", stock=100)
    first = world.order(item, 80)
    assert demand_of(first).reserved_qty == 80
    _next_supply(world, item, 60, 8)

    seen = preview_promise(
        item_id=item.pk, warehouse_id=world.warehouse.pk, qty=D(50), required_date=world.day(3), at=world.at
    )
    assert (seen.stock.on_hand, seen.stock.reserved, seen.stock.available) == (100, 80, 20)
    assert [(part.qty, part.date) for part in seen.parts] == [(20, world.today), (30, world.day(8))]
    assert not seen.in_time

    second = world.order(item, 50, wanted=3)
    assert promised(second) == [(20, world.today), (30, world.day(8))]
    assert promised(first) == [(80, world.today)]
    second.refresh_from_db()
    assert second.promise_date == world.day(8)


def test_another_date_needs_the_right_and_a_reason_and_is_logged(world):
    item = world.item("TONER", "Toner", stock=100)
    world.order(item, 80)
    order = world.order(item, 50, wanted=3)
    manager = world.person("sales_manager")
    asked = {"order_id": order.pk, "line_id": line_of(order).pk, "day": world.day(3), "at": world.at}
    with pytest.raises(PermissionRefused):
        override_promise(**asked, reason="the customer is important", actor=world.rep)
    with pytest.raises(Refusal) as refused:
        override_promise(**asked, reason=" ", actor=manager)
    assert refused.value.problems[0].field == "reason"
    line = override_promise(**asked, reason="air freight is booked", actor=manager)
    assert line.override_date == world.day(3)
    entry = timeline(order.pk).filter(verb="override_promise").get()
    assert (entry.reason, entry.actor_name) == ("air freight is booked", manager.name)
    assert promised(order)[0] == (20, world.today)


def _next_supply(world: World, item, qty: int, days: int) -> None:
    data = OrderData(supplier_id=world.supplier.pk, requested_date=world.day(days), lines=[LineInput(item.pk, D(qty))])
    order = orders.save_order(data=data, actor=world.buyer, at=world.at)
    orders.approve_order(order_id=order.pk, actor=world.buyer, at=world.at)
    confirmations.answer_order(
        order_id=order.pk,
        lines=[AnswerLine(order.lines.get().pk, [PartInput(D(qty), world.day(days))])],
        actor=world.supplier_person,
        at=world.at,
    )
