"""INV-11: what comes late has the chain of its item valued anew, inside the open months only; figures by hand."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.db import transaction

from backend.inventory.errors import CannotReverseMoves
from backend.inventory.models import StockMove
from backend.inventory.services import calendar
from backend.inventory.services.inputs import MoveInput
from backend.inventory.services.moves import post_moves, reverse_moves
from backend.inventory.services.spreading import Difference, spread
from backend.kernel.errors import Refusal
from backend.workflow import parameters
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


def test_by_arrival_a_late_receipt_changes_which_goods_left():
    """FIFO. Day 10: 10@10, day 3: 10@15; 5 leave on day 5 (50), 10 on day 2 (5@10 and 5@15: 125).

    Late, day 8: 10@12. Day 5 still takes 5@10; day 2 takes 5@10 and 5@12: 110, 15 less. 5@12 and 10@15 lie there: 210.
    Late, day 12: 5@8 are the oldest. Day 5 takes them: 40, 10 less; day 2 takes 10@10: 100, 10 less. 10@12, 10@15: 270.
    """
    item = item_costed_by("fifo")
    come(item, 10, 100, paper=on(10))
    first = leave(item, 5, paper=on(5))
    come(item, 10, 150, paper=on(3))
    second = leave(item, 10, paper=on(2))
    assert (first.value_out, second.value_out) == (50, 125)
    late, later = on(8), on(12)

    def corrected(paper):
        rows = [row for row in moves_of(paper.pk) if row.kind == "correction"]
        return [((TODAY - row.move_date).days, row.value_in, row.value_out) for row in rows]

    come(item, 10, 120, paper=late)
    assert corrected(late) == [(2, 15, 0)]
    assert (balance_of(item).on_hand, balance_of(item).value) == (15, 210)
    come(item, 5, 40, paper=later)
    assert corrected(later) == [(5, 10, 0), (2, 10, 0)]
    assert [worth_on(item, days) for days in (12, 10, 8, 5, 3, 2)] == [
        (5, 40),
        (15, 140),
        (25, 260),
        (20, 220),
        (30, 370),
        (20, 270),
    ]
    with refuses(CannotReverseMoves):
        reverse_moves(document=late, actor=SYSTEM, at=AT)  # its goods stand in for those of day 10 no longer
    reverse_moves(document=later, actor=SYSTEM, at=AT)
    reverse_moves(document=late, actor=SYSTEM, at=AT)
    assert (balance_of(item).on_hand, balance_of(item).value) == (5, 75)
    assert leave(item, 5).value_out == 75


def test_by_arrival_a_late_issue_takes_what_lay_there_on_its_day():
    """Day 10: 10@10, day 4: 10@20, 10 left on day 2 for 100. Late, day 6: 5 leave for 50; day 2 pays 5@10, 5@20: 150."""
    item = item_costed_by("fifo")
    come(item, 10, 100, paper=on(10))
    come(item, 10, 200, paper=on(4))
    leave(item, 10, paper=on(2))
    late = move(item, qty_out=5, paper=on(6))
    assert [(row.kind, row.value_in, row.value_out) for row in late] == [
        ("sales_delivery", 0, 100),
        ("correction", 50, 0),
        ("correction", 0, 50),
    ]
    assert (balance_of(item).on_hand, balance_of(item).value) == (5, 100)


def test_by_arrival_a_difference_told_once_is_not_told_again():
    """Half of 10@10 left; the invoice says 12: 10 to cost of sales, 10 to stock. Late goods that no issue takes change nothing."""
    item = item_costed_by("fifo")
    came = come(item, 10, 100, paper=on(10))
    leave(item, 5, paper=on(5))
    split = spread(
        [Difference(item.pk, main_warehouse().pk, D(20), D(10), (came.pk,))], document=on(4), actor=SYSTEM, at=AT
    )
    assert split.sold == 10
    come(item, 10, 90, paper=on(8))
    assert not StockMove.objects.filter(item=item, kind="correction").exists()
    assert leave(item, 5).value_out == 60
    lot_costed = item_costed_by("specific")
    come(lot_costed, 10, 100, paper=on(10))
    leave(lot_costed, 5, paper=on(2))
    come(lot_costed, 10, 120, paper=on(12))
    assert not StockMove.objects.filter(item=lot_costed, kind="correction").exists()


@pytest.mark.parametrize(("method", "statements"), [("moving_avg", 7), ("fifo", 12)])
def test_late_documents_cost_a_few_statements_and_a_voucher_more(django_assert_num_queries, method, statements):
    """Late, before all: 10@5. By arrival days 20 to 17 take them, 3, 3, 3 and 1; all others
    take other goods at the same price: a row of value 0."""
    item = item_costed_by(method)
    for days in range(20, 0, -1):
        come(item, 10, 100, paper=on(days))
        leave(item, 3, paper=on(days))
    given = MoveInput("purchase_receipt", item.pk, main_warehouse().pk, qty_in=D(10), value_in=D(50))
    paper = on(25)
    parameters.get("inventory.count_limit")  # kept by the company
    with transaction.atomic(), django_assert_num_queries(statements):
        post_moves([given], document=paper, actor=SYSTEM, at=AT)
    days = [row.move_date for row in moves_of(paper.pk)[1:]]
    assert len(days) == len(set(days)) == 20
    if method == "fifo":
        assert [row.value_in for row in moves_of(paper.pk)[1:]] == [15, 15, 15, 5] + [0] * 16
