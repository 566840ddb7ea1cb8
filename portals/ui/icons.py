"""Icons drawn inline: a name maps to the path data in icons.json (24 grid, stroke 1.75).

The paths derive from Tabler Icons (MIT, https://tabler.io/icons). They are inlined, so a page needs no icon font, no sprite
request and no inline style. An unknown name is an error while developing and nothing on a running site.
"""

import json
from functools import cache, lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

_DATA = Path(__file__).with_name("icons.json")


class UnknownIcon(LookupError):
    """A template asked for an icon that is not in icons.json."""


@cache
def _paths() -> dict[str, tuple[str, ...]]:
    return {name: tuple(paths) for name, paths in json.loads(_DATA.read_text()).items()}


def names() -> list[str]:
    """All icon names, for the gallery and for tests."""
    return sorted(_paths())


@lru_cache(maxsize=1024)
def icon(name: str, size: int = 16, css: str = "") -> SafeString:
    """The icon as inline svg, hidden from assistive technology: the words beside it carry the meaning."""
    if name not in _paths():
        if settings.DEBUG:
            raise UnknownIcon(name)
        return mark_safe("")
    body = format_html_join("", '<path d="{}"/>', ((path,) for path in _paths()[name]))
    return format_html(
        '<svg class="tk-i{}" width="{}" height="{}" viewBox="0 0 24 24" fill="none" stroke="currentColor"'
        ' stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{}</svg>',
        f" {css}" if css else "",
        size,
        size,
        body,
    )
