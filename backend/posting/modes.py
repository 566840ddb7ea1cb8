"""How this company's books are kept: the parameters that choose between rules."""

from backend.accounting.selectors import has_input_vat
from backend.invoicing.models import InvoiceKind
from backend.workflow import parameters


def settles_by_goods() -> bool:
    """Whether receivables and payables arise with the goods (delivery mode) instead of the invoice."""
    return bool(parameters.get("accounting.settlement_mode") == "delivery")


def cost_waits_for_invoice() -> bool:
    """Whether shipped goods stay on 1406 until they are invoiced."""
    return bool(parameters.get("accounting.cogs_timing") == "invoice")


def reverses_late_estimates() -> bool:
    """Whether an invoice of a later month turns the estimate back whole (单到冲回) instead of booking the difference."""
    return bool(parameters.get("accounting.late_invoice") == "reverse")


def deducts_input_vat(invoice_kind: str = InvoiceKind.SPECIAL) -> bool:
    """Only general taxpayers deduct VAT, and only with a special invoice; otherwise it is cost."""
    return may_be_deducted(invoice_kind) and has_input_vat()


def may_be_deducted(invoice_kind: str) -> bool:
    """Whether an invoice of this kind passes its VAT on to those who deduct VAT."""
    return invoice_kind == InvoiceKind.SPECIAL
