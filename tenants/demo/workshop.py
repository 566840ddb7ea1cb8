"""The sample company packs sets for new staff itself: an order of which some is made and for the rest labels are awaited."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from backend.catalog.inputs import ItemData
from backend.catalog.models import Item, Unit
from backend.catalog.services import save_item
from backend.inventory.services.assembly import save_kit
from backend.inventory.services.inputs import ComponentInput
from backend.kernel import clock
from backend.production.models import ProductionOrder
from backend.production.services import materials, orders, receipts
from backend.production.services.inputs import MaterialLineInput, ProductionData
from tenants.demo.masters import Stage
from tenants.demo.story import Word

NAME, SPEC = Word("新员工办公套装", "Starter set for new staff"), Word("五件一套", "five pieces")
PARTS = (("binder", 2), ("pen", 1), ("stapler", 1), ("label", 4))  # labels run short: the rest comes from the mill
SETS, ISSUED, MADE = 40, 12, 8


def lay_production(stage: Stage, at: datetime) -> None:
    """Sets for the week: material for a dozen is in the workshop, eight are packed."""
    kit = _kit(stage)
    by: dict[str, Any] = {"actor": stage.actor("warehouse"), "at": at}
    started = clock.day_of(at)
    data = ProductionData(
        item_id=kit.pk, qty=Decimal(SETS), start_date=started, finish_date=clock.day_of(stage.at) + timedelta(days=5)
    )
    order = orders.approve_order(order_id=orders.save_order(data=data, **by).pk, **by)
    lines = [MaterialLineInput(stage.items[key].pk, Decimal(ISSUED * qty)) for key, qty in PARTS]
    moved = materials.save_material(order_id=order.pk, kind="issue", doc_date=started, lines=lines, **by)
    materials.approve_material(document_id=moved.pk, **by)
    _receive(stage, order)


def _kit(stage: Stage) -> Item:
    by: dict[str, Any] = {"actor": stage.actor("owner"), "at": stage.at}
    unit = Unit.objects.get(code="set")
    data = ItemData(
        name=NAME.of(stage.language), spec=SPEC.of(stage.language), unit_id=unit.pk, sale_price=Decimal("198.00")
    )
    kit = save_item(data=data, **by)
    parts = [ComponentInput(stage.items[key].pk, Decimal(qty)) for key, qty in PARTS]
    save_kit(kit_id=kit.pk, lines=parts, **by)
    return kit


def _receive(stage: Stage, order: ProductionOrder) -> None:
    by: dict[str, Any] = {"actor": stage.actor("warehouse"), "at": stage.at}
    made = receipts.save_receipt(order_id=order.pk, doc_date=clock.day_of(stage.at), qty=Decimal(MADE), **by)
    receipts.approve_receipt(document_id=made.pk, **by)
