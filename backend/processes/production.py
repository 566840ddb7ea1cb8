"""We make goods ourselves: who planned an order hears when a component runs late, and for whom (PUR-02)."""

from uuid import UUID

from backend.availability.events import PromiseRevised
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.processes.late_material import watch_order
from backend.production.events import (
    ProductionMaterialMoved,
    ProductionOrderApproved,
    ProductionOrderClosed,
    ProductionOrderEvent,
    ProductionOrderReopened,
    ProductionOrderUnapproved,
)
from backend.production.models import ProductionOrder
from backend.production.services.planning import runs


@subscribe(PromiseRevised, when="after_commit")
def watch_component_of_production(event: PromiseRevised, actor: Actor) -> None:
    """A component comes on another day."""
    if event.ref_type == ProductionOrder.DOC_TYPE:
        _watch(event.aggregate_id, actor)


@subscribe(ProductionMaterialMoved, when="after_commit")
def watch_components_that_moved(event: ProductionMaterialMoved, actor: Actor) -> None:
    """What is issued is not waited for any more."""
    _watch(UUID(str(event.order_id)), actor)


@subscribe(ProductionOrderApproved, when="after_commit")
@subscribe(ProductionOrderUnapproved, when="after_commit")
@subscribe(ProductionOrderClosed, when="after_commit")
@subscribe(ProductionOrderReopened, when="after_commit")
def watch_components_of_production(event: ProductionOrderEvent, actor: Actor) -> None:
    """What is planned may be late from the start; what nobody makes any more is not."""
    _watch(event.aggregate_id, actor)


def _watch(order_id: UUID, actor: Actor) -> None:
    order = ProductionOrder.objects.filter(pk=order_id).first()
    if order is not None:
        watch_order(
            order,
            runs=runs(order),
            kind="production.material_late",
            assignee_id=order.created_by_id,
            permission="production.order.edit",
            actor=actor,
        )
