"""The list of sales invoices."""

from collections.abc import Sequence
from typing import Any

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from backend.invoicing.models import InvoiceKind, PurchaseInvoice, SalesInvoice, SalesInvoiceLine
from backend.invoicing.selectors import sales_invoices_visible_to
from backend.invoicing.services import sales_invoices
from backend.kernel import clock
from backend.kernel.document import Approval, Progress
from portals.staff.sales.tables import customer_filter
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.columns import APPROVAL, DAY, LINE_DAY, LINE_ITEM, LINE_NUMBER, NUMBER
from portals.staff.shared.lists import StaffList, axis_choices
from portals.ui.chips import Chip, chip
from portals.ui.components import Action, Banner, Empty
from portals.ui.lists import BatchAction, ChoiceFilter, Column, DateFilter, FlagFilter, NumberFilter, Preset, TextFilter
from portals.ui.navigation import document_address, numbered


def _late() -> Q:
    return Q(approval="approved", due_date__lt=clock.today(), gross_amount__gt=0) & ~Q(settled="full")


def settled_chip(row: SalesInvoice) -> Chip | None:
    """Paid, partly, open, or overdue."""
    if row.approval != Approval.APPROVED:
        return None
    if row.settled != Progress.FULL and row.due_date < clock.today() and not row.is_note:
        return chip("settlement", "overdue")
    return chip("settlement", row.settled)


def taken_over(invoice: SalesInvoice | PurchaseInvoice) -> Banner:
    """Why a debt has no lines: it was taken over from another party, or a stock document made it."""
    if isinstance(invoice, PurchaseInvoice) and invoice.cause_number:
        words = _("It has no goods and no tax; take it back with the document.")
        url = document_address(invoice.cause_type, invoice.cause_number)
        actions = (Action(_("Show the document"), url),)
        made = _("Made by %(number)s.") % {"number": invoice.cause_number}
        return Banner(made, words, look="info", icon="info", actions=actions)
    words = _("It has no goods and no tax; take it back with the transfer.")
    url = document_address("invoicing.debt_transfer", invoice.transfer.number)  # type: ignore[union-attr]
    fact = _("Taken over with %(number)s.") % {"number": invoice.transfer.number}  # type: ignore[union-attr]
    return Banner(fact, words, look="info", icon="info", actions=(Action(_("Show the transfer"), url),))


class InvoiceList(StaffList):
    key = "invoicing.sales_invoice"
    title = gettext_lazy("Sales invoices")
    permission = "invoicing.sales_invoice.view"
    export_permission = "invoicing.sales_invoice.export"
    columns = (
        NUMBER,
        DAY,
        Column("customer", gettext_lazy("Customer"), value="customer.name", sort="customer__sort_key"),
        Column("gross_amount", gettext_lazy("Total incl. tax"), "money", sort=True, total="gross_amount", strong=True),
        Column(
            "open_amount",
            gettext_lazy("Open amount"),
            "money",
            value="open_amount",
            sort="still_open",
            total="still_open",
        ),
        Column("due_date", gettext_lazy("Due"), "date", sort=True),
        APPROVAL,
        Column(
            "settled",
            pgettext_lazy("state", "Settlement"),
            "chip",
            value=settled_chip,
            axis="settlement",
            sort="settled",
        ),
        Column("external_no", gettext_lazy("Tax invoice number"), sort=True, phone="hide"),
        Column("invoice_kind", gettext_lazy("Kind"), value="kind_label", shown=False),
        Column("net_amount", gettext_lazy("Net"), "money", sort=True, total="net_amount", shown=False),
        Column("tax_amount", gettext_lazy("Tax"), "money", sort=True, total="tax_amount", shown=False),
    )
    line_columns = (
        LINE_NUMBER,
        LINE_DAY,
        Column(
            "customer", gettext_lazy("Customer"), value="document.customer.name", sort="document__customer__sort_key"
        ),
        Column("source", gettext_lazy("Delivery"), value="source_number", sort="source_number"),
        Column("order", pgettext_lazy("document", "Order"), value="order_number", sort="order_number"),
        LINE_ITEM,
        Column("qty", gettext_lazy("Quantity"), "qty", unit="item.unit.name", sort=True, total="qty"),
        Column("price", gettext_lazy("Price incl. tax"), "price", value="tax_incl_price"),
        Column("net_amount", gettext_lazy("Net"), "money", sort=True, total="net_amount"),
        Column("tax_amount", gettext_lazy("Tax"), "money", total="tax_amount"),
        Column("gross_amount", gettext_lazy("Total incl. tax"), "money", sort=True, total="gross_amount", strong=True),
    )
    filters = (
        TextFilter(
            "q", gettext_lazy("Search"), fields=("number", "customer__name", "customer__mnemonic", "external_no")
        ),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        customer_filter(),
        ChoiceFilter("approval", gettext_lazy("Approval"), choices=Approval),
        ChoiceFilter("settled", pgettext_lazy("state", "Settlement"), choices=axis_choices("settlement")),
        DateFilter("due", gettext_lazy("Due"), "due_date"),
        ChoiceFilter("kind", gettext_lazy("Kind"), "invoice_kind", choices=InvoiceKind),
        NumberFilter("amount", gettext_lazy("Total"), "gross_amount"),
        FlagFilter("late", gettext_lazy("Overdue"), when=_late),
    )
    presets = (
        Preset("draft", gettext_lazy("To approve"), "approval=draft,submitted", need=True),
        Preset("open", pgettext_lazy("invoice", "Open"), "approval=approved&settled=none,partial"),
        Preset("late", gettext_lazy("Overdue"), "late=1"),
    )
    default_sort = ("-doc_date", "-number")
    batch = (BatchAction("approve", gettext_lazy("Approve"), "check", "invoicing.sales_invoice.approve"),)

    def rows(self) -> QuerySet[SalesInvoice]:
        return sales_invoices_visible_to(self.actor).annotate(still_open=F("gross_amount") - F("settled_amount"))

    def line_rows(self) -> QuerySet[SalesInvoiceLine]:
        documents = self.rows().filter(self.condition(self.state.filters)).order_by()
        return SalesInvoiceLine.objects.filter(document__in=documents.values("pk")).select_related(
            "document__customer", "item__unit"
        )

    @property
    def filtered(self) -> QuerySet[Any]:  # type: ignore[override]
        return self.line_rows() if self.by_lines else self.rows().filter(self.condition(self.state.filters))

    def row_url(self, row: Any) -> str:
        number = row.document.number if self.by_lines else row.number
        return numbered("staff:sales_invoice_detail", number)

    def row_mark(self, row: Any) -> str:
        return "off" if getattr(row, "approval", "") == Approval.VOIDED else ""

    def actions(self) -> Sequence[Action]:
        if not self.may("invoicing.sales_invoice.edit"):
            return ()
        return (Action(_("New sales invoice"), reverse("staff:sales_invoice_new"), icon="plus", look="primary"),)

    def empty(self) -> Empty:
        text = _(
            "An invoice is made from shipped deliveries. Approving it opens the receivable and writes the voucher."
        )
        return Empty(_("No sales invoices yet"), text, tuple(self.actions()))

    def apply_batch(self, action: str, row: Any) -> None:
        sales_invoices.approve_invoice(invoice_id=row.pk, **who_and_when(self.request))
