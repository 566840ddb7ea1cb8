"""After the commit: mails for messages in the bell and for invitations."""

from collections.abc import Iterable

from django.utils import timezone, translation

from backend.access.events import MemberInvited
from backend.access.models import Invitation, Member
from backend.access.services import token_of
from backend.kernel import tenancy
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.workflow.events import MembersNotified
from backend.workflow.models import Notification
from backend.workflow.services.mail import Mail, send_mails
from backend.workflow.texts import button_of, render


@subscribe(MembersNotified, when="after_commit")
def mail_notifications(event: MembersNotified, actor: Actor) -> None:
    """Mail each message once; people who left in the meantime get none."""
    rows = list(Notification.objects.filter(pk__in=event.notification_ids, mailed_at=None).select_for_update())
    readers = {m.pk: m for m in Member.objects.filter(pk__in={row.member_id for row in rows}, active=True)}
    send_mails(_mails((row, readers[row.member_id]) for row in rows if row.member_id in readers))
    Notification.objects.filter(pk__in=[row.pk for row in rows]).update(mailed_at=timezone.now())


def _mails(pairs: Iterable[tuple[Notification, Member]]) -> Iterable[Mail]:
    for row, member in pairs:
        with translation.override(member.language):
            title, body = render(row.kind, row.params)
            yield Mail(
                to=member.email,
                title=title,
                body=body,
                url=row.url,
                button=button_of(row.kind),
                language=member.language,
            )


@subscribe(MemberInvited, when="after_commit")
def mail_invitation(event: MemberInvited, actor: Actor) -> None:
    """Mail the link of an invitation that is still open."""
    invitation = Invitation.objects.filter(pk=event.aggregate_id, accepted_at=None, revoked_at=None).first()
    if invitation is None:
        return
    company = getattr(tenancy.current(), "name", "")
    with translation.override(invitation.language):
        title, body = render("access.invitation", {"by": invitation.invited_by_name, "company": company})
        mail = Mail(
            to=invitation.email,
            title=title,
            body=body,
            url=f"/invitation/{token_of(invitation.pk)}/",
            button=button_of("access.invitation"),
            language=invitation.language,
        )
    send_mails([mail])
