"""Pages of a company with 10,000 orders, one of them with 50 lines: SQL statements, and time with 4 clients at once.

The time is what a client waits, from the request to the last byte, against the web server as it runs everywhere.
"""

import os
import random
import sys
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from infra.benchmarks import environment, orders, web
from infra.benchmarks.report import Figure
from infra.benchmarks.web import Visitor

ORDERS, LINES, BIG = 10_000, 5, 50
CLIENTS, REQUESTS = 4, 200
MOST_STATEMENTS, MOST_MILLISECONDS = 12, 100


@dataclass(frozen=True)
class Page:
    """A page, who asks for it, and whether it is a list (whose time has a target)."""

    name: str
    who: Visitor
    path: str
    is_list: bool = False


def run() -> list[Figure]:
    """Fill the company, count statements in this process, then measure the server."""
    from backend.kernel.tenancy import run_in

    environment.new_database()
    web.collect_static()
    with run_in(environment.company()):
        pages = prepare()
    listen = _show if os.environ.get("TROIKA_BENCH_SHOW") else None
    figures = []
    for page in pages:
        if listen:
            listen(f"== {page.name} {page.path}")
        count = web.statements_of(page.who, page.path, listen=listen)
        goal = count <= MOST_STATEMENTS
        figures.append(Figure("pages", f"{page.name}: statements", count, "", f"≤ {MOST_STATEMENTS}", goal))
    with web.server() as server:
        web.warm_up(server, [(page.who, page.path) for page in pages], clients=CLIENTS)
        for page in pages:
            figures += _times(page, server)
    return figures


def _show(sql: str) -> None:
    print("  ", sql[:400], file=sys.stderr)


def _times(page: Page, server: web.Server) -> list[Figure]:
    asked = [(page.who, page.path)] * REQUESTS
    web.warm_up(server, asked[:1], clients=CLIENTS)
    before = server.processor()
    spent = sorted(1000 * seconds for seconds in web.visit(server.port, asked, clients=CLIENTS))
    processor = 1000 * (server.processor() - before) / REQUESTS
    p50, p95 = spent[len(spent) // 2], spent[int(len(spent) * 0.95)]
    goal = f"≤ {MOST_MILLISECONDS}" if page.is_list else ""
    return [
        Figure("pages", f"{page.name}: p50", p50, "ms"),
        Figure("pages", f"{page.name}: p95", p95, "ms", goal, p95 <= MOST_MILLISECONDS if page.is_list else None),
        Figure("pages", f"{page.name}: processor time (Python)", processor, "ms"),
    ]


# --- the company -------------------------------------------------------------------------------
def prepare(*, orders_in_all: int = ORDERS) -> list[Page]:
    """Many sales orders, a purchase and a sales order of 50 lines, and people of three faces."""
    items, customers = environment.fill_company(stock=1000)
    sold = _sales(items, customers, orders_in_all)
    bought, supplier = _purchase(items)
    environment.as_after_a_night()
    owner = web.visitor("owner")
    customer = web.visitor("customer_buyer", kind="customer", party=sold.customer)
    seller = web.visitor("supplier_admin", kind="supplier", party=supplier)
    return [
        Page("staff home", owner, "/"),
        Page("staff order list", owner, "/sales/orders/", is_list=True),
        Page("staff order page", owner, f"/sales/orders/{sold.number}/"),
        Page("staff purchase order page", owner, f"/purchasing/orders/{bought.number}/"),
        Page("customer order list", customer, "/customer/orders/", is_list=True),
        Page("customer order page", customer, f"/customer/orders/{sold.number}/"),
        Page("supplier order list", seller, "/supplier/orders/", is_list=True),
        Page("supplier order page", seller, f"/supplier/orders/{bought.number}/"),
    ]


_A_YEAR = """
WITH old AS (SELECT id, row_number() OVER (ORDER BY id) %% 365 AS days FROM sales_order WHERE id <> %s)
UPDATE sales_order o SET doc_date = o.doc_date - old.days::int,
    shipped = CASE WHEN approval = 'approved' AND old.days > 60 THEN 'full' ELSE shipped END,
    invoiced = CASE WHEN approval = 'approved' AND old.days > 60 THEN 'full' ELSE invoiced END
FROM old WHERE old.id = o.id
"""


def _sales(items: list[Any], customers: list[Any], count: int) -> Any:
    """A year of orders: four of five are approved, those older than two months done; the big one got half from stock."""
    from django.db import connection
    from django.utils import timezone

    from backend.sales.models import SalesOrder
    from backend.sales.services.approvals import approve_order

    chance, at = random.Random(5), timezone.now()
    example = orders.enter_order(items[:LINES], customers[0])
    made = orders.copies_of(example, count, items=items, customers=customers, chance=chance)
    approved = chance.sample(made, count * 4 // 5)
    SalesOrder.objects.filter(pk__in=approved).update(approval="approved", approved_at=at, approved_by_name="Bench")
    with connection.cursor() as cursor:
        cursor.execute(_A_YEAR, [example.pk])
    big = orders.enter_order(items[:BIG], customers[0], qty=Decimal(2000))
    return approve_order(order_id=big.pk, actor=environment.actor(), at=at)


def _purchase(items: list[Any]) -> tuple[Any, Any]:
    from django.utils import timezone

    from backend.kernel.clock import day_of
    from backend.parties.models import Party, SupplierRole
    from backend.purchasing.services.inputs import LineInput, OrderData
    from backend.purchasing.services.orders import approve_order, save_order

    at = timezone.now()
    supplier = Party.objects.create(code="S0001", name="Supplier", is_supplier=True, created_at=at, updated_at=at)
    SupplierRole.objects.create(party=supplier)
    data = OrderData(
        supplier_id=supplier.pk,
        requested_date=day_of(at) + timedelta(days=5),
        lines=[LineInput(item_id=item.pk, qty=Decimal(1000), price=Decimal(60)) for item in items[:BIG]],
    )
    order = save_order(data=data, actor=environment.actor(), at=at)
    return approve_order(order_id=order.pk, actor=environment.actor(), at=at), supplier
