"""Quantities as people type them: ``24``, ``2 箱`` or ``2 box``, and for floating units ``2 箱=23.4``."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from backend.catalog.models import Item, ItemUnit
from backend.catalog.services.units import to_own_unit
from backend.kernel.errors import Refusal, ValidationRefused
from backend.kernel.money import ZERO
from portals.staff.sales.entry import number_of
from portals.ui import formats
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
