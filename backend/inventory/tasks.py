"""Jobs of inventory; sent from within a company, they work in its schema."""

from celery import shared_task

from backend.inventory.services.lots import expire_lots
from backend.kernel import clock
from backend.kernel.actor import Actor


@shared_task
def expire_lots_of_company() -> int:
    """Block the lots whose expiry date has passed; returns how many."""
    return expire_lots(actor=Actor.system(), at=clock.now())
