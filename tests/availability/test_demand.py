"""Demand: registering, changing, shipping, taking back; what is refused; how many statements it takes."""

from decimal import Decimal as D

import pytest
from django.db import IntegrityError, connection, transaction

from backend.availability import selectors
from backend.availability.errors import (
    CannotChangeDemand,
    CannotConsumeDemand,
    CannotRegisterDemand,
    CannotRestoreDemand,
)
from backend.availability.models import DemandLine, Promise, PromiseRevision
from backend.availability.services import demand
from backend.availability.services.demand_lines import DemandInput
from backend.kernel.errors import NotFoundRefused
from backend.kernel.ids import uuid7
from tests.factories.availability import assert_sound, day, order, purchase, suggestion_of
from tests.factories.catalog import make_item
from tests.factories.inventory import AT, SYSTEM, TODAY, main_warehouse, numbers_of, refuses, stock_up

pytestmark = pytest.mark.usefixtures("tenant")


def change(made, *rows, by=10):
    """(item, open quantity) for the lines of an order, in their order; more rows are new lines."""
    place = main_warehouse().pk
    ids = [line.ref_line_id for line in made.lines] + [uuid7() for _ in rows]
    lines = [
        DemandInput(id, number, item.pk, place, D(qty), day(by))
        for number, (id, (item, qty)) in enumerate(zip(ids, rows, strict=False), start=1)
    ]
    return demand.change_demand(
        lines, ref_type="sales.order", ref_id=made.id, ref_number=made.number, actor=SYSTEM, at=AT
    )


def test_lines_of_the_same_item_share_what_there_is():
    item = make_item()
    stock_up(item, 10, 10)
    made = order((item, 6), (item, 6))
    assert [line.reserved_qty for line in made.lines] == [6, 4]
    assert suggestion_of(item).need_qty == 2
    assert_sound()


def test_registered_lines_carry_their_promise(django_assert_num_queries):
    item = make_item()
    stock_up(item, 10, 10)
    made = order((item, 5))
    with django_assert_num_queries(0):
        assert made.lines[0].promise.promise_date == TODAY


def test_registering_twice_is_refused_and_services_are_not_demand():
    item, service = make_item(), make_item(item_type="service")
    made = order((item, 5))
    again = DemandInput(made.lines[0].ref_line_id, 1, item.pk, main_warehouse().pk, D(5), day(1))
    names = {"ref_type": "sales.order", "ref_id": made.id, "ref_number": made.number, "actor": SYSTEM, "at": AT}
    with refuses(CannotRegisterDemand, "registered already"):
        demand.register_demand([again], **names)
    with refuses(CannotRegisterDemand, "kept in stock"):
        order((service, 1))
    assert made.line().open_qty == 5
    assert demand.register_demand([], **names) == []


def test_withdrawn_lines_give_back_and_keep_their_first_promise():
    item = make_item()
    stock_up(item, 10, 10)
    holder, waiting = order((item, 10)), order((item, 10))
    holder.withdraw()
    assert (holder.line().qty, holder.line().open_qty, waiting.line().reserved_qty) == (0, 0, 10)
    assert suggestion_of(item) is None
    assert holder.promise() == []
    assert_sound()
    first = Promise.objects.get(demand=holder.lines[0]).first_parts
    again = DemandInput(holder.lines[0].ref_line_id, 1, item.pk, main_warehouse().pk, D(4), day(3))
    [line] = demand.register_demand(
        [again], ref_type="sales.order", ref_id=holder.id, ref_number=holder.number, actor=SYSTEM, at=AT
    )
    assert line.pk == holder.lines[0].pk
    promise = Promise.objects.get(demand=line)
    assert (promise.first_parts, promise.promise_date) == (first, None)
    causes = PromiseRevision.objects.filter(demand=line).order_by("revision").values_list("cause", flat=True)
    assert list(causes) == ["demand_withdrawn", "registered_again"]
    assert_sound()


def test_a_withdrawn_line_may_come_back_with_another_item():
    item, other = make_item(), make_item()
    stock_up(item, 5, 5)
    made = order((item, 5))
    made.withdraw()
    again = DemandInput(made.lines[0].ref_line_id, 1, other.pk, main_warehouse().pk, D(4), day(3))
    demand.register_demand([again], ref_type="sales.order", ref_id=made.id, ref_number=made.number, actor=SYSTEM, at=AT)
    assert made.line().item_id == other.pk
    assert_sound()


def test_an_amended_order_grows_shrinks_and_changes_lines():
    item, other = make_item(), make_item()
    stock_up(item, 10, 10)
    stock_up(other, 10, 10)
    made = order((item, 8))
    lines = change(made, (item, 12), (other, 3))
    assert [(line.ref_line_no, line.open_qty, line.reserved_qty) for line in lines] == [(1, 12, 10), (2, 3, 3)]
    assert lines[0].promise.promise_date is None
    lines = change(made, (item, 4))
    assert [(line.open_qty, line.reserved_qty) for line in lines] == [(4, 4)]
    assert suggestion_of(item) is None
    assert_sound()
    assert change(made, (item, 0)) == []
    assert numbers_of(item) == (10, 0, 10)
    with refuses(CannotChangeDemand, "keeps its item"):
        made = order((item, 2))
        change(made, (other, 2))


