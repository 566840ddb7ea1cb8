"""Many at the same time: nothing is sold twice, nobody gets more credit, nobody waits for ever."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from backend.availability.models import DemandLine, Suggestion
from backend.inventory.models import StockBalance, StockMove
from backend.kernel.actor import Actor
from backend.kernel.errors import Refusal
from backend.kernel.tenancy import run_in
from backend.processes.order_to_cash import invoice_deliveries
from backend.sales.models import SalesOrder, SalesOrderLine
from backend.sales.services import deliveries, orders
from backend.sales.services.checks import CannotUnapproveDelivery
from backend.sales.services.shipping import unapprove_delivery
from tests.beside import while_waiting
from tests.factories.catalog import make_item
from tests.factories.parties import AT, make_customer
from tests.factories.sales import approved_order, make_order, order_data, put_stock

WHO = Actor.system()


def together(company: Any, acts: list[Callable[[], Any]], *, workers: int) -> list[Any]:
    """Run the acts at the same moment, each on a connection of its own; a refusal is an answer, other errors are not."""
    gate = Barrier(workers)

    def run(place_act: tuple[int, Callable[[], Any]]) -> Any:
        place, act = place_act
        try:
            if place < workers:
                gate.wait(timeout=30)
            with run_in(company):
                return act()
        except Refusal as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(run, enumerate(acts)))


@pytest.mark.slow
def test_fifty_orders_for_the_last_ten_pieces(committed_tenant):
    """INV-04: 50 threads, 10 pieces: exactly 10 are reserved, the rest is promised for later, no deadlock."""
    item = make_item()
    put_stock(item, 10)
    drafts = [make_order((item, 1)) for _ in range(50)]
    acts = [lambda pk=order.pk: orders.approve_order(order_id=pk, actor=WHO, at=AT) for order in drafts]
    answers = together(committed_tenant, acts, workers=50)
    assert all(isinstance(answer, SalesOrder) and answer.is_approved for answer in answers)
    balance = StockBalance.objects.get(item=item)
    assert (balance.on_hand, balance.reserved) == (10, 10)
    assert DemandLine.objects.filter(reserved_qty=1).count() == 10
    assert DemandLine.objects.filter(reserved_qty=0, open_qty=1).count() == 40


def test_inv_04_two_orders_for_the_last_ten_at_the_same_moment(committed_tenant):
    """Exactly one reserves all ten, the other is short of ten; stock is never less than nothing."""
    item = make_item()
    put_stock(item, 10)
    drafts = [make_order((item, 10)) for _ in range(2)]
    acts = [lambda pk=order.pk: orders.approve_order(order_id=pk, actor=WHO, at=AT) for order in drafts]
    assert all(isinstance(answer, SalesOrder) for answer in together(committed_tenant, acts, workers=2))
    assert sorted(DemandLine.objects.values_list("reserved_qty", "open_qty")) == [(0, 10), (10, 10)]
    assert Suggestion.objects.get(item=item).need_qty == 10
    winner = DemandLine.objects.get(reserved_qty=10).ref_id
    deliveries.ship_order(order_id=winner, actor=WHO, at=AT)
    [loser] = [order for order in drafts if order.pk != winner]
    with pytest.raises(Refusal):
        deliveries.ship_order(order_id=loser.pk, actor=WHO, at=AT)
    balance = StockBalance.objects.get(item=item)
    assert (balance.on_hand, balance.reserved, balance.available) == (0, 0, 0)


@pytest.mark.slow
def test_two_orders_against_one_limit(committed_tenant):
    """P-15: limit 1,000, two orders of 600 at the same moment: one passes, one is held; repeated."""
    item = make_item()
    for _round in range(8):
        customer = make_customer(credit_limit=Decimal(1000))
        drafts = [make_order((item, 1, 600), customer=customer) for _ in range(2)]
        acts = [lambda pk=order.pk: orders.approve_order(order_id=pk, actor=WHO, at=AT) for order in drafts]
        answers = together(committed_tenant, acts, workers=2)
        assert sorted(answer.credit_state for answer in answers) == ["credit_hold", "ok"]
        assert sorted(answer.approval for answer in answers) == ["approved", "submitted"]


@pytest.mark.slow
def test_the_same_order_approved_and_shipped_by_many(committed_tenant):
    """Two tabs, ten clicks: one approval, one shipment of each piece."""
    item = make_item()
    put_stock(item, 10)
    order = make_order((item, 10))
    answers = together(
        committed_tenant, [lambda: orders.approve_order(order_id=order.pk, actor=WHO, at=AT)] * 10, workers=10
    )
    assert sum(isinstance(answer, SalesOrder) for answer in answers) == 1
    answers = together(
        committed_tenant, [lambda: deliveries.ship_order(order_id=order.pk, actor=WHO, at=AT)] * 10, workers=10
    )
    assert sum(not isinstance(answer, Refusal) for answer in answers) == 1
    assert StockBalance.objects.get(item=item).on_hand == 0
    assert StockMove.objects.filter(doc_type="sales.delivery").count() == 1


@pytest.mark.slow
def test_orders_in_opposite_order_of_items_do_not_wait_in_a_ring(committed_tenant):
    """P-10: orders over the same items in any order, approved, shipped, closed and unapproved at once."""
    items = [make_item() for _ in range(4)]
    for item in items:
        put_stock(item, 1000)
    made = []
    for number in range(24):
        chosen = items if number % 2 else items[::-1]
        made.append(make_order(*((item, 2) for item in chosen), customer=make_customer(credit_limit=Decimal(10**6))))

    def life(pk: Any, number: int) -> str:
        orders.approve_order(order_id=pk, actor=WHO, at=AT)
        if number % 3 == 0:
            orders.unapprove_order(order_id=pk, actor=WHO, at=AT)
        elif number % 3 == 1:
            delivery = deliveries.ship_order(order_id=pk, actor=WHO, at=AT)
            if number % 2:
                deliveries.unapprove_delivery(delivery_id=delivery.pk, actor=WHO, at=AT)
        else:
            orders.close_order(order_id=pk, actor=WHO, at=AT)
        return "done"

    acts = [lambda pk=order.pk, n=n: life(pk, n) for n, order in enumerate(made)]
    assert together(committed_tenant, acts, workers=12) == ["done"] * 24
    for balance in StockBalance.objects.all():
        waiting = DemandLine.objects.filter(item_id=balance.item_id)
        assert balance.reserved == sum(line.reserved_qty for line in waiting)
    shipped = sum(SalesOrderLine.objects.values_list("shipped_qty", flat=True))
    assert sum(b.on_hand for b in StockBalance.objects.all()) == 4000 - shipped


@pytest.mark.slow
def test_numbers_have_no_gaps_and_no_twins(committed_tenant):
    item, customer = make_item(), make_customer()
    acts = [lambda: orders.save_order(data=order_data(customer, (item, 1)), actor=WHO, at=AT)] * 30
    numbers = sorted(order.number for order in together(committed_tenant, acts, workers=15))
    assert [int(number[-5:]) for number in numbers] == list(range(1, 31))


@pytest.mark.slow
def test_amending_while_shipping_never_goes_below_what_left(committed_tenant):
    from backend.sales.services.inputs import AmendmentData
    from tests.factories.sales import line_input

    item = make_item()
    put_stock(item, 100)
    for _round in range(6):
        order = approved_order((item, 10))
        line = order.lines.get()
        data = AmendmentData(lines=(line_input(item, 4, id=line.pk),))
        together(
            committed_tenant,
            [
                lambda pk=order.pk: deliveries.ship_order(order_id=pk, actor=WHO, at=AT),
                lambda pk=order.pk, d=data: orders.amend_order(order_id=pk, data=d, reason="少", actor=WHO, at=AT),
            ],
            workers=2,
        )
        line.refresh_from_db()
        assert line.shipped_qty <= line.qty
        assert line.shipped_qty in {4, 10}


def test_a_delivery_is_not_taken_back_while_a_draft_over_it_is_written(committed_tenant):
    """The draft is not committed yet: taking back waits for it and then names it."""
    item = make_item()
    put_stock(item, 10)
    delivery = deliveries.ship_order(order_id=approved_order((item, 10)).pk, actor=WHO, at=AT)
    with transaction.atomic():
        draft = invoice_deliveries(delivery_ids=[delivery.pk], actor=WHO, at=AT)
        back = partial(unapprove_delivery, delivery_id=delivery.pk, actor=WHO, at=AT)
        thread, told = while_waiting(committed_tenant, back)
    thread.join()
    assert isinstance(told[0], CannotUnapproveDelivery), told
    assert (told[0].document, told[0].value) == (delivery.number, draft.number)
    delivery.refresh_from_db()
    assert delivery.is_approved
