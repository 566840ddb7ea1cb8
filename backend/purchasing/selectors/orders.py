"""Reading purchase orders. A supplier's person sees the supplier's own orders once they were sent, nothing else."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest, Least
from django.utils.translation import gettext as _

from backend.kernel.actor import Actor
from backend.kernel.document import Approval, Closing
from backend.kernel.errors import NotFoundRefused
from backend.kernel.together import hold, together
from backend.purchasing.models import (
    ConfirmationLine,
    ConfirmationState,
    LineState,
    OrderConfirmation,
    OrderKind,
    ProgressReport,
    PurchaseOrder,
    PurchaseOrderLine,
    ScheduleLine,
    Sending,
)


def orders_visible_to(actor: Actor) -> QuerySet[PurchaseOrder]:
    """Orders the actor may see, newest first, with their supplier and warehouse."""
    found = PurchaseOrder.objects.select_related("supplier", "warehouse").order_by("-doc_date", "-id")
    if actor.kind in {"staff", "system"}:
        return found
    if actor.kind == "supplier" and actor.party_id:
        return found.filter(supplier=actor.party_id, approval=Approval.APPROVED).exclude(sending=Sending.NOT_SENT)
    return found.none()


def order_for(actor: Actor, number: str) -> PurchaseOrder:
    """The order with lines, schedule and answers, in a fixed number of statements; raises NotFoundRefused."""
    lines = PurchaseOrderLine.objects.select_related("item__unit", "line_unit").order_by("line_no")
    order = (
        orders_visible_to(actor)
        .select_related("supplier__supplier")
        .filter(number=number)
        .prefetch_related(Prefetch("lines", lines))
        .first()
    )
    if order is None:
        raise NotFoundRefused(_("There is no such document."), value=number)
    _read_conversation(order)
    return order


def _read_conversation(order: PurchaseOrder) -> None:
    """Schedule and answers of the order, as a prefetch would leave them; one statement for the three tables."""
    found = together(
        schedule=ScheduleLine.objects.filter(order_line__document=order).order_by("date", "schedule_no"),
        answers=OrderConfirmation.objects.filter(order=order).order_by("-revision"),
        answered=ConfirmationLine.objects.filter(confirmation__order=order),
    )
    lines = list(order.lines.all())
    hold(lines, "schedule", found["schedule"], by="order_line")
    hold([order], "confirmations", found["answers"], by="order")
    hold(found["answers"], "lines", found["answered"], by="confirmation")


def reports_of(lines: Sequence[PurchaseOrderLine]) -> list[ProgressReport]:
    """What the supplier reported about these lines, newest first; nothing is read when no line says that it began."""
    begun = [line.pk for line in lines if line.progress_node]
    return list(ProgressReport.objects.filter(order_line__in=begun).order_by("-at", "-id")) if begun else []


def waiting_confirmation(order: PurchaseOrder) -> OrderConfirmation | None:
    """The answer the buyer must decide, if any."""
    proposed = [row for row in order.confirmations.all() if row.state == ConfirmationState.PROPOSED]
    return max(proposed, key=lambda row: row.revision, default=None)


def confirmations_to_decide() -> QuerySet[OrderConfirmation]:
    """Answers that wait for a buyer, oldest first."""
    return (
        OrderConfirmation.objects.select_related("order__supplier")
        .filter(state=ConfirmationState.PROPOSED, order__closing=Closing.OPEN)
        .order_by("at")
    )


def _running_lines() -> QuerySet[PurchaseOrderLine]:
    return PurchaseOrderLine.objects.select_related("document__supplier", "item__unit").filter(
        document__approval=Approval.APPROVED, document__closing=Closing.OPEN
    )


def lines_to_ship(supplier_id: UUID) -> QuerySet[PurchaseOrderLine]:
    """Confirmed and not yet sent, with ``to_ship``: what a shipping notice may announce."""
    return (
        _running_lines()
        .filter(document__supplier=supplier_id)
        .exclude(document__sending=Sending.NOT_SENT)
        .annotate(to_ship=F("confirmed_qty") - Greatest("shipped_qty", "received_qty"))
        .filter(to_ship__gt=0)
        .order_by("document__number", "line_no")
    )


def lines_to_receive(order_id: UUID) -> QuerySet[PurchaseOrderLine]:
    """Lines of an order that have not all arrived, with ``to_receive``."""
    return (
        _running_lines()
        .filter(document=order_id)
        .annotate(to_receive=F("qty") - F("cancelled_qty") - F("received_qty"))
        .filter(to_receive__gt=0)
        .order_by("line_no")
    )


def lines_to_invoice_ahead(actor: Actor) -> QuerySet[PurchaseOrderLine]:
    """Lines of orders for goods that have not all come, with ``to_invoice``: what of them may be invoiced before it does."""
    wanted = F("qty") - F("cancelled_qty")
    to_come = Least(wanted - F("received_qty") - F("ahead_qty"), wanted - F("invoiced_qty"))
    return (
        _running_lines()
        .filter(document__in=orders_visible_to(actor).order_by().values("pk"), document__kind=OrderKind.GOODS)
        .annotate(to_invoice=to_come)
        .filter(to_invoice__gt=0)
        .order_by("document__doc_date", "document", "line_no")
    )


def lines_to_confirm(actor: Actor) -> QuerySet[PurchaseOrderLine]:
    """Lines of sent orders the supplier has not answered."""
    orders = orders_visible_to(actor).filter(closing=Closing.OPEN).exclude(sending=Sending.NOT_SENT)
    return _running_lines().filter(document__in=orders.order_by().values("pk"), state=LineState.OPEN)


def overdue_parts(today: date) -> QuerySet[ScheduleLine]:
    """Parts whose day has passed and that have not arrived, the oldest first."""
    return (
        ScheduleLine.objects.select_related("order_line__document__supplier", "order_line__item__unit")
        .annotate(due=Coalesce("arrival_date", "date"))
        .filter(
            due__lt=today,
            qty__gt=F("received_qty"),
            order_line__document__approval=Approval.APPROVED,
            order_line__document__closing=Closing.OPEN,
        )
        .order_by("due", "id")
    )


def order_counts(actor: Actor) -> dict[str, int]:
    """How many orders wait for what, in one statement."""
    open_ones = Q(approval=Approval.APPROVED, closing=Closing.OPEN)
    numbers: dict[str, Any] = (
        orders_visible_to(actor)
        .order_by()
        .aggregate(
            draft=Count("pk", filter=Q(approval__in=[Approval.DRAFT, Approval.REJECTED])),
            submitted=Count("pk", filter=Q(approval=Approval.SUBMITTED)),
            to_send=Count("pk", filter=open_ones & Q(sending=Sending.NOT_SENT)),
            to_confirm=Count("pk", filter=open_ones & ~Q(confirmed="full") & ~Q(sending=Sending.NOT_SENT)),
            to_receive=Count("pk", filter=open_ones & ~Q(received="full")),
        )
    )
    return numbers
