"""4d: invoices before their goods. Dr 1402, VAT / Cr 2202.01; with the goods Dr 1405 / Cr 1402, at the invoice's price."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from backend.accounting.models import OpenItem, Period
from backend.inventory.models import StockBalance
from backend.invoicing.models import InvoicedArrival, PurchaseInvoice, PurchaseInvoiceLine
from backend.invoicing.services import purchase_invoices
from backend.invoicing.services.allowances import AllowanceData, AllowanceLineInput, allow, allowable
from backend.invoicing.services.drafts import InvoiceLineInput
from backend.kernel.errors import Refusal
from backend.posting import checks
from backend.processes.procure_to_pay import invoice_orders, invoice_receipts
from backend.processes.statements import propose_supplier_statement
from backend.purchasing.models import PurchaseOrder, PurchaseOrderLine, PurchaseReceipt
from backend.purchasing.selectors.receipts import lines_to_invoice
from backend.purchasing.services import orders, receipts
from backend.purchasing.services.inputs import LineInput, OrderData, ReceiptData, ReceiptLineInput
from tests.accounting.test_concurrency import in_threads
from tests.factories.accounting import AT, DAY, D, balance, make_item, make_party
from tests.factories.invoicing import ROBOT, buy, deliver, draft
from tests.factories.returns import send_back
from tests.posting.test_sources import agree, be_small_scale, lines_of, set_mode

BY = {"actor": ROBOT, "at": AT}


@pytest.fixture
def supplier(tenant):
    return make_party("Supplier", supplier=True)


def order_of(supplier, *lines) -> PurchaseOrder:
    """An approved order of (item, quantity, price with tax)."""
    inputs = [LineInput(item.pk, D(qty), price=D(price)) for item, qty, price in lines]
    made = orders.save_order(data=OrderData(supplier_id=supplier.pk, requested_date=DAY, lines=inputs), **BY)
    return orders.approve_order(order_id=made.pk, **BY)


@pytest.fixture
def order(supplier):
    """Ten at 10 without tax."""
    return order_of(supplier, (make_item(), 10, "11.30"))


def over_order(order, qty=None, price=None, line=0) -> InvoiceLineInput:
    row = list(order.lines.order_by("line_no"))[line]
    amounts = {"qty": None if qty is None else D(qty), "price": None if price is None else D(price)}
    return InvoiceLineInput(source_type="purchasing.order", source_line_id=row.pk, **amounts)


def bill(order, qty=None, price=None, **more) -> PurchaseInvoice:
    return buy(order.supplier, lines=[over_order(order, qty, price)], accept=True, **more)


def come(order, *quantities) -> PurchaseReceipt:
    rows = order.lines.order_by("line_no")
    lines = [ReceiptLineInput(row.pk, D(qty)) for row, qty in zip(rows, quantities, strict=False) if qty]
    return receipts.receive_order(order_id=order.pk, lines=lines, **BY)


def refusal_of(act) -> Refusal:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.problems[0] if refused.value.problems else refused.value


class TestVouchers:
    def test_in_transit_until_the_goods_come_at_the_invoices_price(self, supplier, order):
        invoice = bill(order, 10, "11.865")
        assert lines_of(invoice) == {"goods_in_transit": 105, "vat_input": D("13.65"), "ap_trade": D("-118.65")}
        assert OpenItem.objects.get().open_amount == D("118.65")
        agree()
        first = come(order, 4)
        assert lines_of(first) == {"inventory": 42, "goods_in_transit": -42}
        assert balance("goods_in_transit", supplier) == 63
        agree()
        second = come(order, 6)
        assert lines_of(second) == {"inventory": 63, "goods_in_transit": -63}
        assert balance("goods_in_transit", supplier) == balance("ap_grni", supplier) == 0
        assert {row.invoiced for row in PurchaseReceipt.objects.all()} == {"full"}
        order.refresh_from_db()
        assert (order.invoiced, order.received, order.closing) == ("full", "full", "auto_closed")
        agree()

    def test_the_rest_of_a_receipt_stays_estimated(self, supplier, order):
        bill(order, 6, "12.43")
        receipt = come(order, 10)
        assert lines_of(receipt) == {"inventory": 106, "goods_in_transit": -66, "ap_grni": -40}
        assert [row.to_invoice for row in lines_to_invoice(ROBOT)] == [4]
        agree()
        rest = invoice_receipts(receipt_ids=[receipt.pk], **BY)
        purchase_invoices.approve_invoice(invoice_id=rest.pk, **BY)
        assert lines_of(rest) == {"ap_grni": 40, "vat_input": D("5.20"), "ap_trade": D("-45.20")}
        agree()

    def test_cents_never_get_lost(self, supplier):
        order = order_of(supplier, (make_item(), 7, "1.117"))
        bill(order, "4.5", "1.23")
        bill(order, "2.5")
        for _turn in range(7):
            come(order, 1)
            agree()
        assert balance("goods_in_transit") == 0
        assert InvoicedArrival.objects.count() == 8

    def test_the_oldest_invoice_goes_first(self, supplier, order):
        bill(order, 5, "22.60")
        bill(order, 5, "11.30", day=DAY.replace(day=1))
        assert lines_of(come(order, 5))["inventory"] == 50

    def test_vat_that_is_not_deducted_is_in_transit_too(self, supplier, order):
        invoice = bill(order, 10, invoice_kind="vat_ordinary")
        assert lines_of(invoice) == {"goods_in_transit": 113, "ap_trade": -113}
        assert lines_of(come(order, 10))["inventory"] == 113
        agree()

    def test_a_small_scale_taxpayer(self, supplier, order):
        be_small_scale()
        set_mode("accounting.taxpayer_type", "small_scale")
        bill(order, 5)
        assert lines_of(come(order, 10)) == {"inventory": 113, "goods_in_transit": D("-56.50"), "ap_grni": D("-56.50")}
        agree()

    def test_where_receipts_open_payables(self, supplier, order):
        set_mode("accounting.settlement_mode", "delivery")
        bill(order, 6, "12.43")
        receipt = come(order, 10)
        wanted = {"inventory": 106, "goods_in_transit": -66, "vat_input": D("5.20"), "ap_trade": D("-45.20")}
        assert lines_of(receipt) == wanted
        assert sum(row.open_amount for row in OpenItem.objects.all()) == D("119.78") == -balance("ap_trade", supplier)
        agree()
        send_back(receipt, 3)
        agree()

    def test_a_service_is_expense_at_once_and_not_invoiced_twice(self, supplier):
        order = order_of(supplier, (make_item(service=True, tax="VAT6"), 1, "106"))
        assert lines_of(bill(order)) == {"admin_expense": 100, "vat_input": 6, "ap_trade": -106}
        come(order, 1)
        assert not lines_to_invoice(ROBOT).exists()
        agree()


class TestMatch:
    def test_no_more_than_is_ordered_and_not_invoiced(self, supplier, order):
        bill(order, 7)
        problem = refusal_of(lambda: bill(order, 4))
        assert (problem.code, problem.value, problem.field) == ("order_over", 4, "qty")
        assert problem.way_out
        assert PurchaseOrderLine.objects.get().ahead_qty == 7

    def test_what_came_is_invoiced_over_its_receipt(self, supplier, order):
        come(order, 4)
        assert refusal_of(lambda: bill(order, 7)).code == "order_over"
        bill(order, 6)
        assert lines_of(come(order, 6)) == {"inventory": 60, "goods_in_transit": -60}
        agree()

    def test_a_price_above_the_order_waits_among_the_discrepancies(self, supplier, order):
        made = draft("purchases", supplier, [], lines=[over_order(order, 10, "12")])
        problem = refusal_of(lambda: purchase_invoices.approve_invoice(invoice_id=made.pk, **BY))
        assert problem.code == "price_over"
        made.refresh_from_db()
        assert (made.match_state, made.approval) == ("discrepancy", "submitted")

    def test_an_order_that_does_not_bind_is_not_invoiced(self, supplier, order):
        made = draft("purchases", supplier, [], lines=[over_order(order, 10)])
        PurchaseOrder.objects.update(approval="draft")
        problem = refusal_of(lambda: purchase_invoices.approve_invoice(invoice_id=made.pk, **BY))
        assert (problem.code, bool(problem.way_out)) == ("order_not_approved", True)

    def test_processors_are_invoiced_with_what_they_made(self, supplier, order):
        PurchaseOrder.objects.update(kind="subcontract")
        assert refusal_of(lambda: bill(order, 1)).code == "order_over"
        assert refusal_of(lambda: invoice_orders(order_ids=[order.pk], **BY)).code == "nothing_to_invoice"


class TestTakingBack:
    def test_the_receipt_returns_what_was_in_transit(self, supplier, order):
        bill(order, 6, "12.43")
        receipt = come(order, 10)
        receipts.unapprove_receipt(receipt_id=receipt.pk, **BY)
        assert balance("goods_in_transit", supplier) == 66
        assert balance("inventory") == balance("ap_grni", supplier) == 0
        assert not InvoicedArrival.objects.exists()
        line = PurchaseOrderLine.objects.get()
        assert (line.ahead_qty, line.invoiced_qty, line.received_qty) == (6, 6, 0)
        agree()
        receipts.approve_receipt(receipt_id=receipt.pk, **BY)
        assert lines_of(receipt) == {"inventory": 106, "goods_in_transit": -66, "ap_grni": -40}
        agree()

    def test_the_invoice_stays_while_goods_took_it(self, supplier, order):
        invoice = bill(order, 6)
        receipt = come(order, 2)
        problem = refusal_of(lambda: purchase_invoices.unapprove_invoice(invoice_id=invoice.pk, **BY))
        assert (problem.code, problem.value) == ("goods_have_come", receipt.number)
        assert [link.number for link in problem.links] == [receipt.number]
        receipts.unapprove_receipt(receipt_id=receipt.pk, **BY)
        purchase_invoices.unapprove_invoice(invoice_id=invoice.pk, **BY)
        assert balance("goods_in_transit") == balance("ap_trade") == balance("vat_input") == 0
        order.refresh_from_db()
        assert (order.invoiced, PurchaseOrderLine.objects.get().ahead_qty) == ("none", 0)
        agree()
        assert lines_of(come(order, 2)) == {"inventory": 20, "ap_grni": -20}

    def test_a_draft_receipt_takes_what_was_invoiced_meanwhile(self, supplier, order):
        lines = [ReceiptLineInput(order.lines.get().pk, D(10))]
        receipt = receipts.save_receipt(data=ReceiptData(lines=lines), **BY)
        bill(order, 10, "11.865")
        receipts.approve_receipt(receipt_id=receipt.pk, **BY)
        assert lines_of(receipt) == {"inventory": 105, "goods_in_transit": -105}
        agree()

    def test_goods_that_go_back_are_taken_off_their_invoice(self, supplier, order):
        invoice = bill(order, 6, "12.43")
        receipt = come(order, 10)
        send_back(receipt, 2)
        agree()
        assert not PurchaseInvoice.objects.filter(gross_amount__lt=0).exists(), "what was not invoiced goes first"
        send_back(receipt, 5)
        agree()
        note = PurchaseInvoice.objects.get(gross_amount__lt=0)
        assert (note.lines.get().qty, note.gross_amount) == (-3, D("-33.90"))
        invoice.refresh_from_db()
        assert invoice.settled_amount == D("33.90")
        assert balance("ap_grni", supplier) == balance("goods_in_transit") == 0
        assert not lines_to_invoice(ROBOT).exists()


def lower(invoice, *amounts, approve=True) -> PurchaseInvoice:
    """An allowance of so much, tax included, on the invoice's lines."""
    given = [AllowanceLineInput(row.pk, D(amount)) for row, amount in zip(invoice.lines.all(), amounts, strict=True)]
    note = allow(invoice_id=invoice.pk, data=AllowanceData(DAY, given), **BY)
    return purchase_invoices.approve_invoice(invoice_id=note.pk, **BY) if approve else note


