"""The exception board of a company with 300 suppliers and 5,000 open purchase lines (SRM-21): time of the page and of a look.

One line in three is late, silent, proposed otherwise or behind its production plan; every second line serves a customer.
"""

import time
from datetime import timedelta
from decimal import Decimal
from typing import Any

from infra.benchmarks import environment, web
from infra.benchmarks.report import Figure

SUPPLIERS, ORDERS, LINES = 300, 1000, 5
CLIENTS, REQUESTS = 4, 80
MOST_STATEMENTS, MOST_MILLISECONDS, MOST_SECONDS = 12, 150, 5


def run() -> list[Figure]:
    """Fill the company, look at its documents once, then ask the web server for the board."""
    from backend.kernel.tenancy import run_in

    environment.new_database()
    web.collect_static()
    with run_in(environment.company()):
        prepare()
        seconds, count = _look()
        environment.as_after_a_night()
        buyer = web.visitor("owner")
    pages = {"by type": "/purchasing/exceptions/", "by supplier": "/purchasing/exceptions/?by=supplier"}
    figures = [
        Figure("exceptions", "open purchase lines", ORDERS * LINES, ""),
        Figure("exceptions", "exceptions found", count, "", "≥ 1,000", count >= 1000),
        Figure("exceptions", "one look at everything", seconds, "s", f"≤ {MOST_SECONDS}", seconds <= MOST_SECONDS),
    ]
    for name, path in pages.items():
        taken = web.statements_of(buyer, path)
        goal = taken <= MOST_STATEMENTS
        figures.append(Figure("exceptions", f"{name}: statements", taken, "", f"≤ {MOST_STATEMENTS}", goal))
    with web.server() as server:
        web.warm_up(server, [(buyer, path) for path in pages.values()], clients=CLIENTS)
        for name, path in pages.items():
            asked = [(buyer, path)] * REQUESTS
            web.warm_up(server, asked[:1], clients=CLIENTS)
            before = server.processor()
            spent = sorted(1000 * each for each in web.visit(server.port, asked, clients=CLIENTS))
            processor = 1000 * (server.processor() - before) / REQUESTS
            p50, p95 = spent[len(spent) // 2], spent[int(len(spent) * 0.95)]
            goal = p95 <= MOST_MILLISECONDS
            figures.append(Figure("exceptions", f"{name}: p50", p50, "ms"))
            figures.append(Figure("exceptions", f"{name}: p95", p95, "ms", f"≤ {MOST_MILLISECONDS}", goal))
            figures.append(Figure("exceptions", f"{name}: processor time (Python)", processor, "ms"))
    return figures


def _look() -> tuple[float, int]:
    """The hourly look, for the first time: everything is found and written."""
    from django.utils import timezone

    from backend.processes.exceptions import look_for_exceptions

    began = time.perf_counter()
    found = look_for_exceptions(at=timezone.now())
    return time.perf_counter() - began, len(found.opened)


def prepare() -> None:
    """Orders written set by set: the same rows the services write, for days that lie behind and before us."""
    from django.db import connection
    from django.utils import timezone

    from backend.inventory.models import Warehouse
    from backend.parties.models import Party, SupplierRole

    at = timezone.now()
    items, customers = environment.fill_company(stock=0)
    suppliers = Party.objects.bulk_create(
        Party(code=f"S{n:04d}", name=f"Supplier {n}", is_supplier=True, created_at=at, updated_at=at)
        for n in range(SUPPLIERS)
    )
    SupplierRole.objects.bulk_create(SupplierRole(party=party) for party in suppliers)
    warehouse = Warehouse.objects.get(is_default=True)
    orders = _orders(suppliers, warehouse, at)
    lines = _lines(orders, items, at)
    _supply(lines, customers, warehouse, at)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _orders(suppliers: list[Any], warehouse: Any, at: Any) -> list[Any]:
    from backend.purchasing.models import OrderConfirmation, PurchaseOrder

    made = PurchaseOrder.objects.bulk_create(
        PurchaseOrder(
            number=f"PO{n:06d}",
            doc_date=at.date(),
            supplier=suppliers[n % SUPPLIERS],
            warehouse=warehouse,
            requested_date=at.date() + timedelta(days=n % 30 - 5),
            approval="approved",
            sending="viewed" if n % 4 else "sent",
            sent_at=at - timedelta(days=3),
            viewed_at=at - timedelta(days=2) if n % 4 else None,
            confirmed="full" if n % 3 else "none",
            created_at=at,
            updated_at=at,
        )
        for n in range(ORDERS)
    )
    OrderConfirmation.objects.bulk_create(
        OrderConfirmation(order=order, revision=1, state="proposed", by_name="Li", at=at) for order in made[::10]
    )
    return made


def _lines(orders: list[Any], items: list[Any], at: Any) -> list[Any]:
    from backend.purchasing.models import ProductionNode, PurchaseOrderLine, ScheduleLine

    lines = PurchaseOrderLine.objects.bulk_create(
        PurchaseOrderLine(
            document=order,
            line_no=n + 1,
            item=items[(place * LINES + n) % len(items)],
            qty=Decimal(100),
            confirmed_qty=Decimal(100) if place % 3 else Decimal(0),
            state="confirmed" if place % 3 else "open",
            requested_date=order.requested_date,
        )
        for place, order in enumerate(orders)
        for n in range(LINES)
    )
    ScheduleLine.objects.bulk_create(
        ScheduleLine(
            order_line=line,
            schedule_no=1,
            qty=line.qty,
            date=line.requested_date + timedelta(days=6 if place % 7 == 0 else 0),
            confirmed=line.state == "confirmed",
        )
        for place, line in enumerate(lines)
    )
    ProductionNode.objects.bulk_create(
        ProductionNode(order_line=line, node="material_ready", planned_date=line.requested_date - timedelta(days=10))
        for line in lines[::5]
    )
    return lines


def _supply(lines: list[Any], customers: list[Any], warehouse: Any, at: Any) -> None:
    """What the lines bring, and the customers' lines that hang on every second of them."""
    from backend.availability.models import DemandLine, Peg, Promise, SupplyLine
    from backend.kernel.ids import uuid7

    supplies = SupplyLine.objects.bulk_create(
        SupplyLine(
            ref_type="purchasing.order",
            ref_id=line.document_id,
            ref_number=line.document.number,
            ref_line_id=line.pk,
            ref_line_no=line.line_no,
            schedule_no=1,
            item_id=line.item_id,
            warehouse=warehouse,
            party_id=line.document.supplier_id,
            qty=line.qty,
            open_qty=line.qty,
            supply_date=line.requested_date,
            firmness="confirmed",
            dated_at=at,
        )
        for line in lines
    )
    demands = DemandLine.objects.bulk_create(
        DemandLine(
            item_id=supply.item_id,
            warehouse=warehouse,
            party=customers[place % len(customers)],
            ref_type="sales.order",
            ref_id=uuid7(),
            ref_number=f"SO{place:06d}",
            ref_line_id=uuid7(),
            ref_line_no=1,
            qty=Decimal(40),
            open_qty=Decimal(40),
            required_date=supply.supply_date + timedelta(days=place % 6 - 3),
            registered_at=at,
        )
        for place, supply in enumerate(supplies[::2])
    )
    Promise.objects.bulk_create(
        Promise(demand=demand, promise_date=supply.supply_date, first_at=at, revised_at=at)
        for demand, supply in zip(demands, supplies[::2], strict=True)
    )
    Peg.objects.bulk_create(
        Peg(demand=demand, supply=supply, qty=Decimal(40))
        for demand, supply in zip(demands, supplies[::2], strict=True)
    )
