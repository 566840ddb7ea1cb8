"""INV-01 on the screen: bins are set up, goods put away, a delivery picked in walking order, a bin scanned."""

from decimal import Decimal as D
from typing import Any

import pytest
from django.utils import timezone

from backend.inventory.models import Bin, BinBalance, BinMove
from backend.inventory.services.bins import save_bin
from backend.sales.services import deliveries

pytestmark = pytest.mark.django_db


@pytest.fixture
def places(world: Any) -> tuple[Bin, Bin]:
    make = {"warehouse_id": world.warehouse.pk, "actor": world.actor, "at": timezone.now()}
    return save_bin(code="DOCK", sequence=9, **make), save_bin(code="A-01", zone="A", sequence=1, **make)


def test_bins_are_set_up(world, browser, places):
    client = browser()
    form = {"warehouse_id": str(world.warehouse.pk), "code": "B-01", "zone": "B", "sequence": "2", "active": "on"}
    assert client.post("/inventory/bins/new/", {**form, "code": "A-01"}).status_code == 400
    assert client.post("/inventory/bins/new/", form).status_code == 302
    made = Bin.objects.get(code="B-01")
    assert client.post(f"/inventory/bins/{made.pk}/edit/", {**form, "sequence": "5"}).status_code == 302
    page = f"/inventory/bins/{made.pk}/"
    assert client.post(f"{page}items/", {"code": "NOBODY"}).status_code == 400
    assert client.post(f"{page}items/", {"code": "PA4"}).status_code == 302
    assert "PA4" in client.get(page).content.decode()
    for address in ("/inventory/bins/", "/inventory/bins/stock/"):
        assert "A-01" in client.get("/inventory/bins/?view=all").content.decode()
        assert client.get(f"{address}?export=csv").status_code == 200
    assert browser("sales_rep").get("/inventory/bins/new/").status_code == 403
    assert client.get(f"/inventory/bins/{world.warehouse.pk}/").status_code == 404


def test_goods_are_put_away_picked_and_scanned(world, browser, places, order_of):
    client, (dock, shelf) = browser(), places
    line = {"lines-0-item_id": str(world.paper.pk), "lines-0-item_id_code": "PA4", "lines-0-qty": "5"}
    head = {"warehouse_id": str(world.warehouse.pk), "doc_date": world.today.isoformat()}
    wrong = client.post(
        "/inventory/bin-moves/new/", {**head, **line, "lines-0-source": "DOCK", "lines-0-destination": "Z"}
    )
    assert wrong.status_code == 400
    typed = {**head, **line, "lines-0-source": "DOCK", "lines-0-destination": "A-01"}
    assert client.post("/inventory/bin-moves/new/", typed).status_code == 302
    move = BinMove.objects.get()
    page = f"/inventory/bin-moves/{move.number}/"
    assert client.post(f"{page}approval/", {"version": move.version}).status_code == 302
    assert BinBalance.objects.get(bin=shelf, item=world.paper).on_hand == 5
    assert client.get(page).status_code == 200
    assert client.get(f"{page}print/")["Content-Type"] == "application/pdf"
    order = order_of({"PA4": 7}, approved=True)
    delivery = deliveries.create_delivery_from_order(order_id=order.pk, actor=world.actor, at=timezone.now())
    picks = f"/inventory/bins/of/sales.delivery/{delivery.pk}/"
    assert picks in client.get(f"/sales/deliveries/{delivery.number}/").content.decode()
    shown = client.get(picks).content.decode()
    assert shown.index("A-01") < shown.index("DOCK")
    assert client.get(f"{picks}print/")["Content-Type"] == "application/pdf"
    field = f"b-{delivery.lines.get().pk}"
    refused = client.post(picks, {field: "A-01 6"})
    assert refused.status_code == 400
    assert "A-01 6" in refused.content.decode()
    assert client.post(picks, {field: "DOCK 7"}).status_code == 302
    assert (
        client.post("/inventory/scan/", {"mode": "pick", "code": delivery.number}).content.decode().count("DOCK") == 1
    )
    assert "PA4" in client.post("/inventory/scan/", {"mode": "look", "code": "a-01"}).content.decode()
    assert client.post(f"/sales/deliveries/{delivery.number}/approval/").status_code == 302
    assert BinBalance.objects.get(bin=shelf, item=world.paper).on_hand == D(5)
    assert "DOCK" in client.get(picks).content.decode()
    assert browser("sales_rep").post(picks, {}).status_code in (403, 400)
    assert client.get(f"/inventory/bins/of/sales.delivery/{dock.pk}/").status_code == 404
