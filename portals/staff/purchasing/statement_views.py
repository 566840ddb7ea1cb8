"""Statements of account with suppliers and customers: proposed, disputed line by line, answered, signed by both."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from backend.invoicing.models import Statement, StatementLine, StatementState
from backend.invoicing.selectors import document_for
from backend.invoicing.services import differences, statements
from backend.kernel import clock
from backend.kernel.errors import Refusal, ValidationRefused
from backend.parties.models import Party
from backend.processes import procure_to_pay
from backend.processes.statements import (
    answer_statement_dispute,
    propose_customer_statement,
    propose_supplier_statement,
)
from portals.staff.purchasing.forms import StatementForm
from portals.staff.purchasing.words import made
from portals.staff.sales.entry import uuid_of
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.dialogs import Dialog
from portals.staff.shared.forms import put_on
from portals.staff.shared.kit import Kit
from portals.staff.shared.masters import sections_of
from portals.staff.shared.rail import rail_of
from portals.ui import formats, statement_lists
from portals.ui.chips import Chip, chip
from portals.ui.components import Action, Banner, Crumb, Fact, Total
from portals.ui.documents import Cell, DocumentSheet, Line, LineColumn, draw
from portals.ui.guards import staff_view
from portals.ui.navigation import document_address
from portals.ui.typed import amount_of

EDIT = "invoicing.statement.edit"
OPEN = {StatementState.PROPOSED, StatementState.DISPUTED}

PAGE_COLUMNS = (
    LineColumn("date", gettext_lazy("Date"), "date"),
    LineColumn("source", gettext_lazy("Documents"), phone="wr"),
    LineColumn("item", gettext_lazy("Item"), "item"),
    LineColumn("qty", gettext_lazy("Quantity"), "qty"),
    LineColumn("amount", gettext_lazy("Amount"), "money", strong=True),
    LineColumn("verdict", gettext_lazy("Their answer"), phone="full wr"),
)


def _verdict(line: StatementLine) -> Any:
    if line.verdict == "disputed":
        theirs = [f"{formats.qty(line.their_qty)} {line.unit}".rstrip()] if line.their_qty is not None else []
        theirs += [formats.money(line.their_amount)] if line.their_amount is not None else []
        words = line.dispute_reason + (
            " · " + _("theirs: %(figures)s") % {"figures": " / ".join(theirs)} if theirs else ""
        )
        return Cell(_("Disputed"), words, signal=True)
    if line.verdict == "accepted":
        return Chip("ok", _("Accepted"))
    return Cell("–", line.answer)


def line_of(line: StatementLine) -> Line:
    item = line.item
    cells = {
        "date": Cell(line.line_date, line.get_kind_display(), printed=line.get_kind_display()),
        "source": Cell(
            line.source_number,
            " · ".join(filter(None, (line.order_number, line.their_number))),
            url=document_address(line.source_type, line.source_number),
            printed=line.their_number,
        ),
        "item": Cell(item.name, f"{item.code} {item.spec}") if item else "–",
        "qty": Cell(line.qty or None, unit=item.unit if item else ""),
        "amount": line.amount,
        "verdict": _verdict(line),
    }
    return Line(line.line_no, cells)


def _signed(label: Any, signature: str, at: datetime | None) -> Fact:
    """Who signed, ``Li <li@mill.example>``, and when."""
    name, _mark, mail = signature.rstrip(">").partition(" <")
    return Fact(label, name or _("not yet"), " · ".join(filter(None, (formats.moment(at) if at else "", mail))))


def _facts(statement: Statement, actor: Any) -> list[Fact]:
    supplier = statement.kind == "supplier"
    may = actor.may("parties.supplier.view" if supplier else "parties.customer.view")
    name = "staff:supplier_detail" if supplier else "staff:customer_detail"
    url = reverse(name, kwargs={"pk": statement.party_id}) if may else ""
    days = f"{formats.day(statement.period_from)} – {formats.day(statement.period_to)}"
    return [
        Fact(_("Supplier") if supplier else _("Customer"), statement.party.name, "", url),
        Fact(_("Period"), days, made(statement), numeric=True),
        Fact(_("Opening balance"), formats.money(statement.opening_amount), numeric=True),
        _signed(_("Signed by us"), statement.our_signature, statement.our_signed_at),
        _signed(_("Signed by them"), statement.their_signature, statement.their_signed_at),
    ]


def totals_of(statement: Statement) -> list[Total]:
    found = [
        Total(_("Opening balance"), formats.money(statement.opening_amount)),
        Total(_("Goods of the period"), formats.money(statement.received_amount)),
    ]
    if statement.returned_amount:
        found.append(Total(_("Returns"), formats.money(-statement.returned_amount)))
    if statement.adjusted_amount:
        found.append(Total(_("Adjustments"), formats.money(statement.adjusted_amount)))
    found.append(Total(_("Paid in the period"), formats.money(-statement.paid_amount)))
    return [*found, Total(_("Closing balance"), formats.money(statement.closing_amount), grand=True)]


def _steps(statement: Statement, actor: Any) -> dict[str, Any]:
    primary, more = None, []
    if actor.may(EDIT) and statement.approval != "voided":
        if statement.state == StatementState.OPEN:
            primary = STATEMENT.post(_("Send to the partner"), "proposal", statement, "send", "primary")
        elif statement.state in OPEN and not statement.our_signed_at:
            primary = _sign(statement)
        if statement.state not in {StatementState.AGREED, StatementState.INVOICED}:
            more.append(Action(_("Void"), icon="ban", dialog="void", look="danger"))
    to_invoice = statement.state == StatementState.AGREED and statement.kind == "supplier"
    if to_invoice and actor.may("invoicing.purchase_invoice.edit"):
        primary = STATEMENT.post(_("Create the invoice"), "invoice", statement, "file-invoice", "primary")
    return {"primary": primary, "more": [*more, *STATEMENT.printing(statement)]}


def _sign(statement: Statement) -> Action:
    """The step that ends it; what is still open is said instead of being refused afterwards."""
    button = STATEMENT.post(_("Sign"), "signature", statement, "certificate", "primary")
    lines = sum(1 for line in statement.lines.all() if line.verdict == "disputed")
    unsettled = statement_lists.shown(statement, ours=True)["unsettled"]
    if not lines and not unsettled:
        return button
    open_ones = ngettext("%(count)s open point first.", "%(count)s open points first.", lines + unsettled)
    return replace(button, disabled=open_ones % {"count": lines + unsettled})


def _banner(statement: Statement) -> Banner | None:
    count = sum(1 for line in statement.lines.all() if line.verdict == "disputed")
    if count and statement.state in OPEN:
        words = ngettext("%(count)s line is disputed.", "%(count)s lines are disputed.", count) % {"count": count}
        look = Action(_("Answer"), "#disputes", look="soft", small=True)
        return Banner(
            words,
            _("Answer each one: keep it, take it out, or adjust the amount."),
            icon="message-plus",
            actions=[look],
        )
    return None


def draw_statement(request: HttpRequest, statement: Statement, error: Any = None) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    lines = sorted(statement.lines.all(), key=lambda line: line.line_no)
    crumbs = [Crumb(_("Purchasing")), Crumb(_("Statements of account"), STATEMENT.list_url)]
    sheet = DocumentSheet(
        number=statement.number,
        title=_("Statement of account"),
        chips=[chip("approval", "voided")] if statement.approval == "voided" else [chip("statement", statement.state)],
        crumbs=crumbs,
        print_url=STATEMENT.url("print", statement),
        banner=_banner(statement),
        facts=_facts(statement, actor),
        columns=PAGE_COLUMNS,
        lines=[line_of(line) for line in lines],
        totals=totals_of(statement),
        remark=statement.remark,
        amount_in_words=statement.closing_amount,
        error=error,
        **_steps(statement, actor),
        **rail_of(request, statement, partner=statement.kind),
    )
    answering = actor.may(EDIT) and statement.state in OPEN
    extra = {
        "statement": statement,
        "disputes": [line for line in lines if line.verdict == "disputed"] if answering else [],
        "typed": request.POST if error else {},
        "dialogs": [_void(request, statement)],
        "answering": answering,
        **statement_lists.shown(statement, ours=True),
    }
    return draw(request, sheet, template="staff/purchasing/statement.html", **extra)


def _load(actor: Any, number: str) -> Statement:
    found: Statement = document_for(Statement, actor, number)
    return found


STATEMENT = Kit("statement", "statement_id", _load, draw_statement)


def _void(request: HttpRequest, statement: Statement) -> Dialog:
    title = _("Void the statement")
    return STATEMENT.ask(request, "void", title, "voiding", statement, _("Void"), required=False, danger=True)


# --- making one ------------------------------------------------------------------------------------------------
def _last_month(today: date) -> tuple[date, date]:
    end = today.replace(day=1) - timedelta(days=1)
    return end.replace(day=1), end


@staff_view(EDIT)
def statement_new(request: HttpRequest) -> HttpResponse:
    """Gather a period's goods, differences and money with a partner, and send it to be checked."""
    error, status = None, 200
    if request.method == "POST":
        form, status = StatementForm(request.POST), 400
        if form.is_valid():
            clean = form.cleaned_data
            propose = propose_supplier_statement if clean["side"] == "supplier" else propose_customer_statement
            try:
                made_one = propose(
                    party_id=clean[clean["side"]],
                    period_from=clean["period_from"],
                    period_to=clean["period_to"],
                    **who_and_when(request),
                )
            except Refusal as refusal:
                error, status = put_on(form, refusal), refusal.status
            else:
                messages.success(
                    request, _("%(number)s is with the partner to be checked.") % {"number": made_one.number}
                )
                return HttpResponseRedirect(STATEMENT.url("detail", made_one))
    else:
        first, last = _last_month(clock.today())
        initial: dict[str, Any] = {"side": "supplier", "period_from": first, "period_to": last}
        for side in ("supplier", "customer"):
            picked = uuid_of(request.GET.get(side, ""))
            if picked and Party.objects.filter(pk=picked).exists():
                initial |= {"side": side, side: str(picked)}
        form = StatementForm(initial=initial)
    context = {
        "form": form,
        "error": error,
        "sections": sections_of(form, [("", ("side", "supplier", "customer", "period_from", "period_to"))]),
        "crumbs": [Crumb(_("Purchasing")), Crumb(_("Statements of account"), STATEMENT.list_url)],
    }
    return render(request, "staff/purchasing/statement_new.html", context, status=status)


