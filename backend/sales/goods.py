"""How invoicing reads deliveries and what agents have sold: registered with it, since invoices live below sales.

Lines come as values of one narrow statement: whole rows with their deliveries and orders took longer than all that
is done with them.
"""

from collections.abc import Collection
from uuid import UUID

from django.db import connection

from backend.invoicing.sources import GoodsLine, read_goods
from backend.kernel.bulk import uuid_array
from backend.sales.models import Consignment, SalesDelivery

_GOODS = """
SELECT l.id, l.document_id, d.number, d.doc_date, d.customer_id, d.approval, l.item_id, l.qty - l.returned_qty, l.unit_price,
       l.tax_incl_price, l.tax_rate, l.net_amount - l.returned_net, l.tax_amount - l.returned_tax,
       l.gross_amount - l.returned_net - l.returned_tax, l.cost_amount - l.returned_cost, l.discount_pct,
       l.description, o.document_id, l.order_number, l.order_line_id, s.payment_days, l.invoiced_qty,
       l.line_unit_id, l.line_qty * (l.qty - l.returned_qty) / l.qty
FROM sales_delivery_line l
JOIN sales_delivery d ON d.id = l.document_id
JOIN sales_order_line o ON o.id = l.order_line_id
JOIN sales_order s ON s.id = o.document_id
WHERE {}
ORDER BY d.doc_date, d.id, l.line_no
"""
_OF_LINES = _GOODS.format("l.id = ANY(%s::uuid[])")
_OF_DELIVERIES = _GOODS.format("l.document_id = ANY(%s::uuid[]) AND d.approval = 'approved'")

# Deliveries first, then orders, each by id: the order in which everybody locks them.
_LOCK = """
WITH delivered AS MATERIALIZED (
    SELECT d.id FROM sales_delivery d
    WHERE d.id IN (SELECT l.document_id FROM sales_delivery_line l WHERE l.id = ANY(%(lines)s::uuid[]))
    ORDER BY d.id FOR UPDATE
)
SELECT s.id FROM sales_order s
WHERE s.id IN (SELECT o.document_id FROM sales_delivery_line l JOIN sales_order_line o ON o.id = l.order_line_id
               WHERE l.id = ANY(%(lines)s::uuid[]) AND l.document_id IN (SELECT id FROM delivered))
ORDER BY s.id FOR UPDATE
"""

# What an agent sold is goods delivered to him. A settlement that made a receivable of its own (as they did before they
# made an invoice) is not invoiced.
_SETTLED = """
SELECT l.id, l.document_id, d.number, d.doc_date, d.customer_id,
       CASE WHEN EXISTS (SELECT FROM accounting_open_item o WHERE o.source_id = d.id AND NOT o.voided) THEN 'voided'
            ELSE d.approval END,
       l.item_id, l.qty, round(l.tax_incl_price / (1 + l.tax_rate / 100), 6), l.tax_incl_price, l.tax_rate,
       l.net_amount, l.tax_amount, l.gross_amount, l.cost_amount, 0::numeric, '', NULL::uuid, '', NULL::uuid,
       NULL::integer, 0::numeric, NULL::uuid, NULL::numeric
FROM sales_consignment_line l JOIN sales_consignment d ON d.id = l.document_id AND d.kind = 'sold'
WHERE l.id = ANY(%s::uuid[]) ORDER BY d.doc_date, d.id, l.line_no
"""


def settled_goods(line_ids: Collection[UUID], *, lock: bool = False) -> dict[UUID, GoodsLine]:
    """Lines of settlements as goods to invoice; with ``lock`` the settlements are locked by id."""
    if lock:
        found = Consignment.objects.filter(lines__in=line_ids).order_by("pk").values("pk")
        list(Consignment.objects.filter(pk__in=found).order_by("pk").select_for_update().values_list("pk"))
    return read_goods(Consignment.DOC_TYPE, _SETTLED, line_ids)


def lock_deliveries(delivery_ids: Collection[UUID]) -> None:
    """Lock deliveries by id until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM sales_delivery WHERE id = ANY(%s::uuid[]) ORDER BY id FOR UPDATE",
            [uuid_array(delivery_ids)],
        )


def lock_delivered(line_ids: Collection[UUID]) -> None:
    """Lock the deliveries of these lines, then their orders, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"lines": uuid_array(line_ids)})


def delivered_goods(line_ids: Collection[UUID], *, lock: bool = False) -> dict[UUID, GoodsLine]:
    """Delivery lines as goods to invoice; with ``lock`` their deliveries, then orders, are locked by id."""
    if lock:
        lock_delivered(line_ids)
    return read_goods(SalesDelivery.DOC_TYPE, _OF_LINES, line_ids)


def goods_of_deliveries(delivery_ids: Collection[UUID]) -> dict[UUID, GoodsLine]:
    """What approved deliveries have left to invoice, in their order; two statements.

    The deliveries stay locked: none is taken back while a draft over it is being written.
    """
    lock_deliveries(delivery_ids)
    found = read_goods(SalesDelivery.DOC_TYPE, _OF_DELIVERIES, delivery_ids)
    return {line_id: line for line_id, line in found.items() if line.open_qty > 0}
