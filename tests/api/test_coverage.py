"""What has pages has an API: ways, reports, filling up, shared stock, suppliers' own side; rights and scopes hold."""

import base64
from datetime import timedelta

import pytest
from django.utils import timezone

from backend.access.models import Invitation
from backend.catalog.models import Item
from backend.kernel.actor import Actor
from backend.purchasing.models import PriceAlert
from backend.srm.models import DocumentType
from backend.srm.services.admission import apply_as_supplier
from backend.srm.services.inputs import ApplicationData
from tests.api.caller import Caller
from tests.factories.parties import make_carrier, make_customer, make_supplier
from tests.factories.purchasing import make_purchase_order
from tests.people import make_member
from tests.scenarios.world import D, World

pytestmark = pytest.mark.usefixtures("tenant")


@pytest.fixture
def owner() -> Caller:
    return Caller.of(make_member("owner"))


def refused(caller, address, *, body=None, status=403):
    answer = caller.call("GET" if body is None else "POST", address, body)
    assert answer.status_code == status, (address, answer.content)


def test_scm_10_lanes_and_carriers(owner):
    carrier = make_carrier()
    body = {"carrier_id": str(carrier.pk), "from_region": "浙江", "to_region": "广东", "days": 3, "base_cost": "80"}
    lane = owner.post("logistics/lanes/", body)
    address = f"logistics/lanes/{lane['id']}/"
    changed = owner.call("PUT", f"{address}?version={lane['version']}", {**body, "days": 2})
    assert changed.json()["days"] == 2
    assert owner.call("PUT", f"{address}?version={lane['version']}", body).status_code == 409
    assert owner.call("POST", f"{address}suspension/", {"reason": ""}).status_code == 400
    assert owner.post(f"{address}suspension/", {"reason": "breaks"})["suspended_reason"] == "breaks"
    assert owner.call("DELETE", f"{address}suspension/").json()["suspended_on"] is None
    assert owner.get("logistics/carriers/") == []
    refused(Caller.of(make_member("sales_rep")), "logistics/lanes/", body=body)


def test_scm_11_allocation_and_stock_reports(owner):
    world = World()
    item = world.item("PEN", "Pen", stock=40)
    order = world.order(item, 5, approve=False)
    address = f"sales/orders/{order.number}/allocation/"
    found = owner.get(address)
    assert (found["chosen"], found["options"][0]["parts"][0]["qty"]) == ("complete", "5.0000")
    assert owner.call("POST", address, {"option": "sideways"}).status_code == 400
    assert [row["number"] for row in owner.post(address, {"option": "complete"})] == [order.number]
    [age] = [row for row in owner.get("inventory/reports/ages/") if row["item_id"] == str(item.pk)]
    assert (age["on_hand"], age["to_30"]) == ("40.0000", "40.0000")
    assert "value" in age
    keeper = Caller.of(make_member("warehouse_lead"))
    assert not {"value", "value_over_180"} & keeper.get("inventory/reports/ages/")[0].keys()
    refused(keeper, "inventory/reports/turnover/")
    assert owner.get("inventory/reports/slow-movers/") == []
    assert isinstance(owner.get("inventory/reports/turnover/?by=item"), list)
    for wrong in ("ages/?warehouse_id=x", "turnover/?month=2026-13", "turnover/?by=colour"):
        refused(owner, f"inventory/reports/{wrong}", status=400)
    rule = owner.post(
        "inventory/replenishment/", {"warehouse_id": str(order.warehouse_id), "days": 30, "factor": "1.0"}, status=200
    )
    assert owner.get(f"inventory/replenishment/{rule['id']}/proposals/") == []
    filled = owner.post(f"inventory/replenishment/{rule['id']}/filling/")
    assert filled == {"transfers": [], "orders": [], "requisitions": [], "without_supplier": []}
    refused(Caller.of(make_member("sales_rep")), "inventory/replenishment/")


