"""Payment through Stripe. The company's row holds a snapshot of its subscription, never the sum of events.

Whatever event arrives, in whatever order or number, the subscription is read again and written whole, under a lock of the
company; so repetitions, delays and gaps end in the same state. An event id is remembered once its snapshot is written; a
failure on the way answers with an error, and the event comes again.
"""

import logging
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import requests
import stripe
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from backend.kernel.errors import Conflict, Refusal
from backend.kernel.tenancy import in_public
from tenants import directory, plans
from tenants.models import BillingEvent, Tenant, TenantState

log = logging.getLogger(__name__)
_PAID = {"active", "trialing"}
_OVERDUE = {"past_due", "unpaid", "incomplete"}
_PRICE_SECONDS = 3600


class PaymentUnavailable(Refusal):
    """The payment service does not answer."""

    status = 503
    code = "payment_unavailable"


def unavailable() -> PaymentUnavailable:
    return PaymentUnavailable(
        _("The payment service does not answer right now."), way_out=_("Try again in a minute; nothing was charged.")
    )


@lru_cache(maxsize=1)
def client() -> Any:
    """The SDK's client; its base address is that of the emulator where one is set."""
    base: Any = {"api": settings.STRIPE_API_BASE} if settings.STRIPE_API_BASE else None
    session = requests.Session()
    session.trust_env = not settings.STRIPE_API_BASE  # an emulator on this machine is never behind a proxy
    made = stripe.StripeClient(
        settings.STRIPE_API_KEY,
        base_addresses=base,
        max_network_retries=2,
        http_client=stripe.RequestsClient(session=session, timeout=15),
    )
    return made.v1


# --- buying --------------------------------------------------------------------------------------
def price_id(offer: plans.Offer) -> str:
    """The price at the payment service; made there, or made anew when the plan table says another amount."""
    key = f"stripe-price:{offer.lookup_key}:{offer.minor_units}"
    with in_public():
        known = cache.get(key)
        if known is None:
            known = _find_price(offer) or _make_price(offer)
            cache.set(key, known, _PRICE_SECONDS)
    return str(known)


def _find_price(offer: plans.Offer) -> str | None:
    found = client().prices.list({"lookup_keys": [offer.lookup_key], "active": True, "limit": 1}).data
    if found and found[0].unit_amount == offer.minor_units and found[0].currency == plans.CURRENCY:
        return str(found[0].id)
    return None


def _make_price(offer: plans.Offer) -> str:
    product = f"troika_{offer.plan.code}"
    try:
        client().products.retrieve(product)
    except stripe.InvalidRequestError:
        client().products.create({"id": product, "name": f"Troika {offer.plan.code.title()}"})
    made = client().prices.create(
        {
            "product": product,
            "currency": plans.CURRENCY,
            "unit_amount": offer.minor_units,
            "recurring": {"interval": offer.interval},
            "lookup_key": offer.lookup_key,
            "transfer_lookup_key": True,
            "metadata": {"plan": offer.plan.code, "interval": offer.interval},
        },
        {"idempotency_key": f"price-{offer.lookup_key}-{offer.minor_units}"},
    )
    return str(made.id)


def start_checkout(*, tenant: Any, offer: plans.Offer, email: str) -> str:
    """The address of the payment page for an offer; raises Conflict when the company has a subscription already."""
    try:
        with in_public():
            current = Tenant.objects.get(pk=tenant.pk)
        if current.subscription_status in _PAID | {"past_due", "unpaid"}:
            raise Conflict(
                _("%(company)s has a subscription already.") % {"company": tenant.name},
                code="subscribed_already",
                way_out=_("Change the plan instead."),
            )
        session = client().checkout.sessions.create(
            {
                "mode": "subscription",
                "customer": _customer_of(current, email),
                "client_reference_id": str(tenant.pk),
                "line_items": [{"price": price_id(offer), "quantity": 1}],
                "subscription_data": {"metadata": {"tenant": str(tenant.pk)}},
                "metadata": {"tenant": str(tenant.pk)},
                "allow_promotion_codes": True,
                "locale": "zh" if (get_language() or "").startswith("zh") else "en",
                "success_url": directory.company_url(tenant, "/subscription/done/?session={CHECKOUT_SESSION_ID}"),
                "cancel_url": directory.company_url(tenant, "/subscription/"),
            }
        )
    except stripe.StripeError as problem:
        log.warning("Checkout could not be started.", extra={"problem": str(problem)})
        raise unavailable() from None
    return str(session.url)


def _customer_of(tenant: Tenant, email: str) -> str:
    if tenant.stripe_customer_id:
        return tenant.stripe_customer_id
    made = client().customers.create(
        {"name": tenant.name, "email": email, "metadata": {"tenant": str(tenant.pk)}},
        {"idempotency_key": f"customer-{tenant.pk}"},
    )
    with in_public():
        Tenant.objects.filter(pk=tenant.pk).update(stripe_customer_id=made.id)
    return str(made.id)


def change_plan(*, tenant: Any, offer: plans.Offer) -> None:
    """Move a running subscription to another offer; the difference is settled to the day."""
    try:
        found = client().subscriptions.retrieve(tenant.stripe_subscription_id)
        item = found.to_dict()["items"]["data"][0]
        client().subscriptions.update(
            tenant.stripe_subscription_id,
            {
                "items": [{"id": item["id"], "price": price_id(offer)}],
                "proration_behavior": "create_prorations",
                "cancel_at_period_end": False,
            },
        )
        sync_subscription(tenant.stripe_subscription_id)
    except stripe.StripeError as problem:
        log.warning("The plan could not be changed.", extra={"problem": str(problem)})
        raise unavailable() from None


