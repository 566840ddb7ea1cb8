"""INV-11, FIN-24: a month that is closed is closed for stock, and is costed before."""

from datetime import date

import pytest

from backend.accounting.models import Period
from backend.accounting.services import periods
from backend.inventory.errors import CannotBackdateStock
from backend.inventory.models import StockMove
from backend.inventory.services import calendar
from backend.inventory.services.costing_runs import run_costing
from backend.kernel.errors import Refusal
from backend.posting import reconciliation
from tests.factories.accounting import AT, make_party
from tests.factories.availability import Paper
from tests.factories.costing import come, item_costed_by, leave
from tests.factories.inventory import refuses
from tests.factories.invoicing import ROBOT, deliver, receive

pytestmark = pytest.mark.usefixtures("tenant")
OCTOBER, DAY = date(2026, 10, 1), date(2026, 10, 20)


@pytest.fixture
def october():
    return periods.ensure_period(OCTOBER)


def close(period: Period) -> None:
    for early in Period.objects.filter(end_date__lt=period.start_date, state="open").order_by("start_date"):
        periods.close_period(period_id=early.pk, actor=ROBOT, at=AT)
    periods.close_period(period_id=period.pk, actor=ROBOT, at=AT)


def test_a_late_receipt_never_changes_a_closed_month(october):
    item, supplier = item_costed_by("moving_avg"), make_party(supplier=True)
    receive(supplier, [(item, 10, 10)], day=DAY)
    close(october)
    assert calendar.closed_through() == date(2026, 10, 31)
    before = list(StockMove.objects.order_by("id").values())
    with refuses(CannotBackdateStock):
        receive(supplier, [(item, 10, 12)], day=DAY)
    assert list(StockMove.objects.order_by("id").values()) == before
    periods.reopen_period(period_id=october.pk, reason="late paper", actor=ROBOT, at=AT)
    receive(supplier, [(item, 10, 12)], day=DAY)
    assert reconciliation.all_differences() == []


def test_a_month_is_not_closed_before_it_is_costed(october):
    item, supplier = item_costed_by("month_avg"), make_party(supplier=True)
    receive(supplier, [(item, 10, 10)], day=DAY)
    deliver(make_party(customer=True), [(item, 5, 30)], day=DAY)
    receive(supplier, [(item, 10, 20)], day=DAY)
    with refuses(Refusal) as refused:
        close(october)
    assert [problem.field for problem in refused.value.problems] == ["month_costed"]
    assert run_costing(month=OCTOBER, actor=ROBOT, at=AT).difference == 25
    assert reconciliation.all_differences() == []
    close(october)


def test_late_documents_are_booked_with_their_corrections():
    """The books follow: cost of sales carries what the deliveries after the late receipt cost more."""
    item, supplier = item_costed_by("moving_avg"), make_party(supplier=True)
    receive(supplier, [(item, 10, 10)], day=date(2026, 11, 2))
    deliver(make_party(customer=True), [(item, 10, 30)], day=date(2026, 11, 10))
    receive(supplier, [(item, 10, 16)], day=date(2026, 11, 12))
    late = receive(supplier, [(item, 10, 12)], day=date(2026, 11, 5))
    assert StockMove.objects.get(doc_id=late.pk, kind="correction").value_out == 10
    assert reconciliation.all_differences() == []


def test_papers_without_a_voucher_are_refused_in_closed_months_too(october):
    item = item_costed_by("moving_avg")
    close(october)
    for do, values in ((come, (1, 0)), (leave, (0,))):
        with refuses(CannotBackdateStock):
            do(item, *values, paper=Paper(doc_date=DAY))
