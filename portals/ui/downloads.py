"""Attachments as answers. The face decides who may read one; here is how the bytes leave and what a partner may ask for."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import FileResponse, HttpResponse
from django.utils.translation import gettext as _

from backend.kernel.errors import NotFoundRefused
from backend.kernel.models import Attachment

_INLINE = {"application/pdf", "image/png", "image/jpeg", "image/webp"}


def file_answer(attachment: Attachment) -> FileResponse:
    """The bytes: shown when a browser shows the kind safely, a download otherwise. Nothing in it may run."""
    try:
        content = attachment.file.open("rb")
    except FileNotFoundError as problem:  # restored without its files, say: the page says so, the rest works
        raise NotFoundRefused(_("The file itself is gone from the store."), value=attachment.name) from problem
    response = FileResponse(
        content,
        as_attachment=attachment.content_type not in _INLINE,
        filename=attachment.name,
        content_type=attachment.content_type,
    )
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'; img-src 'self'; object-src 'self'; sandbox"
    return response


def workbook_answer(body: bytes, name: str) -> HttpResponse:
    """A workbook that was made for this answer."""
    answer = HttpResponse(body, content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    plain = name.encode("ascii", "ignore").decode().replace('"', "").strip() or "list"
    named = f"attachment; filename=\"{plain}.xlsx\"; filename*=UTF-8''{quote(name)}.xlsx"
    answer["Content-Disposition"] = named
    answer["Cache-Control"] = "no-store"
    return answer


# What somebody of a partner needs beside being shared with: the right to see the paper a file hangs on.
_NEEDED = {
    "supplier": {
        "invoicing.": "supplier.statement.view",
        "purchasing.quote": "supplier.rfq.view",
        "srm.claim": "supplier.claim.answer",
        "srm.qualificationdocument": "supplier.profile.view",
    },
    "customer": {"invoicing.": "customer.invoice.view"},
}


def partner_file(actor: Any, pk: UUID) -> Attachment | None:
    """What a supplier's or customer's user may read: shared with its own firm, on a paper this person may see."""
    if actor.kind not in {"supplier", "customer"} or actor.party_id is None:
        return None
    found = Attachment.objects.filter(pk=pk, visibility=actor.kind, party_id=actor.party_id).first()
    rights = (right for prefix, right in _NEEDED[actor.kind].items() if found and found.subject_type.startswith(prefix))
    return found if all(actor.may(right) for right in rights) else None
