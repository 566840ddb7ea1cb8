"""Keying a purchase requisition: its head, its lines with estimates, and the live answer of the grid."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.catalog.models import Item, ItemUnit
from backend.catalog.services.units import units_of
from backend.kernel import clock
from backend.kernel.errors import Refusal, ValidationRefused
from backend.kernel.money import ZERO, AmountTooLarge, cents, total
from backend.purchasing.models import PurchaseRequisition, RequisitionLine
from backend.purchasing.services.inputs import RequisitionLineInput
from portals.staff.sales.entry import day_of, items_of, uuid_of
from portals.staff.sales.forms import warehouse_choices
from portals.staff.shared.forms import StaffForm, party_choices, staff_choices
from portals.staff.shared.parties import uuid_or_none
from portals.staff.shared.quantities import keyed_words, number_of, typed_quantity, unit_words
from portals.ui import formats
from portals.ui.counted import unit_price
from portals.ui.forms import DateInput
from portals.ui.line_grid import EntryLine, GridColumn, GridRow, LineGrid, read_lines

PRICED = ("price", "gross")


class RequisitionForm(StaffForm):
    """The head of a requisition."""

    need_date = forms.DateField(label=gettext_lazy("Needed by"), widget=DateInput())
    requester_id = forms.ChoiceField(label=gettext_lazy("Requested by"), required=False)
    department = forms.CharField(label=gettext_lazy("Department"), max_length=60, required=False)
    doc_date = forms.DateField(label=gettext_lazy("Date"), widget=DateInput())
    warehouse_id = forms.ChoiceField(label=gettext_lazy("Warehouse"))
    reason = forms.CharField(label=gettext_lazy("Purpose"), max_length=300, required=False)
    remark = forms.CharField(label=gettext_lazy("Remarks"), required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["warehouse_id"].choices = warehouse_choices()  # type: ignore[attr-defined]
        self.fields["requester_id"].choices = staff_choices()  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """For `RequisitionData`."""
        clean = self.cleaned_data
        ids = {name: uuid_or_none(clean[name]) for name in ("requester_id", "warehouse_id")}
        return {**clean, **ids}


def initial_of(document: PurchaseRequisition | None, actor: Any) -> dict[str, Any]:
    """What the form shows first."""
    if document is None:
        return {"doc_date": clock.today(), "requester_id": str(actor.member_id or "")}
    known = {name: getattr(document, name) for name in ("need_date", "department", "doc_date", "reason", "remark")}
    return known | {"requester_id": str(document.requester_id or ""), "warehouse_id": str(document.warehouse_id)}


# --- the grid ------------------------------------------------------------------------------------
def _columns(*, priced: bool) -> tuple[GridColumn, ...]:
    columns = (
        GridColumn("item_id", gettext_lazy("Item code"), "item", required=True),
        GridColumn("name", gettext_lazy("Name and specification"), out=True, size="w-xl"),
        GridColumn("unit", gettext_lazy("Unit"), out=True),
        GridColumn("qty", gettext_lazy("Quantity"), "qty", required=True, strong=True),
        GridColumn("price", gettext_lazy("Estimated price"), "price"),
        GridColumn("gross", gettext_lazy("Estimate incl. tax"), out=True, numeric=True, strong=True),
        GridColumn("requested_date", gettext_lazy("Wanted on"), "date"),
        GridColumn("supplier_id", gettext_lazy("Preferred supplier"), "select", options=party_choices("supplier")),
        GridColumn("description", gettext_lazy("Description"), size="w-l"),
    )
    return tuple(column for column in columns if priced or column.key not in PRICED)


def empty_grid(*, priced: bool) -> LineGrid:
    """A grid without lines; without the right to see prices it has none."""
    return LineGrid(
        _columns(priced=priced),
        pick_url=reverse("staff:requisition_pick"),
        recalculate_url=reverse("staff:requisition_recalculate"),
        new_item_url=reverse("staff:item_new"),
        totals={"qty": "", "gross": ""} if priced else {"qty": ""},
    )


def grid_of(lines: Sequence[RequisitionLine], *, priced: bool) -> LineGrid:
    """The grid of a saved draft."""
    return replace(empty_grid(priced=priced), rows=[_row_of(line) for line in lines])


def _row_of(line: RequisitionLine) -> GridRow:
    keyed = keyed_words(line, line.qty)
    values = {
        "id": str(line.pk),
        "item_id": str(line.item_id),
        "item_id_code": line.item.code,
        "name": f"{line.item.name} {line.item.spec}".strip(),
        "unit": str(line.item.unit),
        "qty": keyed or line.qty,
        "price": unit_price(line, line.price) if keyed else line.price,
        "gross": formats.money(line.gross_amount),
        "requested_date": line.requested_date.isoformat(),
        "supplier_id": str(line.supplier_id or ""),
        "description": line.description,
        "touched": "price" if line.price_source == "manual" else "",
    }
    return GridRow(values)


def read_inputs(post: QueryDict, *, priced: bool) -> tuple[RequisitionLineInput, ...]:
    """The lines for the service; raises one refusal naming every cell that cannot be read."""
    lines = read_lines(post, _columns(priced=priced))
    items = items_of(lines)
    units = units_of(item.pk for item in items.values())
    problems: list[Refusal] = []
    found = []
    for line in lines:
        item = items.get(line.index)
        if item is None:
            where = {"line": line.no, "code": line.text("item_id_code")[:40]}
            words = _("Line %(line)s: there is no item “%(code)s”.") % where
            problems.append(
                ValidationRefused(words, line=line.no, field="item_id", way_out=_("Pick one from the list."))
            )
            continue
        found.append(_input(line, item, units[item.pk], problems))
    if problems:
        raise Refusal.many(problems)
    return tuple(found)


def _input(line: EntryLine, item: Item, units: Sequence[ItemUnit], problems: list[Refusal]) -> RequisitionLineInput:
    typed = typed_quantity(line, item, units, problems)
    price = number_of(line, "price", problems)
    return RequisitionLineInput(
        item_id=item.pk,
        qty=typed.qty,
        unit_id=typed.unit.unit_id if typed.unit else None,
        factor=typed.holds if typed.unit and typed.unit.floating else None,
        price=price if "price" in line.touched else None,
        requested_date=day_of(line.text("requested_date")),
        supplier_id=uuid_of(line.text("supplier_id")),
        description=line.text("description")[:200],
        id=uuid_of(line.text("id")),
    )


def recalculated(post: QueryDict, *, priced: bool) -> dict[str, Any]:
    """Names, units and estimates of the lines being keyed. Nothing is written."""
    lines = read_lines(post, _columns(priced=priced))
    items = items_of(lines)
    units = units_of(item.pk for item in items.values())
    answers: dict[str, Any] = {}
    sums: list[Decimal] = []
    qtys: list[Decimal] = []
    for line in lines:
        item = items.get(line.index)
        if item is None:
            words = _("There is no item “%(code)s”.") % {"code": line.text("item_id_code")[:40]}
            answers[str(line.index)] = {"_errors": {"item_id": words}, "name": "", "gross": ""}
            continue
        answers[str(line.index)], qty, gross = _answer(line, item, units[item.pk])
        qtys.append(qty)
        sums.append(gross)
    totals = {"qty": formats.qty(total(qtys)), "gross": formats.money(total(sums))}
    return {"lines": answers, "totals": totals if priced else {"qty": totals["qty"]}, "summary": ""}


def _answer(line: EntryLine, item: Item, units: Sequence[ItemUnit]) -> tuple[dict[str, Any], Decimal, Decimal]:
    problems: list[Refusal] = []
    quantity = typed_quantity(line, item, units, problems)
    typed = number_of(line, "price", problems) if "price" in line.touched else None
    price = typed if typed is not None else (item.purchase_price or ZERO) * quantity.holds
    try:
        gross = cents(price * quantity.qty, field="price")
    except AmountTooLarge as problem:
        problems.append(problem)
        gross = ZERO
    answer = {
        "item_id": str(item.pk),
        "item_id_code": item.code,
        "name": f"{item.name} {item.spec}".strip(),
        "unit": unit_words(item, units),
        "price": formats.plain(price) if price else "",
        "gross": formats.money(gross) if gross else "",
        "_errors": {str(problem.field): problem.message for problem in problems},
    }
    return answer, quantity.own, gross
