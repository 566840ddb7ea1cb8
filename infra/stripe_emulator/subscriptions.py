"""The API calls on subscriptions."""

from __future__ import annotations

from . import billing, catalog, collection, lifecycle
from .context import Context, created_within, page
from .customers import owned_method
from .errors import ApiError, invalid_parameter
from .forms import Params
from .periods import DAY
from .routing import readable, route
from .store import Json

MISSING_METHOD = ("cancel", "create_invoice", "pause")
PRORATION = ("create_prorations", "always_invoice", "none")
BEHAVIOR = ("allow_incomplete", "default_incomplete", "error_if_incomplete")


@route("POST", "/v1/subscriptions")
def create_subscription(ctx: Context) -> Json:
    p = ctx.params
    p.only(
        (
            "customer",
            "items",
            "trial_period_days",
            "trial_end",
            "trial_settings",
            "default_payment_method",
            "metadata",
            "discounts",
            "payment_behavior",
            "description",
            "cancel_at_period_end",
            "off_session",
            "collection_method",
            "payment_settings",
            "proration_behavior",
            "currency",
        )
    )
    p.require("customer")
    p.choice("collection_method", ("charge_automatically",))
    customer = ctx.reference("customer", p.text("customer") or "", "customer")
    method = p.text("default_payment_method")
    method = owned_method(ctx, method, customer["id"]) if method else None
    trial_end = read_trial(ctx, p, customer["id"])
    behavior = p.choice("payment_behavior", BEHAVIOR, "allow_incomplete") or ""
    customer = ctx.load("customer", customer["id"])
    has_method = method or customer["invoice_settings"]["default_payment_method"]
    entries = billing.read_entries(ctx, p.children("items"))
    amount = sum(price["unit_amount"] * quantity for price, quantity in entries)
    if amount and not trial_end and not has_method and behavior != "default_incomplete":
        raise ApiError(
            400,
            "This customer has no attached payment source or default payment method. Please consider "
            "adding a default payment method.",
            code="resource_missing",
        )
    return billing.start(
        ctx,
        customer=customer["id"],
        entries=entries,
        trial_end=trial_end,
        missing_method=read_missing_method(p),
        method=method,
        metadata=p.metadata(),
        behavior=behavior,
        description=p.text("description"),
        coupons=read_coupons(ctx, p, customer["id"], amount),
        ends_with_period=bool(p.boolean("cancel_at_period_end", False)),
    )


def read_trial(ctx: Context, p: Params, customer: str | None) -> int | None:
    now = ctx.now(customer)
    if p.text("trial_end") == "now":
        return None
    end = p.integer("trial_end")
    days = p.integer("trial_period_days")
    if end is not None and end <= now:
        raise invalid_parameter(p.name("trial_end"), "Invalid timestamp: must be in the future.")
    if days is not None and days < 1:
        raise invalid_parameter(p.name("trial_period_days"), "The minimum number of trial period days is 1.")
    return end or (now + days * DAY if days else None)


def read_missing_method(p: Params) -> str:
    behavior = p.child("trial_settings").child("end_behavior")
    return behavior.choice("missing_payment_method", MISSING_METHOD, "create_invoice") or "create_invoice"


def read_coupons(ctx: Context, p: Params, customer: str | None, amount: int) -> list[tuple[str, str | None]]:
    """Coupon and promotion code ids of a ``discounts`` parameter, checked for redemption."""
    found = []
    for entry in p.children("discounts"):
        entry.only(("coupon", "promotion_code"))
        promotion = None
        if entry.text("promotion_code"):
            name = entry.name("promotion_code")
            promotion = ctx.reference("promotion_code", entry.text("promotion_code") or "", name)
        coupon_id = promotion["promotion"]["coupon"] if promotion else entry.text("coupon") or ""
        coupon = ctx.reference("coupon", coupon_id, entry.name("coupon"))
        problem = catalog.coupon_problem(ctx, coupon, promotion, customer, amount)
        if problem:
            raise invalid_parameter(p.name("discounts"), problem, "coupon_expired")
        found.append((coupon_id, promotion["id"] if promotion else None))
    return found


@route("POST", "/v1/subscriptions/{id}")
def update_subscription(ctx: Context, id: str) -> Json:
    p, subscription = ctx.params, _living(ctx, id)
    p.only(
        (
            "items",
            "proration_behavior",
            "cancel_at_period_end",
            "cancel_at",
            "metadata",
            "default_payment_method",
            "trial_end",
            "trial_settings",
            "description",
            "discounts",
            "cancellation_details",
            "payment_behavior",
            "billing_cycle_anchor",
            "off_session",
        )
    )
    p.choice("payment_behavior", ("allow_incomplete",))
    changes = _plain_changes(ctx, p, subscription)
    if changes:
        ctx.change(id, "customer.subscription.updated", **changes)
    if "discounts" in p:
        amount = sum(i["price"]["unit_amount"] * i["quantity"] for i in subscription["items"]["data"])
        coupons = read_coupons(ctx, p, subscription["customer"], amount)
        ids = [
            catalog.redeem(ctx, c, code, customer=subscription["customer"], subscription=id)["id"]
            for c, code in coupons
        ]
        ctx.change(id, "customer.subscription.updated", discounts=ids)
    _change_trial(ctx, p, id)
    reset = p.choice("billing_cycle_anchor", ("now", "unchanged")) == "now"
    if "items" in p or reset:
        behavior = p.choice("proration_behavior", PRORATION, "create_prorations") or ""
        wanted = wanted_items(ctx, ctx.load("subscription", id), p.children("items"))
        billing.change_items(ctx, id, wanted, behavior=behavior, reset=reset)
    return ctx.load("subscription", id)


