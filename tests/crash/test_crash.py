"""Processes are killed in the middle of their work. What was acknowledged is there whole, and nothing happens twice.

Real processes, a real broker, and a PostgreSQL that syncs, of the tests' own.
"""

import os
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from django.db.models import Count, Model

from backend.accounting.models import Voucher
from backend.availability.models import Suggestion
from backend.availability.selectors.consistency import violations
from backend.catalog.models import Item
from backend.inventory.models import StockMove
from backend.invoicing.models import SalesInvoice
from backend.kernel.outbox.models import OutboxDelivery
from backend.kernel.tenancy import run_in
from backend.posting.reconciliation import all_differences
from backend.sales.models import SalesDelivery, SalesOrder
from backend.workflow.models import Notification, Task
from tenants.models import Tenant
from tests.crash.conftest import Servers, kill, wait_until
from tests.scenarios.world import World, books_balance, settle

pytestmark = pytest.mark.slow
# With TROIKA_SOAK=1 more is sold before the database is killed.
LOAD, ENOUGH = (4, 600) if os.environ.get("TROIKA_SOAK") else (2, 30)
PATIENCE = 180  # of waits that end by themselves as soon as what they wait for is there, however loaded the machine is


@pytest.fixture(scope="module")
def world(servers: Servers) -> Iterator[World]:
    """Alpha with a customer, a supplier and three items."""
    with run_in(Tenant.objects.get(slug="alpha")):
        made = World()
        for number in range(3):
            made.item(f"LOAD-{number}", f"Load {number}", stock=100_000)
        settle(PATIENCE)
        yield made


def _worker(servers: Servers, **environment: str) -> subprocess.Popen[str]:
    return servers.run(
        "celery", "--quiet", "--app", "tests.crash.worker:app", "worker", "--concurrency", "1", "--pool", "prefork",
        "--without-gossip", "--without-mingle", "--loglevel", "WARNING", **environment,
    )  # fmt: skip


def _keep_nudging(servers: Servers, fact: Callable[[], Any], otherwise: str) -> None:
    """What the clock does every few seconds in an installation, until something is so."""
    last = 0.0

    def nudged() -> Any:
        nonlocal last
        if time.monotonic() > last + 1:
            last = time.monotonic()
            _nudge(servers)
        return fact()

    wait_until(nudged, PATIENCE, otherwise)


def _nudge(servers: Servers) -> None:
    from backend.config.celery import app
    from backend.kernel.outbox.tasks import sweep_outbox

    with app.connection(f"{servers.valkey.url()}/0") as broker:
        sweep_outbox.apply_async(connection=broker, retry=False)


def _waiting() -> int:
    return OutboxDelivery.objects.filter(done_at=None).count()


def test_a_worker_killed_between_two_steps_loses_and_repeats_nothing(servers: Servers, world: World) -> None:
    """Two sales, each of goods that are there and of goods that are short; under one a worker dies twice, under the other nothing."""
    calm = _sell(world, "CALM")
    settle(PATIENCE)
    wanted = _effects(*calm)
    assert wanted[("told", "customer.order_confirmed")] == 2
    assert wanted[("asked", "purchasing.shortage")] == 1
    disturbed = _sell(world, "ROUGH")
    flag = servers.folder / "flag"
    for step in ("1", "0"):
        worker = _worker(servers, CRASH_AFTER=step, CRASH_FLAG=str(flag))
        _keep_nudging(servers, lambda: flag.exists() and flag.read_text(), "The worker never reached the step.")
        stopped_at = int(flag.read_text())
        kill(worker)
        flag.unlink()
        row = OutboxDelivery.objects.get(pk=stopped_at)
        assert row.done_at is None
    assert _waiting()
    _worker(servers)
    _keep_nudging(servers, lambda: not _waiting(), "The outbox does not drain.")
    assert _effects(*disturbed) == wanted
    assert not OutboxDelivery.objects.exclude(last_error="").exists()
    servers.end_processes()
    _everything_is_sound()


def _sell(world: World, name: str) -> tuple[list[SalesOrder], list[Item]]:
    """An order that the warehouse can serve and one that it cannot, of items of their own."""
    there, short = world.item(f"{name}-1", name, stock=50), world.item(f"{name}-2", name, stock=5)
    return [world.order(there, 9), world.order(short, 9)], [there, short]


