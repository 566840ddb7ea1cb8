"""G-04: 15 laptops on hand, 5 of them promised. An order of 10 becomes a delivery; nothing is left to promise."""

import pytest

from backend.availability.selectors import item_availability
from backend.inventory.models import StockBalance
from backend.sales.models import SalesDelivery
from backend.sales.services import deliveries
from backend.workflow import parameters
from backend.workflow.models import Task
from tests.scenarios.world import SYSTEM, World, settle


@pytest.mark.usefixtures("tenant")
def test_from_confirmation_to_the_pick_list_without_a_human_step():
    world = World()
    parameters.set_parameter(key="sales.auto_delivery", value=True, actor=SYSTEM, at=world.at)
    item = world.item("LAPTOP", "Laptop", stock=15, cost=4000)
    pair = (item.pk, world.warehouse.pk)
    other = world.order(item, 5)
    settle()
    [held] = SalesDelivery.objects.all()
    deliveries.void_delivery(delivery_id=held.pk, actor=world.keeper, at=world.at)
    assert item_availability([pair])[pair].available == 10

    order = world.order(item, 10)
    settle()
    delivery = SalesDelivery.objects.exclude(approval="voided").get()
    assert [(line.order_line.document_id, int(line.qty)) for line in delivery.lines.all()] == [(order.pk, 10)]
    assert Task.objects.filter(kind="sales.delivery_to_ship", subject_id=delivery.pk, done_at=None).exists()
    seen = item_availability([pair])[pair]
    assert (seen.on_hand, seen.reserved, seen.available) == (15, 15, 0)

    deliveries.approve_delivery(delivery_id=delivery.pk, actor=world.keeper, at=world.at)
    settle()
    balance = StockBalance.objects.get(item=item)
    assert (balance.on_hand, balance.reserved, balance.value) == (5, 5, 20000)
    assert item_availability([pair])[pair].available == 0
    assert not Task.objects.filter(kind="sales.delivery_to_ship", done_at=None, subject_id=delivery.pk).exists()
    other.refresh_from_db()
    assert other.shipped == "none"
