"""Counts without closing the warehouse.

Starting a count freezes what the books say, item by item and lot by lot, in one statement under the locks of the balances.
Deliveries go on. Each counted quantity is compared with what the books said at the moment of counting: the balance now less
what moved since. So a move during the count is no difference, and booking adds the differences to whatever stock there is by
then.

Several people count at once: a line, not the document, is what one of them changes. Who says what a line told him before
does not replace what somebody else has counted since.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backend.catalog.models import Item, ItemType
from backend.inventory.errors import CannotCount, CannotSaveStockDocument, CountedMeanwhile
from backend.inventory.models import Bin, BinBalance, StockBalance, StockCount, StockCountLine
from backend.inventory.selectors.abc import abc_classes
from backend.inventory.services import drafting
from backend.inventory.services.balances import lock_balances
from backend.inventory.services.inputs import CountedInput, Seen
from backend.kernel import audit, clock
from backend.kernel.actor import Actor
from backend.kernel.bulk import uuid_array
from backend.kernel.document import Approval, load_locked
from backend.kernel.errors import NotFoundRefused
from backend.kernel.lifecycle import LifeCycle
from backend.kernel.money import ZERO, plain
from backend.kernel.numbering import next_number

LIFE = LifeCycle(
    {
        "start": ({"draft"}, "submitted"),
        "approve": ({"submitted"}, "approved"),
        "unapprove": ({"approved"}, "submitted"),
        "void": ({"draft", "submitted"}, "voided"),
    }
)


def save_count(
    *,
    doc_date: date,
    warehouse_id: UUID,
    actor: Actor,
    at: datetime,
    category_id: UUID | None = None,
    abc: str = "",
    item_ids: Sequence[UUID] = (),
    zone: str = "",
    bin_from: str = "",
    bin_to: str = "",
    blind: bool = True,
    remark: str = "",
    document_id: UUID | None = None,
    version: int | None = None,
) -> StockCount:
    """Write what is to be counted: all of a warehouse, or what fits all conditions that are given.

    ``zone``, ``bin_from`` and ``bin_to`` (codes, both included) take what lies in those bins, single pieces each in its
    bin; with the whole warehouse pieces are counted over all bins.
    """
    if abc not in {"", "A", "B", "C"}:
        raise CannotSaveStockDocument(_("The classes are A, B and C."), field="abc", value=abc)
    with transaction.atomic():
        document = drafting.open_draft(StockCount, document_id, version, actor, at)
        document.doc_date, document.remark, document.blind = doc_date, remark, blind
        document.warehouse = drafting.warehouse_of(warehouse_id)
        document.category_id, document.abc = category_id, abc
        document.item_ids = [str(pk) for pk in item_ids]
        document.zone, document.bin_from, document.bin_to = zone.strip(), bin_from.strip(), bin_to.strip()
        _check_bins(document)
        new = not document.number
        if new:
            document.number = next_number(document.DOC_TYPE, doc_date)
        document.save(force_insert=new)
        audit.record(document, "create" if new else "edit", actor=actor, at=at)
    return document


def _check_bins(document: StockCount) -> None:
    """The zone and the bins that are named exist in the warehouse, in this order."""
    if not document.in_some_bins:
        return
    bins = Bin.objects.filter(warehouse=document.warehouse)
    if document.zone and not bins.filter(zone=document.zone).exists():
        words = _("%(place)s has no zone “%(zone)s”.") % {"place": document.warehouse, "zone": document.zone}
        raise CannotSaveStockDocument(words, field="zone", value=document.zone)
    for field in ("bin_from", "bin_to"):
        code = getattr(document, field)
        if code and not bins.filter(code=code).exists():
            words = _("%(code)s is no bin of %(place)s.") % {"code": code, "place": document.warehouse}
            raise CannotSaveStockDocument(words, field=field, value=code)
    if document.bin_to and document.bin_from > document.bin_to:
        words = _("The bins run backwards: from %(first)s to %(last)s.")
        where = {"first": document.bin_from, "last": document.bin_to}
        raise CannotSaveStockDocument(words % where, field="bin_to", value=document.bin_to)


def bins_of(document: StockCount) -> QuerySet[Bin]:
    """The bins that the count is about."""
    found = Bin.objects.filter(warehouse=document.warehouse_id)
    if document.zone:
        found = found.filter(zone=document.zone)
    if document.bin_from:
        found = found.filter(code__gte=document.bin_from)
    if document.bin_to:
        found = found.filter(code__lte=document.bin_to)
    return found


# --- freezing --------------------------------------------------------------------------------------
_FREEZE = """
WITH place AS (SELECT EXISTS (SELECT FROM inventory_bin WHERE warehouse_id = %(warehouse)s AND is_default) AS in_bins)
INSERT INTO inventory_count_line
    (id, document_id, line_no, item_id, lot_id, bin_id, book_qty, unit_cost, counted_by_name, diff_value)
