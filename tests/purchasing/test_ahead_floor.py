"""What is invoiced before it came must still come: the one floor, on every way in, and in the database."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from backend.invoicing.services import purchase_invoices
from backend.invoicing.services.drafts import InvoiceData, InvoiceLineInput
from backend.kernel.errors import Refusal
from backend.processes.procure_to_pay import invoice_orders
from backend.purchasing.models import ConfirmationState, PurchaseOrderLine, ReturnOutcome
from backend.purchasing.services import confirmations, orders, returns
from backend.purchasing.services.inputs import AnswerLine, LineInput, PartInput
from tests.api.caller import Caller
from tests.factories.accounting import D
from tests.factories.catalog import make_item
from tests.factories.parties import AT
from tests.factories.purchasing import BUYER, DAY, day, lines_of, make_purchase_order, receive, supplier_actor
from tests.factories.returns import send_back
from tests.people import make_member

BY: dict[str, Any] = {"actor": BUYER, "at": AT}


def bill(order, qty=None, *, approve=True):
    """An invoice ahead over so much of the order's first line."""
    [line, *_rest] = lines_of(order)
    quantities = {line.pk: D(qty)} if qty else None
    made = invoice_orders(order_ids=[order.pk], quantities=quantities, **BY)
    return purchase_invoices.approve_invoice(invoice_id=made.pk, **BY) if approve else made


@pytest.fixture
def order(tenant):
    """Ten, of which six are invoiced and none has come."""
    made = make_purchase_order((make_item(), 10))
    made.bill = bill(made, 6)
    return made


def refused(order, act, *, least="6", ahead="6") -> Refusal:
    """The typed refusal with invoice, line, quantity and way out; nothing has changed."""
    before = PurchaseOrderLine.objects.filter(document=order).values_list("qty", "cancelled_qty", "state")
    stood = list(before)
    with pytest.raises(Refusal) as found:
        act()
    problem = found.value.problems[0]
    assert (problem.code, problem.document, problem.line) == ("invoiced_before_goods", order.number, 1)
    assert order.bill.number in problem.message
    assert ahead in problem.message
    assert least in (problem.way_out or "")
    assert [link.number for link in problem.links] == [order.bill.number]
    assert list(before.all()) == stood
    return found.value


def answering(order, qty, actor):
    """The supplier promises so much of line 1 and rejects the rest."""
    parts = [PartInput(D(qty), day(7))] if qty else []
    line = AnswerLine(lines_of(order)[0].pk, parts, reject_reason="sold out")
    return confirmations.answer_order(order_id=order.pk, lines=[line], actor=actor, at=AT)


@pytest.mark.parametrize("who", ["supplier", "staff"])
def test_an_answer_does_not_reject_what_is_invoiced(order, who):
    actor = supplier_actor(order.supplier) if who == "supplier" else BUYER
    for promised in (0, 5):
        found = refused(order, lambda promised=promised: answering(order, promised, actor))
        assert isinstance(found, confirmations.CannotAnswerOrder)
    made = answering(order, 6, actor)
    confirmations.decide_confirmation(confirmation_id=made.pk, accept=True, **BY)
    assert (lines_of(order)[0].wanted_qty, lines_of(order)[0].ahead_qty) == (6, 6)


def test_what_came_and_what_is_invoiced_both_stay(tenant):
    order = make_purchase_order((make_item(), 10))
    receive(order, 3)
    order.bill = bill(order, 6)
    refused(order, lambda: answering(order, 5, BUYER), least="9")
    answering(order, 6, BUYER)


def test_the_buyer_does_not_take_a_rejection_of_what_was_invoiced_meanwhile(tenant):
    order = make_purchase_order((make_item(), 10))
    made = answering(order, 4, supplier_actor(order.supplier))
    order.bill = bill(order, 6)
    decide = {"confirmation_id": made.pk, **BY}
    refused(order, lambda: confirmations.decide_confirmation(accept=True, **decide))
    assert confirmations.decide_confirmation(accept=False, **decide).state == ConfirmationState.DECLINED


