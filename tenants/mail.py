"""Mails of the control plane: one layout, text and HTML, in the reader's language.

``queue_mail`` hands the mail to a worker, so that no answer's time tells whether anything was sent.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import get_language
from kombu.exceptions import OperationalError


def send_mail(
    *,
    to: str,
    subject: str,
    greeting: str,
    paragraphs: Sequence[str],
    button: tuple[str, str] | None = None,
    note: str = "",
) -> None:
    """Send one mail now. The caller sets the language around it and calls it after the commit."""
    context = {
        "subject": subject,
        "greeting": greeting,
        "paragraphs": paragraphs,
        "button": button,
        "note": note,
        "language": get_language() or "en",
    }
    mail = EmailMultiAlternatives(subject, render_to_string("tenants/mail.txt", context), to=[to])
    mail.attach_alternative(render_to_string("tenants/mail.html", context), "text/html")
    mail.send()


def queue_mail(**mail: Any) -> None:
    """Send one mail from a worker, in the language that is active now; at once where there is no worker to take it."""
    from tenants.tasks import send_queued_mail

    if settings.MAIL_AT_ONCE:
        send_mail(**mail)
        return
    try:
        send_queued_mail.apply_async(kwargs={"mail": mail, "language": get_language()}, retry=False)
    except (OperationalError, OSError):
        send_mail(**mail)