SELECT gen_random_uuid(), %(document)s,
       row_number() OVER (ORDER BY d.sequence NULLS FIRST, d.code NULLS FIRST, x.sort_key, x.code, x.lot_no NULLS FIRST),
       x.item_id, x.lot_id, d.id, x.qty, CASE WHEN x.on_hand > 0 THEN round(x.value / x.on_hand, 6) ELSE 0 END, '', 0
FROM (
    SELECT b.item_id, l.id AS lot_id, NULL::uuid AS bin_id, lb.on_hand AS qty, b.on_hand, b.value, i.sort_key, i.code, l.lot_no
    FROM place p, inventory_stock_balance b JOIN catalog_item i ON i.id = b.item_id
    JOIN inventory_lot_balance lb ON lb.item_id = b.item_id AND lb.warehouse_id = b.warehouse_id AND lb.on_hand > 0
    JOIN inventory_lot l ON l.id = lb.lot_id
    WHERE b.warehouse_id = %(warehouse)s AND b.item_id = ANY(%(items)s::uuid[]) AND NOT p.in_bins
    UNION ALL
    SELECT b.item_id, NULL, NULL, b.on_hand - s.in_lots, b.on_hand, b.value, i.sort_key, i.code, NULL
    FROM place p, inventory_stock_balance b JOIN catalog_item i ON i.id = b.item_id
    CROSS JOIN LATERAL (SELECT coalesce(sum(lb.on_hand), 0) AS in_lots FROM inventory_lot_balance lb
                        WHERE lb.item_id = b.item_id AND lb.warehouse_id = b.warehouse_id) s
    WHERE b.warehouse_id = %(warehouse)s AND b.item_id = ANY(%(items)s::uuid[]) AND %(bins)s::uuid[] IS NULL
      AND (b.on_hand <> s.in_lots OR NOT i.lot_tracked) AND (NOT p.in_bins OR i.serial_tracked OR b.on_hand = 0)
    UNION ALL
    SELECT b.item_id, x.lot_id, x.bin_id, x.on_hand, b.on_hand, b.value, i.sort_key, i.code, l.lot_no
    FROM place p, inventory_stock_balance b JOIN catalog_item i ON i.id = b.item_id
    JOIN inventory_bin_balance x ON x.item_id = b.item_id AND x.warehouse_id = b.warehouse_id AND x.on_hand > 0
    LEFT JOIN inventory_lot l ON l.id = x.lot_id
    WHERE b.warehouse_id = %(warehouse)s AND b.item_id = ANY(%(items)s::uuid[]) AND p.in_bins
      AND CASE WHEN %(bins)s::uuid[] IS NULL THEN NOT i.serial_tracked ELSE x.bin_id = ANY(%(bins)s::uuid[]) END
) x LEFT JOIN inventory_bin d ON d.id = x.bin_id
"""


def start_count(*, document_id: UUID, actor: Actor, at: datetime, version: int | None = None) -> StockCount:
    """Freeze what the books say; the warehouse goes on working. A fixed number of statements whatever the lines."""
    with transaction.atomic():
        document = load_locked(StockCount, document_id)
        items = _scope(document, clock.day_of(at))
        if not items:
            raise CannotCount(
                _("Nothing lies there that fits what is to be counted."),
                document=document.number,
                way_out=_("Choose another warehouse or category, or name the items."),
            )
        lock_balances((item_id, document.warehouse_id) for item_id in items)
        document.frozen_at = at
        drafting.advance(document, "start", version=version, actor=actor, at=at, cycle=LIFE)
        document.lines.all().delete()
        values: Any = {
            "document": document.pk,
            "warehouse": document.warehouse_id,
            "items": uuid_array(items),
            "bins": uuid_array(bins_of(document).values_list("pk", flat=True)) if document.in_some_bins else None,
        }
        with connection.cursor() as cursor:
            cursor.execute(_FREEZE, values)
    return document


def _scope(document: StockCount, day: date) -> list[UUID]:
    """The items to count: what lies there and fits; named items even when the books say there are none."""
    lying = BinBalance.objects.filter(bin__in=bins_of(document), on_hand__gt=0)
    if document.item_ids:
        named = Item.objects.filter(pk__in=document.item_ids, item_type=ItemType.GOODS)
        if document.in_some_bins:
            named = named.filter(pk__in=lying.values("item"))
        return list(named.values_list("pk", flat=True))
    rows = StockBalance.objects.filter(warehouse_id=document.warehouse_id).exclude(on_hand=0)
    if document.in_some_bins:
        rows = rows.filter(item__in=lying.values("item"))
    if document.category_id:
        rows = rows.filter(item__category_id=document.category_id)
    found = list(rows.values_list("item_id", flat=True))
    if document.abc:
        classes = abc_classes(day, warehouse_id=document.warehouse_id)
        found = [item_id for item_id in found if classes.get(item_id) == document.abc]
    return found


# --- counting --------------------------------------------------------------------------------------
_RECORD = """
WITH given AS (
    SELECT * FROM jsonb_to_recordset(%(rows)s)
        AS x (id uuid, qty numeric, at timestamptz, looked boolean, seen_qty numeric, seen_at timestamptz)
), said AS (
    SELECT l.id, g.qty, g.at, g.looked, g.seen_qty, g.seen_at,
        CASE WHEN l.bin_id IS NOT NULL THEN
            coalesce((SELECT sum(x.on_hand) FROM inventory_bin_balance x
                      WHERE x.item_id = l.item_id AND x.warehouse_id = %(warehouse)s AND x.bin_id = l.bin_id
                        AND x.lot_id IS NOT DISTINCT FROM l.lot_id), 0)
            - coalesce((SELECT sum(e.qty) FROM inventory_bin_entry e
                        WHERE e.item_id = l.item_id AND e.warehouse_id = %(warehouse)s AND e.bin_id = l.bin_id
                          AND e.lot_id IS NOT DISTINCT FROM l.lot_id AND e.at > g.at), 0)
        WHEN l.lot_id IS NULL THEN
            coalesce((SELECT b.on_hand FROM inventory_stock_balance b
                      WHERE b.item_id = l.item_id AND b.warehouse_id = %(warehouse)s), 0)
            - coalesce((SELECT sum(lb.on_hand) FROM inventory_lot_balance lb
                        WHERE lb.item_id = l.item_id AND lb.warehouse_id = %(warehouse)s), 0)
        ELSE coalesce((SELECT lb.on_hand FROM inventory_lot_balance lb
                       WHERE lb.item_id = l.item_id AND lb.warehouse_id = %(warehouse)s AND lb.lot_id = l.lot_id), 0)
        END - CASE WHEN l.bin_id IS NOT NULL THEN 0 ELSE coalesce((SELECT sum(m.qty_in - m.qty_out) FROM inventory_stock_move m
                        WHERE m.item_id = l.item_id AND m.warehouse_id = %(warehouse)s
                          AND m.lot_id IS NOT DISTINCT FROM l.lot_id AND m.moved_at > g.at), 0) END AS expected
    FROM given g JOIN inventory_count_line l ON l.id = g.id
    WHERE l.document_id = %(document)s
)
UPDATE inventory_count_line l SET counted_qty = s.qty, expected_qty = s.expected, counted_at = s.at,
    counted_by_id = %(member)s, counted_by_name = %(name)s
