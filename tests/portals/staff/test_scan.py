"""INV-15: the phone receives and picks by scanning, and a scan that is sent again is done once. Labels carry the code."""

from datetime import timedelta
from decimal import Decimal as D
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

pytestmark = pytest.mark.django_db
PAGE = "/inventory/scan/"


def send(client: Any, mode: str, code: str, key: str = "") -> Any:
    data = {"mode": mode, "code": code, "key": key or str(uuid4())}
    return client.post(PAGE, data, headers={"X-Requested-With": "scan"})


@pytest.fixture
def notice(world: SimpleNamespace) -> Any:
    from backend.catalog.inputs import ItemData
    from backend.catalog.services import save_item
    from backend.kernel.actor import Actor
    from backend.purchasing.services import asns, confirmations, orders
    from backend.purchasing.services.inputs import AsnData, AsnLineInput, LineInput, OrderData

    who = {"actor": world.actor, "at": timezone.now()}
    item = save_item(
        data=ItemData(name="奶粉", code="MILK", barcode="6901234567892", lot_tracked=True, sale_price=D(50)), **who
    )
    needed = world.today + timedelta(days=5)
    data = OrderData(supplier_id=world.supplier.pk, requested_date=needed, lines=(LineInput(item.pk, D(24), D(10)),))
    order = orders.approve_order(order_id=orders.save_order(data=data, **who).pk, **who)
    seller = Actor(kind="supplier", name="李", party_id=world.supplier.pk, channel="portal")
    confirmations.confirm_order_all(order_id=order.pk, actor=seller, at=who["at"])
    lines = [AsnLineInput(order.lines.get().pk, D(24), lot_no="M-7")]
    return asns.submit_asn(data=AsnData(lines=lines, expected_date=world.today), actor=seller, at=who["at"])


def test_inv_15_one_scan_receives_and_a_retry_posts_once(world, browser, notice):
    from backend.inventory.models import StockBalance
    from backend.purchasing.models import PurchaseReceipt

    client, key = browser("warehouse_lead"), str(uuid4())
    assert "data-tk-scan" in client.get(PAGE).content.decode()
    code = f"https://alpha.localhost/purchasing/asns/{notice.number}/"
    first, second = send(client, "receive", code, key), send(client, "receive", code, key)
    assert (first.status_code, second.status_code) == (200, 200)
    receipt = PurchaseReceipt.objects.get(asn=notice)
    assert receipt.number in first.content.decode()
    assert receipt.number in second.content.decode()
    assert StockBalance.objects.get(item__code="MILK").on_hand == 24
    other = send(client, "receive", notice.number)
    assert other.status_code == 409
    assert StockBalance.objects.get(item__code="MILK").on_hand == 24


def test_inv_15_a_delivery_is_picked_first_expired_first_and_booked_out(world, browser, notice, order_of):
    from backend.inventory.models import LotBalance
    from backend.sales.services import deliveries

    client = browser("warehouse_lead")
    send(client, "receive", notice.number)
    order = order_of({"MILK": 5}, approved=True)
    delivery = deliveries.create_delivery_from_order(order_id=order.pk, actor=world.actor, at=timezone.now())
    page = send(client, "pick", delivery.number).content.decode()
    assert "M-7" in page
    assert "6901234567892" in page
    key = str(uuid4())
    assert send(client, "ship", delivery.number, key).status_code == 200
    assert send(client, "ship", delivery.number, key).status_code == 200
    assert LotBalance.objects.get(lot__lot_no="M-7").on_hand == 19
    assert send(client, "ship", delivery.number).status_code == 409


def test_scm_12_scanning_labels_ticks_the_lines_off(world, browser, notice, order_of):
    """SCM-12, INV-15: a barcode, a lot's label or a tap; sent again it is done once; a label of other goods is told."""
    from backend.inventory.models import Lot
    from backend.logistics.models import Milestone
    from backend.sales.services import deliveries

    client = browser("warehouse_lead")
    send(client, "receive", notice.number)
    order = order_of({"MILK": 5, "PA4": 3}, approved=True)
    delivery = deliveries.create_delivery_from_order(order_id=order.pk, actor=world.actor, at=timezone.now())
    assert delivery.number in client.get(f"{PAGE}?pick={delivery.number}").content.decode()

    def tick(code, key=""):
        data = {"mode": "tick", "code": code, "delivery": delivery.number, "key": key or str(uuid4())}
        return client.post(PAGE, data, headers={"X-Requested-With": "scan"})

    key, label = str(uuid4()), f"https://alpha.localhost/inventory/lots/{Lot.objects.get(lot_no='M-7').pk}/"
    assert (tick(label, key).status_code, tick(label, key).status_code) == (200, 200)
    milk, paper = delivery.lines.order_by("line_no")
    assert (bool(milk.picked_at), paper.picked_at) == (True, None)
    assert tick("ST100").status_code == 404
    assert send(client, "pack", delivery.number).status_code == 409
    assert 'value="pack"' in tick("pa4").content.decode()
    assert send(client, "pack", delivery.number).status_code == 200
    told = Milestone.objects.filter(shipment__direction="out").order_by("id")
    assert list(told.values_list("kind", flat=True)) == ["picked", "packed"]
    reader = browser("accountant")
    data = {"mode": "tick", "code": "PA4", "delivery": delivery.number, "key": str(uuid4())}
    assert reader.post(PAGE, data).status_code == 403


