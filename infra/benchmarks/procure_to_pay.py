"""200 purchase orders of 5 lines from entry to the posted invoice: one transaction per user action, one client.

Create, approve (which sends it and registers what comes), receive all of it, invoice what came, approve the invoice
(which matches and posts). The floor writes the same rows into copies of the tables by plain psycopg.
"""

import random
from datetime import timedelta
from decimal import Decimal
from typing import Any

from infra.benchmarks import chains, environment, floor
from infra.benchmarks.chains import LINES
from infra.benchmarks.report import Figure

SUPPLIERS = 20


def run() -> list[Figure]:
    """Measure the chain in a company of its own."""
    from backend.kernel.tenancy import run_in

    environment.new_database()
    with run_in(environment.company()):
        items, _customers = environment.fill_company()
        suppliers, chance = _suppliers(), random.Random(7)
        return chains.measure("procure-to-pay", lambda: _one_order(items, suppliers, chance), floor.PROCURE_TO_PAY)


def _suppliers() -> list[Any]:
    from django.utils import timezone

    from backend.parties.models import Party, SupplierRole

    at = timezone.now()
    parties = Party.objects.bulk_create(
        Party(code=f"S{number:04d}", name=f"Supplier {number}", is_supplier=True, created_at=at, updated_at=at)
        for number in range(SUPPLIERS)
    )
    SupplierRole.objects.bulk_create(SupplierRole(party=party) for party in parties)
    return list(parties)


def _one_order(items: list[Any], suppliers: list[Any], chance: random.Random) -> None:
    from django.utils import timezone

    from backend.invoicing.services import purchase_invoices
    from backend.kernel.clock import day_of
    from backend.processes.procure_to_pay import invoice_receipts
    from backend.purchasing.services.inputs import LineInput, OrderData, ReceiptLineInput
    from backend.purchasing.services.orders import approve_order, save_order
    from backend.purchasing.services.receipts import receive_order

    who, at = environment.actor(), timezone.now()
    data = OrderData(
        supplier_id=chance.choice(suppliers).pk,
        requested_date=day_of(at) + timedelta(days=5),
        lines=tuple(
            LineInput(item_id=item.pk, qty=Decimal(chance.randint(1, 9)), price=Decimal("67.80"))
            for item in chance.sample(items, LINES)
        ),
    )
    order = save_order(data=data, actor=who, at=at)
    approve_order(order_id=order.pk, actor=who, at=at)
    lines = [ReceiptLineInput(line.pk, line.qty) for line in order.lines.all()]
    receipt = receive_order(order_id=order.pk, lines=lines, actor=who, at=at)
    invoice = invoice_receipts(receipt_ids=[receipt.pk], actor=who, at=at)
    purchase_invoices.approve_invoice(invoice_id=invoice.pk, actor=who, at=at)
