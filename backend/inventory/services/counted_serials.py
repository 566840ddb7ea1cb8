"""The pieces that a count found and those that it misses: the numbers that were seen against those that lie there.

Pieces that came or went since they were counted are no difference. A line whose pieces are all there has none; one
with a difference names what was seen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from backend.inventory.errors import CannotCount
from backend.inventory.models import LineSerials, Serial, StockCount, StockCountLine
from backend.inventory.services.serials import ensure_pieces


@dataclass(frozen=True)
class PieceDifference:
    """Pieces that lie there though the books say otherwise, and pieces that do not."""

    found: tuple[UUID, ...]
    missing: tuple[UUID, ...]


def piece_differences(
    document: StockCount, lines: Iterable[StockCountLine], at: datetime
) -> dict[UUID, PieceDifference]:
    """By line, for items kept by serial number; three statements, none without such items."""
    tracked = [line for line in lines if line.item.serial_tracked]
    if not tracked:
        return {}
    seen = dict(LineSerials.objects.filter(doc_id=document.pk).values_list("line_id", "serial_nos"))
    _require_seen(tracked, seen)
    asked = [line for line in tracked if line.pk in seen or line.counted_qty == 0]
    pieces = ensure_pieces([(line.item_id, no) for line in asked for no in seen.get(line.pk, ())], at)
    lying = list(
        Serial.objects.filter(item__in=[line.item_id for line in asked], warehouse=document.warehouse_id)
        .select_related("last_move")
        .order_by("serial_no")
    )
    before = {piece.pk: piece for piece in Serial.objects.filter(pk__in=pieces.values()).select_related("last_move")}
    made = {}
    for line in asked:
        numbers = [pieces[line.item_id, no] for no in seen.get(line.pk, ())]
        there = [piece for piece in lying if piece.item_id == line.item_id]
        found = tuple(pk for pk in numbers if before[pk].warehouse_id is None and _was_so(before[pk], line))
        missing = tuple(piece.pk for piece in there if piece.pk not in set(numbers) and _was_so(piece, line))
        if len(found) - len(missing) != line.diff_qty:
            raise _elsewhere(document, line)
        if found or missing:
            made[line.pk] = PieceDifference(found, missing)
    return made


def _was_so(piece: Serial, line: StockCountLine) -> bool:
    """Whether nothing has happened to the piece since it was counted."""
    return piece.last_move is None or line.counted_at is None or piece.last_move.moved_at <= line.counted_at


def _require_seen(lines: Sequence[StockCountLine], seen: dict[UUID, list[str]]) -> None:
    for line in lines:
        named = len(seen.get(line.pk, ()))
        if named != line.counted_qty and (named or line.diff_qty):
            raise CannotCount(
                _("Line %(line)s, %(item)s: name the serial numbers that lie there.")
                % {"line": line.line_no, "item": line.item},
                line=line.line_no,
                field="serials",
                way_out=_("Open “Serial numbers” and scan the pieces."),
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
