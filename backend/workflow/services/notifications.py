"""Messages to members: a line in the bell at once, a mail after the commit. One per member and matter."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from backend.access import selectors as access
from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.ids import uuid7
from backend.workflow.events import MembersNotified
from backend.workflow.models import Notification
from backend.workflow.texts import TEXTS


def notify(
    *,
    kind: str,
    params: Mapping[str, Any],
    url: str,
    dedupe_key: str,
    at: datetime,
    members: Iterable[Any] = (),
    permission: str = "",
    party_id: UUID | None = None,
    mail: bool = True,
    actor: Actor | None = None,
) -> int:
    """Tell members (given, or staff holding a right, or a partner's users holding one); returns how many were told.

    The same matter told twice to the same member is one message. Who acts is not told about his own act.
    """
    if kind not in TEXTS:
        raise KeyError(f"A message of kind {kind!r} has no words in workflow.texts.")
    readers = _readers(members, permission, party_id)
    if actor and actor.member_id:
        readers.discard(actor.member_id)
    if not readers:
        return 0
    rows = {
        f"{dedupe_key}:{member_id.hex}"[:160]: Notification(
            id=uuid7(), member_id=member_id, kind=kind, params=_plain(params), url=url, created_at=at
        )
        for member_id in sorted(readers)
    }
    for key, row in rows.items():
        row.dedupe_key = key
    with transaction.atomic():
        Notification.objects.bulk_create(rows.values(), ignore_conflicts=True)
        if mail:
            ids = tuple(str(row.pk) for row in rows.values())
            told = MembersNotified(aggregate_id=uuid7(), notification_ids=ids)
            events.publish(told, actor=actor or Actor.system())
    return len(rows)


def _readers(members: Iterable[Any], permission: str, party_id: UUID | None) -> set[UUID]:
    given: set[UUID] = {member if isinstance(member, UUID) else member.pk for member in members if member}
    if party_id:
        given |= {member.pk for member in access.members_of_party(party_id, permission)}
    elif permission:
        given |= {member.pk for member in access.members_with(permission)}
    return given


def _plain(params: Mapping[str, Any]) -> dict[str, Any]:
    return {key: None if value is None else str(value) for key, value in params.items()}


def mark_read(*, member_id: UUID, at: datetime, notification_ids: Iterable[UUID] | None = None) -> int:
    """Mark a member's messages (all, or some) as read."""
    found = Notification.objects.filter(member_id=member_id, read_at=None)
    if notification_ids is not None:
        found = found.filter(pk__in=list(notification_ids))
    return found.update(read_at=at)
