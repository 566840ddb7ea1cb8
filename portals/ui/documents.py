"""The page of a document: a subclass gives a `DocumentSheet`, the template lays it out.

Header with number and axis chips, one primary button for the next sensible step, facts, lines whose computed numbers open to
how they came about, totals, and the rail: related documents, voucher, timeline, messages, files. Every part may be left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views import View

from portals.ui import chips, formats
from portals.ui.chips import Chip
from portals.ui.components import (
    Action,
    Banner,
    Crumb,
    ErrorBlock,
    Fact,
    FileRef,
    GraphNode,
    Message,
    Promise,
    RelatedLine,
    TimelineEntry,
    Total,
    Why,
)
from portals.ui.guards import GuardedView

_NUMERIC = {"money", "price", "qty", "percent", "number", "stock"}


@dataclass(frozen=True)
class LineColumn:
    """A column of the lines. `kind`: text, item, money, price, qty, percent, number, date, promise, stock, chip."""

    key: str
    label: Any
    kind: str = "text"
    axis: str = ""
    strong: bool = False
    phone: str = ""

    @property
    def numeric(self) -> bool:
        return self.kind in _NUMERIC

    @property
    def phone_class(self) -> str:
        """On a phone a line is a card: items and promises take the width, `hide` leaves a column out."""
        return self.phone or ("full" if self.kind in {"item", "promise"} else "")


@dataclass(frozen=True)
class Cell:
    """A value with what surrounds it: a second line, a unit, a link, an explanation, a signal.

    ``printed`` is what of the second line also stands on paper.
    """

    value: Any
    sub: Any = ""
    unit: Any = ""
    url: str = ""
    why: Why | None = None
    signal: bool = False
    sub_signal: bool = False
    printed: str = ""


@dataclass(frozen=True)
class Stock:
    """Available against needed."""

    available: Any
    needed: Any
    short: Any = None
    why: Why | None = None


@dataclass(frozen=True)
class Line:
    """One line: its number and a value for each column key (bare values, `Cell`, `Promise`, `Stock` or `Chip`)."""

    no: int
    cells: Mapping[str, Any]
    errors: Mapping[str, str] = field(default_factory=dict)
    mark: str = ""


@dataclass(frozen=True)
class DocumentSheet:
    """All that the document page shows. Leave out what does not apply."""

    number: str
    title: Any
    chips: Sequence[Chip] = ()
    crumbs: Sequence[Crumb] = ()
    previous_url: str = ""
    next_url: str = ""
    primary: Action | None = None
    primary_more: Sequence[Action] = ()
    secondary: Sequence[Action] = ()
    more: Sequence[Action] = ()
    print_url: str = ""
    banner: Banner | None = None
    facts: Sequence[Fact] = ()
    columns: Sequence[LineColumn] = ()
    lines: Sequence[Line] = ()
    lines_empty: Any = ""
    totals: Sequence[Total] = ()
    remark: str = ""
    amount_in_words: Any = None
    goods: Sequence[RelatedLine] = ()
    graph: Sequence[GraphNode] = ()
    flow_url: str = ""
    vouchers: Sequence[RelatedLine] | None = None
    voucher_note: Any = ""
    timeline: Sequence[TimelineEntry] = ()
    timeline_more_url: str = ""
    messages: Sequence[Message] | None = None
    message_url: str = ""
    message_audiences: Sequence[tuple[str, Any]] = ()
    files: Sequence[FileRef] | None = None
    upload_url: str = ""
    error: ErrorBlock | None = None


class DocumentPage(GuardedView, View):
    """Subclass, set `permission`, write `sheet()`; override blocks of `ui/document.html` in an own template when needed."""

    template_name: ClassVar[str] = "ui/document.html"

    def sheet(self) -> DocumentSheet:
        """Read the document (self.kwargs has the number) and say what the page shows."""
        raise NotImplementedError

    def extra_context(self) -> Mapping[str, Any]:
        return {}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return draw(request, self.sheet(), template=self.template_name, **self.extra_context())


def draw(
    request: HttpRequest, sheet: DocumentSheet, *, template: str = "ui/document.html", **extra: Any
) -> HttpResponse:
    """Answer with a document page, also from a plain function view."""
    status = 409 if sheet.error else 200
    rows = [{"line": line, "cells": [_cell(column, line, sheet) for column in sheet.columns]} for line in sheet.lines]
    return render(request, template, {"sheet": sheet, "rows": rows, **extra}, status=status)


def _cell(column: LineColumn, line: Line, sheet: DocumentSheet) -> dict[str, Any]:
    value = line.cells.get(column.key)
    popover = f"why-{line.no}-{column.key}"
    why = getattr(value, "why", None)
    return {
        "column": column,
        "html": "" if isinstance(value, Promise) else cell_html(column, value, popover),
        "promise": value if isinstance(value, Promise) else None,
        "why": None if isinstance(value, Promise) else why,
        "wid": popover,
        "error": line.errors.get(column.key, ""),
    }


_PRINTERS = {
    "money": formats.money,
    "price": formats.price,
    "qty": formats.qty,
    "percent": formats.percent,
    "number": formats.qty,
    "date": formats.short_day,
}


def cell_html(column: LineColumn, value: Any, popover: str) -> SafeString | str:
    """A line's cell: the number in the reader's format, its unit and second line, a button when it can explain itself."""
    if isinstance(value, Chip):
        return chips_html(value)
    if isinstance(value, Stock):
        return _stock_html(value, popover)
    cell = value if isinstance(value, Cell) else Cell(value)
    if column.kind == "chip":
        return chips_html(chips.chip(column.axis or column.key, cell.value))
    printer = _PRINTERS.get(column.kind)
    shown: Any = printer(cell.value) if printer else (formats.NOTHING if cell.value in (None, "") else cell.value)
    if column.kind == "item":
        return _item_html(cell)
    if column.strong and cell.value not in (None, ""):
        shown = format_html('<b class="b">{}</b>', shown)
    if cell.unit and cell.value not in (None, ""):
        shown = format_html('{} <span class="t2">{}</span>', shown, cell.unit)
    if cell.url:
        shown = format_html('<a href="{}">{}</a>', cell.url, shown)
    if cell.why:
        shown = format_html('<button type="button" class="tk-num-why" popovertarget="{}">{}</button>', popover, shown)
    if cell.signal:
        shown = format_html('<span class="c-signal b6">{}</span>', shown)
    if cell.sub:
        shown = format_html('{}<span class="d2{}">{}</span>', shown, " c-signal" if cell.sub_signal else "", cell.sub)
    return conditional_escape(shown)


def _item_html(cell: Cell) -> SafeString:
    name = format_html("<b>{}</b>", cell.value)
    if cell.url:
        name = format_html('<a class="ink" href="{}">{}</a>', cell.url, name)
    return format_html('{}<span class="d2">{}</span>', name, cell.sub) if cell.sub else name


def _stock_html(stock: Stock, popover: str) -> SafeString:
    short = stock.short not in (None, "", 0)
    available: Any = formats.qty(stock.available)
    if stock.why:
        available = format_html(
            '<button type="button" class="tk-num-why" popovertarget="{}">{}</button>', popover, available
        )
    line = format_html(
        '<div class="tk-stk{}"><b>{}</b> / {}</div>', " short" if short else "", available, formats.qty(stock.needed)
    )
    if not short:
        return line
    return format_html(
        '{}<span class="d2 c-signal">{}</span>', line, _("short %(qty)s") % {"qty": formats.qty(stock.short)}
    )


def chips_html(chip: Chip) -> SafeString:
    from portals.ui.templatetags.ui import draw_chip

    return draw_chip(chip)
