"""Production orders and their papers for tests, made by the same services as in life."""

from decimal import Decimal as D
from typing import Any

from backend.catalog.models import Item, ItemCategory
from backend.inventory.services.transit import workshop_location
from backend.production.models import ProductionComponent, ProductionMaterial, ProductionOrder, ProductReceipt
from backend.production.services import materials, orders, receipts
from backend.production.services.inputs import MaterialLineInput, PartOfOne, ProductionData
from tests.factories.catalog import make_item
from tests.factories.inventory import AT, SYSTEM, TODAY, balance_of, stock_up
from tests.factories.purchasing import day

BY: dict[str, Any] = {"actor": SYSTEM, "at": AT}


def make_production_order(
    item: Item, qty: Any, *parts: tuple[Item, Any] | tuple[Item, Any, Any], approve: bool = True, **more: Any
) -> ProductionOrder:
    """An order of (component, quantity for one[, scrap in %]) from the third to the seventh day from today."""
    wanted = tuple(PartOfOne(part[0].pk, D(str(part[1])), D(str(part[2])) if len(part) > 2 else D(0)) for part in parts)
    dates = {"start_date": day(3), "finish_date": day(7)} | more
    draft = orders.save_order(data=ProductionData(item.pk, D(str(qty)), parts=wanted, **dates), **BY)
    return orders.approve_order(order_id=draft.pk, **BY) if approve else draft


def move_material(order: ProductionOrder, kind: str, *lines: tuple[Item, Any], **more: Any) -> ProductionMaterial:
    """A booked paper of these quantities; without lines everything that is still to be moved."""
    given = [MaterialLineInput(item.pk, D(str(qty))) for item, qty in lines]
    saved = materials.save_material(order_id=order.pk, kind=kind, doc_date=TODAY, lines=given, **more, **BY)
    return materials.approve_material(document_id=saved.pk, **BY)


def receive_product(order: ProductionOrder, qty: Any = None, **more: Any) -> ProductReceipt:
    """Goods that are done; without a quantity all that is left."""
    wanted = None if qty is None else D(str(qty))
    saved = receipts.save_receipt(order_id=order.pk, doc_date=TODAY, qty=wanted, **more, **BY)
    return receipts.approve_receipt(document_id=saved.pk, **BY)


class Lamps:
    """Twenty lamps, each of two tubes (10.00 each, 5 % scrap) and a cord (0.50): 42 tubes and 20 cords."""

    def __init__(self, *, stock: bool = True, approve: bool = True) -> None:
        self.tube = make_item(category_id=ItemCategory.objects.get(code="materials").pk)
        self.cord, self.lamp = make_item(), make_item()
        if stock:
            stock_up(self.tube, 100, 1000)
            stock_up(self.cord, 100, 50)
        self.order = make_production_order(self.lamp, 20, (self.tube, 2, 5), (self.cord, 1), approve=approve)
        self.place = workshop_location()

    def now(self) -> ProductionOrder:
        """The order as it stands in the database."""
        return ProductionOrder.objects.get(pk=self.order.pk)

    def there(self) -> tuple[D, D, D]:
        """(tubes, cords, value) in the workshop."""
        tube, cord = (balance_of(item, self.place) for item in (self.tube, self.cord))
        return tube.on_hand, cord.on_hand, tube.value + cord.value

    def tubes(self) -> ProductionComponent:
        return ProductionComponent.objects.get(order=self.order, item=self.tube)
