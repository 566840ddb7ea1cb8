"""Threads and jobs that work for two companies at once never see the other's rows, cache or files."""

import random
import threading
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connections

from backend.access.models import Member
from backend.kernel.tenancy import in_public, lock_key, run_in, schema_name
from tenants.models import Tenant

pytestmark = pytest.mark.isolation


def test_many_threads_in_two_companies(committed_tenant: Any) -> None:
    pair = list(Tenant.objects.filter(slug__in=["alpha", "beta"]))
    wrong: list[str] = []

    def work(seed: int) -> None:
        dice = random.Random(seed)
        try:
            for _round in range(30):
                outer, inner = dice.choice(pair), dice.choice(pair)
                with run_in(outer):
                    cache.set("who", outer.slug)
                    with run_in(inner):
                        found = list(Member.objects.values_list("email", flat=True))
                        if found != [f"{inner.slug}@example.com"]:
                            wrong.append(f"{inner.slug}: {found}")
                        if cache.get("who") not in {inner.slug, None}:
                            wrong.append("cache")
                    if schema_name() != outer.schema_name or not lock_key("x").startswith(outer.schema_name):
                        wrong.append("context")
                    if list(Member.objects.values_list("email", flat=True)) != [f"{outer.slug}@example.com"]:
                        wrong.append("after")
        except Exception as problem:
            wrong.append(repr(problem))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_job_runs_in_the_company_it_was_sent_from(tenant: Any, beta: Any) -> None:
    from backend.config.celery import app

    seen: list[str] = []

    @app.task(name="tests.where")
    def where() -> None:
        seen.append(schema_name())

    for company in (tenant, beta):
        with run_in(company):
            where.apply(headers={"_schema_name": schema_name()})
            assert schema_name() == company.schema_name
    with in_public():
        where.apply()
    assert seen == [tenant.schema_name, beta.schema_name, "public"]
