from backend.sales.models.delivery import SalesDelivery, SalesDeliveryLine
from backend.sales.models.order import CreditState, SalesOrder, SalesOrderLine
from backend.sales.models.quote import QuoteState, SalesQuote, SalesQuoteLine

__all__ = [
    "CreditState",
    "QuoteState",
    "SalesDelivery",
    "SalesDeliveryLine",
    "SalesOrder",
    "SalesOrderLine",
    "SalesQuote",
    "SalesQuoteLine",
]
