"""PUR-05: goods go back to the supplier: stock, order, payable and statement all move, and back again."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounting.models import OpenItem, Voucher
from backend.inventory.models import LotBalance, StockBalance, StockMove
from backend.inventory.services import lots
from backend.invoicing.models import PurchaseInvoice, SetOff
from backend.invoicing.services import purchase_invoices
from backend.kernel.errors import Conflict, Refusal
from backend.posting import reconciliation
from backend.processes.procure_to_pay import invoice_receipts
from backend.processes.statements import propose_supplier_statement
from backend.purchasing.models import Inspection, PurchaseOrder, PurchaseReceipt, PurchaseReturn
from backend.purchasing.selectors.receipts import lines_to_invoice
from backend.purchasing.services import inspections, returns
from backend.purchasing.services.checks import CannotReturnLine
from backend.purchasing.services.inputs import InspectionResult
from backend.purchasing.services.taking_back import unapprove_receipt
from tests.factories.catalog import make_item
from tests.factories.parties import AT, make_supplier
from tests.factories.purchasing import BUYER, confirm, lines_of, make_purchase_order, receive
from tests.factories.returns import ROBOT, send_back
from tests.factories.sales import approved_order
from tests.posting.test_sources import set_mode

pytestmark = pytest.mark.usefixtures("tenant")
D = Decimal


def bought(qty=10, **item):
    order = make_purchase_order((make_item(**item), qty))
    confirm(order)
    return order, receive(order, qty)


def invoiced(receipt):
    made = invoice_receipts(receipt_ids=[receipt.pk], external_no="FP1", actor=ROBOT, at=AT)
    return purchase_invoices.approve_invoice(invoice_id=made.pk, actor=ROBOT, at=AT)


def stock_of(receipt):
    return StockBalance.objects.get(item=receipt.lines.first().item)


def owed(supplier):
    return sum(
        OpenItem.objects.filter(party=supplier, kind="payable", voided=False).values_list("open_amount", flat=True)
    )


def test_pur_04_what_was_rejected_goes_back_from_where_it_was_set_aside():
    """PUR-04: 5 of 50 rejected lie in a held lot; 7 go back: those 5 and 2 good ones; 43 are left to sell."""
    order = make_purchase_order((make_item(lot_tracked=True, inspection="full"), 50))
    receipt = receive(order, 50)
    made = Inspection.objects.get()
    result = InspectionResult(made.lines.get().pk, D(5), reason="damp")
    inspections.decide_inspection(inspection_id=made.pk, results=[result], actor=ROBOT, at=AT)
    bad = made.lines.get().rejected_lot
    assert (stock_of(receipt).on_hand, stock_of(receipt).available) == (50, 45)
    first = send_back(receipt, 4)
    assert (first.lines.get().lot, first.lines.get().cost_amount) == (bad, 40)
    assert (stock_of(receipt).on_hand, stock_of(receipt).available) == (46, 45)
    second = send_back(receipt, 3)
    left = {row.lot_id: row.on_hand for row in LotBalance.objects.filter(item=bad.item)}
    assert left == {bad.pk: 0, receipt.lines.get().lot_id: 43}
    assert (stock_of(receipt).on_hand, stock_of(receipt).available) == (43, 43)
    assert second.lines.get().cost_amount == 30
    assert reconciliation.all_differences() == []
    returns.unapprove_return(return_id=second.pk, actor=ROBOT, at=AT)
    assert (stock_of(receipt).on_hand, stock_of(receipt).available) == (46, 45)


def test_pur_04_goods_that_are_being_inspected_go_back_after_the_decision():
    """50 in inspection are tomorrow's supply: 10 of them cannot leave unnoticed; rejected, they can."""
    order = make_purchase_order((make_item(lot_tracked=True, inspection="full"), 50))
    receipt = receive(order, 50)
    made = Inspection.objects.get()
    with pytest.raises(CannotReturnLine) as refused:
        send_back(receipt, 10)
    [told] = refused.value.problems
    assert (told.code, told.line, told.field, told.value) == ("not_inspected", 1, "qty", "10")
    assert made.number in told.message
    assert [way.number for way in told.links] == [made.number]
    result = InspectionResult(made.lines.get().pk, D(10), reason="damp")
    inspections.decide_inspection(inspection_id=made.pk, results=[result], actor=BUYER, at=AT)
    returns.approve_return(return_id=PurchaseReturn.objects.get().pk, actor=ROBOT, at=AT)
    assert (stock_of(receipt).on_hand, stock_of(receipt).blocked) == (40, 0)


