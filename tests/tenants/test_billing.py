"""Plans, payment, and the state that follows from the payment service's events in any order."""

import hashlib
import hmac
import itertools
import json
import random
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import stripe
from django.conf import settings
from django.test import Client
from django.utils import timezone

from backend.access import services as access
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict
from backend.kernel.tenancy import in_public
from tenants import billing, directory, plans, trial
from tenants.models import BillingEvent, Tenant, TenantState, TrialNotice
from tests.databases import PASSWORD, ROOT
from tests.people import make_member

SECRET = "whsec_test_emulator"
CARD = {"email": "a@example.com", "number": "4242424242424242", "expiry": "12 / 40", "cvc": "123", "name": "A"}
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Emulator:
    def __init__(self, folder: Any) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "infra.stripe_emulator", "--port", "0", "--state-dir", str(folder), "--webhook-secret", SECRET],
            cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout
        self.url = self.process.stdout.readline().rsplit(" ", 1)[-1].strip()

    def control(self, path: str, **data: Any) -> Any:
        body = json.dumps(data).encode()
        request = urllib.request.Request(f"{self.url}/_emulator/{path}", body, {"Content-Type": "application/json"})
        with DIRECT.open(request, timeout=10) as answer:
            return json.load(answer)

    def pay(self, url: str) -> str:
        """Fill in the hosted page; returns where it leads."""

        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_: Any) -> None:
                return None

        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), Stay)
        try:
            answer: Any = opener.open(url, urllib.parse.urlencode(CARD).encode(), timeout=10)
        except urllib.error.HTTPError as moved:
            answer = moved
        assert answer.status == 303, answer.read().decode()[:2000]
        return str(answer.headers["Location"])


@pytest.fixture(scope="module")
def emulator_process(tmp_path_factory: Any) -> Iterator[Emulator]:
    emulator = Emulator(tmp_path_factory.mktemp("stripe"))
    yield emulator
    emulator.process.terminate()
    emulator.process.wait(timeout=5)


@pytest.fixture
def emulator(emulator_process: Emulator, settings: Any) -> Iterator[Emulator]:
    settings.STRIPE_API_BASE = emulator_process.url
    settings.STRIPE_WEBHOOK_SECRET = SECRET
    emulator_process.control("reset")
    billing.client.cache_clear()
    yield emulator_process
    billing.client.cache_clear()


def owner_at_alpha() -> Client:
    client = Client(SERVER_NAME="alpha.localhost")
    assert client.post("/signin/", {"email": "alpha@example.com", "password": PASSWORD}).status_code == 302
    return client


def buy(emulator: Emulator, client: Client, offer: str = "troika_standard_month") -> str:
    page = client.post("/subscription/buy/", {"offer": offer})
    assert page.status_code == 302, page.content.decode()[:3000]
    return emulator.pay(page.url)


def end_trial(tenant: Tenant) -> None:
    Tenant.objects.filter(pk=tenant.pk).update(trial_ends_on=timezone.now().date() - timedelta(days=1))
    directory.forget(tenant)


def events() -> list[dict[str, Any]]:
    """All events so far, oldest first, as the payment service would send them."""
    address = f"{settings.STRIPE_API_BASE}/v1/events?limit=100"
    request = urllib.request.Request(address, headers={"Authorization": "Bearer sk_test_emulator"})
    with DIRECT.open(request, timeout=10) as answer:
        return list(reversed(json.load(answer)["data"]))


def deliver(event: dict[str, Any], secret: str = SECRET) -> Any:
    body = json.dumps(event).encode()
    stamp = str(int(time.time()))
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return Client(SERVER_NAME="localhost").post(
        "/stripe/webhook/",
        body,
        content_type="application/json",
        headers={"Stripe-Signature": f"t={stamp},v1={digest}"},
    )


def state_of(tenant: Tenant) -> tuple[Any, ...]:
    with in_public():
        now = Tenant.objects.get(pk=tenant.pk)
    return now.state, now.subscription_status, now.plan_code, now.plan_interval, now.paid_until, now.cancels_at


def test_the_plan_table_and_its_keys() -> None:
    assert plans.offer_called("troika_standard_year").minor_units == 299_000  # type: ignore[union-attr]
    assert plans.offer_called("troika_nothing_year") is None
    assert all(plan.yearly == plan.monthly * 10 for plan in plans.offers())


