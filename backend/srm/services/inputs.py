"""What is typed about suppliers, as plain values."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True)
class ApplicationData:
    company_name: str
    contact_name: str
    email: str
    tax_id: str = ""
    phone: str = ""
    main_products: str = ""
    message: str = ""
    language: str = "zh-hans"


@dataclass(frozen=True)
class ProfileData:
    legal_representative: str = ""
    registered_address: str = ""
    website: str = ""
    main_products: str = ""
    category_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class QualificationData:
    """``expiry_date`` None with ``no_expiry``: good without end."""

    type_id: UUID
    number: str
    issued_by: str = ""
    valid_from: date | None = None
    expiry_date: date | None = None
    no_expiry: bool = False


@dataclass(frozen=True)
class DocumentTypeData:
    name: str
    mandatory: bool = False
    expires: bool = True
    number_check: str = ""
    category_ids: tuple[UUID, ...] = ()
    active: bool = True
