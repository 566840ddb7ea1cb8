"""INV-10, INV-12: what goods are worth by each method, beside figures worked out by hand."""

from decimal import Decimal as D

import pytest
from django.db import IntegrityError, connection, transaction

from backend.catalog.inputs import ItemData
from backend.catalog.models import ItemCategory
from backend.catalog.services import save_item
from backend.inventory.errors import (
    CannotBackdateStock,
    CannotChangeCostMethod,
    CannotIssueStock,
    CannotReverseMoves,
    CannotSaveWarehouse,
)
from backend.inventory.models import CostLayer, StockMove
from backend.inventory.services import calendar
from backend.inventory.services.costs import last_costs, moves_of_lines
from backend.inventory.services.inputs import MoveInput
from backend.inventory.services.methods import set_cost_method
from backend.inventory.services.moves import post_moves, reverse_moves
from backend.kernel.ids import uuid7
from tests.factories.availability import Paper, order
from tests.factories.catalog import make_item
from tests.factories.costing import below_zero, come, item_costed_by, leave, lot_of, move
from tests.factories.inventory import AT, SYSTEM, TODAY, balance_of, main_warehouse, make_warehouse, moves_of, refuses

pytestmark = pytest.mark.usefixtures("tenant")


def layers(item):
    rows = CostLayer.objects.filter(item=item).exclude(qty=0).order_by("layer_date", "id")
    return [(row.qty, row.value) for row in rows]


def stock(item, place=None):
    balance = balance_of(item, place)
    return balance.on_hand, balance.value


# --- the four methods --------------------------------------------------------------------------
@pytest.mark.parametrize(("method", "cost"), [("moving_avg", 165), ("month_avg", 165), ("fifo", 160)])
def test_15_of_10_at_10_and_10_at_12(method, cost):
    """INV-10: moving average 165, FIFO 160."""
    item = item_costed_by(method)
    come(item, 10, 100)
    come(item, 10, 120)
    assert leave(item, 15).value_out == cost
    assert stock(item) == (5, 220 - cost)


def test_fifo_leaves_from_the_oldest_and_the_last_piece_takes_the_rest():
    item = item_costed_by("fifo")
    come(item, 3, 10)
    come(item, 2, 9)
    assert [leave(item, 1).value_out for _ in range(2)] == [D("3.33"), D("3.34")]
    assert layers(item) == [(1, D("3.33")), (2, 9)]
    assert leave(item, 2).value_out == D("7.83")
    assert layers(item) == [(1, D("4.50"))]


def test_specific_cost_follows_the_lot():
    item = item_costed_by("specific", lot_tracked=True)
    dear, cheap = lot_of(item, "A"), lot_of(item, "B")
    come(item, 10, 300, lot_id=dear.pk)
    come(item, 10, 100, lot_id=cheap.pk)
    assert leave(item, 4, lot_id=cheap.pk).value_out == 40
    assert leave(item, 1, lot_id=dear.pk).value_out == 30
    assert stock(item) == (15, 330)


def test_layers_cost_two_statements_more_whatever_the_lines(django_assert_num_queries):
    items = [item_costed_by("fifo") for _ in range(10)]
    place = main_warehouse().pk
    with transaction.atomic(), django_assert_num_queries(5):
        moves = [MoveInput("opening", item.pk, place, qty_in=D(10), value_in=D(10)) for item in items]
        post_moves(moves, document=Paper(), actor=SYSTEM, at=AT)
    with transaction.atomic(), django_assert_num_queries(4):
        moves = [MoveInput("sales_delivery", item.pk, place, qty_out=D(3)) for item in items]
        post_moves(moves, document=Paper(), actor=SYSTEM, at=AT)


# --- taking back and bringing back -------------------------------------------------------------
def test_a_fifo_issue_taken_back_is_in_its_layers_again():
    item = item_costed_by("fifo")
    come(item, 10, 100)
    come(item, 10, 120)
    paper = Paper()
    leave(item, 15, paper=paper)
    reverse_moves(document=paper, actor=SYSTEM, at=AT)
    assert layers(item) == [(10, 100), (10, 120)]


def test_a_fifo_receipt_whose_goods_have_left_is_not_taken_back_another_is():
    item = item_costed_by("fifo")
    first, second = Paper(), Paper()
    come(item, 10, 100, paper=first)
    come(item, 10, 120, paper=second)
    leave(item, 3)
    with refuses(CannotReverseMoves):
        reverse_moves(document=first, actor=SYSTEM, at=AT)
    reverse_moves(document=second, actor=SYSTEM, at=AT)
    assert layers(item) == [(7, 70)]


