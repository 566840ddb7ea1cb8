"""What the portal's home counts. Everything is computed from the supplier's own documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, Sum

from backend.invoicing.models import PurchaseInvoice
from backend.kernel import clock
from backend.kernel.document import Approval, Closing
from backend.kernel.money import ZERO
from backend.purchasing.models import ProductionNode, PurchaseOrderLine, ScheduleLine
from backend.srm.models import DeliveryFact

LAST_RECEIPTS = 20


@dataclass(frozen=True)
class Punctuality:
    """Receipts that came by the confirmed day, of the last ones; ``percent`` is None without any."""

    on_time: int
    counted: int

    @property
    def percent(self) -> int | None:
        return round(100 * self.on_time / self.counted) if self.counted else None


def punctuality(supplier_id: UUID) -> Punctuality:
    """On-time rate of the last deliveries: the same facts as the scorecard's, each part against its own confirmed day."""
    last = DeliveryFact.objects.filter(party=supplier_id).order_by("-received_date", "-id")[:LAST_RECEIPTS]
    pairs = list(last.values_list("received_date", "promised_date"))
    return Punctuality(sum(1 for received, promised in pairs if received <= promised), len(pairs))


def receivable(supplier_id: UUID) -> Decimal:
    """What we owe the supplier on approved invoices."""
    found = PurchaseInvoice.objects.filter(supplier_id=supplier_id, approval=Approval.APPROVED)
    return found.aggregate(open=Sum(F("gross_amount") - F("settled_amount")))["open"] or ZERO


def late_parts(supplier_id: UUID, today: date) -> Any:
    """Parts of the schedule whose day has passed and that were not shipped, the oldest first."""
    return (
        ScheduleLine.objects.select_related("order_line__document", "order_line__item__unit")
        .filter(
            order_line__document__supplier_id=supplier_id,
            order_line__document__approval=Approval.APPROVED,
            order_line__document__closing=Closing.OPEN,
            confirmed=True,
            date__lt=today,
            qty__gt=F("shipped_qty"),
        )
        .filter(qty__gt=F("received_qty"))
        .order_by("date", "id")
    )


def orders_to_confirm(orders: Any) -> Any:
    """Sent orders with lines that wait for an answer, with how many lines and the first item's name."""
    return (
        orders.filter(closing=Closing.OPEN)
        .annotate(
            waiting_lines=Count("lines", filter=Q(lines__state="open")),
            all_lines=Count("lines"),
        )
        .filter(waiting_lines__gt=0)
        .order_by("requested_date", "id")
    )


def plans_of(lines: Sequence[PurchaseOrderLine]) -> dict[UUID, list[dict[str, Any]]]:
    """Production nodes by line in their order, each planned, passed or late; one statement."""
    found: dict[UUID, list[dict[str, Any]]] = {}
    today = clock.today()
    rows = ProductionNode.objects.filter(order_line__in=lines)
    for row in sorted(rows, key=lambda row: row.place):
        late = row.actual_date is None and row.planned_date < today
        state = "passed" if row.actual_date else "late" if late else "planned"
        found.setdefault(row.order_line_id, []).append({"row": row, "state": state})
    return found
