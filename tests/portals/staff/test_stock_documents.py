"""Pages of stock documents: entry, steps, refusals that lose nothing, rights, print, files, unknown numbers."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from backend.inventory.models import OtherIssue, OtherReceipt, StockBalance, Transfer, TransferReceipt
from backend.inventory.services import counting
from backend.inventory.services.warehouses import save_warehouse

pytestmark = pytest.mark.django_db
LISTS = ["other-receipts", "other-issues", "transfers", "transfer-receipts"]


@pytest.fixture
def shop(world: Any) -> Any:
    return save_warehouse(code="SHOP", name="门店", actor=world.actor, at=timezone.now())


def line(world: Any, qty: Any, **more: Any) -> dict[str, Any]:
    return {
        "lines-0-item_id": str(world.paper.pk),
        "lines-0-item_id_code": "PA4",
        "lines-0-qty": str(qty),
        **{f"lines-0-{key}": value for key, value in more.items()},
    }


def on_hand(world: Any, place: Any) -> Any:
    return StockBalance.objects.get(item=world.paper, warehouse=place).on_hand


@pytest.mark.parametrize("name", LISTS)
def test_lists_are_drawn_and_exported(world, browser, shop, name, statements):
    client = browser()
    client.get(f"/inventory/{name}/")
    with statements(12):
        assert client.get(f"/inventory/{name}/?view=all").status_code == 200
    assert client.get(f"/inventory/{name}/?view=all&by=lines").status_code == 200
    for kind in ("xlsx", "csv"):
        assert client.get(f"/inventory/{name}/?view=all&export={kind}").status_code == 200


def test_other_receipt_is_written_booked_printed_and_taken_back(world, browser):
    """INV-13 through the browser."""
    client = browser()
    head = {"reason": "gift", "warehouse_id": str(world.warehouse.pk), "doc_date": world.today.isoformat()}
    refused = client.post("/inventory/other-receipts/new/", {**head, **line(world, "abc", unit_cost="3")})
    assert refused.status_code == 400
    assert "abc" in refused.content.decode()
    voided = client.post("/inventory/other-receipts/new/", {**head, **line(world, 1, unit_cost="3")}).url
    client.post(f"{voided}void/", {"reason": "typo"})
    assert "已作废，无凭证" in client.get(voided).content.decode()
    OtherReceipt.objects.all().delete()
    answer = client.post("/inventory/other-receipts/new/", {**head, **line(world, 5, unit_cost="3")})
    document = OtherReceipt.objects.get()
    here = f"/inventory/other-receipts/{document.number}/"
    assert answer.url == here
    assert client.get(here).status_code == 200
    assert client.get(f"{here}edit/").status_code == 200
    assert client.post(f"{here}approval/", {"version": document.version}).status_code == 302
    assert on_hand(world, world.warehouse) == 85
    assert client.get(here).status_code == 200
    for language in ("zh-hans", "en"):
        assert client.get(f"{here}print/?lang={language}")["Content-Type"] == "application/pdf"
    assert client.post(f"{here}approval/undo/", {"reason": "typo"}).status_code == 302
    assert client.post(f"{here}void/", {"reason": "typo"}).status_code == 302
    document.refresh_from_db()
    assert (document.approval, on_hand(world, world.warehouse)) == ("voided", 80)


def test_other_issue_says_what_is_short(world, browser):
    client = browser()
    head = {"reason": "sample", "warehouse_id": str(world.warehouse.pk), "doc_date": world.today.isoformat()}
    assert client.post("/inventory/other-issues/new/", {**head, **line(world, 5, lot_no="X")}).status_code == 400
    client.post("/inventory/other-issues/new/", {**head, **line(world, 81)})
    document = OtherIssue.objects.get()
    here = f"/inventory/other-issues/{document.number}/"
    refused = client.post(f"{here}approval/", {"version": document.version})
    assert refused.status_code == 409
    assert "81" in refused.content.decode()
    client.post(f"{here}edit/", {**head, **line(world, 8), "version": document.version})
    assert client.post(f"{here}approval/", {}).status_code == 302
    assert on_hand(world, world.warehouse) == 72


def test_papers_dated_back_say_what_was_valued_anew(world, browser):
    """INV-11 through the browser: 80@… lie there, 10 are issued, and a receipt at 1,000 is dated before the issue."""
    client, today = browser(), world.today
    here = {"warehouse_id": str(world.warehouse.pk)}

    def booked(kind, day, **more):
        number = client.post(f"/inventory/{kind}/new/", {**here, "doc_date": day.isoformat(), **more}).url
        draft = client.get(number).content.decode()
        assert client.post(f"{number}approval/", {}).status_code == 302
        return number, draft

    booked("other-receipts", today - timedelta(days=6), reason="gift", **line(world, 10, unit_cost="1"))
    issue, draft = booked("other-issues", today, reason="own_use", **line(world, 10))
    assert "尚未审核" in draft
    assert '<dd class="grand">–</dd>' in draft  # what goods cost is known when they leave
    assert "成本已重算" not in client.get(issue).content.decode()
    late, _draft = booked(
        "other-receipts", today - timedelta(days=3), reason="gift", **line(world, 10, unit_cost="1000")
    )
    shown = client.get(late).content.decode()
    assert "本单补记在日期更晚的单据之后" in shown
    assert issue.split("/")[-2] in shown
    met = client.get(issue).content.decode()
    assert "成本已重算：+" in met
    assert late.split("/")[-2] in met
    client.post(f"{late}approval/undo/", {"reason": "typo"})
    assert "成本已重算" not in client.get(issue).content.decode()


def test_a_transfer_goes_and_arrives(world, browser, shop):
    """INV-01 through the browser: asked for, shipped, received in two parts, one piece lost."""
    client = browser()
    head = {
        "source_id": str(world.warehouse.pk),
        "destination_id": str(shop.pk),
        "doc_date": world.today.isoformat(),
        "expected_date": world.today.isoformat(),
    }
    hurry = client.post("/inventory/transfers/new/", {**head, "urgent": "on", **line(world, 20)})
    assert hurry.status_code == 400
    client.post("/inventory/transfers/new/", {**head, **line(world, 20)})
    document = Transfer.objects.get()
    here = f"/inventory/transfers/{document.number}/"
    for step in ("request/", "request/undo/", "request/", "approval/"):
        assert client.post(f"{here}{step}", {}).status_code == 302
        assert client.get(here).status_code == 200
    lines = {"lines-0-id": str(document.lines.get().pk), "lines-0-qty": "12", "doc_date": world.today.isoformat()}
    assert client.get(f"{here}receiving/").status_code == 200
    assert client.post(f"{here}receiving/", {**lines, "lines-0-qty": "21"}).status_code == 409
    assert client.post(f"{here}receiving/", lines).status_code == 302
    client.post(f"{here}receiving/", {**lines, "lines-0-qty": "7", "lines-0-lost_qty": "1"})
    assert (on_hand(world, world.warehouse), on_hand(world, shop)) == (60, 19)
    last = TransferReceipt.objects.order_by("-number").first()
    there = f"/inventory/transfer-receipts/{last.number}/"
    assert client.get(there).status_code == 200
    assert client.get(f"{there}print/").status_code == 200
    assert client.get(f"{here}print/").status_code == 200
    assert client.post(f"{there}approval/undo/", {"reason": "counted wrong"}).status_code == 302
    assert client.get(there).status_code == 200
    refused = client.post(f"{here}approval/undo/", {"reason": "wrong"})
    assert refused.status_code == 409
    assert last.number in refused.content.decode()


@pytest.mark.parametrize("name", LISTS)
def test_rights_and_unknown_numbers(world, browser, shop, name):
    assert browser("cashier").get(f"/inventory/{name}/").status_code == 403
    assert browser().get(f"/inventory/{name}/NOPE-1/").status_code == 404
    if name != "transfer-receipts":
        assert browser("picker").get(f"/inventory/{name}/new/").status_code == 403
        assert browser("warehouse_lead").get(f"/inventory/{name}/new/").status_code == 200
    assert browser("picker").post(f"/inventory/{name}/NOPE-1/approval/").status_code == 403


# --- counts --------------------------------------------------------------------------------------
def test_a_count_from_the_scope_to_the_decision(world, browser):
    """INV-06 through the browser: set up, frozen, counted blind, booked, decided."""
    from backend.inventory.models import StockCount

    client = browser()
    head = {"warehouse_id": str(world.warehouse.pk), "doc_date": world.today.isoformat(), "blind": "on"}
    assert client.post("/inventory/counts/new/", {**head, "codes": "NOPE"}).status_code == 400
    client.post("/inventory/counts/new/", {**head, "codes": "PA4\nST100"})
    document = StockCount.objects.get()
    here = f"/inventory/counts/{document.number}/"
    assert client.get(here).status_code == 200
    assert client.get(f"{here}edit/").status_code == 200
    assert client.post(f"{here}start/", {}).status_code == 302
    page = client.get(f"{here}counting/")
    assert page.status_code == 200
    assert ">80<" not in page.content.decode()
    lines = {line.item.code: line for line in document.lines.select_related("item")}
    paper, stapler = f"qty-{lines['PA4'].pk}", f"qty-{lines['ST100'].pk}"
    wrong = client.post(f"{here}counting/", {paper: "seven", stapler: "60"})
    assert wrong.status_code == 400
    assert "seven" in wrong.content.decode()
    assert client.post(f"{here}counting/", {paper: "78", stapler: ""}).status_code == 302
    assert f"{here}counting/" in client.get("/inventory/scan/").content.decode()
    refused = client.post(f"{here}approval/", {})
    assert refused.status_code == 409
    assert client.get(f"{here}counting/?q=ST100").status_code == 200
    assert client.post(f"{here}counting/", {stapler: "60"}).status_code == 302
    assert client.post(f"{here}found/", {"code": "NOPE", "qty": "1"}).status_code == 400
    assert client.post(f"{here}approval/", {}).status_code == 302
    assert on_hand(world, world.warehouse) == 78
    assert client.get(here).status_code == 200
    assert client.post(f"{here}settlement/", {"disposition": "admin"}).status_code == 302
    assert client.get(f"{here}print/").status_code == 200
    assert client.get("/inventory/counts/?view=all").status_code == 200
    assert client.post(f"{here}approval/undo/", {"reason": "again"}).status_code == 302
    assert on_hand(world, world.warehouse) == 80
    assert browser("picker").get(f"{here}counting/").status_code == 200
    assert browser("picker").post(f"{here}approval/", {}).status_code == 403


FIELD = re.compile(r'name="((?:qty|seen)-[^"]*)"[^>]*? value="([^"]*)"')


def test_two_browsers_count_the_same_list(world, browser):
    """INV-06: each writes what he counted; nobody replaces what another has counted since he opened his page."""
    by, goods = {"actor": world.actor, "at": timezone.now()}, (world.paper, world.stapler)
    document = counting.save_count(
        doc_date=world.today, warehouse_id=world.warehouse.pk, item_ids=[item.pk for item in goods], **by
    )
    counting.start_count(document_id=document.pk, **by)
    here = f"/inventory/counts/{document.number}/counting/?show=all"
    paper, stapler = (f"qty-{document.lines.get(item=item).pk}" for item in goods)
    one, other = browser(), browser("warehouse_lead")

    def form(answer: Any) -> dict[str, str]:
        return dict(FIELD.findall(answer.content.decode()))

    def counted() -> list[Any]:
        return [document.lines.get(item=item).counted_qty for item in goods]

    assert one.post(here, form(one.get(here)) | {paper: "5"}).status_code == 302
    old = form(one.get(here))
    assert other.post(here, form(other.get(here)) | {paper: "8"}).status_code == 302
    assert one.post(here, old | {stapler: "3"}).status_code == 302
    assert counted() == [8, 3], "what he did not touch is left alone"
    late = one.post(here, old | {paper: "6", stapler: "4"})
    assert (late.status_code, counted()) == (409, [8, 3])
    again = form(late)
    assert (again[paper], again[stapler]) == ("6", "4"), "what was typed is kept"
    assert one.post(here, again).status_code == 302
    assert counted() == [6, 4]


# --- assemblies ----------------------------------------------------------------------------------
def test_a_kit_is_described_and_assembled(world, browser):
    """INV-13 through the browser: a kit of one ream and two staplers."""
    from backend.catalog.inputs import ItemData
    from backend.catalog.services import save_item
    from backend.inventory.models import Assembly, KitLine

    client = browser()
    kit = save_item(data=ItemData(name="开学套装", code="KIT", barcode="6901"), actor=world.actor, at=timezone.now())
    parts = {
        "item_id_code": "KIT",
        **line(world, 1),
        "lines-1-item_id": str(world.stapler.pk),
        "lines-1-item_id_code": "ST100",
        "lines-1-qty": "2",
    }
    assert client.post("/inventory/kits/new/", {**parts, "lines-1-qty": "x"}).status_code == 400
    assert client.post("/inventory/kits/new/", parts).status_code == 302
    shown = client.get(f"/inventory/kits/{kit.pk}/").content.decode()
    assert 'data-out="name">开学套装</span>' in shown
    other = {**parts, "item_id": str(world.paper.pk), "item_id_code": "PA4"}
    assert client.post(f"/inventory/kits/{kit.pk}/", other).status_code == 302
    assert set(KitLine.objects.values_list("kit", flat=True)) == {kit.pk}
    assert client.get("/inventory/kits/").status_code == 200
    head = {
        "kind": "assemble",
        "item_id_code": "KIT",
        "qty": "10",
        "warehouse_id": str(world.warehouse.pk),
        "doc_date": world.today.isoformat(),
    }
    unknown = client.post("/inventory/assemblies/new/", {**head, "item_id_code": "NOPE"})
    assert unknown.status_code == 400
    assert 'value="NOPE" data-picker' in unknown.content.decode()
    scanned = {**head, "item_id_code": "6901"}
    assert client.post("/inventory/assemblies/new/", {**scanned, "qty": "x"}).status_code == 400
    owed = {"fee": "30", "fee_supplier_id": str(world.supplier.pk)}
    assert client.post("/inventory/assemblies/new/", {**scanned, "fee": "30"}).status_code == 400
    assert client.post("/inventory/assemblies/new/", {**scanned, **owed}).status_code == 302
    document = Assembly.objects.get()
    assert document.item == kit
    here = f"/inventory/assemblies/{document.number}/"
    assert client.get(here).status_code == 200
    assert world.supplier.name in client.get(f"{here}edit/").content.decode()
    assert client.post(f"{here}approval/", {}).status_code == 302
    assert StockBalance.objects.get(item=kit).value == 10 * 95 + 20 * 20 + 30
    assert client.get(here).status_code == 200
    assert client.get(f"{here}print/").status_code == 200
    assert client.get("/inventory/assemblies/?view=all&by=lines").status_code == 200
    assert client.post(f"{here}approval/undo/", {"reason": "wrong"}).status_code == 302


@pytest.mark.parametrize("name", ["counts", "assemblies", "kits"])
def test_rights_of_counts_and_assemblies(world, browser, name):
    assert browser("cashier").get(f"/inventory/{name}/").status_code == 403
    assert browser("warehouse_lead").get(f"/inventory/{name}/new/").status_code == 200
    assert browser("picker").get(f"/inventory/{name}/new/").status_code == 403
    for kind in ("xlsx", "csv"):
        assert browser().get(f"/inventory/{name}/?view=all&export={kind}").status_code == 200
