"""The suggestion that a shortage becomes: one undecided row for an item in a warehouse, computed anew each time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from backend.availability import parts
from backend.availability.allocation import Source
from backend.availability.events import ShortageFound
from backend.availability.explanation import Entry, explain
from backend.availability.models import SuggestionState
from backend.availability.services.loading import SUGGESTION, SourceRow
from backend.availability.services.rows import Pair
from backend.availability.terms import ItemTerms
from backend.inventory.services.balances import LockedBalance
from backend.kernel.ids import uuid7
from backend.kernel.money import ZERO


@dataclass(frozen=True)
class Draft:
    """What the row should say. More need than was decided upon makes it live again."""

    id: UUID
    pair: Pair
    need: Decimal
    qty: Decimal
    need_date: date
    arrival_date: date | None
    state: str
    terms: ItemTerms
    explanation: dict[str, Any]
    former_need: Decimal
    former_arrival: date | None

    @property
    def source(self) -> Source:
        """What it promises: nothing when it was dismissed."""
        return source_of(self.id, self.arrival_date, self.state)

    @property
    def slid(self) -> bool:
        """Whether only time moved its arrival: it stood before with another date."""
        return self.former_need > 0 and self.former_arrival != self.arrival_date

    def row(self, at: datetime) -> dict[str, Any]:
        return {
            "id": self.id,
            "item_id": self.pair[0],
            "warehouse_id": self.pair[1],
            "supplier_id": self.terms.supplier_id,
            "need_qty": self.need,
            "qty": self.qty,
            "need_date": self.need_date,
            "arrival_date": self.arrival_date,
            "explanation": self.explanation,
            "state": self.state,
            "at": at,
        }

    def event(self) -> ShortageFound | None:
        """What to tell when the need is new or has grown."""
        if self.need <= self.former_need or self.state != SuggestionState.LIVE:
            return None
        return ShortageFound(
            self.id,
            suggestion_id=self.id,
            item_id=self.pair[0],
            warehouse_id=self.pair[1],
            supplier_id=self.terms.supplier_id,
            need=self.need,
            qty=self.qty,
            need_date=self.need_date,
            arrival_date=self.arrival_date,
        )


def source_of(id: UUID, arrival: date | None, state: str) -> Source:
    """An undecided suggestion as a source of promises."""
    if state == SuggestionState.DISMISSED or arrival is None:
        return Source(SUGGESTION, id, None, ZERO, parts.NONE)
    return Source(SUGGESTION, id, arrival, ZERO, "suggested")


def arrival_of(terms: ItemTerms, existing: SourceRow | None, state: str, today: date) -> date | None:
    """When goods would be here: ordered today, or when the snoozed suggestion wakes."""
    ordered_on = today
    if existing and state == SuggestionState.SNOOZED and existing.snoozed_until:
        ordered_on = max(today, existing.snoozed_until)
    return terms.arrival(ordered_on)


def draft_of(
    *,
    pair: Pair,
    existing: SourceRow | None,
    entries: Sequence[Entry],
    balance: LockedBalance,
    terms: ItemTerms,
    today: date,
) -> Draft:
    """The suggestion for everything that is short of an item in a warehouse."""
    need = sum((entry.short_qty for entry in entries), ZERO)
    state = _state(existing, need, today)
    qty = terms.order_qty(need)
    return Draft(
        id=existing.id if existing else uuid7(),
        pair=pair,
        need=need,
        qty=qty,
        need_date=min(entry.required_date for entry in entries),
        arrival_date=arrival_of(terms, existing, state, today),
        state=state,
        terms=terms,
        explanation=explain(
            on_hand=balance.on_hand,
            blocked=balance.blocked,
            reserved=balance.reserved,
            entries=entries,
            qty=qty,
            terms=terms,
        ),
        former_need=existing.need_qty if existing else ZERO,
        former_arrival=existing.date if existing else None,
    )


def _state(existing: SourceRow | None, need: Decimal, today: date) -> str:
    if existing is None or need > existing.need_qty:
        return SuggestionState.LIVE
    if existing.state == SuggestionState.SNOOZED and existing.snoozed_until and existing.snoozed_until <= today:
        return SuggestionState.LIVE
    return existing.state
