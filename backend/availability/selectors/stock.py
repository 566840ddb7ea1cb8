"""What can be had, and what could be promised: no locks, no writes."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from backend.availability import allocation, parts
from backend.availability.services import fitting, loading
from backend.availability.services.drafts import source_of
from backend.availability.services.fitting import NewNeed
from backend.availability.services.rows import Pair, columns_of, read
from backend.kernel import clock
from backend.kernel.ids import uuid7
from backend.kernel.money import ZERO


@dataclass(frozen=True)
class Availability:
    """``available`` = on_hand − reserved − blocked. ``incoming`` is all that comes, ``incoming_free`` what nobody has yet;
    ``next_date`` is when the first of that is due. ``waiting`` is what demand lacks in stock."""

    on_hand: Decimal = ZERO
    reserved: Decimal = ZERO
    blocked: Decimal = ZERO
    incoming: Decimal = ZERO
    incoming_free: Decimal = ZERO
    next_date: date | None = None
    waiting: Decimal = ZERO

    @property
    def available(self) -> Decimal:
        return self.on_hand - self.reserved - self.blocked


_COLUMNS = """
       coalesce(sum(b.on_hand), 0), coalesce(sum(b.reserved), 0), coalesce(sum(b.blocked), 0),
       coalesce(sum(s.coming), 0), coalesce(sum(s.free), 0), min(s.next_date), coalesce(sum(d.waiting), 0)
"""
_JOINS = """
LEFT JOIN inventory_stock_balance b ON b.item_id = w.item_id AND b.warehouse_id = w.warehouse_id
LEFT JOIN LATERAL (
    SELECT sum(l.open_qty) AS coming, sum(l.open_qty - l.pegged) AS free,
           min(l.supply_date) FILTER (WHERE l.open_qty > l.pegged) AS next_date
    FROM (SELECT l.*, coalesce((SELECT sum(p.qty) FROM availability_peg p WHERE p.supply_id = l.id), 0) AS pegged
          FROM availability_supply_line l
          WHERE l.item_id = w.item_id AND l.warehouse_id = w.warehouse_id AND l.open_qty > 0) l
) s ON true
LEFT JOIN LATERAL (
    SELECT sum(l.open_qty - l.reserved_qty) AS waiting FROM availability_demand_line l
    WHERE l.item_id = w.item_id AND l.warehouse_id = w.warehouse_id AND l.open_qty > 0
) d ON true
"""
_BY_PAIR = f"""
SELECT w.item_id, w.warehouse_id, {_COLUMNS}
FROM unnest(%s::uuid[], %s::uuid[]) AS w (item_id, warehouse_id) {_JOINS} GROUP BY 1, 2
"""
_BY_ITEM = f"""
SELECT w.item_id, {_COLUMNS}
FROM (SELECT i.item_id, h.id AS warehouse_id FROM unnest(%s::uuid[]) AS i (item_id), inventory_warehouse h
      WHERE CASE WHEN %s::uuid IS NULL THEN h.kind = 'stock' ELSE h.id = %s END) w {_JOINS} GROUP BY 1
"""


def item_availability(pairs: Collection[Pair]) -> dict[Pair, Availability]:
    """What can be had at (item, warehouse) pairs; one statement."""
    if not pairs:
        return {}
    return {(row[0], row[1]): Availability(*row[2:]) for row in read(_BY_PAIR, columns_of(pairs))}


def availability_by_item(item_ids: Iterable[UUID], *, warehouse_id: UUID | None = None) -> dict[UUID, Availability]:
    """What can be had of items, in one warehouse or in all together; one statement."""
    wanted = list(set(item_ids))
    if not wanted:
        return {}
    return {row[0]: Availability(*row[1:]) for row in read(_BY_ITEM, [wanted, warehouse_id, warehouse_id])}


@dataclass(frozen=True)
class PreviewInput:
    """A line somebody is typing."""

    item_id: UUID
    warehouse_id: UUID
    qty: Decimal
    required_date: date


@dataclass(frozen=True)
class Preview:
    """What could be promised now, and what is known of the item there."""

    parts: parts.Parts
    promise_date: date | None
    stock: Availability
    required_date: date

    @property
    def in_time(self) -> bool:
        """Whether all of it can be had by the day that is asked for."""
        return self.promise_date is not None and self.promise_date <= self.required_date


def preview_promises(lines: Sequence[PreviewInput], *, at: datetime) -> list[Preview]:
    """What register_demand would promise these lines now; three statements, nothing is written or locked."""
    needs = [NewNeed(uuid7(), (line.item_id, line.warehouse_id), line.qty, line.required_date) for line in lines]
    pairs = {need.pair for need in needs}
    if not pairs:
        return []
    stock = item_availability(pairs)
    terms = loading.load_terms({item_id for item_id, _warehouse in pairs})
    fits = fitting.fit_stock(needs, {pair: found.available for pair, found in stock.items()})
    fitting.fit_sources(needs, fits, loading.load_sources(pairs))
    today, made = clock.day_of(at), []
    for need in needs:
        fit = fits[need.id]
        arrival = terms[need.pair[0]].arrival(today)
        rest = [(source_of(need.id, arrival, "live"), fit.short)] if fit.short > 0 else []
        promise = allocation.promise(reserved=fit.reserved, shares=[*fit.shares, *rest], before=(), today=today)
        made.append(Preview(promise, parts.last_date(promise), stock[need.pair], need.required_date))
    return made


def preview_promise(*, item_id: UUID, warehouse_id: UUID, qty: Decimal, required_date: date, at: datetime) -> Preview:
    """The same for one line."""
    return preview_promises([PreviewInput(item_id, warehouse_id, qty, required_date)], at=at)[0]
