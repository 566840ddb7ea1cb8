"""Who sees what: partners their own, roles without a right neither the rows nor the guarded fields, companies only themselves."""

from typing import Any

import pytest
from django.utils import timezone

from backend.kernel.tenancy import run_in
from backend.parties.inputs import CustomerData, PartyData, SupplierData
from backend.parties.services import save_party
from backend.purchasing.services import orders as purchases
from backend.purchasing.services.inputs import LineInput, OrderData
from tests.api.caller import Caller
from tests.scenarios.world import SYSTEM, D, World

STAFF_ONLY = (
    "catalog/items/",
    "catalog/price-lists/",
    "catalog/units/",
    "parties/",
    "inventory/stock/",
    "inventory/lots/",
    "purchasing/inspections/",
    "inventory/opening-stocks/",
    "inventory/landed-costs/",
    "inventory/cost-adjustments/",
    "inventory/costing-runs/",
    "inventory/stock-value/",
    "purchasing/suggestions/",
    "accounting/accounts/",
    "accounting/vouchers/",
    "accounting/trial-balance/?from=2026-11",
    "invoicing/fund-accounts/",
)


@pytest.fixture
def world(tenant: Any) -> World:
    return World()


def rivals(world: World) -> tuple[Caller, Caller]:
    """A customer's and a supplier's person of other partners."""
    customer = save_party(
        actor=SYSTEM, at=world.at, data=PartyData(code="A-02", name="Rival print", customer=CustomerData())
    )
    supplier = save_party(
        actor=SYSTEM, at=world.at, data=PartyData(code="S-02", name="Rival mill", supplier=SupplierData())
    )
    people = (world.person("customer_buyer", party=customer), world.person("supplier_admin", party=supplier))
    return Caller.of(people[0]), Caller.of(people[1])


def bought(world: World, item: Any) -> Any:
    """A purchase order that was sent."""
    data = OrderData(world.supplier.pk, world.day(5), (LineInput(item.pk, D(4), price=D(7)),))
    order = purchases.save_order(data=data, actor=world.buyer, at=world.at)
    return purchases.approve_order(order_id=order.pk, actor=world.buyer, at=world.at)


def test_a_partner_does_not_see_what_is_anothers(world):
    item = world.item("PEN", "Pen", stock=9)
    order, purchase = world.order(item, 2), bought(world, item)
    customer, supplier = Caller.of(world.customer_person), Caller.of(world.supplier_person)
    other_customer, other_supplier = rivals(world)
    assert [row["number"] for row in customer.all("sales/orders/")] == [order.number]
    assert [row["number"] for row in supplier.all("purchasing/orders/")] == [purchase.number]
    for who, path in (
        (other_customer, f"sales/orders/{order.number}/"),
        (other_customer, f"sales/orders/{order.number}/promises/"),
        (other_supplier, f"purchasing/orders/{purchase.number}/"),
    ):
        assert who.refused("GET", path)[0] == 404
    assert other_customer.all("sales/orders/") == []
    assert other_supplier.all("purchasing/orders/") == []
    assert other_supplier.refused("POST", f"purchasing/orders/{purchase.number}/confirmation/", {})[0] == 404
    answer = {"order_line_id": purchase.lines.get().pk, "qty": "4"}
    status, _told = other_supplier.refused(
        "POST", "purchasing/asns/", {"lines": [answer], "expected_date": world.today}
    )
    assert status == 404


def test_a_partner_does_not_reach_the_companys_own(world):
    item = world.item("PEN", "Pen", stock=9)
    order, purchase = world.order(item, 2), bought(world, item)
    customer, supplier = Caller.of(world.customer_person), Caller.of(world.supplier_person)
    for who in (customer, supplier):
        for path in STAFF_ONLY:
            assert who.refused("GET", path)[0] == 403, path
    assert supplier.refused("GET", "sales/orders/")[0] == 403
    assert customer.refused("GET", "purchasing/orders/")[0] == 403
    assert customer.all("workflow/tasks/") == []
    for who, path in ((customer, f"sales/orders/{order.number}"), (supplier, f"purchasing/orders/{purchase.number}")):
        for story in ("timeline", "related"):
            assert who.refused("GET", f"{path}/{story}/")[0] == 403
        for step in ("approval", "voiding", "closing"):
            assert who.refused("POST", f"{path}/{step}/", {})[0] == 403
    assert not {"credit_state", "price_source"} & set(customer.get(f"sales/orders/{order.number}/"))


