"""Production orders take what they need, bring what they make, and leave nothing in the workshop."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from backend.availability.models import SupplyLine
from backend.availability.selectors import promises_of_document
from backend.availability.selectors.consistency import violations
from backend.availability.selectors.material import waiting_for
from backend.kernel.actor import Actor
from backend.kernel.errors import IllegalTransition, ValidationRefused
from backend.posting.reconciliation import all_differences
from backend.production import selectors
from backend.production.models import ProductionComponent, ProductionOrder
from backend.production.services import materials, orders
from backend.production.services.checks import (
    CannotCloseProduction,
    CannotEditProduction,
    CannotUnapproveProduction,
)
from backend.production.services.inputs import PartOfOne, ProductionData
from tests.factories.catalog import make_item
from tests.factories.inventory import SYSTEM, numbers_of, refuses, stock_up
from tests.factories.production import BY, Lamps, make_production_order, move_material, receive_product
from tests.factories.purchasing import day, make_purchase_order
from tests.scenarios.world import settle

pytestmark = pytest.mark.usefixtures("tenant")


def test_pro_02_twenty_of_two_with_five_percent_scrap_take_forty_two():
    lamps = Lamps()
    assert lamps.order.number.startswith("SCRW-")
    tube, cord = selectors.components_of_order(lamps.order)
    assert (tube.needed, tube.to_issue, tube.reserved, tube.waits) == (42, 42, 42, False)
    assert (cord.needed, cord.to_issue, cord.reserved) == (20, 20, 20)
    assert numbers_of(lamps.tube) == (100, 42, 58)
    supply = SupplyLine.objects.get(ref_id=lamps.order.pk)
    assert (supply.kind, supply.open_qty, supply.supply_date, supply.firmness) == (
        "production",
        20,
        day(7),
        "confirmed",
    )
    assert [order.pk for order in selectors.orders_visible_to(SYSTEM)] == [lamps.order.pk]
    assert not selectors.orders_visible_to(Actor(kind="supplier", name="Li"))
    assert violations() == []


def test_an_order_that_is_taken_back_needs_and_brings_nothing():
    lamps = Lamps()
    draft = orders.unapprove_order(order_id=lamps.order.pk, reason="less", **BY)
    assert (draft.approval, numbers_of(lamps.tube)) == ("draft", (100, 0, 100))
    assert not SupplyLine.objects.filter(ref_id=draft.pk)
    data = ProductionData(
        lamps.lamp.pk, D(10), day(3), day(7), parts=(PartOfOne(lamps.tube.pk, D(2)),), warehouse_id=draft.warehouse_id
    )
    orders.save_order(data=data, order_id=draft.pk, version=draft.version, **BY)
    orders.approve_order(order_id=draft.pk, **BY)
    assert numbers_of(lamps.tube) == (100, 20, 80)
    assert numbers_of(lamps.cord) == (100, 0, 100)
    assert ProductionComponent.objects.filter(order=draft).count() == 1
    assert SupplyLine.objects.get(ref_id=draft.pk).open_qty == 10
    orders.unapprove_order(order_id=draft.pk, **BY)
    assert orders.void_order(order_id=draft.pk, reason="no", **BY).approval == "voided"
    assert violations() == []


def test_what_stands_in_the_way_is_named():
    lamps = Lamps()
    paper = materials.save_material(order_id=lamps.order.pk, kind="issue", doc_date=day(0), **BY)
    with refuses(CannotUnapproveProduction) as caught:
        orders.unapprove_order(order_id=lamps.order.pk, **BY)
    assert caught.value.links[0].number == paper.number
    materials.approve_material(document_id=paper.pk, **BY)
    made = receive_product(lamps.order, 5)
    with refuses(CannotUnapproveProduction) as caught:
        orders.unapprove_order(order_id=lamps.order.pk, **BY)
    assert made.number in caught.value.message
    with refuses(IllegalTransition):
        orders.save_order(data=ProductionData(lamps.lamp.pk, D(1), day(1), day(2)), order_id=lamps.order.pk, **BY)


def test_the_kit_says_what_goes_in_and_what_cannot_is_refused():
    item, part = make_item(), make_item()
    with refuses(ValidationRefused, "goes into it"):
        make_production_order(item, 3)
    for parts in (((item, 1),), ((part, 1), (part, 2)), ((part, 0),), ((part, 1, 100),)):
        with refuses(ValidationRefused):
            make_production_order(item, 3, *parts)
    with refuses(ValidationRefused):
        make_production_order(item, 0, (part, 1))
    with refuses(ValidationRefused):
        make_production_order(item, 3, (part, 1), finish_date=day(1))
    assert not ProductionOrder.objects.exists()


def test_closing_short_gives_up_the_rest_once_nothing_is_held():
    lamps = Lamps()
    move_material(lamps.order, "issue")
    receive_product(lamps.order, 15)
    with refuses(CannotCloseProduction) as caught:
        orders.close_order(order_id=lamps.order.pk, reason="enough", **BY)
    assert lamps.tube.name in caught.value.message
    move_material(lamps.order, "return")
    closed = orders.close_order(order_id=lamps.order.pk, reason="enough", **BY)
    assert (closed.closing, closed.receipt) == ("manual_closed", "partial")
    assert not SupplyLine.objects.filter(ref_id=closed.pk, open_qty__gt=0)
    assert numbers_of(lamps.tube)[1] == 0
    reopened = orders.reopen_order(order_id=closed.pk, **BY)
    assert (reopened.closing, SupplyLine.objects.get(ref_id=closed.pk, open_qty__gt=0).open_qty) == ("open", 5)
    move_material(lamps.order, "issue")
    receive_product(lamps.order)
    assert lamps.now().closing == "auto_closed"
    with refuses(CannotEditProduction):
        orders.reopen_order(order_id=closed.pk, **BY)
    assert all_differences() == violations() == []


def test_a_late_component_moves_the_day_it_is_done():
    lamps = Lamps(stock=False)
    stock_up(lamps.cord, 100, 50)
    make_purchase_order((lamps.tube, 42), requested=day(12))
    cord, tube = sorted(selectors.components_of_order(lamps.order), key=lambda row: row.waits)
    assert (cord.waits, tube.comes) == (False, day(12))
    settle()
    assert SupplyLine.objects.get(ref_id=lamps.order.pk).supply_date == day(7) + timedelta(days=9)
    assert [one.pk for one in waiting_for([cord, tube]).values()] == [tube.component.pk]
    held = promises_of_document(lamps.order.pk)
    assert held[tube.component.pk].promise_date == day(12)
