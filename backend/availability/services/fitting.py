"""Fitting new needs in without moving anybody: what is free now, then what is free of what comes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from backend.availability import allocation
from backend.availability.allocation import Source
from backend.availability.services.loading import SourceRow
from backend.availability.services.rows import Pair
from backend.kernel.money import ZERO


@dataclass(frozen=True)
class NewNeed:
    """Something that is asked for now."""

    id: UUID
    pair: Pair
    qty: Decimal
    required_date: date


@dataclass
class Fit:
    """What it gets: from stock, from sources, and what is short."""

    reserved: Decimal = ZERO
    short: Decimal = ZERO
    shares: list[tuple[Source, Decimal]] = field(default_factory=list)


def _by_pair(needs: Iterable[NewNeed]) -> dict[Pair, list[NewNeed]]:
    """Lines of the same pair are served by date, then as they stand in the document."""
    found: dict[Pair, list[NewNeed]] = defaultdict(list)
    for need in sorted(needs, key=lambda need: need.required_date):
        found[need.pair].append(need)
    return found


def fit_stock(needs: Sequence[NewNeed], available: Mapping[Pair, Decimal]) -> dict[UUID, Fit]:
    """Share what is available; the rest of each need is short for now."""
    fits: dict[UUID, Fit] = {}
    for pair, mine in _by_pair(needs).items():
        given = allocation.share_stock(available.get(pair, ZERO), [(need.id, need.qty) for need in mine])
        for need in mine:
            reserved = given.get(need.id, ZERO)
            fits[need.id] = Fit(reserved, need.qty - reserved)
    return fits


def fit_sources(needs: Sequence[NewNeed], fits: dict[UUID, Fit], sources: Iterable[SourceRow]) -> None:
    """Share what is free of the sources among what is short."""
    free: dict[Pair, list[Source]] = defaultdict(list)
    for row in sources:
        if not row.undecided and row.qty > row.pegged:
            free[row.pair].append(row.source(free_only=True))
    for pair, mine in _by_pair(needs).items():
        waiting = [(need.id, fits[need.id].short) for need in mine if fits[need.id].short > 0]
        shares, short = allocation.share_sources(free[pair], waiting)
        for id, _qty in waiting:
            fits[id].shares = shares.get(id, [])
            fits[id].short = short.get(id, ZERO)
