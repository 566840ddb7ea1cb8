"""Shipments: made when goods leave, followed by milestones, ended by a signature or a cancellation."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.kernel import audit, events
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, NotFoundRefused, ValidationRefused
from backend.kernel.money import ZERO
from backend.logistics.events import MilestoneReported, ShipmentDelivered, ShipmentDispatched
from backend.logistics.models import Milestone, MilestoneKind, Shipment


class CannotReportMilestone(Conflict):
    code = "cannot_report_milestone"


def create_shipment(
    *,
    direction: str,
    source: Any,
    party_id: UUID,
    actor: Actor,
    at: datetime,
    carrier_id: UUID | None = None,
    carrier_name: str = "",
    tracking_no: str = "",
    packages: int = 1,
    destination: str = "",
    freight: Decimal = ZERO,
    expected_date: date | None = None,
    dispatched_at: datetime | None = None,
) -> Shipment:
    """Register goods that leave now; ``direction`` is out for a delivery, in for a supplier's notice."""
    with transaction.atomic():
        shipment = Shipment.objects.create(
            direction=direction,
            source_type=audit.type_of(source),
            source_id=source.pk,
            source_number=str(source)[:40],
            party_id=party_id,
            carrier_id=carrier_id,
            carrier_name=carrier_name.strip()[:60],
            tracking_no=tracking_no.strip()[:60],
            packages=packages,
            destination=destination[:250],
            freight=freight,
            dispatched_at=dispatched_at or at,
            expected_date=expected_date,
        )
        _write_milestone(shipment, MilestoneKind.DISPATCHED, actor, dispatched_at or at, place="", note="")
        dispatched = ShipmentDispatched(
            shipment.pk, direction, shipment.source_type, source.pk, shipment.source_number, party_id
        )
        events.publish(dispatched, actor=actor)
    return shipment


def report_milestone(
    *, shipment_id: UUID, kind: str, actor: Actor, at: datetime, place: str = "", note: str = ""
) -> Milestone:
    """Say where a shipment is. Raises CannotReportMilestone after delivery, ValidationRefused for an unknown kind."""
    if kind not in MilestoneKind.values or kind == MilestoneKind.DELIVERED:
        raise ValidationRefused(_("There is no such milestone."), field="kind", value=kind)
    with transaction.atomic():
        shipment = _load(shipment_id)
        if shipment.delivered_at and kind != MilestoneKind.DAMAGED:
            raise CannotReportMilestone(
                _("%(number)s was delivered already.") % {"number": shipment.source_number},
                document=shipment.source_number,
                field="kind",
                value=kind,
                way_out=_("Only damage can still be reported."),
            )
        made = _write_milestone(shipment, kind, actor, at, place=place, note=note)
        reported = MilestoneReported(
            shipment.pk, kind, shipment.source_type, shipment.source_id, shipment.party_id
        )
        events.publish(reported, actor=actor)
    return made


def mark_delivered(*, source_id: UUID, signed_by: str, actor: Actor, at: datetime, note: str = "") -> Shipment | None:
    """End the shipment of a document with a signature; does nothing when it has none or has ended already."""
    with transaction.atomic():
        shipment = Shipment.objects.select_for_update().filter(source_id=source_id).first()
        if shipment is None or shipment.delivered_at:
            return shipment
        shipment.delivered_at, shipment.signed_by = at, signed_by.strip()[:60]
        shipment.save(update_fields=["delivered_at", "signed_by"])
        _write_milestone(shipment, MilestoneKind.DELIVERED, actor, at, place="", note=note)
        delivered = ShipmentDelivered(
            shipment.pk,
            shipment.direction,
            shipment.source_type,
            shipment.source_id,
            shipment.source_number,
            shipment.party_id,
            shipment.signed_by,
        )
        events.publish(delivered, actor=actor)
    return shipment


def cancel_shipment(*, source_id: UUID, actor: Actor, at: datetime) -> None:
    """Forget the shipment of a document that was taken back; raises CannotReportMilestone once it was delivered."""
    with transaction.atomic():
        shipment = Shipment.objects.select_for_update().filter(source_id=source_id).first()
        if shipment is None:
            return
        if shipment.delivered_at:
            raise CannotReportMilestone(
                _("%(number)s was signed for by %(name)s: its shipment cannot be cancelled.")
                % {"number": shipment.source_number, "name": shipment.signed_by},
                document=shipment.source_number,
                way_out=_("Book a return instead."),
            )
        audit.record(shipment, "cancel", actor=actor, at=at, changes={"tracking_no": [shipment.tracking_no, ""]})
        shipment.delete()


def _load(shipment_id: UUID) -> Shipment:
    shipment = Shipment.objects.select_for_update().filter(pk=shipment_id).first()
    if shipment is None:
        raise NotFoundRefused(_("There is no such shipment."), value=shipment_id)
    return shipment


def _write_milestone(
    shipment: Shipment, kind: str, actor: Actor, at: datetime, *, place: str, note: str
) -> Milestone:
    return Milestone.objects.create(
        shipment=shipment,
        kind=kind,
        at=at,
        place=place.strip()[:100],
        note=note.strip()[:200],
        source=actor.channel,
        actor_name=actor.name,
    )
