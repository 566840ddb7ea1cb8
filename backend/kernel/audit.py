"""Writing and reading the audit trail."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from backend.kernel.actor import Actor
from backend.kernel.models import AuditEntry


def type_of(subject: Any) -> str:
    """``sales.order`` for documents, the model's label otherwise."""
    return getattr(subject, "DOC_TYPE", "") or str(subject._meta.label_lower)


def entry(
    subject: Any,
    verb: str,
    *,
    actor: Actor,
    at: datetime,
    axis: str = "",
    before: str = "",
    after: str = "",
    changes: Mapping[str, Any] | None = None,
    reason: str = "",
) -> AuditEntry:
    """An unsaved entry, for those who write many at once."""
    return AuditEntry(
        subject_type=type_of(subject),
        subject_id=subject.pk,
        subject_label=str(subject)[:120],
        verb=verb,
        axis=axis,
        state_before=before,
        state_after=after,
        changes=dict(changes or {}),
        reason=reason[:500],
        actor_kind=actor.kind,
        actor_id=actor.member_id,
        actor_name=actor.name,
        channel=actor.channel,
        at=at,
    )


def record(subject: Any, verb: str, *, actor: Actor, at: datetime, **details: Any) -> AuditEntry:
    """Write one entry, in one statement. ``details`` as in ``entry``."""
    made = entry(subject, verb, actor=actor, at=at, **details)
    made.save(force_insert=True)
    return made


def record_many(entries: Iterable[AuditEntry]) -> None:
    """Write many entries in one statement."""
    AuditEntry.objects.bulk_create(list(entries))


def timeline(subject_id: UUID, *, also: Iterable[UUID] = ()) -> QuerySet[AuditEntry]:
    """What happened to a subject (and to others beside it), newest first."""
    return AuditEntry.objects.filter(subject_id__in=[subject_id, *also]).order_by("-id")


def changed_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[str]]:
    """The fields whose values differ, as text pairs ready for ``changes``."""
    return {name: [str(before.get(name, "")), str(value)] for name, value in after.items() if before.get(name) != value}
