from backend.inventory.models.costing import CostLayer, LayerEntry, StockCalendar
from backend.inventory.models.lot import Lot, LotEdge, LotState
from backend.inventory.models.opening import OpeningStock, OpeningStockLine
from backend.inventory.models.stock import LotBalance, MoveKind, StockBalance, StockMove, Warehouse

__all__ = [
    "CostLayer",
    "LayerEntry",
    "Lot",
    "LotBalance",
    "LotEdge",
    "LotState",
    "MoveKind",
    "OpeningStock",
    "OpeningStockLine",
    "StockBalance",
    "StockCalendar",
    "StockMove",
    "Warehouse",
]
