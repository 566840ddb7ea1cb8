"""SCM-14, SAL-03: goods come back: inspected, restocked or scrapped, credited or exchanged, at the cost they left with."""

from datetime import timedelta
from decimal import Decimal

import pytest

from backend.accounting.models import OpenItem, Voucher
from backend.inventory.models import StockBalance, StockMove
from backend.invoicing.models import SalesInvoice
from backend.invoicing.services import money, sales_invoices
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, NotFoundRefused, Refusal
from backend.posting import reconciliation
from backend.processes.order_to_cash import invoice_deliveries
from backend.processes.returns import ship_exchange
from backend.processes.statements import propose_customer_statement
from backend.sales.models import SalesDelivery, SalesOrder, SalesOrderLine, SalesReturn
from backend.sales.services import deliveries, returns
from tests.factories.accounting import balance
from tests.factories.catalog import make_item
from tests.factories.invoicing import money_data
from tests.factories.parties import AT, make_customer
from tests.factories.purchasing import make_purchase_order, receive
from tests.factories.returns import ROBOT, take_back
from tests.factories.sales import approved_order
from tests.posting.test_sources import set_mode

pytestmark = pytest.mark.usefixtures("tenant")
D = Decimal


def sold(qty=10, *, stock=20, customer=None):
    """Ten sold at 22.60 with tax that cost 10 each."""
    item = make_item()
    receive(make_purchase_order((item, stock)), stock)
    order = approved_order((item, qty, "22.60"), customer=customer or make_customer())
    return item, order, deliveries.ship_order(order_id=order.pk, actor=ROBOT, at=AT)


def invoiced(delivery):
    made = invoice_deliveries(delivery_ids=[delivery.pk], actor=ROBOT, at=AT)
    return sales_invoices.approve_invoice(invoice_id=made.pk, actor=ROBOT, at=AT)


def stock_of(item):
    found = StockBalance.objects.get(item=item)
    return found.on_hand, found.value


def owed(customer):
    found = OpenItem.objects.filter(party=customer, kind="receivable", voided=False)
    return sum(found.values_list("open_amount", flat=True))


def test_scm_14_three_of_ten_two_to_stock_one_scrapped_three_credited():
    item, _order, delivery = sold()
    invoice = invoiced(delivery)
    document = take_back(delivery, 3, scrap=1)
    line = document.lines.get()
    assert (line.received_qty, line.restock_qty, line.scrap_qty, line.credit_qty) == (3, 2, 1, 3)
    assert (line.cost_amount, line.scrap_amount) == (D("30.00"), D("10.00"))
    assert stock_of(item) == (12, D("120.00"))
    move = StockMove.objects.get(kind="sales_return")
    assert (move.qty_in, move.value_in) == (2, D("20.00"))
    note = SalesInvoice.objects.get(gross_amount__lt=0)
    assert note.is_approved
    assert note.lines.get().qty == -3
    assert note.gross_amount == D("-67.80")
    invoice.refresh_from_db()
    assert invoice.open_amount == D("158.20")
    assert owed(delivery.customer) == D("158.20")
    assert balance("pending_loss_gain") == D("10.00")
    assert balance("cogs") == D("70.00")
    assert balance("revenue") == D("-140.00")
    assert reconciliation.all_differences() == []


def test_scm_14_the_cost_is_the_one_of_the_issue_not_of_today():
    set_mode("purchasing.price_rise_pct", 100)
    item, _order, delivery = sold(stock=10)
    receive(make_purchase_order((item, 10, "22.60")), 10)  # now 20 each
    take_back(delivery, 4)
    assert stock_of(item) == (14, D("240.00"))
    assert reconciliation.all_differences() == []


def test_scm_14_not_invoiced_less_is_left_to_invoice():
    _item, order, delivery = sold()
    take_back(delivery, 3)
    assert not SalesInvoice.objects.exists()
    assert invoiced(delivery).gross_amount == D("158.20")
    assert SalesOrder.objects.get(pk=order.pk).invoiced == "full"
    assert reconciliation.all_differences() == []


