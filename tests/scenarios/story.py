"""G-01 as one run: paper stock 80, order 100, until the last voucher and the ticket. Asserts as it goes."""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core import mail

from backend.availability.models import PromiseRevision
from backend.catalog.models import Item
from backend.inventory.models import Lot
from backend.invoicing.models import FundAccount, PurchaseInvoice, SalesInvoice
from backend.invoicing.services import money, purchase_invoices, sales_invoices, statements
from backend.kernel.links import graph
from backend.logistics.models import Shipment
from backend.processes.order_to_cash import invoice_deliveries
from backend.processes.procure_to_pay import invoice_statement, propose_supplier_statement
from backend.purchasing.models import PurchaseOrder, PurchaseOrderLine
from backend.purchasing.selectors.orders import order_for
from backend.purchasing.services import asns, confirmations, orders, progress, receipts
from backend.purchasing.services.inputs import AnswerLine, AsnData, AsnLineInput, PartInput
from backend.sales.models import SalesDelivery, SalesOrder
from backend.sales.services import deliveries
from backend.sales.services.inputs import DeliveryData
from backend.service.models import Ticket
from backend.service.services.tickets import TicketData, open_ticket
from backend.workflow.models import Notification, Task
from backend.workflow.texts import render
from tests.scenarios.world import (
    D,
    World,
    books_balance,
    demand_of,
    ledger,
    line_of,
    live_suggestion,
    open_amount,
    promised,
    settle,
    stock_value,
)


@dataclass
class Chain:
    """What came of it."""

    world: World
    item: Item
    order: SalesOrder
    purchase: PurchaseOrder
    deliveries: list[SalesDelivery]
    ticket: Ticket


def run(world: World) -> Chain:
    """The whole chain."""
    item = world.item("PAPER-A4", "A4 paper", stock=80, lot_tracked=True, pack_qty=D(50))
    order = shortage(world, item)
    purchase = buy(world, item, order)
    first = deliver(world, order, 80)
    later(world, order, purchase)
    receive(world, order, purchase)
    second = deliver(world, order, 20)
    collect(world, order, [first, second])
    pay(world, purchase)
    books(world)
    ticket = complain(world, second)
    return Chain(world, item, order, purchase, [first, second], ticket)


def shortage(world: World, item: Item) -> SalesOrder:
    order = world.order(item, 100)
    settle()
    suggestion = live_suggestion(item)
    assert demand_of(order).reserved_qty == 80
    assert (suggestion.need_qty, suggestion.qty) == (20, 50)
    told = suggestion.explanation
    assert (D(told["need"]), D(told["pack_qty"]), D(told["rounded_to"])) == (100, 50, 50)
    assert promised(order) == [(80, world.today), (20, world.day(7))]
    task = Task.objects.get(kind="purchasing.shortage", subject_id=suggestion.pk)
    assert task.assignee_id == world.buyer.member_id
    assert "50" in render(task.kind, task.params)[1]
    return order


def buy(world: World, item: Item, order: SalesOrder) -> PurchaseOrder:
    [purchase] = orders.order_from_suggestions(
        suggestion_ids=[live_suggestion(item).pk], actor=world.buyer, at=world.at
    )
    assert promised(order) == [(80, world.today), (20, world.day(7))]
    began = time.monotonic()
    orders.approve_order(order_id=purchase.pk, actor=world.buyer, at=world.at)
    settle()
    assert time.monotonic() - began < 10
    assert promised(order) == [(80, world.today), (20, world.day(7))]
    assert not Task.objects.filter(kind="purchasing.shortage", done_at=None).exists()
    assert purchase.number in {node.document.number for node in graph(order).nodes}
    message = Notification.objects.get(kind="supplier.order_sent", params__number=purchase.number)
    assert message.member_id == world.supplier_person.member_id
    assert message.mailed_at is not None
    assert any(world.supplier_person.email in sent.to and purchase.number in sent.subject for sent in mail.outbox)
    assert orders.mark_viewed(order_id=purchase.pk, actor=world.supplier_person, at=world.at)
    return order_for(world.supplier_person, purchase.number)


def purchase_line(purchase: PurchaseOrder) -> PurchaseOrderLine:
    return PurchaseOrderLine.objects.get(document=purchase)


