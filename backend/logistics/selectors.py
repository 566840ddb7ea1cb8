"""Reading shipments."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from backend.logistics.models import Shipment


def shipments() -> QuerySet[Shipment]:
    """All shipments with their carrier and milestones, newest first."""
    return (
        Shipment.objects.select_related("carrier", "party").prefetch_related("milestones").order_by("-dispatched_at")
    )


def shipment_of(source_id: UUID) -> Shipment | None:
    """The shipment of a document, when it has one."""
    return shipments().filter(source_id=source_id).first()


def shipments_of(source_ids: Iterable[UUID]) -> dict[UUID, Shipment]:
    """Shipments by document."""
    return {shipment.source_id: shipment for shipment in shipments().filter(source_id__in=list(source_ids))}


def carrier_label(shipment: Shipment) -> str:
    """Who carries it, as a name."""
    return shipment.carrier.label if shipment.carrier else shipment.carrier_name


def tracking_url(shipment: Shipment) -> str:
    """The carrier's page of the parcel; empty when the carrier has none on file."""
    role = getattr(shipment.carrier, "carrier", None) if shipment.carrier else None
    template = role.tracking_url if role else ""
    return template.replace("{number}", shipment.tracking_no) if template and shipment.tracking_no else ""
