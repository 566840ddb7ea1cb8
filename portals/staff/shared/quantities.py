"""Quantities as people type them: ``24``, ``2 箱`` or ``2 box``, and for floating units ``2 箱=23.4``."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from backend.catalog.models import Item, ItemUnit
from backend.catalog.services.counting import counted_share
from backend.catalog.services.units import to_own_unit
from backend.kernel.errors import Refusal, ValidationRefused
from backend.kernel.money import ZERO
from portals.ui import formats
from portals.ui.counted import counted
from portals.ui.line_grid import EntryLine
from portals.ui.typed import amount_of

_TYPED = re.compile(r"^([\d.,，]+)\s*([^\d\s.,，=]+)\s*(?:=\s*([\d.,，]+))?$")


@dataclass(frozen=True)
class TypedQuantity:
    """``qty`` in the unit that was typed (None: the item's own), ``own`` in the item's own; one unit ``holds`` so much."""

    qty: Decimal
    own: Decimal
    unit: ItemUnit | None = None
    holds: Decimal = Decimal(1)


def typed_quantity(
    line: EntryLine, item: Item, units: Sequence[ItemUnit], problems: list[Refusal], key: str = "qty"
) -> TypedQuantity:
    """What the cell says; what cannot be read becomes a problem of the cell."""
    found = _TYPED.match(line.text(key).strip())
    if found is None:
        plain = number_of(line, key, problems) or ZERO
        return TypedQuantity(plain, plain)
    qty, own = amount_of(found.group(1)), amount_of(found.group(3) or "0")
    if qty is None or own is None:
        number_of(line, key, problems)
        return TypedQuantity(ZERO, ZERO)
    if found.group(2).casefold() in _names(item.unit):
        return TypedQuantity(qty, qty)
    unit = next((row for row in units if found.group(2).casefold() in _names(row.unit)), None)
    if unit is None:
        problems.append(_unknown(line, item, units, found.group(2), key))
        return TypedQuantity(ZERO, ZERO)
    factor = own / qty if own and qty else None
    try:
        inside, holds = to_own_unit(qty, item=item, unit_id=unit.unit_id, factor=factor, units=units, line=line.no)
    except ValidationRefused as refused:
        problems.append(ValidationRefused(refused.message, line=line.no, field=key, value=line.text(key)[:20]))
        return TypedQuantity(ZERO, ZERO)
    return TypedQuantity(qty, inside, unit, holds)


def counted_quantity(line: EntryLine, source: Any, problems: list[Refusal]) -> tuple[Decimal, Decimal | None]:
    """How much of an order's line a cell says, and how many of the unit that it was ordered in, when those are counted."""
    found = _TYPED.match(line.text("qty").strip())
    if found is None or source is None:
        return number_of(line, "qty", problems) or ZERO, None
    count, own = amount_of(found.group(1)), amount_of(found.group(3) or "0")
    if count is None or own is None:
        return number_of(line, "qty", problems) or ZERO, None
    if found.group(2).casefold() in _names(source.item.unit):
        return count, None
    if not source.is_counted or found.group(2).casefold() not in _names(source.line_unit):
        words = _("Line %(line)s: %(item)s was not ordered in “%(unit)s”.")
        where = {"line": line.no, "item": source.item, "unit": found.group(2)[:12]}
        problems.append(ValidationRefused(words % where, line=line.no, field="qty", value=line.text("qty")[:20]))
        return ZERO, None
    return own or round(count * source.holds, source.item.unit.decimals), count


def counted_words(source: Any, qty: Decimal, count: Decimal | None = None) -> str:
    """``qty`` of an order's line as it is typed: with the unit that it was ordered in."""
    if not source.is_counted or not qty:
        return formats.plain(qty) if qty else ""
    shown = counted_share(source, qty, count)["line_qty"]
    return f"{formats.plain(shown)} {source.line_unit}={formats.plain(qty)}"


def ordered_units(source: Any) -> str:
    """The units that an order's line can be counted in."""
    own = str(source.item.unit)
    return f"{own} · {source.line_unit}={formats.qty(source.holds)}" if source.is_counted else own


def number_of(line: EntryLine, key: str, problems: list[Refusal]) -> Decimal | None:
    """A typed number, thousands separators allowed; what cannot be read becomes a problem of its cell."""
    text = line.text(key).replace(",", "").replace("，", "").replace(" ", "")
    if not text:
        return None
    number = amount_of(text)
    if number is None:
        words = _("Line %(line)s: “%(text)s” is not a number.") % {"line": line.no, "text": line.text(key)[:20]}
        problems.append(ValidationRefused(words, line=line.no, field=key, value=line.text(key)[:20]))
        return None
    return number


def keyed_words(line: Any, qty: Decimal) -> str:
    """A saved line's quantity as it is typed: ``2 箱=24``, or nothing when it is in the item's own unit."""
    if not counted(line):
        return ""
    return f"{formats.plain(line.line_qty)} {line.line_unit}={formats.plain(qty)}"


def _names(unit: object) -> set[str]:
    return {str(getattr(unit, name)).casefold() for name in ("code", "name", "name_en") if getattr(unit, name)}


def _unknown(line: EntryLine, item: Item, units: Sequence[ItemUnit], typed: str, key: str) -> ValidationRefused:
    words = _("Line %(line)s: %(item)s is not counted in “%(unit)s”.")
    return ValidationRefused(
        words % {"line": line.no, "item": item, "unit": typed[:12]},
        line=line.no,
        field=key,
        value=line.text(key)[:20],
        way_out=_("Its units: %(units)s.") % {"units": unit_words(item, units)},
    )


def unit_words(item: Item, units: Sequence[ItemUnit]) -> str:
    """The item's own unit, and what it is also counted in."""
    return " · ".join([str(item.unit), *(f"{row.unit}={formats.qty(row.factor)}" for row in units)])
