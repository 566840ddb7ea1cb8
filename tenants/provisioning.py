"""Making a company: a spare schema gets its name, every area lays its first data, the founder becomes its owner.

All of it happens in one transaction: a company exists whole or not at all.
"""

import importlib
import importlib.util
import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from backend.access import services as access
from backend.kernel.actor import Actor
from backend.kernel.company import CompanyProfile
from backend.kernel.errors import Conflict
from backend.kernel.ids import uuid7
from backend.kernel.tenancy import PUBLIC, in_public, run_in
from tenants import directory, pool
from tenants.models import Domain, Identity, Tenant, TenantState

log = logging.getLogger(__name__)
SEEDS = ("kernel", "parties", "access", "catalog", "workflow", "accounting", "inventory", "invoicing", "service")


@dataclass(frozen=True)
class CompanyPlan:
    """What a new company is to be."""

    name: str
    slug: str
    language: str = "zh-hans"
    industry: str = "trade"
    taxpayer_type: str = "general"
    time_zone: str = "Asia/Shanghai"
    roles: tuple[str, ...] = field(default=("owner",))


def provision_company(*, plan: CompanyPlan, owner: Identity, at: datetime) -> Tenant:
    """Make the company with its owner; raises Conflict when the address is taken."""
    with in_public(), transaction.atomic():
        tenant = _enter(plan, at)
        tenant.migrations_fingerprint = pool.take_schema(tenant.schema_name)
        tenant.migrated_at = at
        with run_in(tenant):
            _lay_first_data(plan, tenant, at)
            access.create_member(
                identity_id=owner.pk,
                kind="staff",
                name=owner.name or owner.email.split("@")[0],
                email=owner.email,
                role_codes=plan.roles,
                language=plan.language,
                actor=Actor.system(),
                at=at,
            )
        tenant.state = TenantState.TRIAL
        tenant.trial_ends_on = tenant.day_of(at) + timedelta(days=settings.TRIAL_DAYS)
        tenant.save()
        transaction.on_commit(lambda: directory.forget(tenant))
    log.info("A company was made.", extra={"company": tenant.slug})
    return tenant


def _enter(plan: CompanyPlan, at: datetime) -> Tenant:
    """The company's rows in the directory."""
    key = uuid7()
    tenant = Tenant(
        id=key,
        schema_name=f"c_{key.hex}",
        slug=plan.slug,
        name=plan.name,
        language=plan.language,
        time_zone=plan.time_zone,
        industry=plan.industry,
        taxpayer_type=plan.taxpayer_type,
        created_at=at,
    )
    try:
        with transaction.atomic():
            tenant.save(force_insert=True)
            Domain.objects.create(domain=directory.host_of(plan.slug), tenant=tenant, is_primary=True)
    except IntegrityError:
        raise Conflict(
            _("The address %(slug)s is taken.") % {"slug": plan.slug},
            code="address_taken",
            field="slug",
            value=plan.slug,
            way_out=_("Choose another one."),
        ) from None
    return tenant


def _lay_first_data(plan: CompanyPlan, tenant: Tenant, at: datetime) -> None:
    day = at.astimezone(ZoneInfo(plan.time_zone)).date()
    profile = CompanyProfile(
        name=plan.name,
        language=plan.language,
        taxpayer_type=plan.taxpayer_type,  # type: ignore[arg-type]
        industry=plan.industry,
        start_date=day.replace(day=1),
    )
    for area in SEEDS:
        module = f"backend.{area}.seeds"
        if importlib.util.find_spec(module):
            importlib.import_module(module).seed(company=profile, actor=Actor.system(), at=at)


def ensure_public_host(at: datetime) -> Tenant:
    """The row and the address of the public host; made once, kept in step with the settings."""
    with in_public(), transaction.atomic():
        tenant, _made = Tenant.objects.get_or_create(
            schema_name=PUBLIC,
            defaults={"slug": "www", "name": "Troika", "state": TenantState.ACTIVE, "created_at": at},
        )
        Domain.objects.update_or_create(domain=settings.BASE_DOMAIN, defaults={"tenant": tenant, "is_primary": True})
        directory.forget(tenant)
    return tenant
