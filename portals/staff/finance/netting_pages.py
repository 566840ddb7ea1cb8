"""Receivables set off against payables: list, entry, page, paper, steps."""

from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.invoicing.models import Netting
from backend.invoicing.services import netting
from backend.invoicing.services.netting import NettingData
from backend.invoicing.services.sides import PURCHASES, SALES
from backend.parties.models import Party
from portals.staff.finance.clearing_base import (
    Clearing,
    facts_of_parties,
    open_of,
    party_field,
    seal,
    today,
    values_of,
)
from portals.staff.finance.clearing_list import AMOUNT, APPROVAL, DATE, FIRST, LAST, ClearingList
from portals.staff.shared.acting import version_of, who_and_when
from portals.staff.shared.forms import StaffForm
from portals.ui.components import Fact
from portals.ui.documents import Line
from portals.ui.forms import DateInput
from portals.ui.lists import Column, TextFilter


class NettingForm(StaffForm):
    customer = party_field("customer", gettext_lazy("Customer who owes"))
    supplier = party_field(
        "supplier", gettext_lazy("Supplier we owe"), required=False, help_text=gettext_lazy("Left empty: the same firm")
    )
    doc_date = forms.DateField(label=gettext_lazy("Date"), widget=DateInput())
    amount = forms.DecimalField(
        label=gettext_lazy("Amount"),
        max_digits=16,
        decimal_places=2,
        required=False,
        help_text=gettext_lazy("Left empty: as much as both sides have open"),
    )
    remark = forms.CharField(label=gettext_lazy("Remarks"), required=False, max_length=500)


class NettingPages(Clearing):
    name, right, subject, model = "netting", "invoicing.netting", "netting_id", Netting
    title, plural = gettext_lazy("Receivable set off against payable"), gettext_lazy("Receivables against payables")
    new_title = gettext_lazy("Set a receivable off against a payable")
    lead = gettext_lazy("Invoices of both sides are settled by the same amount, without money.")
    related = ("customer", "supplier")
    steps_of: ClassVar[dict[str, Any]] = {
        "approve": netting.approve_netting,
        "unapprove": netting.unapprove_netting,
        "void": netting.void_netting,
    }

    form_class, field_names = NettingForm, ("customer", "supplier", "amount", "doc_date", "remark")

    def facts(self, document: Netting) -> list[Fact]:
        return facts_of_parties([(_("Customer"), document.customer), (_("Supplier"), document.supplier)])

    def lines(self, document: Netting) -> list[Line]:
        found = document.lines.select_related("sales_invoice", "purchase_invoice").order_by("line_no")
        return [
            self.line(
                row.line_no,
                row.sales_invoice or row.purchase_invoice,
                _("we get it") if row.sales_invoice else _("we owe it"),
                row.amount,
            )
            for row in found
        ]

    def initial(self, request: HttpRequest, document: Any) -> dict[str, Any]:
        if not document:
            return today()
        parties = {"customer": str(document.customer_id), "supplier": str(document.supplier_id)}
        return values_of(document, "doc_date", "amount", "remark") | parties

    def opened(self, form: StaffForm) -> list[tuple[Any, Any]]:
        customer = self.picked(form, "customer")
        supplier = self.picked(form, "supplier") or customer
        return [
            (_("What the customer owes"), open_of(SALES, customer) if customer else None),
            (_("What we owe the supplier"), open_of(PURCHASES, supplier) if supplier else None),
        ]

    def save(self, request: HttpRequest, form: StaffForm, document: Any) -> Netting:
        clean = form.cleaned_data
        data = NettingData(
            customer_id=clean["customer"],
            supplier_id=clean["supplier"] or clean["customer"],
            doc_date=clean["doc_date"],
            amount=clean["amount"],
            receivables=self.allocations(request, 0),
            payables=self.allocations(request, 1),
            remark=clean["remark"],
        )
        known = {"netting_id": document.pk, "version": version_of(request)} if document else {}
        return netting.save_netting(data=data, **known, **who_and_when(request))

    def paper_party(self, document: Netting) -> tuple[Any, Party]:
        return _("Customer"), document.customer

    def seals(self, document: Netting) -> list[tuple[Any, Any]]:
        both = document.customer_id != document.supplier_id
        return seal(_("Seal of the customer"), *([_("Seal of the supplier")] if both else []))


NETTINGS = NettingPages()


class NettingList(ClearingList):
    pages = NETTINGS
    key = "invoicing.netting"
    title = NettingPages.plural
    permission = "invoicing.netting.view"
    export_permission = "invoicing.receipt.export"
    columns = (
        *FIRST,
        Column("customer", gettext_lazy("Customer"), value="customer.name", sort="customer__sort_key"),
        Column("supplier", gettext_lazy("Supplier"), value="supplier.name", sort="supplier__sort_key"),
        AMOUNT,
        *LAST,
    )
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("number", "customer__name", "supplier__name", "remark")),
        DATE,
        APPROVAL,
    )
    nothing = gettext_lazy("Nothing was set off yet")
    purpose = gettext_lazy("A firm that is customer and supplier pays with what you owe it.")
