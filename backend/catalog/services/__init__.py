"""Writes of the catalogue, and the resolving of prices."""

from backend.catalog.inputs import ItemData, PriceLineData, PriceListData
from backend.catalog.services.items import save_item
from backend.catalog.services.price_lists import save_price_list
from backend.catalog.services.pricing import ResolvedPrice, remember_prices, resolve_lines, resolve_prices

__all__ = [
    "ItemData",
    "PriceLineData",
    "PriceListData",
    "ResolvedPrice",
    "remember_prices",
    "resolve_lines",
    "resolve_prices",
    "save_item",
    "save_price_list",
]
