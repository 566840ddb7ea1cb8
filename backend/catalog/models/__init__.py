from backend.catalog.models.item import CostMethod, Item, ItemCategory, ItemType, TaxCode, Unit
from backend.catalog.models.price import PriceKind, PriceList, PriceListLine

__all__ = [
    "CostMethod",
    "Item",
    "ItemCategory",
    "ItemType",
    "PriceKind",
    "PriceList",
    "PriceListLine",
    "TaxCode",
    "Unit",
]
