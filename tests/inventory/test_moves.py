"""Moves, their values, and what the database refuses."""

from decimal import Decimal as D

import pytest
from django.db import IntegrityError, connection, transaction

from backend.inventory.errors import CannotIssueStock, CannotReverseMoves
from backend.inventory.models import LotEdge, StockBalance, StockMove
from backend.inventory.services.balances import lock_balances
from backend.inventory.services.inputs import MoveInput
from backend.inventory.services.moves import post_moves, reverse_moves, values_by_role
from backend.kernel.ids import uuid7
from tests.factories.availability import Paper, assert_sound, issue, order, receive
from tests.factories.catalog import make_item
from tests.factories.inventory import (
    AT,
    SYSTEM,
    balance_of,
    main_warehouse,
    make_warehouse,
    moves_of,
    refuses,
    stock_up,
)

pytestmark = pytest.mark.usefixtures("tenant")


@pytest.fixture
def place():
    return main_warehouse().pk


def test_moving_average_is_165_for_15_of_10_at_10_and_10_at_12(place):
    item = make_item()
    receive(item, 10, 100, place)
    receive(item, 10, 120, place)
    paper = issue(item.pk, 15, place)
    assert [(move.qty_out, move.value_out) for move in moves_of(paper.pk)] == [(15, 165)]
    assert (balance_of(item).on_hand, balance_of(item).value) == (5, 55)


def test_the_last_piece_takes_the_rest_of_the_value(place):
    item = make_item()
    receive(item, 3, 10, place)
    values = [moves_of(issue(item.pk, 1, place).pk)[0].value_out for _ in range(3)]
    assert values == [D("3.33"), D("3.34"), D("3.33")]
    assert sum(values) == 10
    assert (balance_of(item).on_hand, balance_of(item).value) == (0, 0)


def test_several_issues_in_one_document_are_valued_one_after_the_other(place):
    item = make_item()
    receive(item, 3, 10, place)
    paper = Paper()
    moves = [MoveInput("sales_delivery", item.pk, place, qty_out=D(1)) for _ in range(3)]
    post_moves(moves, document=paper, actor=SYSTEM, at=AT)
    assert sum(move.value_out for move in moves_of(paper.pk)) == 10
    assert_sound()


def test_more_than_is_available_is_refused_with_the_numbers(place):
    item = make_item(name="复印纸")
    stock_up(item, 100, 1000)
    order((item, 80))
    with refuses(CannotIssueStock) as refused:
        issue(item.pk, 50, place)
    assert refused.value.message == "复印纸: 50 wanted, 20 available (100 on hand, 80 reserved, 0 blocked)."
    assert refused.value.way_out
    assert balance_of(item).on_hand == 100


def test_several_short_items_are_all_named(place):
    one, two = make_item(), make_item()
    moves = [MoveInput("sales_delivery", item.pk, place, qty_out=D(1)) for item in (one, two)]
    with refuses(Exception) as refused:
        post_moves(moves, document=Paper(), actor=SYSTEM, at=AT)
    assert [problem.code for problem in refused.value.problems] == ["stock_short", "stock_short"]


def test_a_reversal_goes_back_at_the_same_value(place):
    item = make_item()
    receive(item, 10, 100, place)
    paper = issue(item.pk, 4, place)
    receive(item, 10, 200, place)
    reverse_moves(document=paper, actor=SYSTEM, at=AT)
    assert (balance_of(item).on_hand, balance_of(item).value) == (20, 300)
    reverse_moves(document=paper, actor=SYSTEM, at=AT)
    assert balance_of(item).on_hand == 20
    assert_sound()


def test_a_receipt_that_has_left_again_cannot_be_reversed_and_names_the_delivery(place):
    item = make_item()
    first = receive(item, 10, 100, place)
    receive(item, 10, 120, place)
    delivery = issue(item.pk, 15, place)
    with refuses(CannotReverseMoves) as refused:
        reverse_moves(document=first, actor=SYSTEM, at=AT)
    assert delivery.number in refused.value.message
    assert [link.number for link in refused.value.links] == [delivery.number]


def test_a_reversed_receipt_takes_reservations_back(place):
    item = make_item()
    stock_up(item, 10, 100)
    paper = receive(item, 10, 100, place)
    kept, given_way = order((item, 10), by=1), order((item, 5), by=2)
    reverse_moves(document=paper, actor=SYSTEM, at=AT)
    assert (kept.line().reserved_qty, given_way.line().reserved_qty) == (10, 0)
    assert balance_of(item).on_hand == 10


def test_a_correction_moves_value_alone_and_goes_back(place):
    item = make_item()
    receive(item, 10, 100, place)
    for value, worth in ((20, 120), (-50, 70)):
        paper = Paper()
        move = MoveInput("revaluation", item.pk, place, value_in=D(value))
        post_moves([move], document=paper, actor=SYSTEM, at=AT)
        assert (balance_of(item).on_hand, balance_of(item).value) == (10, worth)
    reverse_moves(document=paper, actor=SYSTEM, at=AT)
    assert balance_of(item).value == 120
    assert_sound()


