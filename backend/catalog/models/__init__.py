from backend.catalog.models.item import CostMethod, InspectionPlan, Item, ItemCategory, ItemType, TaxCode, Unit
from backend.catalog.models.packing import CountedLine, ItemUnit
from backend.catalog.models.price import LastPrice, PriceKind, PriceList, PriceListLine

__all__ = [
    "CostMethod",
    "CountedLine",
    "InspectionPlan",
    "Item",
    "ItemCategory",
    "ItemType",
    "ItemUnit",
    "LastPrice",
    "PriceKind",
    "PriceList",
    "PriceListLine",
    "TaxCode",
    "Unit",
]
