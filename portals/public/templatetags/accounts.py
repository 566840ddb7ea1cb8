"""``{% account_url "profile" %}``: the address of an account page on the face of this request."""

from typing import Any

from django import template

from portals.public import faces

register = template.Library()


@register.simple_tag(takes_context=True)
def account_url(context: Any, name: str, *args: Any) -> str:
    return faces.account_url(context["request"], name, *args)
