"""Documents dated before moves that are there already: the items they touch are valued anew from their day on.

Moves are facts, so what comes out is written as corrections: one a day, item and use of the goods (``uses``), on the day
it belongs to, by the document that came late. One pass over the chain of each item (a window over its moves, bounded by
the open months: nothing is dated in a closed one). Items by arrival take their layers anew (``relayering``); items by lot
keep what was issued: which goods left is known. The monthly average waits for its run.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import connection

from backend.catalog.models import CostMethod
from backend.inventory.models import MoveKind, StockMove
from backend.inventory.services.balances import LockedBalance, Pair
from backend.inventory.services.corrections import Correction
from backend.inventory.services.uses import use_of
from backend.kernel import clock
from backend.kernel.bulk import uuid_array
from backend.kernel.document import Document

# Goods that leave for good, at the average of what lies there. All other moves keep the value they were booked at.
AT_AVERAGE = (
    MoveKind.SALES_DELIVERY,
    MoveKind.OTHER_ISSUE,
    MoveKind.SCRAP,
    MoveKind.TRANSFER_LOSS,
)

BY_ORDER = frozenset({CostMethod.MOVING_AVG, CostMethod.FIFO})

_LATER = """
SELECT w.item_id, w.warehouse_id FROM unnest(%s::uuid[], %s::uuid[]) AS w (item_id, warehouse_id)
WHERE EXISTS (SELECT FROM inventory_stock_move m
              WHERE m.item_id = w.item_id AND m.warehouse_id = w.warehouse_id AND m.move_date > %s)
"""

# What goods cost otherwise that had left before they came belongs to the last issue before. A revaluation counts from the
# day it was known: what had been sold by then was told to cost of sales at once.
_CHAIN = """
WITH pairs AS (SELECT * FROM unnest(%(items)s::uuid[], %(places)s::uuid[]) AS w (item_id, warehouse_id)),
moved AS (
    SELECT m.id, m.item_id, m.warehouse_id, d.day, m.qty_in, m.qty_out, m.value_in, m.value_out, m.doc_type, m.doc_id,
           m.doc_line_id, CASE WHEN o.kind = 'correction' THEN o.origin_id ELSE m.origin_id END AS origin_id,
           CASE WHEN m.kind = 'correction' OR o.kind = 'correction' AND o.move_date >= %(since)s THEN 3
                WHEN m.kind = ANY(%(average)s) AND m.qty_out > 0
                     AND NOT EXISTS (SELECT FROM inventory_stock_move x WHERE x.reverses_id = m.id) THEN 2
                ELSE 1 END AS what
    FROM pairs p JOIN inventory_stock_move m ON m.item_id = p.item_id AND m.warehouse_id = p.warehouse_id
    LEFT JOIN inventory_stock_move o ON o.id = m.reverses_id,
    LATERAL (SELECT CASE WHEN m.kind = 'revaluation' OR o.kind = 'revaluation'
                         THEN greatest(m.move_date, (m.moved_at AT TIME ZONE %(zone)s)::date) ELSE m.move_date END AS day) d
    WHERE d.day >= %(since)s
), late AS MATERIALIZED (
    SELECT m.*, CASE m.what WHEN 2 THEN m.id WHEN 3 THEN m.origin_id END AS issue,
           CASE m.what WHEN 2 THEN {use} WHEN 3 THEN {use_of_origin} END AS use
    FROM moved m LEFT JOIN inventory_stock_move o ON m.what = 3 AND o.id = m.origin_id
), chain AS (
    SELECT l.*, inventory_chain(what, qty_in, qty_out, value_in, value_out) OVER w AS state,
           max(CASE WHEN what = 2 THEN id END) OVER w AS last_issue
    FROM (
        SELECT id, item_id, warehouse_id, day, what, qty_in, qty_out, value_in, value_out FROM late
        UNION ALL
        SELECT 0, b.item_id, b.warehouse_id, '-infinity'::date, 0, b.on_hand - coalesce(t.qty, 0), 0,
               b.value - coalesce(t.value, 0), 0
        FROM pairs p JOIN inventory_stock_balance b ON b.item_id = p.item_id AND b.warehouse_id = p.warehouse_id
        LEFT JOIN (SELECT item_id, warehouse_id, sum(qty_in - qty_out) AS qty, sum(value_in - value_out) AS value
                   FROM late GROUP BY 1, 2) t ON t.item_id = b.item_id AND t.warehouse_id = b.warehouse_id
    ) l WINDOW w AS (PARTITION BY item_id, warehouse_id ORDER BY day, id)
), gaps AS (
    SELECT c.item_id, c.warehouse_id, c.day, coalesce(l.use, b.use, 'cogs') AS use, min(coalesce(l.issue, b.issue)) AS issue,
           sum(c.state[3]) AS gap
    FROM chain c LEFT JOIN late l ON l.id = c.id
    LEFT JOIN late b ON c.what = 1 AND b.id = c.last_issue
    WHERE c.what <> 0 AND c.state[3] <> 0 GROUP BY 1, 2, 3, 4
), written AS (
    INSERT INTO inventory_stock_move (item_id, warehouse_id, kind, qty_in, qty_out, value_in, value_out, move_date,
                                      moved_at, doc_type, doc_id, doc_number, origin_id)
    SELECT item_id, warehouse_id, 'correction', 0, 0, greatest(gap, 0), greatest(-gap, 0), day, %(at)s,
           %(doc_type)s, %(doc_id)s, %(doc_number)s, issue
    FROM gaps WHERE gap <> 0 ORDER BY item_id, warehouse_id, day, issue
    RETURNING item_id, warehouse_id, move_date, value_in, value_out, origin_id
)
SELECT w.*, g.use FROM written w JOIN gaps g ON g.item_id = w.item_id AND g.warehouse_id = w.warehouse_id
       AND g.day = w.move_date AND g.issue IS NOT DISTINCT FROM w.origin_id
"""


def pairs_behind(balances: Mapping[Pair, LockedBalance], day: date, at_day: date) -> list[Pair]:
    """Pairs whose costs hang on the order of days, with moves after ``day``; one statement, none for a document of today."""
    wanted = sorted(pair for pair, row in balances.items() if row.cost_method in BY_ORDER)
    if day >= at_day or not wanted:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_LATER, [uuid_array(item for item, _ in wanted), uuid_array(place for _, place in wanted), day])
        return [(row[0], row[1]) for row in cursor.fetchall()]


def value_chain(pairs: Iterable[Pair], *, since: date, document: Document, at: datetime) -> list[Correction]:
    """Value the moves of these pairs anew from a day on; returns the corrections that were written; one statement."""
    wanted = sorted(pairs)
    values: dict[str, Any] = {
        "items": uuid_array(item for item, _ in wanted),
        "places": uuid_array(place for _, place in wanted),
        "average": [str(kind) for kind in AT_AVERAGE],
        "since": since,
        "at": at,
        "zone": str(clock.time_zone()),
        "doc_type": document.DOC_TYPE,
        "doc_id": document.pk,
        "doc_number": document.number,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CHAIN.format(use=use_of("m"), use_of_origin=use_of("o")), values)
        return [as_written(row) for row in cursor.fetchall()]


def as_written(row: tuple[Any, ...]) -> Correction:
    """A correction that a statement wrote."""
    names = ("item_id", "warehouse_id", "move_date", "value_in", "value_out", "origin_id")
    return Correction(StockMove(**dict(zip(names, row[:6], strict=True))), row[6])
