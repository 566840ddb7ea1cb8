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


SHOWN = 20


@dataclass(frozen=True)
class Behind:
    """All the demands behind a suggestion in sums, and the first of them by date: their number is bounded."""

    lines: int
    open_qty: Decimal
    reserved: Decimal
    short_qty: Decimal
    need_date: date
    first: tuple[Entry, ...]

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> "Behind":
        return cls(
            lines=len(entries),
            open_qty=_sum(entry.open_qty for entry in entries),
            reserved=_sum(entry.reserved for entry in entries),
            short_qty=_sum(entry.short_qty for entry in entries),
            need_date=min(entry.required_date for entry in entries),
            first=_first(entries),
        )


def _first(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    return tuple(sorted(entries, key=lambda e: (e.required_date, e.ref_number, e.line_no))[:SHOWN])


def explain(
    *,
    on_hand: Decimal,
    blocked: Decimal,
    reserved: Decimal,
    behind: Behind,
    qty: Decimal,
    terms: ItemTerms,
) -> dict[str, Any]:
    """need − (on_hand − blocked − reserved_for_others) − incoming = shortage, rounded up to packs = rounded_to.

    ``reserved`` is all that is reserved of the item in the warehouse; ``demands`` are the first of ``lines`` that are short.
    """
    shortage = behind.short_qty
    numbers = {
        "need": behind.open_qty,
        "on_hand": on_hand,
        "blocked": blocked,
        "reserved_for_others": reserved - behind.reserved,
        "incoming": behind.open_qty - behind.reserved - behind.short_qty,
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
        "lines": behind.lines,
        "demands": [_demand(entry) for entry in behind.first],
    }


def extend(before: dict[str, Any], new: Behind, qty: Decimal) -> dict[str, Any]:
    """The explanation with new lines added, without reading the old ones again.

    Where a suggestion stands, no stock is free: new lines get none, so what was on hand then still adds up.
    """
    shortage = Decimal(before["shortage"]) + new.short_qty
    numbers = {
        "need": Decimal(before["need"]) + new.open_qty,
        "incoming": Decimal(before["incoming"]) + new.open_qty - new.reserved - new.short_qty,
        "on_hand": Decimal(before["on_hand"]) + new.reserved,
        "shortage": shortage,
        "rounded_to": qty,
        "to_stock": qty - shortage,
    }
    demands = [*before["demands"], *(_demand(entry) for entry in new.first)]
    demands.sort(key=lambda row: (row["required_date"], row["ref_number"], row["line_no"]))
    return {
        **before,
        **{name: plain(value) for name, value in numbers.items()},
        "lines": before["lines"] + new.lines,
        "demands": demands[:SHOWN],
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
