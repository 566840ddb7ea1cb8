"""PUR-01: a requisition climbs its levels, a delegate stands in, and is bought no further than it was approved."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from backend.access import services as access
from backend.access.models import Member
from backend.kernel.actor import Actor
from backend.kernel.errors import Refusal
from backend.kernel.links import graph
from backend.kernel.tenancy import run_in
from backend.parties.models import Party
from backend.purchasing.models import PurchaseOrder, PurchaseRequisition, RequisitionLine
from backend.purchasing.services import amendments, confirmations, orders, requisition_orders, requisitions, rfqs
from backend.purchasing.services.awards import award_rfq, unaward_rfq
from backend.purchasing.services.inputs import (
    AnswerLine,
    AwardInput,
    LineInput,
    OrderChoice,
    OrderData,
    PartInput,
    QuoteData,
    QuoteLineInput,
    RequisitionData,
    RequisitionLineInput,
)
from backend.purchasing.services.quotes import submit_quote
from backend.workflow import parameters
from backend.workflow.approvals import engine, setup
from backend.workflow.models import ApprovalRule, Notification, Task
from tests.factories.catalog import make_item
from tests.factories.parties import AT, make_supplier
from tests.factories.purchasing import BUYER, day, supplier_actor
from tests.people import make_member, owner_actor
from tests.scenarios.world import settle


def person(role: str, name: str = "") -> Actor:
    return access.actor_for(Member.objects.get(pk=make_member(role, name=name).pk))


def written(*lines: RequisitionLineInput, by: Actor) -> PurchaseRequisition:
    data = RequisitionData(day(10), lines, reason="New office", department="Admin")
    return requisitions.save_requisition(data=data, actor=by, at=AT)


def handed_in(amount: Any, by: Actor, qty: Any = 10, **line: Any) -> PurchaseRequisition:
    price = D(amount) / D(qty)
    made = written(RequisitionLineInput(make_item().pk, D(qty), price, **line), by=by)
    return requisitions.submit_requisition(requisition_id=made.pk, actor=by, at=AT)


def approved(*, qty: Any = 10, **line: Any) -> tuple[PurchaseRequisition, RequisitionLine]:
    made = handed_in(100, person("accountant"), qty, **line)
    requisitions.approve_requisition(requisition_id=made.pk, actor=person("buyer"), at=AT)
    return made, made.lines.get()


def asked(document: PurchaseRequisition) -> set[Any]:
    found = Task.objects.filter(subject_id=document.pk, kind=engine.KIND, done_at=None)
    return set(found.values_list("assignee_id", flat=True))


def test_ten_thousand_needs_two_levels_and_a_delegate_stands_in(tenant: Any) -> None:
    """PUR-01: amount ≥ 10 000 two levels; approver absent → delegate."""
    clerk, buyer, stand_in, owner = person("accountant"), person("buyer"), person("picker", "Dele Gate"), owner_actor()
    small = handed_in("9999.90", clerk)
    agree: dict[str, Any] = {"requisition_id": small.pk, "at": AT}
    with pytest.raises(engine.NotTheApprover) as refused:
        requisitions.approve_requisition(actor=stand_in, **agree)
    assert (refused.value.status, refused.value.document) == (403, small.number)
    assert requisitions.approve_requisition(actor=buyer, **agree).approval == "approved"
    great = handed_in("10000", clerk)
    assert asked(great) == {buyer.member_id}
    agree["requisition_id"] = great.pk
    with pytest.raises(engine.NotTheApprover):
        requisitions.approve_requisition(actor=owner, **agree)
    settle()
    away = setup.DelegationData(owner.member_id, stand_in.member_id, AT.date(), day(5), "trade fair")
    setup.save_delegation(data=away, actor=owner, at=AT)
    assert requisitions.approve_requisition(actor=buyer, **agree).approval == "submitted"
    assert asked(great) == {stand_in.member_id}
    settle()
    assert requisitions.approve_requisition(actor=stand_in, **agree).approval == "approved"
    settle()
    assert Notification.objects.get(kind="workflow.stands_in").member_id == stand_in.member_id
    told = Notification.objects.filter(params__number=great.number)
    assert set(told.values_list("kind", "member_id")) == {
        ("workflow.to_approve", buyer.member_id),
        ("workflow.to_approve", stand_in.member_id),
        ("workflow.approved", clerk.member_id),
    }
    assert Task.objects.filter(subject_id=great.pk, kind="purchasing.requisition_to_order", done_at=None).exists()


def test_a_requisition_comes_back_is_mended_and_handed_in_again(tenant: Any) -> None:
    """Sent back with a reason, it is a draft; without an estimate nobody is asked; nothing is edited while it waits."""
    clerk, buyer = person("accountant"), person("buyer")
    item = make_item()
    made = written(RequisitionLineInput(item.pk, D(3)), by=clerk)
    with pytest.raises(requisitions.CannotSubmitRequisition):
        requisitions.submit_requisition(requisition_id=made.pk, actor=clerk, at=AT)
    line = made.lines.get()
    data = RequisitionData(day(9), [RequisitionLineInput(item.pk, D(4), D("2.5"), id=line.pk)])
    made = requisitions.save_requisition(data=data, requisition_id=made.pk, version=made.version, actor=clerk, at=AT)
    assert (made.gross_amount, made.lines.get().pk) == (10, line.pk)
    requisitions.submit_requisition(requisition_id=made.pk, actor=clerk, at=AT)
    with pytest.raises(requisitions.CannotEditRequisition):
        requisitions.save_requisition(data=data, requisition_id=made.pk, actor=clerk, at=AT)
    with pytest.raises(Refusal, match="Say why"):
        requisitions.reject_requisition(requisition_id=made.pk, reason=" ", actor=buyer, at=AT)
    requisitions.reject_requisition(requisition_id=made.pk, reason="buy it next year", actor=buyer, at=AT)
    settle()
    made.refresh_from_db()
    assert made.is_draft
    back = Notification.objects.get(kind="workflow.rejected")
    assert (back.member_id, back.params["reason"]) == (clerk.member_id, "buy it next year")
    requisitions.submit_requisition(requisition_id=made.pk, actor=clerk, at=AT)
    requisitions.withdraw_requisition(requisition_id=made.pk, actor=clerk, at=AT)
    requisitions.void_requisition(requisition_id=made.pk, actor=clerk, at=AT)
    assert asked(made) == set()


def test_without_rules_the_right_approves(tenant: Any) -> None:
    """The to-do is for everybody who holds the right, and stays theirs whoever is away."""
    for rule in ApprovalRule.objects.filter(doc_type="purchasing.requisition"):
        setup.delete_rule(rule_id=rule.pk, actor=owner_actor(), at=AT)
    made = handed_in(50_000, person("accountant"))
    engine.hand_over(at=AT)
    task = Task.objects.get(subject_id=made.pk, done_at=None)
    assert (task.permission, task.assignee_id) == ("purchasing.requisition.approve", None)
    requisitions.approve_requisition(requisition_id=made.pk, actor=person("buyer"), at=AT)
    made.refresh_from_db()
    assert made.is_approved
    requisitions.unapprove_requisition(requisition_id=made.pk, actor=BUYER, at=AT)
    assert not Task.objects.filter(subject_id=made.pk, done_at=None).exists()


def test_one_step_makes_an_order_for_each_supplier_and_the_rest_stays_open(tenant: Any) -> None:
    """Ordered is counted by line, follows the orders, and never grows beyond what was approved."""
    clerk, buyer = person("accountant"), person("buyer")
    one, two = make_supplier(), make_supplier()
    lines = [RequisitionLineInput(make_item().pk, D(10), D(5), supplier_id=party.pk) for party in (one, two, two)]
    made = written(*lines, by=clerk)
    do: dict[str, Any] = {"requisition_id": made.pk, "actor": buyer, "at": AT}
    with pytest.raises(requisitions.CannotEditRequisition):
        requisition_orders.order_requisition(choices=[], **do)
    requisitions.submit_requisition(**do)
    requisitions.approve_requisition(**do)
    rows = list(made.lines.order_by("line_no"))
    placed = requisition_orders.order_requisition(choices=[OrderChoice(row.pk, D(6)) for row in rows], **do)
    assert [(order.supplier, order.lines.count()) for order in placed] == [(one, 1), (two, 2)]
    assert placed[0].lines.get().tax_incl_price == 5, "the estimate where no price is agreed"
    made.refresh_from_db()
    assert (made.ordered, made.closing) == ("partial", "open")
    assert {node.document.number for node in graph(made).nodes} >= {order.number for order in placed}
    with pytest.raises(Refusal) as refused:
        requisition_orders.order_requisition(choices=[OrderChoice(rows[0].pk, D(5))], **do)
    assert (refused.value.problems[0].code, refused.value.problems[0].value) == ("more_than_approved", 4)
    parameters.set_parameter(key="purchasing.requisition_tolerance_pct", value=10, actor=owner_actor(), at=AT)
    requisition_orders.order_requisition(choices=[OrderChoice(rows[0].pk, D(5)), OrderChoice(rows[1].pk, D(4))], **do)
    requisition_orders.order_requisition(choices=[OrderChoice(rows[2].pk, D(4), one.pk)], **do)
    made.refresh_from_db()
    assert (made.ordered, made.closing) == ("full", "auto_closed")
    assert not Task.objects.filter(kind="purchasing.requisition_to_order", done_at=None).exists()
    with pytest.raises(requisitions.CannotUnapproveRequisition):
        requisitions.unapprove_requisition(**do)
    orders.void_order(order_id=placed[1].pk, actor=buyer, at=AT)
    assert [row.open_qty for row in made.lines.order_by("line_no")] == [0, 6, 6]
    made.refresh_from_db()
    assert (made.ordered, made.closing) == ("partial", "open")
    _follows_the_draft(placed[0], rows[0])


def _follows_the_draft(order: PurchaseOrder, row: RequisitionLine) -> None:
    """Editing, amending and unapproving an order count too; another item on the line is no part of it any more."""
    [line] = order.lines.all()

    def edit(item_id: Any, qty: Any) -> RequisitionLine:
        keyed = [LineInput(item_id, D(qty), price=D(5), id=line.pk)]
        data = OrderData(supplier_id=order.supplier_id, requested_date=day(7), lines=keyed)
        orders.save_order(data=data, order_id=order.pk, actor=BUYER, at=AT)
        return RequisitionLine.objects.get(pk=row.pk)

    assert edit(line.item_id, 2).ordered_qty == 2 + 5
    with pytest.raises(Refusal):
        edit(line.item_id, 7)
    orders.approve_order(order_id=order.pk, actor=BUYER, at=AT)
    keyed = [LineInput(line.item_id, D(1), price=D(5), id=line.pk)]
    amendments.amend_order(order_id=order.pk, lines=keyed, actor=BUYER, at=AT)
    assert RequisitionLine.objects.get(pk=row.pk).ordered_qty == 1 + 5
    orders.unapprove_order(order_id=order.pk, actor=BUYER, at=AT)
    assert edit(make_item().pk, 1).ordered_qty == 5


def test_what_a_supplier_rejects_and_the_buyer_gives_up_is_to_be_bought_again(tenant: Any) -> None:
    """PUR-01, SRM-11: the requisition is open again for it, and somebody is asked to order it."""
    supplier = make_supplier()
    made, row = approved(supplier_id=supplier.pk)
    choice = [OrderChoice(row.pk, D(10))]
    [order] = requisition_orders.order_requisition(requisition_id=made.pk, choices=choice, actor=BUYER, at=AT)
    orders.approve_order(order_id=order.pk, actor=BUYER, at=AT)
    orders.send_order(order_id=order.pk, actor=BUYER, at=AT)
    assert PurchaseRequisition.objects.get(pk=made.pk).closing == "auto_closed"
    answer = AnswerLine(order.lines.get().pk, [PartInput(D(4), day(7))], reject_reason="no capacity")
    person = supplier_actor(supplier)
    waits = confirmations.answer_order(order_id=order.pk, lines=[answer], actor=person, at=AT)
    confirmations.decide_confirmation(confirmation_id=waits.pk, accept=True, actor=BUYER, at=AT)
    row.refresh_from_db()
    assert (row.ordered_qty, row.open_qty) == (4, 6)
    assert PurchaseRequisition.objects.get(pk=made.pk).closing == "open"
    assert Task.objects.filter(subject_id=made.pk, kind="purchasing.requisition_to_order", done_at=None).exists()


def test_a_request_for_quotation_holds_what_it_asks_for_and_its_award_orders_it(tenant: Any) -> None:
    supplier = make_supplier()
    made, row = approved(supplier_id=supplier.pk)
    early = timezone.now() - timedelta(days=4)  # the deadline was yesterday, by the clock of the database too
    do: dict[str, Any] = {"requisition_id": made.pk, "actor": BUYER, "at": early}
    requisition_orders.order_requisition(choices=[OrderChoice(row.pk, D(4))], **do)

    def quantities() -> tuple[Any, Any, Any]:
        now = RequisitionLine.objects.get(pk=row.pk)
        return now.ordered_qty, now.asked_qty, now.open_qty

    rfq = requisition_orders.ask_for_quotes(**do)
    assert quantities() == (4, 6, 0)
    with pytest.raises(Refusal):
        requisition_orders.order_requisition(choices=[OrderChoice(row.pk, D(1))], **do)
    rfqs.cancel_rfq(rfq_id=rfq.pk, actor=BUYER, at=early)
    assert quantities() == (4, 0, 6)
    rfq = requisition_orders.ask_for_quotes(**do)
    rfqs.publish_rfq(rfq_id=rfq.pk, actor=BUYER, at=early)
    offer = QuoteData(
        [QuoteLineInput(rfq.lines.get().pk, D(3), lead_days=2)], timezone.now().date() + timedelta(days=30)
    )
    submit_quote(rfq_id=rfq.pk, data=offer, actor=supplier_actor(supplier), at=early)
    rfqs.open_rfq(rfq_id=rfq.pk, actor=BUYER, at=rfq.deadline)
    chosen = [AwardInput(rfq.lines.get().pk, supplier.pk, D(5))]
    award_rfq(rfq_id=rfq.pk, awards=chosen, actor=BUYER, at=rfq.deadline)
    assert quantities() == (9, 0, 1)
    unaward_rfq(rfq_id=rfq.pk, actor=BUYER, at=rfq.deadline)
    assert quantities() == (4, 6, 0)


def test_two_approvers_at_once_decide_one_level_once_and_buyers_never_overorder(committed_tenant: Any) -> None:
    """Of two buyers who agree to the same level one is told that it is decided; ten who order take ten."""
    clerk, buyers = person("accountant"), [person("buyer"), person("buyer")]
    supplier = make_supplier()
    made = handed_in(20_000, clerk, supplier_id=supplier.pk)
    row = made.lines.get()

    def at_once(count: int, work: Any) -> list[Any]:
        def call(number: int) -> Any:
            try:
                with run_in(committed_tenant):
                    return work(number)
            except Refusal as refusal:
                return refusal.problems[0].code
            finally:
                connections.close_all()

        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(call, range(count)))

    def agree(number: int) -> Any:
        who = {"actor": buyers[number], "at": AT}
        return requisitions.approve_requisition(requisition_id=made.pk, level=1, **who).approval

    assert sorted(at_once(2, agree)) == ["level_decided", "submitted"]
    requisitions.approve_requisition(requisition_id=made.pk, actor=owner_actor(), at=AT)

    def buy(_number: int) -> Any:
        choice = [OrderChoice(row.pk, D(3))]
        return len(requisition_orders.order_requisition(requisition_id=made.pk, choices=choice, actor=BUYER, at=AT))

    assert sorted(map(str, at_once(6, buy))) == [
        "1",
        "1",
        "1",
        "more_than_approved",
        "more_than_approved",
        "more_than_approved",
    ]
    row.refresh_from_db()
    assert row.ordered_qty == 9


def test_an_estimate_is_money_of_our_own(tenant: Any) -> None:
    """700 yuan are 100 dollars at 7, and nothing known while no rate is."""
    supplier = make_supplier()
    Party.objects.filter(pk=supplier.pk).update(currency="USD")
    found = []
    for _time in range(2):
        data = RequisitionData(need_date=day(9), lines=[RequisitionLineInput(make_item().pk, D(2), price=D(700))])
        asked = requisitions.save_requisition(data=data, actor=BUYER, at=AT)
        requisitions.approve_requisition(requisition_id=asked.pk, actor=owner_actor(), at=AT)
        choice = OrderChoice(asked.lines.get().pk, D(2), supplier.pk)
        who: dict[str, Any] = {"requisition_id": asked.pk, "actor": BUYER, "at": AT}
        [order] = requisition_orders.order_requisition(choices=[choice], **who)
        found.append((order.currency, order.gross_amount))
        PurchaseOrder.objects.filter(pk=order.pk).update(exchange_rate=D(7))
    assert found == [("USD", 0), ("USD", 200)]
