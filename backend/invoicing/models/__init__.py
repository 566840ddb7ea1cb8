from backend.invoicing.models.invoices import (
    InvoiceKind,
    MatchState,
    PurchaseInvoice,
    PurchaseInvoiceLine,
    SalesInvoice,
    SalesInvoiceLine,
)
from backend.invoicing.models.money import FundAccount, Payment, PaymentLine, Receipt, ReceiptLine
from backend.invoicing.models.statement import MovementKind, Statement, StatementLine, StatementState

__all__ = [
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
    "Statement",
    "StatementLine",
    "StatementState",
]
