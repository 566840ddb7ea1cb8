"""Recall: everything that a lot went into, and who has it; read from the lot graph.

An activity that took in a lot passes it on to whatever came out of it, unless the lot came back out: then it was reversed.
An agent has what was settled as sold by him (consignments that took a lot in for good) and what lies with him unsold.
One statement for each question, whatever the size of the graph.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from backend.inventory.models.lot import CONSIGNED, GRAPH_ENDS, RECEIPT, SHIPPING
from backend.kernel.bulk import uuid_array

_ENDS = ", ".join(f"'{name}'" for name in GRAPH_ENDS)
_SHIPPING = ", ".join(f"'{name}'" for name in SHIPPING)
# ``side`` is how the lot touches the activity: it went in, and what came out is below it; the other way round above it.
_STEP = """
    SELECT beyond.lot_id
    FROM inventory_lot_edge e
    JOIN inventory_lot_edge beyond ON beyond.activity_id = e.activity_id AND beyond.direction = '{other}'
        AND beyond.activity_type {kinds}
    WHERE e.lot_id = reached.lot_id AND e.direction = '{side}' AND e.activity_type {kinds}
      AND NOT EXISTS (
        SELECT FROM inventory_lot_edge back
        WHERE back.activity_id = e.activity_id AND back.lot_id = e.lot_id AND back.direction = '{other}'
          AND back.activity_type {kinds}
      )
"""
_WALK = """
WITH RECURSIVE reached (lot_id) AS (
    SELECT %s::uuid
    UNION
    SELECT passed.lot_id FROM reached CROSS JOIN LATERAL ({steps}) passed
)
SELECT lot_id FROM reached
"""


def _walk(side: str, other: str) -> str:
    """Through activities that are no end; and through receipts, an end unless a processor used material of ours for what
    came. Asked for apart, so that each is found by an index of its own."""
    kinds = (f"NOT IN ({_ENDS})", f"= '{RECEIPT}'")
    return _WALK.format(steps=" UNION ALL ".join(_STEP.format(side=side, other=other, kinds=each) for each in kinds))


_BELOW, _ABOVE = _walk("in", "out"), _walk("out", "in")

_LOTS = """
WITH found AS MATERIALIZED ({walk})
SELECT l.id, l.lot_no, l.supplier_lot_no, l.state, l.expiry_date, i.id, i.code, i.name, u.name, coalesce(b.on_hand, 0)
FROM found f JOIN inventory_lot l ON l.id = f.lot_id
JOIN catalog_item i ON i.id = l.item_id JOIN catalog_unit u ON u.id = i.unit_id
LEFT JOIN (SELECT lot_id, sum(on_hand) AS on_hand FROM inventory_lot_balance
           WHERE lot_id IN (SELECT lot_id FROM found) GROUP BY lot_id) b ON b.lot_id = l.id
