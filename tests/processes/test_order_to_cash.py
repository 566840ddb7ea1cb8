"""Order to cash: promises that move, shipments, invoices and what the customer reads."""

import pytest

from backend.availability.models import PromiseRevision
from backend.invoicing.models import FundAccount
from backend.invoicing.services import money, sales_invoices
from backend.kernel.comments import add_comment
from backend.kernel.errors import Refusal
from backend.logistics.models import Shipment
from backend.processes.order_to_cash import invoice_deliveries, propose_customer_statement
from backend.processes.promise_words import tell_customer, untold_revisions
from backend.purchasing.services import confirmations, orders
from backend.purchasing.services.inputs import AnswerLine, PartInput
from backend.sales.services import deliveries
from backend.sales.services.inputs import DeliveryData
from backend.service.services.tickets import TicketData, open_ticket
from backend.workflow.models import Notification, Task
from backend.workflow.texts import render
from tests.scenarios.world import D, World, live_suggestion, settle


@pytest.fixture
def world(tenant) -> World:
    return World()


def delayed_order(world: World):
    """An order of 100 of which 20 come eleven days later than was promised first."""
    item = world.item("PAPER", "Paper", stock=80, pack_qty=D(50))
    order = world.order(item, 100)
    [purchase] = orders.order_from_suggestions(
        suggestion_ids=[live_suggestion(item).pk], actor=world.buyer, at=world.at
    )
    orders.approve_order(order_id=purchase.pk, actor=world.buyer, at=world.at)
    confirmations.answer_order(
        order_id=purchase.pk,
        lines=[AnswerLine(purchase.lines.get().pk, [PartInput(D(50), world.day(18))], reason="strike")],
        actor=world.supplier_person,
        at=world.at,
    )
    settle()
    return order, purchase


def test_a_delay_is_told_with_its_reason_but_without_the_supplier(world):
    order, purchase = delayed_order(world)
    message = Notification.objects.get(kind="customer.promise_moved")
    words = " ".join(render(message.kind, message.params))
    assert order.number in words
    assert world.supplier.label not in words
    assert purchase.number not in words
    assert "strike" not in words


def test_the_seller_finds_better_words_and_is_done(world):
    order, _purchase = delayed_order(world)
    assert len(untold_revisions(order.pk)) == 1
    assert tell_customer(order=order, text="We add a free carton.", actor=world.rep, at=world.at) == 1
    assert PromiseRevision.objects.filter(customer_reason="We add a free carton.").exists()
    assert not Task.objects.filter(kind="sales.promise_moved", done_at=None).exists()
    with pytest.raises(Refusal):
        tell_customer(order=order, text="again", actor=world.rep, at=world.at)


def test_an_earlier_date_ends_the_to_do(world):
    order, purchase = delayed_order(world)
    assert Task.objects.filter(kind="sales.promise_moved", done_at=None).count() == 1
    confirmations.answer_order(
        order_id=purchase.pk,
        lines=[AnswerLine(purchase.lines.get().pk, [PartInput(D(50), world.day(6))])],
        actor=world.supplier_person,
        at=world.at,
    )
    settle()
    assert not Task.objects.filter(kind="sales.promise_moved", done_at=None).exists()
    order.refresh_from_db()
    assert order.promise_date == world.day(6)


def test_a_delivery_taken_back_takes_its_shipment_along(world):
    item = world.item("PAPER", "Paper", stock=10)
    order = world.order(item, 10)
    made = deliveries.ship_order(order_id=order.pk, actor=world.keeper, at=world.at)
    assert Shipment.objects.filter(source_id=made.pk).exists()
    deliveries.unapprove_delivery(delivery_id=made.pk, actor=world.keeper, at=world.at)
    settle()
    assert not Shipment.objects.filter(source_id=made.pk).exists()
    assert not Notification.objects.filter(kind="customer.order_shipped").exists()


def test_deliveries_become_an_invoice_and_money_settles_the_order(world):
    item = world.item("PAPER", "Paper", stock=10)
    order = world.order(item, 10)
    made = deliveries.ship_order(order_id=order.pk, actor=world.keeper, at=world.at)
    invoice = invoice_deliveries(delivery_ids=[made.pk], actor=world.accountant, at=world.at)
    sales_invoices.approve_invoice(invoice_id=invoice.pk, actor=world.accountant, at=world.at)
    settle()
    assert Notification.objects.filter(kind="customer.order_shipped", params__number=made.number).exists()
    with pytest.raises(Refusal) as refused:
        invoice_deliveries(delivery_ids=[made.pk], actor=world.accountant, at=world.at)
    assert refused.value.code == "nothing_to_invoice"
    _receive_money(world, invoice, "1000")
    order.refresh_from_db()
    assert order.settled == "partial"
    _receive_money(world, invoice, "695")
    order.refresh_from_db()
    assert order.settled == "full"


