"""Bins of a warehouse: setting them up, fixed places of items, and the bins that are named for lines of a document.

The first bin turns a warehouse into one with bins: everything in it lies there (trigger) until it is put away.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from backend.catalog.models import Item
from backend.inventory.errors import CannotSaveStockDocument, CannotSaveWarehouse
from backend.inventory.models import Bin, BinBalance, FixedBin, LineBin, StockBalance, Warehouse, WarehouseKind
from backend.inventory.services.naming import OUT, PAPERS, may_be_named
from backend.inventory.words import plain
from backend.kernel import audit
from backend.kernel.actor import Actor
from backend.kernel.bulk import Batch, uuid_array
from backend.kernel.document import Document, load_locked
from backend.kernel.errors import NotFoundRefused, Refusal


def save_bin(
    *,
    warehouse_id: UUID,
    code: str,
    actor: Actor,
    at: datetime,
    zone: str = "",
    sequence: int = 0,
    active: bool = True,
    bin_id: UUID | None = None,
) -> Bin:
    """Make or change a bin; the first of a warehouse becomes its default and takes all that lies there."""
    with transaction.atomic():
        place = (
            Warehouse.objects.select_for_update(no_key=True).filter(pk=warehouse_id, kind=WarehouseKind.STOCK).first()
        )
        if place is None:
            raise NotFoundRefused(_("There is no such warehouse."), value=warehouse_id)
        known = {row.pk: row for row in Bin.objects.filter(warehouse=place)}
        found = known.get(bin_id) if bin_id else Bin(warehouse=place, is_default=not known)
        if found is None:
            raise NotFoundRefused(_("There is no such bin."), value=bin_id)
        found.code, found.zone, found.sequence, found.active = code.strip(), zone.strip(), sequence, active
        _check(found, known.values(), place)
        found.save()
        audit.record(place, "bin", actor=actor, at=at, changes={"bin": ["", found.code]})
    return found


def _check(given: Bin, known: Iterable[Bin], place: Warehouse) -> None:
    if not given.code:
        raise CannotSaveWarehouse(_("A bin needs a code."), field="code")
    if any(row.code == given.code and row.pk != given.pk for row in known):
        raise CannotSaveWarehouse(
            _("%(code)s is a bin of %(place)s already.") % {"code": given.code, "place": place},
            field="code",
            value=given.code,
        )
    if given.is_default and not given.active:
        raise CannotSaveWarehouse(
            _("%(code)s takes what has no place: it stays in use.") % {"code": given.code}, field="active"
        )
    if not known and place.allow_negative:
        raise CannotSaveWarehouse(
            _("Bins hold what is there: %(place)s lets goods leave before they are received.") % {"place": place},
            field="code",
            way_out=_("Turn that off for the warehouse first."),
        )
    below = StockBalance.objects.filter(warehouse=place, on_hand__lt=0).select_related("item").first()
    if not known and below:
        raise CannotSaveWarehouse(
            _("Bins hold what is there: less than nothing of %(item)s lies there.") % {"item": below.item},
            field="code",
            way_out=_("Receive or count it first."),
        )
    if not given.active and BinBalance.objects.filter(bin=given, on_hand__gt=0).exists():
        raise CannotSaveWarehouse(
            _("Goods lie in %(code)s.") % {"code": given.code},
            field="active",
            way_out=_("Move them to another bin first."),
        )


def set_fixed_bin(*, item_id: UUID, warehouse_id: UUID, bin_id: UUID | None, actor: Actor, at: datetime) -> None:
    """Give an item its place in a warehouse, or none any more."""
    with transaction.atomic():
        item = Item.objects.filter(pk=item_id).first()
        place = Bin.objects.filter(pk=bin_id, warehouse_id=warehouse_id, active=True).first() if bin_id else None
        if item is None or (bin_id and place is None):
            raise NotFoundRefused(_("There is no such bin."), value=bin_id)
        FixedBin.objects.filter(item=item, warehouse_id=warehouse_id).delete()
        if place:
            FixedBin.objects.create(item=item, warehouse_id=warehouse_id, bin=place)
        audit.record(item, "fixed_bin", actor=actor, at=at, changes={"bin": ["", place.code if place else ""]})


# --- naming ----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class NamedBin:
    """So much of a line in this bin."""

    code: str
    qty: Decimal


def name_bins(*, document: Document, bins: Mapping[UUID, Sequence[NamedBin]], actor: Actor, at: datetime) -> None:
    """Keep the bins of a document's lines in place of those they had; a fixed number of statements."""
    with transaction.atomic():
        document = load_locked(type(document), document.pk)
        if document.DOC_TYPE not in PAPERS or not may_be_named(document):
            raise CannotSaveStockDocument(
                _("%(document)s is booked: its bins stay as they are.") % {"document": document},
                document=document.number,
                field="approval",
            )
        place = getattr(document, PAPERS[document.DOC_TYPE].place)
        known = {row.code: row for row in Bin.objects.filter(warehouse_id=place, active=True)}
        rows = document.lines.filter(pk__in=list(bins)).select_related("item")  # type: ignore[attr-defined]
        lines = {line.pk: line for line in rows}
        lying = _lying(document, place, lines.values())
        problems = [
            problem for line_id, named in bins.items() for problem in _problems(lines.get(line_id), named, known, lying)
        ]
        if problems:
            raise Refusal.many(problems) if len(problems) > 1 else problems[0]
        LineBin.objects.filter(line_id__in=list(bins)).delete()
        LineBin.objects.bulk_create(
            LineBin(line_id=line_id, doc_id=document.pk, bin=known[row.code], qty=row.qty)
            for line_id, named in bins.items()
            for row in named
        )
        audit.record(document, "name_bins", actor=actor, at=at)


