"""Which sales documents an actor may see. Everything the sales pages read starts here, so a foreign one is a 404.

`OWN_ORDERS` and `OWN_QUOTES` say the same in SQL, for the statements that read many kinds at once.
"""

from typing import Any

from django.db.models import QuerySet

from backend.sales import selectors
from backend.sales.models import SalesDelivery, SalesOrder, SalesQuote

SEE_ALL = "sales.order.view_all"
_OWN_CUSTOMERS = "{0}.customer_id IN (SELECT party_id FROM party_customer WHERE salesperson_id = %(member)s)"
OWN_ORDERS = (
    "({0}.salesperson_id = %(member)s OR {0}.created_by_id = %(member)s OR {0}.salesperson_id IS NULL OR "
    + _OWN_CUSTOMERS
    + ")"
)
OWN_QUOTES = "({0}.created_by_id = %(member)s OR " + _OWN_CUSTOMERS + ")"


def visible_orders(actor: Any) -> QuerySet[SalesOrder]:
    """All orders, or a salesperson's own, those of their customers and those that are nobody's."""
    return selectors.orders_visible_to(actor)


def visible_quotes(actor: Any) -> QuerySet[SalesQuote]:
    return selectors.quotes_visible_to(actor)


def visible_deliveries(actor: Any) -> QuerySet[SalesDelivery]:
    return selectors.deliveries_visible_to(actor)
