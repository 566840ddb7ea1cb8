"""The lists of stock, its ledger, opening stock, lots and warehouses."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from django.db.models import DecimalField, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from backend.availability.models import SupplyLine
from backend.catalog.models import Item, ItemCategory
from backend.inventory.models import (
    Lot,
    LotState,
    MoveKind,
    OpeningStock,
    StockBalance,
    StockMove,
    Warehouse,
    WarehouseKind,
)
from backend.kernel import clock
from backend.kernel.errors import NotFoundRefused
from portals.staff.shared.columns import APPROVAL, DAY, LINE_ITEM, NUMBER, REMARK
from portals.staff.shared.lists import StaffList, yes_or_nothing
from portals.ui import formats
from portals.ui.components import Action, Crumb, Empty
from portals.ui.lists import ChoiceFilter, Column, DateFilter, FlagFilter, Preset, TextFilter
from portals.ui.navigation import document_address

COST = "catalog.cost.view"
_QTY: Any = DecimalField(max_digits=18, decimal_places=4)
_MONEY: Any = DecimalField(max_digits=18, decimal_places=2)


def known(document: Any, value: Any) -> Any:
    """A value that the booking finds out: nothing to show while it has not."""
    return value if value or document.is_approved else None


WORTH = Column(
    "total_value",
    gettext_lazy("Value"),
    "money",
    value=lambda row: known(row, row.total_value),
    sort="total_value",
    total="total_value",
)
LINE_WORTH = Column(
    "value",
    gettext_lazy("Value"),
    "money",
    value=lambda row: known(row.document, row.value),
    sort="value",
    total="value",
)


def _warehouses() -> Any:
    return Warehouse.objects.order_by("-is_default", "code").values_list("pk", "name")


def _incoming() -> Coalesce:
    coming = SupplyLine.objects.filter(item=OuterRef("item"), warehouse=OuterRef("warehouse"), open_qty__gt=0)
    sums = coming.order_by().values("item").annotate(n=Sum("open_qty")).values("n")
    return Coalesce(Subquery(sums, output_field=_QTY), Value(0), output_field=_QTY)


def _unit_cost(row: StockMove) -> Any:
    """What a piece was worth after a move, with what lay in all warehouses."""
    return row.value_after / row.after if row.after else None  # type: ignore[attr-defined]


def _shown_cost(row: StockMove) -> str:
    return formats.unit_cost(_unit_cost(row))


class CostList(StaffList):
    """`costly` columns are for those who may see cost."""

    costly: frozenset[str] = frozenset()

    @cached_property
    def all_columns(self) -> Sequence[Column]:
        columns = super().all_columns
        return columns if self.may(COST) else [column for column in columns if column.key not in self.costly]


def _holders(row: Any) -> str:
    """Where the orders are listed that hold what is reserved (INV-17)."""
    return reverse("staff:item_detail", kwargs={"pk": row.item_id}) + "#i-held" if row.reserved else ""


# what is under way or lies at partners has no safety stock: goods are kept in warehouses
_LOW = Q(item__safety_stock__gt=F("free"), warehouse__kind=WarehouseKind.STOCK)


class StockList(CostList):
    key = "inventory.stock"
    title = gettext_lazy("Stock")
    permission = "inventory.stock.view"
    export_permission = "inventory.stock.export"
    costly = frozenset({"value", "unit_cost"})
    columns = (
        Column("code", gettext_lazy("Item code"), value="item.code", sort=True),
        Column("item", gettext_lazy("Item"), value="item.name", sub="item.spec", sort="item__sort_key"),
        Column("warehouse", gettext_lazy("Warehouse"), value="warehouse.name", sort="warehouse__code"),
        Column("on_hand", gettext_lazy("On hand"), "qty", unit="item.unit.name", sort=True),
        Column("reserved", gettext_lazy("Reserved"), "qty", sort=True),
        Column("blocked", pgettext_lazy("stock", "Blocked"), "qty", sort=True, phone="hide"),
        Column("free", gettext_lazy("Available"), "qty", sort="free", strong=True),
        Column("incoming", gettext_lazy("Coming"), "qty", sort="incoming"),
        Column(
            "unit_cost",
            gettext_lazy("Unit cost"),
            "price",
            render=lambda row: formats.unit_cost(row.unit_cost),
            phone="hide",
        ),
        Column("value", gettext_lazy("Value"), "money", sort=True, total="value"),
        Column(
            "category", gettext_lazy("Category"), value="item.category.name", sort="item__category__name", shown=False
        ),
    )
    filters = (
        TextFilter(
            "q",
            gettext_lazy("Search"),
            fields=("item__code", "item__name", "item__spec", "item__mnemonic", "item__barcode"),
            placeholder=gettext_lazy("Code, name, pinyin, barcode"),
        ),
        ChoiceFilter("warehouse", gettext_lazy("Warehouse"), "warehouse_id", choices=_warehouses),
        ChoiceFilter(
            "category",
            gettext_lazy("Category"),
            "item__category_id",
            choices=lambda: ItemCategory.objects.order_by("code").values_list("pk", "name"),
        ),
        FlagFilter("some", gettext_lazy("In stock"), when=Q(on_hand__gt=0)),
        FlagFilter("none", gettext_lazy("Nothing available"), when=Q(free__lte=0)),
        FlagFilter("low", gettext_lazy("Below safety stock"), when=_LOW),
        FlagFilter("blocked", pgettext_lazy("stock", "Blocked"), when=Q(blocked__gt=0)),
    )
    presets = (
        Preset("some", gettext_lazy("In stock"), "some=1"),
        Preset("none", gettext_lazy("Nothing available"), "none=1"),
        Preset("low", gettext_lazy("Below safety stock"), "low=1", need=True),
        Preset("blocked", pgettext_lazy("stock", "Blocked"), "blocked=1"),
    )
    default_sort = ("item",)

    @cached_property
    def all_columns(self) -> Sequence[Column]:
        columns = super().all_columns
        if not self.may("catalog.item.view"):
            return columns
        return [replace(column, url=_holders) if column.key == "reserved" else column for column in columns]

    def rows(self) -> QuerySet[StockBalance]:
        free = ExpressionWrapper(F("on_hand") - F("reserved") - F("blocked"), output_field=_QTY)
        found = StockBalance.objects.select_related("item__unit", "item__category", "warehouse")
        return found.annotate(free=free, incoming=_incoming())

    def row_url(self, row: Any) -> str:
        return reverse("staff:stock_ledger", kwargs={"pk": row.item_id})

    def row_mark(self, row: Any) -> str:
        return "need" if row.warehouse.kind == WarehouseKind.STOCK and row.item.safety_stock > row.free else ""

    def actions(self) -> Sequence[Action]:
        found = []
        if self.may("inventory.warehouse.view"):
            found.append(Action(_("Warehouses"), reverse("staff:warehouse_list"), icon="building-warehouse"))
        return tuple(found)

    def empty(self) -> Empty:
        ways = []
        if self.may("inventory.opening_stock.edit"):
            ways.append(Action(_("New opening stock"), reverse("staff:opening_stock_new"), icon="plus", look="primary"))
        text = _("Stock begins with an opening stock or the first receipt of goods.")
        return Empty(_("No stock yet"), text, tuple(ways))


class StockLedger(CostList):
    """Every move of one item, with the balance after it."""

    key = "inventory.ledger"
    permission = "inventory.stock.view"
    export_permission = "inventory.stock.export"
    costly = frozenset({"value", "value_after", "unit_cost"})
    columns = (
        Column("doc_number", gettext_lazy("Document"), url=lambda row: document_address(row.doc_type, row.doc_number)),
        Column("move_date", gettext_lazy("Date"), "date", sort=True),
        Column("kind", gettext_lazy("Kind"), value="get_kind_display", sort="kind"),
        Column("warehouse", gettext_lazy("Warehouse"), value="warehouse.name", phone="hide"),
        Column("party", gettext_lazy("Partner"), value="party.name", phone="hide"),
        Column("lot", gettext_lazy("Lot"), value="lot.lot_no"),
        Column("qty_in", gettext_lazy("In"), "qty", value=lambda row: row.qty_in or None, total="qty_in"),
        Column("qty_out", gettext_lazy("Out"), "qty", value=lambda row: row.qty_out or None, total="qty_out"),
        Column("after", gettext_lazy("On hand after"), "qty", strong=True),
        Column("value", gettext_lazy("Value of the move"), "money", value=lambda row: row.value_in - row.value_out),
        Column("value_after", gettext_lazy("Value after"), "money", phone="meta"),
        Column(
            "unit_cost", gettext_lazy("Unit cost after"), "price", value=_unit_cost, render=_shown_cost, phone="hide"
        ),
    )
    filters = (
        DateFilter("date", gettext_lazy("Date"), "move_date"),
        ChoiceFilter("warehouse", gettext_lazy("Warehouse"), "warehouse_id", choices=_warehouses),
        ChoiceFilter("kind", gettext_lazy("Kind"), choices=MoveKind),
    )
    default_sort = ("-move_date",)
    tie_breaker = "-pk"

    @cached_property
    def item(self) -> Item:
        found = Item.objects.select_related("unit").filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise NotFoundRefused(_("There is no such item."), value=self.kwargs["pk"])
        return found

    @property
    def title(self) -> Any:  # type: ignore[override]
        return _("Stock ledger")

    def subtitle(self) -> Any:
        return f"{self.item.code} {self.item.name} {self.item.spec} · {self.item.unit}"

    def crumbs(self) -> Sequence[Crumb]:
        url = reverse("staff:item_detail", kwargs={"pk": self.item.pk}) if self.may("catalog.item.view") else ""
        return (Crumb(_("Stock"), reverse("staff:stock_list")), Crumb(self.item.code, url))

    def rows(self) -> QuerySet[StockMove]:
        earlier = Q(move_date__lt=OuterRef("move_date")) | Q(move_date=OuterRef("move_date"), pk__lte=OuterRef("pk"))
        before = StockMove.objects.filter(earlier, item=OuterRef("item")).order_by().values("item")
        qty = before.annotate(n=Sum(F("qty_in") - F("qty_out"))).values("n")
        value = before.annotate(n=Sum(F("value_in") - F("value_out"))).values("n")
        found = StockMove.objects.filter(item=self.item).select_related("warehouse", "lot", "party")
        return found.annotate(after=Subquery(qty, output_field=_QTY), value_after=Subquery(value, output_field=_MONEY))

    def empty(self) -> Empty:
        return Empty(_("Nothing has moved yet"), _("Receipts, deliveries and opening stock appear here."), ())


class OpeningList(CostList):
    key = "inventory.opening_stock"
    title = gettext_lazy("Opening stock")
    permission = "inventory.opening_stock.view"
    export_permission = "inventory.stock.export"
    costly = frozenset({"total_value"})
    columns = (
        NUMBER,
        DAY,
        Column("warehouse", gettext_lazy("Warehouse"), value="warehouse.name", sort="warehouse__code"),
        Column("total_value", gettext_lazy("Value"), "money", sort=True, total="total_value", strong=True),
        APPROVAL,
        Column("created_by_name", gettext_lazy("Made by")),
        REMARK,
    )
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("number", "remark")),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        ChoiceFilter("warehouse", gettext_lazy("Warehouse"), "warehouse_id", choices=_warehouses),
    )
    default_sort = ("-doc_date", "-number")

    def rows(self) -> QuerySet[OpeningStock]:
        return OpeningStock.objects.select_related("warehouse")

    def row_url(self, row: Any) -> str:
        return reverse("staff:opening_stock_detail", kwargs={"number": row.number})

    def actions(self) -> Sequence[Action]:
        if not self.may("inventory.opening_stock.edit"):
            return ()
        return (Action(_("New opening stock"), reverse("staff:opening_stock_new"), icon="plus", look="primary"),)

    def empty(self) -> Empty:
        text = _("What lies in the warehouse on the first day, with its cost. Booking it writes the opening voucher.")
        return Empty(_("No opening stock yet"), text, tuple(self.actions()))


class LotList(StaffList):
    key = "inventory.lot"
    title = gettext_lazy("Lots")
    permission = "inventory.lot.view"
    export_permission = "inventory.stock.export"
    columns = (
        Column("lot_no", gettext_lazy("Lot"), sort=True),
        LINE_ITEM,
        Column("left", gettext_lazy("On hand"), "qty", sort="left", unit="item.unit.name", strong=True),
        Column("state", gettext_lazy("State"), "chip", axis="lot", sort=True),
        Column("expiry_date", gettext_lazy("Expires"), "date", sort=True),
        Column("supplier", gettext_lazy("Supplier"), value="supplier.name", phone="hide"),
        Column("supplier_lot_no", gettext_lazy("Supplier's lot"), phone="hide"),
        Column("mfg_date", gettext_lazy("Made on"), "date", shown=False),
    )
    filters = (
        TextFilter(
            "q",
            gettext_lazy("Search"),
            fields=("lot_no", "supplier_lot_no", "item__name", "item__code", "item__mnemonic"),
        ),
        ChoiceFilter("state", gettext_lazy("State"), choices=LotState),
        DateFilter("expiry", gettext_lazy("Expires"), "expiry_date"),
        FlagFilter("some", gettext_lazy("In stock"), when=Q(left__gt=0)),
    )
    presets = (
        Preset("some", gettext_lazy("In stock"), "some=1"),
        Preset("held", gettext_lazy("On hold"), "state=held,quarantine", need=True),
    )
    default_sort = ("expiry_date",)

    def rows(self) -> QuerySet[Lot]:
        zero = Value(0, output_field=_QTY)
        found = Lot.objects.select_related("item__unit", "supplier")
        return found.annotate(left=Coalesce(Sum("balances__on_hand"), zero, output_field=_QTY))

    def row_url(self, row: Any) -> str:
        return reverse("staff:lot_detail", kwargs={"pk": row.pk})

    def row_mark(self, row: Any) -> str:
        return "bad" if row.left and row.expiry_date and row.expiry_date < clock.today() else ""

    def empty(self) -> Empty:
        text = _("Items kept by lot get one with every receipt; from it you see who delivered it and who has it.")
        return Empty(_("No lots yet"), text, ())


class WarehouseList(StaffList):
    key = "inventory.warehouse"
    title = gettext_lazy("Warehouses")
    permission = "inventory.warehouse.view"
    export_permission = "inventory.stock.export"
    columns = (
        Column("code", gettext_lazy("Code"), sort=True),
        Column("name", gettext_lazy("Name"), sort=True),
        Column("address", gettext_lazy("Address"), phone="hide"),
        Column("is_default", gettext_lazy("Default"), value=yes_or_nothing("is_default")),
        Column("active", gettext_lazy("State"), "chip"),
    )
    default_sort = ("code",)

    def rows(self) -> QuerySet[Warehouse]:
        """Those people keep: what is under way or lies at partners has places that nobody chooses."""
        return Warehouse.objects.filter(kind=WarehouseKind.STOCK)

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(_("Inventory"), reverse("staff:stock_list")),)

    def row_url(self, row: Any) -> str:
        if not self.may("inventory.warehouse.edit"):
            return ""
        return reverse("staff:warehouse_edit", kwargs={"pk": row.pk})

    def actions(self) -> Sequence[Action]:
        if not self.may("inventory.warehouse.edit"):
            return ()
        return (Action(_("New warehouse"), reverse("staff:warehouse_new"), icon="plus", look="primary"),)
