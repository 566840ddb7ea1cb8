"""Valuing the moves of a document under the lock of their balances, and writing what they do to layers.

Goods at the moving average need nothing but the balance. What needs more is read when it is needed, one statement
each: layers (FIFO, specific cost), the cost of the moves that goods come back from, the last known costs.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from backend.catalog.models import CostMethod
from backend.inventory.models import CostLayer, LayerEntry, StockMove
from backend.inventory.services.balances import LockedBalance, Pair
from backend.inventory.services.costs import OriginCost, arrivals_of, last_costs, layers_of, origin_costs
from backend.inventory.services.inputs import MoveInput
from backend.inventory.valuation import LAYERED, Holding, Layer, LayeredHolding, Worth
from backend.kernel.money import ZERO, cents

Balances = Mapping[Pair, LockedBalance]


@dataclass
class Costed:
    """A move with what it is worth; ``value_in`` and ``value_out`` as they are written."""

    move: MoveInput
    worth: Worth
    value_out: Decimal = ZERO


def is_layered(balance: LockedBalance) -> bool:
    return balance.cost_method in LAYERED


def value_moves(moves: Sequence[MoveInput], balances: Balances, day: date) -> list[Costed]:
    """What each move is worth, one after the other."""
    holdings = _holdings(moves, balances)
    origins = origin_costs(move.origin_id for move in moves if move.origin_id and _asks_origin(move, balances))
    units = last_costs(_unknown(moves, balances))
    pieces = arrivals_of([move for move in moves if _asks_arrival(move, balances)])
    return [
        _costed(move, holdings[move.pair], origins, units.get(move.pair, ZERO), day, pieces.get(id(move), {}))
        for move in moves
    ]


def _asks_arrival(move: MoveInput, balances: Balances) -> bool:
    """Whether each piece leaves at what it came at itself."""
    return bool(move.qty_out and move.serial_ids) and balances[move.pair].cost_method == CostMethod.SPECIFIC


def _holdings(moves: Sequence[MoveInput], balances: Balances) -> dict[Pair, Holding | LayeredHolding]:
    layered = {move.pair for move in moves if is_layered(balances[move.pair])}
    layers = layers_of(layered) if layered else {}
    return {
        pair: LayeredHolding(layers[pair], balance.cost_method == CostMethod.SPECIFIC)
        if pair in layered
        else Holding(balance.on_hand, balance.value)
        for pair, balance in balances.items()
    }


def _asks_origin(move: MoveInput, balances: Balances) -> bool:
    if move.qty_in:
        return move.value_in is None
    return bool(move.qty_out) and not is_layered(balances[move.pair])


def _unknown(moves: Iterable[MoveInput], balances: Balances) -> set[Pair]:
    """Pairs where a piece has no cost of its own: goods that are not there leave, or come without a value."""
    wanted: dict[Pair, Decimal] = defaultdict(Decimal)
    found = set()
    for move in moves:
        wanted[move.pair] += move.qty_out
        if move.qty_in and move.value_in is None and not move.origin_id:
            found.add(move.pair)
    return found | {pair for pair, qty in wanted.items() if qty > max(balances[pair].on_hand, ZERO)}


def _costed(
    move: MoveInput,
    holding: Holding | LayeredHolding,
    origins: Mapping[int, OriginCost],
    unit: Decimal,
    day: date,
    arrivals: Mapping[int, int],
) -> Costed:
    which = {"lot_id": move.lot_id, "origin_id": move.origin_id, "day": day, "arrivals": arrivals}
    origin = origins.get(move.origin_id) if move.origin_id else None
    if move.qty_in:
        if move.value_in is None:
            move = replace(move, value_in=origin.take(move.qty_in) if origin else cents(move.qty_in * unit))
        return Costed(move, holding.receive(move.qty_in, move.value_in or ZERO, **which))  # type: ignore[arg-type]
    if move.qty_out:
        at_cost = origin.take(move.qty_out) if origin else None
        worth = holding.issue(move.qty_out, provisional=unit, at_cost=at_cost, **which)  # type: ignore[arg-type]
        return Costed(replace(move, value_in=ZERO), worth, worth.value)
    amount = move.value_in or ZERO
    worth = holding.revalue(amount, **which)  # type: ignore[arg-type]
    return Costed(replace(move, value_in=max(amount, ZERO)), worth, max(-amount, ZERO))


# --- layers ------------------------------------------------------------------------------------
Entry = tuple[Layer, Decimal, Decimal]


def write_layers(entries: Iterable[tuple[StockMove, Iterable[Entry]]]) -> None:
    """Write new layers and all entries: two statements, none when there is nothing."""
    by_move = [(move, list(rows)) for move, rows in entries]
    fresh: dict[int, tuple[Layer, CostLayer]] = {}
    for move, rows in by_move:
        for layer, _qty, _value in rows:
            if layer.id is None and id(layer) not in fresh:
                fresh[id(layer)] = (layer, _new_layer(layer, move))
    if fresh:
        for (layer, _), row in zip(
            fresh.values(), CostLayer.objects.bulk_create(row for _, row in fresh.values()), strict=True
        ):
            layer.id = row.pk
    made = [
        LayerEntry(layer_id=layer.id or 0, move_id=move.pk, qty=qty, value=value)
        for move, rows in by_move
        for layer, qty, value in rows
        if qty or value
    ]
    if made:
        LayerEntry.objects.bulk_create(made)


def _new_layer(layer: Layer, move: StockMove) -> CostLayer:
    return CostLayer(
        item_id=move.item_id,
        warehouse_id=move.warehouse_id,
        lot_id=layer.lot_id,
        move=move,
        layer_date=layer.day or move.move_date,
    )


@dataclass
class Undoing:
    """What taking moves back does to layers: entries by move, and the layers of each pair as they are then."""

    entries: dict[int, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    layers: dict[Pair, list[Layer]] = field(default_factory=dict)
    arrivals: frozenset[int] = frozenset()

    def is_sound(self, pair: Pair) -> bool:
        """No layer is worth something without goods, none has goods without its arrival, none lie beside missing ones."""
        layers = self.layers.get(pair, ())
        some, missing = any(layer.qty > 0 for layer in layers), any(layer.qty < 0 for layer in layers)
        left_over = any(layer.qty and layer.move_id in self.arrivals for layer in layers)
        return not (some and missing or left_over) and all(
            layer.value >= 0 if layer.qty > 0 else layer.value <= 0 if layer.qty else not layer.value
            for layer in layers
        )


def undo_entries(moves: Sequence[StockMove]) -> Undoing:
    """The entries of these moves with their signs turned, and the layers after them; two statements."""
    undoing = Undoing(arrivals=frozenset(move.pk for move in moves if move.qty_in))
    if not moves:
        return undoing
    undoing.layers = layers_of({(move.item_id, move.warehouse_id) for move in moves})
    known = {layer.id: layer for layers in undoing.layers.values() for layer in layers}
    for row in (
        LayerEntry.objects.filter(move_id__in=[move.pk for move in moves]).select_related("layer").order_by("id")
    ):
        layer = known.get(row.layer_id)
        if layer is None:
            layer = known[row.layer_id] = Layer(ZERO, ZERO, row.layer_id, move_id=row.layer.move_id)
            undoing.layers[row.layer.item_id, row.layer.warehouse_id].append(layer)
        layer.qty, layer.value = layer.qty - row.qty, layer.value - row.value
        undoing.entries[row.move_id].append((layer, -row.qty, -row.value))
    return undoing
