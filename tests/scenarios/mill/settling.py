"""Stated, invoiced, paid; and everything is true in the end."""

from typing import Any

import pytest

from backend.availability.selectors.consistency import violations
from backend.invoicing.models import Payment, PurchaseInvoice, Statement
from backend.invoicing.selectors import document_for
from backend.invoicing.services import answering, money, statements
from backend.kernel.errors import NotFoundRefused
from backend.kernel.links import graph
from backend.posting.reconciliation import all_differences
from backend.processes.procure_to_pay import invoice_statement, post_when_it_matches, propose_supplier_statement
from backend.workflow.models import Notification, Task
from tests.scenarios.mill.journey import Journey, portal_of
from tests.scenarios.story import money_data
from tests.scenarios.world import D, books_balance, ledger, open_amount, settle, stock_value


def state_dispute_agree(story: Journey) -> Statement:
    """Three lines; the supplier counted 21 in one of them, is answered, and both sign."""
    us: dict[str, Any] = {"actor": story.world.accountant, "at": story.world.at}
    first = story.world.today.replace(day=1)
    made = propose_supplier_statement(party_id=story.supplier.pk, period_from=first, period_to=story.world.today, **us)
    settle()
    assert (made.opening_amount, made.received_amount, made.closing_amount) == (0, 1130, 1130)
    assert sorted(made.lines.values_list("qty", "amount")) == [(20, D(226)), (30, D(339)), (50, D(565))]
    asked = Notification.objects.get(kind="supplier.statement_proposed", params__number=made.number)
    assert asked.member_id == story.person.member_id
    line, about = made.lines.get(qty=20), {"statement_id": made.pk}
    statements.dispute_line(
        line_id=line.pk, reason="21 sent", their_qty=D(21), their_amount=D("237.30"), **about, **story.supplying()
    )
    settle()
    task = Task.objects.get(kind="invoicing.statement_disputed", subject_id=made.pk)
    assert (task.done_at, task.params["lines"]) == (None, 1)
    for side, who in (("them", story.supplying()), ("us", us)):
        with pytest.raises(statements.CannotAgreeStatement) as refused:
            statements.agree(side=side, **about, **who)
        assert "21 sent" in refused.value.message
    answering.answer_dispute(line_id=line.pk, answer="DN-MILL-A, signed by your driver, says 20", **about, **us)
    assert Statement.objects.get(pk=made.pk).state == "proposed"
    statements.accept_lines(**about, **story.supplying())
    statements.agree(side="them", **about, **story.supplying())
    made = statements.agree(side="us", **about, **us)
    settle()
    task.refresh_from_db()
    assert (made.state, made.closing_amount, task.done_at is not None) == ("agreed", 1130, True)
    assert made.our_signature
    assert "wang@hongda.example" in made.their_signature
    return made


def invoice_matches_by_itself(story: Journey, statement: Statement) -> PurchaseInvoice:
    """The supplier sends it in the portal, nobody of ours touches it: order = receipt = invoice, booked."""
    draft = invoice_statement(statement_id=statement.pk, external_no="12345678", **story.supplying())
    assert (draft.submitted_by_supplier, draft.approval) == (True, "draft")
    invoice = post_when_it_matches(invoice_id=draft.pk, at=story.world.at)
    settle()
    assert (invoice.approval, invoice.match_state) == ("approved", "matched")
    assert (invoice.net_amount, invoice.tax_amount, invoice.gross_amount) == (D(1000), D(130), D(1130))
    statement.refresh_from_db()
    story.order.refresh_from_db()
    assert (statement.state, story.order.invoiced) == ("invoiced", "full")
    assert open_amount("payable", story.supplier) == 1130
    assert (ledger("ap_grni"), ledger("ap_trade")) == (0, -1130)
    return invoice


def pay_and_see_it(story: Journey, invoice: PurchaseInvoice) -> None:
    us: dict[str, Any] = {"actor": story.world.accountant, "at": story.world.at}
    payment = money.save_payment(data=money_data(story.world, story.supplier, "1130", invoice), **us)
    money.approve_payment(payment_id=payment.pk, **us)
    settle()
    assert open_amount("payable", story.supplier) == 0
    told = Notification.objects.get(kind="supplier.payment_made", params__number=payment.number)
    assert (told.member_id, told.params["amount"]) == (story.person.member_id, "1,130.00")
    assert document_for(PurchaseInvoice, story.person, invoice.number).settled == "full"
    assert document_for(Payment, story.person, payment.number).amount == 1130
    with pytest.raises(NotFoundRefused):
        document_for(Payment, story.people[0], payment.number)
    for page in ("settlement/", f"invoices/{invoice.number}/"):
        assert payment.number in portal_of(story.person).get(f"/supplier/{page}").content.decode()


def everything_is_true(story: Journey) -> None:
    story.order.refresh_from_db()
    assert (story.order.received, story.order.invoiced, story.order.closing) == ("full", "full", "auto_closed")
    assert story.order.paid == "full"
    numbers = {node.document.number for node in graph(story.order).nodes}
    assert story.rfq.number in numbers
    assert stock_value() == ledger("inventory") == D("1000.00")
    assert (ledger("ap_grni"), ledger("ap_trade")) == (0, 0)
    assert all_differences() == []
    assert books_balance()
    assert violations() == []