class TestAllowances:
    """Row 8 before row 4d: goods that were invoiced before they came cost less afterwards."""

    def test_goods_still_to_come_come_for_less(self, supplier, order):
        """10 at 10 invoiced; 22.60 back are 20 and 2.60 of VAT: 80 in transit, 8 a piece when they come."""
        invoice = bill(order, 10)
        note = lower(invoice, "22.60")
        assert lines_of(note) == {"goods_in_transit": -20, "vat_input_reversal": D("-2.60"), "ap_trade": D("22.60")}
        invoice.refresh_from_db()
        assert invoice.open_amount == D("90.40")
        agree()
        assert [lines_of(come(order, qty)) for qty in (4, 6)] == [
            {"inventory": 32, "goods_in_transit": -32},
            {"inventory": 48, "goods_in_transit": -48},
        ]
        agree()

    def test_what_is_here_and_what_is_to_come_share_it(self, supplier, order):
        """4 of 10 came, 3 of them were sold: of 20, 12 are of the six to come, 8 of the four: 2 in stock, 6 cost of sales."""
        invoice = bill(order, 10)
        come(order, 4)
        deliver(make_party("Customer"), [(order.lines.get().item, 3, 20)])
        note = lower(invoice, "22.60")
        assert [(row.source_type, row.gross_amount) for row in note.lines.order_by("line_no")] == [
            ("purchasing.order", D("-13.56")),
            ("purchasing.receipt", D("-9.04")),
        ]
        assert {
            role: value for role, value in lines_of(note).items() if role in {"goods_in_transit", "inventory", "cogs"}
        } == {
            "goods_in_transit": -12,
            "inventory": -2,
            "cogs": -6,
        }
        agree()
        receipt = come(order, 6)
        assert lines_of(receipt) == {"inventory": 48, "goods_in_transit": -48}
        assert StockBalance.objects.get().value == 56
        problem = refusal_of(lambda: purchase_invoices.unapprove_invoice(invoice_id=note.pk, **BY))
        assert (problem.code, problem.value) == ("goods_have_come", receipt.number)
        receipts.unapprove_receipt(receipt_id=receipt.pk, **BY)
        purchase_invoices.unapprove_invoice(invoice_id=note.pk, **BY)
        assert balance("goods_in_transit", supplier) == 60
        agree()
        assert lines_of(come(order, 6)) == {"inventory": 60, "goods_in_transit": -60}
        agree()

    def test_never_more_than_was_invoiced_and_not_given_back(self, supplier, order):
        """Ten came, three went back (33.90 of 113): 79.10 may be allowed; of two drafts over it one is booked."""
        invoice = bill(order, 10)
        drafts = [lower(invoice, 113, approve=False) for _turn in range(2)]
        receipt = come(order, 10)
        for draft_ in drafts:  # over goods to come, which are here now
            assert (
                refusal_of(lambda d=draft_: purchase_invoices.approve_invoice(invoice_id=d.pk, **BY)).code
                == "allowed_over"
            )
        send_back(receipt, 3)
        assert refusal_of(lambda: lower(invoice, "79.11")).field == "amount"
        first, second = (lower(invoice, "79.10", approve=False) for _turn in range(2))
        purchase_invoices.approve_invoice(invoice_id=first.pk, **BY)
        assert refusal_of(lambda: purchase_invoices.approve_invoice(invoice_id=second.pk, **BY)).code == "allowed_over"
        assert StockBalance.objects.get().value == 0
        agree()

    def test_two_invoices_of_one_order_are_lowered_apart(self, supplier, order):
        """6 at 10, then 4 at 11; all 44 (49.72) of the second: the first six come at 10, the other four for nothing."""
        bill(order, 6)
        second = bill(order, 4, "12.43", day=DAY + timedelta(days=1))
        assert [left for _line, left in allowable(second)] == [D("49.72")]
        lower(second, "49.72")
        assert lines_of(come(order, 6))["inventory"] == 60
        come(order, 4)
        assert StockBalance.objects.get().value == 60
        agree()

    def test_where_vat_is_cost_and_where_receipts_open_payables(self, supplier, order):
        set_mode("accounting.settlement_mode", "delivery")
        invoice = bill(order, 10, invoice_kind="vat_ordinary")
        note = lower(invoice, "13")
        assert lines_of(note) == {"goods_in_transit": -13, "ap_trade": 13}
        assert lines_of(come(order, 10)) == {"inventory": 100, "goods_in_transit": -100}
        agree()

    def test_a_service_is_expense_the_other_way(self, supplier):
        order = order_of(supplier, (make_item(service=True, tax="VAT6"), 1, "106"))
        note = lower(bill(order), "10.60")
        assert lines_of(note) == {"admin_expense": -10, "vat_input_reversal": D("-0.60"), "ap_trade": D("10.60")}
        agree()


