"""Files that were shared with this partner."""

from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

from portals.ui.downloads import file_answer, partner_file
from portals.ui.guards import customer_view


@require_safe
@customer_view()
def download(request: HttpRequest, pk: UUID) -> FileResponse:
    """A file shared with this firm; any other is unknown."""
    attachment = partner_file(request.actor, pk)  # type: ignore[attr-defined]
    if attachment is None:
        raise Http404
    return file_answer(attachment)
