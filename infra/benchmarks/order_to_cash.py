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


def run() -> list[Figure]:
    """Measure the product, then the floor on the same machine state."""
    from backend.kernel.tenancy import run_in

    environment.new_database()
    with run_in(environment.company()):
        items, customers = environment.fill_company()
        _one_order(items, customers, random.Random(0))  # warms caches of roles, parameters, plans
        spent, statements = _product(items, customers)
        floor_spent, floor_statements = floor.order_to_cash(ORDERS, LINES)
    ours, floors = ORDERS / spent, ORDERS / floor_spent
    ratio = ours / floors
    return [
        Figure("order-to-cash", "statements per order", statements / ORDERS, "", "≤ 80", statements / ORDERS <= 80),
        Figure("order-to-cash", "orders per second", ours, "/s"),
        Figure("order-to-cash", "milliseconds per order", 1000 * spent / ORDERS, "ms"),
        Figure("order-to-cash", "floor: statements per order", floor_statements / ORDERS, ""),
        Figure("order-to-cash", "floor: orders per second", floors, "/s"),
        Figure("order-to-cash", "share of the floor", ratio, "", "≥ 0.33", ratio >= 1 / 3),
    ]


def _product(items: list[Any], customers: list[Any]) -> tuple[float, int]:
    from django.db import connection

    counted: Counter[str] = Counter()

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        counted["all"] += 1
        return execute(sql, params, many, context)

    chance = random.Random(7)
    with connection.execute_wrapper(count):
        started = time.perf_counter()
        for _number in range(ORDERS):
            _one_order(items, customers, chance)
        spent = time.perf_counter() - started
    return spent, counted["all"] + 2 * 5 * ORDERS  # BEGIN and COMMIT of each action pass the wrapper by


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
