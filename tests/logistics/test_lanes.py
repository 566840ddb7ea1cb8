"""SCM-02, SCM-10, SCM-13: lanes set lead times and freight, and its share of revenue; damage by carrier and region."""

from datetime import UTC, timedelta
from decimal import Decimal

import pytest

from backend.availability.models import Suggestion
from backend.inventory.models import Warehouse
from backend.invoicing.services import sales_invoices
from backend.kernel import clock
from backend.kernel.errors import Conflict, StaleVersion, ValidationRefused
from backend.logistics import damage
from backend.logistics.events import ShipmentDispatched
from backend.logistics.models import Lane, Shipment
from backend.logistics.services import LaneData, report_milestone, resume_lane, save_lane, suspend_lane
from backend.logistics.services.shipments import charge_freight
from backend.parties.inputs import AddressData, CarrierData, PartyData, SupplierData
from backend.parties.models import SupplierRole
from backend.parties.services import save_party
from backend.processes.order_to_cash import invoice_deliveries
from backend.processes.ways import quote_shipment
from backend.reporting.freight import freight_share
from backend.sales.models import SalesDelivery
from backend.sales.services import deliveries
from backend.sales.services.inputs import DeliveryData
from portals.ui import formats
from tests.api.caller import Caller
from tests.factories.catalog import make_item
from tests.factories.parties import AT, make_customer
from tests.factories.returns import ROBOT
from tests.factories.sales import approved_order, put_stock
from tests.people import make_member
from tests.scenarios.world import World

pytestmark = pytest.mark.usefixtures("tenant")
D = Decimal
WHO = {"actor": ROBOT, "at": AT}


def carrier(name="Swift"):
    return save_party(data=PartyData(name=name, carrier=CarrierData(days=1)), **WHO)


def lane(start="杭州", end="北京", days=3, by=None, **cost):
    data = LaneData((by or carrier()).pk, start, end, days, **{name: D(value) for name, value in cost.items()})
    return save_lane(data=data, **WHO)


@pytest.fixture
def home():
    place = Warehouse.objects.filter(is_default=True).first()
    Warehouse.objects.filter(pk=place.pk).update(address="北京市大兴区")
    return place


def mill():
    address = AddressData("1 Mill Road", "浙江", "杭州", is_default=True)
    data = PartyData(name="Mill", supplier=SupplierData(lead_days=5, transport_days=9), addresses=(address,))
    return save_party(data=data, **WHO)


def test_scm_02_five_days_and_three_are_eight_and_follow_the_lane(home):
    supplier = mill()
    made = lane(days=3)
    assert SupplierRole.objects.get(party=supplier).transport_days == 3
    item = make_item(supplier_id=supplier.pk)
    approved_order((item, 10, 20))
    suggestion = Suggestion.objects.get(item=item)
    assert (suggestion.arrival_date - AT.date()).days == 8
    data = LaneData(made.carrier_id, "杭州", "北京", 6)
    save_lane(data=data, lane_id=made.pk, version=made.version, **WHO)
    suggestion.refresh_from_db()
    assert (suggestion.arrival_date - clock.today()).days == 11
    quick = lane(days=2, by=carrier("Quick"))
    assert SupplierRole.objects.get(party=supplier).transport_days == 2
    suspend_lane(lane_id=quick.pk, reason="damage", **WHO)
    assert SupplierRole.objects.get(party=supplier).transport_days == 6
    resume_lane(lane_id=quick.pk, **WHO)
    assert SupplierRole.objects.get(party=supplier).transport_days == 2


def test_lanes_are_checked(home):
    made = lane()
    with pytest.raises(Conflict, match="already"):
        save_lane(data=LaneData(made.carrier_id, "杭州", "北京"), **WHO)
    with pytest.raises(ValidationRefused, match="negative"):
        save_lane(data=LaneData(made.carrier_id, "杭州", "上海", base_cost=D(-1)), **WHO)
    with pytest.raises(StaleVersion):
        save_lane(data=LaneData(made.carrier_id, "杭州", "上海"), lane_id=made.pk, version=9, **WHO)
    with pytest.raises(ValidationRefused):
        suspend_lane(lane_id=made.pk, reason=" ", **WHO)
    assert made.cost_of(pieces=D(2)) == 0


def sent(by, end="华东", qty=2):
    item = make_item()
    put_stock(item, qty)
    order = approved_order((item, qty, 20), customer=make_customer())
    data = DeliveryData(carrier_id=by.pk, ship_to=f"{end} 1 号")
    draft = deliveries.create_delivery_from_order(order_id=order.pk, data=data, **WHO)
    return deliveries.approve_delivery(delivery_id=draft.pk, **WHO)


def test_scm_10_quoted_and_actual_freight(home, client_for):
    by = carrier()
    lane(start="北京", end="华东", by=by, base_cost=10, cost_per_piece="1.5")
    delivery = sent(by)
    shipment = Shipment.objects.get(source_id=delivery.pk)
    quote_shipment(ShipmentDispatched(shipment.pk), ROBOT)
    shipment.refresh_from_db()
    assert (shipment.from_region, shipment.to_region) == ("北京", "华东")
    assert shipment.quoted_freight == D("13.00")
    charged = charge_freight(shipment_id=shipment.pk, freight=D("14.20"), **WHO)
    assert charged.freight == D("14.20")
    with pytest.raises(ValidationRefused):
        charge_freight(shipment_id=shipment.pk, freight=D(-1), **WHO)
    client = client_for(make_member("owner"))
    page = client.get("/logistics/shipments/?view=all").content.decode()
    assert "14.20" in page
    assert "13.00" in page
    assert client.post(f"/logistics/shipments/{shipment.pk}/freight/", {"freight": "15"}).status_code == 302
    shipment.refresh_from_db()
    assert shipment.freight == 15


