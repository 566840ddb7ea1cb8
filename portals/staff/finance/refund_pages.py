"""Refunds: list, entry, page, paper, steps."""

from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.invoicing.models import Refund, RefundSide
from backend.invoicing.selectors import fund_accounts
from backend.invoicing.services import refunds
from backend.invoicing.services.refunds import RefundData
from backend.parties.models import Party
from portals.staff.finance.clearing_base import Clearing, party_field, seal, today, values_of
from portals.staff.finance.clearing_list import AMOUNT, APPROVAL, DATE, FIRST, LAST, ClearingList
from portals.staff.shared.acting import version_of, who_and_when
from portals.staff.shared.forms import StaffForm
from portals.staff.shared.parties import uuid_or_none
from portals.ui.components import Fact
from portals.ui.documents import Line
from portals.ui.forms import DateInput
from portals.ui.lists import ChoiceFilter, Column, TextFilter
from portals.ui.related import DOC_TYPE_NAMES


class RefundForm(StaffForm):
    side = forms.ChoiceField(label=gettext_lazy("Refund"), choices=RefundSide)
    customer = party_field("customer", gettext_lazy("Customer"))
    supplier = party_field("supplier", gettext_lazy("Supplier"))
    amount = forms.DecimalField(label=gettext_lazy("Amount"), max_digits=16, decimal_places=2)
    fund_account = forms.ChoiceField(label=gettext_lazy("Account"))
    doc_date = forms.DateField(label=gettext_lazy("Date"), widget=DateInput())
    reference = forms.CharField(label=gettext_lazy("Reference"), max_length=80, required=False)
    remark = forms.CharField(label=gettext_lazy("Remarks"), required=False, max_length=500)
    shown_for: ClassVar = {"customer": ("side", "customer"), "supplier": ("side", "supplier")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(row.pk), row.name) for row in fund_accounts()]
        self.fields["fund_account"].choices = choices  # type: ignore[attr-defined]


class RefundPages(Clearing):
    name, right, subject, model = "refund", "invoicing.refund", "refund_id", Refund
    title, plural, new_title = gettext_lazy("Refund"), gettext_lazy("Refunds"), gettext_lazy("New refund")
    lead = gettext_lazy("Notes that set off no invoice are paid back, and advances that settle none.")
    related = ("party", "fund_account")
    steps_of: ClassVar[dict[str, Any]] = {
        "approve": refunds.approve_refund,
        "unapprove": refunds.unapprove_refund,
        "void": refunds.void_refund,
    }

    form_class = RefundForm
    field_names = ("side", "customer", "supplier", "amount", "fund_account", "doc_date", "reference", "remark")

    def facts(self, document: Refund) -> list[Fact]:
        return [
            Fact(document.get_side_display(), document.party.name),
            Fact(_("Account"), document.fund_account.name, document.reference),
        ]

    def lines(self, document: Refund) -> list[Line]:
        rows = list(document.lines.order_by("line_no"))
        sources = refunds.sources_of(document, rows)
        return [
            self.line(row.line_no, sources[row.source_id], DOC_TYPE_NAMES[row.source_type], row.amount) for row in rows
        ]

    def initial(self, request: HttpRequest, document: Any) -> dict[str, Any]:
        if not document:
            return today() | {"side": request.GET.get("side", "")[:10]}
        names = ("side", "amount", "doc_date", "reference", "remark")
        chosen = {document.side: str(document.party_id), "fund_account": str(document.fund_account_id)}
        return values_of(document, *names) | chosen

    def opened(self, form: StaffForm) -> list[tuple[Any, Any]]:
        name = str(form["side"].value() or "customer")
        side = refunds.SIDES.get(name)
        party = self.picked(form, name) if side else None
        found = [(row.document, row.amount) for row in refunds.owed_back(side, party)] if side and party else None
        return [(_("Notes and advances that are open"), found)]

    def taken(self, document: Refund) -> dict[UUID, Decimal]:
        return dict(document.lines.values_list("source_id", "amount"))

    def save(self, request: HttpRequest, form: StaffForm, document: Any) -> Refund:
        clean = form.cleaned_data
        fund_id = uuid_or_none(clean["fund_account"])
        assert fund_id is not None
        data = RefundData(
            side=clean["side"],
            party_id=clean[clean["side"]],
            fund_account_id=fund_id,
            doc_date=clean["doc_date"],
            amount=clean["amount"],
            reference=clean["reference"],
            remark=clean["remark"],
            sources=self.allocations(request),
        )
        known = {"refund_id": document.pk, "version": version_of(request)} if document else {}
        return refunds.save_refund(data=data, **known, **who_and_when(request))

    def paper_party(self, document: Refund) -> tuple[Any, Party]:
        return _("Customer") if document.side == RefundSide.CUSTOMER else _("Supplier"), document.party

    def seals(self, document: Refund) -> list[tuple[Any, Any]]:
        received = _("Received by") if document.side == RefundSide.CUSTOMER else _("Paid by")
        return seal(_("Cashier"), received)


REFUNDS = RefundPages()


class RefundList(ClearingList):
    pages = REFUNDS
    key = "invoicing.refund"
    title = RefundPages.plural
    permission = "invoicing.refund.view"
    export_permission = "invoicing.payment.export"
    columns = (
        *FIRST,
        Column("side", gettext_lazy("Refund"), value="get_side_display", sort="side"),
        Column("party", gettext_lazy("Partner"), value="party.name", sort="party__sort_key"),
        AMOUNT,
        Column("fund_account", gettext_lazy("Account"), value="fund_account.name", sort="fund_account__name"),
        *LAST,
    )
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("number", "party__name", "reference", "remark")),
        DATE,
        ChoiceFilter("side", gettext_lazy("Refund"), choices=RefundSide),
        APPROVAL,
    )
    nothing = gettext_lazy("No refunds yet")
    purpose = gettext_lazy("An advance that was not used, or a note that set off nothing, is paid back.")
