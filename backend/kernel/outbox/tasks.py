"""Jobs of the outbox. Several may run at once: rows are taken with SKIP LOCKED."""

from celery import shared_task

from backend.kernel.outbox import relay


@shared_task
def relay_outbox() -> int:
    """Deliver what is due now (nudged by a commit)."""
    return relay.relay()


@shared_task
def sweep_outbox() -> int:
    """Deliver whatever a nudge missed."""
    return relay.relay(limit=2000)
