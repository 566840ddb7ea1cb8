"""Which pieces move: the serial numbers named for a line become those of its moves.

Goods that come in bring numbers that nobody has, or that had left; goods that leave name pieces that lie in that very
warehouse; goods that go on or go back in one piece take theirs along. Everything here is one statement per document
(two when something comes in), none when no item of it is kept by serial number. What is refused here in words is
refused by the database too (``inventory_place_serials``), whoever writes at the same time.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from backend.inventory.errors import CannotMoveSerials
from backend.inventory.models import LineSerials, MoveKind, Serial, StockMove
from backend.inventory.services.balances import LockedBalance, Pair
from backend.inventory.services.inputs import MoveInput
from backend.inventory.words import plain
from backend.kernel.bulk import uuid_array
from backend.kernel.document import Document
from backend.kernel.errors import Refusal
from backend.kernel.ids import uuid7

Balances = Mapping[Pair, LockedBalance]
NAMED_MOST = 5


@dataclass(frozen=True)
class Piece:
    """A piece as it is known now: where it lies, and with whom it went."""

    id: UUID
    item_id: UUID
    serial_no: str
    warehouse_id: UUID | None
    party_id: UUID | None
    held_by: UUID | None = None  # the order it is kept for
    held_number: str | None = None

    def is_free_for(self, order_id: UUID | None) -> bool:
        return self.held_by is None or self.held_by == order_id


def choose_serials(
    moves: Sequence[MoveInput], balances: Balances, document: Document, at: datetime
) -> Sequence[MoveInput]:
    """The moves with the pieces they move; raises CannotMoveSerials naming every line that is wrong."""
    open_moves = [
        place
        for place, move in enumerate(moves)
        if (move.qty_in or move.qty_out) and balances[move.pair].serial_tracked and move.serial_ids is None
    ]
    if not open_moves:
        return moves
    wanted = [moves[place] for place in open_moves]
    dealt = _deal(wanted, _named(wanted, document), _origins(wanted))
    known = _pieces(wanted, dealt, at)
    problems: list[Refusal] = []
    made = list(moves)
    for place, numbers in zip(open_moves, dealt, strict=True):
        move = moves[place]
        problem = _problem(move, numbers, known, balances[move.pair], document)
        if problem:
            problems.append(problem)
        else:
            made[place] = replace(move, serial_ids=tuple(known[move.item_id, no].id for no in numbers))
    if problems:
        raise Refusal.many(problems) if len(problems) > 1 else problems[0]
    return made


# --- who is named ------------------------------------------------------------------------------
def _named(moves: Iterable[MoveInput], document: Document) -> dict[UUID | None, dict[UUID, list[str]]]:
    """Numbers by line and item; those of lines that no move names count for the whole document; one statement."""
    lines = {move.doc_line_id for move in moves}
    found: dict[UUID | None, dict[UUID, list[str]]] = defaultdict(lambda: defaultdict(list))
    rows = LineSerials.objects.filter(doc_id=document.pk).order_by("line_id")
    for line_id, item_id, numbers in rows.values_list("line_id", "item_id", "serial_nos"):
        found[line_id if line_id in lines else None][item_id] += numbers
    return found


def _origins(moves: Iterable[MoveInput]) -> dict[int, list[str]]:
    """The numbers that came or went with the moves that goods are of, and that lie there still; one statement, if any."""
    wanted = sorted({move.origin_id for move in moves if move.origin_id})
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.id, s.serial_no FROM inventory_stock_move m, unnest(m.serial_ids) WITH ORDINALITY u (id, place)"
            " JOIN inventory_serial s ON s.id = u.id"
            " WHERE m.id = ANY(%s) AND s.warehouse_id IS NOT DISTINCT FROM"
            " CASE WHEN m.qty_in > 0 THEN m.warehouse_id END ORDER BY m.id, u.place",
            [wanted],
        )
        found: dict[int, list[str]] = defaultdict(list)
        for move_id, number in cursor.fetchall():
            found[move_id].append(number)
        return found


def _deal(
    moves: Iterable[MoveInput], named: Mapping[UUID | None, Mapping[UUID, list[str]]], origins: Mapping[int, list[str]]
) -> list[list[str]]:
    """The numbers of each move: those of its line, of its document, or all that are left of its origin."""
    dealt = []
    for move in moves:
        qty = int(move.qty_in or move.qty_out)
        pool = named.get(move.doc_line_id, {}).get(move.item_id) or named.get(None, {}).get(move.item_id) or []
        of_origin = origins.get(move.origin_id, []) if move.origin_id else None
        fitting = [no for no in pool if of_origin is None or no in of_origin]
        taken = fitting[:qty]
        if not pool and of_origin is not None and len(of_origin) == qty:
            taken = list(of_origin)
        for number in taken:
            if number in pool:
                pool.remove(number)
            elif of_origin:
                of_origin.remove(number)
        dealt.append(taken)
    for move, taken in zip(moves, dealt, strict=True):  # what was named beyond the quantity is wrong, too
        taken += named.get(move.doc_line_id, {}).get(move.item_id) or []
    return dealt


# --- which pieces they are -----------------------------------------------------------------------
_FIND = """
SELECT s.id, s.item_id, s.serial_no, s.warehouse_id, m.party_id, h.doc_id, h.doc_number
FROM unnest(%s::uuid[], %s::text[]) AS w (item_id, serial_no)
JOIN inventory_serial s ON s.item_id = w.item_id AND s.serial_no = w.serial_no
LEFT JOIN inventory_stock_move m ON m.id = s.last_move_id
LEFT JOIN inventory_serial_hold h ON h.serial_id = s.id
"""

_MAKE = """
INSERT INTO inventory_serial (id, item_id, serial_no, created_at)
SELECT w.id, w.item_id, w.serial_no, %s FROM unnest(%s::uuid[], %s::uuid[], %s::text[]) AS w (id, item_id, serial_no)
ON CONFLICT (item_id, serial_no) DO NOTHING
"""


def _pieces(moves: Sequence[MoveInput], dealt: Sequence[Sequence[str]], at: datetime) -> dict[tuple[UUID, str], Piece]:
    """The pieces of all numbers; those that come in for the first time are made."""
    numbered = [(move, (move.item_id, no)) for move, numbers in zip(moves, dealt, strict=True) for no in numbers]
    with connection.cursor() as cursor:
        _make(cursor, [key for move, key in numbered if move.qty_in], at)
        return {(piece.item_id, piece.serial_no): piece for piece in _find(cursor, {key for _move, key in numbered})}


def ensure_pieces(keys: Sequence[tuple[UUID, str]], at: datetime) -> dict[tuple[UUID, str], UUID]:
    """The pieces of (item, serial number), made where they are new; two statements."""
    with connection.cursor() as cursor:
        _make(cursor, keys, at)
        return {(piece.item_id, piece.serial_no): piece.id for piece in _find(cursor, keys)}


def _make(cursor: Any, keys: Iterable[tuple[UUID, str]], at: datetime) -> None:
    """New pieces, in the order of their keys so that nobody waits in a circle."""
    keys = sorted(set(keys))
    if keys:
        fresh, items = uuid_array(uuid7() for _key in keys), uuid_array(item for item, _no in keys)
        cursor.execute(_MAKE, [at, fresh, items, [no for _item, no in keys]])


def _find(cursor: Any, keys: Iterable[tuple[UUID, str]]) -> list[Piece]:
    wanted = list(keys)
    cursor.execute(_FIND, [uuid_array(item for item, _no in wanted), [no for _item, no in wanted]])
    return [Piece(*row) for row in cursor.fetchall()]


# --- what is wrong ---------------------------------------------------------------------------------
def _problem(
    move: MoveInput,
    numbers: Sequence[str],
    known: Mapping[tuple[UUID, str], Piece],
    balance: LockedBalance,
    document: Document,
) -> Refusal | None:
    qty = move.qty_in or move.qty_out
    if len(numbers) != qty or len(set(numbers)) != len(numbers):
        return _miscounted(numbers, qty, balance, document)
    if move.qty_out:
        pieces = [piece for no in numbers if (piece := known.get((move.item_id, no)))]
        kept = next((piece for piece in pieces if not piece.is_free_for(move.order_id)), None)
        if kept is not None:
            return _kept(kept, balance, document)
    wrong = [no for no in numbers if not _fits(move, known.get((move.item_id, no)))]
    return _misplaced(move, wrong, balance, document) if wrong else None


def _fits(move: MoveInput, piece: Piece | None) -> bool:
    if piece is None:
        return False
    if move.qty_out:
        return piece.warehouse_id == move.warehouse_id
    with_party = move.kind != MoveKind.SALES_RETURN or piece.party_id == move.party_id
    return piece.warehouse_id is None and with_party


def _miscounted(numbers: Sequence[str], qty: Any, balance: LockedBalance, document: Document) -> CannotMoveSerials:
    return CannotMoveSerials(
        _("%(item)s is kept by serial number: %(qty)s pieces, but %(named)s different numbers are named.")
        % {"item": balance.item_name, "qty": plain(qty), "named": len(set(numbers))},
        document=document.number,
        field="serials",
        value=balance.item_code,
        way_out=_("Save the document as a draft and name one serial number for each piece."),
    )


def _kept(piece: Piece, balance: LockedBalance, document: Document) -> CannotMoveSerials:
    names = {"item": balance.item_name, "number": piece.serial_no, "document": piece.held_number}
    return CannotMoveSerials(
        _("%(item)s: %(number)s is kept for %(document)s.") % names,
        code="serial_held",
        document=document.number,
        field="serials",
        value=piece.serial_no,
        way_out=_("Choose another piece, or free this one there."),
    )


def _misplaced(move: MoveInput, wrong: Sequence[str], balance: LockedBalance, document: Document) -> CannotMoveSerials:
    if move.qty_out:
        words = _("%(item)s: these serial numbers do not lie in the warehouse: %(numbers)s.")
    elif move.kind == MoveKind.SALES_RETURN:
        words = _("%(item)s: the customer does not have these serial numbers: %(numbers)s.")
    else:
        words = _("%(item)s: these serial numbers are in stock already: %(numbers)s.")
    more = "…" if len(wrong) > NAMED_MOST else ""
    return CannotMoveSerials(
        words % {"item": balance.item_name, "numbers": ", ".join(wrong[:NAMED_MOST]) + more},
        code="serial_misplaced",
        document=document.number,
        field="serials",
        value=wrong[0],
        way_out=_("Search for the number to see where the piece is."),
    )


# --- taking back -----------------------------------------------------------------------------------
def pieces_moved_on(standing: Sequence[StockMove]) -> list[str]:
    """Numbers of pieces to which something else has happened since these moves; one statement, if there are pieces."""
    ids = {piece for move in standing for piece in move.serial_ids or ()}
    if not ids:
        return []
    moves = {move.pk for move in standing}
    found = Serial.objects.filter(pk__in=ids).exclude(last_move__in=moves).order_by("serial_no")
    return list(found.values_list("serial_no", flat=True)[:NAMED_MOST])
