"""Deciding suggestions: accept (by purchasing, when it makes the order), snooze, dismiss, restore.

A suggestion is derived: what is restored or needed again comes back by replanning.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.availability.errors import CannotAnswer, CannotDecideSuggestion
from backend.availability.models import Peg, Suggestion, SuggestionState
from backend.availability.services import planning
from backend.availability.services.causes import Cause
from backend.availability.services.rows import write
from backend.inventory.services.balances import lock_balances
from backend.kernel import audit, clock
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.errors import NotFoundRefused, WayOut
from backend.kernel.ids import uuid7


class Acceptance(NamedTuple):
    """A suggestion and the order line that answers it; ``qty`` when the buyer orders another quantity."""

    suggestion_id: UUID
    order_id: UUID
    order_line_id: UUID
    qty: Decimal | None = None
    order_number: str = ""
    order_type: str = "purchasing.order"


class Held(NamedTuple):
    """So much that a line of a requisition, or of a draft order made from it, is going to bring."""

    order_type: str
    order_id: UUID
    order_number: str
    order_line_id: UUID
    item_id: UUID
    warehouse_id: UUID
    supplier_id: UUID | None
    qty: Decimal
    day: date
    suggestion_id: UUID | None = None


def mark_accepted(
    accepted: Iterable[Sequence[Any]], *, actor: Actor, at: datetime, beside: Sequence[Held] = ()
) -> None:
    """Note which order lines answer which suggestions (``Acceptance`` or its plain tuple).

    Until the order brings supply of its own, the accepted suggestion counts as coming. ``beside`` are lines that take a
    part of one of these suggestions: each has an accepted suggestion of its own from now on.
    """
    given = {row.suggestion_id: row for row in (Acceptance(*values) for values in accepted)}
    if not given:
        return
    with transaction.atomic(savepoint=False):
        found = _locked(Suggestion.objects.filter(pk__in=given))
        _require_undecided(found, given)
        write(_ACCEPT, [_accepted_row(row, given[row.pk], actor, at) for row in found])
        Suggestion.objects.bulk_create([_held(row, actor, at) for row in beside])
        audit.record_many(_entry(row, "accept", SuggestionState.ACCEPTED, actor, at) for row in found)
        _replan(found, Cause("suggestion_accepted"), actor, at)


_ACCEPT = """
UPDATE availability_suggestion s SET state = 'accepted', qty = x.qty, order_id = x.order_id, order_type = x.order_type,
    order_line_id = x.order_line_id, order_number = x.order_number, decided_at = x.at, decided_by_name = x.by_name,
    snoozed_until = NULL, reason = '', updated_at = x.at
FROM jsonb_to_recordset(%s) AS x (id uuid, qty numeric, order_id uuid, order_type text, order_line_id uuid, order_number text,
    at timestamptz, by_name text)
