"""Styles in colours and sizes for tests."""

from typing import Any

from backend.catalog.inputs import AttributeData, StyleData, ValueData
from backend.catalog.models import Attribute, AttributeValue, Style
from backend.catalog.services.attributes import save_attribute
from backend.catalog.services.styles import save_style
from backend.kernel.actor import Actor
from tests.factories.parties import AT

COLOUR, SIZE = "colour", "size"
NAMES = {
    COLOUR: ("颜色", (("RED", "红"), ("BLUE", "蓝"))),
    SIZE: ("尺码", (("S", "S"), ("M", "M"), ("L", "L"))),
}


def make_attribute(code: str) -> Attribute:
    """Colour or size, as it is or made."""
    found = Attribute.objects.filter(code=code).first()
    if found:
        return found
    name, values = NAMES[code]
    data = AttributeData(name, code, tuple(ValueData(*each) for each in values), position=code == SIZE)
    return save_attribute(data=data, actor=Actor.system(), at=AT)


def make_style(code: str, name: str, *, style: Style | None = None, values: Any = None, **more: Any) -> Style:
    """A style in all colours and sizes, or in the values with these codes; ``style`` is changed instead."""
    attributes = [make_attribute(COLOUR), make_attribute(SIZE)]
    rows = AttributeValue.objects.filter(attribute__in=attributes)
    chosen = rows.filter(code__in=values) if values else rows
    data = StyleData(name, code, tuple(chosen.values_list("pk", flat=True)), **more)
    return save_style(data=data, style_id=style.pk if style else None, actor=Actor.system(), at=AT)
