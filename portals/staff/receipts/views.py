"""Money received: entered with what it settles, approved, matched later, taken back."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backend.invoicing.models import Receipt, SalesInvoice
from backend.invoicing.selectors import receipts_visible_to
from backend.invoicing.services import money
from backend.invoicing.services.money import MoneyData
from backend.invoicing.services.sides import SALES
from backend.kernel import clock
from backend.kernel.errors import NotFoundRefused, Refusal
from backend.kernel.money import ZERO, total
from portals.staff.finance.money_entry import METHODS, allocations, matching_chip, open_rows
from portals.staff.receipts.forms import ReceiptForm
from portals.staff.sales.order_views import chosen_customer
from portals.staff.shared.acting import step, version_of, who_and_when
from portals.staff.shared.dialogs import Dialog, reason_dialog
from portals.staff.shared.forms import put_on
from portals.staff.shared.rail import rail_of
from portals.ui import formats
from portals.ui.chips import chip
from portals.ui.components import Action, Banner, Crumb, Fact, Total
from portals.ui.documents import Cell, DocumentSheet, Line, LineColumn, draw
from portals.ui.errors import block_of
from portals.ui.guards import staff_view


def load_receipt(actor: Any, number: str) -> Receipt:
    """The receipt, when this actor may see it; not found otherwise."""
    found = receipts_visible_to(actor).filter(number=number).first()
    if found is None:
        raise NotFoundRefused(_("There is no such receipt."), value=number)
    return found


def url_of(name: str, receipt: Receipt) -> str:
    return reverse(f"staff:receipt_{name}", kwargs={"number": receipt.number})


def crumbs(receipt: Receipt | None = None) -> list[Crumb]:
    found = [Crumb(_("Finance")), Crumb(_("Receipts"), reverse("staff:receipt_list"))]
    return [*found, Crumb(receipt.number, url_of("detail", receipt))] if receipt else found


# --- entry -----------------------------------------------------------------------------------------------
def _initial(request: HttpRequest, receipt: Receipt | None) -> dict[str, Any]:
    if receipt is not None:
        names = ("doc_date", "amount", "method", "reference", "remark")
        known = {name: getattr(receipt, name) for name in names}
        return known | {"customer": str(receipt.customer_id), "fund_account": str(receipt.fund_account_id)}
    known = {"doc_date": clock.today()}
    customer = chosen_customer(request)
    if customer is None:
        return known
    known["customer"] = str(customer.pk)
    invoice = SalesInvoice.objects.filter(number=request.GET.get("invoice", ""), customer=customer).first()
    return known | {"amount": invoice.open_amount} if invoice else known


def _entry(request: HttpRequest, receipt: Receipt | None) -> HttpResponse:
    error, status = None, 200
    form = ReceiptForm(request.POST) if request.method == "POST" else ReceiptForm(initial=_initial(request, receipt))
    if request.method == "POST" and "refresh" not in request.POST:
        status = 400
        if form.is_valid():
            try:
                saved = money.save_receipt(
                    data=MoneyData(allocations=allocations(request), **form.values()),
                    receipt_id=receipt.pk if receipt else None,
                    version=version_of(request) if receipt else None,
                    **who_and_when(request),
                )
            except Refusal as refusal:
                error, status = put_on(form, refusal), refusal.status
            else:
                messages.success(request, _("%(number)s is saved.") % {"number": saved.number})
                return HttpResponseRedirect(url_of("detail", saved))
    party_id = request.POST.get("customer") or form.initial.get("customer")
    rows = open_rows(request, SALES, party_id if form.customer_label else None, receipt)
    context = {
        "form": form,
        "rows": rows,
        "error": error,
        "receipt": receipt,
        "open_total": total(row["invoice"].open_amount for row in rows),
        "version": request.POST.get("version") or (receipt.version if receipt else ""),
        "title": _("Edit %(number)s") % {"number": receipt.number} if receipt else _("New receipt"),
        "crumbs": crumbs(receipt),
        "cancel_url": url_of("detail", receipt) if receipt else reverse("staff:receipt_list"),
    }
    return render(request, "staff/receipts/form.html", context, status=status)


@staff_view("invoicing.receipt.edit")
def receipt_new(request: HttpRequest) -> HttpResponse:
    return _entry(request, None)


@staff_view("invoicing.receipt.edit")
def receipt_edit(request: HttpRequest, number: str) -> HttpResponse:
    receipt = load_receipt(request.actor, number)  # type: ignore[attr-defined]
    if not receipt.is_draft and request.method == "GET":
        messages.warning(request, _("%(number)s is not a draft any more.") % {"number": number})
        return HttpResponseRedirect(url_of("detail", receipt))
    return _entry(request, receipt)


# --- page ------------------------------------------------------------------------------------------------
def steps(receipt: Receipt, actor: Any) -> dict[str, Any]:
    primary, secondary, more = None, [], []
    if receipt.is_draft:
        if actor.may("invoicing.receipt.approve"):
            fields = {"version": receipt.version}
            primary = Action(_("Approve"), url_of("approval", receipt), "check", "post", "primary", fields)
        if actor.may("invoicing.receipt.edit"):
            secondary.append(Action(_("Edit"), url_of("edit", receipt), icon="edit"))
            more.append(Action(_("Void"), icon="ban", dialog="void", look="danger"))
    elif receipt.is_approved:
        if receipt.unmatched_amount > ZERO and actor.may("invoicing.receipt.edit"):
            primary = Action(_("Match the advance"), url_of("matching", receipt), icon="link", look="primary")
        if actor.may("invoicing.receipt.unapprove"):
            more.append(Action(_("Unapprove"), icon="arrow-back-up", dialog="unapprove"))
    return {"primary": primary, "secondary": secondary, "more": more}


def dialogs_of(request: HttpRequest, receipt: Receipt) -> list[Dialog]:
    return [
        reason_dialog(
            request,
            "void",
            _("Void the receipt"),
            url_of("voiding", receipt),
            _("Void"),
            receipt.version,
            required=False,
            danger=True,
        ),
        reason_dialog(
            request,
            "unapprove",
            _("Take the receipt back"),
            url_of("unapproval", receipt),
            _("Unapprove"),
            receipt.version,
            text=_("Its invoices are open again and the voucher is reversed."),
        ),
    ]


def _lines(receipt: Receipt, actor: Any) -> list[Line]:
    found = receipt.lines.select_related("invoice").order_by("line_no")
    may = actor.may("invoicing.sales_invoice.view")
    lines = []
    for line in found:
        invoice = line.invoice
        url = reverse("staff:sales_invoice_detail", kwargs={"number": invoice.number}) if may else ""
        cells = {
            "invoice": Cell(invoice.number, invoice.external_no, url=url),
            "due": invoice.due_date,
            "gross": invoice.gross_amount,
            "amount": line.amount,
            "left": invoice.open_amount,
        }
        lines.append(Line(line.line_no, cells))
    return lines


def _banner(receipt: Receipt) -> Banner | None:
    if receipt.is_approved and receipt.unmatched_amount > ZERO:
        words = _("It settles no invoice yet and stands as an advance of the customer.")
        return Banner(
            _("%(amount)s is left.") % {"amount": formats.money(receipt.unmatched_amount)},
            words,
            look="info",
            icon="info",
        )
    return None


def draw_receipt(request: HttpRequest, receipt: Receipt, error: Any = None) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    chips = [chip("approval", receipt.approval)]
    if matching := matching_chip(receipt):
        chips.append(matching)
    url = (
        reverse("staff:customer_detail", kwargs={"pk": receipt.customer_id})
        if actor.may("parties.customer.view")
        else ""
    )
    sheet = DocumentSheet(
        number=receipt.number,
        title=_("Receipt"),
        chips=chips,
        crumbs=crumbs(),
        banner=_banner(receipt),
        facts=[
            Fact(_("Customer"), receipt.customer.name, "", url),
            Fact(_("Date"), formats.day(receipt.doc_date), receipt.created_by_name, numeric=True),
            Fact(_("Amount"), formats.money(receipt.amount), numeric=True),
            Fact(_("Fund account"), receipt.fund_account.name, str(dict(METHODS).get(receipt.method, receipt.method))),
            Fact(_("Reference"), receipt.reference or "–"),
        ],
        columns=[
            LineColumn("invoice", _("Invoice"), "item"),
            LineColumn("due", _("Due"), "date"),
            LineColumn("gross", _("Total"), "money"),
            LineColumn("amount", _("Settles"), "money", strong=True),
            LineColumn("left", _("Still open"), "money"),
        ],
        lines=_lines(receipt, actor),
        lines_empty=_("It settles no invoice: the whole amount is an advance."),
        totals=[
            Total(
                _("Settles invoices"),
                formats.money(receipt.matched_amount if receipt.is_approved else _planned(receipt)),
            ),
            Total(_("Total"), formats.money(receipt.amount), grand=True),
        ],
        remark=receipt.remark,
        amount_in_words=receipt.amount,
        error=error,
        **steps(receipt, actor),
        **rail_of(request, receipt, partner="customer", voucher_note=_("made on approval")),
    )
    return draw(request, sheet, template="staff/document.html", dialogs=dialogs_of(request, receipt))


def _planned(receipt: Receipt) -> Any:
    return total(receipt.lines.values_list("amount", flat=True))


@staff_view("invoicing.receipt.view")
def receipt_detail(request: HttpRequest, number: str) -> HttpResponse:
    return draw_receipt(request, load_receipt(request.actor, number))  # type: ignore[attr-defined]


# --- steps -----------------------------------------------------------------------------------------------
def _step(request: HttpRequest, number: str, service: Callable[..., Any], done: Any, **kwargs: Any) -> HttpResponse:
    receipt = load_receipt(request.actor, number)  # type: ignore[attr-defined]
    return step(
        request,
        lambda: service(receipt_id=receipt.pk, **who_and_when(request), **kwargs),
        done=done,
        back=url_of("detail", receipt),
        refused=lambda error: draw_receipt(request, load_receipt(request.actor, number), error),  # type: ignore[attr-defined]
    )


@require_POST
@staff_view("invoicing.receipt.approve")
def receipt_approve(request: HttpRequest, number: str) -> HttpResponse:
    done = _("Approved: the money is booked.")
    return _step(request, number, money.approve_receipt, done, version=version_of(request))


@require_POST
@staff_view("invoicing.receipt.unapprove")
def receipt_unapprove(request: HttpRequest, number: str) -> HttpResponse:
    reason = request.POST.get("reason", "")[:300]
    return _step(request, number, money.unapprove_receipt, _("Taken back."), reason=reason)


@require_POST
@staff_view("invoicing.receipt.edit")
def receipt_void(request: HttpRequest, number: str) -> HttpResponse:
    return _step(request, number, money.void_receipt, _("Voided."), reason=request.POST.get("reason", "")[:300])


@staff_view("invoicing.receipt.edit")
def receipt_matching(request: HttpRequest, number: str) -> HttpResponse:
    """Let an advance settle invoices: the amounts typed, or the oldest first."""
    receipt = load_receipt(request.actor, number)  # type: ignore[attr-defined]
    error, status = None, 200
    if request.method == "POST" and "how" in request.POST:
        try:
            money.allocate_receipt(
                receipt_id=receipt.pk, allocations=allocations(request), day=clock.today(), **who_and_when(request)
            )
        except Refusal as refusal:
            error, status = block_of(refusal), refusal.status
        else:
            messages.success(request, _("Matched."))
            return HttpResponseRedirect(url_of("detail", receipt))
    context = {
        "receipt": receipt,
        "rows": open_rows(request, SALES, receipt.customer_id, None),
        "error": error,
        "crumbs": crumbs(receipt),
    }
    return render(request, "staff/receipts/matching.html", context, status=status)
