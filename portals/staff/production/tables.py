"""Lists of production orders and of what lies in the workshop."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import pgettext_lazy as _p

from backend.kernel import clock
from backend.kernel.document import Approval, Progress
from backend.production import selectors as reads
from backend.production.models import ProductionOrder
from portals.staff.inventory.material_papers import LyingMaterialList, lying_columns
from portals.staff.inventory.tables import _warehouses
from portals.staff.production.words import ORDER_EDIT, ORDER_VIEW
from portals.staff.shared.columns import APPROVAL, NUMBER
from portals.staff.shared.lists import StaffList, axis_choices
from portals.ui.components import Action, Empty
from portals.ui.lists import ChoiceFilter, Column, DateFilter, FlagFilter, Preset, TextFilter
from portals.ui.navigation import numbered

RUNNING = Q(approval=Approval.APPROVED, closing="open")


def _late() -> Q:
    """Not all made on the day it was to be finished."""
    return RUNNING & ~Q(receipt=Progress.FULL) & Q(finish_date__lt=clock.today())


class ProductionOrderList(StaffList):
    key = "production.order"
    title = gettext_lazy("Production orders")
    permission = ORDER_VIEW
    export_permission = "production.order.export"
    columns = (
        NUMBER,
        Column("doc_date", gettext_lazy("Date"), "date", sort=True, phone="hide"),
        Column("item", gettext_lazy("Product"), value="item.name", sub="item.code", sort="item__sort_key"),
        Column("qty", gettext_lazy("Quantity"), "qty", unit="item.unit.name", sort=True, strong=True),
        Column("received_qty", _p("quantity", "Made"), "qty", unit="item.unit.name", sort=True),
        Column("start_date", gettext_lazy("Starts on"), "date", sort=True),
        Column("finish_date", gettext_lazy("To be finished on"), "date", sort=True),
        Column("warehouse", gettext_lazy("Warehouse"), value="warehouse.name", sort="warehouse__code", phone="hide"),
        APPROVAL,
        Column("issue", _p("state", "Material"), "chip", axis="issue", sort=True, phone="hide"),
        Column("receipt", _p("state", "Goods"), "chip", axis="made", sort=True, phone="hide"),
    )
    filters = (
        TextFilter(
            "q", gettext_lazy("Search"), fields=("number", "item__name", "item__code", "item__mnemonic", "remark")
        ),
        DateFilter("finish", gettext_lazy("To be finished on"), "finish_date"),
        ChoiceFilter("approval", gettext_lazy("Approval"), choices=Approval),
        ChoiceFilter("issue", _p("state", "Material"), choices=lambda: axis_choices("issue")),
        ChoiceFilter("receipt", _p("state", "Goods"), choices=lambda: axis_choices("made")),
        ChoiceFilter("closing", gettext_lazy("Closing"), choices=(("open", gettext_lazy("Not closed")),)),
        ChoiceFilter("warehouse", gettext_lazy("Warehouse"), "warehouse_id", choices=_warehouses),
        FlagFilter("late", gettext_lazy("Late"), when=_late),
    )
    presets = (
        Preset("open", gettext_lazy("Under way"), "approval=approved&closing=open"),
        Preset("draft", gettext_lazy("To approve"), "approval=draft", need=True),
        Preset("late", gettext_lazy("Late"), "late=1", need=True),
    )
    default_sort = ("-doc_date", "-number")

    def rows(self) -> QuerySet[ProductionOrder]:
        return reads.orders_visible_to(self.actor)

    def row_url(self, row: Any) -> str:
        return numbered("staff:production_order_detail", row.number)

    def row_mark(self, row: Any) -> str:
        return "off" if row.approval == Approval.VOIDED else ""

    def actions(self) -> Sequence[Action]:
        found = []
        if self.may("production.material.view"):
            found.append(Action(_("Material in the workshop"), reverse("staff:workshop_stock"), icon="package"))
        if self.may(ORDER_EDIT):
            url = reverse("staff:production_order_new")
            found.append(Action(_("New production order"), url, icon="plus", look="primary"))
        return tuple(found)

    def empty(self) -> Empty:
        words = _("Say what is made of what, and until when: material is set aside, and customers learn the day.")
        return Empty(_("No production orders yet"), words, tuple(self.actions()))


class WorkshopStockList(LyingMaterialList):
    key = "production.workshop_stock"
    title = gettext_lazy("Material in the workshop")
    permission = "production.material.view"
    columns = lying_columns()
    filters = (TextFilter("q", gettext_lazy("Search"), fields=LyingMaterialList.search),)
    default_sort = ("item",)

    def rows(self) -> QuerySet[Any]:
        return reads.stock_in_workshop()

    def empty(self) -> Empty:
        words = _("Material that is issued for production orders is shown here until goods are made of it.")
        return Empty(_("Nothing lies in the workshop"), words)
