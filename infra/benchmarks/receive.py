"""Receiving an order of 50 lines with lots: stock, lots, promises and voucher in one transaction."""

import time
from decimal import Decimal
from typing import Any

from infra.benchmarks import environment
from infra.benchmarks.report import Figure

LINES, ROUNDS, WANTED = 50, 20, 25


def run() -> list[Figure]:
    """Statements of one receipt, and the time of the middle one of twenty."""
    from backend.kernel.tenancy import run_in

    environment.new_database()
    with run_in(environment.company()):
        items, _customers = environment.fill_company(items=LINES, customers=1, stock=0)
        type(items[0])._default_manager.update(lot_tracked=True)
        orders = [_order(items) for _round in range(ROUNDS + 1)]
        _receive(orders[0], 0)  # warms caches of roles, parameters, plans
        spent, statements = [], 0
        for number, order in enumerate(orders[1:], 1):
            started = time.perf_counter()
            statements = _receive(order, number)
            spent.append(time.perf_counter() - started)
    spent.sort()
    return [
        Figure("receive", "statements for 50 lines with lots", statements, "", f"≤ {WANTED}", statements <= WANTED),
        Figure("receive", "time of a receipt", 1000 * spent[ROUNDS // 2], "ms"),
    ]


def _order(items: list[Any]) -> Any:
    from django.utils import timezone

    from backend.kernel.clock import day_of
    from backend.parties.models import Party, SupplierRole
    from backend.purchasing.services.inputs import LineInput, OrderData
    from backend.purchasing.services.orders import approve_order, save_order

    who, at = environment.actor(), timezone.now()
    supplier, fresh = Party.objects.get_or_create(
        code="S0001", defaults={"name": "Mill", "is_supplier": True, "created_at": at, "updated_at": at}
    )
    if fresh:
        SupplierRole.objects.create(party=supplier)
    lines = tuple(LineInput(item.pk, Decimal(4), price=Decimal(113)) for item in items)
    data = OrderData(supplier_id=supplier.pk, requested_date=day_of(at), lines=lines)
    order = save_order(data=data, actor=who, at=at)
    return approve_order(order_id=order.pk, actor=who, at=at)


def _receive(order: Any, number: int) -> int:
    from django.db import connection
    from django.utils import timezone

    from backend.purchasing.services.inputs import ReceiptLineInput
    from backend.purchasing.services.receipts import receive_order

    lines = [ReceiptLineInput(key, Decimal(4), lot_no=f"L{number}") for key in order.lines.values_list("pk", flat=True)]
    counted = 0

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal counted
        counted += not sql.startswith(("SAVEPOINT", "RELEASE"))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        receive_order(order_id=order.pk, lines=lines, actor=environment.actor(), at=timezone.now())
    return counted
