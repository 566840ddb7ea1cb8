"""Following goods that do not lie any more where they came to: what they were used for, or where they came to next.

Goods at an average left with the issues after their arrival, in proportion; goods by arrival with the issues that took of
their layers. Three statements whatever the goods, two where nothing came anywhere.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from backend.inventory.models import MoveKind, WarehouseKind
from backend.inventory.services.balances import Pair
from backend.inventory.services.uses import SOLD, use_of
from backend.kernel.bulk import uuid_array
from backend.kernel.money import ZERO, allocate

# What goes on to another place of ours, or into a product; everything else is used.
GOES_ON = (
    MoveKind.TRANSFER_OUT,
    MoveKind.TRANSIT,
    MoveKind.CONSIGN_OUT,
    MoveKind.CONSIGN_BACK,
    MoveKind.SUBCONTRACT_OUT,
    MoveKind.SUBCONTRACT_USED,
    MoveKind.ASSEMBLY_OUT,
    MoveKind.LOT_SPLIT,
)

_ISSUES = """
WITH gone AS (
    SELECT * FROM unnest(%(places)s::int[], %(items)s::uuid[], %(houses)s::uuid[], %(since)s::bigint[], %(layered)s::bool[])
        AS g (place, item_id, warehouse_id, since, layered)
), origins AS (SELECT * FROM unnest(%(origin_places)s::int[], %(origins)s::bigint[]) AS o (place, id)),
issues AS (
    SELECT g.place, m.id, m.qty_out - coalesce((
        SELECT sum(r.qty_in) FROM inventory_stock_move r WHERE r.origin_id = m.id AND r.kind = 'sales_return'
            AND NOT EXISTS (SELECT FROM inventory_stock_move x WHERE x.reverses_id = r.id)), 0) AS qty
    FROM gone g JOIN inventory_stock_move m ON m.item_id = g.item_id AND m.warehouse_id = g.warehouse_id AND m.id > g.since
    WHERE NOT g.layered AND m.qty_out > 0 AND m.kind NOT IN ('reversal', 'lot_split')
      AND NOT EXISTS (SELECT FROM inventory_stock_move x WHERE x.reverses_id = m.id)
    UNION ALL
    SELECT o.place, coalesce(m.origin_id, m.id), -sum(e.qty)
    FROM origins o JOIN inventory_cost_layer l ON l.move_id = o.id JOIN inventory_layer_entry e ON e.layer_id = l.id
    JOIN inventory_stock_move m ON m.id = e.move_id
    WHERE m.kind = 'correction' AND m.origin_id IS NOT NULL
      AND NOT EXISTS (SELECT FROM inventory_stock_move x WHERE x.reverses_id = m.id)
    GROUP BY 1, 2
    UNION ALL
    SELECT o.place, m.id, -sum(e.qty)
    FROM origins o JOIN inventory_cost_layer l ON l.move_id = o.id JOIN inventory_layer_entry e ON e.layer_id = l.id
    JOIN inventory_stock_move m ON m.id = e.move_id
    WHERE m.qty_out > 0 AND m.kind <> 'reversal' AND NOT EXISTS (SELECT FROM inventory_stock_move x WHERE x.reverses_id = m.id)
    GROUP BY 1, 2
), told AS (
    SELECT i.place, i.qty, m.id, m.kind = ANY(%(on)s) AS goes_on, {use} AS use
    FROM (SELECT place, id, sum(qty) AS qty FROM issues GROUP BY 1, 2) i JOIN inventory_stock_move m ON m.id = i.id
    WHERE i.qty > 0
)
SELECT place, CASE WHEN goes_on THEN '' ELSE use END, CASE WHEN goes_on THEN id END, sum(qty) FROM told
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""

