"""The approval engine on purchase orders: rules, levels, delegates, refusals; without rules everything is as it was."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test.utils import CaptureQueriesContext

from backend.access import services as access
from backend.access.models import Member, Role
from backend.kernel.actor import Actor
from backend.kernel.errors import PermissionRefused, Refusal
from backend.purchasing.models import PurchaseOrder
from backend.purchasing.services import orders, submitting
from backend.purchasing.services.inputs import LineInput, OrderData
from backend.sales.services import orders as sales
from backend.workflow import parameters
from backend.workflow.approvals import engine, reads, rules, setup
from backend.workflow.models import ApprovalState, ApprovalStep, StepState, Task
from tests.factories.catalog import make_item
from tests.factories.parties import AT, make_customer, make_supplier
from tests.factories.purchasing import day
from tests.factories.sales import make_order
from tests.people import make_member, owner_actor

pytestmark = pytest.mark.usefixtures("tenant")
KIND = PurchaseOrder.DOC_TYPE


def person(role: str, name: str = "") -> Actor:
    return access.actor_for(Member.objects.get(pk=make_member(role, name=name).pk))


def rule(level: int, amount: Any, role: str = "", member: Actor | None = None) -> Any:
    data = setup.RuleData(
        KIND,
        level,
        D(amount),
        role_id=Role.objects.get(code=role).pk if role else None,
        member_id=member.member_id if member else None,
    )
    return setup.save_rule(data=data, actor=owner_actor(), at=AT)


def order_of(amount: Any, writer: Actor) -> PurchaseOrder:
    lines = [LineInput(make_item().pk, D(1), price=D(amount))]
    data = OrderData(supplier_id=make_supplier().pk, requested_date=day(7), lines=lines)
    return orders.save_order(data=data, actor=writer, at=AT)


def tasks_of(order: PurchaseOrder) -> set[Any]:
    found = Task.objects.filter(subject_id=order.pk, kind=engine.KIND, done_at=None)
    return set(found.values_list("assignee_id", flat=True))


def approve(order: PurchaseOrder, who: Actor, **more: Any) -> str:
    return orders.approve_order(order_id=order.pk, actor=who, at=AT, **more).approval


def test_an_order_climbs_its_levels_and_only_the_last_one_binds() -> None:
    """The rule with the highest amount reached counts of each level; every other person is refused by name."""
    buyer, cashier, boss = person("buyer"), person("cashier", "Cash Ier"), person("finance_manager", "Fin Boss")
    rule(1, 0, role="cashier")
    rule(2, 5000, role="finance_manager")
    rule(2, 90000, member=owner_actor())
    order = order_of(6000, buyer)
    with pytest.raises(engine.NotTheApprover) as refused:
        approve(order, buyer)
    assert "Cash Ier" in refused.value.message
    submitting.submit_order(order_id=order.pk, actor=buyer, at=AT)
    assert tasks_of(order) == {cashier.member_id}
    with pytest.raises(engine.NotTheApprover):
        approve(order, boss)
    assert approve(order, cashier, level=1) == "submitted"
    assert tasks_of(order) == {boss.member_id}
    with pytest.raises(engine.LevelDecided):
        approve(order, boss, level=1)
    assert approve(order, boss, level=2) == "approved"
    assert tasks_of(order) == set()
    progress = reads.progress_of(order, AT.date())
    assert progress is not None
    assert progress.approval.state == ApprovalState.APPROVED
    assert [(step.level, step.decided_by_name) for step in progress.steps] == [(1, "Cash Ier"), (2, "Fin Boss")]
    small = order_of(4999, buyer)
    assert approve(small, cashier) == "approved"
    with pytest.raises(DatabaseError), transaction.atomic():
        ApprovalStep.objects.filter(approval=progress.approval).update(decided_by_name="Somebody else")


def test_a_rejection_ends_the_round_and_the_next_one_begins_at_the_first_level() -> None:
    buyer, cashier, boss = person("buyer"), person("cashier"), person("finance_manager")
    rule(1, 0, role="cashier")
    rule(2, 0, role="finance_manager")
    order = order_of(100, buyer)
    submitting.submit_order(order_id=order.pk, actor=buyer, at=AT)
    approve(order, cashier)
    with pytest.raises(engine.NotTheApprover):
        submitting.reject_order(order_id=order.pk, reason="mine to say", actor=cashier, at=AT)
    assert submitting.reject_order(order_id=order.pk, reason="too dear", actor=boss, at=AT).is_draft
    assert tasks_of(order) == set()
    submitting.submit_order(order_id=order.pk, actor=buyer, at=AT)
    assert tasks_of(order) == {cashier.member_id}
    submitting.withdraw_order(order_id=order.pk, actor=buyer, at=AT)
    assert tasks_of(order) == set()
    states = ApprovalStep.objects.filter(approval__subject_id=order.pk).order_by("pk").values_list("state", flat=True)
    assert list(states) == [StepState.APPROVED, StepState.REJECTED, StepState.DROPPED, StepState.DROPPED]


def test_who_wrote_it_does_not_approve_it_unless_the_company_lets_him() -> None:
    cashier = person("cashier")
    rule(1, 0, role="cashier")
    order = order_of(100, cashier)
    with pytest.raises(engine.NotTheApprover) as refused:
        approve(order, cashier)
    assert "is yours" in refused.value.message
    submitting.submit_order(order_id=order.pk, actor=cashier, at=AT)
    assert tasks_of(order) == {owner_actor().member_id}, "the owner stands in where nobody else may"
    parameters.set_parameter(key="workflow.approve_own", value=True, actor=owner_actor(), at=AT)
    assert approve(order, cashier) == "approved"


def test_the_substitute_decides_while_the_approver_is_away() -> None:
    """Tasks move when somebody leaves and when he is back; chains end; circles do not turn."""
    buyer, boss, first, second = (
        person(role, name)
        for role, name in (("buyer", ""), ("finance_manager", "Boss"), ("picker", "One"), ("picker", "Two"))
    )
    rule(1, 0, member=boss)
    order = order_of(100, buyer)
    submitting.submit_order(order_id=order.pk, actor=buyer, at=AT)
    away = [(boss, first), (first, second), (second, boss)]
    made = []
    for absent, acting in away:
        data = setup.DelegationData(absent.member_id, acting.member_id, AT.date(), day(3), "holidays")
        made.append(setup.save_delegation(data=data, actor=absent, at=AT))
    assert tasks_of(order) == {second.member_id}
    assert [step.approval.subject_number for step in reads.waiting_for(second, AT.date())] == [order.number]
    assert reads.waiting_for(buyer, AT.date()) == []
    with pytest.raises(engine.NotTheApprover):
        approve(order, first)
    again = setup.DelegationData(boss.member_id, second.member_id, day(1), day(9))
    with pytest.raises(Refusal):  # two substitutes at once
        setup.save_delegation(data=again, actor=boss, at=AT)
    other = setup.DelegationData(buyer.member_id, second.member_id, day(1), day(9))
    with pytest.raises(PermissionRefused):  # for somebody else
        setup.save_delegation(data=other, actor=first, at=AT)
    setup.end_delegation(delegation_id=made[1].pk, actor=first, at=AT)
    assert tasks_of(order) == {first.member_id}
    assert engine.hand_over(at=AT + timedelta(days=9)) == 1
    assert tasks_of(order) == {boss.member_id}, "back after the holidays"
    approve(order, first)
    step = ApprovalStep.objects.get(approval__subject_id=order.pk)
    assert (step.decided_by_name, step.for_name) == ("One", "Boss")
    own = order_of(100, first)
    submitting.submit_order(order_id=own.pk, actor=first, at=AT)
    assert tasks_of(own) == {boss.member_id}, "who stands in wrote it: it waits for who is away"


def test_amounts_are_compared_in_the_companys_own_currency() -> None:
    """PUR-01: 1 000 dollars at 7.1 reach the rule from 5 000 on; without a rate the order is not handed in."""
    buyer, cashier = person("buyer"), person("cashier")
    rule(1, 5000, role="cashier")
    order = order_of(1000, buyer)
    supplier = order.supplier
    supplier.currency = "USD"
    supplier.save()
    line = order.lines.get()
    lines = [LineInput(line.item_id, D(1), price=D(1000), id=line.pk)]
    data = OrderData(supplier_id=supplier.pk, requested_date=day(7), lines=lines)
    save = {"order_id": order.pk, "actor": buyer, "at": AT}
    orders.save_order(data=data, **save)
    with pytest.raises(engine.RateMissing):
        submitting.submit_order(order_id=order.pk, actor=buyer, at=AT)
    with pytest.raises(Refusal):
        orders.save_order(data=replace(data, exchange_rate=D(0)), **save)
    rated = orders.save_order(data=replace(data, exchange_rate=D("7.1")), **save)
    assert rated.exchange_rate == D("7.1")
    submitting.submit_order(order_id=order.pk, actor=buyer, at=AT)
    assert tasks_of(order) == {cashier.member_id}
    assert ApprovalStep.objects.get(approval__subject_id=order.pk).approval.amount == D(7100)
    again = orders.save_order(
        data=replace(data, lines=[LineInput(line.item_id, D(1), price=D(700))]), actor=buyer, at=AT
    )
    assert again.exchange_rate == D("7.1"), "the last rate of the currency"
    assert approve(again, buyer) == "approved", "4 970 at home: below the rule"


def test_rules_are_the_managers_and_nothing_is_read_without_them() -> None:
    """With no rule of its kind an order costs what it did; the last rule gone, what waits is free."""
    buyer, cashier = person("buyer"), person("cashier")
    order = order_of(100, buyer)
    rules.rules_of(KIND)
    with CaptureQueriesContext(connection) as taken:
        assert engine.passes(order, "draft", actor=buyer, at=AT)
        assert not engine.ask(order, actor=buyer, at=AT)
        engine.withdraw(order, actor=buyer, at=AT)
    assert not taken.captured_queries
    made = rule(1, 0, role="cashier")
    for wrong in (
        setup.RuleData(KIND, 1, D(0), role_id=made.role_id),
        setup.RuleData(KIND, 0, D(0), role_id=made.role_id),
        setup.RuleData("no.kind", 1, D(0), role_id=made.role_id),
        setup.RuleData(KIND, 2, D(-1), role_id=made.role_id),
        setup.RuleData(KIND, 2, D(0)),
        setup.RuleData(KIND, 2, D(0), role_id=made.role_id, member_id=cashier.member_id),
    ):
        with pytest.raises(Refusal):
            setup.save_rule(data=wrong, actor=owner_actor(), at=AT)
    with pytest.raises(PermissionRefused):
        setup.delete_rule(rule_id=made.pk, actor=buyer, at=AT)
    submitting.submit_order(order_id=order.pk, actor=buyer, at=AT)
    setup.delete_rule(rule_id=made.pk, actor=owner_actor(), at=AT)
    assert tasks_of(order) == set()
    assert approve(order, buyer) == "approved"


def test_a_sales_order_climbs_its_levels_before_the_credit_guard() -> None:
    """Agreed to at its level an order over the limit is held; the release needs no second agreement."""
    rep, cashier, boss = person("sales_rep"), person("cashier", "Cash Ier"), person("finance_manager")
    data = setup.RuleData("sales.order", 1, D(0), role_id=Role.objects.get(code="cashier").pk)
    setup.save_rule(data=data, actor=owner_actor(), at=AT)
    order = make_order((make_item(), 10), customer=make_customer(credit_limit=D(1)), actor=rep)
    with pytest.raises(engine.NotTheApprover, match="Cash Ier"):
        sales.approve_order(order_id=order.pk, actor=rep, at=AT)
    for step in (sales.submit_order, sales.withdraw_order, sales.submit_order):
        step(order_id=order.pk, actor=rep, at=AT)
    assert tasks_of(order) == {cashier.member_id}
    with pytest.raises(engine.NotTheApprover):
        sales.reject_order(order_id=order.pk, reason="mine", actor=boss, at=AT)
    sales.reject_order(order_id=order.pk, reason="too cheap", actor=cashier, at=AT)
    sales.submit_order(order_id=order.pk, actor=rep, at=AT)
    held = sales.approve_order(order_id=order.pk, actor=cashier, at=AT, level=1)
    assert (held.approval, held.credit_state, tasks_of(order)) == ("submitted", "credit_hold", set())
    released = sales.release_credit(order_id=order.pk, reason="good customer", actor=boss, at=AT)
    assert released.approval == "approved"
