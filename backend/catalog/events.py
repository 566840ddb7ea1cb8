"""Facts about the catalogue."""

from dataclasses import dataclass
from uuid import UUID

from backend.kernel.events import Event


@dataclass(frozen=True)
class ItemSaved(Event):
    """``aggregate_id`` is the item; ``changed`` names the fields that differ from before."""

    changed: tuple[str, ...] = ()
    is_new: bool = False
    category_before: UUID | None = None


@dataclass(frozen=True)
class PriceListSaved(Event):
    """``aggregate_id`` is the list."""

    kind: str = "sales"