def test_values_by_role(place):
    goods, box = make_item(), make_item()
    from backend.catalog.models import ItemCategory

    type(box).objects.filter(pk=box.pk).update(category=ItemCategory.objects.get(code="packaging"))
    moves = [
        MoveInput("opening", goods.pk, place, qty_in=D(1), value_in=D(7)),
        MoveInput("opening", box.pk, place, qty_in=D(1), value_in=D(2)),
    ]
    made = post_moves(moves, document=Paper(), actor=SYSTEM, at=AT)
    assert values_by_role(made) == (("consumables", D(2)), ("inventory", D(7)))


def test_posting_takes_a_fixed_number_of_statements(place, django_assert_num_queries):
    items = [make_item() for _ in range(20)]
    moves = [MoveInput("opening", item.pk, place, qty_in=D(10), value_in=D(10)) for item in items]
    with transaction.atomic(), django_assert_num_queries(2):
        post_moves(moves, document=Paper(), actor=SYSTEM, at=AT)
    moves = [MoveInput("sales_delivery", item.pk, place, qty_out=D(3)) for item in items]
    with transaction.atomic(), django_assert_num_queries(2):
        post_moves(moves, document=Paper(), actor=SYSTEM, at=AT)


def test_locking_makes_missing_rows_and_comes_in_key_order(django_assert_num_queries):
    items, places = [make_item() for _ in range(3)], [main_warehouse(), make_warehouse()]
    pairs = [(item.pk, place.pk) for item in reversed(items) for place in places]
    with django_assert_num_queries(1):
        balances = lock_balances(pairs)
    assert list(balances) == sorted(pairs)
    assert {balance.on_hand for balance in balances.values()} == {0}
    with django_assert_num_queries(0):
        assert lock_balances([]) == {}


# --- the database itself -----------------------------------------------------------------------
def attempt(sql: str, *params) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql, params)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE inventory_stock_move SET value_in = 1",
        "DELETE FROM inventory_stock_move",
        "TRUNCATE inventory_stock_move CASCADE",
        "UPDATE inventory_stock_balance SET on_hand = on_hand + 1",
        "UPDATE inventory_stock_balance SET value = value + 1",
        "UPDATE inventory_stock_balance SET reserved = reserved + 1",
        "UPDATE inventory_stock_balance SET blocked = blocked + 1",
        "DELETE FROM inventory_stock_balance",
        "INSERT INTO inventory_stock_move (item_id, warehouse_id, kind, qty_in, qty_out, value_in, value_out, move_date,"
        " moved_at, doc_type, doc_id, doc_number) SELECT item_id, warehouse_id, 'sales_delivery', 0, 11, 0, 100,"
        " current_date, now(), 'x', gen_random_uuid(), 'x' FROM inventory_stock_balance",
        "INSERT INTO inventory_stock_move (item_id, warehouse_id, kind, qty_in, qty_out, value_in, value_out, move_date,"
        " moved_at, doc_type, doc_id, doc_number) SELECT item_id, warehouse_id, 'sales_delivery', 0, 10, 0, 99,"
        " current_date, now(), 'x', gen_random_uuid(), 'x' FROM inventory_stock_balance",
        "INSERT INTO inventory_stock_move (item_id, warehouse_id, kind, qty_in, qty_out, value_in, value_out, move_date,"
        " moved_at, doc_type, doc_id, doc_number) SELECT item_id, warehouse_id, 'sales_delivery', 0, 1, 0, 101,"
        " current_date, now(), 'x', gen_random_uuid(), 'x' FROM inventory_stock_balance",
        "INSERT INTO inventory_stock_move (item_id, warehouse_id, kind, qty_in, qty_out, value_in, value_out, move_date,"
        " moved_at, doc_type, doc_id, doc_number) SELECT item_id, warehouse_id, 'sales_delivery', 1, 1, 0, 0,"
        " current_date, now(), 'x', gen_random_uuid(), 'x' FROM inventory_stock_balance",
    ],
)
def test_raw_sql_cannot_break_stock(sql, place):
    receive(make_item(), 10, 100, place)
    with pytest.raises(IntegrityError):
        attempt(sql)
    assert_sound()


def test_a_balance_cannot_begin_with_something(place):
    item = make_item()
    with pytest.raises(IntegrityError):
        StockBalance.objects.create(item=item, warehouse_id=place, on_hand=5)


def test_raw_inserts_keep_the_balances_too(place):
    item = make_item()
    StockMove.objects.create(
        item=item,
        warehouse_id=place,
        kind="opening",
        qty_in=7,
        value_in=21,
        move_date=AT.date(),
        moved_at=AT,
        doc_type="x",
        doc_id=uuid7(),
        doc_number="x",
    )
    assert (balance_of(item).on_hand, balance_of(item).value) == (7, 21)
    assert not LotEdge.objects.exists()
