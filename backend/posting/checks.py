"""What the close asks of the documents: all approved, and the books equal to them."""

from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from backend.accounting.checks import CheckResult, register
from backend.accounting.models import Period
from backend.inventory.services import costing_runs
from backend.kernel.document import DOC_TYPES
from backend.posting import reconciliation

POSTING = (
    "inventory.opening_stock",
    "inventory.other_receipt",
    "inventory.other_issue",
    "inventory.transfer_receipt",
    "inventory.cost_adjustment",
    "purchasing.landed_cost",
    "inventory.count",
    "inventory.assembly",
    "purchasing.receipt",
    "purchasing.material",
    "production.material",
    "production.receipt",
    "sales.delivery",
    "invoicing.sales_invoice",
    "invoicing.purchase_invoice",
    "invoicing.receipt",
    "invoicing.payment",
    "invoicing.netting",
    "invoicing.debt_transfer",
    "invoicing.refund",
)


@register
def unapproved_documents(period: Period) -> CheckResult:
    """Documents that post, dated in the period and not approved; one statement for all kinds."""
    parts = [
        f"SELECT '{doc_type}', number FROM {DOC_TYPES[doc_type]._meta.db_table} "
        "WHERE approval IN ('draft', 'submitted', 'rejected') AND doc_date BETWEEN %(first)s AND %(last)s"
        for doc_type in POSTING
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(parts) + " ORDER BY 1, 2", {"first": period.start_date, "last": period.end_date}
        )
        found = cursor.fetchall()
    return CheckResult(
        "unapproved_documents",
        _("Documents of the period are approved"),
        len(found),
        True,
        ", ".join(number for _type, number in found[:20]),
        _("Approve them, void them, or date them in the next period."),
        tuple(found[:50]),
    )


def _agrees(code: str, title: Any, found: list[reconciliation.Difference]) -> CheckResult:
    return CheckResult(
        code,
        title,
        len(found),
        True,
        "; ".join(f"{row.subject}: {row.ledger} ≠ {row.documents}" for row in found[:10]),
        _("Tell support: this cannot come from any document."),
    )


@register
def stock_agrees(period: Period) -> CheckResult:
    """Inventory accounts equal the value of stock."""
    found = [*reconciliation.stock_differences(), *reconciliation.layer_differences()]
    return _agrees("stock_agrees", _("Inventory accounts equal the value of stock"), found)


@register
def month_is_costed(period: Period) -> CheckResult:
    """Issues of items at the monthly average are at the average of the month."""
    return CheckResult(
        "month_costed",
        _("Issues are at the average of the month"),
        costing_runs.uncosted(period.start_date, period.end_date),
        True,
        "",
        _("Run the costing of the month."),
    )


@register
def parties_agree(period: Period) -> CheckResult:
    """Receivables and payables equal the open items."""
    found = reconciliation.party_differences()
    return _agrees("parties_agree", _("Receivables and payables equal the open items"), found)


@register
def transit_agrees(period: Period) -> CheckResult:
    """Goods in transit equal what was invoiced and has not come."""
    found = reconciliation.transit_differences()
    return _agrees("transit_agrees", _("Goods in transit equal what is invoiced and not received"), found)


_WAITING = """
SELECT coalesce(sum(b.debit - b.credit), 0) FROM accounting_account_balance b
JOIN accounting_account_role r ON r.account_id = b.account_id AND r.role = %s
JOIN accounting_period p ON p.id = b.period_id AND p.end_date <= %s
"""


def _waiting(code: str, title: Any, role: str, period: Period, way_out: Any) -> CheckResult:
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [role, period.end_date])
        amount = cursor.fetchone()[0]
    return CheckResult(code, title, int(amount != 0), False, str(abs(amount)) if amount else "", way_out)


@register
def received_is_invoiced(period: Period) -> CheckResult:
    """Goods received whose invoice did not come: right in the books, worth asking for."""
    way_out = _("Ask the suppliers for their invoices.")
    return _waiting("received_not_invoiced", _("Goods received are invoiced"), "ap_grni", period, way_out)


@register
def shipped_is_invoiced(period: Period) -> CheckResult:
    """Goods shipped that were not invoiced: revenue may be missing from the period."""
    way_out = _("Invoice the deliveries.")
    return _waiting("shipped_not_invoiced", _("Goods shipped are invoiced"), "goods_dispatched", period, way_out)


@register
def invoiced_is_received(period: Period) -> CheckResult:
    """Goods invoiced that did not come: right in the books, worth asking for."""
    way_out = _("Ask the suppliers for the goods; the order lines say which.")
    return _waiting("invoiced_not_received", _("Goods invoiced are received"), "goods_in_transit", period, way_out)
