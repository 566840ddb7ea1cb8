"""The supplier portal through its pages: what waits, answers, shipping, settlement; another supplier's is unknown."""

import re
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from backend.availability.models import DemandLine
from backend.inventory.models import Serial
from backend.parties.models import Party, SupplierRole
from backend.purchasing.models import Asn, LineState, PurchaseOrder
from backend.purchasing.services import orders, receipts
from backend.srm.models import DocumentType
from backend.srm.services.claims import ClaimData, open_claim
from portals.supplier.views.orders import FEW
from tests.api.caller import Caller
from tests.factories.parties import make_supplier
from tests.factories.purchasing import BUYER, confirm, make_purchase_order
from tests.people import client_of, make_member
from tests.scenarios import story
from tests.scenarios.world import D, World

pytestmark = pytest.mark.usefixtures("committed_tenant")


@pytest.fixture
def chain() -> tuple[World, PurchaseOrder]:
    """100 sold, 80 in stock: 50 are bought and wait for the supplier."""
    world = World()
    item = world.item("PAPER-A4", "A4 paper", stock=80, lot_tracked=True, pack_qty=D(50))
    sold = story.shortage(world, item)
    return world, story.buy(world, item, sold)


@pytest.fixture
def client(chain: tuple[World, PurchaseOrder]) -> Any:
    """A person of the supplier, signed in."""
    return client_of(make_member("supplier_admin", party=chain[1].supplier))


def _fresh(order: PurchaseOrder) -> PurchaseOrder:
    return PurchaseOrder.objects.get(pk=order.pk)


def test_pages_open_with_few_statements(chain: Any, client: Any) -> None:
    from django.db import connection

    order = chain[1]
    for path in (
        "/supplier/",
        "/supplier/orders/",
        "/supplier/orders/?show=all&q=1",
        f"/supplier/orders/{order.number}/",
        "/supplier/shipments/",
        "/supplier/shipments/new/",
        "/supplier/settlement/",
        "/supplier/invoices/new/",
        "/supplier/team/",
    ):
        client.get(path)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            answer = client.get(path)
        assert answer.status_code == 200, path
        assert len(seen) <= (20 if path == "/supplier/" else 17), (path, len(seen))


def test_confirm_all_from_home(chain: Any, client: Any) -> None:
    """SRM-11: one tap confirms the order."""
    order = chain[1]
    assert order.number in client.get("/supplier/").content.decode()
    answer = client.post(f"/supplier/orders/{order.number}/confirmation/", {"back": "home"})
    assert answer.status_code == 302
    assert answer["Location"] == "/supplier/"
    assert _fresh(order).confirmed == "full"


def test_split_moves_the_customers_promise(chain: Any, client: Any) -> None:
    """SRM-11, INT-07: a part later than asked."""
    order = chain[1]
    line = order.lines.get()
    late = chain[0].day(20).isoformat()
    posted = {
        f"qty-{line.pk}-0": "10",
        f"date-{line.pk}-0": line.requested_date.isoformat(),
        f"qty-{line.pk}-1": "40",
        f"date-{line.pk}-1": late,
        f"reason-{line.pk}": "machine down",
        "verdict": "answer",
    }
    answer = client.post(f"/supplier/orders/{order.number}/lines/{line.pk}/answer/", posted)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    assert [part.qty for part in line.schedule.order_by("date")] == [D(10), D(40)]
    promise = DemandLine.objects.get(kind="sales").promise
    assert promise.promise_date.isoformat() == late


