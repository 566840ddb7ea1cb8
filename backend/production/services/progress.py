"""How far an order is once a paper of it was booked or taken back."""

from datetime import datetime
from typing import Any

from backend.kernel import audit, events
from backend.kernel.actor import Actor
from backend.kernel.document import Closing, claim_version
from backend.production.events import ProductionOrderClosed
from backend.production.models import ProductionComponent, ProductionOrder
from backend.production.services import planning
from backend.production.services.components import derive


def follow_papers(
    order: ProductionOrder,
    components: list[ProductionComponent],
    *,
    kind: str,
    document: Any,
    text: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Say how far the order is after a paper of it was booked or taken back, and need and bring what is left."""
    closed = derive(order, components)
    claim_version(order, None, at)
    order.save()
    planning.keep(order, components, cause=planning.cause_of(document, kind, text), actor=actor, at=at)
    if closed:
        audit.record(order, "complete", actor=actor, at=at, axis="closing", before=Closing.OPEN, after=order.closing)
        events.publish(ProductionOrderClosed(order.pk, order.number, by_itself=True), actor=actor)
