"""INV-01: bins: every move has its places, the bins hold what the balance says, walking first expired first out."""

import random
from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from backend.access.services.actors import actor_for
from backend.inventory.errors import (
    CannotCount,
    CannotIssueStock,
    CannotMoveSerials,
    CannotSaveStockDocument,
    CannotSaveWarehouse,
)
from backend.inventory.models import BinBalance, BinEntry, Serial, StockBalance
from backend.inventory.selectors.bins import stops_of
from backend.inventory.services import bin_moves, bins, count_booking, counting, other
from backend.inventory.services.bins import NamedBin
from backend.inventory.services.inputs import (
    BinMoveLineInput,
    CountedInput,
    MoveInput,
    OtherIssueLineInput,
    OtherReceiptLineInput,
)
from backend.inventory.services.moves import post_moves, reverse_moves
from backend.inventory.services.naming import name_serials
from backend.kernel.errors import Refusal
from tests.accounting.test_concurrency import in_threads
from tests.api.caller import Caller
from tests.factories.availability import Paper, assert_sound
from tests.factories.catalog import make_item
from tests.factories.costing import below_zero, come, leave, lot_of
from tests.factories.inventory import AT, SYSTEM, TODAY, main_warehouse, make_warehouse, refuses, stock_up
from tests.factories.purchasing import confirm, make_purchase_order, ship
from tests.factories.serials import pieces, serial_item
from tests.people import make_member, owner_actor

BY = {"actor": SYSTEM, "at": AT}
inside = pytest.mark.usefixtures("tenant")

WRONG = """
SELECT 'balance', b.item_id FROM inventory_stock_balance b
JOIN inventory_bin d ON d.warehouse_id = b.warehouse_id AND d.is_default
LEFT JOIN (SELECT item_id, warehouse_id, sum(on_hand) AS qty FROM inventory_bin_balance GROUP BY 1, 2) x
       ON x.item_id = b.item_id AND x.warehouse_id = b.warehouse_id WHERE b.on_hand <> coalesce(x.qty, 0)
UNION ALL
SELECT 'lot', b.item_id FROM inventory_lot_balance b
JOIN inventory_bin d ON d.warehouse_id = b.warehouse_id AND d.is_default
LEFT JOIN (SELECT item_id, warehouse_id, lot_id, sum(on_hand) AS qty FROM inventory_bin_balance GROUP BY 1, 2, 3) x
       ON x.item_id = b.item_id AND x.warehouse_id = b.warehouse_id AND x.lot_id = b.lot_id
WHERE b.on_hand <> coalesce(x.qty, 0)
UNION ALL
SELECT 'entries', b.item_id FROM inventory_bin_balance b
LEFT JOIN (SELECT item_id, bin_id, lot_id, sum(qty) AS qty FROM inventory_bin_entry GROUP BY 1, 2, 3) e
       ON e.item_id = b.item_id AND e.bin_id = b.bin_id AND e.lot_id IS NOT DISTINCT FROM b.lot_id
WHERE b.on_hand <> coalesce(e.qty, 0)
UNION ALL
SELECT 'pieces', x.item_id FROM inventory_bin_balance x JOIN catalog_item i ON i.id = x.item_id AND i.serial_tracked
WHERE x.on_hand <> (SELECT count(*) FROM inventory_serial s WHERE s.bin_id = x.bin_id AND s.item_id = x.item_id)
"""


def wrong():
    with connection.cursor() as cursor:
        cursor.execute(WRONG)
        return cursor.fetchall()


def shelf(place, code, sequence=0, **more):
    return bins.save_bin(warehouse_id=place.pk, code=code, sequence=sequence, **BY, **more)


@pytest.fixture
def place():
    """A warehouse with a dock and two shelves; people pass B before A."""
    made = make_warehouse()
    made.dock, made.a, made.b = shelf(made, "DOCK", 99), shelf(made, "A", 2), shelf(made, "B", 1)
    return made


def lies(item, lot=None):
    """Quantity by bin code."""
    rows = BinBalance.objects.filter(item=item, on_hand__gt=0)
    rows = rows.filter(lot=lot) if lot else rows
    return {row.bin.code: row.on_hand for row in rows.select_related("bin")}


