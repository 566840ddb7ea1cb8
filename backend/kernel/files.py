"""Attachments: checked by size, name and content before they are kept; downloads go through authorisation."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from backend.kernel import audit
from backend.kernel.actor import Actor
from backend.kernel.errors import ValidationRefused
from backend.kernel.models import Attachment

MAX_BYTES = 10 * 1024 * 1024
# Suffix -> (content type, bytes the file must begin with; none where the format has no mark).
ALLOWED: dict[str, tuple[str, tuple[bytes, ...]]] = {
    ".pdf": ("application/pdf", (b"%PDF",)),
    ".png": ("image/png", (b"\x89PNG",)),
    ".jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    ".jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    ".webp": ("image/webp", (b"RIFF",)),
    ".xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (b"PK",)),
    ".docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (b"PK",)),
    ".zip": ("application/zip", (b"PK",)),
    ".ofd": ("application/ofd", (b"PK",)),
    ".xml": ("application/xml", (b"<", b"\xef\xbb\xbf<")),
    ".csv": ("text/csv", ()),
    ".txt": ("text/plain", ()),
}


def check_upload(upload: UploadedFile) -> tuple[str, str]:
    """The safe name and the content type of an upload; raises ValidationRefused naming what is wrong."""
    name = Path(upload.name or "file").name[:200]
    suffix = Path(name).suffix.lower()
    if suffix not in ALLOWED:
        raise ValidationRefused(
            _("Files of this kind are not accepted: %(name)s.") % {"name": name},
            field="file",
            value=suffix,
            way_out=_("Accepted are: %(kinds)s.") % {"kinds": " ".join(sorted(ALLOWED))},
        )
    if (upload.size or 0) > MAX_BYTES:
        raise ValidationRefused(
            _("%(name)s is larger than 10 MB.") % {"name": name},
            field="file",
            value=upload.size,
            way_out=_("Make it smaller or split it."),
        )
    content_type, marks = ALLOWED[suffix]
    head = upload.read(16)
    upload.seek(0)
    if marks and not head.startswith(marks):
        raise ValidationRefused(
            _("%(name)s is not what its name says.") % {"name": name},
            field="file",
            value=suffix,
            way_out=_("Save it again in the right format."),
        )
    return name, content_type


def attach_file(
    *,
    subject: Any,
    upload: UploadedFile,
    actor: Actor,
    at: datetime,
    visibility: str = "internal",
    party_id: UUID | None = None,
) -> Attachment:
    """Keep a file with a document or master; the bytes are removed again when the transaction fails."""
    name, content_type = check_upload(upload)
    digest = hashlib.sha256(b"".join(upload.chunks())).hexdigest()
    upload.seek(0)
    with transaction.atomic():
        made = Attachment(
            subject_type=audit.type_of(subject),
            subject_id=subject.pk,
            name=name,
            content_type=content_type,
            size=upload.size or 0,
            sha256=digest,
            visibility=visibility,
            party_id=party_id,
            created_at=at,
            created_by_name=actor.name,
        )
        made.file.save(name, upload, save=False)
        made.save(force_insert=True)
        audit.record(subject, "attach", actor=actor, at=at, changes={"file": ["", name]})
    return made
