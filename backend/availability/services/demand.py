"""Demand: registering what an order needs, changing it, shipping it, taking it back.

New lines are fitted in without moving anybody else: stock that is free, then what is free of the coming supplies, the
rest goes to the item's suggestion. Every change that frees something ends in ``planning.replan``.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.availability.errors import (
    CannotChangeDemand,
    CannotConsumeDemand,
    CannotRegisterDemand,
    CannotRestoreDemand,
)
from backend.availability.models import DemandLine
from backend.availability.services import fitting, loading, planning, writing
from backend.availability.services.causes import Cause
from backend.availability.services.demand_lines import DemandInput, Ref, drafts_of, insert_lines, write_lines
from backend.availability.services.fitting import NewNeed
from backend.availability.services.registered import (
    BY_LINE,
    BY_REF,
    OPEN,
    DemandAtHand,
    Held,
    hold_demand,
    known_lines,
    lock_lines,
)
from backend.availability.services.rows import Pair, read, write
from backend.availability.services.writing import PromiseChange
from backend.inventory.services.balances import lock_balances
from backend.inventory.words import plain
from backend.kernel import clock, events
from backend.kernel.actor import Actor
from backend.kernel.bulk import uuid_array
from backend.kernel.errors import Refusal
from backend.kernel.money import ZERO

__all__ = [
    "Held",
    "change_demand",
    "consume_demand",
    "consume_reserved",
    "hold_demand",
    "register_demand",
    "restore_demand",
    "withdraw_demand",
]


# --- registering -------------------------------------------------------------------------------
def register_demand(
    lines: Sequence[DemandInput],
    *,
    ref_type: str,
    ref_id: UUID,
    ref_number: str,
    actor: Actor,
    at: datetime,
    priority: int = 0,
) -> list[DemandLine]:
    """Fit the lines of a document in; returns them with their promises. Raises CannotRegisterDemand.

    At most twelve statements whatever the number of lines.
    """
    if not lines:
        return []
    ref, today = Ref(ref_type, ref_id, ref_number), clock.day_of(at)
    with transaction.atomic(savepoint=False):
        terms = loading.load_terms({line.item_id for line in lines})
        _require_stocked(lines, terms, ref)
        balances = lock_balances((line.item_id, line.warehouse_id) for line in lines)
        demands = insert_lines(lines, ref, priority, at)
        needs = [NewNeed(d.pk, (d.item_id, d.warehouse_id), d.open_qty, d.required_date) for d in demands]
        fits = fitting.fit_stock(needs, {pair: balance.available for pair, balance in balances.items()})
        waiting = {need.pair for need in needs if fits[need.id].short > 0}
        sources = loading.load_sources(waiting) if waiting else []
        fitting.fit_sources(needs, fits, sources)
        for demand in demands:
            demand.reserved_qty = fits[demand.pk].reserved
            balances[demand.item_id, demand.warehouse_id].reserved += demand.reserved_qty
        drafts = drafts_of(demands, fits, sources, balances, terms, today)
        write_lines(demands, fits, drafts, today, at, actor)
        events.publish_all([event for draft in drafts.values() if (event := draft.event())], actor=actor)
    return demands


def _require_stocked(lines: Iterable[DemandInput], terms: dict[UUID, loading.ItemTerms], ref: Ref) -> None:
    for line in lines:
        item = terms.get(line.item_id)
        if item is None or not item.stocked or line.qty <= 0:
            raise CannotRegisterDemand(
                _("Line %(line)s asks for nothing that is kept in stock.") % {"line": line.line_no},
                document=ref.ref_number,
                line=line.line_no,
                field="item",
                value=item.code if item else line.item_id,
            )


# --- taking back and changing ------------------------------------------------------------------
def withdraw_demand(
    ref_id: UUID,
    *,
    actor: Actor,
    at: datetime,
    ref_line_ids: Iterable[UUID] | None = None,
    cause: Cause | None = None,
) -> None:
    """What is not shipped is not needed any more (all of the document, or these lines); others get what it held."""
    with transaction.atomic(savepoint=False):
        lines, _balances = lock_lines(BY_REF, ref_id)
        chosen = None if ref_line_ids is None else set(ref_line_ids)
        lines = [line for line in lines if line.open_qty > 0 and (chosen is None or line.ref_line_id in chosen)]
        if not lines:
            return
        cause = (cause or Cause("demand_withdrawn", id=ref_id, number=lines[0].ref_number)).by(actor)
        _empty_promises(lines, cause, at)
        held = {line.id: line.reserved for line in lines}
        writing.unreserve(held, held)
        ids = [line.id for line in lines]
        read("DELETE FROM availability_peg WHERE demand_id = ANY(%s) RETURNING id", [ids])
        write(OPEN, [{"id": line.id, "qty": line.qty - line.open_qty, "open_qty": ZERO} for line in lines])
        planning.replan({line.pair for line in lines}, cause=cause, actor=actor, at=at)


def _empty_promises(lines: Iterable[DemandAtHand], cause: Cause, at: datetime) -> None:
    """Nothing is promised to a withdrawn line; its ledger says so, nobody else is told."""
    wanted = {line.id for line in lines}
    rows = [row for row in loading.load_demands({line.pair for line in lines}) if row.id in wanted]
    writing.change_promises(
        [PromiseChange(row.id, row.parts, row.promise_date, (), row.revision + 1, True, cause) for row in rows], at
    )


def change_demand(
    lines: Sequence[DemandInput],
    *,
    ref_type: str,
    ref_id: UUID,
    ref_number: str,
    actor: Actor,
    at: datetime,
    cause: Cause | None = None,
    priority: int = 0,
) -> list[DemandLine]:
    """Amend a document in one go: ``qty`` of a line is what is to be open from now on, 0 withdraws it, unknown lines are new.

    Lines that are not named stay as they are. Returns the lines that are open, with their promises.
    """
    cause = (cause or Cause("demand_changed", ref_type, ref_id, ref_number)).by(actor)
    ref, wanted = Ref(ref_type, ref_id, ref_number), {line.ref_line_id: line for line in lines}
    with transaction.atomic(savepoint=False):
        known, _balances = lock_lines(
            BY_LINE, uuid_array(wanted), also=[(line.item_id, line.warehouse_id) for line in lines]
        )
        kept = {line.ref_line_id: line for line in known if line.open_qty > 0 and wanted[line.ref_line_id].qty > 0}
        gone = [line.ref_line_id for line in known if line.open_qty > 0 and line.ref_line_id not in kept]
        _resize(list(kept.values()), wanted)
        planning.replan({line.pair for line in kept.values()}, cause=cause, actor=actor, at=at)
        withdraw_demand(ref_id, ref_line_ids=gone, cause=cause, actor=actor, at=at)
        added = [line for line in lines if line.qty > 0 and line.ref_line_id not in kept]
        if added:
            register_demand(added, **vars(ref), actor=actor, at=at, priority=priority)
        return list(
            DemandLine.objects.filter(ref_line_id__in=wanted, open_qty__gt=0)
            .select_related("promise")
            .order_by("ref_line_no")
        )


def _resize(lines: Sequence[DemandAtHand], wanted: dict[UUID, DemandInput]) -> None:
    """Set the open quantities and dates; what is reserved beyond them is lifted."""
    freed, rows = {}, []
    for line in lines:
        given = wanted[line.ref_line_id]
        if (given.item_id, given.warehouse_id) != line.pair:
            raise CannotChangeDemand(
                _("Line %(line)s keeps its item and warehouse: take it out and add a new one.")
                % {"line": line.ref_line_no},
                document=line.ref_number,
                line=line.ref_line_no,
                field="item",
            )
        freed[line.id] = max(line.reserved - given.qty, ZERO)
        rows.append(
            {
                "id": line.id,
                "qty": line.qty - line.open_qty + given.qty,
                "open_qty": given.qty,
                "required_date": given.required_date,
            }
        )
    writing.unreserve(freed, {line.id: line.reserved for line in lines})
    write(OPEN, rows)


# --- shipping ----------------------------------------------------------------------------------
def _summed(lines: Iterable[tuple[UUID, Decimal]]) -> dict[UUID, Decimal]:
    sums: dict[UUID, Decimal] = defaultdict(Decimal)
    for ref_line_id, qty in lines:
        sums[ref_line_id] += qty
    return sums


def consume_demand(
    lines: Iterable[tuple[UUID, Decimal]], *, actor: Actor, at: datetime, held: Held | None = None
) -> tuple[Pair, ...]:
    """Ship (line, quantity): the reservation ends, the issue may be posted. Raises CannotConsumeDemand.

    Call before ``post_moves`` in the same transaction. A fixed number of statements, two less with what is ``held``
    already; its balances are kept in step. Where a warehouse lets goods leave before they come, more than is reserved
    may be shipped: those pairs are returned, to be planned anew after the moves.
    """
    wanted = _summed(lines)
    if not wanted:
        return ()
    with transaction.atomic(savepoint=False):
        if held is None:
            found, balances = lock_lines(BY_LINE, uuid_array(wanted))
        else:
            found, balances = list(held.lines.values()), held.balances
        known = known_lines(found, wanted)
        beyond = {id for id, qty in wanted.items() if qty > known[id].reserved}
        problems = [
            _not_reserved(known[id], wanted[id])
            for id in wanted
            if id in beyond and (wanted[id] > known[id].open_qty or not balances[known[id].pair].leaves_before_it_comes)
        ]
        if problems:
            raise Refusal.many(problems) if len(problems) > 1 else problems[0]
        taken = {id: min(qty, known[id].reserved) for id, qty in wanted.items()}
        writing.unreserve({known[id].id: qty for id, qty in taken.items()}, {line.id: line.reserved for line in found})
        for id, qty in taken.items():
            balances[known[id].pair].reserved -= qty
        write(
            OPEN,
            [
                {"id": known[id].id, "qty": known[id].qty, "open_qty": known[id].open_qty - qty}
                for id, qty in wanted.items()
            ],
        )
    return tuple(sorted({known[id].pair for id in beyond}))


def consume_reserved(wanted: Mapping[UUID, Decimal], *, actor: Actor, at: datetime) -> None:
    """End the reservations of lines that are about to be issued; what is not reserved must be free."""
    held = DemandLine.objects.filter(ref_line_id__in=wanted, reserved_qty__gt=0)
    taken = [(pk, min(reserved, wanted[pk])) for pk, reserved in held.values_list("ref_line_id", "reserved_qty")]
    consume_demand(taken, actor=actor, at=at)


def _not_reserved(line: DemandAtHand, qty: Decimal) -> CannotConsumeDemand:
    values = {
        "line": line.ref_line_no,
        "qty": plain(qty),
        "reserved": plain(line.reserved),
        "open": plain(line.open_qty),
    }
    if qty > line.open_qty:
        text = _("Line %(line)s: %(qty)s to ship, but only %(open)s are still open.")
    else:
        text = _("Line %(line)s: %(qty)s to ship, but only %(reserved)s of %(open)s are in stock for it.")
    return CannotConsumeDemand(
        text % values,
        document=line.ref_number,
        line=line.ref_line_no,
        field="qty",
        value=plain(qty),
        way_out=_("Ship %(reserved)s now and the rest when it has come.") % values,
    )


def restore_demand(
    lines: Iterable[tuple[UUID, Decimal]], *, actor: Actor, at: datetime, cause: Cause | None = None
) -> None:
    """Take (line, quantity) of a shipment back; call after ``reverse_moves``. The goods stay set aside for the line."""
    wanted = _summed(lines)
    if not wanted:
        return
    with transaction.atomic(savepoint=False):
        found, balances = lock_lines(BY_LINE, uuid_array(wanted))
        known = known_lines(found, wanted)
        rows: list[dict[str, object]] = []
        given: dict[UUID, Decimal] = {}
        for ref_line_id, qty in wanted.items():
            line = known[ref_line_id]
            if qty > line.qty - line.open_qty:
                raise CannotRestoreDemand(
                    _("Line %(line)s: not that much was shipped.") % {"line": line.ref_line_no},
                    document=line.ref_number,
                    line=line.ref_line_no,
                    field="qty",
                    value=plain(qty),
                )
            rows.append({"id": line.id, "qty": line.qty, "open_qty": line.open_qty + qty})
            take = min(qty, balances[line.pair].available)
            if take > 0:
                given[line.id] = take
                balances[line.pair].reserved += take
        write(OPEN, rows)
        writing.reserve(given)
        cause = cause or Cause("shipment_taken_back", number=found[0].ref_number)
        planning.replan({line.pair for line in found}, cause=cause, actor=actor, at=at)
