"""`{% load ui %}`: icons, chips, formatting by language, and every component of the design system."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BoundField
from django.template import Context
from django.template.base import FilterExpression, Parser, Token
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from portals.ui import chips, components, counted, drawing, formats, icons, navigation, voucher
from portals.ui.drawn_chips import draw_chip
from portals.ui.explained import DrawAction, draw_action, draw_ladder, draw_promise, draw_why
from portals.ui.kept import Kept
from portals.ui.lines import draw_lines
from portals.ui.words import WORDS

register = template.Library()
_KEPT = Kept(512)

for _name in (
    "money",
    "whole_money",
    "price",
    "percent",
    "plain",
    "day",
    "short_day",
    "unit_cost",
    "long_day",
    "month",
    "clock_time",
    "moment",
    "due_moment",
    "file_size",
    "cn_amount",
):
    register.filter(_name, getattr(formats, _name))
register.filter("d", formats.short_day)
register.filter("sold_price", counted.sold_price)


@register.filter
def qty(value: Any, unit: str = "") -> SafeString | str:
    """A quantity; with a unit, the unit follows small and grey."""
    shown = formats.qty(value)
    return format_html('{} <span class="t2">{}</span>', shown, unit) if unit and value is not None else shown


@register.filter
def listed(words: Any) -> str:
    """Names one after the other, with the comma of the reader's language."""
    return str(_(", ")).join(map(str, words))


@register.filter
def sold_qty(line: Any) -> SafeString | str:
    """A line's quantity as a customer reads it: 2 box (24 pcs), or just 24 pcs."""
    own, also = qty(line.qty, line.item.unit), counted.counted(line)
    return format_html("{} ({})", also, own) if also else own


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """A value of a mapping by a computed key."""
    return mapping.get(key, "") if mapping is not None else ""


@register.simple_tag
def icon(name: str, size: int = 16, css: str = "") -> SafeString:
    return icons.icon(name, size, css) if name else mark_safe("")


@register.simple_tag
def chip(
    axis: str | chips.Chip, state: Any = None, percent: Any = None, note: Any = "", large: bool = False
) -> SafeString:
    """`{% chip "approval" order.approval %}`, or a Chip that Python made: `{% chip row.state %}`."""
    if isinstance(axis, chips.Chip):
        return draw_chip(replace(axis, large=axis.large or large))
    return draw_chip(chips.chip(axis, state, percent=percent, note=note, large=large))


@register.simple_tag
def tag(label: Any, look: str = "", glyph: bool = False) -> SafeString:
    """A chip outside the vocabulary: a mark of kind (`acc`) or a fact of this page."""
    return draw_chip(chips.Chip(look=look, label=label, glyph=glyph))


@register.simple_tag
def sparkline(values: Sequence[Any], target: Any = None, signal: bool = False) -> SafeString:
    return drawing.sparkline(values, target=target, signal=signal)


@register.simple_tag
def state_bar(parts: Sequence[components.Part], width: int = 108, height: int = 5) -> SafeString:
    return drawing.state_bar(parts, width=width, height=height)


@register.simple_tag
def graph(nodes: Sequence[components.GraphNode], label: Any = "") -> SafeString:
    return drawing.related_graph(nodes, label)


@register.simple_tag(takes_context=True)
def url_or(context: Context, name: str) -> str:
    """The address of a page by its name without arguments, or nothing when this site does not have it."""
    return navigation.address(context.get("request"), name)


class KeptNode(template.Node):
    """What `{% kept %}` encloses."""

    def __init__(self, name: str, depends: list[FilterExpression], inside: template.NodeList) -> None:
        self._name, self._depends, self._inside = name, depends, inside

    def render(self, context: Context) -> SafeString:
        values = tuple(each.resolve(context) for each in self._depends)
        key = self._name, translation.get_language(), values
        return _KEPT.get(key, lambda: self._inside.render(context))


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    """`{% kept "head" shell.face %} … {% endkept %}`: drawn once for the language and the values that are named.

    What is inside depends on nothing else: no form (its token is one request's own), no block, nothing of the page.
    """
    name, *depends = token.split_contents()[1:]
    inside = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(name, [parser.compile_filter(each) for each in depends], inside)


