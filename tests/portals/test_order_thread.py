"""SRM-24: one conversation on an order and on a shipment, with files, told to the other side, new until it is read, in the pack."""

import csv
import io
import re
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from backend.access.services import save_role
from backend.kernel import audit
from backend.kernel.actor import Actor
from backend.kernel.models import Attachment, Comment
from backend.processes.conversation import tell_of_message
from backend.purchasing.services import orders
from backend.workflow.models import Notification
from tests.factories.catalog import make_item
from tests.factories.parties import make_supplier
from tests.factories.purchasing import BUYER, confirm, make_purchase_order, ship
from tests.papers.partners import PNG
from tests.people import client_of, make_member

pytestmark = pytest.mark.usefixtures("tenant")


@pytest.fixture
def pair() -> Any:
    """An order, its buyer's browser and its supplier's."""
    supplier = make_supplier(language="en")
    buyer, seller = make_member("buyer", name="Bo"), make_member("supplier_admin", party=supplier, name="Su")
    order = make_purchase_order((make_item(), 10), supplier=supplier, buyer_id=buyer.pk)
    orders.send_order(order_id=order.pk, actor=BUYER, at=timezone.now())
    confirm(order)
    return order, client_of(buyer, headers={"accept-language": "en"}), client_of(seller), buyer


def png(name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PNG, "image/png")


def events_of(order: Any, kind: str) -> None:
    """What the relay does with the event of the last message."""
    from backend.kernel.actor import Actor
    from backend.kernel.comments import CommentAdded

    last = Comment.objects.filter(subject_id=order.pk).latest("created_at")
    event = CommentAdded(order.pk, order.DOC_TYPE, str(last.pk), last.visibility, last.author_kind)
    tell_of_message(event, Actor.system(kind))


def test_a_message_with_a_file_from_both_sides(pair):
    order, buyer, seller, member = pair
    said = {"text": "Drawing attached", "file": png("drawing.png"), "visibility": "supplier"}
    assert buyer.post(f"/discussion/purchasing.order/{order.pk}/messages/", said).status_code == 302
    page = f"/supplier/orders/{order.number}/"
    assert Attachment.objects.get().visibility == "supplier"
    home = seller.get("/supplier/").content.decode()
    assert "#messages" in home
    assert "tk-chip need" in seller.get("/supplier/orders/").content.decode()
    text = seller.get(page).content.decode()
    assert "Drawing attached" in text
    assert "drawing.png" in text
    assert "#messages" not in seller.get("/supplier/").content.decode(), "read now"
    assert seller.post(f"{page}messages/", {"file": png("packed.png")}).status_code == 302
    alone = Comment.objects.latest("created_at")
    assert (alone.text, alone.author_kind) == ("packed.png", "supplier")
    events_of(order, "relay")
    assert Notification.objects.filter(member_id=member.pk, kind="discussion.comment").exists()


def test_what_the_supplier_wrote_is_new_until_the_buyer_opened_it(pair):
    order, buyer, seller, _member = pair
    seller.post(f"/supplier/orders/{order.number}/messages/", {"text": "Two days later, sorry"})
    lists = "/purchasing/orders/?view=all"
    fresh = buyer.get(lists).content.decode()
    assert "New message" in fresh or "新消息" in fresh
    first = buyer.get(f"/purchasing/orders/{order.number}/").content.decode()
    assert "Two days later, sorry" in first
    again = buyer.get(lists).content.decode()
    assert "New message" not in again
    assert "新消息" not in again


