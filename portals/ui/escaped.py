"""A value as html, for what is drawn without templates because it is drawn hundreds of times on a page."""

from html import escape
from typing import Any

from django.utils.formats import localize
from django.utils.functional import Promise


def escaped(value: Any) -> str:
    """As a template prints it: safe texts stay, other texts are escaped, numbers and dates are written for the reader."""
    if isinstance(value, Promise):
        value = str(value)
    if hasattr(value, "__html__"):
        return str(value.__html__())
    return escape(value if isinstance(value, str) else str(localize(value)))
