"""PUR-01 over the API: written, handed in, agreed to at two levels, sent back, ordered, asked for."""

import pytest

from backend.access.models import Member
from backend.workflow.approvals.setup import DelegationData, save_delegation
from tests.api.caller import Caller
from tests.people import make_member, owner_actor
from tests.scenarios.world import World

pytestmark = pytest.mark.usefixtures("tenant")


def test_pur_01_from_need_to_orders_by_tokens():
    world = World()
    item = world.item("PEN", "Pen")
    clerk, buyer = Caller.of(make_member("accountant")), Caller.of(make_member("buyer"))
    deputy = make_member("auditor", name="Deputy")
    lines = [{"item_id": str(item.pk), "qty": "200", "price": "60"}]
    body = {"need_date": str(world.day(9)), "reason": "stock", "lines": lines}
    made = clerk.post("purchasing/requisitions/", body)
    address = f"purchasing/requisitions/{made['number']}/"
    assert (made["gross_amount"], made["lines"][0]["ordered_qty"]) == ("12000.00", "0.0000")
    assert clerk.call("PUT", f"{address}?version=99", body).status_code == 409
    assert buyer.call("POST", f"{address}orders/", {"choices": []}).status_code == 409
    assert clerk.post(f"{address}submission/", {})["approval"] == "submitted"
    refused = clerk.call("POST", f"{address}approval/", {})
    assert refused.status_code == 403
    assert buyer.post(f"{address}rejection/", {"reason": "why so many?"})["approval"] == "rejected"
    clerk.post(f"{address}submission/", {})
    assert buyer.post(f"{address}approval/", {"level": 1})["approval"] == "submitted"
    late = buyer.call("POST", f"{address}approval/", {"level": 1})
    assert late.json()["problems"][0]["code"] in {"level_decided", "not_the_approver"}
    owner = Member.objects.get(pk=owner_actor().member_id)
    away = DelegationData(owner.pk, deputy.pk, world.today, world.day(3))
    save_delegation(data=away, actor=owner_actor(), at=world.at)
    assert Caller.of(deputy).post(f"{address}approval/", {"level": 2})["approval"] == "approved"
    steps = clerk.get(f"{address}levels/")
    assert [(step["state"], step["decided_by_name"], step["for_name"]) for step in steps] == [
        ("approved", "buyer", ""),
        ("approved", "Deputy", owner.name),
    ]
    line = clerk.get(address)["lines"][0]["id"]
    placed = buyer.post(f"{address}orders/", {"choices": [{"line_id": line, "qty": "150"}]})
    assert [row["number"] for row in placed] == [row["number"] for row in buyer.all("purchasing/orders/")]
    again = buyer.call("POST", f"{address}orders/", {"choices": [{"line_id": line, "qty": "51"}]})
    assert again.json()["problems"][0]["code"] == "more_than_approved"
    assert buyer.post(f"{address}rfq/", {})["number"]
    assert buyer.get(address)["lines"][0]["asked_qty"] == "50.0000"
    partner = Caller.of(make_member("supplier_admin", party=world.supplier))
    assert partner.call("GET", address).status_code in {403, 404}
    order = f"purchasing/orders/{placed[0]['number']}/"
    assert buyer.post(f"{order}submission/", {})["approval"] == "submitted"
    assert buyer.post(f"{order}rejection/", {"reason": "wrong day"})["approval"] == "rejected"
    assert buyer.post(f"{order}submission/", {})["approval"] == "submitted"
    assert buyer.post(f"{order}approval/", {})["approval"] == "approved"
