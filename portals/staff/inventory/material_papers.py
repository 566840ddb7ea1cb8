"""What papers of material have in common, whoever makes goods of it: issued for an order, taken back, lost.

A subclass names the order, its address and its facts; lists of papers and of what lies with the maker share their columns.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.kernel import clock
from backend.kernel.errors import Refusal
from backend.kernel.money import ZERO
from portals.staff.inventory.papers import ITEM_COLUMNS, Paper, known_lot, qty_cell
from portals.staff.inventory.tables import CostList
from portals.staff.shared.columns import APPROVAL, DAY, LINE_DAY, LINE_ITEM, LINE_NUMBER, MADE_BY, NUMBER
from portals.staff.shared.item_names import item_addresses, item_cells
from portals.staff.shared.line_lists import DocumentList
from portals.staff.shared.quantities import number_of
from portals.ui.documents import LineColumn
from portals.ui.line_grid import EntryLine, GridColumn, GridRow, LineGrid
from portals.ui.lists import Column, Preset

ISSUE = "issue"


class MaterialBase(Paper):
    """Material of an order. ``line_input`` is what the service takes of a line: item, quantity, lot."""

    lead = gettext_lazy("Without lines it takes everything of the order that is still to be moved.")
    grid_columns: ClassVar[tuple[GridColumn, ...]] = (*ITEM_COLUMNS, GridColumn("lot_no", gettext_lazy("Lot")))
    line_related = ("item__unit", "lot")
    line_input: ClassVar[Any]
    waiting = gettext_lazy("The material lies where it was.")
    undo_text = gettext_lazy("The material is where it was, as long as it was not used.")

    def order_named(self, actor: Any, number: str) -> Any:
        """The order that an address names, or nothing."""
        raise NotImplementedError

    def still_to_move(self, order: Any, kind: str) -> Iterable[tuple[Any, Decimal]]:
        """Items of the order with what may still be moved of them."""
        raise NotImplementedError

    def columns(self, cost: bool) -> list[LineColumn]:
        return [
            LineColumn("qty", _("Quantity"), "qty", strong=True),
            LineColumn("lot", _("Lot")),
            *([LineColumn("value", _("Value"), "money")] if cost else ()),
        ]

    def cells(self, line: Any) -> dict[str, Any]:
        return {"qty": qty_cell(line), "lot": line.lot.lot_no if line.lot else "–", "value": line.value or None}

    def head(self, document: Any) -> dict[str, Any]:
        return super().head(document) | {"order": str(document.order_id), "kind": document.kind}

    def first(self, request: HttpRequest) -> dict[str, Any]:
        order = self._asked(request)
        place = {"warehouse_id": str(order.warehouse_id)} if order else {}
        return {
            "doc_date": clock.today(),
            "order": str(order.pk) if order else "",
            "kind": request.GET.get("kind", "")[:10] or ISSUE,
            **place,
        }

    def arguments(self, clean: Mapping[str, Any]) -> dict[str, Any]:
        values = {key: value for key, value in super().arguments(clean).items() if key != "order"}
        return values | {"order_id": clean["order"]}

    def first_grid(self, request: HttpRequest, document: Any) -> LineGrid | None:
        """A new paper begins with what is still to be moved for the order."""
        order = None if document else self._asked(request)
        if order is None:
            return super().first_grid(request, document)
        kind = request.GET.get("kind", "") or ISSUE
        rows = [GridRow({**item_cells(item), "qty": qty}) for item, qty in self.still_to_move(order, kind) if qty]
        return LineGrid(self.grid_columns, rows=rows, **item_addresses())

    def _asked(self, request: HttpRequest) -> Any:
        number = request.GET.get("order", "")[:40]
        return self.order_named(request.actor, number) if number else None  # type: ignore[attr-defined]

    def row(self, line: Any) -> dict[str, Any]:
        return {"lot_no": line.lot.lot_no if line.lot else ""}

    def typed(self, line: EntryLine, item: Any, lot_id: UUID | None, problems: list[Refusal]) -> Any:
        qty = number_of(line, "qty", problems) or ZERO
        return self.line_input(item.pk, qty, known_lot(line, lot_id, problems))


# --- lists ---------------------------------------------------------------------------------------
def paper_columns(*of: Column) -> tuple[Column, ...]:
    """Columns of papers; ``of`` says for whom and for which order."""
    return (
        NUMBER,
        DAY,
        Column("kind", gettext_lazy("Kind"), value="get_kind_display", sort="kind"),
        *of,
        Column("total_value", gettext_lazy("Value"), "money", sort=True, total="total_value"),
        APPROVAL,
        MADE_BY,
    )


def paper_line_columns(*of: Column) -> tuple[Column, ...]:
    return (
        LINE_NUMBER,
        LINE_DAY,
        *of,
        Column("item", gettext_lazy("Component"), value="item.name", sub="item.code", sort="item__sort_key"),
        Column("qty", gettext_lazy("Quantity"), "qty", unit="item.unit.name", sort=True, strong=True),
        Column("value", gettext_lazy("Value"), "money", sort=True, total="value"),
    )


class MaterialListBase(CostList, DocumentList):
    """Papers of material."""

    export_permission = "inventory.stock.export"
    costly = frozenset({"total_value", "value"})
    presets = (Preset("draft", gettext_lazy("To book"), "approval=draft", need=True),)
    default_sort = ("-doc_date", "-number")


def lying_columns(*where: Column) -> tuple[Column, ...]:
    """Columns of what lies with a maker; ``where`` says with whom."""
    return (
        *where,
        LINE_ITEM,
        Column("on_hand", gettext_lazy("Quantity"), "qty", unit="item.unit.name", sort=True, strong=True),
        Column("unit_value", gettext_lazy("Cost of one"), "price", sort=True),
        Column("value", gettext_lazy("Value"), "money", sort=True, total="value"),
    )


class LyingMaterialList(CostList):
    """What of ours lies with a maker, with what a piece of it is worth."""

    permission = "inventory.stock.view"
    export_permission = "inventory.stock.export"
    costly = frozenset({"value", "unit_value"})
    search: ClassVar[Sequence[str]] = ("item__name", "item__code", "item__mnemonic")

    def row_url(self, row: Any) -> str:
        return reverse("staff:item_detail", kwargs={"pk": row.item_id}) if self.may("catalog.item.view") else ""
