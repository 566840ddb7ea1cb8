"""Procure to pay: who is told, what waits for whom, and that telling twice is telling once."""

from datetime import timedelta

import pytest
from django.core import mail

from backend.availability.models import Suggestion
from backend.invoicing.models import FundAccount, PurchaseInvoice
from backend.invoicing.services import answering, money, purchase_invoices, statements
from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.errors import Refusal, StaleVersion
from backend.kernel.links import graph
from backend.processes import daily, procure_to_pay
from backend.processes.procure_to_pay import invoice_receipts, invoice_statement, propose_supplier_statement
from backend.purchasing.events import PurchaseOrderSent
from backend.purchasing.models import PurchaseReceipt
from backend.purchasing.services import asns, confirmations, orders, progress
from backend.purchasing.services.inputs import AnswerLine, LineInput, PartInput
from backend.purchasing.services.taking_back import unapprove_receipt
from backend.workflow.models import Notification, Task
from backend.workflow.services import set_parameter
from tests.factories.catalog import make_item
from tests.factories.parties import make_supplier
from tests.factories.purchasing import AT, day, lines_of, make_purchase_order, receive, ship
from tests.scenarios.world import D, World, live_suggestion, settle


@pytest.fixture
def world(tenant) -> World:
    return World(at=AT)


def open_tasks(kind: str) -> int:
    return Task.objects.filter(kind=kind, done_at=None).count()


def test_a_supplier_without_users_gets_a_plain_mail_once(world):
    supplier = make_supplier(email="sales@paper.example", language="en")
    order = make_purchase_order((make_item(), 3), supplier=supplier)
    settle()
    [sent] = [message for message in mail.outbox if "sales@paper.example" in message.to]
    assert order.number in sent.subject
    event = PurchaseOrderSent(order.pk, order.number, supplier.pk, 0)
    procure_to_pay.tell_supplier_of_order(event, world.buyer)
    assert len([message for message in mail.outbox if "sales@paper.example" in message.to]) == 1


def test_handlers_that_run_again_say_nothing_new(world):
    order = make_purchase_order((make_item(), 3), supplier=world.supplier)
    settle()
    before = (Notification.objects.count(), Task.objects.count(), len(mail.outbox))
    for row in ("tell_supplier_of_order",):
        handler = events.handler_called(f"backend.processes.procure_to_pay.{row}")
        assert handler is not None
        handler(PurchaseOrderSent(order.pk, order.number, world.supplier.pk, 0), Actor.system())
    settle()
    assert (Notification.objects.count(), Task.objects.count(), len(mail.outbox)) == before


def test_an_amendment_is_told_to_the_supplier(world):
    item = make_item()
    order = make_purchase_order((item, 3), supplier=world.supplier)
    orders.amend_order(
        order_id=order.pk,
        lines=[LineInput(item.pk, D(5), id=lines_of(order)[0].pk)],
        reason="more",
        actor=world.buyer,
        at=world.at,
    )
    settle()
    assert Notification.objects.filter(kind="supplier.order_changed", params__number=order.number).count() == 1


def test_a_declined_proposal_goes_back_to_the_supplier(world):
    order = make_purchase_order((make_item(), 3), supplier=world.supplier)
    [line] = lines_of(order)
    made = confirmations.answer_order(
        order_id=order.pk,
        lines=[AnswerLine(line.pk, [PartInput(D(3), day(7), D(20))])],
        actor=world.supplier_person,
        at=world.at,
    )
    settle()
    assert open_tasks("purchasing.answer_to_decide") == 1
    confirmations.decide_confirmation(
        confirmation_id=made.pk, accept=False, reason="too dear", actor=world.buyer, at=world.at
    )
    settle()
    assert open_tasks("purchasing.answer_to_decide") == 0
    told = Notification.objects.get(kind="supplier.counter_declined")
    assert (told.params["reason"], told.member_id) == ("too dear", world.supplier_person.member_id)