def test_srm_14_a_suppliers_token_reads_shared_stock_and_its_own_items_alone(owner):
    world = World()
    item, hidden = world.item("INK", "Ink", stock=7), world.item("TIN", "Tin", stock=9)
    Item.objects.filter(pk=item.pk).update(share_with_supplier=True)
    make_purchase_order((item, 3), (hidden, 3), supplier=world.supplier)
    theirs = Caller.of(make_member("supplier_sales", party=world.supplier))
    other = Caller.of(make_member("supplier_sales", party=make_supplier()))
    [row] = theirs.get("purchasing/shared-stock/")["results"]
    assert (row["code"], row["on_hand"], row["coming"]) == ("INK", "7.0000", "3.0000")
    assert theirs.get(f"purchasing/shared-stock/{item.pk}/")["weeks"] is not None
    for caller, pk in ((theirs, hidden.pk), (other, item.pk)):
        refused(caller, f"purchasing/shared-stock/{pk}/", status=404)
    assert other.get("purchasing/shared-stock/")["results"] == []
    refused(Caller.of(make_member("buyer")), "purchasing/shared-stock/")


def test_srm_01_profile_and_documents_of_a_supplier(owner):
    supplier = make_supplier(language="en")
    theirs = Caller.of(make_member("supplier_admin", party=supplier))
    other = Caller.of(make_member("supplier_admin", party=make_supplier()))
    address = f"srm/profiles/{supplier.pk}/"
    assert theirs.call("PUT", address, {"main_products": "Paper"}).json()["main_products"] == "Paper"
    assert other.call("PUT", address, {"main_products": "x"}).status_code == 404
    assert len(owner.all("srm/profiles/")) == 1
    kind = DocumentType.objects.filter(active=True, number_check="").first()
    day = (timezone.now() + timedelta(days=90)).date().isoformat()
    scan = {"name": "licence.pdf", "content": base64.b64encode(b"%PDF-1.4 licence").decode()}
    body = {"document": {"type_id": str(kind.pk), "number": "L-1", "expiry_date": day}, "file": scan}
    assert theirs.call("POST", "srm/documents/", {**body, "file": {**scan, "content": "?"}}).status_code == 400
    assert theirs.call("POST", "srm/documents/", {**body, "file": {**scan, "name": "x.exe"}}).status_code == 400
    made = theirs.post("srm/documents/", body)
    page = f"srm/documents/{made['id']}/"
    refused(other, page, status=404)
    refused(theirs, f"{page}acceptance/", body={})
    assert owner.call("POST", f"{page}rejection/", {"reason": ""}).status_code == 400
    assert owner.post(f"{page}acceptance/")["state"] == "accepted"
    assert owner.post("srm/documents/", {**body, "supplier_id": str(supplier.pk)})["state"] == "waiting"
    driver = Caller.of(make_member("supplier_logistics", party=supplier))
    refused(driver, "srm/documents/", body=body)


def test_srm_01_applications_are_taken_up_and_firms_invited(owner):
    """A firm that applied, and one that is asked, are pending; the licence that is missing is named."""
    stranger = Actor(kind="supplier", name="Stranger", channel="portal")
    firms = [
        apply_as_supplier(data=ApplicationData(name, "Wang", f"{name}@mill.example"), actor=stranger, at=timezone.now())
        for name in ("north", "south")
    ]
    assert {row["company_name"] for row in owner.all("srm/applications/")} == {"north", "south"}
    taken = owner.post(f"srm/applications/{firms[0].pk}/acceptance/")
    assert (taken["party"]["name"], taken["state"]) == ("north", "pending")
    assert taken["blocked_by"]
    assert owner.refused("POST", f"srm/applications/{firms[0].pk}/acceptance/", {})[0] == 409
    assert owner.refused("POST", f"srm/applications/{firms[1].pk}/rejection/", {"reason": ""})[0] == 400
    assert owner.post(f"srm/applications/{firms[1].pk}/rejection/", {"reason": "enough"})["state"] == "declined"
    asked = {"name": "west", "contact_name": "Li", "email": "li@west.example", "language": "en"}
    assert owner.post("srm/applications/invitations/", asked)["state"] == "pending"
    assert owner.refused("POST", "srm/applications/invitations/", {**asked, "email": "nobody"})[0] == 400
    assert Invitation.objects.count() == 2
    for role in ("sales_rep", "warehouse_lead"):
        assert Caller.of(make_member(role)).refused("GET", "srm/applications/")[0] == 403
    theirs = Caller.of(make_member("supplier_admin", party=make_supplier()))
    assert theirs.refused("GET", f"srm/applications/{firms[0].pk}/")[0] == 403


