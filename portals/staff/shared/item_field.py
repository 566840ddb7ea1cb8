"""One item in the head of a form: picked, typed or scanned as in the line grid, and read by the grid's rule.

Posts `<name>` (the id) and `<name>_code` (what was typed), so a code alone is enough. A form with such a field draws its
`media`: the script of the picker.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.forms.utils import flatatt
from django.forms.widgets import Script
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy

from backend.catalog.models import Item
from portals.staff.sales.entry import items_of
from portals.ui.line_grid import EntryLine


@dataclass(frozen=True)
class Typed:
    """What the field holds: the id of what was picked, what stands in the box, and the item's name."""

    id: str = ""
    code: str = ""
    name: str = ""


class ItemInput(forms.Widget):
    """The box with the grid's picker below it."""

    class Media:
        js = (Script("ui/js/itemfield.js", type="module"),)

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Typed:
        return Typed(data.get(name, "").strip(), data.get(f"{name}_code", "").strip())

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return name not in data and f"{name}_code" not in data

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        context = {
            "name": name,
            "shown": value,
            "attrs": flatatt(self.build_attrs(self.attrs, attrs)),
            "pick_url": reverse("staff:item_pick"),
            "new_item_url": reverse("staff:item_new"),
        }
        return render_to_string("ui/parts/item_input.html", context)


class ItemField(forms.Field):
    """Cleans to the id of an active item. Begins with an item or with the code of one."""

    widget = ItemInput
    default_error_messages = {  # noqa: RUF012 - Django's shape
        "required": gettext_lazy("Choose an item."),
        "invalid": gettext_lazy("There is no item “%(code)s”."),
    }

    def prepare_value(self, value: Any) -> Typed:
        """What the box shows, with the name of what is in it."""
        typed = value if isinstance(value, Typed) else Typed(code=str(value or ""))
        item = value if isinstance(value, Item) else _item_of(typed)
        return Typed(str(item.pk), item.code, f"{item.name} {item.spec}".strip()) if item else typed

    def clean(self, value: Any) -> UUID | None:
        if isinstance(value, Item):  # a disabled field keeps what it began with
            return value.pk
        typed = value or Typed()
        if not (typed.id or typed.code):
            if self.required:
                raise forms.ValidationError(self.error_messages["required"], code="required")
            return None
        item = _item_of(typed)
        if item is None:
            words = self.error_messages["invalid"]
            raise forms.ValidationError(words, code="invalid", params={"code": typed.code[:40]})
        return item.pk


def _item_of(typed: Typed) -> Item | None:
    """The item that a line of a grid would be; no statement when nothing is typed."""
    if not (typed.id or typed.code):
        return None
    return items_of([EntryLine(1, 0, {"item_id": typed.id, "item_id_code": typed.code})]).get(0)
