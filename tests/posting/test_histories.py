"""Whatever happens in whatever order, the books agree with the documents after every step (FIN-24).

Goods lie in bins from some day on, and papers come late. `TROIKA_HISTORIES=500` runs as many histories of 40 steps.
"""

import random
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from backend.accounting.models import AccountBalance, Voucher, VoucherLine
from backend.inventory.models import Bin, StockBalance
from backend.inventory.services.bins import save_bin
from backend.invoicing.models import (
    DebtTransfer,
    DebtTransferLine,
    Netting,
    NettingLine,
    Payment,
    PurchaseInvoice,
    Receipt,
    Refund,
    RefundLine,
    SalesInvoice,
    SetOff,
)
from backend.invoicing.services import money, netting, notes, purchase_invoices, refunds, sales_invoices, transfers
from backend.invoicing.services.allowances import AllowanceData, AllowanceLineInput, allow, allowable
from backend.invoicing.services.drafts import InvoiceLineInput
from backend.invoicing.services.netting import NettingData
from backend.invoicing.services.refunds import RefundData, owed_back
from backend.invoicing.services.sides import PURCHASES, SALES
from backend.invoicing.services.transfers import DebtTransferData
from backend.kernel.errors import Refusal
from backend.posting import reconciliation
from backend.purchasing.models import PurchaseOrderLine, PurchaseReceipt, PurchaseReturn
from backend.purchasing.services import orders, receipts
from backend.purchasing.services import returns as purchase_returns
from backend.purchasing.services.inputs import LineInput, OrderData, ReceiptLineInput
from backend.sales.models import SalesDelivery, SalesReturn
from backend.sales.services import returns as sales_returns
from tests.accounting.test_concurrency import in_threads
from tests.factories.accounting import AT, DAY, D, balance, make_item, make_party
from tests.factories.invoicing import (
    ROBOT,
    buy,
    deliver,
    fund,
    money_data,
    over,
    receive,
    sell,
    stock_value,
    take_back_delivery,
    take_back_receipt,
    warehouse,
)
from tests.factories.returns import send_back, take_back
from tests.histories import ASKED, STEPS, histories
from tests.posting.test_sources import be_small_scale, set_mode


