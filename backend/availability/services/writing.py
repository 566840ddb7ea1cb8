"""Writing what was computed: each kind of row with one statement, only where something differs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from backend.availability import parts
from backend.availability.parts import Parts
from backend.availability.services.causes import Cause
from backend.availability.services.loading import SUPPLY, PegKey
from backend.availability.services.rows import read, write

_RESERVE = """
INSERT INTO availability_reservation (demand_id, qty)
SELECT x.demand_id, x.qty FROM jsonb_to_recordset(%s) AS x (demand_id uuid, qty numeric)
ON CONFLICT (demand_id, lot_id) DO UPDATE SET qty = availability_reservation.qty + excluded.qty
"""
_LOWER = """
WITH x AS (SELECT * FROM jsonb_to_recordset(%s) AS x (demand_id uuid, qty numeric))
UPDATE availability_reservation r SET qty = r.qty - x.qty FROM x
WHERE r.demand_id = x.demand_id AND r.lot_id IS NULL AND r.qty > x.qty
"""
_LIFT = """
WITH x AS (SELECT * FROM jsonb_to_recordset(%s) AS x (demand_id uuid, qty numeric))
DELETE FROM availability_reservation r USING x
WHERE r.demand_id = x.demand_id AND r.lot_id IS NULL AND r.qty = x.qty
"""


def reserve(given: Mapping[UUID, Decimal]) -> None:
    """Set stock aside for demands; triggers carry it to the demands and balances."""
    write(_RESERVE, [{"demand_id": demand, "qty": qty} for demand, qty in given.items()])


def unreserve(taken: Mapping[UUID, Decimal], held: Mapping[UUID, Decimal]) -> None:
    """Take reservations back: wholly where all that is ``held`` goes, else partly. At most two statements."""
    wholly = {demand: qty for demand, qty in taken.items() if qty > 0 and qty == held[demand]}
    partly = {demand: qty for demand, qty in taken.items() if 0 < qty < held[demand]}
    for sql, rows in ((_LIFT, wholly), (_LOWER, partly)):
        write(sql, [{"demand_id": demand, "qty": qty} for demand, qty in rows.items()])


# --- pegs --------------------------------------------------------------------------------------
_PEG = """
INSERT INTO availability_peg (demand_id, supply_id, suggestion_id, qty)
SELECT x.demand_id, x.supply_id, x.suggestion_id, x.qty
FROM jsonb_to_recordset(%s) AS x (demand_id uuid, supply_id uuid, suggestion_id uuid, qty numeric)
"""
_REPEG = """
UPDATE availability_peg p SET qty = x.qty FROM jsonb_to_recordset(%s) AS x (id bigint, qty numeric) WHERE p.id = x.id
"""


def add_pegs(pegs: Mapping[PegKey, Decimal]) -> None:
    """New pegs, in one statement."""
    write(
        _PEG,
        [
            {
                "demand_id": demand,
                "supply_id": source if kind == SUPPLY else None,
                "suggestion_id": None if kind == SUPPLY else source,
                "qty": qty,
            }
            for (demand, (kind, source)), qty in pegs.items()
        ],
    )


def sync_pegs(before: Mapping[PegKey, tuple[int, Decimal]], after: Mapping[PegKey, Decimal]) -> None:
    """Make the pegs what they should be: at most three statements."""
    gone = [id for key, (id, _qty) in before.items() if key not in after]
    if gone:
        read("DELETE FROM availability_peg WHERE id = ANY(%s) RETURNING id", [gone])
    write(
        _REPEG,
        [{"id": before[key][0], "qty": qty} for key, qty in after.items() if key in before and before[key][1] != qty],
    )
    add_pegs({key: qty for key, qty in after.items() if key not in before})


# --- suggestions -------------------------------------------------------------------------------
_SUGGEST = """
INSERT INTO availability_suggestion (id, item_id, warehouse_id, supplier_id, need_qty, qty, need_date, arrival_date,
    explanation, state, reason, decided_by_name, order_number, created_at, updated_at)
SELECT x.id, x.item_id, x.warehouse_id, x.supplier_id, x.need_qty, x.qty, x.need_date, x.arrival_date,
       x.explanation, x.state, '', '', '', x.at, x.at
FROM jsonb_to_recordset(%s) AS x (id uuid, item_id uuid, warehouse_id uuid, supplier_id uuid, need_qty numeric,
    qty numeric, need_date date, arrival_date date, explanation jsonb, state text, at timestamptz)
ON CONFLICT (id) DO UPDATE SET supplier_id = excluded.supplier_id, need_qty = excluded.need_qty, qty = excluded.qty,
    need_date = excluded.need_date, arrival_date = excluded.arrival_date, explanation = excluded.explanation,
    state = excluded.state, updated_at = excluded.updated_at,
    snoozed_until = CASE WHEN excluded.state = 'snoozed' THEN availability_suggestion.snoozed_until END,
    reason = CASE WHEN excluded.state = 'live' THEN '' ELSE availability_suggestion.reason END
