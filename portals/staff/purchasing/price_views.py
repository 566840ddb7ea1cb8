"""Prices of purchases over time: the page of an item by supplier, and the reasons for those that rose (PUR-07)."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from backend.catalog.models import Item
from backend.kernel.errors import NotFoundRefused
from backend.kernel.money import HUNDRED, round_price
from backend.purchasing.models import PurchaseOrder, PurchaseOrderLine
from backend.purchasing.selectors.prices import purchases_of
from backend.purchasing.services.prices import Rise
from portals.staff.shared.dialogs import Ask, Dialog, typed
from portals.staff.shared.lists import PRICES
from portals.ui import formats
from portals.ui.components import Crumb
from portals.ui.guards import staff_view

MOST, MOST_SUPPLIERS = 200, 6


def price_reasons_dialog(request: HttpRequest, order: PurchaseOrder, rises: Sequence[Rise], url: str) -> Dialog:
    """Asks for each line that is dearer why it is."""
    asks = tuple(
        Ask(
            f"why-{rise.line.pk}",
            _("Line %(line)s: %(item)s, %(before)s → %(now)s")
            % {
                "line": rise.line.line_no,
                "item": rise.line.item.name,
                "before": formats.price(rise.before),
                "now": formats.price(rise.now),
            },
            "text",
            typed(request, f"why-{rise.line.pk}", rise.line.price_reason),
            most=200,
        )
        for rise in rises
    )
    words = _("The reason stays with the line; whoever approves reads it.")
    return Dialog("price_reasons", _("Why it is dearer"), url, _("Save"), asks, words, {"version": order.version})


def reasons_of(request: HttpRequest, lines: Iterable[PurchaseOrderLine]) -> dict[UUID, str]:
    """What was typed, by line; a line that was not asked about is left alone."""
    found = {}
    for line in lines:
        words = request.POST.get(f"why-{line.pk}")
        if words is not None:
            found[line.pk] = words.replace("\x00", "")
    return found


@require_safe
@staff_view("purchasing.order.view")
def purchase_prices(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What an item cost whenever it was bought: by supplier over time, and every purchase behind it."""
    request.actor.require(PRICES)  # type: ignore[attr-defined]
    item = Item.objects.select_related("unit").filter(pk=pk).first()
    if item is None:
        raise NotFoundRefused(_("There is no such item."), value=pk)
    rows = list(purchases_of(pk)[: MOST + 1])
    shown = rows[:MOST]
    context = {
        "item": item,
        "rows": [_row(row) for row in shown],
        "more": len(rows) > MOST,
        "chart": chart_of(shown),
        "suppliers": _by_supplier(shown),
        "crumbs": [Crumb(_("Items"), reverse("staff:item_list")), Crumb(item.name, item_url(request, item))],
    }
    return render(request, "staff/purchasing/item_prices.html", context)


def item_url(request: HttpRequest, item: Item) -> str:
    """The page of the item, for those who may open it."""
    may = request.actor.may("catalog.item.view")  # type: ignore[attr-defined]
    return reverse("staff:item_detail", kwargs={"pk": item.pk}) if may else ""


Payee = tuple[UUID, str]


def net_of(line: PurchaseOrderLine) -> Decimal:
    """What a unit cost without tax, after discount: the one figure that compares across suppliers."""
    return round_price(line.unit_price * (1 - line.discount_pct / HUNDRED))


def _row(line: PurchaseOrderLine) -> dict[str, Any]:
    return {"line": line, "order": line.document, "net": net_of(line)}


def _payee(line: PurchaseOrderLine) -> Payee:
    """Prices compare within a supplier and a currency."""
    return line.document.supplier_id, line.document.currency


def _names(lines: Sequence[PurchaseOrderLine]) -> dict[Payee, str]:
    """Suppliers with their currency, those bought from most recently first."""
    found: dict[Payee, str] = {}
    for line in lines:
        order = line.document
        found.setdefault(_payee(line), f"{order.supplier.label} {order.currency}")
    return found


def chart_of(lines: Sequence[PurchaseOrderLine]) -> dict[str, Any]:
    """Net prices over time, one line a supplier: the newest suppliers, days from old to new."""
    names = dict(list(_names(lines).items())[:MOST_SUPPLIERS])
    shown = [line for line in lines if _payee(line) in names]
    days = sorted({line.document.doc_date for line in shown})
    place = {day: at for at, day in enumerate(days)}
    values: dict[Payee, list[float | None]] = {payee: [None] * len(days) for payee in names}
    for line in reversed(shown):
        values[_payee(line)][place[line.document.doc_date]] = float(net_of(line))
    series = [{"name": name, "values": values[payee], "kind": "line", "connect": True} for payee, name in names.items()]
    return {"labels": [day.isoformat() for day in days], "series": series}


def _by_supplier(lines: Sequence[PurchaseOrderLine]) -> list[dict[str, Any]]:
    """Each supplier's newest, lowest and highest net price among the purchases shown."""
    found = []
    for payee, name in _names(lines).items():
        mine = [line for line in lines if _payee(line) == payee]
        nets = [net_of(line) for line in mine]
        found.append(
            {"name": name, "last": nets[0], "low": min(nets), "high": max(nets), "count": len(mine), "newest": mine[0]}
        )
    return found
