"""Facts about the catalogue."""

from dataclasses import dataclass

from backend.kernel.events import Event


@dataclass(frozen=True)
class ItemSaved(Event):
    """``aggregate_id`` is the item; ``changed`` names the fields that differ from before."""

    changed: tuple[str, ...] = ()
    is_new: bool = False


@dataclass(frozen=True)
class PriceListSaved(Event):
    """``aggregate_id`` is the list."""

    kind: str = "sales"