def test_after_the_trial_only_paying_is_possible_and_then_everything(emulator: Emulator, tenant: Any) -> None:
    client = owner_at_alpha()
    assert client.post("/account/", {"name": "A", "language": "en"}).status_code == 302
    end_trial(tenant)
    refused = client.post("/settings/anything/")
    assert refused.status_code == 402
    assert "/subscription/" in refused.content.decode()
    api = Client(SERVER_NAME="alpha.localhost").post("/api/v1/sales/orders/", "{}", content_type="application/json")
    assert (api.status_code, api.json()["code"]) == (402, "subscription_needed")
    supplier = Client(SERVER_NAME="alpha.localhost").post("/supplier/orders/x/")
    assert supplier.status_code == 402
    assert "/subscription/" not in supplier.content.decode()
    assert client.get("/subscription/").status_code == 200

    back = buy(emulator, client)
    assert back.startswith("http://alpha.localhost:8000/subscription/done/?session=cs_")
    assert client.get("/" + back.split("/", 3)[3]).status_code == 302
    assert state_of(tenant)[:4] == (TenantState.ACTIVE, "active", "standard", "month")
    assert client.post("/settings/anything/").status_code != 402
    page = client.get("/subscription/").content.decode()
    assert "299.00" in page


def test_the_event_alone_makes_it_writable_once(emulator: Emulator, tenant: Any) -> None:
    client = owner_at_alpha()
    end_trial(tenant)
    buy(emulator, client, "troika_professional_year")
    done = next(event for event in events() if event["type"] == "checkout.session.completed")
    assert deliver(done, "whsec_wrong").status_code == 400
    assert state_of(tenant)[0] == TenantState.TRIAL
    assert deliver(done).content == b"taken"
    assert deliver(done).content == b"known"
    assert BillingEvent.objects.filter(pk=done["id"]).count() == 1
    assert state_of(tenant)[:4] == (TenantState.ACTIVE, "active", "professional", "year")


def test_a_transient_failure_is_answered_with_an_error_and_taken_later(
    emulator: Emulator, tenant: Any, settings: Any
) -> None:
    buy(emulator, owner_at_alpha())
    done = next(event for event in events() if event["type"] == "customer.subscription.created")
    settings.STRIPE_API_BASE = "http://127.0.0.1:1"
    billing.client.cache_clear()
    assert deliver(done).status_code == 503
    assert not BillingEvent.objects.exists()
    settings.STRIPE_API_BASE = emulator.url
    billing.client.cache_clear()
    assert deliver(done).content == b"taken"


def test_events_in_any_order_end_in_the_same_state(emulator: Emulator, tenant: Any) -> None:
    client = owner_at_alpha()
    buy(emulator, client)
    client.get("/subscription/done/", {"session": ""})
    deliver(events()[-1])
    found = [event for event in events() if event["type"].split(".")[0] in {"customer", "invoice", "checkout"}][:6]
    assert len(found) == 6
    orders = list(itertools.permutations(found))
    random.Random(7).shuffle(orders)
    ends = set()
    for order in orders[:12]:
        BillingEvent.objects.all().delete()
        Tenant.objects.filter(pk=tenant.pk).update(
            state=TenantState.READ_ONLY, subscription_status="", plan_code="", paid_until=None
        )
        for event in (*order, order[0]):
            assert deliver(event).status_code == 200
        ends.add(state_of(tenant))
    assert len(ends) == 1
    assert next(iter(ends))[0] == TenantState.ACTIVE


def test_cancelling_makes_read_only_and_subscribing_again_writable(emulator: Emulator, tenant: Any) -> None:
    client = owner_at_alpha()
    back = buy(emulator, client)
    client.get("/" + back.split("/", 3)[3])
    subscription = Tenant.objects.get(pk=tenant.pk).stripe_subscription_id
    billing.client().subscriptions.update(subscription, {"cancel_at_period_end": True})
    billing.sync_subscription(subscription)
    assert state_of(tenant)[0] == TenantState.ACTIVE
    assert state_of(tenant)[5] is not None
    billing.client().subscriptions.cancel(subscription)
    billing.sync_subscription(subscription)
    assert state_of(tenant)[0] == TenantState.READ_ONLY
    assert client.post("/settings/anything/").status_code == 402
    back = buy(emulator, client, "troika_professional_month")
    client.get("/" + back.split("/", 3)[3])
    assert state_of(tenant)[:3] == (TenantState.ACTIVE, "active", "professional")
    billing.sync_subscription(subscription)  # a late event of the old one changes nothing
    assert state_of(tenant)[:3] == (TenantState.ACTIVE, "active", "professional")


