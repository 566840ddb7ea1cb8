from backend.production.models.material import MaterialKind, ProductionMaterial, ProductionMaterialLine
from backend.production.models.order import ProductionComponent, ProductionOrder
from backend.production.models.receipt import ProductReceipt, ProductReceiptLine

__all__ = [
    "MaterialKind",
    "ProductReceipt",
    "ProductReceiptLine",
    "ProductionComponent",
    "ProductionMaterial",
    "ProductionMaterialLine",
    "ProductionOrder",
]
