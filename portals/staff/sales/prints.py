"""Sales documents on paper, in Chinese or English, and an order's lines as a spreadsheet."""

from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from backend.kernel import tenancy
from backend.kernel.currency import HOME
from backend.parties.models import Party
from backend.sales.models import SalesOrder
from portals.staff.sales import delivery_page, invoice_views, order_page, quote_views, return_views
from portals.staff.sales.order_read import load_order, load_to_decide, read_order
from portals.staff.sales.tables import OrderList
from portals.staff.shared.approvals import decider_view
from portals.staff.shared.lists import PRICES
from portals.ui import formats
from portals.ui.documents import Line, LineColumn
from portals.ui.guards import staff_view
from portals.ui.lists import export
from portals.ui.printing import PrintSheet, PrintTotal, document_pdf, lines_for_print, pdf_response

_LANGUAGES = dict(settings.LANGUAGES)


def language_of(request: HttpRequest) -> str:
    """The language asked for, else the reader's."""
    asked = request.GET.get("lang", "")
    return asked if asked in _LANGUAGES else translation.get_language() or settings.LANGUAGE_CODE


def printed(request: HttpRequest, number: str, make: Callable[[], PrintSheet]) -> HttpResponse:
    """The paper, made in the language asked for."""
    language = language_of(request)
    with translation.override(language):
        body = document_pdf(make(), language)
    return pdf_response(body, number)


def party_lines(party: Party) -> list[str]:
    """What stands under the partner's name."""
    tax = _("Tax id %(id)s") % {"id": party.tax_id} if party.tax_id else ""
    return [line for line in (tax, party.phone, party.email) if line]


def amounts(document: Any) -> list[PrintTotal]:
    """Net, tax and total."""
    return [
        PrintTotal(_("Net"), formats.money(document.net_amount)),
        PrintTotal(_("Tax"), formats.money(document.tax_amount)),
        PrintTotal(
            _("Total incl. tax"), f"{order_page.symbol(document.currency)}{formats.money(document.gross_amount)}", True
        ),
    ]


def paper(
    request: HttpRequest,
    document: Any,
    *,
    title: Any,
    party: Party,
    facts: Sequence[tuple[Any, Any]],
    columns: Sequence[LineColumn],
    lines: Sequence[Line],
    leave_out: Sequence[str] = (),
    signatures: Sequence[tuple[Any, Any]] = (),
    priced: bool = True,
) -> PrintSheet:
    """The parts that every sales paper has."""
    heads, rows = lines_for_print(columns, lines, leave_out)
    path = request.path.removesuffix("print/")
    return PrintSheet(
        title=title,
        number=document.number,
        company=str(tenancy.current().name),
        party_label=_("Customer"),
        party=party.name,
        party_lines=party_lines(party),
        facts=facts,
        columns=heads,
        rows=rows,
        totals=amounts(document) if priced else (),
        amount=document.gross_amount if priced else None,
        currency=getattr(document, "currency", HOME),
        remark=document.remark,
        signatures=signatures
        or [(_("Made by"), document.created_by_name), (_("Approved by"), document.approved_by_name)],
        watermark=_("Draft") if document.is_draft else _("Void") if document.approval == "voided" else "",
        link=request.build_absolute_uri(path),
    )


@decider_view(SalesOrder.DOC_TYPE, "sales.order.view")
def order_print(request: HttpRequest, number: str) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    data = read_order(actor, load_to_decide(actor, number))
    priced = data.standing.reader(actor).may(PRICES)

    def make() -> PrintSheet:
        order = data.order
        return paper(
            request,
            order,
            title=_("Sales order"),
            party=order.customer,
            facts=[
                (_("Date"), formats.day(order.doc_date)),
                (_("Requested"), formats.day(order.requested_date)),
                (_("Promised"), formats.day(order.promise_date)),
                (_("Customer's number"), order.customer_ref),
                (_("Ship to"), order.ship_to),
                (_("Payment term"), formats.days(order.payment_days)),
                (_("Salesperson"), order.salesperson_name),
            ],
            columns=order_page.columns_of(priced),
            lines=[order_page.line_of(data, line, actor) for line in data.lines],
            priced=priced,
        )

    return printed(request, number, make)


