"""Counts: their list, starting and deciding them, and their addresses."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST

from backend.inventory.models import StockCount
from backend.inventory.services import count_booking, counting
from portals.staff.inventory.count_counting import count_counting, count_found
from portals.staff.inventory.count_entry import count_edit, count_new
from portals.staff.inventory.count_paper import COUNTS, EDIT, VIEW, CountPaper
from portals.staff.inventory.tables import CostList, _warehouses
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.columns import DAY, MADE_BY, NUMBER
from portals.staff.shared.lists import axis_choices
from portals.ui.components import Action, Empty
from portals.ui.guards import staff_view
from portals.ui.lists import ChoiceFilter, Column, DateFilter, Preset, TextFilter

count_start = COUNTS.kit.step(EDIT, counting.start_count, gettext_lazy("The books are frozen: count."), seen=True)


@require_POST
@staff_view("inventory.count.approve")
def count_settle(request: HttpRequest, number: str) -> HttpResponse:
    given: dict[str, Any] = {
        "disposition": request.POST.get("disposition", ""),
        "abnormal": request.POST.get("abnormal", "") == "1",
    }
    return COUNTS.kit.run(
        request,
        number,
        lambda it: count_booking.settle_count(document_id=it.pk, **given, **who_and_when(request)),
        _("Decided and booked."),
    )


_STATES = ("draft", "submitted", "approved", "voided")


class CountList(CostList):
    key = "inventory.count"
    title = CountPaper.plural
    permission = VIEW
    export_permission = "inventory.stock.export"
    costly = frozenset({"gain_value", "loss_value"})
    columns = (
        NUMBER,
        DAY,
        Column("warehouse", gettext_lazy("Warehouse"), value="warehouse.name", sort="warehouse__code"),
        Column("category", gettext_lazy("Category"), value="category.name"),
        Column("abc", gettext_lazy("ABC class")),
        Column("approval", gettext_lazy("State"), "chip", axis="count", sort=True),
        Column("accuracy_qty", gettext_lazy("Accuracy by quantity"), "percent", sort=True, strong=True),
        Column("accuracy_value", gettext_lazy("Accuracy by value"), "percent", sort=True),
        Column("gain_value", gettext_lazy("Found"), "money", sort=True, total="gain_value", phone="meta"),
        Column(
            "loss_value", pgettext_lazy("stock count", "Missing"), "money", sort=True, total="loss_value", phone="meta"
        ),
        Column("disposition", gettext_lazy("Decided as"), value="get_disposition_display", phone="hide"),
        MADE_BY,
    )
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("number", "remark")),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        ChoiceFilter("approval", gettext_lazy("State"), choices=axis_choices("count", _STATES)),
        ChoiceFilter("warehouse", gettext_lazy("Warehouse"), "warehouse_id", choices=_warehouses),
    )
    presets = (
        Preset("now", gettext_lazy("Being counted"), "approval=submitted", need=True),
        Preset("planned", gettext_lazy("To be started"), "approval=draft"),
    )
    default_sort = ("-doc_date", "-number")

    def rows(self) -> QuerySet[StockCount]:
        return StockCount.objects.select_related("warehouse", "category")

    def row_url(self, row: Any) -> str:
        return reverse("staff:count_detail", kwargs={"number": row.number})

    def actions(self) -> Sequence[Action]:
        if not self.may(EDIT):
            return ()
        return (Action(_("New count"), reverse("staff:count_new"), icon="plus", look="primary"),)

    def empty(self) -> Empty:
        text = _(
            "Count a warehouse, a category or a class while goods come and go: moves during the count are no difference."
        )
        return Empty(_("No counts yet"), text, tuple(self.actions()))


_ONE = "counts/<str:number>"
urlpatterns = [
    path("counts/new/", count_new, name="count_new"),
    *COUNTS.patterns("counts", CountList, entry=False),
    path(f"{_ONE}/edit/", count_edit, name="count_edit"),
    path(f"{_ONE}/start/", count_start, name="count_start"),
    path(f"{_ONE}/counting/", count_counting, name="count_counting"),
    path(f"{_ONE}/found/", count_found, name="count_found"),
    path(f"{_ONE}/settlement/", count_settle, name="count_settlement"),
]
