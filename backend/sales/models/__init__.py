from backend.sales.models.consignment import Consignment, ConsignmentKind, ConsignmentLine
from backend.sales.models.delivery import SalesDelivery, SalesDeliveryLine
from backend.sales.models.order import CreditState, SalesOrder, SalesOrderLine
from backend.sales.models.quote import QuoteState, SalesQuote, SalesQuoteLine
from backend.sales.models.sales_return import (
    ReturnOutcome,
    ReturnReason,
    ReturnState,
    SalesReturn,
    SalesReturnLine,
)

__all__ = [
    "Consignment",
    "ConsignmentKind",
    "ConsignmentLine",
    "CreditState",
    "QuoteState",
    "ReturnOutcome",
    "ReturnReason",
    "ReturnState",
    "SalesDelivery",
    "SalesDeliveryLine",
    "SalesOrder",
    "SalesOrderLine",
    "SalesQuote",
    "SalesQuoteLine",
    "SalesReturn",
    "SalesReturnLine",
]
