"""INV-02: single pieces by serial number: one place each, counted by name, costed one by one where the category says so."""

from decimal import Decimal as D

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from backend.inventory.errors import CannotCount, CannotMoveSerials, CannotReverseMoves, CannotSaveStockDocument
from backend.inventory.models import LineSerials, Serial, SerialHold, StockBalance, StockMove
from backend.inventory.services import (
    count_booking,
    counted_serials,
    counting,
    naming,
    other,
    transfer_receipts,
    transfers,
)
from backend.inventory.services.inputs import ArrivalInput, MoveInput, OtherIssueLineInput, TransferLineInput
from backend.inventory.services.moves import post_moves, reverse_moves
from backend.kernel.errors import Refusal
from backend.kernel.ids import uuid7
from backend.purchasing.services import receipts
from backend.sales.services import deliveries, shipping
from backend.sales.services import orders as sales_orders
from tests.accounting.test_concurrency import in_threads
from tests.factories.availability import Paper, assert_sound
from tests.factories.catalog import make_item
from tests.factories.inventory import (
    AT,
    SYSTEM,
    TODAY,
    balance_of,
    main_warehouse,
    make_warehouse,
    moves_of,
    refuses,
    stock_up,
)
from tests.factories.purchasing import BUYER, confirm, lines_of, make_purchase_order, ship
from tests.factories.sales import approved_order
from tests.factories.serials import lying, pieces, serial_item

BY = {"actor": SYSTEM, "at": AT}
inside = pytest.mark.usefixtures("tenant")


@inside
def test_every_piece_is_named_and_lies_in_one_place():
    item, main = serial_item(), main_warehouse().code
    pieces(item, "A1", "A2", "A3", value=30)
    assert lying(item) == {"A1": main, "A2": main, "A3": main}
    gone = pieces(item, "A2", out=True)
    assert lying(item)["A2"] == ""
    assert moves_of(gone.pk)[0].value_out == 10
    for numbers, words in (
        (("A2",), "do not lie in the warehouse"),
        (("A9",), "do not lie in the warehouse"),
        (("A1", "A1"), "2 pieces, but 1 different numbers"),
    ):
        with refuses(CannotMoveSerials, words):
            pieces(item, *numbers, out=True)
    with refuses(CannotMoveSerials, "in stock already: A1"):
        pieces(item, "A1", value=9)
    with refuses(CannotMoveSerials, "1 pieces, but 0 different"):
        post_moves([MoveInput("scrap", item.pk, main_warehouse().pk, qty_out=D(1))], document=Paper(), **BY)
    reverse_moves(document=gone, **BY)
    assert lying(item)["A2"] == main
    assert balance_of(item).on_hand == 3
    assert_sound()


@inside
def test_what_moved_on_is_not_taken_back_under_it():
    item = serial_item()
    came = pieces(item, "B1", "B2", value=20)
    pieces(item, "B3", value=10)
    pieces(item, "B1", out=True)
    with refuses(CannotReverseMoves, "B1 moved on"):
        reverse_moves(document=came, **BY)


@inside
def test_pieces_are_costed_one_by_one_where_the_category_says_so():
    """B came at 100, A at 50: selling B costs 100, though A came first; taken back, it costs 100 again."""
    item = serial_item("specific")
    pieces(item, "A1", "A2", value=100)
    pieces(item, "B1", "B2", value=200)
    sold = pieces(item, "B1", "A2", out=True)
    assert moves_of(sold.pk)[0].value_out == 150
    reverse_moves(document=sold, **BY)
    assert moves_of(pieces(item, "B1", "B2", out=True).pk)[0].value_out == 200
    assert (balance_of(item).on_hand, balance_of(item).value) == (2, 100)


