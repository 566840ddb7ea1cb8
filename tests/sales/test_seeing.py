"""Who sees what, previews before approval, dates people answer for (P-03, SAAS-15, G-02, SAL-06)."""

from datetime import timedelta

import pytest

from backend.access.services import actor_for
from backend.availability.models import PromiseRevision
from backend.availability.services.causes import Cause
from backend.availability.services.planning import replan
from backend.kernel.actor import Actor
from backend.kernel.errors import PermissionRefused, Refusal
from backend.kernel.models import AuditEntry
from backend.kernel.outbox.relay import relay
from backend.sales.selectors import (
    delivered_lines_of,
    deliveries_visible_to,
    delivery_for,
    lines_to_deliver,
    order_counts,
    order_for,
    orders_visible_to,
    preview_order,
)
from backend.sales.services import deliveries, orders, promises
from tests.factories.catalog import make_item
from tests.factories.parties import AT, make_customer, make_supplier
from tests.factories.sales import approved_order, make_order, put_stock

pytestmark = pytest.mark.usefixtures("tenant")
WHO = Actor.system()


@pytest.fixture
def two():
    """Two customers, each with a draft, an approved order and a delivery."""
    made = []
    for _ in range(2):
        item, customer = make_item(), make_customer()
        put_stock(item, 100)
        draft = make_order((item, 1), customer=customer)
        order = approved_order((item, 2), customer=customer)
        made.append((customer, draft, order, deliveries.ship_order(order_id=order.pk, actor=WHO, at=AT)))
    return made


def test_a_customer_sees_his_own_binding_orders_alone(two, member_for):
    (ours, _draft, order, delivery), (_other, _d, foreign, foreign_delivery) = two
    buyer = actor_for(member_for("customer_buyer", party=ours))
    assert list(orders_visible_to(buyer)) == [order]
    assert order_for(buyer, foreign.number) is None
    assert delivery_for(buyer, foreign_delivery.number) is None
    assert list(deliveries_visible_to(buyer)) == [delivery]
    assert {line.document_id for line in delivered_lines_of(buyer)} == {delivery.pk}
    own = orders.copy_order(order_id=order.pk, actor=buyer, at=AT)
    assert own in orders_visible_to(buyer)


@pytest.mark.parametrize("role", ["supplier_admin", "customer_none", "admin", "buyer"])
def test_others_see_nothing(two, member_for, role):
    if role == "customer_none":
        who = Actor(kind="customer", name="x", party_id=two[0][0].pk)
    else:
        who = actor_for(member_for(role, **({"party": make_supplier()} if role == "supplier_admin" else {})))
    assert not orders_visible_to(who)
    assert not deliveries_visible_to(who)
    assert order_for(who, two[0][2].number) is None


def test_a_salesperson_sees_his_own_and_nobodys(two, member_for):
    one, other = actor_for(member_for("sales_rep")), actor_for(member_for("sales_rep"))
    chief = actor_for(member_for("sales_manager"))
    mine = make_order((make_item(), 1), actor=one)
    assert mine in orders_visible_to(one)
    assert mine not in orders_visible_to(other)
    assert mine in orders_visible_to(chief)
    assert two[0][2] in orders_visible_to(other)


def test_pages_take_a_fixed_number_of_statements(two, django_assert_num_queries):
    with django_assert_num_queries(2):
        order = order_for(WHO, two[0][2].number)
        assert [line.item.unit.name for line in order.lines.all()]
    with django_assert_num_queries(1):
        assert [order.customer.name for order in orders_visible_to(WHO)[:50]]
    with django_assert_num_queries(1):
        assert order_counts(WHO)["to_invoice"] == 2


def test_the_preview_says_what_approval_would(actor, django_assert_max_num_queries):
    """G-02: 100 on hand, 80 reserved, order 50: 20 now, 30 later; nothing is written."""
    item = make_item(lead_days=5)
    put_stock(item, 100)
    approved_order((item, 80))
    order = make_order((item, 50), day=AT.date() + timedelta(days=3))
    before = AuditEntry.objects.count()
    with django_assert_max_num_queries(8):
        seen = preview_order(order, at=AT)
    assert [int(part.qty) for part in seen.lines[0].preview.parts] == [20, 30]
    assert seen.is_late
    assert AuditEntry.objects.count() == before
    done = orders.approve_order(order_id=order.pk, actor=WHO, at=AT)
    assert done.promise_date == seen.promise_date


def test_lines_to_deliver_tell_what_is_ready():
    item = make_item()
    put_stock(item, 6)
    order = approved_order((item, 10))
    [(line, state)] = lines_to_deliver([order.pk])
    assert (line.open_qty, state["reserved"], state["ready"]) == (10, 6, 6)
    deliveries.create_delivery_from_order(order_id=order.pk, actor=WHO, at=AT)
    [(_line, state)] = lines_to_deliver([order.pk])
    assert (state["on_drafts"], state["ready"]) == (6, 0)


def test_another_date_needs_right_and_reason_and_is_kept(member_for):
    order = approved_order((make_item(), 5))
    line = order.lines.get()
    day = AT.date() + timedelta(days=1)

    def override(who, reason="供应商口头答应"):
        return promises.override_promise(order_id=order.pk, line_id=line.pk, day=day, reason=reason, actor=who, at=AT)

    with pytest.raises(PermissionRefused):
        override(actor_for(member_for("sales_rep")))
    chief = actor_for(member_for("sales_manager"))
    with pytest.raises(Refusal):
        override(chief, reason="")
    assert override(chief).override_date == day
    entry = AuditEntry.objects.get(verb="override_promise")
    assert entry.reason == "供应商口头答应"
    assert promises.clear_override(order_id=order.pk, line_id=line.pk, actor=chief, at=AT).override_date is None


def test_the_order_follows_its_promises_after_the_commit():
    item = make_item(lead_days=5)
    order = approved_order((item, 10))
    late = order.promise_date
    put_stock(item, 10)
    replan([(item.pk, order.warehouse_id)], cause=Cause("stock_came"), actor=WHO, at=AT)
    relay()
    order.refresh_from_db()
    assert order.promise_date < late
    revision = PromiseRevision.objects.latest("id")
    promises.set_customer_reason(revision_id=revision.pk, text="货已提前到", actor=WHO, at=AT)
    revision.refresh_from_db()
    assert revision.customer_reason == "货已提前到"
