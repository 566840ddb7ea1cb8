"""50 receipts and issues of the same lots at once, by ten threads: no failure, and every sum exact."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from infra.benchmarks import environment
from infra.benchmarks.report import Figure

DEEDS, THREADS, ITEMS, FIRST = 50, 10, 5, Decimal(1000)


@dataclass
class Paper:
    """What stands for a document: enough of one to post moves for."""

    DOC_TYPE: str = "bench.paper"
    pk: UUID = field(default_factory=uuid4)
    number: str = "BENCH"
    doc_date: date = field(default_factory=date.today)


def run() -> list[Figure]:
    """All deeds at once; then the balances are compared with what was done."""
    from backend.kernel.tenancy import run_in

    environment.new_database()
    with run_in(environment.company()):
        items, _customers = environment.fill_company(items=ITEMS, customers=1, stock=0)
        type(items[0])._default_manager.update(lot_tracked=True)
        _post(items, "A", FIRST)
        started = time.perf_counter()
        with ThreadPoolExecutor(THREADS) as pool:
            failures = Counter(words for words in pool.map(lambda n: _deed(items, n), range(DEEDS)) if words)
        spent = time.perf_counter() - started
        wrong = _wrong(items)
    return [
        Figure("lots", "receipts and issues a second", DEEDS / spent, "/s"),
        Figure("lots", f"deeds that failed {dict(failures) or ''}".strip(), failures.total(), "", "0", not failures),
        Figure("lots", "sums that are wrong", wrong, "", "0", not wrong),
    ]


def _deed(items: list[Any], number: int) -> str:
    from django.db import connections

    from backend.kernel.tenancy import run_in

    ordered = items if number % 4 < 2 else items[::-1]
    try:
        with run_in(environment.company()):
            _post(ordered, "ABC"[number % 3], Decimal(4)) if number % 2 else _post(ordered, "", Decimal(-3))
    except Exception as problem:
        return f"{type(problem).__name__}: {problem}"[:120]
    finally:
        connections.close_all()
    return ""


def _post(items: list[Any], lot_no: str, qty: Decimal) -> None:
    from django.db import transaction
    from django.utils import timezone

    from backend.inventory.models import Warehouse
    from backend.inventory.services.inputs import LotInput, MoveInput
    from backend.inventory.services.lots import ensure_lots
    from backend.inventory.services.moves import post_moves

    at, place = timezone.now(), Warehouse.objects.get(is_default=True).pk
    with transaction.atomic():
        found = ensure_lots([LotInput(item.pk, lot_no) for item in items], at=at) if lot_no else {}
        moves = [
            MoveInput("opening", item.pk, place, qty_in=qty, value_in=qty * 2, lot_id=found[item.pk, lot_no].pk)
            if lot_no
            else MoveInput("sales_delivery", item.pk, place, qty_out=-qty)
            for item in items
        ]
        post_moves(moves, document=Paper(), actor=environment.actor(), at=at)  # type: ignore[arg-type]


def _wrong(items: list[Any]) -> int:
    from django.db.models import Sum

    from backend.inventory.models import LotBalance, StockBalance

    left = FIRST + 4 * Decimal(DEEDS // 2) - 3 * Decimal(DEEDS // 2)
    on_hand = dict(StockBalance.objects.values_list("item_id", "on_hand"))
    in_lots = dict(LotBalance.objects.values_list("item_id").annotate(n=Sum("on_hand")))
    return sum(1 for item in items if not on_hand[item.pk] == in_lots[item.pk] == left)
