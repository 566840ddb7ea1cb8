"""Material of subcontract orders: issues, returns and losses, on the pages that all stock documents have."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.kernel import clock
from backend.kernel.document import Approval
from backend.kernel.errors import Refusal
from backend.kernel.money import ZERO
from backend.purchasing.models import LossBearer, MaterialKind, MaterialMove, MaterialMoveLine, OrderKind, PurchaseOrder
from backend.purchasing.selectors import subcontract as reads
from backend.purchasing.services import materials
from backend.purchasing.services.inputs import MaterialLineInput
from portals.staff.inventory.papers import (
    ITEM_COLUMNS,
    Paper,
    PaperForm,
    approved_fact,
    date_fact,
    known_lot,
    place_field,
    qty_cell,
)
from portals.staff.inventory.tables import CostList
from portals.staff.purchasing.tables import supplier_filter
from portals.staff.purchasing.words import supplier_fact
from portals.staff.sales.entry import number_of
from portals.staff.search.find import by_words
from portals.staff.shared.forms import PickField
from portals.staff.shared.line_lists import DocumentList
from portals.ui.components import Action, Empty, Fact
from portals.ui.documents import LineColumn
from portals.ui.guards import staff_view
from portals.ui.line_grid import EntryLine, GridColumn, GridRow, LineGrid
from portals.ui.lists import ChoiceFilter, Column, DateFilter, Preset, TextFilter

VIEW, EDIT = "purchasing.material.view", "purchasing.material.edit"


class MaterialForm(PaperForm):
    order = PickField(
        label=gettext_lazy("Subcontract order"),
        model=PurchaseOrder,
        url_name="staff:subcontract_pick",
        where={"kind": OrderKind.SUBCONTRACT},
        error_messages=dict.fromkeys(("required", "invalid"), gettext_lazy("Choose a subcontract order.")),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=MaterialKind)
    warehouse_id = place_field(gettext_lazy("Our warehouse"))
    bearer = forms.ChoiceField(
        label=gettext_lazy("Who bears a loss"), choices=LossBearer, required=False, initial=LossBearer.US
    )
    shown_for: ClassVar = {"bearer": ("kind", MaterialKind.LOSS.value)}


class MaterialPaper(Paper):
    name = "material"
    right = "purchasing.material"
    model = MaterialMove
    title = gettext_lazy("Material of a subcontract order")
    plural = gettext_lazy("Material issued and returned")
    new_title = gettext_lazy("Move material")
    form = MaterialForm
    lead = gettext_lazy("Without lines it takes everything of the order that is still to be moved.")
    fields = ("order", "kind", "warehouse_id", "doc_date", "bearer", "remark")
    grid_columns: ClassVar[tuple[GridColumn, ...]] = (*ITEM_COLUMNS, GridColumn("lot_no", gettext_lazy("Lot")))
    related = ("warehouse", "order", "supplier")
    line_related = ("item__unit", "lot")
    save, approve = materials.save_material, materials.approve_material
    unapprove, void = materials.unapprove_material, materials.void_material
    waiting = gettext_lazy("The material lies where it was.")
    undo_text = gettext_lazy("The material is where it was, as long as it was not used.")

    def facts(self, document: MaterialMove, actor: Any) -> list[Fact]:
        url = reverse("staff:purchase_order_detail", kwargs={"number": document.order.number})
        shown = url if actor.may("purchasing.order.view") else ""
        lost = document.get_bearer_display() if document.kind == MaterialKind.LOSS else ""
        return [
            supplier_fact(document.supplier, actor),
            Fact(_("Kind"), document.get_kind_display(), lost),
            Fact(_("Subcontract order"), document.order.number, "", shown, numeric=True),
            Fact(_("Our warehouse"), str(document.warehouse)),
            date_fact(document),
            approved_fact(document),
        ]

    def columns(self, cost: bool) -> list[LineColumn]:
        return [
            LineColumn("qty", _("Quantity"), "qty", strong=True),
            LineColumn("lot", _("Lot")),
            *([LineColumn("value", _("Value"), "money")] if cost else ()),
        ]

    def cells(self, line: MaterialMoveLine) -> dict[str, Any]:
        return {"qty": qty_cell(line), "lot": line.lot.lot_no if line.lot else "–", "value": line.value or None}

    def head(self, document: MaterialMove) -> dict[str, Any]:
        return super().head(document) | {
            "order": str(document.order_id),
            "kind": document.kind,
            "bearer": document.bearer,
        }

    def first(self, request: HttpRequest) -> dict[str, Any]:
        order = _asked(request)
        place = {"warehouse_id": str(order.warehouse_id)} if order else {}
        return {
            "doc_date": clock.today(),
            "order": str(order.pk) if order else "",
            "kind": request.GET.get("kind", "")[:10] or MaterialKind.ISSUE,
            **place,
        }

    def arguments(self, clean: Mapping[str, Any]) -> dict[str, Any]:
        values = {key: value for key, value in super().arguments(clean).items() if key != "order"}
        return values | {"order_id": clean["order"], "bearer": clean["bearer"] or LossBearer.US}

    def first_grid(self, request: HttpRequest, document: Any) -> LineGrid:
        """A new paper begins with what is still to be moved for the order."""
        grid = super().first_grid(request, document)
        order = None if document else _asked(request)
        if order is None:
            return grid
        kind = request.GET.get("kind", MaterialKind.ISSUE)
        rows = [
            GridRow(
                {
                    "item_id": str(row.item_id),
                    "item_id_code": row.item.code,
                    "name": f"{row.item.name} {row.item.spec}".strip(),
                    "unit": str(row.item.unit),
                    "qty": qty,
                }
            )
            for row in materials.components_of([order.pk])
            if (qty := materials.left_to_move(row, kind))
        ]
        return LineGrid(grid.columns, rows=rows, pick_url=grid.pick_url, new_item_url=grid.new_item_url)

    def row(self, line: MaterialMoveLine) -> dict[str, Any]:
        return {"lot_no": line.lot.lot_no if line.lot else ""}

    def typed(self, line: EntryLine, item: Any, lot_id: UUID | None, problems: list[Refusal]) -> MaterialLineInput:
        qty = number_of(line, "qty", problems) or ZERO
        return MaterialLineInput(item.pk, qty, known_lot(line, lot_id, problems))


def _asked(request: HttpRequest) -> PurchaseOrder | None:
    """The order that the address names."""
    number = request.GET.get("order", "")[:40]
    return PurchaseOrder.objects.filter(number=number, kind=OrderKind.SUBCONTRACT).first() if number else None


@staff_view(EDIT)
def subcontract_pick(request: HttpRequest) -> HttpResponse:
    """Approved subcontract orders that are not closed, for the picker: by number, processor or what is made."""
    match = by_words(request.GET.get("q", ""), "number", "supplier__name", "supplier__mnemonic", "lines__item__name")
    found = reads.subcontracts_visible_to(request.actor).filter(match, approval=Approval.APPROVED, closing="open")  # type: ignore[attr-defined]
    rows = found.order_by("-doc_date", "-number").values_list("pk", "number", "supplier__name", "lines__item__name")
    return JsonResponse(
        {"results": [{"id": pk, "label": number, "sub": f"{who} · {what}"} for pk, number, who, what in rows[:12]]}
    )


MATERIALS = MaterialPaper()


class MaterialList(CostList, DocumentList):
    key = "purchasing.material"
    title = MaterialPaper.plural
    permission = VIEW
    export_permission = "inventory.stock.export"
    costly = frozenset({"total_value", "value"})
    columns = (
        Column("number", gettext_lazy("Number"), sort=True),
        Column("doc_date", gettext_lazy("Date"), "date", sort=True),
        Column("kind", gettext_lazy("Kind"), value="get_kind_display", sort="kind"),
        Column("supplier", gettext_lazy("Supplier"), value="supplier.name", sort="supplier__sort_key"),
        Column("order", gettext_lazy("Subcontract order"), value="order.number", sort="order__number"),
        Column("total_value", gettext_lazy("Value"), "money", sort=True, total="total_value"),
        Column("approval", gettext_lazy("Approval"), "chip", sort=True),
        Column("created_by_name", gettext_lazy("Made by"), phone="hide"),
    )
    line_columns = (
        Column("number", gettext_lazy("Number"), value="document.number", sort="document__number"),
        Column("doc_date", gettext_lazy("Date"), "date", value="document.doc_date", sort="document__doc_date"),
        Column("supplier", gettext_lazy("Supplier"), value="document.supplier.name"),
        Column("item", gettext_lazy("Component"), value="item.name", sub="item.code", sort="item__sort_key"),
        Column("qty", gettext_lazy("Quantity"), "qty", unit="item.unit.name", sort=True, strong=True),
        Column("value", gettext_lazy("Value"), "money", sort=True, total="value"),
    )
    line_model = MaterialMoveLine
    line_related = ("document__supplier", "item__unit")
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("number", "order__number", "supplier__name", "remark")),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        ChoiceFilter("kind", gettext_lazy("Kind"), choices=MaterialKind),
        supplier_filter(),
        ChoiceFilter("approval", gettext_lazy("Approval"), choices=Approval),
    )
    presets = (Preset("draft", gettext_lazy("To book"), "approval=draft", need=True),)
    default_sort = ("-doc_date", "-number")

    def rows(self) -> QuerySet[MaterialMove]:
        return reads.materials_visible_to(self.actor)

    def row_url(self, row: Any) -> str:
        number = row.document.number if self.by_lines else row.number
        return reverse("staff:material_detail", kwargs={"number": number})

    def actions(self) -> Sequence[Action]:
        found = [Action(_("Material at processors"), reverse("staff:material_stock"), icon="package")]
        if self.may(EDIT):
            found.append(Action(_("Move material"), reverse("staff:material_new"), icon="plus", look="primary"))
        return tuple(found)

    def empty(self) -> Empty:
        words = _("Material goes to processors for subcontract orders, and what they do not use comes back.")
        return Empty(_("No material was moved yet"), words, tuple(self.actions()))


urlpatterns = [
    *MATERIALS.patterns("materials", MaterialList),
    path("subcontract/pick/", subcontract_pick, name="subcontract_pick"),
]
