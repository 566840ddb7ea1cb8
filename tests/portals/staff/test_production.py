"""Production through its pages and over the API (PRO-04, PUR-02): ordered, material issued, goods received, what comes."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.utils import timezone

from backend.inventory.models import StockBalance
from backend.inventory.services.assembly import save_kit
from backend.inventory.services.inputs import ComponentInput
from backend.production.models import ProductionMaterial, ProductionOrder, ProductReceipt
from backend.production.services import materials, orders
from backend.production.services.inputs import PartOfOne, ProductionData
from backend.purchasing.services import orders as purchases
from backend.purchasing.services.inputs import LineInput, OrderData
from backend.workflow.services import set_parameter
from tests.api.caller import Caller

pytestmark = pytest.mark.django_db


@pytest.fixture
def who(world: Any) -> dict[str, Any]:
    return {"actor": world.actor, "at": timezone.now()}


@pytest.fixture
def order_to_make(world: Any, who: dict[str, Any]) -> Callable[..., ProductionOrder]:
    """An approved order for staplers of paper; 80 packs of paper lie in stock."""

    def make(qty: int, per: int = 1, days: int = 5) -> ProductionOrder:
        data = ProductionData(
            item_id=world.stapler.pk,
            qty=D(qty),
            start_date=world.today + timedelta(days=1),
            finish_date=world.today + timedelta(days=days),
            parts=(PartOfOne(world.paper.pk, D(per)),),
        )
        return orders.approve_order(order_id=orders.save_order(data=data, **who).pk, **who)

    return make


def test_pro_04_ordered_by_its_kit_issued_received_and_done(world: Any, browser: Any, who: dict[str, Any]) -> None:
    client = browser("warehouse_lead")
    save_kit(kit_id=world.stapler.pk, lines=[ComponentInput(world.paper.pk, D(2), scrap_pct=D(10))], **who)
    assert "/production/orders/new/?item=ST100" in client.get(f"/items/{world.stapler.pk}/").content.decode()
    assert "/production/orders/new/?item" not in client.get(f"/items/{world.paper.pk}/").content.decode(), (
        "bought, not made"
    )
    begun = client.get("/production/orders/new/?item=ST100&qty=10").content.decode()
    assert 'value="PA4"' in begun
    form = {
        "item_id_code": "ST100",
        "qty": "10",
        "start_date": world.today.isoformat(),
        "finish_date": (world.today + timedelta(days=4)).isoformat(),
        "warehouse_id": str(world.warehouse.pk),
        "doc_date": world.today.isoformat(),
        "remark": "kept words",
    }
    wrong = client.post("/production/orders/new/", form | {"lines-0-item_id_code": "PA4", "lines-0-qty": "0"})
    assert wrong.status_code == 400
    assert "kept words" in wrong.content.decode()
    made = client.post("/production/orders/new/", form)
    assert made.status_code == 302, made.content.decode()[:3000]
    order = ProductionOrder.objects.get()
    page = f"/production/orders/{order.number}/"
    assert client.post(f"{page}edit/", form | {"version": order.version}).status_code == 302
    assert client.post(f"{page}approval/").status_code == 302
    assert [row["label"] for row in client.get("/production/pick/?q=订书机").json()["results"]] == [order.number]
    moving = f"/production/materials/new/?order={order.number}&kind=issue"
    shown = client.get(page).content.decode()
    assert moving.replace("&", "&amp;") in shown
    assert "22" in client.get(moving).content.decode()  # 10 × 2 × 1.10
    paper = {
        "order": str(order.pk),
        "kind": "issue",
        "doc_date": world.today.isoformat(),
        "warehouse_id": str(world.warehouse.pk),
        "lines-0-item_id_code": "PA4",
        "lines-0-qty": "22",
    }
    assert client.post(moving, paper | {"order": "?"}).status_code == 400
    assert client.post(moving, paper).status_code == 302
    moved = ProductionMaterial.objects.get()
    assert client.post(f"/production/materials/{moved.number}/approval/").status_code == 302
    assert StockBalance.objects.get(warehouse__kind="workshop").value == 22 * 95
    receiving = f"/production/receipts/new/?order={order.number}"
    assert receiving in client.get(page).content.decode()
    goods = {
        "order": str(order.pk),
        "qty": "",
        "doc_date": world.today.isoformat(),
        "warehouse_id": str(world.warehouse.pk),
    }
    assert client.post(receiving, goods | {"qty": "11"}).status_code == 409
    assert client.post(receiving, goods).status_code == 302
    receipt = ProductReceipt.objects.get()
    assert client.post(f"/production/receipts/{receipt.number}/approval/").status_code == 302
    order.refresh_from_db()
    assert (order.receipt, order.closing) == ("full", "auto_closed")
    for kind, number in (("orders", order), ("materials", moved), ("receipts", receipt)):
        for step in ("", "print/?lang=en"):
            assert client.get(f"/production/{kind}/{number}/{step}").status_code == 200, (kind, step)
        look = "?view=all" if number == order else "?view=all&by=lines"
        assert str(number) in client.get(f"/production/{kind}/{look}").content.decode(), kind
    assert page in client.get(f"/search/?q={order}").content.decode()
    assert browser().get("/settings/numbering/production.order/").status_code == 200


def test_pro_04_what_is_left_goes_back_and_a_short_order_is_closed(
    world: Any, browser: Any, order_to_make: Any, who: dict[str, Any]
) -> None:
    client, order = browser(), order_to_make(10)
    page = f"/production/orders/{order.number}/"
    moved = materials.save_material(order_id=order.pk, kind="issue", doc_date=world.today, **who)
    materials.approve_material(document_id=moved.pk, **who)
    lying = client.get("/production/workshop/").content.decode()
    assert "复印纸" in lying
    refused = client.post(f"{page}closing/", {"reason": "no more", "version": order.version})
    assert refused.status_code == 409
    back = client.get(f"/production/materials/new/?order={order.number}&kind=return").content.decode()
    assert 'value="10"' in back
    assert client.post(f"/production/materials/{moved.number}/approval/undo/", {"reason": "x"}).status_code == 302
    assert client.post(f"/production/materials/{moved.number}/void/").status_code == 302
    assert client.post(f"{page}closing/", {"reason": "no more"}).status_code == 302
    assert client.post(f"{page}closing/undo/").status_code == 302
    assert client.post(f"{page}approval/undo/", {"reason": "another day"}).status_code == 302
    assert client.post(f"{page}void/").status_code == 302
    order.refresh_from_db()
    assert order.approval == "voided"


def test_pur_02_the_order_lists_what_was_bought_for_its_components(
    world: Any, browser: Any, member_for: Any, order_to_make: Any, who: dict[str, Any], statements: Any
) -> None:
    """Of 100 wanted 80 lie here; the rest hangs on a purchase line with supplier, day and by how much it is late."""
    made = order_to_make(10, per=10)
    page = f"/production/orders/{made.number}/"
    lines = [LineInput(world.paper.pk, D(20), price=D(7))]
    later = OrderData(supplier_id=world.supplier.pk, requested_date=world.today + timedelta(days=9), lines=lines)
    bought = purchases.approve_order(order_id=purchases.save_order(data=later, **who).pk, **who)
    keeper = browser("warehouse_lead")
    keeper.get(page)
    with statements(14):
        shown = keeper.get(page).content.decode()
    coming = shown[shown.index('id="coming"') :]
    assert f'href="/purchasing/orders/{bought.number}/"' in coming
    assert "恒信纸业" in coming
    assert "晚" in coming
    set_parameter(key="sales.show_suppliers", value=False, **who)
    assert "恒信纸业" not in browser("sales_rep").get(page).content.decode()
    at = f"production/orders/{made.number}/components/"
    [row] = Caller.of(member_for("warehouse_lead")).call("GET", at).json()
    assert (row["needed_qty"], row["to_issue_qty"], row["reserved_qty"]) == ("100.0000", "100.0000", "80.0000")
    [source] = row["sources"]
    assert (source["doc_type"], source["number"], source["qty"]) == ("purchasing.order", bought.number, "20.0000")
    assert Caller.of(member_for("accountant")).call("GET", at).status_code == 200
    assert Caller.of(member_for("service_agent")).call("GET", at).status_code == 403


def test_pur_02_the_customers_line_says_that_it_is_being_made(
    world: Any, browser: Any, order_of: Any, order_to_make: Any, statements: Any
) -> None:
    """60 staplers lie here, 20 more are made by the fifth day: the page of the sales order and the promise both say so."""
    made = order_to_make(20)
    sold = order_of({"ST100": 80}, approved=True)
    page, client = f"/sales/orders/{sold.number}/", browser()
    client.get(page)
    with statements(12):
        shown = client.get(page).content.decode()
    coming = shown[shown.index('id="coming"') :]
    assert f'href="/production/orders/{made.number}/"' in coming
    assert "自制" in coming
    why = client.get(f"{page}lines/1/promise/").content.decode()
    assert made.number in why
    assert f'href="{page}"' in client.get(f"/production/orders/{made.number}/").content.decode()
    assert "供应商" not in why[why.index("<main") :]


def test_rights_and_unknown_numbers(world: Any, browser: Any) -> None:
    stranger = browser("service_agent")
    for path in ("orders/", "orders/new/", "pick/", "materials/", "receipts/new/", "workshop/"):
        assert stranger.get(f"/production/{path}").status_code == 403, path
    keeper = browser("warehouse_lead")
    for path in ("orders/SCRW-0/", "orders/SCRW-0/edit/", "materials/SCLL-0/", "receipts/CPRK-0/print/"):
        assert keeper.get(f"/production/{path}").status_code == 404, path
    assert keeper.get("/production/materials/new/?order=SCRW-0").status_code == 200


def test_the_api_writes_orders_moves_material_and_receives(world: Any, member_for: Any) -> None:
    caller = Caller.of(member_for("owner"))
    day = world.today.isoformat()
    body = {
        "item_id": str(world.stapler.pk),
        "qty": "5",
        "start_date": day,
        "finish_date": day,
        "parts": [{"item_id": str(world.paper.pk), "qty": "1"}],
    }
    made = caller.call("POST", "production/orders/", body)
    assert made.status_code == 201, made.content
    order = made.json()
    assert order["components"][0]["qty_per"] == "1.0000"
    at = f"production/orders/{order['number']}/"
    assert caller.call("POST", f"{at}approval/", {}).status_code == 200
    wanted = {"order_id": order["id"], "kind": "issue", "doc_date": day}
    moved = caller.call("POST", "production/materials/", wanted).json()
    booked = caller.call("POST", f"production/materials/{moved['number']}/approval/", {}).json()
    assert booked["lines"][0]["value"] == "475.00"
    came = caller.call("POST", "production/receipts/", {"order_id": order["id"], "doc_date": day, "qty": "2"}).json()
    received = caller.call("POST", f"production/receipts/{came['number']}/approval/", {}).json()
    assert (received["total_value"], received["lines"][0]["qty"]) == ("190.00", "2.0000")
    assert caller.call("DELETE", f"production/receipts/{came['number']}/approval/").status_code == 200
    assert caller.call("DELETE", f"production/materials/{moved['number']}/approval/").status_code == 200
    assert caller.call("POST", f"{at}closing/", {"reason": "enough"}).status_code == 200
    assert caller.call("DELETE", f"{at}closing/").status_code == 200