_HAND_ON = """
INSERT INTO inventory_line_bin (line_id, doc_id, bin_id, qty)
SELECT w.target, %s::uuid, n.bin_id, n.qty FROM unnest(%s::uuid[], %s::uuid[]) AS w (source, target)
JOIN inventory_line_bin n ON n.line_id = w.source
WHERE NOT EXISTS (SELECT FROM inventory_line_bin o WHERE o.line_id = w.target)
"""


def hand_bins_on(pairs: Sequence[tuple[UUID, UUID]], document: Document, batch: Batch) -> None:
    """Give the bins named for one document's lines to those of the next: (from line, to line); the batch writes them."""
    if pairs:
        sources, targets = (uuid_array(ids) for ids in zip(*pairs, strict=True))
        batch.run(_HAND_ON, [str(document.pk), sources, targets])


def _lying(document: Document, place: UUID, lines: Iterable[Any]) -> dict[tuple[UUID, str], Decimal] | None:
    """What lies of each item in each bin, for documents whose goods leave; one statement."""
    if PAPERS[document.DOC_TYPE].way != OUT:
        return None
    rows = BinBalance.objects.filter(warehouse_id=place, item__in={line.item_id for line in lines})
    sums = rows.values_list("item_id", "bin__code").annotate(n=Sum("on_hand")).order_by()
    return {(item_id, code): qty for item_id, code, qty in sums}


def _problems(
    line: Any,
    named: Sequence[NamedBin],
    known: Mapping[str, Bin],
    lying: Mapping[tuple[UUID, str], Decimal] | None,
) -> Iterable[Refusal]:
    if line is None:
        raise NotFoundRefused(_("There is no such line."))
    where = {"line": line.line_no, "item": line.item}
    if len({row.code for row in named}) < len(named) or sum(row.qty for row in named) > line.qty:
        words = _("Line %(line)s, %(item)s: name each bin once, and not more than the line's quantity.")
        yield CannotSaveStockDocument(words % where, line=line.line_no, field="bin")
    for row in named:
        there = lying.get((line.item_id, row.code), Decimal(0)) if lying is not None else row.qty
        if row.code not in known or row.qty <= 0:
            words = _("Line %(line)s, %(item)s: %(bin)s is no bin of this warehouse.")
        elif row.qty > there:
            words = _("Line %(line)s, %(item)s: %(there)s lie in %(bin)s.")
        else:
            continue
        values = where | {"bin": row.code[:30], "there": plain(there)}
        yield CannotSaveStockDocument(words % values, line=line.line_no, field="bin", value=row.code[:30])
