"""The conversation with the buyer on a document of the supplier's: messages and files in one line of time."""

from typing import Any

from django.http import HttpRequest

from backend.kernel import clock
from backend.kernel.comments import comments_on
from backend.kernel.conversation import say
from backend.kernel.models import Attachment
from backend.kernel.threads import open_thread
from backend.kernel.together import together
from portals.supplier.frame import who_and_when
from portals.ui import related
from portals.ui import typed as reading


def thread_of(request: HttpRequest, document: Any, write_url: str) -> dict[str, Any]:
    """The context of ``supplier/thread.html``; what is new since the reader was here is marked, and counts as read now."""
    actor = request.actor  # type: ignore[attr-defined]
    before = open_thread(document.pk, actor=actor, at=clock.now())
    files = Attachment.objects.filter(subject_id=document.pk, visibility="supplier", party_id=actor.party_id)
    shared = together(said=comments_on(document.pk, visibility="supplier"), filed=files.order_by("created_at", "id"))
    said = [
        {
            "who": row.author_name,
            "at": row.created_at,
            "text": row.text,
            "mine": row.author_kind == "supplier",
            "new": row.author_kind != "supplier" and (before is None or row.created_at > before),
        }
        for row in shared["said"]
    ]
    said += [
        {"who": file.created_by_name, "at": file.created_at, "file": ref, "mine": file.created_by_name == actor.name}
        for file, ref in zip(shared["filed"], related.file_refs(shared["filed"], url_name="supplier:file"), strict=True)
    ]
    return {"thread": sorted(said, key=lambda row: row["at"]), "thread_url": write_url}


def write(request: HttpRequest, document: Any) -> None:
    """A message, a file, or both; a file alone is told of by its name. Raises Refusal."""
    say(
        subject=document,
        text=request.POST.get("text", ""),
        upload=reading.upload(request.FILES, "file"),
        visibility="supplier",
        party_id=document.supplier_id,
        **who_and_when(request),
    )
