"""What faces hand to purchasing's services."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from backend.inventory.services.making import MaterialLineInput as MaterialLineInput
from backend.inventory.services.making import PartOfOne as PartOfOne

ZERO = Decimal(0)


@dataclass(frozen=True)
class LineInput:
    """One line as keyed. ``price`` None: take the agreed price. ``id`` is given for a line that exists.

    ``price_reason`` says why the price lies above the last one by more than the company tolerates.
    With ``unit_id`` quantity and price are those of that unit of the item; ``factor`` says what one of a floating unit
    holds this time.
    """

    item_id: UUID
    qty: Decimal
    price: Decimal | None = None
    discount_pct: Decimal = ZERO
    tax_rate: Decimal | None = None
    requested_date: date | None = None
    description: str = ""
    id: UUID | None = None
    suggestion_id: UUID | None = None
    unit_id: UUID | None = None
    factor: Decimal | None = None
    price_reason: str = ""


@dataclass(frozen=True)
class OrderData:
    """A purchase order as keyed. What is None is taken from the supplier or the company's defaults.

    ``external_ref`` is its number in the program that it came from: no two orders have the same.
    """

    supplier_id: UUID
    requested_date: date
    lines: Sequence[LineInput]
    warehouse_id: UUID | None = None
    doc_date: date | None = None
    supplier_ref: str = ""
    price_includes_tax: bool = True
    payment_days: int | None = None
    exchange_rate: Decimal | None = None
    buyer_id: UUID | None = None
    buyer_name: str = ""
    remark: str = ""
    external_ref: str = ""


@dataclass(frozen=True)
class SubcontractData:
    """A subcontract order as keyed: what is made, the fee for one, and what goes in. Without parts the item's kit counts."""

    supplier_id: UUID
    item_id: UUID
    qty: Decimal
    requested_date: date
    price: Decimal | None = None
    tax_rate: Decimal | None = None
    price_includes_tax: bool = True
    parts: Sequence[PartOfOne] = ()
    warehouse_id: UUID | None = None
    doc_date: date | None = None
    supplier_ref: str = ""
    remark: str = ""


@dataclass(frozen=True)
class PartInput:
    """So much on a date; ``price`` only when it differs, in the order's own way (with or without tax)."""

    qty: Decimal
    date: date
    price: Decimal | None = None


@dataclass(frozen=True)
class AnswerLine:
    """A supplier's answer for a line. What ``parts`` leave open is rejected and needs ``reject_reason``."""

    order_line_id: UUID
    parts: Sequence[PartInput] = ()
    reject_reason: str = ""
    reason: str = ""


@dataclass(frozen=True)
class AsnLineInput:
    """So much of an order line in this shipment, of one lot, in so many of its packages."""

    order_line_id: UUID
    qty: Decimal
    lot_no: str = ""
    mfg_date: date | None = None
    expiry_date: date | None = None
    packages: int = 0


@dataclass(frozen=True)
class AsnData:
    """A shipping notice as keyed."""

    lines: Sequence[AsnLineInput]
    expected_date: date
    carrier_name: str = ""
    tracking_no: str = ""
    packages: int = 1
    remark: str = ""


@dataclass(frozen=True)
class ReceiptLineInput:
    """So much of an order line that lies on the ramp, of one lot.

    ``unit_qty`` says how many of the order line's unit these are, when that was counted: so many cartons of this weight.
    """

    order_line_id: UUID
    qty: Decimal
    lot_no: str = ""
    supplier_lot_no: str = ""
    mfg_date: date | None = None
    expiry_date: date | None = None
    asn_line_id: UUID | None = None
    unit_qty: Decimal | None = None


@dataclass(frozen=True)
class InspectionResult:
    """What was found on a line of an inspection; without a sample size the planned one was looked at."""

    line_id: UUID
    rejected_qty: Decimal
    defect_qty: Decimal | None = None
    sample_qty: Decimal | None = None
    reason: str = ""


@dataclass(frozen=True)
class ReceiptData:
    """A receipt as keyed."""

    lines: Sequence[ReceiptLineInput] = field(default_factory=tuple)
    doc_date: date | None = None
    supplier_note_no: str = ""
    remark: str = ""