def _part(name: str, **kwargs: Any) -> None:
    """Register `{% name value … %}` drawing templates/ui/parts/name.html with the value as `it`."""

    @register.simple_tag(takes_context=True, name=name)
    def draw(context: Context, it: Any = None, **extra: Any) -> SafeString:
        nothing = it is None or it == "" or (isinstance(it, (list, tuple)) and not it)
        if nothing and not kwargs.get("always"):
            return mark_safe("")
        scope = {
            "it": it,
            "csrf_token": context.get("csrf_token"),
            "request": context.get("request"),
            "shell": context.get("shell"),
        }
        return mark_safe(render_to_string(f"ui/parts/{name}.html", scope | extra))


for _component in (
    "actions",
    "alerts",
    "banner",
    "checklist",
    "crumbs",
    "empty",
    "error_block",
    "facts",
    "files",
    "flow",
    "kpis",
    "messages",
    "milestones",
    "more",
    "pager",
    "progress",
    "related",
    "tiles",
    "timeline",
):
    _part(_component)
_part("page_head", always=True)


@register.simple_tag(takes_context=True)
def areas(context: Context) -> SafeString:
    """The areas of the navigation, at the place that the breadcrumb of the page says."""
    crumbs = context.get("crumbs") or getattr(context.get("sheet"), "crumbs", ())
    drawn: SafeString = context["shell"].areas(crumbs)
    return drawn


def _actions_of(context: Context) -> DrawAction:
    """Draws actions with the token of this answer's forms."""
    token = context.get("csrf_token")
    return lambda action, css="": draw_action(action, css, token)


@register.simple_tag(takes_context=True)
def action(context: Context, it: components.Action | None, css: str = "") -> SafeString:
    """A button, a link that looks like one, or a form of one button."""
    return mark_safe(_actions_of(context)(it, css) if it else "")


@register.simple_tag
def ladder(rungs: Sequence[components.Rung]) -> SafeString:
    """How a number came about, step by step."""
    return mark_safe(draw_ladder(rungs))


@register.simple_tag(takes_context=True)
def why(context: Context, it: components.Why | None, wid: str) -> SafeString:
    """The popover that explains a number; a button with popovertarget=`wid`, unique on the page, opens it."""
    return mark_safe(draw_why(it, wid, _actions_of(context)) if it else "")


@register.simple_tag(takes_context=True)
def promise(context: Context, it: components.Promise | None, wid: str) -> SafeString:
    """A promise with its parts, and how it came about."""
    return mark_safe(draw_promise(it, wid, _actions_of(context)) if it else "")


@register.simple_tag(takes_context=True)
def lines(context: Context, sheet: Any) -> SafeString:
    """The rows of a document's lines."""
    return draw_lines(sheet.columns, sheet.lines, _actions_of(context))


@register.inclusion_tag("ui/parts/todo.html")
def todo(columns: Sequence[Any], rows: Sequence[components.TodoRow], heading: Any = "") -> dict[str, Any]:
    """The document × state matrix."""
    return {"columns": columns, "rows": rows, "heading": heading}


@register.inclusion_tag("ui/parts/totals.html")
def totals(
    rows: Sequence[components.Total], remark: str = "", words: Any = None, notes_label: Any = "", currency: str = "CNY"
) -> dict[str, Any]:
    """Notes at the left, sums at the right; `words` is the amount to print as 大写金额, of the ``currency``."""
    in_words = formats.cn_amount(words, currency) if words is not None and formats.is_chinese() else ""
    return {"rows": rows, "remark": remark, "words": in_words, "notes_label": notes_label}


@register.inclusion_tag("ui/parts/field.html")
def field(bound: BoundField, hint: Any = "", css: str = "", way_out: Any = None, when: Any = None) -> dict[str, Any]:
    """A form field: label above, hint or error below. ``when`` is the choice it stands for, if for one alone."""
    return {"field": bound, "hint": hint or bound.help_text, "css": css, "way_out": way_out, "when": when}


@register.inclusion_tag("ui/parts/form_errors.html")
def form_errors(form: Any) -> dict[str, Any]:
    """The errors that belong to no field, above the form."""
    return {"form": form}


@register.inclusion_tag("ui/parts/voucher.html", name="voucher")
def draw_voucher(sheet: voucher.VoucherSheet) -> dict[str, Any]:
    """An accounting voucher."""
    return voucher.context(sheet)


@register.simple_tag
def js_words() -> SafeString:
    """The translated words of the scripts, as data."""
    return _words(translation.get_language())


@lru_cache(maxsize=8)
def _words(_language: str | None) -> SafeString:
    return json_script({key: str(words) for key, words in WORDS.items()}, "tk-words")
