"""Work in the warehouse by tokens (INV-01, INV-03, INV-06, INV-07, INV-13, INV-17): moved, counted, made, and what it tells."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from backend.inventory.models import StockBalance, StockCount
from backend.inventory.services import naming
from backend.inventory.services.alerts import look_at_stock
from backend.inventory.services.warehouses import save_warehouse
from backend.posting.reconciliation import all_differences
from backend.sales.services import deliveries
from tests.api.caller import Caller
from tests.factories.inventory import AT
from tests.factories.serials import pieces, serial_item
from tests.people import make_member
from tests.scenarios.world import SYSTEM, D, World

pytestmark = pytest.mark.usefixtures("tenant")


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def owner() -> Caller:
    return Caller.of(make_member("owner"))


def lying(owner: Caller, item: Any) -> dict[str, tuple[D, D]]:
    """(on hand, value) of what lies anywhere, by kind and name of the place."""
    kinds = {row["id"]: row["kind"] for row in owner.all("inventory/warehouses/")}
    rows = [row for row in owner.all("inventory/stock/") if row["item"]["id"] == str(item.pk)]
    return {
        f"{kinds[row['warehouse']['id']]} {row['warehouse']['name']}": (D(row["on_hand"]), D(row["value"]))
        for row in rows
        if D(row["on_hand"])
    }


def test_inv_01_twenty_leave_are_under_way_and_arrive(world, owner):
    """Source −20, transit +20, destination +20 on receipt; the value is the same all the time."""
    item, place = world.item("PEN", "Pen", stock=60), world.warehouse
    shop = save_warehouse(code="SHOP", name="Shop", actor=SYSTEM, at=world.at)
    body = {"doc_date": world.today, "source_id": place.pk, "destination_id": shop.pk, "expected_date": world.day(2)}
    line = {"lines": [{"item_id": item.pk, "qty": "20"}]}
    status, told = owner.refused("POST", "inventory/transfers/", {**body, **line, "urgent": True})
    assert (status, told["problems"][0]["field"]) == (400, "urgent_cause")
    made = owner.post("inventory/transfers/", {**body, **line})
    page = f"inventory/transfers/{made['number']}/"
    owner.post(f"{page}submission/")
    assert owner.post(f"{page}approval/")["received"] == "none"
    found = lying(owner, item)
    assert sorted(found.values()) == [(20, 2000), (40, 4000)]
    assert any(name.startswith("transit") and row == (20, 2000) for name, row in found.items())
    assert owner.refused("POST", f"{page}receiving/", {"lines": [{**_line(made), "qty": "21"}]})[0] == 409
    assert owner.post(f"{page}receiving/")["lines"][0]["qty"] == "20.0000"
    found = lying(owner, item)
    assert sorted(found) == sorted([f"stock {place.name}", "stock Shop"])
    assert sum(value for _qty, value in found.values()) == 6000
    assert owner.get(page)["received"] == "full"
    assert all_differences() == []
    assert Caller.of(make_member("cashier")).refused("GET", page)[0] == 403


def _line(document):
    return {"transfer_line_id": document["lines"][0]["id"]}


def test_inv_06_a_count_goes_on_while_goods_leave(world, owner):
    """10 on the books, 3 are shipped meanwhile, 6 are counted where 7 should lie: 1 of 7 differs."""
    item = world.item("PEN", "Pen", stock=10, cost=10)
    body = {"doc_date": world.today, "warehouse_id": world.warehouse.pk, "item_ids": [item.pk]}
    made = owner.post("inventory/counts/", body)
    page = f"inventory/counts/{made['number']}/"
    [line] = owner.post(f"{page}start/")["lines"]
    order = world.order(item, 3)
    deliveries.ship_order(order_id=order.pk, actor=world.keeper, at=timezone.now())
    owner.post(f"{page}counting/", {"lines": [{"line_id": line["id"], "qty": "6"}]})
    booked = owner.post(f"{page}approval/")
    assert (booked["loss_value"], booked["gain_value"]) == ("10.00", "0.00")
    assert D(booked["accuracy_qty"]) == D("85.7143")
    assert owner.post(f"{page}settlement/", {"disposition": "admin"})["disposition"] == "admin"
    assert StockBalance.objects.get(item=item).on_hand == 6
    assert all_differences() == []


def test_inv_06_a_count_tells_its_pieces_before_it_is_booked(world, owner):
    """Two on the books, one of them and a stranger seen; who counts blindly reads nothing of the books."""
    item = serial_item()
    pieces(item, "P-1", "P-2", value=20)
    body = {"doc_date": world.today, "warehouse_id": world.warehouse.pk, "item_ids": [item.pk], "blind": True}
    page = f"inventory/counts/{owner.post('inventory/counts/', body)['number']}/"
    [line] = owner.post(f"{page}start/")["lines"]
    assert owner.get(f"{page}pieces/") == []
    document = StockCount.objects.get(lines=line["id"])
    numbers, later = {UUID(line["id"]): ["P-2", "X-9"]}, AT + timedelta(hours=1)
    naming.name_serials(document=document, numbers=numbers, actor=world.keeper, at=later)
    [told] = owner.get(f"{page}pieces/")
    assert [piece["serial_no"] for piece in told["missing"]] == ["P-1"]
    assert told["found"] == [{"serial_no": "X-9", "warehouse": None, "bin": None}]
    assert (told["item"], told["carried"], told["elsewhere"], told["unnamed"]) == (item.code, [], [], False)
    assert Caller.of(make_member("picker")).get(f"{page}pieces/") == []
    assert Caller.of(make_member("cashier")).refused("GET", f"{page}pieces/")[0] == 403


def test_a_count_that_was_seen_otherwise_replaces_nothing(world, owner):
    """Two programs count the same line: the second says what it saw, and is told what was counted since."""
    item = world.item("PEN", "Pen", stock=10, cost=10)
    made = owner.post(
        "inventory/counts/", {"doc_date": world.today, "warehouse_id": world.warehouse.pk, "item_ids": [item.pk]}
    )
    page = f"inventory/counts/{made['number']}/"
    [line] = owner.post(f"{page}start/")["lines"]
    seen = {name: line[name] for name in ("counted_qty", "counted_at")}
    [first] = owner.post(f"{page}counting/", {"lines": [{"line_id": line["id"], "qty": "6", "seen": seen}]})["lines"]
    status, refusal = owner.refused(
        "POST", f"{page}counting/", {"lines": [{"line_id": line["id"], "qty": "7", "seen": seen}]}
    )
    assert (status, refusal["code"]) == (409, "counted_meanwhile")
    assert owner.get(page)["lines"][0]["counted_qty"] == first["counted_qty"] == "6.0000"
    seen = {name: first[name] for name in ("counted_qty", "counted_at")}
    [again] = owner.post(f"{page}counting/", {"lines": [{"line_id": line["id"], "qty": "7", "seen": seen}]})["lines"]
    assert again["counted_qty"] == "7.0000"


def test_inv_13_ten_kits_are_made_of_their_parts(world, owner):
    cup, kit = world.item("CUP", "Cup", stock=50, cost=2), world.item("SET", "Set")
    parts = [{"item_id": cup.pk, "qty": "40"}]
    body = {"doc_date": world.today, "warehouse_id": world.warehouse.pk, "item_id": kit.pk, "qty": "10", "lines": parts}
    made = owner.post("inventory/assemblies/", body)
    page = f"inventory/assemblies/{made['number']}/"
    booked = owner.post(f"{page}approval/")
    assert booked["total_value"] == "80.00"
    rows = {row.item_id: (row.on_hand, row.value) for row in StockBalance.objects.filter(item__in=[cup, kit])}
    assert rows == {cup.pk: (10, 20), kit.pk: (10, 80)}
    owner.delete(f"{page}approval/")
    assert StockBalance.objects.get(item=cup).on_hand == 50
    assert all_differences() == []


def test_inv_17_who_holds_the_eighty(world, owner):
    """INV-05: 100 on hand, 80 reserved, 20 free; the 80 are two orders'."""
    item = world.item("PEN", "Pen", stock=100)
    first, second = world.order(item, 50), world.order(item, 30)
    [row] = [row for row in owner.all("inventory/stock/") if row["item"]["id"] == str(item.pk)]
    assert [row[name] for name in ("on_hand", "reserved", "available")] == ["100.0000", "80.0000", "20.0000"]
    held = owner.get(f"inventory/stock/{row['id']}/reservations/")
    assert {each["number"]: D(each["reserved_qty"]) for each in held} == {first.number: 50, second.number: 30}
    assert {each["party"] for each in held} == {world.customer.label}
    assert Caller.of(make_member("cashier")).refused("GET", f"inventory/stock/{row['id']}/reservations/")[0] == 403


