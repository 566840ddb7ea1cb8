"""Money paid: entered with what it settles, approved, matched later, taken back."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backend.invoicing.models import Payment, PurchaseInvoice
from backend.invoicing.selectors import payments_visible_to
from backend.invoicing.services import money
from backend.invoicing.services.money import MoneyData
from backend.invoicing.services.sides import PURCHASES
from backend.kernel import clock
from backend.kernel.errors import NotFoundRefused, Refusal
from backend.kernel.money import ZERO, total
from backend.srm.services.bank import effective_account
from portals.staff.finance.money_entry import METHODS, allocations, matching_chip, open_rows
from portals.staff.finance.payment_forms import PaymentForm
from portals.staff.purchasing.entry import supplier_of
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


def load_payment(actor: Any, number: str) -> Payment:
    """The payment, when this actor may see it; not found otherwise."""
    found = payments_visible_to(actor).filter(number=number).first()
    if found is None:
        raise NotFoundRefused(_("There is no such payment."), value=number)
    return found


def url_of(name: str, payment: Payment) -> str:
    return reverse(f"staff:payment_{name}", kwargs={"number": payment.number})


def crumbs(payment: Payment | None = None) -> list[Crumb]:
    found = [Crumb(_("Finance")), Crumb(_("Payments"), reverse("staff:payment_list"))]
    return [*found, Crumb(payment.number, url_of("detail", payment))] if payment else found


# --- entry -----------------------------------------------------------------------------------------------
def _initial(request: HttpRequest, payment: Payment | None) -> dict[str, Any]:
    if payment is not None:
        names = ("doc_date", "amount", "method", "reference", "remark")
        known = {name: getattr(payment, name) for name in names}
        return known | {"supplier": str(payment.supplier_id), "fund_account": str(payment.fund_account_id)}
    known = {"doc_date": clock.today()}
    supplier = supplier_of(request.GET.get("supplier", ""))
    if supplier is None:
        return known
    known["supplier"] = str(supplier.pk)
    invoice = PurchaseInvoice.objects.filter(number=request.GET.get("invoice", ""), supplier=supplier).first()
    return known | {"amount": invoice.open_amount} if invoice else known


def _entry(request: HttpRequest, payment: Payment | None) -> HttpResponse:
    error, status = None, 200
    form = PaymentForm(request.POST) if request.method == "POST" else PaymentForm(initial=_initial(request, payment))
    if request.method == "POST" and "refresh" not in request.POST:
        status = 400
        if form.is_valid():
            try:
                saved = money.save_payment(
                    data=MoneyData(allocations=allocations(request), **form.values()),
                    payment_id=payment.pk if payment else None,
                    version=version_of(request) if payment else None,
                    **who_and_when(request),
                )
            except Refusal as refusal:
                error, status = put_on(form, refusal), refusal.status
            else:
                messages.success(request, _("%(number)s is saved.") % {"number": saved.number})
                return HttpResponseRedirect(url_of("detail", saved))
    party_id = request.POST.get("supplier") or form.initial.get("supplier")
    rows = open_rows(request, PURCHASES, party_id if form.supplier_label else None, payment)
    context = {
        "form": form,
        "rows": rows,
        "error": error,
        "payment": payment,
        "open_total": total(row["invoice"].open_amount for row in rows),
        "version": request.POST.get("version") or (payment.version if payment else ""),
        "title": _("Edit %(number)s") % {"number": payment.number} if payment else _("New payment"),
        "crumbs": crumbs(payment),
        "cancel_url": url_of("detail", payment) if payment else reverse("staff:payment_list"),
    }
    return render(request, "staff/payments/form.html", context, status=status)


@staff_view("invoicing.payment.edit")
def payment_new(request: HttpRequest) -> HttpResponse:
    return _entry(request, None)


@staff_view("invoicing.payment.edit")
def payment_edit(request: HttpRequest, number: str) -> HttpResponse:
    payment = load_payment(request.actor, number)  # type: ignore[attr-defined]
    if not payment.is_draft and request.method == "GET":
        messages.warning(request, _("%(number)s is not a draft any more.") % {"number": number})
        return HttpResponseRedirect(url_of("detail", payment))
    return _entry(request, payment)


# --- page ------------------------------------------------------------------------------------------------
def steps(payment: Payment, actor: Any) -> dict[str, Any]:
    primary, secondary, more = None, [], []
    if payment.is_draft:
        if actor.may("invoicing.payment.approve"):
            fields = {"version": payment.version}
            primary = Action(_("Approve"), url_of("approval", payment), "check", "post", "primary", fields)
        if actor.may("invoicing.payment.edit"):
            secondary.append(Action(_("Edit"), url_of("edit", payment), icon="edit"))
            more.append(Action(_("Void"), icon="ban", dialog="void", look="danger"))
    elif payment.is_approved:
        if payment.unmatched_amount > ZERO and actor.may("invoicing.payment.edit"):
            primary = Action(_("Match the prepayment"), url_of("matching", payment), icon="link", look="primary")
        if actor.may("invoicing.payment.unapprove"):
            more.append(Action(_("Unapprove"), icon="arrow-back-up", dialog="unapprove"))
    return {"primary": primary, "secondary": secondary, "more": more}


def dialogs_of(request: HttpRequest, payment: Payment) -> list[Dialog]:
    return [
        reason_dialog(
            request,
            "void",
            _("Void the payment"),
            url_of("voiding", payment),
            _("Void"),
            payment.version,
            required=False,
            danger=True,
        ),
        reason_dialog(
            request,
            "unapprove",
            _("Take the payment back"),
            url_of("unapproval", payment),
            _("Unapprove"),
            payment.version,
            text=_("Its invoices are open again and the voucher is reversed."),
        ),
    ]


def columns() -> list[LineColumn]:
    """The columns of a payment's lines."""
    return [
        LineColumn("invoice", _("Invoice"), "item"),
        LineColumn("due", _("Due"), "date"),
        LineColumn("gross", _("Total"), "money"),
        LineColumn("amount", _("Settles"), "money", strong=True),
        LineColumn("left", _("Still open"), "money"),
    ]


