"""What is keyed about items and prices."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True)
class ItemData:
    """An item whole. Prices include tax; a category, unit or tax code left empty takes the company's default."""

    name: str
    code: str = ""
    spec: str = ""
    barcode: str = ""
    category_id: UUID | None = None
    item_type: str = "goods"
    unit_id: UUID | None = None
    tax_code_id: UUID | None = None
    purchasable: bool = True
    sellable: bool = True
    lot_tracked: bool = False
    expiry_tracked: bool = False
    shelf_life_days: int | None = None
    inspection: str = "none"
    supplier_id: UUID | None = None
    lead_days: int | None = None
    pack_qty: Decimal = Decimal(1)
    min_order_qty: Decimal = Decimal(0)
    safety_stock: Decimal = Decimal(0)
    share_with_supplier: bool = False
    sale_price: Decimal | None = None
    purchase_price: Decimal | None = None
    min_sale_price: Decimal | None = None
    active: bool = True
    remark: str = ""
    serial_tracked: bool = False


@dataclass(frozen=True)
class ValueData:
    """A value of an attribute; with ``id`` one that exists."""

    code: str
    name: str
    id: UUID | None = None


@dataclass(frozen=True)
class AttributeData:
    """An attribute whole: its values in their order replace those before."""

    name: str
    code: str
    values: tuple[ValueData, ...] = ()
    position: int = 0


@dataclass(frozen=True)
class StyleData:
    """A style whole. What is left empty takes the company's default; ``value_ids`` are the values it exists in."""

    name: str
    code: str
    value_ids: tuple[UUID, ...] = ()
    category_id: UUID | None = None
    unit_id: UUID | None = None
    tax_code_id: UUID | None = None
    supplier_id: UUID | None = None
    lead_days: int | None = None
    sale_price: Decimal | None = None
    purchase_price: Decimal | None = None
    min_sale_price: Decimal | None = None
    active: bool = True
    remark: str = ""


@dataclass(frozen=True)
class PriceLineData:
    item_id: UUID
    price: Decimal
    min_qty: Decimal = Decimal(0)
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True)
class PriceListData:
    """A price list whole: the lines replace those before."""

    name: str
    kind: str = "sales"
    code: str = ""
    party_id: UUID | None = None
    customer_level: str = ""
    currency: str = "CNY"
    includes_tax: bool = True
    active: bool = True
    lines: tuple[PriceLineData, ...] = ()
