"""Purchase lines keyed in another unit of their item: see ``catalog.services.counting`` for the rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from backend.catalog.services import counting
from backend.catalog.services.counting import keyed_as
from backend.purchasing.services.inputs import LineInput

__all__ = ["KeyedLine", "in_own_units", "keyed_as"]


@dataclass(frozen=True)
class KeyedLine(LineInput):
    """A line in the item's own unit that was keyed as ``unit_qty`` of ``unit_id``."""

    unit_qty: Decimal | None = None


def in_own_units(inputs: Sequence[LineInput]) -> list[LineInput]:
    """The same lines in the items' own units."""
    return counting.in_own_units(inputs, KeyedLine)
