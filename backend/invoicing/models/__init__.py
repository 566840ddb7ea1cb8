from backend.invoicing.models.clearing import Netting, NettingLine, Refund, RefundLine, RefundSide
from backend.invoicing.models.difference import (
    SETTLED,
    DifferenceKind,
    DifferenceState,
    StatementClaim,
    StatementDifference,
)
from backend.invoicing.models.invoices import (
    InvoiceKind,
    MatchState,
    PurchaseInvoice,
    PurchaseInvoiceLine,
    SalesInvoice,
    SalesInvoiceLine,
    SetOff,
)
from backend.invoicing.models.money import FundAccount, Payment, PaymentLine, Receipt, ReceiptLine
from backend.invoicing.models.statement import MovementKind, Statement, StatementLine, StatementState

__all__ = [
    "Netting",
    "NettingLine",
    "Refund",
    "RefundLine",
    "RefundSide",
    "SETTLED",
    "DifferenceKind",
    "DifferenceState",
    "StatementClaim",
    "StatementDifference",
    "FundAccount",
    "InvoiceKind",
    "MatchState",
    "MovementKind",
    "Payment",
    "PaymentLine",
    "PurchaseInvoice",
    "PurchaseInvoiceLine",
    "Receipt",
    "ReceiptLine",
    "SalesInvoice",
    "SalesInvoiceLine",
    "SetOff",
    "Statement",
    "StatementLine",
    "StatementState",
]
