"""Reading production: orders with their components, papers of material, receipts, and what lies in the workshop."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from backend.availability.models import SupplyLine
from backend.availability.selectors import PromiseView, promises_of_document
from backend.inventory.models import WarehouseKind
from backend.inventory.selectors.stock import stock_lying_at
from backend.kernel.actor import Actor
from backend.kernel.money import ZERO
from backend.production.models import ProductionComponent, ProductionMaterial, ProductionOrder, ProductReceipt
from backend.production.services.components import components_of, left_to_move
from backend.production.services.planning import runs

OURS = {"staff", "system"}


@dataclass(frozen=True)
class ComponentRow:
    """A component of an order: what all of the order takes, what is still to be issued, what of that is set aside for it and
    when the rest comes."""

    component: ProductionComponent
    needed: Decimal
    to_issue: Decimal
    reserved: Decimal = ZERO
    comes: date | None = None
    demand_id: UUID | None = None

    @property
    def waits(self) -> bool:
        return self.to_issue > self.reserved


def orders_visible_to(actor: Actor) -> QuerySet[ProductionOrder]:
    """Production is ours: partners see none of it."""
    found = ProductionOrder.objects.select_related("item__unit", "warehouse")
    return found if actor.kind in OURS else found.none()


def order_for(actor: Actor, number: str) -> ProductionOrder | None:
    """The order of that number, if the actor may see it."""
    return orders_visible_to(actor).filter(number=number).first()


def components_of_order(order: ProductionOrder) -> list[ComponentRow]:
    """The components of an order as they stand; two statements."""
    held = promises_of_document(order.pk)
    return [_row(order, row, held.get(row.pk)) for row in components_of([order.pk])]


def _row(order: ProductionOrder, row: ProductionComponent, held: PromiseView | None) -> ComponentRow:
    return ComponentRow(
        row,
        row.needed(order.qty),
        left_to_move(row, order) if runs(order) or order.is_draft else ZERO,
        held.reserved_qty if held else ZERO,
        held.promise_date if held and held.open_qty else None,
        held.demand_id if held else None,
    )


def expected_on(order: ProductionOrder) -> date | None:
    """When what is left is there, its material allowing; nothing when no more is expected. One statement."""
    coming = SupplyLine.objects.filter(ref_line_id=order.pk, open_qty__gt=0)
    return coming.values_list("supply_date", flat=True).first()


def waiting_for(rows: Sequence[ComponentRow]) -> dict[UUID, ProductionComponent]:
    """The components that are not all set aside, by their demands."""
    return {row.demand_id: row.component for row in rows if row.demand_id and row.waits}


def materials_visible_to(actor: Actor) -> QuerySet[ProductionMaterial]:
    """Papers of material, with the order and its item."""
    found = ProductionMaterial.objects.select_related("order__item", "warehouse")
    return found if actor.kind in OURS else found.none()


def receipts_visible_to(actor: Actor) -> QuerySet[ProductReceipt]:
    """Receipts of goods that we made."""
    found = ProductReceipt.objects.select_related("order", "item__unit", "warehouse")
    return found if actor.kind in OURS else found.none()


def stock_in_workshop() -> QuerySet[Any]:
    """What lies in the workshop, with what a piece of it is worth."""
    return stock_lying_at(WarehouseKind.WORKSHOP)