def lines_of(payment: Payment, actor: Any) -> list[Line]:
    """The invoices that it settles."""
    found = payment.lines.select_related("invoice").order_by("line_no")
    may = actor.may("invoicing.purchase_invoice.view")
    lines = []
    for line in found:
        invoice = line.invoice
        url = reverse("staff:purchase_invoice_detail", kwargs={"number": invoice.number}) if may else ""
        cells = {
            "invoice": Cell(invoice.number, invoice.external_no, url=url),
            "due": invoice.due_date,
            "gross": invoice.gross_amount,
            "amount": line.amount,
            "left": invoice.open_amount,
        }
        lines.append(Line(line.line_no, cells))
    return lines


def _banner(payment: Payment) -> Banner | None:
    if payment.is_approved and payment.unmatched_amount > ZERO:
        words = _("It settles no invoice yet and stands as a prepayment to the supplier.")
        return Banner(
            _("%(amount)s is left.") % {"amount": formats.money(payment.unmatched_amount)},
            words,
            look="info",
            icon="info",
        )
    return None


def _paid_to(payment: Payment, actor: Any) -> list[Fact]:
    """The supplier's account in effect; whole for those who pay."""
    if not actor.may("srm.bank_account.view"):
        return []
    account = effective_account(payment.supplier_id)
    url = reverse("staff:supplier_bank", kwargs={"pk": payment.supplier_id})
    if account is None:
        return [Fact(_("Pay to"), _("no account known"), "", url)]
    number = account.account_no if actor.may("srm.bank_account.unmask") else account.masked
    return [Fact(_("Pay to"), number, f"{account.bank_name} · {account.holder}", url)]


