"""Invoices: drafts over goods, the three-way match, taking back."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.invoicing import selectors
from backend.invoicing.events import PurchaseInvoiceDiffers
from backend.invoicing.models import PurchaseInvoice, SalesInvoice
from backend.invoicing.services import money, purchase_invoices, sales_invoices
from backend.invoicing.services.drafts import CannotSaveInvoice, InvoiceData, InvoiceLineInput
from backend.invoicing.services.sides import PURCHASES, SALES
from backend.invoicing.services.undoing import CannotUnapproveInvoice
from backend.kernel import events, links
from backend.kernel.actor import Actor
from backend.kernel.errors import (
    IllegalTransition,
    NotFoundRefused,
    PermissionRefused,
    Refusal,
    StaleVersion,
    ValidationRefused,
)
from backend.kernel.ids import uuid7
from tests.factories.accounting import AT, DAY, D, make_item, make_party
from tests.factories.invoicing import ROBOT, buy, deliver, draft, money_data, over, receive, sell, take_back_receipt

BUYER = Actor(kind="staff", name="Buyer", permissions=frozenset())
CHIEF = Actor(kind="staff", name="Chief", permissions=frozenset({"invoicing.purchase_invoice.accept_difference"}))


@pytest.fixture
def supplier(tenant):
    return make_party("Supplier", supplier=True, days=45)


@pytest.fixture
def customer(tenant):
    return make_party("Customer", customer=True)


@pytest.fixture
def item(tenant):
    return make_item()


@pytest.fixture
def receipt(supplier, item):
    return receive(supplier, [(item, 60, 10)])


def approve(invoice, actor=ROBOT, **more):
    return purchase_invoices.approve_invoice(invoice_id=invoice.pk, actor=actor, at=AT, **more)


class TestDrafts:
    def test_a_line_over_goods_takes_everything_from_them(self, supplier, item, receipt):
        invoice = draft("purchases", supplier, [receipt])
        line = invoice.lines.get()
        assert (line.qty, line.net_amount, line.tax_amount, line.gross_amount) == (60, 600, 78, 678)
        assert (line.source_number, line.item, line.tax_rate) == (receipt.number, item, 13)
        assert (invoice.net_amount, invoice.gross_amount) == (600, 678)
        assert invoice.number.startswith("CGFP-20261121-")
        assert links.targets_of(receipt.pk, "invoicing.purchase_invoice") == {invoice.pk}

    def test_what_is_on_a_draft_is_not_offered_twice(self, supplier, receipt):
        draft("purchases", supplier, [], lines=[over(receipt, 25)])
        assert draft("purchases", supplier, [receipt]).lines.get().qty == 35
        with pytest.raises(Refusal) as refused:
            draft("purchases", supplier, [receipt])
        assert refused.value.code == CannotSaveInvoice.code

    def test_shares_add_up_to_the_source_to_the_cent(self, supplier, item):
        receipt = receive(supplier, [(item, 3, "3.333333")])
        made = [draft("purchases", supplier, [], lines=[over(receipt, 1)]) for _ in range(3)]
        assert sum(invoice.gross_amount for invoice in made) == receipt.gross_amount

    def test_due_date_follows_order_then_party_then_hand(self, supplier, receipt):
        assert (draft("purchases", supplier, [receipt]).due_date - DAY).days == 30
        service = InvoiceLineInput(item_id=make_item(service=True).pk, qty=D(1), price=D(10))
        assert (draft("purchases", supplier, [], lines=[service]).due_date - DAY).days == 45
        own = draft("purchases", supplier, [], lines=[service], due_date=date(2026, 12, 1))
        assert own.due_date == date(2026, 12, 1)
        with pytest.raises(ValidationRefused):
            draft("purchases", supplier, [], lines=[service], due_date=date(2026, 11, 1))

    def test_every_wrong_line_is_named(self, supplier, customer, receipt):
        lines = [
            over(receipt, 0),
            InvoiceLineInput(item_id=uuid7()),
            InvoiceLineInput(item_id=make_item().pk, qty=D(1)),
        ]
        with pytest.raises(ValidationRefused) as refused:
            draft("purchases", supplier, [], lines=lines)
        assert [(problem.line, problem.field) for problem in refused.value.problems] == [
            (1, "qty"),
            (2, "item"),
            (3, "price"),
        ]

    def test_goods_of_another_party_and_unknown_goods(self, receipt):
        with pytest.raises(ValidationRefused):
            draft("purchases", make_party(supplier=True), [receipt])
        line = InvoiceLineInput(source_type="purchasing.receipt", source_line_id=uuid7())
        with pytest.raises(NotFoundRefused):
            draft("purchases", make_party(supplier=True), [], lines=[line])

    def test_a_customer_is_no_supplier(self, customer, receipt):
        with pytest.raises(ValidationRefused):
            draft("purchases", customer, [receipt])

    def test_changing_keeps_number_and_minds_the_version(self, supplier, receipt):
        invoice = draft("purchases", supplier, [receipt])
        data = InvoiceData(party_id=supplier.pk, doc_date=DAY, lines=[over(receipt, 5)], remark="half")
        same = purchase_invoices.save_invoice(data=data, invoice_id=invoice.pk, version=1, actor=ROBOT, at=AT)
        assert (same.number, same.net_amount, same.version) == (invoice.number, 50, 2)
        with pytest.raises(StaleVersion):
            purchase_invoices.save_invoice(data=data, invoice_id=invoice.pk, version=1, actor=ROBOT, at=AT)

    def test_the_same_tax_invoice_comes_once(self, supplier, receipt):
        first = draft("purchases", supplier, [], lines=[over(receipt, 1)], external_no="2644200")
        with pytest.raises(CannotSaveInvoice) as refused:
            draft("purchases", supplier, [], lines=[over(receipt, 1)], external_no=" 2644200 ")
        assert first.number in refused.value.message
        assert refused.value.code == "invoice_entered_twice"
        purchase_invoices.void_invoice(invoice_id=first.pk, actor=ROBOT, at=AT)
        assert draft("purchases", supplier, [], lines=[over(receipt, 1)], external_no="2644200")

    def test_saving_takes_a_fixed_number_of_statements(self, supplier):
        def statements(count):
            goods = receive(supplier, [(make_item(), 1, 10) for _ in range(count)])
            with CaptureQueriesContext(connection) as seen:
                draft("purchases", supplier, [goods])
            return len(seen)

        # one statement reads the lines of the receipt in the test itself
        assert statements(2) == statements(40) <= 18


class TestThreeWayMatch:
    def test_what_matches_is_approved(self, supplier, receipt):
        invoice = approve(draft("purchases", supplier, [receipt]))
        assert (invoice.approval, invoice.match_state) == ("approved", "matched")
        assert invoice.lines.get().match_state == "matched"
        assert selectors.invoiced_quantities([receipt.lines.get().pk]) == {receipt.lines.get().pk: 60}

    def test_a_higher_price_waits_with_its_difference(self, supplier, receipt, monkeypatch):
        heard = []
        monkeypatch.setitem(events._handlers["now"], PurchaseInvoiceDiffers, [lambda e, a: heard.append(e)])
        invoice = draft("purchases", supplier, [], lines=[over(receipt, price="11.865")])
        with pytest.raises(purchase_invoices.CannotApproveInvoice) as refused:
            approve(invoice, BUYER)
        problem = refused.value.problems[0]
        assert (problem.code, problem.line) == ("price_over", 1)
        assert "30.00" in problem.message
        invoice.refresh_from_db()
        assert (invoice.approval, invoice.match_state) == ("submitted", "discrepancy")
        assert invoice.lines.get().difference == [
            {"kind": "price_over", "expected": "600.00", "actual": "630.00", "gap": "30.00", "number": receipt.number}
        ]
        assert heard[0].lines == ((1, "price_over"),)

    def test_accepting_needs_the_right(self, supplier, receipt):
        invoice = draft("purchases", supplier, [], lines=[over(receipt, price="11.865")])
        with pytest.raises(PermissionRefused):
            approve(invoice, BUYER, accept_differences=True)
        approved = approve(invoice, CHIEF, accept_differences=True)
        assert (approved.approval, approved.match_state) == ("approved", "discrepancy")

    def test_within_the_tolerance_it_passes(self, supplier, receipt):
        from tests.posting.test_sources import set_mode

        set_mode("purchasing.price_tolerance_pct", 5)  # type: ignore[arg-type]
        invoice = draft("purchases", supplier, [], lines=[over(receipt, price="11.865")])
        assert approve(invoice, BUYER).match_state == "matched"

    def test_more_than_was_received_is_never_accepted(self, supplier, receipt):
        approve(draft("purchases", supplier, [], lines=[over(receipt, 40)]))
        invoice = draft("purchases", supplier, [], lines=[over(receipt, 21)])
        with pytest.raises(purchase_invoices.CannotApproveInvoice) as refused:
            approve(invoice, CHIEF, accept_differences=True)
        problem = refused.value.problems[0]
        assert problem.code == "qty_over"
        assert "20" in problem.message
        assert problem.way_out

    def test_goods_without_receipt_and_another_tax_rate(self, supplier, receipt, item):
        lines = [InvoiceLineInput(item_id=item.pk, qty=D(1), price=D(10)), over(receipt, 5, tax_rate=D(9))]
        with pytest.raises(purchase_invoices.CannotApproveInvoice) as refused:
            approve(draft("purchases", supplier, [], lines=lines))
        assert [problem.code for problem in refused.value.problems] == ["not_received", "price_over", "tax_rate"]

    def test_a_receipt_that_was_taken_back(self, supplier, receipt):
        invoice = draft("purchases", supplier, [receipt])
        take_back_receipt(receipt)
        with pytest.raises(purchase_invoices.CannotApproveInvoice) as refused:
            approve(invoice)
        assert refused.value.problems[0].code == "receipt_not_approved"

    def test_approving_twice(self, supplier, receipt):
        invoice = approve(draft("purchases", supplier, [receipt]))
        with pytest.raises(IllegalTransition):
            approve(invoice)

    def test_approval_takes_a_fixed_number_of_statements(self, supplier):
        def statements(count):
            goods = receive(supplier, [(make_item(), 1, 10) for _ in range(count)])
            invoice = draft("purchases", supplier, [goods])
            with CaptureQueriesContext(connection) as seen:
                approve(invoice)
            return len(seen)

        statements(1)
        assert statements(2) == statements(40) <= 45


class TestSalesInvoices:
    @pytest.fixture
    def delivery(self, supplier, customer, item):
        receive(supplier, [(item, 100, 10)])
        return deliver(customer, [(item, 10, 20)])

    def test_no_more_than_was_delivered(self, customer, delivery):
        sell(customer, lines=[over(delivery, 8)])
        invoice = draft("sales", customer, [], lines=[over(delivery, 3)])
        with pytest.raises(sales_invoices.CannotApproveInvoice) as refused:
            sales_invoices.approve_invoice(invoice_id=invoice.pk, actor=ROBOT, at=AT)
        assert refused.value.problems[0].way_out == "Lower the quantity to 2."

    def test_cost_and_margin_are_kept(self, customer, delivery):
        invoice = sell(customer, lines=[over(delivery, 4)])
        line = invoice.lines.get()
        assert (line.net_amount, line.cost_amount) == (80, 40)

    def test_money_stands_in_the_way_of_taking_back(self, customer, delivery):
        invoice = sell(customer, delivery)
        receipt = money.save_receipt(data=money_data(customer, 100, [(invoice, 100)]), actor=ROBOT, at=AT)
        money.approve_receipt(receipt_id=receipt.pk, actor=ROBOT, at=AT)
        with pytest.raises(CannotUnapproveInvoice) as refused:
            sales_invoices.unapprove_invoice(invoice_id=invoice.pk, actor=ROBOT, at=AT)
        assert [link.number for link in refused.value.links] == [receipt.number]
        money.unapprove_receipt(receipt_id=receipt.pk, actor=ROBOT, at=AT)
        assert sales_invoices.unapprove_invoice(invoice_id=invoice.pk, actor=ROBOT, at=AT).approval == "draft"

    def test_services_need_no_delivery(self, customer):
        service = InvoiceLineInput(item_id=make_item(service=True, tax="VAT6").pk, qty=D(2), price=D(53))
        invoice = sell(customer, lines=[service])
        assert (invoice.net_amount, invoice.tax_amount) == (100, 6)


class TestWhoSeesWhat:
    def test_partners_see_their_own(self, supplier, customer, item, receipt):
        bought = buy(supplier, receipt)
        delivery = deliver(customer, [(item, 1, 20)])
        draft("sales", customer, [], lines=[over(delivery, D("0.5"))])
        sold = sell(customer, delivery)
        ours = Actor(kind="staff", name="x")
        theirs = Actor(kind="supplier", name="x", party_id=supplier.pk)
        client = Actor(kind="customer", name="x", party_id=customer.pk)
        stranger = Actor(kind="customer", name="x", party_id=make_party(customer=True).pk)
        assert selectors.sales_invoices_visible_to(ours).count() == 2
        assert list(selectors.sales_invoices_visible_to(client)) == [sold]
        assert not selectors.sales_invoices_visible_to(theirs).exists()
        assert list(selectors.purchase_invoices_visible_to(theirs)) == [bought]
        assert not selectors.purchase_invoices_visible_to(client).exists()
        with pytest.raises(NotFoundRefused):
            selectors.document_for(SalesInvoice, stranger, sold.number)
        with CaptureQueriesContext(connection) as seen:
            found = selectors.document_for(PurchaseInvoice, theirs, bought.number)
            assert [line.item.unit.code for line in found.lines.all()] == ["pcs"]
        assert len(seen) <= 6


class TestMoney:
    @pytest.fixture
    def invoices(self, supplier, customer, item):
        receive(supplier, [(item, 100, 10)])
        return [
            sell(customer, lines=[over(deliver(customer, [(item, 1, 100)]))], due_date=date(2026, 12, day))
            for day in (20, 5, 12)
        ]

    def test_the_oldest_due_is_settled_first(self, customer, invoices):
        proposed = money.propose_allocation(SALES, customer.pk, D(150))
        assert proposed == [(invoices[1].pk, 113), (invoices[2].pk, 37)]
        assert money.propose_allocation(PURCHASES, customer.pk, D(150)) == []

    def test_what_cannot_be_settled_is_named(self, customer, invoices):
        other = make_party(customer=True)
        for party, allocations, words in (
            (customer, [(invoices[0], 114)], "113.00 open"),
            (other, [(invoices[0], 10)], "another party"),
        ):
            receipt = money.save_receipt(data=money_data(party, 200, allocations), actor=ROBOT, at=AT)
            with pytest.raises(money.allocating.CannotAllocate, match=words):
                money.approve_receipt(receipt_id=receipt.pk, actor=ROBOT, at=AT)
        for allocations in (
            [(invoices[0], 100), (invoices[1], 101)],
            [(invoices[0], 1), (invoices[0], 1)],
            [(invoices[0], -1)],
        ):
            with pytest.raises(ValidationRefused):
                money.save_receipt(data=money_data(customer, 200, allocations), actor=ROBOT, at=AT)
        with pytest.raises(ValidationRefused):
            money.save_receipt(data=money_data(customer, 0), actor=ROBOT, at=AT)

    def test_one_receipt_for_many_invoices_and_many_for_one(self, customer, invoices):
        for amount in (50, 289):
            receipt = money.save_receipt(data=money_data(customer, amount, None), actor=ROBOT, at=AT)
            money.approve_receipt(receipt_id=receipt.pk, actor=ROBOT, at=AT)
        assert set(SalesInvoice.objects.values_list("settled", flat=True)) == {"full"}

    def test_approval_takes_a_fixed_number_of_statements(self, customer, invoices):
        def statements(amount):
            receipt = money.save_receipt(data=money_data(customer, amount, None), actor=ROBOT, at=AT)
            with CaptureQueriesContext(connection) as seen:
                money.approve_receipt(receipt_id=receipt.pk, actor=ROBOT, at=AT)
            return len(seen)

        statements(1)
        assert statements(5) == statements(300) <= 40
