"""Credit control (FIN-14, G-10): every way into a binding order asks."""

from datetime import timedelta
from decimal import Decimal

import pytest

from backend.access.services import actor_for
from backend.accounting.models import OpenItem
from backend.kernel.actor import Actor
from backend.kernel.errors import PermissionRefused, Refusal
from backend.sales.models import SalesOrder
from backend.sales.services import credit, deliveries, orders
from backend.sales.services.inputs import AmendmentData
from backend.workflow.models import Task
from backend.workflow.services import set_parameter
from tests.factories.catalog import make_item
from tests.factories.parties import AT, make_customer
from tests.factories.sales import approved_order, line_input, make_order, put_stock

pytestmark = pytest.mark.usefixtures("tenant")
WHO = Actor.system()


def customer_with(limit=100_000):
    return make_customer(credit_limit=Decimal(limit))


def owe(customer, amount):
    OpenItem.objects.create(
        kind="receivable",
        party=customer,
        source_type="t",
        source_id=customer.pk,
        source_number="T",
        item_date=AT.date(),
        due_date=AT.date(),
        amount=amount,
        open_amount=amount,
    )


def approve(order, actor=WHO):
    return orders.approve_order(order_id=order.pk, actor=actor, at=AT)


def test_an_order_over_the_limit_is_held_with_a_task_and_the_arithmetic():
    customer, item = customer_with(), make_item()
    approved_order((item, 1, 60_000), customer=customer)
    owe(customer, 35_000)
    held = approve(make_order((item, 1, 10_000), customer=customer))
    held.refresh_from_db()
    assert (held.approval, held.credit_state) == ("submitted", "credit_hold")
    assert "105,000.00" in held.credit_note
    task = Task.objects.get(kind="sales.credit_hold", subject_id=held.pk)
    assert task.permission == "sales.credit.release"
    assert task.params["limit"] == "100,000.00"


def test_exactly_the_limit_passes():
    customer, item = customer_with(), make_item()
    owe(customer, 90_000)
    assert approve(make_order((item, 1, 10_000), customer=customer)).is_approved
    assert not approve(make_order((item, 1, "0.01"), customer=customer)).is_approved


def test_goods_delivered_and_not_invoiced_count():
    customer, item = customer_with(), make_item()
    put_stock(item, 10)
    order = approved_order((item, 10, 9_000), customer=customer)
    deliveries.ship_order(order_id=order.pk, actor=WHO, at=AT)
    exposure = credit.exposure_of(customer.pk)
    assert (exposure.not_invoiced, exposure.open_orders, exposure.total) == (90_000, 0, 90_000)
    assert not approve(make_order((item, 1, 10_001), customer=customer)).is_approved


def test_policy_refuse_refuses(actor):
    set_parameter(key="sales.credit_policy", value="refuse", actor=actor, at=AT)
    customer = customer_with(5)
    order = make_order((make_item(), 1), customer=customer)
    with pytest.raises(Refusal) as refused:
        approve(order)
    assert refused.value.code == "credit_exceeded"
    assert SalesOrder.objects.get(pk=order.pk).approval == "draft"


@pytest.fixture
def held(member_for):
    """An order of a salesperson on hold, with who sold it and who may release it."""
    seller, chief = actor_for(member_for("sales_rep")), actor_for(member_for("finance_manager"))
    order = make_order((make_item(), 1), customer=customer_with(100), actor=seller)
    approve(order, seller)
    return order, seller, chief


def release(order, who, **more):
    return orders.release_credit(order_id=order.pk, reason="老客户，周五付款", actor=who, at=AT, **more)


def test_release_approves_and_is_somebody_elses_right(held, member_for):
    order, seller, chief = held
    with pytest.raises(PermissionRefused):
        release(order, seller)
    released = release(order, chief)
    assert (released.approval, released.credit_state) == ("approved", "released")
    assert released.credit_released_until == AT.date() + timedelta(days=7)
    assert not Task.objects.filter(subject_id=order.pk, done_at=None).exists()


def test_nobody_releases_his_own_order(member_for):
    both = actor_for(member_for("sales_rep", "finance_manager"))
    order = make_order((make_item(), 1), customer=customer_with(100), actor=both)
    approve(order, both)
    with pytest.raises(Refusal) as refused:
        release(order, both)
    assert refused.value.code == "own_order"


def test_a_release_needs_a_reason(held):
    order, _seller, chief = held
    with pytest.raises(Refusal) as refused:
        orders.release_credit(order_id=order.pk, reason=" ", actor=chief, at=AT)
    assert refused.value.field == "reason"


def test_reopening_an_old_order_is_held():
    customer, item = customer_with(1000), make_item()
    old = approved_order((item, 1, 900), customer=customer)
    orders.close_order(order_id=old.pk, actor=WHO, at=AT)
    approved_order((item, 1, 900), customer=customer)
    again = orders.reopen_order(order_id=old.pk, actor=WHO, at=AT)
    again.refresh_from_db()
    assert (again.closing, again.credit_state) == ("manual_closed", "credit_hold")


def test_a_released_order_reopens(member_for):
    customer, item = customer_with(1000), make_item()
    old = approved_order((item, 1, 900), customer=customer)
    orders.close_order(order_id=old.pk, actor=WHO, at=AT)
    approved_order((item, 1, 900), customer=customer)
    orders.reopen_order(order_id=old.pk, actor=WHO, at=AT)
    chief = actor_for(member_for("finance_manager"))
    release(old, chief)
    assert orders.reopen_order(order_id=old.pk, actor=WHO, at=AT).closing == "open"


def test_an_amendment_upward_is_guarded_and_downward_is_not(member_for):
    customer, item = customer_with(1000), make_item()
    order = approved_order((item, 9, 100), customer=customer)
    line = order.lines.get()

    def amend(qty):
        data = AmendmentData(lines=(line_input(item, qty, id=line.pk),))
        return orders.amend_order(order_id=order.pk, data=data, reason="改量", actor=WHO, at=AT)

    with pytest.raises(Refusal) as refused:
        amend(11)
    assert refused.value.code == "credit_exceeded"
    assert amend(10).revision == 1
    release(order, actor_for(member_for("finance_manager")), amount=Decimal(1200))
    assert amend(12).gross_amount == 1200
    with pytest.raises(Refusal):
        amend(13)
    owe(customer, 5000)
    assert amend(5).gross_amount == 500


def test_a_release_ends(held):
    order, seller, chief = held
    release(order, chief, days=1)
    later = AT + timedelta(days=2)
    orders.unapprove_order(order_id=order.pk, actor=WHO, at=AT)
    again = orders.approve_order(order_id=order.pk, actor=seller, at=later)
    assert again.credit_state == "credit_hold"


def test_a_copy_is_checked_like_any_order():
    customer, item = customer_with(1000), make_item()
    order = approved_order((item, 1, 900), customer=customer)
    copy = orders.copy_order(order_id=order.pk, actor=WHO, at=AT)
    assert approve(copy).credit_state == "credit_hold"


def test_withdrawing_ends_the_hold_and_its_task(held):
    order, _seller, _chief = held
    orders.withdraw_order(order_id=order.pk, actor=WHO, at=AT)
    order.refresh_from_db()
    assert (order.approval, order.credit_state) == ("draft", "ok")
    assert not Task.objects.filter(done_at=None, subject_id=order.pk).exists()
