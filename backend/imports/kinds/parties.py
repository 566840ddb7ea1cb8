"""Lists of customers and of suppliers, with their terms, one contact and one address.

A row is the partner of its code, else of its tax id, else of its name: one that is a supplier already becomes a customer,
too, and stays one firm. That holds within a list as well: no two rows are about the same partner. Other contacts and
addresses of a partner stay as they are.
"""

from collections.abc import Sequence
from dataclasses import fields as dataclass_fields
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.imports.columns import Column
from backend.imports.kinds.base import ListKind, Reader, Row
from backend.parties.inputs import AddressData, CarrierData, ContactData, CustomerData, PartyData, SupplierData
from backend.parties.models import Party
from backend.parties.services.many_parties import ManyParties, Wanted
from backend.parties.services.saving import CREDIT_RIGHT

_NAME = Column("name", gettext_lazy("Name"), words=("单位名称", "company"), required=True, most=120)
_FIRST: tuple[Column, ...] = (
    Column("code", gettext_lazy("Code"), words=("编码",), most=30),
    _NAME,
    Column("short_name", gettext_lazy("Short name"), most=40),
    Column("tax_id", gettext_lazy("Tax id"), words=("税号", "统一社会信用代码"), most=30),
    Column("phone", gettext_lazy("Phone"), most=30),
    Column("email", gettext_lazy("E-mail"), most=254),
)
_LAST: tuple[Column, ...] = (
    Column("contact_name", gettext_lazy("Contact"), words=("联系人",), most=60),
    Column("contact_phone", gettext_lazy("Contact's phone"), words=("手机",), most=30),
    Column("contact_email", gettext_lazy("Contact's e-mail"), most=254),
    Column("province", gettext_lazy("Province"), words=("省份", "省"), most=40),
    Column("city", gettext_lazy("City"), words=("城市", "市"), most=40),
    Column("district", gettext_lazy("District"), words=("区县", "区"), most=40),
    Column("street", gettext_lazy("Address"), words=("详细地址",), most=200),
    Column("active", gettext_lazy("In use"), "yes"),
    Column("remark", gettext_lazy("Remarks"), words=("备注",), most=2000),
)
_PAYMENT = Column("payment_days", gettext_lazy("Payment days"), "count", words=("账期",))
CUSTOMER_COLUMNS: tuple[Column, ...] = (
    *_FIRST,
    Column("level", gettext_lazy("Level"), most=20),
    _PAYMENT,
    Column("credit_limit", gettext_lazy("Credit limit"), "number", decimals=2, permission=CREDIT_RIGHT),
    Column("ship_complete", gettext_lazy("Only complete deliveries"), "yes"),
    *_LAST,
)
SUPPLIER_COLUMNS: tuple[Column, ...] = (
    *_FIRST,
    Column("lead_days", gettext_lazy("Days to make"), "count"),
    Column("transport_days", gettext_lazy("Days on the way"), "count"),
    _PAYMENT,
    Column("over_receipt_pct", gettext_lazy("May deliver more by (%)"), "number", below=Decimal(100_000)),
    Column("date_tolerance_days", gettext_lazy("May be late by (days)"), "count"),
    *_LAST,
)
_PLAIN = ("name", "code", "short_name", "tax_id", "active", "email", "phone", "remark")
_CONTACT = {"name": "contact_name", "phone": "contact_phone", "email": "contact_email"}
_ADDRESS = ("province", "city", "district", "street")
_TERMS: dict[str, Any] = {"customer": CustomerData, "supplier": SupplierData, "carrier": CarrierData}


class PartyReader(Reader):
    """``role`` is what the partners of the list are to the company."""

    role: ClassVar[str]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.many = ManyParties(self.at)
        self.keys: dict[tuple[str, str], int] = {}

    def check(self, rows: Sequence[Row]) -> None:
        known = _Known(rows, lock=self.saving)
        for row in rows:
            party = known.party_of(row)
            if self._spoken_of(row, party):
                continue
            if party is None:
                self.missing(row, (_NAME,))
            if "name" not in row.values and party is None:
                continue
            before = _as_data(party) if party else None
            data = self._data(row, before)
            row.made = Wanted(data, party)
            self.judge(row, is_new=party is None, changes=data != before)
        checked = [row for row in rows if row.made is not None]
        self.many.check([row.made for row in checked])
        for row in checked:
            mails = {f"contacts.{contact.name}": "contact_email" for contact in row.made.data.contacts or ()}
            for problem in row.made.problems:
                row.refused(problem, mails)

    def _spoken_of(self, row: Row, party: Party | None) -> bool:
        """Whether an earlier row is about the same partner; the row is faulty then."""
        keys = [("party", str(party.pk))] if party else []
        keys += [(key, _key(key, row)) for key in ("code", "tax_id") if key in row.values]
        named = [("name", _key("name", row))] if party is None and "name" in row.values else []
        known = keys if "code" in row.values else keys + named
        first = next((self.keys[key] for key in known if key in self.keys), row.number)
        for key in keys + named:
            self.keys.setdefault(key, row.number)
        if first != row.number:
            row.fault("name", _("Row %(row)s speaks of the same partner.") % {"row": first})
        return first != row.number

    def _data(self, row: Row, before: PartyData | None) -> PartyData:
        data = before or PartyData(name=row.values["name"])
        data = replace(data, **{key: row.values[key] for key in _PLAIN if key in row.values})
        data = replace(data, tax_id=data.tax_id.upper())
        terms = getattr(data, self.role) or _TERMS[self.role]()
        asked = {each.name: row.values[each.name] for each in dataclass_fields(terms) if each.name in row.values}
        data = replace(data, **{self.role: replace(terms, **asked)})
        return replace(data, contacts=_contacts(row, data), addresses=_addresses(row, data))

    def save(self, rows: Sequence[Row]) -> None:
        self.many.write([row.made for row in rows], self.actor)
        self.keys |= {("party", str(row.made.party.pk)): row.number for row in rows}


