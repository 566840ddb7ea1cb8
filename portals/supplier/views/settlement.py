"""Settlement: statements to check and sign, invoices to send, payments to see."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.invoicing import selectors as invoicing
from backend.invoicing.models import PurchaseInvoice, Statement, StatementState
from backend.invoicing.services import statements
from backend.kernel.errors import Refusal, ValidationRefused
from backend.kernel.files import attach_file, check_upload
from backend.processes.procure_to_pay import invoice_receipts, invoice_statement
from backend.purchasing.models import PurchaseReceipt
from backend.purchasing.selectors import receipts as receipt_reads
from portals.supplier import figures
from portals.supplier.frame import page, refused, who_and_when
from portals.ui import typed as reading
from portals.ui.guards import supplier_view

PER_PAGE = 30
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
        "receivable": figures.receivable(actor.party_id),
        "may_invoice": actor.may("supplier.invoice.edit"),
    }
    return page(request, "supplier/settlement.html", "settlement", context)


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
    lines = list(statement.lines.select_related("item__unit").order_by("line_no"))
    answering = request.actor.may("supplier.statement.answer") and statement.state in OPEN_STATES  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "statement": statement,
        "lines": lines,
        "disputed": sum(1 for line in lines if line.verdict == "disputed"),
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
    statement = _statement(request, number)
    try:
        if request.POST.get("verdict") == "accept":
            statements.accept_line(statement_id=statement.pk, line_id=line_id, **who_and_when(request))
        else:
            statements.dispute_line(
                statement_id=statement.pk,
                line_id=line_id,
                reason=reading.words(request.POST, "reason"),
                their_qty=reading.number(request.POST, "their_qty"),
                their_amount=reading.number(request.POST, "their_amount"),
                **who_and_when(request),
            )
    except Refusal as refusal:
        return _draw_statement(request, _statement(request, number), refusal)
    return redirect("supplier:statement_detail", number=number)


@require_POST
@supplier_view("supplier.statement.answer")
def statement_sign(request: HttpRequest, number: str) -> HttpResponse:
    """Agree to the whole statement, by name."""
    statement = _statement(request, number)
    try:
        statements.agree(statement_id=statement.pk, side="them", **who_and_when(request))
    except Refusal as refusal:
        return _draw_statement(request, statement, refusal)
    messages.success(request, _("You agreed to %(number)s.") % {"number": number})
    return redirect("supplier:statement_detail", number=number)


# --- invoices ----------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@supplier_view("supplier.invoice.edit")
def invoice_new(request: HttpRequest) -> HttpResponse:
    """Send an invoice over receipts that are not invoiced, or over an agreed statement."""
    receipts = list(_uninvoiced(request.actor).order_by("doc_date", "id")[:100])  # type: ignore[attr-defined]
    statement = _agreed_statement(request)
    if request.method != "POST":
        return _draw_invoice_form(request, receipts, statement)
    try:
        with transaction.atomic():  # the invoice with its file, or neither
            invoice = _send_invoice(request, receipts, statement)
    except Refusal as refusal:
        return _draw_invoice_form(request, receipts, statement, refusal)
    messages.success(request, _("Invoice %(number)s was sent.") % {"number": invoice.external_no or invoice.number})
    return redirect("supplier:invoice_detail", number=invoice.number)


def _agreed_statement(request: HttpRequest) -> Statement | None:
    number = reading.words(request.POST if request.method == "POST" else request.GET, "statement", 40)
    return _statement(request, number) if number else None


def _send_invoice(
    request: HttpRequest, receipts: list[PurchaseReceipt], statement: Statement | None
) -> PurchaseInvoice:
    external = reading.words(request.POST, "external_no", 40)
    if not external:
        raise ValidationRefused(
            _("The number on your tax invoice is needed."), field="external_no", way_out=_("It has 8 or 20 digits.")
        )
    upload = request.FILES.get("file")
    if upload is not None:
        check_upload(upload)
    kind = "vat_ordinary" if request.POST.get("invoice_kind") == "vat_ordinary" else "vat_special"
    shared: dict[str, Any] = {"external_no": external, "invoice_kind": kind, **who_and_when(request)}
    if statement is not None:
        invoice = invoice_statement(statement_id=statement.pk, **shared)
    else:
        chosen = {key for raw in request.POST.getlist("receipt") if (key := reading.key(raw))}
        ids = [receipt.pk for receipt in receipts if receipt.pk in chosen]
        if not ids:
            raise ValidationRefused(_("Choose at least one receipt."), field="receipt")
        invoice = invoice_receipts(receipt_ids=ids, **shared)
    if upload is not None:
        attach_file(
            subject=invoice,
            upload=upload,
            visibility="supplier",
            party_id=invoice.supplier_id,
            **who_and_when(request),
        )
    return invoice


def _draw_invoice_form(
    request: HttpRequest,
    receipts: list[PurchaseReceipt],
    statement: Statement | None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    chosen = set(request.POST.getlist("receipt")) if refusal else {str(receipt.pk) for receipt in receipts}
    for receipt in receipts:
        receipt.chosen = str(receipt.pk) in chosen  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "receipts": receipts,
        "statement": statement,
        "typed": request.POST if refusal else {},
    }
    if refusal:
        context |= refused(refusal)
    return page(request, "supplier/invoice_new.html", "settlement", context, status=refusal.status if refusal else 200)


@require_safe
@supplier_view("supplier.statement.view")
def invoice_detail(request: HttpRequest, number: str) -> HttpResponse:
    """One invoice: what it covers, whether it matches, when it is paid."""
    invoice: PurchaseInvoice = invoicing.document_for(PurchaseInvoice, request.actor, number)  # type: ignore[attr-defined]
    context = {
        "invoice": invoice,
        "lines": list(invoice.lines.select_related("item__unit").order_by("line_no")),
        "payments": list(invoice.payment_lines.select_related("document").filter(document__approval="approved")),
    }
    return page(request, "supplier/invoice_detail.html", "settlement", context)
