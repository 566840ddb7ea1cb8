"""The parts of a promise as plain values: so much on a date, from this source. No database here.

A promise covers what is still to be shipped. Two promises are the same to a customer when their quantities per date
are (``profile``), whatever the sources.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from backend.kernel.money import ZERO

STOCK, SUPPLY, SUGGESTION, NONE = "stock", "supply", "suggestion", "none"
_RANK = {STOCK: 0, SUPPLY: 1, SUGGESTION: 2, NONE: 3}


@dataclass(frozen=True)
class Part:
    """``source``: stock, supply, suggestion or none. ``firmness``: stock, shipped, confirmed, requested, suggested, none.

    ``source_type``, ``source_id`` and ``source_number`` name the document that brings it.
    """

    qty: Decimal
    date: date | None
    source: str
    source_type: str = ""
    source_id: UUID | None = None
    source_number: str = ""
    firmness: str = ""


Parts = tuple[Part, ...]


def arrange(parts: Iterable[Part]) -> Parts:
    """In the order of dates (unknown last), equal neighbours joined."""
    made: list[Part] = []
    for part in sorted(parts, key=lambda p: (p.date is None, p.date or date.max, _RANK[p.source], p.source_number)):
        if part.qty <= 0:
            continue
        if made and replace(made[-1], qty=part.qty) == part:
            made[-1] = replace(part, qty=made[-1].qty + part.qty)
        else:
            made.append(part)
    return tuple(made)


def last_date(parts: Sequence[Part]) -> date | None:
    """The date by which all of it is there; None when nobody can say, or nothing is promised."""
    if not parts or any(part.date is None for part in parts):
        return None
    return max(part.date for part in parts if part.date)


def profile(parts: Iterable[Part]) -> dict[date | None, Decimal]:
    """Quantity per date."""
    sums: dict[date | None, Decimal] = {}
    for part in parts:
        sums[part.date] = sums.get(part.date, ZERO) + part.qty
    return sums


def trim(parts: Sequence[Part], open_qty: Decimal) -> Parts:
    """What stands of a promise when only ``open_qty`` is still to be shipped: shipped goods were the earliest parts."""
    gone = sum((part.qty for part in parts), ZERO) - open_qty
    made = []
    for part in parts:
        take = min(max(gone, ZERO), part.qty)
        gone -= take
        if part.qty > take:
            made.append(replace(part, qty=part.qty - take))
    return tuple(made)


def from_stock(reserved: Decimal, before: Iterable[Part], today: date) -> list[Part]:
    """Parts of what is set aside: what was promised from stock keeps its day, what is new can be had today."""
    made, rest = [], reserved
    for part in before:
        take = min(rest, part.qty) if part.source == STOCK else ZERO
        if take > 0:
            made.append(replace(part, qty=take))
            rest -= take
    if rest > 0:
        made.append(Part(rest, today, STOCK, firmness=STOCK))
    return made


# --- as JSON -----------------------------------------------------------------------------------
def to_json(parts: Iterable[Part]) -> list[dict[str, Any]]:
    return [
        {
            "qty": _number(part.qty),
            "date": part.date.isoformat() if part.date else None,
            "source": part.source,
            "source_type": part.source_type,
            "source_id": str(part.source_id) if part.source_id else None,
            "source_number": part.source_number,
            "firmness": part.firmness,
        }
        for part in parts
    ]


def from_json(rows: Iterable[dict[str, Any]]) -> Parts:
    return tuple(
        Part(
            qty=Decimal(row["qty"]),
            date=date.fromisoformat(row["date"]) if row["date"] else None,
            source=row["source"],
            source_type=row.get("source_type", ""),
            source_id=UUID(row["source_id"]) if row.get("source_id") else None,
            source_number=row.get("source_number", ""),
            firmness=row.get("firmness", ""),
        )
        for row in rows
    )


def _number(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
