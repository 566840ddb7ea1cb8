"""INV-10, INV-11, ACCOUNTING rows 4c, 24, 28, 36, 38: what goods turn out to have cost goes where they went.

Figures by hand. Prices of invoices are typed with 13 % VAT: 12.43 is 11 net, 13.56 is 12.
"""

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest

from backend.accounting.models import AccountBalance
from backend.inventory.models import StockMove
from backend.inventory.services import assembly, other, transfer_receipts, transfers
from backend.inventory.services.costing_runs import run_costing
from backend.inventory.services.inputs import ArrivalInput, ComponentInput, OtherIssueLineInput, TransferLineInput
from backend.inventory.services.transit import customer_location
from backend.invoicing.services import purchase_invoices, sales_invoices
from backend.posting import reconciliation
from backend.sales.services import consignments, deliveries
from backend.sales.services.inputs import ConsignmentLineInput, DeliveryData
from tests.factories.accounting import AT, DAY, balance, make_party
from tests.factories.costing import below_zero, item_costed_by
from tests.factories.inventory import balance_of, main_warehouse, make_warehouse
from tests.factories.invoicing import (
    ROBOT,
    buy,
    deliver,
    over,
    receive,
    sell,
    take_back_delivery,
    take_back_receipt,
)
from tests.factories.parties import make_customer
from tests.factories.sales import approved_order
from tests.posting.test_sources import set_mode

pytestmark = pytest.mark.usefixtures("tenant")
BY: dict[str, Any] = {"actor": ROBOT, "at": AT}


def on(day: int) -> date:
    return date(2026, 11, day)


def issue(item, qty, reason="own_use", *, day=DAY, place=None):
    lines = [OtherIssueLineInput(item.pk, D(qty))]
    where = {"warehouse_id": (place or main_warehouse()).pk, "reason": reason}
    made = other.save_other_issue(doc_date=day, lines=lines, **where, **BY)
    return other.approve_other_issue(document_id=made.pk, **BY)


def gained(*roles):
    return tuple(balance(role) for role in roles)


def corrections(document):
    return StockMove.objects.filter(doc_id=document.pk, kind="correction").order_by("move_date", "id")


@pytest.mark.parametrize(
    ("reason", "role"),
    [
        ("own_use", "admin_expense"),
        ("sample", "selling_promotion"),
        ("gift", "admin_entertainment"),
        ("scrap", "pending_loss_gain"),
        ("donation", "nonop_expense"),
    ],
)
def test_a_late_receipt_corrects_the_account_of_the_reason(reason, role):
    """5th: 10@10. 10th: 4 issued (40), 2 sold (20). Late, 7th: 10@16 → the average was 13: 4 at 52, 2 at 26."""
    item, supplier = item_costed_by("moving_avg"), make_party(supplier=True)
    receive(supplier, [(item, 10, 10)], day=on(5))
    issue(item, 4, reason, day=on(10))
    deliver(make_party(customer=True), [(item, 2, 30)], day=on(10))
    before = gained(role, "cogs")
    late = receive(supplier, [(item, 10, 16)], day=on(7))
    assert (balance(role) - before[0], balance("cogs") - before[1]) == (12, 6)
    assert [row.value_out for row in corrections(late)] == [12, 6]
    assert reconciliation.all_differences() == []
    take_back_receipt(late)
    assert gained(role, "cogs") == before
    assert reconciliation.all_differences() == []


def test_by_arrival_every_use_takes_what_it_took_in_its_turn():
    """5th: 10@10. 10th: 4 used (40), 4 sold (40), 2 used (20). Late, 3rd: 6@7 are the oldest: 28, then 2@7 and 2@10 34, 20."""
    item, supplier = item_costed_by("fifo"), make_party(supplier=True)
    receive(supplier, [(item, 10, 10)], day=on(5))
    issue(item, 4, day=on(10))
    deliver(make_party(customer=True), [(item, 4, 30)], day=on(10))
    issue(item, 2, day=on(10))
    assert gained("admin_expense", "cogs") == (60, 40)
    late = receive(supplier, [(item, 6, 7)], day=on(3))
    assert gained("admin_expense", "cogs") == (48, 34)
    assert [row.value_in for row in corrections(late)] == [12, 6]
    again = receive(supplier, [(item, 1, 10)], day=on(4))
    assert not any(row.value_in or row.value_out for row in corrections(again)), "the same price"
    assert reconciliation.all_differences() == []
    assert balance_of(item).value == 100 + 42 + 10 - 48 - 34


