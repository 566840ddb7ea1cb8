"""Who may decide a level on a day: holders of the role, substitutes of those who are absent, the owner where nobody is.

Read once for any number of levels, in three statements.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from uuid import UUID

from django.db.models import QuerySet

from backend.access import selectors as access
from backend.access.models import Member
from backend.access.permissions import EVERYTHING, rights_of
from backend.workflow import parameters
from backend.workflow.models import ApprovalDelegation


@dataclass(frozen=True)
class Deciders:
    """``may`` maps who may decide to the absent person he stands in for (None: himself); ``asked`` get the to-do."""

    may: dict[UUID, UUID | None]
    asked: tuple[UUID, ...]


def delegations_on(day: date) -> QuerySet[ApprovalDelegation]:
    """The substitutions that run that day; of several for one person the newest counts last."""
    return ApprovalDelegation.objects.filter(date_from__lte=day, date_to__gte=day).order_by("id")


class People:
    """The company's staff as deciders on one day."""

    def __init__(self, day: date) -> None:
        self.day = day

    @cached_property
    def staff(self) -> dict[UUID, Member]:
        return {member.pk: member for member in access.members("staff").filter(active=True)}

    @cached_property
    def _substitutes(self) -> dict[UUID, UUID]:
        return dict(delegations_on(self.day).values_list("person_id", "substitute_id"))

    def name_of(self, member_id: UUID | None) -> str:
        found = self.staff.get(member_id) if member_id else None
        return found.name if found else ""

    def names(self, ids: Collection[UUID]) -> str:
        return ", ".join(sorted(self.name_of(each) for each in ids))

    def deciders(self, role_id: UUID | None, member_id: UUID | None, authors: Collection[UUID]) -> Deciders:
        """Who decides a level of a document that ``authors`` wrote; the owners where nobody else may."""
        barred = set() if parameters.get("workflow.approve_own") else set(authors)
        found = self._stand_in(self._holders(role_id, member_id), barred)
        return found if found.asked else self._stand_in(self._owners(), barred)

    def _holders(self, role_id: UUID | None, member_id: UUID | None) -> list[UUID]:
        if member_id:
            return [member_id] if member_id in self.staff else []
        return [pk for pk, member in self.staff.items() if any(role.pk == role_id for role in member.roles.all())]

    def _owners(self) -> list[UUID]:
        return [
            pk for pk, member in self.staff.items() if any(EVERYTHING in rights_of(role) for role in member.roles.all())
        ]

    def _stand_in(self, holders: Collection[UUID], barred: set[UUID]) -> Deciders:
        may: dict[UUID, UUID | None] = {pk: None for pk in holders if pk not in barred}
        asked = {}
        for holder in holders:
            acting = self._acting(holder)
            if acting in barred:
                acting = holder  # who stands in wrote it: it waits for the one who is away
            if acting not in barred:
                may.setdefault(acting, holder)
                asked[acting] = True
        return Deciders(may, tuple(sorted(asked)))

    def _acting(self, person: UUID) -> UUID:
        """The person, or who stands in for him, or for that one; never round in circles."""
        seen = {person}
        while (after := self._substitutes.get(person)) and after in self.staff and after not in seen:
            seen.add(after)
            person = after
        return person
