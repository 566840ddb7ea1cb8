"""Invitations by mail link, for staff and for people of a partner.

The token is derived from the invitation's id with the server's key, so the job that mails it can
make it again; only its digest is stored, and an invitation is good for one use within seven days.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from backend.access.events import MemberInvited, MemberReactivated
from backend.access.models import Invitation, Member
from backend.access.services.members import MANAGE, OWNER, create_member, roles_by_code
from backend.kernel import audit, events, tenancy
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, NotFoundRefused, ValidationRefused
from backend.kernel.ids import uuid7
from backend.parties.models import Party

GOOD_FOR = timedelta(days=7)


def digest_of(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_of(invitation_id: UUID) -> str:
    """The link's secret: an id and a signature that only this server can make, for this company."""
    signature = salted_hmac("troika.invitation", f"{tenancy.schema_name()}:{invitation_id}", algorithm="sha256")
    return f"{invitation_id.hex}{signature.hexdigest()[:32]}"


def invite_member(
    *,
    email: str,
    kind: str,
    role_codes: Iterable[str],
    actor: Actor,
    at: datetime,
    name: str = "",
    party_id: UUID | None = None,
    language: str = "zh-hans",
) -> tuple[Invitation, str]:
    """Invite somebody; the mail with the link goes out after the commit. Returns the invitation and its token."""
    if kind == "staff" or actor.kind == "staff":
        actor.require(MANAGE)
    else:
        _require_own_party(actor, kind, party_id)
    email = email.strip().lower()
    with transaction.atomic():
        roles = roles_by_code(kind, role_codes)
        if any(role.code == OWNER for role in roles):
            actor.require("*")
        _check_party(kind, party_id)
        _check_not_member(email, kind, party_id)
        if actor.kind == kind != "staff":
            _check_not_ended(email, kind, party_id)
        Invitation.objects.filter(email=email, kind=kind, party=party_id, accepted_at=None, revoked_at=None).update(
            revoked_at=at
        )
        made = Invitation(
            id=uuid7(),
            email=email,
            name=name.strip()[:60],
            kind=kind,
            party_id=party_id,
            language=language,
            invited_by_name=actor.name,
            created_at=at,
            expires_at=at + GOOD_FOR,
        )
        token = token_of(made.pk)
        made.digest = digest_of(token)
        made.save(force_insert=True)
        made.roles.set(roles)
        audit.record(made, "invite", actor=actor, at=at, changes={"email": ["", email]})
        events.publish(MemberInvited(aggregate_id=made.pk, email=email, kind=kind), actor=actor)
    return made, token


def _require_own_party(actor: Actor, kind: str, party_id: UUID | None) -> None:
    """Somebody of a partner who manages its members invites colleagues of the same partner and nobody else."""
    if actor.kind != "system" and (actor.kind != kind or actor.party_id != party_id):
        actor.require(MANAGE)
    actor.require(f"{actor.kind}.member.manage")


def _check_party(kind: str, party_id: UUID | None) -> None:
    """Staff has no party; a partner's user has one that plays the role."""
    if kind == "staff":
        if party_id is not None:
            raise ValidationRefused(_("Staff do not belong to a partner."), field="party")
        return
    found = Party.objects.filter(**{f"is_{kind}": True})
    party = found.filter(pk=party_id).first() if party_id else None
    if party is None:
        raise ValidationRefused(_("Choose the partner this person works for."), field="party", value=party_id or "")


def _check_not_member(email: str, kind: str, party_id: UUID | None) -> None:
    if Member.objects.filter(email=email, kind=kind, party=party_id, active=True).exists():
        raise Conflict(
            _("%(email)s is a member already.") % {"email": email},
            code="member_exists",
            field="email",
            value=email,
            way_out=_("Open the member in the list and change the roles there."),
        )


def _check_not_ended(email: str, kind: str, party_id: UUID | None) -> None:
    """Whose access the company ended is let in again by the company, not by a colleague."""
    if Member.objects.filter(email=email, kind=kind, party=party_id, active=False).exists():
        raise Conflict(
            _("The access of %(email)s was ended.") % {"email": email},
            code="member_ended",
            field="email",
            value=email,
            way_out=_("Ask the company you work with to let this person in again."),
        )


def find_invitation(*, token: str, at: datetime, lock: bool = False) -> Invitation:
    """The invitation of a link; raises NotFoundRefused for any that is unknown, used, revoked or too old."""
    found = Invitation.objects.filter(digest=digest_of(token)).select_related("party").prefetch_related("roles")
    if lock:
        found = found.select_for_update(of=("self",))
    invitation = found.first()
    if invitation is None or invitation.accepted_at or invitation.revoked_at or invitation.expires_at <= at:
        raise NotFoundRefused(
            _("This invitation is not valid any more."),
            code="invitation_gone",
            way_out=_("Ask for a new one, or sign in if you have accepted it before."),
        )
    return invitation


def accept_invitation(*, token: str, identity_id: UUID, at: datetime, name: str = "", language: str = "") -> Member:
    """Make the member that the invitation promises, once; a former member comes back with the new roles."""
    with transaction.atomic():
        invitation = find_invitation(token=token, at=at, lock=True)
        invitation.accepted_at = at
        invitation.save(update_fields=["accepted_at"])
        name = name.strip() or invitation.name or invitation.email
        codes = [role.code for role in invitation.roles.all()]
        actor = Actor(kind=invitation.kind, name=name, party_id=invitation.party_id, email=invitation.email)  # type: ignore[arg-type]
        former = Member.objects.filter(identity_id=identity_id, kind=invitation.kind, party=invitation.party_id).first()
        if former:
            return _bring_back(former, codes, actor, at)
        return create_member(
            identity_id=identity_id,
            kind=invitation.kind,
            name=name,
            email=invitation.email,
            role_codes=codes,
            party_id=invitation.party_id,
            language=language or invitation.language,
            actor=actor,
            at=at,
        )


def _bring_back(member: Member, codes: list[str], actor: Actor, at: datetime) -> Member:
    member.active = True
    member.save(update_fields=["active"])
    member.roles.set(roles_by_code(member.kind, codes))
    audit.record(member, "reactivate", actor=actor, at=at, changes={"roles": ["", ", ".join(codes)]})
    events.publish(MemberReactivated(aggregate_id=member.pk, identity_id=str(member.identity_id)), actor=actor)
    return member


def revoke_invitation(*, invitation_id: UUID, actor: Actor, at: datetime) -> None:
    """Make a link useless."""
    actor.require(MANAGE)
    with transaction.atomic():
        open_ones = Invitation.objects.filter(pk=invitation_id, accepted_at=None, revoked_at=None)
        invitation = open_ones.select_for_update().first()
        if invitation is None:
            raise NotFoundRefused(_("There is no such open invitation."), value=invitation_id)
        invitation.revoked_at = at
        invitation.save(update_fields=["revoked_at"])
        audit.record(invitation, "revoke", actor=actor, at=at)
