"""Debts moved to another party: list, entry, page, paper, steps."""

from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.invoicing.models import DebtSide, DebtTransfer
from backend.invoicing.services import transfers
from backend.invoicing.services.transfers import DebtTransferData
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
from portals.ui.lists import ChoiceFilter, Column, TextFilter
from portals.ui.navigation import document_address


class DebtTransferForm(StaffForm):
    side = forms.ChoiceField(label=gettext_lazy("What is moved"), choices=DebtSide)
    customer = party_field("customer", gettext_lazy("Customer who owes"))
    to_customer = party_field("customer", gettext_lazy("Customer who owes from now on"))
    supplier = party_field("supplier", gettext_lazy("Supplier we owe"))
    to_supplier = party_field("supplier", gettext_lazy("Supplier we owe from now on"))
    doc_date = forms.DateField(label=gettext_lazy("Date"), widget=DateInput())
    amount = forms.DecimalField(
        label=gettext_lazy("Amount"),
        max_digits=16,
        decimal_places=2,
        required=False,
        help_text=gettext_lazy("Left empty: all that is open, or all that is chosen"),
    )
    remark = forms.CharField(label=gettext_lazy("Remarks"), required=False, max_length=500)
    shown_for: ClassVar = {
        "customer": ("side", "customer"),
        "to_customer": ("side", "customer"),
        "supplier": ("side", "supplier"),
        "to_supplier": ("side", "supplier"),
    }


class DebtTransferPages(Clearing):
    name, right, subject, model = "debt_transfer", "invoicing.debt_transfer", "transfer_id", DebtTransfer
    title, plural = gettext_lazy("Debt moved to another party"), gettext_lazy("Debts moved to another party")
    new_title = gettext_lazy("Move a debt to another party")
    lead = gettext_lazy("The invoices are settled without money and go on, due on the same days, with the other party.")
    form_class = DebtTransferForm
    field_names = ("side", "customer", "to_customer", "supplier", "to_supplier", "amount", "doc_date", "remark")
    related = ("from_party", "to_party")
    steps_of: ClassVar[dict[str, Any]] = {
        "approve": transfers.approve_transfer,
        "unapprove": transfers.unapprove_transfer,
        "void": transfers.void_transfer,
    }

    def heading(self, document: DebtTransfer) -> Any:
        return _("Transfer of a receivable") if document.side == DebtSide.CUSTOMER else _("Transfer of a payable")

    def facts(self, document: DebtTransfer) -> list[Fact]:
        found = facts_of_parties([(_("Former party"), document.from_party), (_("New party"), document.to_party)])
        carried = transfers.carried_by(document) if document.is_approved else []
        if carried:
            first = carried[0]
            more = _("and %(count)s more") % {"count": len(carried) - 1} if len(carried) > 1 else ""
            found.append(Fact(_("Goes on as"), first.number, more, document_address(first.DOC_TYPE, first.number)))
        return found

    def lines(self, document: DebtTransfer) -> list[Line]:
        found = document.lines.select_related("sales_invoice", "purchase_invoice").order_by("line_no")
        return [self.line(row.line_no, row.sales_invoice or row.purchase_invoice, "", row.amount) for row in found]

    def initial(self, request: HttpRequest, document: Any) -> dict[str, Any]:
        if not document:
            return today() | {"side": request.GET.get("side", "")[:10]}
        parties = {document.side: str(document.from_party_id), f"to_{document.side}": str(document.to_party_id)}
        return values_of(document, "side", "amount", "doc_date", "remark") | parties

    def opened(self, form: StaffForm) -> list[tuple[Any, Any]]:
        name = str(form["side"].value() or "customer")
        side = transfers.SIDES.get(name)
        party = self.picked(form, name) if side else None
        title = _("What we owe the supplier") if name == "supplier" else _("What the customer owes")
        return [(title, open_of(side, party) if side and party else None)]

    def save(self, request: HttpRequest, form: StaffForm, document: Any) -> DebtTransfer:
        clean = form.cleaned_data
        data = DebtTransferData(
            side=clean["side"],
            from_party_id=clean[clean["side"]],
            to_party_id=clean[f"to_{clean['side']}"],
            doc_date=clean["doc_date"],
            amount=clean["amount"],
            invoices=self.allocations(request),
            remark=clean["remark"],
        )
        known = {"transfer_id": document.pk, "version": version_of(request)} if document else {}
        return transfers.save_transfer(data=data, **known, **who_and_when(request))

    def paper_party(self, document: DebtTransfer) -> tuple[Any, Party]:
        return _("Former party"), document.from_party

    def seals(self, document: DebtTransfer) -> list[tuple[Any, Any]]:
        return seal(_("Seal of the former party"), _("Seal of the new party"))


DEBT_TRANSFERS = DebtTransferPages()


class DebtTransferList(ClearingList):
    pages = DEBT_TRANSFERS
    key = "invoicing.debt_transfer"
    title = DebtTransferPages.plural
    permission = "invoicing.debt_transfer.view"
    export_permission = "invoicing.receipt.export"
    columns = (
        *FIRST,
        Column("side", gettext_lazy("What is moved"), value="get_side_display", sort="side", phone="hide"),
        Column("from_party", gettext_lazy("Former party"), value="from_party.name", sort="from_party__sort_key"),
        Column("to_party", gettext_lazy("New party"), value="to_party.name", sort="to_party__sort_key"),
        AMOUNT,
        *LAST,
    )
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("number", "from_party__name", "to_party__name", "remark")),
        DATE,
        ChoiceFilter("side", gettext_lazy("What is moved"), choices=DebtSide),
        APPROVAL,
    )
    nothing = gettext_lazy("No debt was moved yet")
    purpose = gettext_lazy(
        "A parent company takes over what its subsidiary owes; a supplier sells what we owe to another firm."
    )
