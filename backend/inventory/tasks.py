"""Jobs of inventory, in the company that they were sent from."""

from uuid import UUID

from celery import shared_task

from backend.inventory.services import costing_runs
from backend.kernel import clock
from backend.kernel.tenancy import require_company


@shared_task
def cost_the_month(run_id: str) -> bool:
    """Do a costing run that somebody asked for."""
    require_company()
    return costing_runs.carry_out(run_id=UUID(run_id), at=clock.now())
