"""Blanket orders and call-offs (SRM-23)."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal as D
from functools import partial
from importlib import import_module
from typing import Any

import pytest
from django.db import connection, transaction

from backend.catalog.models import Item
from backend.kernel.actor import Actor
from backend.kernel.errors import IllegalTransition, Refusal
from backend.kernel.tenancy import current, run_in
from backend.purchasing.models import BlanketLine, BlanketOrder, CallOff, PurchaseOrder
from backend.purchasing.services import blankets, confirmations, orders
from backend.purchasing.services.inputs import (
    AnswerLine,
    BlanketData,
    BlanketLineInput,
    CallOffInput,
    LineInput,
    OrderData,
    PartInput,
)
from tests.factories.catalog import make_item
from tests.factories.parties import AT, make_supplier
from tests.factories.purchasing import receive, supplier_actor

BUYER = Actor.system("Buyer")
CLERK = Actor("staff", "Clerk", permissions=frozenset({"purchasing.blanket.edit"}))


def make_blanket(*, qty: Any = 10_000, **header: Any) -> BlanketOrder:
    lines = [BlanketLineInput(make_item().pk, D(qty), D("2.5"))]
    start = AT.date() - timedelta(days=1)
    data = BlanketData(make_supplier().pk, start, start + timedelta(days=365), lines, **header)
    blanket = blankets.save_blanket(data=data, actor=BUYER, at=AT)
    return blankets.approve_blanket(blanket_id=blanket.pk, actor=BUYER, at=AT)


def call(blanket: BlanketOrder, qty: Any, *, actor: Actor = CLERK, reason: str = "") -> PurchaseOrder:
    wanted = [CallOffInput(blanket.lines.get().pk, D(qty))]
    day = AT.date() + timedelta(days=7)
    return blankets.call_off(blanket_id=blanket.pk, lines=wanted, requested_date=day, actor=actor, at=AT, reason=reason)


@pytest.mark.django_db
def test_three_and_four_thousand_leave_three(tenant: Any) -> None:
    """SRM-23: 10,000 − 3,000 − 4,000 = 3,000; 3,001 is refused naming what is left."""
    blanket = make_blanket()
    first = call(blanket, 3000)
    call(blanket, 4000)
    assert blanket.lines.get().left_qty == 3000
    assert (first.lines.get().tax_incl_price, first.lines.get().price_source) == (D("2.5"), "agreed")
    with pytest.raises(blankets.CallOffTooMuch) as refused:
        call(blanket, 3001)
    assert refused.value.value == 3000
    assert "3000" in refused.value.message
    call(blanket, 3000)
    assert BlanketOrder.objects.get(pk=blanket.pk).called_amount == 25_000


@pytest.mark.django_db
def test_an_approver_calls_off_more_with_a_reason(tenant: Any) -> None:
    blanket = make_blanket(qty=100)
    boss = replace(CLERK, permissions=frozenset({"purchasing.blanket.approve"}))
    for actor, reason in ((boss, ""), (CLERK, "peak season")):
        with pytest.raises(blankets.CallOffTooMuch):
            call(blanket, 101, actor=actor, reason=reason)
    call(blanket, 101, actor=boss, reason="peak season")


@pytest.mark.django_db
def test_tolerance_and_limit_of_the_amount(tenant: Any) -> None:
    blanket = make_blanket(qty=100, tolerance_pct=D(5))
    call(blanket, 105)
    with pytest.raises(blankets.CallOffTooMuch):
        call(blanket, 1)
    limited = make_blanket(qty=100, limit_amount=D(100))
    call(limited, 40)
    with pytest.raises(blankets.CallOffTooMuch):
        call(limited, 1)


@pytest.mark.django_db
def test_a_voided_order_gives_back_what_it_called_off(tenant: Any) -> None:
    blanket = make_blanket(qty=100)
    order = call(blanket, 60)
    orders.void_order(order_id=order.pk, actor=BUYER, at=AT)
    assert blanket.lines.get().left_qty == 100
    call(blanket, 100)


@pytest.mark.django_db
def test_an_order_edited_since_keeps_to_what_was_called_off(tenant: Any) -> None:
    """Less is free again, more is refused when the order is approved."""
    blanket = make_blanket(qty=100)
    order = call(blanket, 60)
    order.lines.update(qty=70)
    with pytest.raises(blankets.CannotCallOff):
        orders.approve_order(order_id=order.pk, actor=BUYER, at=AT)
    order.lines.update(qty=50)
    orders.approve_order(order_id=order.pk, actor=BUYER, at=AT)
    assert blanket.lines.get().left_qty == 50
    assert BlanketOrder.objects.get(pk=blanket.pk).called_amount == D("125")


@pytest.mark.django_db
def test_srm_23_one_item_on_two_lines_of_an_agreement_is_ordered_and_given_back_line_by_line(tenant: Any) -> None:
    """60 at 2.50 and 40 at 2.00 of the same item: 30 + 40 are called off; an order of 50 leaves 30 + 20 called off."""
    item, start = make_item(), AT.date()
    lines = [BlanketLineInput(item.pk, D(60), D("2.5")), BlanketLineInput(item.pk, D(40), D("2"))]
    data = BlanketData(make_supplier().pk, start, start + timedelta(days=365), lines)
    blanket = blankets.save_blanket(data=data, actor=BUYER, at=AT)
    blankets.approve_blanket(blanket_id=blanket.pk, actor=BUYER, at=AT)
    first, second = blanket.lines.order_by("line_no")
    wanted = [CallOffInput(first.pk, D(30)), CallOffInput(second.pk, D(40))]
    order = blankets.call_off(blanket_id=blanket.pk, lines=wanted, requested_date=start, actor=CLERK, at=AT)
    order.lines.filter(line_no=2).update(qty=41)
    with pytest.raises(blankets.CannotCallOff) as refused:
        orders.approve_order(order_id=order.pk, actor=BUYER, at=AT)
    assert (refused.value.problems[0].field, refused.value.problems[0].value) == ("qty", 71)
    order.lines.filter(line_no=2).update(qty=20)
    orders.approve_order(order_id=order.pk, actor=BUYER, at=AT)
    assert [line.called_qty for line in blanket.lines.order_by("line_no")] == [30, 20]
    assert BlanketOrder.objects.get(pk=blanket.pk).called_amount == D("115")


@pytest.mark.django_db
def test_srm_23_what_the_supplier_does_not_deliver_is_free_again(tenant: Any) -> None:
    """SRM-11: 60 are called off, 40 of them rejected; the buyer agrees to that."""
    blanket = make_blanket(qty=100)
    order = call(blanket, 60)
    orders.approve_order(order_id=order.pk, actor=BUYER, at=AT)
    row, person = order.lines.get(), supplier_actor(blanket.supplier)
    if order.sending == "not_sent":
        orders.send_order(order_id=order.pk, actor=BUYER, at=AT)
    answer = AnswerLine(row.pk, [PartInput(D(20), AT.date() + timedelta(days=7))], reject_reason="no capacity")
    made = confirmations.answer_order(order_id=order.pk, lines=[answer], actor=person, at=AT)
    assert blanket.lines.get().left_qty == 40
    confirmations.decide_confirmation(confirmation_id=made.pk, accept=True, actor=BUYER, at=AT)
    assert blanket.lines.get().left_qty == 80


@pytest.mark.django_db
def test_srm_23_an_order_that_goes_to_another_supplier_calls_off_nothing(tenant: Any) -> None:
    blanket = make_blanket(qty=100)
    order = call(blanket, 60)
    row = order.lines.get()
    data = OrderData(make_supplier().pk, AT.date(), [LineInput(row.item_id, D(60), price=D(3), id=row.pk)])
    orders.save_order(data=data, order_id=order.pk, actor=BUYER, at=AT)
    orders.approve_order(order_id=order.pk, actor=BUYER, at=AT)
    assert blanket.lines.get().left_qty == 100


def placed(blanket: BlanketOrder, qty: Any) -> PurchaseOrder:
    """An approved order that calls off so much."""
    return orders.approve_order(order_id=call(blanket, qty).pk, actor=BUYER, at=AT)


def called(blanket: BlanketOrder) -> tuple[D, D]:
    return blanket.lines.get().called_qty, BlanketOrder.objects.get(pk=blanket.pk).called_amount


@pytest.mark.django_db
def test_srm_23_what_had_not_come_of_a_closed_order_is_free_until_it_is_reopened(tenant: Any) -> None:
    """60 at 2.50 are called off and 20 come: closing leaves 50.00 called off, reopening takes the 40 again."""
    blanket = make_blanket(qty=100)
    order = placed(blanket, 60)
    receive(order, 20)
    for _time in range(2):
        orders.close_order(order_id=order.pk, actor=BUYER, at=AT)
        assert called(blanket) == (20, 50)
        orders.reopen_order(order_id=order.pk, actor=BUYER, at=AT)
        assert called(blanket) == (60, 150)
    receive(order, 40)
    assert called(blanket) == (60, 150), "closed by itself: all has come"


def everything_called() -> list[Any]:
    """All agreements, their lines and call-offs; of what was undone, that it was."""
    calls = CallOff.objects.order_by("pk").values_list("qty", "amount", "closed_qty", "undone_at")
    return [
        *BlanketOrder.objects.order_by("pk").values_list("called_amount", flat=True),
        *BlanketLine.objects.order_by("document", "line_no").values_list("called_qty", flat=True),
        *((*row, undone is None) for *row, undone in calls),
    ]


@pytest.mark.django_db
def test_srm_23_orders_closed_before_give_back_as_closing_does(tenant: Any) -> None:
    """An item on two lines of the agreement, and an order of which nothing came: the data step leaves what closing leaves."""
    item, start = make_item().pk, AT.date()
    lines = [BlanketLineInput(item, D(30), D("2.5")), BlanketLineInput(item, D(50), D("2.3333"))]
    data = BlanketData(make_supplier().pk, start, start + timedelta(days=365), lines)
    saved = blankets.save_blanket(data=data, actor=BUYER, at=AT)
    blanket = blankets.approve_blanket(blanket_id=saved.pk, actor=BUYER, at=AT)
    first, second = blanket.lines.order_by("line_no")
    wanted = [CallOffInput(first.pk, D(20)), CallOffInput(second.pk, D(40))]
    drafts = [
        blankets.call_off(blanket_id=blanket.pk, lines=given, requested_date=start, actor=CLERK, at=AT)
        for given in (wanted, [CallOffInput(first.pk, D(10))], [CallOffInput(second.pk, D(7))])
    ]
    short, nothing, _open = [orders.approve_order(order_id=one.pk, actor=BUYER, at=AT) for one in drafts]
    receive(short, 13, 20)
    open_yet = list(CallOff.objects.order_by("pk")), list(BlanketLine.objects.all()), list(BlanketOrder.objects.all())
    for order in (short, nothing):
        orders.close_order(order_id=order.pk, actor=BUYER, at=AT)
    wanted_state = everything_called()
    for rows in open_yet:  # as closing left them once
        for row in rows:
            row.save()
    assert everything_called() != wanted_state
    step = import_module("backend.purchasing.migrations.0024_orders_closed_before_give_back_too").GIVE_BACK
    for _time in range(2):
        with connection.cursor() as cursor:
            cursor.execute(step)
        assert everything_called() == wanted_state
    orders.reopen_order(order_id=short.pk, actor=BUYER, at=AT)
    assert [line.called_qty for line in blanket.lines.order_by("line_no")] == [20, 47]


@pytest.mark.django_db
def test_srm_23_an_order_stays_closed_when_others_called_its_rest_off(tenant: Any) -> None:
    """Of 100 an order of 60 is closed before anything came; 50 go to another one, so only 50 are left for it."""
    blanket = make_blanket(qty=100)
    order = placed(blanket, 60)
    orders.close_order(order_id=order.pk, actor=BUYER, at=AT)
    assert called(blanket) == (0, 0)
    other = placed(blanket, 50)
    for step in (orders.reopen_order, orders.unapprove_order):
        with transaction.atomic(), pytest.raises(blankets.CallOffTooMuch) as refused:
            step(order_id=order.pk, actor=BUYER, at=AT)
        assert (refused.value.field, refused.value.value) == (f"qty-{blanket.lines.get().pk}", 50)
    order.refresh_from_db()
    assert (order.closing, called(blanket)) == ("manual_closed", (50, 125))
    orders.close_order(order_id=other.pk, actor=BUYER, at=AT)
    orders.unapprove_order(order_id=order.pk, actor=BUYER, at=AT)
    assert called(blanket) == (60, 150)
    orders.approve_order(order_id=order.pk, actor=BUYER, at=AT)
    orders.close_order(order_id=order.pk, actor=BUYER, at=AT)
    blankets.close_blanket(blanket_id=blanket.pk, actor=BUYER, at=AT)
    with pytest.raises(blankets.CannotCallOff):
        orders.reopen_order(order_id=order.pk, actor=BUYER, at=AT)


@pytest.mark.django_db
def test_what_cannot_be_called_off(tenant: Any) -> None:
    blanket = make_blanket(qty=100)
    for wanted in ([], [CallOffInput(blanket.lines.get().pk, D(-1))], [CallOffInput(blanket.pk, D(1))]):
        with pytest.raises(Refusal):
            blankets.call_off(blanket_id=blanket.pk, lines=wanted, requested_date=AT.date(), actor=BUYER, at=AT)
    late = {"blanket_id": blanket.pk, "requested_date": AT.date(), "actor": BUYER, "at": AT + timedelta(days=999)}
    with pytest.raises(blankets.CannotCallOff):
        blankets.call_off(lines=[CallOffInput(blanket.lines.get().pk, D(1))], **late)
    Item.objects.filter(pk=blanket.lines.get().item_id).update(active=False)
    with pytest.raises(Refusal, match="not bought any more"):
        call(blanket, 1)
    Item.objects.filter(pk=blanket.lines.get().item_id).update(active=True)
    call(blanket, 1)
    with pytest.raises(blankets.CannotUnapproveBlanket):
        blankets.unapprove_blanket(blanket_id=blanket.pk, actor=BUYER, at=AT)
    blankets.close_blanket(blanket_id=blanket.pk, actor=BUYER, at=AT)
    with pytest.raises(blankets.CannotCallOff):
        call(blanket, 1)
    blankets.reopen_blanket(blanket_id=blanket.pk, actor=BUYER, at=AT)
    with pytest.raises(IllegalTransition):
        blankets.approve_blanket(blanket_id=blanket.pk, actor=BUYER, at=AT)


def at_once(*steps: Callable[[], Any]) -> list[str]:
    """What becomes of steps that begin together."""
    company, done = current(), []

    def work(step: Callable[[], Any]) -> None:
        with run_in(company):
            try:
                step()
                done.append("called")
            except blankets.CallOffTooMuch:
                done.append("refused")
            finally:
                connection.close()

    threads = [threading.Thread(target=work, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(done)


def test_two_at_once_do_not_use_the_same_rest(committed_tenant: Any) -> None:
    """Two call-offs, then a call-off and a reopened order that wants its rest again."""
    blanket = make_blanket(qty=100)
    assert at_once(*[lambda: call(blanket, 60)] * 2) == ["called", "refused"]
    order = placed(blanket, 40)
    orders.close_order(order_id=order.pk, actor=BUYER, at=AT)
    again = partial(orders.reopen_order, order_id=order.pk, actor=BUYER, at=AT)
    assert at_once(again, lambda: call(blanket, 40)) == ["called", "refused"]
    assert called(blanket) == (100, 250)
