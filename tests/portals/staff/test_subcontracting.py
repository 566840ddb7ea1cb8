"""Subcontracting through its pages (SCM-21): ordered, material issued, received, what lies there, the supplier's view."""

from datetime import timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.utils import timezone

from backend.inventory.models import StockBalance
from backend.purchasing.models import MaterialMove, PurchaseOrder
from backend.purchasing.services import orders
from backend.purchasing.services.inputs import LineInput, OrderData, PartOfOne, SubcontractData
from backend.purchasing.services.subcontracting import save_subcontract_order
from tests.api.caller import Caller
from tests.people import client_of, make_member

pytestmark = pytest.mark.django_db


def test_ordered_issued_received_and_seen_by_the_processor(world: Any, browser: Any, client_for: Any) -> None:
    client = browser()
    form = {
        "supplier": str(world.supplier.pk),
        "item_id_code": "ST100",
        "qty": "10",
        "price": "5.65",
        "price_includes_tax": "1",
        "requested_date": world.today.isoformat(),
        "warehouse_id": str(world.warehouse.pk),
        "lines-0-item_id": str(world.paper.pk),
        "lines-0-item_id_code": "PA4",
        "lines-0-qty": "2",
        "lines-0-scrap_pct": "",
    }
    wrong = client.post("/purchasing/subcontract/new/", form | {"lines-0-qty": "0", "supplier_ref": "kept words"})
    assert wrong.status_code == 400
    assert "kept words" in wrong.content.decode()
    made = client.post("/purchasing/subcontract/new/", form)
    assert made.status_code == 302, made.content.decode()[:3000]
    order = PurchaseOrder.objects.get()
    page = f"/purchasing/orders/{order.number}/"
    assert client.get(f"{page}edit/").headers["Location"].endswith(f"/subcontract/{order.number}/edit/")
    edit = f"/purchasing/subcontract/{order.number}/edit/"
    assert 'value="PA4"' in client.get(edit).content.decode()
    assert client.post(edit, form | {"version": order.version, "lines-0-scrap_pct": "10"}).status_code == 302
    assert client.post(f"{page}approval/").status_code == 302
    picks = client.get("/purchasing/subcontract/pick/?q=恒信").json()["results"]
    assert [row["label"] for row in picks] == [order.number]
    new = f"/purchasing/materials/new/?order={order.number}&kind=issue"
    shown = client.get(new).content.decode()
    assert order.number in shown
    assert "22" in shown  # 10 × 2 × 1.10
    paper = {
        "order": str(order.pk),
        "kind": "issue",
        "doc_date": world.today.isoformat(),
        "warehouse_id": str(world.warehouse.pk),
        "lines-0-item_id": str(world.paper.pk),
        "lines-0-item_id_code": "PA4",
        "lines-0-qty": "22",
    }
    assert client.post(new, paper | {"order": "?"}).status_code == 400
    assert client.post(new, paper).status_code == 302
    moved = MaterialMove.objects.get()
    for step in ("", "print/?lang=en", "edit/"):
        assert client.get(f"/purchasing/materials/{moved.number}/{step}").status_code == 200, step
    assert client.post(f"/purchasing/materials/{moved.number}/approval/").status_code == 302
    assert StockBalance.objects.get(warehouse__kind="supplier").value == 22 * 95
    for path in ("subcontract/?view=all", "materials/?view=all", "material-stock/", "materials/?by=lines"):
        listed = client.get(f"/purchasing/{path}")
        assert listed.status_code == 200, path
        assert "恒信纸业" in listed.content.decode(), path
    assert "22" in client.get(page).content.decode()
    assert client.get("/settings/numbering/purchasing.subcontract/").status_code == 200
    person = client_of(make_member("supplier_admin", party=world.supplier))
    seen = person.get(f"/supplier/orders/{order.number}/").content.decode()
    assert "复印纸 A4" in seen
    assert 'id="material"' in seen


