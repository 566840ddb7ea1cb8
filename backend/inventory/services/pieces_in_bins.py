"""Single pieces that are put into another bin: those that are named for the line, else the first that lie there.

Which pieces were carried is kept with the line, so that the same ones are put back. Nothing here costs a statement for
goods that are not kept by serial number.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from backend.inventory.errors import CannotMoveSerials
from backend.inventory.models import Bin, BinMove, BinMoveLine, LineSerials, Serial
from backend.inventory.services import drafting
from backend.kernel.bulk import update_rows
from backend.kernel.errors import Refusal


def carry(document: BinMove, lines: Sequence[BinMoveLine], sign: int) -> None:
    """Put the pieces of the lines into their bins (``sign`` -1: back); three statements. Raises CannotMoveSerials."""
    wanted = [line for line in lines if line.item.serial_tracked]
    if not wanted:
        return
    named = dict(LineSerials.objects.filter(doc_id=document.pk).values_list("line_id", "serial_nos"))
    items = {line.item_id for line in wanted}
    lying = Serial.objects.select_for_update(of=("self",)).filter(item__in=items, warehouse=document.warehouse_id)
    pieces = list(lying.order_by("serial_no"))
    problems: list[Refusal] = []
    carried: dict[UUID, list[str]] = {}
    for line in wanted:
        source, target = (line.source, line.destination) if sign > 0 else (line.destination, line.source)
        chosen = _chosen(line, source, pieces, named.get(line.pk, ()))
        if len(chosen) != line.qty:
            problems.append(_wrong(line, source, len(chosen)))
        for piece in chosen:
            piece.bin = target
        carried[line.pk] = [piece.serial_no for piece in chosen]
    drafting.refuse(problems)
    update_rows(pieces, ["bin"])
    rows = [
        LineSerials(line_id=line.pk, doc_id=document.pk, item=line.item, serial_nos=carried[line.pk]) for line in wanted
    ]
    LineSerials.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["line_id"], update_fields=["serial_nos"]
    )


def _chosen(line: BinMoveLine, source: Bin, pieces: Sequence[Serial], named: Sequence[str]) -> list[Serial]:
    """The named pieces, or as many as the line says, of those that lie in the bin."""
    here = [piece for piece in pieces if piece.item_id == line.item_id and piece.bin_id == source.pk]
    return [piece for piece in here if piece.serial_no in named] if named else here[: int(line.qty)]


def _wrong(line: BinMoveLine, source: Bin, there: int) -> CannotMoveSerials:
    where: dict[str, Any] = {"line": line.line_no, "item": line.item, "there": there, "bin": source}
    return CannotMoveSerials(
        _("Line %(line)s, %(item)s: %(there)s of the pieces lie in %(bin)s.") % where,
        line=line.line_no,
        field="serials",
        value=line.item.code,
        way_out=_("Name as many pieces as are moved, all of them in this bin."),
    )
