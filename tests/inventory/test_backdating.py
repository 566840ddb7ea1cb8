"""INV-11: what comes late has the chain of its item valued anew, inside the open months only; figures by hand."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.db import transaction

from backend.inventory.models import StockMove
from backend.inventory.services import calendar
from backend.inventory.services.inputs import MoveInput
from backend.inventory.services.moves import post_moves, reverse_moves
from backend.kernel.errors import Refusal
from tests.factories.availability import Paper
from tests.factories.catalog import make_item
from tests.factories.costing import come, item_costed_by, leave, move
from tests.factories.inventory import AT, SYSTEM, TODAY, balance_of, main_warehouse, moves_of, refuses

pytestmark = pytest.mark.usefixtures("tenant")


def on(days: int) -> Paper:
    """A paper dated so many days before today."""
    return Paper(doc_date=TODAY - timedelta(days=days))


def worth_on(item, days):
    rows = StockMove.objects.filter(item=item, move_date__lte=TODAY - timedelta(days=days))
    return (
        sum((row.qty_in - row.qty_out for row in rows), D(0)),
        sum((row.value_in - row.value_out for row in rows), D(0)),
    )


def test_a_late_receipt_changes_what_left_after_it():
    """Day 10: 10@10. Day 5: 10 leave, 5 come@16 on day 3. Late, day 8: 10@12 → the average was 11: 110, not 100."""
    item = make_item()
    come(item, 10, 100, paper=on(10))
    assert leave(item, 10, paper=on(5)).value_out == 100
    come(item, 5, 80, paper=on(3))
    late = on(8)
    rows = move(item, qty_in=10, value_in=120, paper=late)
    assert [(row.kind, row.move_date, row.value_in, row.value_out) for row in rows] == [
        ("purchase_receipt", TODAY - timedelta(days=8), 120, 0),
        ("correction", TODAY - timedelta(days=5), 0, 10),
    ]
    assert (balance_of(item).on_hand, balance_of(item).value) == (15, 190)
    assert [worth_on(item, days) for days in (10, 8, 5, 3)] == [(10, 100), (20, 220), (10, 110), (15, 190)]
    reverse_moves(document=late, actor=SYSTEM, at=AT)
    assert (balance_of(item).on_hand, balance_of(item).value) == (5, 80)


def test_what_is_late_twice_is_right_once():
    item = make_item()
    come(item, 10, 100, paper=on(10))
    leave(item, 5, paper=on(4))
    leave(item, 5, paper=on(2))
    come(item, 10, 120, paper=on(8))
    come(item, 20, 300, paper=on(6))
    # 40 for 520 are 13 a piece: 65 and 65 left, in place of 50 and 50
    assert (balance_of(item).on_hand, balance_of(item).value) == (30, 390)
    corrected = StockMove.objects.filter(item=item, kind="correction")
    assert sum(row.value_out - row.value_in for row in corrected) == 30
    assert worth_on(item, 4) == (35, 455)


def test_a_late_issue_leaves_at_the_average_of_its_day():
    item = make_item()
    come(item, 10, 100, paper=on(10))
    come(item, 10, 200, paper=on(2))
    late = move(item, qty_out=4, paper=on(5))
    assert sum(row.value_out - row.value_in for row in late) == 40
    assert (balance_of(item).on_hand, balance_of(item).value) == (16, 260)


def test_nothing_comes_late_into_a_closed_month():
    item = make_item()
    come(item, 10, 100, paper=on(10))
    leave(item, 5, paper=on(1))
    before = list(StockMove.objects.order_by("id").values())
    calendar.close_through(TODAY - timedelta(days=5))
    with refuses(Refusal) as refused:
        come(item, 10, 120, paper=on(8))
    assert refused.value.way_out
    assert list(StockMove.objects.order_by("id").values()) == before
    come(item, 10, 120, paper=on(4))
    assert all(row.move_date > TODAY - timedelta(days=5) for row in StockMove.objects.filter(kind="correction"))


def test_layers_keep_what_was_issued():
    item = item_costed_by("fifo")
    come(item, 10, 100, paper=on(10))
    leave(item, 5, paper=on(2))
    come(item, 10, 120, paper=on(12))
    assert not StockMove.objects.filter(kind="correction").exists()
    assert leave(item, 11).value_out == 120 + 10


def test_late_documents_cost_two_statements_and_a_voucher_more(django_assert_num_queries):
    item = make_item()
    for days in range(20, 0, -1):
        come(item, 10, 100, paper=on(days))
        leave(item, 3, paper=on(days))
    given = MoveInput("purchase_receipt", item.pk, main_warehouse().pk, qty_in=D(10), value_in=D(50))
    paper = on(15)
    with transaction.atomic(), django_assert_num_queries(8):
        post_moves([given], document=paper, actor=SYSTEM, at=AT)
    days = [row.move_date for row in moves_of(paper.pk)[1:]]
    assert len(days) == len(set(days)) == 14
