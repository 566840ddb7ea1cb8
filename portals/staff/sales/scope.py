"""Which sales documents an actor may see. Everything the sales pages read starts here, so a foreign one is a 404."""

from typing import Any

from django.db.models import Q, QuerySet

from backend.sales.models import SalesDelivery, SalesOrder, SalesQuote


def visible_orders(actor: Any) -> QuerySet[SalesOrder]:
    """All orders, or one's own for a salesperson without the right to see all."""
    found = SalesOrder.objects.all()
    if actor.may("sales.order.view_all"):
        return found
    return found.filter(Q(salesperson_id=actor.member_id) | Q(created_by_id=actor.member_id))


def visible_quotes(actor: Any) -> QuerySet[SalesQuote]:
    found = SalesQuote.objects.all()
    return found if actor.may("sales.order.view_all") else found.filter(created_by_id=actor.member_id)


def visible_deliveries(actor: Any) -> QuerySet[SalesDelivery]:
    return SalesDelivery.objects.all()
