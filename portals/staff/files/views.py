"""Downloads of attachments. Every face asks here; who may read a file is decided by its visibility and its party.

Staff read a file when they may read the document it belongs to. A partner reads what is shared with its kind and its firm.
"""

from typing import Any
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse

from backend.kernel.models import Attachment
from portals.staff.discussion.views import subject_of
from portals.staff.shared.registry import kind_of
from portals.ui.guards import staff_view

_INLINE = {"application/pdf", "image/png", "image/jpeg", "image/webp"}


def answer_with(attachment: Attachment) -> FileResponse:
    """The bytes, as a download unless a browser shows the kind safely."""
    inline = attachment.content_type in _INLINE
    response = FileResponse(
        attachment.file.open("rb"),
        as_attachment=not inline,
        filename=attachment.name,
        content_type=attachment.content_type,
    )
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'; img-src 'self'; object-src 'self'; sandbox"
    return response


def _may_read(actor: Any, attachment: Attachment) -> bool:
    if kind_of(attachment.subject_type) is None:
        return bool(actor.may("catalog.item.view") or actor.may("parties.customer.view"))
    subject_of(actor, attachment.subject_type, attachment.subject_id)
    return True


@staff_view()
def download(request: HttpRequest, pk: UUID) -> HttpResponse:
    attachment = Attachment.objects.filter(pk=pk).first()
    if attachment is None or not _may_read(request.actor, attachment):  # type: ignore[attr-defined]
        raise Http404
    return answer_with(attachment)
