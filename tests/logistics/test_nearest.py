"""SCM-11, G-05, SCM-01: from which warehouse an order goes, explained with days and cost; the supply page of an item."""

from decimal import Decimal

import pytest

from backend.inventory.models import Warehouse
from backend.kernel.errors import Conflict
from backend.logistics.services import LaneData, save_lane
from backend.parties.inputs import CarrierData, PartyData
from backend.parties.models import CustomerRole
from backend.parties.services import save_party
from backend.processes import nearest
from backend.reporting.supply import supply_of
from backend.sales.models import SalesOrder
from backend.sales.services import orders
from tests.api.caller import Caller
from tests.factories.catalog import make_item
from tests.factories.parties import AT, make_customer
from tests.factories.purchasing import make_purchase_order, receive
from tests.factories.returns import ROBOT, send_back
from tests.factories.sales import approved_order, make_order, put_stock
from tests.logistics.test_lanes import mill
from tests.people import make_member

pytestmark = pytest.mark.usefixtures("tenant")
D = Decimal
WHO = {"actor": ROBOT, "at": AT}


@pytest.fixture
def sites():
    """Beijing 500 (three days to Hangzhou), Shanghai 300 (one day)."""
    Warehouse.objects.update(address="广州")
    places = [Warehouse.objects.create(code=code, name=f"{code} DC", address=code) for code in ("北京", "上海")]
    carrier = save_party(data=PartyData(name="Swift", carrier=CarrierData()), **WHO)
    for start, days, cost in (("北京", 3, 40), ("上海", 1, 15)):
        save_lane(data=LaneData(carrier.pk, start, "杭州", days, D(cost), D(0), D("0.1")), **WHO)
    item = make_item()
    for place, qty in zip(places, (500, 300), strict=True):
        put_stock(item, qty, warehouse=place)
    return item, *places


def order_of(item, qty=320, *, complete=False):
    customer = make_customer()
    CustomerRole.objects.filter(party=customer).update(ship_complete=complete)
    return make_order((item, qty, "22.60"), customer=customer, ship_to="浙江省杭州市祥园路 88 号")


def parts(option):
    return [(part.place.warehouse.code, part.qty, part.cost) for part in option.parts]


def test_g_05_shanghai_300_and_beijing_20_or_all_from_beijing_by_policy(sites):
    item, _beijing, _shanghai = sites
    plan = nearest.allocate(order_of(item))
    assert plan.region == "杭州"
    assert [place.warehouse.code for place in plan.places[:2]] == ["上海", "北京"]
    split, complete = plan.option("split"), plan.option("complete")
    assert parts(split) == [("上海", 300, D("45.00")), ("北京", 20, D("42.00"))]
    assert parts(complete) == [("北京", 320, D("72.00"))]
    assert (split.cost, split.days, complete.cost, complete.days) == (D("87.00"), 3, D("72.00"), 3)
    assert plan.chosen == "split"
    assert "nearest" in plan.reasons[0]
    wanted = nearest.allocate(order_of(item, complete=True))
    assert wanted.chosen == "complete"
    assert any("complete deliveries only" in reason for reason in wanted.reasons)


def test_scm_11_the_nearest_that_has_everything_is_chosen(sites):
    item, _beijing, _shanghai = sites
    plan = nearest.allocate(order_of(item, 100))
    assert plan.chosen == "complete"
    assert parts(plan.option("complete")) == [("上海", 100, D("25.00"))]
    short = nearest.allocate(order_of(item, 900))
    assert short.option("split").missing == 100
    assert nearest.allocate(order_of(item, 900, complete=True)).chosen == ""
    elsewhere = make_order((item, 5, 20), customer=make_customer(), ship_to="Mars")
    assert "no region" in nearest.allocate(elsewhere).reasons[0]


def test_scm_11_guangzhou_is_nearer_and_where_it_lacks_a_line_the_policy_decides(sites):
    """To Shenzhen: both items lie in Guangzhou and in Beijing; then Guangzhou lacks the second."""
    first, beijing, _shanghai = sites
    guangzhou = Warehouse.objects.get(is_default=True)
    carrier = save_party(data=PartyData(name="South", carrier=CarrierData()), **WHO)
    for start, days in (("北京", 4), ("广州", 1)):
        save_lane(data=LaneData(carrier.pk, start, "深圳", days, D(10)), **WHO)
    second = make_item()
    for item, place, qty in ((first, guangzhou, 50), (second, guangzhou, 50), (second, beijing, 50)):
        put_stock(item, qty, warehouse=place)

    def allocated(qty, *, complete=False):
        customer = make_customer()
        CustomerRole.objects.filter(party=customer).update(ship_complete=complete)
        lines = ((first, 10, 20), (second, qty, 20))
        plan = nearest.allocate(make_order(*lines, customer=customer, ship_to="广东省深圳市福华路 1 号"))
        chosen = plan.option(plan.chosen)
        places = [(part.place.warehouse, {line.line_no: taken for line, taken in part.lines}) for part in chosen.parts]
        return plan, places

    plan, places = allocated(10)
    assert places == [(guangzhou, {1: 10, 2: 10})]
    assert [place.warehouse for place in plan.places][:2] == [guangzhou, beijing]
    approved_order((second, 50, 20), warehouse_id=guangzhou.pk)  # what another order holds is not there
    plan, places = allocated(10)
    assert (plan.chosen, places) == ("split", [(guangzhou, {1: 10}), (beijing, {2: 10})])
    assert any(second.name in reason for reason in plan.reasons), plan.reasons
    plan, places = allocated(10, complete=True)
    assert (plan.chosen, places) == ("complete", [(beijing, {1: 10, 2: 10})])
    assert any("complete deliveries only" in reason for reason in plan.reasons)


