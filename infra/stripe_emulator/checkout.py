"""Checkout sessions: creating them, what is due now, and completing them with a card."""

from __future__ import annotations

from collections.abc import Callable

from . import billing, catalog, customers, invoices, payments, subscriptions
from .context import VIRTUAL, Context, list_object, new_id
from .errors import ApiError, card_declined, invalid_parameter
from .forms import Params
from .periods import DAY
from .routing import readable, route
from .store import Json

_KNOWN = (
    "mode",
    "line_items",
    "customer",
    "customer_email",
    "client_reference_id",
    "success_url",
    "cancel_url",
    "metadata",
    "locale",
    "subscription_data",
    "payment_intent_data",
    "discounts",
    "allow_promotion_codes",
    "payment_method_collection",
    "expires_at",
    "customer_creation",
    "invoice_creation",
    "currency",
    "ui_mode",
    # accepted and without effect here
    "payment_method_types",
    "billing_address_collection",
    "customer_update",
    "submit_type",
    "custom_text",
    "phone_number_collection",
    "tax_id_collection",
    "payment_method_options",
    "saved_payment_method_options",
)


@route("POST", "/v1/checkout/sessions")
def create_session(ctx: Context) -> Json:
    p = ctx.params
    p.only(_KNOWN)
    mode = p.choice("mode", ("payment", "subscription"), "payment") or ""
    p.choice("ui_mode", ("hosted_page", "hosted"))
    p.require("success_url")
    if p.text("customer") and p.text("customer_email"):
        raise invalid_parameter(
            "customer_email", "You may only specify one of these parameters: customer, customer_email."
        )
    customer = p.text("customer")
    if customer:
        ctx.reference("customer", customer, "customer")
    if p.boolean("allow_promotion_codes", False) and p.children("discounts"):
        raise invalid_parameter(
            "discounts", "You may only specify one of these parameters: allow_promotion_codes, discounts."
        )
    lines = [_line(ctx, entry) for entry in p.children("line_items")]
    _check_lines(lines, mode)
    now, id_ = ctx.now(), new_id("cs_test", 58)
    session = {
        **_echo(p, mode, customer),
        "id": id_,
        "object": "checkout.session",
        "created": now,
        "livemode": False,
        "currency": lines[0]["price"]["currency"],
        "expires_at": p.integer("expires_at", now + DAY),
        "url": f"{ctx.base_url}/c/pay/{id_}",
        "_lines": lines,
        "_data": _data(ctx, p, customer, mode),
    }
    amount = sum(entry["price"]["unit_amount"] * entry["quantity"] for entry in lines)
    session["_coupons"] = subscriptions.read_coupons(ctx, p, customer, amount)
    return ctx.create(with_totals(ctx, session))


def _line(ctx: Context, p: Params) -> Json:
    p.only(("price", "price_data", "quantity", "adjustable_quantity"))
    if "price_data" in p:
        data = p.child("price_data")
        data.only(("currency", "unit_amount", "product", "product_data", "recurring", "tax_behavior"))
        if "product_data" in data:
            product = ctx.create(
                catalog.build_product(ctx, data.child("product_data"), active=False), "product.created"
            )["id"]
        else:
            data.require("product")
            product = ctx.reference("product", data.text("product") or "", data.name("product"))["id"]
        price = ctx.create(catalog.build_price(ctx, data, product, active=False), "price.created")
    else:
        p.require("price")
        price = ctx.reference("price", p.text("price") or "", p.name("price"))
        if not price["active"]:
            raise invalid_parameter(p.name("price"), "The price specified is inactive.")
    quantity = p.integer("quantity", 1) or 0
    if quantity < 1:
        raise invalid_parameter(p.name("quantity"), "This value must be greater than or equal to 1.")
    return {"price": price, "quantity": quantity, "id": new_id("li")}


def _check_lines(lines: list[Json], mode: str) -> None:
    if not lines:
        raise invalid_parameter("line_items", "Missing required param: line_items.", "parameter_missing")
    recurring = [entry["price"] for entry in lines if entry["price"]["recurring"]]
    if mode == "subscription" and not recurring:
        raise invalid_parameter("line_items", "You must provide at least one recurring price in `subscription` mode.")
    if mode == "payment" and recurring:
        raise invalid_parameter("line_items", "You must not provide recurring prices in `payment` mode.")
    if recurring:
        billing.check_together(recurring)
    if len({entry["price"]["currency"] for entry in lines}) > 1:
        raise invalid_parameter("line_items", "All prices must have the same currency.")


