"""Every document posts what the table of vouchers says, and the books agree with the documents afterwards."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backend.accounting.models import AccountRole, OpenItem, Voucher
from backend.inventory.models import StockBalance
from backend.inventory.services import opening
from backend.inventory.services.inputs import OpeningLineInput
from backend.invoicing.services import money, purchase_invoices, sales_invoices
from backend.invoicing.services.drafts import InvoiceLineInput
from backend.posting import checks, reconciliation
from backend.workflow.models import Setting
from tests.factories.accounting import AT, DAY, D, balance, make_item, make_party
from tests.factories.invoicing import (
    ROBOT,
    buy,
    deliver,
    draft,
    money_data,
    over,
    receive,
    sell,
    stock_value,
    take_back_delivery,
    take_back_receipt,
    warehouse,
)


def set_mode(key: str, value: str) -> None:
    from backend.workflow import parameters

    Setting.objects.update_or_create(
        key=key, defaults={"value": value, "updated_at": timezone.now(), "updated_by_name": ""}
    )
    parameters.forget_cached()


def be_small_scale() -> None:
    """Small-scale taxpayers have no account for input VAT."""
    AccountRole.objects.filter(role="vat_input").delete()


def agree() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    assert reconciliation.all_differences() == []
    stock = balance("inventory") + balance("raw_material") + balance("consumables")
    assert stock == stock_value() == sum(row.value for row in StockBalance.objects.all())


def lines_of(document) -> dict:
    """Role → debit − credit of the standing vouchers of a document."""
    found: dict = {}
    for voucher in Voucher.objects.filter(source_id=document.pk, reverses=None, reversed_by=None):
        for line in voucher.lines.select_related("account").prefetch_related("account__roles"):
            role = line.account.roles.first().role
            found[role] = found.get(role, D(0)) + line.debit - line.credit
    return found


@pytest.fixture
def supplier(tenant):
    return make_party("Supplier", supplier=True)


@pytest.fixture
def customer(tenant):
    return make_party("Customer", customer=True)


@pytest.fixture
def item(tenant):
    return make_item()


class TestOpeningStock:
    def test_inventory_against_opening_balance_and_red(self, tenant):
        goods, paper = make_item(), make_item(category="materials")
        document = opening.save_opening_stock(
            doc_date=DAY,
            warehouse_id=warehouse().pk,
            lines=[
                OpeningLineInput(goods.pk, D(3), value=D("100.10")),
                OpeningLineInput(paper.pk, D(5), unit_cost=D(10)),
            ],
            actor=ROBOT,
            at=AT,
        )
        opening.approve_opening_stock(document_id=document.pk, actor=ROBOT, at=AT)
        assert lines_of(document) == {"inventory": D("100.10"), "raw_material": 50, "opening_balance": D("-150.10")}
        agree()
        opening.unapprove_opening_stock(document_id=document.pk, actor=ROBOT, at=AT)
        assert balance("opening_balance") == balance("inventory") == 0
        agree()


class TestBuyingByInvoice:
    def test_receipt_is_an_estimate_without_vat(self, supplier, item):
        receipt = receive(supplier, [(item, 60, 10)])
        assert lines_of(receipt) == {"inventory": 600, "ap_grni": -600}
        assert balance("ap_grni", supplier) == -600
        assert not OpenItem.objects.exists()
        agree()

    def test_the_invoice_clears_the_estimate(self, supplier, item):
        receipt = receive(supplier, [(item, 60, 10)])
        invoice = buy(supplier, receipt)
        assert lines_of(invoice) == {"ap_grni": 600, "vat_input": 78, "ap_trade": -678}
        assert OpenItem.objects.get().open_amount == 678
        agree()

    def test_fin_03_variance_of_30_goes_to_stock_on_hand(self, supplier, item):
        receipt = receive(supplier, [(item, 60, 10)])
        invoice = buy(supplier, lines=[over(receipt, price="11.865")], accept=True)
        assert invoice.net_amount == 630
        assert lines_of(invoice) == {"ap_grni": 600, "inventory": 30, "vat_input": D("81.90"), "ap_trade": D("-711.90")}
        assert StockBalance.objects.get(item=item).value == 630
        agree()

    def test_the_sold_share_of_a_variance_is_cost_of_sales(self, supplier, customer, item):
        receipt = receive(supplier, [(item, 60, 10)])
        deliver(customer, [(item, 45, 20)])
        invoice = buy(supplier, lines=[over(receipt, price="11.865")], accept=True)
        assert lines_of(invoice)["inventory"] == D("7.50")
        assert lines_of(invoice)["cogs"] == D("22.50")
        assert balance("cogs") == D("472.50")
        agree()

    def test_when_all_is_sold_all_is_cost_of_sales(self, supplier, customer, item):
        receipt = receive(supplier, [(item, 60, 10)])
        deliver(customer, [(item, 60, 20)])
        buy(supplier, lines=[over(receipt, price="11.865")], accept=True)
        assert balance("cogs") == 630
        assert balance("inventory") == 0
        agree()

    def test_a_lower_price_follows_the_goods_too(self, supplier, customer, item):
        receipt = receive(supplier, [(item, 60, 10)])
        deliver(customer, [(item, 59, 20)])
        buy(supplier, lines=[over(receipt, price="0.113")])
        assert StockBalance.objects.get(item=item).value == D("0.10")
        assert balance("cogs") == D("5.90")
        agree()

    def test_partial_invoices_take_the_estimate_to_the_cent(self, supplier, item):
        receipt = receive(supplier, [(item, 3, "3.3333")])
        for _turn in range(3):
            buy(supplier, lines=[over(receipt, 1)])
            agree()
        assert balance("ap_grni", supplier) == 0

    def test_an_ordinary_invoice_makes_vat_cost(self, supplier, item):
        receipt = receive(supplier, [(item, 10, 10)])
        invoice = buy(supplier, receipt, invoice_kind="vat_ordinary")
        assert lines_of(invoice) == {"ap_grni": 100, "inventory": 13, "ap_trade": -113}
        agree()

    def test_a_small_scale_taxpayer_deducts_nothing(self, supplier, item):
        be_small_scale()
        receipt = receive(supplier, [(item, 10, 10)], gross_value=True)
        assert lines_of(receipt) == {"inventory": 113, "ap_grni": -113}
        invoice = buy(supplier, receipt)
        assert lines_of(invoice) == {"ap_grni": 113, "ap_trade": -113}
        agree()

    def test_a_service_is_expense(self, supplier):
        service = make_item(service=True, tax="VAT6")
        line = InvoiceLineInput(item_id=service.pk, qty=D(1), price=D(106))
        invoice = buy(supplier, lines=[line])
        assert lines_of(invoice) == {"admin_expense": 100, "vat_input": 6, "ap_trade": -106}
        agree()

    def test_taken_back_it_leaves_the_books_as_they_were(self, supplier, item):
        receipt = receive(supplier, [(item, 60, 10)])
        invoice = buy(supplier, lines=[over(receipt, price="11.865")], accept=True)
        purchase_invoices.unapprove_invoice(invoice_id=invoice.pk, actor=ROBOT, at=AT)
        assert balance("ap_trade", supplier) == balance("vat_input") == 0
        assert balance("ap_grni", supplier) == -600
        assert balance("inventory") == 600
        agree()
        take_back_receipt(receipt)
        assert balance("inventory") == balance("ap_grni", supplier) == 0
        agree()

    def test_taken_back_after_a_sale_the_sold_share_leaves_cost_of_sales(self, supplier, customer, item):
        receipt = receive(supplier, [(item, 60, 10)])
        invoice = buy(supplier, lines=[over(receipt, price="11.865")], accept=True)
        deliver(customer, [(item, 40, 20)])
        assert balance("cogs") == 420
        purchase_invoices.unapprove_invoice(invoice_id=invoice.pk, actor=ROBOT, at=AT)
        assert balance("cogs") == 400
        assert balance("inventory") == 200
        agree()
        approved = purchase_invoices.approve_invoice(invoice_id=invoice.pk, actor=ROBOT, at=AT, accept_differences=True)
        assert balance("cogs") == 420
        agree()
        purchase_invoices.unapprove_invoice(invoice_id=approved.pk, actor=ROBOT, at=AT)
        assert balance("cogs") == 400
        agree()


class TestBuyingByReceipt:
    @pytest.fixture(autouse=True)
    def _mode(self, tenant):
        set_mode("accounting.settlement_mode", "delivery")

    def test_the_receipt_is_the_payable_and_the_invoice_takes_its_place(self, supplier, item):
        receipt = receive(supplier, [(item, 10, 10)])
        assert lines_of(receipt) == {"inventory": 100, "vat_input": 13, "ap_trade": -113}
        item_of_receipt = OpenItem.objects.get()
        assert (item_of_receipt.open_amount, (item_of_receipt.due_date - DAY).days) == (113, 30)
        agree()
        invoice = buy(supplier, receipt)
        assert lines_of(invoice) == {}
        assert OpenItem.objects.get(source_id=receipt.pk).open_amount == 0
        assert OpenItem.objects.get(source_id=invoice.pk, purpose="").open_amount == 113
        agree()

    def test_another_price_posts_the_difference(self, supplier, item):
        receipt = receive(supplier, [(item, 10, 10)])
        invoice = buy(supplier, lines=[over(receipt, 5, price="12.43")], accept=True)
        assert lines_of(invoice) == {"inventory": 5, "vat_input": D("0.65"), "ap_trade": D("-5.65")}
        agree()
        purchase_invoices.unapprove_invoice(invoice_id=invoice.pk, actor=ROBOT, at=AT)
        assert OpenItem.objects.get(source_id=receipt.pk).open_amount == 113
        agree()
        take_back_receipt(receipt)
        assert balance("ap_trade", supplier) == 0
        agree()

    def test_ordinary_invoices_give_the_vat_back(self, supplier, item):
        receipt = receive(supplier, [(item, 10, 10)])
        buy(supplier, receipt, invoice_kind="vat_ordinary")
        assert balance("vat_input") == 0
        assert balance("inventory") == 113
        assert balance("ap_trade", supplier) == -113
        agree()

    def test_small_scale(self, supplier, item):
        be_small_scale()
        receipt = receive(supplier, [(item, 10, 10)], gross_value=True)
        buy(supplier, receipt)
        assert balance("ap_trade", supplier) == -113
        agree()

    def test_the_mode_may_change_between_receipt_and_invoice(self, supplier, item):
        first = receive(supplier, [(item, 10, 10)])
        set_mode("accounting.settlement_mode", "invoice")
        second = receive(supplier, [(item, 10, 10)])
        invoice = buy(supplier, first, second)
        assert lines_of(invoice) == {"ap_grni": 100, "vat_input": 13, "ap_trade": -113}
        assert balance("ap_trade", supplier) == -226
        agree()


class TestSelling:
    @pytest.fixture(autouse=True)
    def _stock(self, supplier, item):
        receive(supplier, [(item, 100, 10)])

    def test_cost_with_the_delivery_revenue_with_the_invoice(self, customer, item):
        delivery = deliver(customer, [(item, 10, 20)])
        assert lines_of(delivery) == {"cogs": 100, "inventory": -100}
        invoice = sell(customer, delivery)
        assert lines_of(invoice) == {"ar": 226, "revenue": -200, "vat_output": -26}
        assert invoice.lines.get().cost_amount == 100
        agree()
        sales_invoices.unapprove_invoice(invoice_id=invoice.pk, actor=ROBOT, at=AT)
        take_back_delivery(delivery)
        assert balance("revenue") == balance("cogs") == balance("ar", customer) == 0
        agree()

    def test_cost_with_the_invoice(self, customer, item):
        set_mode("accounting.cogs_timing", "invoice")
        delivery = deliver(customer, [(item, 3, 20)])
        assert lines_of(delivery) == {"goods_dispatched": 30, "inventory": -30}
        agree()
        for left in (20, 10, 0):
            invoice = sell(customer, lines=[over(delivery, 1)])
            assert balance("goods_dispatched", customer) == left
            agree()
        assert lines_of(invoice)["cogs"] == 10
        sales_invoices.unapprove_invoice(invoice_id=invoice.pk, actor=ROBOT, at=AT)
        assert balance("goods_dispatched", customer) == 10
        agree()

    def test_settled_by_deliveries(self, customer, item):
        set_mode("accounting.settlement_mode", "delivery")
        delivery = deliver(customer, [(item, 10, 20)])
        expected = {"ar": 226, "revenue": -200, "vat_output": -26, "cogs": 100, "inventory": -100}
        assert lines_of(delivery) == expected
        agree()
        invoice = sell(customer, lines=[over(delivery, 4)])
        assert lines_of(invoice) == {}
        assert OpenItem.objects.get(source_id=delivery.pk).open_amount == D("135.60")
        agree()
        receipt = money.save_receipt(data=money_data(customer, "90.40", None), actor=ROBOT, at=AT)
        money.approve_receipt(receipt_id=receipt.pk, actor=ROBOT, at=AT)
        agree()
        money.unapprove_receipt(receipt_id=receipt.pk, actor=ROBOT, at=AT)
        sales_invoices.unapprove_invoice(invoice_id=invoice.pk, actor=ROBOT, at=AT)
        agree()
        take_back_delivery(delivery)
        assert balance("ar", customer) == 0
        agree()

    def test_posting_an_invoice_takes_a_fixed_number_of_statements(self, customer, supplier):
        def statements(lines: int) -> int:
            items = [make_item() for _ in range(lines)]
            receive(supplier, [(item, 10, 10) for item in items])
            delivery = deliver(customer, [(item, 1, 20) for item in items])
            invoice = draft("sales", customer, [delivery])
            with CaptureQueriesContext(connection) as seen:
                sales_invoices.approve_invoice(invoice_id=invoice.pk, actor=ROBOT, at=AT)
            return len(seen)

        statements(1)
        assert statements(2) == statements(40) <= 40


class TestMoney:
    @pytest.fixture
    def invoice(self, supplier, customer, item):
        receive(supplier, [(item, 100, 10)])
        return sell(customer, deliver(customer, [(item, 10, 20)]))

    def take(self, customer, amount, allocations=()):
        receipt = money.save_receipt(data=money_data(customer, amount, allocations), actor=ROBOT, at=AT)
        return money.approve_receipt(receipt_id=receipt.pk, actor=ROBOT, at=AT)

    def test_a_receipt_settles_and_the_rest_is_an_advance(self, customer, invoice):
        receipt = self.take(customer, 300, [(invoice, 200)])
        assert lines_of(receipt) == {"bank": 300, "ar": -200, "advance_from_customer": -100}
        invoice.refresh_from_db()
        assert (invoice.settled_amount, invoice.settled) == (200, "partial")
        assert OpenItem.objects.get(source_id=invoice.pk).open_amount == 26
        assert balance("ar", customer) == 26
        agree()

    def test_the_advance_is_used_freed_and_used_again(self, customer, invoice):
        receipt = self.take(customer, 300)
        assert balance("advance_from_customer", customer) == -300
        for _turn in range(2):
            money.allocate_receipt(receipt_id=receipt.pk, allocations=None, day=DAY, actor=ROBOT, at=AT)
            assert balance("ar", customer) == 0
            assert balance("advance_from_customer", customer) == -74
            agree()
            money.deallocate_receipt(receipt_id=receipt.pk, invoice_id=invoice.pk, day=DAY, actor=ROBOT, at=AT)
            assert balance("ar", customer) == 226
            agree()
        money.unapprove_receipt(receipt_id=receipt.pk, actor=ROBOT, at=AT)
        assert balance("advance_from_customer", customer) == balance("bank") == 0
        agree()

    def test_taken_back_and_approved_again(self, customer, invoice):
        receipt = self.take(customer, 226, [(invoice, 226)])
        money.unapprove_receipt(receipt_id=receipt.pk, actor=ROBOT, at=AT)
        invoice.refresh_from_db()
        assert (invoice.settled_amount, invoice.settled) == (0, "none")
        money.approve_receipt(receipt_id=receipt.pk, actor=ROBOT, at=AT)
        invoice.refresh_from_db()
        assert invoice.settled == "full"
        agree()

    def test_payments_mirror_it(self, supplier, item):
        invoice = buy(supplier, receive(supplier, [(item, 10, 10)]))
        payment = money.save_payment(data=money_data(supplier, 150, [(invoice, 100)]), actor=ROBOT, at=AT)
        money.approve_payment(payment_id=payment.pk, actor=ROBOT, at=AT)
        assert lines_of(payment) == {"ap_trade": 100, "prepayment": 50, "bank": -150}
        agree()
        money.allocate_payment(payment_id=payment.pk, allocations=[(invoice.pk, D(13))], day=DAY, actor=ROBOT, at=AT)
        assert balance("ap_trade", supplier) == 0
        assert balance("prepayment", supplier) == 37
        agree()
        money.unapprove_payment(payment_id=payment.pk, actor=ROBOT, at=AT)
        assert balance("ap_trade", supplier) == -113
        agree()


class TestClosing:
    def test_drafts_of_the_month_block_it(self, supplier, customer, item):
        from backend.accounting.models import Period

        receipt = receive(supplier, [(item, 10, 10)])
        invoice = draft("purchases", supplier, [receipt])
        period = Period.objects.get(code="2026-11")
        found = checks.unapproved_documents(period)
        assert (found.count, found.blocks, found.level) == (1, True, "red")
        assert found.links == (("invoicing.purchase_invoice", invoice.number),)
        assert checks.received_is_invoiced(period).level == "amber"
        assert checks.stock_agrees(period).level == checks.parties_agree(period).level == "green"
