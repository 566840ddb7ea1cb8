"""Quotations, orders and deliveries for tests."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from backend.inventory.models import StockMove, Warehouse
from tests.factories.parties import AT


def default_warehouse() -> Warehouse:
    """The company's warehouse."""
    found, _made = Warehouse.objects.get_or_create(is_default=True, defaults={"code": "MAIN", "name": "主仓库"})
    return found


def put_stock(
    item: Any, qty: Any, *, value: Any = None, warehouse: Warehouse | None = None, lot: Any = None
) -> Warehouse:
    """Stock out of nothing: one opening move."""
    warehouse = warehouse or default_warehouse()
    StockMove.objects.create(
        item=item,
        warehouse=warehouse,
        lot=lot,
        kind="opening",
        qty_in=Decimal(str(qty)),
        value_in=Decimal(str(value if value is not None else Decimal(str(qty)) * 50)),
        move_date=AT.date(),
        moved_at=AT,
        doc_type="inventory.opening_stock",
        doc_id=uuid4(),
        doc_number="TEST",
    )
    return warehouse
