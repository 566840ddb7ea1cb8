"""What stock was worth at the end of a day: what lies there now, less what moved after it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from backend.kernel.money import ZERO

BY = ("item", "warehouse", "category")

_KEYS = {
    "item": ("i.id::text", "i.code", "i.name", "i.spec", "u.name"),
    "warehouse": ("w.id::text", "w.code", "w.name", "''", "''"),
    "category": ("c.id::text", "c.code", "c.name", "c.cost_method", "''"),
}

_VALUE = """
SELECT {columns}, sum(m.qty) AS qty, sum(m.value) AS value
FROM (
    SELECT item_id, warehouse_id, on_hand AS qty, value FROM inventory_stock_balance
    UNION ALL
    SELECT item_id, warehouse_id, qty_out - qty_in, value_out - value_in FROM inventory_stock_move
    WHERE move_date > %(day)s
) m
JOIN catalog_item i ON i.id = m.item_id JOIN catalog_item_category c ON c.id = i.category_id
JOIN catalog_unit u ON u.id = i.unit_id JOIN inventory_warehouse w ON w.id = m.warehouse_id
WHERE (%(warehouse)s::uuid IS NULL OR m.warehouse_id = %(warehouse)s)
  AND (%(category)s::uuid IS NULL OR i.category_id = %(category)s)
  AND (%(item)s::uuid IS NULL OR m.item_id = %(item)s)
GROUP BY {grouped} HAVING sum(m.qty) <> 0 OR sum(m.value) <> 0
ORDER BY {order}
"""


@dataclass(frozen=True)
class Worth:
    """An item, a warehouse or a category with what lay of it and what that was worth."""

    id: str
    code: str
    name: str
    more: str
    unit: str
    qty: Decimal
    value: Decimal

    @property
    def unit_cost(self) -> Decimal | None:
        return self.value / self.qty if self.qty else None


def stock_value(
    *,
    day: date,
    by: str = "item",
    warehouse_id: UUID | None = None,
    category_id: UUID | None = None,
    item_id: UUID | None = None,
) -> list[Worth]:
    """What stock was worth at the end of ``day``, by item, warehouse or category; one statement."""
    keys = _KEYS[by]
    grouped = ", ".join(key for key in keys if key != "''")
    sql = _VALUE.format(columns=", ".join(keys), grouped=grouped, order=keys[1])
    values: dict[str, Any] = {"day": day, "warehouse": warehouse_id, "category": category_id, "item": item_id}
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [Worth(*row) for row in cursor.fetchall()]


def total_of(rows: list[Worth]) -> tuple[Decimal, Decimal]:
    """Quantity and value in all."""
    return sum((row.qty for row in rows), ZERO), sum((row.value for row in rows), ZERO)
