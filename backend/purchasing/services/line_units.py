"""Lines keyed in another unit of their item: two boxes of twelve become twenty-four pieces, and stay two boxes on paper."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from decimal import Decimal

from backend.catalog.models import Item
from backend.catalog.services.units import to_own_unit, units_of
from backend.kernel.money import round_price
from backend.purchasing.services.inputs import LineInput


@dataclass(frozen=True)
class KeyedLine(LineInput):
    """A line in the item's own unit that was keyed as ``unit_qty`` of ``unit_id``."""

    unit_qty: Decimal | None = None


def in_own_units(inputs: Sequence[LineInput]) -> list[LineInput]:
    """The same lines with quantity and price in the items' own units; two statements when one was keyed otherwise."""
    keyed = {line.item_id for line in inputs if line.unit_id and not isinstance(line, KeyedLine)}
    if not keyed:
        return list(inputs)
    items = {item.pk: item for item in Item.objects.select_related("unit").filter(pk__in=keyed)}
    units = units_of(keyed)
    made = []
    for number, line in enumerate(inputs, 1):
        item = items.get(line.item_id)
        if item is None or not line.unit_id or isinstance(line, KeyedLine) or line.unit_id == item.unit_id:
            made.append(line)
            continue
        qty, holds = to_own_unit(
            line.qty, item=item, unit_id=line.unit_id, factor=line.factor, units=units[item.pk], line=number
        )
        values = {field.name: getattr(line, field.name) for field in fields(LineInput)}
        price = None if line.price is None else round_price(line.price / holds)
        made.append(KeyedLine(**{**values, "qty": qty, "price": price, "factor": holds}, unit_qty=line.qty))
    return made


def keyed_as(line: LineInput) -> dict[str, object]:
    """The columns of a line that say how it was keyed."""
    if isinstance(line, KeyedLine):
        return {"line_unit_id": line.unit_id, "line_qty": line.unit_qty}
    return {"line_unit_id": None, "line_qty": None}
