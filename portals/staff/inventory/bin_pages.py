"""Bins on the screen: their list, what lies in one, keying one, the fixed bin of an item."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_POST

from backend.catalog.models import Item
from backend.inventory.models import Bin, FixedBin, Warehouse, WarehouseKind
from backend.inventory.selectors.bins import contents
from backend.inventory.selectors.labels import read_labels
from backend.inventory.services import bins
from backend.kernel.errors import NotFoundRefused, Refusal, ValidationRefused
from backend.kernel.labels import as_key
from portals.staff.inventory.bin_move_pages import MOVES, BinMoveList
from portals.staff.inventory.document_bins import bin_entry, bin_print
from portals.staff.inventory.tables import _warehouses
from portals.staff.sales.forms import warehouse_choices
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.columns import LINE_ITEM
from portals.staff.shared.forms import StaffForm
from portals.staff.shared.labels import BINS, LabelledList, label_action
from portals.staff.shared.lists import StaffList, yes_or_nothing
from portals.staff.shared.masters import edit_page
from portals.ui.components import Action, Crumb, Empty, Fact
from portals.ui.errors import block_of
from portals.ui.guards import staff_view
from portals.ui.labels import MOST
from portals.ui.lists import ChoiceFilter, Column, FlagFilter, TextFilter

VIEW, EDIT = "inventory.stock.view", "inventory.warehouse.edit"


# --- bins ----------------------------------------------------------------------------------------
class BinList(LabelledList):
    key = "inventory.bin"
    label_kind = BINS
    title = gettext_lazy("Bins")
    permission = VIEW
    export_permission = "inventory.stock.export"
    columns = (
        Column("code", gettext_lazy("Bin"), sort=True),
        Column("warehouse", gettext_lazy("Warehouse"), value="warehouse.name", sort="warehouse__code"),
        Column("zone", gettext_lazy("Zone"), sort=True),
        Column("sequence", gettext_lazy("Order of the way"), "number", sort=True),
        Column("kinds", gettext_lazy("Items in it"), "number", sort="kinds", strong=True),
        Column("is_default", gettext_lazy("Takes what has no place"), value=yes_or_nothing("is_default"), phone="hide"),
        Column("active", gettext_lazy("State"), "chip"),
    )
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("code", "zone")),
        ChoiceFilter("warehouse", gettext_lazy("Warehouse"), "warehouse_id", choices=_warehouses),
        FlagFilter("empty", gettext_lazy("Empty"), when=Q(kinds=0)),
    )
    default_sort = ("warehouse", "sequence", "code")

    def rows(self) -> QuerySet[Bin]:
        kinds = Count("balances__item", filter=Q(balances__on_hand__gt=0), distinct=True)
        return Bin.objects.select_related("warehouse").annotate(kinds=kinds)

    def row_url(self, row: Any) -> str:
        return reverse("staff:bin_detail", kwargs={"pk": row.pk})

    def actions(self) -> Sequence[Action]:
        found = [Action(_("Stock by bin"), reverse("staff:bin_stock"), icon="list-details")]
        if place := as_key(self.state.filters.get("warehouse", "")):
            url = reverse("staff:warehouse_labels", kwargs={"pk": place})
            found.append(Action(_("Labels of the warehouse"), url, icon="qrcode", new_tab=True))
        if self.may(EDIT):
            found.append(Action(_("New bin"), reverse("staff:bin_new"), icon="plus", look="primary"))
        return tuple(found)

    def empty(self) -> Empty:
        text = _("With the first bin all that lies in the warehouse lies there; every move then has its places.")
        return Empty(_("No bins yet"), text, tuple(action for action in self.actions() if action.look == "primary"))


class BinStock(StaffList):
    key = "inventory.bin_stock"
    title = gettext_lazy("Stock by bin")
    permission = VIEW
    export_permission = "inventory.stock.export"
    columns = (
        Column("bin", gettext_lazy("Bin"), value="bin.code", sort="bin__code"),
        Column("warehouse", gettext_lazy("Warehouse"), value="warehouse.name", sort="warehouse__code"),
        Column("zone", gettext_lazy("Zone"), value="bin.zone", sort="bin__zone", phone="hide"),
        LINE_ITEM,
        Column("lot", gettext_lazy("Lot"), value="lot.lot_no"),
        Column("on_hand", gettext_lazy("On hand"), "qty", unit="item.unit.name", sort=True, strong=True),
    )
    filters = (
        TextFilter(
            "q",
            gettext_lazy("Search"),
            fields=("bin__code", "item__code", "item__name", "item__mnemonic", "lot__lot_no"),
        ),
        ChoiceFilter("warehouse", gettext_lazy("Warehouse"), "warehouse_id", choices=_warehouses),
    )
    default_sort = ("bin", "item")

    def rows(self) -> QuerySet[Any]:
        return contents()

    def row_url(self, row: Any) -> str:
        return reverse("staff:bin_detail", kwargs={"pk": row.bin_id})

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(_("Inventory")), Crumb(_("Bins"), reverse("staff:bin_list")))

    def empty(self) -> Empty:
        return Empty(_("Nothing lies in bins"), _("Give a warehouse its first bin."), ())


class BinForm(StaffForm):
    code = forms.CharField(label=gettext_lazy("Code"), max_length=30)
    zone = forms.CharField(label=gettext_lazy("Zone"), max_length=30, required=False)
    sequence = forms.IntegerField(
        label=gettext_lazy("Order of the way"),
        min_value=0,
        max_value=999999,
        initial=0,
        help_text=gettext_lazy("People walk from small to large"),
    )
    active = forms.BooleanField(label=gettext_lazy("In use"), required=False, initial=True)


class NewBinForm(BinForm):
    warehouse_id = forms.ChoiceField(label=gettext_lazy("Warehouse"), choices=warehouse_choices)


_PLACE = ("code", "zone", "sequence", "active")


def _load(pk: UUID) -> Bin:
    found = Bin.objects.select_related("warehouse").filter(pk=pk).first()
    if found is None:
        raise NotFoundRefused(_("There is no such bin."), value=pk)
    return found


def _edit(request: HttpRequest, found: Bin | None) -> HttpResponse:
    kind = BinForm if found else NewBinForm
    initial: dict[str, Any] = {name: getattr(found, name) for name in _PLACE} if found else {}
    form = kind(request.POST) if request.method == "POST" else kind(initial=initial)
    back = reverse("staff:bin_list")

    def save() -> Bin:
        clean = dict(form.cleaned_data)
        place = found.warehouse_id if found else UUID(clean.pop("warehouse_id"))
        return bins.save_bin(warehouse_id=place, bin_id=found.pk if found else None, **clean, **who_and_when(request))

    return edit_page(
        request,
        form=form,
        sections=[("", _PLACE if found else ("warehouse_id", *_PLACE))],
        save=save,
        back=lambda saved: reverse("staff:bin_detail", kwargs={"pk": saved.pk}),
        title=_("Change %(name)s") % {"name": found.code} if found else _("New bin"),
        crumbs=[Crumb(_("Inventory")), Crumb(_("Bins"), back)],
        cancel_url=reverse("staff:bin_detail", kwargs={"pk": found.pk}) if found else back,
    )


@staff_view(EDIT)
def bin_new(request: HttpRequest) -> HttpResponse:
    return _edit(request, None)


@staff_view(EDIT)
def bin_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _edit(request, _load(pk))


@staff_view(VIEW)
def bin_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What lies in a bin, and which items have their place there."""
    return _draw(request, _load(pk))


