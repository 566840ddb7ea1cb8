"""People of a company in tests, and browsers signed in as them."""

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.test import Client
from django.utils import timezone

from backend.access import services as access
from backend.access.models import Member
from backend.kernel import tenancy
from backend.kernel.actor import Actor
from tenants.models import Identity, Membership, Tenant
from tenants.sessions import COOKIES, SessionStore
from tests.databases import PASSWORD


def make_identity(email: str = "", name: str = "", language: str = "en") -> Identity:
    """A person with the password of all test people."""
    email = email or f"{uuid4().hex[:12]}@example.com"
    identity = Identity(email=email, name=name or email.split("@")[0], language=language, created_at=timezone.now())
    identity.email_verified_at = timezone.now()
    identity.set_password(PASSWORD)
    identity.save()
    return identity


def make_member(*roles: str, party: Any = None, kind: str = "", name: str = "", email: str = "") -> Member:
    """A member of the active company with these roles; the kind follows from the first role's name."""
    roles = roles or ("owner",)
    kind = kind or next((k for k in ("supplier", "customer") if roles[0].startswith(f"{k}_")), "staff")
    identity = make_identity(email, name)
    return access.create_member(
        identity_id=identity.pk,
        kind=kind,
        name=name or roles[0],
        email=identity.email,
        role_codes=roles,
        party_id=party.pk if party else None,
        language=tenancy.current().language,
        actor=Actor.system(),
        at=timezone.now(),
    )


def owner_actor() -> Actor:
    """The active company's owner."""
    owner = Member.objects.filter(kind="staff", roles__code="owner").order_by("created_at").first()
    assert owner is not None
    return access.actor_for(owner, channel="web")


def client_of(member: Member, *, tenant: Tenant | None = None, **defaults: Any) -> Client:
    """A test client at the company's host with a session of the member's face."""
    tenant = tenant or Tenant.objects.get(schema_name=tenancy.schema_name())
    membership = Membership.objects.get(tenant=tenant, member_id=member.pk)
    store = SessionStore()
    store.update(
        {
            "tenant": str(tenant.pk),
            "membership": str(membership.pk),
            "identity": str(member.identity_id),
            "face": member.kind,
            "language": member.language,
        }
    )
    store.create()
    store.save()
    client = Client(SERVER_NAME=f"{tenant.slug}.{settings.BASE_DOMAIN}", **defaults)
    name, path = COOKIES[member.kind]
    client.cookies[name] = store.session_key
    client.cookies[name]["path"] = path
    client.cookies[name]["domain"] = f"{tenant.slug}.{settings.BASE_DOMAIN}"
    return client
