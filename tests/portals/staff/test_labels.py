"""INV-15: bins, items and pieces have labels; a scan of one finds its thing wherever things are scanned."""

from decimal import Decimal
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from backend.inventory.models import BinMove, Serial, StockCountLine
from backend.inventory.selectors.labels import read_labels
from backend.inventory.services import naming, other
from backend.inventory.services.bins import save_bin
from backend.inventory.services.inputs import OtherReceiptLineInput
from portals.ui import labels
from tests.factories.serials import pieces, serial_item

pytestmark = pytest.mark.django_db


@pytest.fixture
def codes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the QR codes of the labels say that are drawn from now on."""
    drawn: list[str] = []
    draw = labels.qr_svg

    def note(text: str) -> str:
        drawn.append(text)
        return draw(text)

    monkeypatch.setattr(labels, "qr_svg", note)
    return drawn


@pytest.fixture
def place(world: SimpleNamespace) -> SimpleNamespace:
    """Two bins; a drill of which two pieces lie in the first."""
    make = {"warehouse_id": world.warehouse.pk, "actor": world.actor, "at": timezone.now()}
    drill = serial_item(name="电钻", code="DRILL")
    bins = [save_bin(code=code, zone="A", sequence=no, **make) for no, code in enumerate(("A-01", "A-02"))]
    pieces(drill, "DR-1", "DR-2", value=20)
    found = list(Serial.objects.filter(item=drill).order_by("serial_no"))
    return SimpleNamespace(bins=bins, drill=drill, pieces=found, **vars(world))


def test_every_label_leads_to_its_thing(place, browser, codes):
    client = browser("warehouse_lead")
    pages = {
        f"/inventory/bins/{place.bins[0].pk}/": "A-01",
        f"/items/{place.paper.pk}/": "PA4",
        f"/inventory/serials/{place.pieces[0].pk}/": "DR-1",
    }
    for page, code in pages.items():
        assert f"{page}labels/" in client.get(page).content.decode()
        assert client.get(f"{page}labels/").content.startswith(b"%PDF")
        [address] = codes
        codes.clear()
        assert address == f"http://testserver{page}" or address.endswith(page)
        answer = client.post(
            "/inventory/scan/",
            {"mode": "look", "code": address, "key": str(uuid4())},
            headers={"X-Requested-With": "scan"},
        )
        assert page in answer.content.decode()
        assert read_labels(f"{address} 3, X") == f"{code} 3, X"
    assert client.get(f"/inventory/bins/{place.drill.pk}/labels/").status_code == 404
    assert client.get(f"/items/{place.bins[0].pk}/labels/").status_code == 404
    assert client.get(f"/inventory/serials/{place.drill.pk}/labels/").status_code == 404
    assert client.get(f"/inventory/warehouses/{place.drill.pk}/labels/").status_code == 404


def test_selected_rows_have_labels_in_the_order_of_their_list(place, browser, codes):
    client = browser("warehouse_lead")
    for page, things in (
        ("/inventory/bins/", place.bins),
        ("/inventory/serials/", place.pieces),
        ("/items/", [place.paper, place.stapler]),
    ):
        data = {"action": "labels", "id": [str(each.pk) for each in reversed(things)]}
        assert client.post(page, data).content.startswith(b"%PDF")
        assert sorted(code.split("/")[-2] for code in codes) == sorted(str(each.pk) for each in things)
        codes.clear()
        assert client.post(page, {"action": "labels"}).status_code == 400
    sheet = f"/inventory/warehouses/{place.warehouse.pk}/labels/"
    assert sheet in client.get(f"/inventory/bins/?warehouse={place.warehouse.pk}").content.decode()
    assert sheet in client.get(f"/inventory/warehouses/{place.warehouse.pk}/edit/").content.decode()
    assert client.get(sheet).content.startswith(b"%PDF")
    assert [code.split("/")[-2] for code in codes] == [str(each.pk) for each in place.bins]


def test_what_came_gets_its_labels(place, browser, codes):
    """A receipt's page of pieces leads to their labels, as soon as they are there."""
    client, by = browser("warehouse_lead"), {"actor": place.actor, "at": timezone.now()}
    line = [OtherReceiptLineInput(place.drill.pk, Decimal(2), Decimal(10))]
    receipt = other.save_other_receipt(
        doc_date=place.today, warehouse_id=place.warehouse.pk, reason="gift", lines=line, **by
    )
    here = f"/inventory/serials/of/inventory.other_receipt/{receipt.pk}/"
    naming.name_serials(document=receipt, numbers={receipt.lines.get().pk: ["DR-8", "DR-9"]}, **by)
    assert client.get(f"{here}labels/").status_code == 400
    other.approve_other_receipt(document_id=receipt.pk, **by)
    assert 'href="labels/"' in client.get(here).content.decode()
    assert client.get(f"{here}labels/").content.startswith(b"%PDF")
    known = dict(Serial.objects.values_list("pk", "serial_no"))
    assert [known[UUID(code.split("/")[-2])] for code in codes] == ["DR-8", "DR-9"]
    assert browser("cashier").get(f"{here}labels/").status_code == 403


def test_a_part_is_printed_when_there_are_too_many(place, browser, monkeypatch):
    from portals.staff.shared import labels as shared

    for module in (labels, shared):
        monkeypatch.setattr(module, "MOST", 1)
    answer = browser().post("/inventory/bins/", {"action": "labels", "id": [str(each.pk) for each in place.bins]})
    assert answer.status_code == 400
    assert browser("cashier").get(f"/inventory/warehouses/{place.warehouse.pk}/labels/").status_code == 403


def test_labels_are_scanned_into_fields(place, browser, django_assert_num_queries):
    """A count finds the item and names its pieces, a bin move its bins, the type-ahead its item."""
    client, base = browser(), "https://alpha.localhost"
    bins = [f"{base}/inventory/bins/{each.pk}/" for each in place.bins]
    numbers = [f"{base}/inventory/serials/{each.pk}/" for each in place.pieces]
    item = f"{base}/items/{place.drill.pk}/"
    assert [row["code"] for row in client.get("/items/pick/", {"q": item}).json()["results"]] == ["DRILL"]
    head = {"warehouse_id": str(place.warehouse.pk), "doc_date": place.today.isoformat()}
    line = {"lines-0-item_id": str(place.paper.pk), "lines-0-item_id_code": "PA4", "lines-0-qty": "5"}
    typed = {**head, **line, "lines-0-source": bins[0], "lines-0-destination": bins[1]}
    assert client.post("/inventory/bin-moves/new/", typed).status_code == 302
    moved = BinMove.objects.get().lines.get()
    assert (moved.source, moved.destination) == tuple(place.bins)
    page = client.post("/inventory/counts/new/", {**head, "codes": "DRILL"}).url
    client.post(f"{page}start/", {})
    line = StockCountLine.objects.filter(item=place.drill).first()
    for code in (item, numbers[1]):
        shown = client.get(f"{page}counting/", {"q": code, "show": "all"}).content.decode()
        assert f"qty-{line.pk}" in shown
    here = f"/inventory/serials/of/inventory.count/{line.document_id}/"
    assert client.post(here, {f"s-{line.pk}": "\n".join(numbers)}).status_code == 302
    line.refresh_from_db()
    assert line.counted_qty == 2
    with django_assert_num_queries(0):
        assert read_labels("A-01 3\nSN-1~SN-9") == "A-01 3\nSN-1~SN-9"
    assert read_labels(f"/bins/{uuid4()}/") != ""
