"""Voucher rows 20 and 21: receivables set off against payables, debts moved to another party, refunds both ways."""

from typing import Any

import pytest

from backend.accounting.models import VoucherLine
from backend.invoicing.models import DebtTransfer, Refund, SalesInvoice
from backend.invoicing.services import money, netting, purchase_invoices, refunds, sales_invoices, transfers
from backend.invoicing.services.clearing import CannotClear
from backend.invoicing.services.netting import NettingData
from backend.invoicing.services.refunds import RefundData
from backend.invoicing.services.transfers import DebtTransferData
from backend.invoicing.services.undoing import CannotUnapproveInvoice, CannotUnapproveMoney
from backend.kernel.errors import ValidationRefused
from backend.posting.reconciliation import all_differences
from tests.factories.accounting import AT, DAY, D, make_item, make_party
from tests.factories.inventory import refuses
from tests.factories.invoicing import ROBOT, buy, deliver, fund, money_data, receive, sell
from tests.factories.returns import send_back, take_back
from tests.returns import test_purchase_returns as bought
from tests.returns import test_sales_returns as sold

pytestmark = pytest.mark.usefixtures("tenant")
BY: dict[str, Any] = {"actor": ROBOT, "at": AT}


def voucher_of(document: Any) -> list[tuple[str, Any, D, D]]:
    """(account, party, debit, credit) of the voucher that stands."""
    rows = VoucherLine.objects.filter(
        voucher__source_id=document.pk, voucher__reverses=None, voucher__reversed_by=None
    ).select_related("account")
    return [(row.account.code, row.party_id, row.debit, row.credit) for row in rows.order_by("line_no")]


def refund(side: str, party: Any, amount: Any, **more: Any) -> Refund:
    data = RefundData(side, party.pk, fund().pk, DAY, D(amount), **more)
    return refunds.save_refund(data=data, **BY)


def test_row_20_what_a_customer_owes_pays_what_we_owe_him():
    firm, item = make_party("Both", customer=True, supplier=True), make_item()
    bill = buy(firm, receive(firm, [(item, 20, 10)]))
    invoice = sell(firm, deliver(firm, [(item, 5, 20)]))
    made = netting.save_netting(data=NettingData(firm.pk, firm.pk, DAY), **BY)
    assert made.amount == D("113.00")  # all of the receivable, 226.00 are owed
    netting.approve_netting(netting_id=made.pk, **BY)
    assert voucher_of(made) == [("2202.01", firm.pk, D("113.00"), 0), ("1122", firm.pk, 0, D("113.00"))]
    invoice.refresh_from_db()
    bill.refresh_from_db()
    assert (invoice.settled, bill.settled, bill.open_amount) == ("full", "partial", D("113.00"))
    with refuses(CannotUnapproveInvoice, made.number):
        sales_invoices.unapprove_invoice(invoice_id=invoice.pk, **BY)
    with refuses(CannotUnapproveInvoice, made.number):
        purchase_invoices.unapprove_invoice(invoice_id=bill.pk, **BY)
    with refuses(CannotClear):
        netting.save_netting(data=NettingData(firm.pk, firm.pk, DAY), **BY)
    assert all_differences() == []
    netting.unapprove_netting(netting_id=made.pk, **BY)
    bill.refresh_from_db()
    assert bill.open_amount == D("226.00")
    again = NettingData(firm.pk, firm.pk, DAY, amount=D("50"))
    netting.save_netting(data=again, netting_id=made.pk, **BY)
    netting.approve_netting(netting_id=made.pk, **BY)
    assert [row[2:] for row in voucher_of(made)] == [(D("50.00"), 0), (0, D("50.00"))]
    assert all_differences() == []


