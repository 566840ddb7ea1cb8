"""INV-13, voucher 38: goods at an agent stay ours until he says what he sold; value is conserved at every step."""

from decimal import Decimal as D

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounting.models import OpenItem, Voucher
from backend.inventory.errors import CannotIssueStock, CannotReverseMoves, CannotSaveStockDocument
from backend.inventory.models import Lot, Serial, StockBalance, Warehouse
from backend.inventory.selectors.pieces import state_of
from backend.inventory.selectors.recall import shipped_of
from backend.inventory.services import naming
from backend.invoicing.models import FundAccount, SalesInvoice
from backend.invoicing.services import money, sales_invoices
from backend.invoicing.services.drafts import InvoiceData, InvoiceLineInput
from backend.invoicing.services.money import MoneyData
from backend.invoicing.services.sales_invoices import CannotApproveInvoice
from backend.kernel import links
from backend.kernel.actor import Actor
from backend.kernel.errors import Refusal, ValidationRefused
from backend.posting.reconciliation import all_differences
from backend.processes.movements import CUSTOMER, movements_of
from backend.processes.recall import recall_lot, recall_of
from backend.sales.selectors.consignments import consigned_with
from backend.sales.services import consignments
from backend.sales.services.consignment_reports import report_sold
from backend.sales.services.inputs import ConsignmentLineInput
from tests.accounting.test_concurrency import in_threads
from tests.factories.availability import assert_sound
from tests.factories.catalog import make_item
from tests.factories.inventory import AT, SYSTEM, TODAY, balance_of, main_warehouse, refuses, stock_up
from tests.factories.parties import make_customer, make_supplier
from tests.factories.serials import pieces, serial_item

BY = {"actor": SYSTEM, "at": AT}
inside = pytest.mark.usefixtures("tenant")


def save(kind, customer, *lines, **more):
    given = [ConsignmentLineInput(item.pk, D(str(qty)), *(D(str(p)) for p in price)) for item, qty, *price in lines]
    return consignments.save_consignment(
        kind=kind, customer_id=customer.pk, warehouse_id=main_warehouse().pk, doc_date=TODAY, lines=given, **BY, **more
    )


def book(kind, customer, *lines):
    return consignments.approve_consignment(document_id=save(kind, customer, *lines).pk, **BY)


def location(customer):
    return Warehouse.objects.get(kind="customer", party=customer)


def booked(document):
    return [
        (line.account.code, line.debit, line.credit)
        for voucher in Voucher.objects.filter(source_id=document.pk, reverses=None).order_by("serial")
        for line in voucher.lines.select_related("account").order_by("line_no")
    ]


@inside
def test_out_sold_and_back():
    """10 at 6 go out (60 on 1406); 4 sold at 11.30 each (gross 45.20, VAT 5.20, cost 24); 5 come back (30); 1 stays (6)."""
    agent, item = make_customer(), make_item()
    stock_up(item, 20, 120)
    out = book("out", agent, (item, 10))
    assert booked(out) == [("1406", 60, 0), ("1405", 0, 60)]
    there = location(agent)
    assert [(b.on_hand, b.value) for b in (balance_of(item), balance_of(item, there))] == [(10, 60), (10, 60)]
    sold = book("sold", agent, (item, 4, "11.30"))
    assert (sold.net_amount, sold.tax_amount, sold.gross_amount, sold.cost_amount) == (40, D("5.20"), D("45.20"), 24)
    invoice = invoice_of(sold)
    assert (invoice.gross_amount, invoice.doc_date, invoice.is_approved) == (D("45.20"), TODAY, True)
    assert [(code[:4], debit, credit) for code, debit, credit in [*booked(invoice), *booked(sold)]] == [
        ("1122", D("45.20"), 0),
        ("5001", 0, 40),
        ("2221", 0, D("5.20")),
        ("5401", 24, 0),
        ("1406", 0, 24),
    ]
    assert [item.amount for item in OpenItem.objects.filter(party=agent)] == [D("45.20")]
    twice = InvoiceLineInput(source_type=sold.DOC_TYPE, source_line_id=sold.lines.get().pk, qty=D(1))
    with refuses(CannotApproveInvoice):
        again = sales_invoices.save_invoice(data=InvoiceData(agent.pk, TODAY, [twice]), **BY)
        sales_invoices.approve_invoice(invoice_id=again.pk, **BY)
    stated = list(movements_of(CUSTOMER, agent.pk, TODAY, TODAY))
    assert [(row.source_number, row.amount) for row in stated] == [(sold.number, D("45.20"))]
    back = book("back", agent, (item, 5))
    assert booked(back) == [("1406", -30, 0), ("1405", 0, -30)]
    assert [(b.on_hand, b.value) for b in (balance_of(item), balance_of(item, there))] == [(15, 90), (1, 6)]
    assert all_differences() == []
    with refuses(CannotReverseMoves):
        consignments.unapprove_consignment(document_id=out.pk, **BY)
    for document in (back, sold, out):
        consignments.unapprove_consignment(document_id=document.pk, **BY)
    assert (balance_of(item).on_hand, balance_of(item).value, balance_of(item, there).on_hand) == (20, 120, 0)
    assert not OpenItem.objects.filter(party=agent, open_amount__gt=0).exists()
    assert SalesInvoice.objects.get(pk=invoice.pk).approval == "voided"
    assert all_differences() == []
    assert_sound()


