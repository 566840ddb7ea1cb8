"""Many at once: nobody oversells, nobody waits in a circle, nothing is lost. Real commits, threads and processes."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal as D

import pytest
from django.db import connection, transaction

from backend.availability.models import Suggestion
from backend.availability.selectors.consistency import violations
from backend.availability.services import demand
from backend.availability.services.demand_lines import DemandInput
from backend.inventory.services.balances import lock_balances
from backend.kernel.errors import Refusal
from backend.kernel.ids import uuid7
from backend.kernel.tenancy import run_in
from tests.factories.availability import Paper, day, issue, order, purchase
from tests.factories.catalog import make_item
from tests.factories.inventory import AT, SYSTEM, main_warehouse, numbers_of, stock_up
from tests.factories.parties import make_supplier


def at_once(company, acts):
    """Run all acts in threads of their own that start together; returns their results, exceptions included."""
    gate = threading.Barrier(min(len(acts), 50))

    def work(act):
        try:
            with run_in(company):
                gate.wait(20)
                with transaction.atomic():
                    return act()
        except Exception as problem:  # looked at by the test
            return problem
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(acts)) as pool:
        return list(pool.map(work, acts))


def test_fifty_orders_for_the_last_ten_pieces(committed_tenant):
    supplier = make_supplier(lead_days=5, transport_days=2)
    item = make_item(supplier_id=supplier.pk)
    stock_up(item, 10, 100)
    place = main_warehouse()
    made = at_once(committed_tenant, [lambda: order((item, 1), warehouse=place) for _ in range(50)])
    assert [result for result in made if isinstance(result, Exception)] == []
    assert sum(result.lines[0].reserved_qty for result in made) == 10
    assert numbers_of(item) == (10, 10, 0)
    assert Suggestion.objects.get(item=item).need_qty == 40
    assert violations() == []


def test_orders_over_the_same_items_in_any_order_do_not_deadlock(committed_tenant):
    items, place = [make_item() for _ in range(10)], main_warehouse()
    for item in items:
        stock_up(item, 100, 100)
    dice = random.Random(7)

    def act():
        chosen = dice.sample(items, 5)
        return order(*((item, dice.randint(1, 9)) for item in chosen), warehouse=place)

    made = at_once(committed_tenant, [act for _ in range(40)])
    assert [result for result in made if isinstance(result, Exception)] == []
    assert violations() == []


def test_orders_receipts_shipments_and_answers_at_once(committed_tenant):
    items, place = [make_item() for _ in range(4)], main_warehouse()
    dice = random.Random(11)
    bought = [purchase(item, (500, 9)) for item in items]
    orders = [order(*((item, 10) for item in items), warehouse=place) for _ in range(6)]
    for item in items:
        stock_up(item, 30, 30)

    def ship(made):
        wanted = [(line.ref_line_id, line.reserved_qty) for line in made.lines if line.reserved_qty]
        fresh = [made.line(index) for index in range(len(made.lines))]
        wanted = [(line.ref_line_id, line.reserved_qty) for line in fresh if line.reserved_qty]
        demand.consume_demand(wanted, actor=SYSTEM, at=AT)
        paper = Paper("test.delivery")
        lock_balances((line.item_id, line.warehouse_id) for line in fresh)
        for line in fresh:
            if line.reserved_qty:
                issue(line.item_id, line.reserved_qty, line.warehouse_id, paper=paper)

    acts = [lambda made=made: ship(made) for made in orders[:3]]
    acts += [lambda made=made: made.withdraw() for made in orders[3:]]
    acts += [lambda b=b: b.receive(dice.randint(1, 50), 50) for b in bought for _ in range(3)]
    acts += [lambda b=b: b.move((300, 4), (100, 20)) for b in bought]
    acts += [lambda: order(*((item, 7) for item in reversed(items)), warehouse=place) for _ in range(12)]
    dice.shuffle(acts)
    made = at_once(committed_tenant, acts)
    trouble = [result for result in made if isinstance(result, Exception) and not isinstance(result, Refusal)]
    assert trouble == []
    assert violations() == []


def test_missing_balances_are_made_by_many_at_once(committed_tenant):
    items, place = [make_item() for _ in range(6)], main_warehouse().pk
    dice = random.Random(3)

    def act():
        pairs = [(item.pk, place) for item in dice.sample(items, 4)]
        return len(lock_balances(pairs))

    assert at_once(committed_tenant, [act for _ in range(30)]) == [4] * 30


def test_the_same_line_is_registered_once(committed_tenant):
    item, place = make_item(), main_warehouse().pk
    stock_up(item, 10, 10)
    line = DemandInput(uuid7(), 1, item.pk, place, D(10), day(3))
    names = {"ref_type": "sales.order", "ref_id": uuid7(), "ref_number": "SO-X"}
    made = at_once(
        committed_tenant,
        [lambda: demand.register_demand([line], **names, actor=SYSTEM, at=AT) for _ in range(8)],
    )
    assert len([result for result in made if not isinstance(result, Exception)]) == 1
    assert all(isinstance(result, Refusal) for result in made if isinstance(result, Exception))
    assert numbers_of(item) == (10, 10, 0)


@pytest.mark.slow
def test_eight_processes_over_ten_items(committed_tenant):
    from tests.availability.load import run_processes

    result = run_processes(processes=8, orders=12, items=10, lines=5)
    assert result.failed == []
    assert result.orders == 96
    assert violations() == []
