"""Serial numbers of what a shipping notice announces: the supplier knows them first."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backend.inventory.services import naming
from portals.supplier.frame import who_and_when
from portals.supplier.views.shipments import step_of
from portals.ui.guards import supplier_view
from portals.ui.serials import typed_numbers


@require_POST
@supplier_view("supplier.asn.edit")
def asn_serials(request: HttpRequest, number: str) -> HttpResponse:
    """Keep the numbers of the notice's lines; the receipt begins with them."""

    def keep(notice: Any) -> Any:
        numbers = typed_numbers(request, naming.serial_lines(notice))
        return naming.name_serials(document=notice, numbers=numbers, **who_and_when(request))

    return step_of(request, number, keep, _("The serial numbers are noted."))