def test_srm_11_two_colleagues_on_one_line_the_second_is_told_and_keeps_what_was_typed(chain: Any, client: Any) -> None:
    """Both have the page open; the first promises 30 + 20, the second 50: refused, naming who answered, until looked at."""
    order = chain[1]
    [line] = order.lines.all()
    colleague = client_of(make_member("supplier_sales", party=order.supplier))
    page, url = f"/supplier/orders/{order.number}/", f"/supplier/orders/{order.number}/lines/{line.pk}/answer/"
    seen = {"seen_revision": order.revision, "seen_answer": 0}
    assert 'name="seen_answer" value="0"' in client.get(page).content.decode()
    first = {f"qty-{line.pk}-0": "30", f"date-{line.pk}-0": "2026-12-01", f"qty-{line.pk}-1": "20"}
    first[f"date-{line.pk}-1"] = "2026-12-04"
    assert colleague.post(url, {**first, **seen, "verdict": "answer"}).status_code == 302
    mine = {f"qty-{line.pk}-0": "50", f"date-{line.pk}-0": "2026-12-24", "verdict": "answer"}
    answer = client.post(url, {**mine, **seen})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert _fresh(order).confirmations.get().by_name in text
    assert 'value="2026-12-24"' in text
    assert 'name="seen_answer" value="1"' in text
    assert _fresh(order).confirmations.count() == 1
    assert client.post(url, {**mine, "seen_revision": order.revision, "seen_answer": 1}).status_code == 302
    assert _fresh(order).confirmations.count() == 2


def test_a_price_is_proposed_with_or_without_tax_as_the_order_is(chain: Any, client: Any) -> None:
    """An order without tax: the price beside the field is the one without tax, and typed again it is no other price."""
    world, first = chain
    lone = make_purchase_order((world.item("NET", "Net"), 5, "10"), supplier=first.supplier, price_includes_tax=False)
    orders.send_order(order_id=lone.pk, actor=BUYER, at=world.at)
    [line] = lone.lines.all()
    shown = re.search(
        r'name="price-[^>]*placeholder="([^"]*)"', client.get(f"/supplier/orders/{lone.number}/").content.decode()
    )
    assert shown
    assert D(shown[1]) == line.unit_price == 10
    posted = {f"qty-{line.pk}-0": "5", f"date-{line.pk}-0": str(line.requested_date), f"price-{line.pk}": shown[1]}
    assert client.post(f"/supplier/orders/{lone.number}/lines/{line.pk}/answer/", posted).status_code == 302
    assert lone.confirmations.get().state == "accepted"


def test_wrong_number_keeps_what_was_typed(chain: Any, client: Any) -> None:
    order = chain[1]
    line = order.lines.get()
    posted = {f"qty-{line.pk}-0": "ten", f"date-{line.pk}-0": "2026-13-45", f"reason-{line.pk}": "kept words"}
    answer = client.post(f"/supplier/orders/{order.number}/lines/{line.pk}/answer/", posted)
    assert answer.status_code == 400
    text = answer.content.decode()
    assert "kept words" in text
    assert 'value="ten"' in text
    line.refresh_from_db()
    assert line.state == LineState.OPEN


def test_forms_of_a_long_order_are_fetched_one_by_one(chain: Any, client: Any) -> None:
    """A page of many lines stays small for a phone; without script a line opens by its address."""
    world, first = chain
    items = [world.item(f"LONG-{number}", f"Long {number}") for number in range(FEW + 1)]
    order = make_purchase_order(*((item, 5) for item in items), supplier=first.supplier)
    orders.send_order(order_id=order.pk, actor=BUYER, at=world.at)
    line, other = order.lines.order_by("line_no")[:2]
    page, forms = f"/supplier/orders/{order.number}/", f"/supplier/orders/{order.number}/lines/{line.pk}/forms/"
    shown = client.get(page).content.decode()
    assert forms in shown
    assert f"qty-{line.pk}-0" not in shown
    opened = client.get(f"{page}?line={line.pk}").content.decode()
    assert f"qty-{line.pk}-0" in opened
    assert f"qty-{other.pk}-0" not in opened
    fetched = client.get(f"{forms}?open=progress").content.decode()
    assert f"qty-{line.pk}-0" in fetched
    assert re.search(rf'id="progress-{line.pk}" open', fetched)
    assert client.get(forms.replace(str(line.pk), str(first.pk))).status_code == 404
    stranger = client_of(make_member("supplier_admin", party=make_supplier()))
    assert stranger.get(forms).status_code == 404


