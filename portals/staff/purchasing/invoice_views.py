"""Purchase invoices: over receipts, an agreed statement or orders whose goods have not come; compared, approved."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import DecimalField, ExpressionWrapper, F, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backend.invoicing import matching
from backend.invoicing.models import InvoiceKind, MatchState, PurchaseInvoice, PurchaseInvoiceLine
from backend.invoicing.selectors import ahead_of_goods, document_for
from backend.invoicing.services import notes, purchase_invoices
from backend.invoicing.services.drafts import InvoiceData, InvoiceLineInput
from backend.kernel import clock
from backend.kernel.currency import column_at_home
from backend.kernel.document import Approval, Progress
from backend.kernel.errors import Refusal, ValidationRefused
from backend.kernel.money import total
from backend.parties.models import Party
from backend.processes import procure_to_pay
from backend.purchasing.selectors.orders import lines_to_invoice_ahead
from backend.purchasing.selectors.receipts import receipts_visible_to
from portals.staff.purchasing.entry import supplier_of
from portals.staff.purchasing.forms import InvoiceForm
from portals.staff.purchasing.words import item_cell, supplier_fact, symbol
from portals.staff.sales.entry import day_of, uuid_of
from portals.staff.sales.invoice_tables import settled_chip, taken_over
from portals.staff.shared.acting import version_of, who_and_when
from portals.staff.shared.currency import figures_words
from portals.staff.shared.dialogs import Dialog
from portals.staff.shared.forms import put_on
from portals.staff.shared.grids import kept
from portals.staff.shared.kit import Kit
from portals.staff.shared.quantities import number_of
from portals.staff.shared.rail import rail_of
from portals.ui import formats, matched
from portals.ui.chips import Chip, chip
from portals.ui.components import Action, Banner, Crumb, Fact, Total
from portals.ui.documents import Cell, DocumentSheet, Line, LineColumn, draw
from portals.ui.errors import block_of
from portals.ui.guards import staff_view
from portals.ui.line_grid import GridColumn, GridRow, LineGrid, read_lines
from portals.ui.navigation import document_address

EDIT = "invoicing.purchase_invoice.edit"
ACCEPT = "invoicing.purchase_invoice.accept_difference"


# --- page ------------------------------------------------------------------------------------------------
def _by_order(line: PurchaseInvoiceLine) -> str:
    """What order and receipt come to, where the invoice says something else."""
    booked = line.source_net + line.source_tax
    if not line.source_line_id or booked == line.gross_amount:
        return ""
    return _("by order %(amount)s") % {"amount": formats.money(booked)}


def line_of(line: PurchaseInvoiceLine, actor: Any, coming: Mapping[UUID, Decimal] = MappingProxyType({})) -> Line:
    """``coming`` = what has not come yet of lines that were invoiced before their goods."""
    right = "purchasing.order.view" if line.is_ahead else "purchasing.receipt.view"
    url = document_address(line.source_type, line.source_number) if actor.may(right) else ""
    order = _before_goods(line, coming) if line.is_ahead else line.order_number
    differs = " · ".join(matched.in_words(found, line.item.unit) for found in line.difference)
    cells = {
        "item": item_cell(line, actor),
        "source": Cell(line.source_number or "–", order, url=url),
        "qty": Cell(line.qty, unit=line.item.unit),
        "price": Cell(line.tax_incl_price, _("%(rate)s tax") % {"rate": formats.percent(line.tax_rate)}),
        "rate": line.tax_rate,
        "gross": Cell(line.gross_amount, _by_order(line)),
        "match": Cell(
            chip("matching", line.match_state).label, differs, signal=bool(differs), sub_signal=bool(differs)
        ),
    }
    return Line(line.line_no, cells)


def _before_goods(line: PurchaseInvoiceLine, coming: Mapping[UUID, Decimal]) -> str:
    if line.pk in coming:
        return _("before the goods, %(qty)s to come") % {"qty": formats.qty(coming[line.pk])}
    return _("before the goods")


_VERBS = {"hold": gettext_lazy("found differences")}
PAGE_COLUMNS = (
    LineColumn("item", gettext_lazy("Item"), "item"),
    LineColumn("source", gettext_lazy("Receipt and order")),
    LineColumn("qty", gettext_lazy("Quantity"), "qty", strong=True),
    LineColumn("price", gettext_lazy("Price incl. tax"), "price"),
    LineColumn("gross", gettext_lazy("Total incl. tax"), "money", strong=True),
    LineColumn("match", gettext_lazy("Three-way match"), phone="full wr"),
)
PRINT_COLUMNS = (
    *PAGE_COLUMNS[:4],
    LineColumn("rate", gettext_lazy("Tax rate"), "percent"),
    PAGE_COLUMNS[4],
)


def _chips(invoice: PurchaseInvoice) -> list[Chip]:
    found = [chip("approval", invoice.approval), chip("matching", invoice.match_state)]
    settled = settled_chip(invoice)  # type: ignore[arg-type]
    return [*found, settled] if settled else found


def _banner(invoice: PurchaseInvoice) -> Banner | None:
    if invoice.is_bare:
        return taken_over(invoice)
    if invoice.match_state == MatchState.DISCREPANCY and not invoice.is_approved:
        words = (
            _("The lines say by how much. Correct them, ask the supplier, or have somebody with the right accept it.")
            if _acceptable(invoice)
            else _("More than was received cannot be accepted: correct the lines, or receive the rest first.")
        )
        return Banner(_("It differs from order and receipt."), words, icon="alert-triangle")
    days = (clock.today() - invoice.due_date).days
    if invoice.is_approved and invoice.settled != Progress.FULL and days > 0 and not invoice.is_note:
        words = _("%(amount)s is open.") % {"amount": formats.money(invoice.open_amount)}
        return Banner(
            ngettext("%(days)s day overdue.", "%(days)s days overdue.", days) % {"days": days},
            words,
            look="bad",
            icon="calendar-time",
        )
    if invoice.submitted_by_supplier and invoice.is_draft:
        return Banner(_("Sent by the supplier."), _("Check it and approve it."), look="info", icon="info")
    return None


def _acceptable(invoice: PurchaseInvoice) -> bool:
    """Whether all that differs is a price or a tax rate: more than was received is never accepted."""
    kinds = {found["kind"] for line in invoice.lines.all() for found in line.difference}
    return kinds <= matching.ACCEPTABLE


def _steps(invoice: PurchaseInvoice, actor: Any) -> dict[str, Any]:
    primary, secondary, more = None, [], []
    if invoice.approval in {Approval.DRAFT, Approval.SUBMITTED, Approval.REJECTED}:
        differs = invoice.match_state == MatchState.DISCREPANCY
        if actor.may("invoicing.purchase_invoice.approve"):
            primary = INVOICE.post(_("Approve"), "approval", invoice, "check", "primary")
            if differs and actor.may(ACCEPT) and _acceptable(invoice):
                more.append(replace(primary, look=""))
                primary = Action(_("Accept the differences…"), icon="copy-check", dialog="accept", look="primary")
        if actor.may(EDIT):
            if not invoice.is_note:
                secondary.append(Action(_("Edit"), INVOICE.url("edit", invoice), icon="edit"))
            more.append(Action(_("Void"), icon="ban", dialog="void", look="danger"))
    elif invoice.is_approved and invoice.is_note:
        if invoice.open_amount and actor.may("invoicing.payment.edit"):
            primary = INVOICE.post(_("Set off against invoices"), "set_off", invoice, "link", "primary")
    elif invoice.is_approved:
        if invoice.settled != Progress.FULL and actor.may("invoicing.payment.edit"):
            url = f"{reverse('staff:payment_new')}?supplier={invoice.supplier_id}&invoice={invoice.number}"
            primary = Action(_("Record a payment"), url, icon="report-money", look="primary")
        if not invoice.is_bare and actor.may(EDIT):
            more.append(Action(_("Allowance of the supplier…"), INVOICE.url("allowance", invoice), icon="percentage"))
        if not invoice.is_bare and actor.may("invoicing.purchase_invoice.unapprove"):
            more.append(Action(_("Unapprove"), icon="arrow-back-up", dialog="unapprove"))
    return {"primary": primary, "secondary": secondary, "more": [*more, *INVOICE.printing(invoice)]}


def _facts(invoice: PurchaseInvoice, actor: Any) -> list[Fact]:
    statement = invoice.statement
    paid = _("paid %(amount)s") % {"amount": formats.money(invoice.settled_amount)}
    found = [
        supplier_fact(invoice.supplier, actor, figures_words(invoice, invoice.supplier)),
        Fact(_("Tax invoice"), invoice.external_no or "–", invoice.kind_label, numeric=True),
        Fact(_("Date"), formats.day(invoice.doc_date), invoice.created_by_name, numeric=True),
        Fact(_("Due"), formats.day(invoice.due_date), numeric=True),
        Fact(_("Open amount"), formats.money(invoice.open_amount), paid, numeric=True),
    ]
    if statement is not None:
        found.append(
            Fact(
                _("Statement of account"), statement.number, "", document_address(statement.DOC_TYPE, statement.number)
            )
        )
    return found


def draw_invoice(request: HttpRequest, invoice: PurchaseInvoice, error: Any = None) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    lines = sorted(invoice.lines.all(), key=lambda line: line.line_no)
    coming = _coming(invoice, lines)
    sheet = DocumentSheet(
        number=invoice.number,
        title=_("Debit note") if invoice.is_note else _("Purchase invoice"),
        chips=_chips(invoice),
        crumbs=[Crumb(_("Purchasing")), Crumb(_("Purchase invoices"), INVOICE.list_url)],
        print_url=INVOICE.url("print", invoice),
        banner=_banner(invoice) or _waits(coming),
        facts=_facts(invoice, actor),
        columns=PAGE_COLUMNS,
        lines_empty=_("A debt without goods has no lines."),
        lines=[line_of(line, actor, coming) for line in lines],
        totals=[
            Total(_("Quantity in all"), formats.qty(total(line.qty for line in lines))),
            Total(_("Net"), formats.money(invoice.net_amount)),
            Total(_("Tax"), formats.money(invoice.tax_amount)),
            Total(_("Total incl. tax"), f"{symbol(invoice.currency)}{formats.money(invoice.gross_amount)}", grand=True),
        ],
        remark=invoice.remark,
        amount_in_words=invoice.gross_amount,
        error=error,
        **_steps(invoice, actor),
        **rail_of(request, invoice, partner="supplier", verbs=_VERBS, voucher_note=_("made on approval")),
    )
    return draw(request, sheet, template="staff/document.html", dialogs=_dialogs(request, invoice))


def _coming(invoice: PurchaseInvoice, lines: Sequence[PurchaseInvoiceLine]) -> dict[UUID, Decimal]:
    """What has not come of the lines that were invoiced before their goods; nothing is read where there are none."""
    if not any(line.is_ahead for line in lines):
        return {}
    return {line.pk: line.qty - line.arrived for line in ahead_of_goods().filter(document=invoice)}  # type: ignore[attr-defined]


def _waits(coming: Mapping[UUID, Decimal]) -> Banner | None:
    if not coming:
        return None
    words = _("They are in transit in the books until they are received; the lines say how much is to come.")
    return Banner(_("Its goods have not all come."), words, look="info", icon="truck-loading")


def _load(actor: Any, number: str) -> PurchaseInvoice:
    found: PurchaseInvoice = document_for(PurchaseInvoice, actor, number)
    return found


INVOICE = Kit("purchase_invoice", "invoice_id", _load, draw_invoice)


def _dialogs(request: HttpRequest, invoice: PurchaseInvoice) -> list[Dialog]:
    words = _("The payable is closed and the voucher reversed.")
    accept = Dialog(
        "accept",
        _("Accept the differences"),
        INVOICE.url("acceptance", invoice),
        _("Accept and approve"),
        (),
        _(
            "The invoice is approved as it stands; the difference in price goes to the cost of the goods, "
            "and your name stands with it."
        ),
        {"version": invoice.version},
    )
    return [
        INVOICE.ask(request, "void", _("Void the invoice"), "voiding", invoice, _("Void"), required=False, danger=True),
        INVOICE.ask(
            request, "unapprove", _("Take the invoice back"), "unapproval", invoice, _("Unapprove"), text=words
        ),
        accept,
    ]


# --- made from receipts, or from orders before their goods come ------------------------------------------------
def _ahead(actor: Any, supplier: Party | None) -> list[Any]:
    """Orders of a supplier whose goods have not all come, else the suppliers that have some; with what that comes to."""
    lines: Any = lines_to_invoice_ahead(actor).order_by()
    part = F("gross_amount") * F("to_invoice") / (F("qty") - F("cancelled_qty"))
    worth = Sum(column_at_home(ExpressionWrapper(part, DecimalField()), "document__"))
    if supplier is None:
        names = {"pk": F("document__supplier_id"), "name": F("document__supplier__name")}
        return list(lines.values(**names).annotate(amount=worth).order_by(F("amount").desc(nulls_last=True))[:100])
    rows = lines.filter(document__supplier=supplier).values("document_id", "document__number", "document__doc_date")
    return list(rows.annotate(amount=worth).order_by("document__doc_date", "document__number")[:200])


def _to_invoice(actor: Any, supplier: Party | None) -> list[Any]:
    found = receipts_visible_to(actor).filter(approval="approved").exclude(invoiced="full").order_by()
    if supplier is None:
        rows = found.values("supplier_id", "supplier__name").annotate(amount=Sum("gross_amount"))
        return list(rows.order_by("-amount")[:100])
    return list(found.filter(supplier=supplier).order_by("doc_date", "number")[:200])


def _make(request: HttpRequest, receipts: Sequence[Any], orders: Sequence[Any]) -> PurchaseInvoice:
    """A draft over the receipts and orders that were ticked; raises a refusal."""
    receipt_ids = [row.pk for row in receipts if str(row.pk) in request.POST.getlist("receipt")]
    order_ids = [row["document_id"] for row in orders if str(row["document_id"]) in request.POST.getlist("order")]
    if not receipt_ids and not order_ids:
        raise ValidationRefused(_("Choose at least one receipt or order."), field="receipt")
    kind = request.POST.get("invoice_kind", "")
    shared: dict[str, Any] = {
        "receipt_ids": receipt_ids,
        "external_no": request.POST.get("external_no", "").strip()[:40],
        "invoice_kind": kind if kind in InvoiceKind.values else InvoiceKind.SPECIAL,
        "doc_date": day_of(request.POST.get("doc_date", "")),
        **who_and_when(request),
    }
    if order_ids:
        return procure_to_pay.invoice_orders(order_ids=order_ids, **shared)
    return procure_to_pay.invoice_receipts(**shared)


@staff_view(EDIT)
def invoice_new(request: HttpRequest) -> HttpResponse:
    """A draft over the receipts and orders that are chosen; without a supplier, choose one first."""
    supplier = supplier_of(request.POST.get("supplier", "") or request.GET.get("supplier", ""))
    rows, ahead = (read(request.actor, supplier) for read in (_to_invoice, _ahead))  # type: ignore[attr-defined]
    error, status = None, 200
    chosen = {*request.POST.getlist("receipt"), *request.POST.getlist("order")}
    if request.method == "POST" and supplier is not None:
        try:
            made = _make(request, rows, ahead)
        except Refusal as refusal:
            error, status = block_of(refusal), refusal.status
        else:
            messages.success(request, _("A draft invoice: check it, then approve it."))
            return HttpResponseRedirect(INVOICE.url("detail", made))
    elif supplier is not None:
        asked, order = request.GET.get("receipt", ""), request.GET.get("order", "")
        chosen = {str(row.pk) for row in rows if not order and (not asked or row.number == asked)}
        chosen |= {str(row["document_id"]) for row in ahead if row["document__number"] == order}
    context = {
        "supplier": supplier,
        "rows": rows,
        "ahead": ahead,
        "chosen": chosen,
        "kinds": InvoiceKind.choices,
        "today": clock.today(),
        "error": error,
        "crumbs": [Crumb(_("Purchasing")), Crumb(_("Purchase invoices"), INVOICE.list_url)],
    }
    return render(request, "staff/purchasing/invoice_new.html", context, status=status)


# --- correcting a draft ----------------------------------------------------------------------------------------
COLUMNS = (
    GridColumn("source", gettext_lazy("Receipt of goods"), out=True),
    GridColumn("item", gettext_lazy("Item"), out=True, size="w-xl"),
    GridColumn("unit", gettext_lazy("Unit"), out=True),
    GridColumn("qty", gettext_lazy("Quantity"), "qty", strong=True),
    GridColumn("price", gettext_lazy("Price incl. tax"), "price"),
    GridColumn("tax_rate", gettext_lazy("Tax %"), "percent"),
    GridColumn("gross", gettext_lazy("Total now"), out=True, numeric=True),
)
_TYPED = ("qty", "price", "tax_rate")


def _grid(lines: Sequence[PurchaseInvoiceLine]) -> LineGrid:
    rows = [
        GridRow(
            {
                "id": str(line.pk),
                "source": line.source_number or "–",
                "item": f"{line.item.name} {line.item.spec}".strip(),
                "unit": str(line.item.unit),
                "qty": line.qty,
                "price": line.tax_incl_price,
                "tax_rate": line.tax_rate,
                "gross": formats.money(line.gross_amount),
            }
        )
        for line in lines
    ]
    return LineGrid(COLUMNS, rows=rows, fixed=True)


def _inputs(request: HttpRequest, lines: Sequence[PurchaseInvoiceLine]) -> list[InvoiceLineInput]:
    known = {line.pk: line for line in lines}
    problems: list[Refusal] = []
    found = []
    for keyed in read_lines(request.POST, COLUMNS):
        line_id = uuid_of(keyed.text("id"))
        line = known.get(line_id) if line_id else None
        numbers = {key: number_of(keyed, key, problems) for key in _TYPED}
        if line is None or not numbers["qty"]:
            continue
        found.append(
            InvoiceLineInput(
                item_id=line.item_id,
                qty=numbers["qty"],
                price=numbers["price"],
                discount_pct=line.discount_pct,
                tax_rate=line.tax_rate if numbers["tax_rate"] is None else numbers["tax_rate"],
                description=line.description,
                source_type=line.source_type,
                source_line_id=line.source_line_id,
            )
        )
    if problems:
        raise Refusal.many(problems)
    if not found:
        raise ValidationRefused(_("Nothing is on the invoice."), field="lines", way_out=_("Void it instead."))
    return found


@staff_view(EDIT)
def invoice_edit(request: HttpRequest, number: str) -> HttpResponse:
    """Correct a draft by the paper: number, dates, quantities, prices and tax rates."""
    invoice = _load(request.actor, number)  # type: ignore[attr-defined]
    lines = sorted(invoice.lines.all(), key=lambda line: line.line_no)
    grid, error, status = _grid(lines), None, 200
    if request.method == "POST":
        form, refusal, status = InvoiceForm(request.POST), None, 400
        if form.is_valid():
            try:
                data = InvoiceData(party_id=invoice.supplier_id, lines=_inputs(request, lines), **form.cleaned_data)
                purchase_invoices.save_invoice(
                    data=data, invoice_id=invoice.pk, version=version_of(request), **who_and_when(request)
                )
            except Refusal as caught:
                refusal, error, status = caught, put_on(form, caught), caught.status
            else:
                messages.success(request, _("%(number)s is saved.") % {"number": number})
                return HttpResponseRedirect(INVOICE.url("detail", invoice))
        grid = kept(grid, request.POST, refusal, _TYPED)
    else:
        names = ("doc_date", "due_date", "invoice_kind", "external_no", "remark")
        form = InvoiceForm(initial={name: getattr(invoice, name) for name in names})
    context = {
        "form": form,
        "grid": grid,
        "error": error,
        "invoice": invoice,
        "version": request.POST.get("version") or invoice.version,
        "crumbs": [Crumb(_("Purchase invoices"), INVOICE.list_url), Crumb(number, INVOICE.url("detail", invoice))],
        "cancel_url": INVOICE.url("detail", invoice),
    }
    return render(request, "staff/purchasing/invoice_form.html", context, status=status)


invoice_detail = INVOICE.detail("invoicing.purchase_invoice.view")
_APPROVED = gettext_lazy("Approved: the payable is open.")
invoice_approve = INVOICE.step(
    "invoicing.purchase_invoice.approve", purchase_invoices.approve_invoice, _APPROVED, seen=True
)
invoice_accept = INVOICE.step(
    ACCEPT, purchase_invoices.approve_invoice, _APPROVED, given={"accept_differences": True}, seen=True
)
invoice_unapprove = INVOICE.step(
    "invoicing.purchase_invoice.unapprove",
    purchase_invoices.unapprove_invoice,
    gettext_lazy("Taken back."),
    reason=True,
)
invoice_set_off = INVOICE.step(
    "invoicing.payment.edit",
    notes.set_off_debit_note,
    gettext_lazy("Set off; the rest stays open."),
)
invoice_void = INVOICE.step(EDIT, purchase_invoices.void_invoice, gettext_lazy("Voided."), reason=True)
