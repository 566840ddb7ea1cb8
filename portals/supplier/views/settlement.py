"""Settlement: statements to check and sign, invoices to send, payments to see."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.invoicing import selectors as invoicing
from backend.invoicing.models import PurchaseInvoice, Statement, StatementState
from backend.invoicing.services import differences, statements
from backend.kernel import clock
from backend.kernel.currency import amount_at_home
from backend.kernel.errors import Refusal, ValidationRefused
from backend.kernel.files import attach_file, check_upload
from backend.kernel.money import ZERO
from backend.processes.procure_to_pay import (
    invoice_orders,
    invoice_receipts,
    invoice_statement,
    post_when_it_matches,
)
from backend.purchasing.models import PurchaseOrderLine, PurchaseReceipt
from backend.purchasing.selectors import orders as order_reads
from backend.purchasing.selectors import receipts as receipt_reads
from backend.workflow import parameters
from portals.supplier import figures
from portals.supplier.frame import page, refused, who_and_when
from portals.ui import matched, statement_lists
from portals.ui import typed as reading
from portals.ui.guards import supplier_view

PER_PAGE = 30
E_INVOICES = (".pdf", ".ofd", ".xml")
OPEN_STATES = {StatementState.PROPOSED, StatementState.DISPUTED}


@require_safe
@supplier_view("supplier.statement.view")
def settlement(request: HttpRequest) -> HttpResponse:
    """Statements, invoices and payments in one place."""
    actor = request.actor  # type: ignore[attr-defined]
    invoices = Paginator(invoicing.purchase_invoices_visible_to(actor), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "statements": list(invoicing.statements_visible_to(actor)[:12]),
        "paged": invoices,
        "payments": list(invoicing.payments_visible_to(actor)[:12]),
        "uninvoiced": list(_uninvoiced(actor)[:50]),
        "coming": _coming(actor),
        "receivable": figures.receivable(actor.party_id),
        "may_invoice": actor.may("supplier.invoice.edit"),
        "ahead": actor.may("supplier.invoice.edit") and bool(_lines_ahead(actor)),
    }
    return page(request, "supplier/settlement.html", "settlement", context)


def _coming(actor: Any) -> list[Any]:
    """Open invoices by their due day with what is scheduled of each; one statement."""
    found = invoicing.purchase_invoices_visible_to(actor).filter(approval="approved", gross_amount__gt=0)
    rows = list(invoicing.with_scheduled(found.exclude(settled="full")).order_by("due_date", "number")[:30])
    for row in rows:
        row.late = row.due_date < clock.today()
    return rows


def _uninvoiced(actor: Any) -> Any:
    return receipt_reads.receipts_visible_to(actor).exclude(invoiced="full")


# --- statements --------------------------------------------------------------------------------
@require_safe
@supplier_view("supplier.statement.view")
def statement_detail(request: HttpRequest, number: str) -> HttpResponse:
    """One statement, line by line."""
    return _draw_statement(request, _statement(request, number))


def _statement(request: HttpRequest, number: str) -> Statement:
    found: Statement = invoicing.document_for(Statement, request.actor, number)  # type: ignore[attr-defined]
    return found


def _draw_statement(request: HttpRequest, statement: Statement, refusal: Refusal | None = None) -> HttpResponse:
    answering = request.actor.may("supplier.statement.answer") and statement.state in OPEN_STATES  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        **statement_lists.page_of(request, statement, "supplier", failed=refusal is not None),
        "may_answer": answering and not statement.their_signed_at,
        "may_invoice": statement.state == StatementState.AGREED and request.actor.may("supplier.invoice.edit"),  # type: ignore[attr-defined]
        "typed": request.POST if refusal else {},
    }
    if refusal:
        context |= refused(refusal)
    return page(
        request, "supplier/statement_detail.html", "settlement", context, status=refusal.status if refusal else 200
    )


@require_POST
@supplier_view("supplier.statement.answer")
def statement_line(request: HttpRequest, number: str, line_id: UUID) -> HttpResponse:
    """Accept a line, or dispute it with one's own figures."""
    return _settle(
        request,
        number,
        lambda it: statement_lists.answer_line(request, it, line_id, **who_and_when(request)),
        f"line-{line_id}",
    )


@require_POST
@supplier_view("supplier.statement.answer")
def statement_sign(request: HttpRequest, number: str) -> HttpResponse:
    """Agree to the whole statement, by name."""
    statement = _statement(request, number)
    try:
        version = reading.count_of(request.POST.get("version", ""))
        statements.agree(statement_id=statement.pk, side="them", version=version, **who_and_when(request))
    except Refusal as refusal:
        return _draw_statement(request, _statement(request, number), refusal)
    messages.success(request, _("You agreed to %(number)s.") % {"number": number})
    return redirect("supplier:statement_detail", number=number)


