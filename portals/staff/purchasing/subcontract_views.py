"""Subcontract orders: their list and entry, and what of ours lies at processors. Their page is the purchase order's."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import pgettext_lazy as _p

from backend.kernel.document import Approval
from backend.kernel.errors import NotFoundRefused
from backend.purchasing.models import OrderKind, PurchaseOrder
from backend.purchasing.selectors import subcontract as reads
from backend.purchasing.selectors.orders import order_for
from backend.purchasing.services.components import components_of
from backend.purchasing.services.inputs import SubcontractData
from backend.purchasing.services.lines import price_of
from backend.purchasing.services.subcontracting import save_subcontract_order
from portals.staff.inventory.material_papers import LyingMaterialList, lying_columns
from portals.staff.purchasing.forms import WithSupplier
from portals.staff.purchasing.tables import supplier_filter
from portals.staff.sales.forms import PRICE_MODES, warehouse_choices
from portals.staff.sales.order_views import save_entry
from portals.staff.shared.acting import version_of, who_and_when
from portals.staff.shared.columns import APPROVAL, DAY, NUMBER
from portals.staff.shared.currency import amount_column
from portals.staff.shared.item_field import ItemField
from portals.staff.shared.lists import StaffList
from portals.staff.shared.masters import sections_of
from portals.staff.shared.parties import uuid_or_none
from portals.staff.shared.parts_grid import parts_grid, read_parts
from portals.ui.components import Action, Crumb, Empty
from portals.ui.forms import DateInput
from portals.ui.guards import staff_view
from portals.ui.line_grid import LineGrid
from portals.ui.lists import ChoiceFilter, Column, DateFilter, Preset, TextFilter
from portals.ui.navigation import trail

VIEW, EDIT = "purchasing.order.view", "purchasing.order.edit"
FIELDS = (
    "supplier", "item_id", "qty", "price", "price_includes_tax", "requested_date", "warehouse_id", "supplier_ref",
    "remark",
)  # fmt: skip


class SubcontractForm(WithSupplier):
    """Who makes how many of what, for which fee, until when."""

    item_id = ItemField(label=gettext_lazy("Item that is made"))
    qty = forms.DecimalField(label=gettext_lazy("Quantity"), max_digits=14, decimal_places=4)
    price = forms.DecimalField(
        label=gettext_lazy("Fee for one"),
        max_digits=16,
        decimal_places=6,
        required=False,
        help_text=gettext_lazy("Left empty: the supplier's price"),
    )
    price_includes_tax = forms.ChoiceField(label=gettext_lazy("Prices"), choices=PRICE_MODES)
    requested_date = forms.DateField(label=gettext_lazy("Wanted on"), widget=DateInput())
    warehouse_id = forms.ChoiceField(label=gettext_lazy("Warehouse"), choices=warehouse_choices)
    supplier_ref = forms.CharField(label=gettext_lazy("Supplier's number"), max_length=60, required=False)
    remark = forms.CharField(
        label=gettext_lazy("Remarks"), required=False, widget=forms.Textarea(attrs={"rows": 2}), max_length=500
    )

    def values(self) -> dict[str, Any]:
        """For `SubcontractData`."""
        clean = self.cleaned_data
        names = ("item_id", "qty", "price", "requested_date", "supplier_ref", "remark")
        return {name: clean[name] for name in names} | {
            "supplier_id": clean["supplier"],
            "price_includes_tax": clean["price_includes_tax"] == "1",
            "warehouse_id": uuid_or_none(clean["warehouse_id"]),
        }


def _grid(order: PurchaseOrder | None) -> LineGrid:
    return parts_grid(components_of([order.pk]) if order else ())


def _initial(order: PurchaseOrder) -> dict[str, Any]:
    line = order.lines.all()[0]
    names = ("requested_date", "supplier_ref", "remark")
    price: Decimal = price_of(line, order)
    return {name: getattr(order, name) for name in names} | {
        "supplier": str(order.supplier_id),
        "item_id": line.item,
        "qty": line.qty,
        "price": price,
        "price_includes_tax": "1" if order.price_includes_tax else "0",
        "warehouse_id": str(order.warehouse_id),
    }


def _entry(request: HttpRequest, order: PurchaseOrder | None) -> HttpResponse:
    grid, block, status = _grid(order), None, 200
    list_url = reverse("staff:subcontract_list")
    if request.method == "POST":
        form = SubcontractForm(request.POST)

        def save(parts: tuple[Any, ...]) -> PurchaseOrder:
            return save_subcontract_order(
                data=SubcontractData(parts=parts, **form.values()),
                order_id=order.pk if order else None,
                version=version_of(request) if order else None,
                **who_and_when(request),
            )

        saved, block, refusal = save_entry(request, form, save, read_parts)
        if saved is not None:
            messages.success(request, _("%(number)s is saved.") % {"number": saved.number})
            return HttpResponseRedirect(_page(saved))
        grid, status = grid.with_posted(request.POST, refusal), refusal.status if refusal else 400
    else:
        form = SubcontractForm(initial=_initial(order) if order else {})
    context = {
        "form": form,
        "sections": sections_of(form, [("", FIELDS)], ("remark",)),
        "grid": grid,
        "error": block,
        "version": request.POST.get("version") or (order.version if order else ""),
        "title": _("Edit %(number)s") % {"number": order.number} if order else _("New subcontract order"),
        "lead": _("Without components the order takes those of the item's kit."),
        "crumbs": trail("staff:subcontract_list"),
        "cancel_url": _page(order) if order else list_url,
    }
    return render(request, "staff/shared/master_form.html", context, status=status)


def _page(order: PurchaseOrder) -> str:
    return reverse("staff:purchase_order_detail", kwargs={"number": order.number})


@staff_view(EDIT)
def subcontract_new(request: HttpRequest) -> HttpResponse:
    return _entry(request, None)


@staff_view(EDIT)
def subcontract_edit(request: HttpRequest, number: str) -> HttpResponse:
    order = order_for(request.actor, number)  # type: ignore[attr-defined]
    if order.kind != OrderKind.SUBCONTRACT:
        raise NotFoundRefused(_("There is no such document."), value=number)
    if not order.is_draft and request.method == "GET":
        messages.warning(request, _("%(number)s is not a draft any more.") % {"number": number})
        return HttpResponseRedirect(_page(order))
    return _entry(request, order)


# --- lists ---------------------------------------------------------------------------------------
class SubcontractList(StaffList):
    key = "purchasing.subcontract"
    title = gettext_lazy("Subcontract orders")
    permission = VIEW
    export_permission = "purchasing.order.export"
    priced = frozenset({"gross_amount"})
    columns = (
        NUMBER,
        DAY,
        Column("supplier", gettext_lazy("Supplier"), value="supplier.name", sort="supplier__sort_key"),
        Column("item", gettext_lazy("Item that is made"), value="made_item", sub="made_code", sort="made_item"),
        Column(
            "qty", gettext_lazy("Quantity"), "qty", value="made_qty", unit="made_unit", sort="made_qty", strong=True
        ),
        Column(
            "came", _p("quantity", "Received"), "qty", value="made_received", unit="made_unit", sort="made_received"
        ),
        amount_column("gross_amount", gettext_lazy("Fee incl. tax")),
        Column("requested_date", gettext_lazy("Wanted on"), "date", sort=True),
        APPROVAL,
        Column("received", _p("state", "Receipt"), "chip", axis="receipt", sort=True, phone="hide"),
        Column("invoiced", _p("state", "Invoice"), "chip", axis="invoice", sort=True, phone="hide"),
    )
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("number", "supplier__name", "lines__item__name", "remark")),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        supplier_filter(),
        ChoiceFilter("approval", gettext_lazy("Approval"), choices=Approval),
        ChoiceFilter("closing", gettext_lazy("Closing"), choices=(("open", gettext_lazy("Not closed")),)),
    )
    presets = (Preset("open", gettext_lazy("Under way"), "approval=approved&closing=open"),)
    default_sort = ("-doc_date", "-number")

    def rows(self) -> QuerySet[Any]:
        return reads.subcontracts_visible_to(self.actor).annotate(
            made_item=F("lines__item__name"),
            made_code=F("lines__item__code"),
            made_unit=F("lines__item__unit__name"),
            made_qty=F("lines__qty"),
            made_received=F("lines__received_qty"),
        )

    def row_url(self, row: Any) -> str:
        return _page(row)

    def actions(self) -> Sequence[Action]:
        found = []
        if self.may("inventory.stock.view"):
            found.append(Action(_("Material at processors"), reverse("staff:material_stock"), icon="package"))
        if self.may(EDIT):
            url = reverse("staff:subcontract_new")
            found.append(Action(_("New subcontract order"), url, icon="plus", look="primary"))
        return tuple(found)

    def empty(self) -> Empty:
        words = _("A processor makes goods of material that you give him; what lies there stays your stock.")
        return Empty(_("No subcontract orders yet"), words, tuple(self.actions()))


class MaterialStockList(LyingMaterialList):
    key = "purchasing.material_stock"
    title = gettext_lazy("Material at processors")
    columns = lying_columns(
        Column("supplier", gettext_lazy("Supplier"), value="warehouse.party.name", sort="warehouse__party__sort_key")
    )
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=LyingMaterialList.search),
        supplier_filter("warehouse__party_id"),
    )
    default_sort = ("supplier", "item")

    def rows(self) -> QuerySet[Any]:
        return reads.stock_at_suppliers()

    def crumbs(self) -> Sequence[Crumb]:
        return trail("staff:material_list")

    def empty(self) -> Empty:
        return Empty(
            _("Nothing lies at processors"), _("Material that is issued for subcontract orders is shown here.")
        )
