"""Naming the serial numbers of a document's lines before it is booked: typed, pasted, scanned or as a range.

What is kept here is only what was said; booking checks it (``services.serials``). Every document whose lines move goods
can carry numbers; ``PAPERS`` says of each which way its goods go and whose right it is to name them.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from backend.catalog.models import Item
from backend.inventory.errors import CannotMoveSerials, CannotSaveStockDocument
from backend.inventory.models import LineSerials, Serial, StockCount
from backend.inventory.services import holding
from backend.inventory.services.counting import record_counts
from backend.inventory.services.inputs import CountedInput
from backend.inventory.words import plain
from backend.kernel import audit
from backend.kernel.actor import Actor
from backend.kernel.document import DOC_TYPES, Approval, Closing, Document, load_locked
from backend.kernel.errors import NotFoundRefused, Refusal
from backend.kernel.money import ZERO

IN, OUT = "in", "out"
LONGEST, MOST = 60, 5000
_OPEN = frozenset({Approval.DRAFT, Approval.REJECTED, Approval.SUBMITTED})


@dataclass(frozen=True)
class Paper:
    """How a kind of document moves pieces, or keeps them: ``way`` nothing where it is not known before booking."""

    view: str
    edit: str
    way: str = ""
    place: str = "warehouse_id"
    quantities: tuple[str, ...] = ("qty",)
    holds: bool = False  # its pieces do not move with it: they are kept for its lines
    bins: bool = True  # bins can be named for its lines


PAPERS: dict[str, Paper] = {
    "inventory.opening_stock": Paper("inventory.opening_stock.view", "inventory.opening_stock.edit", IN),
    "inventory.other_receipt": Paper("inventory.other.view", "inventory.other.edit", IN),
    "inventory.other_issue": Paper("inventory.other.view", "inventory.other.edit", OUT),
    "inventory.bin_move": Paper("inventory.transfer.view", "inventory.transfer.edit", OUT, bins=False),
    "inventory.transfer": Paper("inventory.transfer.view", "inventory.transfer.edit", OUT, "source_id"),
    "inventory.transfer_receipt": Paper(
        "inventory.transfer.view", "inventory.transfer.receive", quantities=("qty", "lost_qty")
    ),
    "inventory.count": Paper("inventory.count.view", "inventory.count.enter", quantities=()),
    "inventory.assembly": Paper("inventory.assembly.view", "inventory.assembly.edit"),
    "purchasing.asn": Paper("purchasing.asn.view", "purchasing.receipt.edit", IN),
    "purchasing.receipt": Paper("purchasing.receipt.view", "purchasing.receipt.edit", IN),
    "purchasing.return": Paper("purchasing.return.view", "purchasing.return.edit", OUT),
    "purchasing.material": Paper("purchasing.material.view", "purchasing.material.edit", place=""),
    "production.material": Paper("production.material.view", "production.material.edit", place=""),
    "production.receipt": Paper("production.receipt.view", "production.receipt.edit", IN),
    "sales.consignment": Paper("sales.consignment.view", "sales.consignment.edit", place=""),
    "sales.delivery": Paper("sales.delivery.view", "sales.delivery.edit", OUT),
    "sales.order": Paper("sales.order.view", "sales.order.edit", OUT, quantities=("open_qty",), holds=True, bins=False),
    "sales.return": Paper("sales.return.view", "sales.return.edit"),
}


@dataclass(frozen=True)
class SerialLine:
    """A line of a document that wants numbers: how many at most (None: as many as there are), and those it has."""

    line_id: UUID
    line_no: int
    item: Item
    qty: Decimal | None
    numbers: tuple[str, ...]
    order_line_id: UUID | None = None
    bin_code: str = ""  # where they are counted


# --- reading what was typed --------------------------------------------------------------------
def read_numbers(text: str) -> list[str]:
    """Numbers from text: one a line or apart by spaces and commas; ``SN001~SN100`` is a range. In order, without twins."""
    found: dict[str, None] = {}
    for token in re.split(r"[\s,;，；、]+", text.strip()):
        for number in _expand(token) if "~" in token else (token,):
            if number:
                found[number] = None
            if len(found) > MOST:
                raise CannotSaveStockDocument(
                    _("At most %(count)s serial numbers at a time.") % {"count": MOST}, field="serials"
                )
    long = next((number for number in found if len(number) > LONGEST), None)
    if long:
        raise CannotSaveStockDocument(
            _("A serial number has at most %(count)s characters: %(number)s…")
            % {"count": LONGEST, "number": long[:LONGEST]},
            field="serials",
        )
    return list(found)


def _expand(token: str) -> list[str]:
    """``SN008~SN011`` and ``SN008~011`` are four numbers with the digits of the first."""
    first, _sep, last = token.partition("~")
    head, tail = re.fullmatch(r"(.*?)(\d+)", first), re.fullmatch(r"(.*?)(\d+)", last)
    if not head or not tail or tail[1] not in {"", head[1]}:
        raise _bad_range(token)
    begin, end, width = int(head[2]), int(tail[2]), len(head[2])
    if not 0 <= end - begin < MOST:
        raise _bad_range(token)
    return [f"{head[1]}{number:0{width}d}" for number in range(begin, end + 1)]


def _bad_range(token: str) -> CannotSaveStockDocument:
    return CannotSaveStockDocument(
        _("“%(token)s” is no range of serial numbers.") % {"token": token[:80]},
        field="serials",
        value=token[:80],
        way_out=_("Write the first and the last number: SN001~SN100. Both begin alike and end in digits."),
    )


# --- the lines of a document -----------------------------------------------------------------------
def find_document(doc_type: str, pk: UUID) -> Document:
    """A document that can carry numbers; raises NotFoundRefused."""
    model = DOC_TYPES.get(doc_type) if doc_type in PAPERS else None
    found = model._default_manager.filter(pk=pk).first() if model else None
    if found is None:
        raise NotFoundRefused(_("There is no such document."), value=pk)
    return found


def find_moving(doc_type: str, pk: UUID) -> Document:
    """A document that moves goods itself, so that bins can be named for it; raises NotFoundRefused."""
    if doc_type in PAPERS and not PAPERS[doc_type].bins:
        raise NotFoundRefused(_("There is no such document."), value=pk)
    return find_document(doc_type, pk)


def serial_lines(document: Any) -> list[SerialLine]:
    """The lines whose items are kept by serial number, with the numbers they have; two or three statements."""
    paper = PAPERS[document.DOC_TYPE]
    lines_of = LineSerials.objects.filter(doc_id=document.pk)
    named: Mapping[UUID, Sequence[str]] = (
        holding.held_numbers(document.pk) if paper.holds else dict(lines_of.values_list("line_id", "serial_nos"))
    )
    in_bins = isinstance(document, StockCount)
    rows = document.lines.filter(item__serial_tracked=True).select_related("item__unit", *(("bin",) if in_bins else ()))
    found = [
        SerialLine(
            line.pk,
            line.line_no,
            line.item,
            _quantity(line, paper),
            tuple(named.get(line.pk, ())),
            getattr(line, "order_line_id", None),
            line.bin.code if in_bins and line.bin else "",
        )
        for line in rows.order_by("line_no")
    ]
    if hasattr(document, "item_id") and document.item.serial_tracked:  # what an assembly makes, or takes apart
        numbers = tuple(named.get(document.pk, ()))
        found.append(SerialLine(document.pk, 0, document.item, _quantity(document, paper), numbers))
    return found


def _quantity(line: Any, paper: Paper) -> Decimal | None:
    return sum((getattr(line, name) for name in paper.quantities), ZERO) if paper.quantities else None


def may_be_named(document: Document) -> bool:
    """Whether numbers can still change: nothing of it is booked."""
    if document.DOC_TYPE == "purchasing.asn":
        return getattr(document, "state", "") in {"submitted", "in_transit", "arrived"}
    if document.DOC_TYPE == StockCount.DOC_TYPE:
        return document.approval == Approval.SUBMITTED
    if PAPERS[document.DOC_TYPE].holds:
        return document.closing == Closing.OPEN and document.approval in {*_OPEN, Approval.APPROVED}
    return document.approval in _OPEN


def name_serials(
    *, document: Document, numbers: Mapping[UUID, Sequence[str]], actor: Actor, at: datetime
) -> list[SerialLine]:
    """Keep the numbers of lines in place of those they had; a fixed number of statements whatever the lines.

    The numbers of a count are what was seen: they count the line, too.
    """
    with transaction.atomic():
        document = load_locked(type(document), document.pk)
        if not may_be_named(document):
            raise CannotMoveSerials(
                _("%(document)s is booked: its serial numbers stay as they are.") % {"document": document},
                document=document.number,
                field="approval",
                way_out=_("Take the booking back first."),
            )
        lines = {line.line_id: line for line in serial_lines(document)}
        _check(document, lines, numbers)
        if PAPERS[document.DOC_TYPE].holds:
            items = {line_id: lines[line_id].item.pk for line_id in numbers}
            holding.hold(document, numbers, items, actor, at)
        else:
            _keep(document, lines, numbers)
        if isinstance(document, StockCount):
            counted = [CountedInput(line_id, Decimal(len(given))) for line_id, given in numbers.items()]
            record_counts(document_id=document.pk, counted=counted, actor=actor, at=at)
        changes = {"serials": ["", str(sum(len(given) for given in numbers.values()))]}
        audit.record(document, "name_serials", actor=actor, at=at, changes=changes)
        return serial_lines(document)


def _keep(document: Document, lines: Mapping[UUID, SerialLine], numbers: Mapping[UUID, Sequence[str]]) -> None:
    LineSerials.objects.filter(line_id__in=list(numbers)).delete()
    LineSerials.objects.bulk_create(
        LineSerials(line_id=line_id, doc_id=document.pk, item=lines[line_id].item, serial_nos=list(given))
        for line_id, given in numbers.items()
        if given
    )


def _check(document: Document, lines: Mapping[UUID, SerialLine], numbers: Mapping[UUID, Sequence[str]]) -> None:
    problems: list[Refusal] = []
    for line_id, given in numbers.items():
        line = lines.get(line_id)
        if line is None:
            raise NotFoundRefused(_("There is no such line."), value=line_id)
        if line.qty is not None and len(given) > line.qty:
            words = _("Line %(line)s, %(item)s: %(named)s serial numbers for %(qty)s pieces.")
            values = {"line": line.line_no, "item": line.item, "named": len(given), "qty": plain(line.qty)}
            problems.append(_wrong(line, words % values))
    way = PAPERS[document.DOC_TYPE].way
    if way and not problems:
        problems += _misplaced(document, way, [(lines[line_id], given) for line_id, given in numbers.items()])
    if problems:
        raise Refusal.many(problems) if len(problems) > 1 else problems[0]


def _misplaced(
    document: Document, way: str, given: Iterable[tuple[SerialLine, Collection[str]]]
) -> Iterable[CannotMoveSerials]:
    """Numbers that could not be booked as things are now; one statement."""
    given = list(given)
    place = getattr(document, PAPERS[document.DOC_TYPE].place)
    rows = Serial.objects.filter(
        item__in={line.item.pk for line, _numbers in given},
        serial_no__in=[no for _line, numbers in given for no in numbers],
    )
    found = list(rows.values_list("item_id", "serial_no", "warehouse_id", "hold__line_id", "hold__doc_number"))
    where = {(item, no): lies for item, no, lies, _line, _number in found}
    kept = {(item, no): (line_id, number) for item, no, _lies, line_id, number in found if line_id}
    for line, numbers in given:
        if way == OUT:
            yield from _kept_elsewhere(line, numbers, kept)
        if way == OUT:
            wrong = [no for no in numbers if where.get((line.item.pk, no)) != place]
            words = _("Line %(line)s, %(item)s: these serial numbers do not lie in the warehouse: %(numbers)s.")
        else:
            wrong = [no for no in numbers if where.get((line.item.pk, no))]
            words = _("Line %(line)s, %(item)s: these serial numbers are in stock already: %(numbers)s.")
        if wrong:
            values = {"line": line.line_no, "item": line.item, "numbers": ", ".join(wrong[:5])}
            yield _wrong(line, words % values)


def _kept_elsewhere(
    line: SerialLine, numbers: Iterable[str], kept: Mapping[tuple[UUID, str], tuple[UUID, str]]
) -> Iterable[CannotMoveSerials]:
    """Pieces that are kept for a line of another order."""
    for no in numbers:
        line_id, number = kept.get((line.item.pk, no), (None, ""))
        if line_id not in {None, line.line_id, line.order_line_id}:
            words = _("Line %(line)s, %(item)s: %(number)s is kept for %(document)s.")
            values = {"line": line.line_no, "item": line.item, "number": no, "document": number}
            yield _wrong(line, words % values)


def _wrong(line: SerialLine, words: str) -> CannotMoveSerials:
    return CannotMoveSerials(words, line=line.line_no, field="serials", value=line.item.code)


# --- handing on ------------------------------------------------------------------------------------
def hand_on(pairs: Iterable[tuple[UUID, UUID]], document: Document) -> None:
    """Give the numbers of one document's lines to those of the next: (from line, to line); one statement."""
    wanted = list(pairs)
    if not wanted:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO inventory_line_serials (line_id, doc_id, item_id, serial_nos)"
            " SELECT w.target, %s, l.item_id, l.serial_nos FROM unnest(%s::uuid[], %s::uuid[]) AS w (source, target)"
            " JOIN inventory_line_serials l ON l.line_id = w.source ON CONFLICT (line_id) DO NOTHING",
            [document.pk, [source for source, _ in wanted], [target for _, target in wanted]],
        )