def test_scm_14_states_and_what_they_allow():
    item, _order, delivery = sold()
    asked = take_back(delivery, 3, upto="request")
    with pytest.raises(Conflict):
        returns.receive_return(return_id=asked.pk, actor=ROBOT, at=AT)
    returns.authorise_return(return_id=asked.pk, actor=ROBOT, at=AT)
    line = asked.lines.get()
    with pytest.raises(Refusal, match="4 counted"):
        returns.receive_return(return_id=asked.pk, quantities={line.pk: D(4)}, actor=ROBOT, at=AT)
    returns.receive_return(return_id=asked.pk, quantities={line.pk: D(2)}, actor=ROBOT, at=AT)
    assert stock_of(item)[0] == 10  # in inspection: not in stock
    with pytest.raises(Refusal, match="do not add up"):
        returns.decide_return(
            return_id=asked.pk, decisions=[returns.DecisionInput(line.pk, D(1), D(0))], actor=ROBOT, at=AT
        )
    done = returns.decide_return(
        return_id=asked.pk, decisions=[returns.DecisionInput(line.pk, D(0), D(2))], note="wet", actor=ROBOT, at=AT
    )
    assert done.state == "done"
    assert stock_of(item)[0] == 10
    assert done.gross_amount == D("45.20")
    assert balance("pending_loss_gain") == D("20.00")
    assert reconciliation.all_differences() == []
    refused = take_back(delivery, 1, upto="authorise")
    with pytest.raises(Refusal, match="why"):
        returns.refuse_return(return_id=refused.pk, reason=" ", actor=ROBOT, at=AT)
    returns.refuse_return(return_id=refused.pk, reason="opened", actor=ROBOT, at=AT)
    assert SalesReturn.objects.get(pk=refused.pk).approval == "rejected"


def test_scm_14_taken_back_everything_is_as_before():
    item, _order, delivery = sold()
    invoice = invoiced(delivery)
    document = take_back(delivery, 3, scrap=1)
    returns.unapprove_return(return_id=document.pk, actor=ROBOT, at=AT)
    invoice.refresh_from_db()
    document.refresh_from_db()
    assert document.state == "received"
    assert invoice.settled_amount == 0
    assert stock_of(item) == (10, D("100.00"))
    assert owed(delivery.customer) == D("226.00")
    assert balance("pending_loss_gain") == 0
    assert balance("cogs") == D("100.00")
    assert reconciliation.all_differences() == []
    returns.decide_return(return_id=document.pk, actor=ROBOT, at=AT)
    assert stock_of(item) == (13, D("130.00"))
    assert reconciliation.all_differences() == []


def test_scm_14_both_ways_of_booking_cost():
    set_mode("accounting.cogs_timing", "invoice")
    _item, _order, delivery = sold()
    take_back(delivery, 2)
    assert balance("goods_dispatched") == D("80.00")
    invoiced(delivery)
    take_back(delivery, 1, scrap=1)
    assert balance("goods_dispatched") == 0
    assert balance("cogs") == D("70.00")
    assert reconciliation.all_differences() == []


def test_scm_14_delivery_mode_moves_the_receivable_at_once():
    set_mode("accounting.settlement_mode", "delivery")
    _item, _order, delivery = sold()
    take_back(delivery, 3)
    assert owed(delivery.customer) == D("158.20")
    invoiced(delivery)
    take_back(delivery, 2)
    assert owed(delivery.customer) == D("113.00")
    assert reconciliation.all_differences() == []