def invoice_of(sold):
    return SalesInvoice.objects.get(pk__in=links.targets_of(sold.pk, SalesInvoice.DOC_TYPE))


@inside
def test_an_invoice_that_is_corrected_books_nothing_twice():
    """INV-13: the invoice alone is taken back and approved again; paid, it keeps its settlement from being taken back."""
    agent, item = make_customer(), make_item()
    stock_up(item, 20, 120)
    book("out", agent, (item, 10))
    sold = book("sold", agent, (item, 4, "11.30"))
    invoice = invoice_of(sold)
    sales_invoices.unapprove_invoice(invoice_id=invoice.pk, **BY)
    assert all_differences() == []
    sales_invoices.approve_invoice(invoice_id=invoice.pk, **BY)
    assert [(code[:4], debit) for code, debit, _credit in booked(invoice) if debit] == [("1122", D("45.20"))] * 2
    assert all_differences() == []
    paid = MoneyData(agent.pk, FundAccount.objects.first().pk, TODAY, D(20), allocations=None)
    money.approve_receipt(receipt_id=money.save_receipt(data=paid, **BY).pk, **BY)
    with refuses(Refusal):
        consignments.unapprove_consignment(document_id=sold.pk, **BY)
    assert OpenItem.objects.get(source_id=invoice.pk, voided=False).open_amount == D("25.20")


@inside
def test_a_recall_reaches_the_agent_and_his_goods_come_back():
    """INV-13, M-05: he has what he sold and what lies with him; a lot on hold is not sold, and comes back."""
    agent, item = make_customer(), make_item(lot_tracked=True)
    stock_up(item, 20, 120, lot_no="L1")
    lot = Lot.objects.get(item=item)
    book("out", agent, (item, 10))
    sold = book("sold", agent, (item, 4, 20))
    undone = book("sold", agent, (item, 1, 20))
    consignments.unapprove_consignment(document_id=undone.pk, **BY)
    assert [(row.party_id, row.qty) for row in recall_of(lot.pk).holders] == [(agent.pk, 10)]
    book("back", agent, (item, 2))
    assert [(row.name, row.lot_no, row.qty) for row in shipped_of([lot.pk])] == [(agent.name, "L1", 8)]
    recall_lot(lot_id=lot.pk, reason="mould", **BY)
    with refuses(CannotIssueStock):
        book("sold", agent, (item, 1, 20))
    back = save("back", agent, (item, 4))
    back.lines.update(lot=lot)
    consignments.approve_consignment(document_id=back.pk, **BY)
    assert [row.qty for row in recall_of(lot.pk).holders] == [4]
    assert (sold.approval, all_differences()) == ("approved", [])
    assert_sound()


