"""Items and price lists: entry and pages. An item's page says where its stock is, who holds it, and what comes."""

from dataclasses import fields as dataclass_fields
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.availability.selectors import reservations_of, supplies_of, waiting_of
from backend.catalog.inputs import ItemData, PriceLineData, PriceListData
from backend.catalog.models import (
    InspectionPlan,
    Item,
    ItemCategory,
    ItemType,
    PriceKind,
    PriceList,
    PriceListLine,
    TaxCode,
    Unit,
)
from backend.catalog.selectors import item_whole, price_list_whole, search_items
from backend.catalog.services import save_item, save_price_list
from backend.catalog.services.units import units_of
from backend.catalog.variants import matrices_of, styles
from backend.inventory.models import StockBalance
from backend.kernel import clock
from backend.kernel.errors import NotFoundRefused, Refusal, ValidationRefused
from backend.kernel.money import ZERO, total
from backend.parties.models import Party
from portals.staff.catalog.matrix import MatrixTable, table_of
from portals.staff.catalog.tables import COST, whom
from portals.staff.sales.entry import day_of, items_of
from portals.staff.search.find import by_words
from portals.staff.shared.acting import version_of, who_and_when
from portals.staff.shared.forms import PickField, StaffForm, put_on
from portals.staff.shared.lists import PRICES
from portals.staff.shared.masters import edit_page, sections_of
from portals.staff.shared.quantities import number_of
from portals.staff.shared.words import firmness
from portals.ui import formats
from portals.ui import related as ui_related
from portals.ui.chips import Chip, chip
from portals.ui.components import Action, Crumb, Fact
from portals.ui.errors import block_of
from portals.ui.guards import staff_view
from portals.ui.line_grid import GridColumn, GridRow, LineGrid, read_lines
from portals.ui.navigation import document_address


