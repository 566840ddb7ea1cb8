"""Receipts of goods on the pages of the staff: keyed from an order, booked, taken back, invoiced."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST

from backend.kernel import clock
from backend.kernel.document import Progress
from backend.kernel.errors import Refusal, ValidationRefused
from backend.kernel.money import ZERO
from backend.processes import procure_to_pay
from backend.purchasing.models import PurchaseOrder, PurchaseOrderLine, PurchaseReceipt
from backend.purchasing.selectors import asns as asn_reads
from backend.purchasing.selectors import orders as order_reads
from backend.purchasing.selectors import receipts as receipt_reads
from backend.purchasing.services import receipts, taking_back
from backend.purchasing.services.inputs import ReceiptData, ReceiptLineInput
from portals.staff.purchasing.forms import ReceiptForm
from portals.staff.purchasing.words import item_cell, made, sums, supplier_fact
from portals.staff.sales.entry import day_of, uuid_of
from portals.staff.shared.acting import version_of, who_and_when
from portals.staff.shared.currency import figures_words
from portals.staff.shared.dialogs import Dialog
from portals.staff.shared.grids import kept
from portals.staff.shared.kit import Kit
from portals.staff.shared.lists import PRICES
from portals.staff.shared.quantities import counted_quantity, counted_words, ordered_units
from portals.staff.shared.rail import rail_of
from portals.ui import formats
from portals.ui.chips import chip
from portals.ui.components import Action, Banner, Crumb, Fact
from portals.ui.counted import price_cell, qty_cell
from portals.ui.documents import Cell, DocumentSheet, Line, LineColumn, draw
from portals.ui.errors import block_of
from portals.ui.guards import staff_view
from portals.ui.line_grid import GridColumn, GridRow, LineGrid, read_lines
from portals.ui.navigation import document_address

EDIT = "purchasing.receipt.edit"


# --- receipts ------------------------------------------------------------------------------------------------
def columns_of(prices: bool) -> list[LineColumn]:
    columns = [
        LineColumn("item", _("Item"), "item"),
        LineColumn("order", _("Purchase order")),
        LineColumn("qty", _("Quantity"), "qty", strong=True),
        LineColumn("lot", _("Lot")),
        LineColumn("expiry", _("Expires"), "date"),
    ]
    if prices:
        columns += [
            LineColumn("price", _("Price incl. tax"), "price"),
            LineColumn("gross", _("Total incl. tax"), "money", strong=True),
        ]
    return [
        *columns,
        LineColumn("invoiced", _("Invoiced"), "qty", phone="hide"),
        LineColumn("returned", _("Returned"), "qty", phone="hide"),
    ]


def line_of(line: Any, actor: Any) -> Line:
    may_order, may_lot = actor.may("purchasing.order.view"), actor.may("inventory.lot.view") and line.lot_id
    lot_url = reverse("staff:lot_detail", kwargs={"pk": line.lot_id}) if may_lot else ""
    cells = {
        "item": item_cell(line, actor),
        "order": Cell(
            line.order_number, url=document_address("purchasing.order", line.order_number) if may_order else ""
        ),
        "qty": qty_cell(line),
        "lot": Cell(
            line.lot_no or "–", line.supplier_lot_no if line.supplier_lot_no != line.lot_no else "", url=lot_url
        ),
        "expiry": line.expiry_date,
        "price": price_cell(line),
        "gross": line.gross_amount,
        "invoiced": line.invoiced_qty or None,
        "returned": line.returned_qty or None,
    }
    return Line(line.line_no, cells)


def _receipt_steps(receipt: PurchaseReceipt, actor: Any) -> dict[str, Any]:
    primary, secondary, more = None, [], []
    if receipt.is_draft:
        if actor.may("purchasing.receipt.approve"):
            primary = RECEIPT.post(_("Book into stock"), "approval", receipt, "check", "primary")
        if actor.may(EDIT):
            secondary.append(Action(_("Edit"), RECEIPT.url("edit", receipt), icon="edit"))
            more.append(Action(_("Void"), icon="ban", dialog="void", look="danger"))
    elif receipt.is_approved:
        if receipt.invoiced != Progress.FULL and actor.may("invoicing.purchase_invoice.edit"):
            url = f"{reverse('staff:purchase_invoice_new')}?supplier={receipt.supplier_id}&receipt={receipt.number}"
            primary = Action(_("Enter the invoice"), url, icon="file-invoice", look="primary")
        if actor.may("inventory.cost.edit"):
            url = f"{reverse('staff:landed_cost_new')}?receipt={receipt.number}"
            more.append(Action(_("Add landed cost"), url, icon="calculator"))
        if actor.may("purchasing.return.edit"):
            url = f"{reverse('staff:purchase_return_new')}?receipt={receipt.number}"
            more.append(Action(_("Send goods back"), url, icon="arrow-back-up"))
        if actor.may("purchasing.receipt.unapprove"):
            more.append(Action(_("Unapprove"), icon="arrow-back-up", dialog="unapprove"))
    more.append(Action(_("Labels"), RECEIPT.url("labels", receipt), icon="qrcode", new_tab=True))
    return {"primary": primary, "secondary": secondary, "more": [*more, *RECEIPT.printing(receipt)]}


def draw_receipt(request: HttpRequest, receipt: PurchaseReceipt, error: Any = None) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    lines = list(receipt.lines.all())
    chips = [chip("approval", receipt.approval)]
    if receipt.is_approved:
        chips.append(chip("invoice", receipt.invoiced))
    notice = Cell("–")
    if receipt.asn is not None:
        notice = Cell(receipt.asn.number, url=document_address("purchasing.asn", receipt.asn.number))
    sheet = DocumentSheet(
        number=receipt.number,
        title=_("Receipt of goods"),
        chips=chips,
        crumbs=[Crumb(_("Purchasing")), Crumb(_("Receipts of goods"), RECEIPT.list_url)],
        print_url=RECEIPT.url("print", receipt),
        banner=Banner(_("Not booked yet."), _("Stock and orders do not know of it."), look="info", icon="info")
        if receipt.is_draft
        else None,
        facts=[
            supplier_fact(receipt.supplier, actor, figures_words(receipt, receipt.supplier)),
            Fact(_("Date"), formats.day(receipt.doc_date), made(receipt), numeric=True),
            Fact(_("Warehouse"), str(receipt.warehouse)),
            Fact(_("Supplier's delivery note"), receipt.supplier_note_no or "–"),
            Fact(_("Shipping notice"), notice.value, url=notice.url),
        ],
        columns=columns_of(actor.may(PRICES)),
        lines=[line_of(line, actor) for line in lines],
        totals=sums(receipt, lines, actor),
        remark=receipt.remark,
        error=error,
        **_receipt_steps(receipt, actor),
        **rail_of(request, receipt, partner="supplier", voucher_note=_("made on booking")),
    )
    return draw(request, sheet, template="staff/document.html", dialogs=_receipt_dialogs(request, receipt))


RECEIPT = Kit("purchase_receipt", "receipt_id", receipt_reads.receipt_for, draw_receipt)


def _receipt_dialogs(request: HttpRequest, receipt: PurchaseReceipt) -> list[Dialog]:
    words = _("Stock, lots and the voucher are reversed; the order waits for the goods again.")
    title = _("Take the receipt back")
    return [
        RECEIPT.ask(request, "void", _("Void the receipt"), "voiding", receipt, _("Void"), required=False, danger=True),
        RECEIPT.ask(request, "unapprove", title, "unapproval", receipt, _("Unapprove"), text=words),
    ]


# --- keying a receipt ----------------------------------------------------------------------------------------
COLUMNS = (
    GridColumn("order", pgettext_lazy("document", "Order"), out=True),
    GridColumn("item", gettext_lazy("Item"), out=True, size="w-xl"),
    GridColumn("unit", gettext_lazy("Unit"), out=True),
    GridColumn("open", gettext_lazy("To come"), out=True, numeric=True),
    GridColumn("qty", gettext_lazy("Counted"), "qty", strong=True),
    GridColumn("lot_no", gettext_lazy("Lot")),
    GridColumn("mfg_date", gettext_lazy("Made on"), "date"),
    GridColumn("expiry_date", gettext_lazy("Expires"), "date"),
)
_TYPED = ("qty", "lot_no", "mfg_date", "expiry_date")


def _grid(lines: Sequence[PurchaseOrderLine], receipt: PurchaseReceipt | None) -> LineGrid:
    counted = {line.order_line_id: line for line in receipt.lines.all()} if receipt else {}
    rows = []
    for line in lines:
        before = counted.get(line.pk)
        first = (before.qty if before else ZERO) if receipt else line.open_qty
        rows.append(
            GridRow(
                {
                    "id": str(line.pk),
                    "order": line.document.number,
                    "item": f"{line.item.code} {line.item.name} {line.item.spec}".strip(),
                    "unit": ordered_units(line),
                    "open": formats.qty(line.open_qty),
                    "qty": counted_words(line, first, before.line_qty if before else None),
                    "lot_no": before.lot_no if before else "",
                    "mfg_date": before.mfg_date.isoformat() if before and before.mfg_date else "",
                    "expiry_date": before.expiry_date.isoformat() if before and before.expiry_date else "",
                },
                short=("lot_no",) if line.item.lot_tracked and not before else (),
            )
        )
    return LineGrid(COLUMNS, rows=rows, fixed=True)


def _read(request: HttpRequest) -> tuple[ReceiptLineInput, ...]:
    problems: list[Refusal] = []
    found = []
    lines = read_lines(request.POST, COLUMNS)
    ids = [line_id for line in lines if (line_id := uuid_of(line.text("id")))]
    sources = PurchaseOrderLine.objects.select_related("item__unit", "line_unit").in_bulk(ids)
    for line in lines:
        line_id = uuid_of(line.text("id"))
        qty, count = counted_quantity(line, sources.get(line_id) if line_id else None, problems)
        if not qty or line_id is None:
            continue
        found.append(
            ReceiptLineInput(
                order_line_id=line_id,
                qty=qty,
                unit_qty=count,
                lot_no=line.text("lot_no")[:40],
                mfg_date=day_of(line.text("mfg_date")),
                expiry_date=day_of(line.text("expiry_date")),
            )
        )
    if problems:
        raise Refusal.many(problems)
    if not found:
        way = _("Type how much of a line has come.")
        raise ValidationRefused(_("Nothing is on the receipt."), field="lines", way_out=way)
    return tuple(found)


def _lines_of(orders: Sequence[PurchaseOrder], receipt: PurchaseReceipt | None) -> list[PurchaseOrderLine]:
    lines = PurchaseOrderLine.objects.filter(document__in=orders).select_related("item__unit", "line_unit", "document")
    on_it = {line.order_line_id for line in receipt.lines.all()} if receipt else set()
    found = lines.order_by("document__number", "line_no")
    return [line for line in found if line.open_qty > ZERO or line.pk in on_it]


def _entry(request: HttpRequest, orders: Sequence[PurchaseOrder], receipt: PurchaseReceipt | None) -> HttpResponse:
    grid, error, status = _grid(_lines_of(orders, receipt), receipt), None, 200
    if request.method == "POST":
        form, refusal, status = ReceiptForm(request.POST), None, 400
        if form.is_valid():
            try:
                saved = receipts.save_receipt(
                    data=ReceiptData(lines=_read(request), **form.cleaned_data),
                    receipt_id=receipt.pk if receipt else None,
                    version=version_of(request) if receipt else None,
                    **who_and_when(request),
                )
            except Refusal as caught:
                refusal, error, status = caught, block_of(caught), caught.status
            else:
                messages.success(request, _("%(number)s is saved.") % {"number": saved.number})
                return HttpResponseRedirect(RECEIPT.url("detail", saved))
        grid = kept(grid, request.POST, refusal, _TYPED)
    else:
        names = ("doc_date", "supplier_note_no", "remark")
        first = {name: getattr(receipt, name) for name in names} if receipt else {"doc_date": clock.today()}
        form = ReceiptForm(initial=first)
    context = {
        "form": form,
        "grid": grid,
        "error": error,
        "title": _("Edit %(number)s") % {"number": receipt.number} if receipt else _("New receipt of goods"),
        "supplier": orders[0].supplier,
        "version": request.POST.get("version") or (receipt.version if receipt else ""),
        "crumbs": [Crumb(_("Purchasing")), Crumb(_("Receipts of goods"), RECEIPT.list_url)],
        "cancel_url": RECEIPT.url("detail", receipt) if receipt else RECEIPT.list_url,
    }
    return render(request, "staff/purchasing/receipt_form.html", context, status=status)


@staff_view(EDIT)
def receipt_new(request: HttpRequest) -> HttpResponse:
    """A receipt over the orders named in the address; without any, choose what is coming."""
    actor = request.actor  # type: ignore[attr-defined]
    numbers = [number for number in ",".join(request.GET.getlist("order")).split(",") if number]
    if numbers:
        return _entry(request, [order_reads.order_for(actor, number) for number in numbers[:10]], None)
    orders = order_reads.orders_visible_to(actor).filter(approval="approved", closing="open").exclude(received="full")
    context = {
        "notices": list(asn_reads.asns_expected(actor)[:30]) if actor.may("purchasing.asn.view") else [],
        "orders": list(orders.order_by("requested_date", "number")[:50]),
    }
    return render(request, "staff/purchasing/receipt_choose.html", context)


@staff_view(EDIT)
def receipt_edit(request: HttpRequest, number: str) -> HttpResponse:
    receipt = receipt_reads.receipt_for(request.actor, number)  # type: ignore[attr-defined]
    if not receipt.is_draft:
        messages.warning(request, _("%(number)s is not a draft any more.") % {"number": number})
        return HttpResponseRedirect(RECEIPT.url("detail", receipt))
    ids = {line.order_line.document_id for line in receipt.lines.all()}
    orders = list(PurchaseOrder.objects.select_related("supplier").filter(pk__in=ids).order_by("number"))
    return _entry(request, orders, receipt)


@require_POST
@staff_view("invoicing.purchase_invoice.edit")
def receipt_invoice(request: HttpRequest, number: str) -> HttpResponse:
    """A draft invoice over what of the receipt is not invoiced."""
    return RECEIPT.run(
        request,
        number,
        lambda it: procure_to_pay.invoice_receipts(receipt_ids=[it.pk], **who_and_when(request)),
        _("A draft invoice: check it, then approve it."),
        lambda made: reverse("staff:purchase_invoice_detail", kwargs={"number": made.number}),
    )


receipt_detail = RECEIPT.detail("purchasing.receipt.view")
receipt_approve = RECEIPT.step(
    "purchasing.receipt.approve", receipts.approve_receipt, gettext_lazy("Booked into stock."), seen=True
)
receipt_unapprove = RECEIPT.step(
    "purchasing.receipt.unapprove", taking_back.unapprove_receipt, gettext_lazy("Taken back."), reason=True
)
receipt_void = RECEIPT.step(EDIT, receipts.void_receipt, gettext_lazy("Voided."), reason=True)
