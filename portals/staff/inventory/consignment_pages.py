"""Consignment on the screen: documents of three kinds, and what lies at whom, on paper too."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from backend.inventory.models import LotBalance, StockBalance
from backend.kernel import clock, tenancy
from backend.kernel.document import Approval
from backend.kernel.errors import NotFoundRefused, Refusal
from backend.kernel.money import ZERO, total
from backend.parties.models import Party
from backend.sales.models import Consignment, ConsignmentKind, ConsignmentLine
from backend.sales.services import consignments
from backend.sales.services.inputs import ConsignmentLineInput
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
from portals.staff.inventory.tables import CostList, known
from portals.staff.sales.prints import party_lines, printed
from portals.staff.shared.columns import APPROVAL, DAY, LINE_DAY, LINE_ITEM, LINE_NUMBER, NUMBER, REMARK
from portals.staff.shared.forms import PickField
from portals.staff.shared.line_lists import DocumentList
from portals.staff.shared.quantities import number_of
from portals.ui import formats
from portals.ui.chips import Chip, chip
from portals.ui.components import Action, Crumb, Empty, Fact, Total
from portals.ui.documents import Cell, Line, LineColumn
from portals.ui.guards import staff_view
from portals.ui.line_grid import EntryLine, GridColumn
from portals.ui.lists import ChoiceFilter, Column, DateFilter, FlagFilter, Preset, TextFilter
from portals.ui.printing import PrintSheet, lines_for_print

VIEW, EDIT, EXPORT = "sales.consignment.view", "sales.consignment.edit", "sales.consignment.export"


class ConsignmentForm(PaperForm):
    kind = forms.ChoiceField(label=gettext_lazy("What happens"), choices=ConsignmentKind)
    customer_id = PickField(
        label=gettext_lazy("Agent"), model=Party, role="is_customer", url_name="staff:find_customers"
    )
    warehouse_id = place_field(gettext_lazy("Our warehouse"))


class ConsignmentPaper(Paper):
    name = "consignment"
    right = "sales.consignment"
    model = Consignment
    title = pgettext_lazy("document", "Consignment")
    plural = gettext_lazy("Consignment")
    area = gettext_lazy("Sales")
    new_title = gettext_lazy("New consignment document")
    form = ConsignmentForm
    fields = ("kind", "customer_id", "warehouse_id", "doc_date", "remark")
    grid_columns = (
        *ITEM_COLUMNS,
        GridColumn("price", gettext_lazy("Price incl. tax"), "price"),
        GridColumn("lot_no", gettext_lazy("Lot")),
    )
    related = ("warehouse", "customer")
    line_related = ("item__unit", "lot")
    save, approve = consignments.save_consignment, consignments.approve_consignment
    unapprove, void = consignments.unapprove_consignment, consignments.void_consignment
    book_label = gettext_lazy("Book it")
    booked = gettext_lazy("Booked.")

    def chips(self, document: Consignment) -> list[Chip]:
        told = [chip("consignment", "reported")] if document.reported and document.is_draft else []
        return [*super().chips(document), *told]

    def facts(self, document: Consignment, actor: Any) -> list[Fact]:
        url = reverse("staff:customer_detail", kwargs={"pk": document.customer_id})
        may = actor.may("parties.customer.view")
        return [
            Fact(_("Agent"), document.customer.name, document.customer.code, url if may else ""),
            Fact(_("What happens"), document.get_kind_display()),
            Fact(_("Our warehouse"), str(document.warehouse)),
            date_fact(document),
            approved_fact(document),
        ]

    def columns(self, cost: bool) -> list[LineColumn]:
        return [
            LineColumn("qty", _("Quantity"), "qty", strong=True),
            LineColumn("lot", _("Lot")),
            LineColumn("price", _("Price incl. tax"), "price"),
            LineColumn("gross", _("Total incl. tax"), "money"),
            *([LineColumn("cost", _("Cost"), "money")] if cost else ()),
        ]

    def cells(self, line: ConsignmentLine) -> dict[str, Any]:
        return {
            "qty": qty_cell(line),
            "lot": line.lot.lot_no if line.lot else "–",
            "price": line.tax_incl_price or None,
            "gross": line.gross_amount or None,
            "cost": line.cost_amount or None,
        }

    def totals(self, document: Consignment, lines: Sequence[Any], cost: bool) -> list[Total]:
        found = [Total(_("Quantity in all"), formats.qty(total(line.qty for line in lines)))]
        if document.kind == ConsignmentKind.SOLD:
            found += [
                Total(_("Net"), formats.money(document.net_amount)),
                Total(_("Output VAT"), formats.money(document.tax_amount)),
                Total(_("Total incl. tax"), formats.money(document.gross_amount), grand=True),
            ]
        if cost and document.is_approved:
            found.append(Total(_("Cost"), formats.money(document.cost_amount)))
        return found

    def head(self, document: Consignment) -> dict[str, Any]:
        return super().head(document) | {"kind": document.kind, "customer_id": document.customer_id}

    def first(self, request: HttpRequest) -> dict[str, Any]:
        kind = request.GET.get("kind", "")
        return super().first(request) | {"kind": kind if kind in ConsignmentKind.values else ConsignmentKind.OUT}

    def row(self, line: ConsignmentLine) -> dict[str, Any]:
        return {"price": line.tax_incl_price or "", "lot_no": line.lot.lot_no if line.lot else ""}

    def typed(self, line: EntryLine, item: Any, lot_id: UUID | None, problems: list[Refusal]) -> ConsignmentLineInput:
        qty = number_of(line, "qty", problems) or ZERO
        price = number_of(line, "price", problems)
        return ConsignmentLineInput(item.pk, qty, price, known_lot(line, lot_id, problems))


CONSIGNMENTS = ConsignmentPaper()


class ConsignmentList(CostList, DocumentList):
    key = "sales.consignment"
    noun = "consignment"
    title = ConsignmentPaper.plural
    permission = VIEW
    export_permission = EXPORT
    costly = frozenset({"cost_amount"})
    line_model = ConsignmentLine
    columns = (
        NUMBER,
        DAY,
        Column("kind", gettext_lazy("What happens"), value="get_kind_display", sort="kind"),
        Column("customer", gettext_lazy("Agent"), value="customer.name", sort="customer__sort_key"),
        Column("gross_amount", gettext_lazy("Total incl. tax"), "money", sort=True, total="gross_amount", strong=True),
        Column(
            "cost_amount",
            gettext_lazy("Cost"),
            "money",
            value=lambda row: known(row, row.cost_amount),
            sort="cost_amount",
            total="cost_amount",
            phone="meta",
        ),
        APPROVAL,
        REMARK,
    )
    line_columns = (
        LINE_NUMBER,
        LINE_DAY,
        Column("customer", gettext_lazy("Agent"), value="document.customer.name"),
        LINE_ITEM,
        Column("qty", gettext_lazy("Quantity"), "qty", unit="item.unit.name", sort=True, strong=True),
        Column("gross_amount", gettext_lazy("Total incl. tax"), "money", sort=True, total="gross_amount"),
        Column(
            "cost_amount",
            gettext_lazy("Cost"),
            "money",
            value=lambda row: known(row.document, row.cost_amount),
            sort="cost_amount",
            total="cost_amount",
            phone="meta",
        ),
    )
    line_related = ("document__customer", "item__unit")
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("number", "customer__name", "customer__mnemonic", "remark")),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        ChoiceFilter("kind", gettext_lazy("What happens"), choices=ConsignmentKind),
        ChoiceFilter("approval", gettext_lazy("Approval"), choices=Approval),
        FlagFilter("reported", gettext_lazy("Reported by the agent"), when=Q(reported=True)),
    )
    presets = (
        Preset("draft", gettext_lazy("To book"), "approval=draft", need=True),
        Preset("reported", gettext_lazy("Reported by agents"), "reported=1&approval=draft", need=True),
    )
    default_sort = ("-doc_date", "-number")

    def rows(self) -> QuerySet[Any]:
        return Consignment.objects.select_related("customer")

    def actions(self) -> Sequence[Action]:
        found = [Action(_("Stock at agents"), reverse("staff:consigned_stock"), icon="list-details")]
        if self.may(EDIT):
            url = reverse("staff:consignment_new")
            found.append(Action(_("New consignment document"), url, icon="plus", look="primary"))
        return tuple(found)

    def empty(self) -> Empty:
        text = _("Goods at an agent stay yours until he says what he sold; then they are receivable, with their tax.")
        return Empty(_("No consignments yet"), text, tuple(self.actions()[1:]))


# --- what lies at whom -----------------------------------------------------------------------------
def consigned() -> QuerySet[StockBalance]:
    """What lies at agents."""
    found = StockBalance.objects.filter(warehouse__kind="customer", on_hand__gt=0)
    return found.select_related("item__unit", "warehouse__party")


class ConsignedStock(CostList):
    key = "sales.consigned"
    title = gettext_lazy("Stock at agents")
    permission = VIEW
    export_permission = EXPORT
    costly = frozenset({"value"})
    columns = (
        Column("agent", gettext_lazy("Agent"), value="warehouse.party.name", sort="warehouse__party__sort_key"),
        Column("code", gettext_lazy("Item code"), value="item.code", sort="item__code"),
        Column("item", gettext_lazy("Item"), value="item.name", sub="item.spec", sort="item__sort_key"),
        Column("on_hand", gettext_lazy("Unsold"), "qty", unit="item.unit.name", sort=True, strong=True),
        Column("value", gettext_lazy("Value"), "money", sort=True, total="value"),
    )
    filters = (
        TextFilter(
            "q",
            gettext_lazy("Search"),
            fields=("warehouse__party__name", "warehouse__party__mnemonic", "item__name", "item__code"),
        ),
    )
    default_sort = ("agent",)

    def rows(self) -> QuerySet[Any]:
        return consigned()

    def row_url(self, row: Any) -> str:
        return reverse("staff:consigned_print", kwargs={"pk": row.warehouse.party_id})

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(_("Sales")), Crumb(_("Consignment"), reverse("staff:consignment_list")))

    def actions(self) -> Sequence[Action]:
        if not self.may(EDIT):
            return ()
        url = reverse("staff:consignment_new")
        return (Action(_("Settle what was sold"), f"{url}?kind=sold", icon="coin-yuan", look="primary"),)

    def empty(self) -> Empty:
        return Empty(_("Nothing lies at agents"), _("What is sent on consignment appears here until it is sold."), ())


@staff_view(VIEW)
def consigned_print(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The statement for the agent to sign: what lies with him."""
    party = Party.objects.filter(pk=pk, is_customer=True).first()
    if party is None:
        raise NotFoundRefused(_("There is no such customer."), value=pk)
    return printed(request, f"{party.code}-{clock.today():%Y%m%d}", lambda: _statement(request, party))


