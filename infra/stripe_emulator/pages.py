"""The hosted checkout page and the hosted invoice page."""

from __future__ import annotations

from html import escape

from . import checkout, collection
from .context import Context
from .errors import ApiError
from .html import Reply, alert, card_fields, field_, layout, message, parse_expiry, redirect
from .routing import route
from .store import Json
from .texts import date, interval, language_of, money, t


@route("GET", "/c/pay/{id}")
def show_checkout(ctx: Context, id: str) -> Reply:
    session = ctx.store.get(id)
    if session is None or session["object"] != "checkout.session":
        return message(ctx.language, "This page is no longer available.", 404)
    lang = language_of(session["locale"], ctx.language)
    if session["status"] == "complete":
        return message(lang, "Payment completed.")
    if session["status"] != "open" or session["expires_at"] <= ctx.now():
        return message(lang, "This page is no longer available.", 410)
    return Reply(200, _checkout_page(ctx, session, lang, {}, None))


@route("POST", "/c/pay/{id}")
def submit_checkout(ctx: Context, id: str) -> Reply:
    session, form = ctx.store.get(id), {k: v for k, v in ctx.params.data.items() if isinstance(v, str)}
    if session is None or session["object"] != "checkout.session" or session["status"] == "expired":
        return message(ctx.language, "This page is no longer available.", 410)
    lang = language_of(session["locale"], ctx.language)
    if form.get("action") == "cancel" and session["cancel_url"]:
        return redirect(_filled(session["cancel_url"], id))
    if session["status"] == "complete":
        return redirect(_filled(session["success_url"], id))
    try:
        with ctx.store.transaction():
            if form.get("action") == "code":
                session = checkout.apply_code(ctx, session, form.get("code", ""))
                return Reply(200, _checkout_page(ctx, session, lang, form, None))
            _pay(ctx, session, form)
    except ApiError as error:
        return Reply(error.status, _checkout_page(ctx, session, lang, form, str(error)))
    return redirect(_filled(session["success_url"], id))


def _filled(url: str, id_: str) -> str:
    return url.replace("{CHECKOUT_SESSION_ID}", id_)


def _needs_card(session: Json) -> bool:
    return bool(session["amount_total"]) or (
        session["mode"] == "subscription" and session["payment_method_collection"] == "always"
    )


def _pay(ctx: Context, session: Json, form: dict[str, str]) -> None:
    expiry = parse_expiry(form.get("expiry", ""))
    if _needs_card(session) and expiry is None:
        raise ApiError(402, "The expiry date is invalid.", type="card_error", code="invalid_expiry_month")
    email = form.get("email", "").strip() or None
    if not session["customer"] and not session["customer_email"] and not email:
        raise ApiError(400, "Please enter an e-mail address.", param="email")
    checkout.complete(
        ctx,
        session,
        email=email,
        name=form.get("name", "").strip() or None,
        number=form.get("number", "") if _needs_card(session) else None,
        expiry=expiry or (12, 2040),
    )


def _checkout_page(ctx: Context, session: Json, lang: str, form: dict[str, str], error: str | None) -> str:
    label = "Pay"
    if session["mode"] == "subscription":
        label = "Start trial" if checkout.trial_end(ctx, session) else "Subscribe"
    email = (
        ""
        if session["customer"] or session["customer_email"]
        else field_(lang, "email", "E-mail", form.get("email", ""), kind="email", auto="email")
    )
    card = (
        card_fields(lang, form)
        + field_(lang, "name", "Name on card", form.get("name", ""), required=False, auto="cc-name")
        if _needs_card(session)
        else ""
    )
    amount = f" {money(session['amount_total'], session['currency'])}" if label == "Pay" else ""
    cancel = (
        f'<button class="plain full" name="action" value="cancel" formnovalidate>{t(lang, "Cancel")}</button>'
        if session["cancel_url"]
        else ""
    )
    return layout(
        lang,
        t(lang, "Checkout"),
        (
            f"{_summary(ctx, session, lang)}{alert(lang, error)}{_code_form(session, lang)}"
            f'<form class="card" method="post">{email}{card}<button class="full" name="action" value="pay">'
            f"{escape(t(lang, label))}{amount}</button>{cancel}</form>"
        ),
    )


