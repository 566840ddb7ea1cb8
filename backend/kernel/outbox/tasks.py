"""Jobs of the outbox. Several may run at once: rows are taken with SKIP LOCKED."""

from celery import shared_task
from django.core.cache import caches

from backend.kernel.outbox import relay
from backend.kernel.outbox.writing import NUDGED


@shared_task
def relay_outbox() -> int:
    """Deliver what is due now (nudged by a commit). Whoever commits from here on nudges again."""
    caches["installation"].delete(NUDGED)
    return relay.relay()


@shared_task
def sweep_outbox() -> int:
    """Deliver whatever a nudge missed."""
    return relay.relay(limit=2000)
