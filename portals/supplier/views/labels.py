"""Labels for the packages of a shipment: the warehouse receives it by scanning one of them."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from backend.purchasing.selectors.asns import asn_for
from portals.ui.guards import supplier_view
from portals.ui.labels import labels_pdf, notice_labels
from portals.ui.printing import pdf_response


@require_safe
@supplier_view("supplier.order.view")
def asn_labels(request: HttpRequest, number: str) -> HttpResponse:
    """One label for each line of the notice."""
    notice = asn_for(request.actor, number)  # type: ignore[attr-defined]
    address = request.build_absolute_uri(reverse("staff:asn_detail", kwargs={"number": number}))
    return pdf_response(labels_pdf(number, notice_labels(notice, address)), f"{number}-labels")
