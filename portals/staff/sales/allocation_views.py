"""From which warehouse a draft order goes: the places with their stock, days and cost, and what the policy takes."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from backend.kernel.errors import Refusal
from backend.processes import nearest
from portals.staff.sales.order_read import load_order
from portals.staff.shared.acting import who_and_when
from portals.ui.components import Crumb
from portals.ui.errors import block_of
from portals.ui.guards import staff_view


@staff_view("sales.order.edit")
def order_allocation(request: HttpRequest, number: str) -> HttpResponse:
    """Look at the ways to ship the order, and take one."""
    order = load_order(request.actor, number)  # type: ignore[attr-defined]
    error, status = None, 200
    if request.method == "POST":
        try:
            made = nearest.take_up(order_id=order.pk, key=request.POST.get("option", ""), **who_and_when(request))
        except Refusal as refusal:
            error, status = block_of(refusal), refusal.status
        else:
            words = _("%(number)s leaves from %(place)s.")
            for each in made:
                messages.success(request, words % {"number": each.number, "place": each.warehouse})
            return HttpResponseRedirect(_url(number))
    plan = nearest.allocate(order)
    context: dict[str, Any] = {
        "order": order,
        "plan": plan,
        "places": [{"place": place, "stock": _stock(plan, place)} for place in plan.places],
        "error": error,
        "crumbs": [Crumb(_("Sales orders"), reverse("staff:sales_order_list")), Crumb(number, _url(number))],
        "cancel_url": _url(number),
    }
    return render(request, "staff/sales/allocation.html", context, status=status)


def _url(number: str) -> str:
    return reverse("staff:sales_order_detail", kwargs={"number": number})


def _stock(plan: nearest.Allocation, place: nearest.Place) -> list[Any]:
    """(line, free there) for the order's stocked lines."""
    lines = {line.pk: line for option in plan.options for part in option.parts for line, _qty in part.lines}
    return [(line, place.free.get(line.item_id, 0)) for line in lines.values()]
