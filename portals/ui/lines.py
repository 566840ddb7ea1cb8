"""The lines of a document: their columns, what a cell may hold, and both as html.

Drawn without templates: a document has hundreds of cells, and templates took most of its time. Invariant: every value is
escaped where it is put in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from portals.ui import formats
from portals.ui.chips import Chip
from portals.ui.components import Promise, Why
from portals.ui.drawn_chips import draw_chip, draw_state
from portals.ui.escaped import escaped
from portals.ui.explained import DrawAction, draw_promise, draw_why

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


_PRINTERS = {
    "money": formats.money,
    "price": formats.price,
    "qty": formats.qty,
    "percent": formats.percent,
    "number": formats.qty,
    "date": formats.short_day,
}
_PLACES = {"item": "tk-item ", "promise": "prom "}


def draw_lines(columns: Sequence[LineColumn], lines: Sequence[Line], draw_action: DrawAction) -> SafeString:
    """The rows of the table."""
    places = [(column, _classes(column), _label(column)) for column in columns]
    return mark_safe("".join([_row(line, places, draw_action) for line in lines]))


def _classes(column: LineColumn) -> str:
    return f"{_PLACES.get(column.kind, '')}{'num ' if column.numeric else ''}{column.phone_class}"


def _label(column: LineColumn) -> str:
    """What a phone writes before the value; an item needs no heading."""
    return "" if column.kind == "item" else f' data-l="{escaped(column.label)}"'


def _row(line: Line, places: Sequence[tuple[LineColumn, str, str]], draw_action: DrawAction) -> str:
    cells = [f'<td class="num t2 hide">{escaped(line.no)}</td>']
    for column, css, label in places:
        error = line.errors.get(column.key, "")
        drawn = _explained(column, line.cells.get(column.key), f"why-{line.no}-{column.key}", draw_action)
        wrong = f'<span class="d2 c-danger">{escaped(error)}</span>' if error else ""
        cells.append(f'<td class="{css}{" bad" if error else ""}"{label}>{drawn}{wrong}</td>')
    mark = f' class="{line.mark}"' if line.mark else ""
    return f"<tr{mark}>{''.join(cells)}</tr>"


def _explained(column: LineColumn, value: Any, popover: str, draw_action: DrawAction) -> str:
    """A cell with the popover that explains it."""
    if isinstance(value, Promise):
        return draw_promise(value, popover, draw_action)
    why = getattr(value, "why", None)
    return cell_html(column, value, popover) + (draw_why(why, popover, draw_action) if why else "")


def cell_html(column: LineColumn, value: Any, popover: str) -> str:
    """A line's cell: the number in the reader's format, its unit and second line, a button when it can explain itself."""
    if isinstance(value, Chip):
        return draw_chip(value)
    if isinstance(value, Stock):
        return _stock_html(value, popover)
    cell = value if isinstance(value, Cell) else Cell(value)
    if column.kind == "chip" and cell.value not in (None, "", formats.NOTHING):
        return draw_state(column.axis or column.key, cell.value)
    if column.kind == "item":
        return _item_html(cell)
    empty = cell.value in (None, "")
    printer = _PRINTERS.get(column.kind)
    shown = escaped(printer(cell.value) if printer else formats.NOTHING if empty else cell.value)
    if column.strong and not empty:
        shown = f'<b class="b">{shown}</b>'
    if cell.unit and not empty:
        shown = f'{shown} <span class="t2">{escaped(cell.unit)}</span>'
    if cell.url:
        shown = f'<a href="{escaped(cell.url)}">{shown}</a>'
    if cell.why:
        shown = f'<button type="button" class="tk-num-why" popovertarget="{popover}">{shown}</button>'
    if cell.signal:
        shown = f'<span class="c-signal b6">{shown}</span>'
    if cell.sub:
        shown = f'{shown}<span class="d2{" c-signal" if cell.sub_signal else ""}">{escaped(cell.sub)}</span>'
    return shown


def _item_html(cell: Cell) -> str:
    name = f"<b>{escaped(cell.value)}</b>"
    if cell.url:
        name = f'<a class="ink" href="{escaped(cell.url)}">{name}</a>'
    return f'{name}<span class="d2">{escaped(cell.sub)}</span>' if cell.sub else name


def _stock_html(stock: Stock, popover: str) -> str:
    short = stock.short not in (None, "", 0)
    available = formats.qty(stock.available)
    if stock.why:
        available = f'<button type="button" class="tk-num-why" popovertarget="{popover}">{available}</button>'
    line = f'<div class="tk-stk{" short" if short else ""}"><b>{available}</b> / {formats.qty(stock.needed)}</div>'
    if not short:
        return line
    words = escaped(_("short %(qty)s") % {"qty": formats.qty(stock.short)})
    return f'{line}<span class="d2 c-signal">{words}</span>'