def test_lots_items_and_rubbish_are_told_apart(browser, notice):
    client = browser("warehouse_lead")
    send(client, "receive", notice.number)
    assert "/inventory/lots/" in send(client, "look", "m-7").content.decode()
    item = send(client, "look", "6901234567892").content.decode()
    assert "奶粉" in item
    assert "即时库存" in item
    assert send(client, "look", "nothing").status_code == 404
    assert send(client, "receive", notice.number, "short").status_code == 400
    assert client.post(PAGE, {"mode": "look", "code": "nothing", "key": "x"}).status_code == 404


def test_rights_hold_for_scans(browser, notice):
    seller = browser("sales_rep")
    assert send(seller, "receive", notice.number).status_code == 404
    assert send(browser("picker"), "receive", notice.number).status_code == 403
    assert browser("accountant").get(PAGE).status_code == 200


def test_labels_are_printed_by_the_supplier_and_by_the_warehouse(browser, notice):
    from tests.people import client_of, make_member

    seller = client_of(make_member("supplier_admin", party=notice.supplier))
    assert seller.get(f"/supplier/shipments/{notice.number}/labels/").content.startswith(b"%PDF")
    assert seller.get("/supplier/shipments/SHTZ-NONE/labels/").status_code == 404
    assert seller.get(f"/supplier/shipments/{notice.number}/print/").content.startswith(b"%PDF")
    client = browser("warehouse_lead")
    send(client, "receive", notice.number)
    receipt = notice.receipts.get()
    for address in (
        f"/purchasing/asns/{notice.number}/labels/",
        f"/purchasing/asns/{notice.number}/print/",
        f"/purchasing/receipts/{receipt.number}/labels/",
    ):
        answer = client.get(address)
        assert answer.content.startswith(b"%PDF"), address
    assert browser("sales_rep").get(f"/purchasing/asns/{notice.number}/labels/").status_code == 403


def test_inv_02_a_pieces_own_label_ticks_its_line(world, browser):
    """INV-02, SCM-12: the piece is kept on its line, which is ticked once it has all; a piece of elsewhere is refused."""
    from backend.inventory.models import LineSerials, Serial
    from backend.sales.services import deliveries
    from tests.factories.sales import approved_order
    from tests.factories.serials import pieces, serial_item

    drill, saw, client = serial_item(name="电钻"), serial_item(name="电锯"), browser("warehouse_lead")
    pieces(drill, "DR-1", "DR-2", "DR-3", value=30)
    pieces(saw, "SG-1", value=10)
    order = approved_order((drill, 2), customer=world.wenlan)
    delivery = deliveries.create_delivery_from_order(order_id=order.pk, actor=world.actor, at=timezone.now())
    line = delivery.lines.get()

    def scan(code: str, key: str = "") -> Any:
        data = {"mode": "pick", "code": code, "delivery": delivery.number, "key": key or str(uuid4())}
        return client.post(PAGE, data, headers={"X-Requested-With": "scan"})

    assert scan("dr-1").status_code == 200
    line.refresh_from_db()
    assert (line.picked_at, LineSerials.objects.get(line_id=line.pk).serial_nos) == (None, ["DR-1"])
    key, label = str(uuid4()), f"https://alpha.localhost/inventory/serials/{Serial.objects.get(serial_no='DR-3').pk}/"
    assert "DR-1, DR-3" in scan(label, key).content.decode()
    assert scan(label, key).status_code == 200
    line.refresh_from_db()
    assert line.picked_at
    assert LineSerials.objects.get(line_id=line.pk).serial_nos == ["DR-1", "DR-3"]
    other, foreign = scan("DR-2"), scan("SG-1")
    assert (other.status_code, foreign.status_code) == (409, 404)
    assert "DR-1, DR-3" in other.content.decode()
    assert "SG-1" in foreign.content.decode()
    deliveries.approve_delivery(delivery_id=delivery.pk, actor=world.actor, at=timezone.now())
    left = Serial.objects.filter(item=drill, warehouse__isnull=False)
    assert list(left.values_list("serial_no", flat=True)) == ["DR-2"]