class ItemForm(StaffForm):
    """An item whole."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    code = forms.CharField(
        label=gettext_lazy("Item code"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Left empty it is given on saving."),
    )
    spec = forms.CharField(label=gettext_lazy("Specification"), max_length=120, required=False)
    barcode = forms.CharField(label=gettext_lazy("Barcode"), max_length=40, required=False)
    item_type = forms.ChoiceField(label=gettext_lazy("Kind"), choices=ItemType.choices)
    category_id = forms.ModelChoiceField(label=gettext_lazy("Category"), queryset=ItemCategory.objects.none())
    unit_id = forms.ModelChoiceField(label=gettext_lazy("Unit"), queryset=Unit.objects.none())
    tax_code_id = forms.ModelChoiceField(label=gettext_lazy("Tax rate"), queryset=TaxCode.objects.none())
    sale_price = forms.DecimalField(
        label=gettext_lazy("Sale price incl. tax"), required=False, min_value=0, max_digits=20, decimal_places=6
    )
    min_sale_price = forms.DecimalField(
        label=gettext_lazy("Lowest sale price"), required=False, min_value=0, max_digits=20, decimal_places=6
    )
    purchase_price = forms.DecimalField(
        label=gettext_lazy("Purchase price incl. tax"), required=False, min_value=0, max_digits=20, decimal_places=6
    )
    supplier_id = PickField(
        label=gettext_lazy("Supplier"),
        model=Party,
        role="is_supplier",
        url_name="staff:find_suppliers",
        required=False,
        help_text=gettext_lazy("Suggestions buy from here"),
    )
    lead_days = forms.IntegerField(
        label=gettext_lazy("Days to make"),
        required=False,
        min_value=0,
        max_value=999,
        help_text=gettext_lazy("Left empty: the supplier's"),
    )
    pack_qty = forms.DecimalField(
        label=gettext_lazy("Pack"), initial=1, help_text=gettext_lazy("Purchases are rounded up to whole packs")
    )
    min_order_qty = forms.DecimalField(label=gettext_lazy("Least order"), initial=0, min_value=0)
    safety_stock = forms.DecimalField(label=gettext_lazy("Safety stock"), initial=0, min_value=0)
    lot_tracked = forms.BooleanField(label=gettext_lazy("Kept by lot"), required=False)
    serial_tracked = forms.BooleanField(
        label=gettext_lazy("Kept by serial number"),
        required=False,
        help_text=gettext_lazy("Every piece has a number of its own"),
    )
    expiry_tracked = forms.BooleanField(label=gettext_lazy("Has an expiry date"), required=False)
    shelf_life_days = forms.IntegerField(label=gettext_lazy("Shelf life (days)"), required=False, min_value=1)
    inspection = forms.ChoiceField(
        label=gettext_lazy("Inspection on receipt"), choices=InspectionPlan.choices, required=False, initial="none"
    )
    purchasable = forms.BooleanField(label=gettext_lazy("Is bought"), required=False, initial=True)
    sellable = forms.BooleanField(label=gettext_lazy("Is sold"), required=False, initial=True)
    share_with_supplier = forms.BooleanField(label=gettext_lazy("Supplier sees its stock"), required=False)
    active = forms.BooleanField(label=gettext_lazy("In use"), required=False, initial=True)
    remark = forms.CharField(label=gettext_lazy("Remarks"), required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, cost: bool, price: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category_id"].queryset = ItemCategory.objects.order_by("code")  # type: ignore[attr-defined]
        self.fields["unit_id"].queryset = Unit.objects.order_by("code")  # type: ignore[attr-defined]
        self.fields["tax_code_id"].queryset = TaxCode.objects.order_by("-rate")  # type: ignore[attr-defined]
        hidden = ([] if cost else ["purchase_price"]) + ([] if price else ["sale_price", "min_sale_price"])
        for name in hidden:
            del self.fields[name]

    def values(self, item: Item | None) -> ItemData:
        """For the service; what this member may not see stays as it is."""
        clean = dict(self.cleaned_data)
        clean["inspection"] = clean["inspection"] or InspectionPlan.NONE
        for name in ("category_id", "unit_id", "tax_code_id"):
            clean[name] = clean[name].pk
        for each in dataclass_fields(ItemData):
            if each.name not in clean and item is not None:
                clean[each.name] = getattr(item, each.name)
        return ItemData(**clean)


def _sections(form: ItemForm) -> list[tuple[Any, list[str]]]:
    every = [
        (_("What it is"), ["name", "spec", "code", "barcode", "item_type", "category_id", "unit_id", "tax_code_id"]),
        (_("Prices"), ["sale_price", "min_sale_price", "purchase_price"]),
        (_("Buying"), ["supplier_id", "lead_days", "pack_qty", "min_order_qty", "safety_stock"]),
        (
            _("Keeping and use"),
            [
                "lot_tracked",
                "serial_tracked",
                "expiry_tracked",
                "shelf_life_days",
                "inspection",
                "purchasable",
                "sellable",
                "share_with_supplier",
                "active",
                "remark",
            ],
        ),
    ]
    found = [(title, [name for name in names if name in form.fields]) for title, names in every]
    return [(title, names) for title, names in found if names]


def _item_edit(request: HttpRequest, item: Item | None) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    rights = {"cost": actor.may(COST), "price": actor.may(PRICES)}
    initial: dict[str, Any] = {}
    if item is not None:
        initial = {each.name: getattr(item, each.name) for each in dataclass_fields(ItemData)}
    else:
        defaults = {"category_id": ItemCategory, "unit_id": Unit, "tax_code_id": TaxCode}
        codes = {"category_id": "goods", "unit_id": "pcs", "tax_code_id": "VAT13"}
        found = {name: model._default_manager.filter(code=codes[name]).first() for name, model in defaults.items()}
        initial = {name: row.pk for name, row in found.items() if row} | {"item_type": "goods"}
    form = ItemForm(request.POST, **rights) if request.method == "POST" else ItemForm(initial=initial, **rights)
    crumbs = [Crumb(_("Items"), reverse("staff:item_list"))]
    url = reverse("staff:item_detail", kwargs={"pk": item.pk}) if item else reverse("staff:item_list")
    return edit_page(
        request,
        form=form,
        sections=_sections(form),
        save=lambda: save_item(
            data=form.values(item),
            item_id=item.pk if item else None,
            version=version_of(request) if item else None,
            **who_and_when(request),
        ),
        back=lambda saved: reverse("staff:item_detail", kwargs={"pk": saved.pk}),
        title=_("Change %(name)s") % {"name": item.name} if item else _("New item"),
        crumbs=[*crumbs, Crumb(item.code, url)] if item else crumbs,
        cancel_url=url,
        version=item.version if item else "",
        wide=("name", "remark"),
    )


def load_item(pk: UUID) -> Item:
    """The item, or not found."""
    item = item_whole(pk)
    if item is None:
        raise NotFoundRefused(_("There is no such item."), value=pk)
    return item


@staff_view("catalog.item.edit")
def item_new(request: HttpRequest) -> HttpResponse:
    return _item_edit(request, None)


@staff_view("catalog.item.edit")
def item_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _item_edit(request, load_item(pk))


def _facts(item: Item, actor: Any) -> list[Fact]:
    supplier = item.supplier
    url = (
        reverse("staff:supplier_detail", kwargs={"pk": supplier.pk})
        if supplier and actor.may("parties.supplier.view")
        else ""
    )
    tax = item.tax_code
    found = [
        Fact(_("Unit"), str(item.unit), f"{item.category} · {item.get_item_type_display()}"),
        Fact(_("Tax rate"), formats.percent(tax.rate), str(tax), numeric=True),
    ]
    if actor.may(PRICES):
        lowest = _("not below %(price)s") % {"price": formats.price(item.min_sale_price)} if item.min_sale_price else ""
        found.append(Fact(_("Sale price incl. tax"), formats.price(item.sale_price), lowest, numeric=True))
    if actor.may(COST):
        found.append(Fact(_("Purchase price incl. tax"), formats.price(item.purchase_price), numeric=True))
    pack = _("packs of %(pack)s, at least %(least)s") % {
        "pack": formats.qty(item.pack_qty),
        "least": formats.qty(max(item.min_order_qty, item.pack_qty)),
    }
    others = units_of([item.pk])[item.pk]
    if others:
        words = " · ".join(f"{row.unit} = {formats.qty(row.factor)} {item.unit}" for row in others)
        found.append(Fact(_("Other units"), words, _("also floating") if any(row.floating for row in others) else ""))
    if item.style:
        style_url = reverse("staff:style_detail", kwargs={"pk": item.style_id})
        found.append(Fact(_("Style"), item.style.name, item.spec, style_url))
    return [*found, Fact(_("Supplier"), supplier.name if supplier else _("none yet"), pack, url)]


def _price_rows(item: Item, actor: Any) -> list[Any]:
    lines = PriceListLine.objects.filter(item=item, price_list__active=True).select_related("price_list__party")
    if not actor.may(COST):
        lines = lines.filter(price_list__kind=PriceKind.SALES)
    return list(lines.order_by("price_list__kind", "price_list__name", "min_qty")[:50])


def _marks(item: Item) -> list[str]:
    marks = (
        (item.lot_tracked, _("by lot")),
        (item.serial_tracked, _("by serial number")),
        (item.expiry_tracked, _("expires")),
    )
    return [mark for flag, mark in marks if flag]


@staff_view("catalog.item.view")
def item_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Where it lies, who holds it, who waits, what comes, and what it costs."""
    item, actor = load_item(pk), request.actor  # type: ignore[attr-defined]
    stock = actor.may("inventory.stock.view") and item.is_stocked
    balances = (
        list(StockBalance.objects.filter(item=item).select_related("warehouse").order_by("warehouse__code"))
        if stock
        else []
    )
    supplies = supplies_of(item.pk) if stock else []
    actions = (
        [Action(_("Edit"), reverse("staff:item_edit", kwargs={"pk": pk}), icon="edit")]
        if actor.may("catalog.item.edit")
        else []
    )
    if actor.may("catalog.item.edit") and item.is_stocked:
        actions.append(Action(_("Units"), reverse("staff:item_units", kwargs={"pk": pk}), icon="package"))
    if stock:
        actions.append(Action(_("Supply"), reverse("staff:item_supply", kwargs={"pk": pk}), icon="truck-loading"))
        actions.append(Action(_("Stock ledger"), reverse("staff:stock_ledger", kwargs={"pk": pk}), icon="list-details"))
    if actor.may("purchasing.order.view") and actor.may(PRICES) and item.purchasable:
        prices_url = reverse("staff:purchase_prices", kwargs={"pk": pk})
        actions.append(Action(_("Purchase prices"), prices_url, icon="chart-line"))
    context = {
        "item": item,
        "named": " · ".join(filter(None, (item.code, item.spec))),
        "chips": [] if item.active else [chip("active", "False")],
        "marks": _marks(item),
        "actions": actions,
        "crumbs": [Crumb(_("Items"), reverse("staff:item_list"))],
        "facts": _facts(item, actor),
        "stock": stock,
        "matrix": _matrix(item) if stock and item.style_id else None,
        "balances": balances,
        "sums": {
            name: total(getattr(row, name) for row in balances)
            for name in ("on_hand", "reserved", "blocked", "available")
        },
        "cost": actor.may(COST),
        "value": total(row.value for row in balances) if actor.may(COST) else ZERO,
        "held": _with_urls(reservations_of(item.pk)) if stock else [],
        "waiting": _with_urls(waiting_of(item.pk)) if stock else [],
        "supplies": [(row, document_address(row.ref_type, row.ref_number), _firm(row.firmness)) for row in supplies],
        "prices": _price_rows(item, actor) if actor.may(PRICES) and actor.may("catalog.price_list.view") else None,
        "timeline": ui_related.timeline(item.pk, limit=8),
        "today": clock.today(),
    }
    return render(request, "staff/catalog/item.html", context)