ORDER BY l.id <> %s, i.code, l.lot_no
"""
_NET = "sum(CASE e.direction WHEN 'in' THEN e.qty ELSE -e.qty END)"
# Who has how much, by item or by lot (``key``).
_WHO = f"""
WITH found AS MATERIALIZED (
    SELECT l.id AS lot_id, l.item_id FROM unnest(%s::uuid[]) AS f (lot_id) JOIN inventory_lot l ON l.id = f.lot_id
), settled AS (
    SELECT max(e.party_id::text)::uuid AS party_id, e.lot_id, {_NET} AS qty, max(e.at) AS at,
           max(e.activity_number) AS number
    FROM inventory_lot_edge e WHERE e.lot_id IN (SELECT lot_id FROM found) AND e.activity_type = '{CONSIGNED}'
    GROUP BY e.activity_id, e.lot_id HAVING {_NET} > 0
), sent AS (
    SELECT e.party_id, f.{{key}} AS key, {_NET} AS qty, count(*) FILTER (WHERE e.direction = 'in') AS times,
           max(e.at) AS last_at, max(e.activity_number) AS last_number
    FROM found f JOIN inventory_lot_edge e ON e.lot_id = f.lot_id
    WHERE e.activity_type IN ({_SHIPPING}) AND e.party_id IS NOT NULL
    GROUP BY e.party_id, f.{{key}}
    UNION ALL
    SELECT s.party_id, f.{{key}}, s.qty, 1, s.at, s.number FROM settled s JOIN found f ON f.lot_id = s.lot_id
    UNION ALL
    SELECT w.party_id, f.{{key}}, b.on_hand, 1, last.at, last.activity_number
    FROM inventory_warehouse w
    JOIN inventory_lot_balance b ON b.warehouse_id = w.id AND b.on_hand > 0 JOIN found f ON f.lot_id = b.lot_id
    CROSS JOIN LATERAL (
        SELECT e.at, e.activity_number FROM inventory_lot_edge e
        WHERE e.lot_id = b.lot_id AND e.activity_type = '{CONSIGNED}' AND e.party_id = w.party_id
        ORDER BY e.id DESC LIMIT 1
    ) last
    WHERE w.kind = 'customer'
), whose AS MATERIALIZED (
    SELECT party_id, key, sum(qty) AS qty, sum(times) AS times, max(last_at) AS last_at, max(last_number) AS last_number
    FROM sent GROUP BY party_id, key HAVING sum(qty) > 0
)"""
_HOLDERS = f"""{_WHO.format(key="item_id")}, people AS (
    SELECT DISTINCT ON (c.party_id) c.party_id, c.name, c.phone, c.email FROM party_contact c
    WHERE c.party_id IN (SELECT party_id FROM whose) ORDER BY c.party_id, c.is_primary DESC, c.id
)
SELECT p.id, p.code, p.name, coalesce(c.name, ''), coalesce(nullif(c.phone, ''), p.phone),
       coalesce(nullif(c.email, ''), p.email), i.code, i.name, u.name, w.qty, w.times, w.last_at, w.last_number
FROM whose w JOIN party p ON p.id = w.party_id
JOIN catalog_item i ON i.id = w.key JOIN catalog_unit u ON u.id = i.unit_id
LEFT JOIN people c ON c.party_id = p.id
ORDER BY p.code, i.code
"""
_SHIPMENTS = f"""{_WHO.format(key="lot_id")}
SELECT p.code, p.name, i.code, i.name, l.lot_no, l.supplier_lot_no, w.qty, u.name, w.last_at, w.last_number
FROM whose w JOIN party p ON p.id = w.party_id JOIN inventory_lot l ON l.id = w.key
JOIN catalog_item i ON i.id = l.item_id JOIN catalog_unit u ON u.id = i.unit_id
ORDER BY p.code, i.code, l.lot_no
"""


@dataclass(frozen=True)
class ReachedLot:
    """A lot of the graph, with what is left of it here."""

    lot_id: UUID
    lot_no: str
    supplier_lot_no: str
    state: str
    expiry_date: date | None
    item_id: UUID
    item_code: str
    item_name: str
    unit: str
    on_hand: Decimal


@dataclass(frozen=True)
class Holder:
    """A customer who has goods of an item: shipped less what came back, or on consignment; and whom to call."""

    party_id: UUID
    code: str
    name: str
    contact: str
    phone: str
    email: str
    item_code: str
    item_name: str
    unit: str
    qty: Decimal
    times: int
    last_at: datetime
    last_number: str


@dataclass(frozen=True)
class Shipped:
    """The same lot by lot, for the list that leaves the house."""

    code: str
    name: str
    item_code: str
    item_name: str
    lot_no: str
    supplier_lot_no: str
    qty: Decimal
    unit: str
    last_at: datetime
    last_number: str


def lots_below(lot_id: UUID) -> list[ReachedLot]:
    """The lot, and every lot that it went into."""
    return [ReachedLot(*row) for row in _rows(_LOTS.format(walk=_BELOW), [lot_id, lot_id])]


def lots_above(lot_id: UUID) -> list[ReachedLot]:
    """The lot, and every lot that went into it."""
    return [ReachedLot(*row) for row in _rows(_LOTS.format(walk=_ABOVE), [lot_id, lot_id])]


def holders_of(lot_ids: Iterable[UUID]) -> list[Holder]:
    """Who has goods of these lots, by customer and item."""
    return [Holder(*row) for row in _rows(_HOLDERS, [uuid_array(lot_ids)])]


def shipped_of(lot_ids: Iterable[UUID]) -> list[Shipped]:
    """Who has which of these lots."""
    return [Shipped(*row) for row in _rows(_SHIPMENTS, [uuid_array(lot_ids)])]


def _rows(sql: str, values: Sequence[UUID | str]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