def test_changing_the_plan_keeps_one_subscription(emulator: Emulator, tenant: Any) -> None:
    client = owner_at_alpha()
    back = buy(emulator, client)
    client.get("/" + back.split("/", 3)[3])
    first = Tenant.objects.get(pk=tenant.pk).stripe_subscription_id
    assert client.post("/subscription/buy/", {"offer": "troika_professional_month"}).url == "/subscription/"
    assert state_of(tenant)[2] == "professional"
    assert Tenant.objects.get(pk=tenant.pk).stripe_subscription_id == first
    assert client.post("/subscription/portal/").url.startswith(emulator.url)


def test_payment_is_for_those_who_may(emulator: Emulator, tenant: Any, client_for: Any) -> None:
    client = client_for(make_member("buyer"))
    assert client.get("/subscription/").status_code == 200
    assert client.post("/subscription/buy/", {"offer": "troika_standard_month"}).status_code == 403
    assert client_for(make_member("admin")).post("/subscription/buy/", {"offer": "nothing"}).status_code == 400


def test_payment_service_away_is_said(tenant: Any, settings: Any) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:1"
    billing.client.cache_clear()
    answer = owner_at_alpha().post("/subscription/buy/", {"offer": "troika_standard_month"})
    billing.client.cache_clear()
    assert answer.status_code == 503


def test_a_plan_has_seats_for_staff(tenant: Any, actor: Any) -> None:
    Tenant.objects.filter(pk=tenant.pk).update(plan_code="standard", state=TenantState.ACTIVE)
    members = [make_member("buyer") for _number in range(4)]
    with pytest.raises(Conflict, match="5 seats"):
        make_member("buyer")
    with pytest.raises(Conflict):
        access.invite_member(email="x@example.com", kind="staff", role_codes=["buyer"], actor=actor, at=timezone.now())
    access.deactivate_member(member_id=members[0].pk, actor=actor, at=timezone.now())
    make_member("buyer")
    with pytest.raises(Conflict):
        access.reactivate_member(member_id=members[0].pk, actor=Actor.system(), at=timezone.now())


# --- the trial -----------------------------------------------------------------------------------------
def test_trial_days_follow_the_companys_clock(tenant: Any) -> None:
    day = tenant.trial_ends_on
    midnight = timezone.datetime(day.year, day.month, day.day, tzinfo=timezone.zoneinfo.ZoneInfo("Asia/Shanghai"))
    assert tenant.trial_days_at(midnight - timedelta(days=5)) == 5
    assert tenant.trial_days_at(midnight - timedelta(seconds=1)) == 1
    assert tenant.may_write_at(midnight - timedelta(seconds=1))
    assert tenant.trial_days_at(midnight) == 0
    assert not tenant.may_write_at(midnight)


def test_notices_are_sent_once_and_the_end_is_recorded(
    tenant: Any, beta: Any, mailoutbox: Any, django_capture_on_commit_callbacks: Any
) -> None:
    day = tenant.trial_ends_on
    start = timezone.datetime(day.year, day.month, day.day, 12, tzinfo=timezone.zoneinfo.ZoneInfo("Asia/Shanghai"))
    sent = []
    for left in (15, 5, 5, 3, 1, 1):
        with django_capture_on_commit_callbacks(execute=True):
            sent.append(trial.send_notices(at=start - timedelta(days=left)))
    assert sent == [0, 2, 0, 0, 2, 0]
    assert sorted(message.to[0] for message in mailoutbox) == ["alpha@example.com"] * 2 + ["beta@example.com"] * 2
    assert TrialNotice.objects.count() == 4
    assert trial.expire_trials(at=start - timedelta(days=1)) == 0
    assert trial.expire_trials(at=start) == 2
    assert Tenant.objects.get(pk=tenant.pk).state == TenantState.READ_ONLY


def test_the_state_is_wrong_for_nobody_without_a_subscription(tenant: Any) -> None:
    assert billing.invoices(tenant=tenant) == []
    with pytest.raises(stripe.SignatureVerificationError):
        billing.receive_event(payload=b"{}", signature="t=1,v1=x", at=timezone.now())