def portal_url(*, tenant: Any) -> str:
    """The address of the page where cards, invoices and cancelling are."""
    try:
        session = client().billing_portal.sessions.create(
            {
                "customer": tenant.stripe_customer_id,
                "return_url": directory.company_url(tenant, "/subscription/"),
                "locale": "zh" if (get_language() or "").startswith("zh") else "en",
            }
        )
    except stripe.StripeError as problem:
        log.warning("The payment portal could not be opened.", extra={"problem": str(problem)})
        raise unavailable() from None
    return str(session.url)


def invoices(*, tenant: Any, limit: int = 24) -> list[dict[str, Any]]:
    """The company's invoices, newest first; empty when the payment service does not answer."""
    if not tenant.stripe_customer_id:
        return []
    try:
        found = client().invoices.list({"customer": tenant.stripe_customer_id, "limit": limit})
    except stripe.StripeError as problem:
        log.warning("Invoices could not be read.", extra={"problem": str(problem)})
        return []
    return [_invoice_row(invoice.to_dict()) for invoice in found.data]


def _invoice_row(invoice: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": invoice.get("number") or invoice["id"],
        "at": _moment(invoice.get("created")),
        "amount": plans.Decimal(invoice.get("total") or 0) / 100,
        "state": invoice.get("status") or "",
        "url": invoice.get("hosted_invoice_url") or "",
    }


# --- what happened -------------------------------------------------------------------------------
def receive_event(*, payload: bytes, signature: str, at: datetime) -> bool:
    """Take one signed event; True when it was new. Raises for a wrong signature and for anything that went wrong."""
    event = stripe.Webhook.construct_event(payload, signature, settings.STRIPE_WEBHOOK_SECRET).to_dict()
    with in_public():
        if BillingEvent.objects.filter(pk=event["id"]).exists():
            return False
        tenant = None
        subscription = _subscription_of(event["data"]["object"])
        if subscription:
            tenant = sync_subscription(subscription)
        BillingEvent.objects.get_or_create(
            pk=event["id"], defaults={"kind": event["type"], "tenant": tenant, "received_at": at}
        )
    return True


def _subscription_of(subject: dict[str, Any]) -> str:
    """The subscription an event is about, wherever its kind of object keeps it."""
    if subject.get("object") == "subscription":
        return str(subject["id"])
    parent = (subject.get("parent") or {}).get("subscription_details") or {}
    found = subject.get("subscription") or parent.get("subscription") or ""
    return str(found.get("id", "")) if isinstance(found, dict) else str(found)


def sync_subscription(subscription_id: str) -> Tenant | None:
    """Read a subscription and write its snapshot to the company it belongs to."""
    with in_public(), transaction.atomic():
        _hold_lock(f"subscription:{subscription_id}")
        found = client().subscriptions.retrieve(subscription_id).to_dict()
        tenant = _tenant_of(found)
        if tenant is None:
            log.warning("A subscription belongs to no company.", extra={"subscription": subscription_id})
            return None
        if _is_superseded(tenant, found):
            return tenant
        _write_snapshot(tenant, found)
    directory.forget(tenant)
    return tenant


def _hold_lock(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"troika:{name}"])


def _tenant_of(found: dict[str, Any]) -> Tenant | None:
    marked = str((found.get("metadata") or {}).get("tenant", ""))
    locked = Tenant.objects.select_for_update()
    try:
        tenant = locked.filter(pk=UUID(marked)).first() if marked else None
    except ValueError:
        tenant = None
    return tenant or locked.filter(stripe_customer_id=str(found["customer"])).exclude(stripe_customer_id="").first()


def _is_superseded(tenant: Tenant, found: dict[str, Any]) -> bool:
    """An ended subscription says nothing once another one has taken its place."""
    return (
        bool(tenant.stripe_subscription_id)
        and tenant.stripe_subscription_id != found["id"]
        and found["status"] in {"canceled", "incomplete", "incomplete_expired"}
    )


def _write_snapshot(tenant: Tenant, found: dict[str, Any]) -> None:
    item = found["items"]["data"][0]
    offer = plans.offer_called(item["price"].get("lookup_key") or "")
    marked = item["price"].get("metadata") or {}
    tenant.stripe_subscription_id = found["id"]
    tenant.stripe_customer_id = str(found["customer"])
    tenant.subscription_status = found["status"]
    if found["status"] not in {"incomplete", "incomplete_expired"}:
        tenant.plan_code = offer.plan.code if offer else marked.get("plan", "")
        tenant.plan_interval = offer.interval if offer else item["price"]["recurring"]["interval"]
    tenant.paid_until = _moment(item.get("current_period_end") or found.get("current_period_end"))
    tenant.cancels_at = _moment(found.get("cancel_at")) or (
        tenant.paid_until if found.get("cancel_at_period_end") else None
    )
    tenant.state = _state_of(tenant, found["status"])
    if tenant.state == TenantState.GRACE:
        tenant.paid_until = _moment(item.get("current_period_start") or found.get("current_period_start"))
    tenant.save()


def _state_of(tenant: Tenant, status: str) -> str:
    """An unfinished first payment leaves a trial as it is; an ended subscription is read only."""
    if status in _PAID:
        return TenantState.ACTIVE
    if tenant.state == TenantState.TRIAL:
        return TenantState.TRIAL
    if status in _OVERDUE and status != "incomplete":
        return TenantState.GRACE
    return TenantState.READ_ONLY


def _moment(stamp: int | None) -> datetime | None:
    return datetime.fromtimestamp(stamp, UTC) if stamp else None