def later(world: World, order: SalesOrder, purchase: PurchaseOrder) -> None:
    """The supplier confirms four days later: promise, task and customer's message follow in seconds."""
    line = purchase_line(purchase)
    began = time.monotonic()
    answer = confirmations.answer_order(
        order_id=purchase.pk,
        lines=[AnswerLine(line.pk, [PartInput(D(50), world.day(11))], reason="pulp is late")],
        actor=world.supplier_person,
        at=world.at,
    )
    settle()
    assert time.monotonic() - began < 5
    assert promised(order) == [(20, world.day(11))]
    revision = PromiseRevision.objects.get(demand__ref_id=order.pk, cause="purchase_order_answered")
    assert (revision.old_date, revision.new_date) == (world.day(7), world.day(11))
    for known in (purchase.number, world.supplier.label, "pulp is late", world.day(11).isoformat()):
        assert known in revision.cause_text
    task = Task.objects.get(kind="sales.promise_moved", done_at=None, subject_id=order.pk)
    assert task.assignee_id == world.rep.member_id
    message = Notification.objects.get(kind="customer.promise_moved", params__number=order.number)
    assert message.member_id == world.customer_person.member_id
    words = " ".join(render(message.kind, message.params))
    assert message.params["reason"]
    assert message.params["reason"] in words
    assert world.supplier.label not in words
    assert purchase.number not in words
    assert answer.state == "proposed"
    assert Task.objects.filter(kind="purchasing.answer_to_decide", done_at=None, subject_id=purchase.pk).exists()
    confirmations.decide_confirmation(confirmation_id=answer.pk, accept=True, actor=world.buyer, at=world.at)
    settle()
    assert not Task.objects.filter(kind="purchasing.answer_to_decide", done_at=None).exists()


def receive(world: World, order: SalesOrder, purchase: PurchaseOrder) -> None:
    """Progress, shipping notice with its lot, receipt in one call; what waited is reserved by itself."""
    line = purchase_line(purchase)
    progress.report_progress(
        order_line_id=line.pk, node="in_production", percent=60, actor=world.supplier_person, at=world.at
    )
    notice = asns.submit_asn(
        data=AsnData(
            lines=[AsnLineInput(line.pk, D(50), lot_no="MILL-77")],
            expected_date=world.day(10),
            carrier_name=world.carrier.label,
            tracking_no="IN-1",
        ),
        actor=world.supplier_person,
        at=world.at,
    )
    settle()
    assert promised(order) == [(20, world.day(10))]
    assert Task.objects.filter(kind="purchasing.goods_coming", done_at=None, subject_id=notice.pk).exists()
    receipts.receive_asn(asn_id=notice.pk, supplier_note_no="DN-9", actor=world.keeper, at=world.at)
    settle()
    assert demand_of(order).reserved_qty == 20
    assert promised(order) == [(20, world.today)]
    assert not Task.objects.filter(done_at=None, kind__in=["purchasing.goods_coming", "sales.promise_moved"]).exists()
    assert Notification.objects.filter(kind="sales.goods_reserved", member_id=world.rep.member_id).exists()
    lot = Lot.objects.get(lot_no="MILL-77")
    assert lot.supplier_id == world.supplier.pk
    purchase.refresh_from_db()
    assert (purchase.received, purchase.closing) == ("full", "auto_closed")


def deliver(world: World, order: SalesOrder, qty: int) -> SalesDelivery:
    """What is reserved leaves; the customer hears of it and signs."""
    made = deliveries.ship_order(
        order_id=order.pk,
        data=DeliveryData(carrier_id=world.carrier.pk, tracking_no=f"OUT-{qty}"),
        actor=world.keeper,
        at=world.at,
    )
    settle()
    assert sum(line.qty for line in made.lines.all()) == qty
    shipment = Shipment.objects.get(source_id=made.pk)
    assert (shipment.direction, shipment.carrier_id) == ("out", world.carrier.pk)
    assert shipment.expected_date == world.day(1)
    message = Notification.objects.get(kind="customer.order_shipped", params__number=made.number)
    assert message.member_id == world.customer_person.member_id
    assert message.params["expected_date"] == world.day(1).isoformat()
    signed = deliveries.sign_delivery(
        delivery_id=made.pk, signed_by="Front desk", actor=world.customer_person, at=world.at + timedelta(hours=1)
    )
    shipment.refresh_from_db()
    assert shipment.signed_by == "Front desk"
    return signed


