"""Quotations, orders and deliveries for tests."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from backend.inventory.models import StockMove, Warehouse
from backend.kernel.actor import Actor
from backend.sales.models import SalesOrder
from backend.sales.services import orders
from backend.sales.services.inputs import LineInput, OrderData
from tests.factories.parties import AT, make_customer


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


def order_data(customer: Any, *lines: Any, day: date | None = None, **header: Any) -> OrderData:
    """An order as keyed; a line is (item, qty), (item, qty, price) or a LineInput."""
    return OrderData(
        customer_id=customer.pk,
        requested_date=day or AT.date() + timedelta(days=3),
        lines=tuple(line if isinstance(line, LineInput) else line_input(*line) for line in lines),
        **header,
    )


def line_input(item: Any, qty: Any, price: Any = None, **more: Any) -> LineInput:
    """A line as keyed."""
    price = None if price is None else Decimal(str(price))
    return LineInput(item_id=item.pk, qty=Decimal(str(qty)), price=price, **more)


def make_order(*lines: Any, customer: Any = None, actor: Actor | None = None, **header: Any) -> SalesOrder:
    """A draft order."""
    data = order_data(customer or make_customer(), *lines, **header)
    return orders.save_order(data=data, actor=actor or Actor.system(), at=AT)


def approved_order(*lines: Any, customer: Any = None, actor: Actor | None = None, **header: Any) -> SalesOrder:
    """An approved order."""
    order = make_order(*lines, customer=customer, actor=actor, **header)
    return orders.approve_order(order_id=order.pk, actor=actor or Actor.system(), at=AT)
