"""Moves of goods from one bin of a warehouse into another: the list, the paper, keying one."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.inventory.models import BinMove, BinMoveLine
from backend.inventory.selectors.labels import read_labels
from backend.inventory.services import bin_moves
from backend.inventory.services.inputs import BinMoveLineInput
from backend.kernel.document import Approval
from backend.kernel.errors import Refusal
from backend.kernel.money import ZERO
from portals.staff.inventory.papers import (
    ITEM_COLUMNS,
    Paper,
    PaperForm,
    approved_fact,
    date_fact,
    known_lot,
    place_field,
    qty_cell,
)
from portals.staff.inventory.tables import _warehouses
from portals.staff.shared.columns import APPROVAL, DAY, LINE_DAY, LINE_ITEM, LINE_NUMBER, MADE_BY, NUMBER, REMARK
from portals.staff.shared.line_lists import DocumentList
from portals.staff.shared.quantities import number_of
from portals.ui.components import Action, Empty, Fact, Total
from portals.ui.documents import LineColumn
from portals.ui.line_grid import EntryLine, GridColumn
from portals.ui.lists import ChoiceFilter, Column, DateFilter, Preset, TextFilter

MOVE = "inventory.transfer.edit"


class BinMoveForm(PaperForm):
    warehouse_id = place_field(gettext_lazy("Warehouse"))


class BinMovePaper(Paper):
    name = "bin_move"
    right = "inventory.transfer"
    model = BinMove
    title = gettext_lazy("Bin move")
    plural = gettext_lazy("Bin moves")
    new_title = gettext_lazy("New bin move")
    form = BinMoveForm
    fields = ("warehouse_id", "doc_date", "remark")
    grid_columns = (
        *ITEM_COLUMNS,
        GridColumn("source", gettext_lazy("From bin"), required=True),
        GridColumn("destination", gettext_lazy("To bin"), required=True),
        GridColumn("lot_no", gettext_lazy("Lot")),
    )
    line_related = ("item__unit", "lot", "source", "destination")
    save, approve = bin_moves.save_bin_move, bin_moves.approve_bin_move
    unapprove, void = bin_moves.unapprove_bin_move, bin_moves.void_bin_move
    voucher_note = gettext_lazy("none: nothing changes its value")
    book_label = gettext_lazy("The goods are moved")
    booked = gettext_lazy("The goods lie in their new bins.")
    waiting = gettext_lazy("The goods still lie where they were.")
    undo_text = gettext_lazy("The goods lie where they were before, as long as they are still there.")

    def facts(self, document: Any, actor: Any) -> list[Fact]:
        return [Fact(_("Warehouse"), str(document.warehouse)), date_fact(document), approved_fact(document)]

    def columns(self, cost: bool) -> list[LineColumn]:
        return [
            LineColumn("source", _("From bin")),
            LineColumn("destination", _("To bin")),
            LineColumn("lot", _("Lot")),
            LineColumn("qty", _("Quantity"), "qty", strong=True),
        ]

    def cells(self, line: BinMoveLine) -> dict[str, Any]:
        return {
            "source": line.source.code,
            "destination": line.destination.code,
            "lot": line.lot.lot_no if line.lot else "–",
            "qty": qty_cell(line),
        }

    def totals(self, document: Any, lines: Sequence[Any], cost: bool) -> list[Total]:
        return super().totals(document, lines, False)

    def row(self, line: BinMoveLine) -> dict[str, Any]:
        lot_no = line.lot.lot_no if line.lot else ""
        return {"source": line.source.code, "destination": line.destination.code, "lot_no": lot_no}

    def typed(self, line: EntryLine, item: Any, lot_id: UUID | None, problems: list[Refusal]) -> BinMoveLineInput:
        qty = number_of(line, "qty", problems) or ZERO
        places = read_labels(line.text("source"))[:30], read_labels(line.text("destination"))[:30]
        return BinMoveLineInput(item.pk, qty, *places, known_lot(line, lot_id, problems))


MOVES = BinMovePaper()


class BinMoveList(DocumentList):
    key = "inventory.bin_move"
    noun = "bin_move"
    title = BinMovePaper.plural
    permission = "inventory.transfer.view"
    export_permission = "inventory.stock.export"
    line_model = BinMoveLine
    columns = (
        NUMBER,
        DAY,
        Column("warehouse", gettext_lazy("Warehouse"), value="warehouse.name", sort="warehouse__code"),
        APPROVAL,
        MADE_BY,
        REMARK,
    )
    line_columns = (
        LINE_NUMBER,
        LINE_DAY,
        LINE_ITEM,
        Column("source", gettext_lazy("From bin"), value="source.code"),
        Column("destination", gettext_lazy("To bin"), value="destination.code"),
        Column("qty", gettext_lazy("Quantity"), "qty", unit="item.unit.name", sort=True, strong=True),
    )
    line_related = ("document", "item__unit", "source", "destination")
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("number", "remark")),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        ChoiceFilter("warehouse", gettext_lazy("Warehouse"), "warehouse_id", choices=_warehouses),
        ChoiceFilter("approval", gettext_lazy("Approval"), choices=Approval),
    )
    presets = (Preset("draft", gettext_lazy("To book"), "approval=draft", need=True),)
    default_sort = ("-doc_date", "-number")

    def rows(self) -> QuerySet[Any]:
        return BinMove.objects.select_related("warehouse")

    def actions(self) -> Sequence[Action]:
        if not self.may(MOVE):
            return ()
        return (Action(_("New bin move"), reverse("staff:bin_move_new"), icon="plus", look="primary"),)

    def empty(self) -> Empty:
        text = _("What came to the dock is put away; what is picked often comes nearer.")
        return Empty(_("No bin moves yet"), text, tuple(self.actions()))
