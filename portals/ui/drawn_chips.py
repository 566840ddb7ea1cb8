"""Chips as html: tint, glyph and words."""

from functools import lru_cache
from typing import Any

from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from portals.ui import chips

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