def draw_payment(request: HttpRequest, payment: Payment, error: Any = None) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    chips = [chip("approval", payment.approval)]
    if matching := matching_chip(payment):
        chips.append(matching)
    url = (
        reverse("staff:supplier_detail", kwargs={"pk": payment.supplier_id})
        if actor.may("parties.supplier.view")
        else ""
    )
    sheet = DocumentSheet(
        number=payment.number,
        title=_("Payment"),
        chips=chips,
        crumbs=crumbs(),
        banner=_banner(payment),
        facts=[
            Fact(_("Supplier"), payment.supplier.name, "", url),
            Fact(_("Date"), formats.day(payment.doc_date), payment.created_by_name, numeric=True),
            Fact(_("Amount"), formats.money(payment.amount), numeric=True),
            *_paid_to(payment, actor),
            Fact(_("Fund account"), payment.fund_account.name, str(dict(METHODS).get(payment.method, payment.method))),
            Fact(_("Reference"), payment.reference or "–"),
        ],
        columns=columns(),
        lines=lines_of(payment, actor),
        print_url=url_of("print", payment),
        lines_empty=_("It settles no invoice: the whole amount is a prepayment."),
        totals=[
            Total(
                _("Settles invoices"),
                formats.money(payment.matched_amount if payment.is_approved else _planned(payment)),
            ),
            Total(_("Total"), formats.money(payment.amount), grand=True),
        ],
        remark=payment.remark,
        amount_in_words=payment.amount,
        error=error,
        **steps(payment, actor),
        **rail_of(request, payment, partner="supplier", voucher_note=_("made on approval")),
    )
    return draw(request, sheet, template="staff/document.html", dialogs=dialogs_of(request, payment))


def _planned(payment: Payment) -> Any:
    return total(payment.lines.values_list("amount", flat=True))


@staff_view("invoicing.payment.view")
def payment_detail(request: HttpRequest, number: str) -> HttpResponse:
    return draw_payment(request, load_payment(request.actor, number))  # type: ignore[attr-defined]


# --- steps -----------------------------------------------------------------------------------------------
def _step(request: HttpRequest, number: str, service: Callable[..., Any], done: Any, **kwargs: Any) -> HttpResponse:
    payment = load_payment(request.actor, number)  # type: ignore[attr-defined]
    return step(
        request,
        lambda: service(payment_id=payment.pk, **who_and_when(request), **kwargs),
        done=done,
        back=url_of("detail", payment),
        refused=lambda error: draw_payment(request, load_payment(request.actor, number), error),  # type: ignore[attr-defined]
    )


@require_POST
@staff_view("invoicing.payment.approve")
def payment_approve(request: HttpRequest, number: str) -> HttpResponse:
    done = _("Approved: the money is booked.")
    return _step(request, number, money.approve_payment, done, version=version_of(request))


@require_POST
@staff_view("invoicing.payment.unapprove")
def payment_unapprove(request: HttpRequest, number: str) -> HttpResponse:
    reason = request.POST.get("reason", "")[:300]
    return _step(request, number, money.unapprove_payment, _("Taken back."), reason=reason)


@require_POST
@staff_view("invoicing.payment.edit")
def payment_void(request: HttpRequest, number: str) -> HttpResponse:
    return _step(request, number, money.void_payment, _("Voided."), reason=request.POST.get("reason", "")[:300])


@staff_view("invoicing.payment.edit")
def payment_matching(request: HttpRequest, number: str) -> HttpResponse:
    """Let a prepayment settle invoices: the amounts typed, or the oldest first."""
    payment = load_payment(request.actor, number)  # type: ignore[attr-defined]
    error, status = None, 200
    if request.method == "POST" and "how" in request.POST:
        try:
            money.allocate_payment(
                payment_id=payment.pk, allocations=allocations(request), day=clock.today(), **who_and_when(request)
            )
        except Refusal as refusal:
            error, status = block_of(refusal), refusal.status
        else:
            messages.success(request, _("Matched."))
            return HttpResponseRedirect(url_of("detail", payment))
    context = {
        "payment": payment,
        "rows": open_rows(request, PURCHASES, payment.supplier_id, None),
        "error": error,
        "crumbs": crumbs(payment),
    }
    return render(request, "staff/payments/matching.html", context, status=status)
