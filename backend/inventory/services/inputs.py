"""What callers hand to inventory."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from backend.inventory.models import LotState
from backend.kernel.money import ZERO


@dataclass(frozen=True)
class MoveInput:
    """A move to be made: ``qty_in`` with its ``value_in`` (what it costs us), or ``qty_out``.

    Without a quantity it corrects the value alone; then ``value_in`` may be negative.

    ``origin_id`` is the move whose goods these are. Goods that come back (``value_in`` None) come at what they left at,
    goods that go back leave at what they came at, as far as there is that much; a correction goes to what is left of
    that arrival. ``value_in`` None without an origin: the last known cost.

    ``serial_ids`` are the pieces of an item kept by serial number; None takes those that the document's line names.
    """

    kind: str
    item_id: UUID
    warehouse_id: UUID
    qty_in: Decimal = ZERO
    qty_out: Decimal = ZERO
    value_in: Decimal | None = ZERO
    lot_id: UUID | None = None
    party_id: UUID | None = None
    order_id: UUID | None = None
    doc_line_id: UUID | None = None
    origin_id: int | None = None
    serial_ids: tuple[UUID, ...] | None = None

    @property
    def pair(self) -> tuple[UUID, UUID]:
        return (self.item_id, self.warehouse_id)


@dataclass(frozen=True)
class LotInput:
    """A lot that goods come in with."""

    item_id: UUID
    lot_no: str
    supplier_lot_no: str = ""
    supplier_id: UUID | None = None
    mfg_date: date | None = None
    expiry_date: date | None = None
    state: str = LotState.RELEASED


@dataclass(frozen=True)
class OpeningLineInput:
    """A first quantity: with its unit cost, or with its whole value."""

    item_id: UUID
    qty: Decimal
    unit_cost: Decimal | None = None
    value: Decimal | None = None
    lot_no: str = ""
    expiry_date: date | None = None


@dataclass(frozen=True)
class OtherReceiptLineInput:
    """Goods that come in; without a cost they are worth what the item costs now."""

    item_id: UUID
    qty: Decimal
    unit_cost: Decimal | None = None
    lot_no: str = ""
    expiry_date: date | None = None


@dataclass(frozen=True)
class OtherIssueLineInput:
    """Goods that leave; of a lot, or of those that expire first."""

    item_id: UUID
    qty: Decimal
    lot_id: UUID | None = None


@dataclass(frozen=True)
class TransferLineInput:
    """Goods to be moved to another warehouse."""

    item_id: UUID
    qty: Decimal
    lot_id: UUID | None = None
    suggestion_id: UUID | None = None


@dataclass(frozen=True)
class BinMoveLineInput:
    """Goods to be put from one bin into another, by their codes."""

    item_id: UUID
    qty: Decimal
    source: str
    destination: str
    lot_id: UUID | None = None


@dataclass(frozen=True)
class ArrivalInput:
    """So much of a transfer line has arrived, so much is given up as lost."""

    transfer_line_id: UUID
    qty: Decimal
    lost_qty: Decimal = ZERO


@dataclass(frozen=True)
class CostLineInput:
    """An item with its new unit cost, or with the difference of its value itself."""

    item_id: UUID
    unit_cost: Decimal | None = None
    amount: Decimal | None = None
    note: str = ""


@dataclass(frozen=True)
class Seen:
    """What was counted of a line, and when, as somebody saw it; nothing of one that was not counted yet."""

    qty: Decimal | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class CountedInput:
    """So much lies there of a line of the count; ``counted_at`` when it was counted before it is entered.

    With ``seen`` it is not noted when somebody else has counted the line since that was seen.
    """

    line_id: UUID
    qty: Decimal
    counted_at: datetime | None = None
    seen: Seen | None = None


@dataclass(frozen=True)
class ComponentInput:
    """A component of an assembly: the quantity for all kits."""

    item_id: UUID
    qty: Decimal
    ratio: Decimal = ZERO
    lot_no: str = ""
    scrap_pct: Decimal = ZERO
