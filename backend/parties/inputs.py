"""What is keyed about a party: plain values that faces, API and import hand to ``save_party``."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True)
class CustomerData:
    """``credit_limit`` None means no limit."""

    level: str = ""
    credit_limit: Decimal | None = None
    payment_days: int = 30
    ship_complete: bool = False
    salesperson_id: UUID | None = None


@dataclass(frozen=True)
class SupplierData:
    state: str = "approved"
    lead_days: int = 5
    transport_days: int = 2
    payment_days: int = 30
    over_receipt_pct: Decimal = Decimal(0)
    date_tolerance_days: int = 0
    buyer_id: UUID | None = None


@dataclass(frozen=True)
class CarrierData:
    tracking_url: str = ""
    days: int = 1


@dataclass(frozen=True)
class ContactData:
    name: str
    position: str = ""
    email: str = ""
    phone: str = ""
    is_primary: bool = False
    role: str = ""
    id: UUID | None = None


@dataclass(frozen=True)
class AddressData:
    street: str
    province: str = ""
    city: str = ""
    district: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    is_default: bool = False
    id: UUID | None = None


@dataclass(frozen=True)
class PartyData:
    """A party whole. A role that is None is not played (any more); contacts or addresses None stay as they are."""

    name: str
    code: str = ""
    short_name: str = ""
    tax_id: str = ""
    active: bool = True
    language: str = "zh-hans"
    currency: str = "CNY"
    email: str = ""
    phone: str = ""
    remark: str = ""
    customer: CustomerData | None = None
    supplier: SupplierData | None = None
    carrier: CarrierData | None = None
    contacts: tuple[ContactData, ...] | None = None
    addresses: tuple[AddressData, ...] | None = None
