"""The conversation on a purchase order and links for the workshop, by tokens (SRM-24, M-14)."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from backend.kernel.models import Attachment
from backend.purchasing.models import ProgressLink
from backend.purchasing.services import orders
from tests.api.caller import Caller
from tests.factories.catalog import make_item
from tests.factories.parties import make_supplier
from tests.factories.purchasing import BUYER, make_purchase_order
from tests.papers.partners import PNG
from tests.people import make_member

pytestmark = pytest.mark.usefixtures("tenant")


@pytest.fixture
def order() -> Any:
    made = make_purchase_order((make_item(), 100), (make_item(), 5), supplier=make_supplier(email="works@example.com"))
    orders.send_order(order_id=made.pk, actor=BUYER, at=timezone.now())
    return made


def test_srm_24_both_sides_write_on_the_order(order):
    """SRM-24: one thread for words and files; what is internal stays inside, and a stranger knows of nothing."""
    path = f"purchasing/orders/{order.number}/messages/"
    buyer = Caller.of(make_member("buyer"))
    seller = Caller.of(make_member("supplier_admin", party=order.supplier))
    stranger = Caller.of(make_member("supplier_admin", party=make_supplier()))
    buyer.post(path, {"text": "Is the 10th possible?"})
    buyer.post(path, {"text": "They were late twice", "internal": True})
    scan = {"name": "schedule.png", "content": base64.b64encode(PNG).decode()}
    said = seller.post(path, {"file": scan}, idempotency_key="once")
    assert seller.post(path, {"file": scan}, idempotency_key="once") == said
    assert seller.refused("POST", path, {"text": "Among us", "internal": True})[0] == 403
    assert [(row["text"], row["visibility"]) for row in said] == [
        ("Is the 10th possible?", "supplier"),
        ("schedule.png", "supplier"),
    ]
    assert [row["text"] for row in buyer.get(path)] == ["Is the 10th possible?", "They were late twice", "schedule.png"]
    assert Attachment.objects.get(subject_id=order.pk).party_id == order.supplier_id
    assert seller.refused("POST", path, {})[1]["problems"][0]["field"] == "text"
    assert (stranger.refused("GET", path)[0], stranger.refused("POST", path, {"text": "x"})[0]) == (404, 404)
    assert len(buyer.get(path)) == 3


def test_m_14_a_link_for_one_line_is_given_and_ended(order, mailoutbox):
    """M-14: one line, seven days, shown once, revocable; the former link of the line ends."""
    path = f"purchasing/orders/{order.number}/progress-links/"
    line = order.lines.get(line_no=1)
    buyer = Caller.of(make_member("buyer"))
    first = buyer.post(path, {"order_line_id": line.pk})
    second = buyer.post(path, {"order_line_id": line.pk, "mail": True}, idempotency_key="again")
    assert first["url"] != second["url"]
    assert second["mailed_to"] == "works@example.com"
    days = ProgressLink.objects.get(pk=second["id"]).expires_at - timezone.now()
    assert timedelta(days=6, hours=23) < days <= timedelta(days=7)
    assert [(row["id"], bool(row["revoked_at"]), "url" in row) for row in buyer.get(path)] == [
        (second["id"], False, False),
        (first["id"], True, False),
    ]
    public = Client(SERVER_NAME=buyer.host)
    where = "/" + second["url"].split("/", 3)[3]
    assert public.get(where).status_code == 200
    assert buyer.delete(f"{path}{second['id']}/")["revoked_at"]
    assert public.get(where).status_code == 404


def test_links_are_the_buyers_and_of_this_order(order):
    path = f"purchasing/orders/{order.number}/progress-links/"
    line, other = order.lines.get(line_no=1), make_purchase_order((make_item(), 1))
    buyer = Caller.of(make_member("buyer"))
    seller = Caller.of(make_member("supplier_admin", party=order.supplier))
    given = buyer.post(path, {"order_line_id": line.pk})
    assert seller.refused("GET", path)[0] == 403
    assert seller.refused("POST", path, {"order_line_id": line.pk})[0] == 403
    status, told = buyer.refused("POST", path, {"order_line_id": other.lines.get().pk})
    assert (status, told["problems"][0]["field"]) == (400, "order_line_id")
    foreign = f"purchasing/orders/{other.number}/progress-links/{given['id']}/"
    assert buyer.refused("DELETE", foreign)[0] == 404
    assert ProgressLink.objects.get(pk=given["id"]).revoked_at is None
