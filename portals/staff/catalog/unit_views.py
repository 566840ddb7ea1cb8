"""The other units of an item: a box of twelve, with a barcode of its own."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.catalog.models import Unit
from backend.catalog.services.units import ItemUnitData, save_item_units, units_of
from backend.kernel.money import ZERO
from portals.staff.catalog.item_forms import load_item
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.forms import StaffForm
from portals.staff.shared.masters import edit_page
from portals.ui.components import Crumb
from portals.ui.guards import staff_view

ROWS = 4


class UnitsForm(StaffForm):
    """Up to four other units; a row without a unit is none."""

    from_now_on = forms.BooleanField(
        label=gettext_lazy("The new rates hold from now on; documents that are there keep theirs"), required=False
    )

    def __init__(self, *args: Any, own: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = Unit.objects.order_by("code")
        for row in range(ROWS):
            self.fields[f"unit_{row}"] = forms.ModelChoiceField(
                label=gettext_lazy("Unit"), queryset=units, required=False, empty_label="–"
            )
            self.fields[f"factor_{row}"] = forms.DecimalField(
                label=_("holds how many %(unit)s") % {"unit": own}, required=False, max_digits=14, decimal_places=4
            )
            self.fields[f"barcode_{row}"] = forms.CharField(
                label=gettext_lazy("Barcode"), required=False, max_length=40
            )
            self.fields[f"floating_{row}"] = forms.BooleanField(
                label=gettext_lazy("Differs from delivery to delivery"), required=False
            )

    def units(self) -> list[ItemUnitData]:
        clean = self.cleaned_data
        return [
            ItemUnitData(
                clean[f"unit_{row}"].pk,
                clean[f"factor_{row}"] or ZERO,
                clean[f"floating_{row}"],
                clean[f"barcode_{row}"],
            )
            for row in range(ROWS)
            if clean[f"unit_{row}"]
        ]


@staff_view("catalog.item.edit")
def item_units(request: HttpRequest, pk: UUID) -> HttpResponse:
    item = load_item(pk)
    initial: dict[str, Any] = {}
    for row, unit in enumerate(units_of([pk])[pk]):
        initial |= {
            f"unit_{row}": unit.unit_id,
            f"factor_{row}": unit.factor.normalize(),
            f"barcode_{row}": unit.barcode,
            f"floating_{row}": unit.floating,
        }
    posted = request.POST if request.method == "POST" else None
    form = (
        UnitsForm(posted, own=str(item.unit)) if posted is not None else UnitsForm(initial=initial, own=str(item.unit))
    )
    url = reverse("staff:item_detail", kwargs={"pk": pk})
    names = [f"{name}_{row}" for row in range(ROWS) for name in ("unit", "factor", "barcode", "floating")]
    return edit_page(
        request,
        form=form,
        sections=[
            (_("Other units"), names),
            (_("Rates in use"), ["from_now_on"]),
        ],
        save=lambda: save_item_units(
            item_id=pk,
            units=form.units(),
            from_now_on=form.cleaned_data["from_now_on"],
            **who_and_when(request),
        ),
        back=lambda saved: url,
        title=_("Units of %(name)s") % {"name": item.name},
        crumbs=[Crumb(_("Items"), reverse("staff:item_list")), Crumb(item.code, url)],
        cancel_url=url,
        version="",
        wide=(),
    )
