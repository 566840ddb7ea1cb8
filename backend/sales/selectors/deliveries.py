"""Reads of deliveries."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from backend.kernel.actor import Actor
from backend.kernel.document import Approval, Closing
from backend.kernel.money import ZERO
from backend.logistics.models import Shipment
from backend.sales.models import SalesDelivery, SalesDeliveryLine, SalesOrderLine
from backend.sales.selectors.scope import numbered, scope


def deliveries_visible_to(actor: Actor) -> QuerySet[SalesDelivery]:
    """Deliveries with customer, warehouse and carrier, newest first; a customer sees what has left."""
    allowed = scope(actor, permission="sales.delivery.view", customer=Q(approval=Approval.APPROVED))
    found = SalesDelivery.objects.filter(allowed).select_related("customer", "warehouse", "carrier")
    return found.order_by("-doc_date", "-id")


def being_prepared(actor: Actor, order_id: UUID) -> QuerySet[SalesDelivery]:
    """Drafts of an order that are picked already, for whoever may see the order's deliveries once they leave."""
    allowed = scope(actor, permission="sales.delivery.view", customer=Q())
    picked = Shipment.objects.filter(dispatched_at=None).values("source_id")
    drafts = SalesDelivery.objects.filter(allowed, approval=Approval.DRAFT, pk__in=picked)
    return drafts.filter(pk__in=SalesDeliveryLine.objects.filter(order_line__document=order_id).values("document"))


def delivery_for(actor: Actor, number: str) -> SalesDelivery | None:
    """One delivery with lines, items and lots (two statements), or None when it is not for this actor."""
    lines = SalesDeliveryLine.objects.select_related("item__unit", "line_unit", "lot", "order_line").order_by("line_no")
    return numbered(deliveries_visible_to(actor).prefetch_related(Prefetch("lines", queryset=lines)), number)


def delivered_lines_of(actor: Actor, *, since: date | None = None) -> QuerySet[SalesDeliveryLine]:
    """What a customer has got, line by line with item and lot, newest first: where tickets start."""
    found = SalesDeliveryLine.objects.filter(document__in=deliveries_visible_to(actor).order_by().values("pk"))
    if since:
        found = found.filter(document__doc_date__gte=since)
    return found.select_related("document", "item__unit", "lot").order_by(
        "-document__doc_date", "-document_id", "line_no"
    )


def lines_to_deliver(order_ids: Iterable[UUID]) -> list[tuple[SalesOrderLine, dict[str, Decimal]]]:
    """Open lines of approved orders with what is reserved, on drafts and ready now; three statements."""
    from backend.sales.services import demands, drafting

    wanted = list(order_ids)
    found = SalesOrderLine.objects.filter(
        document__in=wanted, document__approval=Approval.APPROVED, document__closing=Closing.OPEN
    )
    lines = [
        line
        for line in found.select_related("document", "item__unit").order_by("document_id", "line_no")
        if line.open_qty > 0
    ]
    reserved, drafted = demands.reserved_of(wanted), drafting.drafted(line.pk for line in lines)
    rows = []
    for line in lines:
        on_draft = drafted.get(line.pk, ZERO)
        left = line.open_qty - on_draft
        set_aside = reserved.get(line.pk, ZERO)
        ready = max(min(left, set_aside - on_draft), ZERO) if line.item.is_stocked else left
        rows.append((line, {"reserved": set_aside, "on_drafts": on_draft, "ready": ready, "open": line.open_qty}))
    return rows
