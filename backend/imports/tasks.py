"""Jobs of imports, in the company that they were sent from."""

from celery import shared_task

from backend.imports.services.runs import work_off
from backend.kernel import clock
from backend.kernel.tenancy import require_company


@shared_task
def work_off_imports() -> int:
    """Check and save the lists that wait; returns how many."""
    require_company()
    return work_off(at=clock.now())
