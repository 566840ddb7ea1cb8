"""A piece's own label scanned at picking: the piece leaves with this delivery, and its line is ticked off (INV-02, SCM-12).

Invariants: a piece is named on one line of the delivery at most; a line whose pieces are all named takes no other one; a
line is ticked off once it has as many pieces as it ships.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.inventory.errors import CannotMoveSerials
from backend.inventory.models import Serial
from backend.inventory.services import naming
from backend.inventory.services.naming import SerialLine
from backend.inventory.words import plain
from backend.kernel.actor import Actor
from backend.kernel.document import load_locked
from backend.sales.models import SalesDelivery
from backend.sales.services import handling

# A line that may take a piece, and the piece's number.
Fitting = tuple[SerialLine, str]


def pieces_named(delivery: SalesDelivery, lines: Sequence[Any]) -> dict[UUID, tuple[str, ...]]:
    """The pieces of each line that is kept by serial number; nothing is read where none is."""
    if not any(line.item.serial_tracked for line in lines):
        return {}
    return {line.line_id: line.numbers for line in naming.serial_lines(delivery)}


def pick_piece(*, delivery_id: UUID, code: str, key: UUID | None, actor: Actor, at: datetime) -> bool:
    """Name the piece on its line and tick the line off when it has them all; False for a piece of no item on it.

    Raises CannotMoveSerials for a piece that is not to leave with this delivery.
    """
    with transaction.atomic():
        delivery = load_locked(SalesDelivery, delivery_id)
        fitting = _fitting(naming.serial_lines(delivery), code, key)
        if not fitting:
            return False
        line, number = _chosen(delivery, fitting)
        numbers = line.numbers
        if number not in numbers:
            numbers = (*numbers, number)
            naming.name_serials(document=delivery, numbers={line.line_id: numbers}, actor=actor, at=at)
        if line.qty is not None and len(numbers) >= line.qty:
            handling.pick_lines(delivery_id=delivery.pk, line_ids=[line.line_id], actor=actor, at=at)
    return True


def _fitting(lines: Sequence[SerialLine], code: str, key: UUID | None) -> list[Fitting]:
    """The lines of the item whose piece was scanned; one statement."""
    same = {"pk": key} if key else {"serial_no__in": [code, code.upper()]}
    found = Serial.objects.filter(item__in={line.item.pk for line in lines}, **same)
    numbers = dict(found.values_list("item_id", "serial_no"))
    return [(line, numbers[line.item.pk]) for line in lines if line.item.pk in numbers]


def _chosen(delivery: SalesDelivery, fitting: Sequence[Fitting]) -> Fitting:
    """The line that names the piece, else the first that wants one more."""
    named = [(line, number) for line, number in fitting if number in line.numbers]
    wanting = [(line, number) for line, number in fitting if line.qty is not None and len(line.numbers) < line.qty]
    if named or wanting:
        return (named or wanting)[0]
    line, number = fitting[0]
    words = _("Line %(line)s, %(item)s: %(number)s is not one of the %(qty)s pieces of %(document)s: %(numbers)s.")
    values = {
        "line": line.line_no,
        "item": line.item,
        "number": number,
        "qty": plain(Decimal(len(line.numbers))),
        "document": delivery.number,
        "numbers": ", ".join(line.numbers[:5]),
    }
    raise CannotMoveSerials(
        words % values,
        code="other_piece",
        document=delivery.number,
        line=line.line_no,
        field="serials",
        value=number,
        way_out=_("Take one of these, or name other pieces on the delivery."),
    )
