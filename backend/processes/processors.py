"""Processors make goods of our material: the buyer hears when a component of theirs runs late, and for whom (SCM-21, SRM-09)."""

from uuid import UUID

from backend.availability.events import PromiseRevised
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.processes.late_material import watch_order
from backend.purchasing.events import PurchaseOrderApproved, PurchaseOrderClosed, PurchaseOrderUnapproved
from backend.purchasing.models import OrderKind, PurchaseOrder
from backend.purchasing.services.material_demand import runs


@subscribe(PromiseRevised, when="after_commit")
def watch_component(event: PromiseRevised, actor: Actor) -> None:
    """A component comes on another day."""
    if event.ref_type == PurchaseOrder.DOC_TYPE:
        _watch(event.aggregate_id, actor)


@subscribe(PurchaseOrderApproved, when="after_commit")
@subscribe(PurchaseOrderUnapproved, when="after_commit")
@subscribe(PurchaseOrderClosed, when="after_commit")
def watch_components(event: PurchaseOrderApproved, actor: Actor) -> None:
    """What is ordered from a processor may be late from the start; what nobody expects any more is not."""
    _watch(event.aggregate_id, actor)


def _watch(order_id: UUID, actor: Actor) -> None:
    order = PurchaseOrder.objects.filter(pk=order_id, kind=OrderKind.SUBCONTRACT).first()
    if order is not None:
        watch_order(
            order,
            runs=runs(order),
            kind="purchasing.material_late",
            assignee_id=order.buyer_id,
            permission="purchasing.order.edit",
            actor=actor,
        )