@dataclass(frozen=True)
class ReturnLineInput:
    """So much of a receipt's line goes back."""

    receipt_line_id: UUID
    qty: Decimal
    reason: str = "quality"
    note: str = ""


@dataclass(frozen=True)
class RfqLineInput:
    """What is wanted: an item, how much, by when, and words for the suppliers."""

    item_id: UUID
    qty: Decimal
    need_date: date
    description: str = ""
    id: UUID | None = None


@dataclass(frozen=True)
class RfqData:
    """A request for quotation as keyed."""

    title: str
    deadline: datetime
    lines: Sequence[RfqLineInput]
    supplier_ids: Sequence[UUID]
    warehouse_id: UUID | None = None
    remark: str = ""


@dataclass(frozen=True)
class StepInput:
    """From this quantity on this price."""

    from_qty: Decimal
    price: Decimal


@dataclass(frozen=True)
class QuoteLineInput:
    """The offer for a line of the request."""

    rfq_line_id: UUID
    price: Decimal
    lead_days: int
    steps: Sequence[StepInput] = ()
    min_qty: Decimal = ZERO
    tax_rate: Decimal | None = None
    alternate: str = ""


@dataclass(frozen=True)
class QuoteData:
    """A supplier's offer; lines that are left out are not offered. ``source`` says how staff that keys it got it."""

    lines: Sequence[QuoteLineInput]
    valid_until: date
    freight: Decimal = ZERO
    includes_tax: bool = True
    note: str = ""
    source: str = "portal"


@dataclass(frozen=True)
class ReturnData:
    """A purchase return as keyed. ``outcome`` is what the supplier owes for it: credit or replacement."""

    lines: Sequence[ReturnLineInput] = field(default_factory=tuple)
    outcome: str = "credit"
    doc_date: date | None = None
    supplier_ref: str = ""
    remark: str = ""


@dataclass(frozen=True)
class AwardInput:
    """So much of a line to a supplier; ``reason`` is needed where another is cheaper."""

    rfq_line_id: UUID
    supplier_id: UUID
    qty: Decimal
    reason: str = ""


@dataclass(frozen=True)
class BlanketLineInput:
    """An item, the quantity agreed for the whole term and its price."""

    item_id: UUID
    qty: Decimal
    price: Decimal
    description: str = ""


@dataclass(frozen=True)
class BlanketData:
    """A blanket order as keyed."""

    supplier_id: UUID
    valid_from: date
    valid_to: date
    lines: Sequence[BlanketLineInput]
    tolerance_pct: Decimal = ZERO
    limit_amount: Decimal | None = None
    price_includes_tax: bool = True
    supplier_ref: str = ""
    remark: str = ""


@dataclass(frozen=True)
class CallOffInput:
    """So much of a blanket line now."""

    blanket_line_id: UUID
    qty: Decimal


@dataclass(frozen=True)
class RequisitionLineInput:
    """One line that somebody needs. ``price`` is an estimate, tax included; None: what the item usually costs."""

    item_id: UUID
    qty: Decimal
    price: Decimal | None = None
    requested_date: date | None = None
    supplier_id: UUID | None = None
    description: str = ""
    id: UUID | None = None
    unit_id: UUID | None = None
    factor: Decimal | None = None


@dataclass(frozen=True)
class RequisitionData:
    """A requisition as keyed. Without a requester it is who keys it."""

    need_date: date
    lines: Sequence[RequisitionLineInput]
    reason: str = ""
    department: str = ""
    requester_id: UUID | None = None
    warehouse_id: UUID | None = None
    doc_date: date | None = None
    remark: str = ""


@dataclass(frozen=True)
class OrderChoice:
    """So much of a requisition's line from this supplier."""

    line_id: UUID
    qty: Decimal
    supplier_id: UUID | None = None


@dataclass(frozen=True)
class Seen:
    """What of an order somebody had before the eyes: its revision and the newest answer. Newer ones mean: look again."""

    revision: int | None = None
    answer: int | None = None
