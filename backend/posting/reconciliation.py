"""What the books must equal: each sub-ledger beside its control account, by one statement each.

Every function returns only the rows that differ; an empty list means that the books are true.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from backend.inventory.models.stock import role_expression


@dataclass(frozen=True)
class Difference:
    """``subject`` is an account role or a party; ``ledger`` what the books say, ``documents`` what the documents say."""

    subject: str
    ledger: Decimal
    documents: Decimal

    @property
    def gap(self) -> Decimal:
        return self.ledger - self.documents


_STOCK = f"""
WITH ledger AS (
    SELECT r.role, coalesce(sum(b.debit - b.credit), 0) AS amount
    FROM accounting_account_role r JOIN accounting_account a ON a.id = r.account_id AND a.control = 'stock'
    LEFT JOIN accounting_account_balance b ON b.account_id = a.id GROUP BY r.role
), stock AS (
    SELECT {role_expression("w", "c")} AS role, sum(s.value) AS amount
    FROM inventory_stock_balance s JOIN catalog_item i ON i.id = s.item_id
    JOIN catalog_item_category c ON c.id = i.category_id JOIN inventory_warehouse w ON w.id = s.warehouse_id
    WHERE w.kind <> 'customer' GROUP BY 1
)
SELECT coalesce(l.role, s.role), coalesce(l.amount, 0), coalesce(s.amount, 0) FROM ledger l FULL JOIN stock s ON s.role = l.role
"""

_LAYERS = """
WITH layered AS (
    SELECT item_id, warehouse_id, sum(value) AS amount FROM inventory_cost_layer WHERE qty <> 0 GROUP BY 1, 2
)
SELECT i.code, coalesce(l.amount, 0), coalesce(s.value, 0)
FROM inventory_stock_balance s JOIN catalog_item i ON i.id = s.item_id
JOIN catalog_item_category c ON c.id = i.category_id
LEFT JOIN layered l ON l.item_id = s.item_id AND l.warehouse_id = s.warehouse_id
WHERE c.cost_method IN ('fifo', 'specific') AND coalesce(l.amount, 0) <> s.value
"""

_PARTIES = """
WITH ledger AS (
    SELECT b.party_id, sum(b.debit - b.credit) * %(sign)s AS amount
    FROM accounting_account_balance b JOIN accounting_account_role r ON r.account_id = b.account_id AND r.role = %(role)s
    GROUP BY b.party_id
), items AS (
    SELECT party_id, sum(open_amount * %(side)s) AS amount FROM accounting_open_item
    WHERE kind = %(kind)s AND open_amount <> 0
      AND CASE WHEN purpose = 'note' THEN 1 ELSE sign(amount) END = %(side)s GROUP BY party_id
)
SELECT p.name, coalesce(l.amount, 0), coalesce(i.amount, 0)
FROM ledger l FULL JOIN items i ON i.party_id = l.party_id JOIN party p ON p.id = coalesce(l.party_id, i.party_id)
"""

# What goods documents of a rule brought or took, less what went back and what approved invoices took of it, by party.
_WAITING = """
WITH ledger AS (
    SELECT b.party_id, sum(b.debit - b.credit) * %(sign)s AS amount
    FROM accounting_account_balance b JOIN accounting_account_role r ON r.account_id = b.account_id AND r.role = %(role)s
    GROUP BY b.party_id
), goods AS (
    SELECT DISTINCT source_id FROM accounting_voucher v WHERE v.rule = %(rule)s AND v.reverses_id IS NULL
      AND NOT EXISTS (SELECT 1 FROM accounting_voucher x WHERE x.reverses_id = v.id)
), moved AS (
    {moved}
), returned AS (
    SELECT d.{party} AS party_id, sum(l.{returned}) AS amount
    FROM {returns}_line l JOIN {returns} d ON d.id = l.document_id AND d.approval = 'approved'
    JOIN {goods_line} s ON s.id = l.{goods_key} JOIN goods g ON g.source_id = s.document_id GROUP BY d.{party}
), taken AS (
    SELECT d.{party} AS party_id, sum(l.{value}) AS amount
    FROM {lines} l JOIN {documents} d ON d.id = l.document_id AND d.approval = 'approved'
    JOIN goods g ON g.source_id = l.source_id GROUP BY d.{party}
), open AS (
    SELECT party_id, sum(amount) AS amount
    FROM (SELECT * FROM moved UNION ALL SELECT party_id, -amount FROM returned
          UNION ALL SELECT party_id, -amount FROM taken {also}) all_sides GROUP BY party_id
)
SELECT coalesce(p.name, '?'), coalesce(l.amount, 0), coalesce(o.amount, 0)
FROM ledger l FULL JOIN open o ON o.party_id = l.party_id LEFT JOIN party p ON p.id = coalesce(l.party_id, o.party_id)
"""


_RECEIVED = """SELECT m.party_id, sum(m.value_in - m.value_out) AS amount
    FROM inventory_stock_move m JOIN goods g ON g.source_id = m.doc_id
    LEFT JOIN inventory_stock_move o ON o.id = m.reverses_id
    WHERE coalesce(o.kind, m.kind) <> 'correction' GROUP BY m.party_id"""
# With what corrections added to it while it waited.
_SHIPPED = """SELECT d.customer_id AS party_id, sum(l.cost_amount) AS amount
    FROM sales_delivery_line l JOIN goods g ON g.source_id = l.document_id JOIN sales_delivery d ON d.id = l.document_id
    GROUP BY d.customer_id"""

# What a receipt brought that was invoiced before it came was never estimated.
_INVOICED_AHEAD = """UNION ALL SELECT d.supplier_id, -l.ahead_value FROM purchasing_receipt_line l
          JOIN purchasing_receipt d ON d.id = l.document_id JOIN goods g ON g.source_id = d.id
          WHERE l.ahead_value <> 0"""

# What booked invoices brought into goods in transit, less what came of it, by supplier.
_TRANSIT = """
WITH ledger AS (
    SELECT b.party_id, sum(b.debit - b.credit) AS amount
    FROM accounting_account_balance b
    JOIN accounting_account_role r ON r.account_id = b.account_id AND r.role = 'goods_in_transit'
    WHERE b.party_id IS NOT NULL GROUP BY b.party_id
), waiting AS (
    SELECT d.supplier_id AS party_id, sum(l.transit_value - coalesce(a.value, 0)) AS amount
    FROM invoicing_purchase_invoice_line l
    JOIN invoicing_purchase_invoice d ON d.id = l.document_id AND d.approval = 'approved'
    LEFT JOIN (SELECT invoice_line_id, sum(value) AS value FROM invoicing_arrival GROUP BY 1) a ON a.invoice_line_id = l.id
    WHERE l.source_type = 'purchasing.order' GROUP BY d.supplier_id
)
SELECT coalesce(p.name, '?'), coalesce(l.amount, 0), coalesce(w.amount, 0)
FROM ledger l FULL JOIN waiting w ON w.party_id = l.party_id LEFT JOIN party p ON p.id = coalesce(l.party_id, w.party_id)
"""

# What lies at agents is dispatched, too.
_CONSIGNED = """UNION ALL SELECT w.party_id, s.value FROM inventory_stock_balance s
          JOIN inventory_warehouse w ON w.id = s.warehouse_id AND w.kind = 'customer'"""


def stock_differences() -> list[Difference]:
    """Inventory accounts beside the value of stock, by role."""
    return _differing(_STOCK, {})


def layer_differences() -> list[Difference]:
    """Layers of cost beside the value of stock, by item, where goods are valued by arrival or by lot."""
    return _differing(_LAYERS, {})


def party_differences() -> list[Difference]:
    """Receivables, payables and both kinds of advances beside the open items, by party."""
    controls = (
        ("ar", "receivable", 1, 1),
        ("advance_from_customer", "receivable", -1, -1),
        ("ap_trade", "payable", -1, 1),
        ("prepayment", "payable", 1, -1),
    )
    found: list[Difference] = []
    for role, kind, sign, side in controls:
        found += _differing(_PARTIES, {"role": role, "kind": kind, "sign": sign, "side": side})
    return found


def estimate_differences() -> list[Difference]:
    """2202.02 beside what was received, did not go back and is not invoiced, by supplier."""
    sql = _WAITING.format(
        party="supplier_id",
        value="receipt_net",
        lines="invoicing_purchase_invoice_line",
        documents="invoicing_purchase_invoice",
        returns="purchasing_return",
        returned="booked_value",
        goods_line="purchasing_receipt_line",
        goods_key="receipt_line_id",
        also=_INVOICED_AHEAD,
        moved=_RECEIVED,
    )
    return _differing(sql, {"role": "ap_grni", "rule": "purchase_receipt.estimate", "sign": -1})


def transit_differences() -> list[Difference]:
    """1402 beside what was invoiced and has not come, by supplier."""
    return _differing(_TRANSIT, {})


def dispatched_differences() -> list[Difference]:
    """1406 beside the cost of what was shipped, did not come back and is not invoiced, and of what lies at agents."""
    sql = _WAITING.format(
        party="customer_id",
        value="cost_amount",
        lines="invoicing_sales_invoice_line",
        documents="invoicing_sales_invoice",
        returns="sales_return",
        returned="cost_amount",
        goods_line="sales_delivery_line",
        goods_key="delivery_line_id",
        also=_CONSIGNED,
        moved=_SHIPPED,
    )
    return _differing(sql, {"role": "goods_dispatched", "rule": "sales_delivery.dispatched", "sign": 1})


def all_differences() -> list[Difference]:
    """Everything that must agree and does not."""
    return [
        *stock_differences(),
        *layer_differences(),
        *party_differences(),
        *estimate_differences(),
        *transit_differences(),
        *dispatched_differences(),
    ]


def _differing(sql: str, values: dict[str, Any]) -> list[Difference]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [Difference(*row) for row in sorted(cursor.fetchall()) if row[1] != row[2]]
