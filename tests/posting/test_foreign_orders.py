"""Orders in another currency: their goods, invoices and books are in the company's own, at the order's rate.

All figures by hand: 100 at 10 dollars without tax at 7.10 are 7 100.00, VAT of 13 % 923.00, together 8 023.00.
"""

from typing import Any

import pytest
from django.utils.translation import override

from backend.accounting.models import OpenItem
from backend.inventory.models import StockBalance
from backend.invoicing.services import purchase_invoices
from backend.invoicing.services.drafts import InvoiceLineInput
from backend.kernel.audit import AuditEntry
from backend.kernel.currency import RateMissing
from backend.kernel.errors import Refusal
from backend.parties.models import Party
from backend.processes.procure_to_pay import invoice_orders, invoice_receipts
from backend.processes.statements import propose_supplier_statement
from backend.purchasing.models import OrderConfirmation, PurchaseOrder, PurchaseReceipt
from backend.purchasing.services import orders, receipts
from backend.purchasing.services.inputs import LineInput, OrderData, ReceiptLineInput
from tests.factories.accounting import AT, DAY, D, balance, make_item, make_party
from tests.factories.invoicing import ROBOT, buy
from tests.factories.returns import send_back
from tests.posting.test_sources import agree, lines_of

BY: dict[str, Any] = {"actor": ROBOT, "at": AT}


@pytest.fixture
def supplier(tenant: Any) -> Party:
    """One that is paid in dollars."""
    made = make_party("Overseas", supplier=True)
    made.currency = "USD"
    made.save()
    return made


def order_of(
    supplier: Party,
    qty: Any = 100,
    price: str = "10",
    *,
    rate: str | None = "7.1",
    includes_tax: bool = False,
    approve: bool = True,
) -> PurchaseOrder:
    data = OrderData(
        supplier_id=supplier.pk,
        requested_date=DAY,
        lines=[LineInput(make_item().pk, D(qty), price=D(price))],
        price_includes_tax=includes_tax,
        exchange_rate=D(rate) if rate else None,
    )
    order = orders.save_order(data=data, **BY)
    return orders.approve_order(order_id=order.pk, **BY) if approve else order


def come(order: PurchaseOrder, qty: Any) -> PurchaseReceipt:
    lines = [ReceiptLineInput(order.lines.get().pk, D(qty))]
    return receipts.receive_order(order_id=order.pk, lines=lines, **BY)


def sums(document: Any) -> tuple[str, Any, Any, Any]:
    return document.currency, document.net_amount, document.tax_amount, document.gross_amount


HOME = ("CNY", D(7100), D(923), D(8023))


def test_goods_vouchers_and_invoice_are_in_our_own_currency(supplier: Party) -> None:
    """PUR-04: stock, estimate, invoice and payable say 7 100.00, and the match finds no difference."""
    order = order_of(supplier)
    assert sums(order) == ("USD", D(1000), D(130), D(1130))
    receipt = come(order, 100)
    assert sums(receipt) == HOME
    assert (receipt.lines.get().unit_price, receipt.lines.get().tax_incl_price) == (D(71), D("80.23"))
    assert StockBalance.objects.get().value == D(7100)
    assert lines_of(receipt) == {"inventory": 7100, "ap_grni": -7100}
    agree()
    invoice = invoice_receipts(receipt_ids=[receipt.pk], **BY)
    assert sums(invoice) == HOME
    purchase_invoices.approve_invoice(invoice_id=invoice.pk, **BY)
    assert lines_of(invoice) == {"ap_grni": 7100, "vat_input": 923, "ap_trade": -8023}
    assert OpenItem.objects.get().open_amount == D(8023)
    agree()
    dearer = come(order_of(supplier), 100)
    line = InvoiceLineInput(source_type="purchasing.receipt", source_line_id=dearer.lines.get().pk, price=D("80.50"))
    with pytest.raises(Refusal) as refused:
        buy(supplier, lines=[line])
    assert refused.value.code == "price_over", "80.50 is more than the 80.23 of the order"


def test_amounts_are_rounded_once_at_home(supplier: Party) -> None:
    """3 at 3.3333 dollars with tax at 7.123456: a price of 23.744616 (six decimals), 71.23 in all, of it 8.19 tax."""
    receipt = come(order_of(supplier, 3, "3.3333", rate="7.123456", includes_tax=True), 3)
    assert receipt.lines.get().tax_incl_price == D("23.744616")
    assert sums(receipt) == ("CNY", D("63.04"), D("8.19"), D("71.23"))


