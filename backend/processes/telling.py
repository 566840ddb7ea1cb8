"""Telling partners: those who have no user of their own get a plain mail at their address."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.utils import translation

from backend.parties.models import Contact, Party
from backend.workflow.services import send_mail
from backend.workflow.texts import button_of, render

_KEPT = 24 * 3600


def plain_qty(value: Decimal) -> str:
    """A quantity as people write it: without trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def address_of(party: Party, role: str = "") -> str:
    """Where mail for the party goes: to whoever looks after the matter, else its own address, else its first contact's."""
    known = list(Contact.objects.filter(party=party).exclude(email="").order_by("-is_primary", "id"))
    asked = next((contact.email for contact in known if role and contact.role == role), "")
    return asked or party.email or next((contact.email for contact in known), "")


def mail_party(party: Party, kind: str, params: Mapping[str, Any], url: str, *, key: str, role: str = "") -> bool:
    """Mail the party in its own language, once per key; returns whether a mail was sent."""
    to = address_of(party, role)
    if not to or cache.get(f"told:{key}"):
        return False
    with translation.override(party.language):
        title, body = render(kind, params)
        button = button_of(kind)
    send_mail(to=to, title=title, body=body, url=url, button=button, language=party.language)
    cache.set(f"told:{key}", 1, _KEPT)
    return True