def test_srm_03_a_bank_account_takes_effect_when_a_second_person_agrees(owner):
    supplier = make_supplier()
    theirs = Caller.of(make_member("supplier_admin", party=supplier))
    account = {"holder": "Paper Ltd", "bank_name": "ICBC Hangzhou", "account_no": "6222000011112222"}
    made = theirs.post("srm/bank-accounts/", {"account": account})
    assert (made["state"], made["masked"]) == ("waiting", "**** 2222")
    assert "account_no" not in made
    page = f"srm/bank-accounts/{made['id']}/"
    refused(theirs, f"{page}approval/", body={})
    refused(Caller.of(make_member("buyer")), f"{page}approval/", body={})
    refused(Caller.of(make_member("supplier_admin", party=make_supplier())), page, status=404)
    assert owner.get(page)["account_no"] == "6222000011112222"
    assert owner.post(f"{page}approval/")["state"] == "effective"
    asked = owner.post("srm/bank-accounts/", {"account": account, "supplier_id": str(supplier.pk)})
    alone = owner.call("POST", f"srm/bank-accounts/{asked['id']}/approval/", {})
    assert alone.status_code == 409, "whoever asked does not agree"
    second = Caller.of(make_member("finance_manager"))
    assert second.post(f"srm/bank-accounts/{asked['id']}/rejection/", {"reason": "wrong"})["state"] == "rejected"


def test_srm_09_and_pur_07_material_prices_and_reasons(owner):
    world = World()
    item = world.item("CU", "Copper", stock=0)
    for price in ("100", "108"):
        owner.post("purchasing/material-prices/", {"item_id": str(item.pk), "price": price})
    alert = PriceAlert.objects.get(item=item)
    assert owner.get(f"purchasing/price-alerts/{alert.pk}/")["change_pct"] == "8.0000"
    assert owner.post(f"purchasing/price-alerts/{alert.pk}/settlement/", {"note": "listed"})["state"] == "settled"
    refused(Caller.of(make_member("picker")), "purchasing/price-alerts/")
    make_purchase_order((item, 1, 10), supplier=world.supplier)
    dear = make_purchase_order((item, 1, 12), supplier=world.supplier, approve=False)
    address, line = f"purchasing/orders/{dear.number}/", dear.lines.get()
    silent = owner.call("POST", f"{address}approval/", {})
    assert silent.json()["problems"][0]["code"] == "price_reason_needed"
    owner.post(f"{address}price-reasons/", {"reasons": [{"order_line_id": str(line.pk), "reason": "Copper rose"}]})
    assert owner.post(f"{address}approval/")["lines"][0]["price_reason"] == "Copper rose"
    theirs = Caller.of(make_member("supplier_sales", party=world.supplier))
    assert "price_reason" not in theirs.get(address)["lines"][0]
    assert D(theirs.get(address)["lines"][0]["tax_incl_price"]) == 12


