"""Collecting open invoices, and what success and failure do to the subscription.

A failed renewal makes the subscription past_due and is tried again after 3, 5 and 7 days (setting ``retry_days``);
when the last try fails it becomes unpaid, canceled or stays past_due (setting ``after_retries``).
"""

from __future__ import annotations

from . import invoices, payments
from .context import Context, public
from .customers import owned_method
from .errors import ApiError, card_declined
from .periods import DAY
from .routing import route
from .store import Json

RETRY_DAYS = [3, 5, 7]
ENDED = ("canceled", "incomplete_expired")


@route("POST", "/v1/invoices/{id}/pay")
def pay_invoice(ctx: Context, id: str) -> Json:
    invoice, p = ctx.load("invoice", id), ctx.params
    p.only(("payment_method", "off_session"))
    if invoice["status"] == "paid":
        raise ApiError(400, "Invoice is already paid", code="invoice_already_paid")
    if invoice["status"] == "draft":
        invoice = invoices.finalize(ctx, id)
    if invoice["status"] != "open":
        raise ApiError(400, f"You cannot pay an invoice that is {invoice['status']}.", code="invoice_not_payable")
    method = p.text("payment_method")
    chosen = (
        ctx.load("payment_method", owned_method(ctx, method, invoice["customer"], "payment_method")) if method else None
    )
    decline = collect(ctx, id, method=chosen)
    if decline:
        invoice = ctx.load("invoice", id)
        raise card_declined(decline, payment_intent=public(ctx.load("payment_intent", invoice["_payment_intent"])))
    return ctx.load("invoice", id)


def method_for(ctx: Context, invoice: Json) -> Json | None:
    """The card an invoice is charged to: the subscription's own, else the customer's default."""
    candidates = []
    subscription = invoices.subscription_of(invoice)
    if subscription:
        candidates.append(ctx.load("subscription", subscription)["default_payment_method"])
    if invoice["customer"]:
        candidates.append(ctx.load("customer", invoice["customer"])["invoice_settings"]["default_payment_method"])
    for id_ in candidates:
        method = ctx.store.get(id_) if id_ else None
        if method and method["customer"] == invoice["customer"]:
            return method
    return None


def collect(ctx: Context, id_: str, *, method: Json | None = None) -> str | None:
    """Try to collect an open invoice. Returns the decline code, or None when it is paid."""
    invoice = ctx.load("invoice", id_)
    if invoice["amount_due"] == 0:
        _paid(ctx, invoice, attempts=0)
        return None
    intent = invoice["_payment_intent"] or _intent(ctx, invoice)["id"]
    ctx.change(id_, None, _payment_intent=intent)
    attempts = invoice["attempt_count"] + 1
    decline = payments.charge(ctx, intent, method or method_for(ctx, invoice))
    if decline:
        _failed(ctx, invoice, attempts)
        return decline
    _paid(ctx, invoice, attempts=attempts)
    return None


def _intent(ctx: Context, invoice: Json) -> Json:
    return payments.new_intent(
        ctx,
        amount=invoice["amount_due"],
        currency=invoice["currency"],
        customer=invoice["customer"],
        description="Subscription creation"
        if invoice["billing_reason"] == "subscription_create"
        else "Subscription update"
        if invoice["parent"]
        else None,
        invoice=invoice["id"],
    )


def _paid(ctx: Context, invoice: Json, *, attempts: int) -> None:
    at = ctx.now(invoice["customer"])
    invoice = ctx.change(
        invoice["id"],
        None,
        status="paid",
        amount_paid=invoice["amount_due"],
        amount_remaining=0,
        attempted=True,
        attempt_count=attempts,
        next_payment_attempt=None,
        status_transitions={**invoice["status_transitions"], "paid_at": at},
    )
    ctx.emit("invoice.paid", invoice)
    ctx.emit("invoice.payment_succeeded", invoice)
    subscription = ctx.store.get(invoices.subscription_of(invoice) or "")
    if not subscription or subscription["status"] not in ("incomplete", "past_due", "unpaid"):
        return
    if not open_invoices(ctx, subscription):
        ctx.change(subscription["id"], "customer.subscription.updated", status="active")
        ctx.change(subscription["customer"], "customer.updated", delinquent=False)


def open_invoices(ctx: Context, subscription: Json) -> list[Json]:
    return [
        invoice
        for invoice in ctx.store.all("invoice", customer=subscription["customer"])
        if invoice["status"] == "open" and invoices.subscription_of(invoice) == subscription["id"]
    ]


def _failed(ctx: Context, invoice: Json, attempts: int) -> None:
    at = ctx.now(invoice["customer"])
    days = ctx.store.setting("retry_days", RETRY_DAYS)
    first = invoice["billing_reason"] == "subscription_create"
    subscription = ctx.store.get(invoices.subscription_of(invoice) or "")
    alive = subscription and subscription["status"] not in (*ENDED, "unpaid")
    retry = alive and not first and attempts <= len(days)
    invoice = ctx.change(
        invoice["id"],
        None,
        attempted=True,
        attempt_count=attempts,
        next_payment_attempt=at + days[attempts - 1] * DAY if retry else None,
    )
    ctx.emit("invoice.payment_failed", invoice)
    if not subscription or not alive or first:
        return
    ctx.change(subscription["customer"], "customer.updated", delinquent=True)
    final = ctx.store.setting("after_retries", "unpaid")
    if retry or final == "past_due":
        ctx.change(subscription["id"], "customer.subscription.updated", status="past_due")
    elif final == "cancel":
        cancel_now(ctx, subscription["id"], reason="payment_failed")
    else:
        ctx.change(subscription["id"], "customer.subscription.updated", status="unpaid")


def cancel_now(ctx: Context, id_: str, *, reason: str, comment: str | None = None, feedback: str | None = None) -> Json:
    """End a subscription; what is still open is no longer collected automatically."""
    subscription = ctx.load("subscription", id_)
    at = ctx.now(subscription["customer"])
    for invoice in open_invoices(ctx, subscription):
        ctx.change(invoice["id"], "invoice.updated", auto_advance=False, next_payment_attempt=None)
    subscription = ctx.change(
        id_,
        None,
        status="incomplete_expired" if subscription["status"] == "incomplete" else "canceled",
        canceled_at=subscription["canceled_at"] or at,
        ended_at=at,
        cancellation_details={
            "comment": comment or subscription["cancellation_details"]["comment"],
            "feedback": feedback or subscription["cancellation_details"]["feedback"],
            "reason": reason,
        },
    )
    ctx.emit("customer.subscription.deleted", subscription)
    return subscription