_ARRIVALS = """
SELECT m.id, d.id, d.item_id, d.warehouse_id, d.qty_in, d.value_in, CASE WHEN w.kind = %(customer)s THEN w.party_id END
FROM inventory_stock_move m
JOIN inventory_stock_move d ON d.doc_id = m.doc_id AND d.qty_in > 0 AND d.kind <> 'reversal'
  AND CASE m.kind
      WHEN 'assembly_out' THEN d.kind = 'assembly_in'
      WHEN 'subcontract_used' THEN d.kind IN ('purchase_receipt', 'production_in') AND d.doc_line_id = m.doc_line_id
      WHEN 'lot_split' THEN d.kind = 'lot_split' AND d.item_id = m.item_id
      ELSE d.item_id = m.item_id AND d.warehouse_id <> m.warehouse_id AND d.lot_id IS NOT DISTINCT FROM m.lot_id
           AND d.doc_line_id IS NOT DISTINCT FROM m.doc_line_id END
  AND NOT EXISTS (SELECT FROM inventory_stock_move x WHERE x.reverses_id = d.id)
JOIN inventory_warehouse w ON w.id = d.warehouse_id
WHERE m.id = ANY(%(moves)s) ORDER BY m.id, d.id
"""


@dataclass(frozen=True)
class Gone:
    """So much of a difference of cost belongs to goods of these arrivals that have left."""

    pair: Pair
    amount: Decimal
    origin_ids: tuple[int, ...]
    layered: bool


Arrived = tuple[UUID, UUID, Decimal, Decimal, tuple[int, ...]]  # item, warehouse, amount, quantity, the arrival


@dataclass
class Followed:
    """Amounts by use, those of goods that came to another place, and the agents whose places those are."""

    uses: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    arrived: list[Arrived] = field(default_factory=list)
    agents: dict[UUID, UUID] = field(default_factory=dict)


def follow(gone: Sequence[Gone]) -> Followed:
    """Share each difference out over what the goods were used for and where they came to, by quantity."""
    followed = Followed()
    if not gone:
        return followed
    issues = _issues(gone)
    arrivals = _arrivals([move for rows in issues.values() for _use, move, _qty in rows if move])
    for place, one in enumerate(gone):
        rows = issues.get(place) or [(SOLD, None, Decimal(1))]
        for (use, move, _qty), share in zip(rows, allocate(one.amount, [row[2] for row in rows]), strict=True):
            if move is None or not arrivals.get(move):
                followed.uses[use or SOLD] += share
            else:
                _arrive(followed, arrivals[move], share)
    return followed


Row = tuple[int, UUID, UUID, Decimal, Decimal, UUID | None]  # arrival, item, warehouse, quantity, value, agent


def _arrive(followed: Followed, rows: Sequence[Row], amount: Decimal) -> None:
    values = [row[4] for row in rows]
    weights = values if all(values) else [row[3] for row in rows]
    for (arrival, item, place, qty, _value, agent), share in zip(rows, allocate(amount, weights), strict=True):
        if share:
            followed.arrived.append((item, place, share, qty, (arrival,)))
        if agent:
            followed.agents[place] = agent


def _issues(gone: Sequence[Gone]) -> dict[int, list[tuple[str, int | None, Decimal]]]:
    origins = [(place, origin) for place, one in enumerate(gone) if one.layered for origin in one.origin_ids]
    values: dict[str, Any] = {
        "places": list(range(len(gone))),
        "items": uuid_array(one.pair[0] for one in gone),
        "houses": uuid_array(one.pair[1] for one in gone),
        "since": [min(one.origin_ids, default=0) for one in gone],
        "layered": [one.layered for one in gone],
        "origin_places": [place for place, _origin in origins],
        "origins": [origin for _place, origin in origins],
        "on": [str(kind) for kind in GOES_ON],
    }
    found: dict[int, list[tuple[str, int | None, Decimal]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_ISSUES.format(use=use_of("m")), values)
        for place, use, move, qty in cursor.fetchall():
            found[place].append((use, move, qty))
    return found


def _arrivals(moves: Sequence[int]) -> Mapping[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    if moves:
        with connection.cursor() as cursor:
            cursor.execute(_ARRIVALS, {"moves": sorted(set(moves)), "customer": str(WarehouseKind.CUSTOMER)})
            for move, *row in cursor.fetchall():
                found[move].append(tuple(row))
    return found
