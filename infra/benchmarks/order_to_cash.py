"""200 orders of 5 lines from entry to the posted invoice: one transaction per user action, one client.

Create, approve and reserve, ship, invoice, approve the invoice (which posts). The floor writes the
same rows into copies of the tables by plain psycopg.
"""

import random
import time
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

from infra.benchmarks import environment, floor
from infra.benchmarks.report import Figure

ORDERS, LINES = 200, 5
BLOCK, WARM = 20, 10


def run() -> list[Figure]:
    """Product and floor take turns, a block of orders each: what else the machine does slows down both alike."""
    from backend.kernel.tenancy import run_in

    environment.new_database()
    with run_in(environment.company()):
        items, customers = environment.fill_company()
        _orders(WARM, items, customers, random.Random(0))  # caches of roles, parameters and plans
        with floor.opened(LINES) as bottom:
            _floor_orders(WARM, bottom)
            ours, floors, statements, floor_statements = _measure(items, customers, bottom)
    ratio = floors / ours
    return [
        Figure("order-to-cash", "statements per order", statements, "", "≤ 80", statements <= 80),
        Figure("order-to-cash", "orders per second", ORDERS / ours, "/s"),
        Figure("order-to-cash", "milliseconds per order", 1000 * ours / ORDERS, "ms"),
        Figure("order-to-cash", "floor: statements per order", floor_statements, ""),
        Figure("order-to-cash", "floor: orders per second", ORDERS / floors, "/s"),
        Figure("order-to-cash", "floor: milliseconds per order", 1000 * floors / ORDERS, "ms"),
        Figure("order-to-cash", "share of the floor", ratio, "", "≥ 0.33", ratio >= 1 / 3),
    ]


def _measure(items: list[Any], customers: list[Any], bottom: floor.Floor) -> tuple[float, float, float, float]:
    """Seconds of the product and of the floor for all orders, and statements per order of both."""
    from django.db import connection

    counted: Counter[str] = Counter()

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        counted["all"] += 1
        return execute(sql, params, many, context)

    chance, before = random.Random(7), bottom.statements
    ours = floors = 0.0
    with connection.execute_wrapper(count):
        for _block in range(ORDERS // BLOCK):
            ours += _orders(BLOCK, items, customers, chance)
            floors += _floor_orders(BLOCK, bottom)
    statements = counted["all"] / ORDERS + 2 * 5  # BEGIN and COMMIT of each action pass the wrapper by
    return ours, floors, statements, (bottom.statements - before) / ORDERS


def _orders(number: int, items: list[Any], customers: list[Any], chance: random.Random) -> float:
    started = time.perf_counter()
    for _order in range(number):
        _one_order(items, customers, chance)
    return time.perf_counter() - started


def _floor_orders(number: int, bottom: floor.Floor) -> float:
    started = time.perf_counter()
    for _order in range(number):
        bottom.one_order()
    return time.perf_counter() - started


def _one_order(items: list[Any], customers: list[Any], chance: random.Random) -> None:
    from django.utils import timezone

    from backend.invoicing.services import sales_invoices
    from backend.kernel.clock import day_of
    from backend.processes.order_to_cash import invoice_deliveries
    from backend.sales.services.approvals import approve_order
    from backend.sales.services.deliveries import ship_order
    from backend.sales.services.inputs import LineInput, OrderData
    from backend.sales.services.orders import save_order

    who, at = environment.actor(), timezone.now()
    chosen = chance.sample(items, LINES)
    data = OrderData(
        customer_id=chance.choice(customers).pk,
        requested_date=day_of(at) + timedelta(days=3),
        lines=tuple(
            LineInput(item_id=item.pk, qty=Decimal(chance.randint(1, 9)), price=Decimal("113")) for item in chosen
        ),
    )
    order = save_order(data=data, actor=who, at=at)
    approve_order(order_id=order.pk, actor=who, at=at)
    delivery = ship_order(order_id=order.pk, actor=who, at=at)
    invoice = invoice_deliveries(delivery_ids=[delivery.pk], actor=who, at=at)
    sales_invoices.approve_invoice(invoice_id=invoice.pk, actor=who, at=at)
