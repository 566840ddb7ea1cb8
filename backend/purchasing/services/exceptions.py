"""Exceptions live by themselves: what the documents say opens and solves them, a buyer only takes care of one.

Looking twice changes nothing. What comes back after it was solved is a new exception: the old one stays as history.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.kernel import audit
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.errors import Conflict, NotFoundRefused
from backend.purchasing.models import ExceptionState, PurchaseException
from backend.purchasing.selectors.exceptions import Found, find_exceptions
from backend.purchasing.selectors.hurt import weigh_risks
from backend.purchasing.states import EXCEPTION


@dataclass(frozen=True)
class Outcome:
    """What a look at the documents changed."""

    opened: Sequence[PurchaseException]
    solved: Sequence[PurchaseException]


def refresh_exceptions(*, at: datetime, order_ids: Collection[UUID] | None = None) -> Outcome:
    """Bring the exceptions of all running orders (or of these) in step with the documents; at most six statements."""
    with transaction.atomic():
        wanted = {found.key: found for found in find_exceptions(at=at, order_ids=order_ids)}
        rows = PurchaseException.objects.select_for_update().exclude(state=ExceptionState.SOLVED)
        if order_ids is not None:
            rows = rows.filter(order__in=order_ids)
        known = {(row.kind, row.subject_id): row for row in rows.order_by("pk")}
        opened = _open([found for key, found in wanted.items() if key not in known], at)
        _follow([(row, wanted[key]) for key, row in known.items() if key in wanted])
        solved = [row for key, row in known.items() if key not in wanted]
        for row in solved:
            EXCEPTION.advance(row, "solve")
            row.solved_at = at
        update_rows(solved, ["state", "solved_at"])
        weigh_risks(order_ids)
    return Outcome(opened, solved)


def _open(found: Sequence[Found], at: datetime) -> list[PurchaseException]:
    made = [
        PurchaseException(
            kind=one.kind,
            subject_id=one.subject_id,
            order_id=one.order_id,
            order_line_id=one.line_id,
            asn_id=one.asn_id,
            supplier_id=one.supplier_id,
            buyer_id=one.buyer_id,
            due_date=one.due_date,
            facts=one.facts,
            opened_at=at,
        )
        for one in found
    ]
    PurchaseException.objects.bulk_create(made, ignore_conflicts=True, batch_size=1000)
    return made


def _follow(pairs: Sequence[tuple[PurchaseException, Found]]) -> None:
    """Keep the facts of what is still wrong as they are now."""
    changed = []
    for row, found in pairs:
        if (row.due_date, row.facts, row.buyer_id) == (found.due_date, found.facts, found.buyer_id):
            continue
        row.due_date, row.facts, row.buyer_id = found.due_date, found.facts, found.buyer_id
        changed.append(row)
    update_rows(changed, ["due_date", "facts", "buyer_id"])


def acknowledge_exception(*, exception_id: UUID, actor: Actor, at: datetime, note: str = "") -> PurchaseException:
    """A buyer takes care of it; it stays until its cause is gone. Raises Conflict when it is solved already."""
    with transaction.atomic():
        row = (
            PurchaseException.objects.select_for_update(of=("self",))
            .select_related("order")
            .filter(pk=exception_id)
            .first()
        )
        if row is None or actor.kind not in {"staff", "system"}:
            raise NotFoundRefused(_("There is no such exception."), value=exception_id)
        if row.state == ExceptionState.SOLVED:
            raise Conflict(
                _("This is solved already."), code="exception_solved", document=row.order.number, field="state"
            )
        EXCEPTION.advance(row, "acknowledge")
        row.acknowledged_at, row.acknowledged_by_name, row.note = at, actor.name, note.strip()[:300]
        row.save(update_fields=["state", "acknowledged_at", "acknowledged_by_name", "note"])
        changes = {"exception": ["", row.kind]}
        audit.record(row.order, "acknowledge", actor=actor, at=at, changes=changes, reason=row.note)
    return row
