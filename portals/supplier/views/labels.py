"""What goes with a shipment on paper: labels for its packages and the delivery note; a scan of any of them receives it."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from backend.kernel import tenancy
from backend.purchasing.selectors.asns import asn_for
from portals.ui.delivery_notes import delivery_note
from portals.ui.guards import supplier_view
from portals.ui.labels import labels_pdf, notice_labels
from portals.ui.printing import document_pdf, pdf_response


@require_safe
@supplier_view("supplier.order.view")
def asn_labels(request: HttpRequest, number: str) -> HttpResponse:
    """One label for each line of the notice."""
    notice = asn_for(request.actor, number)  # type: ignore[attr-defined]
    address = request.build_absolute_uri(reverse("staff:asn_detail", kwargs={"number": number}))
    return pdf_response(labels_pdf(number, notice_labels(notice, address)), f"{number}-labels")


@require_safe
@supplier_view("supplier.order.view")
def asn_note(request: HttpRequest, number: str) -> HttpResponse:
    """The delivery note that the driver takes along."""
    notice = asn_for(request.actor, number)  # type: ignore[attr-defined]
    address = request.build_absolute_uri(reverse("staff:asn_detail", kwargs={"number": number}))
    return pdf_response(document_pdf(delivery_note(notice, str(tenancy.current().name), address)), number)
