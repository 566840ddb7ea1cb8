"""4b and 4c: an invoice of a later month than its receipt turns the estimate back whole, or books the difference."""

from datetime import timedelta

import pytest

from backend.accounting.models import AccountBalance, Voucher
from backend.inventory.models import StockBalance
from backend.invoicing.services import purchase_invoices
from tests.factories.accounting import AT, DAY, D, balance, make_item, make_party
from tests.factories.invoicing import ROBOT, buy, deliver, over, receive
from tests.posting.test_sources import agree, lines_of, set_mode

EARLIER = DAY - timedelta(days=35)


@pytest.fixture
def supplier(tenant):
    set_mode("accounting.late_invoice", "reverse")
    return make_party("Supplier", supplier=True)


@pytest.fixture
def item(tenant):
    return make_item()


def vouchers_of(document) -> list[tuple]:
    """(rule, day, {role: (debit, credit)}) of the standing vouchers."""
    found = Voucher.objects.filter(source_id=document.pk, reverses=None, reversed_by=None).order_by("id")
    return [
        (
            voucher.rule,
            voucher.voucher_date,
            {line.account.roles.first().role: (line.debit, line.credit) for line in voucher.lines.order_by("line_no")},
        )
        for voucher in found
    ]


def test_red_estimate_and_blue_goods_on_the_day_of_the_invoice(supplier, item):
    receipt = receive(supplier, [(item, 60, 10)], day=EARLIER)
    invoice = buy(supplier, lines=[over(receipt, price="11.865")], accept=True)
    assert vouchers_of(invoice) == [
        ("purchase_invoice.reversal", DAY, {"inventory": (-600, 0), "ap_grni": (0, -600)}),
        (
            "purchase_invoice",
            DAY,
            {"inventory": (630, 0), "vat_input": (D("81.90"), 0), "ap_trade": (0, D("711.90"))},
        ),
    ]
    turned = AccountBalance.objects.filter(account__roles__role="ap_grni", party=supplier)
    assert {(row.period.code, row.debit, row.credit) for row in turned.select_related("period")} == {
        ("2026-10", 0, 600),
        ("2026-11", 0, -600),
    }, "nothing on the debit side: turnover stays clean"
    assert StockBalance.objects.get().value == 630
    agree()


def test_what_was_sold_is_cost_of_sales_as_with_the_difference_alone(supplier, item):
    receipt = receive(supplier, [(item, 60, 10)], day=EARLIER)
    deliver(make_party("Customer"), [(item, 45, 20)])
    invoice = buy(supplier, lines=[over(receipt, price="11.865")], accept=True)
    reversed_as_whole = lines_of(invoice)
    [_red, (_rule, _day, blue)] = vouchers_of(invoice)
    assert (blue["inventory"], blue["cogs"]) == ((D("607.50"), 0), (D("22.50"), 0))
    agree()
    purchase_invoices.unapprove_invoice(invoice_id=invoice.pk, actor=ROBOT, at=AT)
    assert (balance("ap_grni", supplier), balance("cogs"), balance("inventory")) == (-600, 450, 150)
    agree()
    set_mode("accounting.late_invoice", "difference")
    purchase_invoices.approve_invoice(invoice_id=invoice.pk, actor=ROBOT, at=AT, accept_differences=True)
    assert lines_of(invoice) == reversed_as_whole
    assert len(vouchers_of(invoice)) == 1
    agree()


def test_goods_sold_after_the_invoice_do_not_hinder_taking_it_back(supplier, item):
    receipt = receive(supplier, [(item, 60, 10)], day=EARLIER)
    invoice = buy(supplier, lines=[over(receipt, price="11.865")], accept=True)
    deliver(make_party("Customer"), [(item, 40, 20)])
    purchase_invoices.unapprove_invoice(invoice_id=invoice.pk, actor=ROBOT, at=AT)
    assert (balance("cogs"), balance("inventory"), balance("ap_grni", supplier)) == (400, 200, -600)
    agree()


def test_in_the_same_month_the_difference_is_enough(supplier, item):
    now, before = receive(supplier, [(item, 5, 10)]), receive(supplier, [(item, 60, 10)], day=EARLIER)
    invoice = buy(supplier, lines=[over(now, price="11.865"), over(before)], accept=True)
    red, blue = vouchers_of(invoice)
    assert red[2] == {"inventory": (-600, 0), "ap_grni": (0, -600)}
    assert (blue[2]["ap_grni"], blue[2]["inventory"]) == ((50, 0), (D("602.50"), 0))
    agree()


def test_each_kind_of_stock_on_its_account_and_a_part_to_the_cent(supplier, item):
    paper = make_item(category="materials")
    receipt = receive(supplier, [(item, 3, "3.3333"), (paper, 2, 5)], day=EARLIER)
    for _turn in range(3):
        buy(supplier, lines=[over(receipt, 1)])
        agree()
    invoice = buy(supplier, lines=[over(receipt, line=1)], invoice_kind="vat_ordinary")
    assert [voucher[2].get("raw_material") for voucher in vouchers_of(invoice)] == [(-10, 0), (D("11.30"), 0)]
    assert balance("ap_grni", supplier) == 0
    agree()
