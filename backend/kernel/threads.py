"""What of a conversation is new to a reader: what the other side wrote since the reader last had it open."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from backend.kernel.actor import Actor
from backend.kernel.models import Comment, ThreadRead

PARTNERS = ("supplier", "customer")
# Written only when there is something new, so opening a page again writes nothing.
_READ = """
WITH before AS (
    SELECT read_at FROM kernel_thread_read WHERE subject_id = %(subject)s AND reader_id = %(reader)s
), written AS (
    INSERT INTO kernel_thread_read (subject_id, reader_id, read_at)
    SELECT %(subject)s, %(reader)s, %(at)s WHERE EXISTS (
        SELECT 1 FROM kernel_comment c WHERE c.subject_id = %(subject)s AND c.author_kind = ANY(%(others)s)
        AND c.created_at > coalesce((SELECT read_at FROM before), '-infinity'))
    ON CONFLICT (subject_id, reader_id) DO UPDATE SET read_at = excluded.read_at
)
SELECT read_at FROM before
"""


def _others(actor: Actor) -> tuple[str, ...]:
    """Who the other side is: partners for staff, staff for a partner."""
    return ("staff", "system") if actor.kind in PARTNERS else PARTNERS


def _foreign(actor: Actor) -> QuerySet[Comment]:
    found = Comment.objects.filter(author_kind__in=_others(actor))
    if actor.kind in PARTNERS:
        found = found.filter(visibility=actor.kind, party_id=actor.party_id)
    return found


def has_unread(actor: Actor, subject: str = "pk") -> Exists:
    """For annotating rows of documents: whether the other side wrote something this reader has not seen."""
    read = ThreadRead.objects.filter(
        subject_id=OuterRef("subject_id"),
        reader_id=actor.member_id,  # type: ignore[misc]
        read_at__gte=OuterRef("created_at"),
    )
    return Exists(_foreign(actor).filter(subject_id=OuterRef(subject)).exclude(Exists(read)))


def open_thread(subject_id: UUID, *, actor: Actor, at: datetime) -> datetime | None:
    """The reader has the conversation open; returns until when it had been read before. One statement."""
    if actor.member_id is None:
        return None
    values: dict[str, Any] = {
        "subject": subject_id,
        "reader": actor.member_id,
        "at": at,
        "others": list(_others(actor)),
    }
    with connection.cursor() as cursor:
        cursor.execute(_READ, values)
        found = cursor.fetchone()
    return found[0] if found else None
