"""Members: coming in, changing roles, leaving. A company always keeps one active owner."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from backend.access.events import MemberDeactivated, MemberJoined, MemberReactivated
from backend.access.models import Invitation, Member, Role
from backend.kernel import audit, events
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, NotFoundRefused, ValidationRefused

MANAGE = "access.member.manage"
OWNER = "owner"


def roles_by_code(kind: str, codes: Iterable[str]) -> list[Role]:
    """The roles of those codes; raises ValidationRefused naming the ones that are not of this kind."""
    wanted = list(dict.fromkeys(codes))
    found = {role.code: role for role in Role.objects.filter(kind=kind, code__in=wanted)}
    unknown = [code for code in wanted if code not in found]
    if unknown or not wanted:
        raise ValidationRefused(
            _("There is no such role: %(roles)s.") % {"roles": ", ".join(unknown)}
            if unknown
            else _("A member needs at least one role."),
            field="roles",
            value=", ".join(unknown),
            way_out=_("Choose one of the roles in the list."),
        )
    return [found[code] for code in wanted]


def create_member(
    *,
    identity_id: UUID,
    kind: str,
    name: str,
    email: str,
    role_codes: Iterable[str],
    actor: Actor,
    at: datetime,
    party_id: UUID | None = None,
    language: str = "zh-hans",
) -> Member:
    """Make a member; raises Conflict when this person is one already."""
    with transaction.atomic():
        roles = roles_by_code(kind, role_codes)
        member = Member(
            identity_id=identity_id,
            kind=kind,
            party_id=party_id,
            name=name.strip()[:60] or email,
            email=email.lower(),
            language=language,
            created_at=at,
        )
        try:
            with transaction.atomic():
                member.save(force_insert=True)
        except IntegrityError:
            raise Conflict(
                _("%(email)s is a member already.") % {"email": email},
                code="member_exists",
                field="email",
                value=email,
                way_out=_("Open the member in the list and change the roles there."),
            ) from None
        member.roles.set(roles)
        audit.record(member, "join", actor=actor, at=at, changes={"roles": ["", ", ".join(r.code for r in roles)]})
        joined = MemberJoined(
            aggregate_id=member.pk, identity_id=str(identity_id), kind=kind, party_id=str(party_id or "")
        )
        events.publish(joined, actor=actor)
    return member


def set_roles(*, member_id: UUID, role_codes: Iterable[str], actor: Actor, at: datetime) -> Member:
    """Give a member these roles and no others."""
    actor.require(MANAGE)
    with transaction.atomic():
        member = load_member(member_id)
        before = sorted(member.roles.values_list("code", flat=True))
        roles = roles_by_code(member.kind, role_codes)
        after = sorted(role.code for role in roles)
        _guard_granting(actor, before, after)
        if OWNER in before and OWNER not in after:
            _keep_one_owner(member)
        member.roles.set(roles)
        changes = {"roles": [", ".join(before), ", ".join(after)]}
        audit.record(member, "set_roles", actor=actor, at=at, changes=changes)
    return member


def deactivate_member(*, member_id: UUID, actor: Actor, at: datetime, reason: str = "") -> Member:
    """End a member's access at once: API tokens and open invitations are revoked here, sessions where they are kept."""
    actor.require(MANAGE)
    with transaction.atomic():
        member = load_member(member_id)
        if not member.active:
            return member
        codes = sorted(member.roles.values_list("code", flat=True))
        _guard_granting(actor, codes, [])
        if OWNER in codes:
            _keep_one_owner(member)
        member.active = False
        member.save(update_fields=["active"])
        member.tokens.filter(revoked_at=None).update(revoked_at=at)
        invited = Invitation.objects.filter(email=member.email, kind=member.kind, party=member.party_id)
        invited.filter(accepted_at=None, revoked_at=None).update(revoked_at=at)
        audit.record(member, "deactivate", actor=actor, at=at, reason=reason)
        left = MemberDeactivated(aggregate_id=member.pk, identity_id=str(member.identity_id))
        events.publish(left, actor=actor)
    return member


def reactivate_member(*, member_id: UUID, actor: Actor, at: datetime) -> Member:
    """Let a member in again, with the roles it had."""
    actor.require(MANAGE)
    with transaction.atomic():
        member = load_member(member_id)
        if member.active:
            return member
        _guard_granting(actor, sorted(member.roles.values_list("code", flat=True)), [])
        member.active = True
        member.save(update_fields=["active"])
        audit.record(member, "reactivate", actor=actor, at=at)
        back = MemberReactivated(aggregate_id=member.pk, identity_id=str(member.identity_id))
        events.publish(back, actor=actor)
    return member


def change_member(*, member_id: UUID, actor: Actor, at: datetime, name: str, language: str) -> Member:
    """A member's own name and language (or by who manages members)."""
    if actor.member_id != member_id:
        actor.require(MANAGE)
    with transaction.atomic():
        member = load_member(member_id)
        before = {"name": member.name, "language": member.language}
        member.name, member.language = name.strip()[:60] or member.name, language
        member.save(update_fields=["name", "language"])
        changes = audit.changed_fields(before, {"name": member.name, "language": member.language})
        if changes:
            audit.record(member, "change", actor=actor, at=at, changes=changes)
    return member


def load_member(member_id: UUID) -> Member:
    """The member's row, locked."""
    member = Member.objects.select_for_update(of=("self",)).filter(pk=member_id).first()
    if member is None:
        raise NotFoundRefused(_("There is no such member."), value=member_id)
    return member


def _guard_granting(actor: Actor, before: list[str], after: list[str]) -> None:
    """Only who may do everything makes or unmakes an owner: an administrator cannot raise himself."""
    if (OWNER in before or OWNER in after) and not actor.may("*"):
        actor.require("*")


def _keep_one_owner(member: Member) -> None:
    # Owners are locked in key order, so two owners cannot remove each other at the same time.
    owners = Member.objects.filter(kind="staff", active=True, roles__code=OWNER).order_by("pk")
    ids = list(owners.select_for_update(of=("self",)).values_list("pk", flat=True))
    if set(ids) <= {member.pk}:
        raise Conflict(
            _("%(name)s is the only owner. A company keeps at least one.") % {"name": member.name},
            code="last_owner",
            field="roles",
            way_out=_("Make somebody else an owner first."),
        )