class TestWillNotCome:
    """Goods that were invoiced before they came and never will: credited where they are, in transit."""

    @staticmethod
    def credit(invoice, qty, *, approve=True, line=0) -> PurchaseInvoice:
        given = [AllowanceLineInput(invoice.lines.order_by("line_no")[line].pk, qty=D(qty))]
        note = allow(invoice_id=invoice.pk, data=AllowanceData(DAY, given, external_no=f"RED-{qty}"), **BY)
        return purchase_invoices.approve_invoice(invoice_id=note.pk, **BY) if approve else note

    def test_they_leave_goods_in_transit_and_the_order_can_be_closed(self, supplier, order):
        """10 at 10.50 invoiced, 7 came and were sold: 3 (31.50 and 4.10 of VAT) are credited; the order is closed."""
        invoice = bill(order, 10, "11.865")
        come(order, 7)
        deliver(make_party("Customer"), [(order.lines.get().item, 7, 20)])
        note = self.credit(invoice, 3)
        assert lines_of(note) == {"goods_in_transit": D("-31.50"), "vat_input": D("-4.10"), "ap_trade": D("35.60")}
        assert balance("goods_in_transit", supplier) == 0
        line = PurchaseOrderLine.objects.get()
        assert (line.ahead_qty, line.invoiced_qty) == (0, 7)
        invoice.refresh_from_db()
        assert invoice.open_amount == D("83.05")
        agree()
        orders.close_order(order_id=order.pk, **BY)
        problem = refusal_of(lambda: purchase_invoices.unapprove_invoice(invoice_id=note.pk, **BY))
        assert (problem.code, problem.document) == ("order_wants_less", order.number)
        orders.reopen_order(order_id=order.pk, **BY)
        purchase_invoices.unapprove_invoice(invoice_id=note.pk, **BY)
        assert balance("goods_in_transit", supplier) == D("31.50")
        agree()
        assert lines_of(come(order, 3)) == {"inventory": D("31.50"), "goods_in_transit": D("-31.50")}
        agree()

    def test_no_more_than_is_to_come(self, supplier, order):
        invoice = bill(order, 6)
        drafts = [self.credit(invoice, qty, approve=False) for qty in (5, 6)]
        assert refusal_of(lambda: self.credit(invoice, 7)).field == "qty"
        both = [AllowanceLineInput(invoice.lines.get().pk, D(1)), AllowanceLineInput(invoice.lines.get().pk, qty=D(1))]
        assert refusal_of(lambda: allow(invoice_id=invoice.pk, data=AllowanceData(DAY, both), **BY)).field == "qty"
        purchase_invoices.approve_invoice(invoice_id=drafts[0].pk, **BY)
        problem = refusal_of(lambda: purchase_invoices.approve_invoice(invoice_id=drafts[1].pk, **BY))
        assert (problem.code, problem.value) == ("not_to_come", 6)
        problem = refusal_of(lambda: purchase_invoices.unapprove_invoice(invoice_id=invoice.pk, **BY))
        assert drafts[0].number in problem.message
        assert lines_of(come(order, 6)) == {"inventory": 60, "goods_in_transit": -10, "ap_grni": -50}
        agree()

    def test_what_was_allowed_on_them_is_not_credited_twice(self, supplier, order):
        """10 at 10, 20 of it allowed: 5 that do not come are 40 of the 80 that are left."""
        invoice = bill(order, 10)
        lower(invoice, "22.60")
        assert lines_of(self.credit(invoice, 5))["goods_in_transit"] == -40
        assert lines_of(come(order, 5))["inventory"] == 40
        agree()

    def test_a_service_that_is_not_rendered(self, supplier):
        order = order_of(supplier, (make_item(service=True, tax="VAT6"), 2, "106"))
        note = self.credit(bill(order), 1)
        assert lines_of(note) == {"admin_expense": -100, "vat_input": -6, "ap_trade": 106}
        agree()

    def test_statements_of_account_count_it_once(self, supplier):
        """By the order 1.11 a piece: 3 invoiced at 1.20, one does not come: 2 are owed."""
        order = order_of(supplier, (make_item(), 3, "1.11"))
        invoice = bill(order, 3, "1.20")
        self.credit(invoice, 1)
        receipt = come(order, 2)
        period = {"period_from": DAY.replace(day=1), "period_to": max(receipt.doc_date, DAY)}
        made = propose_supplier_statement(party_id=supplier.pk, **period, **BY)
        assert made.closing_amount == -balance("ap_trade", supplier) == D("2.40")