@pytest.mark.parametrize("method", ["moving_avg", "fifo"])
def test_what_a_customer_returns_comes_back_at_what_it_left_at(method):
    """Voucher row 12: original issue cost, part by part, to the cent."""
    item = item_costed_by(method)
    come(item, 3, 10)
    sold = leave(item, 3)
    come(item, 10, 1000)
    back = [move(item, qty_in=1, value_in=None, origin_id=sold.pk, kind="sales_return")[0] for _ in range(3)]
    assert [row.value_in for row in back] == [D("3.33"), D("3.34"), D("3.33")]
    assert stock(item) == (13, 1010)


def test_a_return_without_its_delivery_comes_at_the_last_known_cost():
    """Voucher row 12: last receipt, last issue, list price."""
    listed = make_item(purchase_price=D("113"))
    assert last_costs([(listed.pk, main_warehouse().pk)]) == {(listed.pk, main_warehouse().pk): D(100)}
    assert move(listed, qty_in=2, value_in=None, kind="sales_return")[0].value_in == 200
    known = make_item(purchase_price=D("113"))
    come(known, 10, 100)
    come(known, 10, 120)
    assert move(known, qty_in=2, value_in=None, kind="sales_return")[0].value_in == 24
    gift = make_item(purchase_price=D("113"))
    come(gift, 5, 0)
    assert move(gift, qty_in=1, value_in=None, kind="sales_return")[0].value_in == 100


def test_what_goes_back_to_the_supplier_leaves_at_what_it_came_at():
    """Voucher row 7: 10@10, 10@12; 5 of the dear ones go back for 60, of which stock has it."""
    item = make_item()
    come(item, 10, 100)
    dear = come(item, 10, 120)
    back = move(item, qty_out=5, origin_id=dear.pk, kind="purchase_return")[0]
    assert back.value_out == 60
    assert stock(item) == (15, 160)
    leave(item, 11)
    assert move(item, qty_out=4, origin_id=dear.pk, kind="purchase_return")[0].value_out == D("42.67")
    assert stock(item) == (0, 0)


def test_fifo_goods_go_back_from_their_own_layer():
    item = item_costed_by("fifo")
    come(item, 10, 100)
    dear = come(item, 10, 120)
    assert move(item, qty_out=5, origin_id=dear.pk, kind="purchase_return")[0].value_out == 60
    assert layers(item) == [(10, 100), (5, 60)]


def test_origins_are_found_by_the_line_of_the_document():
    item, line = make_item(), uuid7()
    made = come(item, 10, 100, doc_line_id=line)
    assert moves_of_lines([line, uuid7()]) == {line: [made]}


def test_a_correction_of_an_arrival_goes_to_its_layer():
    item = item_costed_by("fifo")
    come(item, 10, 100)
    second = come(item, 10, 120)
    move(item, value_in=10, origin_id=second.pk, kind="revaluation")
    assert layers(item) == [(10, 100), (10, 130)]
    move(item, value_in=-23, kind="revaluation")
    assert layers(item) == [(10, 90), (10, 117)]


# --- below zero --------------------------------------------------------------------------------
def test_below_zero_is_refused_by_default_by_service_and_database():
    """INV-12: forbidden by default, the database checks it."""
    item = make_item()
    come(item, 1, 10)
    with refuses(CannotIssueStock):
        leave(item, 2)
    with pytest.raises(IntegrityError, match="stock_not_negative"), transaction.atomic():
        StockMove.objects.create(
            item=item,
            warehouse=main_warehouse(),
            kind="sales_delivery",
            qty_out=2,
            value_out=10,
            move_date=TODAY,
            moved_at=AT,
            doc_type="x",
            doc_id=uuid7(),
            doc_number="x",
        )


@pytest.mark.parametrize("method", ["moving_avg", "fifo"])
def test_goods_that_leave_before_they_come_are_trued_up_by_what_comes(method):
    """INV-12: 10@10, 15 leave (5 provisionally at 10), 20@12 come: stock 15@12 = 180, cost of sales 50 → 60 more 10."""
    place = below_zero(make_warehouse())
    item = item_costed_by(method)
    come(item, 10, 100, place=place)
    assert leave(item, 15, place=place).value_out == 150
    assert stock(item, place) == (-5, -50)
    paper = Paper()
    rows = move(item, qty_in=20, value_in=240, place=place, paper=paper)
    assert [(row.kind, row.qty_in, row.value_in, row.value_out) for row in rows] == [
        ("purchase_receipt", 20, 240, 0),
        ("correction", 0, 0, 10),
    ]
    assert stock(item, place) == (15, 180)
    reverse_moves(document=paper, actor=SYSTEM, at=AT)
    assert stock(item, place) == (-5, -50)


@pytest.mark.parametrize("method", ["moving_avg", "fifo"])
def test_a_part_that_comes_fills_a_part(method):
    """5 missing at 10; 3@12 come: 2 are still missing at 10, the 3 cost 6 more; 2@9 come: they cost 2 less."""
    place = below_zero(make_warehouse())
    item = item_costed_by(method, purchase_price=D("11.3"))
    leave(item, 5, place=place)
    assert stock(item, place) == (-5, -50)
    assert move(item, qty_in=3, value_in=36, place=place)[1].value_out == 6
    assert stock(item, place) == (-2, -20)
    assert move(item, qty_in=2, value_in=18, place=place)[1].value_in == 2
    assert stock(item, place) == (0, 0)


