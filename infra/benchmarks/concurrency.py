"""1, 4 and 8 processes approve orders of 5 lines over the same 10 items; stock covers half of what is asked for.

Every approval locks the balances of its items and shares what is left, so nearly all of them meet. Checked after each
round: nothing is reserved twice or beyond the stock, and no order failed for a lock. The floor locks the same rows in
the same order, reserves what is left and inserts the same rows, by plain psycopg in as many processes.
"""

import multiprocessing
import random
import resource
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from queue import Empty
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg import sql

from infra.benchmarks import environment, floor, orders
from infra.benchmarks.report import Figure

ROUNDS = (1, 4, 8)
ORDERS, LINES, ITEMS, QTY = 400, 5, 10, Decimal(4)
STOCK = int(ORDERS * LINES * QTY / ITEMS / 2)
WANTED_PER_SECOND = 60


@dataclass(frozen=True)
class Share:
    """What one process did: when it began and ended, its own processor time, and what went wrong."""

    begun: float
    ended: float
    processor: float
    failures: Counter[str] = field(default_factory=Counter)


def run() -> list[Figure]:
    """A round for each number of processes, on items of its own; then the floor."""
    from backend.kernel.tenancy import run_in

    environment.new_database()
    figures: list[Figure] = []
    with run_in(environment.company()):
        items, customers = environment.fill_company(items=ITEMS * len(ROUNDS), customers=20, stock=STOCK)
        rates = {}
        for turn, processes in enumerate(ROUNDS):
            mine = items[turn * ITEMS : (turn + 1) * ITEMS]
            ids = _prepare(mine, customers)
            shares = _in_processes(_approve, [ids[n::processes] for n in range(processes)])
            rates[processes] = ORDERS / _wall(shares)
            figures += _figures(processes, shares, rates[processes], _broken_rules(mine))
        plan = _plan_of_floor(items[:ITEMS])
        for processes in ROUNDS:
            per_process = [(plan, ORDERS // processes)] * processes
            rate = ORDERS // processes * processes / _wall(_in_processes(_floor, per_process))
            figures.append(Figure("concurrency", f"{processes} × floor: orders per second", rate, "/s"))
            figures.append(Figure("concurrency", f"{processes} × share of the floor", rates[processes] / rate, ""))
    return figures


def _figures(processes: int, shares: Sequence[Share], rate: float, broken: int) -> list[Figure]:
    failures = sum((share.failures for share in shares), Counter())
    last = processes == ROUNDS[-1]
    spent = sum(share.processor for share in shares)
    return [
        Figure(
            "concurrency", f"{processes} × orders per second", rate, "/s",
            f"≥ {WANTED_PER_SECOND}" if last else "", rate >= WANTED_PER_SECOND if last else None,
        ),
        Figure("concurrency", f"{processes} × processor time an order (Python)", 1000 * spent / ORDERS, "ms"),
        Figure("concurrency", f"{processes} × rules of stock broken", broken, "", "0", not broken),
        Figure(
            "concurrency", f"{processes} × orders that failed {dict(failures) or ''}".strip(), failures.total(), "",
            "0", not failures,
        ),
    ]  # fmt: skip


def _prepare(items: Sequence[Any], customers: Sequence[Any]) -> list[UUID]:
    chance = random.Random(11)
    example = orders.enter_order(items[:LINES], customers[0], qty=QTY)
    return orders.copies_of(example, ORDERS, items=items, customers=customers, chance=chance)


def _broken_rules(items: Sequence[Any]) -> int:
    """Balances that are over-reserved or do not equal their reservations, and not all of the stock given away."""
    from django.db.models import F, Sum

    from backend.availability.models import Reservation
    from backend.availability.selectors.consistency import violations
    from backend.inventory.models import StockBalance

    balances = list(StockBalance.objects.filter(item__in=items))
    held = dict(
        Reservation.objects.filter(demand__item__in=items).values_list(F("demand__item_id")).annotate(held=Sum("qty"))
    )
    wrong = [
        row for row in balances if not row.reserved == held.get(row.item_id, 0) <= row.on_hand or row.on_hand != STOCK
    ]
    unused = sum((row.on_hand - row.reserved for row in balances), Decimal(0)) if len(balances) == ITEMS else 1
    asked = ORDERS * LINES * QTY
    short = unused > 0 and sum(held.values()) < asked / 2 - ITEMS * asked / 20
    return len(wrong) + len(violations()) + int(short)


# --- processes ---------------------------------------------------------------------------------
def _in_processes(work: Callable[..., None], parts: Sequence[Any]) -> list[Share]:
    """Each part in a process of its own; they begin together."""
    context = multiprocessing.get_context("spawn")
    start, results = context.Barrier(len(parts), timeout=120), context.Queue()
    crew = [context.Process(target=work, args=(part, start, results)) for part in parts]
    for process in crew:
        process.start()
    shares: list[Share] = []
    while len(shares) < len(crew):
        try:
            shares.append(results.get(timeout=2))
        except Empty:
            if any(process.exitcode for process in crew):
                raise SystemExit("A process of the benchmark ended early; its words are above.") from None
    for process in crew:
        process.join()
    return shares


def _wall(shares: Sequence[Share]) -> float:
    return max(share.ended for share in shares) - min(share.begun for share in shares)


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _timed(each: Callable[[Any], object], parts: Sequence[Any], start: Any, results: Any) -> None:
    failures: Counter[str] = Counter()
    start.wait()
    begun, before = time.time(), _processor()
    for part in parts:
        try:
            each(part)
        except Exception as problem:
            failures[f"{type(problem).__name__}: {problem}"[:120]] += 1
    results.put(Share(begun, time.time(), _processor() - before, failures))


def _approve(ids: Sequence[UUID], start: Any, results: Any) -> None:
    """One process of the product."""
    import logging

    import django

    django.setup()
    logging.disable(logging.WARNING)
    from django.utils import timezone

    from backend.kernel.tenancy import run_in
    from backend.sales.models import SalesOrder
    from backend.sales.services.approvals import approve_order
    from backend.workflow import parameters

    who = environment.actor()
    with run_in(environment.company()):
        parameters.get("sales.credit_policy")
        SalesOrder.objects.select_related("customer").first()
        _timed(lambda key: approve_order(order_id=key, actor=who, at=timezone.now()), ids, start, results)


# --- floor -------------------------------------------------------------------------------------
TABLES = (
    "availability_demand_line",
    "availability_reservation",
    "availability_peg",
    "availability_promise",
    "kernel_audit_entry",
)
_RESERVE = "UPDATE floor_balance SET reserved = reserved + least(%s, on_hand - reserved) WHERE id = ANY(%s)"


@dataclass(frozen=True)
class FloorPlan:
    """Where the floor works and what it writes for an order."""

    address: str
    schema: str
    samples: list[tuple[floor.Shape, list[list[Any]]]]
    balances: list[int]


def _plan_of_floor(items: Sequence[Any]) -> FloorPlan:
    import os

    from backend.kernel import tenancy

    address, schema = os.environ["DATABASE_URL"], tenancy.schema_name()
    with psycopg.connect(address) as client:
        client.execute(sql.SQL("SET search_path = {}").format(sql.Identifier(schema)))
        approved = ORDERS * len(ROUNDS)
        samples = []
        for table in TABLES:
            total = client.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()[0]  # type: ignore[index]
            samples.append(floor.copy_table(client, table, max(round(total / approved), 1)))
        client.execute("CREATE TABLE floor_balance (LIKE inventory_stock_balance INCLUDING DEFAULTS INCLUDING INDEXES)")
        client.execute(
            "INSERT INTO floor_balance SELECT * FROM inventory_stock_balance WHERE item_id = ANY(%s)",
            [[item.pk for item in items]],
        )
        client.execute("UPDATE floor_balance SET reserved = 0")
        client.execute("CREATE TABLE floor_order AS SELECT id, version FROM sales_order")
        client.execute("CREATE UNIQUE INDEX ON floor_order (id)")
        balances = [row[0] for row in client.execute("SELECT id FROM floor_balance ORDER BY id").fetchall()]
        return FloorPlan(address, schema, samples, balances)


def _floor(part: tuple[FloorPlan, int], start: Any, results: Any) -> None:
    """One process of the floor."""
    plan, count = part
    chance = random.Random()
    with psycopg.connect(plan.address) as client:
        client.execute(sql.SQL("SET search_path = {}").format(sql.Identifier(plan.schema)))
        ids = [row[0] for row in client.execute("SELECT id FROM floor_order ORDER BY random() LIMIT %s", [count])]
        client.commit()
        _timed(lambda key: _floor_order(client, plan, key, chance.sample(plan.balances, LINES)), ids, start, results)


def _floor_order(client: psycopg.Connection, plan: FloorPlan, key: UUID, chosen: list[int]) -> None:
    with client.transaction():
        client.execute("SELECT * FROM floor_order WHERE id = %s FOR UPDATE", [key])
        client.execute("SELECT * FROM sales_order_line WHERE document_id = %s", [key])
        client.execute("SELECT * FROM floor_balance WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [chosen])
        client.execute(_RESERVE, [QTY, chosen])
        demands = [uuid4() for _line in range(LINES)]
        for shape, rows in plan.samples:
            floor.insert(client, shape, _belonging(shape, rows, demands))
        client.execute("UPDATE floor_order SET version = version + 1 WHERE id = %s", [key])


def _belonging(shape: floor.Shape, rows: list[list[Any]], demands: list[UUID]) -> list[list[Any]]:
    """The sample rows as rows of these demand lines."""
    made = []
    for turn, row in enumerate(rows):
        values = dict(zip(shape.columns, floor.fresh(shape, row), strict=True))
        if shape.table == "availability_demand_line":
            values["id"] = demands[turn % LINES]
        if "demand_id" in values:
            values["demand_id"] = demands[turn % LINES]
        made.append(list(values.values()))
    return made
