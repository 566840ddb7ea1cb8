"""Charging a card: payment intents, charges, refunds, and the outcome a developer has set for cards."""

from __future__ import annotations

from .context import Context, new_id
from .errors import ApiError, invalid_parameter, missing_parameter
from .routing import readable, route
from .store import Json

NO_METHOD = "no_payment_method"


def decline_code(ctx: Context, method: Json | None, customer: str | None) -> str | None:
    """Why a charge would be refused now: the outcome set for the customer, else for all, else the card itself."""
    outcomes = ctx.store.setting("card_outcomes", {})
    outcome = outcomes.get(customer or "") or outcomes.get("*")
    if method is None:
        return NO_METHOD
    if outcome == "decline":
        return "generic_decline"
    if outcome == "succeed":
        return None
    code: str | None = method["_decline"]
    return code


def new_intent(
    ctx: Context,
    *,
    amount: int,
    currency: str,
    customer: str | None,
    description: str | None = None,
    metadata: dict[str, str] | None = None,
    invoice: str | None = None,
) -> Json:
    id_ = new_id("pi")
    return ctx.create(
        {
            "id": id_,
            "object": "payment_intent",
            "amount": amount,
            "amount_capturable": 0,
            "amount_received": 0,
            "application": None,
            "canceled_at": None,
            "cancellation_reason": None,
            "capture_method": "automatic",
            "client_secret": f"{id_}_secret_{new_id('', 16).lstrip('_')}",
            "confirmation_method": "automatic",
            "created": ctx.now(customer),
            "currency": currency,
            "customer": customer,
            "description": description,
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "metadata": metadata or {},
            "next_action": None,
            "payment_method": None,
            "payment_method_types": ["card"],
            "receipt_email": None,
            "setup_future_usage": None,
            "shipping": None,
            "status": "requires_payment_method",
            "transfer_group": None,
            "_invoice": invoice,
        },
        "payment_intent.created",
    )


def charge(ctx: Context, intent_id: str, method: Json | None) -> str | None:
    """Try to collect an intent. Returns the decline code, or None when the money has come in."""
    intent = ctx.load("payment_intent", intent_id)
    decline = decline_code(ctx, method, intent["customer"])
    record = _charge_record(ctx, intent, method, decline) if method else None
    if decline:
        error = {
            "type": "card_error",
            "code": "card_declined",
            "decline_code": decline,
            "message": "Your card was declined.",
        }
        failed = ctx.change(
            intent_id,
            None,
            status="requires_payment_method",
            last_payment_error=error,
            latest_charge=record["id"] if record else None,
        )
        ctx.emit("payment_intent.payment_failed", failed)
        return decline
    paid = ctx.change(
        intent_id,
        None,
        status="succeeded",
        amount_received=intent["amount"],
        last_payment_error=None,
        latest_charge=record["id"] if record else None,
        payment_method=method["id"] if method else None,
    )
    ctx.emit("payment_intent.succeeded", paid)
    return None


def _charge_record(ctx: Context, intent: Json, method: Json, decline: str | None) -> Json:
    charge_id = new_id("ch")
    return ctx.create(
        {
            "id": charge_id,
            "object": "charge",
            "amount": intent["amount"],
            "amount_captured": 0 if decline else intent["amount"],
            "amount_refunded": 0,
            "billing_details": method["billing_details"],
            "captured": not decline,
            "created": ctx.now(intent["customer"]),
            "currency": intent["currency"],
            "customer": intent["customer"],
            "description": intent["description"],
            "disputed": False,
            "failure_code": "card_declined" if decline else None,
            "failure_message": "Your card was declined." if decline else None,
            "livemode": False,
            "metadata": dict(intent["metadata"]),
            "paid": not decline,
            "payment_intent": intent["id"],
            "payment_method": method["id"],
            "payment_method_details": {"card": method["card"], "type": "card"},
            "receipt_email": None,
            "receipt_url": None,
            "refunded": False,
            "status": "failed" if decline else "succeeded",
        },
        "charge.failed" if decline else "charge.succeeded",
    )


@route("POST", "/v1/refunds")
def create_refund(ctx: Context) -> Json:
    p = ctx.params
    p.only(("charge", "payment_intent", "amount", "reason", "metadata"))
    source = p.text("charge")
    if p.text("payment_intent"):
        source = ctx.reference("payment_intent", p.text("payment_intent") or "", "payment_intent")["latest_charge"]
    if not source:
        raise missing_parameter("charge")
    paid = ctx.reference("charge", source, "charge")
    left = paid["amount_captured"] - paid["amount_refunded"]
    if left <= 0:
        raise ApiError(400, "Charge has already been refunded.", code="charge_already_refunded")
    amount = p.integer("amount", left) or 0
    if not 0 < amount <= left:
        raise invalid_parameter("amount", f"Refund amount ({amount}) is greater than unrefunded amount ({left})")
    refund = ctx.create(
        {
            "id": new_id("re"),
            "object": "refund",
            "amount": amount,
            "charge": source,
            "created": ctx.now(paid["customer"]),
            "currency": paid["currency"],
            "metadata": p.metadata(),
            "payment_intent": paid["payment_intent"],
            "reason": p.text("reason"),
            "status": "succeeded",
        },
        "refund.created",
    )
    total = paid["amount_refunded"] + amount
    paid = ctx.change(source, None, amount_refunded=total, refunded=total == paid["amount_captured"])
    ctx.emit("charge.refunded", paid)
    return refund


readable("payment_intent", "/v1/payment_intents", filters=("customer",))
readable("charge", "/v1/charges", filters=("customer", "payment_intent"))
readable("refund", "/v1/refunds", filters=("charge", "payment_intent"))
