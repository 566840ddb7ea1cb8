"""Reads of quotations."""

from django.db.models import Prefetch, Q, QuerySet

from backend.kernel.actor import Actor
from backend.kernel.document import Approval
from backend.sales.models import SalesQuote, SalesQuoteLine
from backend.sales.selectors.scope import numbered, scope


def quotes_visible_to(actor: Actor) -> QuerySet[SalesQuote]:
    """Quotations with their customer, newest first; a customer sees those that were sent to him."""
    own = Q(created_by_id=actor.member_id) | Q(customer__customer__salesperson_id=actor.member_id)
    allowed = scope(actor, permission="sales.quote.view", customer=Q(approval=Approval.APPROVED), own=own)
    found = SalesQuote.objects.filter(allowed).select_related("customer", "warehouse")
    return found.order_by("-doc_date", "-id")


def quote_for(actor: Actor, number: str) -> SalesQuote | None:
    """One quotation with lines and items (two statements), or None when it is not for this actor."""
    lines = SalesQuoteLine.objects.select_related("item__unit", "line_unit").order_by("line_no")
    return numbered(quotes_visible_to(actor).prefetch_related(Prefetch("lines", queryset=lines)), number)
