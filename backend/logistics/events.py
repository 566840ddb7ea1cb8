"""What happened to shipments. ``aggregate_id`` is the shipment."""

from dataclasses import dataclass
from uuid import UUID

from backend.kernel.events import Event


@dataclass(frozen=True)
class ShipmentDispatched(Event):
    """Goods left; ``source`` is the delivery or the shipping notice."""

    direction: str = "out"
    source_type: str = ""
    source_id: UUID | str = ""
    source_number: str = ""
    party_id: UUID | str = ""


@dataclass(frozen=True)
class MilestoneReported(Event):
    """Something was reported on the way."""

    kind: str = ""
    source_type: str = ""
    source_id: UUID | str = ""
    party_id: UUID | str = ""


@dataclass(frozen=True)
class ShipmentDelivered(Event):
    """Goods arrived and were signed for."""

    direction: str = "out"
    source_type: str = ""
    source_id: UUID | str = ""
    source_number: str = ""
    party_id: UUID | str = ""
    signed_by: str = ""
