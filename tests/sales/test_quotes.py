"""Quotations (SAL-01, SAL-09, CPT-05)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail

from backend.access.services import actor_for
from backend.kernel.actor import Actor
from backend.kernel.errors import NotFoundRefused, Refusal
from backend.kernel.links import graph
from backend.kernel.outbox.relay import relay
from backend.sales.selectors import quote_for, quotes_visible_to
from backend.sales.services import quotes
from backend.sales.services.inputs import QuoteData
from backend.workflow.models import Task
from tests.factories.catalog import make_item
from tests.factories.parties import AT, make_customer
from tests.factories.sales import line_input

pytestmark = pytest.mark.usefixtures("tenant")
WHO = Actor.system()


@pytest.fixture
def customer():
    return make_customer("甲商店")


@pytest.fixture
def buyer(customer, member_for):
    return actor_for(member_for("customer_buyer", party=customer, email="buyer@example.com"))


def make_quote(customer, *lines, **header):
    data = QuoteData(
        customer_id=customer.pk,
        requested_date=AT.date() + timedelta(days=5),
        lines=tuple(line_input(*line) for line in lines or [(make_item(), 10)]),
        **header,
    )
    return quotes.save_quote(data=data, actor=WHO, at=AT)


def send(quote):
    return quotes.send_quote(quote_id=quote.pk, actor=WHO, at=AT)


def accept(quote, who, at=AT, name="陈经理"):
    return quotes.accept_quote(quote_id=quote.pk, accepted_by=name, actor=who, at=at, ip_address="10.0.0.7")


def test_a_quote_is_seen_by_the_customer_once_it_is_sent(customer, buyer):
    quote = make_quote(customer)
    assert quote.number.startswith("XSBJ-")
    assert quote.valid_until == quote.doc_date + timedelta(days=30)
    assert quote_for(buyer, quote.number) is None
    send(quote)
    relay()
    assert quote_for(buyer, quote.number) == quote
    sent = [m for m in mail.outbox if m.to == ["buyer@example.com"]]
    assert f"/customer/quotes/{quote.number}/" in sent[0].body


def test_acceptance_is_sealed_by_name_time_and_address(customer, buyer):
    quote = send(make_quote(customer))
    done = accept(quote, buyer)
    done.refresh_from_db()
    assert (done.state, done.accepted_by_name, done.accepted_ip) == ("accepted", "陈经理", "10.0.0.7")
    assert done.accepted_digest == quotes.seal_of(done)
    done.lines.update(qty=11)
    assert done.accepted_digest != quotes.seal_of(done)
    assert Task.objects.filter(kind="sales.quote_accepted", subject_id=quote.pk).exists()


def test_what_may_not_be_accepted(customer, buyer, member_for):
    quote = make_quote(customer)
    with pytest.raises(Refusal):
        accept(quote, buyer)
    send(quote)
    with pytest.raises(Refusal):
        accept(quote, buyer, name=" ")
    with pytest.raises(Refusal) as refused:
        accept(quote, buyer, at=AT + timedelta(days=31))
    assert refused.value.code == "quote_expired"
    stranger = actor_for(member_for("customer_buyer", party=make_customer()))
    with pytest.raises(NotFoundRefused):
        accept(quote, stranger)
    assert not quotes_visible_to(stranger)


def test_an_order_takes_what_is_left(customer, buyer):
    item, other = make_item(), make_item()
    quote = make_quote(customer, (item, 10, 90), (other, 4, 5))
    accept(send(quote), buyer)
    line = quote.lines.get(item=item)
    first = quotes.order_from_quote(quote_id=quote.pk, quantities={line.pk: Decimal(6)}, actor=WHO, at=AT)
    second = quotes.order_from_quote(quote_id=quote.pk, actor=WHO, at=AT)
    assert [(row.qty, row.tax_incl_price) for row in first.lines.all()] == [(6, 90)]
    assert [(row.qty, row.tax_incl_price) for row in second.lines.order_by("line_no")] == [(4, 90), (4, 5)]
    with pytest.raises(Refusal):
        quotes.order_from_quote(quote_id=quote.pk, actor=WHO, at=AT)
    assert {node.document for node in graph(quote).at(1)} == {first, second}
    assert not Task.objects.filter(done_at=None, subject_id=quote.pk).exists()


def test_a_sent_quote_is_revised_not_edited(customer, buyer):
    quote = send(make_quote(customer))
    data = QuoteData(customer_id=customer.pk, requested_date=AT.date(), lines=(line_input(make_item(), 1),))
    with pytest.raises(Refusal):
        quotes.save_quote(data=data, quote_id=quote.pk, actor=WHO, at=AT)
    revised = quotes.revise_quote(quote_id=quote.pk, actor=WHO, at=AT)
    assert (revised.revision, revised.state) == (1, "open")
    quotes.save_quote(data=data, quote_id=quote.pk, actor=WHO, at=AT)
    with pytest.raises(Refusal):
        accept(quote, buyer)
    send(quote)
    quotes.decline_quote(quote_id=quote.pk, reason="太贵", actor=buyer, at=AT)
    with pytest.raises(Refusal):
        accept(quote, buyer)