def put(item, qty, source, destination, lot=None):
    line = BinMoveLineInput(item.pk, D(qty), source.code, destination.code, lot.pk if lot else None)
    made = bin_moves.save_bin_move(doc_date=TODAY, warehouse_id=source.warehouse_id, lines=[line], **BY)
    return bin_moves.approve_bin_move(document_id=made.pk, **BY)


@inside
def test_the_first_bin_takes_all_that_lies_there():
    place, item, kept = make_warehouse(), make_item(), make_item(lot_tracked=True)
    come(item, 10, 100, place=place)
    lot = lot_of(kept, "L1")
    come(kept, 4, 40, place=place, lot_id=lot.pk)
    with refuses(CannotSaveWarehouse):
        shelf(below_zero(make_warehouse()), "X")
    dock = shelf(place, "DOCK")
    assert dock.is_default
    assert (lies(item), lies(kept, lot)) == ({"DOCK": 10}, {"DOCK": 4})
    assert wrong() == []
    with pytest.raises(IntegrityError), transaction.atomic():
        below_zero(place)


@inside
def test_goods_are_put_where_they_belong_and_leave_on_the_way(place):
    """Without a place: the dock. Put away: where they lie. With a fixed bin: there. Out: B before A before the dock."""
    item = make_item()
    come(item, 10, 100, place=place)
    assert lies(item) == {"DOCK": 10}
    put(item, 6, place.dock, place.a)
    come(item, 5, 50, place=place)
    assert lies(item) == {"DOCK": 4, "A": 11}
    bins.set_fixed_bin(item_id=item.pk, warehouse_id=place.pk, bin_id=place.b.pk, **BY)
    came = come(item, 3, 30, place=place)
    assert lies(item) == {"DOCK": 4, "A": 11, "B": 3}
    paper = Paper()
    leave(item, 12, place=place, paper=paper)
    assert lies(item) == {"DOCK": 4, "A": 2}
    reverse_moves(document=paper, **BY)
    assert lies(item) == {"DOCK": 4, "A": 11, "B": 3}
    put(item, 3, place.b, place.a)
    undone = Paper(pk=came.doc_id, number=came.doc_number)
    reverse_moves(document=undone, **BY)  # what had come into B lies in A by now: it is taken from there
    assert lies(item) == {"DOCK": 4, "A": 11}
    assert wrong() == []
    assert_sound()


@inside
def test_lots_leave_by_expiry_and_each_from_its_bin(place):
    """The pick list is what the booking takes: first the lot that expires first, then bins on the way."""
    item = make_item(lot_tracked=True)
    stock_up(item, 4, 40, warehouse=place, lot_no="LATE", expiry_date=TODAY.replace(year=2028))
    stock_up(item, 6, 60, warehouse=place, lot_no="SOON", expiry_date=TODAY.replace(year=2027))
    soon = lot_of(item, "SOON")
    put(item, 2, place.dock, place.b, soon)
    put(item, 3, place.dock, place.a, soon)
    issue = other.save_other_issue(
        doc_date=TODAY, warehouse_id=place.pk, reason="own_use", lines=[OtherIssueLineInput(item.pk, D(7))], **BY
    )
    planned = [(stop.bin.code, stop.lot_no, stop.qty) for stop in stops_of(issue)]
    assert planned == [("B", "SOON", 2), ("A", "SOON", 3), ("DOCK", "SOON", 1), ("DOCK", "LATE", 1)]
    other.approve_other_issue(document_id=issue.pk, **BY)
    issue.refresh_from_db()
    assert [(stop.bin.code, stop.lot_no, stop.qty) for stop in stops_of(issue)] == planned
    assert lies(item) == {"DOCK": 3}
    assert wrong() == []


