"""Reading subcontracting: orders of that kind, their material, and what lies at processors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from backend.availability.selectors import PromiseView, promises_of_document
from backend.inventory.models import WarehouseKind
from backend.inventory.selectors.stock import stock_lying_at
from backend.kernel.actor import Actor
from backend.kernel.money import ZERO
from backend.purchasing.models import MaterialKind, MaterialMove, OrderKind, PurchaseOrder, SubcontractComponent
from backend.purchasing.selectors.orders import orders_visible_to
from backend.purchasing.services.components import components_of, left_to_move


@dataclass(frozen=True)
class MaterialRow:
    """A component of an order: what all of the order takes, what is still to be issued, what of that is set aside for it
    and when the rest comes."""

    component: SubcontractComponent
    needed: Decimal
    to_issue: Decimal
    reserved: Decimal = ZERO
    comes: date | None = None
    demand_id: UUID | None = None

    @property
    def waits(self) -> bool:
        return self.to_issue > self.reserved


def subcontracts_visible_to(actor: Actor) -> QuerySet[PurchaseOrder]:
    """The subcontract orders among those that the actor may see."""
    return orders_visible_to(actor).filter(kind=OrderKind.SUBCONTRACT)


def material_of(order: PurchaseOrder) -> list[MaterialRow]:
    """The components of a subcontract order; nothing (and no statement) for any other."""
    if order.kind != OrderKind.SUBCONTRACT:
        return []
    held = promises_of_document(order.pk)
    return [_row(row, held.get(row.pk)) for row in components_of([order.pk])]


def waiting_for(rows: Sequence[MaterialRow]) -> dict[UUID, SubcontractComponent]:
    """The components that are not all set aside, by their demands."""
    return {row.demand_id: row.component for row in rows if row.demand_id and row.waits}


def _row(row: SubcontractComponent, held: PromiseView | None) -> MaterialRow:
    return MaterialRow(
        row,
        row.needed(row.order_line.wanted_qty),
        left_to_move(row, MaterialKind.ISSUE),
        held.reserved_qty if held else ZERO,
        held.promise_date if held else None,
        held.demand_id if held else None,
    )


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
