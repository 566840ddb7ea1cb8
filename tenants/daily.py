"""Work that every company has once on each of its days, whatever its time zone.

A dispatcher runs every few minutes and queues the jobs of ``settings.DAILY_TASKS`` for companies whose day has begun and
that are alive. A key in the cache keeps it to once; the jobs themselves may run twice without harm.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from celery import current_app
from django.conf import settings
from django.core.cache import cache

from backend.kernel.tenancy import in_public, run_in
from tenants.models import Tenant, TenantState

ALIVE = (TenantState.TRIAL, TenantState.ACTIVE, TenantState.GRACE)
_TWO_DAYS = 48 * 3600


def start_daily_work(*, at: datetime) -> int:
    """Queue the jobs of the day for every company that has not had them; returns for how many."""
    with in_public():
        companies = list(Tenant.objects.filter(state__in=ALIVE))
    due = [company for company in companies if _begins(company, at)]
    for company in due:
        with run_in(company):
            for task in settings.DAILY_TASKS:
                current_app.send_task(task)
    return len(due)


def _begins(company: Tenant, at: datetime) -> bool:
    """Whether this is the first look at the company on its day."""
    day = at.astimezone(ZoneInfo(company.time_zone)).date()
    with in_public():
        return bool(cache.add(f"daily-work:{company.pk}:{day}", 1, _TWO_DAYS))
