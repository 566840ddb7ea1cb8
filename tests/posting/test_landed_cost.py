"""PUR-06, INV-10, ACCOUNTING row 5: a fee told after the goods came follows them into stock and cost of sales."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.invoicing.services import money, purchase_invoices
from backend.kernel.errors import Refusal
from backend.posting import reconciliation
from backend.purchasing.models import LandedCost
from backend.purchasing.services import landed_costs
from backend.purchasing.services.landed_costs import FeeLineInput, LandedCostData
from tests.factories.accounting import AT, DAY, D, balance, make_item, make_party
from tests.factories.costing import item_costed_by
from tests.factories.inventory import balance_of, refuses
from tests.factories.invoicing import ROBOT, deliver, money_data, receive
from tests.posting.test_sources import be_small_scale

pytestmark = pytest.mark.usefixtures("tenant")


def lines_of(*receipts, measures=()):
    rows = [line for receipt in receipts for line in receipt.lines.order_by("line_no")]
    measures = measures or [0] * len(rows)
    return [FeeLineInput(row.pk, D(measure)) for row, measure in zip(rows, measures, strict=True)]


def fee(amount, lines, **values):
    values = {"tax_rate": D(0), "supplier_id": make_party(supplier=True).pk} | values
    data = LandedCostData(doc_date=DAY, fee_name="运费", amount=D(str(amount)), lines=lines, **values)
    return landed_costs.save_landed_cost(data=data, actor=ROBOT, at=AT)


def approve(document):
    return landed_costs.approve_landed_cost(document_id=document.pk, actor=ROBOT, at=AT)


def unapprove(document):
    return landed_costs.unapprove_landed_cost(document_id=document.pk, actor=ROBOT, at=AT)


@pytest.mark.parametrize("method", ["moving_avg", "fifo"])
def test_a_fee_of_20_on_20_pieces_of_which_15_have_left_is_5_in_stock_and_15_sold(method):
    """INV-10: 10@10, 10@12, 15 leave, then a landed cost of 20 on those 20 units."""
    item, supplier = item_costed_by(method), make_party(supplier=True)
    first, second = receive(supplier, [(item, 10, 10)]), receive(supplier, [(item, 10, 12)])
    deliver(make_party(customer=True), [(item, 15, 30)])
    stock, cogs = balance("inventory"), balance("cogs")
    document = approve(fee(20, lines_of(first, second), basis="qty"))
    assert (document.stock_amount, document.sold_amount) == (5, 15)
    assert (balance("inventory") - stock, balance("cogs") - cogs) == (5, 15)
    assert balance("ap_trade", document.supplier) == -20
    assert balance_of(item).value == {"moving_avg": 60, "fifo": 65}[method]
    assert reconciliation.all_differences() == []
    unapprove(document)
    assert (balance("inventory"), balance("cogs"), balance("ap_trade", document.supplier)) == (stock, cogs, 0)
    assert reconciliation.all_differences() == []
    document = LandedCost.objects.get(pk=document.pk)
    assert (document.invoice_id, document.approval, document.stock_amount) == (None, "draft", 0)
    assert approve(document).stock_amount == 5


@pytest.mark.parametrize(
    ("basis", "measures", "shares"),
    [
        ("value", (), ["6.25", "18.75"]),
        ("qty", (), ["20.00", "5.00"]),
        ("weight", (1, 4), ["5.00", "20.00"]),
        ("volume", (2, 1), ["16.67", "8.33"]),
    ],
)
def test_the_fee_is_shared_out_by_value_quantity_weight_or_volume(basis, measures, shares):
    """PUR-06: 20 pieces for 100 and 5 pieces for 300 carry 25."""
    receipt = receive(make_party(supplier=True), [(make_item(), 20, 5), (make_item(), 5, 60)])
    document = fee(25, lines_of(receipt, measures=measures), basis=basis)
    assert [str(line.amount) for line in document.lines.order_by("line_no")] == shares


def test_input_vat_is_deducted_from_the_fee_and_part_of_it_where_it_may_not_be():
    item = make_item()
    receipt = receive(make_party(supplier=True), [(item, 10, 10)])
    document = approve(fee(109, lines_of(receipt), tax_rate=D(9)))
    assert (document.net_amount, document.tax_amount) == (100, 9)
    assert (balance_of(item).value, balance("vat_input")) == (200, 9)
    ordinary = approve(fee(109, lines_of(receipt), tax_rate=D(9), invoice_kind="vat_ordinary"))
    assert ordinary.stock_amount == 109
    assert (balance_of(item).value, balance("vat_input")) == (309, 9)
    assert reconciliation.all_differences() == []


def test_a_small_scale_taxpayer_has_the_vat_in_stock():
    be_small_scale()
    item = make_item()
    receipt = receive(make_party(supplier=True), [(item, 10, 10)], gross_value=True)
    approve(fee(109, lines_of(receipt), tax_rate=D(9)))
    assert balance_of(item).value == 113 + 109
    assert reconciliation.all_differences() == []


def test_goods_sold_after_the_fee_keep_it_when_it_is_taken_back():
    item = make_item()
    receipt = receive(make_party(supplier=True), [(item, 10, 10)])
    document = approve(fee(50, lines_of(receipt)))
    deliver(make_party(customer=True), [(item, 10, 30)])
    assert balance("cogs") == 150
    unapprove(document)
    assert (balance("cogs"), balance("inventory")) == (100, 0)
    assert reconciliation.all_differences() == []


def test_the_carrier_is_paid_through_the_invoice_and_a_paid_fee_stays():
    receipt = receive(make_party(supplier=True), [(make_item(), 10, 10)])
    document = approve(fee(50, lines_of(receipt)))
    data = money_data(document.supplier, 50, [(document.invoice, 50)])
    payment = money.save_payment(data=data, actor=ROBOT, at=AT)
    money.approve_payment(payment_id=payment.pk, actor=ROBOT, at=AT)
    assert balance("ap_trade", document.supplier) == 0
    with refuses(Refusal):
        unapprove(document)


def test_the_invoice_of_a_fee_is_not_taken_back_by_itself():
    receipt = receive(make_party(supplier=True), [(make_item(), 10, 10)])
    document = approve(fee(50, lines_of(receipt)))
    with refuses(Refusal, document.number) as refused:
        purchase_invoices.unapprove_invoice(invoice_id=document.invoice_id, actor=ROBOT, at=AT)
    assert refused.value.links[0].number == document.number


@pytest.mark.parametrize(
    "values",
    [{"amount": 0}, {"lines": []}, {"basis": "weight"}, {"basis": "colour"}, {"fee_name": " "}, {"twice": True}],
)
def test_fees_that_cannot_be_shared_out_are_refused(values):
    receipt = receive(make_party(supplier=True), [(make_item(), 10, 10)])
    lines = lines_of(receipt)
    given = {"amount": D(1), "lines": lines * 2 if values.pop("twice", False) else lines, "fee_name": "x"} | values
    data = LandedCostData(supplier_id=receipt.supplier_id, doc_date=DAY, **given)
    with refuses(Refusal):
        landed_costs.save_landed_cost(data=data, actor=ROBOT, at=AT)


def test_goods_of_a_receipt_that_was_taken_back_carry_nothing():
    receipt = receive(make_party(supplier=True), [(make_item(), 10, 10)])
    document = fee(5, lines_of(receipt))
    type(receipt).objects.filter(pk=receipt.pk).update(approval="draft")
    with refuses(Refusal, receipt.number):
        approve(document)


def test_goods_counted_anew_do_not_carry_the_share_of_before():
    """PUR-06: the receipt was taken back and booked with another quantity while the fee was a draft."""
    receipt = receive(make_party(supplier=True), [(make_item(), 10, 10)])
    document = fee(5, lines_of(receipt))
    receipt.lines.update(qty=8, net_amount=80)
    with refuses(Refusal, "counted anew"):
        approve(document)


def test_a_receipt_is_held_while_a_fee_is_put_on_its_goods():
    receipt = receive(make_party(supplier=True), [(make_item(), 10, 10)])
    document = fee(5, lines_of(receipt))
    with CaptureQueriesContext(connection) as seen:
        approve(document)
    assert any('FROM "purchasing_receipt"' in row["sql"] and "FOR UPDATE" in row["sql"] for row in seen)


def test_a_fixed_number_of_statements_whatever_the_lines(django_assert_max_num_queries):
    receipt = receive(make_party(supplier=True), [(make_item(), 10, 10) for _ in range(15)])
    document = fee(100, lines_of(receipt))
    approve(fee(1, lines_of(receipt)))
    with django_assert_max_num_queries(60):
        approve(document)