@inside
def test_transfers_carry_pieces_and_arrivals_name_them():
    item, there = serial_item("specific"), make_warehouse()
    pieces(item, "T1", "T2", value=20)
    pieces(item, "T3", value=40)
    transfer = transfers.save_transfer(
        doc_date=TODAY,
        source_id=main_warehouse().pk,
        destination_id=there.pk,
        lines=[TransferLineInput(item.pk, D(2))],
        **BY,
    )
    line = transfer.lines.get()
    with refuses(CannotMoveSerials, "do not lie"):
        naming.name_serials(document=transfer, numbers={line.pk: ["T9"]}, **BY)
    with refuses(CannotMoveSerials, "3 serial numbers for 2 pieces"):
        naming.name_serials(document=transfer, numbers={line.pk: ["T1", "T2", "T3"]}, **BY)
    naming.name_serials(document=transfer, numbers={line.pk: ["T3", "T1"]}, **BY)
    transfer = transfers.approve_transfer(document_id=transfer.pk, **BY)
    assert transfer.total_value == 50
    assert lying(item) == {"T1": "ZZ-TRANSIT", "T2": main_warehouse().code, "T3": "ZZ-TRANSIT"}
    part = transfer_receipts.save_transfer_receipt(transfer_id=transfer.pk, lines=[ArrivalInput(line.pk, D(1))], **BY)
    with refuses(CannotMoveSerials):  # which of the two?
        transfer_receipts.approve_transfer_receipt(document_id=part.pk, **BY)
    naming.name_serials(document=part, numbers={part.lines.get().pk: ["T3"]}, **BY)
    transfer_receipts.approve_transfer_receipt(document_id=part.pk, **BY)
    assert balance_of(item, there).value == 25  # pieces that travel on one line share its cost
    transfer_receipts.receive_transfer(transfer_id=transfer.pk, **BY)  # the last one needs no name
    assert lying(item) == {"T1": there.code, "T2": main_warehouse().code, "T3": there.code}
    assert balance_of(item, there).value == 50


def told(document):
    """(missing, found, elsewhere) of the one line of a count that is not booked yet."""
    lines = list(document.lines.select_related("item", "bin"))
    rows = counted_serials.pieces_so_far(document, lines)
    if not rows:
        return [], [], []
    [row] = rows
    return tuple([piece.serial_no for piece in pieces] for pieces in (row.missing, row.found, row.elsewhere))


@inside
def test_inv_06_a_count_tells_its_pieces_before_it_is_booked():
    """Nothing is told of a line that nobody counted, and nothing is written; a piece of another warehouse is named."""
    item, other_item, there = serial_item(), serial_item(), make_warehouse()
    pieces(item, "B1", "B2", value=20)
    pieces(item, "B9", value=10, place=there)
    pieces(other_item, "B1", value=10, place=there)
    document = counting.save_count(doc_date=TODAY, warehouse_id=main_warehouse().pk, item_ids=[item.pk], **BY)
    document = counting.start_count(document_id=document.pk, **BY)
    line = document.lines.get()
    assert told(document) == ([], [], [])
    naming.name_serials(document=document, numbers={line.pk: ["B1", "B2"]}, **BY)
    assert told(document) == ([], [], [])
    naming.name_serials(document=document, numbers={line.pk: ["B1", "B9"]}, **BY)
    assert told(document) == (["B2"], [], ["B9"])
    with refuses(CannotCount, "lie in another warehouse"):
        count_booking.approve_count(document_id=document.pk, **BY)
    naming.name_serials(document=document, numbers={line.pk: ["B1", "NEW"]}, **BY)
    assert told(document) == (["B2"], ["NEW"], [])
    assert not Serial.objects.filter(serial_no="NEW").exists()


@inside
def test_a_count_finds_and_misses_pieces_by_name():
    """Three on the books, two of them and a stranger seen: one lost, one found, the quantity is the same."""
    item = serial_item()
    pieces(item, "C1", "C2", "C3", value=30)
    document = counting.save_count(doc_date=TODAY, warehouse_id=main_warehouse().pk, item_ids=[item.pk], **BY)
    document = counting.start_count(document_id=document.pk, **BY)
    line = document.lines.get()
    naming.name_serials(document=document, numbers={line.pk: ["C1", "C3", "C7"]}, **BY)
    assert told(document) == (["C2"], ["C7"], [])
    count_booking.approve_count(document_id=document.pk, **BY)
    main = main_warehouse().code
    assert lying(item) == {"C1": main, "C2": "", "C3": main, "C7": main}
    assert (balance_of(item).on_hand, balance_of(item).value) == (3, 30)
    count_booking.unapprove_count(document_id=document.pk, **BY)
    assert lying(item) == {"C1": main, "C2": main, "C3": main, "C7": ""}


