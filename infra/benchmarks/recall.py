"""A recall through a lot graph of a million edges: four levels of making, then deliveries to a thousand customers.

Three lots in ten of the graph hang on the lot that is recalled. Measured: the lots it went into, and who has them.
"""

import time
from typing import Any

from infra.benchmarks import environment
from infra.benchmarks.report import Figure

FAN, LEVELS, SHIPPED, OTHERS = 30, 3, 12, 620_000
WANTED = 2.0

_FILL = """
CREATE TEMP TABLE made AS
WITH RECURSIVE tree (level, place) AS (
    SELECT 0, 0::bigint UNION ALL
    SELECT level + 1, place * %(fan)s + n FROM tree, generate_series(0, %(fan)s - 1) n WHERE level < %(levels)s
)
SELECT level, place, gen_random_uuid() AS lot_id, gen_random_uuid() AS activity_id FROM tree;
INSERT INTO inventory_lot (id, item_id, lot_no, supplier_lot_no, state, hold_reason, created_at)
SELECT lot_id, %(item)s, 'B' || level || '-' || place, '', 'released', '', now() FROM made;
INSERT INTO inventory_lot_edge (activity_type, activity_id, activity_number, direction, lot_id, qty, at)
SELECT 'production.order', c.activity_id, 'MO', d.direction, CASE d.direction WHEN 'in' THEN p.lot_id ELSE c.lot_id END,
       1, now()
FROM made c JOIN made p ON p.level = c.level - 1 AND p.place = c.place / %(fan)s,
     (VALUES ('in'), ('out')) d (direction);
INSERT INTO inventory_lot_edge (activity_type, activity_id, activity_number, direction, lot_id, qty, party_id, at)
SELECT 'sales.delivery', gen_random_uuid(), 'DN-' || m.place || '-' || n, 'in', m.lot_id, 1,
       (%(customers)s::uuid[])[1 + (m.place * 7 + n * 131) %% %(count)s], now()
FROM made m, generate_series(1, %(shipped)s) n WHERE m.level = %(levels)s;
CREATE TEMP TABLE other AS SELECT gen_random_uuid() AS lot_id, n FROM generate_series(1, %(others)s / 10) n;
INSERT INTO inventory_lot (id, item_id, lot_no, supplier_lot_no, state, hold_reason, created_at)
SELECT lot_id, %(item)s, 'O' || n, '', 'released', '', now() FROM other;
INSERT INTO inventory_lot_edge (activity_type, activity_id, activity_number, direction, lot_id, qty, party_id, at)
SELECT 'sales.delivery', gen_random_uuid(), 'DN-O' || o.n, 'in', o.lot_id, 1,
       (%(customers)s::uuid[])[1 + (o.n * 13 + k) %% %(count)s], now()
FROM other o, generate_series(1, 10) k;
ANALYZE inventory_lot_edge;
ANALYZE inventory_lot;
"""


def run() -> list[Figure]:
    """Lay the graph, then recall its root."""
    from backend.kernel.tenancy import run_in

    environment.new_database()
    with run_in(environment.company()):
        items, customers = environment.fill_company(items=1, customers=1000, stock=0)
        lot_id, edges = _fill(items[0], customers)
        return _measure(lot_id, edges)


def _fill(item: Any, customers: list[Any]) -> tuple[Any, int]:
    from django.db import connection

    values = {
        "fan": FAN, "levels": LEVELS, "shipped": SHIPPED, "others": OTHERS, "item": item.pk,
        "customers": [party.pk for party in customers], "count": len(customers),
    }  # fmt: skip
    with connection.cursor() as cursor:
        for statement in _FILL.split(";\n"):
            if statement.strip():
                cursor.execute(statement, values)
        cursor.execute("SELECT lot_id FROM made WHERE level = 0")
        root = cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM inventory_lot_edge")
        return root, cursor.fetchone()[0]


def _measure(lot_id: Any, edges: int) -> list[Figure]:
    from backend.inventory.selectors.recall import holders_of, lots_below

    lots_below(lot_id)
    started = time.perf_counter()
    lots = lots_below(lot_id)
    walked = time.perf_counter()
    holders = holders_of(lot.lot_id for lot in lots)
    ended = time.perf_counter()
    return [
        Figure("recall", "edges of the graph", edges, ""),
        Figure("recall", "lots that are reached", len(lots), ""),
        Figure("recall", "customers with lots", len(holders), ""),
        Figure("recall", "finding the lots", 1000 * (walked - started), "ms"),
        Figure("recall", "lots and who has them", ended - started, "s", f"≤ {WANTED:g}", ended - started <= WANTED),
    ]
