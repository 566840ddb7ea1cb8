"""Quantities and prices of lines that were counted in another unit of their item: 24 pcs, which are 2 boxes."""

from decimal import Decimal
from typing import Any

from portals.ui import formats
from portals.ui.documents import Cell

_STEP = Decimal("0.0001")


def counted(line: Any) -> str:
    """``2 box``, or nothing for a line in the item's own unit. What was cancelled since is not among the count,
    what was only lighter is."""
    dropped = getattr(line, "cancelled_qty", 0) - getattr(line, "light_qty", 0)
    if not line.is_counted or dropped:
        return ""
    return f"{formats.qty(line.line_qty)} {line.line_unit}"


def shown_price(price: Decimal | None, holds: Decimal) -> Decimal | None:
    """The price of what one of the unit holds."""
    return price if price is None or holds == 1 else (price * holds).quantize(_STEP)


def unit_price(line: Any, price: Decimal) -> Decimal:
    """What one of the unit costs that the line was counted in."""
    return shown_price(price, line.holds) or Decimal(0)


def qty_cell(line: Any, *notes: str) -> Cell:
    """The quantity in the item's own unit, beside it how it was counted."""
    also = counted(line)
    return Cell(line.qty, " · ".join(note for note in (also, *notes) if note), line.item.unit, printed=also)


def price_cell(line: Any, *notes: str) -> Cell:
    """The price with tax for the item's own unit, beside it that of the unit it was counted in."""
    also = ""
    if counted(line):
        also = f"{formats.price(unit_price(line, line.tax_incl_price))} / {line.line_unit}"
    return Cell(line.tax_incl_price, " · ".join(note for note in (also, *notes) if note), printed=also)


def sold_price(line: Any) -> str:
    """As a customer reads it: the price with tax of what was counted."""
    return formats.price(unit_price(line, line.tax_incl_price) if counted(line) else line.tax_incl_price)
