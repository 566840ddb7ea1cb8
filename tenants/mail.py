"""Mails of the control plane: one layout, text and HTML, in the reader's language."""

from collections.abc import Sequence

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import get_language


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
