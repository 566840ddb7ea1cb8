"""What is known about cost: layers that are not used up, what an earlier move cost, the last known cost of a piece."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import connection

from backend.inventory.models import CostLayer, StockMove
from backend.inventory.services.balances import Pair
from backend.inventory.services.inputs import MoveInput
from backend.inventory.valuation import Layer
from backend.kernel.bulk import uuid_array
from backend.kernel.money import ZERO, cents


@dataclass
class OriginCost:
    """What a move cost, less what came back of it; asking for a part takes it off."""

    qty: Decimal
    value: Decimal

    def take(self, qty: Decimal) -> Decimal:
        """The cost of so many of its goods; the last ones take the rest."""
        if qty == self.qty:
            value = self.value
        else:
            value = min(cents(self.value * qty / self.qty), self.value) if 0 < qty < self.qty else self._beyond(qty)
        self.qty, self.value = self.qty - qty, self.value - value
        return value

    def _beyond(self, qty: Decimal) -> Decimal:
        return cents(self.value * qty / self.qty) if self.qty > 0 else ZERO


_ORIGINS = """
SELECT o.id, o.qty_in + o.qty_out - coalesce(sum(r.qty_in + r.qty_out), 0),
       o.value_in + o.value_out - coalesce(sum(r.value_in + r.value_out), 0)
FROM inventory_stock_move o
LEFT JOIN inventory_stock_move r ON r.origin_id = o.id AND r.qty_in + r.qty_out > 0
      AND (r.qty_in > 0) <> (o.qty_in > 0)
      AND NOT EXISTS (SELECT FROM inventory_stock_move x WHERE x.reverses_id = r.id)
WHERE o.id = ANY(%s) GROUP BY o.id
"""


def origin_costs(move_ids: Iterable[int]) -> dict[int, OriginCost]:
    """What is left of the quantity and cost of moves after what came back of them; one statement."""
    wanted = sorted(set(move_ids))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_ORIGINS, [wanted])
        return {row[0]: OriginCost(row[1], row[2]) for row in cursor.fetchall()}


def moves_of_lines(line_ids: Iterable[UUID]) -> dict[UUID, list[StockMove]]:
    """The standing moves of document lines with their quantities: the origins of what is returned; one statement."""
    found: dict[UUID, list[StockMove]] = defaultdict(list)
    moves = StockMove.objects.filter(doc_line_id__in=list(line_ids), reverses=None, reversed_by=None)
    for move in moves.exclude(qty_in=0, qty_out=0).order_by("id"):
        if move.doc_line_id:
            found[move.doc_line_id].append(move)
    return dict(found)


def layers_of(pairs: Iterable[Pair]) -> dict[Pair, list[Layer]]:
    """The layers that are not used up, the oldest first; call under the balances' lock; one statement."""
    pairs = set(pairs)
    found: dict[Pair, list[Layer]] = {pair: [] for pair in pairs}
    rows = (
        CostLayer.objects.filter(
            item_id__in={item for item, _ in pairs}, warehouse_id__in={place for _, place in pairs}
        )
        .exclude(qty=0)
        .order_by("layer_date", "id")
    )
    for row in rows:
        if (row.item_id, row.warehouse_id) in pairs:
            layer = Layer(row.qty, row.value, row.pk, row.lot_id, row.move_id, row.layer_date)
            found[row.item_id, row.warehouse_id].append(layer)
    return found


_ARRIVALS = """
SELECT w.place, a.id FROM unnest(%s::int[], %s::uuid[], %s::uuid[]) AS w (place, serial_id, warehouse_id)
CROSS JOIN LATERAL (
    SELECT max(m.id) AS id FROM inventory_stock_move m
    WHERE m.serial_ids @> ARRAY[w.serial_id] AND m.warehouse_id = w.warehouse_id AND m.qty_in > 0
      AND m.kind <> 'reversal' AND NOT EXISTS (SELECT FROM inventory_stock_move x WHERE x.reverses_id = m.id)) a
"""


def arrivals_of(moves: Sequence[MoveInput]) -> dict[int, Counter[int]]:
    """By ``id(move)``: with which arrivals its pieces came to where they lie; one statement, none without pieces."""
    if not moves:
        return {}
    named = [(place, piece, move.warehouse_id) for place, move in enumerate(moves) for piece in move.serial_ids or ()]
    found: dict[int, Counter[int]] = defaultdict(Counter)
    with connection.cursor() as cursor:
        pieces, places = uuid_array(piece for _, piece, _ in named), uuid_array(place for _, _, place in named)
        cursor.execute(_ARRIVALS, [[place for place, _, _ in named], pieces, places])
        for place, move_id in cursor.fetchall():
            found[id(moves[place])][move_id] += 1
    return found


# The ladder: the last receipt here, then anywhere; the last issue; the purchase price without its tax.
_LADDER = """
SELECT w.item_id, w.warehouse_id, coalesce(
    (SELECT m.value_in / m.qty_in FROM inventory_stock_move m
     WHERE m.item_id = w.item_id AND m.warehouse_id = w.warehouse_id AND m.qty_in > 0 AND m.value_in > 0
       AND m.kind <> 'reversal' AND NOT EXISTS (SELECT FROM inventory_stock_move x WHERE x.reverses_id = m.id)
     ORDER BY m.id DESC LIMIT 1),
    (SELECT m.value_in / m.qty_in FROM inventory_stock_move m
     WHERE m.item_id = w.item_id AND m.qty_in > 0 AND m.value_in > 0
       AND m.kind <> 'reversal' AND NOT EXISTS (SELECT FROM inventory_stock_move x WHERE x.reverses_id = m.id)
     ORDER BY m.id DESC LIMIT 1),
    (SELECT m.value_out / m.qty_out FROM inventory_stock_move m
     WHERE m.item_id = w.item_id AND m.qty_out > 0 AND m.value_out > 0
       AND m.kind <> 'reversal' AND NOT EXISTS (SELECT FROM inventory_stock_move x WHERE x.reverses_id = m.id)
     ORDER BY m.id DESC LIMIT 1),
    (SELECT i.purchase_price / (1 + t.rate / 100) FROM catalog_item i JOIN catalog_tax_code t ON t.id = i.tax_code_id
     WHERE i.id = w.item_id),
    0)
FROM unnest(%s::uuid[], %s::uuid[]) AS w (item_id, warehouse_id)
"""


def last_costs(pairs: Iterable[Pair]) -> dict[Pair, Decimal]:
    """What a piece is taken to cost when nothing better is known: the cost ladder; one statement."""
    wanted = sorted(set(pairs))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_LADDER, [uuid_array(item for item, _ in wanted), uuid_array(place for _, place in wanted)])
        return {(row[0], row[1]): Decimal(row[2]) for row in cursor.fetchall()}
