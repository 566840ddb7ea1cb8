"""The suggestion that a shortage becomes: one undecided row for an item in a warehouse, computed anew each time."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from backend.availability import parts
from backend.availability.allocation import Source
from backend.availability.events import ShortageFound
from backend.availability.explanation import Behind, explain, extend
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
    behind: Behind,
    balance: LockedBalance,
    terms: ItemTerms,
    today: date,
) -> Draft:
    """The suggestion for everything that is short of an item in a warehouse: ``behind`` are all the demands."""
    qty = terms.order_qty(behind.short_qty)
    explanation = explain(
        on_hand=balance.on_hand,
        blocked=balance.blocked,
        reserved=balance.reserved,
        behind=behind,
        qty=qty,
        terms=terms,
    )
    return _draft(pair, existing, behind.short_qty, behind.need_date, qty, explanation, terms, today)


def draft_with(
    *,
    pair: Pair,
    existing: SourceRow | None,
    new: Behind,
    balance: LockedBalance,
    terms: ItemTerms,
    today: date,
) -> Draft:
    """The suggestion with ``new`` demands added to those it has, which are not read again."""
    if existing is None or not existing.need_qty or existing.need_date is None:
        return draft_of(pair=pair, existing=existing, behind=new, balance=balance, terms=terms, today=today)
    need = existing.need_qty + new.short_qty
    qty = terms.order_qty(need)
    explanation = extend(json.loads(existing.explanation), new, qty)
    return _draft(pair, existing, need, min(existing.need_date, new.need_date), qty, explanation, terms, today)


def _draft(
    pair: Pair,
    existing: SourceRow | None,
    need: Decimal,
    need_date: date,
    qty: Decimal,
    explanation: dict[str, Any],
    terms: ItemTerms,
    today: date,
) -> Draft:
    state = _state(existing, need, today)
    return Draft(
        id=existing.id if existing else uuid7(),
        pair=pair,
        need=need,
        qty=qty,
        need_date=need_date,
        arrival_date=arrival_of(terms, existing, state, today),
        state=state,
        terms=terms,
        explanation=explanation,
        former_need=existing.need_qty if existing else ZERO,
        former_arrival=existing.arrives if existing else None,
    )


def _state(existing: SourceRow | None, need: Decimal, today: date) -> str:
    if existing is None or need > existing.need_qty:
        return SuggestionState.LIVE
    if existing.state == SuggestionState.SNOOZED and existing.snoozed_until and existing.snoozed_until <= today:
        return SuggestionState.LIVE
    return existing.state