@pytest.mark.parametrize("qty", [5, 0])
def test_an_amendment_keeps_it_and_a_line_is_not_cancelled(order, qty):
    [line] = lines_of(order)

    def amend(to):
        return orders.amend_order(order_id=order.pk, lines=[LineInput(line.item_id, D(to), id=line.pk)], **BY)

    assert isinstance(refused(order, lambda: amend(qty)), orders.CannotEditOrder)
    amend(6)


def test_the_order_is_neither_closed_nor_taken_back_nor_voided(order):
    refused(order, lambda: orders.close_order(order_id=order.pk, **BY))
    for act in (orders.unapprove_order, orders.void_order):
        with pytest.raises(Refusal):
            act(order_id=order.pk, **BY)
    purchase_invoices.unapprove_invoice(invoice_id=order.bill.pk, **BY)
    orders.close_order(order_id=order.pk, **BY)


def test_a_draft_that_a_draft_invoice_names_is_not_voided(tenant):
    order = make_purchase_order((make_item(), 10), approve=False)
    line = InvoiceLineInput(source_type=order.DOC_TYPE, source_line_id=lines_of(order)[0].pk)
    made = purchase_invoices.save_invoice(data=InvoiceData(order.supplier_id, DAY, [line]), **BY)
    with pytest.raises(Refusal) as found:
        orders.void_order(order_id=order.pk, **BY)
    assert (found.value.code, found.value.value) == ("invoiced_before_goods", made.number)
    purchase_invoices.void_invoice(invoice_id=made.pk, **BY)
    assert orders.void_order(order_id=order.pk, **BY).approval == "voided"


def test_goods_whose_replacement_is_invoiced_are_not_kept_after_all(tenant):
    order = make_purchase_order((make_item(), 10))
    back = send_back(receive(order, 10), 3, outcome=ReturnOutcome.REPLACEMENT)
    order.refresh_from_db()
    order.bill = bill(order, 3)
    refused(order, lambda: returns.unapprove_return(return_id=back.pk, **BY), least="10", ahead="3")
    purchase_invoices.unapprove_invoice(invoice_id=order.bill.pk, **BY)
    returns.unapprove_return(return_id=back.pk, **BY)


def test_over_pages_and_the_api(order, client_for):
    """The supplier's page and token, our page for what it said on the phone, our token: 409 with the invoice's number."""
    [line] = lines_of(order)
    theirs = make_member("supplier_sales", party=order.supplier, email="s@example.com")
    ours = make_member("owner", email="o@example.com")
    orders.send_order(order_id=order.pk, **BY)
    rejected = {"verdict": "reject", f"reject-{line.pk}": "sold out"}
    pages = [
        client_for(theirs).post(f"/supplier/orders/{order.number}/lines/{line.pk}/answer/", rejected),
        client_for(ours).post(
            f"/purchasing/orders/{order.number}/answer/",
            {"lines-0-id": str(line.pk), "lines-0-qty": "5", "lines-0-date": str(day(7)), "lines-0-reason": "sold"},
        ),
    ]
    body = {"lines": [{"order_line_id": line.pk, "parts": [], "reject_reason": "sold out"}]}
    path = f"purchasing/orders/{order.number}/"
    amended = {"reason": "less", "lines": [{"id": line.pk, "item_id": line.item_id, "qty": "0", "price": "11.3"}]}
    calls = [
        Caller.of(theirs).call("POST", f"{path}answer/", body),
        Caller.of(ours).call("POST", f"{path}answer/", body),
        Caller.of(ours).call("POST", f"{path}amendment/", amended),
        Caller.of(ours).call("POST", f"{path}closing/", {"reason": "x"}),
    ]
    assert [answer.status_code for answer in (*pages, *calls)] == [409] * 6
    for answer in (*pages, *calls):
        assert order.bill.number in answer.content.decode()
    assert {answer.json()["code"] for answer in calls} == {"invoiced_before_goods"}


def test_the_database_holds_the_floor_and_lets_a_line_below_it_be_put_right(order):
    mine = PurchaseOrderLine.objects.filter(document=order)
    for wrong in ({"cancelled_qty": 5}, {"qty": 5}, {"ahead_qty": 11}, {"ahead_qty": -1}, {"received_qty": 5}):
        with pytest.raises(IntegrityError), transaction.atomic():
            mine.update(**wrong)
    mine.update(cancelled_qty=4)
    mine.update(ahead_qty=0, received_qty=6)
