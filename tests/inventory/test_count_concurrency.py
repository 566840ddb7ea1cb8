"""Counting, booking and shipping at the same time: nothing is lost, nothing deadlocks (INV-06)."""

from datetime import timedelta
from decimal import Decimal as D

from backend.availability.selectors.consistency import violations
from backend.inventory.models import StockMove
from backend.inventory.services import count_booking, counting, other
from backend.inventory.services.inputs import CountedInput, OtherIssueLineInput
from backend.kernel.errors import Refusal
from backend.posting.reconciliation import stock_differences
from tests.factories.catalog import make_item
from tests.factories.inventory import AT, SYSTEM, TODAY, balance_of, main_warehouse, stock_up
from tests.purchasing.test_concurrency import in_threads


def test_goods_leave_while_they_are_counted_and_booked(committed_tenant):
    items = [make_item() for _ in range(3)]
    for item in items:
        stock_up(item, 100, 1000)
    document = counting.save_count(
        doc_date=TODAY, warehouse_id=main_warehouse().pk, item_ids=[item.pk for item in items], actor=SYSTEM, at=AT
    )
    counting.start_count(document_id=document.pk, actor=SYSTEM, at=AT)
    lines = {line.item_id: line for line in document.lines.all()}

    def work(number: int) -> str:
        at = AT + timedelta(seconds=number)
        if number == 20:
            count_booking.approve_count(document_id=document.pk, actor=SYSTEM, at=at)
            return "booked"
        if number % 5 == 0 and number < 20:
            rows = [CountedInput(lines[item.pk].pk, D(90)) for item in (items if number % 2 else reversed(items))]
            counting.record_counts(document_id=document.pk, counted=rows, actor=SYSTEM, at=at)
            return "counted"
        order = items if number % 2 else list(reversed(items))
        issue = other.save_other_issue(
            doc_date=TODAY,
            warehouse_id=main_warehouse().pk,
            reason="own_use",
            lines=[OtherIssueLineInput(item.pk, D(1)) for item in order],
            actor=SYSTEM,
            at=at,
        )
        other.approve_other_issue(document_id=issue.pk, actor=SYSTEM, at=at)
        return "left"

    outcomes = in_threads(committed_tenant, 40, work)
    assert all(isinstance(outcome, str | Refusal) for outcome in outcomes)
    left = sum(1 for outcome in outcomes if outcome == "left")
    document.refresh_from_db()
    for item in items:
        line = document.lines.get(item=item)
        diff = (line.diff_qty or D(0)) if document.is_approved else D(0)
        assert balance_of(item).on_hand == 100 - left + diff
        assert StockMove.objects.filter(item=item, kind="other_issue").count() == left
    assert stock_differences() == []
    assert violations() == []
