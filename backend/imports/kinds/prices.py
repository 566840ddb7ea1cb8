"""Price lists: a row is a price of an item on a list, from a quantity and a day on.

A list is found by its code or its name; one that is not there is made, for sales unless its first row says otherwise, and
what is wrong about that is wrong about all its rows. Prices that the list has and the rows do not speak of stay.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.catalog.inputs import PriceLineData, PriceListData
from backend.catalog.models import Item, PriceKind, PriceList
from backend.catalog.services.price_lists import save_price_list
from backend.imports.columns import Column
from backend.imports.kinds.base import ListKind, Reader, References, Row
from backend.kernel.money import ZERO
from backend.parties.models import Party

COST = "catalog.cost.view"
_LIST = Column("list", gettext_lazy("Price list"), required=True, most=80, note=gettext_lazy("Code or name"))
_ITEM = Column("item", gettext_lazy("Item code"), words=("编码", "code", "sku"), required=True, most=40)
_PRICE = Column("price", gettext_lazy("Unit price"), "number", words=("单价", "含税单价"), required=True, decimals=6)
COLUMNS: tuple[Column, ...] = (
    _LIST,
    _ITEM,
    _PRICE,
    Column("min_qty", gettext_lazy("From quantity"), "number", words=("起订量",)),
    Column("valid_from", gettext_lazy("From"), "day", words=("生效日期",)),
    Column("valid_to", gettext_lazy("Until"), "day", words=("失效日期",)),
    Column("kind", gettext_lazy("Kind"), "choice", choices=dict(PriceKind.choices), note=gettext_lazy("Of a new list")),
    Column("party", gettext_lazy("For"), most=120, note=gettext_lazy("Of a new list: a partner's code or name")),
)
Key = tuple[UUID, Decimal, date | None]


class _List:
    """A price list while it is filled: what it is, what is wrong about that, and its prices by item, quantity, first day."""

    def __init__(self, data: PriceListData, found: PriceList | None) -> None:
        self.data, self.found = data, found
        self.faults: list[tuple[str, str]] = []
        rows = found.lines.all() if found else ()
        self.lines: dict[Key, PriceLineData] = {
            (row.item_id, row.min_qty, row.valid_from): PriceLineData(
                row.item_id, row.price, row.min_qty, row.valid_from, row.valid_to
            )
            for row in rows
        }


class PriceReader(Reader):
    """Knows the lists and partners once; its lists are saved when all rows are through."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        known = PriceList.objects.prefetch_related("lines")
        self.may_cost = self.actor.may(COST)
        self.known = References(known if self.may_cost else known.filter(kind=PriceKind.SALES), "code", "name")
        self.parties = References(Party.objects.all(), "code", "name", "short_name")
        self.lists: dict[str, _List] = {}
        self.seen: dict[tuple[str, Key], int] = {}
        self.asked: dict[str, list[tuple[Key, PriceLineData]]] = defaultdict(list)

    def check(self, rows: Sequence[Row]) -> None:
        codes = {row.values["item"] for row in rows if "item" in row.values}
        items = {item.code: item for item in Item.objects.filter(code__in=codes)}
        for row in rows:
            self.missing(row, (_LIST, _ITEM, _PRICE))
            item = items.get(row.values.get("item", ""))
            if "item" in row.values and item is None:
                row.fault("item", _("There is no item “%(text)s”.") % {"text": row.values["item"]})
            if item is None or "list" not in row.values or "price" not in row.values:
                continue
            name = self._name(row)
            if name not in self.lists:
                self.lists[name] = self._list(row)
            for column, message in self.lists[name].faults:
                row.fault(column, message)
            line = PriceLineData(
                item.pk,
                row.values["price"],
                row.values.get("min_qty", ZERO),
                row.values.get("valid_from"),
                row.values.get("valid_to"),
            )
            self._judge(row, name, (item.pk, line.min_qty, line.valid_from), line)

    def _judge(self, row: Row, name: str, key: Key, line: PriceLineData) -> None:
        if (first := self.seen.setdefault((name, key), row.number)) != row.number:
            row.fault("item", _("Row %(row)s has a price for the same quantity and day.") % {"row": first})
        row.made = (name, key, line)
        before = self.lists[name].lines.get(key)
        self.judge(row, is_new=before is None, changes=before != line)

    def _name(self, row: Row) -> str:
        """One name for a list, whether rows call it by its code or by its name."""
        text = str(row.values["list"])
        found: PriceList | None = self.known.get(text)
        return str(found.pk) if found else text.casefold()

    def _list(self, row: Row) -> _List:
        """The list that the row names, or the new one that it begins."""
        text = str(row.values["list"])
        found: PriceList | None = self.known.get(text)
        if found is not None:
            names = ("name", "kind", "code", "party_id", "customer_level", "currency", "includes_tax", "active")
            return _List(PriceListData(**{name: getattr(found, name) for name in names}), found)
        kind = row.values.get("kind", PriceKind.SALES)
        party = self.parties.get(row.values["party"]) if "party" in row.values else None
        made = _List(PriceListData(name=text, kind=kind, party_id=party.pk if party else None), None)
        if kind == PriceKind.PURCHASE and not self.may_cost:
            made.faults.append(("kind", _("Purchase prices need the right to see cost.")))
        if "party" in row.values and party is None:
            made.faults.append(("party", _("There is no partner “%(text)s”.") % {"text": row.values["party"][:40]}))
        return made

    def save(self, rows: Sequence[Row]) -> None:
        for row in rows:
            name, key, line = row.made
            self.asked[name].append((key, line))

    def finish(self) -> list[dict[str, str]]:
        for name, asked in self.asked.items():
            listed = self.lists[name]
            lines = tuple((listed.lines | dict(asked)).values())
            values = {field: getattr(listed.data, field) for field in listed.data.__dataclass_fields__}
            found = listed.found
            save_price_list(
                data=PriceListData(**values | {"lines": lines}),
                price_list_id=found.pk if found else None,
                version=found.version if found else None,
                actor=self.actor,
                at=self.at,
            )
        return []


class PriceKindOfList(ListKind):
    key = "prices"
    label = gettext_lazy("Prices")
    permission = "catalog.price_list.edit"
    reader = PriceReader
    hint = gettext_lazy("Prices of items on price lists, by quantity and day. A list that is not there is made.")

    def columns(self) -> Sequence[Column]:
        return COLUMNS
