"""Who gets what: stock and supplies shared among waiting demands. Plain arithmetic, no database.

Order of service: higher priority first, then the day on which the goods are owed (the later of what was asked and what was
first promised, so that an order that comes later does not push aside one that was promised earlier), then the day that was
asked, then the age of the line. The order depends only on facts that do not move, so the same facts always give the same
answer: running twice changes nothing, and undoing a change restores what was.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from backend.availability import parts
from backend.availability.parts import Part, Parts
from backend.kernel.money import ZERO

Key = tuple[str, UUID]
Rank = tuple[int, date, date, UUID]


@dataclass(frozen=True)
class Source:
    """Something that will come: a supply line, an accepted suggestion, or an undecided one. No date: nobody can say."""

    kind: str
    id: UUID
    date: date | None
    capacity: Decimal
    firmness: str = ""
    ref_type: str = ""
    ref_id: UUID | None = None
    ref_number: str = ""

    @property
    def key(self) -> Key:
        return (self.kind, self.id)

    def part(self, qty: Decimal) -> Part:
        """The part of a promise that this source gives."""
        source = self.kind if self.date else parts.NONE
        return Part(qty, self.date, source, self.ref_type, self.ref_id, self.ref_number, self.firmness)


def rank(*, priority: int, required_date: date, first_date: date | None, id: UUID) -> Rank:
    """The place in the queue; the smallest is served first."""
    return (-priority, max(required_date, first_date or required_date), required_date, id)


def share_stock(free: Decimal, waiting: Iterable[tuple[UUID, Decimal]]) -> dict[UUID, Decimal]:
    """Give free stock to the waiting, who come in their order; only those who get something are named."""
    given: dict[UUID, Decimal] = {}
    for demand, wanted in waiting:
        take = min(free, wanted)
        if take > 0:
            given[demand] = take
            free -= take
    return given


def share_sources(
    sources: Iterable[Source], waiting: Sequence[tuple[UUID, Decimal]]
) -> tuple[dict[UUID, list[tuple[Source, Decimal]]], dict[UUID, Decimal]]:
    """Give what comes, earliest first, to the waiting in their order: (shares per demand, what is still short)."""
    shares: dict[UUID, list[tuple[Source, Decimal]]] = {}
    short: dict[UUID, Decimal] = {}
    coming = iter(sorted(sources, key=lambda s: (s.date or date.max, s.kind != parts.SUPPLY, s.id)))
    source, left = next(coming, None), ZERO
    left = source.capacity if source else ZERO
    for demand, wanted in waiting:
        while wanted > 0 and source is not None:
            take = min(wanted, left)
            if take > 0:
                shares.setdefault(demand, []).append((source, take))
                wanted -= take
                left -= take
            if left <= 0:
                source = next(coming, None)
                left = source.capacity if source else ZERO
        if wanted > 0:
            short[demand] = wanted
    return shares, short


def promise(*, reserved: Decimal, shares: Iterable[tuple[Source, Decimal]], before: Parts, today: date) -> Parts:
    """The promise that follows from what is set aside and what will come."""
    return parts.arrange([*parts.from_stock(reserved, before, today), *(source.part(qty) for source, qty in shares)])
