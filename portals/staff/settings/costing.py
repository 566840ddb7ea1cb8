"""How the items of each category are costed."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backend.catalog.models import CostMethod, ItemCategory
from backend.inventory.services.methods import set_cost_method
from backend.kernel.errors import NotFoundRefused, Refusal
from portals.staff.shared.acting import who_and_when
from portals.ui.components import Crumb
from portals.ui.errors import block_of
from portals.ui.guards import staff_view

METHOD = "inventory.cost.method"


def _page(request: HttpRequest, refusal: Refusal | None = None, chosen: tuple[UUID, str] | None = None) -> HttpResponse:
    rows = list(ItemCategory.objects.annotate(items=Count("item")).order_by("code"))
    context = {
        "crumbs": [Crumb(_("Settings"), reverse("staff:settings_home"))],
        "rows": [(row, chosen[1] if chosen and chosen[0] == row.pk else row.cost_method) for row in rows],
        "methods": CostMethod.choices,
        "error": block_of(refusal) if refusal else None,
    }
    return render(request, "staff/settings/costing.html", context, status=refusal.status if refusal else 200)


@staff_view(METHOD)
def methods(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_POST
@staff_view(METHOD)
def method_of(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Choose the method of a category; a refusal names the goods that stand in the way."""
    wanted = request.POST.get("cost_method", "")[:20]
    try:
        category = set_cost_method(category_id=pk, cost_method=wanted, **who_and_when(request))
    except NotFoundRefused:
        raise
    except Refusal as refusal:
        return _page(request, refusal, (pk, wanted))
    label = CostMethod(category.cost_method).label
    messages.success(request, _("%(category)s: %(method)s.") % {"category": category, "method": label})
    return HttpResponseRedirect(reverse("staff:settings_costing"))
