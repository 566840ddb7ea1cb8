"""Voucher row 8: goods cost less after they were invoiced; what lies there and what was sold share it, VAT is turned back."""

from typing import Any

import pytest

from backend.invoicing.models import PurchaseInvoice
from backend.invoicing.services import money, purchase_invoices
from backend.invoicing.services.allowances import AllowanceData, AllowanceLineInput, allow, allowable
from backend.invoicing.services.drafts import CannotSaveInvoice
from backend.invoicing.services.undoing import CannotUnapproveInvoice
from backend.kernel.errors import Refusal
from backend.posting.reconciliation import all_differences
from tests.factories.accounting import AT, DAY, D, balance, make_item, make_party
from tests.factories.inventory import balance_of, refuses
from tests.factories.invoicing import ROBOT, buy, deliver, money_data, receive, stock_value
from tests.factories.returns import send_back
from tests.invoicing.test_clearing import voucher_of
from tests.posting.test_sources import be_small_scale, set_mode
from tests.returns import test_purchase_returns as bought

pytestmark = pytest.mark.usefixtures("tenant")
BY: dict[str, Any] = {"actor": ROBOT, "at": AT}


def lowered(bill: PurchaseInvoice, *amounts: Any, approve: bool = True, **more: Any) -> PurchaseInvoice:
    lines = [
        AllowanceLineInput(line.pk, D(amount))
        for line, amount in zip(bill.lines.order_by("line_no"), amounts, strict=True)
    ]
    note = allow(invoice_id=bill.pk, data=AllowanceData(DAY, lines, **more), **BY)
    return purchase_invoices.approve_invoice(invoice_id=note.pk, **BY) if approve else note


def test_row_8_a_rebate_lowers_stock_and_cost_of_sales():
    """20 came for 10 and 8 of them were sold; 22.60 back are 20 and 2.60 of VAT: 12/20 of it stock, 8/20 cost of sales."""
    supplier, customer, item = make_party(supplier=True), make_party(customer=True), make_item()
    bill = buy(supplier, receive(supplier, [(item, 20, 10)]))
    deliver(customer, [(item, 8, 20)])
    sold = balance("cogs")
    for wrong in ("0", "226.01", "1.005"):
        with refuses(Refusal):
            lowered(bill, wrong)
    note = lowered(bill, "22.60", external_no="RED-1")
    assert voucher_of(note) == [
        ("1405", None, D("-12.00"), 0),
        ("5401", None, D("-8.00"), 0),
        ("2221.01.07", None, 0, D("2.60")),
        ("2202.01", supplier.pk, 0, D("-22.60")),
    ]
    assert (balance_of(item).value, balance("cogs") - sold) == (D("108.00"), D("-8.00"))
    bill.refresh_from_db()
    note.refresh_from_db()
    assert (bill.open_amount, note.settled, note.gross_amount) == (D("203.40"), "full", D("-22.60"))
    assert all_differences() == []
    with refuses(CannotUnapproveInvoice, note.number):
        purchase_invoices.unapprove_invoice(invoice_id=bill.pk, **BY)
    with refuses(CannotSaveInvoice):
        lowered(note, "1")
    with refuses(CannotSaveInvoice):
        lowered(bill, "1", external_no="RED-1")
    deliver(customer, [(item, 10, 20)])
    purchase_invoices.unapprove_invoice(invoice_id=note.pk, **BY)
    assert balance_of(item).value == stock_value() == balance("inventory")
    assert all_differences() == []
    purchase_invoices.approve_invoice(invoice_id=note.pk, **BY)
    assert all_differences() == []


def test_row_8_never_more_than_was_invoiced_and_not_given_back():
    _order, receipt = bought.bought()
    bill = bought.invoiced(receipt)
    paid = money.save_payment(data=money_data(receipt.supplier, bill.gross_amount, [(bill, bill.gross_amount)]), **BY)
    money.approve_payment(payment_id=paid.pk, **BY)
    send_back(receipt, 3)
    credited = -PurchaseInvoice.objects.get(gross_amount__lt=0).gross_amount
    rest = bill.gross_amount - credited
    assert [left for _line, left in allowable(bill)] == [rest]
    first, second = (lowered(bill, rest, approve=False) for _ in range(2))
    purchase_invoices.approve_invoice(invoice_id=first.pk, **BY)
    with pytest.raises(purchase_invoices.CannotApproveInvoice):
        purchase_invoices.approve_invoice(invoice_id=second.pk, **BY)
    first.refresh_from_db()
    assert first.open_amount == -rest  # the invoice was paid: the supplier owes it, a refund brings it back
    assert all_differences() == []


@pytest.mark.parametrize("small", [False, True])
def test_row_8_in_delivery_mode_and_for_small_taxpayers(small):
    if small:
        be_small_scale()
    set_mode("accounting.settlement_mode", "delivery")
    supplier, item = make_party(supplier=True), make_item()
    bill = buy(supplier, receive(supplier, [(item, 10, 10)], gross_value=small))
    note = lowered(bill, "11.30")
    rows = [row for row in voucher_of(note) if row[0].startswith("2221")]
    assert rows == ([] if small else [("2221.01.07", None, 0, D("1.30"))])
    assert balance_of(item).value == stock_value() == balance("inventory")
    assert all_differences() == []
