"""Companies: made from the pool and without it, and a hundred of them brought forward to a release.

The schemas are made by the product; the new column is a step that is recorded for this run alone, in the benchmark's
own database.
"""

import time
from typing import Any

from infra.benchmarks import environment
from infra.benchmarks.report import Figure

COMPANIES = 100
TURNS = 3
MOST_FROM_POOL, MOST_WITHOUT_POOL, MOST_NOTHING, MOST_COLUMN = 2, 10, 2, 10
COLUMN = "ALTER TABLE sales_order ADD COLUMN bench_note text NOT NULL DEFAULT '';"


def run() -> list[Figure]:
    """Provision, then upgrade."""
    from backend.kernel.tenancy import in_public

    environment.new_database()
    with in_public():
        return [*_provisioning(), *_upgrading()]


def _figure(name: str, seconds: float, most: float) -> Figure:
    return Figure("tenant", name, seconds, "s", f"≤ {most:g}", seconds <= most)


def _provisioning() -> list[Figure]:
    from tenants import pool
    from tenants.models import Identity

    owner = Identity.objects.get(email="bench@example.com")
    _seconds_of(_provision, owner, "warm")
    without = [_seconds_of(_provision, owner, f"without-{turn}") for turn in range(TURNS)]
    pool.fill(TURNS)
    pooled = [_seconds_of(_provision, owner, f"pooled-{turn}") for turn in range(TURNS)]
    return [
        _figure("company made from the pool", sorted(pooled)[TURNS // 2], MOST_FROM_POOL),
        _figure("company made without the pool", sorted(without)[TURNS // 2], MOST_WITHOUT_POOL),
    ]


def _provision(owner: Any, slug: str) -> None:
    from django.utils import timezone

    from tenants import provisioning

    plan = provisioning.CompanyPlan(name=slug, slug=slug, language="en")
    provisioning.provision_company(plan=plan, owner=owner, at=timezone.now())


def _seconds_of(act: Any, *arguments: Any) -> float:
    begun = time.perf_counter()
    act(*arguments)
    return time.perf_counter() - begun


def _upgrading() -> list[Figure]:
    from tenants import upgrade

    _add_companies()
    nothing = _seconds_of(lambda: upgrade.prepare_database(say=lambda _text: None))
    step = _add_step()
    begun = time.perf_counter()
    outcomes = upgrade.upgrade_tenants()
    column = time.perf_counter() - begun
    step.delete()
    failed = [outcome for outcome in outcomes if outcome.error]
    return [
        _figure(f"{COMPANIES} companies, nothing to do", nothing, MOST_NOTHING),
        _figure(f"{COMPANIES} companies, one new column", column, MOST_COLUMN),
        Figure("tenant", "companies that failed", len(failed), "", "0", not failed and len(outcomes) >= COMPANIES),
    ]


def _add_companies() -> None:
    """Bring their number to a hundred; these have a schema and no data, which is all that a migration looks at."""
    from django.utils import timezone

    from backend.kernel.ids import uuid7
    from tenants import schemas
    from tenants.models import Tenant

    now = timezone.now()
    for number in range(COMPANIES - Tenant.objects.exclude(schema_name="public").count()):
        key = uuid7()
        fingerprint = schemas.build_schema(f"c_{key.hex}")
        Tenant.objects.create(
            id=key,
            schema_name=f"c_{key.hex}",
            slug=f"many-{number}",
            name=f"Company {number}",
            migrations_fingerprint=fingerprint,
            created_at=now,
        )


def _add_step() -> Any:
    from django.utils import timezone

    from tenants.models import SchemaStep

    last = SchemaStep.objects.latest("seq")
    return SchemaStep.objects.create(
        seq=last.seq + 1,
        app="sales",
        name="9999_orders_have_a_note",
        statements=[COLUMN],
        fingerprint=f"{last.seq + 1:064d}",
        recorded_at=timezone.now(),
    )
