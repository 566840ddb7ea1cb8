"""Reads about members and roles."""

from uuid import UUID

from django.db.models import Prefetch, QuerySet

from backend.access.models import ApiToken, Invitation, Member, Role
from backend.access.permissions import EVERYTHING, rights_of


def members(kind: str = "staff", *, party_id: UUID | None = None) -> QuerySet[Member]:
    """Members of a kind with their roles, active ones first."""
    found = Member.objects.filter(kind=kind).select_related("party").prefetch_related(with_roles())
    if party_id:
        found = found.filter(party_id=party_id)
    return found.order_by("-active", "name", "id")


def member_with_roles(member_id: UUID) -> Member | None:
    """An active member, ready for ``actor_for`` (two statements)."""
    return Member.objects.filter(pk=member_id, active=True).prefetch_related(with_roles()).first()


def members_with(permission: str) -> list[Member]:
    """Active staff who hold a right (two statements)."""
    found = Member.objects.filter(kind="staff", active=True).prefetch_related(with_roles()).order_by("name", "id")
    return [member for member in found if _holds(member, permission)]


def members_of_party(party_id: UUID, permission: str = "") -> list[Member]:
    """Active users of a partner, those with a right when one is named (two statements)."""
    found = Member.objects.filter(party_id=party_id, active=True).prefetch_related(with_roles()).order_by("name", "id")
    return [member for member in found if not permission or _holds(member, permission)]


def _holds(member: Member, permission: str) -> bool:
    return any({permission, EVERYTHING} & rights_of(role) for role in member.roles.all())


def with_roles() -> Prefetch:
    """The roles of members or invitations in the order in which they are offered, for ``prefetch_related``."""
    return Prefetch("roles", queryset=Role.objects.order_by("-is_builtin", "code"))


def roles(kind: str = "staff") -> QuerySet[Role]:
    """Roles of a kind, built-in ones first."""
    return Role.objects.filter(kind=kind).order_by("-is_builtin", "code")


def role_label(role: Role) -> str:
    """A built-in role's name in the reader's language, a role of one's own as it was named."""
    from backend.access.roles import BUILTIN

    return str(BUILTIN[role.code].name) if role.is_builtin and role.code in BUILTIN else role.name


def open_invitations(kind: str | None = None, *, party_id: UUID | None = None) -> QuerySet[Invitation]:
    """Invitations nobody has answered yet, newest first."""
    found = (
        Invitation.objects.filter(accepted_at=None, revoked_at=None)
        .select_related("party")
        .prefetch_related(with_roles())
    )
    if kind:
        found = found.filter(kind=kind)
    if party_id:
        found = found.filter(party_id=party_id)
    return found.order_by("-created_at", "-id")


def tokens_of(member_id: UUID) -> QuerySet[ApiToken]:
    """A member's API tokens, newest first."""
    return ApiToken.objects.filter(member_id=member_id).order_by("-created_at", "-id")
