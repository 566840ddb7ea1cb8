"""The pieces that a count found, those that it misses, and those that lie in another bin: seen against where they lie.

Pieces that came, went or were carried since they were counted are no difference. A line whose pieces are all there has
none; one with a difference names what was seen. A piece that is seen in another bin than its own is carried there, by a
move between bins of its own (``carry_seen``): there is no more and no less of it. What booking would say can be read before
(``pieces_so_far``).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backend.inventory.errors import CannotCount
from backend.inventory.models import BinMove, LineSerials, Serial, StockCount, StockCountLine
from backend.inventory.services import bin_moves
from backend.inventory.services.inputs import BinMoveLineInput
from backend.inventory.services.serials import ensure_pieces
from backend.kernel import links
from backend.kernel.actor import Actor
from backend.kernel.document import Approval
from backend.kernel.models import DocumentLink

Key = tuple[UUID, str]


@dataclass(frozen=True)
class PieceDifference:
    """Pieces that lie there though the books say otherwise, pieces that do not, and pieces of other bins."""

    found: tuple[UUID, ...]
    missing: tuple[UUID, ...]
    carried: tuple[Serial, ...] = ()


@dataclass(frozen=True)
class LinePieces:
    """What the pieces of a counted line tell before it is booked, by serial number.

    ``missing`` are on the books here and were not seen, ``found`` the other way round; ``carried`` are seen here and lie in
    another bin by the books, ``elsewhere`` in another warehouse: those are in the way of booking. ``unnamed``: so are
    pieces that were counted and not named.
    """

    line: StockCountLine
    missing: tuple[Serial, ...] = ()
    found: tuple[Serial, ...] = ()
    carried: tuple[Serial, ...] = ()
    elsewhere: tuple[Serial, ...] = ()
    unnamed: bool = False

    @property
    def differs(self) -> bool:
        return bool(self.missing or self.found or self.carried or self.elsewhere or self.unnamed)


@dataclass
class _Seen:
    """What is known of the pieces while the lines are compared."""

    document: StockCount
    numbers: Mapping[UUID, Sequence[UUID]]  # by line, as they were seen
    before: Mapping[UUID, Serial]  # as the books have them
    lying: Mapping[UUID, Sequence[Serial]]  # by item
    carried_at: Mapping[Key, datetime]  # the last move between bins
    lines: Mapping[UUID, int]  # on how many lines a piece was seen

    def is_as_counted(self, piece: Serial, line: StockCountLine) -> bool:
        """Whether nothing has happened to the piece since it was counted."""
        if line.counted_at is None:
            return True
        carried = self.carried_at.get((piece.item_id, piece.serial_no))
        moved = piece.last_move.moved_at if piece.last_move else None
        return not any(at and at > line.counted_at for at in (carried, moved))


def piece_differences(
    document: StockCount, lines: Iterable[StockCountLine], at: datetime
) -> dict[UUID, PieceDifference]:
    """By line, for items kept by serial number; a fixed number of statements, none without such items."""
    tracked = [line for line in lines if line.item.serial_tracked]
    if not tracked:
        return {}
    named = dict(LineSerials.objects.filter(doc_id=document.pk).values_list("line_id", "serial_nos"))
    _require_seen(tracked, named)
    asked = [line for line in tracked if line.pk in named or line.counted_qty == 0]
    ensured = ensure_pieces([(line.item_id, no) for line in asked for no in named.get(line.pk, ())], at)
    seen = _look(document, asked, named, _pieces().filter(pk__in=ensured.values()))
    made = {}
    for line in asked:
        found = _compare(line, seen)
        if found.found or found.missing or found.carried or line.diff_qty:
            made[line.pk] = found
    return made


def may_be_told(document: StockCount, lines: Iterable[StockCountLine], actor: Actor) -> bool:
    """Whether what the pieces tell may be read: of a blind count by who books it, once nobody counts blindly any more."""
    if document.approval != Approval.SUBMITTED:
        return False
    done = all(line.counted_qty is not None for line in lines)
    return not document.blind or (done and actor.may("inventory.count.approve"))


def pieces_so_far(document: StockCount, lines: Iterable[StockCountLine]) -> list[LinePieces]:
    """What the pieces of the lines that are counted tell by now, where they tell anything; writes nothing.

    A fixed number of statements, none without items kept by serial number.
    """
    counted = [line for line in lines if line.item.serial_tracked and line.counted_qty is not None]
    if not counted:
        return []
    named = dict(LineSerials.objects.filter(doc_id=document.pk).values_list("line_id", "serial_nos"))
    asked = [line for line in counted if line.pk in named or line.counted_qty == 0]
    seen = _look(document, asked, named, _named_by(asked, named))
    told = {line.pk: _told(line, seen) for line in asked}
    rows = (told.get(line.pk) or LinePieces(line, unnamed=bool(line.diff_qty or line.bin_id)) for line in counted)
    return [row for row in rows if row.differs]


def _named_by(lines: Sequence[StockCountLine], named: Mapping[UUID, Sequence[str]]) -> Iterator[Serial]:
    """The pieces that lines name, those among them that nobody knows yet."""
    keys = {(line.item_id, no) for line in lines for no in named.get(line.pk, ())}
    items, numbers = {item for item, _no in keys}, {no for _item, no in keys}
    known = {
        (piece.item_id, piece.serial_no): piece for piece in _pieces().filter(item__in=items, serial_no__in=numbers)
    }
    return (known.get(key) or Serial(item_id=key[0], serial_no=key[1]) for key in sorted(keys))


def _told(line: StockCountLine, seen: _Seen) -> LinePieces:
    found, carried, gone = _split(line, seen)
    here = {piece.pk for piece in (*found, *carried, *seen.lying[line.item_id])}
    named = (seen.before[pk] for pk in seen.numbers[line.pk])
    elsewhere = [piece for piece in named if piece.pk not in here and seen.is_as_counted(piece, line)]
    return LinePieces(line, tuple(_unseen(gone, seen)), tuple(found), tuple(carried), tuple(elsewhere))


def _pieces() -> QuerySet[Serial]:
    return Serial.objects.select_related("last_move", "bin", "warehouse")


def _look(
    document: StockCount,
    lines: Sequence[StockCountLine],
    named: Mapping[UUID, Sequence[str]],
    pieces: Iterable[Serial],
) -> _Seen:
    """``pieces`` are those that the lines name."""
    known = {(piece.item_id, piece.serial_no): piece for piece in pieces}
    numbers = {line.pk: [known[line.item_id, no].pk for no in named.get(line.pk, ())] for line in lines}
    lying: dict[UUID, list[Serial]] = defaultdict(list)
    there = _pieces().filter(item__in=[line.item_id for line in lines], warehouse=document.warehouse_id)
    for piece in there.order_by("serial_no"):
        lying[piece.item_id].append(piece)
    before = {piece.pk: piece for piece in known.values()}
    twice = Counter(pk for seen in numbers.values() for pk in seen)
    return _Seen(document, numbers, before, lying, _carried_at(document, lines), twice)


def _carried_at(document: StockCount, lines: Sequence[StockCountLine]) -> dict[Key, datetime]:
    """When pieces were last put into another bin since the count began; two statements, none without bins."""
    if not any(line.bin_id for line in lines):
        return {}
    moves = BinMove.objects.filter(
        warehouse=document.warehouse_id, approval=Approval.APPROVED, approved_at__gte=document.frozen_at
    )
    when = dict(moves.values_list("pk", "approved_at"))
    found: dict[Key, datetime] = {}
    rows = LineSerials.objects.filter(doc_id__in=list(when)) if when else LineSerials.objects.none()
    for doc_id, item_id, numbers in rows.values_list("doc_id", "item_id", "serial_nos"):
        for number in numbers:
            key, at = (item_id, number), when[doc_id]
            if at is not None:
                found[key] = max(found.get(key, at), at)
    return found


def _compare(line: StockCountLine, seen: _Seen) -> PieceDifference:
    found, carried, gone = _split(line, seen)
    for piece in (*found, *carried):
        if seen.lines[piece.pk] > 1:
            raise _twice(line, piece)
    if len(found) + len(carried) - len(gone) != line.diff_qty:
        raise _elsewhere(seen.document, line)
    missing = tuple(piece.pk for piece in _unseen(gone, seen))
    return PieceDifference(tuple(piece.pk for piece in found), missing, tuple(carried))


def _split(line: StockCountLine, seen: _Seen) -> tuple[list[Serial], list[Serial], list[Serial]]:
    """One line's pieces: seen here and not on the books, of another bin, and on the books and not seen here."""
    own = set(seen.numbers[line.pk])
    here = [seen.before[pk] for pk in seen.numbers[line.pk] if seen.is_as_counted(seen.before[pk], line)]
    found = [piece for piece in here if piece.warehouse_id is None]
    carried = [piece for piece in here if _is_of_another_bin(piece, line)]
    gone = [
        piece
        for piece in seen.lying[line.item_id]
        if line.bin_id in {None, piece.bin_id} and piece.pk not in own and seen.is_as_counted(piece, line)
    ]
    return found, carried, gone