def _statement(request: HttpRequest, party: Party) -> PrintSheet:
    rows = list(consigned().filter(warehouse__party=party).order_by("item__sort_key", "id"))
    lots: dict[UUID, list[str]] = {}
    for lot in LotBalance.objects.filter(
        warehouse__party=party, warehouse__kind="customer", on_hand__gt=0
    ).select_related("lot"):
        lots.setdefault(lot.item_id, []).append(f"{lot.lot.lot_no} {formats.qty(lot.on_hand)}")
    columns = [
        LineColumn("item", _("Item"), strong=True),
        LineColumn("lots", _("Lots")),
        LineColumn("qty", _("Unsold"), "qty"),
    ]
    drawn = [Line(no, _cells(row, lots)) for no, row in enumerate(rows, start=1)]
    heads, cells = lines_for_print(columns, drawn, ())
    return PrintSheet(
        title=_("Statement of goods on consignment"),
        number=f"{party.code}-{clock.today():%Y%m%d}",
        company=str(tenancy.current().name),
        party_label=_("Agent"),
        party=party.name,
        party_lines=party_lines(party),
        facts=[(_("As of"), formats.day(clock.today()))],
        columns=heads,
        rows=cells,
        signatures=[(_("For us"), ""), (_("For the agent"), "")],
        link=request.build_absolute_uri(reverse("staff:consigned_stock")),
    )


def _cells(row: StockBalance, lots: Mapping[UUID, list[str]]) -> dict[str, Any]:
    return {
        "item": f"{row.item.code} {row.item.name} {row.item.spec}".strip(),
        "lots": ", ".join(lots.get(row.item_id, ())) or "–",
        "qty": Cell(row.on_hand, unit=row.item.unit),
    }


urlpatterns = [
    *CONSIGNMENTS.patterns("consignments", ConsignmentList),
    path("consigned/", ConsignedStock.as_view(), name="consigned_stock"),
    path("consigned/<uuid:pk>/print/", consigned_print, name="consigned_print"),
]
