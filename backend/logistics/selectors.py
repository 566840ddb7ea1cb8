"""Reads about shipments; partners see those of their own party."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from backend.kernel.actor import Actor
from backend.logistics.models import Milestone, Shipment


def shipments_visible_to(actor: Actor) -> QuerySet[Shipment]:
    """Shipments that have set off, with carrier and milestones (two statements), newest first."""
    found = Shipment.objects.filter(dispatched_at__isnull=False)
    found = found.select_related("party", "carrier__carrier").prefetch_related(_milestones())
    if actor.kind in {"customer", "supplier"}:
        found = found.filter(party=actor.party_id, direction="out" if actor.kind == "customer" else "in")
    elif not actor.may("logistics.shipment.view"):
        found = found.none()
    return found.order_by("-dispatched_at", "-id")


def _milestones() -> Prefetch:
    """What happened to shipments, in the order in which it did."""
    return Prefetch("milestones", queryset=Milestone.objects.order_by("at", "id"))


def shipments_of(source_ids: Iterable[UUID]) -> dict[UUID, Shipment]:
    """Document → its shipment with milestones (two statements)."""
    found = Shipment.objects.filter(source_id__in=list(source_ids)).select_related("carrier__carrier")
    return {shipment.source_id: shipment for shipment in found.prefetch_related(_milestones())}


def tracking_url(shipment: Shipment) -> str:
    """The carrier's page for the shipment, or nothing."""
    carrier = getattr(shipment.carrier, "carrier", None) if shipment.carrier else None
    pattern = carrier.tracking_url if carrier else ""
    return pattern.replace("{number}", shipment.tracking_no) if pattern and shipment.tracking_no else ""


def shipment_of(source_id: UUID) -> Shipment | None:
    """The shipment of a document, when it has one."""
    return shipments_of([source_id]).get(source_id)


def carrier_label(shipment: Shipment) -> str:
    """Who carries it, as a name."""
    return shipment.carrier.label if shipment.carrier else shipment.carrier_name