def test_inv_13_an_agents_token_reads_its_goods_and_reports_what_was_sold(owner):
    world, base = World(), "sales/consignments/"
    item, other = world.item("PEN", "Pen", stock=20), world.item("INK", "Ink", stock=5)
    head = {
        "kind": "out",
        "customer_id": world.customer.pk,
        "warehouse_id": world.warehouse.pk,
        "doc_date": world.today,
    }
    sent, draft = (owner.post(base, {**head, "lines": [{"item_id": item.pk, "qty": "10"}]}) for _paper in range(2))
    owner.post(f"{base}{sent['number']}/approval/")
    theirs, reader = (Caller.of(make_member(f"customer_{role}", party=world.customer)) for role in ("buyer", "finance"))
    stranger = Caller.of(make_member("customer_buyer", party=make_customer()))
    assert [row["number"] for row in theirs.all(base)] == [sent["number"]]
    [row] = theirs.get(f"{base}goods/")
    assert (row["code"], row["free"], row["lot_id"], D(row["price"])) == ("PEN", "10.0000", None, D("169.5"))

    def report(qty, what=item):
        return {"lines": [{"item_id": what.pk, "qty": qty}], "remark": "week 47"}

    made = theirs.post(f"{base}reports/", report("4"))
    page = f"{base}{made['number']}/"
    assert (made["kind"], made["reported"], made["approval"], made["gross_amount"]) == ("sold", True, "draft", "678.00")
    assert not {"cost_amount"} & {*made, *made["lines"][0]}
    refused(theirs, f"{base}reports/", body=report("7"), status=400)
    refused(theirs, f"{base}reports/", body=report("1", other), status=404)
    refused(theirs, f"{base}reports/", body={"lines": []}, status=400)
    refused(theirs, f"{base}{draft['number']}/", status=404)
    for address in (page, f"{base}goods/?customer_id={world.customer.pk}"):
        refused(stranger, address, status=404)
    assert (stranger.all(base), stranger.get(f"{base}goods/")) == ([], [])
    refused(stranger, f"{base}reports/", body=report("1"), status=404)
    refused(reader, f"{base}reports/", body=report("1"))
    refused(owner, f"{base}reports/", body=report("1"), status=404)  # nothing lies with us
    for step in ("", f"{made['number']}/approval/", f"{made['number']}/voiding/"):
        refused(theirs, f"{base}{step}", body={})
    owner.post(f"{page}approval/")
    assert reader.get(page)["approval"] == "approved"
    refused(owner, f"{base}goods/", status=400)
    [left] = owner.get(f"{base}goods/?customer_id={world.customer.pk}")
    assert (left["unsold"], left["reported"]) == ("6.0000", "0.0000")


def test_scm_12_goods_are_picked_and_packed_before_they_leave(owner):
    world = World()
    item, ink = world.item("PEN", "Pen", stock=20), world.item("INK", "Ink", stock=5)
    orders = [world.order(item, 3), world.order(ink, 2)]
    made = owner.post("sales/deliveries/", {"order_ids": [order.pk for order in orders]})
    page, first = f"sales/deliveries/{made['number']}/", made["lines"][0]["id"]
    picker = Caller.of(make_member("picker"))
    ticked = picker.post(f"{page}picking/", {"line_ids": [first]})["lines"]  # the row that changed stays in its place
    assert [(line["line_no"], line["picked_at"] is None) for line in ticked] == [(1, False), (2, True)]
    refused(picker, f"{page}packing/", body={}, status=409)
    refused(picker, f"{page}picking/", body={"line_ids": [str(item.pk)]}, status=404)
    refused(Caller.of(make_member("customer_buyer", party=world.customer)), f"{page}picking/", body={})
    assert owner.all("logistics/shipments/") == []
    picker.post(f"{page}picking/")
    assert owner.call("DELETE", f"{page}picking/").json()["lines"][0]["picked_at"] is None
    picker.post(f"{page}picking/")
    picker.post(f"{page}packing/")
    owner.post(f"{page}approval/")
    [sent] = owner.all("logistics/shipments/")
    told = {row["kind"]: row["source"] for row in sent["milestones"]}
    assert told == {"picked": "api", "packed": "api", "dispatched": "api"}