def test_a_statement_of_account_comes_to_what_is_owed(supplier):
    """Goods by the order, the invoice's difference besides: once all is here and invoiced, the ledger's balance."""
    order = order_of(supplier, (make_item(), 3, "3.3333"), (make_item(), 7, "1.17"))
    lines = [over_order(order, 2, "3.51"), over_order(order, 7, line=1)]
    buy(supplier, lines=lines, accept=True)
    received = [come(order, 1, 3), come(order, 2, 4)]
    rest = invoice_receipts(receipt_ids=[row.pk for row in received], **BY)
    purchase_invoices.approve_invoice(invoice_id=rest.pk, **BY)
    period = {"period_from": DAY.replace(day=1), "period_to": max(row.doc_date for row in received)}
    made = propose_supplier_statement(party_id=supplier.pk, **period, **BY)
    assert made.closing_amount == -balance("ap_trade", supplier)


def test_the_close_compares_and_warns(supplier, order):
    bill(order, 6)
    period = Period.objects.get(code="2026-11")
    agrees, waits = checks.transit_agrees(period), checks.invoiced_is_received(period)
    assert (agrees.count, agrees.blocks) == (0, True)
    assert (waits.count, waits.blocks, waits.detail) == (1, False, "60.00")
    InvoicedArrival.objects.create(
        invoice_line=PurchaseInvoice.objects.get().lines.get(),
        receipt_id=order.pk,
        receipt_number="X",
        receipt_line_id=order.pk,
        qty=1,
        value=10,
    )
    assert checks.transit_agrees(period).count == 1


