"""Tickets joined to what the chain knows (CRM-11, CRM-13, CRM-24, CPT-02, M-04)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from backend.access.services import actor_for
from backend.inventory.models import Lot
from backend.kernel.actor import Actor
from backend.kernel.comments import comments_on
from backend.kernel.errors import IllegalTransition, NotFoundRefused, PermissionRefused, Refusal
from backend.kernel.links import graph
from backend.sales.services import deliveries
from backend.sales.services.inputs import DeliveryData
from backend.service.selectors import ticket_context, tickets_visible_to
from backend.service.services.tickets import (
    TicketData,
    assign_ticket,
    close_ticket,
    confirm_ticket,
    open_ticket,
    reopen_ticket,
    reply_to_ticket,
    solve_ticket,
    wait_on_ticket,
)
from tests.factories.catalog import make_item
from tests.factories.parties import AT, make_carrier, make_customer, make_supplier
from tests.factories.sales import approved_order, put_stock

pytestmark = pytest.mark.usefixtures("tenant")
WHO = Actor.system()


@pytest.fixture
def lot():
    item = make_item("打印机", lot_tracked=True)
    made = Lot.objects.create(item=item, lot_no="L-1", supplier=make_supplier("好机工厂"), created_at=AT)
    put_stock(item, 100, lot=made)
    return made


@pytest.fixture
def carrier():
    return make_carrier("快快物流")


def deliver(lot, carrier, customer=None, qty=2):
    order = approved_order((lot.item, qty), customer=customer or make_customer())
    delivery = deliveries.ship_order(order_id=order.pk, data=DeliveryData(carrier_id=carrier.pk), actor=WHO, at=AT)
    return delivery.lines.get()


def open_for(line, actor=WHO, **values):
    data = TicketData(category="quality", delivery_line_id=line.pk, **values)
    return open_ticket(data=data, actor=actor, at=AT)


def test_a_delivered_line_knows_item_lot_supplier_and_carrier(lot, carrier):
    line = deliver(lot, carrier)
    ticket = open_for(line, affected_qty=Decimal(1))
    assert (ticket.item, ticket.lot, ticket.supplier.name, ticket.carrier) == (lot.item, lot, "好机工厂", carrier)
    assert ticket.shipment.source_id == line.document_id
    assert ticket.order_id == line.order_line.document_id
    assert ticket.number.startswith("GD-")
    assert "打印机" in ticket.subject
    assert ticket.respond_by == AT + timedelta(hours=24)
    assert line.document in [node.document for node in graph(ticket).nodes]


def test_urgent_tickets_are_answered_sooner(lot, carrier):
    assert open_for(deliver(lot, carrier), priority="high").respond_by == AT + timedelta(hours=4)


def test_a_customer_opens_only_over_his_own_goods(lot, carrier, member_for):
    ours, other = make_customer(), make_customer()
    line = deliver(lot, carrier, ours)
    buyer = actor_for(member_for("customer_service", party=ours))
    stranger = actor_for(member_for("customer_service", party=other))
    ticket = open_for(line, buyer)
    with pytest.raises(NotFoundRefused):
        open_for(line, stranger)
    with pytest.raises(NotFoundRefused):
        reply_to_ticket(ticket_id=ticket.pk, text="?", actor=stranger, at=AT)
    assert list(tickets_visible_to(buyer)) == [ticket]
    assert not tickets_visible_to(stranger)


def test_partners_do_not_do_the_work_of_staff(lot, carrier, member_for):
    ours, supplier = make_customer(), lot.supplier
    ticket = open_for(deliver(lot, carrier, ours))
    buyer = actor_for(member_for("customer_service", party=ours))
    for act, more in (
        (solve_ticket, {"solution": "x"}),
        (wait_on_ticket, {"waiting_for": "supplier"}),
        (close_ticket, {}),
        (assign_ticket, {"member_id": buyer.member_id}),
    ):
        with pytest.raises(PermissionRefused):
            act(ticket_id=ticket.pk, actor=buyer, at=AT, **more)
    seller = actor_for(member_for("supplier_admin", party=supplier))
    with pytest.raises(NotFoundRefused):
        reply_to_ticket(ticket_id=ticket.pk, text="?", actor=seller, at=AT)
    assert not tickets_visible_to(seller)


def test_the_first_answer_stops_the_clock_and_internal_words_stay_inside(lot, carrier, member_for):
    agent = actor_for(member_for("service_agent"))
    ticket = open_for(deliver(lot, carrier))
    reply_to_ticket(ticket_id=ticket.pk, text="批次有问题？", actor=agent, at=AT, internal=True)
    ticket.refresh_from_db()
    assert ticket.first_response_at is None
    later = AT + timedelta(hours=2)
    reply_to_ticket(ticket_id=ticket.pk, text="您好，马上处理", actor=agent, at=later)
    ticket.refresh_from_db()
    assert (ticket.first_response_at, ticket.state) == (later, "triaged")
    assert [c.text for c in comments_on(ticket.pk, visibility="customer")] == ["您好，马上处理"]


def test_the_life_of_a_ticket(lot, carrier, member_for):
    customer = make_customer()
    buyer = actor_for(member_for("customer_service", party=customer))
    member = member_for("service_agent")
    agent = actor_for(member)
    ticket = open_for(deliver(lot, carrier, customer), buyer)
    assign_ticket(ticket_id=ticket.pk, member_id=member.pk, actor=agent, at=AT)
    wait_on_ticket(ticket_id=ticket.pk, waiting_for="customer", actor=agent, at=AT)
    reply_to_ticket(ticket_id=ticket.pk, text="照片已传", actor=buyer, at=AT)
    ticket.refresh_from_db()
    assert ticket.state == "triaged"
    with pytest.raises(Refusal):
        solve_ticket(ticket_id=ticket.pk, solution=" ", actor=agent, at=AT)
    solve_ticket(ticket_id=ticket.pk, solution="换新", actor=agent, at=AT)
    reopen_ticket(ticket_id=ticket.pk, reason="还是卡纸", actor=buyer, at=AT)
    first = ticket.first_response_at
    solve_ticket(ticket_id=ticket.pk, solution="再换新", actor=agent, at=AT + timedelta(days=1))
    confirm_ticket(ticket_id=ticket.pk, actor=buyer, at=AT)
    close_ticket(ticket_id=ticket.pk, actor=agent, at=AT)
    with pytest.raises(IllegalTransition):
        solve_ticket(ticket_id=ticket.pk, solution="x", actor=agent, at=AT)
    ticket.refresh_from_db()
    assert first in {None, ticket.first_response_at}


def test_beside_a_ticket_stands_the_whole_lot(lot, carrier, django_assert_max_num_queries):
    """G-12: other tickets of the lot, who else has it, how much is left, last orders and debt."""
    mine, others = make_customer("甲商店"), make_customer("乙商店")
    ticket = open_for(deliver(lot, carrier, mine, 3))
    second = open_for(deliver(lot, carrier, others, 5))
    back = deliver(lot, carrier, make_customer("丙商店"), 7)
    deliveries.unapprove_delivery(delivery_id=back.document_id, actor=WHO, at=AT)
    with django_assert_max_num_queries(8):
        found = ticket_context(ticket)
    assert found.same_lot == [second]
    assert {(h.name, h.qty) for h in found.holders} == {("甲商店", 3), ("乙商店", 5)}
    assert found.lot_on_hand == 92
    assert [order.customer_id for order in found.last_orders] == [mine.pk]
    assert found.receivable == 0


def test_every_problem_is_named(lot, carrier):
    with pytest.raises(Refusal) as refused:
        open_ticket(data=TicketData(category="nonsense"), actor=WHO, at=AT)
    assert {p.field for p in refused.value.problems} == {"category", "customer_id", "subject"}
    with pytest.raises(Refusal) as refused:
        open_for(deliver(lot, carrier), affected_qty=Decimal(3))
    assert refused.value.problems[0].field == "affected_qty"