def test_goods_that_go_back_and_the_statement(supplier: Party) -> None:
    """30 of 100 back: 2 130.00 leave stock, the statement says 70 % of 8 023.00."""
    receipt = come(order_of(supplier), 100)
    back = send_back(receipt, 30)
    assert sums(back) == ("CNY", D(2130), D("276.90"), D("2406.90"))
    assert StockBalance.objects.get().value == D(4970)
    agree()
    period: dict[str, Any] = {"period_from": DAY.replace(day=1), "period_to": receipt.doc_date}
    statement = propose_supplier_statement(party_id=supplier.pk, **period, **BY)
    assert statement.closing_amount == D("5616.10")
    invoice = invoice_receipts(receipt_ids=[receipt.pk], **BY)
    purchase_invoices.approve_invoice(invoice_id=invoice.pk, **BY)
    assert (invoice.gross_amount, balance("ap_grni", supplier)) == (D("5616.10"), 0)


def test_an_invoice_before_its_goods(supplier: Party) -> None:
    """4d: 40 of 100 invoiced ahead are 2 840.00 in transit; the receipt of 60 takes them and estimates 1 420.00."""
    order = order_of(supplier)
    line = InvoiceLineInput(source_type="purchasing.order", source_line_id=order.lines.get().pk, qty=D(40))
    ahead = buy(supplier, lines=[line])
    assert lines_of(ahead) == {"goods_in_transit": 2840, "vat_input": D("369.20"), "ap_trade": D("-3209.20")}
    receipt = come(order, 60)
    assert lines_of(receipt) == {"inventory": 4260, "goods_in_transit": -2840, "ap_grni": -1420}
    receipts.unapprove_receipt(receipt_id=receipt.pk, **BY)
    receipt.refresh_from_db()
    assert receipt.net_amount == D(4260)
    agree()


def test_no_goods_and_no_invoice_without_a_rate(supplier: Party) -> None:
    """Approval asks for the rate; an order that was approved before gets it by an amendment."""
    draft = order_of(supplier, rate=None, approve=False)
    with override("en"), pytest.raises(RateMissing) as refused:
        orders.approve_order(order_id=draft.pk, **BY)
    assert str(refused.value.way_out).startswith("Edit it"), "a draft is edited; what is in force is amended"
    assert (refused.value.field, refused.value.document) == ("exchange_rate", draft.number)
    former = order_of(supplier)
    PurchaseOrder.objects.filter(pk=former.pk).update(exchange_rate=None)
    for refuse in (lambda: come(former, 1), lambda: invoice_orders(order_ids=[former.pk], **BY)):
        with pytest.raises(Refusal) as stopped:
            refuse()
        problem = stopped.value.problems[0]
        assert (problem.code, problem.field, bool(problem.way_out)) == ("rate_missing", "exchange_rate", True)
    orders.amend_order(order_id=former.pk, exchange_rate=D(7), reason="rate of the day", **BY)
    assert come(former, 100).net_amount == D(7000)


def test_another_rate_holds_for_what_is_still_to_come(supplier: Party) -> None:
    """50 at 7.10 are 3 550.00 and stay so, 50 at 7.20 are 3 600.00; the supplier is not asked about it."""
    order = order_of(supplier)
    first = come(order, 50)
    before = (order.revision, OrderConfirmation.objects.count())
    orders.amend_order(order_id=order.pk, exchange_rate=D("7.2"), reason="new rate", **BY)
    order.refresh_from_db()
    assert (order.revision, OrderConfirmation.objects.count()) == before
    told = AuditEntry.objects.get(subject_id=order.pk, verb="amend")
    assert told.changes == {"exchange_rate": ["7.100000", "7.2"]}
    second = come(order, 50)
    first.refresh_from_db()
    assert (first.net_amount, second.net_amount) == (D(3550), D(3600))
    assert StockBalance.objects.get().value == D(7150)
    agree()


def test_an_order_of_our_own_currency_has_no_rate(supplier: Party) -> None:
    data = OrderData(
        supplier_id=make_party("Near", supplier=True).pk,
        requested_date=DAY,
        lines=[LineInput(make_item().pk, D(1), price=D("11.30"))],
        exchange_rate=D(7),
    )
    order = orders.save_order(data=data, **BY)
    orders.approve_order(order_id=order.pk, **BY)
    orders.amend_order(order_id=order.pk, exchange_rate=D(7), reason="none", **BY)
    order.refresh_from_db()
    assert (order.exchange_rate, sums(come(order, 1))) == (None, ("CNY", D(10), D("1.3"), D("11.3")))
