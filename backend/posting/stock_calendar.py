"""A month that is closed for the books is closed for stock, too."""

from django.db.models import Max

from backend.accounting.events import PeriodClosed, PeriodReopened
from backend.accounting.models import Period, PeriodState
from backend.inventory.services import calendar
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe


@subscribe(PeriodClosed, when="now")
def close_stock(event: PeriodClosed, actor: Actor) -> None:
    """Nothing is dated in the month any more."""
    _follow()


@subscribe(PeriodReopened, when="now")
def reopen_stock(event: PeriodReopened, actor: Actor) -> None:
    """The month takes moves again."""
    _follow()


def _follow() -> None:
    last = Period.objects.filter(state=PeriodState.CLOSED).aggregate(last=Max("end_date"))["last"]
    calendar.close_through(last)
