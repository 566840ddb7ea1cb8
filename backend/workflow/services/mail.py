"""Mail: text and HTML with one button, in the reader's language, sent over one connection."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.utils import translation

from backend.kernel import tenancy


@dataclass(frozen=True)
class Mail:
    """One mail. ``url`` is a path of the company or a full address."""

    to: str
    title: str
    body: str
    url: str = ""
    button: str = ""
    language: str = "zh-hans"


def send_mails(mails: Iterable[Mail]) -> int:
    """Send several over one connection; returns how many were sent. Raises when the server refuses."""
    messages = [_message(mail) for mail in mails]
    return get_connection().send_messages(messages) or 0 if messages else 0


def send_mail(*, to: str, title: str, body: str, url: str = "", button: str = "", language: str = "zh-hans") -> None:
    """Send one mail now; call it from an after-commit handler or a job."""
    send_mails([Mail(to=to, title=title, body=body, url=url, button=button, language=language)])


def _message(mail: Mail) -> EmailMultiAlternatives:
    link = tenancy.address_of(mail.url) if mail.url.startswith("/") else mail.url
    company = getattr(tenancy.current(), "name", "") or "Troika"
    with translation.override(mail.language):
        values = {"mail": mail, "link": link, "company": company}
        message = EmailMultiAlternatives(
            subject=" ".join(mail.title.split()),
            body=render_to_string("workflow/mail.txt", values),
            to=[mail.to],
        )
        message.attach_alternative(render_to_string("workflow/mail.html", values), "text/html")
    return message