def test_row_20_two_firms_and_nothing_beyond_what_is_open():
    owner, sister, item = make_party(customer=True), make_party(supplier=True), make_item()
    bill = buy(sister, receive(sister, [(item, 20, 10)]))
    invoice = sell(owner, deliver(owner, [(item, 5, 20)]))
    with refuses(CannotClear) as caught:
        netting.save_netting(data=NettingData(owner.pk, sister.pk, DAY, amount=D("113.01")), **BY)
    assert "113.00" in str(caught.value.problems[0].way_out)
    for amount in ("0", "1.005"):
        with refuses(ValidationRefused):
            netting.save_netting(data=NettingData(owner.pk, sister.pk, DAY, amount=D(amount)), **BY)
    data = NettingData(owner.pk, sister.pk, DAY, receivables=[(invoice.pk, D(13))], payables=[(bill.pk, D(13))])
    made = netting.save_netting(data=data, **BY)
    netting.approve_netting(netting_id=made.pk, **BY)
    assert voucher_of(made) == [("2202.01", sister.pk, D("13.00"), 0), ("1122", owner.pk, 0, D("13.00"))]
    assert all_differences() == []


def moved(side: str, former: Any, new: Any, **more: Any) -> DebtTransfer:
    data = DebtTransferData(side, former.pk, new.pk, DAY, **more)
    made = transfers.save_transfer(data=data, **BY)
    return transfers.approve_transfer(transfer_id=made.pk, **BY)


def test_row_20_what_one_customer_owes_another_one_owes():
    """Two invoices of 113 and 226; 113 and 100 of them go over, due as before, and are paid by the new customer."""
    former, new, supplier, item = (
        make_party(customer=True),
        make_party(customer=True),
        make_party(supplier=True),
        make_item(),
    )
    receive(supplier, [(item, 20, 10)])
    first, second = (sell(former, deliver(former, [(item, qty, 20)])) for qty in (5, 10))
    with refuses(ValidationRefused):
        moved("customer", former, former)
    for wrong in ([(first.pk, D("113.01"))], [(first.pk, D(1)), (first.pk, D(1))], [(new.pk, D(1))]):
        with refuses((CannotClear, ValidationRefused)):
            moved("customer", former, new, invoices=wrong)
    made = moved("customer", former, new, invoices=[(first.pk, D(113)), (second.pk, D(100))])
    assert made.amount == D("213.00")
    assert voucher_of(made) == [("1122", new.pk, D("213.00"), 0), ("1122", former.pk, 0, D("213.00"))]
    carried = transfers.carried_by(made)
    assert [(row.gross_amount, row.net_amount, row.due_date) for row in carried] == [
        (D("113.00"), 0, first.due_date),
        (D("100.00"), 0, second.due_date),
    ]
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.settled, second.open_amount) == ("full", D("126.00"))
    assert all_differences() == []
    with refuses(CannotUnapproveInvoice, made.number):
        sales_invoices.unapprove_invoice(invoice_id=carried[0].pk, **BY)
    with refuses(CannotUnapproveInvoice, made.number):
        sales_invoices.unapprove_invoice(invoice_id=first.pk, **BY)
    paid = money.save_receipt(data=money_data(new, 120, [(carried[0], D(113))]), **BY)
    money.approve_receipt(receipt_id=paid.pk, **BY)
    with refuses(CannotUnapproveInvoice, paid.number):
        transfers.unapprove_transfer(transfer_id=made.pk, **BY)
    money.unapprove_receipt(receipt_id=paid.pk, **BY)
    transfers.unapprove_transfer(transfer_id=made.pk, **BY)
    first.refresh_from_db()
    assert (first.open_amount, transfers.carried_by(made), voucher_of(made)) == (D("113.00"), [], [])
    assert all_differences() == []
    transfers.approve_transfer(transfer_id=made.pk, **BY)
    assert [row.gross_amount for row in transfers.carried_by(made)] == [D("113.00"), D("100.00")]
    again = moved("customer", new, former)  # all that is open: what was taken over goes on as well
    assert again.amount == D("213.00")
    assert all_differences() == []


