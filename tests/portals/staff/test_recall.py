"""M-05 on the pages: the lot's page leads to its recall, one button stops it, the list is downloaded."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

pytestmark = pytest.mark.django_db


@pytest.fixture
def lot(world: SimpleNamespace) -> Any:
    from decimal import Decimal as D

    from backend.catalog.inputs import ItemData
    from backend.catalog.services import save_item
    from backend.inventory.models import Lot
    from backend.inventory.services import opening
    from backend.inventory.services.inputs import OpeningLineInput
    from backend.sales.services import deliveries, orders
    from backend.sales.services.inputs import LineInput, OrderData

    who = {"actor": world.actor, "at": timezone.now()}
    item = save_item(data=ItemData(name="奶粉", code="MILK", lot_tracked=True, sale_price=D(99)), **who)
    line = OpeningLineInput(item.pk, D(50), D(20), lot_no="M-1")
    stock = opening.save_opening_stock(doc_date=world.today, warehouse_id=world.warehouse.pk, lines=[line], **who)
    opening.approve_opening_stock(document_id=stock.pk, **who)

    def ordered(qty: int) -> Any:
        data = OrderData(customer_id=world.wenlan.pk, requested_date=world.today, lines=(LineInput(item.pk, D(qty)),))
        return orders.approve_order(order_id=orders.save_order(data=data, **who).pk, **who)

    deliveries.ship_order(order_id=ordered(8).pk, **who)
    found = Lot.objects.get(item=item)
    draft = deliveries.create_delivery_from_order(order_id=ordered(5).pk, **who)
    draft.lines.update(lot=found)
    return found


def test_m_05_one_button_stops_a_lot(world, browser, lot):
    from backend.sales.models import SalesDeliveryLine

    client = browser("warehouse_lead")
    assert f"/inventory/lots/{lot.pk}/recall/" in client.get(f"/inventory/lots/{lot.pk}/").content.decode()
    page = client.get(f"/inventory/lots/{lot.pk}/recall/").content.decode()
    assert world.wenlan.name in page
    assert SalesDeliveryLine.objects.filter(lot=lot, document__approval="draft").get().document.number in page
    refused = client.post(f"/inventory/lots/{lot.pk}/recall/", {"reason": ""})
    assert refused.status_code == 400
    done = client.post(f"/inventory/lots/{lot.pk}/recall/", {"reason": "胀包"}, follow=True)
    assert done.status_code == 200
    lot.refresh_from_db()
    assert (lot.state, lot.hold_reason) == ("held", "胀包")
    assert not SalesDeliveryLine.objects.filter(lot=lot, document__approval="draft").exists()
    sheet = client.get(f"/inventory/lots/{lot.pk}/recall/list/")
    assert sheet.status_code == 200
    assert sheet.content.startswith(b"PK")


def test_only_who_may_hold_lots_recalls(browser, lot):
    client = browser("sales_rep")
    assert client.get(f"/inventory/lots/{lot.pk}/recall/").status_code == 403
    assert client.post(f"/inventory/lots/{lot.pk}/recall/", {"reason": "x"}).status_code == 403
    assert browser().get("/inventory/lots/01a200de-d123-7000-af9f-1f6de7515209/recall/").status_code == 404
