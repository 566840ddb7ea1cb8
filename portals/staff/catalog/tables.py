"""The lists of items and of price lists."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.catalog.models import Item, ItemCategory, ItemType, PriceKind, PriceList, Style
from backend.catalog.selectors import items, price_lists, with_stock
from portals.staff.purchasing.tables import supplier_filter
from portals.staff.shared.importing import import_actions
from portals.staff.shared.labels import ITEMS, LabelledList
from portals.staff.shared.lists import StaffList
from portals.ui.components import Action, Empty
from portals.ui.lists import ChoiceFilter, Column, FlagFilter, PartyFilter, Preset, TextFilter

COST = "catalog.cost.view"


def _style_name(key: str) -> str:
    """The style behind an id in the address of the list; nothing readable for a stranger's."""
    try:
        found = Style.objects.filter(pk=UUID(key)).first()
    except ValueError:
        found = None
    return str(found) if found else _("unknown")


class ItemList(LabelledList):
    key = "catalog.item"
    label_kind = ITEMS
    title = gettext_lazy("Items")
    permission = "catalog.item.view"
    export_permission = "catalog.item.export"
    priced = frozenset({"sale_price"})
    columns = (
        Column("code", gettext_lazy("Item code"), sort=True),
        Column("name", gettext_lazy("Name"), sub="spec", sort="sort_key"),
        Column("style", gettext_lazy("Style"), value="style.code", sort="style__code", shown=False),
        Column("category", gettext_lazy("Category"), value="category.name", sort="category__name", phone="hide"),
        Column("unit", gettext_lazy("Unit"), value="unit.name"),
        Column("on_hand", gettext_lazy("On hand"), "qty", sort="on_hand"),
        Column("reserved", gettext_lazy("Reserved"), "qty", sort="reserved", phone="hide"),
        Column("available", gettext_lazy("Available"), "qty", sort="available", strong=True),
        Column("sale_price", gettext_lazy("Sale price"), "price", sort=True),
        Column("purchase_price", gettext_lazy("Purchase price"), "price", sort=True, phone="hide"),
        Column("supplier", gettext_lazy("Supplier"), value="supplier.name", sort="supplier__sort_key", phone="hide"),
        Column("active", gettext_lazy("State"), "chip", sort=True),
        Column("barcode", gettext_lazy("Barcode"), sort=True, shown=False),
        Column("pack_qty", gettext_lazy("Pack"), "qty", sort=True, shown=False),
        Column("min_order_qty", gettext_lazy("Least order"), "qty", sort=True, shown=False),
        Column("safety_stock", gettext_lazy("Safety stock"), "qty", sort=True, shown=False),
        Column("tax_code", gettext_lazy("Tax rate"), value="tax_code.name", shown=False),
    )
    filters = (
        TextFilter(
            "q",
            gettext_lazy("Search"),
            fields=("code", "name", "spec", "mnemonic", "barcode"),
            placeholder=gettext_lazy("Code, name, pinyin, barcode"),
        ),
        ChoiceFilter(
            "category",
            gettext_lazy("Category"),
            "category_id",
            choices=lambda: ItemCategory.objects.order_by("code").values_list("pk", "name"),
        ),
        ChoiceFilter("type", gettext_lazy("Kind"), "item_type", choices=ItemType),
        supplier_filter(),
        PartyFilter(
            "style", gettext_lazy("Style"), "style_id", url=reverse_lazy("staff:style_pick"), name_of=_style_name
        ),
        FlagFilter("off", gettext_lazy("Not in use"), when=Q(active=False)),
        FlagFilter("on", gettext_lazy("In use"), when=Q(active=True)),
        FlagFilter(
            "nosupplier", gettext_lazy("Without a supplier"), when=Q(supplier=None, item_type="goods", purchasable=True)
        ),
    )
    presets = (
        Preset("on", gettext_lazy("In use"), "on=1"),
        Preset("nosupplier", gettext_lazy("Without a supplier"), "nosupplier=1&on=1"),
        Preset("off", gettext_lazy("Not in use"), "off=1", counted=False),
    )
    default_sort = ("name",)

    @property
    def all_columns(self) -> Sequence[Column]:  # type: ignore[override]
        columns = super().all_columns
        return columns if self.may(COST) else [column for column in columns if column.key != "purchase_price"]

    def rows(self) -> QuerySet[Item]:
        return with_stock(items())

    def row_url(self, row: Any) -> str:
        return reverse("staff:item_detail", kwargs={"pk": row.pk})

    def row_mark(self, row: Any) -> str:
        return "" if row.active else "off"

    def actions(self) -> Sequence[Action]:
        if not self.may("catalog.item.edit"):
            return ()
        imports = import_actions(self.actor, "items", "catalog.item.edit")
        return (*imports, Action(_("New item"), reverse("staff:item_new"), icon="plus", look="primary"))

    def empty(self) -> Empty:
        text = _(
            "An item is what you buy, keep and sell. Its unit, tax rate, pack and supplier are filled in on every document."
        )
        return Empty(_("No items yet"), text, tuple(self.actions()))


class PriceListList(StaffList):
    key = "catalog.price_list"
    title = gettext_lazy("Price lists")
    permission = "catalog.price_list.view"
    export_permission = "catalog.price_list.edit"
    columns = (
        Column("code", gettext_lazy("Code"), sort=True),
        Column("name", gettext_lazy("Name"), sort=True),
        Column("kind", gettext_lazy("Kind"), value="get_kind_display", sort="kind"),
        Column("party", gettext_lazy("For"), value=lambda row: whom(row)),
        Column("lines", gettext_lazy("Lines"), "number", value="line_count", sort="line_count"),
        Column("active", gettext_lazy("State"), "chip", sort=True),
    )
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("code", "name", "party__name")),
        ChoiceFilter("kind", gettext_lazy("Kind"), choices=PriceKind),
    )
    default_sort = ("name",)

    def rows(self) -> QuerySet[PriceList]:
        found = price_lists() if self.may(COST) else price_lists("sales")
        return found.annotate(line_count=Count("lines"))

    def row_url(self, row: Any) -> str:
        return reverse("staff:price_list_detail", kwargs={"pk": row.pk})

    def row_mark(self, row: Any) -> str:
        return "" if row.active else "off"

    def actions(self) -> Sequence[Action]:
        if not self.may("catalog.price_list.edit"):
            return ()
        return (Action(_("New price list"), reverse("staff:price_list_new"), icon="plus", look="primary"),)

    def empty(self) -> Empty:
        text = _(
            "A list holds for one partner, a customer level, or everybody; the closest one wins and says so on the line."
        )
        return Empty(_("No price lists yet"), text, tuple(self.actions()))


def whom(row: PriceList) -> str:
    """For whom the prices hold."""
    if row.party:
        return str(row.party.name)
    return _("level %(level)s") % {"level": row.customer_level} if row.customer_level else _("everybody")
