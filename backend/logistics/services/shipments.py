"""Shipments: one for each document under way, with milestones in the order they were reported."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.kernel import audit, clock, events
from backend.kernel.actor import Actor
from backend.kernel.audit import type_of
from backend.kernel.errors import Conflict, NotFoundRefused, ValidationRefused
from backend.kernel.prepared import Prepared
from backend.logistics.events import MilestoneReported, ShipmentDelivered, ShipmentDispatched
from backend.logistics.models import Milestone, MilestoneKind, Shipment
from backend.parties.models import Party


@dataclass(frozen=True)
class ShipmentData:
    """What is known when goods set off. Without an expected date the carrier's usual days are added."""

    carrier_id: UUID | None = None
    carrier_name: str = ""
    tracking_no: str = ""
    packages: int = 1
    destination: str = ""
    freight: Decimal = Decimal(0)
    expected_date: date | None = None


_of_source = Prepared(lambda source: Shipment.objects.select_for_update(of=("self",)).filter(source_id=source))


def create_shipment(
    *,
    source: Any,
    direction: str,
    party_id: UUID,
    data: ShipmentData,
    actor: Actor,
    at: datetime,
    before: Sequence[str] = (),
) -> Shipment:
    """Let the goods of a document set off. A document has one shipment: asked again, it gets the new data.

    ``before`` are milestones that the goods have passed by setting off, where nobody has reported them.
    """
    with transaction.atomic(savepoint=False):
        shipment = _of_source.first(source.pk)
        is_new = shipment is None
        if shipment is None:
            shipment = Shipment(source_id=source.pk, source_type=type_of(source), source_number=str(source)[:40])
        carrier = _carrier(data.carrier_id)
        shipment.direction, shipment.party_id = direction, party_id
        shipment.carrier = carrier
        shipment.carrier_name = carrier.label if carrier else data.carrier_name.strip()[:60]
        shipment.tracking_no = data.tracking_no.strip()[:60]
        shipment.packages, shipment.freight = max(data.packages, 1), data.freight
        shipment.destination = data.destination[:250]
        shipment.expected_date = data.expected_date or _usual_arrival(carrier, at)
        shipment.dispatched_at, shipment.delivered_at, shipment.signed_by = at, None, ""
        shipment.save(force_insert=is_new)
        known = set() if is_new or not before else set(shipment.milestones.values_list("kind", flat=True))
        passed = [kind for kind in before if kind not in known]
        Milestone.objects.bulk_create(
            _milestone(shipment, kind, actor, at) for kind in (*passed, MilestoneKind.DISPATCHED)
        )
        set_off = ShipmentDispatched(**_facts(shipment), expected_date=shipment.expected_date)
        events.publish(set_off, actor=actor)
    return shipment


def prepare_shipment(*, source: Any, direction: str, party_id: UUID) -> Shipment:
    """The shipment of a document whose goods are still here, so that milestones before they set off have their place."""
    with transaction.atomic(savepoint=False):
        shipment = _of_source.first(source.pk)
        if shipment is None:
            shipment = Shipment.objects.create(
                source_id=source.pk,
                source_type=type_of(source),
                source_number=str(source)[:40],
                direction=direction,
                party_id=party_id,
            )
    return shipment


def _carrier(carrier_id: UUID | None) -> Party | None:
    found = Party.objects.select_related("carrier").filter(is_carrier=True)
    return found.filter(pk=carrier_id).first() if carrier_id else None


def _usual_arrival(carrier: Party | None, at: datetime) -> date | None:
    return clock.day_of(at) + timedelta(days=carrier.carrier.days) if carrier else None


def report_milestone(
    *, shipment_id: UUID, kind: str, actor: Actor, at: datetime, place: str = "", note: str = ""
) -> Milestone:
    """Report where the goods are; ``delivered`` ends the way."""
    if kind not in MilestoneKind.values:
        raise ValidationRefused(_("There is no such milestone: %(kind)s.") % {"kind": kind}, field="kind", value=kind)
    with transaction.atomic():
        shipment = _load(pk=shipment_id)
        if shipment.delivered_at and kind != MilestoneKind.DAMAGED:
            raise Conflict(
                _("The goods of %(number)s have arrived already.") % {"number": shipment.source_number},
                code="already_delivered",
                document=shipment.source_number,
                field="kind",
                value=kind,
            )
        made = _milestone(shipment, kind, actor, at, place=place, note=note)
        made.save(force_insert=True)
        events.publish(MilestoneReported(**_facts(shipment), kind=kind), actor=actor)
        if kind == MilestoneKind.DELIVERED:
            _arrive(shipment, "", actor, at)
    return made


