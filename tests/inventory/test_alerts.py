"""INV-03: low, too much, slow-moving, expiring: raised once, told once, cleared by themselves."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.utils import timezone

from backend.access.models import Member
from backend.inventory.models import StockAlert
from backend.inventory.services.alerts import look_at_stock
from backend.processes.inquirers import inquirers_of
from backend.processes.stock_alerts import tell
from backend.sales.models import SalesQuote
from backend.sales.services import quotes
from backend.sales.services.inputs import LineInput, QuoteData
from backend.workflow.models import Notification, Task
from tests.factories.catalog import make_item
from tests.factories.inventory import AT, SYSTEM, TODAY, stock_up
from tests.factories.parties import make_customer
from tests.people import client_of
from tests.scenarios.world import World, settle

pytestmark = pytest.mark.usefixtures("tenant")


def open_alerts(**where):
    return sorted(StockAlert.objects.filter(cleared_at=None, **where).values_list("kind", flat=True))


def test_five_left_is_known_to_purchasing_and_sales_at_once():
    """INV-03: 5 left < threshold: purchasing has a to-do and sales a word when the order is approved."""
    from backend.inventory.services import other
    from backend.inventory.services.inputs import OtherReceiptLineInput

    world = World()
    colleague = world.person("sales_rep")  # who sold it knows
    item = world.item("P", "Paper", stock=20, safety_stock=D(10))
    settle()
    assert open_alerts() == []
    sold_at = timezone.now()
    world.order(item, 15)
    settle()
    alert = StockAlert.objects.get(cleared_at=None)
    assert (alert.kind, alert.qty, alert.threshold) == ("low", 5, 10)
    task = Task.objects.get(kind="inventory.low", done_at=None)
    told = Notification.objects.filter(kind="inventory.low")
    assert colleague.member_id in told.values_list("member_id", flat=True), "sales hears of it"
    assert max(told.latest("created_at").created_at, task.created_at) - sold_at < timedelta(minutes=1)
    buyer, rep = (client_of(Member.objects.get(pk=who.member_id)) for who in (world.buyer, colleague))
    assert "Paper" in buyer.get("/tasks/").content.decode()
    assert "Paper" in rep.get("/tasks/notifications/").content.decode()
    world.order(item, 1)
    settle()
    assert StockAlert.objects.filter(cleared_at=None).count() == 1
    receipt = other.save_other_receipt(
        doc_date=world.today,
        warehouse_id=world.warehouse.pk,
        reason="gift",
        lines=[OtherReceiptLineInput(item.pk, D(50), unit_cost=D(1))],
        actor=world.keeper,
        at=world.at,
    )
    other.approve_other_receipt(document_id=receipt.pk, actor=world.keeper, at=world.at)
    settle()
    assert open_alerts() == []
    assert not Task.objects.filter(kind="inventory.low", done_at=None).exists()


def offer(world, item, customer, seller):
    data = QuoteData(customer.pk, world.day(9), (LineInput(item.pk, D(2)),))
    return quotes.save_quote(data=data, actor=seller, at=world.at)


def calls(item):
    """(whose, about whom) of the open to-dos to call somebody about an item; nobody's are for all who see all orders."""
    rows = Task.objects.filter(kind="inventory.low_call", done_at=None, params__item=str(item)).order_by("created_at")
    return {(row.assignee_id or row.permission, row.params["customer"]) for row in rows}


def test_inv_03_int_09_who_asked_for_it_is_called_by_whom_they_know(django_assert_num_queries):
    """5 left, threshold 10, 3 inquirers: 3 to-dos and a word for each of two salespeople; once while it stays low."""
    world = World()
    colleague, clerk = world.person("sales_rep"), world.person("accountant")
    item = world.item("P", "Paper", stock=20, safety_stock=D(10))
    theirs, known, strange = (make_customer(name=name) for name in ("Blue", "Green", "Red"))
    offer(world, item, world.customer, colleague)  # it has a salesperson
    offer(world, item, theirs, colleague)
    offer(world, item, theirs, colleague)
    offer(world, item, known, clerk)  # who sells nothing
    old = offer(world, item, strange, colleague)
    SalesQuote.objects.filter(pk=old.pk).update(doc_date=world.day(-91))
    with django_assert_num_queries(1):
        assert inquirers_of([item.pk], world.at) == []  # it is not low
    world.order(item, 15)  # all of it is set aside
    settle()
    wanted = {
        (world.rep.member_id, world.customer.name),
        (colleague.member_id, "Blue"),
        ("sales.order.view_all", "Green"),
    }
    assert calls(item) == wanted
    told = Notification.objects.filter(kind="inventory.low_asked")
    assert {(each.member_id, each.params["customers"], each.params["qty"]) for each in told} == {
        (world.rep.member_id, world.customer.name, "5"),
        (colleague.member_id, "Blue", "5"),
    }
    assert not Notification.objects.filter(kind="inventory.low", member_id=colleague.member_id).exists(), "told once"
    assert "Blue" in client_of(Member.objects.get(pk=colleague.member_id)).get("/tasks/").content.decode()
    world.order(item, 1)
    settle()
    assert (calls(item), told.count()) == (wanted, 2)
    stock_up(item, 100, 100)
    tell(look_at_stock(at=timezone.now()), SYSTEM)
    assert calls(item) == set()


def test_the_daily_look_finds_what_does_not_move_and_what_expires():
    slow, fresh = make_item(), make_item(lot_tracked=True, expiry_tracked=True)
    stock_up(slow, 10, 100)
    stock_up(fresh, 5, 50, lot_no="L", expiry_date=TODAY + timedelta(days=20))
    look_at_stock(at=AT)
    assert open_alerts() == ["expiring"]
    look_at_stock(at=AT + timedelta(days=90))
    assert open_alerts(item=slow) == ["slow"]
    first = StockAlert.objects.filter(item=slow, cleared_at=None).get()
    look_at_stock(at=AT + timedelta(days=91))
    assert StockAlert.objects.get(item=slow, cleared_at=None).pk == first.pk


def test_too_much_is_what_lasts_longer_than_a_year():
    world = World()
    item = world.item("P", "Paper", stock=1000)
    order = world.order(item, 10)
    from backend.sales.services import deliveries

    deliveries.ship_order(order_id=order.pk, actor=world.keeper, at=world.at)
    look_at_stock(at=timezone.now())
    assert open_alerts() == ["over"]
    assert SYSTEM.kind == "system"
