"""A column of a list: where its value comes from, how it is drawn, sorted, summed and exported."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from html import escape
from typing import Any

from django.utils import timezone
from django.utils.html import conditional_escape, format_html

from portals.ui import chips, formats
from portals.ui.drawn_chips import draw_chip, draw_state
from portals.ui.escaped import escaped

Draw = Callable[[Any], str]

_NUMERIC = {"money", "price", "qty", "percent", "number"}
_PHONE = {"money": "amount", "chip": "chip", "date": "meta", "moment": "meta", "text": "title"}

_PRINTERS: dict[str, Callable[[Any], str]] = {
    "money": formats.money,
    "price": formats.price,
    "qty": formats.qty,
    "percent": formats.percent,
    "number": formats.qty,
    "date": formats.short_day,
    "moment": formats.moment,
}


def reach(row: Any, path: str) -> Any:
    """Follow `customer.name` through attributes, keys and callables; nothing where the way ends."""
    value = row
    for step in path.split("."):
        if value is None:
            return None
        value = value.get(step) if isinstance(value, dict) else getattr(value, step, None)
        if callable(value):
            value = value()
    return value


@dataclass(frozen=True)
class Column:
    """`kind`: text, money, price, qty, percent, number, date, moment, chip (with `axis`), bool.

    `value` is a path or a function of the row (the key when left out). `sort` is an ORM expression (`True`: the value's path).
    `total` names a field or is an expression, summed over the whole filtered set. `link` makes the cell a link to the row
    (the first column is one). `render` draws the cell itself. `phone`: lead, amount, title, meta, chip or hide.
    """

    key: str
    label: Any
    kind: str = "text"
    value: str | Callable[[Any], Any] = ""
    sort: str | bool = False
    total: Any = ""
    axis: str = ""
    share: str | Callable[[Any], Any] = ""
    unit: str | Callable[[Any], Any] = ""
    sub: str | Callable[[Any], Any] = ""
    url: Callable[[Any], str] | None = None
    render: Callable[[Any], Any] | None = None
    strong: bool = False
    shown: bool = True
    phone: str = ""
    field: str = ""

    @property
    def numeric(self) -> bool:
        return self.kind in _NUMERIC

    @property
    def order(self) -> str:
        """The ORM expression this column sorts by, or nothing."""
        if self.sort is True:
            path = self.value if isinstance(self.value, str) and self.value else self.key
            return path.replace(".", "__")
        return self.sort or ""

    @property
    def place(self) -> str:
        return self.phone or _PHONE.get(self.kind, "meta")

    def read(self, row: Any) -> Any:
        """The bare value of a row."""
        return self._of(row, self.value or self.key)

    @staticmethod
    def _of(row: Any, source: str | Callable[[Any], Any]) -> Any:
        return source(row) if callable(source) else reach(row, source)

    def drawer(self) -> Draw:
        """Draws the cells of one answer as html: what many rows have in common is drawn once."""
        if self.render:
            render = self.render
            return lambda row: conditional_escape(render(row))
        if self.kind == "chip":
            return self._chip_drawer()
        if self.kind == "bool":
            return lambda row: draw_chip(chips.chip("active", bool(self.read(row))))
        if self.unit or self.url or self.sub:
            return self._compound
        read, printed = _reader(self.value or self.key), _PRINTERS.get(self.kind)
        if printed is None:
            return lambda row: _text_of(read(row))
        known = _Drawn(lambda value: escape(printed(value)))
        return lambda row: known[read(row)]

    def _compound(self, row: Any) -> str:
        """A value with its unit, its link or a line below it."""
        value = self.read(row)
        shown: Any = _PRINTERS.get(self.kind, _text)(value)
        if self.unit and value is not None:
            shown = format_html('{} <span class="t2">{}</span>', shown, self._of(row, self.unit) or "")
        target = self.url(row) if self.url else ""
        if target:
            shown = format_html('<a href="{}">{}</a>', target, shown)
        sub = self._of(row, self.sub) if self.sub else ""
        return format_html('{}<span class="d2">{}</span>', shown, sub) if sub else conditional_escape(shown)

    def _chip_drawer(self) -> Draw:
        axis, share, read = self.axis or self.key, self.share, _reader(self.value or self.key)
        known = _Drawn(lambda state: draw_state(axis, *state))

        def draw(row: Any) -> str:
            value = read(row)
            if isinstance(value, chips.Chip):
                return draw_chip(value)
            if value in (None, ""):
                return formats.NOTHING
            return known[value, self._of(row, share) if share else None]

        return draw

    def raw(self, row: Any) -> Any:
        """The value for a file: numbers and dates stay numbers and dates, chips are their words."""
        value = self.read(row)
        if self.kind == "chip":
            made = value if isinstance(value, chips.Chip) else chips.chip(self.axis or self.key, value)
            return str(made.label) if value not in (None, "") else ""
        if self.kind == "bool":
            return str(chips.chip("active", bool(value)).label)
        if isinstance(value, datetime):
            return timezone.make_naive(value) if timezone.is_aware(value) else value
        if value is None or isinstance(value, (int, float, Decimal, date)):
            return value
        return str(value)


class _Drawn(dict[Any, str]):
    """Html by the value it was drawn of."""

    def __init__(self, draw: Callable[[Any], str]) -> None:
        super().__init__()
        self._draw = draw

    def __missing__(self, value: Any) -> str:
        drawn = self[value] = self._draw(value)
        return drawn


def _reader(source: str | Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The function of the row that a column's `value` stands for."""
    return source if callable(source) else lambda row: reach(row, source)


def _text(value: Any) -> str:
    return formats.NOTHING if value in (None, "") else str(value)


def _text_of(value: Any) -> str:
    """A text as html."""
    return escaped(_text(value))
