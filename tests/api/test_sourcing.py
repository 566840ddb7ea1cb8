"""SRM-05 … SRM-08 and SRM-23 over the API: a supplier's token writes its own sealed quote, the buyer compares and awards."""

from datetime import timedelta

import pytest
from django.utils import timezone

from backend.kernel.actor import Actor
from backend.parties.services.suppliers import set_supplier_state
from backend.purchasing.models import PurchaseOrder, Quote, Rfq
from backend.purchasing.services import rfqs
from backend.purchasing.services.inputs import RfqData, RfqLineInput
from tests.api.caller import Caller
from tests.factories.catalog import make_item
from tests.factories.parties import make_supplier
from tests.people import make_member
from tests.scenarios.world import D

pytestmark = pytest.mark.usefixtures("tenant")


def offer(line, price, **more):
    lines = [{"rfq_line_id": line, "price": str(price), "lead_days": 5, **more}]
    return {"offer": {"lines": lines, "valid_until": str(timezone.now().date() + timedelta(days=30))}}


def asked(buyer, suppliers, ahead=timedelta(hours=2)):
    lines = [{"item_id": str(make_item().pk), "qty": "120", "need_date": str(timezone.now().date())}]
    body = {
        "title": "Paper",
        "deadline": (timezone.now() + ahead).isoformat(),
        "lines": lines,
        "supplier_ids": [str(party.pk) for party in suppliers],
    }
    made = buyer.post("purchasing/rfqs/", body)
    address = f"purchasing/rfqs/{made['number']}/"
    assert buyer.post(f"{address}publication/")["state"] == "published"
    return address, made["lines"][0]["id"]


def test_srm_05_quotes_are_sealed_over_the_api_for_everybody_but_their_supplier():
    buyer, parties = Caller.of(make_member("buyer")), [make_supplier() for _ in range(3)]
    mine, other = (Caller.of(make_member("supplier_sales", party=party)) for party in parties[:2])
    stranger = Caller.of(make_member("supplier_sales", party=make_supplier()))
    address, line = asked(buyer, parties)
    assert "invitations" not in mine.get(address)
    assert len(buyer.get(address)["invitations"]) == 3
    steps = {"steps": [{"from_qty": "100", "price": "9"}]}
    receipt = mine.post(f"{address}quotes/", offer(line, 10, **steps))
    assert (receipt["revision"], receipt["source"]) == (1, "portal")
    assert mine.get(f"{address}quotes/")[0]["lines"][0]["price"] == "10.000000"
    for blind in (other, buyer):
        assert blind.get(f"{address}quotes/") == []
    assert buyer.get(f"{address}comparison/")[0]["offers"] == []
    assert buyer.call("POST", f"{address}opening/").status_code == 409
    assert stranger.call("GET", address).status_code == 404
    assert stranger.call("POST", f"{address}quotes/", offer(line, 1)).status_code == 404
    as_another = {**offer(line, 8), "supplier_id": str(parties[0].pk)}
    assert other.post(f"{address}quotes/", as_another)["supplier"]["id"] == str(parties[1].pk)
    assert other.call("GET", f"{address}comparison/").status_code == 403
    assert Caller.of(make_member("supplier_logistics", party=parties[0])).call("GET", address).status_code == 403


def test_srm_05_a_quote_on_paper_is_keyed_for_its_supplier_and_stays_sealed():
    """Marked as keyed by staff, only where the supplier was asked, never over the supplier's own offer."""
    buyer, parties = Caller.of(make_member("buyer")), [make_supplier() for _ in range(2)]
    address, line = asked(buyer, parties)
    paper = {**offer(line, 11), "supplier_id": str(parties[1].pk), "source": "mail"}
    assert buyer.call("POST", f"{address}quotes/", {**paper, "source": "portal"}).status_code == 400
    assert buyer.call("POST", f"{address}quotes/", {**paper, "supplier_id": str(make_supplier().pk)}).status_code == 404
    assert buyer.call("POST", f"{address}quotes/", offer(line, 11)).status_code == 404
    made = buyer.post(f"{address}quotes/", paper)
    assert made["source"] == "mail"
    assert not {"lines", "freight"} & made.keys()
    assert buyer.get(f"{address}quotes/") == []
    keyed = [row["keyed_by_name"] for row in buyer.get(address)["invitations"] if row["revision"]]
    assert keyed == [made["by_name"]]
    Caller.of(make_member("supplier_sales", party=parties[0])).post(f"{address}quotes/", offer(line, 10))
    over = {**paper, "supplier_id": str(parties[0].pk)}
    refused = buyer.call("POST", f"{address}quotes/", over)
    assert (refused.status_code, refused.json()["problems"][0]["code"]) == (409, "cannot_key_quote")
    assert Caller.of(make_member("auditor")).call("POST", f"{address}quotes/", paper).status_code == 403


