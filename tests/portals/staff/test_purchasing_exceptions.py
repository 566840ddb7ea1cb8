"""SRM-11, SRM-12, SRM-21, G-17: the exception board and the inbox of proposals as a buyer sees them."""

from datetime import timedelta
from decimal import Decimal as D
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from backend.kernel.models import Comment
from backend.processes.exceptions import look_for_exceptions
from backend.purchasing.models import OrderConfirmation, PurchaseException, PurchaseOrder
from backend.purchasing.services import confirmations, orders
from backend.purchasing.services.inputs import AnswerLine, LineInput, OrderData, PartInput
from tests.factories.purchasing import supplier_actor

pytestmark = pytest.mark.django_db


def buy(world: SimpleNamespace, qty: int = 50) -> PurchaseOrder:
    """An approved and sent order of paper."""
    who = {"actor": world.actor, "at": timezone.now()}
    data = OrderData(
        supplier_id=world.supplier.pk,
        requested_date=world.today + timedelta(days=5),
        lines=(LineInput(world.paper.pk, D(qty), D(100)),),
    )
    order = orders.save_order(data=data, **who)
    return orders.approve_order(order_id=order.pk, **who)


def propose(order: PurchaseOrder, *, days: int = 9, price: str = "110") -> OrderConfirmation:
    [line] = order.lines.all()
    part = PartInput(line.qty, order.requested_date + timedelta(days=days), D(price))
    who = {"actor": supplier_actor(order.supplier), "at": timezone.now()}
    return confirmations.answer_order(order_id=order.pk, lines=[AnswerLine(line.pk, [part], reason="缺料")], **who)


def sell(world: SimpleNamespace) -> Any:
    """A customer who waits for more paper than there is."""
    from backend.sales.services import orders as sales
    from backend.sales.services.inputs import LineInput as SellLine
    from backend.sales.services.inputs import OrderData as SellData

    who = {"actor": world.actor, "at": timezone.now()}
    data = SellData(
        customer_id=world.wenlan.pk,
        requested_date=world.today + timedelta(days=6),
        lines=(SellLine(world.paper.pk, D(120)),),
    )
    order = sales.save_order(data=data, **who)
    return sales.approve_order(order_id=order.pk, **who)


def test_the_board_says_which_customers_line_is_hurt(world, browser, statements):
    sold, order = sell(world), buy(world)
    propose(order)
    look_for_exceptions(at=timezone.now())
    client = browser()
    client.get("/purchasing/exceptions/")
    with statements(12):
        answer = client.get("/purchasing/exceptions/")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert order.number in text
    assert sold.number in text
    assert "文澜办公" in text
    assert 'class="im"' in text, "the promise is later than wanted"
    for query in ("?by=supplier", "?mine=1", "?kind=proposal", f"?supplier={world.supplier.pk}", "?kind=x&supplier=y"):
        assert client.get(f"/purchasing/exceptions/{query}").status_code == 200


def test_a_buyer_takes_care_and_asks_the_supplier(world, browser):
    order = buy(world)
    look_for_exceptions(at=timezone.now() + timedelta(hours=50))
    row = PurchaseException.objects.get()
    client = browser()
    assert client.post(f"/purchasing/exceptions/{row.pk}/care/", {"note": "called"}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.note) == ("acknowledged", "called")
    back = {"back": "/purchasing/exceptions/?by=supplier"}
    assert client.post(f"/purchasing/exceptions/{row.pk}/reminder/", back)["Location"] == back["back"]
    comment = Comment.objects.get(subject_id=order.pk)
    assert (comment.visibility, comment.party_id) == ("supplier", world.supplier.pk)
    assert order.number in comment.text
    evil = {"back": "https://evil.example/"}
    assert client.post(f"/purchasing/exceptions/{row.pk}/care/", evil)["Location"] == "/purchasing/exceptions/"
    assert client.post(f"/purchasing/exceptions/{uuid4()}/care/").status_code == 404
    assert client.post(f"/purchasing/exceptions/{uuid4()}/reminder/").status_code == 404


def test_who_may_not_write_orders_reads_only(world, browser):
    buy(world)
    look_for_exceptions(at=timezone.now() + timedelta(hours=50))
    row = PurchaseException.objects.get()
    reader = browser("analyst")
    page = reader.get("/purchasing/exceptions/")
    assert page.status_code == 200
    assert "/care/" not in page.content.decode()
    assert reader.post(f"/purchasing/exceptions/{row.pk}/care/").status_code == 403
    assert reader.post("/purchasing/proposals/decision/").status_code == 403


def test_several_proposals_are_decided_at_once(world, browser, statements):
    """SRM-11: changes beyond tolerance go to the buyer, who takes several or declines with a reason."""
    placed = [buy(world, 10), buy(world, 20), buy(world, 30)]
    answers = [propose(order) for order in placed]
    client = browser()
    client.get("/purchasing/proposals/")
    with statements(12):
        page = client.get("/purchasing/proposals/")
    assert all(order.number in page.content.decode() for order in placed)
    ticked = {"answer": [str(answer.pk) for answer in answers[:2]], "verdict": "accept"}
    assert client.post("/purchasing/proposals/decision/", ticked).status_code == 302
    assert [OrderConfirmation.objects.get(pk=one.pk).state for one in answers] == ["accepted", "accepted", "proposed"]
    assert placed[0].lines.get().tax_incl_price == D(110)
    last = {"answer": [str(answers[2].pk)], "verdict": "decline"}
    refused = client.post("/purchasing/proposals/decision/", last)
    assert refused.status_code == 400
    assert client.post("/purchasing/proposals/decision/", last | {"reason": "too dear"}).status_code == 302
    answers[2].refresh_from_db()
    assert (answers[2].state, answers[2].decided_reason) == ("declined", "too dear")
    again = client.post("/purchasing/proposals/decision/", ticked)
    assert again.status_code == 409
    assert client.post("/purchasing/proposals/decision/", {"verdict": "accept"}).status_code == 400
    unknown = {"answer": [str(uuid4())], "verdict": "accept"}
    assert client.post("/purchasing/proposals/decision/", unknown).status_code == 404


def test_exceptions_over_the_api(world, browser, tenant):
    """The same board for programs: read by who sees orders, taken care of by who writes them."""
    from django.test import Client

    from backend.access import services as access
    from backend.access.models import Member

    buy(world)
    look_for_exceptions(at=timezone.now() + timedelta(hours=50))
    row = PurchaseException.objects.get()
    owner = Member.objects.filter(roles__code="owner").earliest("created_at")
    _made, secret = access.issue_token(member_id=owner.pk, name="api", actor=world.actor, at=timezone.now())
    api = Client(SERVER_NAME="alpha.localhost", headers={"authorization": f"Bearer {secret}"})
    found = api.get("/api/v1/purchasing/exceptions/")
    assert found.status_code == 200, found.content
    assert [each["id"] for each in found.json()["results"]] == [str(row.pk)]
    cared = api.post(
        f"/api/v1/purchasing/exceptions/{row.pk}/care/",
        {"note": "called"},
        content_type="application/json",
        headers={"idempotency-key": "care-1"},
    )
    assert cared.status_code == 200, cared.content
    assert cared.json()["state"] == "acknowledged"
    assert api.get(f"/api/v1/purchasing/exceptions/{uuid4()}/").status_code == 404