def test_what_a_role_may_not_read_is_left_out(world):
    item = world.item("PEN", "Pen", stock=9)
    order, purchase = world.order(item, 2), bought(world, item)
    rep, keeper, buyer = Caller.of(world.rep), Caller.of(world.keeper), Caller.of(world.buyer)
    owner_sees = buyer.get(f"catalog/items/{item.pk}/")
    assert owner_sees["purchase_price"] == "113.000000"
    assert "purchase_price" not in rep.get(f"catalog/items/{item.pk}/")
    assert rep.get(f"sales/orders/{order.number}/")["gross_amount"] == "339.00"
    made = keeper.post(f"sales/orders/{order.number}/shipment/")
    seen = keeper.get(f"sales/deliveries/{made['number']}/")
    assert not {"cost_amount", "gross_amount", "net_amount"} & set(seen)
    assert not {"cost_amount", "unit_price", "gross_amount"} & set(seen["lines"][0])
    carrier = Caller.of(world.person("supplier_logistics", party=world.supplier))
    assert "gross_amount" not in carrier.get(f"purchasing/orders/{purchase.number}/")
    assert "gross_amount" in Caller.of(world.supplier_person).get(f"purchasing/orders/{purchase.number}/")
    [balance] = keeper.all("inventory/stock/")
    assert "value" not in balance


def test_rights_are_asked_for(world):
    item = world.item("PEN", "Pen", stock=9)
    order = world.order(item, 2, approve=False)
    keeper, auditor = Caller.of(world.keeper), Caller.of(world.person("auditor"))
    assert keeper.refused("POST", f"sales/orders/{order.number}/approval/", {})[0] == 403
    auditor.get(f"sales/orders/{order.number}/")
    assert auditor.refused("POST", f"sales/orders/{order.number}/approval/", {})[0] == 403
    assert auditor.refused("POST", "parties/", {"name": "New"})[0] == 403
    assert auditor.refused("PUT", f"catalog/items/{item.pk}/", {"name": "Other"})[0] == 403
    party = {"name": "Northern", "code": "S-01"}
    rep = Caller.of(world.rep)
    assert rep.refused("PUT", f"parties/{world.supplier.pk}/", party)[0] == 403


def test_another_companys_ids_and_tokens_are_unknown(world, beta):
    item = world.item("PEN", "Pen", stock=9)
    order = world.order(item, 2)
    token = Caller.of(world.rep).token
    with run_in(beta):
        theirs = World(at=timezone.now())
        stranger = Caller.of(theirs.rep)
        assert stranger.refused("GET", f"catalog/items/{item.pk}/")[0] == 404
        assert stranger.all("sales/orders/") == []
        assert stranger.refused("GET", f"sales/orders/{order.number}/")[0] == 404
        lines = [{"item_id": item.pk, "qty": "1"}]
        body = {"customer_id": theirs.customer.pk, "requested_date": theirs.day(1), "lines": lines}
        assert stranger.refused("POST", "sales/orders/", body)[0] in {400, 404}
        body["customer_id"] = world.customer.pk
        assert stranger.refused("POST", "sales/orders/", body)[0] in {400, 404}
        assert Caller(token, stranger.host).refused("GET", "sales/orders/")[0] == 401


def test_without_a_good_token_nothing(world):
    caller = Caller.of(world.rep)
    for header in ("", "Bearer", "Bearer ", "Bearer nonsense", f"Basic {caller.token}", "Bearer \u00e9"):
        answer = caller.call("GET", "sales/orders/", authorization=header)
        assert answer.status_code == 401, header
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert set(answer.json()) == {"code", "message", "problems"}
    for path in ("schema/", "docs/"):
        assert caller.call("GET", path, authorization="").status_code == 200
    told = caller.get("access/me/")
    assert told["kind"] == "staff"
    assert "sales.order.edit" in told["permissions"]
