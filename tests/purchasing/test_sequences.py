"""What people do one after the other: amend, reject, send back, take back, receive again. Nothing is lost or counted twice."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from backend.availability import selectors as availability
from backend.availability.models import PromiseRevision, SupplyLine
from backend.kernel.draft_lines import CannotDropLine
from backend.kernel.errors import Refusal
from backend.parties.models import Party, SupplierRole
from backend.purchasing.models import PurchaseOrder
from backend.purchasing.selectors.orders import lines_to_ship
from backend.purchasing.services import asns, confirmations, orders, progress, receipts, returns
from backend.purchasing.services.inputs import (
    AnswerLine,
    AsnData,
    AsnLineInput,
    LineInput,
    OrderData,
    PartInput,
    ReceiptData,
    ReceiptLineInput,
)
from backend.purchasing.services.taking_back import unapprove_receipt
from backend.sales.models import SalesOrderLine
from tests.factories.catalog import make_item
from tests.factories.parties import AT, make_supplier
from tests.factories.purchasing import BUYER, confirm, day, lines_of, make_purchase_order, receive, ship, supplier_actor
from tests.factories.returns import ROBOT, send_back
from tests.factories.sales import approved_order

pytestmark = pytest.mark.usefixtures("tenant")
D = Decimal


def answer(order, *lines):
    return confirmations.answer_order(order_id=order.pk, lines=lines, actor=supplier_actor(order.supplier), at=AT)


def amend(order, *lines):
    return orders.amend_order(order_id=order.pk, lines=lines, actor=BUYER, at=AT, reason="told by phone")


def report(order, line, leaves):
    told = {"node": "in_production", "percent": 10, "expected_ship_date": leaves}
    return progress.report_progress(order_line_id=line.pk, actor=supplier_actor(order.supplier), at=AT, **told)


def awaited(order):
    rows = SupplyLine.objects.filter(ref_id=order.pk, open_qty__gt=0).order_by("open_qty")
    return [(int(row.open_qty), row.firmness) for row in rows]


# --- the order ---------------------------------------------------------------------------------
def test_what_was_cancelled_costs_again_once_the_order_is_a_draft_again():
    order = make_purchase_order((make_item(), 100), (make_item(), 5))
    _first, second = lines_of(order)
    amend(order, LineInput(second.item_id, D(0), id=second.pk))
    orders.unapprove_order(order_id=order.pk, actor=BUYER, at=AT)
    order.refresh_from_db()
    _first, second = lines_of(order)
    assert (second.cancelled_qty, second.gross_amount, order.gross_amount) == (0, D("56.50"), D("1186.50"))


def test_an_amendment_leaves_a_partly_rejected_line_as_it_was_settled():
    order = make_purchase_order((make_item(), 100), (make_item(), 5))
    first, second = lines_of(order)
    refused = AnswerLine(first.pk, [PartInput(D(60), day(7))], reject_reason="out of paper")
    made = answer(order, refused, AnswerLine(second.pk, [PartInput(D(5), day(7))]))
    confirmations.decide_confirmation(confirmation_id=made.pk, accept=True, actor=BUYER, at=AT)
    amend(order, LineInput(first.item_id, D(60), id=first.pk), LineInput(second.item_id, D(7), id=second.pk))
    first, second = lines_of(order)
    assert (first.state, first.qty, first.cancelled_qty, first.confirmed_qty) == ("confirmed", 100, 40, 60)
    assert (second.state, second.qty) == ("open", 7)


def test_an_amendment_names_lines_of_its_order_and_each_once():
    order, other = make_purchase_order((make_item(), 10)), make_purchase_order((make_item(), 10))
    [line], [foreign] = lines_of(order), lines_of(other)
    with pytest.raises(Refusal, match="no such line"):
        amend(order, LineInput(foreign.item_id, D(3), id=foreign.pk))
    with pytest.raises(Refusal, match="twice"):
        amend(order, LineInput(line.item_id, D(3), id=line.pk), LineInput(line.item_id, D(4), id=line.pk))


def test_an_order_closed_by_hand_expects_nothing_whatever_is_taken_back():
    order = make_purchase_order((make_item(), 10))
    confirm(order)
    receipt, notice = receive(order, 2), ship(order, 6)
    orders.close_order(order_id=order.pk, actor=BUYER, at=AT, reason="enough")
    asns.withdraw_asn(asn_id=notice.pk, actor=supplier_actor(order.supplier), at=AT)
    unapprove_receipt(receipt_id=receipt.pk, actor=BUYER, at=AT)
    assert awaited(order) == []
    orders.reopen_order(order_id=order.pk, actor=BUYER, at=AT)
    assert sum(qty for qty, _firmness in awaited(order)) == 10


def test_an_items_own_price_is_no_price_in_another_currency():
    """700 yuan are not 700 dollars."""
    item, supplier = make_item(purchase_price=D(700)), make_supplier()
    Party.objects.filter(pk=supplier.pk).update(currency="USD")
    data = OrderData(supplier_id=supplier.pk, requested_date=day(5), lines=[LineInput(item.pk, D(1))])
    order = orders.save_order(data=data, actor=BUYER, at=AT)
    [line] = lines_of(order)
    assert (order.currency, line.tax_incl_price, line.price_source) == ("USD", 0, "none")


# --- the answer --------------------------------------------------------------------------------
def test_what_came_all_the_same_is_not_cancelled_with_the_rejected_rest():
    order = make_purchase_order((make_item(), 100))
    [line] = lines_of(order)
    made = answer(order, AnswerLine(line.pk, [PartInput(D(60), day(7))], reject_reason="out of paper"))
    receive(order, 90)
    confirmations.decide_confirmation(confirmation_id=made.pk, accept=True, actor=BUYER, at=AT)
    [line] = lines_of(order)
    order.refresh_from_db()
    assert (line.cancelled_qty, order.closing, order.gross_amount) == (10, "auto_closed", D("1017.00"))


def test_progress_moves_days_and_leaves_a_proposed_price_with_the_buyer():
    order = make_purchase_order((make_item(), 100))
    SupplierRole.objects.filter(party=order.supplier).update(date_tolerance_days=30)
    [line] = lines_of(order)
    answer(order, AnswerLine(line.pk, [PartInput(D(100), day(7), D("12.43"))]))
    report(order, line, day(10))
    newest = order.confirmations.order_by("-revision").first()
    assert (newest.revision, newest.state, lines_of(order)[0].state) == (2, "proposed", "countered")
    assert {row.price for row in newest.lines.all()} == {D("12.43")}


def test_progress_moves_days_and_leaves_a_rejected_rest_rejected():
    order = make_purchase_order((make_item(), 100))
    [line] = lines_of(order)
    answer(order, AnswerLine(line.pk, [PartInput(D(60), day(7))], reject_reason="out of paper"))
    report(order, line, day(10))
    newest = order.confirmations.order_by("-revision").first()
    rows = [(row.qty, row.rejected, row.reason) for row in newest.lines.order_by("part_no")]
    assert rows[-1] == (40, True, "out of paper")
    assert rows[0][:2] == (60, False)


def test_an_answer_names_a_line_once_and_no_day_in_the_past():
    order = make_purchase_order((make_item(), 10))
    [line] = lines_of(order)
    whole = AnswerLine(line.pk, [PartInput(D(10), day(7))])
    with pytest.raises(Refusal, match="twice"):
        answer(order, whole, whole)
    with pytest.raises(Refusal, match="past"):
        answer(order, AnswerLine(line.pk, [PartInput(D(10), day(-1))]))
    confirm(order)
    with pytest.raises(Refusal, match="past"):
        ship(order, expected=day(-1))


def test_sales_reads_why_a_day_moved_without_the_price_and_where_wanted_without_the_supplier():
    item = make_item()
    order = make_purchase_order((item, 10))
    sold = approved_order((item, 8, 20))
    [line] = lines_of(order)
    answer(order, AnswerLine(line.pk, [PartInput(D(10), day(17), D("12.43"))]))
    texts = list(PromiseRevision.objects.values_list("cause_text", flat=True))
    assert texts
    assert not [text for text in texts if "12.43" in text]
    rows = availability.explain_promise(SalesOrderLine.objects.get(document=sold).pk, named=False)
    words = " ".join(f"{row.label} {row.note}" for row in rows)
    assert order.number in words
    assert order.supplier.name not in words
    assert "李经理" not in words


# --- goods -------------------------------------------------------------------------------------
def test_a_rest_sent_by_a_second_notice_is_not_expected_twice_when_the_first_receipt_goes_back():
    order = make_purchase_order((make_item(), 100))
    confirm(order)
    first = ship(order, 100)
    counted = {first.lines.get().pk: D(60)}
    receipt = receipts.receive_asn(asn_id=first.pk, actor=BUYER, at=AT, quantities=counted)
    second = ship(order, 40, expected=day(9))
    unapprove_receipt(receipt_id=receipt.pk, actor=BUYER, at=AT)
    assert awaited(order) == [(40, "shipped"), (60, "shipped")]
    receipts.receive_asn(asn_id=first.pk, actor=BUYER, at=AT, quantities=counted)
    receipts.receive_asn(asn_id=second.pk, actor=BUYER, at=AT)
    assert awaited(order) == []
    assert lines_of(order)[0].received_qty == 100


def test_a_draft_receipt_names_no_line_of_a_foreign_notice():
    order, other = make_purchase_order((make_item(), 10)), make_purchase_order((make_item(), 10))
    confirm(other)
    foreign = ship(other).lines.get()
    [line] = lines_of(order)
    data = ReceiptData(lines=[ReceiptLineInput(line.pk, D(3), asn_line_id=foreign.pk)])
    with pytest.raises(Refusal, match="no such line"):
        receipts.save_receipt(data=data, actor=BUYER, at=AT)


def test_half_past_midnight_at_the_end_of_a_month_is_the_companys_next_day():
    """00:30 on 1 December in Shanghai, still 30 November in Greenwich."""
    at = datetime(2026, 11, 30, 16, 30, tzinfo=UTC)
    order = make_purchase_order((make_item(), 10), requested=day(30))
    who = supplier_actor(order.supplier)
    confirmations.confirm_order_all(order_id=order.pk, actor=who, at=at)
    line = AsnLineInput(lines_of(order)[0].pk, D(10))
    with pytest.raises(Refusal, match="past"):
        asns.submit_asn(data=AsnData(lines=[line], expected_date=day(7)), actor=who, at=at)
    notice = asns.submit_asn(data=AsnData(lines=[line], expected_date=day(8)), actor=who, at=at)
    receipt = receipts.receive_asn(asn_id=notice.pk, actor=BUYER, at=at)
    assert (notice.doc_date, receipt.doc_date) == (day(8), day(8))
    assert "20261201" in receipt.number


# --- back and again ----------------------------------------------------------------------------
def test_pur_05_what_replaces_announced_goods_is_announced_again():
    order = make_purchase_order((make_item(), 10))
    confirm(order)
    receipt = receipts.receive_asn(asn_id=ship(order).pk, actor=BUYER, at=AT)
    send_back(receipt, 4, outcome="replacement")
    assert awaited(order) == [(4, "confirmed")]
    assert [line.to_ship for line in lines_to_ship(order.supplier_id)] == [4]
    receipts.receive_asn(asn_id=ship(order, 4, expected=day(12)).pk, actor=BUYER, at=AT)
    assert PurchaseOrder.objects.get(pk=order.pk).closing == "auto_closed"


def test_pur_05_a_replacement_taken_back_leaves_what_is_on_its_way():
    order = make_purchase_order((make_item(), 10))
    confirm(order)
    receipt = receipts.receive_asn(asn_id=ship(order, 6).pk, actor=BUYER, at=AT)
    ship(order, 4, expected=day(9))
    made = send_back(receipt, 2, outcome="replacement")
    assert awaited(order) == [(2, "confirmed"), (4, "shipped")]
    returns.unapprove_return(return_id=made.pk, actor=ROBOT, at=AT)
    assert awaited(order) == [(4, "shipped")]


def test_pur_05_two_lots_of_one_line_are_replaced_together():
    order = make_purchase_order((make_item(lot_tracked=True), 10))
    [line] = lines_of(order)
    lots = [ReceiptLineInput(line.pk, D(5), lot_no=lot) for lot in ("A", "B")]
    receipt = receipts.receive_order(order_id=order.pk, lines=lots, actor=BUYER, at=AT)
    back = send_back(receipt, 5, 5, outcome="replacement")
    receive(order, 5, lot="C")
    with pytest.raises(Refusal, match="replacement has come"):
        returns.unapprove_return(return_id=back.pk, actor=ROBOT, at=AT)


def test_a_receipt_taken_back_is_counted_again_although_other_documents_name_its_lines():
    """PUR-03, PUR-05: its lines stay the same lines; one that a return names is not dropped."""
    order = make_purchase_order((make_item(), 50), (make_item(), 20))
    first, second = lines_of(order)
    receipt = receive(order, 50, 20)
    draft = send_back(receipt, 5, approve=False)
    unapprove_receipt(receipt_id=receipt.pk, actor=BUYER, at=AT)

    def count(*counted):
        data = ReceiptData(lines=[ReceiptLineInput(line.pk, D(qty)) for line, qty in counted])
        return receipts.save_receipt(data=data, receipt_id=receipt.pk, actor=BUYER, at=AT)

    count((second, 18), (first, 40))
    assert draft.lines.get().receipt_line.qty == 40
    assert list(receipt.lines.order_by("line_no").values_list("qty", flat=True)) == [18, 40]
    with pytest.raises(CannotDropLine, match=draft.number):
        count((second, 18))
    count((first, 40))
    receipts.approve_receipt(receipt_id=receipt.pk, actor=BUYER, at=AT)
    returns.approve_return(return_id=draft.pk, actor=BUYER, at=AT)
    first.refresh_from_db()
    assert (first.received_qty, first.returned_qty) == (40, 5)
