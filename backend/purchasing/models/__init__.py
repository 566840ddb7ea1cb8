from backend.purchasing.models.asn import Asn, AsnLine, AsnState
from backend.purchasing.models.confirmation import (
    ConfirmationLine,
    ConfirmationState,
    OrderConfirmation,
    ProgressReport,
    ScheduleLine,
)
from backend.purchasing.models.order import LineState, PurchaseOrder, PurchaseOrderLine, Sending
from backend.purchasing.models.receipt import PurchaseReceipt, PurchaseReceiptLine

__all__ = [
    "Asn",
    "AsnLine",
    "AsnState",
    "ConfirmationLine",
    "ConfirmationState",
    "LineState",
    "OrderConfirmation",
    "ProgressReport",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "PurchaseReceipt",
    "PurchaseReceiptLine",
    "ScheduleLine",
    "Sending",
]
