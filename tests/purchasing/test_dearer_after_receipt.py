"""A supplier's dearer price, accepted after part of the goods came: what came keeps its price, the rest comes at the new one.

Worked by hand: 100 at 10.00 (11.30 with tax); 40 came, 25 stand counted on a draft; then 12.00 (13.56) is accepted.
"""

from datetime import timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from backend.invoicing.services import purchase_invoices
from backend.kernel.actor import Actor
from backend.kernel.errors import Refusal
from backend.processes.receipt_invoices import invoice_receipts
from backend.processes.statements import propose_supplier_statement
from backend.purchasing.models import PurchaseReceipt
from backend.purchasing.services import confirmations, receipts
from backend.purchasing.services.inputs import AnswerLine, PartInput, ReceiptData, ReceiptLineInput
from tests.factories.catalog import make_item
from tests.factories.purchasing import AT, BUYER, day, lines_of, make_purchase_order, receive, supplier_actor

pytestmark = pytest.mark.usefixtures("tenant")
CHIEF = Actor(kind="staff", name="Chief", permissions=frozenset({"invoicing.purchase_invoice.accept_difference"}))


@pytest.fixture
def came() -> list[PurchaseReceipt]:
    """What came before the new price, what was counted before and booked after, and what came after."""
    order = make_purchase_order((make_item(), 100, "11.30"))
    [line] = lines_of(order)
    first = receive(order, 40)
    counted = ReceiptData(lines=(ReceiptLineInput(line.pk, D(25)),))
    draft = receipts.save_receipt(data=counted, actor=BUYER, at=AT)
    said = (AnswerLine(line.pk, [PartInput(D(60), day(7), D("13.56"))]),)
    made = confirmations.answer_order(order_id=order.pk, lines=said, actor=supplier_actor(order.supplier), at=AT)
    confirmations.decide_confirmation(confirmation_id=made.pk, accept=True, actor=BUYER, at=AT, reason="Paper is dear")
    receipts.approve_receipt(receipt_id=draft.pk, actor=BUYER, at=AT)
    last = receive(order, 35)
    return list(PurchaseReceipt.objects.filter(pk__in=[first.pk, draft.pk, last.pk]).order_by("pk"))


def test_what_came_keeps_its_price_and_the_match_and_the_statement_say_so(came: list[PurchaseReceipt]) -> None:
    assert [receipt.net_amount for receipt in came] == [D(400), D(300), D(420)]
    supplier = came[0].supplier_id
    period: dict[str, Any] = {"period_from": day(0) - timedelta(days=30), "period_to": day(1)}
    statement = propose_supplier_statement(party_id=supplier, actor=BUYER, at=AT, **period)
    amounts = statement.lines.order_by("line_no").values_list("amount", flat=True)
    assert sorted(amounts) == [D("339.00"), D("452.00"), D("474.60")]


def test_the_invoice_is_matched_against_what_the_goods_came_at(came: list[PurchaseReceipt]) -> None:
    invoice = invoice_receipts(receipt_ids=[receipt.pk for receipt in came], actor=BUYER, at=AT, external_no="F-1")
    assert (invoice.net_amount, invoice.gross_amount) == (D(1120), D("1265.60"))
    passed = purchase_invoices.approve_invoice(invoice_id=invoice.pk, actor=BUYER, at=AT)
    assert passed.match_state == "matched"


def test_the_new_price_for_what_came_before_is_a_difference(came: list[PurchaseReceipt]) -> None:
    invoice = invoice_receipts(receipt_ids=[came[0].pk], actor=BUYER, at=AT, external_no="F-2")
    line = invoice.lines.get()
    line.unit_price, line.tax_incl_price = D(12), D("13.56")
    line.net_amount, line.tax_amount, line.gross_amount = D(480), D("62.40"), D("542.40")
    line.save()
    with pytest.raises(Refusal) as refused:
        purchase_invoices.approve_invoice(invoice_id=invoice.pk, actor=BUYER, at=AT)
    assert [problem.code for problem in refused.value.problems] == ["price_over"]
    [found] = invoice.lines.get().difference
    assert (D(found["expected"]), D(found["actual"]), D(found["gap"])) == (D(400), D(480), D(80))