@inside
def test_named_bins_are_used(place):
    item = make_item()
    came = other.save_other_receipt(
        doc_date=TODAY, warehouse_id=place.pk, reason="gift", lines=[OtherReceiptLineInput(item.pk, D(9), D(1))], **BY
    )
    line = came.lines.get().pk
    for given in ([NamedBin("Z", D(1))], [NamedBin("A", D(10))], [NamedBin("A", D(1)), NamedBin("A", D(1))]):
        with refuses(CannotSaveStockDocument):
            bins.name_bins(document=came, bins={line: given}, **BY)
    bins.name_bins(document=came, bins={line: [NamedBin("A", D(5)), NamedBin("B", D(1))]}, **BY)
    assert [(stop.bin.code, stop.qty) for stop in stops_of(came)] == [("B", 1), ("A", 5), ("DOCK", 3)]
    other.approve_other_receipt(document_id=came.pk, **BY)
    assert lies(item) == {"A": 5, "B": 1, "DOCK": 3}
    gone = other.save_other_issue(
        doc_date=TODAY, warehouse_id=place.pk, reason="own_use", lines=[OtherIssueLineInput(item.pk, D(4))], **BY
    )
    line = gone.lines.get().pk
    with refuses(CannotSaveStockDocument, "1 lie in B"):
        bins.name_bins(document=gone, bins={line: [NamedBin("B", D(2))]}, **BY)
    bins.name_bins(document=gone, bins={line: [NamedBin("DOCK", D(3))]}, **BY)
    other.approve_other_issue(document_id=gone.pk, **BY)
    assert lies(item) == {"A": 5}


@inside
def test_moves_between_bins_need_the_goods_and_can_be_taken_back(place):
    item = make_item()
    come(item, 5, 50, place=place)
    with refuses(CannotIssueStock, "5 lie in DOCK"):
        put(item, 6, place.dock, place.a)
    moved = put(item, 5, place.dock, place.a)
    with refuses(CannotSaveWarehouse):
        bins.save_bin(warehouse_id=place.pk, code="A", active=False, bin_id=place.a.pk, **BY)
    bin_moves.unapprove_bin_move(document_id=moved.pk, **BY)
    assert lies(item) == {"DOCK": 5}
    assert StockBalance.objects.get(item=item, warehouse=place).value == 50


@inside
def test_a_warehouse_without_bins_costs_no_statement(place):
    """The trigger does it: with bins, without bins, one line or fifty, the statements are the same."""

    def statements(where, count):
        items = [make_item() for _ in range(count)]
        moves = [MoveInput("purchase_receipt", item.pk, where.pk, qty_in=D(2), value_in=D(2)) for item in items]
        with CaptureQueriesContext(connection) as caught:
            post_moves(moves, document=Paper(), **BY)
        return len(caught)

    assert statements(main_warehouse(), 1) == statements(main_warehouse(), 20) == statements(place, 20)


@inside
def test_the_database_refuses_what_cannot_be(place):
    item, other_place = make_item(), make_warehouse()
    come(item, 5, 50, place=place)
    foreign = shelf(other_place, "X")
    [entry] = BinEntry.objects.filter(item=item)
    add = (
        "INSERT INTO inventory_bin_entry (item_id, warehouse_id, bin_id, qty, move_id, at) VALUES "
        "('{item}', '{place}', '{bin}', {qty}, {move}, now())"
    )
    values = {"item": item.pk, "place": place.pk, "move": "NULL"}
    tries = (
        f"UPDATE inventory_bin_balance SET on_hand = on_hand + 1 WHERE item_id = '{item.pk}'",
        f"DELETE FROM inventory_bin_balance WHERE item_id = '{item.pk}'",
        f"UPDATE inventory_bin_entry SET qty = 6 WHERE id = {entry.pk}",
        f"DELETE FROM inventory_bin_entry WHERE id = {entry.pk}",
        add.format(**values, bin=place.a.pk, qty=1),  # out of nothing
        add.format(**values, bin=place.dock.pk, qty=-1),  # into nothing
        add.format(**values | {"move": entry.move_id}, bin=place.a.pk, qty=1),  # a second time
        add.format(**values, bin=foreign.pk, qty=1),  # in another warehouse
        add.format(**values, bin=place.a.pk, qty=-1) + f", ('{item.pk}', '{place.pk}', '{place.b.pk}', 1, NULL, now())",
        f"DELETE FROM inventory_bin WHERE id = '{place.dock.pk}'",
        f"UPDATE inventory_bin SET is_default = false WHERE id = '{place.dock.pk}'",
        f"UPDATE inventory_bin SET warehouse_id = '{other_place.pk}' WHERE id = '{place.a.pk}'",
        f"UPDATE inventory_warehouse SET allow_negative = true WHERE id = '{place.pk}'",
    )
    for statement in tries:
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert lies(item) == {"DOCK": 5}
    assert wrong() == []


