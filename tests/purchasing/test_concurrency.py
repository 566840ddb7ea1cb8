"""Many people at once: nothing is received, ordered or promised twice, nothing deadlocks, no number is lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from itertools import cycle
from typing import Any

from django.db import connections

from backend.availability.models import Suggestion
from backend.availability.selectors.consistency import violations
from backend.availability.services import demand
from backend.availability.services.demand_lines import DemandInput
from backend.inventory.models import StockBalance, Warehouse
from backend.invoicing.models import PurchaseInvoiceLine
from backend.invoicing.services import purchase_invoices
from backend.kernel.errors import Refusal
from backend.kernel.ids import uuid7
from backend.kernel.tenancy import run_in
from backend.processes.procure_to_pay import invoice_receipts
from backend.purchasing.models import PurchaseOrder, PurchaseReceipt, PurchaseRequisition
from backend.purchasing.services import asns, confirmations, orders, receipts, requisition_orders
from backend.purchasing.services.inputs import (
    AnswerLine,
    AsnData,
    AsnLineInput,
    LineInput,
    OrderChoice,
    OrderData,
    PartInput,
    ReceiptLineInput,
)
from backend.purchasing.services.requisition_needs import request_suggestions
from tests.factories.catalog import make_item
from tests.factories.parties import AT, make_supplier
from tests.factories.purchasing import BUYER, confirm, day, lines_of, make_purchase_order, receive, supplier_actor

POOL = 20


def in_threads(company: Any, count: int, work: Callable[[int], Any]) -> list[Any]:
    """Run work(0…count-1) at once, each on a connection of its own; refusals come back as values."""

    def call(number: int) -> Any:
        try:
            with run_in(company):
                return work(number)
        except Refusal as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(min(count, POOL)) as pool:
        return list(pool.map(call, range(count)))


def test_fifty_receipts_never_exceed_the_order(committed_tenant):
    item = make_item()
    order = make_purchase_order((item, 100))
    [line] = lines_of(order)

    def work(number: int) -> str:
        one = ReceiptLineInput(line.pk, Decimal(3))
        return receipts.receive_order(order_id=order.pk, lines=[one], actor=BUYER, at=AT).number

    outcomes = in_threads(committed_tenant, 50, work)
    done = sorted(outcome for outcome in outcomes if isinstance(outcome, str))
    refused = {outcome.code for outcome in outcomes if isinstance(outcome, Refusal)}
    assert len(done) == len(set(done)) == 33
    assert refused == {"over_receipt"}
    assert [number[-5:] for number in done] == [f"{serial:05d}" for serial in range(1, 34)]
    assert StockBalance.objects.get(item=item).on_hand == 99
    [line] = lines_of(order)
    assert (line.received_qty, line.shipped_qty) == (99, 99)


def test_a_suggestion_is_ordered_once(committed_tenant):
    item = make_item(supplier_id=make_supplier().pk, pack_qty=Decimal(50))
    warehouse = Warehouse.objects.get(is_default=True)
    need = DemandInput(
        ref_line_id=uuid7(),
        line_no=1,
        item_id=item.pk,
        warehouse_id=warehouse.pk,
        qty=Decimal(20),
        required_date=day(3),
    )
    demand.register_demand([need], ref_type="sales.order", ref_id=uuid7(), ref_number="SO-1", actor=BUYER, at=AT)
    suggestion = Suggestion.objects.get(item=item)

    def work(number: int) -> str:
        [made] = orders.order_from_suggestions(suggestion_ids=[suggestion.pk], actor=BUYER, at=AT)
        return made.number

    outcomes = in_threads(committed_tenant, 20, work)
    assert len([outcome for outcome in outcomes if isinstance(outcome, str)]) == 1
    assert PurchaseOrder.objects.count() == 1
    assert Suggestion.objects.get(item=item).state == "accepted"


def test_answers_shipments_and_receipts_of_many_orders_cross_without_a_ring(committed_tenant):
    """Every order has the same items in another order of lines; everything happens to all of them at once."""
    supplier, items = make_supplier(), [make_item() for _ in range(5)]
    placed = []
    for number in range(10):
        turned = items[number % 5 :] + items[: number % 5]
        placed.append(make_purchase_order(*[(item, 30) for item in turned], supplier=supplier))
    actor = supplier_actor(supplier)
    steps = cycle(["answer", "ship", "receive", "direct", "amend"])
    todo = [(next(steps), placed[number % 10]) for number in range(50)]
    for order in placed:
        confirm(order)

    def work(number: int) -> str:
        step, order = todo[number]
        rows = lines_of(order)
        if step == "answer":
            rest = [AnswerLine(row.pk, [PartInput(row.unshipped_qty, day(9))]) for row in rows if row.unshipped_qty]
            confirmations.answer_order(order_id=order.pk, lines=rest, actor=actor, at=AT)
        elif step == "amend":
            orders.close_order(order_id=order.pk, actor=BUYER, at=AT)
            orders.reopen_order(order_id=order.pk, actor=BUYER, at=AT)
        elif step == "direct":
            receive(order, 1, 1, 1, 1, 1)
        else:
            data = AsnData(lines=[AsnLineInput(row.pk, Decimal(2)) for row in rows], expected_date=day(4))
            notice = asns.submit_asn(data=data, actor=actor, at=AT)
            if step == "receive":
                receipts.receive_asn(asn_id=notice.pk, actor=BUYER, at=AT)
        return step

    outcomes = in_threads(committed_tenant, 50, work)
    refused = {outcome.code for outcome in outcomes if isinstance(outcome, Refusal)}
    assert refused <= {
        "cannot_receive_line",
        "cannot_ship_line",
        "cannot_answer_order",
        "cannot_edit_order",
        "answer_exceeds_open",
    }
    booked = PurchaseReceipt.objects.filter(approval="approved")
    for item in items:
        came = sum(line.qty for receipt in booked for line in receipt.lines.filter(item=item))
        balance = StockBalance.objects.filter(item=item).first()
        assert (balance.on_hand if balance else 0) == came


def test_an_invoice_and_the_taking_back_of_its_receipt_do_not_both_win(committed_tenant):
    for _round in range(3):
        order = make_purchase_order((make_item(), 10))
        receipt = receive(order, 10)

        def work(number: int, receipt: PurchaseReceipt = receipt) -> str:
            if number % 2:
                receipts.unapprove_receipt(receipt_id=receipt.pk, actor=BUYER, at=AT)
                return "back"
            invoice = invoice_receipts(receipt_ids=[receipt.pk], actor=BUYER, at=AT)
            purchase_invoices.approve_invoice(invoice_id=invoice.pk, actor=BUYER, at=AT)
            return "invoiced"

        in_threads(committed_tenant, 6, work)
        receipt.refresh_from_db()
        lines = PurchaseInvoiceLine.objects.filter(source_id=receipt.pk, document__approval="approved")
        invoiced = sum(line.qty for line in lines)
        assert (receipt.approval, invoiced) in {("approved", 10), ("draft", 0)}
        assert receipt.invoiced == ("full" if invoiced else "none")


def test_what_was_suggested_is_ordered_edited_amended_and_voided_without_a_ring(committed_tenant):
    """PUR-01: a requisition of two suggestions; its orders are made and changed at once while customers go on ordering."""
    supplier = make_supplier()
    items = [make_item(supplier_id=supplier.pk, purchase_price=Decimal(5)) for _ in range(2)]
    warehouse = Warehouse.objects.get(is_default=True)

    def wanted(item: Any, qty: int) -> None:
        need = DemandInput(
            uuid7(), 1, item_id=item.pk, warehouse_id=warehouse.pk, qty=Decimal(qty), required_date=day(3)
        )
        demand.register_demand([need], ref_type="sales.order", ref_id=uuid7(), ref_number="SO-1", actor=BUYER, at=AT)

    for item in items:
        wanted(item, 60)
    who: dict[str, Any] = {"actor": BUYER, "at": AT}
    suggested = list(Suggestion.objects.values_list("pk", flat=True))
    [document] = request_suggestions(suggestion_ids=suggested, **who)
    PurchaseRequisition.objects.filter(pk=document.pk).update(approval="approved")
    rows = list(document.lines.order_by("line_no"))

    def buy(qty: int) -> PurchaseOrder:
        choices = [OrderChoice(row.pk, Decimal(qty)) for row in rows]
        [made] = requisition_orders.order_requisition(requisition_id=document.pk, choices=choices, **who)
        return made

    drafts, placed = [buy(6) for _ in range(3)], [buy(6) for _ in range(3)]
    for order in placed:
        orders.approve_order(order_id=order.pk, **who)

    def work(number: int) -> Any:
        step, at = number % 6, number // 6 % 3
        if step == 0:
            return buy(4)
        if step == 1:
            lines = [LineInput(line.item_id, Decimal(3), id=line.pk) for line in reversed(lines_of(drafts[at]))]
            data = OrderData(supplier.pk, day(5), lines)
            return orders.save_order(data=data, order_id=drafts[at].pk, **who)
        if step == 2:
            lines = [LineInput(line.item_id, Decimal(5), id=line.pk) for line in reversed(lines_of(placed[at]))]
            return orders.amend_order(order_id=placed[at].pk, lines=lines, reason="less", **who)
        if step == 3:
            return wanted(items[number % 2], 2)
        if step == 4:
            return orders.unapprove_order(order_id=placed[at].pk, **who)
        return orders.void_order(order_id=drafts[at].pk, **who)

    outcomes = in_threads(committed_tenant, 36, work)
    assert any(isinstance(outcome, PurchaseOrder) for outcome in outcomes)
    assert violations() == []
    for row in document.lines.all():
        rest = Suggestion.objects.filter(order_line_id=row.pk).values_list("qty", flat=True)
        assert list(rest) == ([row.qty - row.ordered_qty] if row.ordered_qty < row.qty else [])
