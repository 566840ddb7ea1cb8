"""The buyer's stock and open demand of the items it shares with this supplier."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from backend.purchasing.selectors.shared_stock import items_shared_with, shared_item, shared_stock
from portals.supplier.frame import page
from portals.ui.guards import supplier_view

PER_PAGE = 30


@require_safe
@supplier_view("supplier.order.view")
def stock_list(request: HttpRequest) -> HttpResponse:
    """What lies there, what comes from us and what is wanted."""
    actor = request.actor  # type: ignore[attr-defined]
    paged = Paginator(items_shared_with(actor), PER_PAGE).get_page(request.GET.get("page"))
    context = {"paged": paged, "rows": shared_stock(actor, paged.object_list)}
    return page(request, "supplier/stock_list.html", "orders", context)


@require_safe
@supplier_view("supplier.order.view")
def stock_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One item, week by week."""
    row = shared_item(request.actor, pk)  # type: ignore[attr-defined]
    return page(request, "supplier/stock_detail.html", "orders", {"row": row})