def test_g_05_taking_it_up_makes_an_order_for_each_warehouse(sites):
    item, beijing, shanghai = sites
    order = order_of(item)
    first, second = nearest.take_up(order_id=order.pk, key="split", **WHO)
    assert (first.pk, first.warehouse_id, first.lines.get().qty) == (order.pk, shanghai.pk, 300)
    assert (second.warehouse_id, second.lines.get().qty) == (beijing.pk, 20)
    assert first.gross_amount + second.gross_amount == D("7232.00")
    approved = orders.approve_order(order_id=first.pk, **WHO)
    with pytest.raises(Conflict, match="no draft"):
        nearest.take_up(order_id=approved.pk, key="split", **WHO)
    other = order_of(item, 250)
    (moved,) = nearest.take_up(order_id=other.pk, key="complete", **WHO)
    assert moved.warehouse_id == beijing.pk  # what is reserved in Shanghai is not free any more
    with pytest.raises(Conflict, match="any more"):
        nearest.take_up(order_id=moved.pk, key="nothing", **WHO)


def test_scm_11_on_the_page(sites, client_for):
    item, beijing, _shanghai = sites
    order = order_of(item)
    client, url = client_for(make_member("owner")), f"/sales/orders/{order.number}/allocation/"
    page = client.get(url).content.decode()
    for word in ("87.00", "72.00", "300", "320"):
        assert word in page
    assert client.post(url, {"option": "none"}).status_code == 409
    assert client.post(url, {"option": "complete"}).status_code == 302
    assert SalesOrder.objects.get(pk=order.pk).warehouse_id == beijing.pk
    assert client_for(make_member("buyer", email="b@example.com")).get(url).status_code == 403
    assert client.get("/sales/orders/SO-404/allocation/").status_code == 404


def test_scm_01_stock_supplier_lead_quality_and_way_on_one_page(sites, client_for):
    """Beijing 500, Shanghai 300; 5 + 3 = 8 days with the source supplier."""
    _item, beijing, _shanghai = sites
    Warehouse.objects.update(is_default=False)
    Warehouse.objects.filter(pk=beijing.pk).update(is_default=True)
    supplier = mill()
    carrier = save_party(data=PartyData(name="Rail", carrier=CarrierData()), **WHO)
    save_lane(data=LaneData(carrier.pk, "杭州", "北京", 3, D(30)), **WHO)
    item = make_item(supplier_id=supplier.pk)
    for place, qty in ((beijing, 500), (_shanghai, 300)):
        put_stock(item, qty, warehouse=place)
    receipt = receive(make_purchase_order((item, 10), supplier=supplier, warehouse_id=beijing.pk), 10)
    send_back(receipt, 1)
    found = supply_of(item)
    assert [(row.warehouse.code, row.on_hand) for row in found.stock] == [("上海", 300), ("北京", 509)]
    main = found.main
    assert (main.lead_days, main.transport_days, main.total_days) == (5, 3, 8)
    assert (main.good_pct, main.on_time_pct, main.price) == (D("90.0"), D("100.0"), D("11.30"))
    assert [(str(way.lane), way.warehouse) for way in main.ways] == [("杭州 → 北京", beijing)]
    page = client_for(make_member("owner")).get(f"/items/{item.pk}/supply/").content.decode()
    for word in ("5 + 3 = 8", "509", "300", "90"):
        assert word in page
    told = Caller.of(make_member("owner", email="api@example.com")).get(f"catalog/items/{item.pk}/supply/")
    assert [(row["warehouse"], D(row["on_hand"])) for row in told["stock"]] == [("上海 DC", 300), ("北京 DC", 509)]
    [source] = told["sources"]
    assert [source[f"{name}_days"] for name in ("lead", "transport", "total")] == [5, 3, 8]
    assert (D(source["good_pct"]), source["ways"][0]["warehouse"]) == (90, "北京 DC")
    keeper = Caller.of(make_member("picker", email="k@example.com")).get(f"catalog/items/{item.pk}/supply/")
    assert not {"sources"} & keeper.keys()
    picker = client_for(make_member("picker", email="p@example.com")).get(f"/items/{item.pk}/supply/").content.decode()
    assert supplier.name not in picker
    assert (
        client_for(make_member("owner", email="o2@example.com")).get(f"/items/{beijing.pk}/supply/").status_code == 404
    )


def test_scm_11_a_draft_says_from_where_it_would_better_leave(sites, client_for):
    """On the page of the draft, before anybody approves it; silent once it leaves from there, and to who only reads."""
    item, _beijing, shanghai = sites
    order = order_of(item, 200)
    plan = nearest.better_way(order)
    assert plan is not None
    assert plan.option(plan.chosen).parts[0].place.warehouse == shanghai
    page = f"/sales/orders/{order.number}/"
    client = client_for(make_member("owner"))
    shown = client.get(page).content.decode()
    assert "上海 DC 200" in shown
    assert f"{page}allocation/" in shown
    assert "上海 DC 200" not in client_for(make_member("auditor")).get(page).content.decode()
    nearest.take_up(order_id=order.pk, key=plan.chosen, **WHO)
    order = SalesOrder.objects.get(pk=order.pk)
    assert nearest.better_way(order) is None
    orders.approve_order(order_id=order.pk, **WHO)
    assert nearest.better_way(SalesOrder.objects.get(pk=order.pk)) is None