def test_a_late_issue_is_corrected_where_it_is_booked_itself():
    """5th: 10@10, 12th: 10@20. Late, 8th: 4 used; booked at the average 15 = 60, right is 40: all 20 off the expense."""
    item, supplier = item_costed_by("moving_avg"), make_party(supplier=True)
    receive(supplier, [(item, 10, 10)], day=on(5))
    receive(supplier, [(item, 10, 20)], day=on(12))
    used = issue(item, 4, day=on(8))
    assert gained("admin_expense", "cogs") == (40, 0)
    assert reconciliation.all_differences() == []
    other.unapprove_other_issue(document_id=used.pk, **BY)
    assert gained("admin_expense", "cogs") == (0, 0)
    assert balance_of(item).value == 300


def test_a_late_issue_that_is_booked_again_is_corrected_where_its_new_reason_books_it():
    """As above, first for own use (40), taken back, then as scrap: all 40 are pending loss."""
    item, supplier = item_costed_by("moving_avg"), make_party(supplier=True)
    receive(supplier, [(item, 10, 10)], day=on(5))
    receive(supplier, [(item, 10, 20)], day=on(12))
    used = issue(item, 4, day=on(8))
    other.unapprove_other_issue(document_id=used.pk, **BY)
    type(used).objects.filter(pk=used.pk).update(reason="scrap")
    other.approve_other_issue(document_id=used.pk, **BY)
    assert gained("admin_expense", "pending_loss_gain", "cogs") == (0, 40, 0)
    assert reconciliation.all_differences() == []


def test_the_month_gives_each_use_the_average():
    """10@10 lay there; 6 used at 60; 30@14 come; 4 sold at 460/34·4 = 54.12. 520/40 = 13: used 78, sold 52."""
    item, supplier = item_costed_by("month_avg"), make_party(supplier=True)
    receive(supplier, [(item, 10, 10)], day=date(2026, 10, 20))
    issue(item, 6, day=on(3))
    receive(supplier, [(item, 30, 14)], day=on(10))
    deliver(make_party(customer=True), [(item, 4, 30)], day=on(15))
    assert gained("admin_expense", "cogs") == (60, D("54.12"))
    for difference in (D("15.88"), 0):
        assert run_costing(month=on(1), **BY).difference == difference
        assert gained("admin_expense", "cogs") == (78, 52)
    assert reconciliation.all_differences() == []


@pytest.mark.parametrize("method", ["moving_avg", "fifo"])
def test_what_left_before_it_came_is_trued_up_where_it_went(method):
    """2@10 lie there. 3 used and 3 sold leave at 10 a piece; 10@13 come: the 4 that were missing cost 3 more each.

    Missing were 1 of those used and 3 of those sold: 3 and 9.
    """
    item, supplier = item_costed_by(method), make_party(supplier=True)
    below_zero(main_warehouse())
    receive(supplier, [(item, 2, 10)])
    issue(item, 3)
    deliver(make_party(customer=True), [(item, 3, 30)])
    receive(supplier, [(item, 10, 13)])
    assert gained("admin_expense", "cogs") == (33, 39)
    assert reconciliation.all_differences() == []


def test_dispatched_goods_carry_the_correction_to_their_invoice():
    """5th: 10@10; 8th: 10 shipped on 1406 (100), 4 invoiced (40). Late, 6th: 10@12 → 110: 4 to cost of sales, 6 wait.

    The rest is invoiced at 60 + 6 = 66. Taken back first, the late receipt takes both off again.
    """
    set_mode("accounting.cogs_timing", "invoice")
    item, supplier, customer = item_costed_by("moving_avg"), make_party(supplier=True), make_party(customer=True)
    receive(supplier, [(item, 10, 10)], day=on(5))
    sent = deliver(customer, [(item, 10, 30)], day=on(8))
    sell(customer, lines=[over(sent, 4)])
    for _twice in range(2):
        late = receive(supplier, [(item, 10, 12)], day=on(6))
        assert (balance("goods_dispatched", customer), balance("cogs")) == (66, 44)
        assert reconciliation.all_differences() == []
        if _twice:
            break
        take_back_receipt(late)
        assert (balance("goods_dispatched", customer), balance("cogs")) == (60, 40)
        assert reconciliation.all_differences() == []
    sell(customer, lines=[over(sent, 6)])
    assert (balance("goods_dispatched", customer), balance("cogs")) == (0, 110)
    take_back_receipt(late)
    assert (balance("goods_dispatched", customer), balance("cogs")) == (0, 100)
    assert reconciliation.all_differences() == []