@staff_view("sales.quote.view")
def quote_print(request: HttpRequest, number: str) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    quote = quote_views.load_quote(actor, number)
    lines = list(quote.lines.select_related("item__unit", "line_unit").order_by("line_no"))

    def make() -> PrintSheet:
        return paper(
            request,
            quote,
            title=_("Quotation"),
            party=quote.customer,
            facts=[
                (_("Date"), formats.day(quote.doc_date)),
                (_("Valid until"), formats.day(quote.valid_until)),
                (_("Delivery by"), formats.day(quote.requested_date)),
            ],
            columns=quote_views.columns(actor.may(PRICES)),
            lines=[quote_views.line_of(line) for line in lines],
            leave_out=("ordered",),
            signatures=[(_("Offered by"), quote.created_by_name), (_("Accepted by"), quote.accepted_by_name)],
            priced=actor.may(PRICES),
        )

    return printed(request, number, make)


@staff_view("sales.delivery.view")
def delivery_print(request: HttpRequest, number: str) -> HttpResponse:
    """A delivery note: prices stay off it unless they are asked for."""
    actor = request.actor  # type: ignore[attr-defined]
    page = delivery_page.read_delivery(delivery_page.load_delivery(actor, number))
    priced = actor.may(PRICES) and bool(request.GET.get("prices"))

    def make() -> PrintSheet:
        delivery = page.delivery
        return paper(
            request,
            delivery,
            title=_("Delivery note"),
            party=delivery.customer,
            facts=[
                (_("Date"), formats.day(delivery.doc_date)),
                (_("Ship to"), delivery.ship_to),
                (_("Carrier"), delivery.carrier.name if delivery.carrier else ""),
                (_("Tracking number"), delivery.tracking_no),
                (_("Warehouse"), delivery.warehouse.name),
            ],
            columns=delivery_page.columns_of(priced, False),
            lines=[delivery_page.line_of(line, False) for line in page.lines],
            leave_out=("invoiced",),
            signatures=[
                (_("Shipped by"), delivery.approved_by_name),
                (_("Received by"), delivery.signed_by),
                (_("Date"), ""),
            ],
            priced=priced,
        )

    return printed(request, number, make)


@staff_view("invoicing.sales_invoice.view")
def invoice_print(request: HttpRequest, number: str) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    invoice = invoice_views.load_invoice(actor, number)
    lines = list(invoice.lines.select_related("item__unit", "line_unit").order_by("line_no"))

    def make() -> PrintSheet:
        return paper(
            request,
            invoice,
            title=_("Sales invoice"),
            party=invoice.customer,
            facts=[
                (_("Date"), formats.day(invoice.doc_date)),
                (_("Due"), formats.day(invoice.due_date)),
                (_("Kind"), invoice.kind_label),
                (_("Tax invoice number"), invoice.external_no),
            ],
            columns=invoice_views.PAGE_COLUMNS,
            lines=[invoice_views.line_of(line, actor) for line in lines],
        )

    return printed(request, number, make)


@staff_view("sales.order.export")
def order_sheet(request: HttpRequest, number: str) -> HttpResponse:
    """The lines of an order as a spreadsheet."""
    actor = request.actor  # type: ignore[attr-defined]
    order = load_order(actor, number)
    hidden = frozenset() if actor.may(PRICES) else OrderList.priced
    columns = [column for column in OrderList.line_columns if column.key not in hidden]
    rows = order.lines.select_related("document__customer", "item__unit").order_by("line_no")
    return export.xlsx(number, columns, rows, {})


@staff_view("sales.return.view")
def return_print(request: HttpRequest, number: str) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    document = return_views.RETURN.load(actor, number)
    priced = actor.may(PRICES)
    return printed(
        request,
        number,
        lambda: paper(
            request,
            document,
            title=_("Sales return"),
            party=document.customer,
            facts=[
                (_("Date"), formats.day(document.doc_date)),
                (_("Warehouse"), str(document.warehouse)),
                (_("For"), document.get_outcome_display()),
                (_("State"), document.get_state_display()),
            ],
            columns=return_views.columns_of(priced, cost=False),
            lines=[return_views.line_of(line, actor) for line in document.lines.all()],
            leave_out=("credit",),
            signatures=[(_("Allowed by"), document.created_by_name), (_("Inspected by"), document.approved_by_name)],
            priced=priced,
        ),
    )
