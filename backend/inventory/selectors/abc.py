"""ABC classes: the items that make up most of what leaves for good, computed from the moves of a stretch of time.

What is sold or issued leaves its warehouse. Material leaves when something was made of it, at a processor's or in the
workshop; it counts for the warehouse that it was issued from, an order's use shared as the order's issues were.
"""

from datetime import date, timedelta
from uuid import UUID

from django.db import connection

DAYS = 90
# A: the first 80 % of the value that left; B: up to 95 %; C: the rest, and what did not move at all.
_CLASSES = """
WITH gone AS (
    SELECT m.item_id, m.warehouse_id, kind.word AS kind, coalesce(o.order_id, m.order_id) AS order_id,
           sum(m.value_out - m.value_in) AS value
    FROM inventory_stock_move m LEFT JOIN inventory_stock_move o ON o.id = m.reverses_id
    LEFT JOIN inventory_stock_move u ON u.id = coalesce(o.origin_id, m.origin_id) AND u.kind = 'subcontract_used'
        AND coalesce(o.kind, m.kind) = 'subcontract_in'
    CROSS JOIN LATERAL (SELECT coalesce(u.kind, o.kind, m.kind) AS word) kind
    WHERE kind.word IN ('sales_delivery', 'consign_sold', 'other_issue', 'assembly_out', 'subcontract_used')
      AND m.move_date > %(since)s
    GROUP BY 1, 2, 3, 4
), issued AS (
    SELECT m.item_id, m.order_id, m.warehouse_id, sum(m.value_out - m.value_in) AS value FROM inventory_stock_move m
    JOIN inventory_warehouse w ON w.id = m.warehouse_id AND w.kind = 'stock'
    LEFT JOIN inventory_stock_move o ON o.id = m.reverses_id
    WHERE %(warehouse)s::uuid IS NOT NULL AND coalesce(o.kind, m.kind) IN ('subcontract_out', 'subcontract_in')
      AND (m.item_id, m.order_id) IN (SELECT item_id, order_id FROM gone WHERE kind = 'subcontract_used')
    GROUP BY 1, 2, 3
), used AS (
    SELECT g.item_id, i.warehouse_id, g.value * i.value / nullif(sum(i.value) OVER (PARTITION BY g.item_id, g.order_id), 0)
    FROM (SELECT item_id, order_id, sum(value) AS value FROM gone WHERE kind = 'subcontract_used' GROUP BY 1, 2) g
    JOIN issued i ON i.item_id = g.item_id AND i.order_id = g.order_id
), left_value AS (
    SELECT item_id, sum(value) AS value FROM (
        SELECT item_id, warehouse_id, value FROM gone UNION ALL TABLE used
    ) every WHERE %(warehouse)s::uuid IS NULL OR warehouse_id = %(warehouse)s
    GROUP BY item_id
), ranked AS (
    SELECT item_id, value, sum(value) OVER (ORDER BY value DESC, item_id) - value AS before, sum(value) OVER () AS whole
    FROM left_value WHERE value > 0
)
SELECT i.id, CASE WHEN r.item_id IS NULL THEN 'C' WHEN r.before < 0.8 * r.whole THEN 'A'
                  WHEN r.before < 0.95 * r.whole THEN 'B' ELSE 'C' END
FROM catalog_item i LEFT JOIN ranked r ON r.item_id = i.id WHERE i.item_type = 'goods'
"""


def abc_classes(day: date, *, warehouse_id: UUID | None = None, days: int = DAYS) -> dict[UUID, str]:
    """The class of every item by the value that left in the days before; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_CLASSES, {"since": day - timedelta(days=days), "warehouse": warehouse_id})
        return dict(cursor.fetchall())
