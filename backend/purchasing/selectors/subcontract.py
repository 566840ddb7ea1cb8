"""Reading subcontracting: orders of that kind, their material, and what lies at processors."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet

from backend.inventory.models import StockBalance, WarehouseKind
from backend.kernel.actor import Actor
from backend.purchasing.models import MaterialKind, MaterialMove, OrderKind, PurchaseOrder, SubcontractComponent
from backend.purchasing.selectors.orders import orders_visible_to
from backend.purchasing.services.materials import components_of, left_to_move


@dataclass(frozen=True)
class MaterialRow:
    """A component of an order: what all of the order takes, and what is still to be issued."""

    component: SubcontractComponent
    needed: Decimal
    to_issue: Decimal


def subcontracts_visible_to(actor: Actor) -> QuerySet[PurchaseOrder]:
    """The subcontract orders among those that the actor may see."""
    return orders_visible_to(actor).filter(kind=OrderKind.SUBCONTRACT)


def material_of(order: PurchaseOrder) -> list[MaterialRow]:
    """The components of a subcontract order; nothing (and no statement) for any other."""
    if order.kind != OrderKind.SUBCONTRACT:
        return []
    return [
        MaterialRow(row, row.needed(row.order_line.wanted_qty), left_to_move(row, MaterialKind.ISSUE))
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
    return (
        StockBalance.objects.select_related("item__unit", "warehouse__party")
        .filter(warehouse__kind=WarehouseKind.SUPPLIER)
        .exclude(on_hand=0)
        .annotate(unit_value=F("value") / F("on_hand"))
    )
