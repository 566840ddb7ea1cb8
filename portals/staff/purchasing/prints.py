"""Purchasing documents on paper, in Chinese or English, and an order's lines as a spreadsheet."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from backend.purchasing.models import PurchaseOrder
from portals.staff.purchasing import (
    invoice_views,
    order_lines,
    order_reading,
    order_views,
    receipt_views,
    return_views,
    statement_views,
)
from portals.staff.purchasing.tables import OrderList
from portals.staff.sales.prints import paper, printed
from portals.staff.shared.approvals import decider_view, standing_of
from portals.staff.shared.lists import PRICES
from portals.ui import formats
from portals.ui.documents import Line, LineColumn
from portals.ui.guards import staff_view
from portals.ui.lists import export
from portals.ui.printing import PrintSheet, PrintTotal, lines_for_print


def _paper(request: HttpRequest, document: Any, **parts: Any) -> PrintSheet:
    """The paper of a document of a supplier."""
    return replace(paper(request, document, party=document.supplier, **parts), party_label=_("Supplier"))


@decider_view(PurchaseOrder.DOC_TYPE, "purchasing.order.view")
def order_print(request: HttpRequest, number: str) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    page = order_reading.read_order(order_views.ORDER.load(actor, number))
    order, priced = page.order, standing_of(page.order, actor).reader(actor).may(PRICES)
    return printed(
        request,
        number,
        lambda: _paper(
            request,
            order,
            title=_("Subcontract order") if order.kind == "subcontract" else _("Purchase order"),
            facts=[
                (_("Date"), formats.day(order.doc_date)),
                (_("Wanted on"), formats.day(order.requested_date)),
                (_("Supplier's number"), order.supplier_ref),
                (_("Warehouse"), str(order.warehouse)),
                (_("Payment term"), formats.days(order.payment_days)),
                (_("Buyer"), order.buyer_name),
            ],
            columns=order_lines.columns_of(priced),
            lines=[order_lines.line_of(page, line, actor) for line in page.lines],
            leave_out=("received", "state"),
            priced=priced,
        ),
    )


@staff_view("purchasing.order.export")
def order_sheet(request: HttpRequest, number: str) -> HttpResponse:
    """The lines of an order as a spreadsheet."""
    actor = request.actor  # type: ignore[attr-defined]
    order = order_views.ORDER.load(actor, number)
    hidden = frozenset() if actor.may(PRICES) else OrderList.priced
    columns = [column for column in OrderList.line_columns if column.key not in hidden]
    rows = order.lines.select_related("document__supplier", "item__unit").order_by("line_no")
    return export.xlsx(number, columns, rows, {})


@staff_view("purchasing.receipt.view")
def receipt_print(request: HttpRequest, number: str) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    receipt = receipt_views.RECEIPT.load(actor, number)
    priced = actor.may(PRICES) and bool(request.GET.get("prices"))
    return printed(
        request,
        number,
        lambda: _paper(
            request,
            receipt,
            title=_("Receipt of goods"),
            facts=[
                (_("Date"), formats.day(receipt.doc_date)),
                (_("Warehouse"), str(receipt.warehouse)),
                (_("Supplier's delivery note"), receipt.supplier_note_no),
            ],
            columns=receipt_views.columns_of(priced),
            lines=[receipt_views.line_of(line, actor) for line in receipt.lines.all()],
            leave_out=("invoiced", "returned"),
            signatures=[(_("Received by"), receipt.approved_by_name), (_("Delivered by"), "")],
            priced=priced,
        ),
    )


@staff_view("purchasing.return.view")
def return_print(request: HttpRequest, number: str) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    document = return_views.RETURN.load(actor, number)
    priced = actor.may(PRICES)
    return printed(
        request,
        number,
        lambda: _paper(
            request,
            document,
            title=_("Purchase return"),
            facts=[
                (_("Date"), formats.day(document.doc_date)),
                (_("Warehouse"), str(document.warehouse)),
                (_("For"), document.get_outcome_display()),
                (_("Supplier's number"), document.supplier_ref),
            ],
            columns=return_views.columns_of(priced, cost=False),
            lines=[return_views.line_of(line, actor) for line in document.lines.all()],
            leave_out=("debit",),
            signatures=[(_("Sent by"), document.approved_by_name), (_("Received by"), "")],
            priced=priced,
        ),
    )


@staff_view("invoicing.purchase_invoice.view")
def invoice_print(request: HttpRequest, number: str) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    invoice = invoice_views.INVOICE.load(actor, number)
    lines = sorted(invoice.lines.all(), key=lambda line: line.line_no)
    return printed(
        request,
        number,
        lambda: _paper(
            request,
            invoice,
            title=_("Purchase invoice"),
            facts=[
                (_("Date"), formats.day(invoice.doc_date)),
                (_("Due"), formats.day(invoice.due_date)),
                (_("Kind"), invoice.kind_label),
                (_("Tax invoice number"), invoice.external_no),
            ],
            columns=invoice_views.PRINT_COLUMNS,
            lines=[invoice_views.line_of(line, actor) for line in lines],
        ),
    )


@staff_view("invoicing.statement.view")
def statement_print(request: HttpRequest, number: str) -> HttpResponse:
    statement = statement_views.STATEMENT.load(request.actor, number)  # type: ignore[attr-defined]
    lines = sorted(statement.lines.all(), key=lambda line: line.line_no)

    def make() -> PrintSheet:
        drawn = [statement_views.line_of(line) for line in lines]
        sheet = paper(
            request,
            statement,
            title=_("Statement of account"),
            party=statement.party,
            facts=[(_("Period"), f"{formats.day(statement.period_from)} – {formats.day(statement.period_to)}")],
            columns=statement_views.PAGE_COLUMNS,
            lines=drawn,
            priced=False,
            signatures=[(_("Signed by us"), statement.our_signature), (_("Signed by them"), statement.their_signature)],
        )
        heads, rows = _statement_lines(statement_views.PAGE_COLUMNS, drawn)
        totals = [PrintTotal(row.label, row.value, row.grand) for row in statement_views.totals_of(statement)]
        label = statement.get_kind_display()
        return replace(
            sheet,
            columns=heads,
            rows=rows,
            totals=totals,
            amount=statement.closing_amount,
            party_label=label,
            watermark="",
        )

    return printed(request, number, make)


def _statement_lines(columns: Sequence[LineColumn], lines: Sequence[Line]) -> Any:
    return lines_for_print(columns, lines, ("verdict",))
