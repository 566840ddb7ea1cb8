"""Which lots leave: those that are named, else first expired first out."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from backend.inventory.errors import CannotIssueStock
from backend.inventory.models import LotBalance, LotState
from backend.inventory.models.stock import WHATEVER_LOT
from backend.inventory.services.balances import LockedBalance, Pair
from backend.inventory.services.inputs import MoveInput
from backend.inventory.words import plain
from backend.kernel.document import Document
from backend.kernel.money import ZERO


@dataclass
class LotStock:
    """What lies of a lot in a warehouse, while lots are being chosen."""

    pair: Pair
    lot_id: UUID
    lot_no: str
    state: str
    expiry_date: date | None
    on_hand: Decimal
    free: Decimal

    def may_leave(self, day: date) -> bool:
        return self.state == LotState.RELEASED and (self.expiry_date is None or self.expiry_date >= day)


def lots_of(pairs: Iterable[Pair]) -> list[LotStock]:
    """What lies of each lot at these pairs, earliest expiry first, those without an expiry by age; one statement."""
    pairs = set(pairs)
    rows = (
        LotBalance.objects.filter(
            item_id__in={item for item, _ in pairs}, warehouse_id__in={place for _, place in pairs}, on_hand__gt=0
        )
        .select_related("lot")
        .order_by(F("lot__expiry_date").asc(nulls_last=True), "lot__created_at", "lot__lot_no")
    )
    return [
        LotStock(
            pair=(row.item_id, row.warehouse_id),
            lot_id=row.lot_id,
            lot_no=row.lot.lot_no,
            state=row.lot.state,
            expiry_date=row.lot.expiry_date,
            on_hand=row.on_hand,
            free=row.on_hand - row.reserved,
        )
        for row in rows
        if (row.item_id, row.warehouse_id) in pairs
    ]


def choose_lots(moves: Sequence[MoveInput], balances: dict[Pair, LockedBalance], document: Document) -> list[MoveInput]:
    """The same moves, issues of lot-tracked items split over lots; what lies without a lot leaves last."""
    leaving = {move.pair for move in moves if move.qty_out and balances[move.pair].lot_tracked}
    if not leaving:
        return list(moves)
    stock: dict[Pair, list[LotStock]] = defaultdict(list)
    for lot in lots_of(leaving):
        stock[lot.pair].append(lot)
    loose = {pair: balances[pair].on_hand - sum((lot.on_hand for lot in stock[pair]), ZERO) for pair in leaving}
    for move in moves:
        if move.qty_out and move.lot_id and move.pair in leaving:
            _take_named(move, stock[move.pair], balances[move.pair], document)
    made: list[MoveInput] = []
    for move in moves:
        if move.qty_out and move.lot_id is None and move.pair in leaving:
            made += _by_expiry(move, stock[move.pair], loose, balances[move.pair], document)
        else:
            made.append(move)
    return made


def _take_named(move: MoveInput, stock: Iterable[LotStock], balance: LockedBalance, document: Document) -> None:
    lot = next((lot for lot in stock if lot.lot_id == move.lot_id), None)
    may_leave = lot is not None and (move.kind in WHATEVER_LOT or lot.may_leave(document.doc_date))
    if lot is None or lot.free < move.qty_out or not may_leave:
        raise _lot_refused(move, lot, balance, document)
    lot.free -= move.qty_out


def _by_expiry(
    move: MoveInput, stock: Iterable[LotStock], loose: dict[Pair, Decimal], balance: LockedBalance, document: Document
) -> Iterator[MoveInput]:
    rest = move.qty_out
    for lot in stock:
        take = min(rest, lot.free) if lot.may_leave(document.doc_date) else ZERO
        if take > 0:
            lot.free -= take
            rest -= take
            yield replace(move, lot_id=lot.lot_id, qty_out=take)
    if rest > loose[move.pair]:
        raise _lot_refused(move, None, balance, document)
    if rest > 0:
        loose[move.pair] -= rest
        yield replace(move, qty_out=rest)


def _lot_refused(move: MoveInput, lot: LotStock | None, balance: LockedBalance, document: Document) -> CannotIssueStock:
    if lot is None:
        text = _("%(item)s: no lot that may leave has %(wanted)s.")
    elif move.kind not in WHATEVER_LOT and not lot.may_leave(document.doc_date):
        text = _("%(item)s: lot %(lot)s is not released for delivery.")
    else:
        text = _("%(item)s: lot %(lot)s has %(free)s, %(wanted)s wanted.")
    values = {"item": balance.item_name, "wanted": plain(move.qty_out)}
    if lot is not None:
        values |= {"lot": lot.lot_no, "free": plain(lot.free)}
    return CannotIssueStock(
        text % values,
        code="lot_not_issuable",
        document=document.number,
        field="lot",
        value=lot.lot_no if lot else balance.item_code,
        way_out=_("Choose another lot, or release this one."),
    )
