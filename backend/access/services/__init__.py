"""Writes of access."""

from backend.access.services.actors import actor_for, load_member
from backend.access.services.invitations import (
    accept_invitation,
    find_invitation,
    invite_member,
    revoke_invitation,
    token_of,
)
from backend.access.services.members import (
    change_member,
    create_member,
    deactivate_member,
    reactivate_member,
    set_roles,
)
from backend.access.services.roles import delete_role, save_role
from backend.access.services.tokens import issue_token, member_of_token, revoke_token

__all__ = [
    "accept_invitation",
    "actor_for",
    "change_member",
    "create_member",
    "deactivate_member",
    "delete_role",
    "find_invitation",
    "invite_member",
    "issue_token",
    "load_member",
    "member_of_token",
    "reactivate_member",
    "revoke_invitation",
    "revoke_token",
    "save_role",
    "set_roles",
    "token_of",
]