def collect(world: World, order: SalesOrder, shipped: list[SalesDelivery]) -> None:
    """One invoice over both deliveries, money in, matched."""
    invoice = invoice_deliveries(delivery_ids=[made.pk for made in shipped], actor=world.accountant, at=world.at)
    sales_invoices.approve_invoice(invoice_id=invoice.pk, actor=world.accountant, at=world.at)
    order.refresh_from_db()
    assert (order.shipped, order.invoiced, order.closing) == ("full", "full", "auto_closed")
    invoice.refresh_from_db()
    assert invoice.gross_amount == D("16950.00")
    assert open_amount("receivable", world.customer) == D("16950.00")
    receipt = money.save_receipt(
        data=money_data(world, world.customer, "16950", invoice), actor=world.accountant, at=world.at
    )
    money.approve_receipt(receipt_id=receipt.pk, actor=world.accountant, at=world.at)
    settle()
    assert open_amount("receivable", world.customer) == 0
    assert SalesInvoice.objects.get(pk=invoice.pk).settled == "full"
    order.refresh_from_db()
    assert order.settled == "full"


def money_data(world: World, party: Any, amount: str, invoice: Any) -> money.MoneyData:
    return money.MoneyData(
        party_id=party.pk,
        fund_account_id=FundAccount.objects.get(code="BANK").pk,
        doc_date=world.today,
        amount=D(amount),
        allocations=[(invoice.pk, D(amount))],
    )


def pay(world: World, purchase: PurchaseOrder) -> None:
    """Statement agreed by both, the supplier's invoice matched three ways, paid."""
    statement = propose_supplier_statement(
        party_id=world.supplier.pk,
        period_from=world.today.replace(day=1),
        period_to=world.today,
        actor=world.accountant,
        at=world.at,
    )
    settle()
    assert (statement.opening_amount, statement.received_amount, statement.closing_amount) == (0, 5650, 5650)
    [line] = statement.lines.all()
    assert (line.their_number, line.order_number) == ("DN-9", purchase.number)
    asked = Notification.objects.get(kind="supplier.statement_proposed", params__number=statement.number)
    assert asked.member_id == world.supplier_person.member_id
    statements.accept_lines(statement_id=statement.pk, actor=world.supplier_person, at=world.at)
    statements.agree(statement_id=statement.pk, side="them", actor=world.supplier_person, at=world.at)
    statements.agree(statement_id=statement.pk, side="us", actor=world.accountant, at=world.at)
    invoice = invoice_statement(
        statement_id=statement.pk, external_no="FP-1001", actor=world.supplier_person, at=world.at
    )
    assert invoice.submitted_by_supplier
    purchase_invoices.approve_invoice(invoice_id=invoice.pk, actor=world.accountant, at=world.at)
    found = PurchaseInvoice.objects.get(pk=invoice.pk)
    assert (found.match_state, found.gross_amount) == ("matched", D("5650.00"))
    purchase.refresh_from_db()
    assert purchase.invoiced == "full"
    assert open_amount("payable", world.supplier) == D("5650.00")
    payment = money.save_payment(
        data=money_data(world, world.supplier, "5650", invoice), actor=world.accountant, at=world.at
    )
    money.approve_payment(payment_id=payment.pk, actor=world.accountant, at=world.at)
    settle()
    assert open_amount("payable", world.supplier) == 0
    assert Notification.objects.filter(kind="supplier.payment_made", params__number=payment.number).exists()


def books(world: World) -> None:
    """Debits equal credits, the inventory account equals the stock, nothing hangs between."""
    assert books_balance()
    assert stock_value() == ledger("inventory") == D("3000.00")
    assert ledger("ap_grni") == 0
    assert ledger("ar") == 0
    assert ledger("ap_trade") == 0
    assert ledger("revenue") == D("-15000.00")
    assert ledger("cogs") == D("10000.00")


def complain(world: World, delivery: SalesDelivery) -> Ticket:
    """One click on the delivered line: item, lot, supplier and carrier are known."""
    line = delivery.lines.get(lot__lot_no="MILL-77")
    ticket = open_ticket(
        data=TicketData(category="quality", delivery_line_id=line.pk, affected_qty=D(2)),
        actor=world.customer_person,
        at=world.at + timedelta(hours=2),
    )
    settle()
    assert (ticket.lot.lot_no, ticket.supplier_id, ticket.carrier_id, ticket.order_id) == (
        "MILL-77",
        world.supplier.pk,
        world.carrier.pk,
        line.order_line.document_id,
    )
    assert Task.objects.filter(kind="service.ticket_opened", subject_id=ticket.pk, done_at=None).exists()
    assert line_of(ticket.order).item_id == ticket.item_id
    return ticket
