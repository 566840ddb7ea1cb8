"""What availability tells those above. After the commit dates and quantities arrive as text (see ``kernel.events``)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from backend.kernel.events import Event


@dataclass(frozen=True)
class DemandEvent(Event):
    """``aggregate_id`` is the document that asked (the order); ``demand_id`` its line here, ``ref_line_id`` there."""

    demand_id: UUID | str = ""
    ref_type: str = ""
    ref_number: str = ""
    ref_line_id: UUID | str = ""
    line_no: int = 0
    party_id: UUID | str | None = None
    item_id: UUID | str = ""


@dataclass(frozen=True)
class DemandReserved(DemandEvent):
    """Stock that came in was set aside for a line that had waited for it."""

    qty: Decimal | str = Decimal(0)


@dataclass(frozen=True)
class PromiseRevised(DemandEvent):
    """The dates at which a line's goods can be had have changed. A null date: nobody can say.

    ``revision_id`` is the row of the ledger where the seller may add words for the customer.
    """

    revision_id: int = 0
    revision: int = 0
    old_date: date | str | None = None
    new_date: date | str | None = None
    cause: str = ""
    cause_type: str = ""
    cause_id: UUID | str | None = None
    cause_number: str = ""
    cause_text: str = ""
    customer_reason: str = ""
    by_name: str = ""


@dataclass(frozen=True)
class ShortageFound(Event):
    """More is needed than there is and comes: ``aggregate_id`` is the suggestion, ``need`` the shortage,
    ``qty`` what to buy."""

    suggestion_id: UUID | str = ""
    item_id: UUID | str = ""
    warehouse_id: UUID | str = ""
    supplier_id: UUID | str | None = None
    need: Decimal | str = Decimal(0)
    qty: Decimal | str = Decimal(0)
    need_date: date | str | None = None
    arrival_date: date | str | None = None
