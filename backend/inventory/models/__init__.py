from backend.inventory.models.assembly import Assembly, AssemblyKind, AssemblyLine, KitLine
from backend.inventory.models.bin import Bin, BinBalance, BinEntry, BinMove, BinMoveLine, FixedBin, LineBin
from backend.inventory.models.costing import CostLayer, LayerEntry, StockCalendar
from backend.inventory.models.costs import AdjustmentReason, CostAdjustment, CostAdjustmentLine, CostingRun
from backend.inventory.models.count import Disposition, StockCount, StockCountLine
from backend.inventory.models.lot import Lot, LotEdge, LotState
from backend.inventory.models.making import (
    ISSUE,
    LOSS,
    RETURN,
    MakingComponent,
    MaterialLine,
    component_is_sound,
)
from backend.inventory.models.opening import OpeningStock, OpeningStockLine
from backend.inventory.models.other import (
    IssueReason,
    OtherIssue,
    OtherIssueLine,
    OtherReceipt,
    OtherReceiptLine,
    ReceiptReason,
)
from backend.inventory.models.serial import LineSerials, Serial, SerialHold
from backend.inventory.models.stock import (
    SUBCONTRACT_ROLE,
    WORKSHOP_ROLE,
    LotBalance,
    MoveKind,
    StockBalance,
    StockMove,
    Warehouse,
    WarehouseKind,
)
from backend.inventory.models.transfer import (
    Transfer,
    TransferLine,
    TransferReceipt,
    TransferReceiptLine,
    UrgentCause,
)
from backend.inventory.models.watching import AlertKind, ReplenishmentRule, StockAlert

__all__ = [
    "ISSUE",
    "LOSS",
    "RETURN",
    "SUBCONTRACT_ROLE",
    "WORKSHOP_ROLE",
    "MakingComponent",
    "MaterialLine",
    "component_is_sound",
    "AlertKind",
    "ReplenishmentRule",
    "StockAlert",
    "AdjustmentReason",
    "CostAdjustment",
    "CostAdjustmentLine",
    "Assembly",
    "AssemblyKind",
    "AssemblyLine",
    "Bin",
    "BinBalance",
    "BinEntry",
    "BinMove",
    "BinMoveLine",
    "Disposition",
    "FixedBin",
    "KitLine",
    "StockCount",
    "StockCountLine",
    "CostLayer",
    "CostingRun",
    "LayerEntry",
    "LineBin",
    "LineSerials",
    "Lot",
    "LotBalance",
    "LotEdge",
    "LotState",
    "IssueReason",
    "MoveKind",
    "OpeningStock",
    "OpeningStockLine",
    "OtherIssue",
    "OtherIssueLine",
    "OtherReceipt",
    "OtherReceiptLine",
    "ReceiptReason",
    "Serial",
    "SerialHold",
    "StockBalance",
    "StockCalendar",
    "StockMove",
    "Transfer",
    "TransferLine",
    "TransferReceipt",
    "TransferReceiptLine",
    "UrgentCause",
    "Warehouse",
    "WarehouseKind",
]