def test_pur_05_before_the_invoice_less_is_left_to_invoice():
    _order, receipt = bought()
    document = send_back(receipt, 3)
    line = document.lines.get()
    assert (line.net_amount, line.tax_amount, line.gross_amount) == (D("30.00"), D("3.90"), D("33.90"))
    assert line.booked_value == line.cost_amount == D("30.00")
    assert line.debit_qty == 0
    stock = stock_of(receipt)
    assert (stock.on_hand, stock.value) == (7, D("70.00"))
    assert [each.to_invoice for each in lines_to_invoice(ROBOT).filter(document=receipt)] == [7]
    assert reconciliation.all_differences() == []
    voucher = Voucher.objects.get(source_id=document.pk)
    assert voucher.rule == "purchase_return.estimate"
    assert voucher.total == D("-30.00")
    invoice = invoiced(receipt)
    assert invoice.gross_amount == D("79.10")
    assert not PurchaseInvoice.objects.filter(gross_amount__lt=0).exists()
    assert reconciliation.all_differences() == []


def test_pur_05_after_the_invoice_a_debit_note_lowers_the_payable():
    order, receipt = bought()
    invoice = invoiced(receipt)
    send_back(receipt, 3)
    note = PurchaseInvoice.objects.get(gross_amount__lt=0)
    invoice.refresh_from_db()
    assert note.is_approved
    assert note.gross_amount == D("-33.90")
    assert (invoice.settled_amount, invoice.open_amount) == (D("33.90"), D("79.10"))
    assert note.settled == "full"
    assert SetOff.objects.get().amount == D("33.90")
    assert owed(receipt.supplier) == D("79.10")
    receipt.refresh_from_db()
    order = PurchaseOrder.objects.get(pk=order.pk)
    assert receipt.invoiced == "full"
    assert order.invoiced == "full"
    assert order.closing == "auto_closed"
    assert lines_of(order)[0].returned_qty == 3
    assert lines_of(order)[0].invoiced_qty == 7
    assert reconciliation.all_differences() == []


def test_pur_05_all_of_it_in_parts_to_the_cent():
    order = make_purchase_order((make_item(), 3, "3.33"))
    receipt = receive(order, 3)
    invoiced(receipt)
    for _each in range(3):
        send_back(receipt, 1)
    notes = PurchaseInvoice.objects.filter(gross_amount__lt=0)
    assert sum(note.gross_amount for note in notes) == -receipt.gross_amount
    stock = stock_of(receipt)
    assert (stock.on_hand, stock.value) == (0, 0)
    assert owed(receipt.supplier) == 0
    assert reconciliation.all_differences() == []
    with pytest.raises(Conflict, match="only 0 of it are left"):
        send_back(receipt, 1)


def test_pur_05_taken_back_everything_is_as_before():
    order, receipt = bought()
    invoice = invoiced(receipt)
    document = send_back(receipt, 4)
    returns.unapprove_return(return_id=document.pk, actor=ROBOT, at=AT)
    invoice.refresh_from_db()
    assert invoice.settled_amount == 0
    assert owed(receipt.supplier) == D("113.00")
    assert (stock_of(receipt).on_hand, stock_of(receipt).value) == (10, D("100.00"))
    assert PurchaseInvoice.objects.get(gross_amount__lt=0).approval == "voided"
    assert lines_of(order)[0].returned_qty == 0
    assert lines_of(order)[0].invoiced_qty == 10
    assert reconciliation.all_differences() == []
    returns.void_return(return_id=document.pk, actor=ROBOT, at=AT)
    assert PurchaseReturn.objects.get().approval == "voided"


def test_pur_05_replacement_is_expected_again_and_costs_nothing():
    order, receipt = bought()
    invoiced(receipt)
    send_back(receipt, 4, outcome="replacement")
    order = PurchaseOrder.objects.get(pk=order.pk)
    assert order.closing == "open"
    assert lines_of(order)[0].open_qty == 4
    again = receive(order, 4)
    second = invoice_receipts(receipt_ids=[again.pk], external_no="FP2", actor=ROBOT, at=AT)
    purchase_invoices.approve_invoice(invoice_id=second.pk, actor=ROBOT, at=AT)
    assert owed(receipt.supplier) == D("113.00")
    assert PurchaseOrder.objects.get(pk=order.pk).closing == "auto_closed"
    assert reconciliation.all_differences() == []
    with pytest.raises(Conflict, match="replacement has come"):
        returns.unapprove_return(return_id=PurchaseReturn.objects.get().pk, actor=ROBOT, at=AT)


