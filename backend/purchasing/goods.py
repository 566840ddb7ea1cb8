"""Receipt lines as invoicing reads them: what came and did not go back, at which price, and what it was booked at.

What of a receipt was invoiced before it came is not in it any more. Lines of orders are read as what of them may be
invoiced ahead: as much as is still to come and on no invoice, and what booked invoices over the order took.

Lines come as values of one narrow statement: whole rows with their receipts and orders took longer than all that is
done with them.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from django.db import connection
from django.db.models import F, Sum

from backend.inventory.models import StockMove
from backend.invoicing.sources import GoodsLine, read_goods
from backend.kernel.bulk import AMONG, uuid_array
from backend.kernel.currency import HOME
from backend.purchasing.models import InspectionLine, PurchaseOrder, PurchaseReceipt
from backend.purchasing.services.lines import amounts_at

_GOODS = """
SELECT l.id, l.document_id, r.number, r.doc_date, r.supplier_id, r.approval, l.item_id,
       l.qty - l.returned_qty - l.ahead_qty, l.unit_price, l.tax_incl_price, l.tax_rate,
       l.net_amount - l.returned_net - l.ahead_net, l.tax_amount - l.returned_tax - l.ahead_tax,
       l.gross_amount - l.returned_net - l.returned_tax - l.ahead_net - l.ahead_tax,
       coalesce((SELECT sum(m.value_in - m.value_out) FROM inventory_stock_move m
                 WHERE m.doc_line_id = l.id AND m.doc_type = 'purchasing.receipt'), 0) - l.returned_value - l.ahead_value,
       l.discount_pct, p.description, o.id, o.number, l.order_line_id, o.payment_days, l.invoiced_qty - l.ahead_qty,
       l.line_unit_id, round(l.line_qty * (l.qty - l.returned_qty - l.ahead_qty) / l.qty, 4)
FROM purchasing_receipt_line l
JOIN purchasing_receipt r ON r.id = l.document_id
JOIN purchasing_order_line p ON p.id = l.order_line_id
JOIN purchasing_order o ON o.id = p.document_id
WHERE {}
ORDER BY r.doc_date, r.id, l.line_no
"""
_OF_LINES = _GOODS.format(f"l.id {AMONG}")
_OF_RECEIPTS = _GOODS.format(f"l.document_id {AMONG} AND r.approval = 'approved'")

# Goods alone, from orders that run: processors' fees are invoiced with what they made.
_EXPECTED = """
SELECT l.id, l.document_id, o.number, o.doc_date, o.supplier_id, o.approval, l.item_id, l.qty, l.unit_price,
       l.tax_incl_price, l.tax_rate, l.net_amount, l.tax_amount, l.gross_amount, 0, l.discount_pct, l.description, o.id,
       o.number, l.id, o.payment_days, l.qty - r.qty, l.line_unit_id, l.line_qty,
       r.qty + coalesce((SELECT sum(i.qty) FROM invoicing_purchase_invoice_line i
                         JOIN invoicing_purchase_invoice d ON d.id = i.document_id AND d.approval = 'approved'
                         WHERE i.source_line_id = l.id AND i.source_type = 'purchasing.order'), 0), o.price_includes_tax,
       o.currency, o.exchange_rate
FROM purchasing_order_line l JOIN purchasing_order o ON o.id = l.document_id
CROSS JOIN LATERAL (
    SELECT CASE WHEN o.closing = 'open' AND o.kind = 'goods' THEN
        greatest(least(l.qty - l.cancelled_qty - l.received_qty - l.ahead_qty,
                       l.qty - l.cancelled_qty - l.invoiced_qty), 0) ELSE 0 END AS qty) r
WHERE l.id = ANY(%s::uuid[])
ORDER BY o.doc_date, o.id, l.line_no
"""

# Receipts first, then orders, each by id: the order in which everybody locks them.
_LOCK = """
WITH received AS MATERIALIZED (
    SELECT r.id FROM purchasing_receipt r
    WHERE r.id IN (SELECT l.document_id FROM purchasing_receipt_line l WHERE l.id = ANY(%(lines)s::uuid[]))
    ORDER BY r.id FOR UPDATE
)
SELECT o.id FROM purchasing_order o
WHERE o.id IN (SELECT p.document_id FROM purchasing_receipt_line l JOIN purchasing_order_line p ON p.id = l.order_line_id
               WHERE l.id = ANY(%(lines)s::uuid[]) AND l.document_id IN (SELECT id FROM received)
               UNION ALL SELECT e.document_id FROM purchasing_order_line e WHERE e.id = ANY(%(expected)s::uuid[]))
