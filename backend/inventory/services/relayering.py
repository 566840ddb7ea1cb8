"""Documents that come late for items by arrival (FIFO): what left from their day on takes its layers anew.

Entries of layers are facts, so what comes out is written as corrections, one a day and item like those of the moving
average, with entries that give the former layers back and take the right ones. Taken anew is what leaves for good
(``AT_AVERAGE``) and has not been taken back, day by day, the oldest layer of that day first; what goes to another place,
back to a supplier or into a product keeps the layers and the value it was booked at, and so does what left before it
came. Goods that were there later only serve what the earlier ones cannot.

What a layer was worth when its goods left stays with the layer: it is a row of stretches, one for each day it was taken
from at what that day paid, the last at what is left of it. Who takes a stretch now pays what it cost then. So nothing
changes where nothing moves, a difference that was told to cost of sales once is not told again, and a layer that is
used up is worth nothing. One pass of a fixed number of statements for all items, bounded by the open months.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from backend.inventory.models import LayerEntry, MoveKind, StockMove
from backend.inventory.services.backdating import AT_AVERAGE
from backend.inventory.services.balances import Pair
from backend.kernel.bulk import insert_rows, uuid_array
from backend.kernel.document import Document
from backend.kernel.money import ZERO, cents

Part = tuple[Decimal, Decimal]  # a quantity with its value
Changes = dict[date, list[tuple[int, Decimal, Decimal]]]

# Layers of goods that came, with what was taken of them on each day that may be told anew (former corrections count in).
# MATERIALIZED: summed up once, not for every layer anew, whatever the planner takes the number of moves to be.
_TAKEN = """
WITH pairs AS (SELECT * FROM unnest(%(items)s::uuid[], %(places)s::uuid[]) AS w (item_id, warehouse_id)),
taken AS MATERIALIZED (
    SELECT e.layer_id, m.move_date AS day, -sum(e.qty) AS qty, -sum(e.value) AS value
    FROM pairs p JOIN inventory_stock_move m ON m.item_id = p.item_id AND m.warehouse_id = p.warehouse_id
    JOIN inventory_layer_entry e ON e.move_id = m.id
    WHERE m.move_date >= %(since)s AND (m.kind = 'correction' OR m.kind = ANY(%(leaving)s) AND m.qty_out > 0)
      AND NOT EXISTS (SELECT FROM inventory_stock_move x WHERE x.reverses_id = m.id)
    GROUP BY 1, 2
)
SELECT l.item_id, l.warehouse_id, l.id, l.layer_date, l.qty, l.value, t.day, t.qty, t.value
FROM pairs p JOIN inventory_cost_layer l ON l.item_id = p.item_id AND l.warehouse_id = p.warehouse_id
JOIN inventory_stock_move a ON a.id = l.move_id AND a.qty_in > 0
LEFT JOIN taken t ON t.layer_id = l.id
WHERE l.qty > 0 OR t.day IS NOT NULL
ORDER BY l.item_id, l.warehouse_id, l.layer_date, l.id, t.day
"""


@dataclass
class TakenLayer:
    """A layer with what is left of it, and what was taken of it by day."""

    id: int
    day: date
    qty: Decimal
    value: Decimal
    taken: dict[date, Part] = field(default_factory=dict)

    def stretches(self) -> list[Part] | None:
        """The layer from its first piece to its last, at what each cost; None where that cannot be told."""
        paid = [part for _day, part in sorted(self.taken.items()) if part[0] > 0]
        rest = (
            self.qty + sum((q for q, _v in self.taken.values()), ZERO) - sum((q for q, _v in paid), ZERO),
            self.value + sum((v for _q, v in self.taken.values()), ZERO) - sum((v for _q, v in paid), ZERO),
        )
        found = [*paid, rest] if rest[0] else paid
        sound = all(q > 0 and v >= 0 for q, v in found) and (rest[0] > 0 or not rest[1])
        if sound:
            return found
        everything = (sum((q for q, _v in [*paid, rest]), ZERO), sum((v for _q, v in [*paid, rest]), ZERO))
        if everything[0] > 0 and everything[1] >= 0:
            return [everything]
        return [] if everything == (ZERO, ZERO) else None


def take_anew(pairs: Iterable[Pair], *, since: date, document: Document, at: datetime) -> list[StockMove]:
    """Let what left from a day on take its layers anew; returns the corrections that were written; three statements."""
    moves: list[StockMove] = []
    entries: list[LayerEntry] = []
    for pair, layers in _layers(pairs, since).items():
        for day, parts in sorted(changes_of(layers).items()):
            value = sum((part for _layer, _qty, part in parts), ZERO)
            move = _correction(pair, day, value, document, at)
            moves.append(move)
            entries += [LayerEntry(layer_id=layer, move=move, qty=qty, value=part) for layer, qty, part in parts]
    if moves:
        insert_rows(moves)
        for entry in entries:
            entry.move_id = entry.move.pk
        LayerEntry.objects.bulk_create(entries)
    return moves


def _layers(pairs: Iterable[Pair], since: date) -> dict[Pair, list[TakenLayer]]:
    wanted = sorted(pairs)
    values: dict[str, Any] = {
        "items": uuid_array(item for item, _ in wanted),
        "places": uuid_array(place for _, place in wanted),
        "leaving": [str(kind) for kind in AT_AVERAGE],
        "since": since,
    }
    found: dict[Pair, dict[int, TakenLayer]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN, values)
        for item, place, layer_id, layer_day, qty, value, day, taken_qty, taken_value in cursor.fetchall():
            layer = found[item, place].setdefault(layer_id, TakenLayer(layer_id, layer_day, qty, value))
            if day is not None:
                layer.taken[day] = (taken_qty, taken_value)
    return {pair: list(layers.values()) for pair, layers in found.items()}


def changes_of(layers: Sequence[TakenLayer]) -> Changes:
    """What the entries of each day come to anew, less what they are: (layer, quantity, value); the oldest layer first."""
    stretches = {layer.id: layer.stretches() for layer in layers}
    if None in stretches.values():
        return {}
    took = _shared_out(layers, {pk: sum((q for q, _v in found or ()), ZERO) for pk, found in stretches.items()})
    if took is None:
        return {}
    changes: Changes = defaultdict(list)
    for layer in layers:
        for day, (qty, value) in _paid(layer, took[layer.id], stretches[layer.id] or []).items():
            before = layer.taken.get(day, (ZERO, ZERO))
            if (qty, value) != before:
                changes[day].append((layer.id, before[0] - qty, before[1] - value))
    return changes


def _shared_out(layers: Sequence[TakenLayer], left: dict[int, Decimal]) -> dict[int, dict[date, Decimal]] | None:
    """How much of each layer leaves on each day; None where there is not so much."""
    leaving: dict[date, Decimal] = defaultdict(Decimal)
    for layer in layers:
        for day, (qty, _value) in layer.taken.items():
            leaving[day] += qty
    took: dict[int, dict[date, Decimal]] = {layer.id: {} for layer in layers}
    for day, rest in sorted(leaving.items()):
        there = sorted(layers, key=lambda layer: layer.day > day)
        for layer in there:
            part = min(rest, left[layer.id])
            if part > 0:
                took[layer.id][day] = part
                left[layer.id] -= part
                rest -= part
        if rest:
            return None
    return took


def _paid(layer: TakenLayer, took: Mapping[date, Decimal], stretches: Sequence[Part]) -> dict[date, Part]:
    """What each day takes of a layer and pays for it; days that take nothing any more pay nothing."""
    paid: dict[date, Part] = dict.fromkeys(layer.taken, (ZERO, ZERO))
    place = ZERO
    for day, qty in sorted(took.items()):
        paid[day] = (qty, _worth(stretches, place + qty) - _worth(stretches, place))
        place += qty
    return paid


def _worth(stretches: Sequence[Part], qty: Decimal) -> Decimal:
    """What the first pieces of a layer cost, in cents; all of them cost all of it."""
    worth = ZERO
    for length, value in stretches:
        if qty < length:
            return worth + cents(value * qty / length)
        worth, qty = worth + value, qty - length
    return worth


def _correction(pair: Pair, day: date, value: Decimal, document: Document, at: datetime) -> StockMove:
    return StockMove(
        kind=MoveKind.CORRECTION,
        item_id=pair[0],
        warehouse_id=pair[1],
        value_in=max(value, ZERO),
        value_out=max(-value, ZERO),
        move_date=day,
        moved_at=at,
        doc_type=document.DOC_TYPE,
        doc_id=document.pk,
        doc_number=document.number,
    )
