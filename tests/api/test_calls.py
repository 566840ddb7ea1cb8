"""How calls behave: repeated, paged, counted, refused for a company that may only read."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounting.models import Voucher
from backend.sales.models import SalesDelivery, SalesOrder
from tenants.directory import forget
from tests.api.caller import Caller
from tests.api.filled import fill
from tests.people import owner_actor
from tests.scenarios.world import World

LISTS = (
    "catalog/items",
    "catalog/price-lists",
    "catalog/units",
    "catalog/tax-codes",
    "catalog/categories",
    "parties",
    "sales/quotes",
    "sales/orders",
    "sales/deliveries",
    "purchasing/suggestions",
    "purchasing/orders",
    "purchasing/asns",
    "purchasing/receipts",
    "purchasing/inspections",
    "inventory/stock",
    "inventory/warehouses",
    "inventory/lots",
    "inventory/opening-stocks",
    "inventory/landed-costs",
    "inventory/cost-adjustments",
    "inventory/costing-runs",
    "invoicing/sales-invoices",
    "invoicing/purchase-invoices",
    "invoicing/receipts",
    "invoicing/payments",
    "invoicing/statements",
    "invoicing/fund-accounts",
    "accounting/accounts",
    "accounting/periods",
    "accounting/vouchers",
    "service/tickets",
    "logistics/shipments",
    "workflow/tasks",
)
FOR_THE_TOKEN = 2  # the member with the token, and its roles
MOST = 6


@pytest.mark.usefixtures("committed_tenant")
def test_lists_take_a_fixed_number_of_statements():
    owner = Caller.of(owner_actor())
    fill(owner)
    for path in LISTS:
        assert owner.all(f"{path}/"), path
        with CaptureQueriesContext(
            connection,
        ) as few:
            owner.get(f"{path}/?page_size=1")
        with CaptureQueriesContext(connection) as many:
            owner.get(f"{path}/")
        assert len(many) <= MOST + FOR_THE_TOKEN, (path, [query["sql"][:120] for query in many])
        assert abs(len(many) - len(few)) <= 1, (path, len(few), len(many))


@pytest.fixture
def world(tenant: Any) -> World:
    return World()


def test_pages_follow_each_other_without_gaps(world):
    item = world.item("PEN", "Pen", stock=9)
    numbers = {world.order(item, 1, approve=False).number for _number in range(5)}
    rep = Caller.of(world.rep)
    seen, path = [], "sales/orders/?page_size=2"
    while path:
        page = rep.get(path)
        seen += [row["number"] for row in page["results"]]
        path = (page["next"] or "").partition("/api/v1/")[2]
    assert len(seen) == 5
    assert set(seen) == numbers
    assert rep.all("sales/orders/?approval=approved") == []
    for wrong in ("page_size=0", "page_size=201", "page_size=x", "approval=maybe"):
        assert rep.refused("GET", f"sales/orders/?{wrong}")[0] == 400
    for wrong in ("cursor=x", "cursor=cD0lMDA%3D", "cursor=cD1ub3BlJTAw"):
        assert rep.refused("GET", f"sales/orders/?{wrong}")[0] == 404


def test_the_same_key_gives_the_first_answer(world):
    item = world.item("PEN", "Pen", stock=9)
    rep, body = Caller.of(world.rep), order_body(world, item)
    first = rep.call("POST", "sales/orders/", body, idempotency_key="k-1")
    again = rep.call("POST", "sales/orders/", body, idempotency_key="k-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again["Idempotent-Replay"] == "true"
    assert SalesOrder.objects.count() == 1
    other = {**body, "customer_ref": "another"}
    status, told = rep.refused("POST", "sales/orders/", other, idempotency_key="k-1")
    assert (status, told["code"]) == (409, "idempotency_key_reused")
    elsewhere = f"sales/orders/{first.json()['number']}/approval/"
    assert rep.refused("POST", elsewhere, {}, idempotency_key="k-1")[0] == 409
    assert (
        Caller.of(world.person("sales_manager")).call("POST", "sales/orders/", body, idempotency_key="k-1").status_code
        == 201
    )
    assert rep.refused("POST", "sales/orders/", body, idempotency_key="k" * 101)[0] == 400


def test_a_refused_call_leaves_its_key_free(world):
    item = world.item("PEN", "Pen", stock=1)
    order = world.order(item, 3)
    keeper = Caller.of(world.keeper)
    lines = [{"order_line_id": order.lines.get().pk, "qty": "3"}]
    path = f"sales/orders/{order.number}/shipment/"
    assert keeper.refused("POST", path, {"lines": lines}, idempotency_key="k")[0] == 409
    assert not SalesDelivery.objects.exists()
    lines[0]["qty"] = "1"
    keeper.post(path, {"lines": lines}, idempotency_key="k")
    keeper.post(path, {"lines": lines}, idempotency_key="k")
    assert SalesDelivery.objects.count() == 1


def order_body(world: World, item: Any) -> dict[str, Any]:
    lines = [{"item_id": str(item.pk), "qty": "1"}]
    return {"customer_id": str(world.customer.pk), "requested_date": str(world.day(3)), "lines": lines}


def test_a_stale_version_is_refused(world):
    item = world.item("PEN", "Pen", stock=9)
    rep, body = Caller.of(world.rep), order_body(world, item)
    made = rep.post("sales/orders/", body)
    path = f"sales/orders/{made['number']}/?version={made['version']}"
    changed = rep.put(path, {**body, "remark": "ring twice"})
    assert changed["remark"] == "ring twice"
    status, told = rep.refused("PUT", path, body)
    assert (status, told["code"]) == (409, "stale_version")
    buyer = Caller.of(world.buyer)
    kept = buyer.get(f"catalog/items/{item.pk}/")
    path = f"catalog/items/{item.pk}/?version={kept['version']}"
    assert buyer.put(path, {"name": "Better pen", "code": "PEN"})["name"] == "Better pen"
    assert buyer.refused("PUT", path, {"name": "Worse pen", "code": "PEN"})[0] == 409


def test_a_company_that_has_not_paid_may_read(world, tenant):
    item = world.item("PEN", "Pen", stock=9)
    rep, body = Caller.of(world.rep), order_body(world, item)
    tenant.state, tenant.trial_ends_on = "trial", world.day(-1)
    tenant.save()
    forget(tenant)
    status, told = rep.refused("POST", "sales/orders/", body)
    assert (status, told["code"]) == (402, "subscription_needed")
    rep.get("sales/orders/")
    assert not SalesOrder.objects.exists()


def test_what_only_reads_takes_nothing(world):
    owner = Caller.of(owner_actor())
    world.item("PEN", "Pen", stock=9)
    for path in (
        "inventory/stock/",
        "accounting/accounts/",
        "logistics/shipments/",
        "workflow/tasks/",
    ):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            assert owner.refused(method, path, {})[0] == 405, (method, path)
    assert owner.refused("OPTIONS", "sales/orders/")[0] == 405
    assert owner.refused("GET", "nothing/here/")[0] == 404
    assert owner.refused("POST", "sales/orders", {})[0] == 404


def test_a_voucher_by_hand_balances(world):
    accountant = Caller.of(world.accountant)
    leaves = [row["id"] for row in accountant.all("accounting/accounts/?page_size=200") if row["is_leaf"]][:2]
    lines = [{"account_id": leaves[0], "debit": "5.00"}, {"account_id": leaves[1], "credit": "4.00"}]
    body = {"date": world.today, "summary": "By hand", "lines": lines}
    before = Voucher.objects.count()
    assert accountant.refused("POST", "accounting/vouchers/", body)[0] in {400, 409}
    lines[1]["credit"] = "5.00"
    assert accountant.post("accounting/vouchers/", body)["total"] == "5.00"
    assert Voucher.objects.count() == before + 1


def test_a_delivery_is_drafted_changed_and_thrown_away(world):
    item = world.item("PEN", "Pen", stock=9)
    order = world.order(item, 3)
    keeper = Caller.of(world.keeper)
    drafted = keeper.post("sales/deliveries/", {"order_ids": [order.pk]})
    path = f"sales/deliveries/{drafted['number']}/"
    assert (drafted["approval"], drafted["lines"][0]["qty"]) == ("draft", "3.0000")
    lines = [{"order_line_id": order.lines.get().pk, "qty": "2"}]
    changed = keeper.put(f"{path}?version={drafted['version']}", {"lines": lines})
    assert changed["lines"][0]["qty"] == "2.0000"
    assert keeper.refused("PUT", f"{path}?version={drafted['version']}", {"lines": lines})[0] == 409
    assert keeper.post(f"{path}voiding/", {"reason": "Not today"})["approval"] == "voided"
    assert keeper.refused("POST", f"{path}approval/", {})[0] == 409


def test_quotes_are_answered_and_suggestions_decided(world):
    item = world.item("PEN", "Pen", stock=0)
    rep, customer, buyer = Caller.of(world.rep), Caller.of(world.customer_person), Caller.of(world.buyer)
    quotes = [rep.post("sales/quotes/", order_body(world, item))["number"] for _number in range(2)]
    for number in quotes:
        assert customer.refused("GET", f"sales/quotes/{number}/")[0] == 404
        rep.post(f"sales/quotes/{number}/sending/")
    accepted = customer.post(f"sales/quotes/{quotes[0]}/acceptance/")
    assert (accepted["state"], accepted["accepted_by_name"]) == ("accepted", "customer_buyer")
    assert customer.post(f"sales/quotes/{quotes[1]}/refusal/", {"reason": "Too dear"})["state"] == "declined"
    order = rep.post(f"sales/quotes/{quotes[0]}/order/")
    rep.post(f"sales/orders/{order['number']}/approval/")
    [suggestion] = buyer.all("purchasing/suggestions/")
    path = f"purchasing/suggestions/{suggestion['id']}"
    assert buyer.post(f"{path}/snooze/", {"until": world.day(3)})["state"] == "snoozed"
    assert buyer.post(f"{path}/dismissal/", {"reason": "We make it ourselves"})["state"] == "dismissed"
    assert buyer.delete(f"{path}/dismissal/")["state"] not in {"dismissed", "snoozed"}
