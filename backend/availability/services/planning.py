"""Replanning: what is promised follows from what is there, what comes and who waits; computed anew, written as a difference.

Under the locks of the balances: free stock goes to those who wait, supplies by date to the rest, what is still short
becomes the suggestion of the item. Promises that moved are entered into the ledger with the cause that the caller names.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.availability import allocation, parts
from backend.availability.errors import CannotReleaseStock
from backend.availability.events import DemandReserved, PromiseRevised
from backend.availability.explanation import Behind
from backend.availability.parts import Parts
from backend.availability.services import loading, writing
from backend.availability.services.causes import NOT_ORDERED, Cause
from backend.availability.services.drafts import Draft, draft_of
from backend.availability.services.loading import DemandRow, PegKey, Pegs, SourceRow
from backend.availability.services.rows import Pair
from backend.availability.services.writing import PromiseChange
from backend.availability.terms import ItemTerms
from backend.inventory.services.balances import LockedBalance, held_or_locked, lock_balances
from backend.inventory.words import plain
from backend.kernel import clock, events
from backend.kernel.actor import Actor
from backend.kernel.errors import WayOut
from backend.kernel.events import Event
from backend.kernel.money import ZERO


@dataclass
class Book:
    """What is known of the pairs to be planned."""

    balances: dict[Pair, LockedBalance]
    demands: dict[Pair, list[DemandRow]]
    sources: dict[Pair, list[SourceRow]]
    pegs: Pegs

    @cached_property
    def terms(self) -> dict[UUID, ItemTerms]:
        """How the items are bought: read when something is short."""
        return loading.load_terms({item_id for item_id, _warehouse in self.balances})


@dataclass
class Outcome:
    """What follows."""

    given: dict[UUID, Decimal] = field(default_factory=dict)
    pegs: dict[PegKey, Decimal] = field(default_factory=dict)
    drafts: list[Draft] = field(default_factory=list)
    forgotten: list[UUID] = field(default_factory=list)
    changes: list[PromiseChange] = field(default_factory=list)
    demands: dict[UUID, DemandRow] = field(default_factory=dict)


def replan(
    pairs: Iterable[Pair], *, cause: Cause, actor: Actor, at: datetime, held: Mapping[Pair, LockedBalance] | None = None
) -> None:
    """Recompute these pairs of item and warehouse; a fixed number of statements, and none written when nothing differs.

    ``held`` are balances that the caller locked in this transaction and kept in step.
    """
    with transaction.atomic(savepoint=False):
        balances = held_or_locked(pairs, held)
        if not balances:
            return
        book = _load(balances)
        outcome = _compute(book, cause.by(actor), clock.day_of(at))
        revisions = _write(book, outcome, at)
        events.publish_all(_events(outcome, revisions), actor=actor)


def _load(balances: dict[Pair, LockedBalance]) -> Book:
    waiting, pegs, any_to_plan = loading.load_standing(balances)
    demands: dict[Pair, list[DemandRow]] = defaultdict(list)
    for demand in waiting:
        demands[demand.pair].append(demand)
    sources: dict[Pair, list[SourceRow]] = defaultdict(list)
    for source in loading.load_sources(balances) if any_to_plan else ():
        sources[source.pair].append(source)
    return Book(balances, demands, sources, pegs)


# --- computing ---------------------------------------------------------------------------------
def _compute(book: Book, cause: Cause, today: date) -> Outcome:
    outcome = Outcome()
    for pair, balance in book.balances.items():
        _compute_pair(book, pair, balance, outcome, cause, today)
    return outcome


def _compute_pair(book: Book, pair: Pair, balance: LockedBalance, outcome: Outcome, cause: Cause, today: date) -> None:
    demands = book.demands[pair]
    outcome.demands |= {demand.id: demand for demand in demands}
    given = allocation.share_stock(balance.available, [(demand.id, demand.waiting) for demand in demands])
    for demand in demands:
        demand.reserved += given.get(demand.id, ZERO)
    balance.reserved += sum(given.values(), ZERO)
    outcome.given |= given
    firm = [row.source(free_only=False) for row in book.sources[pair] if not row.undecided]
    shares, short = allocation.share_sources(firm, [(demand.id, demand.waiting) for demand in demands])
    draft = _draft(book, pair, balance, short, outcome, today)
    for demand in demands:
        mine = shares.get(demand.id, [])
        if draft and demand.id in short:
            mine = [*mine, (draft.source, short[demand.id])]
        outcome.pegs |= {(demand.id, source.key): qty for source, qty in mine}
        change = _change(demand, mine, draft, cause, today)
        if change:
            outcome.changes.append(change)


def _draft(
    book: Book, pair: Pair, balance: LockedBalance, short: dict[UUID, Decimal], outcome: Outcome, today: date
) -> Draft | None:
    existing = next((row for row in book.sources[pair] if row.undecided), None)
    if not short:
        if existing:
            outcome.forgotten.append(existing.id)
        return None
    draft = draft_of(
        pair=pair,
        existing=existing,
        behind=Behind.of([demand.entry(short[demand.id]) for demand in book.demands[pair] if demand.id in short]),
        balance=balance,
        terms=book.terms[pair[0]],
        today=today,
    )
    outcome.drafts.append(draft)
    return draft


def _change(
    demand: DemandRow,
    shares: Sequence[tuple[allocation.Source, Decimal]],
    draft: Draft | None,
    cause: Cause,
    today: date,
) -> PromiseChange | None:
    """How the promise differs from the one that stands; None when it does not."""
    before = parts.trim(demand.parts, demand.open_qty)
    after = allocation.promise(reserved=demand.reserved, shares=shares, before=before, today=today)
    if after == before == demand.parts:
        return None
    revised = parts.profile(after) != parts.profile(before)
    if revised and draft and draft.slid and parts.profile(_as_ordered_then(after, draft)) == parts.profile(before):
        cause = Cause(NOT_ORDERED, text=_("Not ordered yet, so it comes later."), by_name=cause.by_name)
    return PromiseChange(
        demand_id=demand.id,
        old_parts=before,
        old_date=demand.promise_date,
        new_parts=after,
        revision=demand.revision + revised,
        revised=revised,
        cause=cause,
    )


def _as_ordered_then(after: Parts, draft: Draft) -> Parts:
    """The same promise with the arrival that the suggestion had before."""
    return tuple(
        replace(part, date=draft.former_arrival) if part.source == parts.SUGGESTION and not part.source_number else part
        for part in after
    )


# --- writing and telling -----------------------------------------------------------------------
def _write(book: Book, outcome: Outcome, at: datetime) -> dict[UUID, int]:
    writing.reserve(outcome.given)
    writing.suggest(draft.row(at) for draft in outcome.drafts)
    writing.sync_pegs(book.pegs, outcome.pegs)
    writing.forget_suggestions(outcome.forgotten)
    return writing.change_promises(outcome.changes, at)


def _events(outcome: Outcome, revisions: dict[UUID, int]) -> list[Event]:
    told: list[Event] = [
        DemandReserved(**_named(outcome.demands[demand]), qty=qty) for demand, qty in outcome.given.items()
    ]
    told += [
        PromiseRevised(
            **_named(outcome.demands[change.demand_id]),
            revision_id=revisions[change.demand_id],
            revision=change.revision,
            old_date=change.old_date,
            new_date=change.new_date,
            cause=change.cause.kind,
            cause_type=change.cause.type,
            cause_id=change.cause.id,
            cause_number=change.cause.number,
            cause_text=change.cause.text,
            customer_reason=change.cause.customer_reason,
            by_name=change.cause.by_name,
        )
        for change in outcome.changes
        if change.revised
    ]
    return [*told, *(event for draft in outcome.drafts if (event := draft.event()))]


def _named(demand: DemandRow) -> dict[str, Any]:
    return {
        "aggregate_id": demand.ref_id,
        "demand_id": demand.id,
        "ref_type": demand.ref_type,
        "ref_number": demand.ref_number,
        "ref_line_id": demand.ref_line_id,
        "line_no": demand.ref_line_no,
        "party_id": demand.party_id,
        "item_id": demand.item_id,
    }


# --- taking stock from reservations ------------------------------------------------------------
def release_stock(claims: Iterable[tuple[UUID, UUID, Decimal]], *, release: bool = True, document: str = "") -> None:
    """Make (item, warehouse, quantity) available: those who would be served last give way.

    Promises are not touched: whoever takes the stock away replans the pairs after. Without ``release``, and where there
    is not enough at all, CannotReleaseStock names who holds the stock.
    """
    wanted: dict[Pair, Decimal] = defaultdict(Decimal)
    for item_id, warehouse_id, qty in claims:
        wanted[item_id, warehouse_id] += qty
    with transaction.atomic(savepoint=False):
        balances = lock_balances(wanted)
        short = {pair: qty - balances[pair].available for pair, qty in wanted.items()}
        short = {pair: qty for pair, qty in short.items() if qty > 0}
        if not short:
            return
        holders = [demand for demand in loading.load_demands(short) if demand.reserved > 0]
        taken: dict[UUID, Decimal] = {}
        for demand in reversed(holders):
            taken[demand.id] = min(short[demand.pair], demand.reserved)
            short[demand.pair] -= taken[demand.id]
        if not release or any(qty > 0 for qty in short.values()):
            raise _held(wanted, balances, holders, document)
        writing.unreserve(taken, {demand.id: demand.reserved for demand in holders})


def _held(
    wanted: dict[Pair, Decimal], balances: dict[Pair, LockedBalance], holders: Sequence[DemandRow], document: str
) -> CannotReleaseStock:
    pair = next(pair for pair, qty in wanted.items() if qty > balances[pair].available)
    balance = balances[pair]
    orders = list(dict.fromkeys((demand.ref_number, demand.ref_type) for demand in holders if demand.pair == pair))
    links = [WayOut(number, doc_type=kind, number=number) for number, kind in orders[:3]]
    return CannotReleaseStock(
        _("%(item)s: %(wanted)s must be free, %(available)s is. Reserved by %(orders)s.")
        % {
            "item": balance.item_name,
            "wanted": plain(wanted[pair]),
            "available": plain(balance.available),
            "orders": ", ".join(number for number, _kind in orders[:5]) or "–",
        },
        document=document or None,
        field="qty",
        value=plain(balance.available),
        way_out=_("Take back the approval of those orders, or lower their quantities."),
        links=links,
    )
