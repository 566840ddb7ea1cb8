"""Splitting a late difference of cost by where the goods are now: what is on hand is revalued, the rest follows its use.

Price differences of invoices and landed cost come after goods have moved on. At the moving average the share of the
difference that still lies there is that of the goods; at the monthly average all of it joins the month, whose costing
run gives the goods used their part; layers carry what is left of that very arrival. Goods that went to another place of
ours, to a processor, to an agent or into a product are followed there (``following``). Never more value is taken than there
is.
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
from backend.inventory.services.following import Gone, follow
from backend.inventory.services.inputs import MoveInput
from backend.inventory.services.moves import post_moves
from backend.inventory.services.uses import AT_AGENT, SOLD
from backend.inventory.services.valuing import is_layered
from backend.inventory.valuation import Layer
from backend.kernel.actor import Actor
from backend.kernel.document import Document
from backend.kernel.money import ZERO, allocate, cents

STEPS = 6  # a transfer is two, a processor three; what has come further is taken to be sold


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
    """A difference by where the goods are: inventory value by role, and the rest by its use (``uses``)."""

    values: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    uses: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))

    @property
    def sold(self) -> Decimal:
        """What is not in stock any more."""
        return sum(self.uses.values(), ZERO)


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
    """Correct the value of what is on hand, with moves of value alone of ``document``; tells what the rest was used for."""
    split, agents = Split(), dict[UUID, UUID]()
    for _step in range(STEPS):
        if not differences:
            return split
        gone = _revalue(differences, split, agents, document, actor, at)
        followed = follow(gone)
        for use, amount in followed.uses.items():
            split.uses[use] += amount
        agents |= followed.agents
        differences = [Difference(*each) for each in followed.arrived]
    split.uses[SOLD] += sum((each.amount for each in differences), ZERO)
    return split


def _revalue(
    differences: Sequence[Difference],
    split: Split,
    agents: Mapping[UUID, UUID],
    document: Document,
    actor: Actor,
    at: datetime,
) -> list[Gone]:
    """Correct what still lies there; returns the differences of what does not."""
    balances = lock_balances(difference.pair for difference in differences)
    layered = [row for row in differences if is_layered(balances[row.pair])]
    layers = layers_of(row.pair for row in layered) if layered else {}
    parts = [*_averaged(differences, balances), *(_layered(row, layers[row.pair]) for row in layered)]
    moves = [move for _difference, found in parts for move in found]
    for move in moves:
        if move.warehouse_id in agents:
            split.uses[f"{AT_AGENT}:{agents[move.warehouse_id]}"] += move.value_in or ZERO
        else:
            split.values[balances[move.pair].inventory_role] += move.value_in or ZERO
    if moves:
        post_moves(moves, document=document, actor=actor, at=at)
    gone = [(row, row.amount - sum((move.value_in or ZERO for move in found), ZERO)) for row, found in parts]
    return [Gone(row.pair, left, row.origin_ids, is_layered(balances[row.pair])) for row, left in gone if left]


Parts = tuple[Difference, list[MoveInput]]


def _averaged(differences: Sequence[Difference], balances: Mapping[Pair, LockedBalance]) -> list[Parts]:
    sums: dict[Pair, Difference] = {}
    for row in differences:
        if not is_layered(balances[row.pair]):
            before = sums.get(row.pair, Difference(*row.pair, ZERO, ZERO))
            origins = (*before.origin_ids, *row.origin_ids)
            sums[row.pair] = Difference(*row.pair, before.amount + row.amount, before.qty + row.qty, origins)
    found = []
    for pair, row in sorted(sums.items()):
        part = _part_on_hand(row.amount, row.qty, balances[pair])
        found.append((row, [_revaluation(pair, part)] if part else []))
    return found


def _part_on_hand(amount: Decimal, qty: Decimal, balance: LockedBalance) -> Decimal:
    if balance.on_hand <= 0 or qty <= 0:
        return ZERO
    waits = balance.cost_method == CostMethod.MONTH_AVG
    return max(amount if waits else cents(amount * min(balance.on_hand, qty) / qty), -balance.value)


def _layered(difference: Difference, layers: Sequence[Layer]) -> Parts:
    """A correction for each move of the arrival that still has goods in its layer."""
    left = [layer for layer in layers if layer.qty > 0 and layer.move_id in difference.origin_ids]
    lying = sum((layer.qty for layer in left), ZERO)
    if not lying or difference.qty <= 0:
        return difference, []
    part = cents(difference.amount * min(lying, difference.qty) / difference.qty)
    made = []
    for layer, share in zip(left, allocate(part, [layer.qty for layer in left]), strict=True):
        bounded = max(share, -layer.value)
        layer.value += bounded
        if bounded:
            made.append(_revaluation(difference.pair, bounded, layer.move_id))
    return difference, made


def _revaluation(pair: Pair, value: Decimal, origin_id: int | None = None) -> MoveInput:
    return MoveInput(
        kind=MoveKind.REVALUATION, item_id=pair[0], warehouse_id=pair[1], value_in=value, origin_id=origin_id
    )