def _summary(ctx: Context, session: Json, lang: str) -> str:
    rows, currency = [], session["currency"]
    for entry in session["_lines"]:
        price = entry["price"]
        product = ctx.store.get(price["product"]) or {}
        period = f' <span class="soft">{escape(interval(price, lang))}</span>' if price["recurring"] else ""
        total = money(price["unit_amount"] * entry["quantity"], currency)
        rows.append(
            f"<tr><td>{escape(str(product.get('name', '')))} × {entry['quantity']}</td>"
            f'<td class="num">{total}{period}</td></tr>'
        )
    for coupon, _ in session["_coupons"]:
        name = catalog_name(ctx, coupon)
        reduction = money(-session["total_details"]["amount_discount"], currency)
        rows.append(f'<tr><td>{escape(t(lang, "Discount"))} · {escape(name)}</td><td class="num">{reduction}</td></tr>')
    end = checkout.trial_end(ctx, session) if session["mode"] == "subscription" else None
    if end:
        rows.append(
            f'<tr><td colspan="2" class="soft">{escape(t(lang, "Free until {date}", date=date(end, lang)))}</td></tr>'
        )
    rows.append(
        f'<tr class="total"><td>{escape(t(lang, "Due today"))}</td>'
        f'<td class="num">{money(session["amount_total"], currency)}</td></tr>'
    )
    return f'<section class="card"><table>{"".join(rows)}</table></section>'


def catalog_name(ctx: Context, coupon: str) -> str:
    found = ctx.store.get(coupon) or {}
    percent = found.get("percent_off")
    return str(found.get("name") or (f"{percent:g}%" if percent else coupon))


def _code_form(session: Json, lang: str) -> str:
    if not session["allow_promotion_codes"]:
        return ""
    return (
        f'<form class="card" method="post"><div class="line"><div>{field_(lang, "code", "Promotion code")}</div>'
        f'<button class="plain" name="action" value="code">{escape(t(lang, "Apply"))}</button></div></form>'
    )


@route("GET", "/i/{id}")
def show_invoice(ctx: Context, id: str) -> Reply:
    invoice = ctx.store.get(id)
    if invoice is None or invoice["object"] != "invoice" or invoice["status"] == "draft":
        return message(ctx.language, "This page is no longer available.", 404)
    return Reply(200, _invoice_page(ctx, invoice, None))


@route("POST", "/i/{id}")
def pay_hosted_invoice(ctx: Context, id: str) -> Reply:
    """Pay an open invoice with the card on file."""
    invoice = ctx.store.get(id)
    if invoice is None or invoice["object"] != "invoice":
        return message(ctx.language, "This page is no longer available.", 404)
    if invoice["status"] == "open" and collection.collect(ctx, id):
        return Reply(402, _invoice_page(ctx, ctx.load("invoice", id), "Your card was declined."))
    wish = ctx.params.text("locale")
    return redirect(f"/i/{id}?locale={wish}" if wish in ("zh", "en") else f"/i/{id}")


def _invoice_page(ctx: Context, invoice: Json, error: str | None) -> str:
    owner = ctx.store.get(invoice["customer"] or "") or {}
    wish = ctx.params.text("locale") or next(iter(owner.get("preferred_locales") or []), None)
    lang, currency = language_of(wish, ctx.language), invoice["currency"]
    rows = "".join(
        f'<tr><td>{escape(entry["description"])}</td><td class="num">{money(entry["amount"], currency)}</td></tr>'
        for entry in invoice["lines"]["data"]
    )
    if invoice["total_discount_amounts"]:
        reduction = sum(entry["amount"] for entry in invoice["total_discount_amounts"])
        rows += f'<tr><td>{t(lang, "Discount")}</td><td class="num">{money(-reduction, currency)}</td></tr>'
    if invoice["starting_balance"]:
        rows += (
            f"<tr><td>{t(lang, 'Applied balance')}</td>"
            f'<td class="num">{money(invoice["amount_due"] - invoice["total"], currency)}</td></tr>'
        )
    pay = (
        (
            f'<form method="post"><input type="hidden" name="locale" value="{lang}">'
            f'<button class="full">{t(lang, "Pay")}</button></form>'
        )
        if invoice["status"] == "open"
        else ""
    )
    return layout(
        lang,
        f"{t(lang, 'Invoice')} {invoice['number']}",
        (
            f'{alert(lang, error)}<section class="card"><p class="soft">{date(invoice["created"], lang)} · '
            f"{escape(t(lang, invoice['status']))} · {t(lang, 'Bill to')}: "
            f'{escape(invoice["customer_name"] or invoice["customer_email"] or "")}</p><table>{rows}<tr class="total"><td>'
            f'{t(lang, "Amount due")}</td><td class="num">{money(invoice["amount_due"], currency)}</td></tr></table>{pay}'
            "</section>"
        ),
    )
