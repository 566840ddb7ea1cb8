"""Reads of sales returns."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db.models import F, Prefetch, Q, QuerySet

from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.kernel.document import Approval
from backend.sales.models import SalesDeliveryLine, SalesReturn, SalesReturnLine
from backend.sales.selectors.scope import numbered, scope
from backend.workflow import parameters


def returns_visible_to(actor: Actor) -> QuerySet[SalesReturn]:
    """Returns with customer and warehouse, newest first; a customer sees its own that are not thrown away."""
    allowed = scope(actor, permission="sales.return.view", customer=~Q(approval=Approval.VOIDED))
    return SalesReturn.objects.filter(allowed).select_related("customer", "warehouse").order_by("-doc_date", "-id")


def return_for(actor: Actor, number: str) -> SalesReturn | None:
    """One return with lines, items and lots (two statements), or None when it is not for this actor."""
    lines = SalesReturnLine.objects.select_related("item__unit", "line_unit", "lot", "delivery_line").order_by(
        "line_no"
    )
    return numbered(returns_visible_to(actor).prefetch_related(Prefetch("lines", queryset=lines)), number)


def lines_to_return(delivery_ids: Iterable[UUID]) -> list[SalesDeliveryLine]:
    """Lines of shipped deliveries of which something is left to come back, with ``returnable``; one statement."""
    found = SalesDeliveryLine.objects.select_related("document__customer", "item__unit", "lot")
    found = found.filter(document__in=list(delivery_ids), document__approval=Approval.APPROVED)
    left = found.annotate(returnable=F("qty") - F("returned_qty")).filter(returnable__gt=0)
    return list(left.order_by("document__number", "line_no"))


def returnable_by(actor: Actor) -> QuerySet[SalesDeliveryLine]:
    """What a customer may still ask to send back: delivered within the company's days, newest first."""
    since = clock.today() - timedelta(days=int(parameters.get("sales.return_days")))
    found = SalesDeliveryLine.objects.filter(
        document__customer_id=actor.party_id, document__approval=Approval.APPROVED, document__doc_date__gte=since
    )
    left = found.annotate(returnable=F("qty") - F("returned_qty")).filter(returnable__gt=0)
    return left.select_related("document", "item__unit", "lot").order_by(
        "-document__doc_date", "-document_id", "line_no"
    )
