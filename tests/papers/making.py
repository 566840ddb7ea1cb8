"""What the workshop writes: orders, material and product receipts, drafts and booked ones."""

from typing import Any

from backend.catalog.models import Item
from backend.inventory.services.inputs import OpeningLineInput
from backend.inventory.services.opening import approve_opening_stock, save_opening_stock
from backend.production.models import ProductionOrder
from backend.production.services import materials, orders, receipts
from backend.production.services.inputs import MaterialLineInput, PartOfOne, ProductionData
from tests.scenarios.world import D, World


def workshop_papers(world: World, mark: str) -> ProductionOrder:
    """An order of which some is made and material lies in the workshop; another one as a draft."""
    who: Any = {"actor": world.keeper, "at": world.at}
    table, leg = (world.item(f"{mark[:4]}-{name}", f"{mark} {name}") for name in ("table", "leg"))
    _put_in_stock(world, leg, who)
    parts = (PartOfOne(leg.pk, D(4)),)
    data = ProductionData(table.pk, D(10), world.today, world.day(4), parts, world.warehouse.pk, remark=mark)
    orders.save_order(data=data, **who)
    order = orders.approve_order(order_id=orders.save_order(data=data, **who).pk, **who)
    for kind, qty in (("issue", 20), ("return", 3)):
        lines = [MaterialLineInput(leg.pk, D(qty))]
        moved = materials.save_material(order_id=order.pk, kind=kind, doc_date=world.today, lines=lines, **who)
        if kind == "issue":
            materials.approve_material(document_id=moved.pk, **who)
    for approve in (True, False):
        came = receipts.save_receipt(order_id=order.pk, doc_date=world.today, qty=D(2), **who)
        if approve:
            receipts.approve_receipt(document_id=came.pk, **who)
    return order


def _put_in_stock(world: World, item: Item, who: dict[str, Any]) -> None:
    counted = [OpeningLineInput(item.pk, D(60), unit_cost=D(7))]
    opened = save_opening_stock(doc_date=world.today, warehouse_id=world.warehouse.pk, lines=counted, **who)
    approve_opening_stock(document_id=opened.pk, **who)