def test_a_late_delivery_corrects_its_own_goods_on_1406():
    """5th: 10@10. 10th: 10@20, average 15. Late, 7th: 4 shipped, booked at 15 (60) and corrected to that day's 10 (−20).

    1406 and the line carry 40, stock 260; 3 invoiced are 30 of cost; taken back, nothing is left anywhere.
    """
    set_mode("accounting.cogs_timing", "invoice")
    item, supplier, customer = item_costed_by("moving_avg"), make_party(supplier=True), make_party(customer=True)
    receive(supplier, [(item, 10, 10)], day=on(5))
    receive(supplier, [(item, 10, 20)], day=on(10))
    sent = deliver(customer, [(item, 4, 30)], day=on(7))
    assert [row.value_in for row in corrections(sent)] == [20]
    assert (balance("goods_dispatched", customer), balance("cogs"), balance_of(item).value) == (40, 0, 260)
    assert sent.lines.get().cost_amount == 40
    assert reconciliation.all_differences() == []
    invoice = sell(customer, lines=[over(sent, 3)])
    assert (balance("goods_dispatched", customer), balance("cogs")) == (10, 30)
    sales_invoices.unapprove_invoice(invoice_id=invoice.pk, **BY)
    take_back_delivery(sent)
    assert (balance("goods_dispatched", customer), balance("cogs"), balance_of(item).value) == (0, 0, 300)
    assert reconciliation.all_differences() == []


@pytest.mark.parametrize("first", ["invoice", "delivery"])
def test_a_late_delivery_that_is_booked_again_corrects_its_own_goods_as_the_books_are_kept_by_then(first):
    """As above; taken back and booked again after the company chose otherwise: 1406 or cost of sales has the 40, once."""
    item, supplier, customer = item_costed_by("moving_avg"), make_party(supplier=True), make_customer()
    receive(supplier, [(item, 10, 10)], day=on(5))
    receive(supplier, [(item, 10, 20)], day=on(10))
    set_mode("accounting.cogs_timing", first)
    order = approved_order((item, 4, 30), customer=customer)
    sent = deliveries.ship_order(order_id=order.pk, data=DeliveryData(doc_date=on(7)), **BY)
    at_invoice, at_once = (40, 0), (0, 40)
    assert gained("goods_dispatched", "cogs") == (at_invoice if first == "invoice" else at_once)
    deliveries.unapprove_delivery(delivery_id=sent.pk, **BY)
    assert gained("goods_dispatched", "cogs") == (0, 0)
    set_mode("accounting.cogs_timing", {"invoice": "delivery", "delivery": "invoice"}[first])
    deliveries.approve_delivery(delivery_id=sent.pk, **BY)
    assert gained("goods_dispatched", "cogs") == (at_once if first == "invoice" else at_invoice)
    assert reconciliation.all_differences() == []
    deliveries.unapprove_delivery(delivery_id=sent.pk, **BY)
    assert (gained("goods_dispatched", "cogs"), balance_of(item).value) == ((0, 0), 300)
    assert reconciliation.all_differences() == []


def test_a_delivery_that_is_taken_back_leaves_nothing_on_1406():
    set_mode("accounting.cogs_timing", "invoice")
    item, supplier, customer = item_costed_by("moving_avg"), make_party(supplier=True), make_party(customer=True)
    receive(supplier, [(item, 10, 10)], day=on(5))
    sent = deliver(customer, [(item, 10, 30)], day=on(8))
    receive(supplier, [(item, 10, 12)], day=on(6))
    assert balance("goods_dispatched", customer) == 110
    take_back_delivery(sent)
    assert balance("goods_dispatched", customer) == 0
    assert reconciliation.all_differences() == []


