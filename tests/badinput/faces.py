"""The four who try: the owner, a supplier's admin, a customer's buyer, and a stranger; and which addresses each one tries."""

from django.conf import settings
from django.test import Client

from backend.access.models import Member
from backend.kernel.tenancy import current
from tests.addresses import COMPANY, PUBLIC, Address, all_addresses
from tests.papers.laying import Papers
from tests.people import client_of

WHO = ("staff", "supplier", "customer", "stranger")
# Left out: they end the session that the trial goes on with, or talk to the payment service.
SKIPPED = {"signout", "end_session", "sessions", "switch", "company", "subscription_buy", "subscription_portal"}


def browser(who: str, papers: Papers) -> Client:
    """Signed in as one of the four."""
    if who == "stranger":
        return Client(SERVER_NAME=f"{current().slug}.{settings.BASE_DOMAIN}")
    actor = {
        "staff": papers.owner,
        "supplier": papers.suppliers[0].person,
        "customer": papers.customers[0].person,
    }[who]
    return client_of(Member.objects.get(pk=actor.member_id))


def addresses_of(who: str) -> list[Address]:
    """Each tries his own face; the stranger tries all of them."""
    found = [one for one in all_addresses(COMPANY) if one.name.split(":")[-1] not in SKIPPED]
    return [one for one in found if who == "stranger" or one.face == who]


def public_addresses() -> list[Address]:
    return [one for one in all_addresses(PUBLIC) if one.name.split(":")[-1] not in SKIPPED]
