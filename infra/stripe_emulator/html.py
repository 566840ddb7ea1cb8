"""The frame of the hosted pages: layout, style sheet and small pieces. No inline style or script."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

from .texts import CARD_HINT, t

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@dataclass
class Reply:
    """What a hosted page answers with."""

    status: int
    body: str = ""
    content_type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=lambda: dict(HEADERS))


def redirect(url: str) -> Reply:
    return Reply(303, headers={**HEADERS, "Location": url})


def layout(lang: str, title: str, body: str, *, wide: bool = False) -> str:
    return (
        f'<!doctype html><html lang="{"zh-Hans" if lang == "zh" else "en"}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="/_emulator/style.css"></head>'
        f'<body><main class="{"page wide" if wide else "page"}"><header><h1>{escape(title)}</h1>'
        f'<span class="badge">{escape(t(lang, "Test mode"))}</span></header>{body}</main></body></html>'
    )


def message(lang: str, text: str, status: int = 200) -> Reply:
    return Reply(status, layout(lang, t(lang, "Checkout"), f'<p class="notice">{escape(t(lang, text))}</p>'))


def alert(lang: str, error: str | None) -> str:
    return f'<p class="alert" role="alert">{escape(t(lang, error))}</p>' if error else ""


def field_(
    lang: str, name: str, label: str, value: str = "", *, kind: str = "text", required: bool = True, auto: str = "off"
) -> str:
    return (
        f'<label for="{name}">{escape(t(lang, label))}</label><input id="{name}" name="{name}" type="{kind}" '
        f'value="{escape(value)}" autocomplete="{auto}"{" required" if required else ""}>'
    )


def card_fields(lang: str, form: dict[str, str]) -> str:
    return (
        field_(lang, "number", "Card number", form.get("number", "4242 4242 4242 4242"), auto="cc-number")
        + '<div class="pair"><div>'
        + field_(lang, "expiry", "Expiry (MM / YY)", form.get("expiry", "12 / 40"), auto="cc-exp")
        + "</div><div>"
        + field_(lang, "cvc", "Security code", form.get("cvc", "123"), auto="cc-csc")
        + f'</div></div><p class="hint">{escape(t(lang, CARD_HINT))}</p>'
    )


def parse_expiry(text: str) -> tuple[int, int] | None:
    """Month and year of ``12 / 40``, or None where it is no date of a card."""
    month, _, year = (part.strip() for part in text.partition("/"))
    if not (month.isdigit() and year.isdigit() and 1 <= int(month) <= 12):
        return None
    return int(month), int(year) + (2000 if int(year) < 100 else 0)


STYLE = """
:root { color-scheme: light; --ink: #1a2233; --soft: #5c677d; --line: #dfe4ec; --main: #1f5eff; --back: #f4f6fa; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink);
  font: 16px/1.5 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
.page { max-width: 30rem; margin: 2.5rem auto; padding: 0 1rem; }
.page.wide { max-width: 52rem; }
header { display: flex; align-items: center; justify-content: space-between; gap: 1rem; }
h1 { font-size: 1.4rem; margin: 0 0 .5rem; }
h2 { font-size: 1.05rem; margin: 0 0 .75rem; }
.badge { background: #fff1d6; color: #7a4b00; border-radius: 1rem; padding: .1rem .7rem; font-size: .8rem; }
.card { background: #fff; border: 1px solid var(--line); border-radius: .75rem; padding: 1.25rem; margin: 1rem 0; }
table { width: 100%; border-collapse: collapse; }
th { text-align: left; color: var(--soft); font-weight: 500; font-size: .85rem; }
td, th { padding: .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
.num { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.total td { font-weight: 600; font-size: 1.1rem; }
.soft, .hint { color: var(--soft); }
.hint { font-size: .8rem; margin: .5rem 0 0; }
label { display: block; font-size: .85rem; color: var(--soft); margin: .75rem 0 .2rem; }
.card > label:first-child, .line label { margin-top: 0; }
.card > :first-child { margin-top: 0; }
input, select { width: 100%; font: inherit; padding: .55rem .7rem; border: 1px solid #c5cddb; border-radius: .45rem;
  background: #fff; color: inherit; }
input:focus, select:focus, button:focus, a:focus { outline: 3px solid #b9ccff; outline-offset: 1px; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: .75rem; }
.line { display: grid; grid-template-columns: 1fr auto; gap: .75rem; align-items: end; }
button { font: inherit; font-weight: 600; padding: .6rem 1.1rem; border: 1px solid transparent; border-radius: .45rem;
  background: var(--main); color: #fff; cursor: pointer; }
button.full { width: 100%; margin-top: 1.1rem; }
button.plain { background: #fff; color: var(--ink); border-color: #c5cddb; }
button.plain.full { margin-top: .6rem; }
.alert { background: #fdecec; color: #8c1414; border-radius: .45rem; padding: .6rem .8rem; }
.notice { background: #e9f5ec; color: #14532d; border-radius: .45rem; padding: .6rem .8rem; }
a { color: var(--main); }
"""
