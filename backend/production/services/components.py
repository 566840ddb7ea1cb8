"""The components of production orders as they stand, and how far an order is by them."""

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from backend.inventory.services.making import still_to_issue
from backend.kernel.document import Closing, Progress, progress_of
from backend.kernel.money import ZERO
from backend.production.models import MaterialKind, ProductionComponent, ProductionOrder


def components_of(orders: Iterable[UUID]) -> list[ProductionComponent]:
    """Components of orders with their items, in their order; one statement."""
    found = ProductionComponent.objects.select_related("item__unit", "order")
    return list(found.filter(order__in=orders).order_by("order", "line_no"))


def left_to_move(component: ProductionComponent, order: ProductionOrder, kind: str = MaterialKind.ISSUE) -> Decimal:
    """What is still to be issued for all that was ordered, or what of it lies in the workshop."""
    if kind != MaterialKind.ISSUE:
        return max(component.held_qty, ZERO)
    return still_to_issue(component, max(component.needed(order.qty) - component.used_qty, ZERO))


def derive(order: ProductionOrder, components: Iterable[ProductionComponent]) -> bool:
    """Set how far it is, and close it by itself when all is made and nothing is held (not saved); returns whether it closed.

    An order that had closed by itself opens again when that is not so any more; one that was closed by hand stays closed.
    """
    rows = list(components)
    order.receipt = progress_of(order.received_qty, order.qty)
    order.issue = _issued(order, rows)
    done = order.left_qty <= 0 and not any(row.held_qty for row in rows)
    if done and order.closing == Closing.OPEN:
        order.closing = Closing.AUTO_CLOSED
        return True
    if not done and order.closing == Closing.AUTO_CLOSED:
        order.closing = Closing.OPEN
    return False


def _issued(order: ProductionOrder, rows: list[ProductionComponent]) -> str:
    if rows and not any(left_to_move(row, order) for row in rows):
        return Progress.FULL
    return Progress.PARTIAL if any(row.held_qty or row.used_qty for row in rows) else Progress.NONE