def _effects(orders: list[SalesOrder], items: list[Item]) -> Counter[tuple[str, str]]:
    """How many messages, tasks and documents of each kind the orders caused; a shortage is a task of its item."""
    numbers, keys = [order.number for order in orders], [order.pk for order in orders]
    deliveries = SalesDelivery.objects.filter(lines__order_line__document__in=keys).distinct()
    shortages = Suggestion.objects.filter(item__in=items).values_list("pk", flat=True)
    subjects = [*keys, *deliveries.values_list("pk", flat=True), *shortages]
    told = Notification.objects.filter(params__number__in=numbers)
    found = Counter(("told", kind) for kind in told.values_list("kind", flat=True))
    found.update(("mailed", row.kind) for row in told.exclude(mailed_at=None))
    found.update(
        ("asked", kind) for kind in Task.objects.filter(subject_id__in=subjects).values_list("kind", flat=True)
    )
    found.update(("made", row.approval) for row in deliveries)
    return found


def test_a_database_killed_under_load_keeps_what_it_said(servers: Servers, world: World) -> None:
    processes = [servers.run("tests.crash.load", str(seed)) for seed in range(LOAD)]
    said: list[tuple[str, UUID]] = []
    readers = [Thread(target=_listen, args=(process, said)) for process in processes]
    for reader in readers:
        reader.start()
    wait_until(lambda: len(said) > ENOUGH, PATIENCE, "Too little was sold.")
    servers.kill_postgres()
    connections.close_all()
    for process, reader in zip(processes, readers, strict=True):
        reader.join(timeout=PATIENCE)
        kill(process)
    servers.postgres.start_detached()
    with run_in(Tenant.objects.get(slug="alpha")):
        _acknowledged_is_there(said)
        settle(PATIENCE)
        assert not OutboxDelivery.objects.filter(attempts__gt=1).exclude(last_error="").exists()
        _everything_is_sound()


def _listen(process: subprocess.Popen[str], said: list[tuple[str, UUID]]) -> None:
    assert process.stdout
    for line in process.stdout:
        if line.endswith("\n"):
            word, key = line.split()
            said.append((word, UUID(key)))


def _acknowledged_is_there(said: list[tuple[str, UUID]]) -> None:
    kept = {word: {key for spoken, key in said if spoken == word} for word, _key in said}
    assert set(SalesOrder.objects.values_list("pk", flat=True)) >= kept["order"]
    approved = SalesOrder.objects.filter(pk__in=kept["approved"], approval="approved").annotate(n=Count("lines"))
    assert approved.count() == len(kept["approved"])
    assert all(row.n == 2 for row in approved)
    shipped = SalesDelivery.objects.filter(pk__in=kept["shipped"], approval="approved")
    assert shipped.count() == len(kept["shipped"])
    moved = StockMove.objects.filter(doc_id__in=kept["shipped"]).values_list("doc_id", flat=True)
    assert set(moved) == kept["shipped"]
    billed = SalesInvoice.objects.filter(pk__in=kept["invoiced"], approval="approved")
    assert billed.count() == len(kept["invoiced"])
    posted = Voucher.objects.filter(source_id__in=kept["invoiced"]).values_list("source_id", flat=True)
    assert set(posted) == kept["invoiced"]


def _everything_is_sound() -> None:
    """Books and stock agree, promises hold together, no document was posted or numbered twice."""
    assert books_balance()
    assert all_differences() == []
    assert violations() == []
    for model in (SalesOrder, SalesDelivery, SalesInvoice):
        assert _more_than_once(model, "number") == []
    assert _more_than_once(Voucher.objects.exclude(source_id=None), "source_id", "rule") == []
    moves = StockMove.objects.exclude(kind="opening")
    assert _more_than_once(moves, "doc_id", "item_id", "doc_line_id") == []
    half = SalesDelivery.objects.filter(approval="approved", lines=None)
    assert not half.exists()


def _more_than_once(rows: Any, *names: str) -> list[Any]:
    query = rows._default_manager.all() if isinstance(rows, type) and issubclass(rows, Model) else rows
    return list(query.values(*names).annotate(n=Count("pk")).filter(n__gt=1).values_list(*names))
