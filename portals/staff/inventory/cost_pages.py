"""Cost adjustments: what goods are worth is corrected, their quantities stay."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.inventory.models import AdjustmentReason, CostAdjustment, CostAdjustmentLine
from backend.inventory.services import adjustments
from backend.inventory.services.inputs import CostLineInput
from backend.kernel.document import Approval
from backend.kernel.errors import Refusal
from backend.parties.models import Party
from portals.staff.inventory.papers import ITEM_COLUMNS, Paper, PaperForm, approved_fact, date_fact, place_field
from portals.staff.inventory.tables import CostList, _warehouses
from portals.staff.purchasing.words import supplier_fact
from portals.staff.shared.columns import APPROVAL, DAY, LINE_DAY, LINE_ITEM, LINE_NUMBER, MADE_BY, NUMBER, REMARK
from portals.staff.shared.forms import PickField
from portals.staff.shared.line_lists import DocumentList
from portals.staff.shared.quantities import number_of
from portals.ui import formats
from portals.ui.components import Action, Empty, Fact, Total
from portals.ui.documents import Cell, LineColumn
from portals.ui.line_grid import EntryLine, GridColumn
from portals.ui.lists import ChoiceFilter, Column, DateFilter, Preset, TextFilter

VIEW, EDIT, EXPORT = "inventory.cost.view", "inventory.cost.edit", "inventory.cost.export"


class AdjustmentForm(PaperForm):
    warehouse_id = place_field(gettext_lazy("Warehouse"))
    reason = forms.ChoiceField(label=gettext_lazy("Booked against"), choices=AdjustmentReason)
    supplier_id = PickField(
        label=gettext_lazy("Owed to"),
        model=Party,
        role="is_supplier",
        url_name="staff:find_suppliers",
        required=False,
        help_text=gettext_lazy("For the payable to a supplier: whom we owe the difference, or who owes it to us."),
    )


class AdjustmentPaper(Paper):
    name = "cost_adjustment"
    right = "inventory.cost"
    model = CostAdjustment
    title = gettext_lazy("Cost adjustment")
    plural = gettext_lazy("Cost adjustments")
    area = gettext_lazy("Finance")
    new_title = gettext_lazy("New cost adjustment")
    form = AdjustmentForm
    fields = ("reason", "supplier_id", "warehouse_id", "doc_date", "remark")
    related = ("warehouse", "supplier")
    grid_columns = (
        *(column for column in ITEM_COLUMNS if column.key != "qty"),
        GridColumn("unit_cost", gettext_lazy("New unit cost"), "price"),
        GridColumn("amount", gettext_lazy("or difference"), "money"),
        GridColumn("note", gettext_lazy("Remarks"), size="w-xl"),
    )
    save, approve = adjustments.save_cost_adjustment, adjustments.approve_cost_adjustment
    unapprove, void = adjustments.unapprove_cost_adjustment, adjustments.void_cost_adjustment
    book_label = gettext_lazy("Book")
    booked = gettext_lazy("The cost is adjusted.")
    waiting = gettext_lazy("The difference is worked out when it is booked, from what lies there then.")
    undo_text = gettext_lazy("The difference and its voucher are reversed, as long as the goods are there.")

    def facts(self, document: CostAdjustment, actor: Any) -> list[Fact]:
        return [
            Fact(_("Warehouse"), str(document.warehouse)),
            Fact(_("Booked against"), document.get_reason_display()),
            *([supplier_fact(document.supplier, actor)] if document.supplier else ()),
            date_fact(document),
            approved_fact(document),
        ]

    def columns(self, cost: bool) -> list[LineColumn]:
        money = [
            LineColumn("value", _("Value before"), "money"),
            LineColumn("cost", _("New unit cost"), "price"),
            LineColumn("amount", _("Difference"), "money", strong=True),
        ]
        return [LineColumn("qty", _("On hand"), "qty"), *(money if cost else ()), LineColumn("note", _("Remarks"))]

    def cells(self, line: CostAdjustmentLine) -> dict[str, Any]:
        return {
            "qty": Cell(line.qty_before, unit=line.item.unit) if line.qty_before is not None else "–",
            "value": line.value_before,
            "cost": line.unit_cost,
            "amount": line.amount,
            "note": line.note or "–",
        }

    def totals(self, document: CostAdjustment, lines: Sequence[Any], cost: bool) -> list[Total]:
        return [Total(_("Difference"), formats.money(document.total_amount), grand=True)] if cost else []

    def head(self, document: CostAdjustment) -> dict[str, Any]:
        supplier = str(document.supplier_id) if document.supplier_id else ""
        return super().head(document) | {"reason": document.reason, "supplier_id": supplier}

    def row(self, line: CostAdjustmentLine) -> dict[str, Any]:
        typed = line.unit_cost is not None
        return {"qty": "", "unit_cost": line.unit_cost, "amount": None if typed else line.amount, "note": line.note}

    def typed(self, line: EntryLine, item: Any, lot_id: UUID | None, problems: list[Refusal]) -> CostLineInput:
        return CostLineInput(
            item.pk,
            number_of(line, "unit_cost", problems),
            number_of(line, "amount", problems),
            line.text("note")[:120],
        )


class AdjustmentList(CostList, DocumentList):
    key = "inventory.cost_adjustment"
    noun = "cost_adjustment"
    title = AdjustmentPaper.plural
    permission = VIEW
    export_permission = EXPORT
    costly = frozenset({"total_amount", "amount", "unit_cost", "value_before"})
    columns = (
        NUMBER,
        DAY,
        Column("warehouse", gettext_lazy("Warehouse"), value="warehouse.name", sort="warehouse__code"),
        Column("reason", gettext_lazy("Booked against"), value="get_reason_display", sort="reason"),
        Column("total_amount", gettext_lazy("Difference"), "money", sort=True, total="total_amount", strong=True),
        APPROVAL,
        MADE_BY,
        REMARK,
    )
    line_columns = (
        LINE_NUMBER,
        LINE_DAY,
        LINE_ITEM,
        Column("qty_before", gettext_lazy("On hand"), "qty", unit="item.unit.name"),
        Column("value_before", gettext_lazy("Value before"), "money"),
        Column("unit_cost", gettext_lazy("New unit cost"), "price"),
        Column("amount", gettext_lazy("Difference"), "money", sort=True, total="amount", strong=True),
    )
    line_model = CostAdjustmentLine
    line_related = ("document", "item__unit")
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("number", "remark")),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        ChoiceFilter("reason", gettext_lazy("Booked against"), choices=AdjustmentReason),
        ChoiceFilter("approval", gettext_lazy("Approval"), choices=Approval),
        ChoiceFilter("warehouse", gettext_lazy("Warehouse"), "warehouse_id", choices=_warehouses),
    )
    presets = (Preset("draft", gettext_lazy("To book"), "approval=draft", need=True),)
    default_sort = ("-doc_date", "-number")

    def rows(self) -> QuerySet[Any]:
        return CostAdjustment.objects.select_related("warehouse")

    def actions(self) -> Sequence[Action]:
        if not self.may(EDIT):
            return ()
        url = reverse("staff:cost_adjustment_new")
        return (Action(AdjustmentPaper.new_title, url, icon="plus", look="primary"),)

    def empty(self) -> Empty:
        text = _("Goods that are worth more or less than stock says: type the new unit cost, or the difference.")
        return Empty(_("No cost adjustments yet"), text, tuple(self.actions()))


ADJUSTMENTS = AdjustmentPaper()
urlpatterns = ADJUSTMENTS.patterns("cost-adjustments", AdjustmentList)
