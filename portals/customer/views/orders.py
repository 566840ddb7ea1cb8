"""Orders: every line's state, the promise and why it moved, deliveries with their milestones, signing for goods."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from backend.availability import selectors as availability
from backend.kernel.comments import add_comment, comments_on
from backend.kernel.document import item_names
from backend.kernel.errors import Refusal, ValidationRefused
from backend.logistics import selectors as logistics
from backend.sales import selectors as sales
from backend.sales.models import SalesDeliveryLine, SalesOrder, SalesOrderLine
from backend.sales.selectors.consignments import is_agent
from backend.sales.services.signing import sign_delivery
from portals.customer.frame import found_or_404, page, who_and_when
from portals.ui import typed
from portals.ui.guards import customer_view

PER_PAGE = 30


@require_safe
@customer_view("customer.order.view")
def order_list(request: HttpRequest) -> HttpResponse:
    """All orders, newest first."""
    visible = sales.orders_visible_to(request.actor).select_related(None)  # type: ignore[attr-defined]
    shown = visible.only("number", "doc_date", "gross_amount", "approval", "shipped")
    found = shown.annotate(item_names=item_names(SalesOrderLine))
    wanted = typed.words(request.GET, "q", 40)
    if wanted:
        found = found.filter(number__icontains=wanted) | found.filter(customer_ref__icontains=wanted)
    paged = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"paged": paged, "q": wanted, "sees_consignment": is_agent(request.actor)}  # type: ignore[attr-defined]
    return page(request, "customer/order_list.html", "orders", context)


@require_safe
@customer_view("customer.order.view")
def delivery_detail(request: HttpRequest, number: str) -> HttpResponse:
    """What mails about a delivery link to: it stands on its order's page."""
    delivery = found_or_404(sales.delivery_for(request.actor, number))  # type: ignore[attr-defined]
    order = delivery.lines.all()[0].order_line.document
    return redirect(f"{reverse('customer:order_detail', args=[order.number])}#{delivery.number}")


@require_safe
@customer_view("customer.order.view")
def order_detail(request: HttpRequest, number: str) -> HttpResponse:
    """One order."""
    return _draw(request, _order(request, number))


def _order(request: HttpRequest, number: str) -> SalesOrder:
    order: SalesOrder = found_or_404(sales.order_for(request.actor, number))  # type: ignore[attr-defined]
    return order


def _draw(request: HttpRequest, order: SalesOrder, refusal: Refusal | None = None) -> HttpResponse:
    lines = list(order.lines.all())
    promises = availability.promises_of_document(order.pk)
    moves = _moves(order)
    for line in lines:
        line.promise = promises.get(line.pk)
        line.moved = moves.get(line.pk)
    goods = SalesDeliveryLine.objects.select_related("item__unit", "line_unit", "lot").order_by("line_no")
    deliveries = list(
        sales.deliveries_visible_to(request.actor)  # type: ignore[attr-defined]
        .filter(lines__order_line__document=order)
        .distinct()
        .prefetch_related(Prefetch("lines", goods))
        .order_by("doc_date", "id")
    )
    preparing = list(sales.being_prepared(request.actor, order.pk))  # type: ignore[attr-defined]
    shipments = logistics.shipments_of([delivery.pk for delivery in (*deliveries, *preparing)])
    for delivery in deliveries:
        delivery.shipment = shipments.get(delivery.pk)
        if delivery.shipment:
            delivery.tracking_url = logistics.tracking_url(delivery.shipment)
    context: dict[str, Any] = {
        "order": order,
        "lines": lines,
        "moves": list(moves.values()),
        "deliveries": deliveries,
        "preparing": [shipments[delivery.pk] for delivery in preparing],
        "to_sign": [delivery for delivery in deliveries if not delivery.signed_at],
        "may_sign": request.actor.may("customer.receipt.confirm"),  # type: ignore[attr-defined]
        "messages_shared": comments_on(order.pk, visibility="customer"),
    }
    return page(request, "customer/order_detail.html", "orders", context, refusal)


def _moves(order: SalesOrder) -> dict[Any, Any]:
    """The last change of each line's date that still makes a difference, with the words meant for the customer."""
    rows = availability.revisions_of(order.pk).select_related("demand__promise", "demand__item__unit")
    found: dict[Any, Any] = {}
    for row in rows:
        demand = row.demand
        stands = demand.open_qty and demand.promise.promise_date != demand.promise.first_date
        if stands and row.old_date and row.old_date != row.new_date:
            found.setdefault(demand.ref_line_id, row)
    return found


@require_POST
@customer_view("customer.receipt.confirm")
def sign(request: HttpRequest, number: str) -> HttpResponse:
    """The goods are here: signed with a name (CPT-07)."""
    delivery = found_or_404(sales.delivery_for(request.actor, number))  # type: ignore[attr-defined]
    order = delivery.lines.all()[0].order_line.document
    try:
        name = typed.words(request.POST, "signed_by", 60)
        if not name:
            raise ValidationRefused(_("Say who took the goods."), field="signed_by")
        sign_delivery(delivery_id=delivery.pk, signed_by=name, **who_and_when(request))
    except Refusal as refusal:
        return _draw(request, _order(request, order.number), refusal)
    messages.success(request, _("Thank you. %(number)s is signed for.") % {"number": delivery.number})
    return redirect("customer:order_detail", number=order.number)


@require_POST
@customer_view("customer.order.view")
def write(request: HttpRequest, number: str) -> HttpResponse:
    """A message about the order."""
    order = _order(request, number)
    try:
        add_comment(
            subject=order,
            text=request.POST.get("text", "").replace("\x00", ""),
            visibility="customer",
            party_id=order.customer_id,
            **who_and_when(request),
        )
    except Refusal as refusal:
        return _draw(request, order, refusal)
    return redirect("customer:order_detail", number=number)
