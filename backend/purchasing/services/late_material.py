"""Components of subcontract orders that come after the day they are needed: their goods come that much later (SCM-21)."""

from backend.availability.selectors import late
from backend.availability.selectors.late import late_material as late_material
from backend.purchasing.models import OrderKind, PurchaseOrder


def days_late(order: PurchaseOrder) -> int:
    """By how many days the latest component delays the order's goods; no statement for an order without components."""
    return late.days_late(order.pk) if order.kind == OrderKind.SUBCONTRACT else 0
