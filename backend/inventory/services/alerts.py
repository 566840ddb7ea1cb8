"""Alerts: computed from stock in one statement, raised once, cleared by themselves when their cause is gone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from backend.kernel import clock
from backend.kernel.bulk import uuid_array
from backend.workflow import parameters

_FOUND = """
WITH stock AS MATERIALIZED (
    SELECT b.item_id, b.warehouse_id, b.on_hand, b.on_hand - b.reserved - b.blocked AS free, i.safety_stock
    FROM inventory_stock_balance b JOIN catalog_item i ON i.id = b.item_id AND i.active
    JOIN inventory_warehouse w ON w.id = b.warehouse_id AND w.kind = 'stock' AND w.active
    WHERE %(items)s::uuid[] IS NULL OR b.item_id = ANY(%(items)s::uuid[])
), sales AS (
    SELECT m.item_id, m.warehouse_id, sum(m.qty_out - m.qty_in) AS qty, max(m.move_date) AS last_day
    FROM inventory_stock_move m LEFT JOIN inventory_stock_move o ON o.id = m.reverses_id
    WHERE coalesce(o.kind, m.kind) = 'sales_delivery' AND m.move_date > %(since)s AND NOT %(low_only)s GROUP BY 1, 2
), arrived AS (
    SELECT item_id, warehouse_id, min(move_date) AS first_day FROM inventory_stock_move
    WHERE qty_in > 0 AND NOT %(low_only)s GROUP BY 1, 2
), found AS (
    SELECT 'low' AS kind, item_id, warehouse_id, NULL::uuid AS lot_id, free AS qty, safety_stock AS threshold
    FROM stock WHERE safety_stock > 0 AND free < safety_stock
    UNION ALL
    SELECT 'slow', s.item_id, s.warehouse_id, NULL, s.on_hand, %(slow_days)s FROM stock s
    JOIN arrived a ON a.item_id = s.item_id AND a.warehouse_id = s.warehouse_id
    LEFT JOIN sales x ON x.item_id = s.item_id AND x.warehouse_id = s.warehouse_id
    WHERE s.on_hand > 0 AND NOT %(low_only)s
      AND coalesce(x.last_day, a.first_day) <= %(today)s::date - %(slow_days)s
    UNION ALL
    SELECT 'over', s.item_id, s.warehouse_id, NULL, s.on_hand, round(x.qty * %(over_days)s / %(days)s, 4) FROM stock s
    JOIN sales x ON x.item_id = s.item_id AND x.warehouse_id = s.warehouse_id AND x.qty > 0
    WHERE NOT %(low_only)s AND s.on_hand > x.qty * %(over_days)s / %(days)s
    UNION ALL
    SELECT 'expiring', s.item_id, s.warehouse_id, l.id, lb.on_hand, %(expiry_days)s FROM stock s
    JOIN inventory_lot_balance lb ON lb.item_id = s.item_id AND lb.warehouse_id = s.warehouse_id AND lb.on_hand > 0
    JOIN inventory_lot l ON l.id = lb.lot_id AND l.expiry_date <= %(today)s::date + %(expiry_days)s
    WHERE NOT %(low_only)s
)
"""
_CLEAR = """
UPDATE inventory_alert a SET cleared_at = %(at)s
WHERE a.cleared_at IS NULL AND (%(items)s::uuid[] IS NULL OR a.item_id = ANY(%(items)s::uuid[]))
  AND (a.kind = 'low' OR NOT %(low_only)s)
  AND NOT EXISTS (SELECT FROM found f WHERE f.kind = a.kind AND f.item_id = a.item_id
                  AND f.warehouse_id = a.warehouse_id AND f.lot_id IS NOT DISTINCT FROM a.lot_id)
RETURNING a.kind, a.item_id, a.warehouse_id
"""
_RAISE = """
INSERT INTO inventory_alert AS a (id, kind, item_id, warehouse_id, lot_id, qty, threshold, raised_at)
SELECT gen_random_uuid(), f.kind, f.item_id, f.warehouse_id, f.lot_id, f.qty, f.threshold, %(at)s FROM found f
ORDER BY f.kind, f.item_id, f.warehouse_id, f.lot_id
ON CONFLICT (kind, item_id, warehouse_id, lot_id) WHERE cleared_at IS NULL
DO UPDATE SET qty = excluded.qty, threshold = excluded.threshold
RETURNING a.kind, a.item_id, a.warehouse_id, a.qty, a.threshold, a.raised_at = %(at)s
"""


@dataclass(frozen=True)
class Alerted:
    """What is new, and what is over: (kind, item, warehouse)."""

    fresh: tuple[tuple[str, UUID, UUID, Decimal, Decimal], ...]
    over: tuple[tuple[str, UUID, UUID], ...]


def look_at_stock(*, at: datetime, item_ids: Iterable[UUID] | None = None) -> Alerted:
    """Raise and clear alerts: all of them, or for some items whether they are low; two statements."""
    today, days = clock.day_of(at), int(parameters.get("inventory.slow_days"))
    values: dict[str, Any] = {
        "items": None if item_ids is None else uuid_array(item_ids),
        "low_only": item_ids is not None,
        "at": at,
        "today": today,
        "days": days,
        "since": today - timedelta(days=days),
        "slow_days": days,
        "over_days": int(parameters.get("inventory.over_days")),
        "expiry_days": int(parameters.get("inventory.expiry_days")),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_FOUND + _CLEAR, values)
        over = tuple(cursor.fetchall())
        cursor.execute(_FOUND + _RAISE, values)
        fresh = tuple(row[:5] for row in cursor.fetchall() if row[5])
    return Alerted(fresh, over)