def test_bins_hold_whatever_many_people_do_at_once(committed_tenant):
    """Receipts, issues, moves between bins and the first bin itself, at random: nothing deadlocks, nothing is lost."""
    place, items = make_warehouse(), [make_item(), make_item(lot_tracked=True)]
    lots = [lot_of(items[1], number) for number in ("L1", "L2")]
    for item in items:
        come(item, 50, 50, place=place, lot_id=lots[0].pk if item.lot_tracked else None)

    def work(number):
        mine, done = random.Random(number), 0
        if number == 3:
            for code in ("DOCK", "A", "B"):
                shelf(place, code, mine.randint(0, 9))
        for _turn in range(6):
            item = mine.choice(items)
            lot = mine.choice(lots) if item.lot_tracked else None
            try:
                with transaction.atomic():
                    step = mine.randint(0, 3)
                    known = list(place.bins.all())
                    if step == 0:
                        come(item, mine.randint(1, 9), 5, place=place, lot_id=lot.pk if lot else None)
                    elif step == 1 and len(known) > 1:
                        put(item, mine.randint(1, 5), *mine.sample(known, 2), lot)
                    else:
                        leave(item, mine.randint(1, 9), place=place)
            except Refusal:
                continue
            done += 1
        return done

    answers = in_threads(committed_tenant, 12, work)
    assert all(isinstance(answer, int) for answer in answers), answers
    assert sum(answers) > 20
    assert wrong() == []


@inside
def test_a_count_goes_from_bin_to_bin(place):
    """Lines in walking order, one for each bin; a difference is in its bin; found goods name theirs."""
    item, found = make_item(), make_item()
    come(item, 10, 100, place=place)
    put(item, 4, place.dock, place.b)
    document = counting.save_count(doc_date=TODAY, warehouse_id=place.pk, item_ids=[item.pk], **BY)
    document = counting.start_count(document_id=document.pk, **BY)
    lines = list(document.lines.order_by("line_no").select_related("bin"))
    assert [(line.bin.code, line.book_qty) for line in lines] == [("B", 4), ("DOCK", 6)]
    put(item, 1, place.dock, place.b)  # while it is counted: no difference
    counted = [CountedInput(lines[0].pk, D(6)), CountedInput(lines[1].pk, D(3))]
    counting.record_counts(document_id=document.pk, counted=counted, **BY)
    with refuses(CannotSaveStockDocument):
        counting.add_found(document_id=document.pk, item_id=found.pk, qty=D(2), **BY)
    counting.add_found(document_id=document.pk, item_id=found.pk, qty=D(2), bin_code="A", **BY)
    document = count_booking.approve_count(document_id=document.pk, **BY)
    assert (lies(item), lies(found)) == ({"B": 6, "DOCK": 3}, {"A": 2})
    assert (document.gain_value, document.loss_value) == (10, 20)
    count_booking.unapprove_count(document_id=document.pk, **BY)
    assert (lies(item), lies(found)) == ({"B": 5, "DOCK": 5}, {})
    assert wrong() == []


@inside
def test_inv_01_a_count_takes_a_zone_or_a_range_of_bins(place):
    """INV-01: what lies elsewhere is not on the list and is not missed; places that do not exist are refused."""
    item, other_item = make_item(), make_item()
    come(item, 10, 100, place=place)
    put(item, 4, place.dock, place.a)
    put(item, 2, place.dock, place.b)
    come(other_item, 5, 5, place=place)
    bins.save_bin(warehouse_id=place.pk, code="C", zone="COLD", sequence=3, **BY)
    put(other_item, 1, place.dock, shelf(place, "C2", 4, zone="COLD"))
    for wrong_bins in ({"zone": "HOT"}, {"bin_from": "X"}, {"bin_from": "B", "bin_to": "A"}):
        with refuses(CannotSaveStockDocument):
            counting.save_count(doc_date=TODAY, warehouse_id=place.pk, **wrong_bins, **BY)
    document = counting.save_count(doc_date=TODAY, warehouse_id=place.pk, bin_from="A", bin_to="B", **BY)
    document = counting.start_count(document_id=document.pk, **BY)
    lines = list(document.lines.order_by("line_no").select_related("bin"))
    assert [(line.bin.code, line.book_qty) for line in lines] == [("B", 2), ("A", 4)]
    counting.record_counts(document_id=document.pk, counted=[CountedInput(row.pk, row.book_qty) for row in lines], **BY)
    document = count_booking.approve_count(document_id=document.pk, **BY)
    assert (document.gain_value, document.loss_value, lies(item)) == (0, 0, {"DOCK": 4, "A": 4, "B": 2})
    cold = counting.save_count(doc_date=TODAY, warehouse_id=place.pk, zone="COLD", **BY)
    [line] = counting.start_count(document_id=cold.pk, **BY).lines.all()
    assert (line.item_id, line.book_qty) == (other_item.pk, 1)