_DELIVER = """
WITH here AS (
    UPDATE logistics_shipment SET delivered_at = %s, signed_by = %s
    WHERE source_id = %s AND delivered_at IS NULL RETURNING *
), told AS (
    INSERT INTO logistics_milestone (shipment_id, kind, at, place, note, source, actor_name)
    SELECT id, %s, delivered_at, '', %s, %s, %s FROM here
)
SELECT * FROM here
"""


def mark_delivered(*, source_id: UUID, signed_by: str, actor: Actor, at: datetime, note: str = "") -> Shipment | None:
    """The goods of a document arrived; None when it has no shipment. Doing it twice changes nothing."""
    with transaction.atomic(savepoint=False):
        now = [at, signed_by[:60], source_id, MilestoneKind.DELIVERED, note.strip()[:200], actor.channel, actor.name]
        shipment = next(iter(Shipment.objects.raw(_DELIVER, now)), None)
        if shipment is not None:
            events.publish(ShipmentDelivered(**_facts(shipment), signed_by=shipment.signed_by), actor=actor)
            return shipment
    return Shipment.objects.filter(source_id=source_id).first()


def take_back_delivery(*, source_id: UUID, at: datetime) -> None:
    """What was delivered at that moment was not: it is under way again. A delivery told at another moment stands."""
    with transaction.atomic(savepoint=False):
        found = Shipment.objects.filter(source_id=source_id, delivered_at=at)
        Milestone.objects.filter(shipment__in=found, kind=MilestoneKind.DELIVERED, at=at).delete()
        found.update(delivered_at=None, signed_by="")


def change_shipment(*, source_id: UUID, expected_date: date, carrier_name: str, tracking_no: str) -> None:
    """Goods under way arrive on another day, with another carrier or number; nothing when there is no shipment."""
    Shipment.objects.filter(source_id=source_id, delivered_at=None).update(
        expected_date=expected_date, carrier_name=carrier_name[:60], tracking_no=tracking_no[:60]
    )


def cancel_shipment(*, source_id: UUID) -> None:
    """Forget the shipment of a document that was taken back before it arrived."""
    Shipment.objects.filter(source_id=source_id, delivered_at=None).delete()


def _arrive(shipment: Shipment, signed_by: str, actor: Actor, at: datetime) -> None:
    shipment.delivered_at, shipment.signed_by = at, signed_by[:60]
    shipment.save(update_fields=["delivered_at", "signed_by"])
    events.publish(ShipmentDelivered(**_facts(shipment), signed_by=shipment.signed_by), actor=actor)


def _load(**key: Any) -> Shipment:
    shipment = Shipment.objects.select_for_update(of=("self",)).filter(**key).first()
    if shipment is None:
        raise NotFoundRefused(_("There is no such shipment."), value=next(iter(key.values())))
    return shipment


def _milestone(
    shipment: Shipment, kind: str, actor: Actor, at: datetime, *, place: str = "", note: str = ""
) -> Milestone:
    return Milestone(
        shipment=shipment,
        kind=kind,
        at=at,
        place=place.strip()[:100],
        note=note.strip()[:200],
        source=actor.channel,
        actor_name=actor.name,
    )


def _facts(shipment: Shipment) -> dict[str, Any]:
    return {
        "aggregate_id": shipment.pk,
        "direction": shipment.direction,
        "source_type": shipment.source_type,
        "source_id": shipment.source_id,
        "source_number": shipment.source_number,
        "party_id": shipment.party_id,
    }


def set_route(*, source_id: UUID, from_region: str, to_region: str, pieces: Decimal, quoted: Decimal | None) -> None:
    """Note which way the goods of a document go and what the lane says it costs; once they are on their way."""
    Shipment.objects.filter(source_id=source_id).update(
        from_region=from_region[:40], to_region=to_region[:40], pieces=pieces, quoted_freight=quoted
    )


def charge_freight(*, shipment_id: UUID, freight: Decimal, actor: Actor, at: datetime) -> Shipment:
    """What the carrier charged for the shipment (SCM-10)."""
    if freight < 0 or freight != round(freight, 2):
        raise ValidationRefused(_("Freight is an amount in whole cents."), field="freight", value=freight)
    with transaction.atomic():
        shipment = _load(pk=shipment_id)
        before, shipment.freight = shipment.freight, freight
        shipment.save(update_fields=["freight"])
        audit.record(shipment, "charge", actor=actor, at=at, changes={"freight": [str(before), str(freight)]})
    return shipment