@pytest.mark.parametrize("method", ["moving_avg", "fifo"])
def test_a_dearer_invoice_follows_the_goods_wherever_they_went(method):
    """20@10 came; the invoice says 11: 20 more. 4 were used (4), 5 became kits that lie there (5), 6 went to the shop,
    of which 2 were scrapped there (2) and 4 lie there (4); 5 are left (5). Taking the invoice back undoes all of it."""
    item, kit, supplier = item_costed_by(method), item_costed_by("moving_avg"), make_party(supplier=True)
    shop = make_warehouse()
    receipt = receive(supplier, [(item, 20, 10)])
    issue(item, 4)
    here = {"doc_date": DAY, **BY}
    parts = [ComponentInput(item.pk, D(5))]
    made = assembly.save_assembly(item_id=kit.pk, qty=D(5), lines=parts, warehouse_id=main_warehouse().pk, **here)
    assembly.approve_assembly(document_id=made.pk, **BY)
    sent = transfers.save_transfer(
        source_id=main_warehouse().pk, destination_id=shop.pk, lines=[TransferLineInput(item.pk, D(6))], **here
    )
    transfers.approve_transfer(document_id=sent.pk, **BY)
    arrival = transfer_receipts.receive_transfer(
        transfer_id=sent.pk, lines=[ArrivalInput(sent.lines.get().pk, D(6))], **here
    )
    assert arrival.approval == "approved"
    issue(item, 2, "scrap", place=shop)
    before = gained("admin_expense", "pending_loss_gain", "cogs")
    bill = buy(supplier, lines=[over(receipt, price="12.43")], accept=True)

    def worth():
        return balance_of(item).value, balance_of(item, shop).value, balance_of(kit).value

    assert worth() == (55, 44, 55)
    assert [
        now - was for now, was in zip(gained("admin_expense", "pending_loss_gain", "cogs"), before, strict=True)
    ] == [
        4,
        2,
        0,
    ]
    assert reconciliation.all_differences() == []
    purchase_invoices.unapprove_invoice(invoice_id=bill.pk, **BY)
    assert worth() == (50, 40, 50)
    assert gained("admin_expense", "pending_loss_gain", "cogs") == before
    assert reconciliation.all_differences() == []


def test_a_dearer_invoice_follows_goods_to_an_agent_and_what_he_sold():
    """10@10 came, 6 went to an agent, who sold 2. The invoice says 12: 8 for the 4 here, 8 for the 4 there, 4 sold."""
    item, supplier, agent = item_costed_by("moving_avg"), make_party(supplier=True), make_party(customer=True)
    receipt = receive(supplier, [(item, 10, 10)])
    for kind, line in (
        ("out", ConsignmentLineInput(item.pk, D(6))),
        ("sold", ConsignmentLineInput(item.pk, D(2), price=D(30))),
    ):
        saved = consignments.save_consignment(
            kind=kind,
            customer_id=agent.pk,
            doc_date=DAY,
            warehouse_id=main_warehouse().pk,
            lines=[line],
            **BY,
        )
        consignments.approve_consignment(document_id=saved.pk, **BY)
    assert balance("goods_dispatched", agent) == 40
    bill = buy(supplier, lines=[over(receipt, price="13.56")], accept=True)
    assert (balance_of(item).value, balance_of(item, customer_location(agent)).value) == (48, 48)
    assert (balance("goods_dispatched", agent), balance("cogs")) == (48, 24)
    assert reconciliation.all_differences() == []
    purchase_invoices.unapprove_invoice(invoice_id=bill.pk, **BY)
    assert (balance("goods_dispatched", agent), balance("cogs")) == (40, 20)
    assert reconciliation.all_differences() == []


def test_a_dearer_invoice_of_dispatched_goods_waits_with_them():
    """10@10 came, 4 shipped on 1406, 1 of them invoiced. At 12: 12 on hand, 2 cost of sales, 6 wait."""
    set_mode("accounting.cogs_timing", "invoice")
    item, supplier, customer = item_costed_by("moving_avg"), make_party(supplier=True), make_party(customer=True)
    receipt = receive(supplier, [(item, 10, 10)])
    sent = deliver(customer, [(item, 4, 30)])
    sell(customer, lines=[over(sent, 1)])
    bill = buy(supplier, lines=[over(receipt, price="13.56")], accept=True)
    assert (balance_of(item).value, balance("goods_dispatched", customer), balance("cogs")) == (72, 36, 12)
    assert reconciliation.all_differences() == []
    sell(customer, lines=[over(sent, 3)])
    purchase_invoices.unapprove_invoice(invoice_id=bill.pk, **BY)
    assert (balance_of(item).value, balance("goods_dispatched", customer), balance("cogs")) == (60, 0, 40)
    assert reconciliation.all_differences() == []
    assert sum(row.debit - row.credit for row in AccountBalance.objects.all()) == 0
