"""Documents that come late for items by arrival (FIFO): what left from their day on takes its layers anew.

Entries of layers are facts, so what comes out is written as corrections, one for each run of issues of a day to the same
use (``uses``), with entries that give the former layers back and take the right ones: a run whose goods change and whose
cost does not has its correction too, of value 0, for the next late document reads from it what the run took. Taken anew is
what leaves for good
(``AT_AVERAGE``) and has not been taken back, day by day, the oldest layer of that day first; what goes to another place,
back to a supplier or into a product keeps the layers and the value it was booked at, and so does what left before it
came. Goods that were there later only serve what the earlier ones cannot.

What a layer was worth when its goods left stays with the layer: it is a row of stretches, one for each run that took from
it at what that run paid, the last at what is left of it. Who takes a stretch now pays what it cost then. So nothing
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

from backend.inventory.models import LayerEntry
from backend.inventory.services.backdating import AT_AVERAGE
from backend.inventory.services.balances import Pair
from backend.inventory.services.corrections import Correction, correction
from backend.inventory.services.uses import SOLD, use_of
from backend.kernel.bulk import insert_rows, uuid_array
from backend.kernel.document import Document
from backend.kernel.money import ZERO, cents

Part = tuple[Decimal, Decimal]  # a quantity with its value
Run = tuple[date, int]  # issues of a day to one use, one after the other: the day and the first of them
Changes = dict[Run, list[tuple[int, Decimal, Decimal]]]

# Layers of goods that came, with what each run that may be told anew took of them (former corrections count in).
# MATERIALIZED: summed up once, not for every layer anew, whatever the planner takes the number of moves to be.
_TAKEN = """
WITH pairs AS (SELECT * FROM unnest(%(items)s::uuid[], %(places)s::uuid[]) AS w (item_id, warehouse_id)),
moves AS MATERIALIZED (
    SELECT m.* FROM pairs p JOIN inventory_stock_move m ON m.item_id = p.item_id AND m.warehouse_id = p.warehouse_id
    WHERE m.move_date >= %(since)s AND (m.kind = 'correction' OR m.kind = ANY(%(leaving)s) AND m.qty_out > 0)
      AND NOT EXISTS (SELECT FROM inventory_stock_move x WHERE x.reverses_id = m.id)
), issues AS MATERIALIZED (
    SELECT m.id, m.item_id, m.warehouse_id, m.move_date AS day, {use} AS use FROM moves m WHERE m.kind <> 'correction'
), runs AS MATERIALIZED (
    SELECT id, day, use, min(id) OVER (PARTITION BY item_id, warehouse_id, day, use, run) AS first
    FROM (SELECT i.*, row_number() OVER (PARTITION BY item_id, warehouse_id, day ORDER BY id)
                      - row_number() OVER (PARTITION BY item_id, warehouse_id, day, use ORDER BY id) AS run
          FROM issues i) numbered
), told AS MATERIALIZED (
    SELECT id, day, first, use FROM runs
    UNION ALL
    SELECT m.id, m.move_date, coalesce(r.first, m.origin_id, 0), coalesce(r.use, {use_of_origin})
    FROM moves m LEFT JOIN runs r ON r.id = m.origin_id AND r.day = m.move_date
    LEFT JOIN inventory_stock_move o ON o.id = m.origin_id WHERE m.kind = 'correction'
), taken AS MATERIALIZED (
    SELECT e.layer_id, t.day, t.first, min(t.use) AS use, -sum(e.qty) AS qty, -sum(e.value) AS value
    FROM told t JOIN inventory_layer_entry e ON e.move_id = t.id GROUP BY 1, 2, 3
)
SELECT l.item_id, l.warehouse_id, l.id, l.layer_date, l.qty, l.value, t.day, t.first, t.use, t.qty, t.value
FROM pairs p JOIN inventory_cost_layer l ON l.item_id = p.item_id AND l.warehouse_id = p.warehouse_id
JOIN inventory_stock_move a ON a.id = l.move_id AND a.qty_in > 0
LEFT JOIN taken t ON t.layer_id = l.id
WHERE l.qty > 0 OR t.day IS NOT NULL
ORDER BY l.item_id, l.warehouse_id, l.layer_date, l.id, t.day, t.first
"""


@dataclass
class TakenLayer:
    """A layer with what is left of it, and what each run took of it."""

    id: int
    day: date
    qty: Decimal
    value: Decimal
    taken: dict[Run, Part] = field(default_factory=dict)
    uses: dict[Run, str] = field(default_factory=dict)

    def stretches(self) -> list[Part] | None:
        """The layer from its first piece to its last, at what each cost; None where that cannot be told."""
        paid = [part for _run, part in sorted(self.taken.items()) if part[0] > 0]
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


def take_anew(pairs: Iterable[Pair], *, since: date, document: Document, at: datetime) -> list[Correction]:
    """Let what left from a day on take its layers anew; returns the corrections that were written; three statements."""
    made: list[Correction] = []
    entries: list[LayerEntry] = []
    for pair, layers in _layers(pairs, since).items():
        uses = {run: use for layer in layers for run, use in layer.uses.items()}
        for run, parts in sorted(changes_of(layers).items()):
            cost = -sum((part for _layer, _qty, part in parts), ZERO)
            move = correction(pair, cost, run[0], document, at, run[1] or None)
            made.append(Correction(move, uses.get(run, SOLD)))
            entries += [LayerEntry(layer_id=layer, move=move, qty=qty, value=part) for layer, qty, part in parts]
    if made:
        insert_rows([each.move for each in made])
        for entry in entries:
            entry.move_id = entry.move.pk
        LayerEntry.objects.bulk_create(entries)
    return made


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
        cursor.execute(_TAKEN.format(use=use_of("m"), use_of_origin=use_of("o")), values)
        for item, place, layer_id, layer_day, qty, value, day, first, use, *taken in cursor.fetchall():
            layer = found[item, place].setdefault(layer_id, TakenLayer(layer_id, layer_day, qty, value))
            if day is not None:
                layer.taken[day, first], layer.uses[day, first] = (taken[0], taken[1]), use
    return {pair: list(layers.values()) for pair, layers in found.items()}


def changes_of(layers: Sequence[TakenLayer]) -> Changes:
    """What the entries of each run come to anew, less what they are: (layer, quantity, value); the oldest layer first."""
    stretches = {layer.id: layer.stretches() for layer in layers}
    if None in stretches.values():
        return {}
    took = _shared_out(layers, {pk: sum((q for q, _v in found or ()), ZERO) for pk, found in stretches.items()})
    if took is None:
        return {}
    changes: Changes = defaultdict(list)
    for layer in layers:
        for run, (qty, value) in _paid(layer, took[layer.id], stretches[layer.id] or []).items():
            before = layer.taken.get(run, (ZERO, ZERO))
            if (qty, value) != before:
                changes[run].append((layer.id, before[0] - qty, before[1] - value))
    return changes


def _shared_out(layers: Sequence[TakenLayer], left: dict[int, Decimal]) -> dict[int, dict[Run, Decimal]] | None:
    """How much of each layer leaves with each run; None where there is not so much."""
    leaving: dict[Run, Decimal] = defaultdict(Decimal)
    for layer in layers:
        for run, (qty, _value) in layer.taken.items():
            leaving[run] += qty
    took: dict[int, dict[Run, Decimal]] = {layer.id: {} for layer in layers}
    for run, rest in sorted(leaving.items()):
        there = sorted(layers, key=lambda layer: layer.day > run[0])
        for layer in there:
            part = min(rest, left[layer.id])
            if part > 0:
                took[layer.id][run] = part
                left[layer.id] -= part
                rest -= part
        if rest:
            return None
    return took


def _paid(layer: TakenLayer, took: Mapping[Run, Decimal], stretches: Sequence[Part]) -> dict[Run, Part]:
    """What each run takes of a layer and pays for it; those that take nothing any more pay nothing."""
    paid: dict[Run, Part] = dict.fromkeys(layer.taken, (ZERO, ZERO))
    place = ZERO
    for run, qty in sorted(took.items()):
        paid[run] = (qty, _worth(stretches, place + qty) - _worth(stretches, place))
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
