"""Reads of sales orders."""

from typing import Any

from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from backend.kernel.actor import Actor
from backend.kernel.document import Approval, Closing, Progress
from backend.kernel.errors import NotFoundRefused
from backend.sales.models import CreditState, SalesOrder, SalesOrderLine
from backend.sales.selectors.scope import made_by_party, numbered, own_sales, scope


def orders_visible_to(actor: Actor) -> QuerySet[SalesOrder]:
    """Orders with customer and warehouse, newest first; a customer sees what binds us and what his people wrote."""
    customer = Q(approval=Approval.APPROVED) | made_by_party(actor)
    allowed = scope(actor, permission="sales.order.view", customer=customer, own=own_sales(actor))
    found = SalesOrder.objects.filter(allowed).select_related("customer", "warehouse")
    return found.order_by("-doc_date", "-id")


def require_in_reach(document: Any, actor: Actor) -> None:
    """An order that somebody else looks after is as unknown as one that never was; other documents pass."""
    is_order = isinstance(document, SalesOrder)
    if is_order and not orders_visible_to(actor).filter(pk=document.pk).exists():
        raise NotFoundRefused(_("There is no such document."), value=document.pk)


def order_for(actor: Actor, number: str) -> SalesOrder | None:
    """One order with lines and items (two statements), or None when it is not for this actor."""
    lines = SalesOrderLine.objects.select_related("item__unit", "line_unit", "item__category").order_by("line_no")
    found = orders_visible_to(actor).select_related("customer__customer", "warehouse")
    return numbered(found.prefetch_related(Prefetch("lines", queryset=lines)), number)


def order_counts(actor: Actor) -> dict[str, int]:
    """How many orders wait for what; one statement."""
    running = Q(approval=Approval.APPROVED, closing=Closing.OPEN)
    return (
        orders_visible_to(actor)
        .order_by()
        .aggregate(
            draft=Count("pk", filter=Q(approval=Approval.DRAFT)),
            submitted=Count("pk", filter=Q(approval=Approval.SUBMITTED) & ~Q(credit_state=CreditState.HOLD)),
            credit_hold=Count("pk", filter=Q(credit_state=CreditState.HOLD)),
            to_ship=Count("pk", filter=running & ~Q(shipped=Progress.FULL)),
            to_invoice=Count(
                "pk", filter=Q(approval=Approval.APPROVED) & ~Q(shipped="none") & ~Q(invoiced=Progress.FULL)
            ),
            late=Count("pk", filter=running & (Q(promise_date=None) | Q(promise_date__gt=F("requested_date")))),
        )
    )
