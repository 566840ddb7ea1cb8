"""Reads of sales: what an actor may see, with what pages need of it."""

from backend.sales.selectors.deliveries import (
    being_prepared,
    delivered_lines_of,
    deliveries_visible_to,
    delivery_for,
    lines_to_deliver,
)
from backend.sales.selectors.orders import order_counts, order_for, orders_visible_to
from backend.sales.selectors.preview import LinePreview, OrderPreview, preview_order
from backend.sales.selectors.quotes import quote_for, quotes_visible_to

__all__ = [
    "LinePreview",
    "OrderPreview",
    "being_prepared",
    "delivered_lines_of",
    "deliveries_visible_to",
    "delivery_for",
    "lines_to_deliver",
    "order_counts",
    "order_for",
    "orders_visible_to",
    "preview_order",
    "quote_for",
    "quotes_visible_to",
]