ORDER BY o.id FOR UPDATE
"""


def lock_receipts(receipt_ids: Collection[UUID]) -> None:
    """Lock receipts by id until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM purchasing_receipt WHERE id = ANY(%s::uuid[]) ORDER BY id FOR UPDATE",
            [uuid_array(receipt_ids)],
        )


def lock_received(line_ids: Collection[UUID], expected: Collection[UUID] = ()) -> None:
    """Lock the receipts of these lines, then their orders and those of ``expected`` order lines, until the end.

    Orders are locked because the invoice's progress is written on them after the party is locked.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"lines": uuid_array(line_ids), "expected": uuid_array(expected)})


def lock_goods(wanted: Mapping[str, Collection[UUID]]) -> None:
    """Lock what lines of receipts and of orders belong to, in one statement."""
    lock_received(wanted.get(PurchaseReceipt.DOC_TYPE, ()), wanted.get(PurchaseOrder.DOC_TYPE, ()))


def receipt_goods(line_ids: Collection[UUID], *, lock: bool = False) -> dict[UUID, GoodsLine]:
    """The receipts' lines by id; ``lock_goods`` locks them."""
    return read_goods(PurchaseReceipt.DOC_TYPE, _OF_LINES, line_ids)


def expected_goods(line_ids: Collection[UUID], *, lock: bool = False) -> dict[UUID, GoodsLine]:
    """The orders' lines by id, as far as they may be invoiced before they come; ``lock_goods`` locks them."""
    also = ("limit", "price_includes_tax", "currency", "exchange_rate")
    found = read_goods(PurchaseOrder.DOC_TYPE, _EXPECTED, line_ids, also=also)
    return {line_id: _at_home(line) for line_id, line in found.items()}


def _at_home(line: GoodsLine) -> GoodsLine:
    """The line in the company's own currency, once its order has a rate."""
    if line.currency == HOME or not line.exchange_rate:
        return line
    amounts = amounts_at(line.exchange_rate, line, line, line.qty)
    return replace(
        line,
        unit_price=amounts.unit_price,
        tax_incl_price=amounts.tax_incl_price,
        net=amounts.net_amount,
        tax=amounts.tax_amount,
        gross=amounts.gross_amount,
    )


def goods_of_receipts(receipt_ids: Collection[UUID]) -> dict[UUID, GoodsLine]:
    """What booked receipts have left to invoice, in their order; two statements.

    The receipts stay locked: none is taken back while a draft over it is being written.
    """
    lock_receipts(receipt_ids)
    found = read_goods(PurchaseReceipt.DOC_TYPE, _OF_RECEIPTS, receipt_ids)
    return {line_id: line for line_id, line in found.items() if line.open_qty > 0}


def booked_values(line_ids: Collection[UUID]) -> dict[UUID, Decimal]:
    """What the standing moves of the lines brought into stock."""
    moves = StockMove.objects.filter(doc_line_id__in=line_ids, doc_type=PurchaseReceipt.DOC_TYPE)
    sums = moves.values("doc_line_id").annotate(worth=Sum(F("value_in") - F("value_out")))
    return {line_id: worth for line_id, worth in sums.values_list("doc_line_id", "worth") if line_id}


def standing_moves(line_ids: Collection[UUID]) -> dict[UUID, int]:
    """The move that brought each line into stock."""
    moves = StockMove.objects.filter(doc_line_id__in=line_ids, doc_type=PurchaseReceipt.DOC_TYPE, qty_in__gt=0)
    found = moves.filter(reverses=None, reversed_by=None).order_by("id").values_list("doc_line_id", "pk")
    return {line_id: pk for line_id, pk in found if line_id}


def rejected_lots(line_ids: Collection[UUID], *, warehouse_id: UUID) -> dict[UUID, list[tuple[UUID, Decimal]]]:
    """The lots in which what inspections rejected of each line still lies there, and how much; one statement."""
    lying = InspectionLine.objects.filter(
        receipt_line_id__in=line_ids,
        rejected_lot__balances__warehouse=warehouse_id,
        rejected_lot__balances__on_hand__gt=0,
    ).order_by("rejected_lot_id")
    found: dict[UUID, list[tuple[UUID, Decimal]]] = {}
    for line_id, lot_id, qty in lying.values_list("receipt_line_id", "rejected_lot", "rejected_lot__balances__on_hand"):
        found.setdefault(line_id, []).append((lot_id, qty))
    return found
