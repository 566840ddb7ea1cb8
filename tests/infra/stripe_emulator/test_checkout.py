"""Checkout: from a session to a subscription or a payment, with verified webhooks."""

from __future__ import annotations

import time

import pytest
import stripe

from .conftest import fetch

CARD = {"number": "4242 4242 4242 4242", "expiry": "12 / 40", "cvc": "123", "action": "pay"}
DAY = 86_400


def _session(client, price, **more):
    return client.v1.checkout.sessions.create(
        {
            "mode": "subscription",
            "line_items": [{"price": price.id, "quantity": 3}],
            "success_url": "http://app.test/done?s={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://app.test/cancel?s={CHECKOUT_SESSION_ID}",
            "client_reference_id": "tenant-7",
            **more,
        }
    )


def test_checkout_becomes_an_active_subscription(client, emulator, sink, price, submit):
    session = _session(
        client, price(), customer_email="li@acme.test", locale="zh", subscription_data={"metadata": {"tenant": "acme"}}
    )
    page = fetch(session.url)
    assert 'lang="zh-Hans"' in page
    assert "¥897.00" in page
    assert "<script" not in page
    assert "style=" not in page
    status, location, _ = submit(session.url, **CARD)
    assert (status, location) == (303, f"http://app.test/done?s={session.id}")
    emulator.drain()
    done = sink.last("checkout.session.completed")
    assert (done["payment_status"], done["client_reference_id"], done["amount_total"]) == ("paid", "tenant-7", 89_700)
    subscription = client.v1.subscriptions.retrieve(
        done["subscription"],
        {"expand": ["latest_invoice.payments.data.payment.payment_intent", "customer", "items.data.price.product"]},
    )
    assert subscription.status == "active"
    assert subscription.metadata.to_dict() == {"tenant": "acme"}
    assert subscription.customer.email == "li@acme.test"
    item = subscription.to_dict()["items"]["data"][0]
    assert item["quantity"] == 3
    assert item["price"]["product"]["name"] == "standard_monthly"
    assert 28 * DAY <= item["current_period_end"] - item["current_period_start"] <= 31 * DAY
    invoice = subscription.latest_invoice
    assert (invoice.status, invoice.amount_paid) == ("paid", 89_700)
    assert invoice.parent.subscription_details.subscription == subscription.id
    assert invoice.payments.data[0].payment.payment_intent.status == "succeeded"
    assert {"customer.created", "customer.subscription.created", "invoice.paid", "payment_intent.succeeded"} <= set(
        sink.types
    )
    assert "89" in fetch(invoice.hosted_invoice_url)
    again = submit(session.url, **CARD)
    assert again[0] == 303
    assert len(client.v1.subscriptions.list({"customer": subscription.customer.id}).data) == 1


def test_refused_card_leaves_the_session_open(client, emulator, sink, price, submit):
    session = _session(client, price(), customer_email="li@acme.test")
    status, _, body = submit(session.url, **{**CARD, "number": "4000000000000002"})
    assert status == 402
    assert "Your card was declined." in body
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"
    assert client.v1.customers.list().data == []


def test_cancel_goes_back(client, emulator, price, submit):
    session = _session(client, price(), customer_email="li@acme.test")
    status, location, _ = submit(session.url, action="cancel")
    assert (status, location) == (303, f"http://app.test/cancel?s={session.id}")


def test_one_time_payment_and_refund(client, emulator, sink, price, submit):
    session = client.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "success_url": "http://app.test/done",
            "payment_intent_data": {"metadata": {"order": "7"}},
            "line_items": [
                {
                    "price_data": {"currency": "cny", "unit_amount": 12_345, "product_data": {"name": "Bolt"}},
                    "quantity": 2,
                }
            ],
        },
        options={"idempotency_key": "order-7"},
    )
    assert submit(session.url, email="a@b.test", **CARD)[0] == 303
    emulator.drain()
    done = sink.last("checkout.session.completed")
    intent = client.v1.payment_intents.retrieve(done["payment_intent"])
    assert (intent.status, intent.amount_received, intent.metadata["order"]) == ("succeeded", 24_690, "7")
    expanded = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["line_items"]})
    assert expanded.line_items.data[0].description == "Bolt"
    refund = client.v1.refunds.create({"payment_intent": intent.id, "amount": 690})
    assert refund.status == "succeeded"
    emulator.drain()
    assert sink.last("charge.refunded")["amount_refunded"] == 690


def test_trial_and_promotion_code(client, emulator, sink, price, submit):
    coupon = client.v1.coupons.create({"percent_off": 25, "duration": "once", "name": "Spring"})
    client.v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "SPRING"})
    paid = _session(client, price(), customer_email="a@b.test", allow_promotion_codes=True)
    assert "This code is invalid." in submit(paid.url, action="code", code="NOPE")[2]
    assert "¥672.75" in submit(paid.url, action="code", code="spring")[2]
    submit(paid.url, **CARD)
    assert client.v1.checkout.sessions.retrieve(paid.id).amount_total == 67_275
    assert client.v1.coupons.retrieve(coupon.id).times_redeemed == 1
    trial = _session(client, price("other"), customer_email="a@b.test", subscription_data={"trial_period_days": 14})
    assert trial.amount_total == 0
    submit(trial.url, **CARD)
    done = client.v1.checkout.sessions.retrieve(trial.id, {"expand": ["subscription"]})
    assert done.payment_status == "no_payment_required"
    assert done.subscription.status == "trialing"
    assert abs(done.subscription.trial_end - time.time() - 14 * DAY) < 60


def test_session_expires_with_the_clock(client, emulator, sink, price):
    session = _session(client, price(), customer_email="a@b.test")
    emulator.control("clock", days=2)
    emulator.drain()
    assert sink.last("checkout.session.expired")["id"] == session.id
    assert client.v1.checkout.sessions.retrieve(session.id).url is None


def test_what_is_not_known_is_refused(client, emulator, price):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.checkout.sessions.create({"mode": "subscription", "success_url": "http://a.test"})
    assert refused.value.code == "parameter_missing"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.customers.create({"nickname": "x"})  # type: ignore[typeddict-unknown-key]
    assert refused.value.code == "parameter_unknown"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.customers.retrieve("cus_none")
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")
    with pytest.raises(stripe.AuthenticationError):
        emulator.client("sk_live_1").v1.customers.list()