# --- invoices ----------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@supplier_view("supplier.invoice.edit")
def invoice_new(request: HttpRequest) -> HttpResponse:
    """Send an invoice over receipts that are not invoiced, over an agreed statement, or over orders before they are sent."""
    receipts = list(_uninvoiced(request.actor).order_by("doc_date", "id")[:100])  # type: ignore[attr-defined]
    statement = _agreed_statement(request)
    ahead = _lines_ahead(request.actor) if statement is None else []  # type: ignore[attr-defined]
    if request.method != "POST":
        return _draw_invoice_form(request, receipts, statement, ahead)
    try:
        with transaction.atomic():  # the invoice with its file, or neither
            invoice = _send_invoice(request, receipts, statement, ahead)
    except Refusal as refusal:
        return _draw_invoice_form(request, receipts, statement, ahead, refusal)
    messages.success(request, _("Invoice %(number)s was sent.") % {"number": invoice.external_no or invoice.number})
    return redirect("supplier:invoice_detail", number=invoice.number)


def _lines_ahead(actor: Any) -> list[PurchaseOrderLine]:
    """What may be invoiced before it is here, where the company allows it."""
    allowed = parameters.get("purchasing.invoice_before_goods")
    return list(order_reads.lines_to_invoice_ahead(actor)[:200]) if allowed else []


def _agreed_statement(request: HttpRequest) -> Statement | None:
    number = reading.words(request.POST if request.method == "POST" else request.GET, "statement", 40)
    return _statement(request, number) if number else None


def _send_invoice(
    request: HttpRequest, receipts: list[PurchaseReceipt], statement: Statement | None, ahead: list[PurchaseOrderLine]
) -> PurchaseInvoice:
    external = reading.words(request.POST, "external_no", 40)
    if not external:
        raise ValidationRefused(
            _("The number on your tax invoice is needed."), field="external_no", way_out=_("It has 8 or 20 digits.")
        )
    upload = reading.upload(request.FILES, "file")
    if upload is not None:
        _check_e_invoice(upload)
    kind = "vat_ordinary" if request.POST.get("invoice_kind") == "vat_ordinary" else "vat_special"
    prices, quantities = _own_figures(request)
    shared: dict[str, Any] = {
        "external_no": external,
        "invoice_kind": kind,
        "prices": prices,
        "quantities": quantities,
        **who_and_when(request),
    }
    if statement is not None:
        invoice = invoice_statement(statement_id=statement.pk, **shared)
    else:
        shared["receipt_ids"] = _ticked(request, "receipt", (receipt.pk for receipt in receipts))
        orders = _ticked(request, "order", (line.document_id for line in ahead))
        if not orders and not shared["receipt_ids"]:
            raise ValidationRefused(_("Choose at least one receipt."), field="receipt")
        invoice = invoice_orders(order_ids=orders, **shared) if orders else invoice_receipts(**shared)
    if upload is not None:
        attach_file(
            subject=invoice,
            upload=upload,
            visibility="supplier",
            party_id=invoice.supplier_id,
            **who_and_when(request),
        )
    return post_when_it_matches(invoice_id=invoice.pk, at=clock.now())


def _ticked(request: HttpRequest, name: str, offered: Iterable[UUID]) -> list[UUID]:
    """Those of the documents offered that were chosen."""
    chosen = {key for raw in request.POST.getlist(name) if (key := reading.key(raw))}
    return [pk for pk in dict.fromkeys(offered) if pk in chosen]


def _check_e_invoice(upload: UploadedFile) -> None:
    """An e-invoice is a PDF, an OFD or an XML file that is what it says."""
    name, _kind = check_upload(upload)
    if not name.lower().endswith(E_INVOICES):
        raise ValidationRefused(
            _("%(name)s is no e-invoice file.") % {"name": name},
            field="file",
            value=name,
            way_out=_("Send the PDF, OFD or XML file of the invoice."),
        )


def _own_figures(request: HttpRequest) -> tuple[dict[UUID, Decimal], dict[UUID, Decimal]]:
    """Prices and quantities of the paper where they were typed, by line of the receipt or order."""
    found: dict[str, dict[UUID, Decimal]] = {"price": {}, "qty": {}}
    for name in request.POST:
        field, _mark, raw = name.partition("-")
        line_id = reading.key(raw) if field in found else None
        value = reading.number(request.POST, name) if line_id else None
        if line_id and value is not None:
            found[field][line_id] = value
    return found["price"], found["qty"]


