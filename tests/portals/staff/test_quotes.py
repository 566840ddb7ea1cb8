"""Quotations in the staff face: written, sent, accepted, made into an order."""

from decimal import Decimal

import pytest

from backend.sales.models import SalesOrder, SalesQuote

pytestmark = pytest.mark.django_db


def form(world, **changes):
    data = {
        "customer": str(world.wenlan.pk),
        "doc_date": world.today.isoformat(),
        "requested_date": world.today.isoformat(),
        "valid_until": world.today.isoformat(),
        "warehouse_id": str(world.warehouse.pk),
        "price_includes_tax": "1",
        "lines-0-item_id": str(world.paper.pk),
        "lines-0-item_id_code": "PA4",
        "lines-0-qty": "40",
    }
    return data | changes


def test_from_draft_to_order(world, browser):
    client = browser()
    assert client.get("/sales/quotes/new/").status_code == 200
    answer = client.post("/sales/quotes/new/", form(world))
    quote = SalesQuote.objects.get()
    base = f"/sales/quotes/{quote.number}"
    assert answer["Location"] == f"{base}/"
    assert client.get(f"{base}/edit/").status_code == 200
    assert client.post(f"{base}/sending/").status_code == 302
    refused = client.post(f"{base}/acceptance/", {"accepted_by": ""})
    assert refused.status_code == 400
    assert client.post(f"{base}/acceptance/", {"accepted_by": "周经理"}).status_code == 302
    page = client.get(f"{base}/")
    assert page.context["sheet"].primary.url == f"{base}/order/"
    made = client.post(f"{base}/order/")
    order = SalesOrder.objects.get()
    assert made["Location"] == f"/sales/orders/{order.number}/"
    assert order.gross_amount == Decimal(5280)
    related = client.get(f"/sales/orders/{order.number}/").context["sheet"].graph
    assert any(quote.number.rsplit("-", 1)[-1] in str(node.title) for node in related)


def test_a_sent_quotation_is_revised_before_it_is_edited(world, browser):
    client = browser()
    client.post("/sales/quotes/new/", form(world))
    quote = SalesQuote.objects.get()
    base = f"/sales/quotes/{quote.number}"
    client.post(f"{base}/sending/")
    assert client.get(f"{base}/edit/").status_code == 302
    assert client.post(f"{base}/edit/", form(world)).status_code == 409
    assert client.post(f"{base}/revision/").status_code == 302
    assert client.post(f"{base}/edit/", form(world, **{"lines-0-qty": "41"})).status_code == 302
    assert client.get(f"{base}/print/?lang=en").content.startswith(b"%PDF")


def test_a_refused_quotation_keeps_what_was_typed(world, browser):
    answer = browser().post("/sales/quotes/new/", form(world, valid_until="2020-01-01", remark="急"))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "2020-01-01" in page
    assert "急" in page


def test_the_list(world, browser, statements):
    client = browser()
    client.post("/sales/quotes/new/", form(world))
    client.get("/sales/quotes/")
    with statements(8):
        assert client.get("/sales/quotes/").context["page"].count == 1
    assert browser("sales_rep").get("/sales/quotes/?view=all").context["page"].count == 0
