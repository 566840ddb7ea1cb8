"""The hosted billing portal: plan, cancellation, card and invoices of one customer."""

from __future__ import annotations

from html import escape

from . import billing, collection, customers, portal, subscriptions
from .context import Context
from .errors import ApiError
from .html import Reply, alert, card_fields, layout, message, parse_expiry, redirect
from .routing import route
from .store import Json
from .texts import date, interval, language_of, money, t


@route("GET", "/p/session/{id}")
def show_portal(ctx: Context, id: str) -> Reply:
    session = ctx.store.get(id)
    if session is None or session["object"] != portal.SESSION:
        return message(ctx.language, "This page is no longer available.", 404)
    return Reply(200, _portal_page(ctx, session, done="done" in ctx.params))


@route("POST", "/p/session/{id}")
def submit_portal(ctx: Context, id: str) -> Reply:
    session = ctx.store.get(id)
    if session is None or session["object"] != portal.SESSION:
        return message(ctx.language, "This page is no longer available.", 404)
    form = {k: v for k, v in ctx.params.data.items() if isinstance(v, str)}
    try:
        with ctx.store.transaction():
            _act(ctx, session, form)
    except ApiError as error:
        return Reply(error.status, _portal_page(ctx, session, error=str(error)))
    return redirect(f"/p/session/{id}?done=1")


def _features(ctx: Context, session: Json) -> Json:
    return dict(ctx.load(portal.CONFIGURATION, session["configuration"])["features"])


def _act(ctx: Context, session: Json, form: dict[str, str]) -> None:
    action, features = form.get("action", ""), _features(ctx, session)
    if action == "card" and features["payment_method_update"]["enabled"]:
        _save_card(ctx, session["customer"], form)
        return
    subscription = ctx.load("subscription", form.get("subscription", ""))
    if subscription["customer"] != session["customer"] or subscription["status"] in collection.ENDED:
        raise ApiError(400, "This page is no longer available.")
    cancel, update = features["subscription_cancel"], features["subscription_update"]
    if action == "cancel" and cancel["enabled"]:
        if cancel["mode"] == "immediately":
            collection.cancel_now(ctx, subscription["id"], reason="cancellation_requested")
            return
        _plan_end(ctx, subscription, True)
    elif action == "keep" and cancel["enabled"]:
        _plan_end(ctx, subscription, False)
    elif action == "plan" and update["enabled"]:
        _change_plan(ctx, session, subscription, form.get("price", ""), update["proration_behavior"])
    else:
        raise ApiError(400, "This page is no longer available.")


def _plan_end(ctx: Context, subscription: Json, wanted: bool) -> None:
    ctx.change(
        subscription["id"], "customer.subscription.updated", **subscriptions.planned_end(ctx, subscription, wanted)
    )


def _change_plan(ctx: Context, session: Json, subscription: Json, price_id: str, behavior: str) -> None:
    price = next((p for p in offered(ctx, session, subscription) if p["id"] == price_id), None)
    if price is None:
        raise ApiError(400, "This page is no longer available.", param="price")
    old, *others = subscription["items"]["data"]
    item = billing.new_item(
        price, old["quantity"], subscription["id"], billing.period_of(subscription), old["created"], old["metadata"]
    )
    billing.change_items(ctx, subscription["id"], [{**item, "id": old["id"]}, *others], behavior=behavior)


def _save_card(ctx: Context, customer: str, form: dict[str, str]) -> None:
    """Save a card as the customer's default and that of its subscriptions, and settle what is overdue with it."""
    expiry = parse_expiry(form.get("expiry", ""))
    if expiry is None:
        raise ApiError(402, "The expiry date is invalid.", type="card_error")
    method = customers.new_method(ctx, form.get("number", ""), exp_month=expiry[0], exp_year=expiry[1])
    customers.attach(ctx, method["id"], customer, "payment_method")
    settings = ctx.load("customer", customer)["invoice_settings"]
    ctx.change(customer, "customer.updated", invoice_settings={**settings, "default_payment_method": method["id"]})
    for subscription in _living(ctx, customer):
        ctx.change(subscription["id"], "customer.subscription.updated", default_payment_method=method["id"])
        for invoice in collection.open_invoices(ctx, subscription):
            collection.collect(ctx, invoice["id"])


def _living(ctx: Context, customer: str) -> list[Json]:
    return [s for s in ctx.store.all("subscription", customer=customer) if s["status"] not in collection.ENDED]


def offered(ctx: Context, session: Json, subscription: Json) -> list[Json]:
    """Prices the customer may change to: those of the configuration, or every active one of the same currency."""
    products = _features(ctx, session)["subscription_update"]["products"]
    allowed = {price for entry in products for price in entry["prices"]}
    prices = [
        price
        for price in ctx.store.all("price")
        if price["active"]
        and price["recurring"]
        and price["currency"] == subscription["currency"]
        and (not products or price["id"] in allowed)
    ]
    return sorted(prices, key=lambda price: (price["recurring"]["interval"], price["unit_amount"]))


