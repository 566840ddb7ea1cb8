"""Assemblies, disassemblies and kits: lists, pages, entry."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from backend.catalog.models import Item
from backend.inventory.models import Assembly, AssemblyKind, AssemblyLine, KitLine
from backend.inventory.services import assembly
from backend.inventory.services.inputs import ComponentInput
from backend.kernel import clock
from backend.kernel.document import Approval
from backend.kernel.errors import NotFoundRefused, Refusal
from backend.kernel.money import ZERO
from backend.parties.models import Party
from portals.staff.inventory.papers import (
    ITEM_COLUMNS,
    Paper,
    PaperForm,
    approved_fact,
    date_fact,
    place_field,
    qty_cell,
)
from portals.staff.inventory.tables import LINE_WORTH, WORTH, CostList, _warehouses
from portals.staff.purchasing.words import supplier_fact
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.columns import APPROVAL, DAY, LINE_DAY, LINE_NUMBER, MADE_BY, NUMBER
from portals.staff.shared.forms import PickField
from portals.staff.shared.item_field import ItemField
from portals.staff.shared.item_names import item_addresses, item_cells
from portals.staff.shared.line_lists import DocumentList
from portals.staff.shared.lists import StaffList
from portals.staff.shared.masters import sections_of
from portals.staff.shared.quantities import number_of
from portals.ui import formats
from portals.ui.components import Action, Crumb, Empty, Fact, Total
from portals.ui.documents import LineColumn
from portals.ui.errors import block_of
from portals.ui.forms import DateInput
from portals.ui.guards import staff_view
from portals.ui.line_grid import EntryLine, GridColumn, GridRow, LineGrid
from portals.ui.lists import ChoiceFilter, Column, DateFilter, Preset, TextFilter

VIEW, EDIT = "inventory.assembly.view", "inventory.assembly.edit"
_RATIO = GridColumn("ratio", gettext_lazy("Cost ratio"), "qty")
_SCRAP = GridColumn("scrap_pct", gettext_lazy("Scrap %"), "qty")


class AssemblyForm(PaperForm):
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=AssemblyKind)
    warehouse_id = place_field(gettext_lazy("Warehouse"))
    item_id = ItemField(label=gettext_lazy("Kit, or item it becomes"))
    qty = forms.DecimalField(label=gettext_lazy("Quantity"), max_digits=14, decimal_places=4)
    lot_no = forms.CharField(label=gettext_lazy("Lot of the kit"), required=False, max_length=40)
    expiry_date = forms.DateField(label=gettext_lazy("Expires"), required=False, widget=DateInput())
    fee = forms.DecimalField(
        label=gettext_lazy("Fee for the work"),
        required=False,
        max_digits=18,
        decimal_places=2,
        help_text=gettext_lazy("It raises what the product costs, and is owed to the supplier."),
    )
    fee_supplier_id = PickField(
        label=gettext_lazy("Owed to"), model=Party, role="is_supplier", url_name="staff:find_suppliers", required=False
    )

    def clean_fee(self) -> Decimal:
        return self.cleaned_data["fee"] or ZERO


class AssemblyPaper(Paper):
    name = "assembly"
    right = "inventory.assembly"
    model = Assembly
    title = pgettext_lazy("document", "Assembly")
    plural = gettext_lazy("Assemblies")
    new_title = gettext_lazy("New assembly")
    form = AssemblyForm
    fields = (
        "kind",
        "item_id",
        "qty",
        "warehouse_id",
        "doc_date",
        "lot_no",
        "expiry_date",
        "fee",
        "fee_supplier_id",
        "remark",
    )
    grid_columns: ClassVar[tuple[GridColumn, ...]] = (*ITEM_COLUMNS, _RATIO, GridColumn("lot_no", gettext_lazy("Lot")))
    related = ("warehouse", "item__unit", "fee_supplier")
    save, approve = assembly.save_assembly, assembly.approve_assembly
    unapprove, void = assembly.unapprove_assembly, assembly.void_assembly
    undo_text = gettext_lazy("Components and kits are as they were, as long as what was made lies there.")

    def facts(self, document: Assembly, actor: Any) -> list[Fact]:
        url = reverse("staff:item_detail", kwargs={"pk": document.item_id}) if actor.may("catalog.item.view") else ""
        made = f"{formats.qty(document.qty)} {document.item.unit}"
        return [
            Fact(_("Kit"), document.item.name, document.item.code, url),
            Fact(_("Quantity"), made, document.lot_no, numeric=True),
            Fact(_("Kind"), document.get_kind_display()),
            Fact(_("Warehouse"), str(document.warehouse)),
            *([supplier_fact(document.fee_supplier, actor)] if document.fee_supplier else ()),
            date_fact(document),
            approved_fact(document),
        ]

    def totals(self, document: Assembly, lines: Sequence[Any], cost: bool) -> list[Total]:
        found = super().totals(document, lines, cost)
        if cost and document.fee:
            found.insert(-1, Total(_("Fee for the work"), formats.money(document.fee)))
        return found

    def columns(self, cost: bool) -> list[LineColumn]:
        return [
            LineColumn("qty", _("Quantity"), "qty", strong=True),
            LineColumn("ratio", _("Cost ratio"), "qty"),
            LineColumn("lot", _("Lot")),
            *([LineColumn("value", _("Value"), "money")] if cost else ()),
        ]

    def cells(self, line: AssemblyLine) -> dict[str, Any]:
        return {
            "qty": qty_cell(line),
            "ratio": line.ratio or None,
            "lot": line.lot_no or "–",
            "value": line.value or None,
        }

    def head(self, document: Assembly) -> dict[str, Any]:
        names = ("kind", "qty", "doc_date", "lot_no", "expiry_date", "remark")
        return {name: getattr(document, name) for name in names} | {
            "warehouse_id": str(document.warehouse_id),
            "item_id": document.item,
            "fee": document.fee or None,
            "fee_supplier_id": str(document.fee_supplier_id) if document.fee_supplier_id else "",
        }

    def first(self, request: HttpRequest) -> dict[str, Any]:
        kind = request.GET.get("kind", "")
        return {
            "doc_date": clock.today(),
            "item_id": request.GET.get("item", "")[:40],
            "qty": 1,
            "kind": kind if kind in AssemblyKind.values else AssemblyKind.ASSEMBLE,
        }

    def row(self, line: AssemblyLine) -> dict[str, Any]:
        return {"ratio": line.ratio or "", "lot_no": line.lot_no}

    def typed(self, line: EntryLine, item: Any, lot_id: UUID | None, problems: list[Refusal]) -> ComponentInput:
        qty, ratio = (number_of(line, key, problems) or ZERO for key in ("qty", "ratio"))
        return ComponentInput(item.pk, qty, ratio, line.text("lot_no")[:40])


ASSEMBLIES = AssemblyPaper()


class AssemblyList(CostList, DocumentList):
    key = "inventory.assembly"
    noun = "assembly"
    title = AssemblyPaper.plural
    permission = VIEW
    export_permission = "inventory.stock.export"
    costly = frozenset({"total_value", "value"})
    columns = (
        NUMBER,
        DAY,
        Column("kind", gettext_lazy("Kind"), value="get_kind_display", sort="kind"),
        Column("item", gettext_lazy("Kit"), value="item.name", sub="item.code", sort="item__sort_key"),
        Column("qty", gettext_lazy("Quantity"), "qty", unit="item.unit.name", sort=True, strong=True),
        Column("warehouse", gettext_lazy("Warehouse"), value="warehouse.name", sort="warehouse__code"),
        WORTH,
        APPROVAL,
        MADE_BY,
    )
    line_columns = (
        LINE_NUMBER,
        LINE_DAY,
        Column("kit", gettext_lazy("Kit"), value="document.item.name"),
        Column("item", gettext_lazy("Component"), value="item.name", sub="item.code", sort="item__sort_key"),
        Column("qty", gettext_lazy("Quantity"), "qty", unit="item.unit.name", sort=True, strong=True),
        LINE_WORTH,
    )
    line_model = AssemblyLine
    line_related = ("document__item", "item__unit")
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("number", "item__name", "item__code", "remark")),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        ChoiceFilter("kind", gettext_lazy("Kind"), choices=AssemblyKind),
        ChoiceFilter("approval", gettext_lazy("Approval"), choices=Approval),
        ChoiceFilter("warehouse", gettext_lazy("Warehouse"), "warehouse_id", choices=_warehouses),
    )
    presets = (
        Preset("draft", gettext_lazy("To book"), "approval=draft", need=True),
        Preset("conversions", gettext_lazy("Conversions"), "kind=convert"),
    )
    default_sort = ("-doc_date", "-number")

    def rows(self) -> QuerySet[Assembly]:
        return Assembly.objects.select_related("warehouse", "item__unit")

    def actions(self) -> Sequence[Action]:
        found = [Action(_("Kits"), reverse("staff:kit_list"), icon="package")]
        if self.may(EDIT):
            convert = f"{reverse('staff:assembly_new')}?kind={AssemblyKind.CONVERT}"
            found.append(Action(_("New conversion"), convert, icon="arrows-exchange"))
            found.append(Action(_("New assembly"), reverse("staff:assembly_new"), icon="plus", look="primary"))
        return tuple(found)

    def empty(self) -> Empty:
        text = _("Components become a kit at what they cost, or a kit is taken apart again.")
        return Empty(_("No assemblies yet"), text, tuple(self.actions()))


# --- kits ----------------------------------------------------------------------------------------
class KitList(StaffList):
    key = "inventory.kit"
    title = gettext_lazy("Kits")
    permission = VIEW
    export_permission = "inventory.stock.export"
    columns = (
        Column("code", gettext_lazy("Item code"), sort=True),
        Column("name", gettext_lazy("Kit"), sub="spec", sort="sort_key"),
        Column("parts", gettext_lazy("Components"), "number", sort="parts"),
    )
    filters = (TextFilter("q", gettext_lazy("Search"), fields=("code", "name", "mnemonic")),)
    default_sort = ("code",)

    def rows(self) -> QuerySet[Item]:
        kits = KitLine.objects.values("kit").annotate(n=Count("id"))
        parts = Subquery(kits.filter(kit=OuterRef("pk")).values("n"))
        return Item.objects.filter(pk__in=KitLine.objects.values("kit")).annotate(parts=parts)

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(_("Inventory")), Crumb(_("Assemblies"), reverse("staff:assembly_list")))

    def row_url(self, row: Any) -> str:
        return reverse("staff:kit_edit", kwargs={"pk": row.pk}) if self.may(EDIT) else ""

    def actions(self) -> Sequence[Action]:
        if not self.may(EDIT):
            return ()
        return (Action(_("New kit"), reverse("staff:kit_new"), icon="plus", look="primary"),)

    def empty(self) -> Empty:
        return Empty(
            _("No kits yet"),
            _("Say once what a kit is made of; its assemblies begin with that."),
            tuple(self.actions()),
        )


class KitForm(PaperForm):
    item_id = ItemField(label=gettext_lazy("Kit"))
    doc_date = None  # type: ignore[assignment]
    remark = None  # type: ignore[assignment]


class _KitGrid(AssemblyPaper):
    """The grid of an assembly without lots, over the template of a kit."""

    grid_columns: ClassVar[tuple[GridColumn, ...]] = (*ITEM_COLUMNS, _RATIO, _SCRAP)

    def typed(self, line: EntryLine, item: Any, lot_id: UUID | None, problems: list[Refusal]) -> ComponentInput:
        qty, ratio, scrap = (number_of(line, key, problems) or ZERO for key in ("qty", "ratio", "scrap_pct"))
        return ComponentInput(item.pk, qty, ratio, scrap_pct=scrap)


def _kit_entry(request: HttpRequest, kit: Item | None) -> HttpResponse:
    paper, error, status = _KitGrid(), None, 200
    lines = KitLine.objects.filter(kit=kit).select_related("item__unit").order_by("line_no") if kit else ()
    rows = [
        GridRow(
            {
                **item_cells(line.item),
                "qty": line.qty,
                "ratio": line.ratio or "",
                "scrap_pct": line.scrap_pct or "",
            }
        )
        for line in lines
    ]
    grid = LineGrid(paper.grid_columns, rows=rows, **item_addresses())
    form = KitForm(request.POST if request.method == "POST" else None, initial={"item_id": kit or ""})
    form.fields["item_id"].disabled = kit is not None
    if request.method == "POST":
        refusal, status = None, 400
        if form.is_valid():
            try:
                assembly.save_kit(
                    kit_id=form.cleaned_data["item_id"], lines=paper.read(request, None), **who_and_when(request)
                )
            except Refusal as caught:
                refusal, error, status = caught, block_of(caught), caught.status
            else:
                messages.success(request, _("Saved."))
                return HttpResponseRedirect(reverse("staff:kit_list"))
        grid = grid.with_posted(request.POST, refusal)
    context = {
        "form": form,
        "sections": sections_of(form, [("", ("item_id",))]),
        "grid": grid,
        "error": error,
        "title": _("Kit %(code)s") % {"code": kit.code} if kit else _("New kit"),
        "lead": _(
            "Quantities for one kit. The ratio shares the cost when a kit is taken apart; "
            "scrap is what a processor loses on top."
        ),
        "crumbs": [Crumb(_("Inventory")), Crumb(_("Kits"), reverse("staff:kit_list"))],
        "cancel_url": reverse("staff:kit_list"),
    }
    return render(request, "staff/shared/master_form.html", context, status=status)


@staff_view(EDIT)
def kit_new(request: HttpRequest) -> HttpResponse:
    return _kit_entry(request, None)


@staff_view(EDIT)
def kit_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    kit = Item.objects.filter(pk=pk).first()
    if kit is None:
        raise NotFoundRefused(_("There is no such item."), value=pk)
    return _kit_entry(request, kit)


urlpatterns = [
    *ASSEMBLIES.patterns("assemblies", AssemblyList),
    path("kits/", KitList.as_view(), name="kit_list"),
    path("kits/new/", kit_new, name="kit_new"),
    path("kits/<uuid:pk>/", kit_edit, name="kit_edit"),
]
