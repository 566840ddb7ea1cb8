"""Jobs know their company: the schema travels in their headers, and no job of a company runs outside of one.

At the end eight threads work for two companies at once, each doing whatever is due, the other's too.
"""

import random
import threading
from collections.abc import Callable
from typing import Any

import pytest
from celery.signals import before_task_publish
from django.db import connections
from django.utils import translation

from backend.access.models import Member
from backend.availability.selectors.consistency import violations
from backend.config.celery import app
from backend.kernel.models import AuditEntry
from backend.kernel.outbox.models import OutboxDelivery
from backend.kernel.outbox.relay import relay
from backend.kernel.tenancy import OutsideCompany, cache_key, in_public, run_in, schema_name
from backend.sales.models import SalesOrder
from backend.workflow.models import Notification, Task
from tenants.models import Tenant
from tests.scenarios.world import World, settle

pytestmark = pytest.mark.isolation
# Jobs of the platform: they look after all companies, and enter each by its name.
EVERYWHERE = {
    "backend.kernel.outbox.tasks.relay_outbox",
    "backend.kernel.outbox.tasks.sweep_outbox",
    "backend.processes.tasks.look_around_everywhere",
    "backend.srm.tasks.look_at_suppliers_everywhere",
    "tenants.tasks.expire_trials",
    "tenants.tasks.fill_pool",
    "tenants.tasks.forget_what_is_over",
    "tenants.tasks.lay_sample_data",
    "tenants.tasks.lay_waiting_sample_data",
    "tenants.tasks.send_queued_mail",
}


def _jobs() -> dict[str, Any]:
    app.autodiscover_tasks(force=True)
    return {name: job for name, job in app.tasks.items() if name.startswith(("backend.", "tenants.", "portals."))}


def test_every_job_carries_the_schema_it_was_sent_from(tenant: Any, beta: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[str, str]] = []

    def note(sender: str = "", headers: Any = None, **_more: Any) -> None:
        sent.append((sender, headers.get("_schema_name") or headers["headers"]["_schema_name"]))

    jobs = _jobs()
    assert set(jobs) >= EVERYWHERE
    for job in jobs.values():
        monkeypatch.setattr(job, "typing", False)  # some want arguments; here they are sent, not run
    before_task_publish.connect(note)
    try:
        with app.connection("memory://") as broker:
            for company in (tenant, beta):
                with run_in(company):
                    for job in jobs.values():
                        job.apply_async(connection=broker)
    finally:
        before_task_publish.disconnect(note)
    assert sent == [(name, company.schema_name) for company in (tenant, beta) for name in jobs]


@pytest.mark.usefixtures("tenant")
def test_jobs_of_a_company_refuse_to_run_outside_of_one() -> None:
    for name, job in _jobs().items():
        if name not in EVERYWHERE:
            with in_public(), pytest.raises(OutsideCompany):
                job.apply(throw=True)


@pytest.mark.usefixtures("tenant")
def test_cache_keys_carry_the_schema() -> None:
    from django.core.cache import cache

    assert schema_name() in cache_key("k", "", 1)
    cache.set("k", "alpha")
    assert schema_name() in cache.make_key("k")
    with run_in(Tenant.objects.get(slug="beta")):
        assert cache.get("k") is None


@pytest.mark.slow
@pytest.mark.usefixtures("committed_tenant")
def test_threads_that_do_whatever_is_due() -> None:
    """Each of eight threads orders in one company, relays for both, and comes back; no row lands in the wrong company."""
    pair = list(Tenant.objects.filter(slug__in=["alpha", "beta"]).order_by("slug"))
    worlds: dict[str, tuple[World, Any]] = {}
    for company in pair:
        with run_in(company), translation.override(company.language):
            world = World()
            worlds[company.slug] = (world, world.item("SAME", company.slug, stock=10))
    wrong: list[str] = []

    def work(seed: int) -> None:
        dice = random.Random(seed)
        for _round in range(4):
            company = dice.choice(pair) if seed > 1 else pair[seed]
            world, item = worlds[company.slug]
            with run_in(company), translation.override(company.language):
                world.order(item, dice.randrange(1, 5))
                relay(limit=dice.randrange(1, 30))
                if schema_name() != company.schema_name:
                    wrong.append("the relay left another company behind")

    _together(work, 8, wrong)
    assert wrong == []
    for company in pair:
        with run_in(company):
            settle(60)
            assert violations() == []
            _all_rows_are_its_own(company)
    with in_public():
        assert not OutboxDelivery.objects.exclude(last_error="").exists()


def _together(work: Callable[[int], None], count: int, wrong: list[str]) -> None:
    def guarded(seed: int) -> None:
        try:
            work(seed)
        except BaseException as problem:
            wrong.append(repr(problem))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=guarded, args=(seed,)) for seed in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=240)


def _all_rows_are_its_own(company: Tenant) -> None:
    people = set(Member.objects.values_list("pk", flat=True))
    orders = set(SalesOrder.objects.values_list("pk", flat=True))
    prefix = "XSDD-" if company.slug == "alpha" else "SO-"
    assert orders
    assert all(number.startswith(prefix) for number in SalesOrder.objects.values_list("number", flat=True))
    assert set(Notification.objects.values_list("member_id", flat=True)) <= people
    assert set(Task.objects.exclude(assignee_id=None).values_list("assignee_id", flat=True)) <= people
    assert set(AuditEntry.objects.filter(subject_type="sales.order").values_list("subject_id", flat=True)) == orders
    told = Notification.objects.filter(kind="customer.order_confirmed").values_list("params__number", flat=True)
    assert set(told) <= set(SalesOrder.objects.values_list("number", flat=True))
