"""The form of a style: what its variants have in common, and the values of each attribute that it exists in."""

from dataclasses import fields as dataclass_fields
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.catalog.inputs import StyleData
from backend.catalog.models import Attribute, ItemCategory, Style, TaxCode, Unit
from backend.parties.models import Party
from portals.staff.shared.forms import PickField, StaffForm
from portals.ui import formats

_PRICE: dict[str, Any] = {"required": False, "min_value": 0, "max_digits": 20, "decimal_places": 6}


class StyleForm(StaffForm):
    """A style whole."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    code = forms.CharField(
        label=gettext_lazy("Style code"), max_length=30, help_text=gettext_lazy("Variants are named by it: STYLE-RED-M")
    )
    category_id = forms.ModelChoiceField(label=gettext_lazy("Category"), queryset=ItemCategory.objects.none())
    unit_id = forms.ModelChoiceField(label=gettext_lazy("Unit"), queryset=Unit.objects.none())
    tax_code_id = forms.ModelChoiceField(label=gettext_lazy("Tax rate"), queryset=TaxCode.objects.none())
    sale_price = forms.DecimalField(label=gettext_lazy("Sale price incl. tax"), **_PRICE)
    min_sale_price = forms.DecimalField(label=gettext_lazy("Lowest sale price"), **_PRICE)
    purchase_price = forms.DecimalField(label=gettext_lazy("Purchase price incl. tax"), **_PRICE)
    supplier_id = PickField(
        label=gettext_lazy("Supplier"),
        model=Party,
        role="is_supplier",
        url_name="staff:find_suppliers",
        required=False,
        help_text=gettext_lazy("Suggestions buy from here"),
    )
    lead_days = forms.IntegerField(label=gettext_lazy("Days to make"), required=False, min_value=0, max_value=999)
    active = forms.BooleanField(label=gettext_lazy("In use"), required=False, initial=True)
    remark = forms.CharField(label=gettext_lazy("Remarks"), required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, cost: bool, price: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category_id"].queryset = ItemCategory.objects.order_by("code")  # type: ignore[attr-defined]
        self.fields["unit_id"].queryset = Unit.objects.order_by("code")  # type: ignore[attr-defined]
        self.fields["tax_code_id"].queryset = TaxCode.objects.order_by("-rate")  # type: ignore[attr-defined]
        hidden = ([] if cost else ["purchase_price"]) + ([] if price else ["sale_price", "min_sale_price"])
        for name in hidden:
            del self.fields[name]
        self.axes = [self._axis(found) for found in Attribute.objects.prefetch_related("values").order_by("position")]

    def _axis(self, attribute: Attribute) -> str:
        """A field with the values of an attribute."""
        name = f"values_{attribute.code}"
        values = sorted(attribute.values.all(), key=lambda row: (row.position, row.code))
        self.fields[name] = forms.MultipleChoiceField(
            label=attribute.name,
            required=False,
            choices=[(str(value.pk), value.name) for value in values],
            widget=forms.CheckboxSelectMultiple(attrs={"class": "tk-checks"}),
        )
        return name

    def values(self, style: Style | None) -> StyleData:
        """For the service; what this member may not see stays as it is."""
        clean = dict(self.cleaned_data)
        chosen = [UUID(pk) for name in self.axes for pk in clean.pop(name)]
        clean["value_ids"] = tuple(chosen)
        for name in ("category_id", "unit_id", "tax_code_id"):
            clean[name] = clean[name].pk
        for each in dataclass_fields(StyleData):
            if each.name not in clean and style is not None:
                clean[each.name] = getattr(style, each.name)
        return StyleData(**clean)

    def sections(self) -> list[tuple[Any, list[str]]]:
        every = [
            (_("What it is"), ["name", "code", "category_id", "unit_id", "tax_code_id", "active"]),
            (_("Exists in"), self.axes),
            (_("Prices"), ["sale_price", "min_sale_price", "purchase_price"]),
            (_("Buying"), ["supplier_id", "lead_days", "remark"]),
        ]
        found = [(title, [name for name in names if name in self.fields]) for title, names in every]
        return [(title, names) for title, names in found if names]


def initial_of(style: Style | None) -> dict[str, Any]:
    """What the form shows first."""
    if style is None:
        defaults = {"category_id": (ItemCategory, "goods"), "unit_id": (Unit, "pcs"), "tax_code_id": (TaxCode, "VAT13")}
        found = {name: model._default_manager.filter(code=code).first() for name, (model, code) in defaults.items()}
        return {name: row.pk for name, row in found.items() if row}
    shown = {each.name: getattr(style, each.name) for each in dataclass_fields(StyleData) if each.name != "value_ids"}
    for name in ("sale_price", "min_sale_price", "purchase_price"):
        shown[name] = formats.plain(shown[name])
    for row in style.chosen.all():
        shown.setdefault(f"values_{row.value.attribute.code}", []).append(str(row.value_id))
    return shown
