"""Deliveries: drafts pushed down from orders, shipped, taken back, thrown away.

Shipping is one transaction: own reservations are consumed, stock leaves by earliest expiry, cost and
progress are written, the order closes when all has left. Locks: delivery, orders by id, balances, numbers.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from backend.kernel import audit, links
from backend.kernel.actor import Actor
from backend.kernel.bulk import Batch
from backend.kernel.document import Approval, claim_version, load_locked
from backend.kernel.lifecycle import APPROVAL
from backend.kernel.numbering import next_number
from backend.sales.models import SalesDelivery, SalesDeliveryLine, SalesOrder
from backend.sales.services import demands, drafting, handling
from backend.sales.services.inputs import DeliveryData, DeliveryLineInput
from backend.sales.services.shipping import approve_delivery, issue, tell_shipped, unapprove_delivery
from backend.sales.services.signing import sign_delivery

__all__ = [
    "DeliveryData",
    "DeliveryLineInput",
    "approve_delivery",
    "create_delivery",
    "create_delivery_from_order",
    "save_delivery",
    "ship_order",
    "sign_delivery",
    "unapprove_delivery",
    "void_delivery",
]


def create_delivery_from_order(
    *,
    order_id: UUID,
    actor: Actor,
    at: datetime,
    lines: Sequence[DeliveryLineInput] | None = None,
    data: DeliveryData | None = None,
) -> SalesDelivery:
    """A draft delivery of one order; without lines it takes what is reserved and not on another draft."""
    return create_delivery(order_ids=[order_id], actor=actor, at=at, lines=lines, data=data)


def create_delivery(
    *,
    order_ids: Sequence[UUID],
    actor: Actor,
    at: datetime,
    lines: Sequence[DeliveryLineInput] | None = None,
    data: DeliveryData | None = None,
) -> SalesDelivery:
    """A draft delivery of several orders of one customer from one warehouse. Raises CannotDeliver."""
    with transaction.atomic():
        orders = drafting.lock_orders(order_ids)
        delivery, made = drafting.build_delivery(orders, lines, data or DeliveryData(), actor=actor, at=at)
        delivery.number = next_number(delivery.DOC_TYPE, delivery.doc_date)
        drafting.hand_pieces_on(delivery, made)
        batch = Batch()
        _insert(delivery, made, orders, batch)
        batch.insert([audit.entry(delivery, "create", actor=actor, at=at)])
        batch.write()
    return delivery


def ship_order(
    *,
    order_id: UUID,
    actor: Actor,
    at: datetime,
    lines: Sequence[DeliveryLineInput] | None = None,
    data: DeliveryData | None = None,
) -> SalesDelivery:
    """Deliver an order in one step: the draft and its shipping in one transaction. Raises as both do."""
    with transaction.atomic():
        if any(line.unit_qty is not None for line in lines or ()):
            draft = create_delivery(order_ids=[order_id], actor=actor, at=at, lines=lines, data=data)
            return approve_delivery(delivery_id=draft.pk, actor=actor, at=at)
        orders = drafting.lock_orders([order_id])
        held = demands.hold((line, order.warehouse_id) for order in orders for line in order.loaded_lines)  # type: ignore[attr-defined]
        delivery, made = drafting.build_delivery(
            orders, lines, data or DeliveryData(), actor=actor, at=at, reserved=held.reserved
        )
        drafting.hand_pieces_on(delivery, made)
        batch = Batch()
        made = issue(delivery, made, orders, batch, held=held, actor=actor, at=at)
        _insert(delivery, made, orders, batch)
        batch.write()
        tell_shipped(delivery, made, orders, actor)
    return delivery


def _insert(
    delivery: SalesDelivery, lines: Sequence[SalesDeliveryLine], orders: Sequence[SalesOrder], batch: Batch
) -> None:
    """A new delivery with its lines, and the links from each order."""
    batch.insert([delivery])
    batch.insert(lines)
    found = [
        row
        for order in orders
        for row in links.rows(
            order,
            delivery,
            [(line.order_line_id, line.pk, line.qty) for line in lines if line.order_line.document_id == order.pk],
        )
    ]
    batch.insert(found)


def save_delivery(
    *,
    delivery_id: UUID,
    lines: Sequence[DeliveryLineInput],
    actor: Actor,
    at: datetime,
    data: DeliveryData | None = None,
    version: int | None = None,
) -> SalesDelivery:
    """Change a draft delivery: its lines become these. Raises CannotDeliver, StaleVersion."""
    with transaction.atomic():
        delivery = load_locked(SalesDelivery, delivery_id)
        drafting.require_draft(delivery)
        claim_version(delivery, version, at)
        orders = drafting.lock_orders(
            SalesOrder.objects.filter(lines__delivery_lines__document=delivery).values_list("pk", flat=True)
        )
        drafting.fill_header(delivery, data, at)
        made = drafting.build_lines(delivery, orders, lines)
        handling.carry_over(delivery, delivery.lines.all(), made)
        SalesDeliveryLine.objects.filter(document=delivery).delete()
        links.unlink(delivery.pk)
        delivery.save()
        SalesDeliveryLine.objects.bulk_create(made)
        for order in orders:
            pairs = [(line.order_line_id, line.pk, line.qty) for line in made if line.order_number == order.number]
            links.link(order, delivery, lines=pairs)
        audit.record(delivery, "save", actor=actor, at=at)
    return delivery


def void_delivery(*, delivery_id: UUID, actor: Actor, at: datetime, reason: str = "") -> SalesDelivery:
    """Throw a draft away; what it was to ship can be delivered otherwise."""
    with transaction.atomic():
        delivery = load_locked(SalesDelivery, delivery_id)
        before = APPROVAL.advance(delivery, "void")
        claim_version(delivery, None, at)
        delivery.save()
        links.unlink(delivery.pk)
        handling.forget(delivery)
        audit.record(
            delivery,
            "void",
            actor=actor,
            at=at,
            axis="approval",
            before=before,
            after=Approval.VOIDED,
            reason=reason,
        )
    return delivery