def test_a_shipment_has_its_own_conversation_and_documents(pair):
    """SRM-13: documents go with the shipment."""
    order, buyer, seller, _member = pair
    notice = ship(order, 10, expected=timezone.now().date() + timedelta(days=4))
    page = f"/supplier/shipments/{notice.number}/"
    assert seller.post(f"{page}messages/", {"text": "Packing list", "file": png("list.png")}).status_code == 302
    assert "list.png" in buyer.get(f"/purchasing/asns/{notice.number}/").content.decode()
    later = (timezone.now() + timedelta(days=6)).date().isoformat()
    assert seller.post(f"{page}arrival/", {"expected_date": later, "carrier_name": "SF"}).status_code == 302
    assert seller.post(f"{page}arrival/", {"expected_date": ""}).status_code == 400
    assert seller.post(f"{page}departure/", {"place": "Suzhou"}).status_code == 302
    notice.refresh_from_db()
    assert (notice.state, notice.expected_date.isoformat()) == ("in_transit", later)
    other = client_of(make_member("supplier_admin", party=make_supplier(), email="other@example.com"))
    for verb in ("messages", "arrival", "departure", "withdrawal"):
        assert other.post(f"{page}{verb}/", {"text": "x", "expected_date": later}).status_code == 404
    assert buyer.post(f"/purchasing/asns/{notice.number}/moving/", {"expected_date": "x"}).status_code == 400
    moved = {"expected_date": (timezone.now() + timedelta(days=8)).date().isoformat(), "reason": "snow"}
    assert buyer.post(f"/purchasing/asns/{notice.number}/moving/", moved).status_code in {302, 403}


def test_the_audit_pack_holds_paper_answers_messages_files_and_trail(pair):
    order, buyer, seller, _member = pair
    seller.post(f"/supplier/orders/{order.number}/messages/", {"text": "=1+1", "file": png("proof.png")})
    answer = buyer.get(f"/purchasing/orders/{order.number}/pack/")
    assert answer.status_code == 200
    pack = zipfile.ZipFile(io.BytesIO(answer.content))
    names = pack.namelist()
    assert f"{order.number}.pdf" in names
    assert pack.read(f"{order.number}.pdf").startswith(b"%PDF")
    assert any(name.startswith("files/") and name.endswith("proof.png") for name in names)
    tables = {
        name: list(csv.reader(io.StringIO(pack.read(name).decode("utf-8-sig")))) for name in names if ".csv" in name
    }
    assert "'=1+1" in [row[3] for row in tables["messages.csv"]], "no cell begins a formula"
    assert len(tables["answers.csv"]) == 2
    assert len(tables["trail.csv"]) > 3
    words = {cell for row in tables["trail.csv"][1:] for cell in row}
    assert not words & {"approved", "not_sent", "sent", "viewed"}, "states in words"
    assert not any("[" in word for word in words), "and what changed"
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", row[0]) for row in tables["trail.csv"][1:]), "with its day"
    assert Attachment.objects.get().sha256 in tables["files.csv"][1]
    stranger = client_of(make_member("picker", email="picker@example.com"))
    assert stranger.get(f"/purchasing/orders/{order.number}/pack/").status_code == 403
    assert buyer.get("/purchasing/orders/CGDD-X/pack/").status_code == 404


def test_the_audit_pack_tells_no_prices_to_who_may_not_see_them(pair):
    order, buyer, _seller, _member = pair
    audit.record(order, "amend", actor=BUYER, at=timezone.now(), changes={"unit_price": ["3.57", "4.21"]})
    rights = ["purchasing.order.view", "purchasing.order.export"]
    role = save_role(name="Archivist", kind="staff", permissions=rights, actor=Actor.system(), at=timezone.now())
    archivist = client_of(make_member(role.code, kind="staff", email="archive@example.com"))
    shown = {who: _all_tables(who.get(f"/purchasing/orders/{order.number}/pack/")) for who in (buyer, archivist)}
    assert "4.21" in shown[buyer]
    assert "4.21" not in shown[archivist]


def _all_tables(answer: Any) -> str:
    pack = zipfile.ZipFile(io.BytesIO(answer.content))
    return "".join(pack.read(name).decode("utf-8-sig") for name in pack.namelist() if name.endswith(".csv"))
