"""Purchase returns: lines of booked receipts that go back, written, booked, taken back; the debit note follows by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from backend.kernel.document import Approval
from backend.purchasing.models import (
    Inspection,
    PurchaseReceipt,
    PurchaseReceiptLine,
    PurchaseReturn,
    ReturnOutcome,
    ReturnReason,
)
from backend.purchasing.selectors import receipts as receipt_reads
from backend.purchasing.selectors import returns as reads
from backend.purchasing.selectors.inspections import inspection_for
from backend.purchasing.services import returns
from backend.purchasing.services.inputs import ReturnData, ReturnLineInput
from portals.staff.purchasing.words import item_cell, made, sums, supplier_fact
from portals.staff.shared.dialogs import Dialog
from portals.staff.shared.forms import StaffForm
from portals.staff.shared.kit import Kit
from portals.staff.shared.lists import PRICES
from portals.staff.shared.rail import rail_of
from portals.staff.shared.return_entry import ReturnEntry, row_of
from portals.ui import formats
from portals.ui.chips import chip
from portals.ui.components import Action, Banner, Crumb, Fact
from portals.ui.documents import Cell, DocumentSheet, Line, LineColumn, draw
from portals.ui.forms import DateInput
from portals.ui.guards import staff_view
from portals.ui.line_grid import GridColumn, LineGrid
from portals.ui.navigation import document_address

EDIT = "purchasing.return.edit"


class ReturnForm(StaffForm):
    """What is keyed about a return beside its lines."""

    doc_date = forms.DateField(label=gettext_lazy("Date"), widget=DateInput())
    outcome = forms.ChoiceField(label=gettext_lazy("For"), choices=ReturnOutcome.choices)
    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=ReturnReason.choices)
    supplier_ref = forms.CharField(label=gettext_lazy("Supplier's number"), max_length=60, required=False)
    remark = forms.CharField(label=gettext_lazy("Remarks"), required=False)


# --- page ------------------------------------------------------------------------------------------------
def _crumbs() -> list[Crumb]:
    return [Crumb(_("Purchasing")), Crumb(_("Purchase returns"), RETURN.list_url)]


def columns_of(prices: bool, cost: bool) -> list[LineColumn]:
    columns = [
        LineColumn("item", _("Item"), "item"),
        LineColumn("receipt", _("Receipt of goods")),
        LineColumn("lot", _("Lot")),
        LineColumn("reason", _("Reason")),
        LineColumn("qty", _("Quantity"), "qty", strong=True),
    ]
    if prices:
        columns += [
            LineColumn("price", _("Price incl. tax"), "price"),
            LineColumn("gross", _("Total incl. tax"), "money", strong=True),
        ]
    if cost:
        columns.append(LineColumn("cost", _("Cost"), "money", phone="hide"))
    return [*columns, LineColumn("debit", _("Debited"), "qty", phone="hide")]


def line_of(line: Any, actor: Any) -> Line:
    url = (
        document_address(PurchaseReceipt.DOC_TYPE, line.receipt_number) if actor.may("purchasing.receipt.view") else ""
    )
    cells = {
        "item": item_cell(line, actor),
        "receipt": Cell(line.receipt_number, line.order_number, url=url),
        "lot": line.lot.lot_no if line.lot else "–",
        "reason": Cell(line.get_reason_display(), line.note),
        "qty": Cell(line.qty, unit=line.item.unit),
        "price": line.tax_incl_price,
        "gross": line.gross_amount,
        "cost": line.cost_amount or None,
        "debit": line.debit_qty or None,
    }
    return Line(line.line_no, cells)


def _steps(document: PurchaseReturn, actor: Any) -> dict[str, Any]:
    primary, secondary, more = None, [], []
    if document.is_draft:
        if actor.may("purchasing.return.approve"):
            primary = RETURN.post(_("Send the goods back"), "approval", document, "check", "primary")
        if actor.may(EDIT):
            secondary.append(Action(_("Edit"), RETURN.url("edit", document), icon="edit"))
            more.append(Action(_("Void"), icon="ban", dialog="void", look="danger"))
    elif document.is_approved and actor.may("purchasing.return.unapprove"):
        more.append(Action(_("Unapprove"), icon="arrow-back-up", dialog="unapprove"))
    return {"primary": primary, "secondary": secondary, "more": [*more, *RETURN.printing(document)]}


def _banner(document: PurchaseReturn) -> Banner | None:
    if document.is_draft:
        words = _("Stock, order and books do not know of it.")
        return Banner(_("Not booked yet."), words, look="info", icon="info")
    if document.is_approved and document.outcome == ReturnOutcome.REPLACEMENT:
        return Banner(_("To be replaced."), _("The order expects the goods again."), look="info", icon="info")
    return None


def draw_return(request: HttpRequest, document: PurchaseReturn, error: Any = None) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    lines = list(document.lines.all())
    sheet = DocumentSheet(
        number=document.number,
        title=_("Purchase return"),
        chips=[chip("approval", document.approval)],
        crumbs=_crumbs(),
        print_url=RETURN.url("print", document),
        banner=_banner(document),
        facts=[
            supplier_fact(document.supplier, actor),
            Fact(_("Date"), formats.day(document.doc_date), made(document), numeric=True),
            Fact(_("Warehouse"), str(document.warehouse)),
            Fact(_("For"), document.get_outcome_display()),
            Fact(_("Supplier's number"), document.supplier_ref or "–"),
        ],
        columns=columns_of(actor.may(PRICES), actor.may("catalog.cost.view")),
        lines=[line_of(line, actor) for line in lines],
        totals=sums(document, lines, actor),
        remark=document.remark,
        error=error,
        **_steps(document, actor),
        **rail_of(request, document, partner="supplier", voucher_note=_("made on booking")),
    )
    return draw(request, sheet, template="staff/document.html", dialogs=_dialogs(request, document))


RETURN = Kit("purchase_return", "return_id", reads.return_for, draw_return)


def _dialogs(request: HttpRequest, document: PurchaseReturn) -> list[Dialog]:
    words = _("Stock, voucher and debit note are reversed; the goods are here again.")
    return [
        RETURN.ask(request, "void", _("Void the return"), "voiding", document, _("Void"), required=False, danger=True),
        RETURN.ask(request, "unapprove", _("Take the return back"), "unapproval", document, _("Unapprove"), text=words),
    ]


# --- entry -----------------------------------------------------------------------------------------------
COLUMNS = (
    GridColumn("receipt", gettext_lazy("Receipt of goods"), out=True),
    GridColumn("item", gettext_lazy("Item"), out=True, size="w-xl"),
    GridColumn("lot", gettext_lazy("Lot"), out=True),
    GridColumn("unit", gettext_lazy("Unit"), out=True),
    GridColumn("left", gettext_lazy("Still here"), out=True, numeric=True),
    GridColumn("qty", pgettext_lazy("return", "Goes back"), "qty", strong=True),
    GridColumn("note", gettext_lazy("Note")),
)
ENTRY = ReturnEntry(
    kit=RETURN,
    form=ReturnForm,
    columns=COLUMNS,
    line=ReturnLineInput,
    data=ReturnData,
    save=returns.save_return,
    title=gettext_lazy("New purchase return"),
    nothing=(gettext_lazy("Nothing goes back."), gettext_lazy("Type how much of a line goes back.")),
    first={"outcome": ReturnOutcome.CREDIT, "reason": ReturnReason.QUALITY},
)


def _lines(receipts: Sequence[PurchaseReceipt]) -> list[PurchaseReceiptLine]:
    return reads.lines_to_return([receipt.pk for receipt in receipts])


@dataclass(frozen=True)
class Proposed:
    """What a new return begins with for a line of a receipt."""

    qty: Decimal
    note: str


def rejected_of(inspection: Inspection) -> dict[UUID, Proposed]:
    """What an inspection rejected, by the line of the receipt it came with."""
    found: dict[UUID, Proposed] = {}
    for line in inspection.lines.all():
        if line.rejected_qty:
            before = found.get(line.receipt_line_id)
            qty = line.rejected_qty + (before.qty if before else 0)
            found[line.receipt_line_id] = Proposed(qty, (before.note if before else "") or line.reason)
    return found


def _grid(
    lines: Sequence[PurchaseReceiptLine], document: PurchaseReturn | None, proposed: Mapping[UUID, Proposed]
) -> LineGrid:
    on_it: Mapping[UUID, Any] = {line.receipt_line_id: line for line in document.lines.all()} if document else proposed
    rows = []
    for line in lines:
        before, most = on_it.get(line.pk), line.returnable  # type: ignore[attr-defined]
        rows.append(row_of(line, "receipt", min(before.qty, most) if before else "", before.note if before else ""))
    return ENTRY.grid(rows)


def _entry(
    request: HttpRequest,
    receipts: Sequence[PurchaseReceipt],
    document: PurchaseReturn | None,
    proposed: Mapping[UUID, Proposed] | None = None,
) -> HttpResponse:
    grid = _grid(_lines(receipts), document, proposed or {})
    return ENTRY.draw(request, document, grid, partner=receipts[0].supplier, crumbs=_crumbs())


@staff_view(EDIT)
def return_new(request: HttpRequest) -> HttpResponse:
    """A return of the receipts named in the address, or of what an inspection rejected; without any, choose one."""
    actor = request.actor  # type: ignore[attr-defined]
    if request.GET.get("inspection") and actor.may("purchasing.inspection.view"):
        inspection = inspection_for(actor, request.GET["inspection"])
        return _entry(request, [inspection.receipt], None, rejected_of(inspection))
    numbers = [number for number in ",".join(request.GET.getlist("receipt")).split(",") if number]
    if numbers:
        found = [receipt_reads.receipt_for(actor, number) for number in numbers[:10]]
        return _entry(request, found, None)
    rows = receipt_reads.receipts_visible_to(actor).filter(approval=Approval.APPROVED)[:50]
    return render(request, "staff/purchasing/return_choose.html", {"rows": rows, "crumbs": _crumbs()})


@staff_view(EDIT)
def return_edit(request: HttpRequest, number: str) -> HttpResponse:
    document = reads.return_for(request.actor, number)  # type: ignore[attr-defined]
    if not document.is_draft:
        messages.warning(request, _("%(number)s is not a draft any more.") % {"number": number})
        return HttpResponseRedirect(RETURN.url("detail", document))
    ids = {line.receipt_line.document_id for line in document.lines.all()}
    receipts = list(PurchaseReceipt.objects.select_related("supplier").filter(pk__in=ids).order_by("number"))
    return _entry(request, receipts, document)


return_detail = RETURN.detail("purchasing.return.view")
return_approve = RETURN.step(
    "purchasing.return.approve",
    returns.approve_return,
    gettext_lazy("Booked: the goods are on their way back."),
    seen=True,
)
return_unapprove = RETURN.step(
    "purchasing.return.unapprove", returns.unapprove_return, gettext_lazy("Taken back."), reason=True
)
return_void = RETURN.step(EDIT, returns.void_return, gettext_lazy("Voided."), reason=True)