@inside
def test_the_suppliers_numbers_come_with_the_notice_and_leave_with_the_delivery():
    item = serial_item()
    order = make_purchase_order((item, 3))
    confirm(order)
    notice = ship(order, 3)
    with refuses(CannotMoveSerials):
        receipts.receive_asn(asn_id=notice.pk, actor=BUYER, at=AT)
    naming.name_serials(document=notice, numbers={notice.lines.get().pk: naming.read_numbers("S08~S10")}, **BY)
    receipt = receipts.receive_asn(asn_id=notice.pk, actor=BUYER, at=AT)
    assert set(lying(item)) == {"S08", "S09", "S10"}
    assert Serial.objects.get(item=item, serial_no="S09").last_move.party_id == order.supplier_id
    sale = approved_order((item, 2))
    with refuses(CannotMoveSerials):
        deliveries.ship_order(order_id=sale.pk, **BY)
    delivery = deliveries.create_delivery_from_order(order_id=sale.pk, **BY)
    naming.name_serials(document=delivery, numbers={delivery.lines.get().pk: ["S10", "S08"]}, **BY)
    shipping.approve_delivery(delivery_id=delivery.pk, **BY)
    gone = Serial.objects.get(item=item, serial_no="S10")
    assert gone.warehouse_id is None
    assert gone.last_move.party_id == sale.customer_id
    with refuses(Exception):
        receipts.unapprove_receipt(receipt_id=receipt.pk, actor=BUYER, at=AT)
    assert lines_of(order)[0].received_qty == 3
    assert_sound()


@inside
def test_a_draft_keeps_its_numbers_when_it_is_edited():
    item = serial_item()
    pieces(item, "D1", "D2", value=20)
    given = {"doc_date": TODAY, "warehouse_id": main_warehouse().pk, "reason": "own_use", **BY}
    document = other.save_other_issue(lines=[OtherIssueLineInput(item.pk, D(1))], **given)
    naming.name_serials(document=document, numbers={document.lines.get().pk: ["D2"]}, **BY)
    other.save_other_issue(lines=[OtherIssueLineInput(item.pk, D(1))], document_id=document.pk, remark="again", **given)
    other.approve_other_issue(document_id=document.pk, **BY)
    assert lying(item)["D2"] == ""
    with refuses(CannotMoveSerials, "is booked"):
        naming.name_serials(document=document, numbers={}, **BY)


def test_ranges_are_written_out():
    assert naming.read_numbers("SN8~SN11, X1；SN008~010\nX1") == [
        "SN8",
        "SN9",
        "SN10",
        "SN11",
        "X1",
        "SN008",
        "SN009",
        "SN010",
    ]
    for wrong in ("A~B", "A2~B9", "A9~A1", "A1~A99999999"):
        with pytest.raises(CannotSaveStockDocument):
            naming.read_numbers(wrong)


@inside
def test_the_number_of_statements_is_fixed():
    def statements(count):
        item = serial_item()
        numbers = [f"Q{count}-{no}" for no in range(count)]
        pieces(item, *numbers, value=count)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            pieces(item, *numbers, out=True)
        return len(caught)

    assert statements(1) == statements(80)


BREAKS = (
    "UPDATE inventory_serial SET warehouse_id = NULL WHERE id = '{piece}'",
    "UPDATE inventory_serial SET last_move_id = NULL WHERE id = '{piece}'",
    "DELETE FROM inventory_serial WHERE id = '{piece}'",
    "INSERT INTO inventory_serial (id, item_id, serial_no, created_at) VALUES ('{new}', '{item}', 'K1', now())",
    "INSERT INTO inventory_serial (id, item_id, serial_no, warehouse_id, created_at) VALUES ('{new}', '{item}', 'K9', '{place}', now())",
)
MOVES = (  # (in, out, pieces): every one of them is impossible
    (1, 0, "ARRAY['{piece}']"),  # is there already
    (0, 1, "ARRAY['{away}']"),  # is not there
    (0, 1, "NULL"),  # which one?
    (0, 2, "ARRAY['{piece}']"),  # and the other?
    (0, 2, "ARRAY['{piece}', '{piece}']"),  # twice the same
    (0, 1, "ARRAY['{new}']"),  # nobody knows it
    (0, 1, "ARRAY['{stranger}']"),  # a piece of another item
)