def test_inv_03_what_is_low_is_told(world, owner):
    """10 lie there where 11 should; after 90 days without a sale they are slow as well."""
    world.item("PEN", "Pen", stock=10, safety_stock=D(11))
    look_at_stock(at=world.at)
    [alert] = owner.all("inventory/alerts/")
    assert (alert["kind"], D(alert["qty"]), D(alert["threshold"]), alert["cleared_at"]) == ("low", 10, 11, None)
    look_at_stock(at=world.at + timedelta(days=90))
    assert {row["kind"] for row in owner.all("inventory/alerts/")} == {"low", "slow"}


def test_inv_07_what_does_not_sell_comes_with_a_discount(owner):
    """10 worth 100 each came 100 days ago and were never sold: 10 % off 169.50; the target is 40 % less of them."""
    long_ago = World(at=timezone.now() - timedelta(days=100))
    item = long_ago.item("PEN", "Pen", stock=10)
    [row] = owner.get("inventory/reports/slow-movers/")
    assert (row["item_id"], row["days"], row["discount"], row["cover"]) == (str(item.pk), 100, 10, None)
    assert (D(row["value"]), D(row["clearance_price"])) == (1000, D("152.55"))
    told = owner.get("inventory/reports/slow-movers-change/")
    assert (told["goods"], D(told["value"]), told["goods_before"]) == (1, 1000, 0)
    assert (D(told["target"]), told["change"], told["reached"]) == (-40, None, False)
    assert Caller.of(long_ago.keeper).refused("GET", "inventory/reports/slow-movers-change/")[0] == 403
