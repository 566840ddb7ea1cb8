"""Roles of a company's own. Built-in roles are not changed; one copies them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from backend.access.models import Role
from backend.access.permissions import codes_for
from backend.kernel import audit
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, NotFoundRefused, ValidationRefused
from backend.kernel.ids import uuid7

MANAGE = "access.member.manage"


def save_role(
    *,
    name: str,
    kind: str,
    permissions: Iterable[str],
    actor: Actor,
    at: datetime,
    role_id: UUID | None = None,
) -> Role:
    """Make or change a role of the codes of its kind."""
    actor.require(MANAGE)
    wanted = sorted(set(permissions))
    _check(name, kind, wanted)
    with transaction.atomic():
        role = _load(role_id) if role_id else Role(id=uuid7(), kind=kind)
        before = {"name": role.name, "permissions": ", ".join(role.permissions)}
        if not role_id:
            role.code = f"own_{role.pk.hex[-12:]}"
        role.name, role.permissions = name.strip()[:60], wanted
        role.save()
        changes = audit.changed_fields(before, {"name": role.name, "permissions": ", ".join(wanted)})
        audit.record(role, "save", actor=actor, at=at, changes=changes)
    return role


def _check(name: str, kind: str, wanted: list[str]) -> None:
    if not name.strip():
        raise ValidationRefused(_("A role needs a name."), field="name")
    unknown = sorted(set(wanted) - set(codes_for(kind)))
    if unknown:
        raise ValidationRefused(
            _("These rights do not exist for this kind of member: %(codes)s.") % {"codes": ", ".join(unknown)},
            field="permissions",
            value=unknown[0],
        )


def _load(role_id: UUID) -> Role:
    role = Role.objects.select_for_update().filter(pk=role_id).first()
    if role is None:
        raise NotFoundRefused(_("There is no such role."), value=role_id)
    if role.is_builtin:
        raise Conflict(
            _("%(role)s is a built-in role.") % {"role": role},
            code="builtin_role",
            way_out=_("Copy it and change the copy."),
        )
    return role


def delete_role(*, role_id: UUID, actor: Actor, at: datetime) -> None:
    """Remove a role that nobody has."""
    actor.require(MANAGE)
    with transaction.atomic():
        role = _load(role_id)
        holder = role.members.first()
        if holder:
            raise Conflict(
                _("%(member)s has the role %(role)s.") % {"member": holder, "role": role},
                code="role_in_use",
                way_out=_("Give these members another role first."),
            )
        audit.record(role, "delete", actor=actor, at=at)
        try:
            role.delete()
        except ProtectedError as problem:
            raise Conflict(
                _("Rules of approval name the role %(role)s.") % {"role": role},
                code="role_in_use",
                way_out=_("Change these rules under Settings, Approvals."),
            ) from problem
