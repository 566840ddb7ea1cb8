"""Ways of goods: lanes set suppliers' days and shipments' cost; damage on a lane is told, with what to do about it."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from backend.availability.models import DemandLine
from backend.availability.services import planning
from backend.availability.services.causes import Cause
from backend.inventory.models import Warehouse
from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.logistics import damage
from backend.logistics.events import LaneChanged, MilestoneReported, ShipmentDispatched
from backend.logistics.models import Lane, MilestoneKind, Shipment
from backend.logistics.regions import region_in
from backend.logistics.services import lanes, report_milestone
from backend.logistics.services.shipments import set_route
from backend.parties.services.transport import set_transport_days, suppliers_with_addresses
from backend.processes import addresses
from backend.sales.models import SalesDelivery, SalesDeliveryLine
from backend.service.events import TicketOpened
from backend.service.models import Ticket
from backend.workflow import parameters
from backend.workflow.services import create_task, notify

DAMAGE = "damage"


def region_of_warehouse(warehouse: Warehouse, regions: Iterable[str]) -> str:
    """The region a warehouse lies in, by its address, else by its name."""
    known = list(regions)
    return region_in(warehouse.address, known) or region_in(warehouse.name, known)


# --- lead times --------------------------------------------------------------------------------
@subscribe(LaneChanged, when="now")
def follow_lane(event: LaneChanged, actor: Actor) -> None:
    """Suppliers of the region take as long as the best lane to our warehouse and the receiving; what waits is replanned."""
    all_lanes = list(Lane.objects.all())
    ends = {lane.to_region for lane in all_lanes}
    home = Warehouse.objects.filter(is_default=True).first()
    if home is None or region_of_warehouse(home, ends) != event.to_region:
        return
    lane = lanes.best(all_lanes, event.from_region, event.to_region)
    if lane is None:
        return
    starts = {each.from_region for each in all_lanes}
    there = [pk for pk, words in suppliers_with_addresses() if region_in(words, starts) == event.from_region]
    changed = set_transport_days(there, lane.days + int(parameters.get("purchasing.receiving_days")))
    waiting = DemandLine.objects.filter(open_qty__gt=0, item__supplier_id__in=changed)
    pairs = set(waiting.values_list("item_id", "warehouse_id"))
    if pairs:
        cause = Cause("lane_changed", "logistics.lane", lane.pk, str(lane))
        planning.replan(pairs, cause=cause, actor=actor, at=timezone.now())


# --- cost of a shipment ------------------------------------------------------------------------
@subscribe(ShipmentDispatched, when="after_commit")
def quote_shipment(event: ShipmentDispatched, actor: Actor) -> None:
    """Which way it goes and what the lane says it costs; after the goods have left, so that leaving waits for nothing."""
    shipment = Shipment.objects.filter(pk=event.aggregate_id).first()
    if shipment is None or shipment.direction != "out":
        return
    delivery = SalesDelivery.objects.select_related("warehouse").filter(pk=shipment.source_id).first()
    if delivery is None:
        return
    all_lanes = list(Lane.objects.all())
    start = region_of_warehouse(delivery.warehouse, {lane.from_region for lane in all_lanes})
    end = region_in(shipment.destination or delivery.ship_to, {lane.to_region for lane in all_lanes})
    own = [lane for lane in all_lanes if lane.carrier_id == shipment.carrier_id]
    lane = lanes.best(own, start, end) or lanes.best(all_lanes, start, end)
    pieces = SalesDeliveryLine.objects.filter(document=delivery).aggregate(n=Sum("qty"))["n"] or Decimal(0)
    quoted = lane.cost_of(pieces=pieces, kilograms=shipment.weight_kg) if lane else None
    set_route(source_id=delivery.pk, from_region=start, to_region=end, pieces=pieces, quoted=quoted)


# --- damage ------------------------------------------------------------------------------------
@subscribe(TicketOpened, when="after_commit")
def note_damage(event: TicketOpened, actor: Actor) -> None:
    """A customer reports damaged goods: the shipment they came with is marked (CPT-07)."""
    ticket = Ticket.objects.filter(pk=event.aggregate_id, category=DAMAGE).exclude(delivery_line_id=None).first()
    line = SalesDeliveryLine.objects.filter(tickets=ticket).first() if ticket else None
    shipment = Shipment.objects.filter(source_id=line.document_id).first() if line else None
    if ticket is None or shipment is None or shipment.milestones.filter(kind=MilestoneKind.DAMAGED).exists():
        return
    report_milestone(
        shipment_id=shipment.pk, kind=MilestoneKind.DAMAGED, note=ticket.number, actor=actor, at=timezone.now()
    )


@subscribe(MilestoneReported, when="after_commit")
def propose_another_carrier(event: MilestoneReported, actor: Actor) -> None:
    """More than five in a hundred come damaged: somebody decides whether the carrier goes on."""
    if event.kind != MilestoneKind.DAMAGED:
        return
    shipment = Shipment.objects.select_related("carrier").filter(pk=event.aggregate_id).first()
    if shipment is None or shipment.carrier is None or not shipment.to_region:
        return
    found = damage.damage_rates(clock.today(), carrier_id=shipment.carrier_id, region=shipment.to_region)
    lane = Lane.objects.filter(carrier_id=shipment.carrier_id, to_region=shipment.to_region, suspended_on=None).first()
    if lane is None or not found or not found[0].alarming:
        return
    params = {
        "carrier": shipment.carrier.label,
        "region": shipment.to_region,
        "percent": f"{found[0].percent}",
        "shipments": found[0].shipments,
    }
    who: dict[str, Any] = {"permission": "logistics.lane.edit", "at": timezone.now()}
    create_task(kind="logistics.carrier_damage", params=params, dedupe_key=f"damage:{lane.pk}", **who)
    notify(
        kind="logistics.carrier_damage",
        params=params,
        url=addresses.LOGISTICS,
        dedupe_key=f"damage:{lane.pk}:{clock.today()}",
        **who,
    )
