"""Customers and their payment methods."""

from __future__ import annotations

from .context import VIRTUAL, Context, list_object, new_id, page
from .errors import ApiError, invalid_parameter, missing_parameter
from .forms import Params
from .routing import readable, route
from .store import Json

# number -> (brand, decline code of a charge, whether the card can be saved at all)
CARDS: dict[str, tuple[str, str | None, bool]] = {
    "4242424242424242": ("visa", None, True),
    "5555555555554444": ("mastercard", None, True),
    "6200000000000005": ("unionpay", None, True),
    "4000000000000002": ("visa", "generic_decline", False),
    "4000000000009995": ("visa", "insufficient_funds", False),
    "4000000000000341": ("visa", "generic_decline", True),
}
_NAMED = {
    "visa": "4242424242424242",
    "mastercard": "5555555555554444",
    "unionpay": "6200000000000005",
    "chargeDeclined": "4000000000000002",
    "chargeDeclinedInsufficientFunds": "4000000000009995",
    "chargeCustomerFail": "4000000000000341",
}
_ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")
_FIELDS = (
    "name",
    "email",
    "phone",
    "description",
    "address",
    "metadata",
    "preferred_locales",
    "invoice_settings",
    "tax_exempt",
    "balance",
    "invoice_prefix",
    "business_name",
    "individual_name",
)


def address(p: Params) -> Json | None:
    return {name: p.text(name) for name in _ADDRESS} if p.data else None


@route("POST", "/v1/customers")
def create_customer(ctx: Context) -> Json:
    p = ctx.params
    p.only((*_FIELDS, "payment_method", "test_clock"))
    clock = p.text("test_clock")
    if clock:
        ctx.reference("test_helpers.test_clock", clock, "test_clock")
    customer = new_customer(ctx, email=p.text("email"), name=p.text("name"), clock=clock, p=p)
    method = p.text("payment_method")
    if method:
        attach(ctx, method, customer["id"], "payment_method")
        customer = ctx.change(customer["id"], None, **_settings(ctx, p, customer))
    return customer


def new_customer(
    ctx: Context, *, email: str | None, name: str | None, clock: str | None = None, p: Params | None = None
) -> Json:
    p = p or Params({})
    created = ctx.load("test_helpers.test_clock", clock)["frozen_time"] if clock else ctx.now()
    customer = {
        "id": new_id("cus", 14),
        "object": "customer",
        "address": address(p.child("address")),
        "balance": p.integer("balance", 0),
        "business_name": p.text("business_name"),
        "created": created,
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": p.text("description"),
        "discount": None,
        "email": email,
        "individual_name": p.text("individual_name"),
        "invoice_prefix": p.text("invoice_prefix") or new_id("", 8).lstrip("_").upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": p.metadata(),
        "name": name,
        "next_invoice_sequence": 1,
        "phone": p.text("phone"),
        "preferred_locales": p.texts("preferred_locales"),
        "shipping": None,
        "tax_exempt": p.text("tax_exempt", "none"),
        "test_clock": clock,
    }
    return ctx.create(customer, "customer.created")


@route("POST", "/v1/customers/{id}")
def update_customer(ctx: Context, id: str) -> Json:
    customer, p = _living(ctx, id), ctx.params
    p.only(_FIELDS)
    changes: Json = {"metadata": p.metadata(customer["metadata"]), **_settings(ctx, p, customer)}
    for name in (
        "name",
        "email",
        "phone",
        "description",
        "tax_exempt",
        "invoice_prefix",
        "business_name",
        "individual_name",
    ):
        if name in p:
            changes[name] = p.text(name)
    if "address" in p:
        changes["address"] = address(p.child("address"))
    if "preferred_locales" in p:
        changes["preferred_locales"] = p.texts("preferred_locales")
    if "balance" in p:
        changes["balance"] = p.integer("balance", 0)
    return ctx.change(id, "customer.updated", **changes)


def _settings(ctx: Context, p: Params, customer: Json) -> Json:
    sent = p.child("invoice_settings")
    sent.only(("default_payment_method", "footer", "custom_fields"))
    settings = dict(customer["invoice_settings"])
    if "default_payment_method" in sent:
        method = sent.text("default_payment_method")
        settings["default_payment_method"] = owned_method(ctx, method, customer["id"]) if method else None
    if "footer" in sent:
        settings["footer"] = sent.text("footer")
    return {"invoice_settings": settings}


def _living(ctx: Context, id_: str) -> Json:
    customer = ctx.load("customer", id_)
    if customer.get("deleted"):
        raise ApiError(404, f"No such customer: '{id_}'", code="resource_missing", param="id")
    return customer


@route("DELETE", "/v1/customers/{id}")
def delete_customer(ctx: Context, id: str) -> Json:
    from .collection import cancel_now

    customer = _living(ctx, id)
    for subscription in ctx.store.all("subscription", customer=id):
        if subscription["status"] not in ("canceled", "incomplete_expired"):
            cancel_now(ctx, subscription["id"], reason="cancellation_requested")
    ctx.emit("customer.deleted", customer)
    return ctx.store.put({"id": id, "object": "customer", "deleted": True})


