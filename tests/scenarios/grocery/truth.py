"""What must be true of a month, kept by hand beside the product: lots and their days, sales, what partners owe.

Nothing here reads the product's figures of stock: quantities are told by whoever acts, and reckoned independently.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

ZERO = Decimal(0)
BUCKETS = (30, 60, 90, 180)


@dataclass
class LotTruth:
    """A lot on the shelf; ``came`` are its arrivals (day, quantity), newest last."""

    id: UUID
    number: str
    item: UUID
    expiry: date
    born: datetime
    qty: Decimal = ZERO
    free: bool = True
    came: list[tuple[date, Decimal]] = field(default_factory=list)

    def may_leave(self, day: date) -> bool:
        return self.free and self.qty > 0 and self.expiry >= day

    def ages(self, today: date) -> Iterator[tuple[int, Decimal]]:
        """(days, quantity) of what lies there: what came last is what is left."""
        rest = self.qty
        for day, qty in sorted(self.came, reverse=True):
            part = min(rest, qty)
            rest -= part
            yield (today - day).days, part


@dataclass
class Truth:
    """The shelf, the sales of each item and the account of each partner."""

    lots: dict[UUID, LotTruth] = field(default_factory=dict)
    first_came: dict[UUID, date] = field(default_factory=dict)
    sales: dict[UUID, list[tuple[date, Decimal]]] = field(default_factory=lambda: defaultdict(list))
    shipped: Counter[UUID] = field(default_factory=Counter)
    owed_to: Counter[UUID] = field(default_factory=Counter)
    owed_by: Counter[UUID] = field(default_factory=Counter)

    def came(self, lot: Any, qty: Decimal, day: date, *, free: bool = True) -> None:
        """Goods came into a lot (the product's row of it: number, item, expiry and birth are read, no figures)."""
        known = self.lots.get(lot.pk)
        if known is None:
            known = LotTruth(lot.pk, lot.lot_no, lot.item_id, lot.expiry_date, lot.created_at, free=free)
            self.lots[lot.pk] = known
        known.qty += qty
        known.came.append((day, qty))
        self.first_came[lot.item_id] = min(day, self.first_came.get(lot.item_id, day))

    def left(self, lot_id: UUID, qty: Decimal) -> None:
        self.lots[lot_id].qty -= qty

    def undone(self, lot_id: UUID, qty: Decimal) -> None:
        """What had left never did."""
        self.lots[lot_id].qty += qty

    def sold(self, item_id: UUID, qty: Decimal, day: date) -> None:
        self.sales[item_id].append((day, qty))

    def unsold(self, item_id: UUID, qty: Decimal, day: date) -> None:
        self.sales[item_id].remove((day, qty))

    def of_item(self, item_id: UUID) -> list[LotTruth]:
        return [lot for lot in self.lots.values() if lot.item == item_id]

    def on_hand(self, item_id: UUID) -> Decimal:
        return sum((lot.qty for lot in self.of_item(item_id)), ZERO)

    def first_expired(self, item_id: UUID, qty: Decimal, day: date) -> list[tuple[UUID, Decimal]]:
        """FEFO: the lots that must leave for a quantity."""
        found = []
        for lot in sorted(self.of_item(item_id), key=lambda lot: (lot.expiry, lot.born, lot.number)):
            part = min(qty, lot.qty) if lot.may_leave(day) else ZERO
            if part > 0:
                found.append((lot.id, part))
                qty -= part
        return found

    def ages(self, item_id: UUID, today: date) -> tuple[Decimal, ...]:
        """Quantities up to 30, 60, 90, 180 days, and older."""
        parts = [ZERO] * (len(BUCKETS) + 1)
        for lot in self.of_item(item_id):
            for days, qty in lot.ages(today):
                parts[sum(days > edge for edge in BUCKETS)] += qty
        return tuple(parts)

    def slow(self, today: date, *, days: int, cover_days: int) -> dict[UUID, tuple[int, Decimal | None]]:
        """Items that were not sold for so many days or last longer than that: days and days of cover."""
        found = {}
        for item_id, first in self.first_came.items():
            stock, sales = self.on_hand(item_id), self.sales[item_id]
            if stock <= 0:
                continue
            idle = (today - max((day for day, _qty in sales), default=first)).days
            pace = sum((qty for day, qty in sales if day > today - timedelta(days=days)), ZERO)
            cover = round(stock * days / pace) if pace else None
            if idle >= days or (pace and stock * days / pace > cover_days):
                found[item_id] = (idle, None if cover is None else Decimal(cover))
        return found