def test_row_20_what_we_owe_one_supplier_we_owe_another():
    former, new, item = make_party(supplier=True), make_party(supplier=True), make_item()
    bill = buy(former, receive(former, [(item, 20, 10)]))
    with refuses(CannotClear) as caught:
        moved("supplier", former, new, amount=D("226.01"))
    assert "226.00" in str(caught.value.problems[0].way_out)
    made = moved("supplier", former, new, amount=D(200))
    assert voucher_of(made) == [("2202.01", former.pk, D("200.00"), 0), ("2202.01", new.pk, 0, D("200.00"))]
    (carried,) = transfers.carried_by(made)
    with refuses(CannotUnapproveInvoice, made.number):
        purchase_invoices.unapprove_invoice(invoice_id=carried.pk, **BY)
    paid = money.save_payment(data=money_data(new, 200, [(carried, D(200))]), **BY)
    money.approve_payment(payment_id=paid.pk, **BY)
    bill.refresh_from_db()
    carried.refresh_from_db()
    assert (bill.open_amount, carried.settled) == (D("26.00"), "full")
    assert all_differences() == []
    draft = transfers.save_transfer(data=DebtTransferData("supplier", former.pk, new.pk, DAY), **BY)
    assert draft.amount == D("26.00")
    assert transfers.void_transfer(transfer_id=draft.pk, **BY).approval == "voided"


def test_row_21_a_customer_gets_a_note_and_an_advance_back():
    _item, _order, delivery = sold.sold()
    invoice = sold.invoiced(delivery)
    customer = delivery.customer
    paid = money.save_receipt(data=money_data(customer, 300, [(invoice, D("226"))]), **BY)
    money.approve_receipt(receipt_id=paid.pk, **BY)
    take_back(delivery, 3)
    note = SalesInvoice.objects.get(gross_amount__lt=0)
    with refuses(CannotClear):
        refund("customer", customer, "141.81")  # 67.80 of the note, 74.00 of the advance
    made = refund("customer", customer, 100)
    assert list(made.lines.order_by("line_no").values_list("source_number", "amount")) == [
        (note.number, D("67.80")),
        (paid.number, D("32.20")),
    ]
    refunds.approve_refund(refund_id=made.pk, **BY)
    assert voucher_of(made) == [
        ("1002", None, D("-100.00"), 0),
        ("1122", customer.pk, 0, D("-67.80")),
        ("2203", customer.pk, 0, D("-32.20")),
    ]
    paid.refresh_from_db()
    note.refresh_from_db()
    assert (paid.unmatched_amount, note.open_amount, note.settled) == (D("41.80"), 0, "full")
    with refuses(CannotUnapproveMoney, made.number):
        money.unapprove_receipt(receipt_id=paid.pk, **BY)
    with refuses(CannotUnapproveInvoice, made.number):
        sales_invoices.unapprove_invoice(invoice_id=note.pk, **BY)
    assert all_differences() == []
    refunds.unapprove_refund(refund_id=made.pk, **BY)
    paid.refresh_from_db()
    assert paid.unmatched_amount == D("74.00")
    assert all_differences() == []


def test_row_21_a_supplier_pays_a_debit_note_and_a_prepayment_back():
    _order, receipt = bought.bought()
    bill = bought.invoiced(receipt)
    supplier = receipt.supplier
    paid = money.save_payment(data=money_data(supplier, bill.gross_amount + 37, [(bill, bill.gross_amount)]), **BY)
    money.approve_payment(payment_id=paid.pk, **BY)
    send_back(receipt, 3)
    made = refund("supplier", supplier, 40)
    refunds.approve_refund(refund_id=made.pk, **BY)
    assert voucher_of(made) == [
        ("2202.01", supplier.pk, D("-33.90"), 0),
        ("1123", supplier.pk, D("-6.10"), 0),
        ("1002", None, 0, D("-40.00")),
    ]
    second = refund("supplier", supplier, "30.90")
    third = refund("supplier", supplier, "30.90")
    refunds.approve_refund(refund_id=second.pk, **BY)
    with refuses(CannotClear):
        refunds.approve_refund(refund_id=third.pk, **BY)
    refunds.void_refund(refund_id=third.pk, **BY)
    assert all_differences() == []