@route("POST", "/v1/payment_methods")
def create_payment_method(ctx: Context) -> Json:
    p = ctx.params
    p.only(("type", "card", "billing_details", "metadata"))
    p.require("type", "card")
    p.choice("type", ("card",))
    card = p.child("card")
    card.only(("token", "number", "exp_month", "exp_year", "cvc"))
    token = card.text("token")
    number = _NAMED.get(token.removeprefix("tok_"), "") if token else card.text("number")
    if not number:
        raise missing_parameter("card[number]")
    return new_method(
        ctx,
        number,
        exp_month=card.integer("exp_month", 12) or 12,
        exp_year=card.integer("exp_year", 2040) or 2040,
        metadata=p.metadata(),
    )


def new_method(
    ctx: Context,
    number: str,
    *,
    exp_month: int = 12,
    exp_year: int = 2040,
    name: str | None = None,
    email: str | None = None,
    customer: str | None = None,
    metadata: dict[str, str] | None = None,
) -> Json:
    number = number.replace(" ", "")
    if number not in CARDS:
        raise ApiError(
            402, "Your card number is incorrect.", type="card_error", code="incorrect_number", param="number"
        )
    brand, decline, _ = CARDS[number]
    return ctx.create(
        {
            "id": new_id("pm"),
            "object": "payment_method",
            "allow_redisplay": "unspecified",
            "billing_details": {"address": dict.fromkeys(_ADDRESS), "email": email, "name": name, "phone": None},
            "card": {
                "brand": brand,
                "country": "US",
                "exp_month": exp_month,
                "exp_year": exp_year,
                "funding": "credit",
                "last4": number[-4:],
                "display_brand": brand,
                "fingerprint": f"fp{number[-8:]}",
            },
            "created": ctx.now(customer),
            "customer": customer,
            "livemode": False,
            "metadata": metadata or {},
            "type": "card",
            "_decline": decline,
            "_savable": CARDS[number][2],
        },
        "payment_method.attached" if customer else None,
    )


@route("POST", "/v1/payment_methods/{id}/attach")
def attach_payment_method(ctx: Context, id: str) -> Json:
    ctx.params.only(("customer",))
    ctx.params.require("customer")
    customer = ctx.reference("customer", ctx.params.text("customer") or "", "customer")
    return attach(ctx, id, customer["id"], "payment_method")


def attach(ctx: Context, id_: str, customer: str, param: str) -> Json:
    """Attach a method; the shared test ids (``pm_card_visa``) give the customer a card of its own."""
    name = id_.removeprefix("pm_card_")
    if id_.startswith("pm_card_") and name in _NAMED:
        brand_number = _NAMED[name]
        if not CARDS[brand_number][2]:
            raise _refused(CARDS[brand_number][1])
        return new_method(ctx, brand_number, customer=customer)
    method = ctx.reference("payment_method", id_, param)
    if method["customer"] == customer:
        return method
    if method["customer"]:
        raise invalid_parameter(param, "The payment method you provided has already been attached to a customer.")
    if not method["_savable"]:
        raise _refused(method["_decline"])
    method = ctx.change(id_, None, customer=customer)
    ctx.emit("payment_method.attached", method)
    return method


def _refused(decline: str | None) -> ApiError:
    return ApiError(
        402,
        "Your card was declined.",
        type="card_error",
        code="card_declined",
        decline_code=decline or "generic_decline",
    )


def owned_method(ctx: Context, id_: str, customer: str, param: str = "default_payment_method") -> str:
    """The id of a method the customer may be charged with."""
    if id_.startswith("pm_card_"):
        return str(attach(ctx, id_, customer, param)["id"])
    method = ctx.reference("payment_method", id_, param)
    if method["customer"] != customer:
        raise invalid_parameter(
            param, f"The customer does not have a payment method with the ID {id_}.", "resource_missing"
        )
    return id_


@route("POST", "/v1/payment_methods/{id}/detach")
def detach_payment_method(ctx: Context, id: str) -> Json:
    method = ctx.load("payment_method", id)
    owner = ctx.store.get(method["customer"]) if method["customer"] else None
    if owner and owner["invoice_settings"]["default_payment_method"] == id:
        settings = {**owner["invoice_settings"], "default_payment_method": None}
        ctx.change(owner["id"], "customer.updated", invoice_settings=settings)
    method = ctx.change(id, None, customer=None)
    ctx.emit("payment_method.detached", method, {"customer": owner["id"] if owner else None})
    return method


@route("GET", "/v1/customers/{id}/payment_methods")
def list_customer_methods(ctx: Context, id: str) -> Json:
    _living(ctx, id)
    ctx.params.only(("limit", "starting_after", "ending_before", "type"))
    return page(ctx, f"/v1/customers/{id}/payment_methods", ctx.store.all("payment_method", customer=id))


def _subscriptions(ctx: Context, customer: Json) -> Json:
    mine = ctx.store.all("subscription", customer=customer["id"])
    living = [s for s in mine if s["status"] not in ("canceled", "incomplete_expired")]
    return list_object(f"/v1/customers/{customer['id']}/subscriptions", living)


VIRTUAL["customer", "subscriptions"] = _subscriptions
readable("customer", "/v1/customers", filters=("email", "test_clock"))
readable("payment_method", "/v1/payment_methods", filters=("customer", "type"))
