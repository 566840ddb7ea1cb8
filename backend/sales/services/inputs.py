"""What is keyed about quotations, orders and deliveries."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True)
class LineInput:
    """A line as keyed. Without a price it is looked up; without a tax rate the item's holds.

    With ``unit_id`` quantity and price are those of that unit of the item; ``factor`` says what one of a floating unit
    holds this time.
    """

    item_id: UUID
    qty: Decimal
    price: Decimal | None = None
    discount_pct: Decimal = Decimal(0)
    tax_rate: Decimal | None = None
    requested_date: date | None = None
    description: str = ""
    id: UUID | None = None
    unit_id: UUID | None = None
    factor: Decimal | None = None


@dataclass(frozen=True)
class OrderData:
    """A draft order whole. What is left empty follows from the customer and the company."""

    customer_id: UUID
    requested_date: date
    lines: tuple[LineInput, ...]
    doc_date: date | None = None
    warehouse_id: UUID | None = None
    customer_ref: str = ""
    ship_to: str = ""
    price_includes_tax: bool = True
    payment_days: int | None = None
    exchange_rate: Decimal | None = None
    salesperson_id: UUID | None = None
    salesperson_name: str = ""
    remark: str = ""


@dataclass(frozen=True)
class QuoteData:
    """A draft quotation whole."""

    customer_id: UUID
    requested_date: date
    lines: tuple[LineInput, ...]
    doc_date: date | None = None
    valid_until: date | None = None
    warehouse_id: UUID | None = None
    price_includes_tax: bool = True
    remark: str = ""


@dataclass(frozen=True)
class AmendmentData:
    """An approved order as it shall be. Lines that are left out are cancelled; None leaves a field as it is.

    A rate, of an order in another currency, holds for what has not left.
    """

    lines: tuple[LineInput, ...]
    requested_date: date | None = None
    ship_to: str | None = None
    customer_ref: str | None = None
    remark: str | None = None
    exchange_rate: Decimal | None = None


@dataclass(frozen=True)
class DeliveryLineInput:
    """So much of an order line; without a lot the one that expires first is taken.

    ``unit_qty`` says how many of the order line's unit these are, when that was counted: so many cartons of this weight.
    """

    order_line_id: UUID
    qty: Decimal
    lot_id: UUID | None = None
    unit_qty: Decimal | None = None


@dataclass(frozen=True)
class DeliveryData:
    """What is keyed about a delivery beside its lines."""

    doc_date: date | None = None
    carrier_id: UUID | None = None
    tracking_no: str = ""
    expected_date: date | None = None
    ship_to: str | None = None
    remark: str = ""


@dataclass(frozen=True)
class ReturnLineInput:
    """So much of a delivery's line comes back."""

    delivery_line_id: UUID
    qty: Decimal
    reason: str = "quality"
    note: str = ""


@dataclass(frozen=True)
class ReturnData:
    """A return as keyed by us or asked for by the customer. ``outcome`` is credit or exchange."""

    lines: tuple[ReturnLineInput, ...]
    outcome: str = "credit"
    doc_date: date | None = None
    remark: str = ""


@dataclass(frozen=True)
class DecisionInput:
    """What becomes of a line that was inspected: so much to stock, so much to scrap."""

    line_id: UUID
    restock_qty: Decimal
    scrap_qty: Decimal


@dataclass(frozen=True)
class ConsignmentLineInput:
    """Goods on consignment; ``price`` incl. tax when they are sold (None = the customer's)."""

    item_id: UUID
    qty: Decimal
    price: Decimal | None = None
    lot_id: UUID | None = None