@inside
def test_the_database_refuses_what_cannot_be():
    item, other_item = serial_item(), serial_item()
    pieces(item, "K1", "K2", "K3", value=30)
    pieces(item, "K3", out=True)
    pieces(other_item, "K1", value=5)
    of = {row.serial_no: row.pk for row in Serial.objects.filter(item=item)}
    values = {
        "piece": of["K1"],
        "away": of["K3"],
        "stranger": Serial.objects.get(item=other_item).pk,
        "item": item.pk,
        "place": main_warehouse().pk,
        "new": uuid7(),
    }
    insert = (
        "INSERT INTO inventory_stock_move (item_id, warehouse_id, kind, qty_in, qty_out, value_in, value_out, move_date,"
        " moved_at, doc_type, doc_id, doc_number, serial_ids) VALUES ('{item}', '{place}', 'scrap', {qty_in}, {qty_out},"
        " 0, 0, '2026-11-23', now(), 'x', '{new}', 'x', {pieces}::uuid[])"
    )
    tries = [text.format(**values) for text in BREAKS]
    tries += [
        insert.format(qty_in=came, qty_out=left, pieces=named.format(**values), **values) for came, left, named in MOVES
    ]
    for statement in tries:
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert Serial.objects.filter(item=item, warehouse__isnull=False).count() == balance_of(item).on_hand == 2


def test_fifty_people_cannot_issue_a_piece_twice(committed_tenant):
    """INV-02: 50 at once want the same two pieces, from two warehouses' points of view; each leaves once."""
    item, there = serial_item(), make_warehouse()
    pieces(item, "Z1", "Z2", "Z3", "Z4", value=40)

    def work(number):
        try:
            with transaction.atomic():
                if number % 5 == 4:
                    pieces(item, f"Z{1 + number % 2}", value=1, place=there)
                else:
                    pieces(item, f"Z{1 + number % 2}", out=True)
        except (Refusal, IntegrityError) as refused:
            return type(refused).__name__
        return "left"

    answers = in_threads(committed_tenant, 50, work)
    assert set(answers) <= {"left", "CannotMoveSerials", "IntegrityError"}, answers
    for number in ("Z1", "Z2"):
        piece = Serial.objects.get(item=item, serial_no=number)
        steps = list(StockMove.objects.filter(serial_ids__contains=[piece.pk]).order_by("id"))
        places = dict.fromkeys((main_warehouse().pk, there.pk), 0)
        for step in steps:
            places[step.warehouse_id] += 1 if step.qty_in else -1
        assert sorted(places.values()) in ([0, 0], [0, 1])
    on_hand = sum(row.on_hand for row in StockBalance.objects.filter(item=item))
    assert Serial.objects.filter(item=item, warehouse__isnull=False).count() == on_hand
    assert LineSerials.objects.filter(item=item).exists()