FROM said s WHERE l.id = s.id AND (NOT s.looked
    OR l.counted_qty IS NOT DISTINCT FROM s.seen_qty AND l.counted_at IS NOT DISTINCT FROM s.seen_at)
"""


def record_counts(*, document_id: UUID, counted: Sequence[CountedInput], actor: Actor, at: datetime) -> int:
    """Note what was counted, again if need be; several people may count at once. Returns how many lines.

    Raises CountedMeanwhile naming the lines that somebody else has counted since they were seen; then nothing is noted.
    """
    with transaction.atomic():
        document = _being_counted(document_id)
        lines = {
            line.pk: line
            for line in StockCountLine.objects.filter(
                document=document, pk__in=[row.line_id for row in counted]
            ).select_related("item__unit")
        }
        problems = [problem for row in counted if (problem := _problem(document, row, lines.get(row.line_id), at))]
        drafting.refuse(problems)
        lock_balances((line.item_id, document.warehouse_id) for line in lines.values())
        rows = [_row(row, at) for row in counted]
        with connection.cursor() as cursor:
            cursor.execute(
                _RECORD,
                {
                    "rows": json.dumps(rows),
                    "document": document.pk,
                    "warehouse": document.warehouse_id,
                    "member": actor.member_id,
                    "name": actor.name[:120],
                },
            )
            complete = cursor.rowcount == len(lines)
        if not complete:
            _refuse_counted_since(document, counted)
    return len(rows)


def _row(given: CountedInput, at: datetime) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": str(given.line_id),
        "qty": str(given.qty),
        "at": (given.counted_at or at).isoformat(),
        "looked": given.seen is not None,
    }
    if given.seen and given.seen.at:
        found |= {"seen_qty": str(given.seen.qty), "seen_at": given.seen.at.isoformat()}
    return found


def _refuse_counted_since(document: StockCount, counted: Sequence[CountedInput]) -> None:
    """Raise for every line that says something else than what was seen of it."""
    seen = {row.line_id: row.seen for row in counted if row.seen}
    lines = StockCountLine.objects.filter(document=document, pk__in=seen).select_related("item").order_by("line_no")
    drafting.refuse(
        [
            CountedMeanwhile(
                _("Line %(line)s, %(item)s: %(name)s counted %(qty)s in the meantime.")
                % {
                    "line": line.line_no,
                    "item": line.item,
                    "name": line.counted_by_name,
                    "qty": plain(line.counted_qty or ZERO),
                },
                document=document.number,
                line=line.line_no,
                field=f"qty-{line.pk}",
                value=line.counted_qty,
                way_out=_("Look again; saving once more replaces it."),
            )
            for line in lines
            if Seen(line.counted_qty, line.counted_at) != seen[line.pk]
        ]
    )


def _being_counted(document_id: UUID) -> StockCount:
    """The count, kept from being booked or voided in the meantime; counters do not wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM inventory_count WHERE id = %s FOR SHARE", [document_id])
    document = StockCount.objects.filter(pk=document_id).first()
    if document is None:
        raise NotFoundRefused(_("There is no such document."), value=document_id)
    if document.approval != Approval.SUBMITTED:
        raise CannotCount(
            _("%(document)s is not being counted.") % {"document": document},
            document=document.number,
            field="approval",
            value=document.approval,
            way_out=_("Start it first; a booked one can be taken back."),
        )
    return document


