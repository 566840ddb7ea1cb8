"""The accounting voucher as Chinese bookkeepers know it: a grid of digits, teal lines at the thousands, a red line after 元.

In English the same voucher has plain debit and credit columns. Amounts beyond 9.99 hundred million fall back to plain numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from portals.ui import formats

PLACES = ("亿", "千", "百", "十", "万", "千", "百", "十", "元", "角", "分")
_WIDTH = len(PLACES)


@dataclass(frozen=True)
class VoucherLine:
    summary: str
    account: str
    detail: str = ""
    debit: Decimal | None = None
    credit: Decimal | None = None
    url: str = ""
    current: bool = False


@dataclass(frozen=True)
class VoucherSheet:
    """What `{% voucher sheet %}` draws. `signers` are (label, name) pairs."""

    word: str
    number: str
    day: date
    lines: Sequence[VoucherLine]
    attachments: int = 0
    signers: Sequence[tuple[Any, str]] = ()
    spare_rows: int = 0

    @property
    def debit(self) -> Decimal:
        return sum((line.debit or Decimal(0) for line in self.lines), Decimal(0))

    @property
    def credit(self) -> Decimal:
        return sum((line.credit or Decimal(0) for line in self.lines), Decimal(0))

    @property
    def balanced(self) -> bool:
        return self.debit == self.credit


def digits(value: Decimal | None) -> list[str] | None:
    """One character for each place, blank before the first; nothing when it does not fit. A negative amount is for red ink."""
    if not value:
        return [""] * _WIDTH
    cents = str(int((abs(value) * 100).to_integral_value(ROUND_HALF_UP)))
    return None if len(cents) > _WIDTH else list(cents.rjust(_WIDTH))


def mark(place: int) -> str:
    """The class of a digit cell: a thousand line after 百 万 and 千, the red line after 元."""
    return "dg k" if place in {2, 5} else "dg y" if place == 8 else "dg"


def amount_cells(value: Decimal | None) -> dict[str, Any]:
    """An amount as digit cells, or as plain text where digits do not serve."""
    figures = digits(value) if formats.is_chinese() else None
    if figures is None:
        return {"plain": formats.money(value) if value else "", "negative": bool(value and value < 0)}
    cells = [(mark(place), figure.strip()) for place, figure in enumerate(figures)]
    return {"cells": cells, "negative": bool(value and value < 0)}


def context(sheet: VoucherSheet) -> dict[str, Any]:
    """The template's data."""
    rows = [
        {"line": line, "debit": amount_cells(line.debit), "credit": amount_cells(line.credit)} for line in sheet.lines
    ]
    blank = {"line": None, "debit": amount_cells(None), "credit": amount_cells(None)}
    return {
        "it": sheet,
        "digits": formats.is_chinese(),
        "heads": [(mark(place), name) for place, name in enumerate(PLACES)],
        "rows": [*rows, *([blank] * sheet.spare_rows)],
        "debit": amount_cells(sheet.debit),
        "credit": amount_cells(sheet.credit),
        "words": formats.cn_amount(sheet.debit) if formats.is_chinese() else "",
    }
