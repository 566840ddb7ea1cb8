"""Idempotency keys, webhook delivery in all its disorder, paging, and state that survives a restart."""

from __future__ import annotations

import pytest
import stripe

from .conftest import eventually


def test_same_key_same_answer_other_parameters_refused(client, emulator, sink):
    options = {"idempotency_key": "make-acme"}
    first = client.v1.customers.create({"name": "Acme"}, options=options)
    again = client.v1.customers.create({"name": "Acme"}, options=options)
    assert first.id == again.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    with pytest.raises(stripe.IdempotencyError):
        client.v1.customers.create({"name": "Other"}, options=options)
    emulator.drain()
    assert sink.types == ["customer.created"]


def test_a_refused_call_does_not_use_up_its_key(client, emulator):
    options = {"idempotency_key": "later"}
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.subscriptions.retrieve("sub_none")
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.prices.create({"currency": "cny"}, options=options)
    made = client.v1.prices.create(
        {"currency": "cny", "unit_amount": 5, "product_data": {"name": "x"}}, options=options
    )
    assert made.unit_amount == 5


def test_held_events_arrive_out_of_order_and_twice(client, emulator, sink):
    emulator.control("webhooks", held=True)
    for name in ("a", "b", "c"):
        client.v1.customers.create({"name": name})
    emulator.drain()
    assert sink.events == []
    sent = emulator.control("webhooks/release", order="reversed", copies=2)["data"]
    assert [event.data.object.name for event in sink.events] == ["c", "c", "b", "b", "a", "a"]
    assert all(entry["status"] == 200 for entry in sent)
    assert len({event.id for event in sink.events}) == 3


def test_copies_and_resend(client, emulator, sink):
    emulator.control("webhooks", copies=2)
    client.v1.customers.create({"name": "Acme"})
    emulator.drain()
    assert len(sink.events) == 2
    event = client.v1.events.list({"type": "customer.created"}).data[0]
    emulator.control(f"events/{event.id}/resend")
    assert [e.id for e in sink.events] == [event.id] * 3


def test_refused_delivery_is_tried_again(client, emulator, sink):
    sink.refuse = 2
    client.v1.customers.create({"name": "Acme"})
    eventually(lambda: sink.types == ["customer.created"])
    eventually(lambda: emulator.control("webhooks/drain")["drained"])
    event = client.v1.events.list().data[0]
    assert client.v1.events.retrieve(event.id).data.object.name == "Acme"


def test_a_wrong_secret_is_noticed(client, emulator, sink):
    client.v1.customers.create({"name": "Acme"})
    emulator.drain()
    assert sink.signatures[0].startswith("t=")
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event("{}", sink.signatures[0], "whsec_other")


def test_paging_and_lookup_keys(client, emulator, price):
    made = [price(f"plan{n}").id for n in range(5)]
    found = client.v1.prices.list({"lookup_keys": ["plan1", "plan3"], "expand": ["data.product"]})
    assert {p.product.name for p in found.data} == {"plan1", "plan3"}
    paged = client.v1.prices.list({"limit": 2})
    assert paged.has_more
    assert [p.id for p in paged.auto_paging_iter()] == made[::-1]
    with pytest.raises(stripe.InvalidRequestError):
        price("plan1")


def test_state_survives_a_restart(client, emulator):
    customer = client.v1.customers.create({"name": "Acme", "metadata": {"tenant": "7"}})
    emulator.restart()
    found = emulator.client().v1.customers.retrieve(customer.id)
    assert (found.name, found.metadata["tenant"]) == ("Acme", "7")
