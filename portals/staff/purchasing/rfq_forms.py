"""Keying a request for quotation: its head, its lines, who is asked."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.kernel.errors import Refusal, ValidationRefused
from backend.kernel.money import ZERO
from backend.purchasing.models import Rfq, RfqLine
from backend.purchasing.services.inputs import RfqLineInput
from portals.staff.sales.entry import day_of, items_of, uuid_of
from portals.staff.sales.forms import warehouse_choices
from portals.staff.shared.forms import StaffForm, party_choices
from portals.staff.shared.item_names import named
from portals.staff.shared.parties import uuid_or_none
from portals.staff.shared.quantities import number_of
from portals.ui.line_grid import GridColumn, GridRow, LineGrid, read_lines

COLUMNS = (
    GridColumn("item_id", gettext_lazy("Item code"), "item", required=True),
    GridColumn("name", gettext_lazy("Name and specification"), out=True, size="w-xl"),
    GridColumn("unit", gettext_lazy("Unit"), out=True),
    GridColumn("qty", gettext_lazy("Quantity"), "qty", required=True, strong=True),
    GridColumn("need_date", gettext_lazy("Needed on"), "date", required=True),
    GridColumn("description", gettext_lazy("Words for the suppliers"), size="w-xl"),
)
MOMENT = "%Y-%m-%dT%H:%M"


class MomentInput(forms.DateTimeInput):
    """A native picker of day and time."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format=MOMENT)


class DeadlineForm(StaffForm):
    """Until when quotes are taken."""

    deadline = forms.DateTimeField(label=gettext_lazy("Quotes until"), input_formats=[MOMENT], widget=MomentInput())


class RfqForm(DeadlineForm):
    """The head of a request and the suppliers that are asked."""

    title = forms.CharField(label=gettext_lazy("Subject"), max_length=120)
    warehouse_id = forms.ChoiceField(label=gettext_lazy("Deliver to"))
    suppliers = forms.MultipleChoiceField(
        label=gettext_lazy("Suppliers asked"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one supplier.")},
    )
    remark = forms.CharField(label=gettext_lazy("Remarks"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    field_order = ("title", "deadline", "warehouse_id")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["warehouse_id"].choices = warehouse_choices()  # type: ignore[attr-defined]
        self.fields["suppliers"].choices = party_choices("supplier")[1:]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """For `RfqData`."""
        clean = self.cleaned_data
        return {
            "title": clean["title"],
            "deadline": clean["deadline"],
            "warehouse_id": uuid_or_none(clean["warehouse_id"]),
            "supplier_ids": [UUID(key) for key in clean["suppliers"]],
            "remark": clean["remark"],
        }


def empty_grid() -> LineGrid:
    return LineGrid(
        COLUMNS,
        pick_url=reverse("staff:purchase_pick"),
        recalculate_url=reverse("staff:rfq_recalculate"),
        new_item_url=reverse("staff:item_new"),
    )


def grid_of(lines: Sequence[RfqLine]) -> LineGrid:
    """The grid of a saved draft."""
    rows = [
        GridRow(
            {
                "id": str(line.pk),
                "item_id": str(line.item_id),
                "item_id_code": line.item.code,
                "name": f"{line.item.name} {line.item.spec}".strip(),
                "unit": str(line.item.unit),
                "qty": line.qty,
                "need_date": line.need_date.isoformat(),
                "description": line.description,
            }
        )
        for line in lines
    ]
    return replace(empty_grid(), rows=rows)


def read_inputs(post: QueryDict) -> tuple[RfqLineInput, ...]:
    """The lines for the service; raises one refusal naming every cell that cannot be read."""
    lines = read_lines(post, COLUMNS)
    items = items_of(lines)
    problems: list[Refusal] = []
    found = []
    for line in lines:
        item, day = items.get(line.index), day_of(line.text("need_date"))
        qty = number_of(line, "qty", problems)
        if item is None:
            words = _("Line %(line)s: there is no item “%(code)s”.")
            where = {"line": line.no, "code": line.text("item_id_code")[:40]}
            problems.append(ValidationRefused(words % where, line=line.no, field="item_id"))
        elif day is None:
            words = _("Line %(line)s: give the day.") % {"line": line.no}
            problems.append(ValidationRefused(words, line=line.no, field="need_date"))
        else:
            text = line.text("description")[:300]
            found.append(RfqLineInput(item.pk, qty or ZERO, day, text, uuid_of(line.text("id"))))
    if problems:
        raise Refusal.many(problems)
    return tuple(found)


def recalculated(post: QueryDict) -> dict[str, Any]:
    """Names and units of the lines being keyed."""
    return named(post, COLUMNS)


def initial_of(rfq: Rfq) -> dict[str, Any]:
    """What the form of a saved draft shows first."""
    return {
        "title": rfq.title,
        "deadline": rfq.deadline,
        "warehouse_id": str(rfq.warehouse_id),
        "suppliers": [str(row.supplier_id) for row in rfq.invitations.all()],
        "remark": rfq.remark,
    }
