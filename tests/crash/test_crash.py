"""Processes are killed in the middle of their work. What was acknowledged is there whole, and nothing happens twice.

Real processes, a real broker, and a PostgreSQL that syncs, of the tests' own.
"""

import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from django.db.models import Count, Model

from backend.accounting.models import Voucher
from backend.availability.selectors.consistency import violations
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

# Killing servers wants a machine of its own: on a loaded one the waits say more about the load than about the product.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not os.environ.get("TROIKA_SOAK"), reason="kills servers for minutes: run it with TROIKA_SOAK=1"
    ),
]
LOAD = 3


@pytest.fixture(scope="module")
def world(servers: Servers) -> Iterator[World]:
    """Alpha with a customer, a supplier and three items."""
    with run_in(Tenant.objects.get(slug="alpha")):
        made = World()
        for number in range(3):
            made.item(f"LOAD-{number}", f"Load {number}", stock=100_000)
        settle(60)
        yield made


def _worker(servers: Servers, **environment: str) -> subprocess.Popen[str]:
    return servers.run(
        "celery", "--quiet", "--app", "tests.crash.worker:app", "worker", "--concurrency", "1", "--pool", "prefork",
        "--without-gossip", "--without-mingle", "--loglevel", "WARNING", **environment,
    )  # fmt: skip


def _nudge(servers: Servers) -> None:
    """What the clock does every few seconds in an installation."""
    from backend.config.celery import app
    from backend.kernel.outbox.tasks import sweep_outbox

    with app.connection(f"{servers.valkey.url()}/0") as broker:
        sweep_outbox.apply_async(connection=broker, retry=False)


def _waiting() -> int:
    return OutboxDelivery.objects.filter(done_at=None).count()


def test_a_worker_killed_between_two_steps_loses_and_repeats_nothing(servers: Servers, world: World) -> None:
    """Two orders short of stock go the same way; under one of them a worker dies twice, under the other nothing happens."""
    short = world.item("SHORT", "Short", stock=5)
    calm = world.order(short, 9)
    settle(60)
    wanted, disturbed = _effects(calm), world.order(short, 9)
    assert len(wanted) > 1
    flag = servers.folder / "flag"
    for step in ("1", "0"):
        worker = _worker(servers, CRASH_AFTER=step, CRASH_FLAG=str(flag))
        _nudge(servers)
        wait_until(flag.exists, 60, "The worker never reached the step.")
        stopped_at = int(flag.read_text())
        kill(worker)
        flag.unlink()
        row = OutboxDelivery.objects.get(pk=stopped_at)
        assert row.done_at is None
    assert _waiting()
    _worker(servers)
    _nudge(servers)
    wait_until(lambda: not _waiting(), 60, "The outbox does not drain.")
    assert _effects(disturbed) == wanted
    assert not OutboxDelivery.objects.exclude(last_error="").exists()
    servers.end_processes()
    _everything_is_sound()


def _effects(order: SalesOrder) -> Counter[tuple[str, str]]:
    """How many messages and tasks of each kind an order caused."""
    subject = {"params__number": order.number}
    found = Counter(("told", kind) for kind in Notification.objects.filter(**subject).values_list("kind", flat=True))
    found.update(("asked", kind) for kind in Task.objects.filter(subject_id=order.pk).values_list("kind", flat=True))
    return found


def test_a_database_killed_under_load_keeps_what_it_said(servers: Servers, world: World) -> None:
    processes = [servers.run("tests.crash.load", str(seed)) for seed in range(LOAD)]
    said: list[tuple[str, UUID]] = []
    readers = [Thread(target=_listen, args=(process, said)) for process in processes]
    for reader in readers:
        reader.start()
    wait_until(lambda: len(said) > 60, 90, f"Too little was sold: {len(said)}.")
    servers.kill_postgres()
    connections.close_all()
    for process, reader in zip(processes, readers, strict=True):
        reader.join(timeout=30)
        kill(process)
    servers.postgres.start_detached()
    with run_in(Tenant.objects.get(slug="alpha")):
        _acknowledged_is_there(said)
        settle(90)
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