def _unseen(gone: Iterable[Serial], seen: _Seen) -> Iterator[Serial]:
    """Those that were seen on no other line either."""
    return (piece for piece in gone if not seen.lines.get(piece.pk))


def _is_of_another_bin(piece: Serial, line: StockCountLine) -> bool:
    same_place = line.bin is not None and piece.warehouse_id == line.bin.warehouse_id
    return same_place and piece.bin_id != line.bin_id


# --- pieces of other bins ------------------------------------------------------------------------
def carry_seen(
    document: StockCount,
    lines: Sequence[StockCountLine],
    pieces: Mapping[UUID, PieceDifference],
    actor: Actor,
    at: datetime,
) -> None:
    """Put pieces into the bins where they were seen: one booked move between bins, linked to the count."""
    by_way: dict[tuple[UUID, str, str], list[str]] = defaultdict(list)
    for line in lines:
        for piece in pieces[line.pk].carried if line.pk in pieces else ():
            if piece.bin and line.bin:
                by_way[line.item_id, piece.bin.code, line.bin.code].append(piece.serial_no)
    if not by_way:
        return
    given = [
        BinMoveLineInput(item_id, Decimal(len(numbers)), source, target)
        for (item_id, source, target), numbers in by_way.items()
    ]
    move = bin_moves.save_bin_move(
        doc_date=document.doc_date, warehouse_id=document.warehouse_id, lines=given, actor=actor, at=at
    )
    LineSerials.objects.bulk_create(
        LineSerials(line_id=line.pk, doc_id=move.pk, item_id=line.item_id, serial_nos=numbers)
        for line, numbers in zip(move.lines.order_by("line_no"), by_way.values(), strict=True)
    )
    bin_moves.approve_bin_move(document_id=move.pk, actor=actor, at=at)
    links.link(document, move)


