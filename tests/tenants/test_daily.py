"""Daily work: once for each company on each of its own days."""

from datetime import UTC, datetime, timedelta

import pytest
from celery import current_app

from backend.kernel.tenancy import in_public, schema_name
from tenants import daily
from tenants.models import Tenant

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def sent(monkeypatch):
    told = []
    monkeypatch.setattr(current_app, "send_task", lambda name: told.append((schema_name(), name)))
    return told


def test_each_company_has_its_jobs_once_a_day(tenant, beta, sent, settings):
    with in_public():
        Tenant.objects.filter(pk=beta.pk).update(time_zone="America/New_York")
    assert daily.start_daily_work(at=AT) == 2
    assert sorted(sent) == sorted(
        (company.schema_name, task) for company in (tenant, beta) for task in settings.DAILY_TASKS
    )
    assert daily.start_daily_work(at=AT + timedelta(hours=3)) == 0
    assert daily.start_daily_work(at=AT + timedelta(hours=5)) == 1
    assert sent[-1][0] == tenant.schema_name
    assert daily.start_daily_work(at=AT + timedelta(hours=18)) == 1
    assert sent[-1][0] == beta.schema_name


def test_the_jobs_exist(settings):
    import importlib

    for name in settings.DAILY_TASKS:
        module, task = name.rsplit(".", 1)
        assert getattr(importlib.import_module(module), task).name == name


def test_companies_that_are_over_have_none(tenant, beta, sent):
    with in_public():
        Tenant.objects.update(state="read_only")
    assert daily.start_daily_work(at=AT) == 0
    assert sent == []
