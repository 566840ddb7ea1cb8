"""Jobs of the control plane. All of them work from what is due now, so running twice changes nothing."""

from celery import shared_task
from django.utils import timezone

from tenants import pool, trial


@shared_task
def fill_pool() -> int:
    """Keep spare schemas ready."""
    return pool.fill()


@shared_task
def expire_trials() -> dict[str, int]:
    """Trials whose last day has passed become read only; those that end soon get a mail."""
    now = timezone.now()
    return {"noticed": trial.send_notices(at=now), "expired": trial.expire_trials(at=now)}
