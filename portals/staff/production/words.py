"""Small helpers that the pages of production share."""

from typing import Any

from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from backend.kernel.document import Approval, Closing
from backend.kernel.errors import NotFoundRefused
from backend.production import selectors as reads
from backend.production.models import ProductionOrder
from portals.staff.search.find import by_words
from portals.ui.components import Fact
from portals.ui.guards import staff_view

ORDER_VIEW, ORDER_EDIT = "production.order.view", "production.order.edit"


def item_fact(label: Any, item: Any, actor: Any) -> Fact:
    """An item with its code, and its page for those who may open it."""
    url = reverse("staff:item_detail", kwargs={"pk": item.pk}) if actor.may("catalog.item.view") else ""
    return Fact(label, item.name, " · ".join(part for part in (item.code, item.spec) if part), url)


def order_fact(order: ProductionOrder, actor: Any) -> Fact:
    """The production order that a paper belongs to."""
    url = reverse("staff:production_order_detail", kwargs={"number": order.number}) if actor.may(ORDER_VIEW) else ""
    return Fact(_("Production order"), order.number, order.item.name, url, numeric=True)


def load_order(actor: Any, number: str) -> ProductionOrder:
    """The order, or that there is none."""
    found = reads.order_for(actor, number)
    if found is None:
        raise NotFoundRefused(_("There is no such document."), value=number)
    return found


@staff_view(ORDER_VIEW)
def production_pick(request: HttpRequest) -> HttpResponse:
    """Orders that are approved and under way, or with material left in the workshop: by number or by what is made."""
    match = by_words(request.GET.get("q", ""), "number", "item__name", "item__code", "item__mnemonic")
    left = Q(
        components__issued_qty__gt=F("components__returned_qty") + F("components__used_qty") + F("components__lost_qty")
    )
    under_way = Q(closing=Closing.OPEN) | left
    found = reads.orders_visible_to(request.actor).filter(match, under_way, approval=Approval.APPROVED)  # type: ignore[attr-defined]
    rows = found.order_by("-doc_date", "-number").values_list("pk", "number", "item__name").distinct()
    return JsonResponse({"results": [{"id": pk, "label": number, "sub": what} for pk, number, what in rows[:12]]})
