"""Keying a blanket order: its term, limits and lines."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.kernel.errors import Refusal, ValidationRefused
from backend.kernel.money import ZERO
from backend.purchasing.models import BlanketLine, BlanketOrder
from backend.purchasing.services.inputs import BlanketLineInput
from portals.staff.purchasing.forms import WithSupplier
from portals.staff.sales.entry import items_of
from portals.staff.sales.forms import PRICE_MODES
from portals.staff.shared.quantities import number_of
from portals.ui.forms import DateInput
from portals.ui.line_grid import GridColumn, GridRow, LineGrid, read_lines

COLUMNS = (
    GridColumn("item_id", gettext_lazy("Item code"), "item", required=True),
    GridColumn("name", gettext_lazy("Name and specification"), out=True, size="w-xl"),
    GridColumn("unit", gettext_lazy("Unit"), out=True),
    GridColumn("qty", gettext_lazy("Quantity agreed"), "qty", required=True, strong=True),
    GridColumn("price", gettext_lazy("Price agreed"), "price", required=True),
    GridColumn("description", gettext_lazy("Description"), size="w-l"),
)


class BlanketForm(WithSupplier):
    """The head of a blanket order."""

    valid_from = forms.DateField(label=gettext_lazy("Holds from"), widget=DateInput())
    valid_to = forms.DateField(label=gettext_lazy("Valid until"), widget=DateInput())
    supplier_ref = forms.CharField(label=gettext_lazy("Contract number"), max_length=60, required=False)
    tolerance_pct = forms.DecimalField(
        label=gettext_lazy("Tolerance %"), min_value=0, max_value=100, decimal_places=2, required=False
    )
    limit_amount = forms.DecimalField(
        label=gettext_lazy("Most in all"),
        min_value=0,
        max_digits=16,
        decimal_places=2,
        required=False,
        help_text=gettext_lazy("Left empty: the quantities alone limit it"),
    )
    price_includes_tax = forms.ChoiceField(label=gettext_lazy("Prices"), choices=PRICE_MODES)
    remark = forms.CharField(label=gettext_lazy("Remarks"), required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def values(self) -> dict[str, Any]:
        """For `BlanketData`."""
        clean = self.cleaned_data
        return {
            "supplier_id": clean["supplier"],
            "valid_from": clean["valid_from"],
            "valid_to": clean["valid_to"],
            "supplier_ref": clean["supplier_ref"],
            "tolerance_pct": clean["tolerance_pct"] or ZERO,
            "limit_amount": clean["limit_amount"],
            "price_includes_tax": clean["price_includes_tax"] == "1",
            "remark": clean["remark"],
        }


def initial_of(blanket: BlanketOrder) -> dict[str, Any]:
    names = ("valid_from", "valid_to", "supplier_ref", "tolerance_pct", "limit_amount", "remark")
    known = {name: getattr(blanket, name) for name in names}
    return known | {
        "supplier": str(blanket.supplier_id),
        "price_includes_tax": "1" if blanket.price_includes_tax else "0",
    }


def empty_grid() -> LineGrid:
    return LineGrid(
        COLUMNS,
        pick_url=reverse("staff:purchase_pick"),
        recalculate_url=reverse("staff:rfq_recalculate"),
        new_item_url=reverse("staff:item_new"),
    )


def grid_of(lines: Sequence[BlanketLine]) -> LineGrid:
    rows = [
        GridRow(
            {
                "item_id": str(line.item_id),
                "item_id_code": line.item.code,
                "name": f"{line.item.name} {line.item.spec}".strip(),
                "unit": str(line.item.unit),
                "qty": line.qty,
                "price": line.price,
                "description": line.description,
                "touched": "price",
            }
        )
        for line in lines
    ]
    return replace(empty_grid(), rows=rows)


def read_inputs(post: QueryDict) -> tuple[BlanketLineInput, ...]:
    """The lines for the service; raises one refusal naming every cell that cannot be read."""
    lines = read_lines(post, COLUMNS)
    items = items_of(lines)
    problems: list[Refusal] = []
    found = []
    for line in lines:
        item = items.get(line.index)
        qty, price = number_of(line, "qty", problems), number_of(line, "price", problems)
        if item is None:
            words = _("Line %(line)s: there is no item “%(code)s”.")
            where = {"line": line.no, "code": line.text("item_id_code")[:40]}
            problems.append(ValidationRefused(words % where, line=line.no, field="item_id"))
        elif price is None:
            words = _("Line %(line)s: give the price.") % {"line": line.no}
            problems.append(ValidationRefused(words, line=line.no, field="price"))
        else:
            found.append(BlanketLineInput(item.pk, qty or ZERO, price, line.text("description")[:200]))
    if problems:
        raise Refusal.many(problems)
    return tuple(found)
