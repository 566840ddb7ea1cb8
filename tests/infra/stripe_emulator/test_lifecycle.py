"""Subscriptions over time: trials, renewals, failed payments, plan changes, cancellation, the portal."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import stripe

from .conftest import fetch

DAY = 86_400
START = int(datetime(2026, 1, 31, 8, tzinfo=UTC).timestamp())


def _customer(client, card="pm_card_visa"):
    clock = client.v1.test_helpers.test_clocks.create({"frozen_time": START})
    customer = client.v1.customers.create({"email": "li@acme.test", "test_clock": clock.id})
    if card:
        method = client.v1.payment_methods.attach(card, {"customer": customer.id})
        client.v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": method.id}})
    return clock, customer


def _subscribe(client, customer, price, **more):
    return client.v1.subscriptions.create({"customer": customer.id, "items": [{"price": price.id}], **more})


def _advance(client, clock, days):
    frozen = client.v1.test_helpers.test_clocks.retrieve(clock.id).frozen_time
    client.v1.test_helpers.test_clocks.advance(clock.id, {"frozen_time": frozen + days * DAY})


def _day(stamp):
    return datetime.fromtimestamp(stamp, UTC).date().isoformat()


def test_trial_ends_and_renews_through_a_test_clock(client, emulator, sink, price):
    clock, customer = _customer(client)
    subscription = _subscribe(client, customer, price(), trial_period_days=14)
    assert subscription.status == "trialing"
    _advance(client, clock, 12)
    emulator.drain()
    assert sink.last("customer.subscription.trial_will_end")["id"] == subscription.id
    _advance(client, clock, 3)
    subscription = client.v1.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
    assert subscription.status == "active"
    assert subscription.latest_invoice.amount_paid == 29_900
    emulator.drain()
    update = [e for e in sink.events if e.type == "customer.subscription.updated"][-1]
    assert update.data.previous_attributes["status"] == "trialing"
    assert sink.last("test_helpers.test_clock.ready")["id"] == clock.id
    _advance(client, clock, 62)
    paid = client.v1.invoices.list({"subscription": subscription.id, "status": "paid"})
    assert [i.billing_reason for i in paid.data] == ["subscription_cycle"] * 3 + ["subscription_create"]
    assert [i.number[-4:] for i in paid.data] == ["0004", "0003", "0002", "0001"]


def test_month_ends_keep_their_anchor(client, emulator, price):
    clock, customer = _customer(client)
    subscription = _subscribe(client, customer, price())
    ends = []
    for _ in range(3):
        item = client.v1.subscriptions.retrieve(subscription.id).to_dict()["items"]["data"][0]
        ends.append(_day(item["current_period_end"]))
        _advance(client, clock, 31)
    assert ends == ["2026-02-28", "2026-03-31", "2026-04-30"]


def test_trial_without_card_is_cancelled_when_so_agreed(client, emulator, sink, price):
    clock, customer = _customer(client, card=None)
    subscription = _subscribe(
        client,
        customer,
        price(),
        trial_period_days=14,
        trial_settings={"end_behavior": {"missing_payment_method": "cancel"}},
    )
    _advance(client, clock, 15)
    emulator.drain()
    assert sink.last("customer.subscription.deleted")["id"] == subscription.id
    assert client.v1.subscriptions.retrieve(subscription.id).status == "canceled"


def test_declined_renewal_is_past_due_then_unpaid_then_settled(client, emulator, sink, price):
    clock, customer = _customer(client)
    subscription = _subscribe(client, customer, price())
    emulator.control("cards", outcome="decline", customer=customer.id)
    _advance(client, clock, 29)
    emulator.drain()
    assert client.v1.subscriptions.retrieve(subscription.id).status == "past_due"
    failed = sink.last("invoice.payment_failed")
    assert failed["attempt_count"] == 1
    assert failed["next_payment_attempt"] is not None
    _advance(client, clock, 16)
    assert client.v1.subscriptions.retrieve(subscription.id).status == "unpaid"
    open_invoice = client.v1.invoices.list({"subscription": subscription.id, "status": "open"}).data[0]
    assert (open_invoice.attempt_count, open_invoice.next_payment_attempt) == (4, None)
    with pytest.raises(stripe.CardError) as refused:
        client.v1.invoices.pay(open_invoice.id)
    assert refused.value.code == "card_declined"
    assert client.v1.invoices.retrieve(open_invoice.id).attempt_count == 5
    emulator.control("cards", outcome="card", customer=customer.id)
    assert client.v1.invoices.pay(open_invoice.id).status == "paid"
    assert client.v1.subscriptions.retrieve(subscription.id).status == "active"


def test_a_card_that_fails_later_recovers_at_a_retry(client, emulator, price):
    clock, customer = _customer(client, card="pm_card_chargeCustomerFail")
    subscription = _subscribe(client, customer, price(), trial_period_days=7)
    _advance(client, clock, 8)
    assert client.v1.subscriptions.retrieve(subscription.id).status == "past_due"
    good = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    client.v1.subscriptions.update(subscription.id, {"default_payment_method": good.id})
    _advance(client, clock, 3)
    assert client.v1.subscriptions.retrieve(subscription.id).status == "active"


def test_plan_change_is_prorated(client, emulator, price):
    clock, customer = _customer(client)
    small, large = price("small", 28_000), price("large", 56_000)
    subscription = _subscribe(client, customer, small)
    _advance(client, clock, 14)
    item = subscription.to_dict()["items"]["data"][0]
    changed = client.v1.subscriptions.update(
        subscription.id,
        {
            "items": [{"id": item["id"], "price": large.id}],
            "proration_behavior": "always_invoice",
            "expand": ["latest_invoice"],
        },
    )
    assert [line.amount for line in changed.latest_invoice.lines.data] == [-14_000, 28_000]
    assert changed.latest_invoice.amount_paid == 14_000
    client.v1.subscriptions.update(subscription.id, {"items": [{"id": item["id"], "quantity": 2}]})
    _advance(client, clock, 15)
    renewal = client.v1.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]}).latest_invoice
    assert [line.amount for line in renewal.lines.data] == [-28_000, 56_000, 112_000]
    assert renewal.amount_paid == 140_000


def test_going_down_leaves_credit_for_the_next_invoice(client, emulator, price):
    clock, customer = _customer(client)
    small, large = price("small", 28_000), price("large", 56_000)
    subscription = _subscribe(client, customer, large)
    _advance(client, clock, 14)
    item = subscription.to_dict()["items"]["data"][0]
    client.v1.subscriptions.update(
        subscription.id, {"items": [{"id": item["id"], "price": small.id}], "proration_behavior": "always_invoice"}
    )
    assert client.v1.customers.retrieve(customer.id).balance == -14_000
    _advance(client, clock, 15)
    renewal = client.v1.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]}).latest_invoice
    assert (renewal.total, renewal.amount_paid) == (28_000, 14_000)
    assert client.v1.customers.retrieve(customer.id).balance == 0


def test_month_to_year_starts_a_new_period(client, emulator, price):
    clock, customer = _customer(client)
    subscription = _subscribe(client, customer, price("monthly", 28_000))
    _advance(client, clock, 14)
    item = subscription.to_dict()["items"]["data"][0]
    yearly = price("yearly", 280_000, "year")
    changed = client.v1.subscriptions.update(
        subscription.id, {"items": [{"id": item["id"], "price": yearly.id}], "expand": ["latest_invoice"]}
    )
    assert changed.latest_invoice.amount_paid == 280_000 - 14_000
    assert _day(changed.to_dict()["items"]["data"][0]["current_period_end"]) == "2027-02-14"


def test_portal_cancels_changes_plan_and_shows_invoices(client, emulator, sink, price, submit):
    clock, customer = _customer(client)
    small, large = price("small", 28_000), price("large", 56_000)
    subscription = _subscribe(client, customer, small)
    portal = client.v1.billing_portal.sessions.create(
        {"customer": customer.id, "return_url": "http://app.test/billing", "locale": "zh"}
    )
    page = fetch(portal.url)
    assert "取消订阅" in page
    assert "http://app.test/billing" in page
    assert submit(portal.url, action="plan", subscription=subscription.id, price=large.id)[0] == 303
    assert client.v1.subscriptions.retrieve(subscription.id).to_dict()["items"]["data"][0]["price"]["id"] == large.id
    assert submit(portal.url, action="cancel", subscription=subscription.id)[0] == 303
    planned = client.v1.subscriptions.retrieve(subscription.id)
    assert planned.cancel_at_period_end
    assert planned.status == "active"
    submit(portal.url, action="keep", subscription=subscription.id)
    assert client.v1.subscriptions.retrieve(subscription.id).cancel_at is None
    submit(portal.url, action="cancel", subscription=subscription.id)
    _advance(client, clock, 29)
    emulator.drain()
    ended = sink.last("customer.subscription.deleted")
    assert (ended["id"], ended["status"]) == (subscription.id, "canceled")
    assert "-0002" in fetch(portal.url)


def test_a_new_card_in_the_portal_settles_what_is_overdue(client, emulator, price, submit):
    clock, customer = _customer(client, card="pm_card_chargeCustomerFail")
    subscription = _subscribe(client, customer, price(), trial_period_days=7)
    _advance(client, clock, 8)
    portal = client.v1.billing_portal.sessions.create({"customer": customer.id})
    assert submit(portal.url, action="card", number="5555 5555 5555 4444", expiry="1/41")[0] == 303
    assert client.v1.subscriptions.retrieve(subscription.id).status == "active"


def test_cancel_at_once_and_the_emulators_own_clock(client, emulator, price):
    customer = client.v1.customers.create({"payment_method": "pm_card_visa", "name": "Acme"})
    method = client.v1.customers.payment_methods.list(customer.id).data[0]
    first = _subscribe(client, customer, price(), default_payment_method=method.id)
    second = _subscribe(client, customer, price("b"), default_payment_method=method.id)
    assert client.v1.subscriptions.cancel(first.id).status == "canceled"
    emulator.control("clock", days=32)
    assert len(client.v1.invoices.list({"subscription": first.id}).data) == 1
    assert len(client.v1.invoices.list({"subscription": second.id}).data) == 2


def test_a_preview_bills_what_the_change_then_costs_and_writes_nothing(client, emulator, sink, price):
    clock, customer = _customer(client)
    subscription = _subscribe(client, customer, price("small", 28_000))
    large = price("large", 56_000)
    _advance(client, clock, 14)
    emulator.drain()
    seen = len(sink.events)
    items = [{"id": subscription.to_dict()["items"]["data"][0]["id"], "price": large.id}]
    preview = client.v1.invoices.create_preview(
        {
            "subscription": subscription.id,
            "subscription_details": {"items": items, "proration_behavior": "always_invoice"},
        }
    )
    assert preview.amount_due == 14_000
    next_one = client.v1.invoices.create_preview({"subscription": subscription.id})
    assert (next_one.amount_due, next_one.billing_reason) == (28_000, "subscription_cycle")
    emulator.drain()
    assert len(sink.events) == seen
    changed = client.v1.subscriptions.update(
        subscription.id, {"items": items, "proration_behavior": "always_invoice", "expand": ["latest_invoice"]}
    )
    assert changed.latest_invoice.amount_due == preview.amount_due
