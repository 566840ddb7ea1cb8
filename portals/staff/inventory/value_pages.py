"""What stock is worth: by item, warehouse or category at the end of a day, and the costing run of a month."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from backend.catalog.models import CostMethod, ItemCategory
from backend.inventory.models import CostingRun, StockMove, Warehouse
from backend.inventory.selectors.valuation import BY, Worth, stock_value, total_of
from backend.inventory.services import calendar
from backend.inventory.services.costing_runs import ask_for_costing, months_to_run, uncosted
from backend.kernel import clock
from backend.kernel.document import Approval
from backend.kernel.errors import NotFoundRefused, Refusal
from backend.posting.reconciliation import layer_differences, stock_differences
from portals.staff.inventory.tables import COST, CostList
from portals.staff.sales.entry import day_of, uuid_of
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.columns import LINE_ITEM
from portals.ui import formats
from portals.ui.chips import Chip
from portals.ui.components import Crumb, Empty
from portals.ui.errors import block_of
from portals.ui.guards import staff_view
from portals.ui.lists import ChoiceFilter, Column, export
from portals.ui.typed import count_of

VIEW, RUN, EXPORT = "inventory.cost.view", "inventory.cost.run", "inventory.cost.export"
_PAGE = 200


def _heads(by: str) -> list[Column]:
    named = [Column("code", _("Code")), Column("name", _("Name"))]
    if by == "item":
        named += [Column("more", _("Specification")), Column("unit", _("Unit"))]
    if by == "category":
        named += [Column("more", _("Costing method"), value=_method)]
    figures = [Column("qty", _("Quantity"), "qty")] if by == "item" else []
    cost = [Column("unit_cost", _("Unit cost"), "price")] if by == "item" else []
    return [*named, *figures, *cost, Column("value", _("Value"), "money")]


def _method(row: Worth) -> str:
    return str(CostMethod(row.more).label)


def _drill(by: str, row: Worth, day: date) -> str:
    """From a warehouse or a category to its items, from an item to its moves."""
    if by == "item":
        return reverse("staff:stock_ledger", kwargs={"pk": row.id})
    return f"?{urlencode({'by': 'item', 'day': day.isoformat(), by: row.id})}"


@staff_view(VIEW)
def stock_worth(request: HttpRequest) -> HttpResponse:
    """The value of stock at the end of a day; every figure leads to what is behind it."""
    actor = request.actor  # type: ignore[attr-defined]
    actor.require(COST)
    by = request.GET.get("by", "item")
    by = by if by in BY else "item"
    today = clock.today()
    day = min(day_of(request.GET.get("day", "")) or today, today)
    chosen = {name: uuid_of(request.GET.get(name, "")) for name in ("warehouse", "category")}
    rows = stock_value(day=day, by=by, warehouse_id=chosen["warehouse"], category_id=chosen["category"])
    columns = _heads(by)
    if request.GET.get("export") == "xlsx":
        actor.require(EXPORT)
        return export.xlsx(f"{_('Stock value')} {day}", columns, rows, {})
    page = max(count_of(request.GET.get("page", "")) or 1, 1)
    query = {name: value for name, value in request.GET.items() if name in {"by", "day", "warehouse", "category"}}
    context = {
        "crumbs": [Crumb(_("Finance"))],
        "chips": _state(day == today and not any(chosen.values())),
        "by": by,
        "kinds": [("item", _("By item")), ("warehouse", _("By warehouse")), ("category", _("By category"))],
        "day": day,
        "today": today,
        "columns": columns,
        "rows": [(row, _drill(by, row, day)) for row in rows[(page - 1) * _PAGE : page * _PAGE]],
        "total": total_of(rows)[1],
        "warehouses": [(str(pk), name) for pk, name in Warehouse.objects.order_by("code").values_list("pk", "name")],
        "categories": [(str(pk), name) for pk, name in ItemCategory.objects.order_by("code").values_list("pk", "name")],
        "warehouse": str(chosen["warehouse"] or ""),
        "category": str(chosen["category"] or ""),
        "query": urlencode({name: value for name, value in query.items() if name != "by"}),
        "export_url": f"?{urlencode(query | {'export': 'xlsx'})}" if actor.may(EXPORT) else "",
        "next_url": f"?{urlencode(query | {'page': page + 1})}" if len(rows) > page * _PAGE else "",
    }
    return render(request, "staff/inventory/stock_value.html", context)


def _state(asked: bool) -> list[Chip]:
    """Whether all of stock, today, is what the books say."""
    if not asked:
        return []
    differing = [*stock_differences(), *layer_differences()]
    return [Chip("bad", _("Differs from the books"))] if differing else [Chip("ok", _("Equal to the books"))]


# --- the costing of a month ----------------------------------------------------------------------
def _months(today: date) -> list[dict[str, Any]]:
    closed = calendar.closed_through()
    months = months_to_run(today, 6)
    runs: dict[date, CostingRun] = {}
    for run in CostingRun.objects.filter(month__in=months).exclude(approval=Approval.DRAFT).order_by("id"):
        runs[run.month] = run
    found = []
    for month in months:
        last = min(_end(month), today)
        is_closed = closed is not None and last <= closed
        left = 0 if is_closed else uncosted(month, last)
        found.append(
            {
                "month": month,
                "run": runs.get(month),
                "closed": is_closed,
                "left": left,
                "chip": _chip(is_closed, left, month in runs),
                "failed": runs[month].remark if month in runs and runs[month].approval == Approval.VOIDED else "",
            }
        )
    return found


def _chip(closed: bool, left: int, run: bool) -> Chip:
    if closed:
        return Chip("mute", _("Closed month"))
    return Chip("need", _("%(count)s to cost") % {"count": left}) if left else _costed(run)


def _costed(run: bool) -> Chip:
    return Chip("ok", _("Costed")) if run else Chip("mute", _("Nothing to cost"))


def _end(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])


def _costing(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    categories = ItemCategory.objects.filter(cost_method=CostMethod.MONTH_AVG).order_by("code")
    context = {
        "crumbs": [Crumb(_("Finance"))],
        "months": _months(clock.today()),
        "categories": list(categories),
        "may": actor.may(RUN),
        "cost": actor.may(COST),
        "error": block_of(refusal) if refusal else None,
        "waiting": _waiting(),
    }
    return render(request, "staff/inventory/costing.html", context, status=refusal.status if refusal else 200)


@staff_view(VIEW)
def costing_months(request: HttpRequest) -> HttpResponse:
    return _costing(request)


@require_POST
@staff_view(RUN)
def costing_run(request: HttpRequest) -> HttpResponse:
    """Cost one month; what was refused is said on the page."""
    month = day_of(f"{request.POST.get('month', '')}-01")
    if month is None:
        raise NotFoundRefused(_("There is no such month."), value=request.POST.get("month", "")[:10])
    try:
        asked = ask_for_costing(month=month, **who_and_when(request))
    except Refusal as refusal:
        return _costing(request, refusal)
    messages.success(request, _("%(number)s: the month is being costed.") % {"number": asked.number})
    return HttpResponseRedirect(reverse("staff:costing_list"))


def _waiting() -> list[CostingRun]:
    """The runs that a worker has not finished."""
    return list(CostingRun.objects.filter(approval=Approval.DRAFT).order_by("month"))


@staff_view(VIEW)
def costing_state(request: HttpRequest) -> HttpResponse:
    """The card of the runs under way; once there is none the page is read again."""
    waiting = _waiting()
    answer = render(request, "staff/inventory/costing_progress.html", {"waiting": waiting})
    if not waiting:
        answer["HX-Refresh"] = "true"
    return answer


class CostingRunPage(CostList):
    """What a run corrected, item by item."""

    key = "inventory.costing_run"
    permission = VIEW
    export_permission = EXPORT
    costly = frozenset({"gap"})
    columns = (
        LINE_ITEM,
        Column("warehouse", gettext_lazy("Warehouse"), value="warehouse.name", sort="warehouse__code"),
        Column("move_date", gettext_lazy("Date"), "date"),
        Column("gap", gettext_lazy("Into cost of sales"), "money", sort="gap", strong=True, total="gap"),
    )
    filters = (
        ChoiceFilter(
            "warehouse",
            gettext_lazy("Warehouse"),
            "warehouse_id",
            choices=lambda: Warehouse.objects.order_by("code").values_list("pk", "name"),
        ),
    )
    default_sort = ("item",)

    @cached_property
    def run_(self) -> CostingRun:
        found = CostingRun.objects.filter(number=self.kwargs["number"]).first()
        if found is None:
            raise NotFoundRefused(_("There is no such document."), value=self.kwargs["number"])
        return found

    @property
    def title(self) -> Any:  # type: ignore[override]
        return f"{_('Costing of')} {formats.month(self.run_.month)}"

    def subtitle(self) -> Any:
        words = _("%(number)s · %(issues)s issues of %(items)s items · %(name)s, %(when)s")
        run = self.run_
        return words % {
            "number": run.number,
            "issues": run.issue_count,
            "items": run.item_count,
            "name": run.created_by_name,
            "when": formats.moment(run.created_at),
        }

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(_("Finance")), Crumb(_("Monthly costing"), reverse("staff:costing_list")))

    def rows(self) -> QuerySet[StockMove]:
        found = StockMove.objects.filter(doc_id=self.run_.pk).select_related("item", "warehouse")
        return found.annotate(gap=F("value_out") - F("value_in"))

    def row_url(self, row: Any) -> str:
        return reverse("staff:stock_ledger", kwargs={"pk": row.item_id})

    def empty(self) -> Empty:
        return Empty(_("Nothing had to be corrected"), _("All issues were at the average of the month already."), ())


urlpatterns = [
    path("value/", stock_worth, name="stock_value"),
    path("costing/", costing_months, name="costing_list"),
    path("costing/run/", costing_run, name="costing_run"),
    path("costing/state/", costing_state, name="costing_state"),
    path("costing/<str:number>/", CostingRunPage.as_view(), name="costing_run_detail"),
]