def test_a_refused_report_keeps_what_was_typed(chain: Any, client: Any) -> None:
    order = chain[1]
    line = order.lines.get()
    told = {"node": "shipped", "percent": "101", "note": "Boiler broken", "expected_ship_date": "2027-01-05"}
    refused = client.post(f"/supplier/orders/{order.number}/lines/{line.pk}/progress/", told)
    assert refused.status_code == 400
    page = refused.content.decode()
    assert re.search(rf'id="progress-{line.pk}" open', page)
    assert all(f'value="{word}"' in page for word in ("101", "Boiler broken", "2027-01-05"))


def test_ship_receive_and_invoice(chain: Any, client: Any) -> None:
    """SRM-13, SRM-16: a notice with lots, then the invoice over what was received."""
    world, order = chain
    line = order.lines.get()
    client.post(f"/supplier/orders/{order.number}/confirmation/")
    client.post(
        f"/supplier/orders/{order.number}/lines/{line.pk}/progress/", {"node": "in_production", "percent": "60"}
    )
    line.refresh_from_db()
    assert line.progress_pct == 60
    refused = client.post(
        "/supplier/shipments/new/", {f"qty-{line.pk}": "50", "expected_date": world.day(3).isoformat()}
    )
    assert refused.status_code >= 400
    assert not Asn.objects.exists()
    posted = {
        f"qty-{line.pk}": "50",
        f"lot-{line.pk}": "L-77",
        "expected_date": world.day(3).isoformat(),
        "carrier_name": "SF",
        "tracking_no": "SF1",
        "packages": "2",
    }
    assert client.post("/supplier/shipments/new/", posted).status_code == 302
    notice = Asn.objects.get()
    assert "L-77" in client.get(f"/supplier/shipments/{notice.number}/").content.decode()
    receipt = receipts.receive_asn(asn_id=notice.pk, actor=world.person("warehouse_lead"), at=world.at)
    sent = client.post("/supplier/invoices/new/", {"receipt": [str(receipt.pk)], "external_no": "24442000000001234567"})
    assert sent.status_code == 302, sent.content.decode()[:2000]
    assert client.get(sent["Location"]).status_code == 200


def test_srm_13_a_notice_sent_again_by_a_phone_that_lost_the_answer_is_one_shipment(chain: Any, client: Any) -> None:
    """30 of 50, the same form twice: one notice, the same page. Another quantity with that form is another shipment."""
    world, order = chain
    line = order.lines.get()
    client.post(f"/supplier/orders/{order.number}/confirmation/")
    form = client.get("/supplier/shipments/new/").content.decode()
    key = re.search(r'name="key" value="([0-9a-f]{32})"', form)
    assert key
    typed = {f"qty-{line.pk}": "30", f"lot-{line.pk}": "L-1", "expected_date": world.day(3).isoformat()}
    first, again = (client.post("/supplier/shipments/new/", {**typed, "key": key[1]}) for _time in range(2))
    assert (first.status_code, again.status_code, first["Location"]) == (302, 302, again["Location"])
    assert Asn.objects.get().lines.get().qty == 30
    typed[f"qty-{line.pk}"] = "20"
    assert client.post("/supplier/shipments/new/", {**typed, "key": key[1]}).status_code == 302
    assert sorted(notice.lines.get().qty for notice in Asn.objects.all()) == [20, 30]


