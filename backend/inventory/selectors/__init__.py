"""Reads of inventory."""

from backend.inventory.selectors.stock import active_warehouses, default_warehouse, moves_of_item, stock_by_warehouse
from backend.inventory.selectors.tracing import LotTrace, lots_of_item, trace_lot

__all__ = [
    "LotTrace",
    "active_warehouses",
    "default_warehouse",
    "lots_of_item",
    "moves_of_item",
    "stock_by_warehouse",
    "trace_lot",
]
