"""Form plumbing: widgets get the design system's classes. Wrong ones are marked by `aria-invalid`, which Django sets."""

from decimal import Decimal
from typing import Any

from django import forms

from portals.ui import formats

_SELECTS = (forms.Select, forms.SelectMultiple)
_BARE = (
    forms.CheckboxInput,
    forms.RadioSelect,
    forms.CheckboxSelectMultiple,
    forms.HiddenInput,
    forms.ClearableFileInput,
)


CENTS = 2


class DateInput(forms.DateInput):
    """A native date picker that always speaks ISO."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")


def dress(form: forms.BaseForm) -> None:
    """Put the classes on every widget of a form."""
    for declared in form.fields.values():
        widget = declared.widget
        if isinstance(declared, forms.DecimalField):
            declared.prepare_value = _as_typed  # type: ignore[method-assign]
        if isinstance(widget, forms.CheckboxInput):
            _add_class(widget, "tk-cb")
        elif isinstance(widget, forms.CheckboxSelectMultiple):
            _add_class(widget, "tk-checks")
        elif isinstance(widget, _SELECTS) and not isinstance(widget, forms.RadioSelect):
            _add_class(widget, "form-select")
        elif not isinstance(widget, _BARE):
            _add_class(widget, "form-control")


def _as_typed(value: Any) -> Any:
    """A quantity or price as a person would type it, without the zeros its column pads it with; money keeps its cents."""
    is_padded = isinstance(value, Decimal) and value.as_tuple().exponent != -CENTS
    return formats.plain(value) if is_padded else value


def _add_class(widget: forms.Widget, css: str) -> None:
    present = widget.attrs.get("class", "").split()
    if css not in present:
        widget.attrs["class"] = " ".join([*present, css])


class UiFormMixin:
    """Mix into a Form or ModelForm: `{% field form.name %}` then draws it in the house style."""

    use_required_attribute = True

    def __getitem__(self, name: str) -> forms.BoundField:
        if not getattr(self, "_dressed", False):
            self._dressed = True
            dress(self)  # type: ignore[arg-type]
        return super().__getitem__(name)  # type: ignore[misc]
