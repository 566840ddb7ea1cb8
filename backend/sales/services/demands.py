"""What orders ask of availability: demand of their open quantities, and the dates it promises."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from backend.availability import selectors as availability
from backend.availability.services import demand
from backend.availability.services.causes import Cause
from backend.availability.services.demand import Held
from backend.availability.services.demand_lines import DemandInput
from backend.kernel.actor import Actor
from backend.kernel.currency import amount_at_home
from backend.kernel.money import ZERO, cents, total
from backend.kernel.prepared import Prepared
from backend.sales.models import SalesOrder, SalesOrderLine

_lines = Prepared(
    lambda order: (
        SalesOrderLine.objects.filter(document_id=order)
        .select_related("item__unit", "item__tax_code", "item__category")
        .order_by("line_no")
    )
)


def lines_of(order: SalesOrder) -> list[SalesOrderLine]:
    """The order's lines with their items, in order, in one statement."""
    lines = _lines(order.pk)
    for line in lines:
        line.document = order
    return lines


def open_amount(order: SalesOrder, lines: Iterable[SalesOrderLine]) -> Decimal:
    """What the quantities not shipped yet are worth with tax, in the company's own currency."""
    amount = total(cents(line.gross_amount * line.open_qty / line.wanted_qty) for line in lines if line.open_qty)
    return amount_at_home(amount, order) or ZERO


def register(order: SalesOrder, lines: Sequence[SalesOrderLine], *, actor: Actor, at: datetime) -> date | None:
    """Make the open quantities of goods demand; returns the date at which all can be had, None when one is unknown."""
    wanted = [_input(order, line) for line in lines if line.item.is_stocked and line.open_qty > 0]
    made = demand.register_demand(wanted, actor=actor, at=at, **_ref(order))
    return _latest([row.promise.promise_date for row in made], order)


def change(
    order: SalesOrder,
    before: Iterable[SalesOrderLine],
    after: Iterable[SalesOrderLine],
    *,
    reason: str,
    actor: Actor,
    at: datetime,
) -> date | None:
    """Let the demand follow an amendment; returns the new date at which all can be had."""
    known = {line.pk: (line.open_qty, line.requested_date) for line in before}
    changed = [
        _input(order, line)
        for line in after
        if line.item.is_stocked and known.get(line.pk) != (line.open_qty, line.requested_date)
    ]
    if changed:
        cause = Cause.of("sales_order_amended", order, reason, by=actor)
        demand.change_demand(changed, cause=cause, actor=actor, at=at, **_ref(order))
    return promise_date(order)


def withdraw(order: SalesOrder, *, kind: str, reason: str, actor: Actor, at: datetime) -> None:
    """Nothing more is needed for the order; others get what it held back."""
    demand.withdraw_demand(order.pk, cause=Cause.of(kind, order, reason, by=actor), actor=actor, at=at)


def promise_date(order: SalesOrder) -> date | None:
    """The date at which all that is open can be had, as it is promised now."""
    views = availability.promises_of_document(order.pk).values()
    return _latest([view.promise_date for view in views if view.open_qty > 0], order)


def _latest(dates: Sequence[date | None], order: SalesOrder) -> date | None:
    """The last of the dates; None when nobody can say. Services have no dates: their order keeps its wish."""
    if not dates:
        return order.requested_date
    return None if None in dates else max(day for day in dates if day)


def hold(lines: Iterable[tuple[SalesOrderLine, UUID]]) -> Held:
    """Lock what is to leave: order lines with the warehouse they leave from; two statements."""
    return demand.hold_demand((line.pk, (line.item_id, place)) for line, place in lines if line.item.is_stocked)


def reserved_of(order_ids: Iterable[UUID]) -> dict[UUID, Decimal]:
    """Order line → how much of stock is set aside for it; one statement for each order."""
    found: dict[UUID, Decimal] = {}
    for order_id in order_ids:
        found |= availability.reserved_of(order_id)
    return found


def _ref(order: SalesOrder) -> dict[str, Any]:
    return {"ref_type": order.DOC_TYPE, "ref_id": order.pk, "ref_number": order.number}


def _input(order: SalesOrder, line: SalesOrderLine) -> DemandInput:
    return DemandInput(
        ref_line_id=line.pk,
        line_no=line.line_no,
        item_id=line.item_id,
        warehouse_id=order.warehouse_id,
        party_id=order.customer_id,
        qty=line.open_qty,
        required_date=line.requested_date,
    )