WHERE s.id = x.id
"""


def _accepted_row(row: Suggestion, given: Acceptance, actor: Actor, at: datetime) -> dict[str, Any]:
    return {
        "id": row.pk,
        "qty": row.qty if given.qty is None else given.qty,
        "order_id": given.order_id,
        "order_type": given.order_type,
        "order_line_id": given.order_line_id,
        "order_number": given.order_number,
        "at": at,
        "by_name": actor.name,
    }


def hold_accepted(rows: Sequence[Held], *, actor: Actor, at: datetime) -> dict[UUID, UUID]:
    """Let lines count as coming with exactly these quantities, on the days they are wanted; a quantity of zero: no more.

    Returns the suggestion of each line that has one. Nothing is written where nothing differs.
    """
    lines = [row.order_line_id for row in rows]
    with transaction.atomic(savepoint=False):
        accepted = Suggestion.objects.filter(state=SuggestionState.ACCEPTED, order_line_id__in=lines)
        pairs = {(row.item_id, row.warehouse_id) for row in rows} | set(accepted.values_list("item_id", "warehouse_id"))
        lock_balances(pairs)
        known = {row.order_line_id: row for row in accepted}
        gone = [known[row.order_line_id] for row in rows if row.order_line_id in known and not row.qty]
        changed = [
            _resized(known[row.order_line_id], row, at) for row in rows if row.order_line_id in known and row.qty
        ]
        made = [_held(row, actor, at) for row in rows if row.order_line_id not in known and row.qty > 0]
        differing = [row for row in changed if row is not None]
        if gone or made or differing:
            Peg.objects.filter(suggestion__in=gone).delete()
            Suggestion.objects.filter(pk__in=[row.pk for row in gone]).delete()
            Suggestion.objects.bulk_create(made)
            update_rows(differing, ("item", "warehouse", "supplier", "qty", "arrival_date", "updated_at"))
            planning.replan(pairs, cause=Cause("suggestion_accepted"), actor=actor, at=at)
    left = {row.order_line_id: row.pk for row in accepted.exclude(pk__in=[row.pk for row in gone])}
    return {line: found for line, found in left.items() if line is not None}


def _resized(found: Suggestion, row: Held, at: datetime) -> Suggestion | None:
    """The suggestion as its line is now; None when that is what it was."""
    before = (found.item_id, found.warehouse_id, found.supplier_id, found.qty, found.arrival_date)
    found.item_id, found.warehouse_id, found.supplier_id = row.item_id, row.warehouse_id, row.supplier_id
    found.qty, found.arrival_date, found.updated_at = row.qty, row.day, at
    after = (found.item_id, found.warehouse_id, found.supplier_id, found.qty, found.arrival_date)
    return found if after != before else None


def _held(row: Held, actor: Actor, at: datetime) -> Suggestion:
    return Suggestion(
        id=row.suggestion_id or uuid7(),
        item_id=row.item_id,
        warehouse_id=row.warehouse_id,
        supplier_id=row.supplier_id,
        need_qty=row.qty,
        qty=row.qty,
        need_date=row.day,
        arrival_date=row.day,
        state=SuggestionState.ACCEPTED,
        order_type=row.order_type,
        order_id=row.order_id,
        order_number=row.order_number,
        order_line_id=row.order_line_id,
        decided_at=at,
        decided_by_name=actor.name,
        created_at=at,
        updated_at=at,
    )


def snooze_suggestion(*, suggestion_id: UUID, until: date, actor: Actor, at: datetime, reason: str = "") -> Suggestion:
    """Look at it again on a day; promises that hang on it count from that day. A greater need wakes it."""
    if until <= clock.day_of(at):
        raise CannotAnswer(
            _("Choose a day after today."), field="until", value=until, way_out=_("Tomorrow is the earliest.")
        )
    return _decide(suggestion_id, SuggestionState.SNOOZED, "snooze", reason, actor, at, until=until)


def dismiss_suggestion(*, suggestion_id: UUID, reason: str, actor: Actor, at: datetime) -> Suggestion:
    """Do not buy: the demands behind it have no date any more. A greater need brings it back."""
    if not reason.strip():
        raise CannotAnswer(
            _("Say why this is not to be bought."), field="reason", way_out=_("Sales reads it beside the promise.")
        )
    return _decide(suggestion_id, SuggestionState.DISMISSED, "dismiss", reason.strip(), actor, at)


def revive_suggestion(*, suggestion_id: UUID, actor: Actor, at: datetime) -> Suggestion:
    """Take a snoozed or dismissed suggestion up again."""
    return _decide(suggestion_id, SuggestionState.LIVE, "revive", "", actor, at)


def _decide(
    suggestion_id: UUID, state: str, verb: str, reason: str, actor: Actor, at: datetime, until: date | None = None
) -> Suggestion:
    with transaction.atomic():
        found = _locked(Suggestion.objects.filter(pk=suggestion_id))
        if not found:
            raise NotFoundRefused(_("This suggestion is gone: nothing needs it any more."), value=suggestion_id)
        _require_undecided(found, {suggestion_id: None})
        entry = _entry(found[0], verb, state, actor, at, reason=reason)
        Suggestion.objects.filter(pk=suggestion_id).update(
            state=state,
            snoozed_until=until,
            reason=reason[:300],
            decided_at=None if state == SuggestionState.LIVE else at,
            decided_by_name="" if state == SuggestionState.LIVE else actor.name,
            updated_at=at,
        )
        audit.record_many([entry])
        cause = Cause(f"suggestion_{state}", text=reason)
        _replan(found, cause, actor, at)
        return Suggestion.objects.get(pk=suggestion_id)


def restore_suggestions(
    *,
    actor: Actor,
    at: datetime,
    order_id: UUID | None = None,
    order_line_ids: Iterable[UUID] = (),
    suggestion_ids: Iterable[UUID] = (),
) -> None:
    """The order (or these lines of it) will not be: what it was to buy is suggested again, as far as it is still needed."""
    with transaction.atomic(savepoint=False):
        accepted = Suggestion.objects.filter(state=SuggestionState.ACCEPTED)
        wanted = (
            accepted.filter(order_id=order_id)
            if order_id
            else accepted.filter(order_line_id__in=list(order_line_ids)) | accepted.filter(pk__in=list(suggestion_ids))
        )
        found = _locked(wanted)
        if not found:
            return
        audit.record_many(_entry(row, "restore", SuggestionState.LIVE, actor, at) for row in found)
        ids = [row.pk for row in found]
        Peg.objects.filter(suggestion_id__in=ids).delete()
        Suggestion.objects.filter(pk__in=ids).delete()
        _replan(found, Cause("order_withdrawn", number=found[0].order_number), actor, at)


# --- shared ------------------------------------------------------------------------------------
def _locked(rows: Any) -> list[Suggestion]:
    """The suggestions as they are once their balances are locked."""
    pairs = set(rows.values_list("item_id", "warehouse_id"))
    lock_balances(pairs)
    return list(rows.select_related("item").order_by("item_id", "warehouse_id", "id"))


def _require_undecided(found: Sequence[Suggestion], wanted: dict[UUID, Any]) -> None:
    missing = set(wanted) - {row.pk for row in found}
    if missing:
        raise NotFoundRefused(_("This suggestion is gone: nothing needs it any more."), value=sorted(missing)[0])
    for row in found:
        if row.state == SuggestionState.ACCEPTED:
            number = row.order_number
            raise CannotDecideSuggestion(
                _("The suggestion for %(item)s is ordered already with %(order)s.")
                % {"item": row.item, "order": number or _("an order")},
                field="state",
                value=row.state,
                way_out=_("Open the order."),
                links=[WayOut(number, doc_type=row.order_type, number=number)] if number else (),
            )


def _entry(row: Suggestion, verb: str, after: str, actor: Actor, at: datetime, reason: str = "") -> Any:
    made = audit.entry(row, verb, actor=actor, at=at, axis="state", before=row.state, after=after, reason=reason)
    made.subject_label = str(row.item)[:120]
    return made


def _replan(found: Iterable[Suggestion], cause: Cause, actor: Actor, at: datetime) -> None:
    planning.replan({(row.item_id, row.warehouse_id) for row in found}, cause=cause, actor=actor, at=at)
