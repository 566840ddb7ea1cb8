"""Invoices and statements: what is open, when it is due, and agreeing on an account."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from backend.invoicing import selectors as invoicing
from backend.invoicing.models import SalesInvoice, Statement
from backend.invoicing.services import differences, statements
from backend.kernel import clock
from backend.kernel.errors import Refusal
from backend.kernel.money import ZERO
from portals.customer.frame import page, who_and_when
from portals.ui import statement_lists, typed
from portals.ui.guards import customer_view

PER_PAGE = 30


@require_safe
@customer_view("customer.invoice.view")
def invoice_list(request: HttpRequest) -> HttpResponse:
    """Invoices, what is open of them, statements, money received."""
    actor = request.actor  # type: ignore[attr-defined]
    found = invoicing.sales_invoices_visible_to(actor)
    open_sum = found.order_by().aggregate(open=Sum(F("gross_amount") - F("settled_amount")))["open"] or ZERO
    context = {
        "paged": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "open_amount": open_sum,
        "statements": list(invoicing.statements_visible_to(actor)[:12]),
        "receipts": list(invoicing.receipts_visible_to(actor)[:6]),
        "today": clock.today(),
    }
    return page(request, "customer/invoice_list.html", "invoices", context)


@require_safe
@customer_view("customer.invoice.view")
def invoice_detail(request: HttpRequest, number: str) -> HttpResponse:
    """One invoice with its lines and what was paid."""
    invoice: SalesInvoice = invoicing.document_for(SalesInvoice, request.actor, number)  # type: ignore[attr-defined]
    context = {
        "invoice": invoice,
        "lines": list(invoice.lines.select_related("item__unit", "line_unit").order_by("line_no")),
        "receipts": list(invoice.receipt_lines.select_related("document").filter(document__approval="approved")),
        "overdue": invoice.settled != "full" and invoice.due_date < clock.today(),
    }
    return page(request, "customer/invoice_detail.html", "invoices", context)


def _statement(request: HttpRequest, number: str) -> Statement:
    found: Statement = invoicing.document_for(Statement, request.actor, number)  # type: ignore[attr-defined]
    return found


def _draw(request: HttpRequest, statement: Statement, refusal: Refusal | None = None) -> HttpResponse:
    context: dict[str, Any] = {
        **statement_lists.page_of(request, statement, "customer", failed=refusal is not None),
        "may_answer": statement.state in {"proposed", "disputed"} and not statement.their_signed_at,
    }
    return page(request, "customer/statement_detail.html", "invoices", context, refusal)


@require_safe
@customer_view("customer.invoice.view")
def statement_detail(request: HttpRequest, number: str) -> HttpResponse:
    """One statement, line by line."""
    return _draw(request, _statement(request, number))


@require_POST
@customer_view("customer.invoice.view")
def statement_line(request: HttpRequest, number: str, line_id: UUID) -> HttpResponse:
    """Accept a line, or dispute it."""
    return _settle(
        request,
        number,
        lambda it: statement_lists.answer_line(request, it, line_id, **who_and_when(request)),
        f"line-{line_id}",
    )


@require_POST
@customer_view("customer.invoice.view")
def statement_sign(request: HttpRequest, number: str) -> HttpResponse:
    """Agree to the whole statement, by name."""
    statement = _statement(request, number)
    try:
        version = typed.count_of(request.POST.get("version", ""))
        statements.agree(statement_id=statement.pk, side="them", version=version, **who_and_when(request))
    except Refusal as refusal:
        return _draw(request, _statement(request, number), refusal)
    messages.success(request, _("You agreed to %(number)s.") % {"number": number})
    return redirect("customer:statement_detail", number=number)


@require_POST
@customer_view("customer.invoice.view")
def statement_list(request: HttpRequest, number: str) -> HttpResponse:
    """Hand in one's own list: every difference is named (M-07)."""
    return _settle(request, number, lambda it: statement_lists.hand_in(request, it, **who_and_when(request)))


@require_POST
@customer_view("customer.invoice.view")
def statement_difference(request: HttpRequest, number: str, pk: UUID) -> HttpResponse:
    """Accept a difference or dispute it."""
    return _settle(
        request,
        number,
        lambda it: statement_lists.judge(request, it, pk, **who_and_when(request)),
        f"difference-{pk}",
    )


@require_POST
@customer_view("customer.invoice.view")
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
        return _draw(request, _statement(request, number), refusal)
    url = reverse("customer:statement_detail", kwargs={"number": number})
    return redirect(f"{url}#{place}")
