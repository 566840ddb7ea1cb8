"""Invoices as documents: lines, discounts, customer balance, numbering, finalising, and the read calls.

An invoice goes draft → open → paid | void | uncollectible. Money is collected in ``collection``.
"""

from __future__ import annotations

from .catalog import discount_amount
from .context import VIRTUAL, Context, created_within, list_object, new_id, page
from .errors import ApiError
from .routing import readable, route
from .store import Json


def line(
    *,
    price: Json,
    quantity: int,
    amount: int,
    description: str,
    period: tuple[int, int],
    subscription: str | None,
    item: str | None,
    proration: bool = False,
) -> Json:
    parent = None
    if item:
        parent = {
            "invoice_item_details": None,
            "type": "subscription_item_details",
            "subscription_item_details": {
                "invoice_item": None,
                "proration": proration,
                "proration_details": {"credited_items": None},
                "subscription": subscription,
                "subscription_item": item,
            },
        }
    return {
        "id": new_id("il"),
        "object": "line_item",
        "amount": amount,
        "currency": price["currency"],
        "description": description,
        "discount_amounts": [],
        "discountable": not proration,
        "discounts": [],
        "livemode": False,
        "metadata": {},
        "parent": parent,
        "period": {"start": period[0], "end": period[1]},
        "pretax_credit_amounts": [],
        "quantity": quantity,
        "subscription": subscription,
        "subtotal": amount,
        "pricing": {
            "price_details": {"price": price["id"], "product": price["product"]},
            "type": "price_details",
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
        "taxes": [],
    }


def price_line(
    ctx: Context,
    price: Json,
    quantity: int,
    period: tuple[int, int],
    *,
    subscription: str | None = None,
    item: str | None = None,
) -> Json:
    product = ctx.store.get(price["product"]) or {}
    text = f"{quantity} × {product.get('name') or price['product']}"
    return line(
        price=price,
        quantity=quantity,
        amount=price["unit_amount"] * quantity,
        description=text,
        period=period,
        subscription=subscription,
        item=item,
    )


def draft(
    ctx: Context,
    *,
    customer: str | None,
    lines: list[Json],
    reason: str,
    currency: str,
    subscription: Json | None = None,
    discounts: list[str] | None = None,
    auto_advance: bool = True,
) -> Json:
    """Write a draft invoice. Discounts that apply once are used up by the first invoice with an amount."""
    at, id_ = ctx.now(customer), new_id("in")
    owner = ctx.load("customer", customer) if customer else {}
    subtotal = sum(entry["amount"] for entry in lines)
    used = _applicable(ctx, subscription["discounts"] if subscription else discounts or [], at)
    reductions, left = [], subtotal
    for discount in used:
        amount = discount_amount(discount["_coupon"], left)
        reductions.append({"amount": amount, "discount": discount["id"]})
        left -= amount
    if subscription and subtotal > 0:
        _use_up(ctx, subscription["id"], used)
    starts, ends = [entry["period"]["start"] for entry in lines], [entry["period"]["end"] for entry in lines]
    invoice = {
        "id": id_,
        "object": "invoice",
        "account_country": "US",
        "account_name": "Test account",
        "amount_due": left,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_remaining": left,
        "amount_shipping": 0,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": auto_advance,
        "automatic_tax": {"enabled": False, "status": None},
        "billing_reason": reason,
        "collection_method": "charge_automatically",
        "created": at,
        "currency": currency,
        "custom_fields": None,
        "customer": customer,
        "customer_address": owner.get("address"),
        "customer_email": owner.get("email"),
        "customer_name": owner.get("name"),
        "customer_phone": owner.get("phone"),
        "customer_tax_ids": [],
        "default_payment_method": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [discount["id"] for discount in used],
        "due_date": None,
        "effective_at": None,
        "ending_balance": None,
        "footer": None,
        "hosted_invoice_url": None,
        "invoice_pdf": None,
        "livemode": False,
        "lines": list_object(f"/v1/invoices/{id_}/lines", [{**entry, "invoice": id_} for entry in lines]),
        "metadata": {},
        "next_payment_attempt": None,
        "number": None,
        "parent": _parent(subscription),
        "period_end": max(ends, default=at),
        "period_start": min(starts, default=at),
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "receipt_number": None,
        "starting_balance": owner.get("balance", 0),
        "status": "draft",
        "status_transitions": {
            "finalized_at": None,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal,
        "test_clock": owner.get("test_clock"),
        "total": left,
        "total_discount_amounts": reductions,
        "total_excluding_tax": left,
        "total_taxes": [],
        "_payment_intent": None,
    }
    if customer and not owner["currency"]:
        ctx.change(customer, None, currency=currency)
    return ctx.create(invoice, "invoice.created")


def _parent(subscription: Json | None) -> Json | None:
    if subscription is None:
        return None
    return {
        "quote_details": None,
        "type": "subscription_details",
        "subscription_details": {"metadata": dict(subscription["metadata"]), "subscription": subscription["id"]},
    }


def _applicable(ctx: Context, ids: list[str], at: int) -> list[Json]:
    found = [ctx.load("discount", id_) for id_ in ids]
    return [discount for discount in found if not discount["end"] or discount["end"] > at]


def _use_up(ctx: Context, subscription: str, used: list[Json]) -> None:
    current = ctx.load("subscription", subscription)["discounts"]
    once = {discount["id"] for discount in used if discount["_coupon"]["duration"] == "once"}
    if once:
        ctx.change(subscription, None, discounts=[id_ for id_ in current if id_ not in once])


def finalize(ctx: Context, id_: str, *, use_balance: bool = True) -> Json:
    """Number the invoice and settle it with the customer's balance (negative: the customer has credit)."""
    invoice = ctx.load("invoice", id_)
    if invoice["status"] != "draft":
        raise ApiError(400, "This invoice is already finalized.", code="invoice_not_editable")
    at, customer = ctx.now(invoice["customer"]), invoice["customer"]
    number, start = new_id("", 8).lstrip("_").upper() + "-0001", 0
    if customer:
        owner = ctx.load("customer", customer)
        number = f"{owner['invoice_prefix']}-{owner['next_invoice_sequence']:04d}"
        ctx.change(customer, None, next_invoice_sequence=owner["next_invoice_sequence"] + 1)
        start = owner["balance"] if use_balance else 0
    due, balance = max(invoice["total"] + start, 0), min(invoice["total"] + start, 0)
    if customer and use_balance:
        ctx.change(customer, "customer.updated", balance=balance)
    invoice = ctx.change(
        id_,
        None,
        status="open",
        number=number,
        amount_due=due,
        amount_remaining=due,
        starting_balance=start,
        ending_balance=balance,
        effective_at=at,
        hosted_invoice_url=f"{ctx.base_url}/i/{id_}",
        status_transitions={**invoice["status_transitions"], "finalized_at": at},
    )
    ctx.emit("invoice.finalized", invoice)
    return invoice


@route("POST", "/v1/invoices/{id}/finalize")
def finalize_invoice(ctx: Context, id: str) -> Json:
    ctx.load("invoice", id)
    ctx.params.only(("auto_advance",))
    return finalize(ctx, id)


@route("POST", "/v1/invoices/{id}/void")
def void_invoice(ctx: Context, id: str) -> Json:
    invoice = ctx.load("invoice", id)
    if invoice["status"] not in ("open", "uncollectible"):
        raise ApiError(400, "You can only void open or uncollectible invoices.")
    return void(ctx, invoice)


def void(ctx: Context, invoice: Json) -> Json:
    at = ctx.now(invoice["customer"])
    invoice = ctx.change(
        invoice["id"],
        None,
        status="void",
        next_payment_attempt=None,
        status_transitions={**invoice["status_transitions"], "voided_at": at},
    )
    ctx.emit("invoice.voided", invoice)
    return invoice


@route("GET", "/v1/invoices")
def list_invoices(ctx: Context) -> Json:
    p = ctx.params
    p.only(("limit", "starting_after", "ending_before", "created", "customer", "subscription", "status"))
    items = ctx.store.all("invoice", customer=p.text("customer"))
    if p.text("status"):
        items = [invoice for invoice in items if invoice["status"] == p.text("status")]
    if p.text("subscription"):
        items = [invoice for invoice in items if subscription_of(invoice) == p.text("subscription")]
    return page(ctx, "/v1/invoices", created_within(ctx, items))


@route("GET", "/v1/invoices/{id}/lines")
def list_lines(ctx: Context, id: str) -> Json:
    return dict(ctx.load("invoice", id)["lines"])


def subscription_of(invoice: Json) -> str | None:
    details = (invoice["parent"] or {}).get("subscription_details") or {}
    return details.get("subscription")


def _payments(ctx: Context, invoice: Json) -> Json:
    data = []
    if invoice["_payment_intent"]:
        intent = ctx.load("payment_intent", invoice["_payment_intent"])
        paid = intent["status"] == "succeeded"
        data.append(
            {
                "id": "inpay_" + intent["id"].removeprefix("pi_"),
                "object": "invoice_payment",
                "amount_paid": intent["amount"] if paid else None,
                "amount_requested": intent["amount"],
                "created": intent["created"],
                "currency": intent["currency"],
                "invoice": invoice["id"],
                "is_default": True,
                "livemode": False,
                "status": "paid" if paid else "open",
                "payment": {"payment_intent": intent["id"], "type": "payment_intent"},
                "status_transitions": {"canceled_at": None, "paid_at": intent["created"] if paid else None},
            }
        )
    return list_object("/v1/invoice_payments", data)


VIRTUAL["invoice", "payments"] = _payments
readable("invoice", "/v1/invoices", listing=False)
