"""INV-10, ACCOUNTING row 9: issues of a month at the average of the whole month, by one run; figures by hand."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from backend.accounting.models import Voucher
from backend.inventory.errors import CannotRunCosting
from backend.inventory.models import StockMove
from backend.inventory.services import calendar
from backend.inventory.services.costing_runs import run_costing
from tests.factories.accounting import balance
from tests.factories.availability import Paper
from tests.factories.costing import come, item_costed_by, leave
from tests.factories.inventory import AT, SYSTEM, TODAY, balance_of, make_warehouse, refuses

pytestmark = pytest.mark.usefixtures("tenant")
MONTH = date(2026, 11, 1)


def on(day: int, month: int = 11) -> Paper:
    return Paper(doc_date=date(2026, month, day))


def run(month=MONTH):
    return run_costing(month=month, actor=SYSTEM, at=AT)


def test_the_month_has_one_average_wherever_its_issues_lie():
    """10@10 before, 6 leave at 10 = 60; 30@14 come; 4 leave at 460/34. The month: 40 for 520 = 13: 10 leave for 130."""
    item = item_costed_by("month_avg")
    come(item, 10, 100, paper=on(20, 10))
    assert leave(item, 6, paper=on(3)).value_out == 60
    come(item, 30, 420, paper=on(10))
    second = leave(item, 4, paper=on(15)).value_out
    assert second == Decimal("54.12")
    made = run()
    assert (made.item_count, made.issue_count) == (1, 2)
    assert made.difference == 130 - 60 - second
    assert (balance_of(item).on_hand, balance_of(item).value) == (30, 390)
    correction = StockMove.objects.get(kind="correction", item=item)
    assert (correction.move_date, correction.doc_number) == (TODAY, made.number)
    voucher = Voucher.objects.get(source_id=made.pk)
    assert voucher.total == made.difference
    assert {line.account.roles.first().role: line.debit - line.credit for line in voucher.lines.all()} == {
        "cogs": made.difference,
        "inventory": -made.difference,
    }


def test_a_second_run_changes_nothing_and_one_after_more_moves_corrects_the_rest():
    item = item_costed_by("month_avg")
    come(item, 10, 100, paper=on(2))
    leave(item, 5, paper=on(3))
    come(item, 10, 200, paper=on(4))
    assert run().difference == 25
    assert run().difference == 0
    come(item, 10, 300, paper=on(5))
    assert run().difference == 25
    assert (balance_of(item).on_hand, balance_of(item).value) == (25, 500)
    assert balance("cogs") == 50


def test_all_items_and_warehouses_in_one_pass(django_assert_max_num_queries):
    items = [item_costed_by("month_avg") for _ in range(12)]
    other = make_warehouse()
    for item in items:
        come(item, 10, 100, paper=on(2))
        leave(item, 5, paper=on(3))
        come(item, 10, 200, paper=on(4))
        come(item, 3, 30, paper=on(4), place=other)
    with django_assert_max_num_queries(18):
        made = run()
    assert (made.item_count, made.difference) == (12, 300)


def test_what_is_used_up_takes_all_of_its_value():
    item = item_costed_by("month_avg")
    come(item, 3, 10, paper=on(2))
    leave(item, 3, paper=on(3))
    assert run().difference == 0
    assert (balance_of(item).on_hand, balance_of(item).value) == (0, 0)


def test_a_closed_month_and_one_to_come_are_refused():
    with refuses(CannotRunCosting):
        run(date(2026, 12, 1))
    calendar.close_through(TODAY + timedelta(days=20))
    with refuses(CannotRunCosting, "closed") as refused:
        run()
    assert refused.value.way_out
