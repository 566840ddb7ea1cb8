"""Delivering what the outbox holds.

Each delivery runs in its own transaction: lock the row (SKIP LOCKED), run the handler inside the
company's schema, mark the row done, commit. A crash before the commit leaves the row as it was; a
failure waits with back-off (2, 4, 8 … seconds, at most 10 minutes) and holds back only later events
of the same aggregate for the same handler.
"""

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone, translation

from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.outbox.models import OutboxDelivery
from backend.kernel.tenancy import in_public, run_in

log = logging.getLogger(__name__)
BATCH = 200

_NEXT = """
SELECT d.* FROM public.outbox_delivery d
WHERE d.done_at IS NULL AND d.not_before <= %s
  AND NOT EXISTS (SELECT 1 FROM public.outbox_delivery e
                  WHERE e.done_at IS NULL AND e.aggregate_id = d.aggregate_id
                    AND e.handler = d.handler AND e.schema = d.schema AND e.id < d.id)
ORDER BY d.id LIMIT 1 FOR UPDATE OF d SKIP LOCKED
"""


def relay(*, limit: int = BATCH) -> int:
    """Deliver what is due, at most ``limit`` rows; returns how many were done."""
    done = 0
    for _round in range(limit):
        outcome = deliver_next()
        if outcome is None:
            break
        done += outcome
    return done


def deliver_next() -> bool | None:
    """Deliver one row: True when done, False when it failed and waits, None when nothing is due."""
    with in_public():
        row: OutboxDelivery | None = None
        try:
            with transaction.atomic():
                row = next(iter(OutboxDelivery.objects.raw(_NEXT, [timezone.now()])), None)
                if row is None:
                    return None
                _run(row)
                OutboxDelivery.objects.filter(pk=row.pk).update(done_at=timezone.now(), attempts=row.attempts + 1)
        except Exception as problem:  # any failure of any handler waits and is tried again
            if row is None:
                raise
            _put_off(row, problem)
            return False
    return True


def _run(row: OutboxDelivery) -> None:
    handler = events.handler_called(row.handler)
    if handler is None:
        log.warning("A handler is gone; its event is dropped.", extra={"handler": row.handler, "event": row.event})
        return
    with run_in(_tenant_of(row.schema)), translation.override(row.language or None):
        handler(events.from_payload(row.event, row.payload), _actor_from(row.actor))


def _tenant_of(schema: str) -> Any:
    if schema == "public":
        return schema
    from django_tenants.utils import get_tenant_model

    return get_tenant_model().objects.filter(schema_name=schema).first() or schema


def _actor_from(values: dict[str, Any]) -> Actor:
    ids = {key: UUID(values[key]) if values.get(key) else None for key in ("member_id", "party_id")}
    return Actor(**{**values, **ids, "permissions": frozenset(values["permissions"])})


def _put_off(row: OutboxDelivery, problem: Exception) -> None:
    wait = timedelta(seconds=min(600, 2 ** (row.attempts + 1)))
    log.exception("A handler failed; it will be tried again.", extra={"handler": row.handler, "wait": str(wait)})
    OutboxDelivery.objects.filter(pk=row.pk).update(
        attempts=row.attempts + 1, not_before=timezone.now() + wait, last_error=repr(problem)[:2000]
    )


def forget_old(*, days: int = 30) -> int:
    """Delete rows that were done long ago; returns how many."""
    edge = timezone.now() - timedelta(days=days)
    return int(OutboxDelivery.objects.filter(done_at__lt=edge).delete()[0])
