"""G-06: a store sells 100; 1.5 × that is 150; central has 90: transfer 90 and order 60 in the same minute (SCM-06, INV-08)."""

from decimal import Decimal as D

import pytest
from django.db import transaction

from backend.availability.models import Suggestion
from backend.availability.selectors.consistency import violations
from backend.inventory.models import Transfer, Warehouse
from backend.inventory.services import transfer_receipts, transfers
from backend.inventory.services.inputs import OpeningLineInput
from backend.inventory.services.opening import approve_opening_stock, save_opening_stock
from backend.inventory.services.warehouses import save_warehouse
from backend.posting.reconciliation import all_differences
from backend.processes import replenishment
from backend.purchasing.models import PurchaseOrder
from backend.sales.services import deliveries
from backend.sales.services import orders as sales_orders
from backend.sales.services.inputs import LineInput, OrderData
from backend.workflow import parameters
from backend.workflow.models import Task
from tests.factories.parties import make_supplier
from tests.factories.quotas import make_quota
from tests.scenarios.world import World, demand_of, promised, settle

pytestmark = pytest.mark.usefixtures("tenant")


@pytest.fixture
def world():
    return World()


@pytest.fixture
def store(world) -> Warehouse:
    return save_warehouse(code="STORE", name="Store", actor=world.keeper, at=world.at)


def stock(world, item, place, qty):
    who = {"actor": world.accountant, "at": world.at}
    lines = [OpeningLineInput(item.pk, D(qty), unit_cost=D(100))]
    document = save_opening_stock(doc_date=world.today, warehouse_id=place.pk, lines=lines, **who)
    approve_opening_stock(document_id=document.pk, **who)


def sell(world, item, place, qty, *, ship=True):
    data = OrderData(
        customer_id=world.customer.pk,
        requested_date=world.day(3),
        warehouse_id=place.pk,
        lines=(LineInput(item.pk, D(qty)),),
    )
    order = sales_orders.save_order(data=data, actor=world.rep, at=world.at)
    order = sales_orders.approve_order(order_id=order.pk, actor=world.rep, at=world.at)
    if ship:
        deliveries.ship_order(order_id=order.pk, actor=world.keeper, at=world.at)
    return order


def rule_of(world, store, **more):
    values = {"days": 30, "factor": D("1.5"), "automatic": True, "active": True} | more
    return replenishment.save_rule(warehouse_id=store.pk, actor=world.buyer, at=world.at, **values)


def test_a_store_that_sold_out_is_filled_up_without_a_click(world, store):
    item = world.item("HOT", "Hot item", stock=90)
    stock(world, item, store, 100)
    rule_of(world, store)
    sell(world, item, store, 100)
    settle()
    moved, bought = Transfer.objects.get(), PurchaseOrder.objects.get()
    assert (moved.source_id, moved.destination_id, moved.approval) == (world.warehouse.pk, store.pk, "submitted")
    assert moved.lines.get().qty == 90
    assert (bought.warehouse_id, bought.approval, bought.lines.get().qty) == (store.pk, "draft", 60)
    assert Task.objects.filter(kind="inventory.replenished", done_at=None).count() == 1
    # running again proposes nothing: what is asked for and drafted counts
    rule = rule_of(world, store)
    assert replenishment.proposals(rule, world.today) == []
    transfers.approve_transfer(document_id=moved.pk, actor=world.keeper, at=world.at)
    assert replenishment.proposals(rule, world.today) == []
    transfer_receipts.receive_transfer(transfer_id=moved.pk, actor=world.keeper, at=world.at)
    assert replenishment.proposals(rule, world.today) == []
    assert all_differences() == []
    assert violations() == []


def test_by_hand_the_numbers_are_the_same(world, store):
    item = world.item("HOT", "Hot item", stock=90)
    stock(world, item, store, 100)
    rule = rule_of(world, store, automatic=False)
    sell(world, item, store, 100)
    settle()
    assert not Transfer.objects.exists()
    [row] = replenishment.proposals(rule, world.today)
    assert (row.sold, row.target, row.need) == (100, 150, 150)
    assert (row.split.to_move, row.split.to_buy, row.abc, row.due) == (90, 60, "A", True)
    parameters.set_parameter(key="purchasing.request_first", value=True, actor=world.accountant, at=world.at)
    with transaction.atomic():
        asked = replenishment.fill_up(rule_id=rule.pk, actor=world.buyer, at=world.at)
        assert (asked.orders, [line.qty for made in asked.requisitions for line in made.lines.all()]) == ((), [60])
        assert replenishment.proposals(rule, world.today) == [], "what is requested counts"
        transaction.set_rollback(True)
    parameters.set_parameter(key="purchasing.request_first", value=False, actor=world.accountant, at=world.at)
    other = make_supplier("Other")
    make_quota(item, (world.supplier, 75), (other, 25), begins=world.today, way="split")
    done = replenishment.fill_up(rule_id=rule.pk, actor=world.buyer, at=world.at)
    assert {order.supplier: order.lines.get().qty for order in done.orders} == {world.supplier: 45, other: 15}
    assert [transfer.lines.get().qty for transfer in done.transfers] == [90]


def test_an_order_that_is_short_gets_goods_from_elsewhere_first(world, store):
    """SCM-06: the store needs 150, central has 90: transfer 90, suggestion 60, and purchasing knows at once."""
    item = world.item("P", "Paper", stock=90)
    order = sell(world, item, store, 150, ship=False)
    settle()
    suggestion = Suggestion.objects.get()
    assert suggestion.need_qty == 150
    found = replenishment.splits_of([suggestion])[suggestion.pk]
    assert (found.to_move, found.to_buy) == (90, 60)
    [moved] = replenishment.transfer_first(suggestion_ids=[suggestion.pk], actor=world.buyer, at=world.at)
    suggestion.refresh_from_db()
    assert (moved.lines.get().qty, suggestion.need_qty, suggestion.qty) == (90, 60, 60)
    assert promised(order) == [(90, world.day(1)), (60, world.day(7))]
    assert violations() == []
    transfers.void_transfer(document_id=moved.pk, actor=world.buyer, at=world.at)
    suggestion.refresh_from_db()
    assert suggestion.need_qty == 150
    assert violations() == []


def test_where_the_company_wants_it_nobody_has_to_ask(world, store):
    parameters.set_parameter(key="inventory.auto_transfer", value=True, actor=world.accountant, at=world.at)
    item = world.item("P", "Paper", stock=90)
    order = sell(world, item, store, 150, ship=False)
    settle()
    assert Transfer.objects.get().lines.get().qty == 90
    assert Suggestion.objects.get().need_qty == 60
    assert Task.objects.get(kind="purchasing.shortage", done_at=None).params["qty"] == "60"
    assert demand_of(order).open_qty == 150
    assert violations() == []


def test_two_stores_share_what_central_has(world, store):
    other = save_warehouse(code="STORE2", name="Second store", actor=world.keeper, at=world.at)
    item = world.item("P", "Paper", stock=90)
    sell(world, item, store, 50, ship=False)
    sell(world, item, other, 70, ship=False)
    settle()
    found = replenishment.splits_of(Suggestion.objects.all()).values()
    assert sorted((row.to_move, row.to_buy) for row in found) == [(40, 30), (50, 0)]
