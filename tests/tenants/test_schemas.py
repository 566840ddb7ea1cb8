"""Recorded steps, the pool, and bringing companies forward."""

import threading
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from backend.kernel.tenancy import in_public, run_in
from tenants import pool, provisioning, schemas, upgrade
from tenants.models import Identity, SchemaStep, SpareSchema, Tenant
from tests.people import make_identity


def _tables(schema: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname || ':' || c.relkind::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = %s ORDER BY 1",
            [schema],
        )
        return [row[0] for row in cursor.fetchall()]


def _add_step(name: str, *statements: str) -> SchemaStep:
    last = SchemaStep.objects.latest("seq")
    step = SchemaStep(
        seq=last.seq + 1,
        app="kernel",
        name=name,
        statements=list(statements),
        fingerprint=f"{last.seq + 1:064d}",
        recorded_at=timezone.now(),
    )
    step.save(force_insert=True)
    return step


def _company(slug: str, owner: Identity) -> Tenant:
    plan = provisioning.CompanyPlan(name=slug, slug=slug, language="en")
    return provisioning.provision_company(plan=plan, owner=owner, at=timezone.now())


def test_replayed_schema_is_the_same_as_the_migrated_template(db: None) -> None:
    spare = pool.make_spare()
    assert _tables(spare.name) == _tables(schemas.TEMPLATE)
    assert spare.fingerprint == schemas.latest_fingerprint()


def test_signup_takes_a_spare_and_the_pool_is_filled_again(db: None) -> None:
    assert pool.fill(1) == 1
    spare = SpareSchema.objects.get()
    tenant = _company("gamma", make_identity())
    assert not SpareSchema.objects.filter(pk=spare.pk).exists()
    assert _tables(tenant.schema_name) == _tables(schemas.TEMPLATE)
    assert pool.fill(1) == 1


def test_an_empty_pool_makes_a_schema_at_once(db: None) -> None:
    tenant = _company("delta", make_identity())
    assert tenant.migrations_fingerprint == schemas.latest_fingerprint()


def test_outdated_spares_are_dropped(db: None) -> None:
    old = pool.make_spare()
    _add_step("0099_more", "CREATE TABLE kernel_more (id int);")
    pool.drop_outdated()
    assert not SpareSchema.objects.filter(pk=old.pk).exists()
    assert _tables(old.name) == []


def test_two_takers_get_two_schemas(committed_tenant: Any) -> None:
    pool.fill(2)
    owner, made, failures = make_identity(), [], []

    def sign_up(slug: str) -> None:
        try:
            made.append(_company(slug, owner).schema_name)
        except Exception as problem:
            failures.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=sign_up, args=(f"many-{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(set(made)) == 4
    with in_public():
        assert Tenant.objects.filter(slug__startswith="many-").count() == 4


@pytest.mark.slow
def test_companies_are_brought_forward_in_parallel(committed_tenant: Any) -> None:
    with in_public():
        _add_step("0099_more", "CREATE TABLE kernel_more (id int primary key);")
        assert {tenant.slug for tenant in upgrade.tenants_behind()} == {"alpha", "beta"}
        outcomes = upgrade.upgrade_tenants(workers=2)
        assert [outcome.error for outcome in outcomes] == ["", ""]
        assert upgrade.tenants_behind() == []
        assert upgrade.upgrade_tenants() == []
    with run_in(Tenant.objects.get(slug="beta")), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kernel_more")
        cursor.execute("SELECT 1 FROM django_migrations WHERE name = '0099_more'")
        assert cursor.fetchone() == (1,)


def test_a_failing_company_does_not_stop_the_others_and_goes_on_later(committed_tenant: Any) -> None:
    with in_public():
        step = _add_step("0099_more", "CREATE TABLE kernel_more (id int primary key);")
        alpha = Tenant.objects.get(slug="alpha")
        with run_in(alpha), connection.cursor() as cursor:
            cursor.execute("CREATE TABLE kernel_more (other int)")
        outcomes = {outcome.slug: outcome for outcome in upgrade.upgrade_tenants(workers=2)}
        assert "kernel_more" in outcomes["alpha"].error
        assert outcomes["beta"].error == ""
        alpha.refresh_from_db()
        assert "kernel_more" in alpha.migration_error
        with run_in(alpha), connection.cursor() as cursor:
            cursor.execute("DROP TABLE kernel_more")
        assert [outcome.error for outcome in upgrade.upgrade_tenants()] == [""]
        alpha.refresh_from_db()
        assert (alpha.migration_error, alpha.migrations_fingerprint) == ("", step.fingerprint)


def test_a_company_at_an_unknown_state_is_named(db: None) -> None:
    with pytest.raises(schemas.HistoryDiverged):
        schemas.position_of("nowhere", schemas.all_steps())


def test_preparing_again_does_nothing(committed_tenant: Any) -> None:
    said: list[str] = []
    assert upgrade.prepare_database(say=said.append) == []
    assert said == [
        "Control plane: 0 migrations.",
        "Template: 0 migrations.",
        "Companies: 0 brought forward, 0 failed.",
    ]
