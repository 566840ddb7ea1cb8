"""The part of a partner's form that customers and suppliers share: who they are, their people and their addresses."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.forms import formset_factory
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from backend.kernel import tenancy
from backend.parties.inputs import AddressData, CarrierData, ContactData, CustomerData, PartyData, SupplierData
from backend.parties.models import ContactRole, Party
from portals.staff.shared.forms import StaffForm

_ROLES = {"customer": CustomerData, "supplier": SupplierData, "carrier": CarrierData}


class PartyForm(StaffForm):
    """Who the partner is. Subclasses add the terms of a role."""

    name = forms.CharField(label=_("Name"), max_length=120)
    short_name = forms.CharField(label=_("Short name"), max_length=40, required=False)
    code = forms.CharField(
        label=_("Code"), max_length=30, required=False, help_text=_("Left empty it is given on saving.")
    )
    tax_id = forms.CharField(
        label=_("Tax id"), max_length=30, required=False, help_text=_("Unified social credit code")
    )
    phone = forms.CharField(label=_("Phone"), max_length=30, required=False)
    email = forms.CharField(label=_("E-mail"), max_length=254, required=False, help_text=_("Documents are sent here"))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    active = forms.BooleanField(label=_("Active"), required=False, initial=True)
    remark = forms.CharField(label=_("Remarks"), required=False, widget=forms.Textarea(attrs={"rows": 2}))


class ContactForm(StaffForm):
    id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(label=_("Contact"), max_length=60, required=False)
    position = forms.CharField(label=_("Position"), max_length=60, required=False)
    role = forms.ChoiceField(
        label=_("Looks after"), choices=[("", _("Whatever comes")), *ContactRole.choices], required=False
    )
    phone = forms.CharField(label=_("Phone"), max_length=30, required=False)
    email = forms.CharField(label=_("E-mail"), max_length=254, required=False)


class AddressForm(StaffForm):
    id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    province = forms.CharField(label=_("Province"), max_length=40, required=False)
    city = forms.CharField(label=_("City"), max_length=40, required=False)
    district = forms.CharField(label=_("District"), max_length=40, required=False)
    street = forms.CharField(label=_("Street and number"), max_length=200, required=False)
    contact_name = forms.CharField(label=_("Receiver"), max_length=60, required=False)
    contact_phone = forms.CharField(label=_("Phone"), max_length=30, required=False)


_Contacts = formset_factory(ContactForm, extra=1, max_num=30)
_Addresses = formset_factory(AddressForm, extra=1, max_num=30)


class PartyForms:
    """The form of a partner with its people and addresses; `role_form` is a PartyForm with the terms of one role."""

    def __init__(
        self, form_class: type[PartyForm], role: str, party: Party | None, data: QueryDict | None = None, **kwargs: Any
    ) -> None:
        self.role, self.party = role, party
        self.form = form_class(data, initial=_initial(party, role), **kwargs)
        contacts = [_values(row, ContactForm) for row in party.contacts.all()] if party else []
        addresses = [_values(row, AddressForm) for row in party.addresses.all()] if party else []
        self.contacts = _Contacts(data, initial=contacts, prefix="contacts")
        self.addresses = _Addresses(data, initial=addresses, prefix="addresses")

    def is_valid(self) -> bool:
        return all(part.is_valid() for part in (self.form, self.contacts, self.addresses))

    def data(self, terms: Any) -> PartyData:
        """The partner whole; the roles this page does not show stay as they are."""
        clean = self.form.cleaned_data
        roles: dict[str, Any] = {name: _role_data(self.party, name) for name in _ROLES}
        roles[self.role] = terms
        names = ("name", "short_name", "code", "tax_id", "phone", "email", "language", "active", "remark")
        return PartyData(
            **{name: clean[name] for name in names},
            currency=clean.get("currency") or (self.party.currency if self.party else "CNY"),
            contacts=tuple(
                ContactData(**row.cleaned_data, is_primary=index == 0)
                for index, row in enumerate(_filled(self.contacts, "name"))
            ),
            addresses=tuple(
                AddressData(**row.cleaned_data, is_default=index == 0)
                for index, row in enumerate(_filled(self.addresses, "street"))
            ),
            **roles,
        )


def _filled(rows: Any, key: str) -> list[Any]:
    return [row for row in rows if row.cleaned_data.get(key)]


def _values(row: Any, form: type[forms.Form]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in form.base_fields}


def _initial(party: Party | None, role: str) -> dict[str, Any]:
    if party is None:
        return {"language": tenancy.current().language}
    known: dict[str, Any] = {name: getattr(party, name) for name in (*PartyForm.base_fields, "currency")}
    terms = getattr(party, role, None) if getattr(party, f"is_{role}") else None
    if terms is not None:
        known |= {field.attname: getattr(terms, field.attname) for field in terms._meta.fields if field.name != "party"}
    return known


def _role_data(party: Party | None, role: str) -> Any:
    """What a partner is besides, as it stands."""
    if party is None or not getattr(party, f"is_{role}"):
        return None
    kind = _ROLES[role]
    row = getattr(party, role)
    return kind(**{name: getattr(row, name) for name in asdict(kind())})


def decimal_or_none(value: Any) -> Decimal | None:
    return None if value in (None, "") else Decimal(str(value))


def uuid_or_none(value: Any) -> UUID | None:
    try:
        return UUID(str(value)) if value else None
    except ValueError:
        return None
