"""Items and prices for tests."""

from decimal import Decimal
from itertools import count
from typing import Any

from backend.catalog.models import Item, PriceList, Unit
from backend.catalog.services import ItemData, PriceLineData, PriceListData, save_item, save_price_list
from backend.kernel.actor import Actor
from tests.factories.parties import AT

_serial = count(1)


def make_item(name: str = "", *, unit: str = "pcs", **values: Any) -> Item:
    """An item that costs 100 with tax unless told otherwise."""
    values.setdefault("sale_price", Decimal("113"))
    data = ItemData(name=name or f"商品{next(_serial)}", unit_id=Unit.objects.get(code=unit).pk, **values)
    return save_item(actor=Actor.system(), at=AT, data=data)


def make_price_list(*prices: tuple[Item, Any], **values: Any) -> PriceList:
    """A price list of (item, price) or (item, price, from quantity)."""
    lines = tuple(
        PriceLineData(item_id=item.pk, price=Decimal(str(price)), min_qty=Decimal(str(step[0] if step else 0)))
        for item, price, *step in prices
    )
    return save_price_list(
        actor=Actor.system(), at=AT, data=PriceListData(name=values.pop("name", "价格表"), lines=lines, **values)
    )
