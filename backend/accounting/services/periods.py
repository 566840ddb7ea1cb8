"""Months of the books: made when needed, closed after a checklist, reopened with a reason.

Invariants: months follow each other without a gap; they are closed in order and reopened from the last;
a closed month takes no voucher by any path (the database refuses it).
"""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.access.models import Member
from backend.accounting import checks
from backend.accounting.events import PeriodClosed, PeriodReopened
from backend.accounting.models import Period, PeriodState
from backend.accounting.seeds import months_between
from backend.kernel import audit, events
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, NotFoundRefused, ValidationRefused

CLOSE = "accounting.period.close"


class CannotClosePeriod(Conflict):
    """Something of the checklist blocks it."""

    code = "cannot_close_period"


class CannotReopenPeriod(Conflict):
    """A later month is closed, or the same person closed it."""

    code = "cannot_reopen_period"


def ensure_period(day: date) -> Period:
    """The month of a day; missing months up to it are made. Before the first month only while that is open."""
    found = Period.objects.filter(start_date__lte=day, end_date__gte=day).first()
    if found:
        return found
    first, last = Period.objects.order_by("start_date").first(), Period.objects.order_by("start_date").last()
    if first is None or last is None:
        made = list(months_between(day, day))
    elif day > last.end_date:
        made = list(months_between(last.end_date + timedelta(days=1), day))
    elif first.is_open:
        made = list(months_between(day, first.start_date - timedelta(days=1)))
    else:
        raise Conflict(
            _("The books begin in %(period)s.") % {"period": first.code},
            code="before_the_books",
            field="date",
            value=day,
            way_out=_("Use a later date."),
        )
    Period.objects.bulk_create(made, ignore_conflicts=True)
    return Period.objects.get(start_date__lte=day, end_date__gte=day)


def close_period(*, period_id: UUID, actor: Actor, at: datetime) -> Period:
    """Close a month; waits for vouchers under way, then runs the checklist; raises CannotClosePeriod."""
    actor.require(CLOSE)
    with transaction.atomic():
        period = _locked(period_id)
        if not period.is_open:
            raise CannotClosePeriod(
                _("Period %(period)s is closed already.") % {"period": period}, document=period.code
            )
        blocking = [result for result in checks.run(period) if result.blocks and result.count]
        if blocking:
            raise CannotClosePeriod.many(_blocked(period, result) for result in blocking)
        period.state, period.closed_at = PeriodState.CLOSED, at
        period.closed_by_id, period.closed_by_name = actor.member_id, actor.name
        period.save(update_fields=["state", "closed_at", "closed_by_id", "closed_by_name"])
        audit.record(period, "close", actor=actor, at=at, axis="state", before="open", after="closed")
        events.publish(PeriodClosed(aggregate_id=period.pk, code=period.code), actor=actor)
    return period


def _blocked(period: Period, result: checks.CheckResult) -> CannotClosePeriod:
    return CannotClosePeriod(
        f"{result.title}: {result.detail}" if result.detail else str(result.title),
        document=period.code,
        field=result.code,
        value=result.count,
        way_out=result.way_out or None,
    )


def reopen_period(*, period_id: UUID, reason: str, actor: Actor, at: datetime) -> Period:
    """Open the last closed month again. Whoever closed it does not reopen it, where another person may."""
    actor.require(CLOSE)
    if not reason.strip():
        raise ValidationRefused(_("Say why the period is reopened."), field="reason", value="")
    with transaction.atomic():
        period = _locked(period_id)
        if period.is_open:
            raise CannotReopenPeriod(_("Period %(period)s is open.") % {"period": period}, document=period.code)
        later = Period.objects.filter(start_date__gt=period.start_date, state=PeriodState.CLOSED).last()
        if later:
            raise CannotReopenPeriod(
                _("Period %(later)s after it is closed.") % {"later": later},
                document=period.code,
                way_out=_("Reopen %(later)s first.") % {"later": later},
            )
        _refuse_same_person(period, actor)
        period.state, period.closed_at = PeriodState.OPEN, None
        period.save(update_fields=["state", "closed_at"])
        audit.record(period, "reopen", actor=actor, at=at, axis="state", before="closed", after="open", reason=reason)
        events.publish(PeriodReopened(aggregate_id=period.pk, code=period.code, reason=reason), actor=actor)
    return period


def _refuse_same_person(period: Period, actor: Actor) -> None:
    if actor.member_id is None or actor.member_id != period.closed_by_id:
        return
    others = Member.objects.filter(kind="staff", active=True).exclude(pk=actor.member_id).prefetch_related("roles")
    able = next((other for other in others if _may_close(other)), None)
    if able:
        raise CannotReopenPeriod(
            _("You closed %(period)s yourself; another person reopens it.") % {"period": period},
            document=period.code,
            code="four_eyes",
            way_out=_("Ask %(name)s.") % {"name": able.name},
        )


def _may_close(member: Member) -> bool:
    from backend.access.permissions import rights_of

    return any({"*", CLOSE} & rights_of(role) for role in member.roles.all())


def _locked(period_id: UUID) -> Period:
    period = Period.objects.select_for_update().filter(pk=period_id).first()
    if period is None:
        raise NotFoundRefused(_("There is no such period."), value=period_id)
    return period
