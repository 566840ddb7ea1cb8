from backend.purchasing.models.asn import Asn, AsnLine, AsnOutcome, AsnState
from backend.purchasing.models.blanket import BlanketLine, BlanketOrder, CallOff
from backend.purchasing.models.confirmation import (
    ConfirmationLine,
    ConfirmationState,
    OrderConfirmation,
    ProgressReport,
    ScheduleLine,
)
from backend.purchasing.models.exceptions import ExceptionKind, ExceptionState, PurchaseException
from backend.purchasing.models.inspection import Inspection, InspectionLine, InspectionState
from backend.purchasing.models.landed_cost import Basis, LandedCost, LandedCostLine
from backend.purchasing.models.link import ProgressLink
from backend.purchasing.models.material import AlertState, MaterialPrice, PriceAlert, PriceSource
from backend.purchasing.models.nodes import Node, NodeTemplate, NodeTemplateStep, ProductionNode
from backend.purchasing.models.order import LineState, OrderKind, PurchaseOrder, PurchaseOrderLine, Sending
from backend.purchasing.models.purchase_return import PurchaseReturn, PurchaseReturnLine, ReturnOutcome, ReturnReason
from backend.purchasing.models.quota import ItemQuota, QuotaShare, QuotaWay
from backend.purchasing.models.receipt import PurchaseReceipt, PurchaseReceiptLine
from backend.purchasing.models.requisition import PurchaseRequisition, RequisitionLine
from backend.purchasing.models.rfq import (
    Quote,
    QuoteLine,
    QuoteSource,
    QuoteStep,
    Rfq,
    RfqAward,
    RfqInvitation,
    RfqLine,
    RfqState,
)
from backend.purchasing.models.subcontract import (
    LossBearer,
    MaterialKind,
    MaterialMove,
    MaterialMoveLine,
    SubcontractComponent,
)

__all__ = [
    "ItemQuota",
    "QuotaShare",
    "QuotaWay",
    "LossBearer",
    "MaterialKind",
    "MaterialMove",
    "MaterialMoveLine",
    "SubcontractComponent",
    "OrderKind",
    "Asn",
    "AsnLine",
    "AsnOutcome",
    "AsnState",
    "Basis",
    "BlanketLine",
    "BlanketOrder",
    "CallOff",
    "ConfirmationLine",
    "ConfirmationState",
    "ExceptionKind",
    "ExceptionState",
    "Inspection",
    "InspectionLine",
    "InspectionState",
    "LandedCost",
    "LandedCostLine",
    "LineState",
    "Node",
    "NodeTemplate",
    "NodeTemplateStep",
    "OrderConfirmation",
    "ProductionNode",
    "ProgressLink",
    "ProgressReport",
    "PurchaseException",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "PurchaseReceipt",
    "PurchaseReceiptLine",
    "PurchaseRequisition",
    "PurchaseReturn",
    "PurchaseReturnLine",
    "RequisitionLine",
    "ReturnOutcome",
    "ReturnReason",
    "AlertState",
    "MaterialPrice",
    "PriceAlert",
    "PriceSource",
    "Quote",
    "QuoteLine",
    "QuoteSource",
    "QuoteStep",
    "Rfq",
    "RfqAward",
    "RfqInvitation",
    "RfqLine",
    "RfqState",
    "ScheduleLine",
    "Sending",
]
