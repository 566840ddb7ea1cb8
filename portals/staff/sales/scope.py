"""Which sales documents an actor may see. Everything the sales pages read starts here, so a foreign one is a 404.

The rule itself is sales' own and the same for pages, API and portals.
"""

from typing import Any

from django.db.models import QuerySet

from backend.sales import selectors as sales
from backend.sales.models import SalesDelivery, SalesOrder, SalesQuote


def visible_orders(actor: Any) -> QuerySet[SalesOrder]:
    """All orders, or for a salesperson without the right to see all: one's own, one's customers', nobody's."""
    return sales.orders_visible_to(actor).order_by()


def visible_quotes(actor: Any) -> QuerySet[SalesQuote]:
    return sales.quotes_visible_to(actor).order_by()


def visible_deliveries(actor: Any) -> QuerySet[SalesDelivery]:
    return sales.deliveries_visible_to(actor).order_by()
