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

    ``values`` = (day, inventory role, use, what leaves the value of stock for it; negative when it comes back). The use is
    what the goods that had left were booked to (``services.uses``).
    """

    doc_type: str = ""
    number: str = ""
    values: tuple[tuple[date | str, str, str, Decimal], ...] = ()


@dataclass(frozen=True)
class StockDocumentEvent(Event):
    """``aggregate_id`` is the document, ``pairs`` = (item, warehouse) that it moved."""

    number: str = ""
    doc_date: date | str = ""
    pairs: Pairs = ()
    at: datetime | str = ""


Values = tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True)
class OtherStockEvent(StockDocumentEvent):
    """``values`` = (inventory role, value), ``reason`` decides the account on the other side, ``tax`` is deemed VAT."""

    reason: str = ""
    party_id: UUID | str | None = None
    values: Values = ()
    tax: Decimal | str = Decimal(0)


@dataclass(frozen=True)
class OtherReceiptApproved(OtherStockEvent):
    """Goods came in without a purchase."""


@dataclass(frozen=True)
class OtherReceiptUnapproved(OtherStockEvent):
    """They were taken out again."""


@dataclass(frozen=True)
class OtherIssueApproved(OtherStockEvent):
    """Goods left without a sale."""


@dataclass(frozen=True)
class OtherIssueUnapproved(OtherStockEvent):
    """They are back."""


@dataclass(frozen=True)
class TransferEvent(StockDocumentEvent):
    """A step of a transfer; ``aggregate_id`` is the transfer."""


@dataclass(frozen=True)
class TransferSubmitted(TransferEvent):
    """Goods are asked for: set aside at the source, announced at the destination."""


@dataclass(frozen=True)
class TransferWithdrawn(TransferEvent):
    """They are not asked for any more."""


@dataclass(frozen=True)
class TransferLeaving(TransferEvent):
    """The goods are about to leave: what was set aside for them is to be freed. Told before the moves."""


@dataclass(frozen=True)
class TransferShipped(TransferEvent):
    """The goods have left and are under way."""


@dataclass(frozen=True)
class TransferTakenBack(TransferEvent):
    """They are back at the source."""


@dataclass(frozen=True)
class TransferReceiptEvent(StockDocumentEvent):
    """``aggregate_id`` is the receipt; ``arrived`` = (transfer line, quantity arrived or given up), ``lost`` = (role, value)."""

    transfer_id: UUID | str = ""
    arrived: tuple[tuple[UUID, Decimal], ...] = ()
    lost: Values = ()


@dataclass(frozen=True)
class TransferReceived(TransferReceiptEvent):
    """Goods of a transfer have arrived, or are given up as lost on the way."""


@dataclass(frozen=True)
class TransferReceiptUnapproved(TransferReceiptEvent):
    """They are under way again."""


@dataclass(frozen=True)
class CostAdjustmentEvent(Event):
    """``aggregate_id`` is the document; ``values`` = (inventory role, difference); ``reason`` = the role beside them.

    ``supplier_id`` is whom the difference is owed to, where the reason says so.
    """

    number: str = ""
    doc_date: date | str = ""
    reason: str = ""
    values: tuple[tuple[str, Decimal], ...] = ()
    supplier_id: UUID | str | None = None


@dataclass(frozen=True)
class CostAdjustmentApproved(CostAdjustmentEvent):
    """Stock is worth more, or less."""


@dataclass(frozen=True)
class CostAdjustmentUnapproved(CostAdjustmentEvent):
    """The difference was taken back."""


@dataclass(frozen=True)
class StockCountEvent(StockDocumentEvent):
    """``gains`` and ``losses`` = (inventory role, value) of what was found and what is missing.

    ``tax`` is the input VAT of what was lost abnormally.
    """

    gains: Values = ()
    losses: Values = ()
    disposition: str = ""
    tax: Decimal | str = Decimal(0)


@dataclass(frozen=True)
class StockCountApproved(StockCountEvent):
    """Differences are in stock."""


@dataclass(frozen=True)
class StockCountUnapproved(StockCountEvent):
    """Differences were taken back."""


@dataclass(frozen=True)
class StockCountSettled(StockCountEvent):
    """Somebody has decided what the differences are."""


@dataclass(frozen=True)
class AssemblyEvent(StockDocumentEvent):
    """``values_in`` and ``values_out`` = (inventory role, value) of what was made and what was used.

    ``fee`` is what is owed to ``supplier_id`` for the work; it is in what was made.
    """

    values_in: Values = ()
    values_out: Values = ()
    fee: Decimal | str = Decimal(0)
    supplier_id: UUID | str | None = None


@dataclass(frozen=True)
class AssemblyApproved(AssemblyEvent):
    """Components became a kit, or a kit its components."""


@dataclass(frozen=True)
class AssemblyUnapproved(AssemblyEvent):
    """Everything is as it was before."""
