"""A cell of a report of the books, drawn as its column says."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portals.ui import formats

register = template.Library()


@register.simple_tag
def report_cell(heads: Sequence[Any], at: int, cell: Any, row: Any) -> SafeString:
    """Money to the right with two decimals, texts indented by depth in the first columns, links where there is more."""
    head, value = heads[at], cell.value
    shown: Any = formats.NOTHING if value is None else value
    if isinstance(value, Decimal):
        shown = formats.money(value)
    elif isinstance(value, date):
        shown = formats.day(value)
    if cell.url:
        shown = format_html('<a href="{}">{}</a>', cell.url, shown)
    if row.strong or row.heading:
        shown = format_html('<b class="b">{}</b>', shown)
    if cell.sub:
        shown = format_html('{}<span class="d2">{}</span>', shown, cell.sub)
    css = (
        "num" if head.numeric else "tn" if head.kind == "date" else f"tk-in{row.depth}" if row.depth and at == 1 else ""
    )
    return format_html('<td class="{}">{}</td>', css, shown)
