"""A column of a list: where its value comes from, how it is drawn, sorted, summed and exported."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from portals.ui import chips, formats
from portals.ui.templatetags.ui import draw_chip, draw_state

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
    `total` names a field, summed over the whole filtered set. `link` makes the cell a link to the row (the first column is one).
    `render` draws the cell itself. `phone`: lead, amount, title, meta, chip or hide.
    """

    key: str
    label: Any
    kind: str = "text"
    value: str | Callable[[Any], Any] = ""
    sort: str | bool = False
    total: str = ""
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

    def draw(self, row: Any) -> SafeString | str:
        """The cell's content."""
        if self.render:
            return conditional_escape(self.render(row))
        value = self.read(row)
        if self.kind == "chip":
            return self._chip(row, value)
        if self.kind == "bool":
            return draw_chip(chips.chip("active", bool(value)))
        shown: Any = _PRINTERS.get(self.kind, _text)(value)
        if self.unit and value is not None:
            shown = format_html('{} <span class="t2">{}</span>', shown, self._of(row, self.unit) or "")
        target = self.url(row) if self.url else ""
        if target:
            shown = format_html('<a href="{}">{}</a>', target, shown)
        sub = self._of(row, self.sub) if self.sub else ""
        return format_html('{}<span class="d2">{}</span>', shown, sub) if sub else conditional_escape(shown)

    def _chip(self, row: Any, value: Any) -> SafeString | str:
        if isinstance(value, chips.Chip):
            return draw_chip(value)
        if value in (None, ""):
            return formats.NOTHING
        share = self._of(row, self.share) if self.share else None
        return draw_state(self.axis or self.key, value, share)

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


def _text(value: Any) -> str:
    return formats.NOTHING if value in (None, "") else str(value)