def test_scm_10_freight_is_a_share_of_revenue(client_for):
    """Two deliveries cost 21 and 9, and 600 are invoiced without VAT: 5 %; without an invoice there is no share."""
    world = World()
    item = world.item("PAPER", "Paper", stock=4)  # 169.50 with VAT
    made = []
    for freight in (21, 9):
        sent_off = deliveries.ship_order(order_id=world.order(item, 2).pk, actor=world.keeper, at=world.at)
        shipment = Shipment.objects.get(source_id=sent_off.pk)
        charge_freight(shipment_id=shipment.pk, freight=D(freight), actor=world.keeper, at=world.at)
        made.append(sent_off.pk)
    found = freight_share(world.today)
    assert (found.freight, found.shipments, found.revenue, found.percent) == (30, 2, 0, None)
    draft = invoice_deliveries(delivery_ids=made, actor=world.accountant, at=world.at)
    sales_invoices.approve_invoice(invoice_id=draft.pk, actor=world.accountant, at=world.at)
    found = freight_share(world.today)
    assert (found.revenue, found.invoices, found.percent) == (600, 1, D("5.0"))
    assert freight_share(world.today.replace(day=1) - timedelta(days=1)).percent is None
    owner = make_member("owner")
    told = Caller.of(owner).get(f"logistics/carriers/freight-share/?month={world.today:%Y-%m}")
    assert (D(told["freight"]), D(told["revenue"]), D(told["percent"])) == (30, 600, 5)
    assert Caller.of(owner).refused("GET", "logistics/carriers/freight-share/?month=2026-13")[0] == 400
    page = client_for(owner).get("/logistics/")
    [tile] = [kpi for kpi in page.context["kpis"] if kpi.value == formats.percent(D("5.0"))]
    assert "600.00" in tile.lines[0]
    keeper = make_member("warehouse_lead")
    assert Caller.of(keeper).refused("GET", "logistics/carriers/freight-share/")[0] == 403
    assert "600.00" not in client_for(keeper).get("/logistics/").content.decode()


def shipments(by, count, broken, since):
    """So many shipments into the east, of which so many came damaged."""
    made = []
    for place in range(count):
        row = Shipment.objects.create(
            direction="out",
            source_type="sales.delivery",
            source_id=make_item().pk,
            source_number=f"X-{place}",
            party=by,
            carrier=by,
            to_region="华东",
            dispatched_at=since,
        )
        if place < broken:
            report_milestone(shipment_id=row.pk, kind="damaged", **WHO)
        made.append(row)
    return made


def test_scm_13_a_day_begins_at_the_companys_midnight(home):
    """Suspended on a day: what left at 0:30 there, still yesterday in UTC, left after; what left at 23:30 before."""
    bad, good = carrier("K"), carrier("Better")
    midnight = clock.start_of(AT.date())
    assert midnight.astimezone(UTC).date() < AT.date()
    shipments(bad, 1, 1, midnight - timedelta(minutes=30))
    shipments(good, 2, 0, midnight + timedelta(minutes=30))
    around = damage.before_and_after(bad.pk, "华东", AT.date())
    assert {side: found[:2] for side, found in around.items()} == {"before": (1, 1), "after": (2, 0)}
    assert [row.shipments for row in damage.damage_rates(AT.date() + timedelta(days=damage.DAYS))] == [2]


def test_lanes_on_the_page_and_rights(home, client_for):
    by = carrier()
    client = client_for(make_member("buyer"))
    form = {"carrier_id": str(by.pk), "from_region": "杭州", "to_region": "北京", "days": "3"}
    costs = {"base_cost": "10", "cost_per_kg": "0", "cost_per_piece": "1"}
    assert client.post("/logistics/lanes/new/", {**form, "base_cost": "x"}).status_code == 400
    assert client.post("/logistics/lanes/new/", {**form, **costs}).status_code == 302
    made = Lane.objects.get()
    assert client.post(f"/logistics/lanes/{made.pk}/edit/", {**form, **costs, "days": "4"}).status_code == 302
    made.refresh_from_db()
    assert made.days == 4
    suspension = f"/logistics/lanes/{made.pk}/suspension/"
    assert client.post(suspension, {"reason": " "}).status_code == 400
    assert client.post(suspension, {"reason": "15 % came damaged"}).status_code == 302
    made.refresh_from_db()
    assert made.suspended_on == clock.today()
    assert client.post(suspension, {"reason": "again"}).status_code == 409
    assert client.post(f"{suspension}undo/").status_code == 302
    rep = client_for(make_member("sales_rep", email="r@example.com"))
    assert rep.get("/logistics/").status_code == 200
    assert rep.post(f"/logistics/lanes/{made.pk}/suspension/", {"reason": "x"}).status_code == 403
    assert client.get(f"/logistics/lanes/{by.pk}/edit/").status_code == 404
    assert SalesDelivery.objects.count() == 0
