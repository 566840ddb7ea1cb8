"""Lines counted in another unit of their item: two boxes of twelve are twenty-four pieces, and stay two boxes on paper.

Purchasing and sales key lines alike: with a ``unit_id`` quantity and price are those of that unit. Lines without one
cost no statement here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Protocol, TypeVar
from uuid import UUID

from django.utils.translation import gettext as _

from backend.catalog.models import Item, ItemUnit
from backend.catalog.services.units import to_own_unit, units_of
from backend.kernel.errors import ValidationRefused
from backend.kernel.money import round_price

_STEP = Decimal("0.0001")
_TOLERANCE = Decimal("0.001")  # beyond what rounding makes of a share


class Keyed(Protocol):
    """What a keyed line has."""

    @property
    def item_id(self) -> UUID: ...
    @property
    def qty(self) -> Decimal: ...
    @property
    def price(self) -> Decimal | None: ...
    @property
    def unit_id(self) -> UUID | None: ...
    @property
    def factor(self) -> Decimal | None: ...


L = TypeVar("L", bound=Keyed)


def in_own_units(inputs: Sequence[L], counted: type[L]) -> list[L]:
    """The same lines with quantity and price in the items' own units; two statements when one was keyed otherwise.

    ``counted`` is the kind of line that carries ``unit_qty``; lines of that kind are in their own units already.
    """
    keyed = {line.item_id for line in inputs if line.unit_id and not isinstance(line, counted)}
    if not keyed:
        return list(inputs)
    items = {item.pk: item for item in Item.objects.select_related("unit").filter(pk__in=keyed)}
    units = units_of(keyed)
    made = []
    for number, line in enumerate(inputs, 1):
        item = items.get(line.item_id)
        if item is None or not line.unit_id or isinstance(line, counted) or line.unit_id == item.unit_id:
            made.append(line)
            continue
        qty, holds = to_own_unit(
            line.qty, item=item, unit_id=line.unit_id, factor=line.factor, units=units[item.pk], line=number
        )
        price = None if line.price is None else round_price(line.price / holds)
        made.append(counted(**{**_values(line), "qty": qty, "price": price, "factor": holds, "unit_qty": line.qty}))
    return made


def _values(line: Any) -> dict[str, Any]:
    return {field.name: getattr(line, field.name) for field in fields(line)}


def keyed_as(line: Any) -> dict[str, Any]:
    """The columns of a line that say how it was counted."""
    if (counted := getattr(line, "unit_qty", None)) is None:
        return {"line_unit_id": None, "line_qty": None}
    return {"line_unit_id": line.unit_id, "line_qty": counted}


def counted_share(source: Any, qty: Decimal, counted: Decimal | None = None) -> dict[str, Any]:
    """The same columns for ``qty`` of a line: as it was counted, or in proportion."""
    if not source.line_unit_id or not source.line_qty or not source.qty:
        return {"line_unit_id": None, "line_qty": None}
    share = counted if counted is not None else (source.line_qty * qty / source.qty).quantize(_STEP)
    return {"line_unit_id": source.line_unit_id, "line_qty": share}


def split_count(line: Any, parts: Sequence[Decimal]) -> list[Decimal | None]:
    """What each part of a line counts, in proportion to its quantity; the last takes the rest."""
    if not line.line_qty:
        return [None] * len(parts)
    shares = [(line.line_qty * part / line.qty).quantize(_STEP) for part in parts[:-1]]
    return [*shares, line.line_qty - sum(shares, Decimal(0))]


@dataclass(frozen=True)
class Weighed:
    """``qty`` of an item that were counted as ``counted`` of a unit: two cartons that weigh 24.1 kg."""

    line: int
    item: Item
    unit_id: UUID | None
    qty: Decimal
    counted: Decimal


def fixed_problems(rows: Iterable[Weighed]) -> list[ValidationRefused]:
    """A refusal for each count that is not possible: fixed units always hold the same. One statement, none without rows."""
    found = [(row, row.unit_id) for row in rows if row.unit_id]
    if not found:
        return []
    units = units_of(row.item.pk for row, _unit in found)
    problems = []
    for row, unit_id in found:
        if row.counted <= 0:
            problems.append(_not_counted(row))
            continue
        try:
            to_own_unit(
                row.counted,
                item=row.item,
                unit_id=unit_id,
                factor=None if is_fixed(row, units[row.item.pk]) else row.qty / row.counted,
                units=units[row.item.pk],
                line=row.line,
            )
        except ValidationRefused as refused:
            problems.append(refused)
    return problems


def is_fixed(row: Weighed, units: Sequence[ItemUnit]) -> bool:
    """Whether the count says what the unit says anyway."""
    holds = next((unit.factor for unit in units if unit.unit_id == row.unit_id), None)
    return holds is not None and abs(row.counted * holds - row.qty) < _STEP


def _not_counted(row: Weighed) -> ValidationRefused:
    words = _("Line %(line)s: %(counted)s is not a count of %(item)s.")
    where = {"line": row.line, "item": row.item, "counted": f"{row.counted.normalize():f}"}
    return ValidationRefused(words % where, line=row.line, field="qty", value=row.counted)


def is_weighed(line: Any, source: Any) -> bool:
    """Whether a line's own count differs from what its source would make of its quantity."""
    if not line.line_qty or not source.line_qty or not source.qty:
        return False
    return abs(line.line_qty - source.line_qty * line.qty / source.qty) > _TOLERANCE
