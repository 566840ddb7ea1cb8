"""200 orders of 5 lines from entry to the posted invoice: one transaction per user action, one client.

Create, approve and reserve, ship, invoice, approve the invoice (which posts). The floor writes the
same rows into copies of the tables by plain psycopg.
"""

import random
from datetime import timedelta
from decimal import Decimal
from typing import Any

from infra.benchmarks import chains, environment, floor
from infra.benchmarks.chains import LINES
from infra.benchmarks.report import Figure


def run() -> list[Figure]:
    """Measure the chain in a company of its own."""
    from backend.kernel.tenancy import run_in

    environment.new_database()
    with run_in(environment.company()):
        items, customers = environment.fill_company()
        chance = random.Random(7)
        return chains.measure("order-to-cash", lambda: _one_order(items, customers, chance), floor.ORDER_TO_CASH)


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
