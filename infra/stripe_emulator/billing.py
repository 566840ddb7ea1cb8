"""Starting subscriptions and changing what they consist of, with proration."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from . import catalog, collection, invoices
from .context import Context, list_object, new_id
from .errors import ApiError, card_declined, invalid_parameter
from .forms import Params
from .periods import DAY, next_boundary
from .store import Json

Entry = tuple[Json, int]  # a price and its quantity
NOTICE = 3 * DAY


def new_item(
    price: Json,
    quantity: int,
    subscription: str,
    period: tuple[int, int],
    created: int,
    metadata: dict[str, str] | None = None,
) -> Json:
    recurring = price["recurring"]
    return {
        "id": new_id("si", 14),
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": created,
        "current_period_end": period[1],
        "current_period_start": period[0],
        "discounts": [],
        "metadata": metadata or {},
        "price": price,
        "quantity": quantity,
        "subscription": subscription,
        "tax_rates": [],
        "plan": {
            "id": price["id"],
            "object": "plan",
            "active": price["active"],
            "amount": price["unit_amount"],
            "currency": price["currency"],
            "interval": recurring["interval"],
            "interval_count": recurring["interval_count"],
            "product": price["product"],
        },
    }


def read_entries(ctx: Context, entries: list[Params]) -> list[Entry]:
    """The prices of a create call's ``items``; all must renew together, in one currency."""
    if not entries:
        raise invalid_parameter("items", "You must provide at least one item.", "parameter_missing")
    found = []
    for p in entries:
        p.only(("price", "quantity", "metadata", "id", "deleted"))
        p.require("price")
        found.append((recurring_price(ctx, p), p.integer("quantity", 1) or 0))
    check_together([price for price, _ in found])
    return found


def recurring_price(ctx: Context, p: Params) -> Json:
    price = ctx.reference("price", p.text("price") or "", p.name("price"))
    if price["type"] != "recurring":
        raise invalid_parameter(p.name("price"), f"The price {price['id']} is not of type `recurring`.")
    if not price["active"]:
        raise invalid_parameter(p.name("price"), "The price specified is inactive.")
    return price


def check_together(prices: list[Json]) -> None:
    kinds = {(p["currency"], p["recurring"]["interval"], p["recurring"]["interval_count"]) for p in prices}
    if len(kinds) > 1:
        raise invalid_parameter("items", "All prices of a subscription must share currency and billing interval.")


def start(
    ctx: Context,
    *,
    customer: str,
    entries: list[Entry],
    trial_end: int | None = None,
    missing_method: str = "create_invoice",
    method: str | None = None,
    metadata: dict[str, str] | None = None,
    coupons: list[tuple[str, str | None]] | None = None,
    extras: list[Entry] | None = None,
    session: str | None = None,
    behavior: str = "allow_incomplete",
    description: str | None = None,
    ends_with_period: bool = False,
) -> Json:
    """Create a subscription and its first invoice, and try to collect it (nothing is due during a trial)."""
    at, id_ = ctx.now(customer), new_id("sub")
    first_price = entries[0][0]
    end = trial_end or _period_end(first_price, at, at)
    items = [new_item(price, quantity, id_, (at, end), at) for price, quantity in entries]
    owner = ctx.load("customer", customer)
    ctx.store.put(
        _blank(
            id_,
            owner,
            at,
            items,
            status="trialing" if trial_end else "incomplete",
            trial_end=trial_end,
            missing_method=missing_method,
            method=method,
            metadata=metadata or {},
            description=description,
            end=end,
            ends_with_period=ends_with_period,
        )
    )
    discounts = [
        catalog.redeem(ctx, coupon, promotion, customer=customer, subscription=id_, session=session)["id"]
        for coupon, promotion in coupons or []
    ]
    subscription = ctx.change(id_, None, discounts=discounts)
    lines = [
        invoices.price_line(ctx, item["price"], item["quantity"], (at, end), subscription=id_, item=item["id"])
        for item in items
    ]
    if trial_end:
        lines = [
            {**entry, "amount": 0, "subtotal": 0, "description": f"Trial: {entry['description']}"} for entry in lines
        ]
    lines += [invoices.price_line(ctx, price, quantity, (at, at)) for price, quantity in extras or []]
    invoice = invoices.draft(
        ctx,
        customer=customer,
        lines=lines,
        reason="subscription_create",
        currency=first_price["currency"],
        subscription=subscription,
    )
    ctx.emit("customer.subscription.created", ctx.change(id_, None, latest_invoice=invoice["id"]))
    invoice = invoices.finalize(ctx, invoice["id"])
    if behavior != "default_incomplete" or invoice["amount_due"] == 0:
        decline = collection.collect(ctx, invoice["id"])
        if decline and behavior == "error_if_incomplete":
            raise card_declined(decline, commit=False)
    if trial_end and trial_end - at <= NOTICE:
        notify_trial(ctx, id_)
    return ctx.load("subscription", id_)


def _period_end(price: Json, anchor: int, after: int) -> int:
    return next_boundary(anchor, price["recurring"]["interval"], price["recurring"]["interval_count"], after)