def test_a_plain_yes_makes_no_task(world):
    order = make_purchase_order((make_item(), 3), supplier=world.supplier)
    confirmations.confirm_order_all(order_id=order.pk, actor=world.supplier_person, at=world.at)
    settle()
    assert open_tasks("purchasing.answer_to_decide") == 0
    assert Notification.objects.filter(kind="purchasing.order_answered").exists()


def test_unfinished_after_its_day_is_an_exception(world):
    order = make_purchase_order((make_item(), 3), supplier=world.supplier, requested=day(-400))
    [line] = lines_of(order)
    progress.report_progress(
        order_line_id=line.pk, node="in_production", percent=60, actor=world.supplier_person, at=world.at
    )
    settle()
    task = Task.objects.get(kind="purchasing.progress_late")
    assert "60" in task.params["note"]


def test_a_withdrawn_notice_takes_the_warehouse_to_do_along(world):
    order = make_purchase_order((make_item(), 3), supplier=world.supplier)
    confirmations.confirm_order_all(order_id=order.pk, actor=world.supplier_person, at=world.at)
    notice = ship(order)
    settle()
    assert open_tasks("purchasing.goods_coming") == 1
    asns.withdraw_asn(asn_id=notice.pk, actor=world.supplier_person, at=world.at)
    settle()
    assert open_tasks("purchasing.goods_coming") == 0


def test_reminders_go_when_the_need_goes(world):
    item = world.item("PAPER", "Paper", stock=10)
    world.order(item, 30)
    settle()
    assert open_tasks("purchasing.shortage") == 1
    [order] = orders.order_from_suggestions(suggestion_ids=[live_suggestion(item).pk], actor=world.buyer, at=world.at)
    settle()
    assert open_tasks("purchasing.shortage") == 0
    assert order.supplier_id == world.supplier.pk


def test_receipts_become_one_invoice_that_counts_on_them(world):
    item = make_item()
    order = make_purchase_order((item, 10), supplier=world.supplier)
    made = [receive(order, 4), receive(order, 6)]
    invoice = invoice_receipts(
        receipt_ids=[receipt.pk for receipt in made], external_no="A1", actor=world.accountant, at=world.at
    )
    assert (invoice.lines.count(), invoice.gross_amount) == (2, D("113.00"))
    purchase_invoices.approve_invoice(invoice_id=invoice.pk, actor=world.accountant, at=world.at)
    order.refresh_from_db()
    assert order.invoiced == "full"
    assert set(PurchaseReceipt.objects.values_list("invoiced", flat=True)) == {"full"}
    with pytest.raises(Refusal) as refused:
        invoice_receipts(receipt_ids=[made[0].pk], actor=world.accountant, at=world.at)
    assert refused.value.code == "nothing_to_invoice"
    purchase_invoices.unapprove_invoice(invoice_id=invoice.pk, actor=world.accountant, at=world.at)
    order.refresh_from_db()
    assert order.invoiced == "none"


def test_an_order_is_paid_when_all_is_invoiced_and_every_invoice_is_paid(world, client_for, member_for):
    """The last states of a purchase line: invoiced, paid. Nothing paid, a part, all of it, and a payment taken back."""
    order = make_purchase_order((make_item(), 10), supplier=world.supplier)
    bills = []
    for part in (4, 6):
        bill = invoice_receipts(receipt_ids=[receive(order, part).pk], actor=world.accountant, at=world.at)
        bills.append(purchase_invoices.approve_invoice(invoice_id=bill.pk, actor=world.accountant, at=world.at))
    seen = []

    def look() -> None:
        settle()
        order.refresh_from_db()
        seen.append(order.paid)

    for bill in bills:
        look()
        fund = FundAccount.objects.get(code="BANK")
        amount = bill.gross_amount
        data = money.MoneyData(world.supplier.pk, fund.pk, world.today, amount, allocations=[(bill.pk, amount)])
        paid = money.save_payment(data=data, actor=world.accountant, at=world.at)
        money.approve_payment(payment_id=paid.pk, actor=world.accountant, at=world.at)
    look()
    assert seen == ["none", "partial", "full"]
    browser = client_for(member_for("buyer"))
    assert ">已结清<" in browser.get(f"/purchasing/orders/{order.number}/").content.decode()
    assert order.number in browser.get("/purchasing/orders/?view=all&paid=full").content.decode()
    assert order.number not in browser.get("/purchasing/orders/?view=all&paid=none,partial").content.decode()
    money.unapprove_payment(payment_id=paid.pk, actor=world.accountant, at=world.at)
    look()
    assert seen[-1] == "partial"


