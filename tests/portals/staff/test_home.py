"""The home page: whole for the owner, without what a role may not see, in a bounded number of statements."""

import pytest

from portals.staff import figures
from portals.staff.counts import navigation_counts

pytestmark = pytest.mark.django_db


def test_the_owner_sees_figures_flow_and_tasks(world, browser, order_of, statements):
    order_of({"PA4": 100}, approved=True)
    order_of({"PA4": 100}, customer=world.linan, approved=True)
    client = browser()
    client.get("/")
    with statements(12):
        answer = client.get("/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "临安建材" in page  # the credit hold is an alert
    assert answer.context["todo"][1].cells[1].value == 1  # one order to approve
    assert answer.context["kpis"]


def test_counts_follow_the_right(world, browser, order_of, actor, member_for):
    from backend.access import services as access

    order = order_of({"PA4": 1})
    from django.utils import timezone

    from backend.kernel import clock
    from backend.sales.services import orders

    orders.submit_order(order_id=order.pk, actor=actor, at=timezone.now())
    found = figures.read_figures(actor, now=clock.now(), today=clock.today())
    assert figures.of(found, "sales.order", "submitted") == 1
    picker = access.actor_for(member_for("picker"), channel="web")
    found = figures.read_figures(picker, now=clock.now(), today=clock.today())
    assert "sales.order" not in found
    assert figures.of(found, "sales.order", "submitted") == 0


def test_a_salesperson_counts_only_own_orders(world, order_of, member_for):
    from backend.access import services as access
    from backend.kernel import clock

    order_of({"PA4": 1}, approved=True)
    seller = access.actor_for(member_for("sales_rep"), channel="web")
    order_of({"PA4": 1}, actor=seller, approved=True)
    found = figures.read_figures(seller, now=clock.now(), today=clock.today())
    assert figures.of(found, "sales.order", "open") == 1


def test_navigation_marks_what_waits(world, order_of, actor, rf):
    from django.utils import timezone

    from backend.sales.services import orders

    order = order_of({"PA4": 1})
    orders.submit_order(order_id=order.pk, actor=actor, at=timezone.now())
    request = rf.get("/")
    request.actor = actor
    assert navigation_counts(request)["sales.order"] == (1, True)


def test_a_picker_has_a_home_without_money(world, browser):
    page = browser("picker").get("/").content.decode()
    assert "/sales/invoices/" not in page
    assert "tk-kpis" not in page


def test_strangers_go_to_the_sign_in(world, client):
    answer = client.get("/", headers={"host": "alpha.localhost"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/signin/")
