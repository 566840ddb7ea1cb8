"""A process that sells without pause until its database goes away: every line it prints was committed before.

`python -m tests.crash.load <seed>`
"""

import random
import sys


def main(seed: int) -> None:
    import django

    django.setup()
    from backend.kernel.tenancy import run_in
    from tenants.models import Tenant

    with run_in(Tenant.objects.get(slug="alpha")):
        _sell(random.Random(seed))


def _sell(dice: random.Random) -> None:
    from decimal import Decimal

    from django.utils import timezone

    from backend.catalog.models import Item
    from backend.invoicing.services import sales_invoices
    from backend.kernel.actor import Actor
    from backend.kernel.outbox.relay import relay
    from backend.parties.models import Party
    from backend.processes.order_to_cash import invoice_deliveries
    from backend.sales.services import deliveries, orders
    from backend.sales.services.inputs import LineInput, OrderData

    who = {"actor": Actor.system("Load")}
    items = list(Item.objects.filter(code__startswith="LOAD").values_list("pk", flat=True))
    customers = list(Party.objects.filter(is_customer=True).values_list("pk", flat=True))

    def say(*words: str) -> None:
        print(*words, flush=True)

    while True:
        at = timezone.now()
        lines = tuple(LineInput(item, Decimal(dice.randrange(1, 4))) for item in dice.sample(items, 2))
        data = OrderData(customer_id=dice.choice(customers), requested_date=at.date(), lines=lines)
        order = orders.save_order(data=data, at=at, **who)
        say("order", str(order.pk))
        orders.approve_order(order_id=order.pk, at=at, **who)
        say("approved", str(order.pk))
        delivery = deliveries.ship_order(order_id=order.pk, at=at, **who)
        say("shipped", str(delivery.pk))
        invoice = invoice_deliveries(delivery_ids=[delivery.pk], at=at, **who)
        sales_invoices.approve_invoice(invoice_id=invoice.pk, at=at, **who)
        say("invoiced", str(invoice.pk))
        relay(limit=dice.randrange(1, 8))


if __name__ == "__main__":
    main(int(sys.argv[1]))