@inside
def test_an_agent_reports_what_he_sold():
    """INV-13: no more than lies with him; priced by us; booked it is invoiced, refused he is told."""
    agent, other, item = make_customer(), make_customer(), make_item(lot_tracked=True)
    dear = make_item(sale_price=None)
    stock_up(item, 20, 120, lot_no="L1")
    stock_up(dear, 5, 50)
    lot = Lot.objects.get(item=item)
    seller = Actor("customer", "Agent", party_id=agent.pk, channel="portal")
    said = {"actor": seller, "at": AT}
    with refuses(CannotSaveStockDocument):
        report_sold(lines=[ConsignmentLineInput(item.pk, D(1), lot_id=lot.pk)], **said)
    book("out", agent, (item, 10), (dear, 1))
    made = report_sold(lines=[ConsignmentLineInput(item.pk, D(4), D(1), lot.pk)], **said)
    assert (made.approval, made.reported, made.gross_amount) == ("draft", True, 452)
    assert [(row.item.pk, row.unsold, row.free) for row in consigned_with(agent.pk) if row.lot] == [(item.pk, 10, 6)]
    assert not consigned_with(other.pk)
    with refuses(CannotSaveStockDocument, "6"):
        report_sold(lines=[ConsignmentLineInput(item.pk, D(7), lot_id=lot.pk)], **said)
    with refuses(CannotSaveStockDocument, "No price"):
        report_sold(lines=[ConsignmentLineInput(dear.pk, D(1))], **said)
    consignments.approve_consignment(document_id=made.pk, **BY)
    assert invoice_of(made).gross_amount == 452
    again = report_sold(lines=[ConsignmentLineInput(item.pk, D(6), lot_id=lot.pk)], **said)
    consignments.void_consignment(document_id=again.pk, reason="Two came back", **BY)
    assert [row.free for row in consigned_with(agent.pk) if row.lot] == [6]


@inside
def test_what_cannot_be_is_refused():
    agent, item, dear = make_customer(), make_item(), make_item(sale_price=None)
    stock_up(item, 5, 50)
    with refuses(CannotIssueStock):
        book("out", agent, (item, 6))
    book("out", agent, (item, 3))
    for kind in ("back", "sold"):
        with refuses(CannotIssueStock):
            book(kind, agent, (item, 4))
    with refuses(CannotSaveStockDocument):
        save("sold", agent, (dear, 1))
    with refuses(ValidationRefused):
        save("gone", agent, (item, 1))
    with refuses(ValidationRefused):
        save("out", make_supplier(), (item, 1))
    assert save("sold", agent, (item, 1)).gross_amount == 113  # the price on the item


@inside
def test_pieces_lie_at_the_agent_until_they_are_sold():
    agent, item = make_customer(), serial_item()
    pieces(item, "P1", "P2", value=40)
    for kind, number in (("out", "P2"), ("sold", "P2")):
        document = save(kind, agent, (item, 1))
        naming.name_serials(document=document, numbers={document.lines.get().pk: [number]}, **BY)
        consignments.approve_consignment(document_id=document.pk, **BY)
        piece = Serial.objects.get(item=item, serial_no="P2")
        assert state_of(piece) == {"out": "consignment", "sold": "with_customer"}[kind]


@inside
def test_the_number_of_statements_is_fixed():
    def statements(count):
        agent, items = make_customer(), [make_item() for _ in range(count)]
        for item in items:
            stock_up(item, 5, 50)
        book("out", agent, (items[0], 1))
        document = save("out", agent, *((item, 1) for item in items))
        with CaptureQueriesContext(connection) as caught:
            consignments.approve_consignment(document_id=document.pk, **BY)
        return len(caught)

    assert statements(1) == statements(12)


def test_many_settle_at_once(committed_tenant):
    """Twenty people settle two each of thirty: fifteen do, nothing is sold twice."""
    agent, item = make_customer(), make_item()
    stock_up(item, 30, 300)
    book("out", agent, (item, 30))

    def work(_number):
        try:
            book("sold", agent, (item, 2, 20))
        except Refusal:
            return "refused"
        return "sold"

    answers = in_threads(committed_tenant, 20, work)
    assert (answers.count("sold"), answers.count("refused")) == (15, 5), answers
    assert StockBalance.objects.get(item=item, warehouse=location(agent)).value == 0
    assert all_differences() == []