def test_srm_07_opened_quotes_are_compared_awarded_and_taken_back_over_the_api():
    buyer, parties = Caller.of(make_member("buyer")), [make_supplier() for _ in range(2)]
    system, now = Actor.system("Buyer"), timezone.now()
    lines = [RfqLineInput(make_item().pk, D(120), now.date())]
    early = now - timedelta(days=2)
    data = RfqData("Paper", now - timedelta(hours=1), lines, [party.pk for party in parties])
    rfq = rfqs.save_rfq(data=data, actor=system, at=early)
    rfqs.publish_rfq(rfq_id=rfq.pk, actor=system, at=early)
    from backend.purchasing.services.inputs import QuoteData, QuoteLineInput, StepInput
    from backend.purchasing.services.quotes import submit_quote

    line = rfq.lines.get()
    for party, price, steps in ((parties[0], 10, [StepInput(D(100), D(9))]), (parties[1], 8, [])):
        given = QuoteData([QuoteLineInput(line.pk, D(price), 5, steps)], now.date() + timedelta(days=30))
        person = Actor(kind="supplier", name="李", party_id=party.pk, channel="portal")
        submit_quote(rfq_id=rfq.pk, data=given, actor=person, at=early)
    address = f"purchasing/rfqs/{rfq.number}/"
    assert buyer.post(f"{address}opening/")["state"] == "closed"
    assert len(buyer.get(f"{address}quotes/")) == 2
    [compared] = buyer.get(f"{address}comparison/")
    assert [row["supplier_id"] for row in compared["offers"]] == [str(parties[1].pk), str(parties[0].pk)]
    part = {"rfq_line_id": str(line.pk), "supplier_id": str(parties[0].pk), "qty": "120"}
    silent = buyer.call("POST", f"{address}award/", {"awards": [part]})
    assert silent.json()["problems"][0]["code"] == "award_reason_needed"
    [award] = buyer.post(f"{address}award/", {"awards": [{**part, "reason": "Better paper"}]})
    assert award["price"] == "9.000000"
    assert PurchaseOrder.objects.get(number=award["order"]["number"]).lines.get().price_reason == "Better paper"
    loser = Caller.of(make_member("supplier_sales", party=parties[1]))
    assert loser.get(f"{address}award/") == []
    assert loser.get(f"{address}quotes/")[0]["lines"][0]["price"] == "8.000000"
    assert buyer.call("DELETE", f"{address}award/").json()["state"] == "closed"
    assert Rfq.objects.get(pk=rfq.pk).awards.count() == 0
    assert Quote.objects.filter(rfq=rfq).count() == 2


def test_srm_23_a_blanket_is_called_off_over_the_api():
    owner, supplier = Caller.of(make_member("owner")), make_supplier()
    today = timezone.now().date()
    lines = [{"item_id": str(make_item().pk), "qty": "10000", "price": "2"}]
    body = {"supplier_id": str(supplier.pk), "valid_from": str(today), "valid_to": str(today + timedelta(days=90))}
    made = owner.post("purchasing/blankets/", {**body, "lines": lines})
    address, line = f"purchasing/blankets/{made['number']}/", made["lines"][0]["id"]
    wanted = lambda qty, **more: {  # noqa: E731
        "lines": [{"blanket_line_id": line, "qty": qty}], "requested_date": str(today), **more,
    }  # fmt: skip
    assert owner.call("POST", f"{address}call-offs/", wanted("1")).status_code == 409
    owner.post(f"{address}approval/")
    for qty in ("3000", "4000"):
        owner.post(f"{address}call-offs/", wanted(qty))
    assert owner.get(address)["lines"][0]["left_qty"] == "3000.0000"
    assert owner.call("POST", f"{address}call-offs/", wanted("3001")).status_code == 409
    assert Caller.of(make_member("auditor")).call("POST", f"{address}call-offs/", wanted("1")).status_code == 403
    owner.post(f"{address}call-offs/", wanted("3001", reason="a rush"))
    set_supplier_state(party_id=supplier.pk, state="blocked", reason="Fraud", actor=Actor.system(), at=timezone.now())
    blocked = owner.call("POST", f"{address}call-offs/", wanted("1"))
    assert blocked.json()["problems"][0]["code"] == "supplier_stopped"
    theirs = Caller.of(make_member("supplier_sales", party=supplier))
    assert theirs.call("GET", address).status_code == 403
