"""What falls due on a subscription as time passes: trial notice and end, renewal, retries, planned cancellation."""

from __future__ import annotations

from collections.abc import Callable

from . import billing, collection, invoices
from .context import Context
from .periods import DAY, next_boundary
from .store import Json

INCOMPLETE_FOR = DAY - 3_600
Work = tuple[int, Callable[[Context], None]]


def next_work(ctx: Context, subscription: Json) -> Work | None:
    """The earliest thing that will fall due on a subscription, with its time."""
    id_, status = subscription["id"], subscription["status"]
    if status in collection.ENDED or status == "paused":
        return None
    found: list[Work] = []
    if subscription["cancel_at"]:
        found.append((subscription["cancel_at"], lambda ctx: _cancel(ctx, id_)))
    if status == "incomplete":
        found.append((subscription["created"] + INCOMPLETE_FOR, lambda ctx: _expire(ctx, id_)))
    elif status == "trialing":
        if not subscription["_noticed"]:
            found.append((subscription["trial_end"] - billing.NOTICE, lambda ctx: billing.notify_trial(ctx, id_)))
        found.append((subscription["trial_end"], lambda ctx: end_trial(ctx, id_)))
    else:
        found.append((billing.period_of(subscription)[1], lambda ctx: renew(ctx, id_)))
    if status == "past_due":
        found.extend(_retries(ctx, subscription))
    return min(found, key=lambda work: work[0])


def _retries(ctx: Context, subscription: Json) -> list[Work]:
    def retry(invoice: str) -> Callable[[Context], None]:
        return lambda ctx: _try_again(ctx, invoice)

    return [
        (invoice["next_payment_attempt"], retry(invoice["id"]))
        for invoice in collection.open_invoices(ctx, subscription)
        if invoice["next_payment_attempt"]
    ]


def _try_again(ctx: Context, invoice: str) -> None:
    collection.collect(ctx, invoice)


def _cancel(ctx: Context, id_: str) -> None:
    collection.cancel_now(ctx, id_, reason="cancellation_requested")


def _expire(ctx: Context, id_: str) -> None:
    subscription = ctx.load("subscription", id_)
    for invoice in collection.open_invoices(ctx, subscription):
        invoices.void(ctx, invoice)
    at = ctx.now(subscription["customer"])
    ctx.change(id_, "customer.subscription.updated", status="incomplete_expired", ended_at=at)


def end_trial(ctx: Context, id_: str) -> None:
    """The trial is over: bill the first period, or do what was agreed where there is no card."""
    subscription = ctx.load("subscription", id_)
    at = ctx.now(subscription["customer"])
    missing = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    if missing != "create_invoice" and not has_method(ctx, subscription):
        if missing == "cancel":
            collection.cancel_now(ctx, id_, reason="cancellation_requested")
        else:
            ctx.emit("customer.subscription.paused", ctx.change(id_, None, status="paused", trial_end=at))
        return
    _bill_period(
        ctx,
        subscription,
        anchor=at,
        start=at,
        changes={"status": "active", "trial_end": at, "billing_cycle_anchor": at},
    )


def has_method(ctx: Context, subscription: Json) -> bool:
    owner = ctx.load("customer", subscription["customer"])
    return bool(subscription["default_payment_method"] or owner["invoice_settings"]["default_payment_method"])


def renew(ctx: Context, id_: str) -> None:
    subscription = ctx.load("subscription", id_)
    _bill_period(
        ctx,
        subscription,
        anchor=subscription["billing_cycle_anchor"],
        start=billing.period_of(subscription)[1],
        changes={},
    )


def _bill_period(ctx: Context, subscription: Json, *, anchor: int, start: int, changes: Json) -> None:
    """Open the next period and bill it. While unpaid, invoices stay drafts and nothing is collected."""
    id_, items = subscription["id"], subscription["items"]["data"]
    recurring = items[0]["price"]["recurring"]
    period = (start, next_boundary(anchor, recurring["interval"], recurring["interval_count"], start))
    lines = subscription["_pending"] + [
        invoices.price_line(ctx, item["price"], item["quantity"], period, subscription=id_, item=item["id"])
        for item in items
    ]
    dormant = subscription["status"] == "unpaid"
    invoice = invoices.draft(
        ctx,
        customer=subscription["customer"],
        lines=lines,
        reason="subscription_cycle",
        currency=subscription["currency"],
        subscription=subscription,
        auto_advance=not dormant,
    )
    ctx.change(
        id_,
        "customer.subscription.updated",
        **changes,
        _pending=[],
        latest_invoice=invoice["id"],
        items=billing.as_list(id_, billing.with_period(items, period)),
    )
    if not dormant:
        invoices.finalize(ctx, invoice["id"])
        collection.collect(ctx, invoice["id"])


def resume(ctx: Context, id_: str) -> Json:
    """Let a paused subscription go on, with a new period from now."""
    subscription = ctx.load("subscription", id_)
    at = ctx.now(subscription["customer"])
    _bill_period(ctx, subscription, anchor=at, start=at, changes={"status": "active", "billing_cycle_anchor": at})
    subscription = ctx.load("subscription", id_)
    ctx.emit("customer.subscription.resumed", subscription)
    return subscription
