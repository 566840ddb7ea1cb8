"""An item's page says where its stock is, who holds it, and what comes; and the type-ahead of items."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backend.availability.selectors import reservations_of, supplies_of, waiting_of
from backend.catalog.models import (
    Item,
    PriceKind,
    PriceListLine,
)
from backend.catalog.selectors import search_items
from backend.catalog.services.units import units_of
from backend.catalog.variants import matrices_of, styles
from backend.inventory.models import KitLine, StockBalance
from backend.kernel import clock
from backend.kernel.money import ZERO, total
from portals.staff.catalog.item_forms import load_item
from portals.staff.catalog.matrix import MatrixTable, table_of
from portals.staff.catalog.tables import COST
from portals.staff.shared.item_names import named
from portals.staff.shared.labels import ITEMS, label_action
from portals.staff.shared.lists import PRICES
from portals.staff.shared.words import VERBS, firmness
from portals.ui import formats
from portals.ui import related as ui_related
from portals.ui.chips import Chip, chip
from portals.ui.components import Action, Crumb, Fact
from portals.ui.guards import staff_view
from portals.ui.navigation import document_address


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
    return list(lines.order_by("price_list__kind", "price_list__name", "min_qty", "id")[:50])


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
    if actor.may("purchasing.quota.view") and item.purchasable:
        quotas_url = reverse("staff:item_quotas", kwargs={"pk": pk})
        actions.append(Action(_("Suppliers and quotas"), quotas_url, icon="users-group"))
    if stock and actor.may("production.order.edit") and KitLine.objects.filter(kit=item).exists():
        make_url = f"{reverse('staff:production_order_new')}?{urlencode({'item': item.code})}"
        actions.append(Action(_("New production order"), make_url, icon="package"))
    actions.append(label_action("item_labels", pk))
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
        "supplies": [(row, document_address(row.ref_type, row.ref_number), _firm(row)) for row in supplies],
        "prices": _price_rows(item, actor) if actor.may(PRICES) and actor.may("catalog.price_list.view") else None,
        "timeline": ui_related.timeline(item.pk, limit=8, words=VERBS, reader=actor),
        "today": clock.today(),
    }
    return render(request, "staff/catalog/item.html", context)


@staff_view("catalog.item.view")
def item_label(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The label for its box or shelf."""
    item = load_item(pk)
    return ITEMS.print(request, [item], item.code)


def _matrix(item: Item) -> MatrixTable:
    """The style's variants with their stock, this one marked."""
    [matrix] = matrices_of(list(styles().filter(variants=item)))
    return table_of(matrix, current=item.pk)


def _with_urls(rows: list[Any]) -> list[tuple[Any, str]]:
    return [(row, document_address(row.ref_type, row.ref_number)) for row in rows]


def _firm(row: Any) -> Chip:
    looks = {"requested": "", "confirmed": "ok", "shipped": "part", "inspected": "part"}
    return Chip(looks.get(row.firmness, ""), firmness(row.firmness, row.ref_type))


@require_POST
@staff_view("catalog.item.view")
def item_names(request: HttpRequest) -> HttpResponse:
    """Names and units beside the codes in grids that are not priced."""
    return JsonResponse(named(request.POST))


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
        }
        for item in search_items(request.GET.get("q", ""), limit=12)
    ]
    return JsonResponse({"results": rows})
