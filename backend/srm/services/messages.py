"""To-dos for staff, and words to a supplier: its users who keep the profile, or a mail where nobody signs in yet."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from backend.access.selectors import members_of_party
from backend.kernel import events
from backend.kernel.actor import Actor
from backend.parties.models import Contact, Party
from backend.srm.events import OutsiderTold
from backend.workflow.services import TaskInput, create_tasks, notify

PROFILE = "/supplier/profile/"


def tell_supplier(
    party: Party,
    kind: str,
    params: Mapping[str, Any],
    *,
    key: str,
    at: datetime,
    actor: Actor | None = None,
    url: str = PROFILE,
    permission: str = "supplier.profile.edit",
) -> None:
    """Tell those of the supplier who hold the right, each once for a matter."""
    told = members_of_party(party.pk, permission)
    if told:
        notify(kind=kind, params=params, url=url, dedupe_key=key, at=at, members=told, actor=actor)
        return
    mail_outsider(
        party.email or _contact_mail(party), party.language, kind, params, url=url, about=party.pk, actor=actor
    )


def mail_outsider(
    to: str, language: str, kind: str, params: Mapping[str, Any], *, url: str, about: UUID, actor: Actor | None = None
) -> None:
    """A mail to somebody who has no user here, after the commit."""
    if not to:
        return
    plain = tuple((key, "" if value is None else str(value)) for key, value in params.items())
    with transaction.atomic():
        told = OutsiderTold(about, to=to, language=language, kind=kind, params=plain, url=url)
        events.publish(told, actor=actor or Actor.system())


def todo(
    kind: str,
    params: Mapping[str, Any],
    *,
    key: str,
    page: str,
    pk: UUID,
    permission: str,
    assignee_id: UUID | None = None,
    due_date: date | None = None,
    number: str = "",
) -> TaskInput:
    """A to-do that opens a page of ours: ``page`` is the type of the thing, ``pk`` its key."""
    return TaskInput(
        kind=kind,
        dedupe_key=key,
        params=params,
        assignee_id=assignee_id,
        permission=permission,
        subject_type=page,
        subject_id=pk,
        subject_number=number or str(pk),
        due_date=due_date,
    )


def ask_staff(task: TaskInput, at: datetime) -> None:
    create_tasks([task], at=at)


def _contact_mail(party: Party) -> str:
    found = Contact.objects.filter(party=party).exclude(email="").order_by("-is_primary", "id")
    return found.values_list("email", flat=True).first() or ""
