"""Sales invoices: made from deliveries, corrected while draft, approved into receivables."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from backend.invoicing.models import InvoiceKind, SalesInvoice, SalesInvoiceLine
from backend.invoicing.selectors import sales_invoices_visible_to
from backend.invoicing.services import notes, sales_invoices
from backend.invoicing.services.drafts import InvoiceData, InvoiceLineInput
from backend.kernel import clock
from backend.kernel.document import Approval, Progress
from backend.kernel.errors import NotFoundRefused, Refusal, ValidationRefused
from backend.kernel.money import total
from backend.parties.models import Party
from backend.processes import order_to_cash
from portals.staff.sales import entry
from portals.staff.sales.invoice_tables import settled_chip, taken_over
from portals.staff.sales.order_page import symbol
from portals.staff.sales.order_views import chosen_customer
from portals.staff.sales.scope import visible_deliveries
from portals.staff.shared.acting import step, version_of, who_and_when
from portals.staff.shared.currency import figures_words
from portals.staff.shared.dialogs import Dialog, reason_dialog
from portals.staff.shared.forms import StaffForm, put_on
from portals.staff.shared.printing import other_language
from portals.staff.shared.rail import rail_of
from portals.ui import formats
from portals.ui.chips import chip
from portals.ui.components import Action, Banner, Crumb, Fact, Total
from portals.ui.counted import price_cell, qty_cell
from portals.ui.documents import Cell, DocumentSheet, Line, LineColumn, draw
from portals.ui.errors import block_of
from portals.ui.forms import DateInput
from portals.ui.guards import staff_view
from portals.ui.line_grid import GridColumn, GridRow, LineGrid, read_lines
from portals.ui.navigation import document_address

COLUMNS = (
    GridColumn("source", gettext_lazy("Delivery"), out=True),
    GridColumn("item", gettext_lazy("Item"), out=True, size="w-xl"),
    GridColumn("unit", gettext_lazy("Unit"), out=True),
    GridColumn("qty", gettext_lazy("Quantity"), "qty", strong=True),
    GridColumn("price", gettext_lazy("Price incl. tax"), "price"),
    GridColumn("gross", gettext_lazy("Total now"), out=True, numeric=True),
)


class InvoiceForm(StaffForm):
    """The head of a draft invoice."""

    doc_date = forms.DateField(label=gettext_lazy("Date"), widget=DateInput())
    due_date = forms.DateField(
        label=gettext_lazy("Due"),
        widget=DateInput(),
        required=False,
        help_text=gettext_lazy("Left empty: by the customer's terms"),
    )
    invoice_kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=InvoiceKind.choices)
    external_no = forms.CharField(label=gettext_lazy("Tax invoice number"), max_length=40, required=False)
    remark = forms.CharField(label=gettext_lazy("Remarks"), required=False)


def load_invoice(actor: Any, number: str) -> SalesInvoice:
    """The invoice, when this actor may see it; not found otherwise."""
    found = sales_invoices_visible_to(actor).filter(number=number).first()
    if found is None:
        raise NotFoundRefused(_("There is no such invoice."), value=number)
    return found


def url_of(name: str, invoice: SalesInvoice) -> str:
    return reverse(f"staff:sales_invoice_{name}", kwargs={"number": invoice.number})


def crumbs(invoice: SalesInvoice | None = None) -> list[Crumb]:
    found = [Crumb(_("Sales")), Crumb(_("Sales invoices"), reverse("staff:sales_invoice_list"))]
    return [*found, Crumb(invoice.number, url_of("detail", invoice))] if invoice else found


# --- page ------------------------------------------------------------------------------------------------
def steps(invoice: SalesInvoice, actor: Any) -> dict[str, Any]:
    primary, secondary, more = None, [], []
    fields = {"version": invoice.version}
    if invoice.approval in {Approval.DRAFT, Approval.SUBMITTED}:
        if actor.may("invoicing.sales_invoice.approve"):
            primary = Action(_("Approve"), url_of("approval", invoice), "check", "post", "primary", fields)
        if actor.may("invoicing.sales_invoice.edit"):
            if not invoice.is_note:
                secondary.append(Action(_("Edit"), url_of("edit", invoice), icon="edit"))
            more.append(Action(_("Void"), icon="ban", dialog="void", look="danger"))
    elif invoice.is_approved:
        if invoice.is_note and invoice.open_amount and actor.may("invoicing.receipt.edit"):
            primary = Action(
                _("Set off against invoices"), url_of("set_off", invoice), "link", "post", "primary", fields
            )
        elif invoice.settled != Progress.FULL and not invoice.is_note and actor.may("invoicing.receipt.edit"):
            url = f"{reverse('staff:receipt_new')}?customer={invoice.customer_id}&invoice={invoice.number}"
            primary = Action(_("Record a receipt"), url, icon="cash-banknote", look="primary")
        if invoice.transfer_id is None and actor.may("invoicing.sales_invoice.unapprove"):
            more.append(Action(_("Unapprove"), icon="arrow-back-up", dialog="unapprove"))
    more += [
        other_language(url_of("print", invoice)),
    ]
    return {"primary": primary, "secondary": secondary, "more": more}


def dialogs_of(request: HttpRequest, invoice: SalesInvoice) -> list[Dialog]:
    return [
        reason_dialog(
            request,
            "void",
            _("Void the invoice"),
            url_of("voiding", invoice),
            _("Void"),
            invoice.version,
            required=False,
            danger=True,
        ),
        reason_dialog(
            request,
            "unapprove",
            _("Take the invoice back"),
            url_of("unapproval", invoice),
            _("Unapprove"),
            invoice.version,
            text=_("The receivable is closed and the voucher reversed."),
        ),
    ]


def line_of(line: SalesInvoiceLine, actor: Any) -> Line:
    sub = " · ".join(part for part in (line.item.code, line.item.spec, line.description) if part)
    may = actor.may("sales.delivery.view" if line.source_type == "sales.delivery" else "sales.consignment.view")
    return Line(
        line.line_no,
        {
            "item": Cell(line.item.name, sub),
            "source": Cell(
                line.source_number,
                line.order_number,
                url=document_address(line.source_type, line.source_number) if may else "",
            ),
            "qty": qty_cell(line),
            "price": price_cell(line),
            "rate": line.tax_rate,
            "net": line.net_amount,
            "tax": line.tax_amount,
            "gross": line.gross_amount,
        },
    )


PAGE_COLUMNS = (
    LineColumn("item", gettext_lazy("Item"), "item"),
    LineColumn("source", gettext_lazy("Delivery")),
    LineColumn("qty", gettext_lazy("Quantity"), "qty", strong=True),
    LineColumn("price", gettext_lazy("Price incl. tax"), "price"),
    LineColumn("net", gettext_lazy("Net"), "money"),
    LineColumn("rate", gettext_lazy("Tax rate"), "percent", phone="hide"),
    LineColumn("tax", gettext_lazy("Tax"), "money"),
    LineColumn("gross", gettext_lazy("Total incl. tax"), "money", strong=True),
)


def facts_of(invoice: SalesInvoice, actor: Any) -> list[Fact]:
    url = (
        reverse("staff:customer_detail", kwargs={"pk": invoice.customer_id})
        if actor.may("parties.customer.view")
        else ""
    )
    paid = _("paid %(amount)s") % {"amount": formats.money(invoice.settled_amount)}
    return [
        Fact(_("Customer"), invoice.customer.name, figures_words(invoice, invoice.customer), url),
        Fact(_("Date"), formats.day(invoice.doc_date), invoice.created_by_name, numeric=True),
        Fact(_("Due"), formats.day(invoice.due_date), numeric=True),
        Fact(_("Open amount"), formats.money(invoice.open_amount), paid, numeric=True),
        Fact(_("Tax invoice"), invoice.external_no or "–", invoice.kind_label),
    ]


def banner_of(invoice: SalesInvoice) -> Banner | None:
    if invoice.transfer_id:
        return taken_over(invoice)
    days = (clock.today() - invoice.due_date).days
    if invoice.is_approved and invoice.settled != Progress.FULL and days > 0 and not invoice.is_note:
        words = _("%(amount)s is open.") % {"amount": formats.money(invoice.open_amount)}
        return Banner(
            ngettext("%(days)s day overdue.", "%(days)s days overdue.", days) % {"days": days},
            words,
            look="bad",
            icon="calendar-time",
        )
    return None


def sheet_of(request: HttpRequest, invoice: SalesInvoice, *, error: Any = None) -> DocumentSheet:
    actor = request.actor  # type: ignore[attr-defined]
    lines = list(invoice.lines.select_related("item__unit", "line_unit").order_by("line_no"))
    chips = [chip("approval", invoice.approval)]
    if settled := settled_chip(invoice):
        chips.append(settled)
    return DocumentSheet(
        number=invoice.number,
        title=_("Credit note") if invoice.is_note else _("Sales invoice"),
        chips=chips,
        crumbs=crumbs(),
        print_url=url_of("print", invoice),
        banner=banner_of(invoice),
        facts=facts_of(invoice, actor),
        columns=PAGE_COLUMNS,
        lines_empty=_("A debt that was taken over has no lines."),
        lines=[line_of(line, actor) for line in lines],
        totals=[
            Total(_("Quantity in all"), formats.qty(total(line.qty for line in lines))),
            Total(_("Net"), formats.money(invoice.net_amount)),
            Total(_("Tax"), formats.money(invoice.tax_amount)),
            Total(_("Total incl. tax"), f"{symbol(invoice.currency)}{formats.money(invoice.gross_amount)}", grand=True),
        ],
        remark=invoice.remark,
        amount_in_words=invoice.gross_amount,
        error=error,
        **steps(invoice, actor),
        **rail_of(request, invoice, partner="customer", voucher_note=_("made on approval")),
    )


def draw_invoice(request: HttpRequest, invoice: SalesInvoice, error: Any = None) -> HttpResponse:
    sheet = sheet_of(request, invoice, error=error)
    return draw(request, sheet, template="staff/document.html", dialogs=dialogs_of(request, invoice))


@staff_view("invoicing.sales_invoice.view")
def invoice_detail(request: HttpRequest, number: str) -> HttpResponse:
    return draw_invoice(request, load_invoice(request.actor, number))  # type: ignore[attr-defined]


# --- made from deliveries ----------------------------------------------------------------------------------
def _to_invoice(request: HttpRequest, customer: Party | None) -> list[Any]:
    found = visible_deliveries(request.actor).filter(approval="approved").exclude(invoiced="full")  # type: ignore[attr-defined]
    if customer is None:
        rows = found.values("customer_id", "customer__name").annotate(amount=Sum("gross_amount")).order_by("-amount")
        return list(rows[:100])
    return list(found.filter(customer=customer).order_by("doc_date", "number")[:200])


@staff_view("invoicing.sales_invoice.edit")
def invoice_new(request: HttpRequest) -> HttpResponse:
    """Choose a customer, then the deliveries the invoice is over."""
    customer = chosen_customer(request)
    error, status = None, 200
    chosen = set(request.POST.getlist("delivery"))
    if request.method == "POST":
        ids = [found for text in chosen if (found := entry.uuid_of(text))]
        try:
            if not ids:
                raise ValidationRefused(_("Choose at least one delivery."), field="delivery")
            day = entry.day_of(request.POST.get("doc_date", ""))
            kind = request.POST.get("invoice_kind", InvoiceKind.SPECIAL)
            kind = kind if kind in InvoiceKind.values else InvoiceKind.SPECIAL
            made = order_to_cash.invoice_deliveries(
                delivery_ids=ids, invoice_kind=kind, doc_date=day, **who_and_when(request)
            )
        except Refusal as refusal:
            error, status = block_of(refusal), refusal.status
        else:
            messages.success(request, _("A draft invoice: check it, then approve it."))
            return HttpResponseRedirect(url_of("detail", made))
    context = {
        "customer": customer,
        "rows": _to_invoice(request, customer),
        "chosen": chosen,
        "kinds": InvoiceKind.choices,
        "today": clock.today(),
        "error": error,
        "crumbs": crumbs(),
    }
    return render(request, "staff/sales/invoice_new.html", context, status=status)


# --- correcting a draft ------------------------------------------------------------------------------------
def _grid(lines: Sequence[SalesInvoiceLine]) -> LineGrid:
    rows = [
        GridRow(
            {
                "id": str(line.pk),
                "source": line.source_number or "–",
                "item": f"{line.item.name} {line.item.spec}".strip(),
                "unit": str(line.item.unit),
                "qty": line.qty,
                "price": line.tax_incl_price,
                "gross": formats.money(line.gross_amount),
            }
        )
        for line in lines
    ]
    return LineGrid(COLUMNS, rows=rows, fixed=True)


def _inputs(request: HttpRequest, lines: Sequence[SalesInvoiceLine]) -> list[InvoiceLineInput]:
    known = {str(line.pk): line for line in lines}
    problems: list[Refusal] = []
    found = []
    for keyed in read_lines(request.POST, COLUMNS):
        line = known.get(keyed.text("id"))
        qty, price = entry.number_of(keyed, "qty", problems), entry.number_of(keyed, "price", problems)
        if line is None or not qty:
            continue
        found.append(
            InvoiceLineInput(
                item_id=line.item_id,
                qty=qty,
                price=price,
                discount_pct=line.discount_pct,
                tax_rate=line.tax_rate,
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


def _kept(grid: LineGrid, request: HttpRequest, refusal: Refusal | None) -> LineGrid:
    """The grid with what was typed; computed cells stay."""
    posted = {row.values["id"]: row for row in grid.with_posted(request.POST, refusal).rows}
    rows = []
    for row in grid.rows:
        typed = posted.get(row.values["id"])
        rows.append(
            GridRow({**row.values, **{k: typed.values[k] for k in ("qty", "price")}}, typed.errors) if typed else row
        )
    return replace(grid, rows=rows)


@staff_view("invoicing.sales_invoice.edit")
def invoice_edit(request: HttpRequest, number: str) -> HttpResponse:
    """Correct a draft: dates, kind, tax invoice number, quantities and prices."""
    invoice = load_invoice(request.actor, number)  # type: ignore[attr-defined]
    lines = list(invoice.lines.select_related("item__unit", "line_unit").order_by("line_no"))
    grid, error, status = _grid(lines), None, 200
    if request.method == "POST":
        form = InvoiceForm(request.POST)
        status, refusal = 400, None
        if form.is_valid():
            try:
                data = InvoiceData(party_id=invoice.customer_id, lines=_inputs(request, lines), **form.cleaned_data)
                sales_invoices.save_invoice(
                    data=data, invoice_id=invoice.pk, version=version_of(request), **who_and_when(request)
                )
            except Refusal as caught:
                refusal, error, status = caught, put_on(form, caught), caught.status
            else:
                messages.success(request, _("%(number)s is saved.") % {"number": number})
                return HttpResponseRedirect(url_of("detail", invoice))
        grid = _kept(grid, request, refusal)
    else:
        names = ("doc_date", "due_date", "invoice_kind", "external_no", "remark")
        form = InvoiceForm(initial={name: getattr(invoice, name) for name in names})
    context = {
        "form": form,
        "grid": grid,
        "error": error,
        "invoice": invoice,
        "version": request.POST.get("version") or invoice.version,
        "crumbs": crumbs(invoice),
        "cancel_url": url_of("detail", invoice),
    }
    return render(request, "staff/sales/invoice_form.html", context, status=status)


# --- steps -------------------------------------------------------------------------------------------------
def _step(request: HttpRequest, number: str, service: Callable[..., Any], done: Any, **kwargs: Any) -> HttpResponse:
    invoice = load_invoice(request.actor, number)  # type: ignore[attr-defined]
    return step(
        request,
        lambda: service(invoice_id=invoice.pk, **who_and_when(request), **kwargs),
        done=done,
        back=url_of("detail", invoice),
        refused=lambda error: draw_invoice(request, load_invoice(request.actor, number), error),  # type: ignore[attr-defined]
    )


@require_POST
@staff_view("invoicing.sales_invoice.approve")
def invoice_approve(request: HttpRequest, number: str) -> HttpResponse:
    done = _("Approved: the receivable is open.")
    return _step(request, number, sales_invoices.approve_invoice, done, version=version_of(request))


@require_POST
@staff_view("invoicing.sales_invoice.unapprove")
def invoice_unapprove(request: HttpRequest, number: str) -> HttpResponse:
    reason = request.POST.get("reason", "")[:300]
    return _step(request, number, sales_invoices.unapprove_invoice, _("Taken back."), reason=reason)


@require_POST
@staff_view("invoicing.sales_invoice.edit")
def invoice_void(request: HttpRequest, number: str) -> HttpResponse:
    return _step(
        request, number, sales_invoices.void_invoice, _("Voided."), reason=request.POST.get("reason", "")[:300]
    )


@require_POST
@staff_view("invoicing.receipt.edit")
def invoice_set_off(request: HttpRequest, number: str) -> HttpResponse:
    """Use a credit note for what its customer owes."""
    return _step(request, number, notes.set_off_credit_note, _("Set off; the rest stays open."))
