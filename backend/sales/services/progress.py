"""What happens to delivered goods elsewhere: invoiced and paid. Called by the processes that hear of it."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum

from backend.invoicing.models import SalesInvoice
from backend.kernel.actor import Actor
from backend.kernel.document import Approval, Progress
from backend.kernel.money import ZERO
from backend.sales.models import SalesDelivery, SalesDeliveryLine, SalesOrder, SalesOrderLine
from backend.sales.services.axes import derive_delivery, derive_order
from backend.sales.services.drafting import lock_orders


def record_invoiced(lines: Iterable[tuple[UUID, Decimal]], *, actor: Actor, at: datetime) -> None:
    """Add invoiced quantities (negative when an invoice was taken back) to delivery and order lines.

    Call inside a transaction. A fixed number of statements; deliveries are locked first, then orders, by id.
    """
    sums: dict[UUID, Decimal] = defaultdict(Decimal)
    for line_id, qty in lines:
        sums[line_id] += qty
    touched = SalesDelivery.objects.filter(lines__in=list(sums)).values("pk")
    deliveries = list(SalesDelivery.objects.select_for_update().filter(pk__in=touched).order_by("pk"))
    if not deliveries:
        return
    by_delivery: dict[UUID, list[SalesDeliveryLine]] = defaultdict(list)
    for line in SalesDeliveryLine.objects.filter(document__in=deliveries).select_related("order_line"):
        by_delivery[line.document_id].append(line)
    changed = [line for rows in by_delivery.values() for line in rows if line.pk in sums]
    orders = lock_orders({line.order_line.document_id for line in changed})
    for line in changed:
        line.invoiced_qty += sums[line.pk]
    for delivery in deliveries:
        derive_delivery(delivery, by_delivery[delivery.pk])
    _count_orders(orders, changed, sums)
    SalesDeliveryLine.objects.bulk_update(changed, ["invoiced_qty"])
    SalesDelivery.objects.bulk_update(deliveries, ["invoiced"])


def _count_orders(
    orders: Iterable[SalesOrder], changed: Iterable[SalesDeliveryLine], sums: dict[UUID, Decimal]
) -> None:
    per_order_line: dict[UUID, Decimal] = defaultdict(Decimal)
    for line in changed:
        per_order_line[line.order_line_id] += sums[line.pk]
    rows = []
    for order in orders:
        for line in order.loaded_lines:  # type: ignore[attr-defined]
            if line.pk in per_order_line:
                line.invoiced_qty += per_order_line[line.pk]
                rows.append(line)
        derive_order(order, order.loaded_lines)  # type: ignore[attr-defined]
    SalesOrderLine.objects.bulk_update(rows, ["invoiced_qty"])
    SalesOrder.objects.bulk_update(list(orders), ["invoiced"])


def record_settled(order_ids: Iterable[UUID], *, actor: Actor, at: datetime) -> None:
    """Derive how far orders are paid from their invoices: full when all is invoiced and every invoice paid.

    Call inside a transaction; three statements.
    """
    orders = list(SalesOrder.objects.select_for_update().filter(pk__in=list(order_ids)).order_by("pk"))
    if not orders:
        return
    found = SalesInvoice.objects.filter(lines__order_id__in=[order.pk for order in orders])
    rows = found.filter(approval=Approval.APPROVED).values("lines__order_id", "pk", "settled_amount", "gross_amount")
    paid: dict[UUID, list[tuple[Decimal, Decimal]]] = defaultdict(list)
    for row in rows.annotate(_once=Sum("lines__qty")):
        paid[row["lines__order_id"] or row["pk"]].append((row["settled_amount"], row["gross_amount"]))
    for order in orders:
        invoices = paid[order.pk]
        if not any(settled > ZERO for settled, _gross in invoices):
            order.settled = Progress.NONE
        elif order.invoiced == Progress.FULL and all(settled >= gross for settled, gross in invoices):
            order.settled = Progress.FULL
        else:
            order.settled = Progress.PARTIAL
    SalesOrder.objects.bulk_update(orders, ["settled"])
