"""Warehouses and stock for tests, made by the services of life."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from backend.catalog.models import Item
from backend.inventory.models import OpeningStock, StockBalance, StockMove, Warehouse
from backend.inventory.services.inputs import OpeningLineInput
from backend.inventory.services.opening import approve_opening_stock, save_opening_stock
from backend.inventory.services.warehouses import save_warehouse
from backend.kernel.actor import Actor

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
SYSTEM = Actor.system()
_serial = count(1)


def make_warehouse(name: str = "") -> Warehouse:
    """Another warehouse beside the seeded default."""
    number = next(_serial)
    return save_warehouse(code=f"T{number:03d}", name=name or f"Warehouse {number}", actor=SYSTEM, at=AT)


def main_warehouse() -> Warehouse:
    """The warehouse every company begins with."""
    return Warehouse.objects.get(is_default=True)


def stock_up(item: Item, qty: Any, value: Any = 0, *, warehouse: Warehouse | None = None, **line: Any) -> OpeningStock:
    """Book opening stock of an item; ``line`` may name a lot and its expiry date."""
    document = save_opening_stock(
        doc_date=TODAY,
        warehouse_id=(warehouse or main_warehouse()).pk,
        lines=[OpeningLineInput(item.pk, Decimal(str(qty)), value=Decimal(str(value)), **line)],
        actor=SYSTEM,
        at=AT,
    )
    return approve_opening_stock(document_id=document.pk, actor=SYSTEM, at=AT)


def balance_of(item: Item, warehouse: Warehouse | None = None) -> StockBalance:
    """The balance as it stands in the database."""
    return StockBalance.objects.get(item=item, warehouse=warehouse or main_warehouse())


def numbers_of(item: Item, warehouse: Warehouse | None = None) -> tuple[Decimal, Decimal, Decimal]:
    """(on hand, reserved, available)."""
    balance = balance_of(item, warehouse)
    return balance.on_hand, balance.reserved, balance.available


def moves_of(document_id: UUID) -> list[StockMove]:
    """A document's moves in their order."""
    return list(StockMove.objects.filter(doc_id=document_id).order_by("id"))


@contextmanager
def refuses(kind: type[Exception], match: str = "") -> Iterator[Any]:
    """What is inside is refused, and nothing of it stays."""
    with pytest.raises(kind, match=match or None) as caught, transaction.atomic():
        yield caught
