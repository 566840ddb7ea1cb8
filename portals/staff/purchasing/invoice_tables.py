"""The lists of purchase invoices and of statements of account."""

from collections.abc import Sequence
from typing import Any

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from backend.invoicing import matching
from backend.invoicing.models import (
    InvoiceKind,
    MatchState,
    PurchaseInvoice,
    PurchaseInvoiceLine,
    Statement,
    StatementState,
)
from backend.invoicing.selectors import ahead_of_goods, purchase_invoices_visible_to, statements_visible_to
from backend.invoicing.services import purchase_invoices
from backend.kernel import clock
from backend.kernel.document import Approval
from portals.staff.purchasing.tables import supplier_filter
from portals.staff.sales.invoice_tables import settled_chip
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.columns import APPROVAL, DAY, LINE_DAY, LINE_ITEM, LINE_NUMBER, NUMBER
from portals.staff.shared.line_lists import DocumentList
from portals.staff.shared.lists import StaffList, axis_choices
from portals.ui import matched
from portals.ui.components import Action, Empty
from portals.ui.lists import BatchAction, ChoiceFilter, Column, DateFilter, FlagFilter, NumberFilter, Preset, TextFilter


def _late() -> Q:
    return Q(approval="approved", due_date__lt=clock.today(), gross_amount__gt=0) & ~Q(settled="full")


def _coming() -> Q:
    return Q(pk__in=ahead_of_goods().order_by().values("document"))


class InvoiceList(DocumentList):
    key = "invoicing.purchase_invoice"
    noun = "purchase_invoice"
    line_model = PurchaseInvoiceLine
    line_related = ("document__supplier", "item__unit")
    title = gettext_lazy("Purchase invoices")
    permission = "invoicing.purchase_invoice.view"
    export_permission = "invoicing.purchase_invoice.export"
    columns = (
        NUMBER,
        DAY,
        Column("supplier", gettext_lazy("Supplier"), value="supplier.name", sort="supplier__sort_key"),
        Column("external_no", gettext_lazy("Tax invoice number"), sort=True),
        Column("gross_amount", gettext_lazy("Total incl. tax"), "money", sort=True, total="gross_amount", strong=True),
        Column(
            "open",
            gettext_lazy("Open amount"),
            "money",
            value="open_amount",
            sort="still_open",
            total="still_open",
            phone="meta",
        ),
        Column("due_date", gettext_lazy("Due"), "date", sort=True),
        APPROVAL,
        Column("match_state", gettext_lazy("Three-way match"), "chip", axis="matching", sort=True),
        Column(
            "settled",
            pgettext_lazy("state", "Settlement"),
            "chip",
            value=settled_chip,
            axis="settlement",
            sort="settled",
        ),
        Column("invoice_kind", gettext_lazy("Kind"), value="kind_label", shown=False),
        Column("net_amount", gettext_lazy("Net"), "money", sort=True, total="net_amount", shown=False),
        Column("tax_amount", gettext_lazy("Tax"), "money", sort=True, total="tax_amount", shown=False),
    )
    line_columns = (
        LINE_NUMBER,
        LINE_DAY,
        Column(
            "supplier", gettext_lazy("Supplier"), value="document.supplier.name", sort="document__supplier__sort_key"
        ),
        Column("source", gettext_lazy("Receipt or order"), value="source_number", sort="source_number"),
        LINE_ITEM,
        Column("qty", gettext_lazy("Quantity"), "qty", unit="item.unit.name", sort=True, total="qty"),
        Column("price", gettext_lazy("Price incl. tax"), "price", value="tax_incl_price"),
        Column("net_amount", gettext_lazy("Net"), "money", sort=True, total="net_amount"),
        Column("tax_amount", gettext_lazy("Tax"), "money", total="tax_amount"),
        Column("gross_amount", gettext_lazy("Total incl. tax"), "money", sort=True, total="gross_amount", strong=True),
        Column("match_state", gettext_lazy("Three-way match"), "chip", axis="matching"),
    )
    filters = (
        TextFilter(
            "q", gettext_lazy("Search"), fields=("number", "supplier__name", "supplier__mnemonic", "external_no")
        ),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        supplier_filter(),
        ChoiceFilter("approval", gettext_lazy("Approval"), choices=Approval),
        ChoiceFilter("match", gettext_lazy("Three-way match"), "match_state", choices=MatchState),
        ChoiceFilter("settled", pgettext_lazy("state", "Settlement"), choices=axis_choices("settlement")),
        DateFilter("due", gettext_lazy("Due"), "due_date"),
        ChoiceFilter("kind", gettext_lazy("Kind"), "invoice_kind", choices=InvoiceKind),
        NumberFilter("amount", gettext_lazy("Total"), "gross_amount"),
        FlagFilter("late", gettext_lazy("Overdue"), when=_late),
        FlagFilter("coming", gettext_lazy("Goods not received"), when=_coming),
    )
    presets = (
        Preset("draft", gettext_lazy("To approve"), "approval=draft,submitted", need=True),
        Preset("differs", gettext_lazy("Differs"), "approval=draft,submitted&match=discrepancy", need=True),
        Preset("open", gettext_lazy("To pay"), "approval=approved&settled=none,partial"),
        Preset("late", gettext_lazy("Overdue"), "late=1"),
        Preset("coming", gettext_lazy("Goods not received"), "coming=1", counted=False),
    )
    default_sort = ("-doc_date", "-number")
    batch = (BatchAction("approve", gettext_lazy("Approve"), "check", "invoicing.purchase_invoice.approve"),)

    def rows(self) -> QuerySet[PurchaseInvoice]:
        return purchase_invoices_visible_to(self.actor).annotate(still_open=F("gross_amount") - F("settled_amount"))

    def actions(self) -> Sequence[Action]:
        if not self.may("invoicing.purchase_invoice.edit"):
            return ()
        return (Action(_("New purchase invoice"), reverse("staff:purchase_invoice_new"), icon="plus", look="primary"),)

    def empty(self) -> Empty:
        text = _("An invoice is made from booked receipts and compared with order and receipt, line by line.")
        return Empty(_("No purchase invoices yet"), text, tuple(self.actions()))

    def apply_batch(self, action: str, row: Any) -> None:
        purchase_invoices.approve_invoice(invoice_id=row.pk, **who_and_when(self.request))


