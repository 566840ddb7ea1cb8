"""Processes that register orders at the same time: for the test of concurrency and for measuring.

``python -m tests.availability.load`` measures on a copy of the tests' template database.
"""

import multiprocessing
import random
import time
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID


@dataclass
class Result:
    """What all processes did together."""

    orders: int = 0
    seconds: float = 0
    failed: list[str] = field(default_factory=list)
    slowest: float = 0


def _work(
    database: str, schema: str, items: list[UUID], place: UUID, orders: int, lines: int, seed: int, out: Any
) -> None:
    from django.db import connection, transaction

    import tests.availability.ready  # noqa: F401
    from backend.availability.services import demand
    from backend.availability.services.demand_lines import DemandInput
    from backend.kernel.ids import uuid7
    from backend.kernel.tenancy import run_in
    from tests import databases
    from tests.factories.inventory import AT, SYSTEM, TODAY

    databases.use(database)
    dice, slowest, done = random.Random(seed), 0.0, 0
    with run_in(schema):
        connection.ensure_connection()
        out.put("ready")
        time.sleep(0.5)
        begun = time.monotonic()
        try:
            for number in range(orders):
                wanted = [
                    DemandInput(uuid7(), n, item, place, Decimal(dice.randint(1, 3)), TODAY)
                    for n, item in enumerate(dice.sample(items, lines), start=1)
                ]
                order_id, start = uuid7(), time.monotonic()
                with transaction.atomic():
                    demand.register_demand(
                        wanted,
                        ref_type="sales.order",
                        ref_id=order_id,
                        ref_number=f"P{seed}-{number}",
                        actor=SYSTEM,
                        at=AT,
                    )
                slowest = max(slowest, time.monotonic() - start)
                done += 1
            out.put((done, begun, time.monotonic(), slowest, ""))
        except Exception as problem:  # reported to the parent
            out.put((done, begun, time.monotonic(), slowest, repr(problem)))


def run_processes(*, processes: int, orders: int, items: int, lines: int, stock: int = 200) -> Result:
    """Let processes register orders over the same items of the active company."""
    from backend.kernel.tenancy import schema_name
    from tests import databases
    from tests.factories.catalog import make_item
    from tests.factories.inventory import main_warehouse, stock_up
    from tests.factories.parties import make_supplier

    supplier, place = make_supplier(lead_days=5, transport_days=2), main_warehouse()
    ids = []
    for _ in range(items):
        item = make_item(supplier_id=supplier.pk)
        stock_up(item, stock, stock)
        ids.append(item.pk)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.availability.ready"])
    out = context.Queue()
    workers = [
        context.Process(
            target=_work, args=(databases.current(), schema_name(), ids, place.pk, orders, lines, seed, out)
        )
        for seed in range(processes)
    ]
    for worker in workers:
        worker.start()
    reports = []
    while len(reports) < processes:
        report = out.get(timeout=120)
        if report != "ready":
            reports.append(report)
    for worker in workers:
        worker.join(30)
    begun, ended = min(report[1] for report in reports), max(report[2] for report in reports)
    return Result(
        orders=sum(report[0] for report in reports),
        seconds=ended - begun,
        failed=[report[4] for report in reports if report[4]],
        slowest=max(report[3] for report in reports),
    )


def main() -> None:
    import django

    import tests.environment  # noqa: F401

    django.setup()
    from backend.availability.selectors.consistency import violations
    from backend.kernel.tenancy import run_in
    from tenants.models import Tenant
    from tests import databases

    name = databases.copy_of_template()
    databases.use(name)
    try:
        with run_in(Tenant.objects.get(slug="alpha")):
            for stock in (100_000, 200):
                found = run_processes(processes=8, orders=100, items=10, lines=5, stock=stock)
                rate = found.orders / found.seconds
                print(
                    f"stock {stock}: {found.orders} orders in {found.seconds:.1f} s = {rate:.0f}/s, "
                    f"slowest {found.slowest * 1000:.0f} ms, failed {found.failed}, {violations()}"
                )
    finally:
        databases.drop(name)


if __name__ == "__main__":
    main()
