"""Items of every costing method, and moves of them as the documents of life make them."""

from decimal import Decimal
from itertools import count
from typing import Any

from backend.catalog.models import Item, ItemCategory
from backend.inventory.models import StockMove, Warehouse
from backend.inventory.services.inputs import LotInput, MoveInput
from backend.inventory.services.lots import ensure_lots
from backend.inventory.services.methods import set_cost_method
from backend.inventory.services.moves import post_moves
from backend.inventory.services.warehouses import save_warehouse
from tests.factories.availability import Paper
from tests.factories.catalog import make_item
from tests.factories.inventory import AT, SYSTEM, main_warehouse, moves_of

D = Decimal
_serial = count(1)


def item_costed_by(method: str, **values: Any) -> Item:
    """An item of a category of its own that is costed so."""
    number = next(_serial)
    category = ItemCategory.objects.create(code=f"{method}{number}", name=f"{method} {number}")
    set_cost_method(category_id=category.pk, cost_method=method, actor=SYSTEM, at=AT)
    return make_item(category_id=category.pk, **values)


def move(
    item: Item, *, place: Warehouse | None = None, paper: Any = None, kind: str = "", **values: Any
) -> list[StockMove]:
    """Post a move of an item; plain numbers will do."""
    names = ("qty_in", "qty_out", "value_in")
    values |= {name: D(str(values[name])) for name in names if values.get(name) is not None}
    kind = kind or ("sales_delivery" if values.get("qty_out") else "purchase_receipt")
    paper = paper or Paper()
    given = MoveInput(kind=kind, item_id=item.pk, warehouse_id=(place or main_warehouse()).pk, **values)
    post_moves([given], document=paper, actor=SYSTEM, at=AT)
    return moves_of(paper.pk)


def come(item: Item, qty: Any, value: Any, **values: Any) -> StockMove:
    return move(item, qty_in=qty, value_in=value, **values)[0]


def leave(item: Item, qty: Any, **values: Any) -> StockMove:
    return move(item, qty_out=qty, **values)[0]


def lot_of(item: Item, lot_no: str) -> Any:
    return ensure_lots([LotInput(item.pk, lot_no)], at=AT)[item.pk, lot_no]


def below_zero(place: Warehouse, allowed: bool = True) -> Warehouse:
    """The warehouse with stock below zero allowed (or not any more)."""
    return save_warehouse(
        code=place.code, name=place.name, allow_negative=allowed, warehouse_id=place.pk, actor=SYSTEM, at=AT
    )
