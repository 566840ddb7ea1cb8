"""SRM-04, SRM-11, SRM-18, SRM-20 over the API: a block stops orders, claims are answered, scores are one's own."""

from decimal import Decimal

import pytest
from django.utils import timezone

from backend.srm.models import SupplierScore
from tests.api.caller import Caller
from tests.factories.catalog import make_item
from tests.factories.parties import make_supplier
from tests.factories.purchasing import make_purchase_order
from tests.people import make_member
from tests.scenarios.world import World

pytestmark = pytest.mark.usefixtures("tenant")
D = Decimal


def test_srm_04_a_blocked_supplier_gets_no_order_over_the_api():
    world = World()
    item, buyer = world.item("PEN", "Pen", stock=9), Caller.of(make_member("buyer"))
    lines = [{"item_id": str(item.pk), "qty": "4", "price": "7"}]
    body = {"supplier_id": str(world.supplier.pk), "requested_date": str(world.day(5)), "lines": lines}
    draft = buyer.post("purchasing/orders/", body)
    state = f"srm/suppliers/{world.supplier.pk}/"
    assert buyer.get(state)["state"] == "approved"
    assert buyer.call("POST", f"{state}steps/", {"verb": "block"}).status_code == 400
    assert buyer.post(f"{state}steps/", {"verb": "block", "reason": "fraud"})["state"] == "blocked"
    for address, sent in (("purchasing/orders/", body), (f"purchasing/orders/{draft['number']}/approval/", {})):
        answer = buyer.call("POST", address, sent)
        assert answer.status_code == 409, address
        assert answer.json()["problems"][0]["code"] == "supplier_stopped"
        assert "fraud" in answer.json()["message"]
    asked = {"item_id": str(item.pk), "qty": "4", "need_date": str(world.day(5))}
    rfq = {"title": "Pens", "deadline": f"{world.day(2)}T12:00:00Z", "lines": [asked]}
    made = buyer.call("POST", "purchasing/rfqs/", {**rfq, "supplier_ids": [str(world.supplier.pk)]})
    published = buyer.call("POST", f"purchasing/rfqs/{made.json()['number']}/publication/", {})
    assert (published.status_code, published.json()["problems"][0]["code"]) == (409, "supplier_stopped")
    master = buyer.get(f"parties/{world.supplier.pk}/")
    assert master["supplier"]["state"] == "blocked"
    picker = Caller.of(make_member("warehouse_lead"))
    assert picker.call("POST", f"{state}steps/", {"verb": "unblock", "reason": "x"}).status_code == 403


def test_srm_20_a_claim_is_answered_and_accepted_over_the_api():
    supplier, buyer = make_supplier(), Caller.of(make_member("buyer"))
    theirs = Caller.of(make_member("supplier_sales", party=supplier))
    other = Caller.of(make_member("supplier_sales", party=make_supplier()))
    made = buyer.post("srm/claims/", {"supplier_id": str(supplier.pk), "description": "scratches"})
    address = f"srm/claims/{made['number']}/"
    assert [row["number"] for row in theirs.all("srm/claims/")] == [made["number"]]
    assert other.all("srm/claims/") == []
    assert other.call("GET", address).status_code == 404
    assert theirs.call("POST", "srm/claims/", {"supplier_id": str(supplier.pk), "description": "x"}).status_code == 403
    words = {"containment": "sorted", "cause": "worn tool", "corrective": "new tool"}
    assert other.call("POST", f"{address}answer/", words).status_code == 404
    assert theirs.post(f"{address}answer/", words)["state"] == "answered"
    assert buyer.post(f"{address}refusal/", {"reason": "why worn?"})["state"] == "returned"
    assert theirs.post(f"{address}answer/", words)["state"] == "answered"
    assert buyer.post(f"{address}acceptance/")["state"] == "accepted"
    assert buyer.call("POST", f"{address}cancellation/", {"reason": "x"}).status_code == 409
    unknown = {"supplier_id": str(supplier.pk), "description": "x", "item_id": str(supplier.pk)}
    assert buyer.call("POST", "srm/claims/", unknown).status_code == 400


def test_srm_18_a_suppliers_token_reads_its_own_scores_alone():
    supplier, other = make_supplier(), make_supplier()
    for party in (supplier, other):
        SupplierScore.objects.create(
            party=party, month="2026-10", deliveries=4, on_time=3, on_time_pct=D(75), quantity_pct=D(100), score=D(80),
            computed_at=timezone.now(),
        )  # fmt: skip
    assert len(Caller.of(make_member("buyer")).all("srm/scores/")) == 2
    theirs = Caller.of(make_member("supplier_admin", party=supplier)).all("srm/scores/")
    assert [row["on_time_pct"] for row in theirs] == ["75.0000"]
    driver = Caller.of(make_member("supplier_logistics", party=supplier))
    assert driver.call("GET", "srm/scores/").status_code == 403


def test_srm_11_an_answer_over_one_that_was_not_seen_is_refused_over_the_api():
    supplier = make_supplier()
    order = make_purchase_order((make_item(), 10), supplier=supplier)
    line = str(order.lines.get().pk)
    one, two = (Caller.of(make_member("supplier_sales", party=supplier)) for _person in range(2))
    body = {"lines": [{"order_line_id": line, "parts": [{"qty": "10", "date": "2026-12-24"}]}]}
    seen = {"seen_revision": order.revision, "seen_answer": 0}
    path = f"purchasing/orders/{order.number}/"
    assert one.call("POST", f"{path}answer/", {**body, **seen}).status_code == 200
    refused = two.call("POST", f"{path}answer/", {**body, **seen})
    assert refused.status_code == 409
    assert [(each["code"], each["line"], each["field"]) for each in refused.json()["problems"]] == [
        ("stale_version", 1, "answer")
    ]
    stale = {"seen_revision": order.revision + 1}
    assert two.call("POST", f"{path}confirmation/", stale).status_code == 409
    assert two.call("POST", f"{path}answer/", body).status_code == 200  # without a word of it, as before
