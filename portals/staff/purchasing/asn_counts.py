"""Counting what a shipping notice announced: as ``24``, or as ``2 box=23`` where it was ordered by the box."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from backend.kernel.errors import Refusal, ValidationRefused
from backend.purchasing.models import Asn, AsnLine
from portals.staff.shared.quantities import counted_quantity, counted_words, ordered_units
from portals.ui.line_grid import EntryLine
from portals.ui.typed import amount_of


def counting_rows(request: HttpRequest, notice: Asn) -> list[dict[str, Any]]:
    """The counting form: what was announced, or what was typed."""
    return [
        {
            "line": line,
            "value": request.POST.get(f"counted-{line.pk}", counted_words(line.order_line, line.qty)),
            "damaged": request.POST.get(f"damaged-{line.pk}", ""),
            "units": ordered_units(line.order_line) if line.order_line.is_counted else "",
        }
        for line in _lines(notice)
    ]


def _lines(notice: Asn) -> Iterator[AsnLine]:
    """The lines as they are read with the notice; their order lines know the item without being asked."""
    for line in notice.lines.all():
        line.order_line.item = line.item
        yield line


def counted_by_line(request: HttpRequest, notice: Asn) -> dict[str, Any]:
    """What was counted by line, as ``24`` or ``2 box=23``; nothing typed means as announced."""
    found: dict[UUID, Decimal] = {}
    pieces: dict[UUID, Decimal] = {}
    problems: list[Refusal] = []
    for line in _lines(notice):
        text = request.POST.get(f"counted-{line.pk}")
        if text is None:
            continue
        typed_line = EntryLine(line.line_no, line.line_no, {"qty": text})
        found[line.pk], count = counted_quantity(typed_line, line.order_line, problems)
        if count is not None:
            pieces[line.pk] = count
        if found[line.pk] < 0 or not text.strip():
            words = _("Line %(line)s: “%(text)s” is not a quantity.") % {"line": line.line_no, "text": text[:20]}
            problems.append(ValidationRefused(words, line=line.line_no, field="qty", value=text[:20]))
    if problems:
        raise Refusal.many(problems)
    return {"quantities": found or None, "counts": pieces or None}


def damaged_by_line(request: HttpRequest, notice: Asn) -> dict[UUID, Decimal] | None:
    """What was damaged by line."""
    found: dict[UUID, Decimal] = {}
    problems: list[Refusal] = []
    for line in notice.lines.all():
        text = request.POST.get(f"damaged-{line.pk}", "")
        if not text.strip():
            continue
        counted = amount_of(text)
        if counted is None or counted < 0:
            words = _("Line %(line)s: “%(text)s” is not a quantity.") % {"line": line.line_no, "text": text[:20]}
            problems.append(ValidationRefused(words, line=line.line_no, field="qty", value=text[:20]))
            continue
        found[line.pk] = counted
    if problems:
        raise Refusal.many(problems)
    return found or None