class StatementList(StaffList):
    key = "invoicing.statement"
    title = gettext_lazy("Statements of account")
    permission = "invoicing.statement.view"
    export_permission = "invoicing.statement.edit"
    columns = (
        NUMBER,
        Column("party", gettext_lazy("Name"), value="party.name", sort="party__sort_key"),
        Column("kind", gettext_lazy("Partner"), value="get_kind_display", sort="kind"),
        Column("period_from", gettext_lazy("From"), "date", sort=True),
        Column("period_to", gettext_lazy("To"), "date", sort=True),
        Column("opening_amount", gettext_lazy("Opening balance"), "money", sort=True, phone="hide"),
        Column(
            "received_amount",
            gettext_lazy("Goods of the period"),
            "money",
            sort=True,
            total="received_amount",
            phone="hide",
        ),
        Column(
            "paid_amount", gettext_lazy("Paid in the period"), "money", sort=True, total="paid_amount", phone="hide"
        ),
        Column(
            "closing_amount", gettext_lazy("Closing balance"), "money", sort=True, total="closing_amount", strong=True
        ),
        Column("state", gettext_lazy("State"), "chip", axis="statement", sort=True),
    )
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("number", "party__name", "party__mnemonic")),
        ChoiceFilter(
            "kind",
            gettext_lazy("Partner"),
            choices=[("supplier", gettext_lazy("Supplier")), ("customer", gettext_lazy("Customer"))],
        ),
        ChoiceFilter("state", gettext_lazy("State"), choices=StatementState),
        DateFilter("date", gettext_lazy("Until"), "period_to"),
    )
    presets = (
        Preset("open", gettext_lazy("Under way"), "state=open,proposed,disputed"),
        Preset("disputed", gettext_lazy("Disputed"), "state=disputed", need=True),
        Preset("agreed", gettext_lazy("Agreed"), "state=agreed"),
    )
    default_sort = ("-period_to", "-number")

    def rows(self) -> QuerySet[Statement]:
        return statements_visible_to(self.actor).exclude(approval="voided")

    def row_url(self, row: Any) -> str:
        return reverse("staff:statement_detail", kwargs={"number": row.number})

    def row_mark(self, row: Any) -> str:
        return "need" if row.state == StatementState.DISPUTED else ""

    def actions(self) -> Sequence[Action]:
        if not self.may("invoicing.statement.edit"):
            return ()
        return (Action(_("New statement"), reverse("staff:statement_new"), icon="plus", look="primary"),)

    def empty(self) -> Empty:
        text = _(
            "A statement gathers goods, differences and money of a period; the partner checks it line by line in the portal."
        )
        return Empty(_("No statements yet"), text, tuple(self.actions()))