class History:
    """A company at random: each step either does something or is refused and changes nothing."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.items = [make_item(category=category) for category in ("goods", "goods", "materials")]
        self.suppliers = [make_party(supplier=True) for _ in range(2)]
        self.customers = [make_party(customer=True) for _ in range(2)]
        self.small = False
        self.running: list[Any] = []
        for supplier in self.suppliers:
            receive(supplier, [(item, 20, 7) for item in self.items], gross_value=self.small)

    def step(self) -> str:
        name = self.random.choice([name for name in dir(self) if name.startswith("do_")])
        try:
            with transaction.atomic():
                getattr(self, name)()
        except Refusal:
            return f"{name} refused"
        return name

    def some(self, model: Any, **where: Any) -> Any:
        found = list(model.objects.filter(approval="approved", **where))
        return self.random.choice(found) if found else None

    def qty(self) -> Any:
        return D(self.random.randint(1, 5000)) / 1000

    def day(self) -> date:
        """Mostly of today; some papers come late."""
        return DAY - timedelta(days=self.random.choice([0, 0, 0, self.random.randint(1, 18)]))

    def price(self) -> Any:
        return D(self.random.randint(1, 2000)) / 97

    def do_receive(self) -> None:
        wanted = [(self.random.choice(self.items), self.qty(), round(self.price(), 4)) for _ in range(2)]
        receive(self.random.choice(self.suppliers), wanted, gross_value=self.small, day=self.day())

    def do_name_a_bin(self) -> None:
        shelves = Bin.objects.filter(warehouse=warehouse()).count()
        if shelves < 3:
            save_bin(warehouse_id=warehouse().pk, code=f"S{shelves}", sequence=9 - shelves, actor=ROBOT, at=AT)

    def do_order(self) -> None:
        lines = [
            LineInput(item.pk, D(self.random.randint(1, 9)), price=round(self.price(), 4)) for item in self.items[:2]
        ]
        data = OrderData(supplier_id=self.random.choice(self.suppliers).pk, requested_date=DAY, lines=lines)
        order = orders.save_order(data=data, actor=ROBOT, at=AT)
        orders.approve_order(order_id=order.pk, actor=ROBOT, at=AT)
        self.running.append(order.pk)

    def do_bill_ahead(self) -> None:
        rows = PurchaseOrderLine.objects.filter(document__in=self.running, document__closing="open")
        for row in self.random.sample(list(rows), min(2, len(rows))):
            part = D(self.random.choice(["0.3", "0.6", "1"])) * (row.open_qty - row.ahead_qty)
            price = None if self.random.random() < 0.5 else round(self.price(), 4)
            line = InvoiceLineInput(
                source_type="purchasing.order", source_line_id=row.pk, qty=round(part, 4), price=price
            )
            kind = self.random.choice(["vat_special", "vat_ordinary"])
            buy(row.document.supplier, lines=[line], accept=True, invoice_kind=kind)

    def do_come(self) -> None:
        rows = list(PurchaseOrderLine.objects.filter(document__in=self.running, document__closing="open"))
        if rows:
            row = self.random.choice(rows)
            part = max(D(1), D(self.random.choice(["0.4", "0.7", "1"])) * row.open_qty // 1)
            lines = [ReceiptLineInput(row.pk, part)]
            receipts.receive_order(order_id=row.document_id, lines=lines, actor=ROBOT, at=AT)

    def do_deliver(self) -> None:
        item = self.random.choice(self.items)
        stock = StockBalance.objects.filter(item=item).first()
        qty = stock.on_hand if self.random.random() < 0.2 else min(self.qty(), stock.on_hand)
        if qty > 0:
            wanted = [(item, qty, round(self.price() * 2, 4))]
            deliver(self.random.choice(self.customers), wanted, day=self.day())

    def do_take_back_receipt(self) -> None:
        receipt = self.some(PurchaseReceipt)
        if receipt is None:
            return
        if not receipt.number.startswith("TGRN"):
            receipts.unapprove_receipt(receipt_id=receipt.pk, actor=ROBOT, at=AT)
            return
        taken = PurchaseInvoice.objects.filter(lines__source_id=receipt.pk, approval="approved").exists()
        sent = PurchaseReturn.objects.filter(lines__receipt_line__document=receipt, approval="approved").exists()
        if not taken and not sent:
            take_back_receipt(receipt)

    def do_take_back_delivery(self) -> None:
        delivery = self.some(SalesDelivery)
        came_back = SalesReturn.objects.filter(lines__delivery_line__document=delivery, approval="approved").exists()
        taken = (
            SalesInvoice.objects.filter(lines__source_id=delivery.pk, approval="approved").exists() if delivery else 1
        )
        if not taken and not came_back:
            take_back_delivery(delivery)

    def do_buy(self) -> None:
        receipt = self.some(PurchaseReceipt)
        if receipt is None:
            return
        line = self.random.randrange(receipt.lines.count())
        price = None if self.random.random() < 0.5 else round(self.price(), 4)
        part = D(self.random.choice(["0.3", "0.5", "1"])) * list(receipt.lines.order_by("line_no"))[line].qty
        kind = self.random.choice(["vat_special", "vat_ordinary"])
        buy(
            receipt.supplier,
            lines=[over(receipt, round(part, 4), line=line, price=price)],
            accept=True,
            invoice_kind=kind,
        )

    def do_sell(self) -> None:
        delivery = self.some(SalesDelivery)
        if delivery:
            part = D(self.random.choice(["0.3", "0.5", "1"])) * delivery.lines.first().qty
            price = None if self.random.random() < 0.7 else round(self.price(), 4)
            sell(delivery.customer, lines=[over(delivery, round(part, 4), price=price)])

    def do_unbuy(self) -> None:
        invoice = self.some(PurchaseInvoice)
        if invoice:
            purchase_invoices.unapprove_invoice(invoice_id=invoice.pk, actor=ROBOT, at=AT)
            if self.random.random() < 0.3:
                purchase_invoices.approve_invoice(invoice_id=invoice.pk, actor=ROBOT, at=AT, accept_differences=True)
            else:
                purchase_invoices.void_invoice(invoice_id=invoice.pk, actor=ROBOT, at=AT)

    def do_unsell(self) -> None:
        invoice = self.some(SalesInvoice)
        if invoice:
            sales_invoices.unapprove_invoice(invoice_id=invoice.pk, actor=ROBOT, at=AT)
            sales_invoices.void_invoice(invoice_id=invoice.pk, actor=ROBOT, at=AT)

    def do_send_back(self) -> None:
        receipt = self.some(PurchaseReceipt)
        lines = list(receipt.lines.order_by("line_no")) if receipt else []
        if not lines:
            return
        chosen = self.random.randrange(len(lines))
        part = round(D(self.random.choice(["0.2", "0.5", "1"])) * lines[chosen].qty, 4)
        outcome = self.random.choice(["credit", "credit", "replacement"])
        send_back(receipt, *[part if place == chosen else 0 for place in range(len(lines))], outcome=outcome)

    def do_unsend(self) -> None:
        document = self.some(PurchaseReturn)
        if document:
            purchase_returns.unapprove_return(return_id=document.pk, actor=ROBOT, at=AT)

    def do_come_back(self) -> None:
        delivery = self.some(SalesDelivery)
        if delivery:
            part = round(D(self.random.choice(["0.2", "0.5", "1"])) * delivery.lines.first().qty, 4)
            take_back(delivery, part, scrap=self.random.choice([0, part, round(part / 3, 4)]))

    def do_unreturn(self) -> None:
        document = self.some(SalesReturn)
        if document:
            sales_returns.unapprove_return(return_id=document.pk, actor=ROBOT, at=AT)

    def do_use_note(self) -> None:
        for side, model in ((SALES, SalesInvoice), (PURCHASES, PurchaseInvoice)):
            note = self.some(model, gross_amount__lt=0)
            if note:
                notes.use_note(side=side, note_id=note.pk, actor=ROBOT, at=AT)

    def do_take_money(self) -> None:
        data = money_data(self.random.choice(self.customers), round(self.price() * 5, 2), None)
        receipt = money.save_receipt(data=data, actor=ROBOT, at=AT)
        money.approve_receipt(receipt_id=receipt.pk, actor=ROBOT, at=AT)

    def do_pay(self) -> None:
        data = money_data(self.random.choice(self.suppliers), round(self.price() * 5, 2), None)
        payment = money.save_payment(data=data, actor=ROBOT, at=AT)
        money.approve_payment(payment_id=payment.pk, actor=ROBOT, at=AT)

    def do_use_advance(self) -> None:
        receipt, payment = self.some(Receipt), self.some(Payment)
        if receipt:
            money.allocate_receipt(receipt_id=receipt.pk, allocations=None, day=DAY, actor=ROBOT, at=AT)
        if payment:
            money.allocate_payment(payment_id=payment.pk, allocations=None, day=DAY, actor=ROBOT, at=AT)

    def do_free_advance(self) -> None:
        receipt = self.some(Receipt, lines__isnull=False)
        if receipt:
            line = receipt.lines.first()
            money.deallocate_receipt(receipt_id=receipt.pk, invoice_id=line.invoice_id, day=DAY, actor=ROBOT, at=AT)

    def do_take_back_money(self) -> None:
        receipt, payment = self.some(Receipt), self.some(Payment)
        if receipt:
            money.unapprove_receipt(receipt_id=receipt.pk, actor=ROBOT, at=AT)
        if payment:
            money.unapprove_payment(payment_id=payment.pk, actor=ROBOT, at=AT)

    def do_allow(self) -> None:
        bill = self.some(PurchaseInvoice, gross_amount__gt=0)
        for line, left in allowable(bill)[:1] if bill else ():
            amount = round(left * D(self.random.choice(["0.07", "0.5", "1"])), 2)
            data = AllowanceData(DAY, [AllowanceLineInput(line.pk, amount)])
            note = allow(invoice_id=bill.pk, data=data, actor=ROBOT, at=AT)
            purchase_invoices.approve_invoice(invoice_id=note.pk, actor=ROBOT, at=AT)

    def do_move_debt(self) -> None:
        side = self.random.choice(["customer", "supplier"])
        former, new = self.random.sample(self.customers if side == "customer" else self.suppliers, 2)
        made = transfers.save_transfer(data=DebtTransferData(side, former.pk, new.pk, DAY), actor=ROBOT, at=AT)
        transfers.approve_transfer(transfer_id=made.pk, actor=ROBOT, at=AT)

    def do_take_back_debt(self) -> None:
        made = self.some(DebtTransfer)
        if made:
            transfers.unapprove_transfer(transfer_id=made.pk, actor=ROBOT, at=AT)

    def do_net(self) -> None:
        data = NettingData(self.random.choice(self.customers).pk, self.random.choice(self.suppliers).pk, DAY)
        made = netting.save_netting(data=data, actor=ROBOT, at=AT)
        netting.approve_netting(netting_id=made.pk, actor=ROBOT, at=AT)

    def do_unnet(self) -> None:
        made = self.some(Netting)
        if made:
            netting.unapprove_netting(netting_id=made.pk, actor=ROBOT, at=AT)

    def do_refund(self) -> None:
        name = self.random.choice(["customer", "supplier"])
        side, parties = (SALES, self.customers) if name == "customer" else (PURCHASES, self.suppliers)
        party = self.random.choice(parties)
        owed = sum(row.amount for row in owed_back(side, party.pk))
        amount = round(owed * D(self.random.choice(["0.3", "1"])), 2)
        if amount:
            data = RefundData(name, party.pk, fund().pk, DAY, amount)
            made = refunds.save_refund(data=data, actor=ROBOT, at=AT)
            refunds.approve_refund(refund_id=made.pk, actor=ROBOT, at=AT)

    def do_take_back_refund(self) -> None:
        made = self.some(Refund)
        if made:
            refunds.unapprove_refund(refund_id=made.pk, actor=ROBOT, at=AT)

    def do_change_mode(self) -> None:
        set_mode("accounting.settlement_mode", self.random.choice(["invoice", "invoice", "delivery"]))
        set_mode("accounting.cogs_timing", self.random.choice(["delivery", "invoice"]))
        set_mode("accounting.late_invoice", self.random.choice(["difference", "reverse"]))


def check_books(trail: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    assert reconciliation.all_differences() == [], trail
    stock = balance("inventory") + balance("raw_material") + balance("consumables")
    assert stock == stock_value() == sum(row.value for row in StockBalance.objects.all()), trail
    assert sum(row.debit - row.credit for row in AccountBalance.objects.all()) == 0
    for invoice in SalesInvoice.objects.filter(approval="approved"):
        paid = sum(line.amount for line in invoice.receipt_lines.filter(document__approval="approved"))
        set_off = sum(row.amount for row in SetOff.objects.filter(invoice_id=invoice.pk))
        used = sum(row.amount for row in SetOff.objects.filter(note_id=invoice.pk))
        moved = DebtTransferLine.objects.filter(sales_invoice=invoice, document__approval="approved")
        netted = NettingLine.objects.filter(sales_invoice=invoice, document__approval="approved")
        back = RefundLine.objects.filter(source_id=invoice.pk, document__approval="approved")
        cleared = sum(line.amount for line in (*moved, *netted)) - sum(line.amount for line in back)
        assert invoice.settled_amount == paid + set_off - used + cleared


@pytest.mark.parametrize("seed", range(histories(6)))
def test_the_books_agree_after_every_step(tenant, seed):
    small = seed % 6 == 5
    if small:
        be_small_scale()
        set_mode("accounting.taxpayer_type", "small_scale")
    history, trail = History(seed), []
    history.small = small
    for _turn in range(STEPS if ASKED else 60):
        trail.append(history.step())
        if not trail[-1].endswith("refused"):
            check_books(trail)
    assert len({name for name in trail if not name.endswith("refused")}) > 8
    assert {line.voucher_id for line in VoucherLine.objects.all()} == set(Voucher.objects.values_list("pk", flat=True))


def test_many_people_at_once(committed_tenant):
    """Everybody works on the same goods and the same partners: no deadlock, nothing lost."""
    history = History(99)
    set_mode("accounting.cogs_timing", "invoice")
    goods = [
        receive(supplier, [(item, 50, 10) for item in history.items])
        for supplier in history.suppliers
        for _ in range(3)
    ]
    sold = [deliver(customer, [(history.items[0], 4, 20)]) for customer in history.customers for _ in range(3)]

    def work(number: int) -> str:
        mine = random.Random(number)
        for _turn in range(4):
            try:
                with transaction.atomic():
                    kind = mine.randrange(5)
                    receipt, delivery = mine.choice(goods), mine.choice(sold)
                    if kind == 0:
                        buy(
                            receipt.supplier,
                            lines=[over(receipt, 5, line=mine.randrange(3), price="11.5")],
                            accept=True,
                        )
                    elif kind == 1:
                        sell(delivery.customer, lines=[over(delivery, 1)])
                    elif kind == 2:
                        deliver(delivery.customer, [(item, 1, 9) for item in mine.sample(history.items, 3)])
                    elif kind == 3:
                        receive(receipt.supplier, [(item, 2, 9) for item in mine.sample(history.items, 3)])
                    else:
                        taken = money.save_receipt(data=money_data(delivery.customer, 7, None), actor=ROBOT, at=AT)
                        money.approve_receipt(receipt_id=taken.pk, actor=ROBOT, at=AT)
            except Refusal:
                pass
        return "done"

    answers = in_threads(committed_tenant, 20, work)
    assert answers == ["done"] * 20
    check_books([])
    serials = sorted(Voucher.objects.filter(period__code="2026-11").values_list("serial", flat=True))
    assert serials == list(range(1, len(serials) + 1))
