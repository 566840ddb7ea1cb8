"""A shipping notice on its way: it left, arrives on another day, stands at the gate, and is closed when all is settled.

Another day of arrival moves what is expected, and with it every promise that hangs on it.
"""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.kernel import audit, clock, events
from backend.kernel.actor import Actor
from backend.kernel.document import load_locked
from backend.kernel.errors import NotFoundRefused, ValidationRefused
from backend.kernel.language import in_books
from backend.logistics.models import MilestoneKind, Shipment
from backend.logistics.services import shipments
from backend.purchasing import schedule
from backend.purchasing.events import AsnMoved
from backend.purchasing.models import Asn, AsnLine, AsnOutcome, AsnState
from backend.purchasing.schedule import Plan
from backend.purchasing.services.locking import announce, lock_orders_of, lock_stock_of, store_progress
from backend.purchasing.states import ASN

UNDER_WAY = frozenset({AsnState.SUBMITTED, AsnState.IN_TRANSIT, AsnState.ARRIVED})


def load_own(asn_id: UUID, actor: Actor) -> Asn:
    """The locked notice; another supplier's does not exist."""
    notice: Asn = load_locked(Asn, asn_id)
    if actor.kind == "customer" or (actor.kind == "supplier" and notice.supplier_id != actor.party_id):
        raise NotFoundRefused(_("There is no such document."), value=asn_id)
    return notice


def dispatch_asn(
    *, asn_id: UUID, actor: Actor, at: datetime, place: str = "", note: str = "", silent: bool = False
) -> Asn:
    """The goods left; raises IllegalTransition once they have arrived. Told again it is a milestone more.

    ``silent``: the carrier has said so, no milestone is added.
    """
    with transaction.atomic():
        notice = load_own(asn_id, actor)
        if notice.state != AsnState.IN_TRANSIT:
            _step(notice, "dispatch", actor, at, note)
        if not silent:
            _milestone(notice, MilestoneKind.IN_TRANSIT, actor, at, place, note)
    return notice


def arrive_asn(*, asn_id: UUID, actor: Actor, at: datetime) -> Asn:
    """Note that the shipment stands at the gate; it is not counted yet."""
    with transaction.atomic():
        notice = load_own(asn_id, actor)
        _step(notice, "arrive", actor, at)
    return notice


def close_asn(*, asn_id: UUID, actor: Actor, at: datetime, reason: str = "") -> Asn:
    """What was counted otherwise than announced is settled; raises IllegalTransition before it was received."""
    with transaction.atomic():
        notice = load_own(asn_id, actor)
        _step(notice, "close", actor, at, reason)
    return notice


def move_asn(
    *,
    asn_id: UUID,
    expected_date: date,
    actor: Actor,
    at: datetime,
    reason: str = "",
    carrier_name: str | None = None,
    tracking_no: str | None = None,
) -> Asn:
    """Another day of arrival, carrier or number; raises ValidationRefused for a day before today or a received notice."""
    with transaction.atomic():
        notice = load_own(asn_id, actor)
        if notice.state not in UNDER_WAY:
            raise ValidationRefused(
                _("%(notice)s is not on its way any more.") % {"notice": notice},
                document=notice.number,
                field="state",
                value=notice.state,
            )
        before = notice.expected_date
        for problem in past_arrival(expected_date, clock.day_of(at), notice) if expected_date != before else ():
            raise problem
        notice.expected_date = expected_date
        notice.carrier_name = (notice.carrier_name if carrier_name is None else carrier_name).strip()[:60]
        notice.tracking_no = (notice.tracking_no if tracking_no is None else tracking_no).strip()[:60]
        notice.save(update_fields=["expected_date", "carrier_name", "tracking_no"])
        shipments.change_shipment(
            source_id=notice.pk,
            expected_date=expected_date,
            carrier_name=notice.carrier_name,
            tracking_no=notice.tracking_no,
        )
        if expected_date != before:
            _reschedule(notice, before, reason, actor, at)
        changes = {"expected_date": [before.isoformat(), expected_date.isoformat()]}
        audit.record(notice, "move", actor=actor, at=at, changes=changes, reason=reason)
        _tell(notice, actor)
    return notice


def past_arrival(expected: date, today: date, notice: Asn | None = None) -> Iterator[ValidationRefused]:
    """The refusal of a day of arrival that has passed, if it has."""
    if expected < today:
        yield ValidationRefused(
            _("Goods cannot arrive in the past."),
            document=notice.number if notice else None,
            field="expected_date",
            value=expected,
        )


def _reschedule(notice: Asn, before: date, reason: str, actor: Actor, at: datetime) -> None:
    rows = list(notice.lines.all())
    locked = lock_orders_of([row.order_line_id for row in rows])
    lock_stock_of(locked)
    for row in rows:
        plan = locked.plans[row.order_line_id]
        locked.plans[row.order_line_id] = _arriving(plan, row.qty, before, notice.expected_date)
    store_progress(locked, at)
    names = {"supplier": locked.supplier.label, "notice": notice, "date": notice.expected_date.isoformat()}
    text = in_books(lambda: _("%(supplier)s: %(notice)s arrives on %(date)s.") % names)
    words = in_books(lambda: _("Goods on their way to us arrive on another day than planned."))
    text = f"{text} ({reason})" if reason else text
    announce(locked, notice, "asn_moved", text, actor=actor, at=at, customer_reason=words)


def _arriving(plan: Plan, qty: Decimal, before: date, after: date) -> Plan:
    """So much of what was to arrive on one day arrives on another."""
    return schedule.ship(schedule.unship(plan, qty, before), qty, after)


def _step(notice: Asn, verb: str, actor: Actor, at: datetime, reason: str = "") -> None:
    before = ASN.advance(notice, verb)
    notice.save(update_fields=["state"])
    audit.record(notice, verb, actor=actor, at=at, axis="state", before=before, after=notice.state, reason=reason)
    _tell(notice, actor)


def _tell(notice: Asn, actor: Actor) -> None:
    ids = tuple(AsnLine.objects.filter(document=notice).values_list("order_line__document", flat=True).distinct())
    facts: dict[str, Any] = {"state": notice.state, "expected_date": notice.expected_date}
    events.publish(AsnMoved(notice.pk, notice.number, notice.supplier_id, ids, **facts), actor=actor)


def _milestone(notice: Asn, kind: str, actor: Actor, at: datetime, place: str, note: str) -> None:
    shipment = Shipment.objects.filter(source_id=notice.pk, delivered_at=None).values_list("pk", flat=True).first()
    if shipment:
        shipments.report_milestone(shipment_id=shipment, kind=kind, place=place, note=note, actor=actor, at=at)


def outcome_of(rows: list[AsnLine]) -> str:
    """What the count said of a whole notice: damage first, then what is missing, then what is too much."""
    if any(row.damaged_qty for row in rows):
        return AsnOutcome.DAMAGED
    if any(row.received_qty < row.qty for row in rows):
        return AsnOutcome.SHORT
    return AsnOutcome.OVER if any(row.received_qty > row.qty for row in rows) else AsnOutcome.MATCH
