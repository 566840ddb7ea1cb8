"""The bridge to availability: what an order brings, when, and why that changed.

Every call passes what is still to come for whole order lines, so availability never has to guess.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace as replace_fields
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from uuid import UUID

from backend.availability.models.lines import Firmness
from backend.availability.services import supply
from backend.availability.services.causes import Cause
from backend.inventory.services.balances import LockedBalance, Pair
from backend.kernel.actor import Actor
from backend.kernel.document import Closing, Document
from backend.purchasing.models import PurchaseOrder, PurchaseOrderLine
from backend.purchasing.schedule import Plan
from backend.purchasing.services.late_material import days_late


def inputs_of(order: PurchaseOrder, line: PurchaseOrderLine, plan: Plan) -> list[supply.SupplyInput]:
    """The supply lines of one order line, delayed by late material.

    Services and things without stock bring none, and nothing is expected of an order that was closed by hand.
    """
    if not line.item.is_stocked or order.closing == Closing.MANUAL_CLOSED:
        return []
    ready = line.requested_date + timedelta(days=days_late(order))
    return [
        supply.SupplyInput(
            ref_line_id=line.pk,
            ref_line_no=line.line_no,
            ref_id=order.pk,
            ref_number=order.number,
            schedule_no=part.number,
            item_id=line.item_id,
            warehouse_id=order.warehouse_id,
            party_id=order.supplier_id,
            qty=part.to_come,
            date=part.due
            if part.firmness == Firmness.SHIPPED or ready == line.requested_date
            else max(part.due, ready),
            firmness=part.firmness,
            suggestion_id=line.suggestion_id,
        )
        for part in plan
        if part.to_come
    ]


def register(
    order: PurchaseOrder,
    lines: Iterable[PurchaseOrderLine],
    plans: Mapping[UUID, Plan],
    *,
    cause: Cause,
    actor: Actor,
    at: datetime,
) -> None:
    """Announce a whole order."""
    wanted = [made for line in lines for made in inputs_of(order, line, plans[line.pk])]
    supply.register_supply(
        wanted, ref_type=order.DOC_TYPE, ref_id=order.pk, ref_number=order.number, cause=cause, actor=actor, at=at
    )


def replace(
    orders: Iterable[PurchaseOrder],
    lines: Iterable[PurchaseOrderLine],
    plans: Mapping[UUID, Plan],
    *,
    cause: Cause,
    actor: Actor,
    at: datetime,
    held: Mapping[Pair, LockedBalance] = MappingProxyType({}),
    also: Mapping[UUID, list[supply.SupplyInput]] = MappingProxyType({}),
) -> None:
    """Put what is still to come on these lines, of one or several orders, in the place of what was expected.

    ``also`` is what comes by other lines: goods that are here and wait for their inspection.
    """
    by_id = {order.pk: order for order in orders}
    stocked = [line for line in lines if line.item.is_stocked]
    if not stocked:
        return
    first = by_id[stocked[0].document_id]
    supply.reschedule_supply(
        {line.pk: inputs_of(by_id[line.document_id], line, plans[line.pk]) for line in stocked} | dict(also),
        ref_type=first.DOC_TYPE,
        ref_id=first.pk,
        ref_number=first.number,
        cause=cause,
        actor=actor,
        at=at,
        held=held,
    )


def withdraw(order: PurchaseOrder, *, cause: Cause, actor: Actor, at: datetime) -> None:
    """The order brings nothing any more."""
    supply.withdraw_supply(order.pk, cause=cause, actor=actor, at=at)


def cause_of(document: Document, kind: str, text: str, *, customer_reason: str = "") -> Cause:
    """Why promises change: the document to open and the words to read."""
    return replace_fields(Cause.of(kind, document, text[:300]), customer_reason=customer_reason[:300])


def quantity(value: Decimal) -> str:
    """A quantity as people write it: no trailing zeros, never in powers of ten."""
    plain = f"{value:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
