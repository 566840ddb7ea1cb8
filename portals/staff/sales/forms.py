"""The heads of quotations and orders. Lines are read by `sales.entry`."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from backend.inventory.models import Warehouse
from backend.kernel import clock
from backend.parties.models import Address, Party
from backend.sales.models import SalesOrder, SalesQuote
from backend.workflow import parameters
from portals.staff.shared.currency import keep_rate_of, keep_rate_where_needed, rate_field
from portals.staff.shared.forms import PickField, StaffForm, staff_choices
from portals.staff.shared.parties import uuid_or_none
from portals.ui.forms import DateInput

PRICE_MODES = [("1", _("Prices include tax")), ("0", _("Prices without tax"))]


def warehouse_choices() -> list[tuple[str, str]]:
    """Active warehouses, the default one first."""
    rows = Warehouse.objects.filter(active=True).order_by("-is_default", "code").values_list("pk", "name")
    return [(str(pk), name) for pk, name in rows]


class SalesHead(StaffForm):
    """What a quotation and an order have in common."""

    customer = PickField(
        label=_("Customer"),
        model=Party,
        role="is_customer",
        url_name="staff:find_customers",
        error_messages={"required": _("Choose a customer."), "invalid": _("Choose a customer from the list.")},
    )
    doc_date = forms.DateField(label=_("Date"), widget=DateInput())
    requested_date = forms.DateField(label=_("Requested"), widget=DateInput())
    warehouse_id = forms.ChoiceField(label=_("Warehouse"))
    price_includes_tax = forms.ChoiceField(label=_("Prices"), choices=PRICE_MODES)
    remark = forms.CharField(label=_("Remarks"), required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["warehouse_id"].choices = warehouse_choices()  # type: ignore[attr-defined]

    @property
    def customer_label(self) -> str:
        """What the customer's box shows."""
        picked = self.data.get("customer") if self.is_bound else self.initial.get("customer")
        return self.fields["customer"].label_of(picked)  # type: ignore[attr-defined]

    def head(self) -> dict[str, Any]:
        """The values that both kinds of document take."""
        clean = self.cleaned_data
        return {
            "customer_id": clean["customer"],
            "doc_date": clean["doc_date"],
            "requested_date": clean["requested_date"],
            "warehouse_id": uuid_or_none(clean["warehouse_id"]),
            "price_includes_tax": clean["price_includes_tax"] == "1",
            "remark": clean["remark"],
        }


class OrderForm(SalesHead):
    customer_ref = forms.CharField(label=_("Customer's number"), max_length=60, required=False)
    salesperson_id = forms.ChoiceField(label=_("Salesperson"), required=False)
    ship_to = forms.CharField(
        label=_("Ship to"), max_length=250, required=False, help_text=_("Left empty: the customer's first address")
    )
    payment_days = forms.IntegerField(
        label=_("Payment term (days)"),
        min_value=0,
        max_value=365,
        required=False,
        help_text=_("Left empty: the customer's"),
    )
    exchange_rate = rate_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["salesperson_id"].choices = staff_choices()  # type: ignore[attr-defined]
        keep_rate_where_needed(self, "is_customer")

    def values(self) -> dict[str, Any]:
        """For `OrderData`."""
        clean = self.cleaned_data
        names = dict(self.fields["salesperson_id"].choices)  # type: ignore[attr-defined]
        seller = clean["salesperson_id"]
        return self.head() | {
            "customer_ref": clean["customer_ref"],
            "ship_to": clean["ship_to"] or default_address(clean["customer"]),
            "payment_days": clean["payment_days"],
            "exchange_rate": clean.get("exchange_rate"),
            "salesperson_id": uuid_or_none(seller),
            "salesperson_name": names.get(seller, "") if seller else "",
        }


class QuoteForm(SalesHead):
    valid_until = forms.DateField(label=_("Valid until"), widget=DateInput())

    def values(self) -> dict[str, Any]:
        """For `QuoteData`."""
        return self.head() | {"valid_until": self.cleaned_data["valid_until"]}


class AmendForm(StaffForm):
    """What of an approved order may be changed besides its lines; the reason stays with the revision."""

    requested_date = forms.DateField(label=_("Requested"), widget=DateInput())
    customer_ref = forms.CharField(label=_("Customer's number"), max_length=60, required=False)
    ship_to = forms.CharField(label=_("Ship to"), max_length=250, required=False)
    remark = forms.CharField(label=_("Remarks"), required=False)
    reason = forms.CharField(label=_("Why it changes"), max_length=300)
    exchange_rate = rate_field()

    def __init__(self, *args: Any, order: SalesOrder, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keep_rate_of(self, order)


def default_address(customer_id: Any) -> str:
    """Where goods of a customer go when nothing else is said."""
    found = Address.objects.filter(party_id=customer_id).order_by("-is_default", "pk").first()
    if found is None:
        return ""
    return " ".join(part for part in (str(found), found.contact_name, found.contact_phone) if part)[:250]


def order_initial(order: SalesOrder | None, customer: Party | None) -> dict[str, Any]:
    """What the form of an order shows first."""
    if order is not None:
        return _head_initial(order) | {
            "customer_ref": order.customer_ref,
            "salesperson_id": str(order.salesperson_id or ""),
            "ship_to": order.ship_to,
            "payment_days": order.payment_days,
            "exchange_rate": order.exchange_rate,
        }
    return _new_initial(customer)


def quote_initial(quote: SalesQuote | None, customer: Party | None) -> dict[str, Any]:
    """What the form of a quotation shows first."""
    if quote is not None:
        return _head_initial(quote) | {"valid_until": quote.valid_until}
    valid = clock.today() + timedelta(days=parameters.get("sales.quote_valid_days"))
    return _new_initial(customer) | {"valid_until": valid}


def _head_initial(document: SalesOrder | SalesQuote) -> dict[str, Any]:
    return {
        "customer": str(document.customer_id),
        "doc_date": document.doc_date,
        "requested_date": document.requested_date,
        "warehouse_id": str(document.warehouse_id),
        "price_includes_tax": "1" if document.price_includes_tax else "0",
        "remark": document.remark,
    }


def _new_initial(customer: Party | None) -> dict[str, Any]:
    today = clock.today()
    known: dict[str, Any] = {"doc_date": today, "requested_date": today}
    if customer is not None:
        known["customer"] = str(customer.pk)
        if customer.is_customer and customer.customer.salesperson_id:
            known["salesperson_id"] = str(customer.customer.salesperson_id)
    return known
