"""Billing portal sessions and configurations."""

from __future__ import annotations

from .context import Context, new_id
from .forms import Params
from .routing import readable, route
from .store import Json

SESSION, CONFIGURATION = "billing_portal.session", "billing_portal.configuration"
_FLOWS = ("payment_method_update", "subscription_cancel", "subscription_update")


@route("POST", "/v1/billing_portal/configurations")
def create_configuration(ctx: Context) -> Json:
    ctx.params.only(("features", "business_profile", "default_return_url", "metadata", "name"))
    ctx.params.require("features")
    return ctx.create(_configuration(ctx, ctx.params, default=False), "billing_portal.configuration.created")


@route("POST", "/v1/billing_portal/configurations/{id}")
def update_configuration(ctx: Context, id: str) -> Json:
    current, p = ctx.load(CONFIGURATION, id), ctx.params
    p.only(("features", "business_profile", "default_return_url", "metadata", "name", "active"))
    fresh = _configuration(ctx, p, default=current["is_default"])
    changes: Json = {
        "updated": ctx.now(),
        "active": p.boolean("active", current["active"]),
        "metadata": p.metadata(current["metadata"]),
    }
    if "features" in p:
        sent = p.child("features").data
        changes["features"] = {**current["features"], **{k: v for k, v in fresh["features"].items() if k in sent}}
    for name in ("default_return_url", "name", "business_profile"):
        if name in p:
            changes[name] = fresh[name]
    return ctx.change(id, "billing_portal.configuration.updated", **changes)


def _configuration(ctx: Context, p: Params, *, default: bool) -> Json:
    features, profile = p.child("features"), p.child("business_profile")
    features.only(
        ("customer_update", "invoice_history", "payment_method_update", "subscription_cancel", "subscription_update")
    )
    cancel, update = features.child("subscription_cancel"), features.child("subscription_update")
    return {
        "id": new_id("bpc"),
        "object": CONFIGURATION,
        "active": True,
        "application": None,
        "business_profile": {
            name: profile.text(name) for name in ("headline", "privacy_policy_url", "terms_of_service_url")
        },
        "created": ctx.now(),
        "default_return_url": p.text("default_return_url"),
        "is_default": default,
        "features": {
            "customer_update": {"allowed_updates": [], "enabled": False},
            "invoice_history": _enabled(features, "invoice_history", default),
            "payment_method_update": _enabled(features, "payment_method_update", default),
            "subscription_cancel": {
                "enabled": cancel.boolean("enabled", default),
                "mode": cancel.choice("mode", ("at_period_end", "immediately"), "at_period_end"),
                "proration_behavior": "none",
            },
            "subscription_update": {
                "enabled": update.boolean("enabled", default),
                "default_allowed_updates": update.texts("default_allowed_updates") or ["price"],
                "products": [
                    {"product": entry.text("product"), "prices": entry.texts("prices")}
                    for entry in update.children("products")
                ],
                "proration_behavior": update.choice(
                    "proration_behavior", ("always_invoice", "create_prorations", "none"), "always_invoice"
                ),
            },
        },
        "livemode": False,
        "login_page": {"enabled": False, "url": None},
        "metadata": p.metadata(),
        "name": p.text("name"),
        "updated": ctx.now(),
    }


def _enabled(features: Params, name: str, default: bool) -> Json:
    return {"enabled": features.child(name).boolean("enabled", default)}


def default_configuration(ctx: Context) -> Json:
    found = [c for c in ctx.store.all(CONFIGURATION) if c["is_default"]]
    return found[0] if found else ctx.create(_configuration(ctx, Params({}), default=True))


@route("POST", "/v1/billing_portal/sessions")
def create_session(ctx: Context) -> Json:
    p = ctx.params
    p.only(("customer", "return_url", "locale", "configuration", "flow_data"))
    p.require("customer")
    customer = ctx.reference("customer", p.text("customer") or "", "customer")
    chosen = p.text("configuration")
    configuration = ctx.reference(CONFIGURATION, chosen, "configuration") if chosen else default_configuration(ctx)
    flow = p.child("flow_data")
    flow.only(("type", "subscription_cancel", "subscription_update", "after_completion"))
    id_ = new_id("bps")
    return ctx.create(
        {
            "id": id_,
            "object": SESSION,
            "configuration": configuration["id"],
            "created": ctx.now(),
            "customer": customer["id"],
            "customer_account": None,
            "flow": {"type": flow.choice("type", _FLOWS), **{k: v for k, v in flow.data.items() if k != "type"}}
            if flow.data
            else None,
            "livemode": False,
            "locale": p.text("locale"),
            "on_behalf_of": None,
            "return_url": p.text("return_url") or configuration["default_return_url"],
            "url": f"{ctx.base_url}/p/session/{id_}",
        },
        "billing_portal.session.created",
    )


readable(CONFIGURATION, "/v1/billing_portal/configurations", filters=("active", "is_default"))
