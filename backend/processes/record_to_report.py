"""Record to report: what finance learns when a month is closed or opened again."""

from django.utils import timezone

from backend.accounting.events import PeriodClosed, PeriodReopened
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.processes import addresses
from backend.workflow.services import notify

READERS = "accounting.period.close"


@subscribe(PeriodClosed, when="after_commit")
def tell_of_closed_month(event: PeriodClosed, actor: Actor) -> None:
    """No voucher goes into that month any more."""
    _tell("accounting.period_closed", event, actor, reason="")


@subscribe(PeriodReopened, when="after_commit")
def tell_of_reopened_month(event: PeriodReopened, actor: Actor) -> None:
    """The month takes vouchers again: reports of it may change."""
    _tell("accounting.period_reopened", event, actor, reason=event.reason)


def _tell(kind: str, event: PeriodClosed | PeriodReopened, actor: Actor, *, reason: str) -> None:
    notify(
        kind=kind,
        params={"code": event.code, "by": actor.name, "reason": reason},
        url=addresses.PERIODS,
        dedupe_key=f"{kind}:{event.code}:{timezone.now():%Y%m%d%H%M}",
        permission=READERS,
        mail=False,
        actor=actor,
        at=timezone.now(),
    )