def test_pur_05_the_lot_goes_back_even_when_it_is_held():
    item = make_item(lot_tracked=True)
    order = make_purchase_order((item, 10))
    receipt = receive(order, 10, lot="B-7")
    lot = receipt.lines.get().lot
    lots.hold_lot(lot_id=lot.pk, reason="smells", actor=ROBOT, at=AT)
    send_back(receipt, 6)
    assert LotBalance.objects.get(lot=lot).on_hand == 4
    stock = stock_of(receipt)
    assert (stock.on_hand, stock.blocked) == (4, 4)
    assert StockMove.objects.get(kind="purchase_return").lot_id == lot.pk
    assert reconciliation.all_differences() == []


def test_pur_05_goods_that_are_reserved_do_not_leave():
    item = make_item()
    receipt = receive(make_purchase_order((item, 10)), 10)
    approved_order((item, 8, 20))
    with pytest.raises(Refusal, match="8 reserved"):
        send_back(receipt, 3)
    assert PurchaseReturn.objects.get().approval == "draft"


def test_pur_05_the_receipt_stays_while_goods_of_it_are_gone():
    _order, receipt = bought()
    document = send_back(receipt, 1)
    with pytest.raises(Conflict, match=document.number):
        unapprove_receipt(receipt_id=receipt.pk, actor=ROBOT, at=AT)


def test_pur_05_the_invoice_stays_while_a_note_stands_on_it():
    _order, receipt = bought()
    invoice = invoiced(receipt)
    send_back(receipt, 1)
    with pytest.raises(Conflict):
        purchase_invoices.unapprove_invoice(invoice_id=invoice.pk, actor=ROBOT, at=AT)


def test_pur_05_the_statement_shows_the_return():
    _order, receipt = bought()
    document = send_back(receipt, 3)
    statement = propose_supplier_statement(
        party_id=receipt.supplier_id,
        period_from=AT.date().replace(day=1),
        period_to=AT.date(),
        actor=ROBOT,
        at=AT,
    )
    row = statement.lines.get(kind="return")
    assert (row.source_number, row.qty, row.amount) == (document.number, 3, D("-33.90"))
    assert (statement.returned_amount, statement.closing_amount) == (D("33.90"), D("79.10"))


def test_pur_05_a_draft_is_checked_and_may_be_changed():
    order, receipt = bought()
    other = receive(make_purchase_order((make_item(), 5), supplier=make_supplier()), 5)
    line, foreign = receipt.lines.get(), other.lines.get()
    for lines, words in (
        ((), "Nothing goes back"),
        ((returns.ReturnLineInput(line.pk, D(11)),), "only 10"),
        ((returns.ReturnLineInput(line.pk, D(0)),), "quantity"),
        ((returns.ReturnLineInput(line.pk, D(1), "because"),), "why"),
        ((returns.ReturnLineInput(line.pk, D(1)), returns.ReturnLineInput(foreign.pk, D(1))), "one supplier"),
        ((returns.ReturnLineInput(line.pk, D(6)), returns.ReturnLineInput(line.pk, D(6))), "only 4"),
    ):
        with pytest.raises(Refusal, match=words):
            returns.save_return(data=returns.ReturnData(lines=lines), actor=ROBOT, at=AT)
    draft = send_back(receipt, 3, approve=False)
    data = returns.ReturnData(lines=[returns.ReturnLineInput(line.pk, D(2))], outcome="replacement")
    changed = returns.save_return(data=data, return_id=draft.pk, version=draft.version, actor=ROBOT, at=AT)
    assert (changed.number, changed.gross_amount, changed.outcome) == (draft.number, D("22.60"), "replacement")
    PurchaseReceipt.objects.filter(pk=receipt.pk).update(approval="draft")
    with pytest.raises(Refusal, match="not booked"):
        returns.approve_return(return_id=draft.pk, actor=ROBOT, at=AT)


def test_pur_05_the_number_of_statements_does_not_grow_with_the_lines():
    counts = []
    for size in (2, 12):
        order = make_purchase_order(*[(make_item(), 5) for _each in range(size)])
        receipt = receive(order, *[5] * size)
        draft = send_back(receipt, *[1] * size, approve=False)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            returns.approve_return(return_id=draft.pk, actor=ROBOT, at=AT)
        counts.append(len(seen))
    assert counts[0] == counts[1], counts


def test_pur_05_delivery_mode_moves_the_payable_at_once():
    set_mode("accounting.settlement_mode", "delivery")
    _order, receipt = bought()
    assert owed(receipt.supplier) == D("113.00")
    send_back(receipt, 3)
    assert owed(receipt.supplier) == D("79.10")
    invoiced(receipt)
    assert owed(receipt.supplier) == D("79.10")
    second = send_back(receipt, 2)
    assert owed(receipt.supplier) == D("56.50")
    assert reconciliation.all_differences() == []
    returns.unapprove_return(return_id=second.pk, actor=BUYER, at=AT)
    assert owed(receipt.supplier) == D("79.10")
    assert reconciliation.all_differences() == []