def test_the_supplier_names_serial_numbers_of_a_shipment(chain: Any, client: Any) -> None:
    """INV-02: the supplier types a range; the receipt has the pieces, and theirs alone can be named."""
    world, _order = chain
    item = world.item("DRILL", "Drill", serial_tracked=True)
    order = make_purchase_order((item, 2), supplier=chain[1].supplier)
    confirm(order)
    line = order.lines.get()
    client.post("/supplier/shipments/new/", {f"qty-{line.pk}": "2", "expected_date": world.day(3).isoformat()})
    notice = Asn.objects.get(lines__item=item)
    page = f"/supplier/shipments/{notice.number}/serials/"
    field = f"s-{notice.lines.get().pk}"
    refused = client.post(page, {field: "D1~D3"})
    assert refused.status_code == 409
    assert "D1~D3" in refused.content.decode()
    assert client.post(page, {field: "D1~D2"}).status_code == 302
    assert "D2" in client.get(f"/supplier/shipments/{notice.number}/").content.decode()
    receipts.receive_asn(asn_id=notice.pk, actor=world.person("warehouse_lead"), at=world.at)
    assert set(Serial.objects.filter(item=item, warehouse=world.warehouse).values_list("serial_no", flat=True)) == {
        "D1",
        "D2",
    }
    caller = Caller.of(world.person("warehouse_lead"))
    [piece] = caller.all("inventory/serials/?serial_no=D2")
    assert piece["state"] == "in_stock"
    assert caller.get(f"inventory/serials/{piece['id']}/history/")["steps"][0]["kind"] == "purchase_receipt"
    body = {"doc_type": "purchasing.asn", "doc_id": str(notice.pk), "lines": []}
    assert caller.call("POST", "inventory/serials/naming/", body).status_code == 409


def test_another_suppliers_order_is_unknown(chain: Any, client: Any) -> None:
    """P-03: foreign numbers are 404 on every address."""
    world, order = chain
    other = Party.objects.create(code="OTHER", name="Other", is_supplier=True, created_at=world.at, updated_at=world.at)
    SupplierRole.objects.create(party=other)
    stranger = client_of(make_member("supplier_admin", party=other, email="stranger@example.com"))
    line = order.lines.get()
    for path in (f"/supplier/orders/{order.number}/",):
        assert stranger.get(path).status_code == 404
    for path in (
        f"/supplier/orders/{order.number}/confirmation/",
        f"/supplier/orders/{order.number}/lines/{line.pk}/answer/",
        f"/supplier/orders/{order.number}/messages/",
    ):
        assert stranger.post(path, {"text": "x"}).status_code == 404
    assert order.number not in stranger.get("/supplier/").content.decode()


def test_logistics_people_see_no_prices(chain: Any) -> None:
    """SRM-25: who ships sees no prices and answers no statements."""
    order = chain[1]
    client = client_of(make_member("supplier_logistics", party=order.supplier, email="lo@example.com"))
    text = client.get(f"/supplier/orders/{order.number}/").content.decode()
    assert f"{order.gross_amount:,.2f}" not in text
    assert client.get("/supplier/settlement/").status_code == 403


def test_messages_reach_the_order(chain: Any, client: Any) -> None:
    """SRM-24: the thread is shared with the buyer."""
    order = chain[1]
    assert client.post(f"/supplier/orders/{order.number}/messages/", {"text": "Paper is here"}).status_code == 302
    assert "Paper is here" in client.get(f"/supplier/orders/{order.number}/").content.decode()
    assert client.post(f"/supplier/orders/{order.number}/messages/", {"text": " "}).status_code == 400
    orders.send_order(order_id=order.pk, actor=chain[0].person("buyer"), at=chain[0].at)


def test_home_tells_of_claims_and_of_mandatory_certificates(chain: Any, client: Any) -> None:
    """SRM-20, SRM-03: an open claim waits with its day; a mandatory document that is missing is asked for."""
    order = chain[1]
    claim = open_claim(data=ClaimData(order.supplier_id, "Scratches"), actor=BUYER, at=chain[0].at)
    DocumentType.objects.update(mandatory=False)
    kind = DocumentType.objects.first()
    DocumentType.objects.filter(pk=kind.pk).update(mandatory=True)
    home = client.get("/supplier/").content.decode()
    assert f"/supplier/claims/{claim.number}/" in home
    with override("zh-hans"):
        assert str(kind.name) in home
    listed = client.get("/supplier/orders/").content.decode()
    assert "To confirm" in listed or "待确认" in listed