@require_POST
@staff_view(EDIT)
def statement_answer(request: HttpRequest, number: str, line: UUID) -> HttpResponse:
    """Answer a disputed line: keep it, take it out, or add an adjustment."""

    def answer(statement: Statement) -> Any:
        how = request.POST.get(f"how-{line}", "keep")
        return answer_statement_dispute(
            statement_id=statement.pk,
            line_id=line,
            answer=request.POST.get(f"answer-{line}", "").strip()[:300],
            take_out=how == "out",
            adjustment=_amount(request.POST.get(f"amount-{line}", "")) if how == "adjust" else Decimal(0),
            **who_and_when(request),
        )

    return STATEMENT.run(request, number, answer, _("Answered: the partner looks at it again."))


def _amount(text: str) -> Decimal:
    found = amount_of(text)
    if found is None:
        raise ValidationRefused(
            _("“%(text)s” is not an amount.") % {"text": text[:20]}, field="adjustment", value=text[:20]
        )
    return found


@require_POST
@staff_view(EDIT)
def statement_difference(request: HttpRequest, number: str, pk: UUID) -> HttpResponse:
    """Settle a difference either way, or keep to our figures with a word."""

    def settle(statement: Statement) -> Any:
        how, words = request.POST.get("how", ""), request.POST.get("answer", "").strip()[:300]
        where = {"statement_id": statement.pk, "difference_id": pk, **who_and_when(request)}
        if how == "answer":
            return differences.answer_difference(**where, answer=words)
        return differences.settle_difference(**where, holds=how, comment=words)

    return STATEMENT.run(request, number, settle, _("Noted; the partner sees it."), _differences_url)


def _differences_url(statement: Statement) -> str:
    return f"{STATEMENT.url('detail', statement)}#differences"


@require_POST
@staff_view(EDIT)
def statement_list(request: HttpRequest, number: str) -> HttpResponse:
    """The partner's list as it came by mail: compare it here."""

    def compare(statement: Statement) -> Any:
        return statement_lists.hand_in(request, statement, **who_and_when(request))

    return STATEMENT.run(request, number, compare, _("Compared: every difference is named."), _differences_url)


statement_detail = STATEMENT.detail("invoicing.statement.view")
statement_propose = STATEMENT.step(
    EDIT, statements.propose_statement, gettext_lazy("Sent: the partner checks it in the portal.")
)
statement_sign = STATEMENT.step(EDIT, statements.agree, gettext_lazy("Signed for us."), given={"side": "us"}, seen=True)
statement_void = STATEMENT.step(EDIT, statements.void_statement, gettext_lazy("Voided."), reason=True)
statement_invoice = STATEMENT.step(
    "invoicing.purchase_invoice.edit",
    procure_to_pay.invoice_statement,
    gettext_lazy("A draft invoice: check it, then approve it."),
    back=lambda made_one: reverse("staff:purchase_invoice_detail", kwargs={"number": made_one.number}),
)