def test_shipping_in_parts_and_taking_back():
    item = make_item()
    stock_up(item, 80, 80)
    purchase(item, (50, 6))
    made = order((item, 100))
    made.ship(30)
    assert made.promise() == [(50, TODAY, "stock"), (20, day(6), "supply")]
    assert numbers_of(item) == (50, 50, 0)
    paper = made.ship(50)
    assert made.promise() == [(20, day(6), "supply")]
    assert_sound()
    made.take_back(paper, 50)
    assert made.line().reserved_qty == 50
    assert made.promise() == [(50, TODAY, "stock"), (20, day(6), "supply")]
    assert selectors.reserved_of(made.id) == {made.lines[0].ref_line_id: 50}
    assert_sound()


def test_what_came_back_stays_with_the_order_though_others_wait():
    item = make_item()
    stock_up(item, 10, 10)
    made = order((item, 10))
    paper = made.ship(10)
    waiting = order((item, 10), by=1)
    made.take_back(paper, 10)
    assert (made.line().reserved_qty, waiting.line().reserved_qty) == (10, 0)
    assert_sound()


def test_more_than_is_set_aside_or_open_does_not_ship():
    item = make_item()
    stock_up(item, 80, 80)
    made = order((item, 100))
    with refuses(CannotConsumeDemand, "only 80 of 100 are in stock for it") as refused:
        made.ship(90)
    assert refused.value.way_out == "Ship 80 now and the rest when it has come."
    with refuses(CannotConsumeDemand, "only 100 are still open"):
        made.ship(101)
    with refuses(NotFoundRefused):
        demand.consume_demand([(uuid7(), D(1))], actor=SYSTEM, at=AT)
    paper = made.ship(80)
    with refuses(CannotRestoreDemand):
        made.take_back(paper, 81)
    assert made.line().open_qty == 20


@pytest.mark.parametrize("lines", [1, 5, 40])
def test_registering_takes_at_most_twelve_statements(lines, django_assert_max_num_queries):
    items, place = [make_item() for _ in range(lines)], main_warehouse()
    for item in items:
        stock_up(item, 10, 10)
    with transaction.atomic(), django_assert_max_num_queries(5):
        order(*((item, 4) for item in items), warehouse=place)
    for item in items[::2]:
        purchase(item, (3, 4))
    order(*((item, 8) for item in items))
    with transaction.atomic(), django_assert_max_num_queries(12):
        order(*((item, 5) for item in items), warehouse=place)
    assert_sound()


@pytest.mark.parametrize("lines", [1, 30])
def test_other_steps_take_a_fixed_number_of_statements(lines, django_assert_max_num_queries):
    items = [make_item() for _ in range(lines)]
    for item in items:
        stock_up(item, 10, 10)
    made, other = order(*((item, 8) for item in items)), order(*((item, 8) for item in items))
    with transaction.atomic(), django_assert_max_num_queries(6):
        demand.consume_demand([(line.ref_line_id, D(3)) for line in made.lines], actor=SYSTEM, at=AT)
    with transaction.atomic(), django_assert_max_num_queries(24):
        other.withdraw()
    with transaction.atomic(), django_assert_max_num_queries(24):
        change(made, *((item, 9) for item in items))
    assert_sound()


# --- the database itself -----------------------------------------------------------------------
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE availability_reservation SET qty = qty + 21",
        "INSERT INTO availability_reservation (demand_id, qty) SELECT id, 1 FROM availability_demand_line",
        "UPDATE availability_demand_line SET reserved_qty = 0",
        "UPDATE availability_demand_line SET open_qty = reserved_qty - 1",
        "UPDATE availability_promise SET first_date = NULL",
        "UPDATE availability_promise SET first_parts = '[]'",
        "UPDATE availability_promise SET first_at = now()",
        "DELETE FROM availability_promise",
        "UPDATE availability_promise_revision SET old_date = NULL",
        "UPDATE availability_promise_revision SET cause = 'x'",
        "DELETE FROM availability_promise_revision",
        "UPDATE availability_supply_line SET open_qty = -1",
        "INSERT INTO availability_peg (demand_id, qty) SELECT id, 1 FROM availability_demand_line",
    ],
)
def test_raw_sql_cannot_break_promises(sql):
    item = make_item()
    stock_up(item, 20, 20)
    bought = purchase(item, (30, 5))
    order((item, 40))
    bought.move((30, 9))
    assert PromiseRevision.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert_sound()


def test_raw_reservations_are_carried_to_the_balance():
    item = make_item()
    stock_up(item, 20, 20)
    made = order((item, 10))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE availability_reservation SET qty = 7 WHERE demand_id = %s", [made.lines[0].pk])
    assert numbers_of(item) == (20, 7, 13)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM availability_reservation WHERE demand_id = %s", [made.lines[0].pk])
    assert numbers_of(item) == (20, 0, 20)
    assert DemandLine.objects.get(pk=made.lines[0].pk).reserved_qty == 0


def test_stock_that_is_not_there_cannot_be_reserved():
    made = order((make_item(), 10))
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO availability_reservation (demand_id, qty) VALUES (%s, 1)", [made.lines[0].pk])
