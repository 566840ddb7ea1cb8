"""Previews of an invoice: what a plan change would cost now, or what the next renewal will bill.

A preview does the real thing inside a transaction that is rolled back, so it cannot differ from it.
"""

from __future__ import annotations

from . import billing, collection, lifecycle, subscriptions
from .context import Context
from .errors import ApiError
from .routing import route
from .store import Json


class _Undo(Exception):
    """Leaves the transaction of a preview without writing."""


@route("POST", "/v1/invoices/create_preview")
def create_preview(ctx: Context) -> Json:
    p = ctx.params
    p.only(("customer", "subscription", "subscription_details"))
    p.require("subscription")
    subscription = ctx.reference("subscription", p.text("subscription") or "", "subscription")
    if subscription["status"] in collection.ENDED:
        raise ApiError(400, "No upcoming invoices for customer", code="invoice_upcoming_none")
    details = p.child("subscription_details")
    details.only(("items", "proration_behavior", "cancel_at_period_end"))
    invoice: Json = {}
    try:
        with ctx.store.transaction():
            if "items" in details:
                behavior = details.choice("proration_behavior", subscriptions.PRORATION, "create_prorations") or ""
                wanted = subscriptions.wanted_items(ctx, subscription, details.children("items"))
                billing.change_items(ctx, subscription["id"], wanted, behavior=behavior)
            invoice = _billed(ctx, subscription)
            raise _Undo
    except _Undo:
        pass
    upcoming = f"upcoming_{invoice['id']}"
    return invoice | {
        "id": upcoming,
        "status": "draft",
        "number": None,
        "hosted_invoice_url": None,
        "amount_paid": 0,
        "amount_remaining": invoice["amount_due"],
        "attempted": False,
        "attempt_count": 0,
        "_payment_intent": None,
    }


def _billed(ctx: Context, before: Json) -> Json:
    """The invoice a change has just caused, or else the one the current period ends with."""
    after = ctx.load("subscription", before["id"])
    if after["latest_invoice"] == before["latest_invoice"]:
        if after["cancel_at"] or after["status"] not in ("active", "trialing", "past_due"):
            raise ApiError(400, "No upcoming invoices for customer", code="invoice_upcoming_none")
        ahead = Context(store=ctx.store, base_url=ctx.base_url, at=billing.period_of(after)[1])
        advance = lifecycle.end_trial if after["status"] == "trialing" else lifecycle.renew
        advance(ahead, after["id"])
        after = ctx.load("subscription", before["id"])
    return ctx.load("invoice", after["latest_invoice"])
