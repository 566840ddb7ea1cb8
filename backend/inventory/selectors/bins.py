"""What lies in which bin, and which bins a document's goods go to or come from: the pick list in walking order."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from backend.catalog.models import Item
from backend.inventory.models import Bin, BinBalance, BinEntry, LineBin
from backend.inventory.services.naming import OUT, PAPERS, may_be_named
from backend.inventory.services.picking import LotStock, lots_of
from backend.kernel.bulk import uuid_array
from backend.kernel.document import Document
from backend.kernel.money import ZERO


@dataclass(frozen=True)
class Stop:
    """So much of a line at one bin; rows are in the order people walk."""

    bin: Bin
    line_id: UUID | None
    line_no: int
    item: Item
    lot_no: str
    qty: Decimal


def place_of(document: Any) -> UUID | None:
    """The warehouse whose bins a document is about."""
    paper = PAPERS.get(document.DOC_TYPE)
    return getattr(document, paper.place, None) if paper and paper.place else None


def has_bins(warehouse_id: UUID | None) -> bool:
    """Whether goods of the warehouse lie in bins; one statement."""
    return warehouse_id is not None and Bin.objects.filter(warehouse_id=warehouse_id, is_default=True).exists()


def contents() -> QuerySet[BinBalance]:
    """What lies in bins."""
    return BinBalance.objects.filter(on_hand__gt=0).select_related("bin", "item__unit", "lot", "warehouse")


def stops_of(document: Document) -> list[Stop]:
    """Where a document's goods go to or come from: as it was booked, else as it will be; seven statements at most."""
    place = place_of(document)
    if place is None or not has_bins(place):
        return []
    if not may_be_named(document):
        return _booked(document, place)
    lines = list(document.lines.select_related("item__unit").order_by("line_no"))  # type: ignore[attr-defined]
    lines = [line for line in lines if line.item.is_stocked and getattr(line, "qty", None)]
    named: dict[UUID, list[LineBin]] = defaultdict(list)
    for row in LineBin.objects.filter(doc_id=document.pk).select_related("bin").order_by("bin__sequence", "bin__code"):
        named[row.line_id].append(row)
    if PAPERS[document.DOC_TYPE].way == OUT:
        found = _to_pick(document, place, lines, named)
    else:
        found = _to_put_away(place, lines, named)
    return sorted(found, key=lambda stop: (stop.bin.sequence, stop.bin.code, stop.line_no))


def _booked(document: Document, place: UUID) -> list[Stop]:
    rows = BinEntry.objects.filter(move__doc_id=document.pk, warehouse_id=place, move__reversed_by=None)
    rows = rows.exclude(move__kind="reversal").select_related("bin", "item__unit", "lot", "move")
    return [
        Stop(row.bin, row.move.doc_line_id, 0, row.item, row.lot.lot_no if row.lot else "", abs(row.qty))  # type: ignore[union-attr]
        for row in rows.order_by("bin__sequence", "bin__code", "id")
    ]


# --- putting away ----------------------------------------------------------------------------------
def _to_put_away(place: UUID, lines: Sequence[Any], named: dict[UUID, list[LineBin]]) -> list[Stop]:
    proposed = proposals({line.item_id for line in lines}, place)
    found = []
    for line in lines:
        rest, lot_no = line.qty, getattr(line, "lot_no", "")
        for row in named[line.pk]:
            found.append(Stop(row.bin, line.pk, line.line_no, line.item, lot_no, row.qty))
            rest -= row.qty
        if rest > 0:
            found.append(Stop(proposed[line.item_id], line.pk, line.line_no, line.item, lot_no, rest))
    return found


def proposals(item_ids: Iterable[UUID], warehouse_id: UUID) -> dict[UUID, Bin]:
    """Where items would be put: their fixed bin, where most of them lies, the default bin; two statements."""
    wanted = sorted(set(item_ids))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT w.item_id, inventory_bin_for(w.item_id, %s) FROM unnest(%s::uuid[]) AS w (item_id)",
            [warehouse_id, uuid_array(wanted)],
        )
        chosen = dict(cursor.fetchall())
    bins = Bin.objects.in_bulk(set(chosen.values()))
    return {item_id: bins[bin_id] for item_id, bin_id in chosen.items()}


# --- picking -----------------------------------------------------------------------------------------
@dataclass
class _Shelf:
    bin: Bin
    lot_id: UUID | None
    left: Decimal


def _to_pick(document: Document, place: UUID, lines: Sequence[Any], named: dict[UUID, list[LineBin]]) -> Iterable[Stop]:
    """First expired first out, then bin after bin on the way: what the booking will take."""
    shelves: dict[UUID, list[_Shelf]] = defaultdict(list)
    rows = contents().filter(warehouse_id=place, item__in={line.item_id for line in lines})
    for row in rows.order_by("bin__sequence", "bin__code"):
        shelves[row.item_id].append(_Shelf(row.bin, row.lot_id, row.on_hand))
    lots: dict[UUID, list[LotStock]] = defaultdict(list)
    for lot in lots_of({(line.item_id, place) for line in lines if line.item.lot_tracked}):
        if lot.may_leave(document.doc_date) or any(line.lot_id == lot.lot_id for line in lines):
            lots[lot.pair[0]].append(lot)
    for line in lines:
        wishes = [row.bin_id for row in named[line.pk]]
        for lot_id, lot_no, qty in _lots_for(line, lots[line.item_id]):
            shelf_of = [shelf for shelf in shelves[line.item_id] if shelf.lot_id == lot_id]
            shelf_of.sort(key=lambda shelf: shelf.bin.pk not in wishes)
            yield from _walk(line, lot_no, qty, shelf_of)


def _lots_for(line: Any, stock: Sequence[LotStock]) -> Iterable[tuple[UUID | None, str, Decimal]]:
    named = getattr(line, "lot_id", None)
    rest = line.qty
    for lot in stock:
        if named and lot.lot_id != named:
            continue
        take = min(rest, lot.free)
        if take > 0:
            lot.free -= take
            rest -= take
            yield lot.lot_id, lot.lot_no, take
    if rest > 0 and not named:
        yield None, "", rest


def _walk(line: Any, lot_no: str, qty: Decimal, shelves: Iterable[_Shelf]) -> Iterable[Stop]:
    for shelf in shelves:
        take = min(qty, shelf.left)
        if take > ZERO:
            shelf.left -= take
            qty -= take
            yield Stop(shelf.bin, line.pk, line.line_no, line.item, lot_no, take)