@inside
def test_inv_01_bins_are_named_over_the_api_and_handed_on():
    """INV-01: bins named for a notice are where its goods go; a pick and an issue name theirs; a count its range."""
    place = main_warehouse()
    caller = Caller.of(owner_actor())
    for code, sequence in (("DOCK", 9), ("A", 1), ("B", 2)):
        shelf(place, code, sequence)
    item = make_item()
    order = make_purchase_order((item, 10))
    confirm(order)
    notice = ship(order)
    body = {"doc_type": "purchasing.asn", "doc_id": str(notice.pk)}
    named = [{"line_id": str(notice.lines.get().pk), "bins": [{"code": "A", "qty": "7"}, {"code": "B", "qty": "3"}]}]
    walk = caller.post("inventory/bins/naming/", body | {"lines": named})
    assert [(stop["bin"], stop["qty"]) for stop in walk] == [("A", "7.0000"), ("B", "3.0000")]
    caller.post(f"purchasing/asns/{notice.number}/receipt/")
    assert lies(item) == {"A": 7, "B": 3}
    lines = [{"item_id": str(item.pk), "qty": "2"}]
    issue = caller.post(
        "inventory/other-issues/",
        {"doc_date": TODAY.isoformat(), "warehouse_id": str(place.pk), "reason": "own_use", "lines": lines},
    )
    asked = f"inventory/bins/walk/?doc_type=inventory.other_issue&doc_id={issue['id']}"
    assert [stop["bin"] for stop in caller.get(asked)] == ["A"]
    body = {"doc_type": "inventory.other_issue", "doc_id": issue["id"]}
    one = {"line_id": issue["lines"][0]["id"], "bins": [{"code": "B", "qty": "2"}]}
    unknown = {"lines": [one | {"bins": [{"code": "Z", "qty": "1"}]}]}
    assert caller.call("POST", "inventory/bins/naming/", body | unknown).status_code == 400
    assert [stop["bin"] for stop in caller.post("inventory/bins/naming/", body | {"lines": [one]})] == ["B"]
    caller.post(f"inventory/other-issues/{issue['number']}/approval/")
    assert lies(item) == {"A": 7, "B": 1}
    scope = {"doc_date": TODAY.isoformat(), "warehouse_id": str(place.pk), "bin_from": "A", "bin_to": "A"}
    count = caller.post("inventory/counts/", scope)
    count = caller.post(f"inventory/counts/{count['number']}/start/")
    assert [line["bin"]["code"] for line in count["lines"]] == ["A"]
    assert Caller.of(actor_for(make_member("sales_rep"))).call("GET", asked).status_code == 403
    assert wrong() == []


@inside
def test_inv_02_a_piece_knows_its_bin(place):
    """INV-02: pieces come into bins, are carried by name or in their order, leave from their own bin, and come back."""
    item = serial_item()
    pieces(item, "S1", "S2", "S3", "S4", value=40, place=place)
    where = lambda: {row.serial_no: row.bin.code if row.bin else "" for row in Serial.objects.filter(item=item)}  # noqa: E731
    assert set(where().values()) == {"DOCK"}
    put(item, 1, place.dock, place.a)
    assert where()["S1"] == "A"
    line = BinMoveLineInput(item.pk, D(1), "DOCK", "B")
    named = bin_moves.save_bin_move(doc_date=TODAY, warehouse_id=place.pk, lines=[line], **BY)
    name_serials(document=named, numbers={named.lines.get().pk: ["S4"]}, **BY)
    bin_moves.approve_bin_move(document_id=named.pk, **BY)
    assert where() == {"S1": "A", "S2": "DOCK", "S3": "DOCK", "S4": "B"}
    lost = bin_moves.save_bin_move(doc_date=TODAY, warehouse_id=place.pk, lines=[line], **BY)
    name_serials(document=lost, numbers={lost.lines.get().pk: ["S1"]}, **BY)
    with refuses(CannotMoveSerials, "lie in DOCK"):
        bin_moves.approve_bin_move(document_id=lost.pk, **BY)
    gone = pieces(item, "S3", out=True, place=place)  # people would pass B first: the piece leaves from where it lies
    assert (where()["S3"], lies(item)) == ("", {"A": 1, "B": 1, "DOCK": 1})
    reverse_moves(document=gone, **BY)
    assert where()["S3"] == "DOCK"
    bin_moves.unapprove_bin_move(document_id=named.pk, **BY)
    assert where()["S4"] == "DOCK"
    assert wrong() == []
    elsewhere = make_warehouse()
    pieces(item, "S5", value=1, place=elsewhere)
    shelf(elsewhere, "FIRST")
    assert where()["S5"] == "FIRST"


