"""PUR-02: production sees what was bought for its components, and a supplier who comes later moves the customer's promise."""

from datetime import timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from backend.availability.models import SupplyLine
from backend.availability.selectors import explain_promise
from backend.availability.selectors.consistency import violations
from backend.availability.selectors.material import waiting_for
from backend.processes.price_impact import quantities_in, recipes
from backend.production import selectors
from backend.production.models import ProductionOrder
from backend.production.services import orders as production
from backend.production.services.inputs import PartOfOne, ProductionData
from backend.purchasing.selectors.coming import on_order_for
from backend.purchasing.services import confirmations, orders, receipts
from backend.purchasing.services.inputs import AnswerLine, LineInput, OrderData, PartInput, ReceiptLineInput
from backend.sales.models import SalesOrder
from backend.workflow.models import Task
from tests.factories.purchasing import supplier_actor
from tests.scenarios.world import World, line_of, settle

pytestmark = pytest.mark.usefixtures("tenant")


def test_pur_02_the_production_order_lists_its_pegged_purchase_lines_with_confirmed_dates():
    world = World()
    by: dict[str, Any] = {"actor": world.buyer, "at": world.at}
    make: dict[str, Any] = {"actor": world.keeper, "at": world.at}
    chip, phone = world.item("CHIP", "Chip"), world.item("PHONE", "Phone")
    wanted = OrderData(supplier_id=world.supplier.pk, requested_date=world.day(3), lines=[LineInput(chip.pk, D(10))])
    bought = orders.approve_order(order_id=orders.save_order(data=wanted, **by).pk, **by)
    data = ProductionData(phone.pk, D(10), world.day(5), world.day(12), parts=(PartOfOne(chip.pk, D(1)),))
    order = production.approve_order(order_id=production.save_order(data=data, **make).pk, **make)
    sold = world.order(phone, 10)
    settle()
    assert _promise(sold) == world.day(12)
    _answer(world, bought, world.day(4))
    assert _bought_for(world, order) == [(bought.number, world.supplier.label, world.day(4), "confirmed", 0)]
    _answer(world, bought, world.day(9))
    assert _bought_for(world, order) == [(bought.number, world.supplier.label, world.day(9), "confirmed", 4)]
    assert SupplyLine.objects.get(ref_id=order.pk).supply_date == world.day(12) + timedelta(days=4)
    assert _promise(sold) == world.day(16)
    task = Task.objects.get(kind="sales.promise_moved", done_at=None)
    assert task.params["cause"].startswith(f"{order.number} 所需 Chip 于 ")
    ladder = explain_promise(line_of(sold).pk)
    assert any(row.number == order.number and row.date == world.day(16) for row in ladder)
    assert not any(
        world.supplier.label in row.label + row.note for row in explain_promise(line_of(sold).pk, named=False)
    )
    late = Task.objects.get(kind="production.material_late", done_at=None)
    assert (late.subject_id, late.params["item"], late.params["orders"]) == (order.pk, "Chip", sold.number)
    assert quantities_in(chip.pk, recipes()) == {chip.pk: 1, phone.pk: 1}
    line = bought.lines.get()
    receipts.receive_order(order_id=bought.pk, lines=[ReceiptLineInput(line.pk, D(10))], **by)
    settle()
    assert _promise(sold) == world.day(12)
    assert not Task.objects.filter(kind="production.material_late", done_at=None).exists()
    assert violations() == []


def _promise(sold: SalesOrder) -> Any:
    return SalesOrder.objects.get(pk=sold.pk).promise_date


def _answer(world: World, bought: Any, day: Any) -> None:
    """The supplier confirms, or confirms later than before."""
    they = {"actor": supplier_actor(world.supplier), "at": world.at}
    line = [AnswerLine(bought.lines.get().pk, parts=[PartInput(D(10), day)])]
    confirmations.answer_order(order_id=bought.pk, lines=line, note="fab is full", **they)
    settle()


def _bought_for(world: World, order: ProductionOrder) -> list[tuple[Any, ...]]:
    """(purchase order, supplier, confirmed day, how firm, days late) behind the order's components."""
    rows = selectors.components_of_order(order)
    found = on_order_for(waiting_for(rows))
    return [
        (
            one.source.ref_number,
            one.source.party_name,
            one.source.supply_date,
            one.source.firmness,
            one.source.days_late,
        )
        for one in found
    ]