@inside
def test_inv_02_a_piece_is_kept_for_an_order():
    """INV-02: chosen on the order, it leaves for it alone and is named on its delivery by itself; then nothing is kept."""
    item = serial_item()
    pieces(item, "K1", "K2", "K3", "K4", value=40)
    first, other_order = approved_order((item, 2)), approved_order((item, 1))
    [line], [other_line] = first.lines.all(), other_order.lines.all()
    name = lambda order, row, *numbers: naming.name_serials(document=order, numbers={row.pk: numbers}, **BY)  # noqa: E731
    with refuses(CannotMoveSerials, "3 serial numbers for 2"):
        name(first, line, "K1", "K2", "K3")
    with refuses(CannotMoveSerials, "do not lie"):
        name(first, line, "K9")
    [kept] = name(first, line, "K2", "K3")
    assert kept.numbers == ("K2", "K3")
    for refused in (lambda: name(other_order, other_line, "K3"), lambda: pieces(item, "K3", out=True)):
        with refuses(CannotMoveSerials, f"K3 is kept for {first.number}"):
            refused()
    draft = deliveries.create_delivery_from_order(
        order_id=first.pk, lines=[deliveries.DeliveryLineInput(line.pk, D(1))], **BY
    )
    [proposed] = naming.serial_lines(draft)
    assert proposed.numbers == ("K2",)
    shipping.approve_delivery(delivery_id=draft.pk, **BY)
    assert SerialHold.objects.get().serial.serial_no == "K3"
    rest = deliveries.create_delivery_from_order(order_id=first.pk, **BY)
    naming.name_serials(document=rest, numbers={rest.lines.get().pk: ["K1"]}, **BY)
    shipping.approve_delivery(delivery_id=rest.pk, **BY)  # another piece left in its place: nothing is kept any more
    assert not SerialHold.objects.exists()
    name(other_order, other_line, "K3")
    sales_orders.close_order(order_id=other_order.pk, reason="enough", **BY)
    assert not SerialHold.objects.exists()
    assert_sound()


@inside
def test_inv_02_what_is_kept_is_shipped_in_one_step_and_costs_nothing_elsewhere():
    item, plain = serial_item(), make_item()
    pieces(item, "M1", "M2", value=20)
    stock_up(plain, 5)
    order = approved_order((item, 1))
    naming.name_serials(document=order, numbers={order.lines.get().pk: ["M2"]}, **BY)
    deliveries.ship_order(order_id=order.pk, **BY)
    assert (lying(item)["M2"], lying(item)["M1"]) == ("", main_warehouse().code)
    other = approved_order((plain, 1))
    with CaptureQueriesContext(connection) as seen:
        deliveries.ship_order(order_id=other.pk, **BY)
    assert not [query for query in seen if "serial_hold" in query["sql"]]


@inside
def test_inv_02_a_delivery_that_is_taken_back_leaves_its_pieces_kept():
    """INV-02: what was kept for the line is kept again, the piece that stayed here too; what another order has, is its."""
    item = serial_item()
    pieces(item, "R1", "R2", "R3", "R4", value=40)
    order, other_order = approved_order((item, 2)), approved_order((item, 2))
    [line], [other_line] = order.lines.all(), other_order.lines.all()
    name = lambda paper, row, *numbers: naming.name_serials(document=paper, numbers={row.pk: numbers}, **BY)  # noqa: E731
    kept = lambda: {row.serial.serial_no: row.line_id for row in SerialHold.objects.select_related("serial")}  # noqa: E731
    name(order, line, "R2", "R3")
    draft = deliveries.create_delivery_from_order(order_id=order.pk, **BY)
    name(draft, draft.lines.get(), "R2", "R1")  # R3 stays, though it was kept
    shipping.approve_delivery(delivery_id=draft.pk, **BY)
    assert kept() == {}
    shipping.unapprove_delivery(delivery_id=draft.pk, **BY)
    assert kept() == {"R2": line.pk, "R3": line.pk}
    shipping.approve_delivery(delivery_id=draft.pk, **BY)
    name(other_order, other_line, "R3")
    shipping.unapprove_delivery(delivery_id=draft.pk, **BY)
    assert kept() == {"R2": line.pk, "R3": other_line.pk}
    name(order, line)
    shipping.approve_delivery(delivery_id=draft.pk, **BY)
    shipping.unapprove_delivery(delivery_id=draft.pk, **BY)
    assert kept() == {"R3": other_line.pk}, "nothing was kept when it left"
    assert_sound()


@inside
def test_two_orders_cannot_keep_the_same_piece():
    item = serial_item()
    pieces(item, "T1", value=10)
    piece = Serial.objects.get(item=item)
    values = {"doc_type": "sales.order", "doc_number": "X", "at": AT}
    SerialHold.objects.create(serial=piece, line_id=uuid7(), doc_id=uuid7(), **values)
    with pytest.raises(IntegrityError), transaction.atomic():
        SerialHold.objects.bulk_create([SerialHold(serial=piece, line_id=uuid7(), doc_id=uuid7(), **values)])
