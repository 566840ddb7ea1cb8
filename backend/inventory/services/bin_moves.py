"""Moves between bins of one warehouse: where goods lie changes, what there is and what it is worth does not."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.inventory.errors import CannotIssueStock, CannotSaveStockDocument
from backend.inventory.models import Bin, BinBalance, BinEntry, BinMove, BinMoveLine
from backend.inventory.services import drafting, pieces_in_bins
from backend.inventory.services.balances import lock_balances
from backend.inventory.services.inputs import BinMoveLineInput
from backend.inventory.words import plain
from backend.kernel.actor import Actor
from backend.kernel.document import load_locked
from backend.kernel.errors import Refusal

Place = tuple[UUID, UUID, UUID | None]


def save_bin_move(
    *,
    doc_date: date,
    warehouse_id: UUID,
    lines: Sequence[BinMoveLineInput],
    actor: Actor,
    at: datetime,
    remark: str = "",
    document_id: UUID | None = None,
    version: int | None = None,
) -> BinMove:
    """Write a draft, new or again; its lines are replaced."""
    with transaction.atomic():
        document = drafting.open_draft(BinMove, document_id, version, actor, at)
        document.doc_date, document.remark = doc_date, remark
        document.warehouse = drafting.warehouse_of(warehouse_id)
        known = {row.code: row for row in Bin.objects.filter(warehouse_id=warehouse_id, active=True)}
        if not known:
            raise CannotSaveStockDocument(
                _("%(place)s has no bins.") % {"place": document.warehouse}, field="warehouse", value=warehouse_id
            )
        made = drafting.lines_of(lines, lambda number, line, item: _line(document, number, line, known))
        drafting.require_lots(((line.line_no, line.item_id, line.lot_id) for line in made), warehouse_id)
        drafting.store(document, made, actor=actor, at=at)
    return document


def _line(document: BinMove, number: int, line: BinMoveLineInput, known: dict[str, Bin]) -> BinMoveLine:
    for field in ("source", "destination"):
        if getattr(line, field) not in known:
            words = _("Line %(line)s: %(bin)s is no bin of this warehouse.")
            raise drafting.wrong(number, field, words % {"line": number, "bin": getattr(line, field)[:30] or "–"})
    if line.source == line.destination:
        words = _("Line %(line)s: goods move between two bins.")
        raise drafting.wrong(number, "destination", words % {"line": number})
    return BinMoveLine(
        document=document,
        line_no=number,
        item_id=line.item_id,
        lot_id=line.lot_id,
        qty=line.qty,
        source=known[line.source],
        destination=known[line.destination],
    )


def approve_bin_move(*, document_id: UUID, actor: Actor, at: datetime, version: int | None = None) -> BinMove:
    """Put the goods where they belong; a fixed number of statements whatever the lines."""
    with transaction.atomic():
        document = load_locked(BinMove, document_id)
        drafting.advance(document, "approve", version=version, actor=actor, at=at)
        _put(document, at, sign=1)
    return document


def unapprove_bin_move(
    *, document_id: UUID, actor: Actor, at: datetime, reason: str = "", version: int | None = None
) -> BinMove:
    """Put them back, as long as they lie there."""
    with transaction.atomic():
        document = load_locked(BinMove, document_id)
        drafting.advance(document, "unapprove", version=version, actor=actor, at=at, reason=reason)
        _put(document, at, sign=-1)
    return document


def void_bin_move(*, document_id: UUID, actor: Actor, at: datetime, reason: str = "") -> BinMove:
    """Throw a draft away."""
    return drafting.void(BinMove, document_id, actor=actor, at=at, reason=reason)


def _put(document: BinMove, at: datetime, *, sign: int) -> None:
    lines = list(document.lines.select_related("item", "lot", "source", "destination").order_by("line_no"))
    lock_balances((line.item_id, document.warehouse_id) for line in lines)
    _require_there(document, lines, sign)
    pieces_in_bins.carry(document, lines, sign)
    BinEntry.objects.bulk_create(
        BinEntry(
            item_id=line.item_id,
            warehouse_id=document.warehouse_id,
            bin_id=bin_id,
            lot_id=line.lot_id,
            qty=qty,
            doc_id=document.pk,
            at=at,
        )
        for line in lines
        for bin_id, qty in ((line.source_id, -sign * line.qty), (line.destination_id, sign * line.qty))
    )


def _require_there(document: BinMove, lines: Iterable[BinMoveLine], sign: int) -> None:
    """Refuse to leave less than nothing in a bin; one statement."""
    lines = list(lines)
    rows = BinBalance.objects.filter(warehouse=document.warehouse_id, item__in={line.item_id for line in lines})
    there: dict[Place, Decimal] = defaultdict(Decimal)
    for item_id, bin_id, lot_id, qty in rows.values_list("item_id", "bin_id", "lot_id", "on_hand"):
        there[item_id, bin_id, lot_id] = qty
    problems: list[Refusal] = []
    for line in lines:
        source, target = (line.source, line.destination) if sign > 0 else (line.destination, line.source)
        there[line.item_id, target.pk, line.lot_id] += line.qty
        there[line.item_id, source.pk, line.lot_id] -= line.qty
    for line in lines:
        source = line.source if sign > 0 else line.destination
        left = there[line.item_id, source.pk, line.lot_id]
        if left < 0:
            problems.append(_short(line, source, left + line.qty))
    drafting.refuse(problems)


def _short(line: BinMoveLine, source: Bin, there: Decimal) -> CannotIssueStock:
    return CannotIssueStock(
        _("Line %(line)s, %(item)s: %(there)s lie in %(bin)s.")
        % {"line": line.line_no, "item": line.item, "there": plain(max(there, Decimal(0))), "bin": source},
        code="bin_short",
        line=line.line_no,
        field="qty",
        value=plain(line.qty),
        way_out=_("Name the lot that lies there, or less; look at what is in the bin."),
    )
