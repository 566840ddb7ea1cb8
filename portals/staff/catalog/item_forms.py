"""Entry of an item: the form, and what this member may see of it."""

from dataclasses import fields as dataclass_fields
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.catalog.inputs import ItemData
from backend.catalog.models import (
    InspectionPlan,
    Item,
    ItemCategory,
    ItemType,
    TaxCode,
    Unit,
)
from backend.catalog.selectors import item_whole
from backend.catalog.services import save_item
from backend.kernel.errors import NotFoundRefused
from backend.parties.models import Party
from portals.staff.catalog.tables import COST
from portals.staff.shared.acting import version_of, who_and_when
from portals.staff.shared.forms import PickField, StaffForm
from portals.staff.shared.lists import PRICES
from portals.staff.shared.masters import edit_page
from portals.ui.components import Crumb
from portals.ui.guards import staff_view


def load_item(pk: UUID) -> Item:
    """The item, or not found."""
    item = item_whole(pk)
    if item is None:
        raise NotFoundRefused(_("There is no such item."), value=pk)
    return item


class ItemForm(StaffForm):
    """An item whole."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    code = forms.CharField(
        label=gettext_lazy("Item code"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Left empty it is given on saving."),
    )
    spec = forms.CharField(label=gettext_lazy("Specification"), max_length=120, required=False)
    barcode = forms.CharField(label=gettext_lazy("Barcode"), max_length=40, required=False)
    item_type = forms.ChoiceField(label=gettext_lazy("Kind"), choices=ItemType.choices)
    category_id = forms.ModelChoiceField(label=gettext_lazy("Category"), queryset=ItemCategory.objects.none())
    unit_id = forms.ModelChoiceField(label=gettext_lazy("Unit"), queryset=Unit.objects.none())
    tax_code_id = forms.ModelChoiceField(label=gettext_lazy("Tax rate"), queryset=TaxCode.objects.none())
    sale_price = forms.DecimalField(
        label=gettext_lazy("Sale price incl. tax"), required=False, min_value=0, max_digits=20, decimal_places=6
    )
    min_sale_price = forms.DecimalField(
        label=gettext_lazy("Lowest sale price"), required=False, min_value=0, max_digits=20, decimal_places=6
    )
    purchase_price = forms.DecimalField(
        label=gettext_lazy("Purchase price incl. tax"), required=False, min_value=0, max_digits=20, decimal_places=6
    )
    supplier_id = PickField(
        label=gettext_lazy("Supplier"),
        model=Party,
        role="is_supplier",
        url_name="staff:find_suppliers",
        required=False,
        help_text=gettext_lazy("Suggestions buy from here"),
    )
    lead_days = forms.IntegerField(
        label=gettext_lazy("Days to make"),
        required=False,
        min_value=0,
        max_value=999,
        help_text=gettext_lazy("Left empty: the supplier's"),
    )
    pack_qty = forms.DecimalField(
        label=gettext_lazy("Pack"), initial=1, help_text=gettext_lazy("Purchases are rounded up to whole packs")
    )
    min_order_qty = forms.DecimalField(label=gettext_lazy("Least order"), initial=0, min_value=0)
    safety_stock = forms.DecimalField(label=gettext_lazy("Safety stock"), initial=0, min_value=0)
    lot_tracked = forms.BooleanField(label=gettext_lazy("Kept by lot"), required=False)
    serial_tracked = forms.BooleanField(
        label=gettext_lazy("Kept by serial number"),
        required=False,
        help_text=gettext_lazy("Every piece has a number of its own"),
    )
    expiry_tracked = forms.BooleanField(label=gettext_lazy("Has an expiry date"), required=False)
    shelf_life_days = forms.IntegerField(label=gettext_lazy("Shelf life (days)"), required=False, min_value=1)
    inspection = forms.ChoiceField(
        label=gettext_lazy("Inspection on receipt"), choices=InspectionPlan.choices, required=False, initial="none"
    )
    purchasable = forms.BooleanField(label=gettext_lazy("Is bought"), required=False, initial=True)
    sellable = forms.BooleanField(label=gettext_lazy("Is sold"), required=False, initial=True)
    share_with_supplier = forms.BooleanField(label=gettext_lazy("Supplier sees its stock"), required=False)
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

    def values(self, item: Item | None) -> ItemData:
        """For the service; what this member may not see stays as it is."""
        clean = dict(self.cleaned_data)
        clean["inspection"] = clean["inspection"] or InspectionPlan.NONE
        for name in ("category_id", "unit_id", "tax_code_id"):
            clean[name] = clean[name].pk
        for each in dataclass_fields(ItemData):
            if each.name not in clean and item is not None:
                clean[each.name] = getattr(item, each.name)
        return ItemData(**clean)


def _sections(form: ItemForm) -> list[tuple[Any, list[str]]]:
    every = [
        (_("What it is"), ["name", "spec", "code", "barcode", "item_type", "category_id", "unit_id", "tax_code_id"]),
        (_("Prices"), ["sale_price", "min_sale_price", "purchase_price"]),
        (_("Buying"), ["supplier_id", "lead_days", "pack_qty", "min_order_qty", "safety_stock"]),
        (
            _("Keeping and use"),
            [
                "lot_tracked",
                "serial_tracked",
                "expiry_tracked",
                "shelf_life_days",
                "inspection",
                "purchasable",
                "sellable",
                "share_with_supplier",
                "active",
                "remark",
            ],
        ),
    ]
    found = [(title, [name for name in names if name in form.fields]) for title, names in every]
    return [(title, names) for title, names in found if names]


def _item_edit(request: HttpRequest, item: Item | None) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    rights = {"cost": actor.may(COST), "price": actor.may(PRICES)}
    initial: dict[str, Any] = {}
    if item is not None:
        initial = {each.name: getattr(item, each.name) for each in dataclass_fields(ItemData)}
    else:
        defaults = {"category_id": ItemCategory, "unit_id": Unit, "tax_code_id": TaxCode}
        codes = {"category_id": "goods", "unit_id": "pcs", "tax_code_id": "VAT13"}
        found = {name: model._default_manager.filter(code=codes[name]).first() for name, model in defaults.items()}
        initial = {name: row.pk for name, row in found.items() if row} | {"item_type": "goods"}
    form = ItemForm(request.POST, **rights) if request.method == "POST" else ItemForm(initial=initial, **rights)
    crumbs = [Crumb(_("Items"), reverse("staff:item_list"))]
    url = reverse("staff:item_detail", kwargs={"pk": item.pk}) if item else reverse("staff:item_list")
    return edit_page(
        request,
        form=form,
        sections=_sections(form),
        save=lambda: save_item(
            data=form.values(item),
            item_id=item.pk if item else None,
            version=version_of(request) if item else None,
            **who_and_when(request),
        ),
        back=lambda saved: reverse("staff:item_detail", kwargs={"pk": saved.pk}),
        title=_("Change %(name)s") % {"name": item.name} if item else _("New item"),
        crumbs=[*crumbs, Crumb(item.code, url)] if item else crumbs,
        cancel_url=url,
        version=item.version if item else "",
        wide=("name", "remark"),
    )


@staff_view("catalog.item.edit")
def item_new(request: HttpRequest) -> HttpResponse:
    return _item_edit(request, None)


@staff_view("catalog.item.edit")
def item_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _item_edit(request, load_item(pk))
