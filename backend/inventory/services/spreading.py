"""Splitting a late difference of cost by where the goods are now: what is on hand is revalued, the rest was sold.

Price differences of invoices and landed cost come after goods have moved on. At the moving average the share of the
difference that still lies there is that of the goods; at the monthly average all of it joins the month, whose costing
run gives the goods sold their part; layers carry what is left of that very arrival. Never more value is taken than
there is.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from backend.catalog.models import CostMethod
from backend.inventory.models import MoveKind, StockMove
from backend.inventory.services.balances import LockedBalance, Pair, lock_balances
from backend.inventory.services.costs import layers_of
from backend.inventory.services.inputs import MoveInput
from backend.inventory.services.moves import post_moves
from backend.inventory.services.valuing import is_layered
from backend.inventory.valuation import Layer
from backend.kernel.actor import Actor
from backend.kernel.document import Document
from backend.kernel.money import ZERO, allocate, cents


@dataclass(frozen=True)
class Difference:
    """So many goods of an arrival (the moves ``origin_ids``) cost so much more, or less, than they came at."""

    item_id: UUID
    warehouse_id: UUID
    amount: Decimal
    qty: Decimal
    origin_ids: tuple[int, ...] = ()

    @property
    def pair(self) -> Pair:
        return (self.item_id, self.warehouse_id)


@dataclass
class Split:
    """A difference by where the goods are: inventory value by role, and what was sold."""

    values: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    sold: Decimal = ZERO


def differences_of_lines(lines: Iterable[tuple[UUID, Decimal, Decimal]]) -> list[Difference]:
    """Differences of (document line that goods came with, amount, quantity); one statement."""
    given = [line for line in lines if line[1]]
    if not given:
        return []
    moves = StockMove.objects.filter(doc_line_id__in=[line_id for line_id, *_ in given], qty_in__gt=0)
    found: dict[UUID, list[StockMove]] = defaultdict(list)
    for move in moves.filter(reverses=None, reversed_by=None).order_by("id"):
        if move.doc_line_id:
            found[move.doc_line_id].append(move)
    return [_of_line(found[line_id], amount, qty) for line_id, amount, qty in given]


def _of_line(moves: Sequence[StockMove], amount: Decimal, qty: Decimal) -> Difference:
    first = moves[0]
    return Difference(first.item_id, first.warehouse_id, amount, qty, tuple(move.pk for move in moves))


def spread(differences: Sequence[Difference], *, document: Document, actor: Actor, at: datetime) -> Split:
    """Correct the value of what is on hand, with moves of value alone of ``document``; tells what was sold."""
    split = Split()
    if not differences:
        return split
    balances = lock_balances(difference.pair for difference in differences)
    layered = [row for row in differences if is_layered(balances[row.pair])]
    layers = layers_of(row.pair for row in layered) if layered else {}
    moves = [*_averaged(differences, balances), *(move for row in layered for move in _layered(row, layers[row.pair]))]
    for move in moves:
        split.values[balances[move.pair].inventory_role] += move.value_in or ZERO
    everything = sum((row.amount for row in differences), ZERO)
    split.sold = everything - sum(split.values.values(), ZERO)
    if moves:
        post_moves(moves, document=document, actor=actor, at=at)
    return split


def _averaged(differences: Sequence[Difference], balances: Mapping[Pair, LockedBalance]) -> list[MoveInput]:
    sums: dict[Pair, tuple[Decimal, Decimal]] = {}
    for row in differences:
        if not is_layered(balances[row.pair]):
            amount, qty = sums.get(row.pair, (ZERO, ZERO))
            sums[row.pair] = (amount + row.amount, qty + row.qty)
    parts = ((pair, _part_on_hand(amount, qty, balances[pair])) for pair, (amount, qty) in sorted(sums.items()))
    return [_revaluation(pair, part) for pair, part in parts if part]


def _part_on_hand(amount: Decimal, qty: Decimal, balance: LockedBalance) -> Decimal:
    if balance.on_hand <= 0 or qty <= 0:
        return ZERO
    waits = balance.cost_method == CostMethod.MONTH_AVG
    return max(amount if waits else cents(amount * min(balance.on_hand, qty) / qty), -balance.value)


def _layered(difference: Difference, layers: Sequence[Layer]) -> list[MoveInput]:
    """A correction for each move of the arrival that still has goods in its layer."""
    left = [layer for layer in layers if layer.qty > 0 and layer.move_id in difference.origin_ids]
    lying = sum((layer.qty for layer in left), ZERO)
    if not lying or difference.qty <= 0:
        return []
    part = cents(difference.amount * min(lying, difference.qty) / difference.qty)
    made = []
    for layer, share in zip(left, allocate(part, [layer.qty for layer in left]), strict=True):
        bounded = max(share, -layer.value)
        layer.value += bounded
        if bounded:
            made.append(_revaluation(difference.pair, bounded, layer.move_id))
    return made


def _revaluation(pair: Pair, value: Decimal, origin_id: int | None = None) -> MoveInput:
    return MoveInput(
        kind=MoveKind.REVALUATION, item_id=pair[0], warehouse_id=pair[1], value_in=value, origin_id=origin_id
    )
