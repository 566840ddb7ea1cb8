"""Steps the stories need and no page offers: laying a company, moving the calendar, reading the books.

Runs inside the product's environment (see `Product.backstage`); prints one line of JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import django

PEOPLE = (
    ("sales", "sales_manager", ""),
    ("buyer", "buyer", ""),
    ("warehouse", "warehouse_lead", ""),
    ("accountant", "finance_manager", ""),
    ("supplier", "supplier_admin", "paper"),
    ("customer", "customer_buyer customer_receiver customer_finance", "wenlan"),
)


def company(slug: str, name: str, language: str) -> dict[str, Any]:
    """A company with partners, items, opening stock and people, and no document: where the stories are played."""
    from django.db import transaction
    from django.utils import timezone
    from django.utils.translation import override

    from backend.access import services as access
    from backend.access.models import Member
    from backend.kernel.tenancy import in_public, run_in
    from backend.parties.inputs import CarrierData, PartyData
    from backend.parties.services import save_party
    from tenants import provisioning
    from tenants.demo import masters, story

    story.ITEMS = tuple(replace(sample, lots=True) if sample.key == "a4" else sample for sample in story.ITEMS)
    at = timezone.now()
    with in_public(), transaction.atomic(), override(language):
        plan = provisioning.CompanyPlan(name=name, slug=slug, language=language)
        tenant = provisioning.provision_company(plan=plan, owner=_identity(slug, "owner", language), at=at)
        with run_in(tenant):
            actors = {"owner": access.actor_for(Member.objects.get(kind="staff"))}
            for key, roles, party in PEOPLE:
                if not party:
                    actors[key] = _join(slug, key, roles, language)
            stage = masters.Stage(language=language, at=at, actors=actors)
            masters.lay_masters(stage)
            carrier = PartyData(name="顺丰速运", carrier=CarrierData(days=1))
            save_party(data=carrier, actor=actors["owner"], at=at)
            for key, roles, party in PEOPLE:
                if party:
                    _join(slug, key, roles, language, stage.parties[party].pk)
    return {"slug": slug}


def _join(slug: str, key: str, roles: str, language: str, party_id: Any = None) -> Any:
    """A member of the active company: of its staff, or of the partner's people."""
    from django.utils import timezone

    from backend.access import services as access
    from backend.kernel.actor import Actor

    member = access.create_member(
        identity_id=_identity(slug, key, language).pk,
        kind=key if party_id else "staff",
        name=key,
        email=f"{key}@{slug}.example",
        role_codes=roles.split(),
        party_id=party_id,
        language=language,
        actor=Actor.system(),
        at=timezone.now(),
    )
    return access.actor_for(member)


def _identity(slug: str, key: str, language: str) -> Any:
    from django.utils import timezone

    from tenants.models import Identity
    from tests.e2e.product import PASSWORD

    now = timezone.now()
    person = Identity(email=f"{key}@{slug}.example", name=key, language=language, created_at=now, email_verified_at=now)
    person.set_password(PASSWORD)
    person.save(force_insert=True)
    return person


def _inside(slug: str) -> Any:
    from backend.kernel.tenancy import in_public, run_in
    from tenants.models import Tenant

    with in_public():
        return run_in(Tenant.objects.get(slug=slug))


def end_trial(slug: str) -> dict[str, Any]:
    """The calendar moves on: the trial ended yesterday."""
    from django.utils import timezone

    from backend.kernel.tenancy import in_public
    from tenants import directory
    from tenants.models import Tenant

    with in_public():
        tenant = Tenant.objects.get(slug=slug)
        tenant.trial_ends_on = timezone.now().date() - timedelta(days=1)
        tenant.save(update_fields=["trial_ends_on"])
        directory.forget(tenant)
    return {"ended": tenant.trial_ends_on.isoformat()}


def books(slug: str) -> dict[str, Any]:
    """Whether the books equal stock and documents, and the availability its own rules."""
    with _inside(slug):
        from backend.availability.selectors import consistency
        from backend.kernel import clock
        from backend.posting import reconciliation
        from backend.reporting.trial_balance import trial_balance

        period = f"{clock.today():%Y-%m}"
        return {
            "balanced": trial_balance(period).balanced,
            "differences": [str(found) for found in reconciliation.all_differences()],
            "violations": [str(found) for found in consistency.violations()],
        }


STEPS: dict[str, Callable[..., dict[str, Any]]] = {"company": company, "end_trial": end_trial, "books": books}

if __name__ == "__main__":
    django.setup()
    print(json.dumps(STEPS[sys.argv[1]](*sys.argv[2:])))
