"""After the commit: mails for messages in the bell."""

from collections.abc import Iterable

from django.utils import timezone, translation

from backend.access.models import Member
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
