"""Products, prices, coupons and promotion codes."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from .context import Context, created_within, new_id, page
from .errors import ApiError, invalid_parameter
from .forms import Params
from .periods import add_interval
from .routing import readable, route
from .store import Json

INTERVALS = ("day", "week", "month", "year")
_PRODUCT_FIELDS = (
    "name",
    "description",
    "active",
    "metadata",
    "default_price_data",
    "id",
    "default_price",
    "statement_descriptor",
    "tax_code",
    "unit_label",
    "images",
    "url",
)


@route("POST", "/v1/products")
def create_product(ctx: Context) -> Json:
    p = ctx.params
    p.only(_PRODUCT_FIELDS)
    p.require("name")
    product = build_product(ctx, p, id_=p.text("id"))
    ctx.create(product, "product.created")
    if "default_price_data" in p:
        price = build_price(ctx, p.child("default_price_data"), product["id"])
        ctx.create(price, "price.created")
        product = ctx.change(product["id"], None, default_price=price["id"])
    return product


def build_product(ctx: Context, p: Params, *, id_: str | None = None, active: bool = True) -> Json:
    if id_ and ctx.store.get(id_):
        raise ApiError(400, f"Product already exists: {id_}", code="resource_already_exists", param="id")
    now = ctx.now()
    return {
        "id": id_ or new_id("prod", 14),
        "object": "product",
        "active": p.boolean("active", active),
        "created": now,
        "default_price": None,
        "description": p.text("description"),
        "images": p.texts("images"),
        "livemode": False,
        "marketing_features": [],
        "metadata": p.metadata(),
        "name": p.text("name"),
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": p.text("statement_descriptor"),
        "tax_code": p.text("tax_code"),
        "type": "service",
        "unit_label": p.text("unit_label"),
        "updated": now,
        "url": p.text("url"),
    }


@route("POST", "/v1/products/{id}")
def update_product(ctx: Context, id: str) -> Json:
    product, p = ctx.load("product", id), ctx.params
    p.only(_PRODUCT_FIELDS)
    changes: Json = {"metadata": p.metadata(product["metadata"]), "active": p.boolean("active", product["active"])}
    for name in ("name", "description", "default_price", "statement_descriptor", "unit_label", "url", "tax_code"):
        if name in p:
            changes[name] = p.text(name)
    return ctx.change(id, "product.updated", updated=ctx.now(), **changes)


@route("POST", "/v1/prices")
def create_price(ctx: Context) -> Json:
    p = ctx.params
    p.only(
        (
            "currency",
            "unit_amount",
            "recurring",
            "product",
            "product_data",
            "lookup_key",
            "transfer_lookup_key",
            "nickname",
            "metadata",
            "active",
            "tax_behavior",
            "billing_scheme",
        )
    )
    p.require("currency", "unit_amount")
    if "product_data" in p:
        product = ctx.create(build_product(ctx, p.child("product_data")), "product.created")
    else:
        p.require("product")
        product = ctx.reference("product", p.text("product") or "", "product")
    price = build_price(ctx, p, product["id"])
    _claim_lookup_key(ctx, price["lookup_key"], take=bool(p.boolean("transfer_lookup_key", False)))
    return ctx.create(price, "price.created")


def build_price(ctx: Context, p: Params, product: str, *, active: bool = True) -> Json:
    p.require("currency", "unit_amount")
    amount = p.integer("unit_amount")
    if amount is None or amount < 0:
        raise invalid_parameter(p.name("unit_amount"), "Invalid non-negative integer", "parameter_invalid_integer")
    recurring = _recurring(p.child("recurring")) if "recurring" in p else None
    p.choice("billing_scheme", ("per_unit",))
    return {
        "id": new_id("price"),
        "object": "price",
        "active": p.boolean("active", active),
        "billing_scheme": "per_unit",
        "created": ctx.now(),
        "currency": (p.text("currency") or "").lower(),
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": p.text("lookup_key"),
        "metadata": p.metadata(),
        "nickname": p.text("nickname"),
        "product": product,
        "recurring": recurring,
        "tax_behavior": p.text("tax_behavior", "unspecified"),
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring" if recurring else "one_time",
        "unit_amount": amount,
        "unit_amount_decimal": str(amount),
    }


def _recurring(p: Params) -> Json:
    p.only(("interval", "interval_count", "usage_type"))
    p.require("interval")
    p.choice("usage_type", ("licensed",))
    return {
        "interval": p.choice("interval", INTERVALS),
        "interval_count": p.integer("interval_count", 1),
        "meter": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }


def _claim_lookup_key(ctx: Context, key: str | None, *, take: bool, owner: str = "") -> None:
    if not key:
        return
    for other in ctx.store.all("price"):
        if other["lookup_key"] == key and other["id"] != owner:
            if not take:
                raise invalid_parameter(
                    "lookup_key", f"A price (`{other['id']}`) already uses that lookup key.", "resource_already_exists"
                )
            ctx.change(other["id"], "price.updated", lookup_key=None)


@route("POST", "/v1/prices/{id}")
def update_price(ctx: Context, id: str) -> Json:
    price, p = ctx.load("price", id), ctx.params
    p.only(("active", "lookup_key", "transfer_lookup_key", "metadata", "nickname", "tax_behavior"))
    changes: Json = {"active": p.boolean("active", price["active"]), "metadata": p.metadata(price["metadata"])}
    for name in ("lookup_key", "nickname"):
        if name in p:
            changes[name] = p.text(name)
    if "lookup_key" in p:
        _claim_lookup_key(ctx, changes["lookup_key"], take=bool(p.boolean("transfer_lookup_key", False)), owner=id)
    return ctx.change(id, "price.updated", **changes)


@route("GET", "/v1/prices")
def list_prices(ctx: Context) -> Json:
    p = ctx.params
    p.only(
        (
            "limit",
            "starting_after",
            "ending_before",
            "created",
            "lookup_keys",
            "active",
            "product",
            "type",
            "currency",
            "recurring",
        )
    )
    items = ctx.store.all("price")
    if "lookup_keys" in p:
        keys = set(p.texts("lookup_keys"))
        items = [price for price in items if price["lookup_key"] in keys]
    if "active" in p:
        items = [price for price in items if price["active"] == p.boolean("active")]
    for name in ("product", "type", "currency"):
        if name in p:
            items = [price for price in items if price[name] == p.text(name)]
    interval = p.child("recurring").text("interval")
    if interval:
        items = [price for price in items if price["recurring"] and price["recurring"]["interval"] == interval]
    return page(ctx, "/v1/prices", created_within(ctx, items))


@route("POST", "/v1/coupons")
def create_coupon(ctx: Context) -> Json:
    p = ctx.params
    p.only(
        (
            "id",
            "percent_off",
            "amount_off",
            "currency",
            "duration",
            "duration_in_months",
            "name",
            "max_redemptions",
            "redeem_by",
            "metadata",
        )
    )
    if ("percent_off" in p) == ("amount_off" in p):
        raise invalid_parameter("percent_off", "You must pass exactly one of percent_off and amount_off.")
    duration = p.choice("duration", ("forever", "once", "repeating"), "once")
    if duration == "repeating":
        p.require("duration_in_months")
    if "amount_off" in p:
        p.require("currency")
    id_ = p.text("id") or new_id("", 8).lstrip("_")
    if ctx.store.get(id_):
        raise ApiError(400, "Coupon already exists.", code="resource_already_exists", param="id")
    coupon = {
        "id": id_,
        "object": "coupon",
        "amount_off": p.integer("amount_off"),
        "created": ctx.now(),
        "currency": (p.text("currency") or "").lower() or None,
        "duration": duration,
        "duration_in_months": p.integer("duration_in_months"),
        "livemode": False,
        "max_redemptions": p.integer("max_redemptions"),
        "metadata": p.metadata(),
        "name": p.text("name"),
        "percent_off": _percent(p),
        "redeem_by": p.integer("redeem_by"),
        "times_redeemed": 0,
        "valid": True,
    }
    return ctx.create(coupon, "coupon.created")


def _percent(p: Params) -> float | None:
    value = p.text("percent_off")
    if value is None:
        return None
    try:
        percent = Decimal(value)
    except InvalidOperation:
        percent = Decimal(0)
    if not 0 < percent <= 100:
        raise invalid_parameter("percent_off", "percent_off must be greater than 0 and at most 100.")
    return float(percent)


@route("DELETE", "/v1/coupons/{id}")
def delete_coupon(ctx: Context, id: str) -> Json:
    coupon = ctx.load("coupon", id)
    ctx.store.delete(id)
    ctx.emit("coupon.deleted", coupon)
    return {"id": id, "object": "coupon", "deleted": True}


@route("POST", "/v1/promotion_codes")
def create_promotion_code(ctx: Context) -> Json:
    p = ctx.params
    p.only(("promotion", "code", "active", "customer", "expires_at", "max_redemptions", "metadata", "restrictions"))
    promotion = p.child("promotion")
    promotion.only(("type", "coupon"))
    promotion.require("type", "coupon")
    coupon = ctx.reference("coupon", promotion.text("coupon") or "", "promotion[coupon]")
    code = p.text("code") or new_id("", 8).lstrip("_").upper()
    if find_promotion_code(ctx, code):
        raise invalid_parameter("code", "An active promotion code with this code already exists.")
    rules = p.child("restrictions")
    rules.only(("first_time_transaction", "minimum_amount", "minimum_amount_currency"))
    obj = {
        "id": new_id("promo"),
        "object": "promotion_code",
        "active": p.boolean("active", True),
        "code": code,
        "created": ctx.now(),
        "customer": p.text("customer"),
        "customer_account": None,
        "expires_at": p.integer("expires_at"),
        "livemode": False,
        "max_redemptions": p.integer("max_redemptions"),
        "metadata": p.metadata(),
        "promotion": {"coupon": coupon["id"], "type": "coupon"},
        "restrictions": {
            "first_time_transaction": rules.boolean("first_time_transaction", False),
            "minimum_amount": rules.integer("minimum_amount"),
            "minimum_amount_currency": rules.text("minimum_amount_currency"),
        },
        "times_redeemed": 0,
    }
    return ctx.create(obj, "promotion_code.created")


@route("POST", "/v1/promotion_codes/{id}")
def update_promotion_code(ctx: Context, id: str) -> Json:
    code, p = ctx.load("promotion_code", id), ctx.params
    p.only(("active", "metadata"))
    return ctx.change(
        id, "promotion_code.updated", active=p.boolean("active", code["active"]), metadata=p.metadata(code["metadata"])
    )


def find_promotion_code(ctx: Context, code: str) -> Json | None:
    wanted = code.strip().lower()
    return next((c for c in ctx.store.all("promotion_code") if c["active"] and c["code"].lower() == wanted), None)


def coupon_problem(ctx: Context, coupon: Json, promotion: Json | None, customer: str | None, amount: int) -> str | None:
    """Why a coupon cannot be redeemed now, or None."""
    now = ctx.now(customer)
    for limited in (coupon, promotion or {}):
        limit = limited.get("max_redemptions")
        if limit is not None and limited["times_redeemed"] >= limit:
            return "This code has been redeemed too often."
    if coupon["redeem_by"] and coupon["redeem_by"] < now:
        return "This code is expired."
    if not promotion:
        return None
    if not promotion["active"] or (promotion["expires_at"] and promotion["expires_at"] < now):
        return "This code is expired."
    if promotion["customer"] and promotion["customer"] != customer:
        return "This code is not valid for this customer."
    if (promotion["restrictions"]["minimum_amount"] or 0) > amount:
        return "The order is below the minimum amount of this code."
    if promotion["restrictions"]["first_time_transaction"] and customer:
        paid = (i["amount_paid"] > 0 for i in ctx.store.all("invoice", customer=customer))
        if any(paid):
            return "This code is for first orders only."
    return None


def redeem(
    ctx: Context,
    coupon_id: str,
    promotion_id: str | None,
    *,
    customer: str | None,
    subscription: str | None,
    session: str | None = None,
) -> Json:
    """Turn a coupon into a discount of one subscription (or one payment)."""
    coupon = ctx.load("coupon", coupon_id)
    ctx.change(coupon_id, None, times_redeemed=coupon["times_redeemed"] + 1)
    if promotion_id:
        code = ctx.load("promotion_code", promotion_id)
        ctx.change(promotion_id, None, times_redeemed=code["times_redeemed"] + 1)
    start = ctx.now(customer)
    months = coupon["duration_in_months"]
    discount = {
        "id": new_id("di"),
        "object": "discount",
        "checkout_session": session,
        "customer": customer,
        "customer_account": None,
        "end": add_interval(start, "month", months) if coupon["duration"] == "repeating" else None,
        "invoice": None,
        "invoice_item": None,
        "promotion_code": promotion_id,
        "source": {"coupon": coupon_id, "type": "coupon"},
        "start": start,
        "subscription": subscription,
        "subscription_item": None,
        "_coupon": coupon,
    }
    return ctx.create(discount, "customer.discount.created" if customer else None)


def discount_amount(coupon: Json, amount: int) -> int:
    if coupon["percent_off"] is not None:
        share = Decimal(amount) * Decimal(str(coupon["percent_off"])) / 100
        return int(share.to_integral_value(ROUND_HALF_UP))
    return min(int(coupon["amount_off"]), max(amount, 0))


readable("product", "/v1/products", filters=("active",))
readable("coupon", "/v1/coupons")
readable("promotion_code", "/v1/promotion_codes", filters=("code", "active", "customer"))
readable("price", "/v1/prices", listing=False)