@inside
def test_inv_02_pieces_are_counted_in_the_bins_of_a_zone(place):
    """INV-02: by their numbers; one seen in another bin is carried there, one of no bin is found, one unseen is gone."""
    item, plain = serial_item(), make_item()
    pieces(item, "S1", "S2", "S3", "S4", value=40, place=place)
    gone = pieces(item, "S9", value=10, place=place)
    reverse_moves(document=gone, **BY)
    come(plain, 3, 3, place=place)
    put(item, 2, place.dock, place.a)  # S1 and S2
    put(item, 1, place.dock, place.b)  # S3
    where = lambda: {row.serial_no: row.bin.code if row.bin else "" for row in Serial.objects.filter(item=item)}  # noqa: E731
    document = counting.save_count(doc_date=TODAY, warehouse_id=place.pk, bin_from="A", bin_to="B", **BY)
    document = counting.start_count(document_id=document.pk, **BY)
    lines = {line.bin.code: line for line in document.lines.select_related("bin")}
    assert {code: line.book_qty for code, line in lines.items()} == {"A": 2, "B": 1}

    def see(**seen):
        name_serials(document=document, numbers={lines[code].pk: numbers for code, numbers in seen.items()}, **BY)

    counting.record_counts(
        document_id=document.pk, counted=[CountedInput(line.pk, line.book_qty) for line in lines.values()], **BY
    )
    with refuses(CannotCount, "name the serial numbers"):
        count_booking.approve_count(document_id=document.pk, **BY)
    see(A=["S1", "S2"], B=["S1", "S3"])
    with refuses(CannotCount, "S1 is named in another line"):
        count_booking.approve_count(document_id=document.pk, **BY)
    see(A=["S2", "S4", "S9"], B=["S1"])
    count_booking.approve_count(document_id=document.pk, **BY)
    assert where() == {"S1": "B", "S2": "A", "S3": "", "S4": "A", "S9": "A"}
    assert (lies(item), wrong()) == ({"A": 3, "B": 1}, [])
    count_booking.unapprove_count(document_id=document.pk, **BY)
    assert where() == {"S1": "A", "S2": "A", "S3": "B", "S4": "DOCK", "S9": ""}
    assert wrong() == []
    whole = counting.save_count(doc_date=TODAY, warehouse_id=place.pk, item_ids=[item.pk], **BY)
    [line] = counting.start_count(document_id=whole.pk, **BY).lines.all()
    assert (line.bin_id, line.book_qty) == (None, 4)


@inside
def test_pieces_that_are_carried_while_they_are_counted_are_no_difference(place):
    item = serial_item()
    pieces(item, "S1", "S2", value=20, place=place)
    put(item, 1, place.dock, place.a)
    document = counting.save_count(doc_date=TODAY, warehouse_id=place.pk, bin_from="A", bin_to="B", **BY)
    document = counting.start_count(document_id=document.pk, **BY)
    [line] = document.lines.all()
    name_serials(document=document, numbers={line.pk: ["S1"]}, **BY)
    later = AT + timedelta(minutes=5)
    given = [BinMoveLineInput(item.pk, D(1), "A", "B")]
    move = bin_moves.save_bin_move(doc_date=TODAY, warehouse_id=place.pk, lines=given, actor=SYSTEM, at=later)
    bin_moves.approve_bin_move(document_id=move.pk, actor=SYSTEM, at=later)
    document = count_booking.approve_count(document_id=document.pk, actor=SYSTEM, at=later)
    assert (document.gain_value, document.loss_value, lies(item)) == (0, 0, {"DOCK": 1, "B": 1})
