"""Facts about shipments."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from backend.kernel.events import Event


@dataclass(frozen=True)
class ShipmentEvent(Event):
    """``aggregate_id`` is the shipment; ``source_type``, ``source_id`` and ``source_number`` name its document."""

    direction: str = "out"
    source_type: str = ""
    source_id: UUID | str = ""
    source_number: str = ""
    party_id: UUID | str = ""


@dataclass(frozen=True)
class ShipmentDispatched(ShipmentEvent):
    """The goods are on their way."""

    expected_date: date | str | None = None


@dataclass(frozen=True)
class MilestoneReported(ShipmentEvent):
    """Something happened on the way."""

    kind: str = ""


@dataclass(frozen=True)
class ShipmentDelivered(ShipmentEvent):
    """The goods arrived."""

    signed_by: str = ""


@dataclass(frozen=True)
class LaneChanged(Event):
    """``aggregate_id`` is the lane: days or cost changed, or it is suspended or in use again."""

    from_region: str = ""
    to_region: str = ""
    days: int = 0
