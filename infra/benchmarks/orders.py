"""Many sales orders at once: the first is entered by the product, the others are copies of it, written set by set."""

import copy
import random
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from infra.benchmarks import environment

BATCH = 1000


def enter_order(items: Sequence[Any], customer: Any, *, qty: Decimal = Decimal(4)) -> Any:
    """One draft of a line for each item, by the product's own service."""
    from django.utils import timezone

    from backend.kernel.clock import day_of
    from backend.sales.services.inputs import LineInput, OrderData
    from backend.sales.services.orders import save_order

    at = timezone.now()
    data = OrderData(
        customer_id=customer.pk,
        requested_date=day_of(at) + timedelta(days=3),
        lines=tuple(LineInput(item_id=item.pk, qty=qty, price=Decimal("113")) for item in items),
    )
    return save_order(data=data, actor=environment.actor(), at=at)


def copies_of(
    example: Any, count: int, *, items: Sequence[Any], customers: Sequence[Any], chance: random.Random
) -> list[UUID]:
    """So many more drafts like it, each with other items and another customer; returns their ids."""
    from backend.sales.models import SalesOrder, SalesOrderLine

    pattern, made = list(example.lines.order_by("line_no")), []
    for first in range(0, count, BATCH):
        orders = [_order(example, chance.choice(customers)) for _ in range(min(BATCH, count - first))]
        SalesOrder.objects.bulk_create(orders)
        SalesOrderLine.objects.bulk_create(
            _line(line, order, item)
            for order in orders
            for line, item in zip(pattern, chance.sample(items, len(pattern)), strict=True)
        )
        made += [order.pk for order in orders]
    return made


def _order(example: Any, customer: Any) -> Any:
    from backend.kernel.ids import uuid7

    made = copy.copy(example)
    made._state = copy.copy(example._state)
    made.pk = uuid7()
    made.number = f"B{made.pk.hex[-16:]}"
    made.customer_id = customer.pk
    return made


def _line(line: Any, order: Any, item: Any) -> Any:
    from backend.kernel.ids import uuid7

    made = copy.copy(line)
    made._state = copy.copy(line._state)
    made.pk, made.document_id, made.item_id = uuid7(), order.pk, item.pk
    made._state.fields_cache = {}
    return made