def _shown(line: PurchaseInvoiceLine, key: str) -> str:
    """The figure of each difference of a line, in the unit of its kind."""
    return " · ".join(matched.figure(found, key, line.item.unit) for found in line.difference)


class DiscrepancyList(StaffList):
    """Lines of invoices that do not match order and receipt, each with its exact difference (SRM-16)."""

    key = "invoicing.discrepancy"
    title = gettext_lazy("Invoices that differ")
    permission = "invoicing.purchase_invoice.view"
    export_permission = "invoicing.purchase_invoice.export"
    columns = (
        Column("number", gettext_lazy("Invoice"), value="document.number", sort="document__number"),
        LINE_DAY,
        Column(
            "supplier", gettext_lazy("Supplier"), value="document.supplier.name", sort="document__supplier__sort_key"
        ),
        Column("line_no", gettext_lazy("Line"), "number"),
        LINE_ITEM,
        Column("source", gettext_lazy("Receipt of goods"), value="source_number", sub="order_number"),
        Column(
            "what",
            gettext_lazy("Difference"),
            value=lambda line: " · ".join(str(matching.words_of(found["kind"])) for found in line.difference),
        ),
        Column("expected", pgettext_lazy("invoice", "Expected"), value=lambda line: _shown(line, "expected")),
        Column("actual", pgettext_lazy("invoice", "Invoiced"), value=lambda line: _shown(line, "actual")),
        Column("gap", gettext_lazy("Gap"), value=lambda line: _shown(line, "gap"), strong=True),
        Column("external_no", gettext_lazy("Tax invoice number"), value="document.external_no", shown=False),
    )
    filters = (
        TextFilter(
            "q",
            gettext_lazy("Search"),
            fields=(
                "document__number",
                "document__supplier__name",
                "document__external_no",
                "item__name",
                "item__code",
            ),
        ),
        DateFilter("date", gettext_lazy("Date"), "document__doc_date"),
    )
    default_sort = ("-doc_date", "number")

    def rows(self) -> QuerySet[PurchaseInvoiceLine]:
        invoices = purchase_invoices_visible_to(self.actor).filter(approval__in=["draft", "submitted"]).order_by()
        found = PurchaseInvoiceLine.objects.filter(
            document__in=invoices.values("pk"), match_state=MatchState.DISCREPANCY
        )
        return found.select_related("document__supplier", "item__unit")

    def row_url(self, row: Any) -> str:
        return reverse("staff:purchase_invoice_detail", kwargs={"number": row.document.number})

    def row_mark(self, row: Any) -> str:
        return "need"

    def empty(self) -> Empty:
        text = _("Every invoice equals its order and receipt. One that differs waits here, line by line.")
        return Empty(_("Nothing differs"), text, ())
