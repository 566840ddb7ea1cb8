"""Reports of stock: alerts, ages, slow movers, turnover, what hurried transfers cost. Values are for those who may see cost."""

from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.inventory.models import AlertKind, StockAlert, UrgentCause
from backend.inventory.selectors import reports
from backend.kernel import clock
from backend.kernel.money import total
from backend.workflow import parameters
from portals.staff.inventory.tables import COST, _warehouses
from portals.staff.sales.entry import uuid_of
from portals.staff.shared.columns import LINE_ITEM
from portals.staff.shared.lists import StaffList
from portals.ui import formats
from portals.ui.components import Crumb, Empty, Kpi
from portals.ui.guards import staff_view
from portals.ui.lists import ChoiceFilter, Column, FlagFilter, Preset, TextFilter, export

VIEW = "inventory.stock.view"
_EXPORT = "inventory.stock.export"


# --- alerts ----------------------------------------------------------------------------------------
class AlertList(StaffList):
    key = "inventory.alert"
    title = gettext_lazy("Stock alerts")
    permission = VIEW
    export_permission = _EXPORT
    columns = (
        LINE_ITEM,
        Column("kind", gettext_lazy("Alert"), value="get_kind_display", sort="kind"),
        Column("warehouse", gettext_lazy("Warehouse"), value="warehouse.name", sort="warehouse__code"),
        Column("lot", gettext_lazy("Lot"), value="lot.lot_no"),
        Column("qty", gettext_lazy("Quantity"), "qty", unit="item.unit.name", sort=True, strong=True),
        Column("limit", gettext_lazy("Limit"), "qty", value="threshold", render=lambda row: _limit(row)),
        Column("raised_at", gettext_lazy("Since"), "moment", sort=True),
        Column("cleared_at", gettext_lazy("Cleared"), "moment", sort=True, shown=False),
    )
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("item__code", "item__name", "item__mnemonic")),
        ChoiceFilter("kind", gettext_lazy("Alert"), choices=AlertKind),
        ChoiceFilter("warehouse", gettext_lazy("Warehouse"), "warehouse_id", choices=_warehouses),
        FlagFilter("open", gettext_lazy("Not cleared"), when=Q(cleared_at=None)),
    )
    presets = (
        Preset("open", gettext_lazy("All open"), "open=1"),
        Preset("low", gettext_lazy("Low"), "open=1&kind=low", need=True),
        Preset("expiring", gettext_lazy("Expires soon"), "open=1&kind=expiring"),
        Preset("slow", gettext_lazy("Slow-moving"), "open=1&kind=slow"),
        Preset("over", gettext_lazy("Too much"), "open=1&kind=over"),
    )
    default_sort = ("-raised_at",)

    def rows(self) -> QuerySet[StockAlert]:
        return StockAlert.objects.select_related("item__unit", "warehouse", "lot")

    def row_url(self, row: Any) -> str:
        return reverse("staff:stock_ledger", kwargs={"pk": row.item_id})

    def empty(self) -> Empty:
        text = _(
            "Low, too much, slow-moving and expiring goods appear here by themselves, within a minute of the move."
        )
        return Empty(_("Nothing to worry about"), text, ())


def _limit(row: StockAlert) -> str:
    if row.kind in {AlertKind.SLOW, AlertKind.EXPIRING}:
        return formats.days(row.threshold)
    return formats.qty(round(row.threshold, 1))


# --- tables of computed rows -----------------------------------------------------------------------
@dataclass(frozen=True)
class Head:
    """A column: its words and how a row fills it; `costly` ones are for those who may see cost."""

    label: Any
    value: Callable[[Any], Any]
    kind: str = "text"
    costly: bool = False
    sub: Callable[[Any], str] | None = None
    url: Callable[[Any], str] | None = None
    summed: bool = False

    @property
    def numeric(self) -> bool:
        return self.kind in {"qty", "money", "number", "percent"}

    def text(self, value: Any) -> str:
        if value is None:
            return "–"
        if self.kind in {"qty", "money", "percent"}:
            return str(getattr(formats, self.kind)(value))
        return str(value)


def _cell(head: Head, row: Any) -> dict[str, Any]:
    return {
        "text": head.text(head.value(row)),
        "label": head.label,
        "numeric": head.numeric,
        "sub": head.sub(row) if head.sub else "",
        "url": head.url(row) if head.url else "",
    }


def _foot(heads: Sequence[Head], rows: Sequence[Any]) -> list[dict[str, Any]]:
    if not rows or not any(head.summed for head in heads):
        return []
    found = []
    for place, head in enumerate(heads):
        words = _("Total") if place == 0 else ""
        if head.summed:
            words = head.text(total(head.value(row) for row in rows))
        found.append({"text": words, "numeric": head.numeric, "label": head.label})
    return found


_TABS = (
    ("stock_ages", gettext_lazy("Stock ages")),
    ("slow_movers", gettext_lazy("Slow movers")),
    ("turnover", gettext_lazy("Turnover")),
    ("urgent_transfers", gettext_lazy("Urgent transfers")),
    ("style_stock", gettext_lazy("Stock by style")),
)


