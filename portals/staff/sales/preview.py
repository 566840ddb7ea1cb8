"""What an order line could be promised before the order exists: available now, and when the rest comes. Nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from backend.catalog.models import Item
from backend.inventory.models import Warehouse


@dataclass(frozen=True)
class Want:
    """So much of an item, for the row of that index."""

    index: int
    item: Item
    qty: Decimal


@dataclass(frozen=True)
class Seen:
    """The words of a row: what is available, when it can be had, whether it is short."""

    available: str
    promise: str
    short: bool


def look_ahead(wants: Sequence[Want], warehouse: Warehouse, requested: date) -> dict[int, Seen]:
    """What each row could be promised."""
    return {}
