"""Labels to stick on what comes in: from the shipping notice, or by lot from the receipt."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from backend.kernel import tenancy
from backend.purchasing.selectors.asns import asn_for
from backend.purchasing.selectors.receipts import receipt_for
from portals.staff.sales.prints import printed
from portals.ui.delivery_notes import delivery_note
from portals.ui.guards import staff_view
from portals.ui.labels import labels_pdf, notice_labels, receipt_labels
from portals.ui.printing import pdf_response


@staff_view("purchasing.asn.view")
def asn_labels(request: HttpRequest, number: str) -> HttpResponse:
    """One label for each line; scanning it receives the notice."""
    notice = asn_for(request.actor, number)  # type: ignore[attr-defined]
    address = request.build_absolute_uri(reverse("staff:asn_detail", kwargs={"number": number}))
    return pdf_response(labels_pdf(number, notice_labels(notice, address)), f"{number}-labels")


@staff_view("purchasing.asn.view")
def asn_print(request: HttpRequest, number: str) -> HttpResponse:
    """The supplier's delivery note, to compare with what stands at the ramp."""
    notice = asn_for(request.actor, number)  # type: ignore[attr-defined]
    address = request.build_absolute_uri(reverse("staff:asn_detail", kwargs={"number": number}))
    return printed(request, number, lambda: delivery_note(notice, str(tenancy.current().name), address))


@staff_view("purchasing.receipt.view")
def receipt_labels_print(request: HttpRequest, number: str) -> HttpResponse:
    """One label for each lot; scanning it opens the lot."""
    receipt = receipt_for(request.actor, number)  # type: ignore[attr-defined]

    def address_of(line: Any) -> str:
        name, key = ("lot_detail", line.lot_id) if line.lot_id else ("item_detail", line.item_id)
        return request.build_absolute_uri(reverse(f"staff:{name}", kwargs={"pk": key}))

    return pdf_response(labels_pdf(number, receipt_labels(receipt, address_of)), f"{number}-labels")
