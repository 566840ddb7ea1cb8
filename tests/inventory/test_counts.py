"""INV-06: counting without closing the warehouse."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from backend.accounting.models import Voucher
from backend.inventory.errors import CannotCount, CannotIssueStock, CannotSaveStockDocument
from backend.inventory.models import Lot, StockCountLine
from backend.inventory.services import count_booking, counting, lots
from backend.inventory.services.inputs import CountedInput
from backend.kernel.actor import Actor
from backend.kernel.ids import uuid7
from backend.posting.reconciliation import all_differences
from backend.workflow import parameters
from tests.factories.availability import assert_sound, issue, order
from tests.factories.catalog import make_item
from tests.factories.inventory import AT, SYSTEM, TODAY, balance_of, main_warehouse, make_warehouse, refuses, stock_up
from tests.people import owner_actor

pytestmark = pytest.mark.usefixtures("tenant")
BY = {"actor": SYSTEM, "at": AT}
LATER = AT + timedelta(hours=1)


def start(*items, **more):
    document = counting.save_count(
        doc_date=TODAY, warehouse_id=main_warehouse().pk, item_ids=[item.pk for item in items], **(BY | more)
    )
    return counting.start_count(document_id=document.pk, **BY)


def count(document, item, qty, *, at=LATER, when=None, by=SYSTEM, lot=None):
    line = StockCountLine.objects.get(document=document, item=item, lot=lot)
    counting.record_counts(document_id=document.pk, counted=[CountedInput(line.pk, D(str(qty)), when)], actor=by, at=at)
    line.refresh_from_db()
    return line


def book(document, actor=SYSTEM):
    return count_booking.approve_count(document_id=document.pk, actor=actor, at=LATER)


def booked(document):
    return [
        (line.account.code, line.debit, line.credit)
        for voucher in Voucher.objects.filter(source_id=document.pk).order_by("serial")
        for line in voucher.lines.select_related("account").order_by("line_no")
    ]


def test_moves_during_the_count_are_no_difference():
    """INV-06: 10 on the books, 3 ship, 7 counted: right. 6 counted before the shipping: 4 are missing."""
    right, wrong = make_item(), make_item()
    for item in (right, wrong):
        stock_up(item, 10, 100)
    document = start(right, wrong)
    line = count(document, wrong, 6)
    assert (line.book_qty, line.expected_qty, line.diff_qty) == (10, 10, -4)
    for item in (right, wrong):
        issue(item.pk, 3, main_warehouse().pk)
    line = count(document, right, 7)
    assert (line.moved_qty, line.diff_qty) == (-3, 0)
    document = book(document)
    assert (balance_of(right).on_hand, balance_of(wrong).on_hand) == (7, 3)
    assert document.loss_value == 40
    # |0| + |-4| of 7 + 10 on the books when they were counted
    assert document.accuracy_qty == D("76.4706")
    assert booked(document) == [("1901", 40, 0), ("1405", 0, 40)]
    assert_sound()


def test_a_paper_list_is_entered_later():
    """The hour on the paper counts: what left after it had still been there."""
    item = make_item()
    stock_up(item, 10, 100)
    document = start(item)
    counting_time = AT + timedelta(minutes=10)
    from backend.inventory.services.inputs import MoveInput
    from backend.inventory.services.moves import post_moves
    from tests.factories.availability import Paper

    move = MoveInput(kind="sales_delivery", item_id=item.pk, warehouse_id=main_warehouse().pk, qty_out=D(4))
    post_moves([move], document=Paper("test.delivery"), actor=SYSTEM, at=AT + timedelta(minutes=20))
    line = count(document, item, 10, when=counting_time)
    assert (line.expected_qty, line.diff_qty) == (10, 0)
    with refuses(CannotSaveStockDocument, "after the start"):
        count(document, item, 10, when=AT - timedelta(minutes=1))


def test_what_was_found_costs_what_the_others_do_and_is_promised():
    item = make_item()
    stock_up(item, 10, 30)
    waiting = order((item, 12))
    document = start(item)
    count(document, item, 12)
    document = book(document)
    assert (document.gain_value, balance_of(item).value) == (6, 36)
    assert waiting.line().reserved_qty == 12
    assert booked(document) == [("1405", 6, 0), ("1901", 0, 6)]
    assert all_differences() == []
    assert_sound()


def test_what_is_missing_is_gone_whoever_had_reserved_it():
    item = make_item()
    stock_up(item, 10, 100)
    first = order((item, 6), by=1)
    second = order((item, 4), by=2)
    document = start(item)
    count(document, item, 7)
    book(document)
    assert (first.line().reserved_qty, second.line().reserved_qty) == (6, 1)
    assert_sound()


@pytest.mark.parametrize(
    ("disposition", "account"), [("non_operating", "5711.06"), ("claim", "1221"), ("admin", "5602")]
)
def test_row_28_an_abnormal_loss_takes_its_input_vat_along(disposition, account):
    """A loss of 40.00 at 13 %: 5.20 are transferred out, and borne with it; 1901 is empty again."""
    item = make_item()
    stock_up(item, 10, 100)
    document = start(item)
    count(document, item, 6)
    book(document)
    count_booking.settle_count(document_id=document.pk, disposition=disposition, abnormal=True, **BY)
    rows = [(code, debit, credit) for code, debit, credit in booked(document) if code != "1405"]
    assert rows[0] == ("1901", 40, 0)
    assert rows[1:3] == [("1901", D("5.20"), 0), ("2221.01.07", 0, D("5.20"))]
    assert rows[3][0].startswith(account)
    assert rows[3][1:] == (D("45.20"), 0)
    assert rows[4] == ("1901", 0, D("45.20"))
    document.refresh_from_db()
    assert (document.abnormal, document.tax_amount) == (True, D("5.20"))
    count_booking.unapprove_count(document_id=document.pk, **BY)
    document.refresh_from_db()
    assert (document.abnormal, document.tax_amount) == (False, 0)
    assert all_differences() == []


def test_differences_are_decided_and_taken_back():
    """Rows 27 and 28: 1901 until somebody decides; taking the count back takes the decision back."""
    item, other = make_item(), make_item()
    stock_up(item, 10, 100)
    stock_up(other, 10, 100)
    document = start(item, other)
    count(document, item, 9)
    count(document, other, 12)
    book(document)
    count_booking.settle_count(document_id=document.pk, disposition="claim", **BY)
    balance = {}
    for code, debit, credit in booked(document):
        balance[code] = balance.get(code, 0) + debit - credit
    assert balance == {"1405": 10, "1901": 0, "5301.02": -20, "1221": 10}
    with refuses(CannotCount):
        count_booking.settle_count(document_id=document.pk, disposition="admin", **BY)
    count_booking.unapprove_count(document_id=document.pk, **BY)
    assert (balance_of(item).on_hand, balance_of(other).on_hand) == (10, 10)
    assert sum(debit - credit for code, debit, credit in booked(document) if code == "1901") == 0
    document.refresh_from_db()
    assert (document.approval, document.disposition) == ("submitted", "")
    count(document, item, 10)
    book(document)
    assert (balance_of(item).on_hand, balance_of(other).on_hand) == (10, 12)
    assert all_differences() == []
    assert_sound()


def test_a_second_person_books_large_differences():
    item = make_item()
    stock_up(item, 100, 100_000)
    counter = Actor("staff", "Li", member_id=uuid7(), permissions=frozenset("*"))
    document = start(item)
    count(document, item, 98, by=counter)
    with refuses(CannotCount, "second person"):
        book(document, counter)
    parameters.set_parameter(key="inventory.count_limit", value=2000, **BY)
    assert book(document, counter).approval == "approved"
    count_booking.unapprove_count(document_id=document.pk, **BY)
    parameters.set_parameter(key="inventory.count_limit", value=1000, **BY)
    assert book(document, owner_actor()).approval == "approved"


def test_all_lines_are_counted_first():
    item, other = make_item(), make_item()
    stock_up(item, 1)
    document = start(item, other)
    assert document.lines.get(item=other).book_qty == 0
    count(document, item, 1)
    with refuses(CannotCount, "Lines not counted yet: 1"):
        book(document)


def test_lots_are_counted_one_by_one_held_ones_too():
    item = make_item(lot_tracked=True)
    stock_up(item, 5, 50, lot_no="A")
    stock_up(item, 5, 50, lot_no="B")
    a, b = (Lot.objects.get(item=item, lot_no=no) for no in "AB")
    lots.hold_lot(lot_id=a.pk, reason="damp", **BY)
    document = start(item)
    count(document, item, 3, lot=a)
    count(document, item, 6, lot=b)
    book(document)
    assert (balance_of(item).on_hand, balance_of(item).blocked) == (9, 3)
    assert_sound()


def test_goods_that_are_on_no_list_get_a_line():
    """INV-15: a phone that lost the answer sends its counts again: they are booked once."""
    item, found = make_item(), make_item()
    stock_up(item, 5, 50)
    stock_up(found, 1, 7, warehouse=make_warehouse())
    document = start(item)
    for _again in range(2):
        count(document, item, 5)
        counting.add_found(document_id=document.pk, item_id=found.pk, qty=D(2), actor=SYSTEM, at=LATER)
    assert document.lines.count() == 2
    book(document)
    assert (balance_of(found).on_hand, balance_of(found).value) == (2, 14)


def test_the_scope_is_a_category_or_a_class():
    from backend.catalog.models import ItemCategory

    big, small = make_item(), make_item()
    for item, value in ((big, 1000), (small, 10)):
        stock_up(item, 10, value)
    issue(big.pk, 5, main_warehouse().pk)
    issue(small.pk, 5, main_warehouse().pk)
    document = start(abc="A")
    assert [line.item_id for line in document.lines.all()] == [big.pk]
    materials = ItemCategory.objects.get(code="materials")
    with refuses(CannotCount, "Nothing lies there"):
        start(category_id=materials.pk)


def test_booking_says_when_counted_goods_have_left_that_were_not_there():
    """10 on the books, 8 counted, all 10 shipped on paper: it has to be counted again."""
    item = make_item()
    stock_up(item, 10, 100)
    document = start(item)
    count(document, item, 8)
    issue(item.pk, 10, main_warehouse().pk)
    with refuses(CannotIssueStock):
        book(document)
    count(document, item, 0)
    assert book(document).accuracy_qty is None


@pytest.mark.parametrize("lines", [1, 25])
def test_statements_do_not_grow_with_the_lines(lines, django_assert_max_num_queries):
    items = [make_item() for _ in range(lines)]
    for item in items:
        stock_up(item, 10, 10)
    document = counting.save_count(
        doc_date=TODAY, warehouse_id=main_warehouse().pk, **BY, item_ids=[i.pk for i in items]
    )
    with django_assert_max_num_queries(10):
        counting.start_count(document_id=document.pk, **BY)
    rows = [CountedInput(line.pk, D(10 + line.line_no % 3 - 1)) for line in document.lines.all()]
    with django_assert_max_num_queries(8):
        counting.record_counts(document_id=document.pk, counted=rows, actor=SYSTEM, at=LATER)
    with django_assert_max_num_queries(60):
        book(document)
