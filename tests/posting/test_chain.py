"""From order to money on both sides through the real services, in every mode: the books agree after each step."""

import pytest
from django.utils import timezone

from backend.inventory.models import Warehouse
from backend.inventory.services.inputs import OpeningLineInput
from backend.inventory.services.opening import approve_opening_stock, save_opening_stock
from backend.invoicing.services import money, purchase_invoices, sales_invoices
from backend.kernel import clock
from backend.processes.order_to_cash import invoice_deliveries
from backend.processes.procure_to_pay import invoice_receipts
from backend.purchasing.services import inputs, orders, receipts
from backend.sales.services import deliveries
from backend.sales.services import orders as sales_orders
from backend.sales.services.inputs import LineInput as SalesLine
from backend.sales.services.inputs import OrderData as SalesOrderData
from tests.factories.accounting import D, balance, make_item, make_party
from tests.factories.invoicing import ROBOT, fund
from tests.posting.test_histories import check_books
from tests.posting.test_sources import set_mode

AT = timezone.now()


@pytest.mark.parametrize("settlement", ["invoice", "delivery"])
@pytest.mark.parametrize("timing", ["delivery", "invoice"])
def test_order_to_cash_and_procure_to_pay(tenant, settlement, timing):
    set_mode("accounting.settlement_mode", settlement)
    set_mode("accounting.cogs_timing", timing)
    day = clock.day_of(AT)
    supplier, customer, item = make_party(supplier=True), make_party("Customer"), make_item()
    opening = save_opening_stock(
        doc_date=day,
        warehouse_id=Warehouse.objects.get(is_default=True).pk,
        lines=[OpeningLineInput(item.pk, D(10), unit_cost=D("9.5"))],
        actor=ROBOT,
        at=AT,
    )
    approve_opening_stock(document_id=opening.pk, actor=ROBOT, at=AT)
    check_books(["opening"])

    bought = orders.save_order(
        data=inputs.OrderData(
            supplier_id=supplier.pk, requested_date=day, lines=[inputs.LineInput(item.pk, D(100), price=D("11.3"))]
        ),
        actor=ROBOT,
        at=AT,
    )
    orders.approve_order(order_id=bought.pk, actor=ROBOT, at=AT)
    receipt = receipts.receive_order(
        order_id=bought.pk,
        lines=[inputs.ReceiptLineInput(bought.lines.get().pk, D(60))],
        actor=ROBOT,
        at=AT,
    )
    assert balance("inventory") == D("695.00")
    check_books(["receipt"])

    sold = sales_orders.save_order(
        data=SalesOrderData(
            customer_id=customer.pk, requested_date=day, lines=(SalesLine(item.pk, D(25), price=D("22.6")),)
        ),
        actor=ROBOT,
        at=AT,
    )
    sales_orders.approve_order(order_id=sold.pk, actor=ROBOT, at=AT)
    delivery = deliveries.ship_order(order_id=sold.pk, actor=ROBOT, at=AT)
    check_books(["delivery"])

    line = receipt.lines.get()
    paper = invoice_receipts(receipt_ids=[receipt.pk], prices={line.pk: D("11.865")}, actor=ROBOT, at=AT)
    paper = purchase_invoices.approve_invoice(invoice_id=paper.pk, accept_differences=True, actor=ROBOT, at=AT)
    assert (paper.net_amount, paper.gross_amount) == (630, D("711.90"))
    assert balance("ap_trade", supplier) == D("-711.90")
    assert balance("ap_grni", supplier) == 0
    check_books(["purchase invoice"])

    bill = invoice_deliveries(delivery_ids=[delivery.pk], actor=ROBOT, at=AT)
    bill = sales_invoices.approve_invoice(invoice_id=bill.pk, actor=ROBOT, at=AT)
    assert balance("ar", customer) == 565
    assert (balance("revenue"), balance("vat_output")) == (-500, -65)
    assert balance("goods_dispatched", customer) == 0
    check_books(["sales invoice"])
    delivery.refresh_from_db()
    assert delivery.invoiced == "full"

    for side, party, save, approve in (
        ("receipt", customer, money.save_receipt, money.approve_receipt),
        ("payment", supplier, money.save_payment, money.approve_payment),
    ):
        data = money.MoneyData(
            party_id=party.pk, fund_account_id=fund().pk, doc_date=day, amount=D(500), allocations=None
        )
        paid = save(data=data, actor=ROBOT, at=AT)
        approve(**{f"{side}_id": paid.pk}, actor=ROBOT, at=AT)
        check_books([side])
    assert (balance("ar", customer), balance("ap_trade", supplier)) == (65, D("-211.90"))
    # what came in and did not stay was sold: 95 of opening stock and 630 bought
    assert balance("cogs") == 95 + 630 - balance("inventory")
