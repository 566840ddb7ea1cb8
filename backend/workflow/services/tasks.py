"""To-dos: one open row per matter. Asking again refreshes the words of the open one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.models import Q
from psycopg.types.json import Json

from backend.kernel.actor import Actor
from backend.kernel.audit import type_of
from backend.kernel.ids import uuid7
from backend.workflow.models import Task
from backend.workflow.texts import TEXTS

_ENCODER = DjangoJSONEncoder()
_COLUMNS = (
    "id, kind, params, assignee_id, permission, subject_type, subject_id, subject_number, due_date, dedupe_key, "
    "created_at, done_by_name"
)
_UPSERT = """
INSERT INTO workflow_task ({columns}) VALUES {rows}
ON CONFLICT (dedupe_key) WHERE done_at IS NULL DO UPDATE
SET params = excluded.params, assignee_id = excluded.assignee_id, permission = excluded.permission,
    due_date = excluded.due_date, subject_number = excluded.subject_number
"""


@dataclass(frozen=True)
class TaskInput:
    """What to do: for one member or for everyone with a permission; ``dedupe_key`` names the matter."""

    kind: str
    dedupe_key: str
    params: Mapping[str, Any] = field(default_factory=dict)
    assignee_id: UUID | None = None
    permission: str = ""
    subject: Any = None
    subject_type: str = ""
    subject_id: UUID | None = None
    subject_number: str = ""
    due_date: date | None = None


def create_tasks(inputs: Sequence[TaskInput], *, at: datetime) -> None:
    """Write many to-dos in one statement, in the order of their keys (so two writers cannot lock each other)."""
    last = {task.dedupe_key: task for task in inputs}
    if not last:
        return
    rows = [_row(last[key], at) for key in sorted(last)]
    places = ", ".join(["(" + ", ".join(["%s"] * len(rows[0])) + ")"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT.format(columns=_COLUMNS, rows=places), [value for row in rows for value in row])


def _row(task: TaskInput, at: datetime) -> list[Any]:
    if task.kind not in TEXTS:
        raise KeyError(f"A to-do of kind {task.kind!r} has no words in workflow.texts.")
    subject = task.subject
    return [
        uuid7(),
        task.kind,
        Json(dict(task.params), dumps=_ENCODER.encode),
        task.assignee_id,
        task.permission,
        type_of(subject) if subject is not None else task.subject_type,
        subject.pk if subject is not None else task.subject_id,
        str(subject)[:40] if subject is not None else task.subject_number,
        task.due_date,
        task.dedupe_key,
        at,
        "",
    ]


def create_task(
    *,
    kind: str,
    params: Mapping[str, Any],
    dedupe_key: str,
    at: datetime,
    assignee_id: UUID | None = None,
    permission: str = "",
    subject: Any = None,
    due_date: date | None = None,
) -> None:
    """Write one to-do, in one statement."""
    task = TaskInput(
        kind=kind,
        dedupe_key=dedupe_key,
        params=params,
        assignee_id=assignee_id,
        permission=permission,
        subject=subject,
        due_date=due_date,
    )
    create_tasks([task], at=at)


def complete_tasks(
    *,
    actor: Actor,
    at: datetime,
    subject_id: UUID | None = None,
    dedupe_key: str = "",
    dedupe_start: str = "",
    kinds: Iterable[str] = (),
) -> int:
    """Mark what is open about a document (of some kinds) or a matter as done; returns how many rows.

    ``dedupe_start``: all matters whose names begin so.
    """
    if not subject_id and not dedupe_key and not dedupe_start:
        raise ValueError("Name the document or the matter whose to-dos are done.")
    wanted = Q(done_at=None)
    if subject_id:
        wanted &= Q(subject_id=subject_id)
    if dedupe_key:
        wanted &= Q(dedupe_key=dedupe_key)
    if dedupe_start:
        wanted &= Q(dedupe_key__startswith=dedupe_start)
    if kinds:
        wanted &= Q(kind__in=list(kinds))
    return Task.objects.filter(wanted).update(done_at=at, done_by_name=actor.name)