def test_receipts_of_two_suppliers_are_two_invoices(world):
    first = receive(make_purchase_order((make_item(), 1), supplier=world.supplier), 1)
    second = receive(make_purchase_order((make_item(), 1)), 1)
    with pytest.raises(Refusal) as refused:
        invoice_receipts(receipt_ids=[first.pk, second.pk], actor=world.accountant, at=world.at)
    assert refused.value.code == "several_suppliers"


def test_a_dearer_invoice_waits_for_somebody_who_may_accept_it(world):
    receipt = receive(make_purchase_order((make_item(), 10), supplier=world.supplier), 10)
    [line] = receipt.lines.all()
    invoice = invoice_receipts(receipt_ids=[receipt.pk], prices={line.pk: D("12")}, actor=world.accountant, at=world.at)
    with pytest.raises(Refusal):
        purchase_invoices.approve_invoice(invoice_id=invoice.pk, actor=world.accountant, at=world.at)
    settle()
    assert open_tasks("purchasing.invoice_to_check") == 1
    purchase_invoices.approve_invoice(
        invoice_id=invoice.pk, accept_differences=True, actor=world.accountant, at=world.at
    )
    settle()
    assert open_tasks("purchasing.invoice_to_check") == 0
    assert PurchaseInvoice.objects.get(pk=invoice.pk).approval == "approved"


def test_a_statement_is_disputed_answered_agreed_and_invoiced_once(world):
    order = make_purchase_order((make_item(), 10), (make_item(), 5), supplier=world.supplier)
    receive(order, 10, 5)
    asked = {"party_id": world.supplier.pk, "period_from": day(-30), "period_to": day(30)}
    statement = propose_supplier_statement(**asked, actor=world.accountant, at=world.at)
    settle()
    first, second = statement.lines.order_by("line_no")
    statements.dispute_line(
        statement_id=statement.pk, line_id=first.pk, reason="9 sent", actor=world.supplier_person, at=world.at
    )
    settle()
    assert open_tasks("invoicing.statement_disputed") == 1
    with pytest.raises(Refusal):
        invoice_statement(statement_id=statement.pk, actor=world.accountant, at=world.at)
    answering.answer_dispute(
        statement_id=statement.pk, line_id=first.pk, answer="counted again: 10", actor=world.accountant, at=world.at
    )
    statements.agree(statement_id=statement.pk, side="them", actor=world.supplier_person, at=world.at)
    statements.agree(statement_id=statement.pk, side="us", actor=world.accountant, at=world.at)
    settle()
    assert open_tasks("invoicing.statement_disputed") == 0
    invoice = invoice_statement(statement_id=statement.pk, actor=world.supplier_person, at=world.at)
    assert invoice.gross_amount == statement.closing_amount == D("169.50")
    assert second.amount == D("56.50")
    with pytest.raises(Refusal):
        propose_supplier_statement(**asked, actor=world.accountant, at=world.at)


def test_an_agreed_statement_is_invoiced_in_two_parts(world):
    receipt = receive(make_purchase_order((make_item(), 10), supplier=world.supplier), 10)
    asked = {"party_id": world.supplier.pk, "period_from": day(-30), "period_to": day(30)}
    statement = propose_supplier_statement(**asked, actor=world.accountant, at=world.at)
    for side, actor in (("them", world.supplier_person), ("us", world.accountant)):
        statements.agree(statement_id=statement.pk, side=side, actor=actor, at=world.at)
    who = {"statement_id": statement.pk, "actor": world.supplier_person, "at": world.at}
    states = []
    for number, quantities in (("FP-1", {receipt.lines.get().pk: D(4)}), ("FP-2", None)):
        invoice = invoice_statement(external_no=number, quantities=quantities, **who)
        purchase_invoices.approve_invoice(invoice_id=invoice.pk, actor=world.accountant, at=world.at)
        statement.refresh_from_db()
        states.append((statement.state, invoice.gross_amount))
    assert states == [("agreed", D("45.20")), ("invoiced", D("67.80"))]
    with pytest.raises(Refusal):
        invoice_statement(external_no="FP-3", **who)