def _receive_money(world: World, invoice, amount: str) -> None:
    data = money.MoneyData(
        party_id=world.customer.pk,
        fund_account_id=FundAccount.objects.get(code="BANK").pk,
        doc_date=world.today,
        amount=D(amount),
        allocations=[(invoice.pk, D(amount))],
    )
    receipt = money.save_receipt(data=data, actor=world.accountant, at=world.at)
    money.approve_receipt(receipt_id=receipt.pk, actor=world.accountant, at=world.at)
    settle()


def test_a_customer_statement_gathers_goods_and_money(world):
    reader = world.person("customer_finance", party=world.customer)
    item = world.item("PAPER", "Paper", stock=10)
    order = world.order(item, 10)
    made = deliveries.ship_order(order_id=order.pk, actor=world.keeper, at=world.at)
    invoice = invoice_deliveries(delivery_ids=[made.pk], actor=world.accountant, at=world.at)
    sales_invoices.approve_invoice(invoice_id=invoice.pk, actor=world.accountant, at=world.at)
    _receive_money(world, invoice, "1000")
    statement = propose_customer_statement(
        party_id=world.customer.pk,
        period_from=world.day(-5),
        period_to=world.day(5),
        actor=world.accountant,
        at=world.at,
    )
    assert (statement.received_amount, statement.paid_amount, statement.closing_amount) == (1695, 1000, 695)
    settle()
    told = Notification.objects.get(params__number=statement.number)
    assert (told.member_id, told.url) == (reader.member_id, f"/customer/statements/{statement.number}/")


def test_messages_reach_the_other_side_alone(world):
    item = world.item("PAPER", "Paper", stock=10)
    order = world.order(item, 1)
    add_comment(subject=order, text="only for us", actor=world.rep, at=world.at)
    add_comment(subject=order, text="Shall we call?", visibility="customer", actor=world.rep, at=world.at)
    add_comment(subject=order, text="Yes please", visibility="customer", actor=world.customer_person, at=world.at)
    settle()
    told = {
        (message.member_id, message.params["text"])
        for message in Notification.objects.filter(kind="discussion.comment")
    }
    assert told == {(world.customer_person.member_id, "Shall we call?"), (world.rep.member_id, "Yes please")}


def test_a_ticket_is_a_to_do_until_it_is_answered(world):
    ticket = open_ticket(
        data=TicketData(category="question", subject="Colour"), actor=world.customer_person, at=world.at
    )
    settle()
    assert Task.objects.filter(kind="service.ticket_opened", done_at=None, subject_id=ticket.pk).exists()


def test_scm_12_the_customer_reads_within_a_minute_of_dispatch_that_it_comes_tomorrow(world):
    """SCM-12: the message and the mail stand beside the dispatch, in the customer's words."""
    from django.core import mail
    from django.utils import timezone, translation

    item, dispatched = world.item("PAPER", "Paper", stock=10), timezone.now()
    order = world.order(item, 10)
    made = deliveries.ship_order(
        order_id=order.pk, data=DeliveryData(carrier_id=world.carrier.pk), actor=world.keeper, at=dispatched
    )
    settle()
    shipment = Shipment.objects.get(source_id=made.pk)
    assert shipment.expected_date == world.day(1)
    assert [event.kind for event in shipment.milestones.order_by("at")][-1] == "dispatched"
    message = Notification.objects.get(kind="customer.order_shipped", member_id=world.customer_person.member_id)
    assert (timezone.now() - dispatched).total_seconds() < 60
    assert (message.created_at - dispatched).total_seconds() < 60
    with translation.override("zh-hans"):
        title, body = render(message.kind, message.params)
    assert title == f"您的订单 {order.number} 已出库，预计明日送达"
    assert shipment.expected_date.isoformat() in body
    assert any(title in sent.subject and world.customer_person.email in sent.to for sent in mail.outbox)
    later = render(message.kind, {**message.params, "when": ""})[0]
    assert "明日" not in later
