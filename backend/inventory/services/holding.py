"""Pieces that are kept for a line of an order before they leave: chosen when it is written, or ahead of picking.

Invariants: a piece is kept for one line at most (the table's key); a piece that is kept leaves for its own order alone;
what has left, or whose line is done, is kept no more; what comes back because its delivery is taken back is kept as it
was. Goods whose pieces nobody named are reserved by their number as always: keeping changes no quantity.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from backend.inventory.errors import CannotMoveSerials
from backend.inventory.models import LineSerials, Serial, SerialHold
from backend.kernel.actor import Actor
from backend.kernel.bulk import uuid_array
from backend.kernel.document import Document


def held_numbers(doc_id: UUID) -> dict[UUID, list[str]]:
    """The numbers kept for each line of a document; one statement."""
    found: dict[UUID, list[str]] = defaultdict(list)
    rows = SerialHold.objects.filter(doc_id=doc_id).order_by("serial__serial_no")
    for line_id, number in rows.values_list("line_id", "serial__serial_no"):
        found[line_id].append(number)
    return found


def hold(
    document: Document, numbers: Mapping[UUID, Sequence[str]], items: Mapping[UUID, UUID], actor: Actor, at: datetime
) -> None:
    """Keep these pieces for the lines in place of those they had; ``items`` by line. The numbers were checked.

    Raises CannotMoveSerials for a piece that is kept for another line.
    """
    SerialHold.objects.filter(line_id__in=list(numbers)).delete()
    wanted = {(items[line_id], no): line_id for line_id, given in numbers.items() for no in given}
    known = Serial.objects.filter(item__in=set(items.values()), serial_no__in=[no for _item, no in wanted])
    pieces = [piece for piece in known.order_by("pk") if (piece.item_id, piece.serial_no) in wanted]
    _require_free(pieces, document)
    made = [_held(piece, (wanted[piece.item_id, piece.serial_no], document), actor, at) for piece in pieces]
    try:
        with transaction.atomic():
            SerialHold.objects.bulk_create(made)
    except IntegrityError:
        words = _("Somebody kept one of these pieces for another order at this moment.")
        raise CannotMoveSerials(words, document=document.number, field="serials", way_out=_("Try again.")) from None


def _require_free(pieces: Iterable[Serial], document: Document) -> None:
    kept = SerialHold.objects.filter(serial__in=list(pieces)).select_related("serial").order_by("serial__serial_no")
    if first := kept.first():
        raise CannotMoveSerials(
            _("%(number)s is kept for %(document)s.") % {"number": first.serial, "document": first.doc_number},
            code="serial_held",
            document=document.number,
            field="serials",
            value=first.serial.serial_no,
            way_out=_("Choose another piece, or free this one there."),
        )


_HAND_ON = """
INSERT INTO inventory_line_serials (line_id, doc_id, item_id, serial_nos)
SELECT w.target, %s, x.item_id, x.numbers
FROM unnest(%s::uuid[], %s::uuid[], %s::int[]) AS w (source, target, qty)
CROSS JOIN LATERAL (
    SELECT k.item_id, array_agg(k.serial_no ORDER BY k.serial_no) AS numbers
    FROM (SELECT s.item_id, s.serial_no FROM inventory_serial_hold h JOIN inventory_serial s ON s.id = h.serial_id
          WHERE h.line_id = w.source AND s.warehouse_id IS NOT NULL ORDER BY s.serial_no LIMIT w.qty) k
    GROUP BY k.item_id
) x
ON CONFLICT (line_id) DO NOTHING
"""


def hand_on(lines: Collection[tuple[UUID, UUID, Decimal]], document: Any) -> None:
    """Name what is kept for order lines on the lines that ship them: (order line, line, quantity); one statement."""
    if not lines:
        return
    sources, targets = uuid_array(row[0] for row in lines), uuid_array(row[1] for row in lines)
    with connection.cursor() as cursor:
        cursor.execute(_HAND_ON, [document.pk, sources, targets, [int(row[2]) for row in lines]])


def release(doc_id: UUID) -> None:
    """Nothing is kept for the document any more."""
    SerialHold.objects.filter(doc_id=doc_id).delete()


_RELEASE = """
WITH gone AS (
    DELETE FROM inventory_serial_hold h USING inventory_serial s
    WHERE s.id = h.serial_id AND h.line_id = ANY(%(sources)s::uuid[])
      AND (s.warehouse_id IS NULL OR h.line_id = ANY(%(done)s::uuid[]))
    RETURNING h.line_id, s.item_id, s.serial_no
)
INSERT INTO inventory_line_serials (line_id, doc_id, item_id, serial_nos, kept_nos)
SELECT w.target, %(document)s, g.item_id, '{}', array_agg(g.serial_no ORDER BY g.serial_no)
FROM unnest(%(sources)s::uuid[], %(targets)s::uuid[]) AS w (source, target) JOIN gone g ON g.line_id = w.source
GROUP BY 1, 3
ON CONFLICT (line_id) DO UPDATE SET kept_nos = EXCLUDED.kept_nos
"""


def release_shipped(shipped: Mapping[UUID, UUID], done: Collection[UUID], document: Document) -> None:
    """What has left (order line → a line that shipped it) is kept no more, and nothing for lines that are ``done``.

    What was kept is remembered with the line, for the day the document is taken back; one statement.
    """
    values: dict[str, Any] = {
        "sources": uuid_array(shipped.keys()),
        "targets": uuid_array(shipped.values()),
        "done": uuid_array(done),
        "document": document.pk,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, values)


def keep_again(lines: Mapping[UUID, tuple[UUID, Document]], actor: Actor, at: datetime) -> None:
    """Keep what was kept until these lines left: line → (order line, order); four statements.

    A piece that went somewhere else in the meantime, or is kept for another order, stays there.
    """
    left = LineSerials.objects.filter(line_id__in=list(lines)).exclude(kept_nos=[])
    wanted = {(row.item_id, number): lines[row.line_id] for row in left for number in row.kept_nos}
    if not wanted:
        return
    known = Serial.objects.filter(item__in={item for item, _no in wanted}, serial_no__in={no for _item, no in wanted})
    made = [
        _held(piece, wanted[piece.item_id, piece.serial_no], actor, at)
        for piece in known.filter(warehouse__isnull=False).order_by("pk")
        if (piece.item_id, piece.serial_no) in wanted
    ]
    SerialHold.objects.bulk_create(made, ignore_conflicts=True)
    left.update(kept_nos=[])


def _held(piece: Serial, target: tuple[UUID, Document], actor: Actor, at: datetime) -> SerialHold:
    line_id, document = target
    return SerialHold(
        serial=piece,
        line_id=line_id,
        doc_id=document.pk,
        doc_type=document.DOC_TYPE,
        doc_number=document.number,
        by_name=actor.name[:120],
        at=at,
    )