def test_nobody_signs_a_statement_that_changed_after_it_was_read(world):
    order = make_purchase_order((make_item(), 10), supplier=world.supplier)
    receive(order, 4)
    second = receive(order, 6)
    asked = {"party_id": world.supplier.pk, "period_from": day(-30), "period_to": day(30)}
    read = propose_supplier_statement(**asked, actor=world.accountant, at=world.at)
    unapprove_receipt(receipt_id=second.pk, actor=world.buyer, at=world.at)
    sign = {"statement_id": read.pk, "side": "them", "actor": world.supplier_person, "at": world.at}
    with pytest.raises(StaleVersion):
        statements.agree(version=read.version, **sign)
    read.refresh_from_db()
    assert statements.agree(version=read.version, **sign).their_signed_at


def test_a_supplier_hears_of_changes_of_what_it_was_sent_alone(world):
    """Without users by mail: changed, withdrawn, sent again, closed; an order that was never sent is nobody's business."""
    supplier = make_supplier(email="sales@paper.example", language="en")
    order = make_purchase_order((make_item(), 3), supplier=supplier)
    [line] = lines_of(order)
    more = {"order_id": order.pk, "actor": world.buyer}
    orders.amend_order(lines=[LineInput(line.item_id, D(4), id=line.pk)], reason="more", at=world.at, **more)
    settle()
    orders.unapprove_order(at=world.at, **more)
    orders.approve_order(at=world.at + timedelta(minutes=5), **more)
    settle()
    orders.close_order(at=world.at, **more)
    settle()
    subjects = [message.subject for message in mail.outbox if "sales@paper.example" in message.to]
    assert [subject.split()[0] for subject in subjects] == ["New", "Order", "Order", "New", "Order"], subjects
    set_parameter(key="purchasing.auto_send", value=False, actor=world.buyer, at=world.at)
    hidden = make_purchase_order((make_item(), 3), supplier=supplier)
    [line] = lines_of(hidden)
    changed = [LineInput(line.item_id, D(4), id=line.pk)]
    orders.amend_order(order_id=hidden.pk, lines=changed, reason="more", actor=world.buyer, at=world.at)
    orders.unapprove_order(order_id=hidden.pk, actor=world.buyer, at=world.at)
    settle()
    assert len([message for message in mail.outbox if "sales@paper.example" in message.to]) == len(subjects)


def test_the_next_statement_opens_with_what_was_agreed_and_takes_up_what_was_missed(world):
    order = make_purchase_order((make_item(), 10), supplier=world.supplier)
    receive(order, 4)
    first = propose_supplier_statement(
        party_id=world.supplier.pk, period_from=day(-30), period_to=day(1), actor=world.accountant, at=world.at
    )
    statements.agree(statement_id=first.pk, side="them", actor=world.supplier_person, at=world.at)
    statements.agree(statement_id=first.pk, side="us", actor=world.accountant, at=world.at)
    receive(order, 6)
    second = propose_supplier_statement(
        party_id=world.supplier.pk,
        period_from=day(2),
        period_to=day(31),
        actor=world.accountant,
        at=world.at + timedelta(days=1),
    )
    assert (second.opening_amount, second.received_amount, second.closing_amount) == (D("45.20"), D("67.80"), D(113))
    assert [int(line.qty) for line in second.lines.all()] == [6]


