"""Messages on documents, internal or shared with the partner of the document."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backend.kernel import audit, events
from backend.kernel.actor import Actor
from backend.kernel.errors import ValidationRefused
from backend.kernel.models import Comment


@dataclass(frozen=True)
class CommentAdded(events.Event):
    """A message was written on ``subject_type``/``aggregate_id``; ``visibility`` says who may read it."""

    subject_type: str = ""
    comment_id: str = ""
    visibility: str = "internal"
    author_kind: str = "staff"


def add_comment(
    *, subject: Any, text: str, actor: Actor, at: datetime, visibility: str = "internal", party_id: UUID | None = None
) -> Comment:
    """Write a message; raises ValidationRefused when it is empty or longer than 4,000 characters."""
    text = text.strip()
    if not text or len(text) > 4000:
        raise ValidationRefused(
            _("A message has between 1 and 4,000 characters."),
            document=str(subject),
            field="text",
            value=len(text),
            way_out=_("Shorten it or attach a file."),
        )
    with transaction.atomic():
        made = Comment.objects.create(
            subject_type=audit.type_of(subject),
            subject_id=subject.pk,
            text=text,
            visibility=visibility,
            party_id=party_id,
            author_kind=actor.kind,
            author_id=actor.member_id,
            author_name=actor.name,
            created_at=at,
        )
        event = CommentAdded(
            aggregate_id=subject.pk,
            subject_type=made.subject_type,
            comment_id=str(made.pk),
            visibility=visibility,
            author_kind=actor.kind,
        )
        events.publish(event, actor=actor)
    return made


def comments_on(subject_id: UUID, *, visibility: str | None = None) -> QuerySet[Comment]:
    """Messages of a document, oldest first; a partner sees only what is shared with its kind."""
    found = Comment.objects.filter(subject_id=subject_id).order_by("created_at", "id")
    return found.filter(visibility=visibility) if visibility else found