def test_sal_03_exchange_ships_a_replacement_with_nothing_left_to_pay():
    item, order, delivery = sold()
    invoice = invoiced(delivery)
    document = take_back(delivery, 3, scrap=3, outcome="exchange")
    row = SalesOrderLine.objects.get(document=order)
    assert (row.shipped_qty, row.open_qty) == (7, 3)
    again = ship_exchange(return_id=document.pk, actor=ROBOT, at=AT)
    assert again.is_approved
    assert again.lines.get().qty == 3
    invoice.refresh_from_db()
    made = SalesInvoice.objects.filter(gross_amount__gt=0).exclude(pk=invoice.pk).get()
    assert made.gross_amount == D("67.80")
    assert owed(delivery.customer) == D("226.00")  # as before the exchange
    assert stock_of(item)[0] == 7
    assert SalesOrder.objects.get(pk=order.pk).closing == "auto_closed"
    assert reconciliation.all_differences() == []
    with pytest.raises(Conflict):
        ship_exchange(return_id=document.pk, actor=ROBOT, at=AT)
    with pytest.raises(Conflict, match="shipped already"):
        returns.unapprove_return(return_id=document.pk, actor=ROBOT, at=AT)


def test_sal_03_paid_invoice_exchange_nets_to_zero():
    _item, _order, delivery = sold()
    invoice = invoiced(delivery)
    paid = money.save_receipt(data=money_data(delivery.customer, "226.00", [(invoice, "226.00")]), actor=ROBOT, at=AT)
    money.approve_receipt(receipt_id=paid.pk, actor=ROBOT, at=AT)
    document = take_back(delivery, 3, outcome="exchange")
    assert owed(delivery.customer) == D("-67.80")
    ship_exchange(return_id=document.pk, actor=ROBOT, at=AT)
    assert owed(delivery.customer) == 0
    assert not OpenItem.objects.filter(kind="receivable", voided=False).exclude(open_amount=0).exists()
    assert reconciliation.all_differences() == []


def customer_of(delivery):
    return Actor(
        kind="customer",
        name="Buyer",
        party_id=delivery.customer_id,
        channel="portal",
        permissions=frozenset({"customer.order.view", "customer.order.return"}),
    )


def test_sal_03_a_customer_asks_within_the_rules():
    _item, _order, delivery = sold()
    line, person = delivery.lines.get(), customer_of(delivery)
    data = returns.ReturnData(lines=(returns.ReturnLineInput(line.pk, D(8)),))
    made = returns.save_return(data=data, actor=person, at=AT)
    assert made.state == "requested"
    assert made.asked_by_customer
    with pytest.raises(Refusal, match="only 2 can"):
        returns.save_return(data=data, actor=person, at=AT)
    SalesDelivery.objects.filter(pk=delivery.pk).update(doc_date=AT.date() - timedelta(days=31))
    with pytest.raises(Refusal, match="within 30 days"):
        returns.save_return(
            data=returns.ReturnData(lines=(returns.ReturnLineInput(line.pk, D(1)),)), actor=person, at=AT
        )
    _other_item, _other_order, other = sold()
    foreign = returns.ReturnData(lines=(returns.ReturnLineInput(other.lines.get().pk, D(1)),))
    with pytest.raises(NotFoundRefused):
        returns.save_return(data=foreign, actor=person, at=AT)


def test_scm_14_the_statement_shows_the_return():
    _item, _order, delivery = sold()
    document = take_back(delivery, 3)
    statement = propose_customer_statement(
        party_id=delivery.customer_id, period_from=AT.date().replace(day=1), period_to=AT.date(), actor=ROBOT, at=AT
    )
    row = statement.lines.get(kind="return")
    assert (row.source_number, row.qty, row.amount) == (document.number, 3, D("-67.80"))
    assert statement.closing_amount == D("158.20")


def test_scm_14_vouchers_are_red_on_the_same_sides():
    _item, _order, delivery = sold()
    document = take_back(delivery, 3, scrap=1)
    voucher = Voucher.objects.get(source_id=document.pk)
    lines = {line.account.roles.first().role: (line.debit, line.credit) for line in voucher.lines.all()}
    assert lines["cogs"] == (D("-30.00"), 0)
    assert lines["inventory"] == (0, D("-20.00"))