def test_rights_and_unknown_numbers(world: Any, browser: Any) -> None:
    for path in ("subcontract/new/", "subcontract/pick/", "materials/", "materials/new/"):
        assert browser("sales_rep").get(f"/purchasing/{path}").status_code == 403, path
    buyer = browser("buyer")
    for path in ("subcontract/WWJG-0/edit/", "materials/WWFL-0/", "materials/WWFL-0/edit/", "materials/WWFL-0/print/"):
        assert buyer.get(f"/purchasing/{path}").status_code == 404, path
    assert world.today


def test_the_api_writes_orders_and_moves_material(world: Any, member_for: Any) -> None:
    caller = Caller.of(member_for("owner"))
    body = {
        "supplier_id": str(world.supplier.pk),
        "item_id": str(world.stapler.pk),
        "qty": "5",
        "price": "2.26",
        "requested_date": world.today.isoformat(),
        "parts": [{"item_id": str(world.paper.pk), "qty": "1"}],
    }
    made = caller.call("POST", "purchasing/subcontracts/", body)
    assert made.status_code == 201, made.content
    order = made.json()
    assert order["lines"][0]["components"][0]["qty_per"] == "1.0000"
    assert caller.call("POST", f"purchasing/orders/{order['number']}/approval/", {}).status_code == 200
    wanted = {"order_id": order["id"], "kind": "issue", "doc_date": world.today.isoformat()}
    moved = caller.call("POST", "purchasing/materials/", wanted)
    assert moved.status_code == 201, moved.content
    at = f"purchasing/materials/{moved.json()['number']}/"
    booked = caller.call("POST", f"{at}approval/", {}).json()
    assert booked["lines"][0]["value"] == "475.00"
    assert caller.call("DELETE", f"{at}approval/").status_code == 200
    assert caller.call("POST", "purchasing/materials/", wanted | {"kind": "?"}).status_code == 400


def test_pur_02_production_sees_what_was_bought_for_its_components(
    world: Any, browser: Any, member_for: Any, statements: Any
) -> None:
    """PUR-02: of 100 wanted 80 lie here; the rest hangs on purchase lines with supplier, day and by how much it is late."""
    who: Any = {"actor": world.actor, "at": timezone.now()}
    parts = [PartOfOne(world.paper.pk, D(10))]
    wanted = SubcontractData(
        world.supplier.pk, world.stapler.pk, D(10), world.today + timedelta(days=2), price=D(5), parts=parts
    )
    made = orders.approve_order(order_id=save_subcontract_order(data=wanted, **who).pk, **who)
    page = f"/purchasing/orders/{made.number}/"
    assert 'id="coming"' not in browser().get(page).content.decode()
    lines = [LineInput(world.paper.pk, D(20), price=D(7))]
    later = OrderData(supplier_id=world.supplier.pk, requested_date=world.today + timedelta(days=9), lines=lines)
    bought = orders.approve_order(order_id=orders.save_order(data=later, **who).pk, **who)
    keeper = browser("warehouse_lead")
    keeper.get(page)
    with statements(12):
        shown = keeper.get(page).content.decode()
    assert f'href="/purchasing/orders/{bought.number}/"' in shown
    assert "晚" in shown[shown.index('id="coming"') :]
    assert "95.00" not in shown
    ordinary = f"/purchasing/orders/{bought.number}/"
    keeper.get(ordinary)
    with statements(12):
        keeper.get(ordinary)
    at = f"purchasing/subcontracts/{made.number}/components/"
    [row] = Caller.of(member_for("warehouse_lead")).call("GET", at).json()
    assert (row["needed_qty"], row["reserved_qty"]) == ("100.0000", "80.0000")
    [source] = row["sources"]
    assert (source["number"], source["qty"], source["supplier"]) == (bought.number, "20.0000", "恒信纸业")
    assert source["days_late"] > 0
    assert Caller.of(member_for("picker")).call("GET", at).status_code == 403
