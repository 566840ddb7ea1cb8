"""The two demo companies, Chinese and English, with somebody to sign in as for each kind of work."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import override

from backend.access import services as access
from backend.access.models import Member
from backend.kernel.actor import Actor
from backend.kernel.tenancy import in_public, run_in
from tenants import directory, provisioning
from tenants.demo import documents, masters, story
from tenants.models import Identity, Tenant


def ensure_demo(*, slug: str, password: str, at: datetime) -> Tenant:
    """The demo company of that address with all its data; one that is there already stays as it is."""
    with in_public():
        known = Tenant.objects.filter(slug=slug).first()
        if known is not None:
            return known
        language, name = story.COMPANIES[slug]
        with transaction.atomic(), override(language):
            owner = _identity(slug, "owner", story.STAFF[0][2].of(language), language, password, at)
            plan = provisioning.CompanyPlan(name=name, slug=slug, language=language)
            tenant = provisioning.provision_company(plan=plan, owner=owner, at=at)
            with run_in(tenant):
                _lay(tenant, slug, password, at)
            Tenant.objects.filter(pk=tenant.pk).update(has_demo_data=True)
    return tenant


def _lay(tenant: Tenant, slug: str, password: str, at: datetime) -> None:
    actors = {"owner": access.actor_for(Member.objects.get(kind="staff"))}
    for key, role, name in story.STAFF[1:]:
        actors[key] = _member(slug, key, [role], name.of(tenant.language), tenant, password, at)
    stage = masters.Stage(language=tenant.language, at=at, actors=actors)
    masters.lay_masters(stage)
    for (key, party, name), roles in (
        (story.SUPPLIER_PERSON, ["supplier_admin"]),
        (story.CUSTOMER_PERSON, ["customer_buyer", "customer_receiver", "customer_finance"]),
    ):
        partner = stage.parties[party].pk
        actors[key] = _member(slug, key, roles, name.of(tenant.language), tenant, password, at, partner, key)
    documents.lay_documents(stage)


def lay_sample_data(*, tenant: Tenant, at: datetime) -> None:
    """Sample data for a company that signed up: everything is done by its owner, nobody else is made."""
    with run_in(tenant), transaction.atomic(), override(tenant.language):
        owner = Member.objects.filter(kind="staff", roles__code="owner").order_by("created_at").first()
        assert owner is not None
        stage = masters.Stage(language=tenant.language, at=at, actors={"owner": access.actor_for(owner)})
        masters.lay_masters(stage)
        documents.lay_documents(stage)
        Tenant.objects.filter(pk=tenant.pk).update(has_demo_data=True)


def _identity(slug: str, key: str, name: str, language: str, password: str, at: datetime) -> Identity:
    email = f"{key}@{slug}.example"
    identity = Identity.objects.filter(email=email).first()
    if identity is None:
        identity = Identity(email=email, name=name, language=language, created_at=at, email_verified_at=at)
        identity.set_password(password)
        identity.save(force_insert=True)
    return identity


def _member(
    slug: str,
    key: str,
    roles: list[str],
    name: str,
    tenant: Tenant,
    password: str,
    at: datetime,
    party_id: object = None,
    kind: str = "staff",
) -> Actor:
    identity = _identity(slug, key, name, tenant.language, password, at)
    member = access.create_member(
        identity_id=identity.pk,
        kind=kind,
        name=name,
        email=identity.email,
        role_codes=roles,
        party_id=party_id,  # type: ignore[arg-type]
        language=tenant.language,
        actor=Actor.system(),
        at=at,
    )
    return access.actor_for(member)


def sign_ins(slug: str) -> list[str]:
    """Who may sign in where, as lines for people."""
    base = directory.company_url(Tenant(slug=slug))
    rows = [(f"{key}@{slug}.example", base, role) for key, role, _name in story.STAFF]
    rows.append((f"supplier@{slug}.example", f"{base}supplier/", "supplier's user"))
    rows.append((f"customer@{slug}.example", f"{base}customer/", "customer's user"))
    return [f"{email:<28} {address:<44} {role}" for email, address, role in rows]


def default_password() -> str:
    return str(settings.DEMO_PASSWORD)
