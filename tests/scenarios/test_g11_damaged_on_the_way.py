"""G-11, SCM-13: "packaging damaged" is 8 % of the complaints, carrier K breaks 15 % in the east, another takes over: 2 %.

Every figure comes from deliveries, tickets and the day of the suspension: no row is written beside the services.
"""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from backend.kernel import clock
from backend.logistics import damage
from backend.logistics.events import MilestoneReported, ShipmentDispatched
from backend.logistics.models import Lane, Shipment
from backend.logistics.services import LaneData, report_milestone, save_lane, suspend_lane
from backend.parties.inputs import CarrierData, PartyData
from backend.parties.services import save_party
from backend.processes.ways import note_damage, propose_another_carrier, quote_shipment
from backend.sales.models import SalesDeliveryLine
from backend.sales.services import deliveries
from backend.sales.services.inputs import DeliveryData, DeliveryLineInput
from backend.service.complaints import complaint_shares
from backend.service.events import TicketOpened
from backend.service.services.tickets import TicketData, open_ticket
from backend.workflow.models import Notification, Task
from tests.api.caller import Caller
from tests.people import client_of, make_member
from tests.scenarios.world import SYSTEM, D, World, line_of

pytestmark = pytest.mark.usefixtures("tenant")
EAST = "华东"


class Way:
    """Glass goes east with carrier K; Better carries it as well, a day slower. The story began six days ago."""

    def __init__(self) -> None:
        self.world = World(at=timezone.now() - timedelta(days=6))
        self.bad, self.good = (self._carrier(name) for name in ("K", "Better"))
        self.lane = self._lane(self.bad, days=3)
        self._lane(self.good, days=4)
        self.order = self.world.order(self.world.item("GLASS", "Glass", stock=120), 120)
        self.line = line_of(self.order)

    def _carrier(self, name):
        data = PartyData(name=name, carrier=CarrierData(days=3))
        return save_party(data=data, actor=self.world.buyer, at=self.world.at)

    def _lane(self, carrier, *, days):
        data = LaneData(carrier.pk, "北京", EAST, days)
        return save_lane(data=data, actor=self.world.buyer, at=self.world.at)

    def on(self, day):
        return {"at": self.world.at + timedelta(days=day)}

    def send(self, count, carrier, *, day):
        """So many deliveries of a piece leave for the east on that day; the relay finds out which way they go."""
        data = DeliveryData(carrier_id=carrier.pk, ship_to=f"{EAST} 1 号")
        one = [DeliveryLineInput(self.line.pk, D(1))]
        who = {"actor": self.world.keeper, **self.on(day)}
        made = [deliveries.ship_order(order_id=self.order.pk, lines=one, data=data, **who) for _number in range(count)]
        for shipment in Shipment.objects.filter(source_id__in=[row.pk for row in made]):
            quote_shipment(ShipmentDispatched(shipment.pk), SYSTEM)
        return list(SalesDeliveryLine.objects.filter(document__in=made).order_by("pk"))

    def complain(self, lines, cause, *, day):
        """The customer opens a ticket over each of these delivered lines."""
        for line in lines:
            data = TicketData(category=cause, delivery_line_id=line.pk)
            made = open_ticket(data=data, actor=self.world.customer_person, **self.on(day))
            if cause == "damage":
                note_damage(TicketOpened(made.pk), SYSTEM)

    def broken_at_the_gate(self, line, *, day):
        """The carrier's driver says so himself; nobody complains."""
        shipment = Shipment.objects.get(source_id=line.document_id)
        report_milestone(shipment_id=shipment.pk, kind="damaged", actor=self.world.keeper, **self.on(day))
        propose_another_carrier(MilestoneReported(shipment.pk, kind="damaged"), SYSTEM)


def test_g11_from_fifteen_in_a_hundred_to_two():
    way = Way()
    first = way.send(20, way.bad, day=1)
    way.complain(first[:2], "damage", day=2)
    way.complain(first, "quality", day=2)
    way.complain(first[:3], "shortage", day=2)
    way.complain(first[:5], "question", day=2)  # asking is not complaining
    way.broken_at_the_gate(first[2], day=2)
    _fifteen_in_a_hundred_and_somebody_is_told(way)
    suspend_lane(lane_id=way.lane.pk, reason="15 % came damaged", actor=way.world.buyer, **way.on(3))
    second = way.send(100, way.good, day=4)
    way.complain(second[:2], "damage", day=5)
    _two_after_a_hundred(way)


def _fifteen_in_a_hundred_and_somebody_is_told(way):
    today = clock.day_of(way.on(2)["at"])
    [row] = damage.damage_rates(today)
    assert (row.carrier, row.region, row.shipments, row.damaged) == ("K", EAST, 20, 3)
    assert (row.percent, row.alarming) == (D("15.0"), True)
    task = Task.objects.get(kind="logistics.carrier_damage", done_at=None)
    assert (task.params["carrier"], task.params["percent"]) == (way.bad.label, "15.0")
    assert Notification.objects.filter(kind="logistics.carrier_damage").exists()
    shares = {share.cause: (share.complaints, share.of, share.percent) for share in complaint_shares(today)}
    assert shares["damage"] == (2, 25, D("8.0")), "packaging damaged: 8 % of complaints"
    assert sum(percent for _count, _of, percent in shares.values()) == 100
    later = {share.cause: share for share in complaint_shares(today + timedelta(days=90))}
    assert (later["damage"].percent, later["damage"].percent_before) == (None, D("8.0"))


def _two_after_a_hundred(way):
    [found] = damage.suspensions()
    lane = Lane.objects.get(pk=way.lane.pk)
    assert (found.lane, lane.suspended_on) == (lane, clock.day_of(way.on(3)["at"]))
    assert (found.before, found.after) == ((20, 3, D("15.0")), (100, 2, D("2.0")))
    owner = make_member("owner")
    caller, client = Caller.of(owner), client_of(owner)
    [told] = caller.get("logistics/carriers/suspensions/")
    assert (told["carrier"], D(told["before"]["percent"]), D(told["after"]["percent"])) == ("K", 15, 2)
    page = client.get("/logistics/").content.decode()
    for figure in ("3 / 20", "2 / 100"):
        assert figure in page
    assert '"values": [15.0]' in page, "the chart before"
    assert '"values": [2.0]' in page, "and after"
    _tickets_stand_behind_the_share(caller, client, page)


def _tickets_stand_behind_the_share(caller, client, page):
    """4 of 27 complaints by now: the page and the API lead to exactly those four."""
    [told] = [row for row in caller.get("logistics/carriers/complaints/") if row["cause"] == "damage"]
    assert (told["complaints"], told["of"]) == (4, 27)
    asked = f"category=damage&since={told['since']}&until={told['until']}"
    found = {row["number"] for row in caller.all(f"service/tickets/?{asked}")}
    assert len(found) == 4
    assert caller.all(f"service/tickets/?category=damage&until={told['since']}") == []
    assert caller.refused("GET", "service/tickets/?category=damage&since=soon")[0] == 400
    [link] = re.findall(r'href="(/service/tickets/\?category=damage[^"]*)"', page)
    listed = client.get(link.replace("&amp;", "&")).content.decode()
    assert found == set(re.findall(r"/service/tickets/(GD[-\d]+)/", listed))
