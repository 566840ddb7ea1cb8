"""The heads of purchasing documents."""

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from backend.invoicing.models import InvoiceKind
from backend.kernel import clock
from backend.parties.models import Party
from backend.purchasing.models import PurchaseOrder
from portals.staff.sales.forms import PRICE_MODES, warehouse_choices
from portals.staff.shared.currency import keep_rate_of, keep_rate_where_needed, rate_field
from portals.staff.shared.forms import PickField, StaffForm, staff_choices
from portals.staff.shared.parties import uuid_or_none
from portals.ui.forms import DateInput


def supplier_field(**kwargs: Any) -> PickField:
    """A supplier chosen in a combobox."""
    return PickField(
        label=_("Supplier"),
        model=Party,
        role="is_supplier",
        url_name="staff:find_suppliers",
        error_messages={"required": _("Choose a supplier."), "invalid": _("Choose a supplier from the list.")},
        **kwargs,
    )


class WithSupplier(StaffForm):
    """A form with a supplier in a combobox."""

    supplier = supplier_field()

    @property
    def supplier_label(self) -> str:
        picked = self.data.get("supplier") if self.is_bound else self.initial.get("supplier")
        return self.fields["supplier"].label_of(picked)  # type: ignore[attr-defined]


class OrderForm(WithSupplier):
    """The head of a purchase order."""

    doc_date = forms.DateField(label=_("Date"), widget=DateInput())
    requested_date = forms.DateField(label=_("Wanted on"), widget=DateInput())
    warehouse_id = forms.ChoiceField(label=_("Warehouse"))
    buyer_id = forms.ChoiceField(label=_("Buyer"), required=False)
    supplier_ref = forms.CharField(label=_("Supplier's number"), max_length=60, required=False)
    payment_days = forms.IntegerField(
        label=_("Payment term (days)"),
        min_value=0,
        max_value=365,
        required=False,
        help_text=_("Left empty: the supplier's"),
    )
    exchange_rate = rate_field()
    price_includes_tax = forms.ChoiceField(label=_("Prices"), choices=PRICE_MODES)
    remark = forms.CharField(label=_("Remarks"), required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["warehouse_id"].choices = warehouse_choices()  # type: ignore[attr-defined]
        self.fields["buyer_id"].choices = staff_choices()  # type: ignore[attr-defined]
        keep_rate_where_needed(self, "is_supplier")

    def values(self) -> dict[str, Any]:
        """For `OrderData`."""
        clean = self.cleaned_data
        names = dict(self.fields["buyer_id"].choices)  # type: ignore[attr-defined]
        buyer = clean["buyer_id"]
        return {
            "supplier_id": clean["supplier"],
            "doc_date": clean["doc_date"],
            "requested_date": clean["requested_date"],
            "warehouse_id": uuid_or_none(clean["warehouse_id"]),
            "buyer_id": uuid_or_none(buyer),
            "buyer_name": names.get(buyer, "") if buyer else "",
            "supplier_ref": clean["supplier_ref"],
            "payment_days": clean["payment_days"],
            "exchange_rate": clean.get("exchange_rate"),
            "price_includes_tax": clean["price_includes_tax"] == "1",
            "remark": clean["remark"],
        }


class AmendForm(StaffForm):
    """Why lines of an approved order change."""

    reason = forms.CharField(label=_("Why it changes"), max_length=300)
    exchange_rate = rate_field()

    def __init__(self, *args: Any, order: PurchaseOrder, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keep_rate_of(self, order)


class ReceiptForm(StaffForm):
    """What is keyed about a receipt of goods beside its lines."""

    doc_date = forms.DateField(label=_("Date"), widget=DateInput())
    supplier_note_no = forms.CharField(label=_("Supplier's delivery note"), max_length=60, required=False)
    remark = forms.CharField(label=_("Remarks"), required=False)


class InvoiceForm(StaffForm):
    """The head of a purchase invoice."""

    external_no = forms.CharField(label=_("Tax invoice number"), max_length=40, required=False)
    doc_date = forms.DateField(label=_("Date"), widget=DateInput())
    due_date = forms.DateField(
        label=_("Due"), widget=DateInput(), required=False, help_text=_("Left empty: by the supplier's terms")
    )
    invoice_kind = forms.ChoiceField(label=_("Kind"), choices=InvoiceKind.choices)
    remark = forms.CharField(label=_("Remarks"), required=False)


class StatementForm(StaffForm):
    """With whom and for which time a statement is made."""

    side = forms.ChoiceField(label=_("Partner"), choices=[("supplier", _("Supplier")), ("customer", _("Customer"))])
    supplier = supplier_field()
    customer = PickField(
        label=_("Customer"),
        model=Party,
        role="is_customer",
        url_name="staff:find_customers",
        error_messages={"required": _("Choose a customer."), "invalid": _("Choose a customer from the list.")},
    )
    period_from = forms.DateField(label=_("From"), widget=DateInput())
    period_to = forms.DateField(label=_("To"), widget=DateInput())
    shown_for: ClassVar = {"supplier": ("side", "supplier"), "customer": ("side", "customer")}

    def clean(self) -> dict[str, Any]:
        clean = super().clean() or {}
        if clean.get("period_from") and clean.get("period_to") and clean["period_from"] > clean["period_to"]:
            self.add_error("period_to", _("It ends before it begins."))
        return clean


def order_initial(order: PurchaseOrder | None, supplier: Party | None) -> dict[str, Any]:
    """What the form of an order shows first."""
    today = clock.today()
    if order is not None:
        return {
            "supplier": str(order.supplier_id),
            "doc_date": order.doc_date,
            "requested_date": order.requested_date,
            "warehouse_id": str(order.warehouse_id),
            "buyer_id": str(order.buyer_id or ""),
            "supplier_ref": order.supplier_ref,
            "payment_days": order.payment_days,
            "exchange_rate": order.exchange_rate,
            "price_includes_tax": "1" if order.price_includes_tax else "0",
            "remark": order.remark,
        }
    known: dict[str, Any] = {"doc_date": today, "requested_date": today + timedelta(days=7)}
    if supplier is not None:
        terms = supplier.supplier
        known |= {"supplier": str(supplier.pk), "buyer_id": str(terms.buyer_id or "")}
        if terms.lead_days:
            known["requested_date"] = today + timedelta(days=terms.lead_days)
    return known
