"""ACCOUNTING rows 29 and 30: what a stock document says that we owe a supplier is a debt like any other; figures by hand."""

from datetime import timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from backend.accounting.models import OpenItem, Voucher
from backend.inventory.errors import CannotSaveCostAdjustment, CannotSaveStockDocument
from backend.inventory.services import adjustments, assembly
from backend.inventory.services.inputs import ComponentInput, CostLineInput
from backend.invoicing.models import PurchaseInvoice
from backend.invoicing.services import money, notes, purchase_invoices
from backend.invoicing.services.undoing import CannotUnapproveInvoice
from backend.kernel import links
from backend.posting.reconciliation import all_differences
from backend.processes.movements import SUPPLIER, balance_before, movements_of
from tests.factories.accounting import balance, make_party
from tests.factories.catalog import make_item
from tests.factories.inventory import AT, SYSTEM, TODAY, balance_of, main_warehouse, refuses, stock_up
from tests.factories.invoicing import money_data

pytestmark = pytest.mark.usefixtures("tenant")
BY: dict[str, Any] = {"actor": SYSTEM, "at": AT}


def adjust(supplier, item, amount, **more):
    made = adjustments.save_cost_adjustment(
        doc_date=TODAY,
        warehouse_id=main_warehouse().pk,
        reason="ap_trade",
        supplier_id=supplier and supplier.pk,
        lines=[CostLineInput(item.pk, amount=D(amount))],
        **more,
        **BY,
    )
    return adjustments.approve_cost_adjustment(document_id=made.pk, **BY)


def make(kit, qty, supplier, fee, *lines, **more):
    made = assembly.save_assembly(
        doc_date=TODAY,
        warehouse_id=main_warehouse().pk,
        item_id=kit.pk,
        qty=D(qty),
        lines=lines,
        fee=D(fee),
        fee_supplier_id=supplier and supplier.pk,
        **more,
        **BY,
    )
    return assembly.approve_assembly(document_id=made.pk, **BY)


def debt_of(document):
    return PurchaseInvoice.objects.get(cause_id=document.pk, approval="approved")


def pay(debt, amount):
    saved = money.save_payment(data=money_data(debt.supplier, amount, [(debt, amount)], day=TODAY), **BY)
    return money.approve_payment(payment_id=saved.pk, **BY)


def test_row_29_a_dearer_cost_is_owed_to_its_supplier_and_paid():
    """10 for 100 are worth 130: Dr 1405 30 / Cr 2202 30, due after his 45 days; paid, it stays until the payment goes."""
    item, supplier = make_item(), make_party(supplier=True, days=45)
    stock_up(item, 10, 100)
    document = adjust(supplier, item, 30)
    assert (balance_of(item).value, balance("ap_trade", supplier)) == (130, -30)
    debt = debt_of(document)
    assert (debt.gross_amount, debt.open_amount, (debt.due_date - TODAY).days) == (30, 30, 45)
    assert (debt.cause_number, debt.is_bare, debt.lines.count()) == (document.number, True, 0)
    assert OpenItem.objects.get(source_id=debt.pk).open_amount == 30
    assert links.targets_of(document.pk, PurchaseInvoice.DOC_TYPE) == {debt.pk}
    assert all_differences() == []
    with refuses(CannotUnapproveInvoice, document.number):
        purchase_invoices.unapprove_invoice(invoice_id=debt.pk, **BY)
    paid = pay(debt, 12)
    assert all_differences() == []
    assert [row.amount for row in movements_of(SUPPLIER, supplier.pk, TODAY, TODAY)] == [12, 30]
    assert balance_before(SUPPLIER, supplier.pk, TODAY + timedelta(days=1)) == 18
    with refuses(CannotUnapproveInvoice, paid.number):
        adjustments.unapprove_cost_adjustment(document_id=document.pk, **BY)
    money.unapprove_payment(payment_id=paid.pk, **BY)
    adjustments.unapprove_cost_adjustment(document_id=document.pk, **BY)
    assert (balance_of(item).value, balance("ap_trade", supplier)) == (100, 0)
    assert PurchaseInvoice.objects.get(pk=debt.pk).approval == "voided"
    assert all_differences() == []
    adjustments.approve_cost_adjustment(document_id=document.pk, **BY)
    assert (debt_of(document).gross_amount, balance("ap_trade", supplier)) == (30, -30)


