"""SRM-15, M-07: a statement tells of booked documents alone, whatever is taken back while it goes round, and of all money."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from backend.invoicing.models import PurchaseInvoice, StatementDifference
from backend.invoicing.services import money, netting, purchase_invoices, refunds, statements, transfers
from backend.invoicing.services.netting import NettingData
from backend.invoicing.services.refunds import RefundData
from backend.invoicing.services.standing import StandsOnAgreedStatement
from backend.invoicing.services.statements import CannotAgreeStatement
from backend.invoicing.services.transfers import DebtTransferData
from backend.invoicing.services.undoing import CannotUnapproveInvoice
from backend.kernel.document import Approval
from backend.processes.movements import SUPPLIER, balance_before
from backend.processes.procure_to_pay import invoice_receipts, invoice_statement
from backend.processes.statements import propose_customer_statement, propose_supplier_statement, submit_statement_list
from backend.purchasing.goods import lock_received
from backend.purchasing.models import PurchaseReceipt
from backend.purchasing.services import returns
from backend.purchasing.services.checks import CannotUnapproveReceipt
from backend.purchasing.services.taking_back import unapprove_receipt
from tests.beside import while_waiting
from tests.factories.accounting import AT, DAY, D, make_item, make_party
from tests.factories.invoicing import buy, deliver, fund, money_data, sell
from tests.factories.invoicing import receive as came_in
from tests.factories.parties import make_supplier
from tests.factories.purchasing import supplier_actor
from tests.factories.returns import ROBOT, send_back
from tests.returns.test_statement_lists import came, claim

BY: dict[str, Any] = {"actor": ROBOT, "at": AT}
NOVEMBER: dict[str, Any] = {"period_from": DAY.replace(day=1), "period_to": DAY.replace(day=30)}


def stated(supplier: Any) -> Any:
    return propose_supplier_statement(party_id=supplier.pk, **NOVEMBER, **BY)


def signed(statement: Any, supplier: Any) -> Any:
    statements.agree(statement_id=statement.pk, side="them", actor=supplier_actor(supplier), at=AT)
    return statements.agree(statement_id=statement.pk, side="us", **BY)


@pytest.mark.usefixtures("tenant")
def test_srm_15_a_receipt_that_is_taken_back_leaves_the_statement_and_both_look_again():
    """10 + 20 at 11.30; the 20 are taken back after the supplier signed: 113.00 are left, nobody has signed them."""
    supplier = make_supplier()
    kept, wrong = came(supplier, 10, "DN-10"), came(supplier, 20, "DN-20")
    statement = stated(supplier)
    assert statement.closing_amount == D("339.00")
    submit_statement_list(
        statement_id=statement.pk, claims=[claim(kept), claim(wrong)], actor=supplier_actor(supplier), at=AT
    )
    statements.agree(statement_id=statement.pk, side="them", actor=supplier_actor(supplier), at=AT)
    unapprove_receipt(receipt_id=wrong.pk, **BY)
    statement.refresh_from_db()
    assert [line.source_number for line in statement.lines.all()] == [kept.number]
    assert (statement.received_amount, statement.closing_amount) == (D("113.00"), D("113.00"))
    assert (statement.their_signature, statement.state) == ("", "proposed")
    [difference] = StatementDifference.objects.filter(document=statement)
    assert (difference.kind, difference.their_number, difference.gap) == ("not_received", "DN-20", D("226.00"))
    with pytest.raises(CannotAgreeStatement):  # their list still names what is not here
        statements.agree(statement_id=statement.pk, side="us", **BY)


@pytest.mark.usefixtures("tenant")
def test_srm_15_what_both_signed_holds_its_documents_and_says_the_way_out():
    supplier = make_supplier()
    receipt = came(supplier, 10, "DN-10")
    back = send_back(came(supplier, 5, "DN-5"), 5)
    paid = money.save_payment(data=money_data(supplier, 40), **BY)
    money.approve_payment(payment_id=paid.pk, **BY)
    statement = signed(stated(supplier), supplier)
    assert (statement.state, statement.closing_amount) == ("agreed", D("73.00"))
    tries: list[tuple[Callable[[], Any], str, str]] = [
        (lambda: unapprove_receipt(receipt_id=receipt.pk, **BY), receipt.number, "purchase return"),
        (lambda: returns.unapprove_return(return_id=back.pk, **BY), back.number, "Receive the goods again"),
        (lambda: money.unapprove_payment(payment_id=paid.pk, **BY), paid.number, "refund"),
    ]
    for attempt, number, way_out in tries:
        with pytest.raises(StandsOnAgreedStatement, match=statement.number) as caught:
            attempt()
        told = caught.value
        assert (told.document, told.field, told.value) == (number, "approval", statement.number)
        assert way_out in str(told.way_out)


@pytest.mark.usefixtures("tenant")
def test_srm_15_nobody_signs_for_a_document_that_is_not_booked():
    """Whatever way a draft came to stand on a statement: the signature finds it."""
    supplier = make_supplier()
    receipt = came(supplier, 10, "DN-10")
    statement = stated(supplier)
    PurchaseReceipt.objects.filter(pk=receipt.pk).update(approval=Approval.DRAFT)
    with pytest.raises(CannotAgreeStatement, match=receipt.number) as caught:
        signed(statement, supplier)
    [told] = caught.value.problems
    assert (told.line, told.field, told.value) == (1, "source_number", receipt.number)


@pytest.mark.usefixtures("tenant")
def test_srm_15_money_that_came_back_and_what_was_set_off_are_on_the_statement():
    """226 received and 100 prepaid; 113 set off against what the same firm owes; 100 come back: 113 are left to pay."""
    firm, item = make_party("Both", customer=True, supplier=True), make_item()
    buy(firm, came_in(firm, [(item, 20, 10)]))
    sell(firm, deliver(firm, [(item, 5, 20)]))
    paid = money.save_payment(data=money_data(firm, 100, []), **BY)
    money.approve_payment(payment_id=paid.pk, **BY)
    offset = netting.save_netting(data=NettingData(firm.pk, firm.pk, DAY), **BY)
    netting.approve_netting(netting_id=offset.pk, **BY)
    back = refunds.save_refund(data=RefundData("supplier", firm.pk, fund().pk, DAY, D(100)), **BY)
    refunds.approve_refund(refund_id=back.pk, **BY)
    ours = stated(firm)
    theirs = propose_customer_statement(party_id=firm.pk, **NOVEMBER, **BY)
    assert (ours.received_amount, ours.paid_amount, ours.closing_amount) == (D(226), D(113), D(113))
    assert (theirs.received_amount, theirs.paid_amount, theirs.closing_amount) == (D(113), D(113), D(0))
    netting.unapprove_netting(netting_id=offset.pk, **BY)
    ours.refresh_from_db()
    theirs.refresh_from_db()
    assert (ours.closing_amount, theirs.closing_amount) == (D(226), D(113))


@pytest.mark.usefixtures("tenant")
def test_srm_15_a_debt_that_moved_is_on_both_suppliers_statements():
    """200 of 226 are owed to another supplier from now on: 26 and 200; taken back, 226 and nothing."""
    former, new, item = make_party(supplier=True), make_party(supplier=True), make_item()
    buy(former, came_in(former, [(item, 20, 10)]))
    data = DebtTransferData("supplier", former.pk, new.pk, DAY, D(200))
    moved = transfers.save_transfer(data=data, **BY)
    transfers.approve_transfer(transfer_id=moved.pk, **BY)
    one, other = stated(former), stated(new)
    assert (one.received_amount, one.adjusted_amount, one.closing_amount) == (D(226), D(-200), D(26))
    assert (other.adjusted_amount, other.closing_amount) == (D(200), D(200))
    tomorrow = DAY + timedelta(days=1)
    assert [balance_before(SUPPLIER, party.pk, tomorrow) for party in (former, new)] == [D(26), D(200)]
    transfers.unapprove_transfer(transfer_id=moved.pk, **BY)
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.closing_amount, other.closing_amount, other.lines.count()) == (D(226), D(0), 0)


@pytest.mark.parametrize("over", ["receipts", "statement"])
def test_srm_16_a_receipt_is_not_taken_back_while_a_draft_over_it_is_written(committed_tenant, over):
    """The draft is not committed yet: taking back waits for it and then names it."""
    supplier = make_supplier()
    receipt = came(supplier, 10, "DN-10")
    if over == "statement":
        agreed = signed(stated(supplier), supplier)
    with transaction.atomic():
        if over == "statement":
            draft = invoice_statement(statement_id=agreed.pk, **BY)
        else:
            draft = invoice_receipts(receipt_ids=[receipt.pk], **BY)
        thread, told = while_waiting(committed_tenant, lambda: unapprove_receipt(receipt_id=receipt.pk, **BY))
    thread.join()
    assert isinstance(told[0], CannotUnapproveReceipt), told
    assert (told[0].document, told[0].value) == (receipt.number, draft.number)
    receipt.refresh_from_db()
    assert receipt.is_approved
    assert PurchaseInvoice.objects.get().approval == "draft"
    purchase_invoices.approve_invoice(invoice_id=draft.pk, **BY)


def test_srm_15_signing_and_taking_back_at_once_one_of_them_wins(committed_tenant):
    """The second signature is given and not committed: taking back waits for it, and is refused."""
    supplier = make_supplier()
    receipt = came(supplier, 10, "DN-10")
    statement = stated(supplier)
    statements.agree(statement_id=statement.pk, side="them", actor=supplier_actor(supplier), at=AT)
    with transaction.atomic():
        statements.agree(statement_id=statement.pk, side="us", **BY)
        thread, told = while_waiting(committed_tenant, lambda: unapprove_receipt(receipt_id=receipt.pk, **BY))
    thread.join()
    assert isinstance(told[0], StandsOnAgreedStatement), told
    receipt.refresh_from_db()
    assert receipt.is_approved


def test_pur_05_goods_go_back_while_their_invoice_is_taken_back_without_a_ring(committed_tenant):
    """The return holds the receipt and wants the invoice; taking the invoice back waits for the receipt, holding nothing."""
    receipt = came(make_supplier(), 10, "DN-10")
    bill = invoice_receipts(receipt_ids=[receipt.pk], **BY)
    purchase_invoices.approve_invoice(invoice_id=bill.pk, **BY)
    document = send_back(receipt, 2, approve=False)
    with transaction.atomic():
        lock_received([receipt.lines.get().pk])
        thread, told = while_waiting(
            committed_tenant, lambda: purchase_invoices.unapprove_invoice(invoice_id=bill.pk, **BY)
        )
        returns.approve_return(return_id=document.pk, **BY)
    thread.join()
    assert isinstance(told[0], CannotUnapproveInvoice), told
    bill.refresh_from_db()
    assert (bill.approval, bill.settled_amount) == ("approved", D("22.60"))
