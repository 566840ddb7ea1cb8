"""INV-01: transfers with goods under way; quantity, lots and value are conserved."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.db.models import Sum

from backend.availability.models import SupplyLine
from backend.inventory.errors import (
    CannotIssueStock,
    CannotReceiveTransfer,
    CannotReverseMoves,
    CannotSaveStockDocument,
    CannotUnapproveTransfer,
)
from backend.inventory.models import Lot, LotBalance, StockBalance, Warehouse
from backend.inventory.services import lots, transfer_receipts, transfers
from backend.inventory.services.inputs import ArrivalInput, TransferLineInput
from backend.kernel.draft_lines import CannotDropLine
from backend.kernel.links import graph
from backend.posting.reconciliation import all_differences
from tests.factories.availability import assert_sound, issue, order
from tests.factories.catalog import make_item
from tests.factories.inventory import (
    AT,
    SYSTEM,
    TODAY,
    balance_of,
    main_warehouse,
    make_warehouse,
    numbers_of,
    refuses,
    stock_up,
)

pytestmark = pytest.mark.usefixtures("tenant")
BY = {"actor": SYSTEM, "at": AT}


def save(*lines, to, **more):
    more = {"expected_date": TODAY + timedelta(days=2)} | more
    return transfers.save_transfer(
        doc_date=TODAY, source_id=main_warehouse().pk, destination_id=to.pk, lines=lines, **BY, **more
    )


def ship(*lines, to, **more):
    return transfers.approve_transfer(document_id=save(*lines, to=to, **more).pk, **BY)


def transit():
    return Warehouse.objects.get(kind="transit")


def total_value(item):
    return StockBalance.objects.filter(item=item).aggregate(n=Sum("value"))["n"]


def test_goods_are_under_way_between_two_warehouses():
    """INV-01: transfer 20: source −20, transit +20, destination +20 on receipt; value conserved."""
    item, shop = make_item(), make_warehouse()
    stock_up(item, 60, 100)
    document = ship(TransferLineInput(item.pk, D(20)), to=shop)
    assert document.number.startswith("DBCK-")
    assert (balance_of(item).on_hand, balance_of(item, transit()).on_hand) == (40, 20)
    assert document.total_value == D("33.33")
    receipt = transfer_receipts.receive_transfer(transfer_id=document.pk, **BY)
    document.refresh_from_db()
    assert (document.received, document.closing) == ("full", "auto_closed")
    assert (balance_of(item, transit()).on_hand, balance_of(item, shop).on_hand) == (0, 20)
    assert (balance_of(item, shop).value, total_value(item)) == (D("33.33"), 100)
    assert [node.doc_type for node in graph(document).at(1)] == ["inventory.transfer_receipt"]
    assert receipt.total_value == D("33.33")
    assert all_differences() == []
    assert_sound()


def test_goods_under_way_are_nobodys_to_sell():
    from backend.availability.selectors import availability_by_item
    from backend.inventory.selectors import active_warehouses

    item, shop = make_item(), make_warehouse()
    stock_up(item, 60)
    ship(TransferLineInput(item.pk, D(20)), to=shop)
    assert availability_by_item([item.pk])[item.pk].available == 40
    assert transit() not in active_warehouses()


def test_a_submitted_transfer_sets_goods_aside_and_announces_them():
    """An order at the destination that was short is promised the day of arrival, and served by it."""
    item, shop = make_item(), make_warehouse()
    stock_up(item, 50)
    wanted = order((item, 30), warehouse=shop)
    document = save(TransferLineInput(item.pk, D(30)), to=shop)
    transfers.submit_transfer(document_id=document.pk, **BY)
    assert numbers_of(item) == (50, 30, 20)
    assert wanted.promise() == [(30, TODAY + timedelta(days=2), "supply")]
    assert_sound()
    with refuses(CannotIssueStock):
        ship(TransferLineInput(item.pk, D(21)), to=shop)
    transfers.approve_transfer(document_id=document.pk, **BY)
    assert SupplyLine.objects.get(ref_id=document.pk).firmness == "shipped"
    assert numbers_of(item) == (20, 0, 20)
    transfer_receipts.receive_transfer(transfer_id=document.pk, **BY)
    assert wanted.line().reserved_qty == 30
    assert_sound()


def test_a_transfer_is_withdrawn_and_voided():
    item, shop = make_item(), make_warehouse()
    stock_up(item, 50)
    document = save(TransferLineInput(item.pk, D(30)), to=shop)
    transfers.submit_transfer(document_id=document.pk, **BY)
    transfers.withdraw_transfer(document_id=document.pk, **BY)
    assert numbers_of(item) == (50, 0, 50)
    transfers.submit_transfer(document_id=document.pk, **BY)
    transfers.void_transfer(document_id=document.pk, **BY)
    assert numbers_of(item) == (50, 0, 50)
    assert not SupplyLine.objects.filter(ref_id=document.pk, open_qty__gt=0).exists()
    assert_sound()


def test_goods_arrive_in_parts_and_some_are_lost():
    """What is lost leaves stock through 1901; the rest is open until it has come."""
    item, shop = make_item(), make_warehouse()
    stock_up(item, 10, 100)
    document = ship(TransferLineInput(item.pk, D(10)), to=shop)
    line = document.lines.get()
    first = transfer_receipts.receive_transfer(transfer_id=document.pk, lines=[ArrivalInput(line.pk, D(4))], **BY)
    document.refresh_from_db()
    assert (document.received, document.closing) == ("partial", "open")
    with refuses(CannotReceiveTransfer, "only 6"):
        transfer_receipts.receive_transfer(transfer_id=document.pk, lines=[ArrivalInput(line.pk, D(7))], **BY)
    second = transfer_receipts.receive_transfer(
        transfer_id=document.pk, lines=[ArrivalInput(line.pk, D(5), D(1))], **BY
    )
    document.refresh_from_db()
    assert (document.received, second.lost_value) == ("full", 10)
    assert (balance_of(item, shop).on_hand, balance_of(item, transit()).value) == (9, 0)
    assert all_differences() == []
    with refuses(CannotUnapproveTransfer, first.number):
        transfers.unapprove_transfer(document_id=document.pk, **BY)
    for receipt in (second, first):
        transfer_receipts.unapprove_transfer_receipt(document_id=receipt.pk, **BY)
        transfer_receipts.void_transfer_receipt(document_id=receipt.pk, **BY)
    document.refresh_from_db()
    assert (document.received, document.closing) == ("none", "open")
    assert SupplyLine.objects.get(ref_id=document.pk).open_qty == 10
    transfers.unapprove_transfer(document_id=document.pk, **BY)
    assert (balance_of(item).on_hand, balance_of(item).value) == (10, 100)
    assert all_differences() == []
    assert_sound()


def test_one_step_arrives_at_once():
    item, shop = make_item(), make_warehouse()
    stock_up(item, 10, 100)
    document = ship(TransferLineInput(item.pk, D(4)), to=shop, one_step=True)
    assert (document.received, document.closing) == ("full", "auto_closed")
    assert (balance_of(item, shop).on_hand, balance_of(item, shop).value) == (4, 40)
    with refuses(CannotReceiveTransfer):
        transfer_receipts.receive_transfer(transfer_id=document.pk, **BY)
    transfers.unapprove_transfer(document_id=document.pk, **BY)
    assert (balance_of(item).value, balance_of(item, shop).on_hand) == (100, 0)
    assert_sound()


def test_lots_stay_together_and_may_arrive_after_their_hold():
    item, shop = make_item(lot_tracked=True), make_warehouse()
    stock_up(item, 5, 50, lot_no="A")
    stock_up(item, 5, 100, lot_no="B")
    document = ship(TransferLineInput(item.pk, D(8)), to=shop)
    lot = Lot.objects.get(item=item, lot_no="A")
    lots.hold_lot(lot_id=lot.pk, reason="complaint", actor=SYSTEM, at=AT)
    transfer_receipts.receive_transfer(transfer_id=document.pk, **BY)
    there = LotBalance.objects.filter(warehouse=shop, on_hand__gt=0)
    assert dict(there.values_list("lot__lot_no", "on_hand")) == {"A": 5, "B": 3}
    assert balance_of(item, shop).blocked == 5
    assert total_value(item) == 150
    assert_sound()


def test_two_transfers_of_the_same_goods_keep_their_values():
    item, shop = make_item(), make_warehouse()
    stock_up(item, 10, 100)
    cheap = ship(TransferLineInput(item.pk, D(10)), to=shop)
    stock_up(item, 10, 300)
    dear = ship(TransferLineInput(item.pk, D(10)), to=shop)
    assert transfer_receipts.receive_transfer(transfer_id=dear.pk, **BY).total_value == 300
    assert transfer_receipts.receive_transfer(transfer_id=cheap.pk, **BY).total_value == 100


def test_what_has_left_the_destination_is_named():
    item, shop = make_item(), make_warehouse()
    stock_up(item, 10, 100)
    document = ship(TransferLineInput(item.pk, D(10)), to=shop)
    receipt = transfer_receipts.receive_transfer(transfer_id=document.pk, **BY)
    paper = issue(item.pk, 1, shop.pk)
    with refuses(CannotReverseMoves, paper.number):
        transfer_receipts.unapprove_transfer_receipt(document_id=receipt.pk, **BY)


def test_heads_are_checked():
    """SCM-16: an urgent transfer names its cause."""
    item, shop = make_item(), make_warehouse()
    line = TransferLineInput(item.pk, D(1))
    with refuses(CannotSaveStockDocument, "two different"):
        save(line, to=main_warehouse())
    with refuses(CannotSaveStockDocument, "urgent"):
        save(line, to=shop, urgent=True)
    with refuses(CannotSaveStockDocument, "before"):
        save(line, to=shop, expected_date=TODAY - timedelta(days=1))
    assert save(line, to=shop, urgent=True, urgent_cause="late_supplier").urgent_cause == "late_supplier"


@pytest.mark.parametrize("lines", [1, 20])
def test_shipping_and_receiving_take_a_fixed_number_of_statements(lines, django_assert_max_num_queries):
    shop = make_warehouse()
    items = [make_item() for _ in range(lines)]
    for item in items:
        stock_up(item, 10, 10)
    transit_made = ship(TransferLineInput(items[0].pk, D(1)), to=shop)
    document = save(*(TransferLineInput(item.pk, D(5)) for item in items), to=shop)
    with django_assert_max_num_queries(40):
        transfers.approve_transfer(document_id=document.pk, **BY)
    receipt = transfer_receipts.save_transfer_receipt(transfer_id=document.pk, **BY)
    with django_assert_max_num_queries(45):
        transfer_receipts.approve_transfer_receipt(document_id=receipt.pk, **BY)
    assert transit_made.approval == "approved"


def test_a_transfer_taken_back_is_edited_although_a_voided_receipt_names_its_line():
    item, other, place = make_item(), make_item(), make_warehouse()
    stock_up(item, 50, 500)
    transfer = ship(TransferLineInput(item.pk, D(20)), to=place)
    receipt = transfer_receipts.receive_transfer(transfer_id=transfer.pk, **BY)
    transfer_receipts.unapprove_transfer_receipt(document_id=receipt.pk, **BY)
    transfer_receipts.void_transfer_receipt(document_id=receipt.pk, **BY)
    transfers.unapprove_transfer(document_id=transfer.pk, **BY)
    save(TransferLineInput(item.pk, D(10)), TransferLineInput(other.pk, D(1)), to=place, document_id=transfer.pk)
    assert list(transfer.lines.order_by("line_no").values_list("qty", flat=True)) == [10, 1]
    with refuses(CannotDropLine, receipt.number):
        save(TransferLineInput(other.pk, D(1)), to=place, document_id=transfer.pk)
