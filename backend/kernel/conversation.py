"""What somebody says on a document: words, a file, or both; a file alone is told of by its name."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from backend.kernel.actor import Actor
from backend.kernel.comments import add_comment
from backend.kernel.files import attach_file
from backend.kernel.models import Comment


def say(
    *,
    subject: Any,
    text: str,
    actor: Actor,
    at: datetime,
    upload: UploadedFile | None = None,
    visibility: str = "internal",
    party_id: UUID | None = None,
) -> Comment:
    """Write the message and keep its file, or neither. Raises ValidationRefused for both."""
    shared: dict[str, Any] = {
        "subject": subject,
        "visibility": visibility,
        "party_id": party_id,
        "actor": actor,
        "at": at,
    }
    with transaction.atomic():
        kept = attach_file(upload=upload, **shared) if upload else None
        words = text.replace("\x00", "").strip()
        return add_comment(text=words or (kept.name if kept else ""), **shared)
