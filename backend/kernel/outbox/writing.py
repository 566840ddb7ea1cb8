"""Writing events into the outbox and nudging the relay when the transaction commits."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from django.core.cache import caches
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.bulk import Batch
from backend.kernel.ids import uuid7
from backend.kernel.outbox.models import OutboxDelivery
from backend.kernel.tenancy import PUBLIC, schema_name

log = logging.getLogger(__name__)
NUDGED = "outbox:nudged"
NUDGE_SECONDS = 5  # a nudge that got lost holds back others no longer than the sweep takes to come


def write_events(facts: Iterable[tuple[events.Event, Sequence[str]]], actor: Actor) -> None:
    """One statement: a row per event and handler; the rows of one event share its id."""
    now = timezone.now()
    who = {**asdict(actor), "permissions": sorted(actor.permissions)}
    who = {key: str(value) if key.endswith("_id") and value else value for key, value in who.items()}
    rows = [
        OutboxDelivery(
            schema=schema_name(),
            event_id=event_id,
            event=events.name_of(type(event)),
            handler=handler,
            aggregate_id=event.aggregate_id,
            payload=payload,
            actor=who,
            language=get_language() or "",
            written_at=now,
            not_before=now,
        )
        for event, handlers in facts
        for event_id, payload in [(uuid7(), events.to_payload(event))]
        for handler in handlers
    ]
    batch = Batch()
    batch.insert(rows)
    batch.write()
    _nudge_once()


def _nudge_once() -> None:
    """One nudge for each transaction, however many events it wrote."""
    connection = transaction.get_connection()
    if any(hook[1] is nudge_relay for hook in connection.run_on_commit):
        return
    transaction.on_commit(nudge_relay, robust=True)


def nudge_relay() -> None:
    """Ask a worker to relay now, unless one was asked and has not begun.

    The company stays active: to leave it and come back would cost two statements for every commit.
    Without a broker the periodic sweep delivers later, so nothing is lost.
    """
    from backend.kernel.outbox.tasks import relay_outbox

    try:
        if caches["installation"].add(NUDGED, 1, NUDGE_SECONDS):
            relay_outbox.apply_async(retry=False, headers={"_schema_name": PUBLIC})
    except (OperationalError, RedisError, OSError) as problem:
        log.warning("The relay could not be nudged; the sweep will deliver.", extra={"problem": str(problem)})