def _key(key: str, row: Row) -> str:
    """What the partner of a row is known by."""
    value = str(row.values[key])
    return value.upper() if key == "tax_id" else value


def _contacts(row: Row, data: PartyData) -> tuple[ContactData, ...] | None:
    """The partner's contacts, the first one as the row says; None when it says nothing."""
    asked = {name: row.values[key] for name, key in _CONTACT.items() if key in row.values}
    kept = data.contacts or ()
    if not asked:
        return data.contacts
    if not kept and "name" not in asked:
        row.fault("contact_name", _("Whose number or address is it?"))
        return data.contacts
    first = max(kept, key=lambda each: each.is_primary, default=ContactData(name="", is_primary=True))
    return tuple(replace(each, **asked) if each is first else each for each in kept or (first,))


def _addresses(row: Row, data: PartyData) -> tuple[AddressData, ...] | None:
    asked = {key: row.values[key] for key in _ADDRESS if key in row.values}
    kept = data.addresses or ()
    if not asked:
        return data.addresses
    if not kept and "street" not in asked:
        row.fault("street", _("This is needed."))
        return data.addresses
    first = max(kept, key=lambda each: each.is_default, default=AddressData(street="", is_default=True))
    return tuple(replace(each, **asked) if each is first else each for each in kept or (first,))


def _as_data(party: Party) -> PartyData:
    """A partner as it is, read with its roles, contacts and addresses."""
    roles: dict[str, Any] = {
        role: _values(kind, getattr(party, role)) if getattr(party, f"is_{role}") else None
        for role, kind in _TERMS.items()
    }
    return PartyData(
        **{key: getattr(party, key) for key in (*_PLAIN, "language", "currency")},
        **roles,
        contacts=tuple(_values(ContactData, each) for each in party.contacts.all()),
        addresses=tuple(_values(AddressData, each) for each in party.addresses.all()),
    )


def _values(kind: Any, row: Any) -> Any:
    return kind(**{each.name: getattr(row, each.name) for each in dataclass_fields(kind)})


class _Known:
    """The partners that a portion of rows speaks of; a fixed number of statements."""

    def __init__(self, rows: Sequence[Row], *, lock: bool) -> None:
        parties = Party.objects.select_related(*_TERMS).prefetch_related("contacts", "addresses")
        if lock:
            parties = parties.select_for_update(of=("self",))
        self._by: dict[str, dict[str, Party]] = {}
        for key in ("code", "tax_id", "name"):
            wanted = {_key(key, row) for row in rows if key in row.values}
            found = parties.filter(**{f"{key}__in": wanted}).order_by("-pk") if wanted else ()
            self._by[key] = {getattr(party, key): party for party in found}

    def party_of(self, row: Row) -> Party | None:
        for key in ("code", "tax_id", "name"):
            if key in row.values:
                party = self._by[key].get(_key(key, row))
                if party is not None or key == "code":
                    return party
        return None


class CustomerReader(PartyReader):
    role = "customer"


class SupplierReader(PartyReader):
    role = "supplier"


class CustomerKind(ListKind):
    key = "customers"
    label = gettext_lazy("Customers")
    permission = "parties.customer.edit"
    reader = CustomerReader
    hint = gettext_lazy(
        "With terms, a contact and an address. A partner is found by its code, its tax id, or its name."
    )

    def columns(self) -> Sequence[Column]:
        return CUSTOMER_COLUMNS


class SupplierKind(ListKind):
    key = "suppliers"
    label = gettext_lazy("Suppliers")
    permission = "parties.supplier.edit"
    reader = SupplierReader
    hint = gettext_lazy(
        "With terms, a contact and an address. A partner is found by its code, its tax id, or its name."
    )

    def columns(self) -> Sequence[Column]:
        return SUPPLIER_COLUMNS
