"""Members of a company and the directory's memberships move together, in one transaction."""

from uuid import UUID

from django.utils import timezone

from backend.access.events import MemberDeactivated, MemberJoined, MemberReactivated
from backend.kernel import tenancy
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from tenants.models import FaceSession, Membership


@subscribe(MemberJoined, when="now")
def enter_membership(event: MemberJoined, actor: Actor) -> None:
    """A new member appears in the directory, so that the person finds the company after signing in."""
    Membership.objects.update_or_create(
        identity_id=UUID(event.identity_id),
        tenant_id=tenancy.current().pk,
        kind=event.kind,
        party_id=UUID(event.party_id) if event.party_id else None,
        defaults={"member_id": event.aggregate_id, "active": True},
        create_defaults={"member_id": event.aggregate_id, "created_at": timezone.now()},
    )


@subscribe(MemberDeactivated, when="now")
def close_membership(event: MemberDeactivated, actor: Actor) -> None:
    """A member who left is signed out everywhere at once."""
    Membership.objects.filter(member_id=event.aggregate_id).update(active=False)
    FaceSession.objects.filter(membership__member_id=event.aggregate_id).delete()


@subscribe(MemberReactivated, when="now")
def reopen_membership(event: MemberReactivated, actor: Actor) -> None:
    """A member who came back may sign in again."""
    Membership.objects.filter(member_id=event.aggregate_id).update(active=True)
