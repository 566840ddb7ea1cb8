"""G-24: the whole chain in two companies at the same time, with the same codes and the same people's addresses."""

from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connections
from django.utils import translation

from backend.catalog.models import Item
from backend.kernel.outbox.models import OutboxDelivery
from backend.kernel.tenancy import in_public, run_in
from backend.parties.models import Party
from backend.purchasing.models import PurchaseOrder
from backend.sales.models import SalesOrder
from backend.workflow.models import Notification, Task
from tenants.models import Tenant
from tests.people import make_identity
from tests.scenarios import story
from tests.scenarios.world import World

SEEN = (Party, Item, SalesOrder, PurchaseOrder, Task, Notification)


@pytest.mark.isolation
@pytest.mark.usefixtures("committed_tenant")
def test_two_companies_do_not_see_each_other():
    companies = [Tenant.objects.get(slug=slug) for slug in ("alpha", "beta")]
    for email in ("li@mill.example", "a@print.example"):
        make_identity(email)
    start, outcomes = Barrier(len(companies)), {}

    def work(company: Tenant) -> None:
        try:
            with translation.override(company.language), run_in(company):
                start.wait(timeout=30)
                outcomes[company.slug] = _facts(story.run(World()))
        except BaseException as problem:
            outcomes[company.slug] = problem
        finally:
            connections.close_all()

    threads = [Thread(target=work, args=(company,)) for company in companies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=240)
    for slug, outcome in outcomes.items():
        if isinstance(outcome, BaseException):
            raise AssertionError(f"{slug}: {outcome!r}") from outcome
    _compare(outcomes["alpha"], outcomes["beta"])


def _facts(chain: story.Chain) -> dict[str, Any]:
    return {
        "ids": {row for model in SEEN for row in model.objects.values_list("pk", flat=True)},
        "codes": sorted(Party.objects.filter(code__contains="-").values_list("code", flat=True)),
        "items": sorted(Item.objects.values_list("code", flat=True)),
        "orders": SalesOrder.objects.count(),
        "purchases": PurchaseOrder.objects.count(),
        "people": set(Notification.objects.values_list("member_id", flat=True)),
        "number": chain.order.number,
    }


def _compare(alpha: dict[str, Any], beta: dict[str, Any]) -> None:
    assert alpha["codes"] == beta["codes"] == ["A-01", "L-01", "S-01"]
    assert alpha["items"] == beta["items"] == ["PAPER-A4"]
    assert alpha["orders"] == beta["orders"] == alpha["purchases"] == beta["purchases"] == 1
    assert not alpha["ids"] & beta["ids"]
    assert not alpha["people"] & beta["people"]
    assert alpha["number"].startswith("XSDD-")
    assert beta["number"].startswith("SO-")
    with in_public():
        assert not OutboxDelivery.objects.filter(done_at=None).exists()
        assert set(OutboxDelivery.objects.values_list("schema", flat=True)) == {
            Tenant.objects.get(slug=slug).schema_name for slug in ("alpha", "beta")
        }
