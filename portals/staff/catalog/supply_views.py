"""The supply page of an item: stock by site, suppliers with price, lead time and quality, ways with days and cost (SCM-01)."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from backend.catalog.models import Item
from backend.kernel.errors import NotFoundRefused
from backend.reporting.supply import supply_of
from portals.ui.components import Crumb
from portals.ui.guards import staff_view


@staff_view("catalog.item.view")
def item_supply(request: HttpRequest, pk: UUID) -> HttpResponse:
    item = Item.objects.select_related("unit", "category").filter(pk=pk).first()
    if item is None:
        raise NotFoundRefused(_("There is no such item."), value=pk)
    actor = request.actor  # type: ignore[attr-defined]
    url = reverse("staff:item_detail", kwargs={"pk": pk})
    context = {
        "item": item,
        "supply": supply_of(item),
        "may_stock": actor.may("inventory.stock.view"),
        "may_suppliers": actor.may("parties.supplier.view"),
        "may_cost": actor.may("catalog.cost.view"),
        "crumbs": [Crumb(_("Items"), reverse("staff:item_list")), Crumb(item.name, url)],
        "item_url": url,
    }
    return render(request, "staff/catalog/supply.html", context)
