"""Purchase orders: a row is a line; rows with the same order number are one order, a draft like one that was keyed.

What is wrong with a row is wrong with its order: of an order either all rows are saved or none. The number stays with the
order, so that the same list again makes no second one. Nothing passes that the page of orders would not let pass: the
supplier goes through the gate of ``parties.services.suppliers``, lines through the checks of ``purchasing.services.lines``.
A portion of rows takes a fixed number of statements, an order those of its saving.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.catalog.models import Item, ItemUnit, Unit
from backend.catalog.services.units import to_own_unit, units_of
from backend.imports.columns import Column
from backend.imports.kinds.base import ListKind, Reader, References, Row
from backend.inventory.models import Warehouse
from backend.kernel.errors import Refusal, ValidationRefused
from backend.parties.models import Party
from backend.parties.services.suppliers import require_orderable
from backend.purchasing.services.inputs import LineInput, OrderData
from backend.purchasing.services.lines import check_line, items_of
from backend.purchasing.services.orders import save_order
from backend.purchasing.services.saving import exists_already, orders_known_as

_REFERENCE = Column(
    "reference",
    gettext_lazy("External order number"),
    words=("单号", "采购订单号", "order", "order number", "po"),
    required=True,
    most=60,
    note=gettext_lazy("Rows with the same number are one order"),
)
_SUPPLIER = Column(
    "supplier",
    gettext_lazy("Supplier"),
    words=("供应商编码", "供应商名称", "supplier code", "vendor"),
    required=True,
    most=120,
    note=gettext_lazy("Code or name; needed in the first row of an order"),
)
_DATE = Column(
    "requested_date",
    gettext_lazy("Wanted on"),
    "day",
    words=("交货日期", "需求日期", "到货日期"),
    required=True,
    note=gettext_lazy("Needed in the first row of an order; later rows may say another day"),
)
_ITEM = Column("item", gettext_lazy("Item code"), words=("编码", "code", "sku"), required=True, most=40)
_QTY = Column("qty", gettext_lazy("Quantity"), "number", required=True)
COLUMNS: tuple[Column, ...] = (
    _REFERENCE,
    _SUPPLIER,
    _DATE,
    Column("warehouse", gettext_lazy("Warehouse"), most=60, note=gettext_lazy("Code or name; empty: the main one")),
    _ITEM,
    _QTY,
    Column("unit", gettext_lazy("Unit"), most=30, note=gettext_lazy("Empty: the item's own unit")),
    Column(
        "price",
        gettext_lazy("Unit price"),
        "number",
        words=("单价", "含税单价"),
        decimals=6,
        note=gettext_lazy("Of the unit; empty: the agreed price, else the last one"),
    ),
    Column(
        "includes_tax", gettext_lazy("Prices include tax"), "yes", words=("含税",), note=gettext_lazy("Empty: they do")
    ),
    Column("currency", gettext_lazy("Currency"), most=3, note=gettext_lazy("The supplier's; empty: that one")),
    Column("note", gettext_lazy("Line note"), words=("备注", "说明"), most=200),
    Column("remark", gettext_lazy("Remark on the order"), words=("整单备注", "单据备注"), most=500),
)
HEADER = ("supplier", "warehouse", "includes_tax", "currency", "remark")
FIELDS = {"item_id": "item", "unit_id": "unit", "supplier_id": "supplier", "external_ref": "reference"}


@dataclass
class _Order:
    """An order while its rows are read: what its first row says of it, the first row that is not right, good lines."""

    said: dict[str, Any]
    numbers: list[int] = field(default_factory=list)
    bad: set[int] = field(default_factory=set)
    lines: list[LineInput] = field(default_factory=list)


class OrderReader(Reader):
    """Collects the lines of each order; its drafts are written when the list is through."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        parties = Party.objects.select_related("supplier").filter(is_supplier=True, supplier__isnull=False)
        self.suppliers = References(parties, "code", "name", "short_name")
        self.warehouses = References(Warehouse.objects.filter(active=True), "code", "name")
        self.units = References(Unit.objects.all(), "code", "name", "name_en")
        self.orders: dict[str, _Order] = {}

    def check(self, rows: Sequence[Row]) -> None:
        found = items_of(Item.objects.filter(code__in=_filled(rows, "item")).values_list("pk", flat=True))
        items = {item.code: item for item in found.values()}
        units = units_of(found)
        there = orders_known_as(_filled(rows, "reference"))
        for row in rows:
            self.missing(row, (_REFERENCE, _ITEM, _QTY))
            reference = row.values.get("reference")
            if reference in there:
                row.refused(exists_already(reference, there[reference]), FIELDS)
            order = self._order(row, reference) if reference else None
            row.made = (order, self._line(row, items.get(row.values.get("item", "")), units))
            if order is not None:
                order.numbers.append(row.number)
                if row.faults:
                    order.bad.add(row.number)
            self.judge(row, is_new=True, changes=True)

    # --- what a row says of its order
    def _order(self, row: Row, reference: str) -> _Order:
        """The order of the row: begun by its first one, which later ones do not contradict."""
        said = self._said(row)
        if (known := self.orders.get(reference)) is None:
            self.missing(row, (_SUPPLIER, _DATE))
            self._check_supplier(row, said)
            known = self.orders[reference] = _Order(said | {"requested_date": row.values.get("requested_date")})
            return known
        for key in HEADER:
            if key in row.values and said.get(key) != known.said.get(key):
                row.fault(key, _("Row %(row)s of the same order says otherwise.") % {"row": known.numbers[0]})
        return known

    def _said(self, row: Row) -> dict[str, Any]:
        """What the row says of the order; what there is not becomes a fault."""
        said: dict[str, Any] = {key: row.values[key] for key in ("includes_tax", "remark") if key in row.values}
        if text := row.values.get("currency"):
            said["currency"] = text.upper()
        if text := row.values.get("supplier"):
            said["supplier"] = self.suppliers.get(text)
            if said["supplier"] is None:
                row.fault("supplier", _("There is no supplier “%(text)s”.") % {"text": text[:40]})
        if text := row.values.get("warehouse"):
            said["warehouse"] = self.warehouses.get(text)
            if said["warehouse"] is None:
                row.fault("warehouse", _("There is no warehouse “%(text)s”.") % {"text": text})
        return said

    def _check_supplier(self, row: Row, said: dict[str, Any]) -> None:
        """Whether an order may be written for the supplier, and whether it is paid in the currency named."""
        supplier: Party | None = said.get("supplier")
        if supplier is None:
            return
        try:
            require_orderable([supplier], purpose="draft")
        except Refusal as refusal:
            row.refused(refusal, FIELDS)
        if said.get("currency", supplier.currency) != supplier.currency:
            words = _("%(supplier)s is paid in %(currency)s. Leave this empty, or change it on the supplier's page.")
            row.fault("currency", words % {"supplier": supplier.label, "currency": supplier.currency})

    # --- its line
    def _line(self, row: Row, item: Item | None, units: dict[UUID, list[ItemUnit]]) -> LineInput | None:
        """The line as the page of orders would hand it on; what is wrong with it becomes a fault."""
        if "item" in row.values and item is None:
            row.fault("item", _("There is no item “%(text)s”.") % {"text": row.values["item"]})
        if item is None or "qty" not in row.values:
            return None
        line = LineInput(
            item.pk,
            row.values["qty"],
            price=row.values.get("price"),
            requested_date=row.values.get("requested_date"),
            description=row.values.get("note", ""),
            unit_id=self._unit(row),
        )
        qty = self._own_quantity(row, line, item, units)
        for problem in check_line(row.number, replace(line, qty=qty), item) if qty is not None else ():
            row.refused(problem, FIELDS)
        return line

    def _unit(self, row: Row) -> UUID | None:
        text = row.values.get("unit")
        found: Unit | None = self.units.get(text) if text else None
        if text and found is None:
            row.fault("unit", _("There is no unit “%(text)s”.") % {"text": text[:20]})
        return found.pk if found else None

    @staticmethod
    def _own_quantity(row: Row, line: LineInput, item: Item, units: dict[UUID, list[ItemUnit]]) -> Decimal | None:
        """The quantity in the item's own unit; None where it is not counted in the unit named."""
        if line.unit_id in {None, item.unit_id}:
            return line.qty
        try:
            return to_own_unit(
                line.qty, item=item, unit_id=line.unit_id, factor=None, units=units[item.pk], line=row.number
            )[0]
        except ValidationRefused as refusal:
            row.refused(refusal, FIELDS)
            return None

    # --- saving
    def save(self, rows: Sequence[Row]) -> None:
        for row in rows:
            order, line = row.made
            order.lines.append(line)

    def late_faults(self) -> dict[int, str]:
        """Rows of orders that others spoil."""
        words = _("Row %(row)s of the same order is not right.")
        return {
            number: words % {"row": min(order.bad)}
            for order in self.orders.values()
            if order.bad
            for number in order.numbers
            if number not in order.bad
        }

    def finish(self) -> list[dict[str, str]]:
        return [
            self._made(reference, order) for reference, order in self.orders.items() if order.lines and not order.bad
        ]

    def _made(self, reference: str, order: _Order) -> dict[str, str]:
        warehouse: Warehouse | None = order.said.get("warehouse")
        data = OrderData(
            supplier_id=order.said["supplier"].pk,
            requested_date=order.said["requested_date"],
            lines=order.lines,
            warehouse_id=warehouse.pk if warehouse else None,
            price_includes_tax=order.said.get("includes_tax", True),
            remark=order.said.get("remark", ""),
            external_ref=reference,
        )
        try:
            made = save_order(data=data, actor=self.actor, at=self.at)
        except Refusal as refusal:
            raise ValidationRefused(
                _("%(reference)s (row %(row)s): %(message)s")
                % {"reference": reference, "row": order.numbers[0], "message": refusal.message},
                field=refusal.field,
                value=refusal.value,
            ) from refusal
        words = _("%(number)s (%(reference)s): a draft of %(count)s lines")
        label = words % {"number": made.number, "reference": reference, "count": len(order.lines)}
        return {"label": label, "doc_type": made.DOC_TYPE, "number": made.number}


def _filled(rows: Sequence[Row], key: str) -> set[str]:
    """What stands in a column of these rows."""
    return {row.values[key] for row in rows if key in row.values}


class PurchaseOrderKind(ListKind):
    key = "purchase_orders"
    label = gettext_lazy("Purchase orders")
    permission = "purchasing.order.edit"
    reader = OrderReader
    hint = gettext_lazy("A row for each line; rows with the same order number become one draft.")

    def columns(self) -> Sequence[Column]:
        return COLUMNS
