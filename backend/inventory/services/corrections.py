"""What goods that had left turn out to have cost otherwise: written as moves of value alone, told with their use.

A correction names the first issue of those it corrects (``origin``), so it can be told again, or taken back, to where it
was told. A correction of nothing is not written.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from backend.inventory.events import StockCostCorrected
from backend.inventory.models import MoveKind, StockMove
from backend.inventory.services.balances import LockedBalance, Pair
from backend.inventory.services.uses import SOLD, issued_before_it_came, uses_of
from backend.inventory.services.valuing import Costed, Entry
from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.document import Document
from backend.kernel.money import ZERO, allocate

Balances = Mapping[Pair, LockedBalance]


@dataclass
class Correction:
    """A move of value alone with the use of the goods it is about, and what it does to layers."""

    move: StockMove
    use: str = SOLD
    entries: list[Entry] = field(default_factory=list)


def correction(
    pair: Pair, cost: Decimal, day: date, document: Document, at: datetime, origin_id: int | None = None, **more: Any
) -> StockMove:
    """Goods that left cost so much more (or less): it leaves the value of stock (or comes back)."""
    return StockMove(
        kind=MoveKind.CORRECTION,
        item_id=pair[0],
        warehouse_id=pair[1],
        value_in=max(-cost, ZERO),
        value_out=max(cost, ZERO),
        move_date=day,
        moved_at=at,
        doc_type=document.DOC_TYPE,
        doc_id=document.pk,
        doc_number=document.number,
        origin_id=origin_id,
        **more,
    )


def tell(corrections: Iterable[Correction], balances: Balances, document: Document, actor: Actor) -> None:
    """Publish what corrections took out of the value of stock, by day, role and use."""
    sums: dict[tuple[date, str, str], Decimal] = defaultdict(Decimal)
    for each in corrections:
        move = each.move
        role = balances[move.item_id, move.warehouse_id].inventory_role
        sums[move.move_date, role, each.use] += move.value_out - move.value_in
    values = tuple((*key, value) for key, value in sorted(sums.items()) if value)
    if values:
        told = StockCostCorrected(document.pk, doc_type=document.DOC_TYPE, number=document.number, values=values)
        events.publish(told, actor=actor)


def tell_taken_back(made: Iterable[StockMove], balances: Balances, document: Document, actor: Actor) -> None:
    """Tell the reversals of corrections among these moves to where the corrections were told."""
    undone = [move for move in made if move.reverses and move.reverses.kind == MoveKind.CORRECTION]
    uses = uses_of(move.reverses.origin_id for move in undone if move.reverses and move.reverses.origin_id)
    told = [Correction(move, uses.get(move.reverses.origin_id or 0, SOLD)) for move in undone if move.reverses]
    tell(told, balances, document, actor)


# --- goods that left before they came ----------------------------------------------------------
def true_ups(costed: Sequence[Costed], balances: Balances, document: Document, at: datetime) -> list[Correction]:
    """What goods that had left before they came cost more, by the issues that they left with."""
    trued = [row for row in costed if row.worth.true_up or row.worth.true_ups]
    if not trued:
        return []
    parts = [*_by_layer(trued), *_by_average(trued, _missing(costed, balances))]
    uses = uses_of(origin for _row, origin, _cost, _entries in parts if origin)
    sums: dict[tuple[int, str], list[Part]] = defaultdict(list)
    for part in parts:
        sums[id(part[0]), uses.get(part[1] or 0, SOLD)].append(part)
    made = []
    for (_row, use), same in sums.items():
        row, origin, cost = same[0][0], same[0][1], sum((part[2] for part in same), ZERO)
        entries = [entry for part in same for entry in part[3]]
        if cost:
            line = {"doc_line_id": row.move.doc_line_id}
            made.append(
                Correction(
                    correction(row.move.pair, cost, document.doc_date, document, at, origin, **line), use, entries
                )
            )
        else:
            row.worth.entries.extend(entries)
    return made


Part = tuple[Costed, int | None, Decimal, list[Entry]]


def _by_layer(trued: Iterable[Costed]) -> list[Part]:
    """A layer below zero is the goods of one issue."""
    return [(row, entry[0].move_id, -entry[2], [entry]) for row in trued for entry in row.worth.true_ups]


def _by_average(trued: Iterable[Costed], missing: Mapping[int, Decimal]) -> list[Part]:
    """The issues that made the gap share it by quantity."""
    rows = [row for row in trued if not row.worth.true_ups]
    parts: list[Part] = []
    for row, issues in zip(
        rows, issued_before_it_came([(row.move.pair, missing[id(row)]) for row in rows]), strict=True
    ):
        known: Sequence[tuple[int | None, Decimal]] = issues or [(None, Decimal(1))]
        shares = allocate(row.worth.true_up, [qty for _issue, qty in known])
        parts += [(row, issue, share, []) for (issue, _qty), share in zip(known, shares, strict=True)]
    return parts


def _missing(costed: Iterable[Costed], balances: Balances) -> dict[int, Decimal]:
    """How much was missing when each of these moves came."""
    on_hand = {pair: balance.on_hand for pair, balance in balances.items()}
    found = {}
    for row in costed:
        found[id(row)] = max(-on_hand[row.move.pair], ZERO)
        on_hand[row.move.pair] += row.move.qty_in - row.move.qty_out
    return found
