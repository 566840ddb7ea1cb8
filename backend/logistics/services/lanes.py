"""Lanes: saved, suspended, taken up again; what a way costs and how long it takes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.kernel import audit, clock, events
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, NotFoundRefused, Refusal, StaleVersion, ValidationRefused
from backend.logistics.events import LaneChanged
from backend.logistics.models import Lane
from backend.parties.models import Party

COSTS = ("base_cost", "cost_per_kg", "cost_per_piece")


@dataclass(frozen=True)
class LaneData:
    """A lane as keyed."""

    carrier_id: UUID
    from_region: str
    to_region: str
    days: int = 1
    base_cost: Decimal = Decimal(0)
    cost_per_kg: Decimal = Decimal(0)
    cost_per_piece: Decimal = Decimal(0)


def save_lane(
    *, data: LaneData, actor: Actor, at: datetime, lane_id: UUID | None = None, version: int | None = None
) -> Lane:
    """Write a lane; suppliers' days follow it at once (SCM-02). Raises ValidationRefused, Conflict."""
    with transaction.atomic():
        lane = _locked(lane_id) if lane_id else Lane()
        if lane_id and version is not None and version != lane.version:
            raise StaleVersion(_("Somebody else changed the lane in the meantime."), field="version", value=version)
        _check(data, lane)
        before = {} if not lane_id else {"days": str(lane.days), **{name: str(getattr(lane, name)) for name in COSTS}}
        lane.carrier_id, lane.days = data.carrier_id, data.days
        lane.from_region, lane.to_region = data.from_region.strip()[:40], data.to_region.strip()[:40]
        lane.base_cost, lane.cost_per_kg, lane.cost_per_piece = data.base_cost, data.cost_per_kg, data.cost_per_piece
        lane.updated_at = at
        lane.version += 1 if lane_id else 0
        lane.save(force_insert=not lane_id)
        after = {"days": str(lane.days), **{name: str(getattr(lane, name)) for name in COSTS}}
        changes = audit.changed_fields(before, after) if before else {}
        audit.record(lane, "change" if lane_id else "create", actor=actor, at=at, changes=changes)
        events.publish(_event(lane), actor=actor)
    return lane


def _check(data: LaneData, lane: Lane) -> None:
    problems: list[Refusal] = []
    if not Party.objects.filter(pk=data.carrier_id, is_carrier=True).exists():
        problems.append(ValidationRefused(_("Choose a carrier."), field="carrier_id", value=data.carrier_id))
    for name in ("from_region", "to_region"):
        if not getattr(data, name).strip():
            problems.append(ValidationRefused(_("Name the region."), field=name))
    if not 0 <= data.days <= 365:
        problems.append(ValidationRefused(_("Between 0 and 365 days."), field="days", value=data.days))
    for name in COSTS:
        if getattr(data, name) < 0:
            problems.append(ValidationRefused(_("A cost is not negative."), field=name, value=getattr(data, name)))
    same = Lane.objects.filter(
        carrier_id=data.carrier_id, from_region=data.from_region.strip(), to_region=data.to_region.strip()
    )
    if same.exclude(pk=lane.pk).exists():
        problems.append(Conflict(_("This carrier has that lane already."), code="lane_known", field="to_region"))
    if problems:
        raise Refusal.many(problems) if len(problems) > 1 else problems[0]


def suspend_lane(*, lane_id: UUID, reason: str, actor: Actor, at: datetime) -> Lane:
    """Send nothing more over it: the next best carrier takes its place."""
    if not reason.strip():
        raise ValidationRefused(_("Say why."), field="reason")
    with transaction.atomic():
        lane = _locked(lane_id)
        if not lane.is_open:
            raise Conflict(_("The lane is suspended already."), code="lane_suspended", field="suspended_on")
        lane.suspended_on, lane.suspended_reason = clock.day_of(at), reason.strip()[:200]
        _store(lane, "suspend", actor, at, lane.suspended_reason)
    return lane


def resume_lane(*, lane_id: UUID, actor: Actor, at: datetime) -> Lane:
    """Use it again."""
    with transaction.atomic():
        lane = _locked(lane_id)
        if lane.is_open:
            raise Conflict(_("The lane is in use."), code="lane_open", field="suspended_on")
        lane.suspended_on, lane.suspended_reason = None, ""
        _store(lane, "resume", actor, at, "")
    return lane


def _store(lane: Lane, verb: str, actor: Actor, at: datetime, reason: str) -> None:
    lane.version += 1
    lane.updated_at = at
    lane.save()
    audit.record(lane, verb, actor=actor, at=at, reason=reason)
    events.publish(_event(lane), actor=actor)


def _locked(lane_id: UUID) -> Lane:
    found = Lane.objects.select_for_update(of=("self",)).filter(pk=lane_id).first()
    if found is None:
        raise NotFoundRefused(_("There is no such lane."), value=lane_id)
    return found


def _event(lane: Lane) -> LaneChanged:
    return LaneChanged(lane.pk, from_region=lane.from_region, to_region=lane.to_region, days=lane.days)


def best(lanes: Iterable[Lane], from_region: str, to_region: str) -> Lane | None:
    """The lane in use that is quickest between two regions, then cheapest."""
    found = [lane for lane in lanes if lane.is_open and (lane.from_region, lane.to_region) == (from_region, to_region)]
    return min(found, key=lambda lane: (lane.days, lane.base_cost, str(lane.pk)), default=None)
