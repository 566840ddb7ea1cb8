"""The components of subcontract orders as they stand: what of each is still to be moved."""

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from backend.inventory.services.making import still_to_issue
from backend.kernel.money import ZERO
from backend.purchasing.models import MaterialKind, SubcontractComponent


def components_of(orders: Iterable[UUID]) -> list[SubcontractComponent]:
    """Components of orders with their items, in their order; one statement."""
    found = SubcontractComponent.objects.select_related("item__unit", "order_line")
    return list(found.filter(order_line__document__in=orders).order_by("order_line__document", "line_no"))


def left_to_move(component: SubcontractComponent, kind: str) -> Decimal:
    """What is still to be issued for what was ordered, or what of it lies at the processor."""
    if kind != MaterialKind.ISSUE:
        return max(component.held_qty, ZERO)
    to_make = component.order_line.wanted_qty - component.order_line.received_qty
    return still_to_issue(component, component.needed(max(to_make, ZERO)))
