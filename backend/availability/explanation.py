"""The arithmetic behind a suggestion, as it is kept with it: every number adds up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from backend.availability.terms import ItemTerms
from backend.inventory.words import plain
from backend.kernel.money import ZERO


@dataclass(frozen=True)
class Entry:
    """A demand that is short: ``open_qty`` = reserved + coming + ``short_qty``."""

    demand_id: UUID
    ref_type: str
    ref_number: str
    line_no: int
    required_date: date
    open_qty: Decimal
    reserved: Decimal
    short_qty: Decimal

    @property
    def coming(self) -> Decimal:
        return self.open_qty - self.reserved - self.short_qty


def explain(
    *,
    on_hand: Decimal,
    blocked: Decimal,
    reserved: Decimal,
    entries: Sequence[Entry],
    qty: Decimal,
    terms: ItemTerms,
) -> dict[str, Any]:
    """need − (on_hand − blocked − reserved_for_others) − incoming = shortage, rounded up to packs = rounded_to.

    ``reserved`` is all that is reserved of the item in the warehouse; ``demands`` are those that are short.
    """
    own = _sum(entry.reserved for entry in entries)
    shortage = _sum(entry.short_qty for entry in entries)
    numbers = {
        "need": _sum(entry.open_qty for entry in entries),
        "on_hand": on_hand,
        "blocked": blocked,
        "reserved_for_others": reserved - own,
        "incoming": _sum(entry.coming for entry in entries),
        "shortage": shortage,
        "pack_qty": terms.pack_qty,
        "min_order_qty": terms.min_order_qty,
        "rounded_to": qty,
        "to_stock": qty - shortage,
    }
    return {
        **{name: plain(value) for name, value in numbers.items()},
        "unit": terms.unit,
        "supplier": terms.supplier_name,
        "lead_days": terms.lead_days,
        "transport_days": terms.transport_days,
        "demands": [
            _demand(entry) for entry in sorted(entries, key=lambda e: (e.required_date, e.ref_number, e.line_no))
        ],
    }


def _demand(entry: Entry) -> dict[str, Any]:
    return {
        "ref_type": entry.ref_type,
        "ref_number": entry.ref_number,
        "line_no": entry.line_no,
        "qty": plain(entry.short_qty),
        "required_date": entry.required_date.isoformat(),
    }


def _sum(values: Iterable[Decimal]) -> Decimal:
    return sum(values, ZERO)