def carry_back(document: StockCount, actor: Actor, at: datetime, reason: str) -> None:
    """Take back what the count put into other bins."""
    if not document.in_some_bins:
        return
    made = DocumentLink.objects.filter(source_id=document.pk, target_type=BinMove.DOC_TYPE).values("target_id")
    for move in BinMove.objects.filter(pk__in=made, approval=Approval.APPROVED):
        bin_moves.unapprove_bin_move(document_id=move.pk, actor=actor, at=at, reason=reason)
        bin_moves.void_bin_move(document_id=move.pk, actor=actor, at=at, reason=reason)


# --- what is wrong ---------------------------------------------------------------------------------
def _require_seen(lines: Sequence[StockCountLine], seen: Mapping[UUID, Sequence[str]]) -> None:
    """A line with a difference names its pieces, and so does every line of a bin: a piece may lie in another's place."""
    for line in lines:
        named = len(seen.get(line.pk, ()))
        if named != line.counted_qty and (named or line.diff_qty or line.bin_id):
            raise CannotCount(
                _("Line %(line)s, %(item)s: name the serial numbers that lie there.")
                % {"line": line.line_no, "item": line.item},
                line=line.line_no,
                field="serials",
                way_out=_("Open “Serial numbers” and scan the pieces."),
            )


def _twice(line: StockCountLine, piece: Serial) -> CannotCount:
    return CannotCount(
        _("Line %(line)s, %(item)s: %(number)s is named in another line, too.")
        % {"line": line.line_no, "item": line.item, "number": piece.serial_no},
        line=line.line_no,
        field="serials",
        value=piece.serial_no,
        way_out=_("Open “Serial numbers” and leave it where it lies."),
    )


def _elsewhere(document: StockCount, line: StockCountLine) -> CannotCount:
    return CannotCount(
        _("Line %(line)s, %(item)s: some of these pieces lie in another warehouse, or left after they were counted.")
        % {"line": line.line_no, "item": line.item},
        document=document.number,
        line=line.line_no,
        field="serials",
        way_out=_("Search for the numbers, move them where they are, and count the line again."),
    )
