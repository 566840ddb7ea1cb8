"""The customer portal through its pages, along the whole chain; nothing of suppliers, cost or other customers shows."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from backend.invoicing.models import SalesInvoice
from backend.kernel.models import Attachment
from backend.parties.models import CustomerRole, Party
from backend.sales.models import Consignment, SalesDelivery
from backend.sales.selectors.consignments import consigned_with
from backend.sales.services.consignments import approve_consignment, save_consignment
from backend.sales.services.inputs import ConsignmentLineInput, LineInput, QuoteData
from backend.sales.services.quotes import save_quote, send_quote
from backend.service.models import Ticket
from backend.workflow.models import Task
from tests.people import client_of, make_member
from tests.scenarios import story
from tests.scenarios.world import SYSTEM, D, World, settle

pytestmark = pytest.mark.usefixtures("committed_tenant")
PIXEL = b"\x89PNG\r\n\x1a\n" + b"\0" * 24


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def moved(world: World) -> Any:
    """100 sold, 80 in stock, the supplier confirms the rest later than asked."""
    item = world.item("PAPER-A4", "A4 paper", stock=80, lot_tracked=True, pack_qty=D(50))
    order = story.shortage(world, item)
    purchase = story.buy(world, item, order)
    story.deliver(world, order, 80)
    story.later(world, order, purchase)
    order.refresh_from_db()
    return order, purchase


def _client(order: Any, role: str = "customer_buyer") -> Any:
    return client_of(make_member(role, party=order.customer, email=f"{role}@example.com"))


def test_sees_the_new_date_and_never_the_supplier(moved: Any) -> None:
    """CPT-01, INT-07."""
    order, purchase = moved
    client = _client(order)
    for path in ("/customer/", f"/customer/orders/{order.number}/", "/customer/orders/?q=1"):
        answer = client.get(path)
        text = answer.content.decode()
        assert answer.status_code == 200, path
        for secret in (purchase.number, purchase.supplier.name, "cost"):
            assert secret not in text, (path, secret)
    assert order.promise_date.isoformat()[5:] in text or str(order.promise_date.day) in text


def test_delivery_signature_ticket(world: World, moved: Any) -> None:
    """CPT-02, CPT-07: signed, then a ticket in two taps with a photo, answered and confirmed."""
    order, _purchase = moved
    delivery = _sent(order)
    client = _client(order)
    page = client.get(f"/customer/deliveries/{delivery.number}/")  # what the mail about it links to
    assert page.url.endswith(f"/customer/orders/{order.number}/#{delivery.number}")
    assert client.post(f"/customer/deliveries/{delivery.number}/signature/", {"signed_by": ""}).status_code == 400
    assert client.post(f"/customer/deliveries/{delivery.number}/signature/", {"signed_by": "Sun"}).status_code == 302
    delivery.refresh_from_db()
    assert delivery.signed_by == "Sun"
    line = delivery.lines.first()
    assert str(line.pk) in client.get("/customer/tickets/new/").content.decode()
    posted = {"line": str(line.pk), "category": "damage", "qty": "3", "key": "0" * 32}
    sent, again = (
        client.post("/customer/tickets/new/", posted | {"photos": SimpleUploadedFile("a.png", PIXEL)})
        for _time in range(2)
    )
    assert sent.status_code == 302, sent.content.decode()[:2000]
    assert again["Location"] == sent["Location"]
    ticket = Ticket.objects.get()
    assert (ticket.item_id, ticket.lot_id) == (line.item_id, line.lot_id)
    assert client.post(f"/customer/tickets/{ticket.number}/messages/", {"text": "Three boxes"}).status_code == 302
    assert "Three boxes" in client.get(sent["Location"]).content.decode()
    photo = Attachment.objects.get()
    assert f"/customer/files/{photo.pk}/" in client.get(sent["Location"]).content.decode()
    assert b"".join(client.get(f"/customer/files/{photo.pk}/").streaming_content) == PIXEL
    other = client_of(make_member("supplier_admin", party=_purchase.supplier, email="nosy@example.com"))
    assert other.get(f"/supplier/files/{photo.pk}/").status_code == 404
    kept = client.post("/customer/tickets/new/", {"category": "nonsense", "subject": "kept words"})
    assert kept.status_code == 400
    assert "kept words" in kept.content.decode()


def _sent(order: Any) -> SalesDelivery:
    """The delivery of the 80, not signed for."""
    delivery = SalesDelivery.objects.get(lines__order_line__document=order)
    SalesDelivery.objects.filter(pk=delivery.pk).update(signed_at=None, signed_by="")
    return delivery


def test_quotation_is_accepted_by_name(world: World) -> None:
    """SAL-09."""
    item = world.item("Q-1", "Quoted item", stock=5)
    seller = world.person("sales_rep")
    data = QuoteData(
        customer_id=world.customer.pk,
        requested_date=world.day(3),
        lines=(LineInput(item_id=item.pk, qty=D(2), price=D(50)),),
    )
    quote = save_quote(data=data, actor=seller, at=world.at)
    send_quote(quote_id=quote.pk, actor=seller, at=world.at)
    client = client_of(make_member("customer_buyer", party=world.customer, email="q@example.com"))
    assert quote.number in client.get("/customer/").content.decode()
    assert client.get(f"/customer/quotes/{quote.number}/").status_code == 200
    decided = client.post(f"/customer/quotes/{quote.number}/decision/", {"accepted_by": "Li", "verdict": "accept"})
    assert decided.status_code == 302, decided.content.decode()[:1500]
    quote.refresh_from_db()
    assert (quote.state, quote.accepted_by_name) == ("accepted", "Li")


def test_pages_open(moved: Any) -> None:
    order, _purchase = moved
    client = _client(order, "customer_finance")
    for path in ("/customer/invoices/", "/customer/"):
        assert client.get(path).status_code == 200, path
    buyer = _client(order)
    for path in ("/customer/tickets/", "/customer/tickets/new/", "/customer/team/", "/customer/orders/"):
        assert buyer.get(path).status_code in {200, 403}, path


def test_another_customers_documents_are_unknown(world: World, moved: Any) -> None:
    """P-03."""
    order, _purchase = moved
    delivery = _sent(order)
    other = Party.objects.create(
        code="OTHER-C", name="Other", is_customer=True, created_at=world.at, updated_at=world.at
    )
    CustomerRole.objects.create(party=other)
    stranger = client_of(make_member("customer_buyer", party=other, email="stranger@example.com"))
    assert stranger.get(f"/customer/orders/{order.number}/").status_code == 404
    assert stranger.post(f"/customer/orders/{order.number}/messages/", {"text": "x"}).status_code == 404
    assert stranger.post(f"/customer/deliveries/{delivery.number}/signature/", {"signed_by": "x"}).status_code == 404
    line = delivery.lines.first()
    posted = {"line": str(line.pk), "category": "damage"}
    assert stranger.post("/customer/tickets/new/", posted).status_code == 404
    assert order.number not in stranger.get("/customer/").content.decode()


def test_an_agent_sees_its_stock_and_reports_what_it_sold(world: World, moved: Any) -> None:
    """INV-13: what lies with the customer, a report in its draft, refused keeps what was typed; staff book it."""
    order, _purchase = moved
    item = world.item("CSG", "Paper to sell", stock=20, lot_tracked=True)
    keeper = client_of(make_member("sales_manager"))
    client, receiver = _client(order), client_of(make_member("customer_finance", party=order.customer))
    assert "consignments" not in client.get("/customer/orders/").content.decode()
    who: Any = {"actor": SYSTEM, "at": world.at}
    head: Any = {"customer_id": order.customer_id, "warehouse_id": world.warehouse.pk, "doc_date": world.today}
    sent = save_consignment(kind="out", lines=[ConsignmentLineInput(item.pk, D(10))], **head, **who)
    approve_consignment(document_id=sent.pk, **who)
    for path in ("/customer/", "/customer/orders/", "/customer/consignments/"):
        assert "/customer/consignments/" in client.get(path).content.decode(), path
    row = consigned_with(order.customer_id)[0]
    name, page = f"qty-{row.item.pk}-{row.lot.pk}", "/customer/consignments/new/"
    refused = client.post(page, {name: "11", "note": "kept words"})
    assert (refused.status_code, "kept words" in refused.content.decode()) == (400, True)
    assert client.post(page, {name: ""}).status_code == 400
    assert receiver.post(page, {name: "1"}).status_code == 403
    key = re.search(r'name="key" value="([0-9a-f]{32})"', client.get(page).content.decode())
    assert key
    answer, again = (client.post(page, {name: "4", "key": key[1]}) for _time in range(2))  # a phone lost the answer
    made = Consignment.objects.get(reported=True)
    assert again["Location"] == answer["Location"]
    assert answer["Location"] == f"/customer/consignments/{made.number}/"
    assert client.get(answer["Location"]).status_code == 200
    settle()
    assert Task.objects.filter(kind="sales.consignment_to_book", done_at=None).count() == 1
    staff = f"/inventory/consignments/{made.number}/"
    assert made.number in keeper.get("/inventory/consignments/?view=reported").content.decode()
    assert keeper.post(f"{staff}approval/", {"version": made.version}).status_code == 302
    settle()
    assert not Task.objects.filter(kind="sales.consignment_to_book", done_at=None).exists()
    invoice = SalesInvoice.objects.get(lines__source_id=made.pk)
    assert client.get(f"/customer/invoices/{invoice.number}/").status_code in {200, 403}
    assert staff in keeper.get(f"/sales/invoices/{invoice.number}/").content.decode()
