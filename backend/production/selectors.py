"""Reading production: orders with their components, papers of material, receipts, and what lies in the workshop."""

from datetime import date
from typing import Any

from django.db.models import QuerySet

from backend.availability.models import SupplyLine
from backend.availability.selectors import promises_of_document
from backend.availability.selectors.material import MaterialRow, material_row
from backend.inventory.models import WarehouseKind
from backend.inventory.selectors.stock import stock_lying_at
from backend.kernel.actor import Actor
from backend.kernel.money import ZERO
from backend.production.models import ProductionMaterial, ProductionOrder, ProductReceipt
from backend.production.services.components import components_of, left_to_move
from backend.production.services.planning import runs

OURS = {"staff", "system"}


def orders_visible_to(actor: Actor) -> QuerySet[ProductionOrder]:
    """Production is ours: partners see none of it."""
    found = ProductionOrder.objects.select_related("item__unit", "warehouse")
    return found if actor.kind in OURS else found.none()


def order_for(actor: Actor, number: str) -> ProductionOrder | None:
    """The order of that number, if the actor may see it."""
    return orders_visible_to(actor).filter(number=number).first()


def components_of_order(order: ProductionOrder) -> list[MaterialRow]:
    """The components of an order as they stand; two statements."""
    held, wanted = promises_of_document(order.pk), runs(order) or order.is_draft
    return [
        material_row(
            row,
            needed=row.needed(order.qty),
            to_issue=left_to_move(row, order) if wanted else ZERO,
            held=held.get(row.pk),
        )
        for row in components_of([order.pk])
    ]


def expected_on(order: ProductionOrder) -> date | None:
    """When what is left is there, its material allowing; nothing when no more is expected. One statement."""
    coming = SupplyLine.objects.filter(ref_line_id=order.pk, open_qty__gt=0)
    return coming.values_list("supply_date", flat=True).first()


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
