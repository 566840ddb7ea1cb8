from backend.catalog.models.item import CostMethod, Item, ItemCategory, ItemType, TaxCode, Unit
from backend.catalog.models.price import LastPrice, PriceKind, PriceList, PriceListLine

__all__ = [
    "CostMethod",
    "Item",
    "ItemCategory",
    "ItemType",
    "LastPrice",
    "PriceKind",
    "PriceList",
    "PriceListLine",
    "TaxCode",
    "Unit",
]
