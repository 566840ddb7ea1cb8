"""Purchase orders by tokens beyond their approval: amended, followed in production, on their way, late; and what is short."""

from typing import Any

import pytest

from backend.availability.models import Suggestion
from backend.inventory.models import Transfer
from backend.kernel.comments import comments_on
from backend.processes.exceptions import look_for_exceptions
from backend.purchasing.models import PurchaseOrder
from backend.purchasing.services import confirmations
from tests.api.caller import Caller
from tests.factories.catalog import make_item
from tests.factories.purchasing import day, make_purchase_order, ship
from tests.people import make_member
from tests.scenarios.world import World, settle

pytestmark = pytest.mark.usefixtures("tenant")


@pytest.fixture
def world() -> World:
    return World()


def bought(world: World, qty: Any = 10) -> PurchaseOrder:
    return make_purchase_order((make_item(), qty, 7), supplier=world.supplier)


def test_srm_11_an_order_is_amended_and_answered_again(world: World) -> None:
    """A revision with a reason; the supplier neither amends nor reads the company's exchange rate."""
    order, buyer, supplier = bought(world), Caller.of(world.buyer), Caller.of(world.supplier_person)
    address, line = f"purchasing/orders/{order.number}/", order.lines.get()
    body = {"reason": "They need more", "lines": [{"id": line.pk, "item_id": line.item_id, "qty": "12", "price": "7"}]}
    assert buyer.call("POST", f"{address}amendment/", {**body, "reason": ""}).status_code == 400
    assert buyer.call("POST", f"{address}amendment/?version=99", body).status_code == 409
    assert supplier.call("POST", f"{address}amendment/", body).status_code == 403
    changed = buyer.post(f"{address}amendment/", body)
    assert (changed["revision"], changed["lines"][0]["qty"], changed["lines"][0]["state"]) == (1, "12.0000", "open")
    claims = {"lines": [{**body["lines"][0], "suggestion_id": line.pk}]}
    assert buyer.call("POST", f"{address}amendment/", {**body, **claims}).status_code == 400
    assert "exchange_rate" in buyer.get(address)
    assert "exchange_rate" not in supplier.get(address)


def test_srm_12_nodes_are_planned_and_replanned(world: World) -> None:
    """A template is laid on an order's lines; nodes get other days; a late one is asked about."""
    order, buyer = bought(world), Caller.of(world.buyer)
    templates, address = "purchasing/node-templates/", f"purchasing/orders/{order.number}/nodes/"
    body = {"name": "Paper", "days_before": {"material_ready": 5, "packed": 1}}
    assert buyer.call("POST", templates, {**body, "days_before": {"dancing": 1}}).status_code == 400
    made = buyer.post(templates, body)
    assert [step["node"] for step in made["steps"]] == ["material_ready", "packed"]
    assert buyer.put(f"{templates}{made['id']}/", {**body, "name": "Cards"})["name"] == "Cards"
    assert buyer.get(address) == []
    first, last = buyer.post(address, {"template_id": made["id"]})
    assert (first["node"], last["actual_date"]) == ("material_ready", None)
    moved = buyer.put(address, {"dates": [{"node_id": first["id"], "planned_date": str(world.day(-2))}]})
    assert moved[0]["planned_date"] == str(world.day(-2))
    supplier = Caller.of(world.supplier_person)
    assert [row["id"] for row in supplier.get(address)] == [first["id"], last["id"]]
    assert supplier.call("POST", address, {"template_id": made["id"]}).status_code == 403
    look_for_exceptions(at=world.at)
    [late] = [row for row in buyer.all("purchasing/exceptions/") if row["order"]["number"] == order.number]
    asked = buyer.post(f"purchasing/exceptions/{late['id']}/reminder/")
    assert asked["acknowledged_by_name"]
    assert comments_on(order.pk).filter(visibility="supplier").count() == 1


def test_srm_13_a_shipment_reaches_the_gate_and_is_settled(world: World) -> None:
    order, keeper = bought(world), Caller.of(world.keeper)
    confirmations.confirm_order_all(order_id=order.pk, actor=world.supplier_person, at=world.at)
    notice = ship(order, 10, expected=day(3))
    address = f"purchasing/asns/{notice.number}/"
    assert keeper.post(f"{address}docking/")["state"] == "arrived"
    assert Caller.of(world.supplier_person).call("POST", f"{address}closing/", {"reason": "x"}).status_code == 403
    assert keeper.call("POST", f"{address}closing/", {"reason": "short"}).status_code == 409, "nothing is counted yet"


def test_scm_06_what_is_short_is_moved_or_bought_in_another_quantity(world: World) -> None:
    pen, ink = (world.item(code, code) for code in ("PEN", "INK"))
    world.order(pen, 10)
    world.order(ink, 30)
    settle()
    ids = {row.item.code: str(row.pk) for row in Suggestion.objects.select_related("item")}
    buyer, path = Caller.of(world.buyer), "purchasing/suggestions/acceptance/"
    wanted = {"suggestion_ids": [ids["PEN"]], "quantities": {ids["PEN"]: "24"}}
    assert buyer.call("POST", path, {**wanted, "quantities": {"pen": "24"}}).status_code == 400
    assert buyer.call("POST", path, {**wanted, "quantities": {ids["PEN"]: "0"}}).status_code == 400
    [made] = buyer.post(path, wanted)
    assert PurchaseOrder.objects.get(number=made["number"]).lines.get().qty == 24
    assert buyer.post("purchasing/suggestions/transfers/", {"suggestion_ids": [ids["INK"]]}) == []
    assert not Transfer.objects.exists()
    refused = Caller.of(make_member("sales_rep")).refused("POST", "purchasing/suggestions/transfers/", wanted)
    assert refused[0] == 403
