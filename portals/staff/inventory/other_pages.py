"""Other receipts and issues: lists, pages, entry."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from backend.inventory.models import (
    IssueReason,
    OtherIssue,
    OtherIssueLine,
    OtherReceipt,
    OtherReceiptLine,
    ReceiptReason,
)
from backend.inventory.services import other
from backend.inventory.services.inputs import OtherIssueLineInput, OtherReceiptLineInput
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
from portals.staff.inventory.tables import LINE_WORTH, WORTH, CostList, _warehouses, known
from portals.staff.sales.entry import day_of
from portals.staff.shared.columns import APPROVAL, DAY, LINE_DAY, LINE_ITEM, LINE_NUMBER, MADE_BY, NUMBER, REMARK
from portals.staff.shared.line_lists import DocumentList
from portals.staff.shared.quantities import number_of
from portals.ui import formats
from portals.ui.components import Action, Empty, Fact, Total
from portals.ui.documents import LineColumn
from portals.ui.line_grid import EntryLine, GridColumn
from portals.ui.lists import ChoiceFilter, Column, DateFilter, Preset, TextFilter

VIEW, EDIT = "inventory.other.view", "inventory.other.edit"
_EXPORT = "inventory.stock.export"


class OtherForm(PaperForm):
    warehouse_id = place_field(gettext_lazy("Warehouse"))


class ReceiptForm(OtherForm):
    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=ReceiptReason)


class IssueForm(OtherForm):
    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=IssueReason)


class _OtherPaper(Paper):
    right = "inventory.other"
    fields = ("reason", "warehouse_id", "doc_date", "remark")

    def facts(self, document: Any, actor: Any) -> list[Fact]:
        return [
            Fact(_("Warehouse"), str(document.warehouse)),
            Fact(_("Reason"), document.get_reason_display()),
            date_fact(document),
            approved_fact(document),
        ]

    def head(self, document: Any) -> dict[str, Any]:
        return super().head(document) | {"reason": document.reason}


class ReceiptPaper(_OtherPaper):
    name = "other_receipt"
    model = OtherReceipt
    title = pgettext_lazy("document", "Other receipt")
    plural = gettext_lazy("Other receipts")
    new_title = gettext_lazy("New other receipt")
    form = ReceiptForm
    grid_columns = (
        *ITEM_COLUMNS,
        GridColumn("unit_cost", gettext_lazy("Unit cost"), "price"),
        GridColumn("lot_no", gettext_lazy("Lot")),
        GridColumn("expiry_date", gettext_lazy("Expires"), "date"),
    )
    costly = frozenset({"unit_cost"})
    save, approve = other.save_other_receipt, other.approve_other_receipt
    unapprove, void = other.unapprove_other_receipt, other.void_other_receipt

    def columns(self, cost: bool) -> list[LineColumn]:
        money = [LineColumn("cost", _("Unit cost"), "price"), LineColumn("value", _("Value"), "money", strong=True)]
        return [
            LineColumn("qty", _("Quantity"), "qty", strong=True),
            *(money if cost else ()),
            LineColumn("lot", _("Lot")),
            LineColumn("expiry", _("Expires"), "date"),
        ]

    def cells(self, line: OtherReceiptLine) -> dict[str, Any]:
        return {
            "qty": qty_cell(line),
            "cost": line.unit_cost,
            "value": line.value,
            "lot": line.lot_no or "–",
            "expiry": line.expiry_date,
        }

    def row(self, line: OtherReceiptLine) -> dict[str, Any]:
        return {
            "unit_cost": line.unit_cost,
            "lot_no": line.lot_no,
            "expiry_date": line.expiry_date.isoformat() if line.expiry_date else "",
        }

    def typed(self, line: EntryLine, item: Any, lot_id: UUID | None, problems: list[Refusal]) -> OtherReceiptLineInput:
        return OtherReceiptLineInput(
            item.pk,
            number_of(line, "qty", problems) or ZERO,
            number_of(line, "unit_cost", problems),
            line.text("lot_no")[:40],
            day_of(line.text("expiry_date")),
        )


class IssuePaper(_OtherPaper):
    name = "other_issue"
    model = OtherIssue
    title = pgettext_lazy("document", "Other issue")
    plural = gettext_lazy("Other issues")
    new_title = gettext_lazy("New other issue")
    form = IssueForm
    grid_columns = (*ITEM_COLUMNS, GridColumn("lot_no", gettext_lazy("Lot")))
    line_related = ("item__unit", "lot")
    save, approve = other.save_other_issue, other.approve_other_issue
    unapprove, void = other.unapprove_other_issue, other.void_other_issue
    book_label = gettext_lazy("Issue the goods")
    booked = gettext_lazy("The goods have left stock.")
    undo_text = gettext_lazy("The goods are put back at the value they left with; the voucher is reversed.")

    def columns(self, cost: bool) -> list[LineColumn]:
        money = [
            LineColumn("value", _("Value"), "money", strong=True),
            LineColumn("tax", _("Output VAT"), "money"),
        ]
        return [
            LineColumn("qty", _("Quantity"), "qty", strong=True),
            LineColumn("lot", _("Lot")),
            *(money if cost else ()),
        ]

    def cells(self, line: OtherIssueLine) -> dict[str, Any]:
        return {
            "qty": qty_cell(line),
            "lot": line.lot.lot_no if line.lot else "–",
            "value": known(line.document, line.value),
            "tax": line.tax_amount or None,
        }

    def totals(self, document: Any, lines: Sequence[Any], cost: bool) -> list[Total]:
        found = super().totals(document, lines, cost)
        if cost and document.tax_amount:
            found.insert(1, Total(_("Output VAT"), formats.money(document.tax_amount)))
        return found

    def row(self, line: OtherIssueLine) -> dict[str, Any]:
        return {"lot_no": line.lot.lot_no if line.lot else ""}

    def typed(self, line: EntryLine, item: Any, lot_id: UUID | None, problems: list[Refusal]) -> OtherIssueLineInput:
        qty = number_of(line, "qty", problems) or ZERO
        return OtherIssueLineInput(item.pk, qty, known_lot(line, lot_id, problems))


# --- lists ---------------------------------------------------------------------------------------
class _OtherList(CostList, DocumentList):
    permission = VIEW
    export_permission = _EXPORT
    costly = frozenset({"total_value", "value", "unit_cost"})
    columns = (
        NUMBER,
        DAY,
        Column("reason", gettext_lazy("Reason"), value="get_reason_display", sort="reason"),
        Column("warehouse", gettext_lazy("Warehouse"), value="warehouse.name", sort="warehouse__code"),
        replace(WORTH, strong=True),
        APPROVAL,
        MADE_BY,
        REMARK,
    )
    line_columns = (
        LINE_NUMBER,
        LINE_DAY,
        Column("reason", gettext_lazy("Reason"), value="document.get_reason_display"),
        LINE_ITEM,
        Column("qty", gettext_lazy("Quantity"), "qty", unit="item.unit.name", sort=True, strong=True),
        LINE_WORTH,
    )
    line_related = ("document", "item__unit")
    presets = (Preset("draft", gettext_lazy("To book"), "approval=draft", need=True),)
    default_sort = ("-doc_date", "-number")
    kind: type[_OtherPaper]

    def rows(self) -> QuerySet[Any]:
        return self.kind.model.objects.select_related("warehouse")  # type: ignore[no-any-return]

    def row_url(self, row: Any) -> str:
        number = row.document.number if self.by_lines else row.number
        return reverse(f"staff:{self.kind.name}_detail", kwargs={"number": number})

    def actions(self) -> Sequence[Action]:
        if not self.may(EDIT):
            return ()
        url = reverse(f"staff:{self.kind.name}_new")
        return (Action(self.kind.new_title, url, icon="plus", look="primary"),)


def _filters(reasons: Any) -> tuple[Any, ...]:
    return (
        TextFilter("q", gettext_lazy("Search"), fields=("number", "remark")),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        ChoiceFilter("reason", gettext_lazy("Reason"), choices=reasons),
        ChoiceFilter("approval", gettext_lazy("Approval"), choices=Approval),
        ChoiceFilter("warehouse", gettext_lazy("Warehouse"), "warehouse_id", choices=_warehouses),
    )


class OtherReceiptList(_OtherList):
    key = "inventory.other_receipt"
    title = ReceiptPaper.plural
    kind, line_model = ReceiptPaper, OtherReceiptLine
    filters = _filters(ReceiptReason)

    def empty(self) -> Empty:
        text = _("Gifts, samples that come back, goods that were found: what comes in without a purchase.")
        return Empty(_("No other receipts yet"), text, tuple(self.actions()))


class OtherIssueList(_OtherList):
    key = "inventory.other_issue"
    title = IssuePaper.plural
    kind, line_model = IssuePaper, OtherIssueLine
    filters = _filters(IssueReason)

    def empty(self) -> Empty:
        text = _("Samples, own use, scrap: what leaves without a sale, each to the account of its reason.")
        return Empty(_("No other issues yet"), text, tuple(self.actions()))


RECEIPTS, ISSUES = ReceiptPaper(), IssuePaper()
