"""Promises and other numbers that explain themselves, and the buttons below an explanation, as html.

Drawn without templates, for a page has hundreds of them. Invariant: every value is escaped where it is put in.
"""

from collections.abc import Iterable
from typing import Any, Protocol

from django.utils.translation import gettext as _

from portals.ui.components import Action, Part, Promise, Rung, Why
from portals.ui.drawing import state_bar
from portals.ui.escaped import escaped
from portals.ui.icons import icon

_LATE = {"need": "late", "bad": "c-danger"}
_BAR = (148, 4)  # width and height of a promise's bar, in points


class DrawAction(Protocol):
    """Draws an action with the token of the page's forms."""

    def __call__(self, action: Action, css: str = "") -> str: ...


# --- buttons -------------------------------------------------------------------------------------
def draw_action(action: Action, css: str = "", token: Any = "") -> str:
    """A button, a link that looks like one, or a form of one button with the page's token."""
    words = f"{icon(action.icon) if action.icon else ''}{escaped(action.label)}"
    wide = " lg-only" if action.wide_only else ""
    look = f"btn{f' btn-{action.look}' if action.look else ''}{' btn-sm' if action.small else ''}"
    hint = f' title="{escaped(action.hint)}"' if action.hint else ""
    if action.disabled:
        why = escaped(action.disabled)
        after = f'<span class="vh"> {why}</span>'
        return f'<button class="{look}{wide} {css}" type="button" aria-disabled="true" title="{why}">{words}{after}</button>'
    if action.dialog:
        opens = f'data-tk-open="{escaped(action.dialog)}"'
        return f'<button class="{look}{wide} {css}" type="button" {opens}{hint}>{words}</button>'
    keys = f' <span class="kk">{escaped(action.shortcut)}</span>' if action.shortcut else ""
    if action.method == "post":
        form = f'<form class="tk-inline{wide}" method="post" action="{escaped(action.url)}">{_hidden_fields(action, token)}'
        return f'{form}<button class="{look} {css}"{hint} data-tk-once>{words}{keys}</button></form>'
    tab = ' target="_blank" rel="noopener"' if action.new_tab else ""
    load = " download" if action.download else ""
    return f'<a class="{look}{wide} {css}" href="{escaped(action.url)}"{hint}{tab}{load}>{words}{keys}</a>'


def _hidden_fields(action: Action, token: Any) -> str:
    fields = ([("csrfmiddlewaretoken", token)] if token else []) + list(action.fields.items())
    return "".join([f'<input type="hidden" name="{escaped(name)}" value="{escaped(value)}">' for name, value in fields])


# --- how a number came about -----------------------------------------------------------------------
def draw_ladder(rungs: Iterable[Rung]) -> str:
    """One row for each step; a result is tinted."""
    return f'<div class="tk-ladder">{"".join([_rung(rung) for rung in rungs])}</div>'


def _rung(rung: Rung) -> str:
    css = ("res sig" if rung.signal else "res") if rung.result else ""
    bold = " b" if rung.result else ""
    sign = icon("info", 15) if rung.info else escaped(rung.op)
    value = f'<span class="vl">{escaped(rung.value)}</span>'
    return f'<div class="{css}"><span class="op">{sign}</span><span class="lb{bold}">{_rung_words(rung)}</span>{value}</div>'


def _rung_words(rung: Rung) -> str:
    label = escaped(rung.label)
    if rung.info:
        return f"<small>{label}</small>"
    note = f'<small class="tn">{escaped(rung.note)}</small>' if rung.note else ""
    if not rung.url:
        return label + note
    link, after = (escaped(rung.url_text), f" {label}") if rung.url_text else (label, "")
    return f'<a class="tn" href="{escaped(rung.url)}">{link}</a>{after}{note}'


def draw_why(why: Why, popover: str, draw: DrawAction) -> str:
    """The popover that explains a number; `popover` is its id."""
    place, title = escaped(popover), escaped(why.title)
    close = f'popovertarget="{place}" popovertargetaction="hide" aria-label="{escaped(_("Close"))}"'
    head = f'<header><h3>{title}</h3><button class="tk-iconbtn end" type="button" {close}>{icon("x")}</button></header>'
    buttons = "".join([draw(action, "btn-sm") for action in why.actions])
    foot = f"<footer>{buttons}</footer>" if buttons else ""
    box = (
        f'<div class="tk-why tk-pop" id="{place}" popover role="dialog" aria-label="{title}" data-tk-place="below-end">'
    )
    return f"{box}{head}{draw_ladder(why.rungs)}{foot}</div>"


# --- promises --------------------------------------------------------------------------------------
def draw_promise(promise: Promise, popover: str, draw: DrawAction) -> str:
    """What comes when, its share as a bar, its source; with an explanation it is the button that opens it."""
    parts = '<span aria-hidden="true">·</span>'.join([_part(part) for part in promise.parts])
    bar = state_bar(promise.parts, width=_BAR[0], height=_BAR[1]) if promise.is_split else ""
    source = f'<span class="hw">{escaped(promise.source)}</span>' if promise.source else ""
    inside = f'<span class="ln">{parts}</span>{bar}{source}'
    if promise.why is None:
        return f'<span class="tk-promise flat">{inside}</span>'
    button = f'<button class="tk-promise" type="button" popovertarget="{escaped(popover)}">{inside}</button>'
    return button + draw_why(promise.why, popover, draw)


def _part(part: Part) -> str:
    dot = "c1" if part.look == "done" else part.look
    return f'<span class="{_LATE.get(part.look, "")}"><i class="tk-dot {dot}"></i> {escaped(part.label)}</span>'