def _data(ctx: Context, p: Params, customer: str | None, mode: str) -> Json:
    """What the parameters ask to happen once the session completes."""
    if mode == "payment":
        if "subscription_data" in p:
            raise invalid_parameter("subscription_data", "You can not pass `subscription_data` in `payment` mode.")
        intent = p.child("payment_intent_data")
        intent.only(("description", "metadata", "receipt_email", "setup_future_usage", "statement_descriptor"))
        creation = p.child("invoice_creation")
        creation.only(("enabled", "invoice_data"))
        return {
            "metadata": intent.metadata(),
            "description": intent.text("description"),
            "save_card": intent.text("setup_future_usage") is not None,
            "invoice": bool(creation.boolean("enabled", False)),
        }
    data = p.child("subscription_data")
    data.only(("trial_period_days", "trial_end", "trial_settings", "metadata", "description"))
    subscriptions.read_trial(ctx, data, customer)
    return {
        "metadata": data.metadata(),
        "description": data.text("description"),
        "trial_days": data.integer("trial_period_days"),
        "trial_end": data.integer("trial_end"),
        "missing_method": subscriptions.read_missing_method(data),
    }


def _echo(p: Params, mode: str, customer: str | None) -> Json:
    creation = "always" if mode == "subscription" else "if_required"
    return {
        "allow_promotion_codes": p.boolean("allow_promotion_codes"),
        "automatic_tax": {"enabled": False},
        "billing_address_collection": p.text("billing_address_collection"),
        "cancel_url": p.text("cancel_url"),
        "client_reference_id": p.text("client_reference_id"),
        "client_secret": None,
        "consent": None,
        "custom_fields": [],
        "custom_text": {"after_submit": None, "submit": None},
        "customer": customer,
        "customer_creation": None if customer else p.choice("customer_creation", ("always", "if_required"), creation),
        "customer_details": None,
        "customer_email": p.text("customer_email"),
        "invoice": None,
        "locale": p.text("locale"),
        "metadata": p.metadata(),
        "mode": mode,
        "payment_intent": None,
        "payment_link": None,
        "payment_status": "unpaid",
        "payment_method_types": ["card"],
        "setup_intent": None,
        "payment_method_collection": p.choice("payment_method_collection", ("always", "if_required"), "always"),
        "shipping_options": [],
        "status": "open",
        "submit_type": p.text("submit_type"),
        "subscription": None,
        "success_url": p.text("success_url"),
        "ui_mode": "hosted_page",
    }


def trial_end(ctx: Context, session: Json) -> int | None:
    days = session["_data"].get("trial_days")
    return session["_data"].get("trial_end") or (ctx.now(session["customer"]) + days * DAY if days else None)


def with_totals(ctx: Context, session: Json) -> Json:
    """Work out what is due now: recurring prices cost nothing yet while there is a trial."""
    trial = session["mode"] == "subscription" and trial_end(ctx, session) is not None
    subtotal = sum(
        entry["price"]["unit_amount"] * entry["quantity"]
        for entry in session["_lines"]
        if not (trial and entry["price"]["recurring"])
    )
    left = subtotal
    for coupon, _ in session["_coupons"]:
        left -= catalog.discount_amount(ctx.load("coupon", coupon), left)
    return session | {
        "amount_subtotal": subtotal,
        "amount_total": left,
        "discounts": [
            {"coupon": None if code else coupon, "promotion_code": code} for coupon, code in session["_coupons"]
        ],
        "total_details": {"amount_discount": subtotal - left, "amount_shipping": 0, "amount_tax": 0},
    }


def apply_code(ctx: Context, session: Json, code: str) -> Json:
    """Apply a promotion code the customer has typed; raises an ApiError that says why not."""
    promotion = catalog.find_promotion_code(ctx, code)
    if promotion is None:
        raise invalid_parameter("promotion_code", "This code is invalid.")
    coupon = ctx.load("coupon", promotion["promotion"]["coupon"])
    amount = sum(entry["price"]["unit_amount"] * entry["quantity"] for entry in session["_lines"])
    problem = catalog.coupon_problem(ctx, coupon, promotion, session["customer"], amount)
    if problem:
        raise invalid_parameter("promotion_code", problem)
    return ctx.store.put(with_totals(ctx, session | {"_coupons": [(coupon["id"], promotion["id"])]}))


def complete(
    ctx: Context, session: Json, *, email: str | None, name: str | None, number: str | None, expiry: tuple[int, int]
) -> Json:
    """Pay: create the customer, save the card, start the subscription or collect the payment."""
    customer = session["customer"]
    email = email or session["customer_email"]
    if not customer and (session["mode"] == "subscription" or session["customer_creation"] == "always"):
        customer = customers.new_customer(ctx, email=email, name=name)["id"]
    method = None
    if number:
        method = customers.new_method(ctx, number, name=name, email=email, exp_month=expiry[0], exp_year=expiry[1])
    session = session | {"customer": customer}
    finish = _subscribe if session["mode"] == "subscription" else _pay_once
    changes = finish(ctx, session, method)
    owner = ctx.load("customer", customer) if customer else {}
    total = session["amount_total"]
    session = ctx.change(
        session["id"],
        None,
        status="complete",
        customer=customer,
        url=None,
        payment_status="paid" if total else "no_payment_required",
        customer_details={
            "address": None,
            "email": email or owner.get("email"),
            "name": name or owner.get("name"),
            "phone": None,
            "tax_exempt": "none",
            "tax_ids": [],
        },
        **changes,
    )
    ctx.emit("checkout.session.completed", session)
    return session


