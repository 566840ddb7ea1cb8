"""Jobs of the control plane. All of them work from what is due now, so running twice changes nothing."""

from typing import Any
from uuid import UUID

from celery import shared_task
from django.utils import timezone
from django.utils.translation import override

from tenants import pool, sample_data, signup, tokens, trial
from tenants.mail import send_mail
from tenants.models import FaceSession


@shared_task
def fill_pool() -> int:
    """Keep spare schemas ready."""
    return pool.fill()


@shared_task
def lay_sample_data(tenant_id: str) -> bool:
    """Lay the sample data a new company asked for."""
    return sample_data.lay(UUID(tenant_id), at=timezone.now())


@shared_task
def lay_waiting_sample_data() -> int:
    """Lay sample data whose message was lost or that could not be laid."""
    return sample_data.lay_waiting(at=timezone.now())


@shared_task
def expire_trials() -> dict[str, int]:
    """Trials whose last day has passed become read only; those that end soon get a mail."""
    now = timezone.now()
    return {"noticed": trial.send_notices(at=now), "expired": trial.expire_trials(at=now)}


@shared_task(autoretry_for=(OSError,), retry_backoff=30, max_retries=6)
def send_queued_mail(*, mail: dict[str, Any], language: str) -> None:
    """Send one mail; a mail server that is away is tried again."""
    with override(language):
        send_mail(**mail)


@shared_task
def forget_what_is_over() -> dict[str, int]:
    """Remove used tokens and sign-ups whose time is over, and sessions that ran out."""
    now = timezone.now()
    return {
        "tokens": tokens.forget_used(at=now),
        "signups": signup.forget_old(at=now),
        "sessions": FaceSession.objects.filter(expire_date__lt=now).delete()[0],
    }
