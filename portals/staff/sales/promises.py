"""Promised dates as the sales pages show them: in words, as a cell, and how they came about."""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from backend.availability.models import DemandLine
from backend.availability.parts import STOCK, Parts, from_json, trim
from backend.availability.parts import Part as PromisePart
from backend.availability.selectors import LadderRow
from backend.kernel import clock
from backend.kernel.prepared import Found, Prepared
from portals.staff.shared.words import firmness
from portals.ui import formats
from portals.ui.components import Part, Promise, Rung, Why
from portals.ui.navigation import document_address


def parts_of(demand: Any) -> Parts:
    """What stands of a demand's promise: what was shipped is taken off the earliest parts."""
    return trim(from_json(demand.promise.parts), demand.open_qty) if hasattr(demand, "promise") else ()


def day_words(day: date | None) -> str:
    """today, a short date, or that there is none yet."""
    if day is None:
        return _("no date yet")
    if day <= clock.today():
        return _("today")
    return formats.short_day(day)


def part_words(part: PromisePart, *, whole: bool = False) -> str:
    """`80 today`, `20 on 12-06`; without the quantity when it is the whole."""
    when = day_words(part.date)
    if whole:
        return when
    qty = formats.qty(part.qty)
    if part.date is None or part.date <= clock.today():
        return _("%(qty)s %(when)s") % {"qty": qty, "when": when}
    return _("%(qty)s on %(when)s") % {"qty": qty, "when": when}


def _shown_day(part: PromisePart) -> date | None:
    """The day a reader sees: what is overdue or lies here reads as today."""
    return part.date and max(part.date, clock.today())


def _together(parts: Sequence[PromisePart], alike: Callable[[PromisePart], Hashable]) -> list[PromisePart]:
    """The parts that read alike as one, in the order of the first of each: five lots of one day are one figure."""
    found: dict[Hashable, PromisePart] = {}
    for part in parts:
        key = alike(part)
        found[key] = replace(part, qty=found[key].qty + part.qty) if key in found else part
    return list(found.values())


def summary(parts: Sequence[PromisePart]) -> str:
    """All days in a line."""
    days = _together(parts, _shown_day)
    if len(days) == 1:
        return part_words(days[0], whole=True)
    return " · ".join(part_words(part) for part in days)


def _look(part: PromisePart, wanted: date | None) -> str:
    """Done from stock, under way, amber when it comes later than wanted, red when nobody knows."""
    if part.date is None:
        return "bad"
    if wanted and part.date > wanted:
        return "need"
    return "done" if part.source == STOCK else "go"


def short_number(number: str) -> str:
    """`CGDD-20261127-00009` → `CGDD-…00009`, for a cell that links to it."""
    pieces = number.split("-")
    return f"{pieces[0]}-…{pieces[-1]}" if len(pieces) == 3 else number


def _source(parts: Sequence[PromisePart]) -> str:
    """Where the last part comes from."""
    last = parts[-1]
    if last.source == STOCK:
        return ""
    words = firmness(last.firmness or last.source, last.source_type)
    return f"{short_number(last.source_number)} {words}" if last.source_number else words


def cell(parts: Sequence[PromisePart], *, wanted: date | None = None, why: Why | None = None) -> Promise | str:
    """The promise of a line; nothing where nothing is promised."""
    if not parts:
        return ""
    days = _together(parts, lambda part: (_look(part, wanted), _shown_day(part)))
    drawn = [Part(part.qty, _look(part, wanted), part_words(part, whole=len(days) == 1)) for part in days]
    url = document_address(parts[-1].source_type, parts[-1].source_number)
    return Promise(drawn, _source(parts), why, url)


# --- in lists ------------------------------------------------------------------------------------------
_promised = Prepared(
    lambda orders: (
        DemandLine.objects.filter(ref_id__in=orders, open_qty__gt=0, promise__isnull=False)
        .select_related("promise")
        .only("ref_id", "open_qty", "required_date", "promise__parts", "promise__promise_date")
    )
)


def of_orders(keys: Collection[UUID]) -> Found[DemandLine]:
    """What is promised of these orders, in one statement."""
    return _promised.found(keys)


def attach_to(orders: Iterable[Any], found: Found[DemandLine]) -> None:
    """Put `open_promises` on each order of a page."""
    by_order: dict[Any, list[Any]] = defaultdict(list)
    for demand in found.objects():
        by_order[demand.ref_id].append(demand)
    for row in orders:
        row.open_promises = by_order.get(row.pk, [])


def list_cell(order: Any) -> Any:
    """The promise of an order in a list: the parts of the line that decides, or the last date; amber when it is late."""
    demands = getattr(order, "open_promises", [])
    if not demands:
        return formats.short_day(order.promise_date)
    dated = [demand for demand in demands if demand.promise.promise_date]
    if len(dated) < len(demands):
        return _in_lines([day_words(None)], "c-signal b6")
    decisive = max(dated, key=lambda demand: demand.promise.promise_date)
    days = _together(parts_of(decisive), _shown_day)
    words = [part_words(part) for part in days] if len(days) > 1 else [day_words(decisive.promise.promise_date)]
    late = any(demand.promise.promise_date > demand.required_date for demand in dated)
    return _in_lines(words, "c-signal b6" if late else "")


def _in_lines(words: Sequence[str], look: str) -> SafeString:
    """What comes first, and below it the last day, which decides: a column is too narrow for all of them."""
    first = format_html('<span class="tn {}">{}</span>', look, words[0])
    if len(words) == 1:
        return first
    last = f"… {words[-1]}" if len(words) > 2 else words[-1]
    return format_html('{}<span class="d2 tn {}">{}</span>', first, look, last)


# --- how it came about -----------------------------------------------------------------------------------
def rungs_of(rows: Iterable[LadderRow], unit: str = "") -> list[Rung]:
    """The ladder of a promise as the popover draws it."""
    found = []
    for row in rows:
        info, result = row.emphasis == "info", row.emphasis in {"result", "signal"}
        value = formats.qty(row.qty) if row.qty is not None else ""
        value = f"{value} {unit}".strip() if value else ""
        if row.date and result:
            value = " · ".join(part for part in (value, day_words(row.date)) if part)
        note = row.note
        if row.date and not result and not info:
            note = " · ".join(part for part in (_("due %(day)s") % {"day": formats.short_day(row.date)}, note) if part)
        url = document_address(row.doc_type, row.number) if row.doc_type and not info else ""
        found.append(
            Rung(row.label, value, row.sign, note, url, "", result=result, signal=row.emphasis == "signal", info=info)
        )
    return found
