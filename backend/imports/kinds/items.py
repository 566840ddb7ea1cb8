"""Lists of items: masters with prices and up to two other units.

A row is the item of its code, else of its barcode, else of its name and specification; where there is none, a new one.
That holds within a list as well: no two rows are about the same item.
"""

from collections.abc import Sequence
from dataclasses import fields as dataclass_fields
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.catalog.inputs import ItemData
from backend.catalog.models import InspectionPlan, Item, ItemCategory, ItemType, TaxCode, Unit
from backend.catalog.services.categories import category_like_goods, make_category
from backend.catalog.services.items import twin_refused
from backend.catalog.services.many_items import ManyItems, Prepared, Wish
from backend.catalog.services.units import (
    Holders,
    ItemUnitData,
    barcode_holders,
    save_units_of_many,
    unit_problems,
    units_of,
)
from backend.imports.columns import Column
from backend.imports.kinds.base import ListKind, Reader, References, Row
from backend.inventory.services.methods import require_same_costing
from backend.kernel.errors import Refusal
from backend.parties.models import Party

COST, PRICE = "catalog.cost.view", "catalog.price.view"
UNITS = (2, 3)
UNIT_BARCODES = tuple(f"barcode_{number}" for number in UNITS)
_ANOTHER, _OWN = gettext_lazy("Another unit: a box"), gettext_lazy("Of the item's own unit")
_NAME = Column("name", gettext_lazy("Name"), words=("品名", "商品名称", "item"), required=True, most=120)
_CODE = Column("code", gettext_lazy("Item code"), words=("编码", "sku", "料号"), most=40, example="A4-80")
_UNIT = Column("unit", gettext_lazy("Unit"), words=("计量单位",), example="pcs")
COLUMNS: tuple[Column, ...] = (
    _CODE,
    _NAME,
    Column("spec", gettext_lazy("Specification"), words=("规格型号",), most=120),
    Column("barcode", gettext_lazy("Barcode"), most=40),
    Column("category", gettext_lazy("Category"), words=("分类", "商品分类", "类别", "存货分类"), most=60),
    Column("item_type", gettext_lazy("Kind"), "choice", choices=dict(ItemType.choices)),
    _UNIT,
    Column("tax", gettext_lazy("Tax rate"), "number", words=("税率%",), note=gettext_lazy("13 for 13 %")),
    Column("sale_price", gettext_lazy("Sale price incl. tax"), "number", decimals=6, permission=PRICE),
    Column("min_sale_price", gettext_lazy("Lowest sale price"), "number", decimals=6, permission=PRICE),
    Column("purchase_price", gettext_lazy("Purchase price incl. tax"), "number", decimals=6, permission=COST),
    Column("supplier", gettext_lazy("Supplier"), words=("默认供应商",), most=120, note=gettext_lazy("Code or name")),
    Column("lead_days", gettext_lazy("Days to make"), "count", words=("提前期",)),
    Column("pack_qty", gettext_lazy("Pack"), "number"),
    Column("min_order_qty", gettext_lazy("Least order"), "number", words=("最小起订量", "moq")),
    Column("safety_stock", gettext_lazy("Safety stock"), "number"),
    Column("lot_tracked", gettext_lazy("Kept by lot"), "yes"),
    Column("serial_tracked", gettext_lazy("Kept by serial number"), "yes"),
    Column("expiry_tracked", gettext_lazy("Has an expiry date"), "yes"),
    Column("shelf_life_days", gettext_lazy("Shelf life (days)"), "count"),
    Column("inspection", gettext_lazy("Inspection on receipt"), "choice", choices=dict(InspectionPlan.choices)),
    Column("purchasable", gettext_lazy("Is bought"), "yes"),
    Column("sellable", gettext_lazy("Is sold"), "yes"),
    Column("active", gettext_lazy("In use"), "yes"),
    Column("remark", gettext_lazy("Remarks"), words=("备注",), most=2000),
    Column("unit_2", gettext_lazy("Unit 2"), note=_ANOTHER),
    Column("holds_2", gettext_lazy("Unit 2 holds"), "number", note=_OWN),
    Column("floating_2", gettext_lazy("Unit 2 differs each time"), "yes"),
    Column("barcode_2", gettext_lazy("Unit 2 barcode"), most=40),
    Column("unit_3", gettext_lazy("Unit 3"), note=_ANOTHER),
    Column("holds_3", gettext_lazy("Unit 3 holds"), "number", note=_OWN),
    Column("floating_3", gettext_lazy("Unit 3 differs each time"), "yes"),
    Column("barcode_3", gettext_lazy("Unit 3 barcode"), most=40),
)
PLAIN = frozenset(each.name for each in dataclass_fields(ItemData)) & {column.key for column in COLUMNS}
FIELDS = {"category_id": "category", "unit_id": "unit", "tax_code_id": "tax", "supplier_id": "supplier"}


