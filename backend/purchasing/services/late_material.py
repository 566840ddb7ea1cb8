"""Components of subcontract orders that come after the day they are needed: their goods come that much later (SCM-21)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import F

from backend.availability.models import DemandLine
from backend.purchasing.models import OrderKind, PurchaseOrder


@dataclass(frozen=True)
class LateMaterial:
    """A component that is not here in time; ``comes`` nothing while nobody knows when."""

    demand: DemandLine
    comes: date | None

    @property
    def days(self) -> int:
        return (self.comes - self.demand.required_date).days if self.comes else 0


def late_material(order_id: UUID) -> list[LateMaterial]:
    """What of the order's components is neither issued nor set aside and comes too late, or on no known day; one statement."""
    rows = DemandLine.objects.filter(
        ref_id=order_id, ref_type=PurchaseOrder.DOC_TYPE, open_qty__gt=F("reserved_qty")
    ).select_related("item", "promise")
    found = [LateMaterial(row, row.promise.promise_date) for row in rows.order_by("ref_line_no")]
    return [row for row in found if row.comes is None or row.days > 0]


def days_late(order: PurchaseOrder) -> int:
    """By how many days the latest component delays the order's goods; no statement for an order without components."""
    if order.kind != OrderKind.SUBCONTRACT:
        return 0
    return max((row.days for row in late_material(order.pk)), default=0)