def _report(
    request: HttpRequest,
    name: str,
    heads: Sequence[Head],
    rows: Sequence[Any],
    *,
    note: Any,
    empty: Any,
    choices: Sequence[Any] = (),
    kpis: Sequence[Kpi] = (),
) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    heads = [head for head in heads if not head.costly or actor.may(COST)]
    title = dict(_TABS)[name]
    if request.GET.get("export") == "xlsx":
        actor.require(_EXPORT)
        kinds = {"number": "text", "percent": "text"}
        columns = [
            Column(str(no), head.label, kinds.get(head.kind, head.kind), value=head.value)
            for no, head in enumerate(heads)
        ]
        return export.xlsx(str(title), columns, rows, {})
    query = request.GET.copy()
    query["export"] = "xlsx"
    context = {
        "title": title,
        "note": note,
        "heads": heads,
        "rows": [[_cell(head, row) for head in heads] for row in rows],
        "foot": _foot(heads, rows),
        "empty": empty,
        "choices": choices,
        "kpis": kpis,
        "tabs": tabs_of(name),
        "export_url": f"?{query.urlencode()}" if actor.may(_EXPORT) else "",
        "crumbs": [Crumb(_("Inventory")), Crumb(_("Stock reports"), reverse("staff:stock_ages"))],
    }
    return render(request, "staff/inventory/report.html", context)


def tabs_of(name: str) -> list[tuple[str, Any, bool]]:
    """The reports beside each other, this one marked."""
    return [(reverse(f"staff:{key}"), label, key == name) for key, label in _TABS]


def place_of(request: HttpRequest) -> tuple[UUID | None, Any]:
    """The warehouse that was chosen, and the choice."""
    options = [("", _("All warehouses")), *((str(pk), name) for pk, name in _warehouses())]
    chosen = uuid_of(request.GET.get("warehouse", ""))
    return chosen, ("warehouse", _("Warehouse"), options, str(chosen or ""))


def _ledger(row: Any) -> str:
    return reverse("staff:stock_ledger", kwargs={"pk": row.item_id})


def _item(label: Any) -> Head:
    return Head(label, lambda row: row.name, sub=lambda row: row.code, url=_ledger)


def _part(place: int) -> Callable[[Any], Any]:
    return lambda row: row.parts[place] or None


@staff_view(VIEW)
def stock_ages(request: HttpRequest) -> HttpResponse:
    """How long stock has been lying."""
    chosen, choice = place_of(request)
    heads = [
        _item(_("Item")),
        Head(_("Warehouse"), lambda row: row.warehouse),
        Head(_("On hand"), lambda row: row.on_hand, "qty", sub=lambda row: row.unit),
        Head(_("to 30 days"), _part(0), "qty"),
        Head(_("to 60 days"), _part(1), "qty"),
        Head(_("to 90 days"), _part(2), "qty"),
        Head(_("to 180 days"), _part(3), "qty"),
        Head(_("over 180 days"), _part(4), "qty"),
        Head(_("Value over 180 days"), lambda row: row.oldest, "money", costly=True, summed=True),
        Head(_("Value"), lambda row: row.value, "money", costly=True, summed=True),
    ]
    rows = reports.stock_ages(clock.today(), warehouse_id=chosen)
    note = _("What lies there is taken to be what came last: arrivals are counted back from the newest.")
    return _report(request, "stock_ages", heads, rows, note=note, empty=_("No stock yet"), choices=[choice])


@staff_view(VIEW)
def slow_movers(request: HttpRequest) -> HttpResponse:
    """What does not sell, with a discount to clear it (INV-07)."""
    chosen, choice = place_of(request)
    days, cover = (int(parameters.get(f"inventory.{key}_days")) for key in ("slow", "cover"))
    heads = [
        _item(_("Item")),
        Head(_("Warehouse"), lambda row: row.warehouse),
        Head(_("On hand"), lambda row: row.on_hand, "qty", sub=lambda row: row.unit),
        Head(_("Days without a sale"), lambda row: row.days, "number"),
        Head(_("Lasts (days)"), lambda row: row.cover, "qty"),
        Head(_("Suggested mark-down"), lambda row: row.discount, "percent"),
        Head(_("Clearance price"), lambda row: row.clearance_price, "money"),
        Head(_("Unit cost"), lambda row: row.unit_cost, "money", costly=True),
        Head(_("Value"), lambda row: row.value, "money", costly=True, summed=True),
    ]
    rows = reports.slow_movers(clock.today(), days=days, cover_days=cover, warehouse_id=chosen)
    note = _("No sale for %(days)s days, or enough for more than %(cover)s days at the present pace.")
    note %= {"days": days, "cover": cover}
    tiles = _slow_kpis(days, cover, chosen) if request.actor.may(COST) else ()  # type: ignore[attr-defined]
    shown: dict[str, Any] = {"note": note, "empty": _("Everything sells"), "choices": [choice], "kpis": tiles}
    return _report(request, "slow_movers", heads, rows, **shown)


