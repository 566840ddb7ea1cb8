from backend.catalog.models.item import CostMethod, InspectionPlan, Item, ItemCategory, ItemType, TaxCode, Unit
from backend.catalog.models.packing import CountedLine, ItemUnit
from backend.catalog.models.price import LastPrice, PriceKind, PriceList, PriceListLine
from backend.catalog.models.variants import Attribute, AttributeValue, ItemValue, Style, StyleValue

__all__ = [
    "Attribute",
    "AttributeValue",
    "CostMethod",
    "CountedLine",
    "InspectionPlan",
    "Item",
    "ItemCategory",
    "ItemType",
    "ItemUnit",
    "ItemValue",
    "LastPrice",
    "PriceKind",
    "PriceList",
    "PriceListLine",
    "Style",
    "StyleValue",
    "TaxCode",
    "Unit",
]
