"""Posting moves: the only way quantities and values change.

All moves of a document go in with one INSERT; the trigger on it keeps the balances. Issues are valued under the lock of
their balance (``valuing``). Lot-tracked items leave by earliest expiry when no lot is named. A reversal goes back at the
value of its move, or not at all. Nothing moves in a closed month: what is taken back later goes back today. A document
that comes late has the moves after it valued anew (``backdating``, ``relayering``).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from backend.catalog.models import Item
from backend.inventory.errors import (
    CannotBackdateStock,
    CannotIssueStock,
    CannotReceiveStock,
    CannotReverseMoves,
)
from backend.inventory.events import StockClaimed
from backend.inventory.models import Lot, LotBalance, LotEdge, LotState, MoveKind, StockMove
from backend.inventory.models.stock import WHATEVER_LOT
from backend.inventory.services.backdating import pairs_behind, value_chain
from backend.inventory.services.balances import LockedBalance, Pair, held_or_locked, lock_balances
from backend.inventory.services.corrections import tell, tell_taken_back, true_ups
from backend.inventory.services.inputs import MoveInput
from backend.inventory.services.picking import choose_lots
from backend.inventory.services.relayering import take_anew
from backend.inventory.services.serials import choose_serials, pieces_moved_on
from backend.inventory.services.valuing import (
    Costed,
    Undoing,
    is_layered,
    undo_entries,
    value_moves,
    write_layers,
)
from backend.inventory.words import plain
from backend.kernel import clock, events
from backend.kernel.actor import Actor
from backend.kernel.bulk import Batch, insert_rows
from backend.kernel.document import Document
from backend.kernel.errors import Refusal, WayOut
from backend.kernel.money import ZERO

Balances = dict[Pair, LockedBalance]


def post_moves(
    moves: Sequence[MoveInput], *, document: Document, actor: Actor, at: datetime, held: Balances | None = None
) -> list[StockMove]:
    """Write the moves of a document; what leaves must be available (own reservations are consumed before).

    ``held`` are balances that the caller locked in this transaction and kept in step; they are not read again.
    """
    with transaction.atomic(savepoint=False):
        balances = held_or_locked({move.pair for move in moves}, held)
        _check(moves, balances, document, _blocked_lots(moves))
        moves = choose_serials(choose_lots(moves, balances, document), balances, document, at)
        made = _post(value_moves(moves, balances, document.doc_date), balances, document, actor, at)
        _catch_up(moves, balances, document, actor, at)
        return made


def reverse_moves(*, document: Document, actor: Actor, at: datetime) -> list[StockMove]:
    """Write the opposite of every move of the document that stands, at the same value."""
    with transaction.atomic(savepoint=False):
        standing = list(
            StockMove.objects.filter(doc_id=document.pk, reverses=None, reversed_by=None)
            .select_related("lot")
            .order_by("id")
        )
        balances = lock_balances((move.item_id, move.warehouse_id) for move in standing)
        undoing = undo_entries([move for move in standing if is_layered(balances[move.item_id, move.warehouse_id])])
        _require_pieces(standing, document)
        _require_reversible(standing, balances, undoing, document)
        _claim(standing, balances, document, actor)
        day = _reversal_day(balances, document, at)
        made = _write(
            [_opposite(move, document, at, _same_day(move, document, day)) for move in standing], document, at
        )
        write_layers((move, undoing.entries.get(move.reverses_id or 0, ())) for move in made)
        tell_taken_back(made, balances, document, actor)
        return made


# --- what leaves and what comes ----------------------------------------------------------------
def _blocked_lots(moves: Iterable[MoveInput]) -> set[UUID]:
    """The named lots that are not released, of moves that may take them: what lies in them is not available anyway."""
    named = {move.lot_id for move in moves if move.qty_out and move.lot_id and move.kind in WHATEVER_LOT}
    return (
        set(Lot.objects.filter(pk__in=named).exclude(state=LotState.RELEASED).values_list("pk", flat=True))
        if named
        else set()
    )


def _check(moves: Iterable[MoveInput], balances: Balances, document: Document, blocked: set[UUID]) -> None:
    wanted: dict[Pair, Decimal] = defaultdict(Decimal)
    problems: list[Refusal] = []
    _require_open(balances, document)
    for move in moves:
        balance = balances[move.pair]
        if move.lot_id not in blocked:
            wanted[move.pair] += move.qty_out
        if move.qty_in and balance.lot_tracked and move.lot_id is None:
            problems.append(_without_lot(balance, document))
    problems += [
        _short(balances[pair], qty, document)
        for pair, qty in wanted.items()
        if qty > balances[pair].available and not balances[pair].may_go_below_zero
    ]
    if problems:
        raise Refusal.many(problems) if len(problems) > 1 else problems[0]


def _require_open(balances: Balances, document: Document) -> None:
    closed = next((balance.closed_through for balance in balances.values()), None)
    if closed and document.doc_date <= closed:
        raise CannotBackdateStock(
            _("%(document)s is dated %(day)s, and stock is closed through %(closed)s.")
            % {"document": document.number, "day": document.doc_date, "closed": closed},
            document=document.number,
            field="doc_date",
            value=document.doc_date,
            way_out=_("Date it in an open month, or have the month reopened."),
        )


def _without_lot(balance: LockedBalance, document: Document) -> CannotReceiveStock:
    return CannotReceiveStock(
        _("%(item)s is kept by lots: this receipt needs a lot number.") % {"item": balance.item_name},
        document=document.number,
        field="lot_no",
        value=balance.item_code,
        way_out=_("Enter the lot number that stands on the goods."),
    )


def _short(balance: LockedBalance, wanted: Decimal, document: Document) -> CannotIssueStock:
    return CannotIssueStock(
        _(
            "%(item)s: %(wanted)s wanted, %(available)s available "
            "(%(on_hand)s on hand, %(reserved)s reserved, %(blocked)s blocked)."
        )
        % {
            "item": balance.item_name,
            "wanted": plain(wanted),
            "available": plain(balance.available),
            "on_hand": plain(balance.on_hand),
            "reserved": plain(balance.reserved),
            "blocked": plain(balance.blocked),
        },
        document=document.number,
        field="qty",
        value=plain(wanted),
        way_out=_("Ship less, or look at who holds the stock of %(code)s.") % {"code": balance.item_code},
        links=[WayOut(balance.item_code, doc_type="catalog.item", number=balance.item_code)],
    )


def _post(
    costed: Sequence[Costed], balances: Balances, document: Document, actor: Actor, at: datetime
) -> list[StockMove]:
    """Write the moves and what they correct of goods that had left; returns the moves that were asked for."""
    wanted = [_valued(row, document, at) for row in costed]
    trued = true_ups(costed, balances, document, at)
    made = _write([*wanted, *(each.move for each in trued)], document, at)
    own = made[: len(wanted)]
    _keep_in_step(made, balances)
    write_layers(
        [
            *((move, row.worth.entries) for move, row in zip(own, costed, strict=True)),
            *((each.move, each.entries) for each in trued),
        ]
    )
    tell(trued, balances, document, actor)
    return own


def _keep_in_step(moves: Iterable[StockMove], balances: Balances) -> None:
    """What the trigger did to the balances; how much of a lot is blocked is known to the database alone."""
    for move in moves:
        balance = balances[move.item_id, move.warehouse_id]
        balance.on_hand += move.qty_in - move.qty_out
        balance.value += move.value_in - move.value_out
        balance.outdated = balance.outdated or move.lot_id is not None


def _catch_up(moves: Iterable[MoveInput], balances: Balances, document: Document, actor: Actor, at: datetime) -> None:
    """Value what was there after a late document anew; moves of value alone are worth what they say from now on."""
    touched = {move.pair: balances[move.pair] for move in moves if move.qty_in or move.qty_out}
    late = pairs_behind(touched, document.doc_date, clock.day_of(at))
    if late:
        for balance in touched.values():
            balance.outdated = True
        by_layers = [pair for pair in late if is_layered(balances[pair])]
        averaged = [pair for pair in late if pair not in by_layers]
        since = {"since": document.doc_date, "document": document, "at": at}
        corrections = value_chain(averaged, **since) if averaged else []  # type: ignore[arg-type]
        corrections += take_anew(by_layers, **since) if by_layers else []  # type: ignore[arg-type]
        tell(corrections, balances, document, actor)


# --- taking back -------------------------------------------------------------------------------
def _reversal_day(balances: Balances, document: Document, at: datetime) -> date:
    """The day of the document while its month is open, else today."""
    closed = next((balance.closed_through for balance in balances.values()), None)
    return document.doc_date if closed is None or document.doc_date > closed else clock.day_of(at)


def _same_day(move: StockMove, document: Document, day: date) -> date:
    """Corrections go back on the days they belong to, while the month of their document is open."""
    return move.move_date if move.kind == MoveKind.CORRECTION and day == document.doc_date else day


def _require_reversible(
    standing: Sequence[StockMove],
    balances: Balances,
    undoing: Undoing,
    document: Document,
) -> None:
    """Raise CannotReverseMoves where taking the moves back would leave less than nothing, or value without goods."""
    qty: dict[Pair, Decimal] = defaultdict(Decimal)
    value: dict[Pair, Decimal] = defaultdict(Decimal)
    for move in standing:
        qty[move.item_id, move.warehouse_id] += move.qty_in - move.qty_out
        value[move.item_id, move.warehouse_id] += move.value_in - move.value_out
    for pair, balance in balances.items():
        left, worth = balance.on_hand - qty[pair], balance.value - value[pair]
        if not (_sound(left, worth, balance.may_go_below_zero) and undoing.is_sound(pair)):
            raise _moved_on(balance, standing, document)
    _require_lots(standing, balances, document)


def _require_lots(standing: Sequence[StockMove], balances: Balances, document: Document) -> None:
    """Raise where other lots of the item are left, but not the very one that goes back; one statement, if there are lots."""
    qty: dict[tuple[UUID, UUID, UUID], Decimal] = defaultdict(Decimal)
    for move in standing:
        if move.lot_id:
            qty[move.item_id, move.warehouse_id, move.lot_id] += move.qty_in - move.qty_out
    back = {key: need for key, need in qty.items() if need > 0}
    if not back:
        return
    lying = LotBalance.objects.filter(lot_id__in={lot_id for _item, _place, lot_id in back})
    left = {row[:3]: row[3] for row in lying.values_list("item_id", "warehouse_id", "lot_id", "on_hand")}
    for key, need in back.items():
        if left.get(key, ZERO) < need:
            raise _moved_on(balances[key[0], key[1]], standing, document, lot_id=key[2])


def _require_pieces(standing: Sequence[StockMove], document: Document) -> None:
    """Raise CannotReverseMoves where other documents have moved the pieces on."""
    gone = pieces_moved_on(standing)
    if gone:
        raise CannotReverseMoves(
            _("%(document)s cannot be taken back: the pieces %(numbers)s moved on since.")
            % {"document": document, "numbers": ", ".join(gone)},
            document=document.number,
            field="serials",
            value=gone[0],
            way_out=_("Search for the serial number to see which documents moved it, and take those back first."),
        )


def _sound(qty: Decimal, value: Decimal, below_zero: bool) -> bool:
    if qty < 0:
        return below_zero and value <= 0
    return value >= 0 if qty else not value


def _moved_on(
    balance: LockedBalance, standing: Sequence[StockMove], document: Document, lot_id: UUID | None = None
) -> CannotReverseMoves:
    """Naming what left since, after what came late and let others take these goods."""
    later = StockMove.objects.filter(
        Q(qty_out__gt=0) | Q(kind=MoveKind.CORRECTION),
        item_id=balance.item_id,
        warehouse_id=balance.warehouse_id,
        reversed_by=None,
        id__gt=max(move.id for move in standing),
    ).exclude(doc_id=document.pk)
    if lot_id:
        later = later.filter(lot_id=lot_id)
    rows = later.order_by("id").values_list("doc_number", "doc_type", "kind")[:40]
    found = {row[0]: row[1] for row in sorted(rows, key=lambda row: row[2] != MoveKind.CORRECTION)}
    links = [WayOut(number, doc_type=doc_type, number=number) for number, doc_type in list(found.items())[:3]]
    return CannotReverseMoves(
        _("%(document)s cannot be taken back: %(item)s has left again with %(others)s.")
        % {"document": document, "item": balance.item_name, "others": ", ".join(link.number for link in links) or "–"},
        document=document.number,
        field="qty",
        value=plain(balance.on_hand),
        way_out=_("Take those documents back first, or return the goods with a document of its own."),
        links=links,
    )


def _claim(standing: Sequence[StockMove], balances: Balances, document: Document, actor: Actor) -> None:
    """Ask reservations to give way where what goes back is not freely available."""
    needed: dict[Pair, Decimal] = defaultdict(Decimal)
    for move in standing:
        if move.lot is None or move.lot.state == LotState.RELEASED:
            needed[move.item_id, move.warehouse_id] += move.qty_in - move.qty_out
    claims = tuple(
        (*pair, qty)
        for pair, qty in sorted(needed.items())
        if qty > balances[pair].available and not balances[pair].may_go_below_zero
    )
    if claims:
        events.publish(StockClaimed(document.pk, claims, release=True, number=document.number), actor=actor)


# --- writing -----------------------------------------------------------------------------------
def _valued(row: Costed, document: Document, at: datetime) -> StockMove:
    return StockMove(**vars(row.move), value_out=row.value_out, **_origin(document, at, document.doc_date))


def _opposite(move: StockMove, document: Document, at: datetime, day: date) -> StockMove:
    same = ("item_id", "warehouse_id", "lot_id", "party_id", "order_id", "doc_line_id", "serial_ids")
    return StockMove(
        kind=MoveKind.REVERSAL,
        qty_in=move.qty_out,
        qty_out=move.qty_in,
        value_in=move.value_out,
        value_out=move.value_in,
        reverses=move,
        **{name: getattr(move, name) for name in same},
        **_origin(document, at, day),
    )


def _origin(document: Document, at: datetime, day: date) -> dict[str, object]:
    return {
        "move_date": day,
        "moved_at": at,
        "doc_type": document.DOC_TYPE,
        "doc_id": document.pk,
        "doc_number": document.number,
    }


def _write(moves: list[StockMove], document: Document, at: datetime) -> list[StockMove]:
    insert_rows(moves)
    edges = [
        LotEdge(
            activity_type=document.DOC_TYPE,
            activity_id=document.pk,
            activity_number=document.number,
            direction="out" if move.qty_in else "in",
            lot_id=move.lot_id,
            qty=move.qty_in or move.qty_out,
            party_id=move.party_id,
            at=at,
        )
        for move in moves
        if move.lot_id
    ]
    batch = Batch()
    batch.insert(edges)
    batch.write()
    return moves


def values_by_role(moves: Iterable[StockMove]) -> tuple[tuple[str, Decimal], ...]:
    """What moved in (or, for issues, out) of our warehouses by the role of the inventory account; one statement."""
    moves = list(moves)
    items = Item.objects.filter(pk__in={move.item_id for move in moves})
    roles = dict(items.values_list("pk", "category__inventory_role"))
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for move in moves:
        sums[roles[move.item_id]] += move.value_in or move.value_out
    return tuple(sorted(sums.items()))