def _draw_invoice_form(
    request: HttpRequest,
    receipts: list[PurchaseReceipt],
    statement: Statement | None,
    ahead: list[PurchaseOrderLine],
    refusal: Refusal | None = None,
) -> HttpResponse:
    chosen = set(request.POST.getlist("receipt")) if refusal else {str(receipt.pk) for receipt in receipts}
    asked = set(request.POST.getlist("order")) | {request.GET.get("order", "")}
    if asked != {""} and not refusal:
        chosen = set()
    for receipt in receipts:
        receipt.chosen = str(receipt.pk) in chosen  # type: ignore[attr-defined]
    wanted = statement.lines.filter(kind="receipt").values("source_line_id") if statement else None
    open_lines = receipt_reads.lines_to_invoice(request.actor)  # type: ignore[attr-defined]
    open_lines = open_lines.filter(pk__in=wanted) if wanted is not None else open_lines
    lines: list[Any] = [*open_lines[:200], *ahead]
    for line in lines:
        line.typed_price = request.POST.get(f"price-{line.pk}", "") if refusal else ""  # type: ignore[attr-defined]
        line.typed_qty = request.POST.get(f"qty-{line.pk}", "") if refusal else ""  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "receipts": receipts,
        "ahead": _orders_ahead(ahead, asked),
        "lines": lines,
        "statement": statement,
        "typed": request.POST if refusal else {},
    }
    if refusal:
        context |= refused(refusal)
    return page(request, "supplier/invoice_new.html", "settlement", context, status=refusal.status if refusal else 200)


def _orders_ahead(lines: list[PurchaseOrderLine], asked: set[str]) -> list[dict[str, Any]]:
    """The orders of these lines with what of them is still to come, and whether they were asked for."""
    found: dict[UUID, dict[str, Any]] = {}
    for line in lines:
        order = line.document
        row = found.setdefault(
            order.pk, {"order": order, "amount": ZERO, "chosen": bool({str(order.pk), order.number} & asked)}
        )
        worth = line.gross_amount * line.to_invoice / line.wanted_qty  # type: ignore[attr-defined]
        at_home = amount_at_home(worth, order)
        row["amount"] = None if at_home is None else row["amount"] + at_home
    return list(found.values())


def _scheduled(invoice: PurchaseInvoice) -> list[Any]:
    """Payments that are written and not booked yet (SRM-17)."""
    lines = invoice.payment_lines.select_related("document").filter(document__approval__in=["draft", "submitted"])
    return list(lines.order_by("document__doc_date", "id"))


@require_safe
@supplier_view("supplier.statement.view")
def invoice_detail(request: HttpRequest, number: str) -> HttpResponse:
    """One invoice: what it covers, whether it matches, when it is paid."""
    invoice: PurchaseInvoice = invoicing.document_for(PurchaseInvoice, request.actor, number)  # type: ignore[attr-defined]
    lines = list(invoice.lines.select_related("item__unit").order_by("line_no"))
    for line in lines:
        line.differs = " · ".join(matched.in_words(found, line.item.unit) for found in line.difference)  # type: ignore[attr-defined]
    context = {
        "invoice": invoice,
        "lines": lines,
        "payments": list(invoice.payment_lines.select_related("document").filter(document__approval="approved")),
        "scheduled": _scheduled(invoice),
        "differing": [line for line in lines if line.difference] if not invoice.is_approved else [],
    }
    return page(request, "supplier/invoice_detail.html", "settlement", context)


@require_POST
@supplier_view("supplier.statement.answer")
def statement_list(request: HttpRequest, number: str) -> HttpResponse:
    """Hand in one's own list: every difference is named (M-07)."""
    return _settle(request, number, lambda it: statement_lists.hand_in(request, it, **who_and_when(request)))


@require_POST
@supplier_view("supplier.statement.answer")
def statement_difference(request: HttpRequest, number: str, pk: UUID) -> HttpResponse:
    """Accept a difference or dispute it."""
    return _settle(
        request,
        number,
        lambda it: statement_lists.judge(request, it, pk, **who_and_when(request)),
        f"difference-{pk}",
    )


@require_POST
@supplier_view("supplier.statement.answer")
def statement_rest(request: HttpRequest, number: str) -> HttpResponse:
    """Accept everything that is open."""
    return _settle(request, number, lambda it: differences.settle_rest(statement_id=it.pk, **who_and_when(request)))


def _settle(
    request: HttpRequest, number: str, do: Callable[[Statement], Any], place: str = "differences"
) -> HttpResponse:
    """Do it, and go on where the reader was."""
    statement = _statement(request, number)
    try:
        do(statement)
    except Refusal as refusal:
        return _draw_statement(request, _statement(request, number), refusal)
    url = reverse("supplier:statement_detail", kwargs={"number": number})
    return redirect(f"{url}#{place}")
