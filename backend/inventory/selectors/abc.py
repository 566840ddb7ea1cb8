"""ABC classes: the items that make up most of what leaves, computed from the issues of a stretch of time."""

from datetime import date, timedelta
from uuid import UUID

from django.db import connection

DAYS = 90
# A: the first 80 % of the value that left; B: up to 95 %; C: the rest, and what did not move at all.
_CLASSES = """
WITH left_value AS (
    SELECT m.item_id, sum(m.value_out - m.value_in) AS value FROM inventory_stock_move m
    LEFT JOIN inventory_stock_move o ON o.id = m.reverses_id
    WHERE coalesce(o.kind, m.kind) IN ('sales_delivery', 'consign_sold', 'other_issue', 'assembly_out')
      AND m.move_date > %(since)s AND (%(warehouse)s::uuid IS NULL OR m.warehouse_id = %(warehouse)s)
    GROUP BY m.item_id
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