def _problem(
    document: StockCount, row: CountedInput, line: StockCountLine | None, at: datetime
) -> CannotSaveStockDocument | None:
    if line is None:
        return CannotSaveStockDocument(_("This line is not part of the count."), field="line", value=row.line_id)
    if row.qty < 0 or row.qty != round(row.qty, line.item.unit.decimals):
        words = _("Line %(line)s, %(item)s: a counted quantity is 0 or more, with at most %(decimals)s decimals.")
        values = {"line": line.line_no, "item": line.item, "decimals": line.item.unit.decimals}
        return drafting.wrong(line.line_no, "qty", words % values, row.qty)
    if row.counted_at and not (document.frozen_at or at) <= row.counted_at <= at:
        words = _("Line %(line)s: it was counted after the start of the count and not in the future.")
        return drafting.wrong(line.line_no, "counted_at", words % {"line": line.line_no}, row.counted_at)
    return None


def add_found(
    *,
    document_id: UUID,
    item_id: UUID,
    qty: Decimal,
    actor: Actor,
    at: datetime,
    lot_id: UUID | None = None,
    bin_code: str = "",
) -> StockCountLine:
    """Something lies there that is not on the list: it gets a line of its own, in its bin, and is counted."""
    with transaction.atomic():
        document = load_locked(StockCount, document_id)
        _being_counted(document_id)
        [item] = drafting.lines_of([_Found(item_id, qty)], lambda _number, _line, item: item)
        if item.lot_tracked and lot_id is None:
            raise CannotSaveStockDocument(
                _("%(item)s is kept by lots: name the lot.") % {"item": item}, field="lot_no", value=""
            )
        place = _bin_of(document, item, bin_code)
        number = (document.lines.order_by("-line_no").values_list("line_no", flat=True).first() or 0) + 1
        line, _made = StockCountLine.objects.get_or_create(
            document=document,
            item=item,
            lot_id=lot_id,
            bin=place,
            defaults={"line_no": number},  # type: ignore[misc]
        )
        record_counts(document_id=document_id, counted=[CountedInput(line.pk, qty)], actor=actor, at=at)
    return line


def _bin_of(document: StockCount, item: Item, code: str) -> Bin | None:
    """The bin that was named; one is needed where the warehouse has bins (pieces of a whole one are counted over all)."""
    known = {row.code: row for row in Bin.objects.filter(warehouse_id=document.warehouse_id)}
    if not known or (item.serial_tracked and not document.in_some_bins):
        return None
    if code not in known:
        raise CannotSaveStockDocument(
            _("Name the bin where %(item)s lies.") % {"item": item}, field="bin", value=code[:30]
        )
    return known[code]


class _Found:
    def __init__(self, item_id: UUID, qty: Decimal) -> None:
        self.item_id, self.qty = item_id, qty


def progress(document_ids: Iterable[UUID]) -> dict[UUID, tuple[int, int]]:
    """(counted, all) lines of counts; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT document_id, count(counted_qty), count(*) FROM inventory_count_line WHERE document_id = ANY(%s) GROUP BY 1",
            [list(document_ids)],
        )
        return {row[0]: (row[1], row[2]) for row in cursor.fetchall()}


def void_count(*, document_id: UUID, actor: Actor, at: datetime, reason: str = "") -> StockCount:
    """Give the count up; nothing was booked."""
    with transaction.atomic():
        document = load_locked(StockCount, document_id)
        drafting.advance(document, "void", version=None, actor=actor, at=at, reason=reason, cycle=LIFE)
    return document