"""


def suggest(rows: Iterable[dict[str, Any]]) -> None:
    """Write undecided suggestions, new or again, in one statement."""
    write(_SUGGEST, rows)


def forget_suggestions(ids: Iterable[UUID]) -> None:
    """Delete suggestions that nothing needs any more; they have no pegs by now."""
    gone = list(ids)
    if gone:
        read("DELETE FROM availability_suggestion WHERE id = ANY(%s) AND state <> 'accepted' RETURNING id", [gone])


# --- promises ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class PromiseChange:
    """What stood and what stands now. Only a revised one enters the ledger."""

    demand_id: UUID
    old_parts: Parts
    old_date: date | None
    new_parts: Parts
    revision: int
    revised: bool
    cause: Cause

    @property
    def new_date(self) -> date | None:
        return parts.last_date(self.new_parts)


_PROMISE = """
INSERT INTO availability_promise
    (demand_id, parts, promise_date, first_parts, first_date, first_at, revision, revised_at)
SELECT x.demand_id, x.parts, x.promise_date, x.parts, x.promise_date, x.at, 0, x.at
FROM jsonb_to_recordset(%s) AS x (demand_id uuid, parts jsonb, promise_date date, at timestamptz)
ON CONFLICT (demand_id) DO UPDATE SET parts = excluded.parts, promise_date = excluded.promise_date,
    revision = availability_promise.revision + 1, revised_at = excluded.revised_at
RETURNING demand_id, revision
"""
_CHANGE = """
UPDATE availability_promise p SET parts = x.parts, promise_date = x.promise_date, revision = x.revision,
    revised_at = CASE WHEN x.revised THEN x.at ELSE p.revised_at END
FROM jsonb_to_recordset(%s) AS x (demand_id uuid, parts jsonb, promise_date date, revision int, revised boolean,
    at timestamptz)
WHERE p.demand_id = x.demand_id
"""
_REVISION = """
INSERT INTO availability_promise_revision (demand_id, revision, old_parts, new_parts, old_date, new_date, cause, cause_type,
    cause_id, cause_number, cause_text, customer_reason, by_name, at)
SELECT x.demand_id, x.revision, x.old_parts, x.new_parts, x.old_date, x.new_date, x.cause, x.cause_type,
       x.cause_id, x.cause_number, x.cause_text, x.customer_reason, x.by_name, x.at
FROM jsonb_to_recordset(%s) AS x (demand_id uuid, revision int, old_parts jsonb, new_parts jsonb, old_date date,
    new_date date, cause text, cause_type text, cause_id uuid, cause_number text, cause_text text, customer_reason text,
    by_name text, at timestamptz)
RETURNING demand_id, id
"""


def make_promises(made: Mapping[UUID, Parts], at: datetime) -> dict[UUID, int]:
    """First promises; a line that was withdrawn before keeps its first one. Returns the revision of each."""
    rows = [
        {"demand_id": demand, "parts": parts.to_json(ps), "promise_date": parts.last_date(ps), "at": at}
        for demand, ps in made.items()
    ]
    return dict(write(_PROMISE, rows))


def change_promises(changes: Iterable[PromiseChange], at: datetime) -> dict[UUID, int]:
    """Write changed promises, and the revised ones into the ledger: two statements. Returns the ledger's rows."""
    changes = list(changes)
    write(
        _CHANGE,
        [
            {
                "demand_id": change.demand_id,
                "parts": parts.to_json(change.new_parts),
                "promise_date": change.new_date,
                "revision": change.revision,
                "revised": change.revised,
                "at": at,
            }
            for change in changes
        ],
    )
    return record_revisions([change for change in changes if change.revised], at)


def record_revisions(changes: Iterable[PromiseChange], at: datetime) -> dict[UUID, int]:
    """Enter revisions into the ledger; returns the id of each demand's row."""
    return dict(
        write(
            _REVISION,
            [
                {
                    "demand_id": change.demand_id,
                    "revision": change.revision,
                    "old_parts": parts.to_json(change.old_parts),
                    "new_parts": parts.to_json(change.new_parts),
                    "old_date": change.old_date,
                    "new_date": change.new_date,
                    "cause": change.cause.kind[:40],
                    "cause_type": change.cause.type[:40],
                    "cause_id": change.cause.id,
                    "cause_number": change.cause.number[:40],
                    "cause_text": change.cause.text[:300],
                    "customer_reason": change.cause.customer_reason[:300],
                    "by_name": change.cause.by_name[:120],
                    "at": at,
                }
                for change in changes
            ],
        )
    )