def _matrix(item: Item) -> MatrixTable:
    """The style's variants with their stock, this one marked."""
    [matrix] = matrices_of(list(styles().filter(variants=item)))
    return table_of(matrix, current=item.pk)


def _with_urls(rows: list[Any]) -> list[tuple[Any, str]]:
    return [(row, document_address(row.ref_type, row.ref_number)) for row in rows]


def _firm(code: str) -> Chip:
    looks = {"requested": "", "confirmed": "ok", "shipped": "part", "inspected": "part"}
    return Chip(looks.get(code, ""), firmness(code))


# --- price lists -----------------------------------------------------------------------------------------------
COLUMNS = (
    GridColumn("item_id", gettext_lazy("Item code"), "item", required=True),
    GridColumn("name", gettext_lazy("Name and specification"), out=True, size="w-xl"),
    GridColumn("unit", gettext_lazy("Unit"), out=True),
    GridColumn("min_qty", gettext_lazy("From quantity"), "qty"),
    GridColumn("price", gettext_lazy("Unit price"), "price", required=True, strong=True),
    GridColumn("valid_from", gettext_lazy("From"), "date"),
    GridColumn("valid_to", gettext_lazy("Until"), "date"),
)


class PriceListForm(StaffForm):
    """The head of a price list."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=30,
        required=False,
        help_text=gettext_lazy("Left empty it is given on saving."),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=PriceKind.choices)
    party_id = PickField(
        label=gettext_lazy("Partner"),
        model=Party,
        url_name="staff:price_list_parties",
        required=False,
        help_text=gettext_lazy("Left empty: for everybody"),
    )
    customer_level = forms.CharField(label=gettext_lazy("Customer level"), max_length=20, required=False)
    includes_tax = forms.BooleanField(label=gettext_lazy("Prices include tax"), required=False, initial=True)
    active = forms.BooleanField(label=gettext_lazy("In use"), required=False, initial=True)


_LIST_FIELDS = ("name", "code", "kind", "party_id", "customer_level", "includes_tax", "active")


@staff_view()
def price_list_parties(request: HttpRequest) -> HttpResponse:
    """Customers and suppliers for the picker of a price list."""
    request.actor.require("catalog.price_list.edit")  # type: ignore[attr-defined]
    match = by_words(request.GET.get("q", ""), "name", "code", "mnemonic", "short_name")
    rows = Party.objects.filter(match, active=True).order_by("sort_key")[:12]
    return JsonResponse({"results": [{"id": str(row.pk), "label": row.name, "sub": row.code} for row in rows]})


def _list_grid(found: PriceList | None) -> LineGrid:
    rows = []
    for line in found.lines.all() if found else ():
        rows.append(
            GridRow(
                {
                    "item_id": str(line.item_id),
                    "item_id_code": line.item.code,
                    "name": f"{line.item.name} {line.item.spec}".strip(),
                    "unit": str(line.item.unit),
                    "min_qty": line.min_qty or "",
                    "price": line.price,
                    "valid_from": line.valid_from.isoformat() if line.valid_from else "",
                    "valid_to": line.valid_to.isoformat() if line.valid_to else "",
                }
            )
        )
    return LineGrid(COLUMNS, rows=rows, pick_url=reverse("staff:item_pick"), new_item_url=reverse("staff:item_new"))


def _read_prices(request: HttpRequest) -> tuple[PriceLineData, ...]:
    lines = read_lines(request.POST, COLUMNS)
    items = items_of(lines)
    problems: list[Refusal] = []
    found = []
    for line in lines:
        item, price = items.get(line.index), number_of(line, "price", problems)
        least = number_of(line, "min_qty", problems)
        if item is None:
            words = _("Line %(line)s: there is no item “%(code)s”.") % {
                "line": line.no,
                "code": line.text("item_id_code")[:40],
            }
            problems.append(ValidationRefused(words, line=line.no, field="item_id"))
        elif price is None:
            words = _("Line %(line)s: give the price.") % {"line": line.no}
            problems.append(ValidationRefused(words, line=line.no, field="price"))
        else:
            days = day_of(line.text("valid_from")), day_of(line.text("valid_to"))
            found.append(PriceLineData(item.pk, price, least or ZERO, *days))
    if problems:
        raise Refusal.many(problems)
    return tuple(found)


def _list_edit(request: HttpRequest, found: PriceList | None) -> HttpResponse:
    grid, error, status = _list_grid(found), None, 200
    initial = {name: getattr(found, name) for name in _LIST_FIELDS} if found else {"kind": "sales"}
    if request.method == "POST":
        form, refusal, status = PriceListForm(request.POST), None, 400
        if form.is_valid():
            try:
                saved = save_price_list(
                    data=PriceListData(lines=_read_prices(request), **form.cleaned_data),
                    price_list_id=found.pk if found else None,
                    version=version_of(request) if found else None,
                    **who_and_when(request),
                )
            except Refusal as caught:
                refusal, status = caught, caught.status
                error = put_on(form, caught) or block_of(caught)
            else:
                messages.success(request, _("Saved."))
                return HttpResponseRedirect(reverse("staff:price_list_detail", kwargs={"pk": saved.pk}))
        grid = grid.with_posted(request.POST, refusal)
    else:
        form = PriceListForm(initial=initial)
    url = reverse("staff:price_list_detail", kwargs={"pk": found.pk}) if found else reverse("staff:price_list_list")
    context = {
        "form": form,
        "sections": sections_of(form, [("", _LIST_FIELDS)], ("name",)),
        "grid": grid,
        "error": error,
        "title": _("Change %(name)s") % {"name": found.name} if found else _("New price list"),
        "crumbs": [Crumb(_("Price lists"), reverse("staff:price_list_list"))],
        "cancel_url": url,
        "version": request.POST.get("version") or (found.version if found else ""),
    }
    return render(request, "staff/shared/master_form.html", context, status=status)


def _load_list(request: HttpRequest, pk: UUID) -> PriceList:
    found = price_list_whole(pk)
    if found is None or (found.kind == PriceKind.PURCHASE and not request.actor.may(COST)):  # type: ignore[attr-defined]
        raise NotFoundRefused(_("There is no such price list."), value=pk)
    return found


@staff_view("catalog.price_list.edit")
def price_list_new(request: HttpRequest) -> HttpResponse:
    return _list_edit(request, None)


@staff_view("catalog.price_list.edit")
def price_list_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _list_edit(request, _load_list(request, pk))


@staff_view("catalog.price_list.view")
def price_list_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = _load_list(request, pk)
    may = request.actor.may("catalog.price_list.edit")  # type: ignore[attr-defined]
    context = {
        "it": found,
        "whom": whom(found),
        "lines": sorted(found.lines.all(), key=lambda line: (line.item.sort_key, line.min_qty)),
        "chips": [chip("active", str(found.active))],
        "actions": [Action(_("Edit"), reverse("staff:price_list_edit", kwargs={"pk": pk}), icon="edit", look="primary")]
        if may
        else [],
        "crumbs": [Crumb(_("Price lists"), reverse("staff:price_list_list"))],
        "timeline": ui_related.timeline(found.pk, limit=8),
    }
    return render(request, "staff/catalog/price_list.html", context)


@staff_view("catalog.item.view")
def item_pick(request: HttpRequest) -> HttpResponse:
    """The type-ahead of grids that are not priced: items with code, name and stock."""
    rows = [
        {
            "id": str(item.pk),
            "code": item.code,
            "name": item.name,
            "spec": item.spec,
            "pinyin": item.mnemonic.lower(),
            "barcode": item.barcode,
            "unit": str(item.unit),
            "available": formats.qty(item.available) if item.is_stocked else "",  # type: ignore[attr-defined]
            "low": False,
            "price": "",
        }
        for item in search_items(request.GET.get("q", ""), limit=12)
    ]
    return JsonResponse({"results": rows})
