"""Quotations: read, accepted by name, or declined."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from backend.kernel import clock
from backend.kernel.errors import Refusal
from backend.sales import selectors as sales
from backend.sales.models import SalesQuote
from backend.sales.services.quotes import accept_quote, decline_quote
from portals.customer.frame import found_or_404, page, who_and_when
from portals.ui import typed
from portals.ui.guards import customer_view
from tenants.sessions import client_address


def _quote(request: HttpRequest, number: str) -> SalesQuote:
    quote: SalesQuote = found_or_404(sales.quote_for(request.actor, number))  # type: ignore[attr-defined]
    return quote


def _draw(request: HttpRequest, quote: SalesQuote, refusal: Refusal | None = None) -> HttpResponse:
    open_now = quote.state == "sent" and quote.valid_until >= clock.today()
    context = {
        "quote": quote,
        "lines": quote.lines.all(),
        "may_accept": open_now and request.actor.may("customer.quote.accept"),  # type: ignore[attr-defined]
    }
    return page(request, "customer/quote_detail.html", "orders", context, refusal)


@require_safe
@customer_view("customer.price.view")
def quote_detail(request: HttpRequest, number: str) -> HttpResponse:
    """One quotation with its lines."""
    return _draw(request, _quote(request, number))


@require_POST
@customer_view("customer.quote.accept")
def decide(request: HttpRequest, number: str) -> HttpResponse:
    """Accept with a name, or decline with a reason (SAL-09)."""
    request.actor.require("customer.price.view")  # type: ignore[attr-defined]  # nobody accepts what he cannot read
    quote = _quote(request, number)
    try:
        if request.POST.get("verdict") == "decline":
            decline_quote(quote_id=quote.pk, reason=typed.words(request.POST, "reason"), **who_and_when(request))
        else:
            accept_quote(
                quote_id=quote.pk,
                accepted_by=typed.words(request.POST, "accepted_by", 120),
                ip_address=client_address(request),
                **who_and_when(request),
            )
    except Refusal as refusal:
        return _draw(request, quote, refusal)
    messages.success(request, _("Thank you, we have your answer to %(number)s.") % {"number": number})
    return redirect("customer:quote_detail", number=number)
