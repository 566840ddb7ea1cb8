"""Control calls under ``/_emulator/``: what a developer or a test does to the emulator itself (no key needed)."""

from __future__ import annotations

from . import clock
from .context import Context, public
from .errors import ApiError
from .periods import DAY
from .routing import route
from .store import Json
from .webhooks import Dispatcher

# Handlers marked so are given the dispatcher and run outside a transaction, since they wait for the network.
Waiting = Dispatcher


@route("GET", "/_emulator/health")
def health(ctx: Context) -> Json:
    return {"status": "ok"}


@route("GET", "/_emulator/")
def summary(ctx: Context) -> Json:
    rows = ctx.store.rows("SELECT state, count(*) AS n FROM delivery GROUP BY state")
    return {
        "now": ctx.now(),
        "clock_offset": ctx.store.setting("clock_offset", 0),
        "objects": ctx.store.counts(),
        "deliveries": {row["state"]: row["n"] for row in rows},
        "endpoints": list(ctx.endpoints),
        "card_outcomes": ctx.store.setting("card_outcomes", {}),
        "webhooks": {
            "held": ctx.store.setting("webhooks_held", False),
            "copies": ctx.store.setting("webhook_copies", 1),
        },
    }


@route("GET", "/_emulator/deliveries")
def deliveries(ctx: Context) -> Json:
    rows = ctx.store.rows("SELECT * FROM delivery ORDER BY seq")
    for name in ("event", "state", "type", "endpoint"):
        if name in ctx.params:
            rows = [row for row in rows if row[name] == ctx.params.text(name)]
    return {"data": rows}


@route("POST", "/_emulator/webhooks")
def set_webhooks(ctx: Context) -> Json:
    """Hold deliveries back (``held``), or send every one several times (``copies``)."""
    p = ctx.params
    p.only(("held", "copies"))
    if "held" in p:
        ctx.store.set_setting("webhooks_held", p.boolean("held"))
    if "copies" in p:
        ctx.store.set_setting("webhook_copies", max(p.integer("copies", 1) or 1, 1))
    return dict(summary(ctx)["webhooks"])


@route("POST", "/_emulator/webhooks/release")
def release(ctx: Context, dispatcher: Waiting) -> Json:
    p = ctx.params
    p.only(("order", "copies", "events"))
    order = p.choice("order", ("fifo", "reversed", "shuffled"), "fifo") or ""
    return {"data": dispatcher.release(order, p.integer("copies", 1) or 1, p.texts("events"))}


@route("POST", "/_emulator/webhooks/drain")
def drain(ctx: Context, dispatcher: Waiting) -> Json:
    return {"drained": dispatcher.drain(float(ctx.params.integer("timeout", 10) or 10))}


@route("POST", "/_emulator/events/{id}/resend")
def resend(ctx: Context, dispatcher: Waiting, id: str) -> Json:
    return {"data": dispatcher.resend(ctx.load("event", id), ctx.params.integer("copies", 1) or 1)}


@route("POST", "/_emulator/cards")
def set_card_outcome(ctx: Context) -> Json:
    """Let charges succeed or be declined, for one customer or all; ``card`` leaves it to the card again."""
    p = ctx.params
    p.only(("outcome", "customer"))
    p.require("outcome")
    outcome = p.choice("outcome", ("succeed", "decline", "card"))
    outcomes = ctx.store.setting("card_outcomes", {})
    outcomes[p.text("customer") or "*"] = outcome
    outcomes = {key: value for key, value in outcomes.items() if value != "card"}
    ctx.store.set_setting("card_outcomes", outcomes)
    return {"card_outcomes": outcomes}


@route("POST", "/_emulator/clock")
def move_clock(ctx: Context) -> Json:
    """Move the emulator's own clock forward by ``days`` and ``seconds``, or to a moment (``to``)."""
    p = ctx.params
    p.only(("days", "seconds", "to"))
    seconds = (p.integer("days", 0) or 0) * DAY + (p.integer("seconds", 0) or 0)
    if "to" in p:
        seconds = (p.integer("to") or 0) - ctx.now()
    return {"now": clock.shift(ctx, seconds)}


@route("POST", "/_emulator/settings")
def set_settings(ctx: Context) -> Json:
    """How failed renewals are followed up: ``retry_days[]`` and ``after_retries``."""
    p = ctx.params
    p.only(("retry_days", "after_retries"))
    if "retry_days" in p:
        days = p.texts("retry_days")
        if not all(day.isdigit() for day in days):
            raise ApiError(400, "retry_days must be whole days.", param="retry_days")
        ctx.store.set_setting("retry_days", [int(day) for day in days])
    if "after_retries" in p:
        ctx.store.set_setting("after_retries", p.choice("after_retries", ("unpaid", "cancel", "past_due")))
    return {"retry_days": ctx.store.setting("retry_days"), "after_retries": ctx.store.setting("after_retries")}


@route("GET", "/_emulator/objects/{id}")
def show_object(ctx: Context, id: str) -> Json:
    obj = ctx.store.get(id)
    if obj is None:
        raise ApiError(404, f"No such object: '{id}'", code="resource_missing")
    return dict(public(obj))


@route("POST", "/_emulator/reset")
def reset(ctx: Context) -> Json:
    ctx.store.reset()
    return {"status": "empty"}
