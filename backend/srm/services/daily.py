"""What the passing of a day does to documents: reminders 30, 7 and 1 days before, suspension on expiry (SRM-02)."""

from datetime import date, datetime, timedelta

from django.db import transaction

from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.kernel.language import in_books
from backend.parties.models import SupplierState
from backend.parties.services.suppliers import ORDERABLE, set_supplier_state
from backend.srm.models import DocumentState, QualificationDocument
from backend.srm.selectors.qualification import suppliers_to_suspend
from backend.srm.services import claims, scores
from backend.srm.services.life import lock_role, stored_obstacles
from backend.srm.services.messages import tell_supplier, todo
from backend.workflow.services import TaskInput, create_tasks

STAGES = (1, 7, 30)
OVER = -1


def look_around(*, at: datetime) -> dict[str, int]:
    """All of it for the current company; returns how many of each were found."""
    return {
        **look_at_documents(at=at),
        "overdue": claims.remind_of_overdue(at=at),
        "scored": scores.compute_recent(at=at),
        "proposed": scores.propose_watching(at=at),
    }


def look_at_documents(*, at: datetime) -> dict[str, int]:
    """Remind of what expires and suspend where it has expired; twice on a day changes nothing the second time."""
    today = clock.day_of(at)
    reminded = remind_of_expiry(today=today, at=at)
    return {"reminded": reminded, "suspended": suspend_expired(today=today, at=at)}


def remind_of_expiry(*, today: date, at: datetime) -> int:
    """A to-do for whoever reviews and a word to the supplier, once for each stage."""
    soon = QualificationDocument.objects.select_related("type", "party__supplier").filter(
        state=DocumentState.ACCEPTED, type__active=True, party__active=True, expiry_date__lte=today + timedelta(days=30)
    )
    due = [(row, stage) for row in soon if (stage := _stage(row, today)) is not None]
    with transaction.atomic():
        create_tasks([_task(row, stage) for row, stage in due], at=at)
        for row, stage in due:
            row.reminded = stage
        QualificationDocument.objects.bulk_update([row for row, _stage in due], ["reminded"])
        for row, stage in due:
            _tell(row, stage, at)
    return len(due)


def _stage(row: QualificationDocument, today: date) -> int | None:
    """The stage this document has reached and that nobody was told of yet."""
    assert row.expiry_date is not None
    left = (row.expiry_date - today).days
    reached = OVER if left < 0 else next((stage for stage in STAGES if left <= stage), None)
    if reached is None or (row.reminded is not None and row.reminded <= reached):
        return None
    return reached


def _words(row: QualificationDocument) -> dict[str, str]:
    return {
        "supplier": row.party.label,
        "document": in_books(lambda: row.type.name),
        "expiry_date": str(row.expiry_date),
    }


def _task(row: QualificationDocument, stage: int) -> TaskInput:
    return todo(
        "srm.document_expired" if stage == OVER else "srm.document_expires",
        _words(row),
        key=f"expiry:{row.pk}",
        page="srm.qualification",
        pk=row.party_id,
        permission="srm.qualification.review",
        assignee_id=row.party.supplier.buyer_id,
        due_date=row.expiry_date,
    )


def _tell(row: QualificationDocument, stage: int, at: datetime) -> None:
    kind = "supplier.document_expired" if stage == OVER else "supplier.document_expires"
    tell_supplier(row.party, kind, _words(row), key=f"expiry:{row.pk}:{stage}", at=at)


def suspend_expired(*, today: date, at: datetime) -> int:
    """Suppliers with an expired mandatory document get no orders until a valid one is accepted."""
    stopped = suppliers_to_suspend(today)
    for party_id in stopped:
        with transaction.atomic():
            role = lock_role(party_id)
            if role.state in ORDERABLE:
                set_supplier_state(
                    party_id=party_id,
                    state=SupplierState.SUSPENDED,
                    actor=Actor.system(),
                    at=at,
                    blocked_by="; ".join(stored_obstacles(party_id, at)),
                )
    return len(stopped)