class ItemReferences(Reader):
    """What rows of items name by code or name: units, tax rates, categories and suppliers, each read once."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.units = References(Unit.objects.all(), "name", "name_en", "code")
        self.taxes = {tax.rate: tax for tax in TaxCode.objects.order_by("-code")}
        self.category_by_id = ItemCategory.objects.in_bulk()
        self.wanted_categories: dict[UUID, ItemCategory] = {}
        self.categories = References(self.category_by_id.values(), "name", "code")
        self.suppliers = References(Party.objects.filter(is_supplier=True), "code", "name", "short_name")
        self.defaults: dict[str, Any] = {
            "category_id": ItemCategory.objects.get(code="goods").pk,
            "unit_id": Unit.objects.get(code="pcs").pk,
            "tax_code_id": TaxCode.objects.get(code="VAT13").pk,
        }

    def references(self, row: Row) -> dict[str, UUID]:
        """The ids of what the row names; what there is not becomes a fault."""
        named: dict[str, Any] = {}
        if text := row.values.get("category"):
            named["category_id"] = self.category(row, text)
        if text := row.values.get("unit"):
            named["unit_id"] = self.unit(row, "unit", text)
        if (rate := row.values.get("tax")) is not None:
            named["tax_code_id"] = self.taxes.get(rate)
            if named["tax_code_id"] is None:
                known = ", ".join(f"{each.normalize():f}" for each in sorted(self.taxes))
                row.fault("tax", _("There is no such tax rate; known are %(known)s.") % {"known": known})
        if text := row.values.get("supplier"):
            named["supplier_id"] = self.suppliers.get(text)
            if named["supplier_id"] is None:
                row.fault("supplier", _("There is no supplier “%(text)s”.") % {"text": text[:40]})
        return {key: found.pk for key, found in named.items() if found is not None}

    def unit(self, row: Row, column: str, text: str) -> Unit | None:
        found: Unit | None = self.units.get(text)
        if found is None:
            row.fault(column, _("There is no unit “%(text)s”.") % {"text": text[:20]})
        return found

    def category(self, row: Row, text: str) -> ItemCategory | None:
        found: ItemCategory | None = self.categories.get(text)
        if found is None and not self.make_missing:
            words = _("There is no category “%(text)s”. Let missing categories be made, or correct the name.")
            row.fault("category", words % {"text": text[:40]})
        elif found is None:
            found = category_like_goods(text)
            self.categories.add(text, found)
            self.category_by_id[found.pk] = self.wanted_categories[found.pk] = found
        return found

    def made_category(self, category_id: UUID) -> UUID:
        """The category of what is saved now: one that rows wished for is made when the first of them is saved."""
        wanted = self.wanted_categories.get(category_id)
        if wanted is None:
            return category_id
        if wanted._state.adding:
            wanted = make_category(wanted, actor=self.actor, at=self.at)
            self.wanted_categories[category_id] = wanted
        return wanted.pk


class ItemReader(ItemReferences):
    """Asks a fixed number of statements for each portion of rows."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.many = ManyItems(self.at)
        self.seen: dict[UUID, int] = {}
        self.names: dict[tuple[str, str], int] = {}
        self.unit_barcodes: dict[str, Item] = {}

    def check(self, rows: Sequence[Row]) -> None:
        found = Known(rows, lock=self.saving)
        holders = barcode_holders(row.values[key] for row in rows for key in UNIT_BARCODES if key in row.values)
        wishes: list[tuple[Row, Wish]] = []
        for row in rows:
            item = found.item_of(row)
            first = self._spoken_of(row, item)
            if first is not None:
                row.fault("code", _("Row %(row)s speaks of the same item.") % {"row": first})
                continue
            wishes.append((row, Wish(self._data(row, item), item)))
        for (row, wish), made in zip(wishes, self.many.prepare([wish for _row, wish in wishes]), strict=True):
            self.seen.setdefault(made.item.pk, row.number)
            for problem in made.problems:
                row.refused(problem, FIELDS)
            self._check_costing(row, made)
            units = self._units(row, made.item, found.units.get(made.item.pk, []) if wish.item else [], holders)
            row.made = (made, units)
            self.judge(row, is_new=made.is_new, changes=bool(made.changes) or units is not None)

    def _spoken_of(self, row: Row, item: Item | None) -> int | None:
        """The earlier row about the same item, if there is one; new items without a code are known by their names."""
        if item is not None:
            first = self.seen.setdefault(item.pk, row.number)
            return first if first != row.number else None
        if "name" not in row.values:
            return None
        name = (row.values["name"], row.values.get("spec", ""))
        first = self.names.setdefault(name, row.number)
        return first if first != row.number and "code" not in row.values else None

    def _data(self, row: Row, item: Item | None) -> ItemData:
        """The item as it is (or as a new one begins), with what the row says."""
        values = {key: value for key, value in row.values.items() if key in PLAIN}
        values |= self.references(row)
        if item is None:
            return ItemData(**{"name": "", **self.defaults, **values})
        return ItemData(**{each.name: getattr(item, each.name) for each in dataclass_fields(ItemData)} | values)

    def _check_costing(self, row: Row, made: Prepared) -> None:
        """Goods that lie in stock do not change to a category that is costed otherwise."""
        before = made.before.get("category_id")
        if before and before != made.item.category_id:
            try:
                category = self.category_by_id
                require_same_costing(made.item.pk, category[before], category[made.item.category_id])
            except Refusal as refusal:
                row.refused(refusal, FIELDS)

    def _units(self, row: Row, item: Item, kept: Sequence[Any], holders: Holders) -> list[ItemUnitData] | None:
        """The item's other units as the row wants them, or None when they stay as they are."""
        before = {unit.unit_id: ItemUnitData(unit.unit_id, unit.factor, unit.floating, unit.barcode) for unit in kept}
        units = dict(before)
        for number in UNITS:
            text = row.values.get(f"unit_{number}")
            unit = self.unit(row, f"unit_{number}", text) if text else None
            if unit is None:
                continue
            given = units.get(unit.pk, ItemUnitData(unit.pk, Decimal(0)))
            asked = {
                name: row.values[f"{key}_{number}"]
                for key, name in (("holds", "factor"), ("floating", "floating"), ("barcode", "barcode"))
                if f"{key}_{number}" in row.values
            }
            units[unit.pk] = replace(given, **asked)
            names = {"factor": f"holds_{number}", "unit_id": f"unit_{number}", "barcode": f"barcode_{number}"}
            for problem in unit_problems(item, number, units[unit.pk], list(units.values()), holders=holders):
                row.refused(problem, names)
            self._check_barcode(row, f"barcode_{number}", units[unit.pk].barcode, item)
        return list(units.values()) if units != before else None

    def _check_barcode(self, row: Row, column: str, barcode: str, item: Item) -> None:
        """No two items of the list have the same barcode for a unit of theirs."""
        first = self.unit_barcodes.setdefault(barcode, item) if barcode else item
        if first.pk != item.pk:
            row.fault(column, twin_refused("barcode", barcode, first).message)

    def save(self, rows: Sequence[Row]) -> None:
        for row in rows:
            item = row.made[0].item
            item.category_id = self.made_category(item.category_id)
        self.many.write([row.made[0] for row in rows], self.actor)
        with_units = [(made.item, units) for made, units in (row.made for row in rows) if units is not None]
        if with_units:
            save_units_of_many(with_units, actor=self.actor, at=self.at)