def test_a_supplier_asks_for_a_statement_of_its_own_alone(world):
    foreign = make_supplier()
    receive(make_purchase_order((make_item(), 1), supplier=foreign), 1)
    with pytest.raises(Refusal) as refused:
        propose_supplier_statement(
            party_id=foreign.pk, period_from=day(-30), period_to=day(30), actor=world.supplier_person, at=world.at
        )
    assert refused.value.status == 404


def test_every_day_somebody_looks_for_what_is_late_and_unanswered(world):
    late = make_purchase_order((make_item(), 3), supplier=world.supplier, requested=day(-3))
    make_purchase_order((make_item(), 3), supplier=world.supplier)
    settle()
    soon = world.at + timedelta(days=3)
    seen = daily.look_around(at=soon)
    assert (seen["expired"], seen["late"], seen["unanswered"]) == (0, 1, 2)
    daily.look_around(at=soon)
    assert (open_tasks("purchasing.progress_late"), open_tasks("purchasing.order_to_confirm")) == (1, 2)
    confirmations.confirm_order_all(order_id=late.pk, actor=world.supplier_person, at=soon)
    receive(late, 3)
    settle()
    assert (open_tasks("purchasing.progress_late"), open_tasks("purchasing.order_to_confirm")) == (0, 1)


def test_a_void_order_is_suggested_again(world):
    item = world.item("PAPER", "Paper", stock=10, pack_qty=D(50))
    order = world.order(item, 30)
    [draft] = orders.order_from_suggestions(suggestion_ids=[live_suggestion(item).pk], actor=world.buyer, at=world.at)
    assert not Suggestion.objects.exclude(state="accepted").exists()
    orders.void_order(order_id=draft.pk, actor=world.buyer, at=world.at)
    assert live_suggestion(item).qty == 50
    assert draft.number not in {node.document.number for node in graph(order).nodes}


def test_one_order_for_each_supplier_with_another_quantity_where_asked(world):
    other = make_supplier(lead_days=1, transport_days=0)
    one = world.item("ONE", "One", stock=1)
    two = world.item("TWO", "Two", stock=1, supplier_id=other.pk)
    three = world.item("THREE", "Three", stock=1, supplier_id=None)
    for item in (one, two, three):
        world.order(item, 5)
    found = {item.pk: live_suggestion(item) for item in (one, two, three)}
    with pytest.raises(Refusal) as refused:
        orders.order_from_suggestions(suggestion_ids=[found[three.pk].pk], actor=world.buyer, at=world.at)
    assert refused.value.code == "supplier_missing"
    made = orders.order_from_suggestions(
        suggestion_ids=[found[one.pk].pk, found[two.pk].pk],
        quantities={found[one.pk].pk: D(10)},
        actor=world.buyer,
        at=world.at,
    )
    assert {(order.supplier_id, int(order.lines.get().qty)) for order in made} == {
        (world.supplier.pk, 10),
        (other.pk, 4),
    }


def test_a_draft_goes_to_those_who_may_approve_it(world):
    order = make_purchase_order(
        (make_item(), 3), supplier=world.supplier, approve=False, buyer_id=world.buyer.member_id
    )
    orders.submit_order(order_id=order.pk, actor=world.buyer, at=world.at)
    assert open_tasks("purchasing.order_to_approve") == 1
    with pytest.raises(Refusal):
        orders.reject_order(order_id=order.pk, reason=" ", actor=world.accountant, at=world.at)
    orders.reject_order(order_id=order.pk, reason="too much", actor=world.accountant, at=world.at)
    settle()
    assert open_tasks("purchasing.order_to_approve") == 0
    told = Notification.objects.get(kind="purchasing.order_rejected")
    assert (told.member_id, told.params["reason"]) == (world.buyer.member_id, "too much")
    orders.submit_order(order_id=order.pk, actor=world.buyer, at=world.at)
    orders.withdraw_order(order_id=order.pk, actor=world.buyer, at=world.at)
    orders.submit_order(order_id=order.pk, actor=world.buyer, at=world.at)
    orders.approve_order(order_id=order.pk, actor=world.accountant, at=world.at)
    assert open_tasks("purchasing.order_to_approve") == 0