def _living(ctx: Context, id_: str) -> Json:
    subscription = ctx.load("subscription", id_)
    if subscription["status"] in collection.ENDED:
        raise ApiError(404, f"No such subscription: '{id_}'", code="resource_missing", param="id")
    return subscription


def _plain_changes(ctx: Context, p: Params, subscription: Json) -> Json:
    changes: Json = {}
    if "metadata" in p:
        changes["metadata"] = p.metadata(subscription["metadata"])
    if "description" in p:
        changes["description"] = p.text("description")
    if "default_payment_method" in p:
        method = p.text("default_payment_method")
        changes["default_payment_method"] = owned_method(ctx, method, subscription["customer"]) if method else None
    if "trial_settings" in p:
        changes["trial_settings"] = {"end_behavior": {"missing_payment_method": read_missing_method(p)}}
    if "cancellation_details" in p:
        details = p.child("cancellation_details")
        details.only(("comment", "feedback"))
        changes["cancellation_details"] = {
            **subscription["cancellation_details"],
            **{name: details.text(name) for name in details.data},
        }
    if "cancel_at_period_end" in p:
        changes |= planned_end(ctx, subscription, bool(p.boolean("cancel_at_period_end")))
    elif "cancel_at" in p:
        at = p.integer("cancel_at")
        changes |= {
            "cancel_at": at,
            "canceled_at": ctx.now(subscription["customer"]) if at else None,
            "cancel_at_period_end": False,
        }
    return changes


def planned_end(ctx: Context, subscription: Json, wanted: bool) -> Json:
    """The fields that plan (or take back) the end of a subscription with its current period."""
    details = {**subscription["cancellation_details"], "reason": "cancellation_requested" if wanted else None}
    end = billing.period_of(subscription)[1]
    return {
        "cancel_at_period_end": wanted,
        "cancel_at": end if wanted else None,
        "cancellation_details": details,
        "canceled_at": ctx.now(subscription["customer"]) if wanted else None,
    }


def _change_trial(ctx: Context, p: Params, id_: str) -> None:
    if "trial_end" not in p:
        return
    subscription = ctx.load("subscription", id_)
    if p.text("trial_end") == "now":
        if subscription["status"] == "trialing":
            lifecycle.end_trial(ctx, id_)
        return
    end = read_trial(ctx, p, subscription["customer"]) or 0
    items = subscription["items"]["data"]
    start = billing.period_of(subscription)[0]
    ctx.change(
        id_,
        "customer.subscription.updated",
        status="trialing",
        trial_end=end,
        billing_cycle_anchor=end,
        trial_start=subscription["trial_start"] or ctx.now(subscription["customer"]),
        _noticed=False,
        items=billing.as_list(id_, billing.with_period(items, (start, end))),
    )


def wanted_items(ctx: Context, subscription: Json, entries: list[Params]) -> list[Json]:
    """The items after an update: entries with an id change or remove one, entries without add one."""
    items = {item["id"]: item for item in subscription["items"]["data"]}
    for p in entries:
        p.only(("id", "price", "quantity", "deleted", "metadata"))
        known = p.text("id")
        if known and known not in items:
            raise invalid_parameter(p.name("id"), f"No such subscription item: '{known}'", "resource_missing")
        if known and p.boolean("deleted", False):
            del items[known]
            continue
        old = items.get(known or "")
        price = billing.recurring_price(ctx, p) if old is None or "price" in p else old["price"]
        quantity = p.integer("quantity", old["quantity"] if old else 1) or 0
        fresh = billing.new_item(
            price,
            quantity,
            subscription["id"],
            billing.period_of(subscription),
            old["created"] if old else ctx.now(subscription["customer"]),
            p.metadata(old["metadata"] if old else {}),
        )
        fresh["id"] = known or fresh["id"]
        items[fresh["id"]] = fresh
    return list(items.values())


@route("DELETE", "/v1/subscriptions/{id}")
def cancel_subscription(ctx: Context, id: str) -> Json:
    p, subscription = ctx.params, _living(ctx, id)
    p.only(("cancellation_details", "invoice_now", "prorate"))
    if p.boolean("invoice_now", False) or p.boolean("prorate", False):
        raise invalid_parameter("prorate", "The emulator does not prorate an immediate cancellation.")
    details = p.child("cancellation_details")
    details.only(("comment", "feedback"))
    return collection.cancel_now(
        ctx,
        subscription["id"],
        reason="cancellation_requested",
        comment=details.text("comment"),
        feedback=details.text("feedback"),
    )


@route("POST", "/v1/subscriptions/{id}/resume")
def resume_subscription(ctx: Context, id: str) -> Json:
    ctx.params.only(("billing_cycle_anchor",))
    if _living(ctx, id)["status"] != "paused":
        raise ApiError(400, "Only paused subscriptions can be resumed.")
    return lifecycle.resume(ctx, id)


@route("GET", "/v1/subscriptions")
def list_subscriptions(ctx: Context) -> Json:
    p = ctx.params
    p.only(("limit", "starting_after", "ending_before", "created", "customer", "status", "price"))
    items, status = ctx.store.all("subscription", customer=p.text("customer")), p.text("status")
    if status == "ended":
        items = [s for s in items if s["status"] in collection.ENDED]
    elif status is None:
        items = [s for s in items if s["status"] != "canceled"]
    elif status != "all":
        items = [s for s in items if s["status"] == status]
    if p.text("price"):
        items = [s for s in items if any(i["price"]["id"] == p.text("price") for i in s["items"]["data"])]
    return page(ctx, "/v1/subscriptions", created_within(ctx, items))


readable("subscription", "/v1/subscriptions", listing=False)
