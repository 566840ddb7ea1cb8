"""What happens to delivered goods elsewhere: invoiced and paid. Called by the processes that hear of it."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum

from backend.invoicing.models import SalesInvoice
from backend.kernel.actor import Actor
from backend.kernel.bulk import Batch, update_rows
from backend.kernel.document import Approval, Progress
from backend.kernel.money import ZERO
from backend.kernel.prepared import Prepared
from backend.sales.goods import lock_delivered
from backend.sales.models import SalesDeliveryLine, SalesOrder, SalesOrderLine
from backend.sales.services.axes import derive_delivery, derive_order

# All that progress is derived from: whole rows with their items would cost more than the rest of the work.
_DELIVERED = ("pk", "order_line_id", "qty", "returned_qty", "invoiced_qty", "document__invoiced")
_ORDERED = (
    "pk",
    "qty",
    "cancelled_qty",
    "shipped_qty",
    "invoiced_qty",
    "returned_qty",
    "document__shipped",
    "document__invoiced",
    "document__closing",
)

_delivered = Prepared(
    lambda lines: (
        SalesDeliveryLine.objects.filter(document__in=SalesDeliveryLine.objects.filter(pk__in=lines).values("document"))
        .select_related("document")
        .only(*_DELIVERED)
    )
)
_ordered = Prepared(
    lambda lines: (
        SalesOrderLine.objects.filter(document__in=SalesOrderLine.objects.filter(pk__in=lines).values("document"))
        .select_related("document")
        .only(*_ORDERED)
    )
)


def record_invoiced(lines: Iterable[tuple[UUID, Decimal]], *, actor: Actor, at: datetime, locked: bool = False) -> None:
    """Add invoiced quantities (negative when an invoice was taken back) to delivery and order lines.

    Call inside a transaction; four statements. Deliveries are locked first, then orders, by id; ``locked`` when the
    caller has done that in a statement before.
    """
    sums: dict[UUID, Decimal] = defaultdict(Decimal)
    for line_id, qty in lines:
        sums[line_id] += qty
    if not sums:
        return
    if not locked:
        lock_delivered(list(sums))
    by_delivery: dict[UUID, list[SalesDeliveryLine]] = defaultdict(list)
    for line in _delivered(list(sums)):
        by_delivery[line.document_id].append(line)
    changed = [line for rows in by_delivery.values() for line in rows if line.pk in sums]
    orders = _orders_of({line.order_line_id for line in changed})
    for line in changed:
        line.invoiced_qty += sums[line.pk]
    deliveries = [rows[0].document for rows in by_delivery.values()]
    for delivery in deliveries:
        derive_delivery(delivery, by_delivery[delivery.pk])
    ordered = _count_orders(orders, changed, sums)
    batch = Batch()
    batch.update(changed, ["invoiced_qty"])
    batch.update(deliveries, ["invoiced"])
    batch.update(ordered, ["invoiced_qty"])
    batch.update(orders, ["invoiced"])
    batch.write()


def _orders_of(line_ids: set[UUID]) -> list[SalesOrder]:
    """The orders of these lines, with the quantities of all their lines; one statement."""
    orders: dict[UUID, SalesOrder] = {}
    for line in _ordered(line_ids):
        order = orders.setdefault(line.document_id, line.document)
        order.loaded_lines = [*getattr(order, "loaded_lines", ()), line]  # type: ignore[attr-defined]
    return list(orders.values())


def _count_orders(
    orders: Iterable[SalesOrder], changed: Iterable[SalesDeliveryLine], sums: dict[UUID, Decimal]
) -> list[SalesOrderLine]:
    """Add to the order lines and derive their orders (not saved); returns the lines that changed."""
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
    return rows


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
    update_rows(orders, ["settled"])
