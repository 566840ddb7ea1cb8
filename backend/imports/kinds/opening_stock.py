"""Opening stock: a draft for each warehouse of the list, to be looked at and booked like one that was keyed.

What lies in an opening stock already is not taken twice: the same list again makes no second draft.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backend.catalog.models import Item
from backend.imports.columns import Column
from backend.imports.kinds.base import ListKind, Reader, References, Row
from backend.inventory.models import OpeningStockLine, Warehouse
from backend.inventory.services.inputs import OpeningLineInput
from backend.inventory.services.opening import line_problem, save_opening_stock
from backend.kernel.clock import day_of
from backend.kernel.document import Approval

_ITEM = Column("item", gettext_lazy("Item code"), words=("编码", "code", "sku"), required=True, most=40)
_QTY = Column("qty", gettext_lazy("Quantity"), "number", required=True)
COLUMNS: tuple[Column, ...] = (
    _ITEM,
    Column("warehouse", gettext_lazy("Warehouse"), most=60, note=gettext_lazy("Code or name; empty: the main one")),
    _QTY,
    Column("unit_cost", gettext_lazy("Unit cost"), "number", words=("单价", "成本单价"), decimals=6),
    Column(
        "value",
        gettext_lazy("Value"),
        "number",
        words=("金额",),
        decimals=2,
        note=gettext_lazy("Instead of the unit cost"),
    ),
    Column("lot_no", gettext_lazy("Lot"), words=("批号",), most=40),
    Column("expiry_date", gettext_lazy("Expires"), "day", words=("有效期至",)),
)
Key = tuple[UUID, UUID, str]


class OpeningReader(Reader):
    """Collects the lines of each warehouse; its drafts are made when the list is through."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        warehouses = list(Warehouse.objects.filter(active=True))
        self.warehouses = References(warehouses, "code", "name")
        self.main = next((row for row in warehouses if row.is_default), None)
        self.seen: dict[Key, int] = {}
        self.lines: dict[UUID, list[OpeningLineInput]] = defaultdict(list)

    def check(self, rows: Sequence[Row]) -> None:
        codes = {row.values["item"] for row in rows if "item" in row.values}
        items = {item.code: item for item in Item.objects.filter(code__in=codes)}
        there = self._there(items.values())
        for row in rows:
            self.missing(row, (_ITEM, _QTY))
            item, warehouse = self._item(row, items), self._warehouse(row)
            if row.faults or item is None or warehouse is None:
                continue
            line = OpeningLineInput(
                item.pk, **{key: row.values[key] for key in row.values if key not in {"item", "warehouse"}}
            )
            problem = line_problem(row.number, line, item)
            if problem:
                row.refused(problem, {})
            key = (item.pk, warehouse.pk, line.lot_no)
            if (first := self.seen.setdefault(key, row.number)) != row.number:
                row.fault("item", _("Row %(row)s has the same item, warehouse and lot.") % {"row": first})
            row.made = (warehouse.pk, line)
            if key in there:
                row.fault("item", _("It is in %(number)s already.") % {"number": there[key]})
            self.judge(row, is_new=True, changes=True)

    def _item(self, row: Row, items: dict[str, Item]) -> Item | None:
        code = row.values.get("item")
        if code and code not in items:
            row.fault("item", _("There is no item “%(text)s”.") % {"text": code})
        return items.get(code or "")

    def _warehouse(self, row: Row) -> Warehouse | None:
        text = row.values.get("warehouse")
        found: Warehouse | None = self.warehouses.get(text) if text else self.main
        if found is None:
            row.fault("warehouse", _("There is no warehouse “%(text)s”.") % {"text": text or ""})
        return found

    def _there(self, items: Any) -> dict[Key, str]:
        """What lies in an opening stock already, and in which."""
        lines = OpeningStockLine.objects.filter(item__in=list(items)).exclude(document__approval=Approval.VOIDED)
        rows = lines.values_list("item_id", "document__warehouse_id", "lot_no", "document__number")
        return {(item, warehouse, lot): number for item, warehouse, lot, number in rows}

    def save(self, rows: Sequence[Row]) -> None:
        for row in rows:
            warehouse_id, line = row.made
            self.lines[warehouse_id].append(line)

    def finish(self) -> list[dict[str, str]]:
        made = []
        for warehouse_id, lines in self.lines.items():
            document = save_opening_stock(
                doc_date=day_of(self.at), warehouse_id=warehouse_id, lines=lines, actor=self.actor, at=self.at
            )
            words = ngettext(
                "%(number)s: a draft of %(count)s line", "%(number)s: a draft of %(count)s lines", len(lines)
            )
            label = words % {"number": document.number, "count": len(lines)}
            made.append({"label": label, "doc_type": document.DOC_TYPE, "number": document.number})
        return made


class OpeningStockKind(ListKind):
    key = "opening_stock"
    label = gettext_lazy("Opening stock")
    permission = "inventory.opening_stock.edit"
    reader = OpeningReader
    hint = gettext_lazy("A draft for each warehouse, which is then looked at and booked.")

    def columns(self) -> Sequence[Column]:
        return COLUMNS
