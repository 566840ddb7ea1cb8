"""FIN-08: notes set off invoices, refunds pay notes and advances back: in turn, in whole cents, whatever others do meanwhile."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.invoicing.models import SalesInvoice, SetOff
from backend.invoicing.services import money, notes, refunds, sales_invoices
from backend.invoicing.services.refunds import RefundData
from backend.invoicing.services.sides import SALES
from backend.kernel.errors import ValidationRefused
from backend.posting.reconciliation import all_differences
from tests.factories.accounting import AT, DAY, D, make_item, make_party
from tests.factories.inventory import refuses
from tests.factories.invoicing import ROBOT, deliver, fund, money_data, receive, sell
from tests.factories.returns import take_back
from tests.returns import test_sales_returns as sold

pytestmark = pytest.mark.usefixtures("tenant")
BY: dict[str, Any] = {"actor": ROBOT, "at": AT}


def noted() -> tuple[Any, SalesInvoice]:
    """A customer who has paid, and whose credit note of 67.80 sets nothing off yet."""
    _item, _order, delivery = sold.sold()
    invoice = sold.invoiced(delivery)
    paid = money.save_receipt(data=money_data(delivery.customer, 226, [(invoice, D(226))]), **BY)
    money.approve_receipt(receipt_id=paid.pk, **BY)
    take_back(delivery, 3)
    return delivery.customer, SalesInvoice.objects.get(gross_amount__lt=0, approval="approved")


def invoices(customer: Any, count: int) -> list[SalesInvoice]:
    """So many invoices of 22.60."""
    item = make_item()
    receive(make_party(supplier=True), [(item, count, 10)])
    return [sell(customer, deliver(customer, [(item, 1, 20)])) for _ in range(count)]


def test_a_note_sets_off_what_is_open_when_its_turn_comes(monkeypatch):
    """While it waited for the locks one invoice was taken back and another one was booked."""
    customer, note = noted()
    gone, there = invoices(customer, 2)
    locked = notes._locked

    def meanwhile(side: Any, ids: Any) -> Any:
        wanted = list(ids)
        if gone.pk in wanted:
            sales_invoices.unapprove_invoice(invoice_id=gone.pk, **BY)
            invoices(customer, 1)
        return locked(side, wanted)

    monkeypatch.setattr(notes, "_locked", meanwhile)
    used = notes.use_note(side=SALES, note_id=note.pk, **BY)
    assert used.open_amount == D("-45.20")
    assert list(SetOff.objects.values_list("invoice_id", "amount")) == [(there.pk, D("22.60"))]
    assert all_differences() == []


def test_a_note_is_used_in_a_fixed_number_of_statements_and_locked_before_its_invoices():
    counted = []
    for count in (1, 3):
        customer, note = noted()
        invoices(customer, count)
        with CaptureQueriesContext(connection) as seen:
            notes.use_note(side=SALES, note_id=note.pk, **BY)
        waits = [query["sql"] for query in seen if "FOR NO KEY UPDATE" in query["sql"]]
        assert note.pk.hex in waits[0]
        assert not any(note.pk.hex in sql for sql in waits[1:])
        counted.append(len(seen))
        assert SetOff.objects.filter(note_id=note.pk).count() == count
        sales_invoices.unapprove_invoice(invoice_id=note.pk, **BY)
        sales_invoices.void_invoice(invoice_id=note.pk, **BY)
    assert counted[0] == counted[1]
    assert all_differences() == []


def test_row_21_every_part_of_a_refund_is_in_whole_cents_and_money_is_locked_before_notes():
    """Two halves of a cent would be stored as two cents; who settles invoices locks the money first."""
    customer, note = noted()
    advance = money.save_receipt(data=money_data(customer, 30, []), **BY)
    money.approve_receipt(receipt_id=advance.pk, **BY)
    data = RefundData("customer", customer.pk, fund().pk, DAY, D("0.01"))
    halves = [(note.pk, D("0.005")), (advance.pk, D("0.005"))]
    with refuses(ValidationRefused, "whole cents"):
        refunds.save_refund(data=RefundData(**{**vars(data), "sources": halves}), **BY)
    made = refunds.save_refund(data=RefundData(**{**vars(data), "amount": D(90)}), **BY)
    with CaptureQueriesContext(connection) as seen:
        refunds.approve_refund(refund_id=made.pk, **BY)
    waits = [query["sql"] for query in seen if "FOR NO KEY UPDATE" in query["sql"]]
    tables = [
        name for sql in waits for name in ("invoicing_receipt", "invoicing_sales_invoice") if f'FROM "{name}"' in sql
    ]
    assert tables == ["invoicing_receipt", "invoicing_sales_invoice"]
    assert all_differences() == []
