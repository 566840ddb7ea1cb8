"""Members of a company and the directory's memberships move together, in one transaction."""

from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from backend.access import services as access
from backend.access.events import MemberDeactivated, MemberInvited, MemberJoined, MemberReactivated
from backend.access.models import Invitation
from backend.kernel import tenancy
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from tenants import directory, limits
from tenants.mail import queue_mail
from tenants.models import FaceSession, Membership


@subscribe(MemberJoined, when="now")
def enter_membership(event: MemberJoined, actor: Actor) -> None:
    """A new member appears in the directory, so that the person finds the company after signing in."""
    if event.kind == "staff":
        limits.check_staff_seat(joining=True)
    Membership.objects.update_or_create(
        identity_id=UUID(event.identity_id),
        tenant_id=tenancy.current().pk,
        kind=event.kind,
        party_id=UUID(event.party_id) if event.party_id else None,
        defaults={"member_id": event.aggregate_id, "active": True},
        create_defaults={"member_id": event.aggregate_id, "created_at": timezone.now()},
    )


def _of_member(member_id: UUID) -> QuerySet[Membership]:
    return Membership.objects.filter(tenant_id=tenancy.current().pk, member_id=member_id)


@subscribe(MemberDeactivated, when="now")
def close_membership(event: MemberDeactivated, actor: Actor) -> None:
    """A member who left is signed out everywhere at once."""
    FaceSession.objects.filter(membership__in=_of_member(event.aggregate_id)).delete()
    _of_member(event.aggregate_id).update(active=False)


@subscribe(MemberReactivated, when="now")
def reopen_membership(event: MemberReactivated, actor: Actor) -> None:
    """A member who came back may sign in again."""
    membership = _of_member(event.aggregate_id).first()
    if membership and membership.kind == "staff":
        limits.check_staff_seat(joining=True)
    _of_member(event.aggregate_id).update(active=True)


@subscribe(MemberInvited, when="now")
def keep_to_the_plan(event: MemberInvited, actor: Actor) -> None:
    """Nobody is invited to a seat that is not there."""
    if event.kind == "staff":
        limits.check_staff_seat(joining=False)


@subscribe(MemberInvited, when="after_commit")
def mail_invitation(event: MemberInvited, actor: Actor) -> None:
    """The link of the invitation; one that was revoked in the meantime is not mailed."""
    invitation = Invitation.objects.filter(pk=event.aggregate_id, revoked_at=None, accepted_at=None).first()
    if invitation is None:
        return
    tenant = tenancy.current()
    prefix = "" if invitation.kind == "staff" else f"/{invitation.kind}"
    address = directory.company_url(tenant, f"{prefix}/invitation/{access.token_of(invitation.pk)}/")
    names = {"company": tenant.name, "inviter": invitation.invited_by_name}
    with override(invitation.language):
        queue_mail(
            to=invitation.email,
            subject=_("%(company)s invites you to Troika") % names,
            greeting=invitation.name or invitation.email,
            paragraphs=[
                _("%(inviter)s of %(company)s has opened an access for you.") % names,
                _("The link is good for 7 days."),
            ],
            button=(_("Accept the invitation"), address),
        )