def test_below_zero_never_under_a_reservation_and_never_for_lots():
    place = below_zero(make_warehouse())
    item, lots = make_item(), make_item(lot_tracked=True)
    come(item, 10, 100, place=place)
    order((item, 4), warehouse=place)
    for what in (item, lots):
        with refuses(CannotIssueStock):
            leave(what, 12, place=place)


def test_a_warehouse_forbids_it_again_when_nothing_is_missing():
    place = below_zero(make_warehouse())
    item = make_item()
    leave(item, 1, place=place)
    with refuses(CannotSaveWarehouse, "less than nothing"):
        below_zero(place, allowed=False)
    come(item, 1, 3, place=place)
    below_zero(place, allowed=False)
    with refuses(CannotIssueStock):
        leave(item, 1, place=place)


# --- choosing the method -----------------------------------------------------------------------
def test_the_method_stays_while_there_is_stock_and_the_item_is_named():
    item = make_item(name="打印机")
    come(item, 1, 10)
    with refuses(CannotChangeCostMethod, "打印机"):
        set_cost_method(category_id=item.category_id, cost_method="fifo", actor=SYSTEM, at=AT)
    leave(item, 1)
    assert set_cost_method(category_id=item.category_id, cost_method="fifo", actor=SYSTEM, at=AT).cost_method == "fifo"


def test_an_item_with_stock_stays_in_categories_that_are_costed_alike():
    item = make_item(name="打印机")
    other = item_costed_by("fifo").category_id
    same = ItemCategory.objects.create(code="more", name="More").pk

    def put(category_id):
        data = ItemData(name=item.name, unit_id=item.unit_id, category_id=category_id)
        save_item(actor=SYSTEM, at=AT, data=data, item_id=item.pk)

    come(item, 1, 10)
    put(same)
    with refuses(CannotChangeCostMethod, "打印机"):
        put(other)
    leave(item, 1)
    put(other)


# --- closed months -----------------------------------------------------------------------------
def test_nothing_moves_in_a_closed_month_and_what_is_taken_back_goes_back_today():
    """INV-11: a closed period is never changed, by any path."""
    item, paper = make_item(), Paper()
    come(item, 10, 100, paper=paper)
    calendar.close_through(TODAY)
    with refuses(CannotBackdateStock) as refused:
        leave(item, 1)
    assert refused.value.way_out
    with pytest.raises(IntegrityError, match="closed"), transaction.atomic():
        StockMove.objects.create(
            item=item,
            warehouse=main_warehouse(),
            kind="opening",
            qty_in=1,
            move_date=TODAY,
            moved_at=AT,
            doc_type="x",
            doc_id=uuid7(),
            doc_number="x",
        )
    calendar.close_through(TODAY.replace(day=1))
    early = Paper(doc_date=TODAY)
    come(item, 5, 50, paper=early)
    calendar.close_through(TODAY.replace(day=22))
    reverse_moves(document=paper, actor=SYSTEM, at=AT)
    assert {row.move_date for row in moves_of(paper.pk)} == {TODAY}


# --- the database itself -----------------------------------------------------------------------
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE inventory_layer_entry SET value = 1",
        "DELETE FROM inventory_layer_entry",
        "UPDATE inventory_cost_layer SET value = value + 1",
        "DELETE FROM inventory_cost_layer",
        "INSERT INTO inventory_layer_entry (layer_id, move_id, qty, value) SELECT layer_id, move_id, 1, 1"
        " FROM inventory_layer_entry",
        "INSERT INTO inventory_layer_entry (layer_id, move_id, qty, value) SELECT layer_id, move_id, 0, 1"
        " FROM inventory_layer_entry",
    ],
)
def test_raw_sql_cannot_break_layers(sql):
    come(item_costed_by("fifo"), 10, 100)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_what_single_gaps_cost_more_and_less_is_corrected_even_where_it_comes_to_nothing():
    """Eight lent at 0.125 each, four at once for 0.50 and four at 0.13, come for 1.02: a cent more, a cent less."""
    place, item = below_zero(make_warehouse()), item_costed_by("fifo")
    come(item, 8, 1, place=place)
    leave(item, 8, place=place)
    for qty in (4, 1, 1, 1, 1):
        leave(item, qty, place=place)
    assert stock(item, place) == (-8, D("-1.02"))
    come(item, 8, D("1.02"), place=place)
    assert stock(item, place) == (0, 0)
    assert not CostLayer.objects.filter(item=item).exclude(qty=0, value=0).exists()
