"""INV-02 on the screen: pieces are named on the page of a document, found in the palette, followed on their own page."""

import re
from decimal import Decimal as D
from typing import Any

import pytest
from django.utils import timezone

from backend.inventory.models import OtherReceipt, Serial, StockCountLine
from backend.inventory.services import other
from backend.inventory.services.inputs import OtherReceiptLineInput
from portals.staff.inventory.count_paper import told_pieces
from tests.factories.serials import serial_item

pytestmark = pytest.mark.django_db


@pytest.fixture
def receipt(world: Any) -> OtherReceipt:
    world.drill = serial_item(name="电钻")
    return other.save_other_receipt(
        doc_date=world.today,
        warehouse_id=world.warehouse.pk,
        reason="gift",
        lines=[OtherReceiptLineInput(world.drill.pk, D(3), D(100))],
        actor=world.actor,
        at=timezone.now(),
    )


def test_numbers_are_typed_booked_and_found_again(world, browser, receipt, statements):
    client = browser()
    page = f"/inventory/serials/of/inventory.other_receipt/{receipt.pk}/"
    assert page in client.get(f"/inventory/other-receipts/{receipt.number}/").content.decode()
    field = f"s-{receipt.lines.get().pk}"
    wrong = client.post(page, {field: "DR-01~DR-09"})
    assert wrong.status_code == 409
    assert "DR-01~DR-09" in wrong.content.decode()
    refused = client.post(f"/inventory/other-receipts/{receipt.number}/approval/", {"version": receipt.version})
    assert refused.status_code == 409
    assert client.post(page, {field: "DR-01~DR-02\nDR-07"}).status_code == 302
    receipt.refresh_from_db()
    assert client.post(f"/inventory/other-receipts/{receipt.number}/approval/").status_code == 302
    piece = Serial.objects.get(serial_no="DR-07")
    shown = client.get(page).content.decode()
    assert f"/inventory/serials/{piece.pk}/" in shown
    with statements(12):
        assert receipt.number in client.get(f"/inventory/serials/{piece.pk}/").content.decode()
    assert "DR-07" in client.get("/inventory/serials/?view=all").content.decode()
    assert "DR-07" in client.get("/search/?q=dr-0", headers={"X-Requested-With": "palette"}).content.decode()
    assert client.post(page, {field: "X"}).status_code == 409


def test_foreign_numbers_and_missing_rights(world, browser, receipt):
    client = browser()
    assert client.get(f"/inventory/serials/{receipt.pk}/").status_code == 404
    assert client.get(f"/inventory/serials/of/inventory.other_receipt/{world.drill.pk}/").status_code == 404
    assert client.get(f"/inventory/serials/of/accounting.voucher/{receipt.pk}/").status_code == 404
    poor = browser("sales_rep")
    assert poor.post(f"/inventory/serials/of/inventory.other_receipt/{receipt.pk}/", {}).status_code == 403


def test_inv_02_pieces_are_chosen_on_the_order(world, browser, statements):
    """INV-02: the order's page leads to its pieces; who may not see the order does not find them."""
    from tests.factories.sales import approved_order
    from tests.factories.serials import pieces

    drill = serial_item(name="电钻")
    pieces(drill, "ZT-1", "ZT-2", value=20)
    order = approved_order((drill, 1), customer=world.wenlan)
    client, here = browser(), f"/inventory/serials/of/sales.order/{order.pk}/"
    page = f"/sales/orders/{order.number}/"
    client.get(page)
    with statements(12):
        assert here in client.get(page).content.decode()
    line = order.lines.get()
    assert client.post(here, {f"s-{line.pk}": "ZT-2"}).status_code == 302
    assert "ZT-2" in client.get(here).content.decode()
    piece = Serial.objects.get(serial_no="ZT-2")
    assert order.number in client.get(f"/inventory/serials/{piece.pk}/").content.decode()
    assert order.number in client.get("/inventory/serials/?view=all&kept=1").content.decode()
    assert client.get(f"/inventory/bins/of/sales.order/{order.pk}/").status_code == 404
    order.salesperson_id = world.actor.member_id or order.pk
    order.created_by_id = order.pk
    order.save()
    assert browser("sales_rep").get(here).status_code == 404


def test_inv_05_pieces_are_counted_one_by_one(world, browser, receipt, statements):
    """INV-05: the counting page leads to the numbers; after booking each piece is told as found or missing."""
    client, drill = browser(), world.drill
    came = f"/inventory/serials/of/inventory.other_receipt/{receipt.pk}/"
    client.post(came, {f"s-{receipt.lines.get().pk}": "CT-1~CT-3"})
    client.post(f"/inventory/other-receipts/{receipt.number}/approval/", {})
    head = {
        "warehouse_id": str(world.warehouse.pk),
        "doc_date": world.today.isoformat(),
        "codes": drill.code,
        "blind": "on",
    }
    page = client.post("/inventory/counts/new/", head).url
    client.post(f"{page}start/", {})
    line = StockCountLine.objects.get(item=drill)
    here = f"/inventory/serials/of/inventory.count/{line.document_id}/"
    assert f'href="{here}#l-{line.pk}"' in client.get(f"{page}counting/").content.decode()
    assert client.post(here, {f"s-{line.pk}": "CT-2~CT-4"}).status_code == 302
    assert "已录 3" in client.get(here).content.decode()
    # INV-06: before booking who may book reads what it would miss and find; a blind counter reads nothing of the books
    with statements(14):
        shown = client.get(page).content.decode()
    assert re.findall(r">(CT-\d)</(?:a|span)>", shown) == ["CT-1", "CT-4"]
    assert "CT-1" not in browser("picker").get(page).content.decode()
    assert client.get(f"{page}print/").content.startswith(b"%PDF")
    assert client.post(f"{page}approval/", {}).status_code == 302
    assert "CT-1" not in client.get(page).content.decode()
    shown = client.get(here).content.decode()
    told = dict(re.findall(r">(CT-\d)</a><span[^>]*>(\S+)</span>", shown))
    assert told == {"CT-1": "盘亏", "CT-4": "盘盈"}
    assert client.get(f"{page}print/").content.startswith(b"%PDF")
    assert [words[-4:] for words in told_pieces(line.document)] == ["CT-4", "CT-1"]  # found, then missing