def _blank(
    id_: str,
    owner: Json,
    at: int,
    items: list[Json],
    *,
    status: str,
    trial_end: int | None,
    missing_method: str,
    method: str | None,
    metadata: dict[str, str],
    description: str | None,
    end: int,
    ends_with_period: bool,
) -> Json:
    return {
        "id": id_,
        "object": "subscription",
        "application": None,
        "automatic_tax": {"enabled": False},
        "billing_cycle_anchor": trial_end or at,
        "billing_mode": {"type": "flexible"},
        "billing_thresholds": None,
        "cancel_at": end if ends_with_period else None,
        "cancel_at_period_end": ends_with_period,
        "canceled_at": at if ends_with_period else None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "charge_automatically",
        "created": at,
        "currency": items[0]["price"]["currency"],
        "customer": owner["id"],
        "customer_account": None,
        "days_until_due": None,
        "default_payment_method": method,
        "default_source": None,
        "default_tax_rates": [],
        "description": description,
        "discounts": [],
        "ended_at": None,
        "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
        "items": list_object(f"/v1/subscription_items?subscription={id_}", items),
        "latest_invoice": None,
        "livemode": False,
        "metadata": metadata,
        "next_pending_invoice_item_invoice": None,
        "pause_collection": None,
        "payment_settings": {
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": "off",
        },
        "pending_invoice_item_interval": None,
        "pending_setup_intent": None,
        "pending_update": None,
        "schedule": None,
        "start_date": at,
        "status": status,
        "test_clock": owner["test_clock"],
        "transfer_data": None,
        "trial_end": trial_end,
        "trial_settings": {"end_behavior": {"missing_payment_method": missing_method}},
        "trial_start": at if trial_end else None,
        "_pending": [],
        "_noticed": False,
    }


def notify_trial(ctx: Context, id_: str) -> None:
    ctx.emit("customer.subscription.trial_will_end", ctx.change(id_, None, _noticed=True))


def period_of(subscription: Json) -> tuple[int, int]:
    item = subscription["items"]["data"][0]
    return item["current_period_start"], item["current_period_end"]


def with_period(items: list[Json], period: tuple[int, int]) -> list[Json]:
    return [{**item, "current_period_start": period[0], "current_period_end": period[1]} for item in items]


def as_list(subscription: str, items: list[Json]) -> Json:
    return list_object(f"/v1/subscription_items?subscription={subscription}", items)


def change_items(ctx: Context, id_: str, wanted: list[Json], *, behavior: str, reset: bool = False) -> Json:
    """Put other items in place of the current ones.

    ``create_prorations`` keeps credit and charge for the next invoice, ``always_invoice`` bills them now, ``none``
    lets the change count from the next period. Another billing interval starts a new period now and is billed now.
    """
    subscription = ctx.load("subscription", id_)
    if not wanted:
        raise ApiError(400, "A subscription must have at least one active item.", param="items")
    check_together([item["price"] for item in wanted])
    at, (period_start, period_end) = ctx.now(subscription["customer"]), period_of(subscription)
    old = subscription["items"]["data"]
    trial = subscription["status"] == "trialing"
    renewed = not trial and (reset or _interval(old[0]) != _interval(wanted[0]))
    period = (at, _period_end(wanted[0]["price"], at, at)) if renewed else (period_start, period_end)
    wanted = with_period(wanted, period)
    prorate = not trial and behavior != "none"
    lines = _credits(ctx, id_, old, wanted, at, everything=renewed) if prorate else []
    if renewed:
        lines += [
            invoices.price_line(ctx, i["price"], i["quantity"], period, subscription=id_, item=i["id"]) for i in wanted
        ]
    elif prorate:
        lines += _charges(ctx, id_, old, wanted, at)
    changes: Json = {"items": as_list(id_, wanted)}
    if renewed:
        changes["billing_cycle_anchor"] = at
    if not lines or not (renewed or behavior == "always_invoice"):
        return ctx.change(id_, "customer.subscription.updated", **changes, _pending=[*subscription["_pending"], *lines])
    return _bill_change(ctx, subscription, [*subscription["_pending"], *lines], changes)


def _bill_change(ctx: Context, subscription: Json, lines: list[Json], changes: Json) -> Json:
    invoice = invoices.draft(
        ctx,
        customer=subscription["customer"],
        lines=lines,
        reason="subscription_update",
        currency=subscription["currency"],
        subscription=subscription,
    )
    ctx.change(
        subscription["id"], "customer.subscription.updated", **changes, _pending=[], latest_invoice=invoice["id"]
    )
    invoices.finalize(ctx, invoice["id"])
    collection.collect(ctx, invoice["id"])
    return ctx.load("subscription", subscription["id"])


def _interval(item: Json) -> tuple[str, int]:
    return item["price"]["recurring"]["interval"], item["price"]["recurring"]["interval_count"]


def _same(item: Json, items: list[Json]) -> bool:
    return any(
        other["id"] == item["id"]
        and other["price"]["id"] == item["price"]["id"]
        and other["quantity"] == item["quantity"]
        for other in items
    )


def _credits(ctx: Context, id_: str, old: list[Json], new: list[Json], at: int, *, everything: bool) -> list[Json]:
    gone = [item for item in old if everything or not _same(item, new)]
    return [_proration(ctx, id_, item, at, sign=-1) for item in gone]


def _charges(ctx: Context, id_: str, old: list[Json], new: list[Json], at: int) -> list[Json]:
    return [_proration(ctx, id_, item, at, sign=1) for item in new if not _same(item, old)]


def _proration(ctx: Context, id_: str, item: Json, at: int, *, sign: int) -> Json:
    start_, end = item["current_period_start"], item["current_period_end"]
    share = Decimal(max(end - at, 0)) / Decimal(max(end - start_, 1))
    full = Decimal(item["price"]["unit_amount"] * item["quantity"])
    amount = sign * int((full * share).to_integral_value(ROUND_HALF_UP))
    product = ctx.store.get(item["price"]["product"]) or {}
    text = "Unused time on" if sign < 0 else "Remaining time on"
    return invoices.line(
        price=item["price"],
        quantity=item["quantity"],
        amount=amount,
        period=(at, end),
        description=f"{text} {item['quantity']} × {product.get('name', '')}",
        subscription=id_,
        item=item["id"],
        proration=True,
    )