def test_it_costs_a_statement_where_there_are_such_goods_and_none_elsewhere(supplier):
    def statements(ahead: bool) -> int:
        order = order_of(supplier, *[(make_item(), 10, "11.30") for _line in range(20)])
        if ahead:
            made = invoice_orders(order_ids=[order.pk], **BY)
            purchase_invoices.approve_invoice(invoice_id=made.pk, **BY)
        with CaptureQueriesContext(connection) as seen:
            come(order, *[5] * 20)
        return len(seen)

    statements(False)
    assert statements(True) - statements(False) == 1


def test_the_database_takes_no_more_off_an_invoice_than_it_has(supplier, order):
    """6 at 10 invoiced, 4 came: neither three more, nor a value above the 20 that are left."""
    line = bill(order, 6).lines.get()
    come(order, 4)
    named = {"invoice_line": line, "receipt_id": order.pk, "receipt_number": "X", "receipt_line_id": order.pk}
    for wrong in ({"qty": 3, "value": 1}, {"qty": 0, "value": D("20.01")}):
        with pytest.raises(IntegrityError), transaction.atomic():
            InvoicedArrival.objects.create(**named, **wrong)
    InvoicedArrival.objects.create(**named, qty=2, value=20)


def test_many_at_once_take_each_piece_once(committed_tenant):
    """Invoices, receipts and both taken back at once over the same orders: no deadlock, nothing twice, books agree."""
    supplier = make_party(supplier=True)
    items = [make_item(), make_item()]
    placed = [order_of(supplier, *[(item, 30, "11.30") for item in items]) for _order in range(2)]

    def work(number: int) -> str:
        order = placed[number % 2]
        try:
            if number % 4 == 0:
                lines = [over_order(placed[place], 4, "12.43", line=number // 4 % 2) for place in (1, 0)]
                invoice = buy(supplier, lines=lines, accept=True)
                if number % 8 == 0:
                    purchase_invoices.unapprove_invoice(invoice_id=invoice.pk, **BY)
            else:
                receipt = come(order, 3, 2)
                if number % 3 == 0:
                    receipts.unapprove_receipt(receipt_id=receipt.pk, **BY)
                elif number % 5 == 0:
                    invoice_receipts(receipt_ids=[receipt.pk], **BY)
        except Refusal:
            return "refused"
        return "done"

    assert set(in_threads(committed_tenant, 16, work)) <= {"done", "refused"}
    agree()
    for line in PurchaseOrderLine.objects.all():
        taken = sum(row.qty for row in InvoicedArrival.objects.filter(invoice_line__source_line_id=line.pk))
        ahead = PurchaseInvoiceLine.objects.filter(source_line_id=line.pk, document__approval="approved")
        assert line.ahead_qty == sum(row.qty for row in ahead) - taken
        assert line.invoiced_qty <= line.qty


def test_goods_sold_before_the_receipt_is_taken_back_are_named(supplier, order):
    bill(order, 10)
    receipt = come(order, 10)
    deliver(make_party("Customer"), [(order.lines.get().item, 9, 20)])
    assert refusal_of(lambda: receipts.unapprove_receipt(receipt_id=receipt.pk, **BY)).code
    assert StockBalance.objects.get().value == 10
    agree()