def _subscribe(ctx: Context, session: Json, method: Json | None) -> Json:
    data, customer = session["_data"], session["customer"]
    if method:
        customers.attach(ctx, method["id"], customer, "payment_method")
    entries = [(entry["price"], entry["quantity"]) for entry in session["_lines"]]
    subscription = billing.start(
        ctx,
        customer=customer,
        entries=[e for e in entries if e[0]["recurring"]],
        extras=[e for e in entries if not e[0]["recurring"]],
        trial_end=trial_end(ctx, session),
        missing_method=data["missing_method"],
        method=method["id"] if method else None,
        metadata=data["metadata"],
        description=data["description"],
        coupons=[tuple(pair) for pair in session["_coupons"]],
        session=session["id"],
        behavior="error_if_incomplete",
    )
    return {"subscription": subscription["id"], "invoice": subscription["latest_invoice"]}


def _pay_once(ctx: Context, session: Json, method: Json | None) -> Json:
    data, customer, total = session["_data"], session["customer"], session["amount_total"]
    discounts = [
        catalog.redeem(ctx, coupon, code, customer=customer, subscription=None, session=session["id"])["id"]
        for coupon, code in session["_coupons"]
    ]
    if method and customer and data["save_card"]:
        customers.attach(ctx, method["id"], customer, "payment_method")
    if not total:
        return {}
    intent = payments.new_intent(
        ctx,
        amount=total,
        currency=session["currency"],
        customer=customer,
        description=data["description"],
        metadata=data["metadata"],
    )
    decline = payments.charge(ctx, intent["id"], method)
    if decline:
        raise card_declined(decline, commit=False)
    return {
        "payment_intent": intent["id"],
        "invoice": _receipt(ctx, session, intent, discounts) if data["invoice"] else None,
    }


def _receipt(ctx: Context, session: Json, intent: Json, discounts: list[str]) -> str | None:
    """The paid invoice of a one-time payment that asked for one."""
    if not session["customer"]:
        return None
    at = ctx.now(session["customer"])
    lines = [invoices.price_line(ctx, e["price"], e["quantity"], (at, at)) for e in session["_lines"]]
    invoice = invoices.draft(
        ctx,
        customer=session["customer"],
        lines=lines,
        reason="manual",
        currency=session["currency"],
        discounts=discounts,
    )
    invoice = invoices.finalize(ctx, invoice["id"], use_balance=False)
    invoice = ctx.change(
        invoice["id"],
        None,
        status="paid",
        amount_paid=invoice["amount_due"],
        amount_remaining=0,
        attempted=True,
        attempt_count=1,
        _payment_intent=intent["id"],
        status_transitions={**invoice["status_transitions"], "paid_at": at},
    )
    ctx.emit("invoice.paid", invoice)
    ctx.emit("invoice.payment_succeeded", invoice)
    return str(invoice["id"])


@route("POST", "/v1/checkout/sessions/{id}/expire")
def expire_session(ctx: Context, id: str) -> Json:
    ctx.params.only(())
    session = ctx.load("checkout.session", id)
    if session["status"] != "open":
        raise ApiError(400, 'Only Checkout Sessions with a status in ["open"] can be expired.')
    return expire(ctx, id)


def expire(ctx: Context, id_: str) -> Json:
    session = ctx.change(id_, None, status="expired", url=None)
    ctx.emit("checkout.session.expired", session)
    return session


def expiries(ctx: Context) -> list[tuple[int, Callable[[Context], None]]]:
    def at_end(id_: str) -> Callable[[Context], None]:
        def run(ctx: Context) -> None:
            expire(ctx, id_)

        return run

    return [(s["expires_at"], at_end(s["id"])) for s in ctx.store.all("checkout.session") if s["status"] == "open"]


@route("GET", "/v1/checkout/sessions/{id}/line_items")
def list_line_items(ctx: Context, id: str) -> Json:
    ctx.params.only(("limit", "starting_after", "ending_before"))
    return _line_items(ctx, ctx.load("checkout.session", id))


def _line_items(ctx: Context, session: Json) -> Json:
    data = []
    for entry in session["_lines"]:
        price, amount = entry["price"], entry["price"]["unit_amount"] * entry["quantity"]
        product = ctx.store.get(price["product"]) or {}
        data.append(
            {
                "id": entry["id"],
                "object": "item",
                "amount_discount": 0,
                "amount_subtotal": amount,
                "amount_tax": 0,
                "amount_total": amount,
                "currency": price["currency"],
                "description": product.get("name"),
                "metadata": {},
                "price": price,
                "quantity": entry["quantity"],
            }
        )
    return list_object(f"/v1/checkout/sessions/{session['id']}/line_items", data)


VIRTUAL["checkout.session", "line_items"] = _line_items
readable("checkout.session", "/v1/checkout/sessions", filters=("customer", "subscription", "payment_intent", "status"))
