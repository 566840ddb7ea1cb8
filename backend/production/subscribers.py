"""What production listens to in the areas below it."""

from backend.availability.events import PromiseRevised
from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.production.models import ProductionOrder
from backend.production.services import planning


@subscribe(PromiseRevised, when="after_commit")
def follow_material_of_production(event: PromiseRevised, actor: Actor) -> None:
    """A component of a production order comes on another day: so do its goods."""
    if event.ref_type == ProductionOrder.DOC_TYPE:
        planning.follow_material(event, actor=actor, at=clock.now())