def _portal_page(ctx: Context, session: Json, *, error: str | None = None, done: bool = False) -> str:
    lang, features = language_of(session["locale"], ctx.language), _features(ctx, session)
    flow = (session["flow"] or {}).get("type")
    parts = [alert(lang, error), f'<p class="notice">{t(lang, "Saved.")}</p>' if done else ""]
    if session["return_url"]:
        parts.append(f'<p><a href="{escape(session["return_url"])}">← {t(lang, "Return")}</a></p>')
    if flow != "payment_method_update":
        living = _living(ctx, session["customer"])
        parts += [_plan(ctx, session, subscription, lang, features) for subscription in living]
        if not living:
            parts.append(f'<section class="card"><p>{t(lang, "No active subscription.")}</p></section>')
    if features["payment_method_update"]["enabled"] and flow in (None, "payment_method_update"):
        parts.append(_card(ctx, session["customer"], lang))
    if features["invoice_history"]["enabled"] and flow is None:
        parts.append(_history(ctx, session["customer"], lang))
    return layout(lang, t(lang, "Billing"), "".join(parts), wide=True)


def _plan(ctx: Context, session: Json, subscription: Json, lang: str, features: Json) -> str:
    item = subscription["items"]["data"][0]
    end = date(billing.period_of(subscription)[1], lang)
    when = (
        "Ends on {date}"
        if subscription["cancel_at"]
        else "Trial until {date}"
        if subscription["status"] == "trialing"
        else "Renews on {date}"
    )
    body = (
        f"<h2>{t(lang, 'Current plan')}</h2><p>{escape(_price_name(ctx, item['price'], lang))} × "
        f"{item['quantity']} · {escape(t(lang, subscription['status']))}<br>"
        f'<span class="soft">{escape(t(lang, when, date=end))}</span></p>'
    )
    hidden = f'<input type="hidden" name="subscription" value="{subscription["id"]}">'
    if features["subscription_update"]["enabled"]:
        body += _plan_form(ctx, session, subscription, lang, hidden)
    if features["subscription_cancel"]["enabled"]:
        action, label = (
            ("keep", "Keep subscription") if subscription["cancel_at"] else ("cancel", "Cancel subscription")
        )
        body += (
            f'<form method="post">{hidden}<button class="plain full" name="action" value="{action}">'
            f"{t(lang, label)}</button></form>"
        )
    return f'<section class="card">{body}</section>'


def _plan_form(ctx: Context, session: Json, subscription: Json, lang: str, hidden: str) -> str:
    current = subscription["items"]["data"][0]["price"]["id"]
    options = "".join(
        f'<option value="{price["id"]}"{" selected" if price["id"] == current else ""}>'
        f"{escape(_price_name(ctx, price, lang))}</option>"
        for price in offered(ctx, session, subscription)
    )
    label = t(lang, "Change plan")
    field = f"price-{subscription['id']}"
    return (
        f'<form method="post">{hidden}<div class="line"><div><label for="{field}">{label}</label>'
        f'<select id="{field}" name="price">{options}</select></div>'
        f'<button name="action" value="plan">{label}</button></div></form>'
    )


def _price_name(ctx: Context, price: Json, lang: str) -> str:
    product = ctx.store.get(price["product"]) or {}
    return f"{product.get('name', '')} · {money(price['unit_amount'], price['currency'])} {interval(price, lang)}"


def _card(ctx: Context, customer: str, lang: str) -> str:
    living = _living(ctx, customer)
    id_ = ctx.load("customer", customer)["invoice_settings"]["default_payment_method"] or (
        living[0]["default_payment_method"] if living else None
    )
    method = ctx.store.get(id_) if id_ else None
    now = f"{method['card']['brand']} •••• {method['card']['last4']}" if method else t(lang, "No card on file.")
    return (
        f'<section class="card"><h2>{t(lang, "Payment method")}</h2><p>{escape(now)}</p><form method="post">'
        f'{card_fields(lang, {})}<button class="plain full" name="action" value="card">{t(lang, "Save card")}'
        "</button></form></section>"
    )


def _history(ctx: Context, customer: str, lang: str) -> str:
    rows = "".join(
        f'<tr><td><a href="/i/{invoice["id"]}?locale={lang}">{escape(invoice["number"])}</a></td>'
        f"<td>{date(invoice['created'], lang)}</td><td>{escape(t(lang, invoice['status']))}</td>"
        f'<td class="num">{money(invoice["amount_due"], invoice["currency"])}</td></tr>'
        for invoice in ctx.store.all("invoice", customer=customer)
        if invoice["status"] != "draft"
    )
    if not rows:
        return f'<section class="card"><h2>{t(lang, "Invoices")}</h2><p>{t(lang, "No invoices yet.")}</p></section>'
    heads = "".join(f"<th>{t(lang, name)}</th>" for name in ("Number", "Date", "Status"))
    return (
        f'<section class="card"><h2>{t(lang, "Invoices")}</h2><table><tr>{heads}'
        f'<th class="num">{t(lang, "Amount")}</th></tr>{rows}</table></section>'
    )