def _draw(request: HttpRequest, found: Bin, refusal: Refusal | None = None) -> HttpResponse:
    may = request.actor.may(EDIT)  # type: ignore[attr-defined]
    url = reverse("staff:bin_edit", kwargs={"pk": found.pk})
    context = {
        "bin": found,
        "facts": [
            Fact(_("Warehouse"), str(found.warehouse)),
            Fact(_("Zone"), found.zone or "–"),
            Fact(_("Order of the way"), str(found.sequence), numeric=True),
            Fact(
                _("Takes what has no place"),
                pgettext("answer", "Yes") if found.is_default else pgettext("answer", "No"),
            ),
        ],
        "rows": contents().filter(bin=found).order_by("item__sort_key", "lot__expiry_date", "id")[:500],
        "fixed": FixedBin.objects.filter(bin=found).select_related("item").order_by("item__sort_key", "id")[:500],
        "may": may,
        "typed": request.POST.get("code", "") if refusal else "",
        "actions": [label_action("bin_labels", found.pk), *([Action(_("Edit"), url, icon="edit")] if may else [])],
        "crumbs": [Crumb(_("Inventory")), Crumb(_("Bins"), reverse("staff:bin_list"))],
        "error": block_of(refusal) if refusal else None,
    }
    return render(request, "staff/inventory/bin.html", context, status=refusal.status if refusal else 200)


@staff_view(VIEW)
def bin_label(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The label for its shelf."""
    found = _load(pk)
    return BINS.print(request, [found], found.code)


@staff_view(VIEW)
def warehouse_labels(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Labels for all bins in use of a warehouse, in the order people walk."""
    place = Warehouse.objects.filter(pk=pk, kind=WarehouseKind.STOCK).first()
    if place is None:
        raise NotFoundRefused(_("There is no such warehouse."), value=pk)
    rows = Bin.objects.filter(warehouse=place, active=True).select_related("warehouse").order_by("sequence", "code")
    return BINS.print(request, rows[: MOST + 1], place.code)


@require_POST
@staff_view(EDIT)
def bin_fixed(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give an item its place in this bin, or take it away."""
    found, code = _load(pk), read_labels(request.POST.get("code", "").strip())[:40]
    item = Item.objects.filter(Q(code__iexact=code) | Q(barcode=code)).first() if code else None
    if item is None:
        words = _("There is no item “%(code)s”.") % {"code": code}
        return _draw(request, found, ValidationRefused(words, field="code", value=code))
    target = None if request.POST.get("remove") else found.pk
    try:
        bins.set_fixed_bin(item_id=item.pk, warehouse_id=found.warehouse_id, bin_id=target, **who_and_when(request))
    except Refusal as refusal:
        return _draw(request, found, refusal)
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(reverse("staff:bin_detail", kwargs={"pk": pk}))


urlpatterns = [
    path("bins/", BinList.as_view(), name="bin_list"),
    path("bins/stock/", BinStock.as_view(), name="bin_stock"),
    path("bins/new/", bin_new, name="bin_new"),
    path("bins/<uuid:pk>/", bin_detail, name="bin_detail"),
    path("bins/<uuid:pk>/edit/", bin_edit, name="bin_edit"),
    path("bins/<uuid:pk>/labels/", bin_label, name="bin_labels"),
    path("warehouses/<uuid:pk>/labels/", warehouse_labels, name="warehouse_labels"),
    path("bins/<uuid:pk>/items/", bin_fixed, name="bin_fixed"),
    path("bins/of/<str:doc_type>/<uuid:pk>/", bin_entry, name="bin_entry"),
    path("bins/of/<str:doc_type>/<uuid:pk>/print/", bin_print, name="bin_print"),
    *MOVES.patterns("bin-moves", BinMoveList),
]
