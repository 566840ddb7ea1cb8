"""A receipt that comes late for an item with 100 000 moves behind it: all of them are valued anew before it is booked.

The moves lie on thirty days, receipts at changing prices and deliveries in turn. The late receipt is dated before all of
them; booking it writes its moves, one correction for each day, and the vouchers, in one transaction. The costing run of
the month over as many moves is measured beside it.
"""

import time
from datetime import timedelta
from decimal import Decimal
from typing import Any

from infra.benchmarks import environment
from infra.benchmarks.report import Figure

MOVES, DAYS = 100_000, 30
TARGET = 3.0

_MOVES = """
INSERT INTO inventory_stock_move (item_id, warehouse_id, kind, qty_in, qty_out, value_in, value_out, move_date, moved_at,
                                  doc_type, doc_id, doc_number)
SELECT %(item)s, %(place)s, CASE WHEN n %% 2 = 0 THEN 'purchase_receipt' ELSE 'sales_delivery' END,
       CASE WHEN n %% 2 = 0 THEN 5 ELSE 0 END, CASE WHEN n %% 2 = 1 THEN 4 ELSE 0 END,
       CASE WHEN n %% 2 = 0 THEN 50 + n %% 37 / 10.0 ELSE 0 END, CASE WHEN n %% 2 = 1 THEN 40 ELSE 0 END,
       %(first)s::date + (n * %(days)s / %(moves)s)::int, now(), 'bench', gen_random_uuid(), 'B' || n
FROM generate_series(0, %(moves)s - 1) n
"""


def run() -> list[Figure]:
    """Measure booking a late receipt, and the costing of a month."""
    from backend.kernel.tenancy import run_in

    environment.new_database()
    with run_in(environment.company()):
        items, _customers = environment.fill_company()
        late, statements, corrections = _late_receipt(items[0])
        month = _month(items[1])
    return [
        Figure("revaluation", "seconds for 100 000 moves", late, "s", f"≤ {TARGET:g}", late <= TARGET),
        Figure("revaluation", "statements", statements, ""),
        Figure("revaluation", "corrections written", corrections, ""),
        Figure("revaluation", "seconds to cost a month of 100 000 moves", month, "s", f"≤ {TARGET:g}", month <= TARGET),
    ]


def _late_receipt(item: Any) -> tuple[float, int, int]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from backend.inventory.models import StockMove
    from backend.inventory.selectors import default_warehouse
    from backend.inventory.services.inputs import OpeningLineInput
    from backend.inventory.services.opening import approve_opening_stock, save_opening_stock
    from backend.kernel.clock import day_of

    at, place = timezone.now(), default_warehouse()
    first = day_of(at) - timedelta(days=DAYS - 1)
    _write_moves(item, first)
    document = save_opening_stock(
        doc_date=first - timedelta(days=1),
        warehouse_id=place.pk,  # type: ignore[union-attr]
        lines=[OpeningLineInput(item.pk, Decimal(50), value=Decimal(700))],
        actor=environment.actor(),
        at=at,
    )
    started = time.perf_counter()
    with CaptureQueriesContext(connection) as statements:
        approve_opening_stock(document_id=document.pk, actor=environment.actor(), at=at)
    spent = time.perf_counter() - started
    return spent, len(statements), StockMove.objects.filter(doc_id=document.pk, kind="correction").count()


def _month(item: Any) -> float:
    from django.utils import timezone

    from backend.catalog.models import Item, ItemCategory
    from backend.inventory.services.costing_runs import run_costing
    from backend.kernel.clock import day_of

    at = timezone.now()
    category = ItemCategory.objects.create(code="month", name="Month", cost_method="month_avg")
    Item.objects.filter(pk=item.pk).update(category=category)
    _write_moves(item, day_of(at).replace(day=1), days=max(day_of(at).day, 1))
    started = time.perf_counter()
    run_costing(month=day_of(at), actor=environment.actor(), at=at)
    return time.perf_counter() - started


def _write_moves(item: Any, first: Any, days: int = DAYS) -> None:
    from django.db import connection

    from backend.inventory.selectors import default_warehouse

    values = {"item": item.pk, "place": default_warehouse().pk, "first": first, "days": days, "moves": MOVES}  # type: ignore[union-attr]
    with connection.cursor() as cursor:
        cursor.execute(_MOVES, values)
        cursor.execute("ANALYZE inventory_stock_move")
