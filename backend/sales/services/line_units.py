"""Sales lines keyed in another unit of their item: see ``catalog.services.counting`` for the rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from backend.catalog.services import counting
from backend.sales.services.inputs import LineInput


@dataclass(frozen=True)
class KeyedLine(LineInput):
    """A line in the item's own unit that was keyed as ``unit_qty`` of ``unit_id``."""

    unit_qty: Decimal | None = None


def in_own_units(inputs: Sequence[LineInput]) -> list[LineInput]:
    """The same lines in the items' own units."""
    return counting.in_own_units(inputs, KeyedLine)


def keyed_again(line: Any, *, qty: Decimal | None = None, counted: Decimal | None = None, **values: Any) -> LineInput:
    """A saved line (or ``qty`` of it) as if it was keyed anew: counted as it was, or as ``counted``."""
    amount = line.qty if qty is None else qty
    if not line.is_counted:
        return LineInput(item_id=line.item_id, qty=amount, **values)
    counted = counting.counted_share(line, amount, counted)["line_qty"]
    return KeyedLine(item_id=line.item_id, qty=amount, unit_id=line.line_unit_id, unit_qty=counted, **values)
