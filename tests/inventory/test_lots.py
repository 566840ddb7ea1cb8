"""INV-02: lots: first expired first out, holds at database level, the lot graph, the supplier's number beside our own."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, connection, transaction

from backend.inventory.errors import CannotChangeLot, CannotIssueStock, CannotReceiveStock, CannotReverseMoves
from backend.inventory.models import Lot, LotBalance, LotEdge
from backend.inventory.selectors import lots_of_item, trace_lot
from backend.inventory.services import lots
from backend.inventory.services.inputs import LotInput, MoveInput
from backend.inventory.services.moves import post_moves, reverse_moves
from backend.kernel.errors import IllegalTransition
from backend.purchasing.services.inputs import ReceiptLineInput
from backend.purchasing.services.receipts import receive_order
from tests.api.caller import Caller
from tests.factories.availability import Paper, assert_sound, day, issue, order, receive, suggestion_of
from tests.factories.catalog import make_item
from tests.factories.inventory import AT, SYSTEM, TODAY, balance_of, main_warehouse, numbers_of, refuses, stock_up
from tests.factories.parties import make_supplier
from tests.factories.purchasing import make_purchase_order
from tests.people import client_of, make_member

pytestmark = pytest.mark.usefixtures("tenant")


@pytest.fixture
def milk():
    """100 in L1 (expires in 30 days), 50 in L2 (in 10 days)."""
    item = make_item(name="牛奶", lot_tracked=True, expiry_tracked=True)
    stock_up(item, 100, 500, lot_no="L1", expiry_date=day(30))
    stock_up(item, 50, 250, lot_no="L2", expiry_date=day(10))
    return item


def lot(item, number):
    return Lot.objects.get(item=item, lot_no=number)


def test_inv_02_the_earliest_expiry_leaves_first(milk):
    paper = issue(milk.pk, 60, main_warehouse().pk)
    left = dict(LotBalance.objects.filter(item=milk).values_list("lot__lot_no", "on_hand"))
    assert left == {"L1": 90, "L2": 0}
    assert LotEdge.objects.filter(activity_id=paper.pk, direction="in").count() == 2
    assert lots.fefo_lots(item_id=milk.pk, warehouse_id=main_warehouse().pk, qty=D(5), at=AT) == [
        (lot(milk, "L1").pk, "L1", D(5))
    ]
    assert_sound()


def test_a_named_lot_leaves_instead(milk):
    issue(milk.pk, 60, main_warehouse().pk, lot_id=lot(milk, "L1").pk)
    assert dict(LotBalance.objects.filter(item=milk).values_list("lot__lot_no", "on_hand")) == {"L1": 40, "L2": 50}
    with refuses(CannotIssueStock, "lot L1 has 40, 41 wanted"):
        issue(milk.pk, 41, main_warehouse().pk, lot_id=lot(milk, "L1").pk)


def test_a_held_lot_is_blocked_and_does_not_leave(milk):
    lots.hold_lot(lot_id=lot(milk, "L2").pk, reason="客诉", actor=SYSTEM, at=AT)
    assert numbers_of(milk) == (150, 0, 100)
    with refuses(CannotIssueStock, "not released"):
        issue(milk.pk, 1, main_warehouse().pk, lot_id=lot(milk, "L2").pk)
    issue(milk.pk, 100, main_warehouse().pk)
    with refuses(CannotIssueStock):
        issue(milk.pk, 1, main_warehouse().pk)
    lots.release_lot(lot_id=lot(milk, "L2").pk, actor=SYSTEM, at=AT)
    assert numbers_of(milk) == (50, 0, 50)
    assert_sound()


@pytest.mark.parametrize("state", ["held", "quarantine", "expired", "scrapped"])
def test_the_database_refuses_to_issue_from_a_lot_that_is_not_released(milk, state):
    Lot.objects.filter(item=milk, lot_no="L2").update(state=state)
    assert numbers_of(milk) == (150, 0, 100)
    with pytest.raises(IntegrityError, match="cannot be issued"):
        raw_issue(lot(milk, "L2"))
    assert_sound()


def test_inv_02_an_expired_lot_cannot_ship_by_service_or_database_even_where_nobody_marked_it(milk):
    Lot.objects.filter(item=milk, lot_no="L2").update(expiry_date=TODAY - timedelta(days=1))
    with refuses(CannotIssueStock):
        issue(milk.pk, 1, main_warehouse().pk, lot_id=lot(milk, "L2").pk)
    issue(milk.pk, 100, main_warehouse().pk)
    with refuses(CannotIssueStock):
        issue(milk.pk, 1, main_warehouse().pk)
    with pytest.raises(IntegrityError, match="cannot be issued"):
        raw_issue(lot(milk, "L2"))


def test_a_lot_of_another_item_cannot_be_moved(milk):
    other = make_item(lot_tracked=True)
    stock_up(other, 5, 5, lot_no="X")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE inventory_lot SET item_id = %s WHERE lot_no = 'L1'", [other.pk])
    with pytest.raises(IntegrityError):
        raw_issue(lot(other, "X"), item=milk)


def raw_issue(lot, item=None):
    from backend.inventory.models import StockMove
    from backend.kernel.ids import uuid7

    with transaction.atomic():
        StockMove.objects.create(
            item_id=item.pk if item else lot.item_id,
            warehouse=main_warehouse(),
            lot=lot,
            kind="sales_delivery",
            qty_out=1,
            move_date=TODAY,
            moved_at=AT,
            doc_type="x",
            doc_id=uuid7(),
            doc_number="x",
        )


def test_a_hold_takes_reserved_stock_from_those_served_last_and_release_gives_it_back(milk):
    first, last = order((milk, 100), by=1), order((milk, 40), by=5)
    lots.hold_lot(lot_id=lot(milk, "L2").pk, reason="客诉", actor=SYSTEM, at=AT)
    assert (first.line().reserved_qty, last.line().reserved_qty) == (100, 0)
    assert suggestion_of(milk).need_qty == 40
    assert_sound()
    lots.release_lot(lot_id=lot(milk, "L2").pk, actor=SYSTEM, at=AT)
    assert last.line().reserved_qty == 40
    assert suggestion_of(milk) is None
    assert last.promise() == [(40, TODAY, "stock")]
    assert_sound()


def test_states_go_by_the_life_cycle(milk):
    found = lot(milk, "L1")
    with refuses(CannotChangeLot, "Say why"):
        lots.hold_lot(lot_id=found.pk, reason=" ", actor=SYSTEM, at=AT)
    with refuses(IllegalTransition):
        lots.scrap_lot(lot_id=found.pk, reason="x", actor=SYSTEM, at=AT)
    lots.hold_lot(lot_id=found.pk, reason="x", actor=SYSTEM, at=AT)
    lots.scrap_lot(lot_id=found.pk, reason="x", actor=SYSTEM, at=AT)
    with refuses(IllegalTransition):
        lots.release_lot(lot_id=found.pk, actor=SYSTEM, at=AT)


def test_lots_expire_overnight_in_a_fixed_number_of_statements(milk, django_assert_max_num_queries):
    order((milk, 140))
    with django_assert_max_num_queries(30):
        assert lots.expire_lots(actor=SYSTEM, at=AT + timedelta(days=11)) == 1
    assert numbers_of(milk) == (150, 100, 0)
    assert lots.expire_lots(actor=SYSTEM, at=AT + timedelta(days=11)) == 0
    with refuses(IllegalTransition):
        lots.release_lot(lot_id=lot(milk, "L2").pk, actor=SYSTEM, at=AT)
    assert_sound()


def test_inv_02_the_suppliers_number_is_kept_next_to_our_own():
    """Received as our OWN-1, the supplier calls it SUP-9: both stand on the page, in the list and in the API."""
    item = make_item(lot_tracked=True)
    purchase = make_purchase_order((item, 5))
    line = ReceiptLineInput(purchase.lines.get().pk, D(5), lot_no="OWN-1", supplier_lot_no="SUP-9")
    receive_order(order_id=purchase.pk, lines=[line], actor=SYSTEM, at=AT)
    found = Lot.objects.get(item=item)
    assert (found.lot_no, found.supplier_lot_no, found.supplier) == ("OWN-1", "SUP-9", purchase.supplier)
    owner = make_member("owner")
    for address in (f"/inventory/lots/{found.pk}/", "/inventory/lots/?q=SUP-9"):
        page = client_of(owner).get(address).content.decode()
        assert "OWN-1" in page
        assert "SUP-9" in page
    told = Caller.of(owner).get(f"inventory/lots/{found.pk}/")
    assert (told["lot_no"], told["supplier_lot_no"]) == ("OWN-1", "SUP-9")


def test_receipts_need_what_the_item_asks_for():
    item = make_item(lot_tracked=True, expiry_tracked=True)
    with refuses(CannotReceiveStock, "needs a lot number"):
        receive(item, 1, 1, main_warehouse().pk)
    with refuses(CannotReceiveStock, "needs an expiry date"):
        lots.ensure_lots([LotInput(item.pk, "A")], at=AT)
    made = lots.ensure_lots([LotInput(item.pk, "A", expiry_date=day(9))], at=AT)
    assert lots.ensure_lots([LotInput(item.pk, "A", expiry_date=day(9))], at=AT) == made
    with refuses(CannotReceiveStock, "expires on"):
        lots.ensure_lots([LotInput(item.pk, "A", expiry_date=day(8))], at=AT)


def test_the_expiry_follows_from_the_shelf_life():
    item = make_item(lot_tracked=True, expiry_tracked=True, shelf_life_days=20)
    made = lots.ensure_lots([LotInput(item.pk, "A", mfg_date=TODAY)], at=AT)
    assert made[item.pk, "A"].expiry_date == day(20)


def test_a_lot_is_traced_from_supplier_to_customer(milk):
    supplier = make_supplier()
    item = make_item(lot_tracked=True)
    found = lots.ensure_lots([LotInput(item.pk, "S1", "SUP-77", supplier.pk)], at=AT)[item.pk, "S1"]
    place, receipt, delivery = main_warehouse().pk, Paper("test.receipt"), Paper("test.delivery")
    move = MoveInput("purchase_receipt", item.pk, place, qty_in=D(10), lot_id=found.pk, party_id=supplier.pk)
    post_moves([move], document=receipt, actor=SYSTEM, at=AT)
    issue(item.pk, 4, place, paper=delivery)
    gone = issue(item.pk, 3, place)
    reverse_moves(document=gone, actor=SYSTEM, at=AT)
    trace = trace_lot(found.pk)
    assert [(step.number, step.qty, step.party_name) for step in trace.came_from] == [
        (receipt.number, 10, supplier.label)
    ]
    assert [(step.number, step.qty) for step in trace.went_to] == [(delivery.number, 4)]
    assert [row.on_hand for row in trace.lies_in] == [6]
    assert [row.left for row in lots_of_item(item.pk)] == [6]


def test_a_receipt_whose_lot_has_left_is_not_taken_back_at_the_cost_of_other_lots():
    """INV-02: enough of the item lies there, but not of the lot that came with it."""
    item, place = make_item(lot_tracked=True), main_warehouse().pk
    first, second = (lots.ensure_lots([LotInput(item.pk, no)], at=AT)[item.pk, no] for no in ("A", "B"))
    came = receive(item, 50, 500, place, lot_id=first.pk)
    other = receive(item, 50, 500, place, lot_id=second.pk)
    issue(item.pk, 20, place, lot_id=second.pk)
    gone = issue(item.pk, 30, place, lot_id=first.pk)
    with refuses(CannotReverseMoves, f"left again with {gone.number}") as refused:
        reverse_moves(document=came, actor=SYSTEM, at=AT)
    assert [link.number for link in refused.value.links] == [gone.number]
    with refuses(CannotReverseMoves):
        reverse_moves(document=other, actor=SYSTEM, at=AT)
    reverse_moves(document=gone, actor=SYSTEM, at=AT)
    reverse_moves(document=came, actor=SYSTEM, at=AT)
    assert dict(LotBalance.objects.filter(item=item).values_list("lot__lot_no", "on_hand")) == {"A": 0, "B": 30}
    assert_sound()


def test_edges_are_facts(milk):
    for sql in ("UPDATE inventory_lot_edge SET qty = 1", "DELETE FROM inventory_lot_edge"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    assert balance_of(milk).on_hand == 150


def test_stock_from_before_lots_leaves_after_the_lots():
    item = make_item()
    stock_up(item, 5, 5)
    type(item).objects.filter(pk=item.pk).update(lot_tracked=True)
    stock_up(item, 5, 5, lot_no="A")
    issue(item.pk, 7, main_warehouse().pk)
    assert LotBalance.objects.get(item=item).on_hand == 0
    assert balance_of(item).on_hand == 3
    assert_sound()