def test_row_29_a_cheaper_cost_is_a_note_that_is_set_off():
    """He owes us 20 and is owed 30: the note takes 20 off the debt, 10 stay open."""
    item, supplier = make_item(), make_party(supplier=True)
    stock_up(item, 10, 100)
    debt, note = debt_of(adjust(supplier, item, 30)), debt_of(adjust(supplier, item, -20))
    assert note.is_note
    assert balance("ap_trade", supplier) == -10
    notes.set_off_debit_note(invoice_id=note.pk, **BY)
    assert [PurchaseInvoice.objects.get(pk=each.pk).open_amount for each in (debt, note)] == [10, 0]
    assert all_differences() == []


def test_row_29_without_its_supplier_is_refused():
    item, customer = make_item(), make_party(customer=True)
    stock_up(item, 10, 100)
    for nobody in (None, customer):
        with refuses(CannotSaveCostAdjustment) as refused:
            adjust(nobody, item, 1)
        assert refused.value.field == "supplier_id"


def test_row_30_the_fee_raises_what_the_kit_costs():
    """2 kits of 3 parts at 4.00 (24.00) and a fee of 6.00: 30.00, 15.00 each; Dr 1405 6 / Cr 2202 6 on one account."""
    kit, part, supplier = make_item(), make_item(), make_party(supplier=True)
    stock_up(part, 10, 40)
    document = make(kit, 2, supplier, 6, ComponentInput(part.pk, D(6)))
    assert (balance_of(kit).value, balance_of(part).value, document.total_value) == (30, 16, 30)
    lines = Voucher.objects.get(source_id=document.pk).lines.order_by("line_no")
    assert [(line.account.code[:4], line.debit, line.credit, line.party_id) for line in lines] == [
        ("1405", 6, 0, None),
        ("2202", 0, 6, supplier.pk),
    ]
    assert debt_of(document).gross_amount == 6
    assert all_differences() == []
    paid = pay(debt_of(document), 6)
    with refuses(CannotUnapproveInvoice, paid.number):
        assembly.unapprove_assembly(document_id=document.pk, **BY)
    money.unapprove_payment(payment_id=paid.pk, **BY)
    assembly.unapprove_assembly(document_id=document.pk, **BY)
    assert (balance_of(kit).on_hand, balance_of(part).value, balance("ap_trade", supplier)) == (0, 40, 0)
    assert all_differences() == []


def test_row_30_taken_apart_the_parts_share_the_fee():
    """A kit of 20.00 and 4.00 for the work by 2 : 1: 16.00 and 8.00."""
    kit, dear, cheap, supplier = make_item(), make_item(), make_item(), make_party(supplier=True)
    stock_up(kit, 1, 20)
    parts = [ComponentInput(dear.pk, D(1), D(2)), ComponentInput(cheap.pk, D(1), D(1))]
    make(kit, 1, supplier, 4, *parts, kind="take_apart")
    assert (balance_of(dear).value, balance_of(cheap).value, balance("ap_trade", supplier)) == (16, 8, -4)
    assert all_differences() == []


@pytest.mark.parametrize(("fee", "field"), [("-1", "fee"), ("0.001", "fee"), ("5", "fee_supplier_id")])
def test_row_30_a_fee_is_more_than_nothing_and_owed_to_somebody(fee, field):
    kit, part = make_item(), make_item()
    with refuses(CannotSaveStockDocument) as refused:
        make(kit, 1, None, fee, ComponentInput(part.pk, D(1)))
    assert refused.value.field == field
