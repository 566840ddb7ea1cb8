"""Transfers between warehouses and their arrivals: lists, pages, entry, receiving."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from backend.inventory.models import (
    Transfer,
    TransferLine,
    TransferReceipt,
    TransferReceiptLine,
    UrgentCause,
)
from backend.inventory.services import transfer_receipts, transfers
from backend.inventory.services.inputs import ArrivalInput, TransferLineInput
from backend.kernel import clock
from backend.kernel.document import Approval, Closing, Progress
from backend.kernel.errors import Refusal
from backend.kernel.money import ZERO, total
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
from portals.staff.inventory.tables import LINE_WORTH, WORTH, CostList, _warehouses
from portals.staff.sales.entry import uuid_of
from portals.staff.sales.forms import warehouse_choices
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.columns import APPROVAL, DAY, LINE_DAY, LINE_ITEM, LINE_NUMBER, MADE_BY, NUMBER
from portals.staff.shared.grids import kept
from portals.staff.shared.line_lists import DocumentList
from portals.staff.shared.masters import sections_of
from portals.staff.shared.quantities import number_of
from portals.ui import formats
from portals.ui.chips import Chip, chip
from portals.ui.components import Action, Crumb, Empty, Fact, Total
from portals.ui.documents import LineColumn
from portals.ui.errors import block_of
from portals.ui.forms import DateInput
from portals.ui.guards import staff_view
from portals.ui.line_grid import EntryLine, GridColumn, GridRow, LineGrid, read_lines
from portals.ui.lists import ChoiceFilter, Column, DateFilter, FlagFilter, Preset, TextFilter
from portals.ui.navigation import document_address

VIEW, EDIT, RECEIVE = "inventory.transfer.view", "inventory.transfer.edit", "inventory.transfer.receive"
_EXPORT = "inventory.stock.export"


class TransferForm(PaperForm):
    source_id = place_field(gettext_lazy("From warehouse"))
    destination_id = place_field(gettext_lazy("To warehouse"))
    expected_date = forms.DateField(label=gettext_lazy("Expected"), widget=DateInput())
    one_step = forms.BooleanField(label=gettext_lazy("Arrives at once"), required=False)
    urgent = forms.BooleanField(label=gettext_lazy("Urgent"), required=False)
    urgent_cause = forms.ChoiceField(
        label=gettext_lazy("Cause of the hurry"), required=False, choices=[("", "–"), *UrgentCause.choices]
    )
    freight_amount = forms.DecimalField(
        label=gettext_lazy("Freight"), required=False, min_value=0, max_digits=12, decimal_places=2
    )


class TransferPaper(Paper):
    name = "transfer"
    right = "inventory.transfer"
    model = Transfer
    title = gettext_lazy("Transfer")
    plural = gettext_lazy("Transfers")
    new_title = gettext_lazy("New transfer")
    form = TransferForm
    fields = (
        "source_id", "destination_id", "doc_date", "expected_date", "one_step", "urgent", "urgent_cause",
        "freight_amount", "remark",
    )  # fmt: skip
    grid_columns = (*ITEM_COLUMNS, GridColumn("lot_no", gettext_lazy("Lot")))
    related = ("source", "destination")
    line_related = ("item__unit", "lot")
    save, approve = transfers.save_transfer, transfers.approve_transfer
    unapprove, void = transfers.unapprove_transfer, transfers.void_transfer
    book_label = gettext_lazy("Ship the goods")
    booked = gettext_lazy("The goods have left the source.")
    waiting = gettext_lazy("Nothing is set aside yet: ask for the goods, or ship them at once.")
    undo_text = gettext_lazy("The goods are at the source again, as long as none have arrived.")

    def chips(self, document: Transfer) -> list[Chip]:
        found = [chip("approval", document.approval)]
        if document.is_approved:
            found.append(chip("transfer", document.received))
        if document.urgent:
            found.append(chip("transfer", "urgent"))
        return found

    def facts(self, document: Transfer, actor: Any) -> list[Fact]:
        urgent = document.get_urgent_cause_display() if document.urgent else pgettext("answer", "No")
        return [
            Fact(_("From warehouse"), str(document.source)),
            Fact(_("To warehouse"), str(document.destination)),
            date_fact(document),
            Fact(_("Expected"), formats.day(document.expected_date), numeric=True),
            Fact(_("Urgent"), urgent),
            Fact(_("Freight"), formats.money(document.freight_amount), numeric=True),
            approved_fact(document),
        ]

    def columns(self, cost: bool) -> list[LineColumn]:
        return [
            LineColumn("qty", _("Quantity"), "qty", strong=True),
            LineColumn("received", _("Arrived"), "qty"),
            LineColumn("lost", _("Lost"), "qty"),
            LineColumn("lot", _("Lot")),
            *([LineColumn("value", _("Value"), "money")] if cost else ()),
        ]

    def cells(self, line: TransferLine) -> dict[str, Any]:
        return {
            "qty": qty_cell(line),
            "received": line.received_qty or None,
            "lost": line.lost_qty or None,
            "lot": line.lot.lot_no if line.lot else "–",
            "value": line.value or None,
        }

    def steps(self, document: Transfer, actor: Any) -> dict[str, Any]:
        if document.is_draft and self.may(actor, "edit"):
            ask = self.kit.post(_("Ask for the goods"), "request", document, "send")
            edit = Action(_("Edit"), self.kit.url("edit", document), icon="edit")
            return {"secondary": [ask, edit]}
        if document.approval == Approval.SUBMITTED:
            return self._submitted(document, actor)
        open_still = document.is_approved and document.closing == Closing.OPEN
        if open_still and actor.may(RECEIVE):
            url = self.kit.url("receiving", document)
            return {"primary": Action(_("Receive the goods"), url, icon="package-import", look="primary")}
        return {}

    def _submitted(self, document: Transfer, actor: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.may(actor, "approve"):
            found["primary"] = self.kit.post(self.book_label, "approval", document, "truck", "primary")
        if self.may(actor, "edit"):
            found["secondary"] = [self.kit.post(_("Withdraw"), "withdrawal", document, "arrow-back-up")]
            found["more"] = [
                Action(_("Void"), icon="ban", dialog="void", look="danger"),
                *self.kit.printing(document),
            ]
        return found

    def head(self, document: Transfer) -> dict[str, Any]:
        names = ("doc_date", "expected_date", "one_step", "urgent", "urgent_cause", "freight_amount", "remark")
        return {name: getattr(document, name) for name in names} | {
            "source_id": str(document.source_id),
            "destination_id": str(document.destination_id),
        }

    def first(self, request: HttpRequest) -> dict[str, Any]:
        places = [pk for pk, _name in warehouse_choices()]
        to = places[1] if len(places) > 1 else ""
        return {"doc_date": clock.today(), "expected_date": clock.today(), "destination_id": to}

    def arguments(self, clean: Mapping[str, Any]) -> dict[str, Any]:
        return {
            **clean,
            "source_id": UUID(clean["source_id"]),
            "destination_id": UUID(clean["destination_id"]),
            "freight_amount": clean["freight_amount"] or ZERO,
        }

    def row(self, line: TransferLine) -> dict[str, Any]:
        return {"lot_no": line.lot.lot_no if line.lot else ""}

    def typed(self, line: EntryLine, item: Any, lot_id: UUID | None, problems: list[Refusal]) -> TransferLineInput:
        qty = number_of(line, "qty", problems) or ZERO
        return TransferLineInput(item.pk, qty, known_lot(line, lot_id, problems))


class ArrivalPaper(Paper):
    name = "transfer_receipt"
    right = "inventory.transfer"
    model = TransferReceipt
    title = gettext_lazy("Transfer receipt")
    plural = gettext_lazy("Transfer receipts")
    related = ("warehouse", "transfer__source")
    editable = False
    approve = transfer_receipts.approve_transfer_receipt
    unapprove, void = transfer_receipts.unapprove_transfer_receipt, transfer_receipts.void_transfer_receipt
    undo_text = gettext_lazy("The goods are under way again, as long as they still lie in the warehouse.")

    def facts(self, document: TransferReceipt, actor: Any) -> list[Fact]:
        url = document_address(Transfer.DOC_TYPE, document.transfer.number)
        return [
            Fact(_("Warehouse"), str(document.warehouse)),
            Fact(_("From warehouse"), str(document.transfer.source)),
            Fact(_("Transfer"), document.transfer.number, url=url, numeric=True),
            date_fact(document),
            approved_fact(document),
        ]

    def columns(self, cost: bool) -> list[LineColumn]:
        money = [LineColumn("value", _("Value"), "money"), LineColumn("lost_value", _("Value lost"), "money")]
        return [
            LineColumn("qty", _("Arrived"), "qty", strong=True),
            LineColumn("lost", _("Lost"), "qty"),
            *(money if cost else ()),
        ]

    def cells(self, line: TransferReceiptLine) -> dict[str, Any]:
        return {
            "qty": qty_cell(line),
            "lost": line.lost_qty or None,
            "value": line.value or None,
            "lost_value": line.lost_value or None,
        }

    def totals(self, document: TransferReceipt, lines: Sequence[Any], cost: bool) -> list[Total]:
        found = super().totals(document, lines, cost)
        lost = total(line.lost_qty for line in lines)
        if lost:
            found.insert(1, Total(_("Lost on the way"), formats.qty(lost)))
        return found


TRANSFERS, ARRIVALS = TransferPaper(), ArrivalPaper()

submit = TRANSFERS.kit.step(
    EDIT, transfers.submit_transfer, gettext_lazy("The goods are set aside at the source."), seen=True
)
withdraw = TRANSFERS.kit.step(EDIT, transfers.withdraw_transfer, gettext_lazy("Withdrawn."))


# --- receiving -----------------------------------------------------------------------------------
COUNT_COLUMNS = (
    GridColumn("item", gettext_lazy("Item"), out=True, size="w-xl"),
    GridColumn("unit", gettext_lazy("Unit"), out=True),
    GridColumn("open", pgettext_lazy("transfer", "Under way"), out=True, numeric=True),
    GridColumn("qty", gettext_lazy("Arrives now"), "qty", strong=True),
    GridColumn("lost_qty", gettext_lazy("Lost now"), "qty"),
)


class ArrivalForm(PaperForm):
    """When, and what is to be said."""


def _counting(document: Transfer) -> LineGrid:
    lines = TRANSFERS.lines(document)
    rows = []
    for line in lines:
        left = line.qty - line.received_qty - line.lost_qty
        if left > 0:
            name = f"{line.item.code} {line.item.name} {line.item.spec}".strip()
            values = {
                "id": str(line.pk),
                "item": name,
                "unit": str(line.item.unit),
                "open": formats.qty(left),
                "qty": left,
            }
            rows.append(GridRow(values))
    return LineGrid(COUNT_COLUMNS, rows=rows, fixed=True)


def _arrivals(request: HttpRequest) -> list[ArrivalInput]:
    problems: list[Refusal] = []
    found = []
    for line in read_lines(request.POST, COUNT_COLUMNS):
        line_id = uuid_of(line.text("id"))
        qty, lost = (number_of(line, key, problems) or ZERO for key in ("qty", "lost_qty"))
        if line_id and (qty or lost):
            found.append(ArrivalInput(line_id, qty, lost))
    if problems:
        raise Refusal.many(problems)
    return found


@staff_view(RECEIVE)
def receive(request: HttpRequest, number: str) -> HttpResponse:
    """Count what has arrived; it is booked into the destination at once."""
    document = TRANSFERS.load(request.actor, number)  # type: ignore[attr-defined]
    grid, error, status = _counting(document), None, 200
    form = ArrivalForm(request.POST if request.method == "POST" else None, initial={"doc_date": clock.today()})
    if request.method == "POST":
        refusal, status = None, 400
        if form.is_valid():
            try:
                made = transfer_receipts.receive_transfer(
                    transfer_id=document.pk, lines=_arrivals(request), **form.cleaned_data, **who_and_when(request)
                )
            except Refusal as caught:
                refusal, error, status = caught, block_of(caught), caught.status
            else:
                messages.success(request, _("Booked into stock."))
                return HttpResponseRedirect(ARRIVALS.kit.url("detail", made))
        grid = kept(grid, request.POST, refusal, ("qty", "lost_qty"))
    context = {
        "form": form,
        "sections": sections_of(form, [("", ("doc_date", "remark"))], ("remark",)),
        "grid": grid,
        "error": error,
        "title": _("Receive %(number)s") % {"number": number},
        "lead": _("From %(source)s to %(destination)s. What is neither counted nor lost stays under way.")
        % {"source": document.source, "destination": document.destination},
        "crumbs": [Crumb(_("Inventory")), Crumb(_("Transfers"), TRANSFERS.kit.list_url)],
        "cancel_url": TRANSFERS.kit.url("detail", document),
    }
    return render(request, "staff/shared/master_form.html", context, status=status)


# --- lists ---------------------------------------------------------------------------------------
class TransferList(CostList, DocumentList):
    key = "inventory.transfer"
    noun = "transfer"
    title = TransferPaper.plural
    permission = VIEW
    export_permission = _EXPORT
    costly = frozenset({"total_value", "value"})
    columns = (
        NUMBER,
        DAY,
        Column("source", gettext_lazy("From warehouse"), value="source.name", sort="source__code"),
        Column("destination", gettext_lazy("To warehouse"), value="destination.name", sort="destination__code"),
        Column("expected_date", gettext_lazy("Expected"), "date", sort=True),
        APPROVAL,
        Column("received", gettext_lazy("Arrival"), "chip", axis="transfer", sort=True),
        Column("cause", gettext_lazy("Urgent"), value="get_urgent_cause_display"),
        Column("freight_amount", gettext_lazy("Freight"), "money", sort=True, total="freight_amount", phone="hide"),
        WORTH,
        Column("created_by_name", gettext_lazy("Made by"), phone="hide", shown=False),
        Column("remark", gettext_lazy("Remarks"), phone="hide", shown=False),
    )
    line_columns = (
        LINE_NUMBER,
        LINE_DAY,
        Column("source", gettext_lazy("From warehouse"), value="document.source.name"),
        Column("destination", gettext_lazy("To warehouse"), value="document.destination.name"),
        LINE_ITEM,
        Column("qty", gettext_lazy("Quantity"), "qty", unit="item.unit.name", sort=True, strong=True),
        Column("received_qty", gettext_lazy("Arrived"), "qty", sort=True),
        Column("lost_qty", gettext_lazy("Lost"), "qty", sort=True),
        LINE_WORTH,
    )
    line_model = TransferLine
    line_related = ("document__source", "document__destination", "item__unit")
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("number", "remark")),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        ChoiceFilter("approval", gettext_lazy("Approval"), choices=Approval),
        ChoiceFilter("received", gettext_lazy("Arrival"), choices=Progress),
        ChoiceFilter("source", gettext_lazy("From warehouse"), "source_id", choices=_warehouses),
        ChoiceFilter("destination", gettext_lazy("To warehouse"), "destination_id", choices=_warehouses),
        FlagFilter("urgent", gettext_lazy("Urgent"), when=Q(urgent=True)),
        FlagFilter("way", pgettext_lazy("transfer", "Under way"), when=Q(approval="approved", closing="open")),
    )
    presets = (
        Preset("way", pgettext_lazy("transfer", "Under way"), "way=1"),
        Preset("ask", gettext_lazy("To ship"), "approval=submitted", need=True),
        Preset("draft", gettext_lazy("Drafts"), "approval=draft"),
        Preset("urgent", gettext_lazy("Urgent"), "urgent=1"),
    )
    default_sort = ("-doc_date", "-number")

    def rows(self) -> QuerySet[Transfer]:
        return Transfer.objects.select_related("source", "destination")

    def row_mark(self, row: Any) -> str:
        if self.by_lines or not row.is_approved or row.closing != Closing.OPEN:
            return super().row_mark(row)
        return "need" if row.expected_date < clock.today() else ""

    def actions(self) -> Sequence[Action]:
        if not self.may(EDIT):
            return ()
        return (Action(_("New transfer"), reverse("staff:transfer_new"), icon="plus", look="primary"),)

    def empty(self) -> Empty:
        text = _(
            "Goods that go from one warehouse to another; on the way they belong to neither, and are not for sale."
        )
        return Empty(_("No transfers yet"), text, tuple(self.actions()))


class ArrivalList(CostList):
    key = "inventory.transfer_receipt"
    title = ArrivalPaper.plural
    permission = VIEW
    export_permission = _EXPORT
    costly = frozenset({"total_value", "lost_value"})
    columns = (
        NUMBER,
        DAY,
        Column(
            "transfer",
            gettext_lazy("Transfer"),
            value="transfer.number",
            sort="transfer__number",
            url=lambda row: document_address(Transfer.DOC_TYPE, row.transfer.number),
        ),
        Column("warehouse", gettext_lazy("Warehouse"), value="warehouse.name", sort="warehouse__code"),
        WORTH,
        Column("lost_value", gettext_lazy("Value lost"), "money", sort=True, total="lost_value", phone="meta"),
        APPROVAL,
        MADE_BY,
    )
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("number", "transfer__number", "remark")),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        ChoiceFilter("approval", gettext_lazy("Approval"), choices=Approval),
        ChoiceFilter("warehouse", gettext_lazy("Warehouse"), "warehouse_id", choices=_warehouses),
        FlagFilter("lost", gettext_lazy("With losses"), when=Q(lost_value__gt=0)),
    )
    default_sort = ("-doc_date", "-number")

    def rows(self) -> QuerySet[TransferReceipt]:
        return TransferReceipt.objects.select_related("transfer", "warehouse")

    def row_url(self, row: Any) -> str:
        return reverse("staff:transfer_receipt_detail", kwargs={"number": row.number})

    def empty(self) -> Empty:
        return Empty(_("No transfer has arrived yet"), _("Receive a transfer from its own page."), ())


urlpatterns = [
    *TRANSFERS.patterns("transfers", TransferList),
    path("transfers/<str:number>/request/", submit, name="transfer_request"),
    path("transfers/<str:number>/request/undo/", withdraw, name="transfer_withdrawal"),
    path("transfers/<str:number>/receiving/", receive, name="transfer_receiving"),
    *ARRIVALS.patterns("transfer-receipts", ArrivalList, entry=False),
]
