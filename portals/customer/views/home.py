"""Overview: orders under way with their promise and what moved, deliveries on their way, invoices, tickets."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import F, Sum
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from backend.availability.models import PromiseRevision
from backend.invoicing import selectors as invoicing
from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.kernel.document import item_names
from backend.logistics.models import Shipment
from backend.sales import selectors as sales
from backend.sales.models import SalesDeliveryLine, SalesOrder, SalesOrderLine
from backend.sales.selectors.consignments import consigned_with
from backend.service import selectors as service
from portals.customer.frame import page
from portals.ui.guards import customer_view

SHOWN = 10


@require_safe
@customer_view("customer.order.view")
def home(request: HttpRequest) -> HttpResponse:
    """The customer's day at a glance."""
    actor, today = request.actor, clock.today()  # type: ignore[attr-defined]
    running = list(
        sales.orders_visible_to(actor)
        .filter(approval="approved", closing="open")
        .annotate(item_names=item_names(SalesOrderLine))[:SHOWN]
    )
    moved = latest_moves(running)
    for order in running:
        order.moved = moved.get(order.pk)
    quotes = sales.quotes_visible_to(actor).filter(state="sent", valid_until__gte=today)
    context: dict[str, Any] = {
        "orders": running,
        "on_the_way": on_the_way(actor),
        "quotes": list(quotes[:SHOWN]) if actor.may("customer.quote.accept") else [],
        "tickets": list(service.open_tickets().filter(customer_id=actor.party_id)[:SHOWN])
        if actor.may("customer.ticket.edit")
        else [],
        "today": today,
    }
    if actor.may("customer.consignment.view"):
        context["consigned"] = len(consigned_with(actor.party_id))
    if actor.may("customer.invoice.view"):
        unpaid = invoicing.sales_invoices_visible_to(actor).exclude(settled="full")
        context["open_amount"] = unpaid.order_by().aggregate(open=Sum(F("gross_amount") - F("settled_amount")))[
            "open"
        ] or Decimal(0)
        context["invoices"] = list(unpaid.order_by("due_date", "id")[:3])
    return page(request, "customer/home.html", "home", context)


def on_the_way(actor: Actor) -> list[Shipment]:
    """What is coming, the nearest day first; each knows the order (`order_number`) on whose page its steps and receipt are."""
    rows = Shipment.objects.filter(direction="out", party=actor.party_id, delivered_at=None)
    shipments = list(rows.filter(dispatched_at__isnull=False).order_by("expected_date", "id")[:SHOWN])
    lines = SalesDeliveryLine.objects.filter(document_id__in=[shipment.source_id for shipment in shipments])
    orders = dict(lines.order_by("-line_no").values_list("document_id", "order_number"))
    for shipment in shipments:
        shipment.order_number = orders.get(shipment.source_id, "")  # type: ignore[attr-defined]
    return shipments


def latest_moves(orders: Sequence[SalesOrder]) -> dict[Any, PromiseRevision]:
    """The last change of a date per order, when it still differs from what was promised first; one statement."""
    rows = (
        PromiseRevision.objects.filter(demand__ref_id__in=[order.pk for order in orders])
        .exclude(old_date=F("new_date"))
        .exclude(old_date=None)
        .exclude(demand__open_qty=0)
        .exclude(demand__promise__promise_date=F("demand__promise__first_date"))
        .select_related("demand__item", "demand__promise")
        .order_by("id")
    )
    return {row.demand.ref_id: row for row in rows}
