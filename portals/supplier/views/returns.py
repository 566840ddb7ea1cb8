"""Goods that the customer sent back: what, why, and what it is worth."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from backend.kernel.document import item_names
from backend.purchasing.models import PurchaseReturnLine
from backend.purchasing.selectors import returns as reads
from portals.supplier.frame import page
from portals.ui.guards import supplier_view

MOST = 60


@require_safe
@supplier_view("supplier.order.view")
def return_list(request: HttpRequest) -> HttpResponse:
    """Returns, newest first."""
    found = reads.returns_visible_to(request.actor).annotate(item_names=item_names(PurchaseReturnLine))  # type: ignore[attr-defined]
    return page(request, "supplier/return_list.html", "shipments", {"returns": list(found[:MOST])})


@require_safe
@supplier_view("supplier.order.view")
def return_detail(request: HttpRequest, number: str) -> HttpResponse:
    """One return with its lots and reasons."""
    found = reads.return_for(request.actor, number)  # type: ignore[attr-defined]
    context = {"return": found, "lines": list(found.lines.all())}
    return page(request, "supplier/return_detail.html", "shipments", context)
