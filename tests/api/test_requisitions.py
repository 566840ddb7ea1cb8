"""PUR-01 over the API: written, handed in, agreed to at two levels, sent back, ordered, asked for."""

import pytest

from backend.access.models import Member, Role
from backend.purchasing.services import orders as purchases
from backend.purchasing.services import requisitions
from backend.purchasing.services.inputs import LineInput, OrderData, RequisitionData, RequisitionLineInput
from backend.workflow.approvals.setup import DelegationData, save_delegation
from tests.api.caller import Caller
from tests.people import make_member, owner_actor
from tests.scenarios.world import D, World

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


def test_pur_01_rules_and_substitutes_by_tokens():
    """Made, changed and ended by those who may; what waits for a substitute is read and decided, nothing else."""
    owner, buyer = Caller.of(make_member("owner")), Caller.of(make_member("buyer"))
    picker_member = make_member("picker", name="Deputy")
    picker = Caller.of(picker_member)
    rules, role = "workflow/approval-rules/", Role.objects.get(code="finance_manager")
    body = {"doc_type": "sales.order", "level": 1, "amount_from": "0", "role_id": str(role.pk)}
    assert buyer.call("GET", rules).status_code == buyer.call("POST", rules, body).status_code == 403
    for row in owner.all(rules):
        assert owner.call("DELETE", f"{rules}{row['id']}/").status_code == 204
    made = owner.post(rules, body)
    assert (made["approver"] != "", made["role"], made["member"]) == (True, str(role.pk), None)
    assert owner.call("POST", rules, body).status_code == 400
    manager = make_member("finance_manager", name="Boss")
    named = {**body, "role_id": None, "member_id": str(manager.pk)}
    assert owner.put(f"{rules}{made['id']}/", named)["approver"] == "Boss"
    for kind in ("purchasing.order", "purchasing.requisition"):
        owner.post(rules, {**named, "doc_type": kind})

    world, substitutes = World(), "workflow/substitutes/"
    item = world.item("PEN", "Pen", stock=9)
    days = {"date_from": str(world.today), "date_to": str(world.day(2))}
    away = {"person_id": str(manager.pk), "substitute_id": str(picker_member.pk), **days}
    assert buyer.call("POST", substitutes, away).status_code == 403
    standing_in = Caller.of(manager).post(substitutes, away)
    address = f"{substitutes}{standing_in['id']}/"
    assert buyer.call("GET", address).status_code == buyer.call("PUT", address, away).status_code == 404
    longer = {**away, "date_to": str(world.day(9)), "reason": "fair"}
    assert Caller.of(manager).put(address, longer)["reason"] == "fair"
    assert [row["id"] for row in owner.all(substitutes)] == [standing_in["id"]]
    assert buyer.all(substitutes) == []

    sold, other = (world.order(item, 2, approve=False) for _each in range(2))
    paths = [f"sales/orders/{sold.number}/", *_bought(world, item)]
    for path in paths:
        assert picker.call("GET", path).status_code == 403, "not handed in yet"
        assert picker.call("POST", f"{path}approval/", {}).status_code == 403
        owner.post(f"{path}submission/", {})
    assert {row["number"] for row in picker.get("workflow/approvals/")} == {path.split("/")[2] for path in paths}
    for path in paths:
        shown = picker.get(path)
        assert D(shown["gross_amount"]) > 0, "who decides by the amount sees it"
        assert picker.get(f"{path}levels/")
        for method, step in (
            ("GET", "timeline/"),
            ("POST", "voiding/"),
            ("DELETE", "submission/"),
            ("DELETE", "approval/"),
        ):
            assert picker.call(method, f"{path}{step}", {} if method == "POST" else None).status_code == 403, step
        assert picker.call("GET", path.rsplit("/", 2)[0] + "/").status_code == 403
    assert picker.call("GET", f"sales/orders/{other.number}/").status_code == 403
    assert picker.post(f"{paths[0]}rejection/", {"reason": "too cheap"})["approval"] == "rejected"
    for path in paths[1:]:
        assert picker.post(f"{path}approval/", {})["approval"] == "approved"
    assert {picker.call("GET", path).status_code for path in paths} == {403}
    assert Caller.of(manager).call("DELETE", address).status_code == 204
    assert owner.call("DELETE", f"{rules}{made['id']}/").status_code == 204
    assert owner.call("DELETE", f"{rules}{made['id']}/").status_code == 404


def _bought(world, item):
    """A purchase order and a requisition that are drafts."""
    order = purchases.save_order(
        data=OrderData(world.supplier.pk, world.day(5), (LineInput(item.pk, D(4), price=D(7)),)),
        actor=world.buyer,
        at=world.at,
    )
    need = RequisitionData(world.day(9), (RequisitionLineInput(item.pk, D(3), price=D(8)),))
    wanted = requisitions.save_requisition(data=need, actor=world.buyer, at=world.at)
    return f"purchasing/orders/{order.number}/", f"purchasing/requisitions/{wanted.number}/"
