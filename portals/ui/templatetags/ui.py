"""`{% load ui %}`: icons, chips, formatting by language, and every component of the design system."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BoundField
from django.template import Context
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString, mark_safe

from portals.ui import chips, components, counted, drawing, formats, icons, navigation, voucher
from portals.ui.words import WORDS

register = template.Library()

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


_TICK = mark_safe(
    '<circle cx="6" cy="6" r="5" stroke-width="1.5"/><path d="M3.6 6.2 5.3 7.9 8.5 4.4" stroke-width="1.6"/>'
)
_RING = mark_safe('<circle cx="6" cy="6" r="5" stroke-width="1.5" class="bg"/>')


def _glyph(look: str, dash: Any) -> SafeString:
    if look == "ok":
        body = _TICK
    elif look in {"part", "need"}:
        body = format_html(
            '<circle cx="6" cy="6" r="5" stroke-width="1.5"/><circle cx="6" cy="6" r="1.5" stroke-width="3" pathLength="100"'
            ' stroke-dasharray="{} 100" transform="rotate(-90 6 6)"/>',
            dash,
        )
    else:
        body = _RING
    return format_html(
        '<svg class="tk-pie" width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">{}</svg>', body
    )


def draw_state(axis: str, state: Any, percent: Any = None) -> SafeString:
    """The chip of a state on an axis, as html."""
    return _drawn_state(axis, str(getattr(state, "value", state)), percent, translation.get_language())


@lru_cache(maxsize=4096)
def _drawn_state(axis: str, state: str, percent: Any, _language: str | None) -> SafeString:
    return draw_chip(chips.chip(axis, state, percent=percent))


def draw_chip(chip: chips.Chip) -> SafeString:
    """The chip as html: tint, glyph and words."""
    glyph = chip.look if chip.glyph and chip.look != "acc" else None
    return _drawn_chip(chip.look, chip.large, glyph, chip.dash if glyph else 0, str(chip.label))


@lru_cache(maxsize=4096, typed=True)  # a text and a safe text are not the same
def _drawn_chip(look: str, large: bool, glyph: str | None, dash: Any, label: str) -> SafeString:
    """A list has hundreds of chips and few that differ."""
    css = " ".join(filter(None, ("tk-chip", look, "lg" if large else "")))
    drawn = "" if glyph is None else _glyph(glyph, dash)
    return format_html('<span class="{}">{}{}</span>', css, drawn, label)


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
    "action",
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
    "promise",
    "related",
    "tiles",
    "timeline",
    "why",
):
    _part(_component)
_part("page_head", always=True)


@register.inclusion_tag("ui/parts/todo.html")
def todo(columns: Sequence[Any], rows: Sequence[components.TodoRow], heading: Any = "") -> dict[str, Any]:
    """The document × state matrix."""
    return {"columns": columns, "rows": rows, "heading": heading}


@register.inclusion_tag("ui/parts/totals.html")
def totals(
    rows: Sequence[components.Total], remark: str = "", words: Any = None, notes_label: Any = ""
) -> dict[str, Any]:
    """Notes at the left, sums at the right; `words` is the amount to print as 大写金额."""
    in_words = formats.cn_amount(words) if words is not None and formats.is_chinese() else ""
    return {"rows": rows, "remark": remark, "words": in_words, "notes_label": notes_label}


@register.inclusion_tag("ui/parts/field.html")
def field(bound: BoundField, hint: Any = "", css: str = "", way_out: Any = None) -> dict[str, Any]:
    """A form field: label above, hint or error below."""
    return {"field": bound, "hint": hint or bound.help_text, "css": css, "way_out": way_out}


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
