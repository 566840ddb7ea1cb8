"""Downloads of attachments by staff: who may read the document may read its files."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse

from backend.kernel.models import Attachment
from backend.purchasing.models import Quote
from portals.staff.discussion.views import subject_of
from portals.staff.shared.lists import PRICES
from portals.staff.shared.registry import kind_of
from portals.ui.downloads import file_answer
from portals.ui.guards import staff_view


def _may_read(actor: Any, attachment: Attachment) -> bool:
    """Files of documents follow the document (else it is not found); files of masters need the right to see masters."""
    if attachment.subject_type == "srm.qualificationdocument":
        return bool(actor.may("srm.qualification.view"))
    if attachment.subject_type == Quote.DOC_TYPE:  # the paper of a quote is sealed as long as the quote is
        sees = actor.may("purchasing.rfq.view") and actor.may(PRICES)
        return bool(sees and Quote.objects.filter(pk=attachment.subject_id).exists())
    if kind_of(attachment.subject_type) is None:
        return bool(actor.may("catalog.item.view") or actor.may("parties.customer.view"))
    subject_of(actor, attachment.subject_type, attachment.subject_id)
    return True


@staff_view()
def download(request: HttpRequest, pk: UUID) -> HttpResponse:
    attachment = Attachment.objects.filter(pk=pk).first()
    if attachment is None or not _may_read(request.actor, attachment):  # type: ignore[attr-defined]
        raise Http404
    return file_answer(attachment)  # type: ignore[return-value]
