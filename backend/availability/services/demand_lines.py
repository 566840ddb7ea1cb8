"""Rows of demand: written with their first promises, and what each is to take of stock."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from backend.availability import allocation
from backend.availability.errors import CannotRegisterDemand
from backend.availability.explanation import Behind, Entry
from backend.availability.models import DemandLine, Promise
from backend.availability.parts import Parts, last_date, to_json
from backend.availability.services import loading, writing
from backend.availability.services.causes import Cause
from backend.availability.services.drafts import Draft, draft_with
from backend.availability.services.fitting import Fit
from backend.availability.services.loading import PegKey
from backend.availability.services.rows import Pair, write
from backend.availability.services.writing import PromiseChange
from backend.inventory.services.balances import LockedBalance
from backend.kernel.actor import Actor
from backend.kernel.ids import uuid7


@dataclass(frozen=True)
class DemandInput:
    """A line that needs goods."""

    ref_line_id: UUID
    line_no: int
    item_id: UUID
    warehouse_id: UUID
    qty: Decimal
    required_date: date
    party_id: UUID | None = None


@dataclass(frozen=True)
class Ref:
    """The document that asks."""

    ref_type: str
    ref_id: UUID
    ref_number: str


_INSERT = """
INSERT INTO availability_demand_line AS d (id, kind, item_id, warehouse_id, party_id, ref_type, ref_id, ref_number,
    ref_line_id, ref_line_no, qty, open_qty, reserved_qty, required_date, priority, registered_at)
SELECT x.id, 'sales', x.item_id, x.warehouse_id, x.party_id, x.ref_type, x.ref_id, x.ref_number,
    x.ref_line_id, x.ref_line_no, x.qty, x.qty, 0, x.required_date, x.priority, x.at
FROM jsonb_to_recordset(%s) AS x (id uuid, item_id uuid, warehouse_id uuid, party_id uuid, ref_type text, ref_id uuid,
    ref_number text, ref_line_id uuid, ref_line_no int, qty numeric, required_date date, priority int, at timestamptz)
ON CONFLICT (ref_line_id) DO UPDATE SET qty = d.qty + excluded.qty, open_qty = excluded.qty, item_id = excluded.item_id,
    warehouse_id = excluded.warehouse_id, party_id = excluded.party_id, ref_number = excluded.ref_number,
    ref_line_no = excluded.ref_line_no, required_date = excluded.required_date, priority = excluded.priority
WHERE d.open_qty = 0
RETURNING d.ref_line_id, d.id, d.qty
"""


def insert_lines(lines: Sequence[DemandInput], ref: Ref, priority: int, at: datetime) -> list[DemandLine]:
    """New demand lines; one that was withdrawn is opened again and keeps its first promise."""
    made = [
        DemandLine(
            id=uuid7(),
            item_id=line.item_id,
            warehouse_id=line.warehouse_id,
            party_id=line.party_id,
            ref_line_id=line.ref_line_id,
            ref_line_no=line.line_no,
            qty=line.qty,
            open_qty=line.qty,
            required_date=line.required_date,
            priority=priority,
            registered_at=at,
            **vars(ref),
        )
        for line in lines
    ]
    names = [
        f.attname for f in DemandLine._meta.concrete_fields if f.attname not in {"kind", "open_qty", "reserved_qty"}
    ]
    rows = [{**{name: getattr(demand, name) for name in names}, "at": at} for demand in made]
    found = {ref_line: (id, qty) for ref_line, id, qty in write(_INSERT, rows)}
    for demand in made:
        if demand.ref_line_id not in found:
            raise CannotRegisterDemand(
                _("Line %(line)s of %(document)s is registered already.")
                % {"line": demand.ref_line_no, "document": ref.ref_number},
                document=ref.ref_number,
                line=demand.ref_line_no,
            )
        demand.id, demand.qty = found[demand.ref_line_id]
    return made


def drafts_of(
    demands: Sequence[DemandLine],
    fits: dict[UUID, Fit],
    sources: Sequence[loading.SourceRow],
    balances: dict[Pair, LockedBalance],
    terms: dict[UUID, loading.ItemTerms],
    today: date,
) -> dict[Pair, Draft]:
    """The suggestions of the pairs that are short, with these demands added."""
    new: dict[Pair, list[Entry]] = defaultdict(list)
    for demand in demands:
        if fits[demand.pk].short > 0:
            new[demand.item_id, demand.warehouse_id].append(_entry(demand, fits[demand.pk]))
    undecided = {row.pair: row for row in sources if row.undecided}
    return {
        pair: draft_with(
            pair=pair,
            existing=undecided.get(pair),
            new=Behind.of(entries),
            balance=balances[pair],
            terms=terms[pair[0]],
            today=today,
        )
        for pair, entries in new.items()
    }


def _entry(demand: DemandLine, fit: Fit) -> Entry:
    return Entry(
        demand.pk,
        demand.ref_type,
        demand.ref_number,
        demand.ref_line_no,
        demand.required_date,
        demand.open_qty,
        fit.reserved,
        fit.short,
    )


def write_lines(
    demands: Sequence[DemandLine],
    fits: dict[UUID, Fit],
    drafts: dict[Pair, Draft],
    today: date,
    at: datetime,
    actor: Actor,
) -> None:
    writing.reserve({demand.pk: fits[demand.pk].reserved for demand in demands if fits[demand.pk].reserved > 0})
    writing.suggest(draft.row(at) for draft in drafts.values())
    pegs: dict[PegKey, Decimal] = {}
    promises: dict[UUID, Parts] = {}
    for demand in demands:
        fit, draft = fits[demand.pk], drafts.get((demand.item_id, demand.warehouse_id))
        shares = [*fit.shares, (draft.source, fit.short)] if draft and fit.short > 0 else fit.shares
        pegs |= {(demand.pk, source.key): qty for source, qty in shares}
        promises[demand.pk] = allocation.promise(reserved=fit.reserved, shares=shares, before=(), today=today)
    writing.add_pegs(pegs)
    revisions = writing.make_promises(promises, at)
    for demand in demands:
        ps, revision = promises[demand.pk], revisions[demand.pk]
        demand.promise = Promise(
            demand=demand, parts=to_json(ps), promise_date=last_date(ps), revision=revision, revised_at=at
        )
    again = {demand: revision for demand, revision in revisions.items() if revision}
    cause = Cause("registered_again", demands[0].ref_type, demands[0].ref_id, demands[0].ref_number, by_name=actor.name)
    writing.record_revisions(
        [
            PromiseChange(demand, (), None, promises[demand], revision, True, cause)
            for demand, revision in again.items()
        ],
        at,
    )
