"""Reading subcontracting: orders of that kind, their material, and what lies at processors."""

from typing import Any

from django.db.models import QuerySet

from backend.availability.selectors import promises_of_document
from backend.availability.selectors.material import MaterialRow, material_row
from backend.inventory.models import WarehouseKind
from backend.inventory.selectors.stock import stock_lying_at
from backend.kernel.actor import Actor
from backend.purchasing.models import MaterialKind, MaterialMove, OrderKind, PurchaseOrder
from backend.purchasing.selectors.orders import orders_visible_to
from backend.purchasing.services.components import components_of, left_to_move


def subcontracts_visible_to(actor: Actor) -> QuerySet[PurchaseOrder]:
    """The subcontract orders among those that the actor may see."""
    return orders_visible_to(actor).filter(kind=OrderKind.SUBCONTRACT)


def material_of(order: PurchaseOrder) -> list[MaterialRow]:
    """The components of a subcontract order; nothing (and no statement) for any other."""
    if order.kind != OrderKind.SUBCONTRACT:
        return []
    held = promises_of_document(order.pk)
    return [
        material_row(
            row,
            needed=row.needed(row.order_line.wanted_qty),
            to_issue=left_to_move(row, MaterialKind.ISSUE),
            held=held.get(row.pk),
        )
        for row in components_of([order.pk])
    ]


def materials_visible_to(actor: Actor) -> QuerySet[MaterialMove]:
    """Papers of material; the supplier sees what was booked of his own."""
    found = MaterialMove.objects.select_related("order", "supplier", "warehouse")
    if actor.kind in {"staff", "system"}:
        return found
    if actor.kind == "supplier" and actor.party_id:
        return found.filter(supplier=actor.party_id, approval="approved")
    return found.none()


def stock_at_suppliers() -> QuerySet[Any]:
    """What of ours lies at processors, with what a piece of it is worth."""
    return stock_lying_at(WarehouseKind.SUPPLIER)