def _slow_kpis(days: int, cover: int, warehouse_id: UUID | None) -> list[Kpi]:
    """The value that does not sell beside that of as many days ago, and the target."""
    found = reports.slow_change(clock.today(), days=days, cover_days=cover, warehouse_id=warehouse_id)
    target, change = formats.percent(found.target), found.change
    basis = _("%(value)s %(days)s days ago") % {"value": formats.money(found.value_before), "days": days}
    return [
        Kpi(_("Slow-moving stock"), formats.money(found.value), lines=(basis,)),
        Kpi(
            _("Change"),
            "–" if change is None else formats.percent(change),
            lines=(_("target %(target)s") % {"target": target},),
            signal=change is not None and not found.reached,
        ),
    ]


def _months(today: date) -> list[tuple[str, str]]:
    found, day = [], today.replace(day=1)
    for _no in range(12):
        found.append((f"{day:%Y-%m}", formats.month(day)))
        day = (day - timedelta(days=1)).replace(day=1)
    return found


@staff_view("catalog.cost.view")
def turnover(request: HttpRequest) -> HttpResponse:
    """COGS ÷ average stock value of a month (INV-09)."""
    today = clock.today()
    months = _months(today)
    month = request.GET.get("month", "")
    month = month if month in dict(months) else months[0][0]
    by = request.GET.get("by", "")
    by = by if by in {"item", "warehouse", "category"} else "category"
    first = date.fromisoformat(f"{month}-01")
    last = min(first.replace(day=monthrange(first.year, first.month)[1]), today)
    rows = reports.turnover_beside(first, last, by=by)
    whole = reports.turn_change(first, last)
    heads = [
        Head({"item": _("Item"), "warehouse": _("Warehouse"), "category": _("Category")}[by], lambda it: it.row.label),
        Head(_("Sold and used up, at cost"), lambda it: it.row.cost, "money", summed=True),
        Head(_("Average stock value"), lambda it: it.row.average, "money", summed=True),
        Head(_("Turns in the month"), lambda it: it.row.turns, "number"),
        Head(_("Month before"), lambda it: it.before, "number"),
        Head(_("Change"), lambda it: it.change, "percent"),
        Head(_("Of the target"), lambda it: whole.share_of(it.row.turns), "percent"),
    ]
    note = _("What was sold or used up ÷ average of the stock's value over the days; in all only what was sold.")
    dimensions = [("category", _("Category")), ("warehouse", _("Warehouse")), ("item", _("Item"))]
    choices = [("month", _("Month"), months, month), ("by", _("Grouped by"), dimensions, by)]
    shown: dict[str, Any] = {"empty": _("Nothing has moved yet"), "choices": choices, "kpis": _turn_kpis(whole)}
    return _report(request, "turnover", heads, rows, note=note, **shown)


def _turn_kpis(found: reports.TurnChange) -> list[Kpi]:
    """The whole stock's turns against the target, and against the month before."""
    basis = _("target %(target)s") % {"target": found.target}
    so_far = _("%(turns)s in %(days)s of %(all)s days") % {
        "turns": _turns(found.turns), "days": found.days, "all": found.month_days,
    }  # fmt: skip
    runs = found.days < found.month_days
    return [
        Kpi(
            _("Turns in the month, at this pace") if runs else _("Turns in the month"),
            _turns(found.pace),
            lines=(basis, so_far) if runs else (basis,),
            signal=found.pace is not None and not found.reached,
        ),
        Kpi(
            _("Change"),
            "–" if found.change is None else formats.percent(found.change),
            lines=(
                _("nothing to compare with")
                if found.before is None
                else _("%(turns)s in the month before") % {"turns": _turns(found.before)},
            ),
        ),
    ]


def _turns(value: Decimal | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _causes(row: reports.HurryRow) -> str:
    labels = dict(UrgentCause.choices)
    return " · ".join(f"{labels.get(cause, cause)} {count}" for cause, count in row.causes.items())


@staff_view("inventory.transfer.view")
def urgent_transfers(request: HttpRequest) -> HttpResponse:
    """What hurry costs, month by month, with its causes (SCM-16)."""
    heads = [
        Head(_("Month"), lambda row: formats.month(row.month)),
        Head(_("Transfers"), lambda row: row.transfers, "number"),
        Head(_("of them urgent"), lambda row: row.urgent, "number"),
        Head(_("Freight"), lambda row: row.freight, "money", summed=True),
        Head(_("Freight of urgent ones"), lambda row: row.urgent_freight, "money", summed=True),
        Head(_("Share of the freight"), lambda row: row.share, "percent"),
        Head(_("Causes"), _causes),
    ]
    first = (clock.today() - timedelta(days=365)).replace(day=1)
    rows = reports.hurried_transfers(first)
    note = _("Transfers that were marked urgent, by the month they left.")
    return _report(request, "urgent_transfers", heads, rows, note=note, empty=_("No transfers yet"))


urlpatterns = [
    path("alerts/", AlertList.as_view(), name="alert_list"),
    path("ages/", stock_ages, name="stock_ages"),
    path("slow-movers/", slow_movers, name="slow_movers"),
    path("turnover/", turnover, name="turnover"),
    path("urgent-transfers/", urgent_transfers, name="urgent_transfers"),
]
