"""What inventory tells those above."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from backend.kernel.events import Event

Pairs = tuple[tuple[UUID, UUID], ...]


@dataclass(frozen=True)
class OpeningStockEvent(Event):
    """``aggregate_id`` is the document; ``values`` = (inventory role, value); ``pairs`` = (item, warehouse)."""

    number: str = ""
    doc_date: date | str = ""
    values: tuple[tuple[str, Decimal], ...] = ()
    pairs: Pairs = ()
    at: datetime | str = ""


@dataclass(frozen=True)
class OpeningStockApproved(OpeningStockEvent):
    """The first quantities lie in the warehouse and in the books."""


@dataclass(frozen=True)
class OpeningStockUnapproved(OpeningStockEvent):
    """They were taken back."""


@dataclass(frozen=True)
class StockClaimed(Event):
    """Something stronger than a reservation is about to take stock away: a hold, a reversal.

    ``aggregate_id`` is the document or lot, ``claims`` = (item, warehouse, quantity that must become available).
    With ``release`` reservations give way; without, whoever holds them is named in a refusal.
    """

    claims: tuple[tuple[UUID, UUID, Decimal], ...] = ()
    release: bool = True
    number: str = ""


@dataclass(frozen=True)
class LotsChanged(Event):
    """Lots were held, released, scrapped or expired; ``aggregate_id`` is the first of them.

    ``lots`` = (lot, lot number, item), ``pairs`` = (item, warehouse) where they lie.
    """

    verb: str = ""
    after: str = ""
    reason: str = ""
    lots: tuple[tuple[UUID, str, UUID], ...] = ()
    pairs: Pairs = ()
    at: datetime | str = ""


@dataclass(frozen=True)
class StockCostCorrected(Event):
    """Goods that had left turn out to have cost otherwise; ``aggregate_id`` is the document that made it known.

    ``values`` = (day, inventory role, what leaves the value of stock for cost of sales; negative when it comes back).
    """

    doc_type: str = ""
    number: str = ""
    values: tuple[tuple[date | str, str, Decimal], ...] = ()
