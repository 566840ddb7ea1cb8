"""Shipments and their milestones."""

from datetime import timedelta

import pytest

from backend.access.services import actor_for
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, ValidationRefused
from backend.logistics.models import Milestone, Shipment
from backend.logistics.selectors import carrier_label, shipment_of, shipments_visible_to, tracking_url
from backend.logistics.services import (
    ShipmentData,
    cancel_shipment,
    create_shipment,
    mark_delivered,
    report_milestone,
)
from tests.factories.catalog import make_item
from tests.factories.parties import AT, make_carrier, make_customer
from tests.factories.sales import make_order

pytestmark = pytest.mark.usefixtures("tenant")
WHO = Actor.system()


def send(customer=None, **data):
    customer = customer or make_customer()
    source = make_order((make_item(), 1), customer=customer)
    return create_shipment(
        source=source, direction="out", party_id=customer.pk, data=ShipmentData(**data), actor=WHO, at=AT
    )


def test_the_usual_days_of_the_carrier_give_the_arrival():
    carrier = make_carrier("快快", days=2, tracking_url="https://kk.example/{number}")
    shipment = send(carrier_id=carrier.pk, tracking_no="K1")
    assert shipment.expected_date == AT.date() + timedelta(days=2)
    found = shipment_of(shipment.source_id)
    assert (carrier_label(found), tracking_url(found)) == ("快快", "https://kk.example/K1")
    assert [m.kind for m in found.milestones.all()] == ["dispatched"]


def test_milestones_until_it_arrives():
    shipment = send()
    report_milestone(shipment_id=shipment.pk, kind="in_transit", place="南京", actor=WHO, at=AT)
    with pytest.raises(ValidationRefused):
        report_milestone(shipment_id=shipment.pk, kind="flying", actor=WHO, at=AT)
    mark_delivered(source_id=shipment.source_id, signed_by="王", actor=WHO, at=AT)
    mark_delivered(source_id=shipment.source_id, signed_by="李", actor=WHO, at=AT)
    shipment.refresh_from_db()
    assert (shipment.signed_by, Milestone.objects.filter(kind="delivered").count()) == ("王", 1)
    with pytest.raises(Conflict):
        report_milestone(shipment_id=shipment.pk, kind="in_transit", actor=WHO, at=AT)
    report_milestone(shipment_id=shipment.pk, kind="damaged", note="外箱破", actor=WHO, at=AT)


def test_a_document_has_one_shipment_and_may_lose_it():
    shipment = send()
    source = make_order((make_item(), 1))
    source.pk = shipment.source_id
    again = create_shipment(
        source=source, direction="out", party_id=shipment.party_id, data=ShipmentData(packages=3), actor=WHO, at=AT
    )
    assert (again.pk, again.packages) == (shipment.pk, 3)
    cancel_shipment(source_id=shipment.source_id)
    assert not Shipment.objects.exists()


def test_a_customer_sees_his_own(member_for):
    ours, other = make_customer(), make_customer()
    shipment = send(ours)
    send(other)
    assert list(shipments_visible_to(actor_for(member_for("customer_receiver", party=ours)))) == [shipment]
    assert shipments_visible_to(actor_for(member_for("warehouse_lead"))).count() == 2
