"""Papers of a customer: quotations, orders, deliveries, returns, invoices, money, consignments, a ticket."""

from typing import Any

from backend.catalog.models import Item
from backend.invoicing.services import money, sales_invoices
from backend.parties.models import Party
from backend.processes.order_to_cash import invoice_deliveries
from backend.processes.statements import propose_customer_statement
from backend.sales.models import SalesOrder
from backend.sales.selectors.consignments import consigned_with
from backend.sales.services import deliveries, orders, quotes
from backend.sales.services import returns as sales_returns
from backend.sales.services.consignment_reports import report_sold
from backend.sales.services.consignments import approve_consignment, save_consignment
from backend.sales.services.inputs import ConsignmentLineInput, DeliveryLineInput, LineInput, OrderData, QuoteData
from backend.sales.services.inputs import ReturnData as SalesReturnData
from backend.sales.services.inputs import ReturnLineInput as ComesBack
from backend.service.services.tickets import TicketData, open_ticket
from tests.papers.partners import Partner, discuss, money_of, month_of
from tests.scenarios.world import SYSTEM, D, World


def sell(world: World, customer: Partner, item: Item, mark: str) -> None:
    """Quotations, orders, deliveries, invoices, money, a statement and a ticket of one customer."""
    at, keep = world.at, customer.keep
    _quotes(world, customer, item)
    keep(order_of(world, customer.party, item, 3, approve=False))
    waiting = keep(order_of(world, customer.party, item, 7))
    line = waiting.lines.get()
    keep(
        deliveries.create_delivery_from_order(
            order_id=waiting.pk, lines=[DeliveryLineInput(line.pk, D(2))], actor=world.keeper, at=at
        )
    )
    sent = keep(order_of(world, customer.party, item, 11))
    gone = keep(deliveries.ship_order(order_id=sent.pk, actor=world.keeper, at=at))
    signed = keep(
        deliveries.ship_order(order_id=order_of(world, customer.party, item, 13).pk, actor=world.keeper, at=at)
    )
    deliveries.sign_delivery(delivery_id=signed.pk, signed_by="Desk", actor=customer.person, at=at)
    keep(invoice_deliveries(delivery_ids=[gone.pk], actor=world.accountant, at=at))
    billed = keep(invoice_deliveries(delivery_ids=[signed.pk], actor=world.accountant, at=at))
    billed = sales_invoices.approve_invoice(invoice_id=billed.pk, actor=world.accountant, at=at)
    keep(money.save_receipt(data=money_of(world, customer.party, 10, billed), actor=world.accountant, at=at))
    paid = keep(money.save_receipt(data=money_of(world, customer.party, 20, billed), actor=world.accountant, at=at))
    money.approve_receipt(receipt_id=paid.pk, actor=world.accountant, at=at)
    _come_back(world, customer, gone, signed)
    _sells_for_us(world, customer, item)
    month_of(world, customer, propose_customer_statement)
    data = TicketData(category="quality", description=f"{mark} damp", delivery_line_id=gone.lines.get().pk)
    keep(open_ticket(data=data, actor=customer.person, at=at))
    discuss(world, customer, sent, "customer", mark)


def _sells_for_us(world: World, customer: Partner, item: Item) -> None:
    """Goods on consignment, some sold, and what the agent says he sold."""
    who: Any = {"actor": world.keeper, "at": world.at}
    for kind, qty in (("out", 6), ("sold", 2)):
        paper = save_consignment(
            kind=kind,
            customer_id=customer.party.pk,
            warehouse_id=world.warehouse.pk,
            doc_date=world.today,
            lines=[ConsignmentLineInput(item.pk, D(qty))],
            **who,
        )
        approve_consignment(document_id=customer.keep(paper).pk, **who)
    there = consigned_with(customer.party.pk)[0]
    said = ConsignmentLineInput(item.pk, D(1), lot_id=there.lot.pk if there.lot else None)
    customer.keep(report_sold(lines=[said], actor=customer.person, at=world.at))


def _quotes(world: World, customer: Partner, item: Item) -> None:
    for send in (False, True):
        data = QuoteData(
            customer_id=customer.party.pk,
            requested_date=world.day(9),
            valid_until=world.day(20),
            lines=(LineInput(item.pk, D(17)),),
        )
        quote = customer.keep(quotes.save_quote(data=data, actor=world.rep, at=world.at))
        if send:
            quotes.send_quote(quote_id=quote.pk, actor=world.rep, at=world.at)


def order_of(world: World, party: Party, item: Item, qty: int, *, approve: bool = True) -> SalesOrder:
    data = OrderData(customer_id=party.pk, requested_date=world.day(3), lines=(LineInput(item.pk, D(qty)),))
    order = orders.save_order(data=data, actor=world.rep, at=world.at)
    return orders.approve_order(order_id=order.pk, actor=world.rep, at=world.at) if approve else order


def _come_back(world: World, customer: Partner, *delivered: Any) -> None:
    """One return asked for by the customer, one decided."""
    for place, delivery in enumerate(delivered):
        line = ComesBack(delivery.lines.get().pk, D(2), note="torn")
        data = SalesReturnData(lines=(line,))
        made = customer.keep(sales_returns.save_return(data=data, actor=customer.person, at=world.at))
        if place:
            sales_returns.authorise_return(return_id=made.pk, actor=world.rep, at=world.at)
            sales_returns.receive_return(return_id=made.pk, actor=world.rep, at=world.at)
            sales_returns.decide_return(return_id=made.pk, actor=SYSTEM, at=world.at)
