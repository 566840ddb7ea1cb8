"""From a member to the actor that every service takes."""

from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from backend.access.models import Member, Role
from backend.access.permissions import rights_of
from backend.kernel.actor import Actor, Channel
from backend.kernel.prepared import Prepared
from backend.kernel.together import keep


def actor_for(member: Member, channel: Channel = "web") -> Actor:
    """The member as an actor: the union of the rights of its roles. Prefetch ``roles`` to save a statement."""
    rights: frozenset[str] = frozenset().union(*(rights_of(role) for role in member.roles.all()))
    return Actor(
        kind=member.kind,  # type: ignore[arg-type]
        name=member.name,
        member_id=member.pk,
        party_id=member.party_id,
        channel="portal" if member.kind != "staff" and channel == "web" else channel,
        permissions=rights,
        email=member.email,
    )


def _with_roles(pk: UUID, identity_id: UUID, kind: str) -> QuerySet[Member]:
    columns = [field.attname for field in Role._meta.concrete_fields]
    held = Role.objects.filter(members=OuterRef("pk")).order_by("code")
    as_rows = ArraySubquery(held.values(row=JSONObject(**{name: name for name in columns})))
    found = Member.objects.filter(pk=pk, identity_id=identity_id, kind=kind, active=True)
    return found.select_related("party").annotate(role_rows=as_rows)


_member_with_roles = Prepared(_with_roles)


def load_member(*, pk: UUID, identity_id: UUID, kind: str) -> Member | None:
    """The active member with its party and its roles: every page begins with it, so it is one statement, built once."""
    member = _member_with_roles.first(pk, identity_id, kind)
    if member is not None:
        keep(member, "roles", [Role(**{**row, "id": UUID(row["id"])}) for row in member.role_rows])  # type: ignore[attr-defined]
    return member
