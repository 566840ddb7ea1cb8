"""Jobs of inventory, in the company that they were sent from."""

from celery import shared_task

from backend.inventory.services import costing_runs
from backend.kernel import clock
from backend.kernel.tenancy import require_company


@shared_task
def cost_what_was_asked() -> int:
    """Do the costing runs that somebody asked for; returns how many."""
    require_company()
    return costing_runs.carry_out_asked(at=clock.now())
