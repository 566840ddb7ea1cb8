"""Chains of documents measured beside their floor: one transaction per user action, one client.

Product and floor take turns, a block of orders each: what else the machine does slows down both alike. Both run as in a
company at work: tables have rows and statistics (a server's autovacuum sees to that), and the process collects garbage
as the web server does.
"""

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from infra.benchmarks import floor
from infra.benchmarks.report import Figure

ORDERS, LINES = 200, 5
BLOCK, WARM, USED = 20, 10, 200
ACTIONS = 5
MOST_STATEMENTS = 80


def measure(name: str, one_order: Callable[[], Any], plan: floor.Plan) -> list[Figure]:
    """The figures of a chain; ``one_order`` runs its five actions in the active company."""
    _repeat(USED, one_order)
    _as_at_work()
    with floor.opened(plan, LINES) as bottom:
        _repeat(WARM, one_order)  # caches of roles, parameters and plans
        _repeat(WARM, bottom.one_order)
        ours, floors, statements, floor_statements = _in_turns(one_order, bottom)
    ratio = floors / ours
    goal = f"≤ {MOST_STATEMENTS}"
    return [
        Figure(name, "statements per order", statements, "", goal, statements <= MOST_STATEMENTS),
        Figure(name, "orders per second", ORDERS / ours, "/s"),
        Figure(name, "milliseconds per order", 1000 * ours / ORDERS, "ms"),
        Figure(name, "floor: statements per order", floor_statements, ""),
        Figure(name, "floor: orders per second", ORDERS / floors, "/s"),
        Figure(name, "floor: milliseconds per order", 1000 * floors / ORDERS, "ms"),
        Figure(name, "share of the floor", ratio, "", "≥ 0.33", ratio >= 1 / 3),
    ]


def _as_at_work() -> None:
    """Statistics of the tables, a connection that was made since, and the collector of the web server."""
    from django.db import connection

    from backend.config.collector import spare_the_collector

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    connection.close()
    spare_the_collector()


def _in_turns(one_order: Callable[[], Any], bottom: floor.Floor) -> tuple[float, float, float, float]:
    """Seconds of the product and of the floor for all orders, and statements per order of both."""
    from django.db import connection

    counted: Counter[str] = Counter()

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        counted["all"] += 1
        return execute(sql, params, many, context)

    before = bottom.statements
    ours = floors = 0.0
    with connection.execute_wrapper(count):
        for _block in range(ORDERS // BLOCK):
            ours += _repeat(BLOCK, one_order)
            floors += _repeat(BLOCK, bottom.one_order)
    statements = counted["all"] / ORDERS + 2 * ACTIONS  # BEGIN and COMMIT of each action pass the wrapper by
    return ours, floors, statements, (bottom.statements - before) / ORDERS


def _repeat(times: int, action: Callable[[], Any]) -> float:
    started = time.perf_counter()
    for _time in range(times):
        action()
    return time.perf_counter() - started
