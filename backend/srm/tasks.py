"""Jobs of supplier relations: one walks over the companies, the other works inside one."""

from celery import shared_task
from django_tenants.utils import get_tenant_model

from backend.kernel import clock
from backend.kernel.tenancy import PUBLIC, in_public, require_company, run_in
from backend.srm.services import daily


@shared_task
def look_at_suppliers_everywhere() -> int:
    """Send the daily job of every company that may write; returns how many."""
    with in_public():
        companies = [company for company in get_tenant_model().objects.exclude(schema_name=PUBLIC) if company.can_write]
    for company in companies:
        with run_in(company):
            look_at_suppliers.apply_async()
    return len(companies)


@shared_task
def look_at_suppliers() -> dict[str, int]:
    """The daily job of the company it was sent from."""
    require_company()
    return daily.look_around(at=clock.now())