class Known:
    """The items that a portion of rows speaks of; a fixed number of statements."""

    def __init__(self, rows: Sequence[Row], *, lock: bool) -> None:
        items = Item.objects.select_for_update(of=("self",)) if lock else Item.objects.all()
        self._by: dict[str, dict[Any, Item]] = {}
        every: dict[UUID, Item] = {}
        for key in ("code", "barcode", "name"):
            wanted = {row.values[key] for row in rows if key in row.values}
            found = items.filter(**{f"{key}__in": wanted}).order_by("-pk") if wanted else ()
            rows_found = [every.setdefault(item.pk, item) for item in found]
            self._by[key] = {self._key(key, item): item for item in rows_found}
        self.units = units_of(every)

    @staticmethod
    def _key(key: str, item: Item) -> Any:
        return (item.name, item.spec) if key == "name" else getattr(item, key)

    def item_of(self, row: Row) -> Item | None:
        """The item the row names: by code when it has one, else by barcode, else by name and specification."""
        for key in ("code", "barcode"):
            if key in row.values:
                item = self._by[key].get(row.values[key])
                if item is not None or key == "code":
                    return item
        return self._by["name"].get((row.values.get("name"), row.values.get("spec", "")))


class ItemKind(ListKind):
    key = "items"
    label = gettext_lazy("Items")
    permission = "catalog.item.edit"
    reader = ItemReader
    hint = gettext_lazy("Masters with units and prices. An item is found by its code, its barcode, or its name.")
    can_make = gettext_lazy("Make categories that are missing")

    def columns(self) -> Sequence[Column]:
        return COLUMNS
