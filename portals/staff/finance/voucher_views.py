"""Vouchers: the list, the page as bookkeepers know it, and entry by hand with its keys."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_POST

from backend.accounting.models import Account, Voucher, VoucherLine
from backend.accounting.selectors import accounts, voucher_by_number, vouchers
from backend.accounting.services.vouchers import VoucherLineInput, enter_voucher, reverse_entered_voucher
from backend.kernel import clock, tenancy
from backend.kernel.errors import Refusal, ValidationRefused
from backend.kernel.money import ZERO, total
from portals.staff.finance import voucher_partners
from portals.staff.sales.entry import uuid_of
from portals.staff.sales.prints import printed
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.dialogs import Ask, Dialog
from portals.staff.shared.forms import StaffForm
from portals.staff.shared.lists import StaffList
from portals.staff.shared.quantities import number_of
from portals.staff.shared.registry import KINDS, label_of
from portals.staff.shared.words import VERBS
from portals.ui import formats
from portals.ui import related as ui_related
from portals.ui.components import Action, Crumb, Empty
from portals.ui.documents import Line, LineColumn
from portals.ui.errors import block_of
from portals.ui.forms import DateInput
from portals.ui.guards import staff_view
from portals.ui.line_grid import EntryLine, GridColumn, LineGrid, read_lines
from portals.ui.lists import Column, DateFilter, FlagFilter, NumberFilter, Preset, TextFilter
from portals.ui.navigation import document_address
from portals.ui.printing import PrintSheet, PrintTotal, lines_for_print
from portals.ui.voucher import VoucherLine as DrawnLine
from portals.ui.voucher import VoucherSheet

EDIT = "accounting.voucher.edit"


def source_label(row: Voucher) -> str:
    """The kind of the document behind a voucher; keyed by hand without one."""
    if not row.source_type:
        return _("by hand")
    return str(label_of(row.source_type)) if row.source_type in KINDS else _("period end")


class VoucherList(StaffList):
    key = "accounting.voucher"
    title = gettext_lazy("Vouchers")
    permission = "accounting.voucher.view"
    export_permission = "accounting.voucher.export"
    columns = (
        Column("number", gettext_lazy("Number"), sort="serial"),
        Column("voucher_date", gettext_lazy("Date"), "date", sort=True),
        Column("summary", gettext_lazy("Summary"), sort=True),
        Column("total", gettext_lazy("Amount"), "money", sort=True, total="total", strong=True),
        Column("source", pgettext_lazy("voucher", "From"), value=source_label, phone="hide"),
        Column(
            "source_number",
            gettext_lazy("Document"),
            url=lambda row: document_address(row.source_type, row.source_number),
        ),
        Column("reversal", gettext_lazy("Reversal"), value=lambda row: reversal_of(row)),
        Column("created_by_name", gettext_lazy("Made by"), sort=True, phone="hide"),
        Column("attachments", gettext_lazy("Attachments"), "number", shown=False),
    )
    filters = (
        TextFilter(
            "q",
            gettext_lazy("Search"),
            fields=("summary", "source_number", "lines__account__code", "lines__party__name"),
        ),
        DateFilter("date", gettext_lazy("Date"), "voucher_date"),
        NumberFilter("amount", gettext_lazy("Amount"), "total"),
        FlagFilter("hand", gettext_lazy("Keyed by hand"), when=Q(source_type="")),
        FlagFilter("red", gettext_lazy("Reversals"), when=Q(reverses__isnull=False)),
    )
    presets = (
        Preset("month", gettext_lazy("This month"), "date=month"),
        Preset("hand", gettext_lazy("Keyed by hand"), "hand=1", counted=False),
    )
    default_sort = ("-voucher_date", "-number")

    def rows(self) -> QuerySet[Voucher]:
        found = vouchers().select_related("reverses", "reversed_by")
        return found.distinct() if self.request.GET.get("q") else found

    def row_url(self, row: Any) -> str:
        return reverse("staff:voucher_detail", kwargs={"number": row.number})

    def actions(self) -> Sequence[Action]:
        if not self.may(EDIT):
            return ()
        return (Action(_("New voucher"), reverse("staff:voucher_new"), icon="plus", look="primary"),)

    def empty(self) -> Empty:
        text = _(
            "Documents write their vouchers when they are approved; only what no document covers is keyed by hand."
        )
        return Empty(_("No vouchers yet"), text, tuple(self.actions()))


def reversal_of(row: Voucher) -> str:
    if row.reverses_id:
        return _("reverses %(number)s") % {"number": row.reverses.number}  # type: ignore[union-attr]
    other = getattr(row, "reversed_by", None)
    return _("reversed by %(number)s") % {"number": other.number} if other else ""


# --- page --------------------------------------------------------------------------------------------------------
def _drawn(line: VoucherLine, ledger: bool) -> DrawnLine:
    detail = [line.party.label] if line.party else []
    if line.item:
        detail.append(f"{line.item} {formats.qty(line.qty)}" if line.qty is not None else str(line.item))
    url = ""
    if ledger:
        url = f"{reverse('staff:general_ledger')}?account={line.account.code}&from={line.voucher_date:%Y-%m}"
        url += f"&to={line.voucher_date:%Y-%m}"
    return DrawnLine(line.summary, str(line.account), " · ".join(detail), line.debit or None, line.credit or None, url)


def sheet_of(voucher: Voucher, *, ledger: bool = False) -> VoucherSheet:
    """The voucher as it is drawn and printed."""
    lines = sorted(voucher.lines.all(), key=lambda line: line.line_no)
    return VoucherSheet(
        voucher.word,
        f"{voucher.serial:04d}",
        voucher.voucher_date,
        [_drawn(line, ledger) for line in lines],
        voucher.attachments,
        [(_("Made by"), voucher.created_by_name)],
    )


def _page(request: HttpRequest, number: str, refusal: Refusal | None = None) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    voucher = voucher_by_number(number)
    other = voucher.reverses or getattr(voucher, "reversed_by", None)
    reversible = not voucher.source_type and not voucher.reverses_id and other is None
    actions = []
    if reversible and actor.may("accounting.voucher.unapprove"):
        actions.append(Action(_("Reverse…"), icon="arrow-back-up", dialog="reverse"))
    if voucher.source_number:
        url = document_address(voucher.source_type, voucher.source_number)
        if url:
            actions.append(Action(voucher.source_number, url, icon="file-text"))
    actions.append(Action(_("Print"), f"{request.path}print/", icon="printer", new_tab=True, wide_only=True))
    ask = Ask("reason", _("Reason"), value=request.POST.get("reason", ""))
    reverse_url = reverse("staff:voucher_reversal", kwargs={"number": number})
    words = _("A red voucher with the same lines is posted; both stay.")
    context = {
        "voucher": voucher,
        "sheet": sheet_of(voucher, ledger=actor.may("accounting.report.view")),
        "actions": actions,
        "crumbs": [Crumb(_("Finance")), Crumb(_("Vouchers"), reverse("staff:voucher_list"))],
        "source": source_label(voucher),
        "source_url": document_address(voucher.source_type, voucher.source_number),
        "other": other,
        "reversal": reversal_of(voucher),
        "timeline": ui_related.timeline(voucher.pk, limit=8, words=VERBS),
        "dialogs": [Dialog("reverse", _("Reverse the voucher"), reverse_url, _("Reverse"), (ask,), words)]
        if reversible
        else [],
        "error": block_of(refusal) if refusal else None,
    }
    return render(request, "staff/finance/voucher.html", context, status=refusal.status if refusal else 200)


@staff_view("accounting.voucher.view")
def voucher_detail(request: HttpRequest, number: str) -> HttpResponse:
    return _page(request, number)


@require_POST
@staff_view("accounting.voucher.unapprove")
def voucher_reverse(request: HttpRequest, number: str) -> HttpResponse:
    voucher = voucher_by_number(number)
    try:
        reason = request.POST.get("reason", "").strip()[:300]
        made = reverse_entered_voucher(voucher_id=voucher.pk, reason=reason, **who_and_when(request))
    except Refusal as refusal:
        return _page(request, number, refusal)
    messages.success(request, _("Reversed by %(number)s.") % {"number": made.number})
    return HttpResponseRedirect(reverse("staff:voucher_detail", kwargs={"number": made.number}))


@staff_view("accounting.voucher.view")
def voucher_print(request: HttpRequest, number: str) -> HttpResponse:
    """The voucher on A5 paper."""
    voucher = voucher_by_number(number)

    def make() -> PrintSheet:
        sheet = sheet_of(voucher)
        columns = [
            LineColumn("summary", _("Summary")),
            LineColumn("account", pgettext("ledger", "Account")),
            LineColumn("debit", _("Debit"), "money"),
            LineColumn("credit", _("Credit"), "money"),
        ]
        lines = [
            Line(
                no,
                {
                    "summary": row.summary,
                    "account": f"{row.account} {row.detail}".strip(),
                    "debit": row.debit,
                    "credit": row.credit,
                },
            )
            for no, row in enumerate(sheet.lines, start=1)
        ]
        heads, rows = lines_for_print(columns, lines, ())
        return PrintSheet(
            title=_("Accounting voucher"),
            number=number,
            company=str(tenancy.current().name),
            party_label=_("Document"),
            party=voucher.source_number or source_label(voucher),
            facts=[(_("Date"), formats.day(voucher.voucher_date)), (_("Attachments"), str(voucher.attachments))],
            columns=heads,
            rows=rows,
            totals=[PrintTotal(_("Total"), formats.money(sheet.debit), True)],
            amount=sheet.debit,
            signatures=[(_("Made by"), voucher.created_by_name)],
            paper="a5",
        )

    return printed(request, number, make)


# --- entry by hand -----------------------------------------------------------------------------------------------
COLUMNS = (
    GridColumn("summary", gettext_lazy("Summary"), size="w-l"),
    GridColumn("account", pgettext_lazy("ledger", "Account"), "account", required=True),
    GridColumn("name", gettext_lazy("Account name"), out=True, size="w-xl"),
    *voucher_partners.COLUMNS,
    GridColumn("debit", gettext_lazy("Debit"), "money", strong=True),
    GridColumn("credit", gettext_lazy("Credit"), "money", strong=True),
)


class VoucherForm(StaffForm):
    date = forms.DateField(label=gettext_lazy("Date"), widget=DateInput())
    summary = forms.CharField(label=gettext_lazy("Summary"), max_length=200)
    attachments = forms.IntegerField(label=gettext_lazy("Attachments"), min_value=0, max_value=999, initial=0)


def _grid() -> LineGrid:
    return LineGrid(
        COLUMNS,
        pick_url=reverse("staff:account_pick"),
        recalculate_url=reverse("staff:voucher_recalculate"),
        totals={"debit": "", "credit": ""},
        voucher=True,
    )


def _accounts_of(lines: Sequence[EntryLine]) -> dict[int, Account]:
    ids = {found for line in lines if (found := uuid_of(line.text("account")))}
    codes = {line.text("account_code") for line in lines if line.text("account_code")}
    rows = list(accounts(leaves_only=True).filter(Q(pk__in=ids) | Q(code__in=codes)))
    by_id, by_code = {row.pk: row for row in rows}, {row.code: row for row in rows}
    chosen: dict[int, Account] = {}
    for line in lines:
        picked = uuid_of(line.text("account"))
        account = by_id.get(picked) if picked else by_code.get(line.text("account_code"))
        if account is not None:
            chosen[line.index] = account
    return chosen


def _read(request: HttpRequest, summary: str) -> list[VoucherLineInput]:
    lines = read_lines(request.POST, COLUMNS)
    known, (partners, strangers) = _accounts_of(lines), voucher_partners.partners_of(lines)
    problems: list[Refusal] = []
    found = []
    for line in lines:
        account, party = known.get(line.index), partners.get(line.index)
        debit, credit = number_of(line, "debit", problems), number_of(line, "credit", problems)
        if account is None:
            words = _("Line %(line)s: there is no account “%(code)s”.") % {
                "line": line.no,
                "code": line.text("account_code")[:40],
            }
            problems.append(
                ValidationRefused(words, line=line.no, field="account", way_out=_("Pick one from the list."))
            )
        if line.index in strangers:
            problems.append(strangers[line.index])
        elif account is not None:
            found.append(
                VoucherLineInput(
                    account_id=account.pk,
                    debit=debit or ZERO,
                    credit=credit or ZERO,
                    party_id=party.pk if party else None,
                    summary=line.text("summary")[:200] or summary,
                )
            )
    if problems:
        raise Refusal.many(problems)
    return found


@staff_view(EDIT)
def voucher_new(request: HttpRequest) -> HttpResponse:
    """Key a voucher: `=` balances the last line, space flips debit and credit."""
    grid, error, status = _grid(), None, 200
    if request.method == "POST":
        form, refusal, status = VoucherForm(request.POST), None, 400
        if form.is_valid():
            clean = form.cleaned_data
            try:
                made = enter_voucher(
                    date=clean["date"],
                    summary=clean["summary"],
                    lines=_read(request, clean["summary"]),
                    attachments=clean["attachments"],
                    **who_and_when(request),
                )
            except Refusal as caught:
                refusal, error, status = caught, block_of(caught), caught.status
            else:
                messages.success(request, _("%(number)s is posted.") % {"number": made.number})
                again = "another" in request.POST
                url = (
                    reverse("staff:voucher_new")
                    if again
                    else reverse("staff:voucher_detail", kwargs={"number": made.number})
                )
                return HttpResponseRedirect(url)
        grid = grid.with_posted(request.POST, refusal)
    else:
        form = VoucherForm(initial={"date": clock.today(), "attachments": 0})
    context = {
        "form": form,
        "grid": grid,
        "error": error,
        "crumbs": [Crumb(_("Finance")), Crumb(_("Vouchers"), reverse("staff:voucher_list"))],
        "cancel_url": reverse("staff:voucher_list"),
    }
    return render(request, "staff/finance/voucher_form.html", context, status=status)


@staff_view(EDIT)
def account_pick(request: HttpRequest) -> HttpResponse:
    """The type-ahead of accounts that take postings by hand."""
    found = accounts(by_hand=True)
    for word in request.GET.get("q", "").split()[:4]:
        found = found.filter(Q(code__startswith=word) | Q(name__icontains=word) | Q(name_en__icontains=word))
    rows = [
        {
            "id": str(row.pk),
            "code": row.code,
            "name": row.label,
            "spec": _("by partner") if row.by_party else "",
            "pinyin": "",
            "barcode": "",
            "unit": row.get_direction_display(),
            "available": "",
            "low": False,
            "price": "",
        }
        for row in found[:12]
    ]
    return JsonResponse({"results": rows})


@require_POST
@staff_view(EDIT)
def voucher_recalculate(request: HttpRequest) -> HttpResponse:
    """Names of accounts and both sums while one types. Nothing is written."""
    lines = read_lines(request.POST, COLUMNS)
    known, (partners, strangers) = _accounts_of(lines), voucher_partners.partners_of(lines)
    answers: dict[str, Any] = {}
    sums: dict[str, list[Decimal]] = {"debit": [], "credit": []}
    for line in lines:
        problems: list[Refusal] = []
        for side, amounts in sums.items():
            amounts.append(number_of(line, side, problems) or ZERO)
        if line.index in strangers:
            problems.append(strangers[line.index])
        errors = {str(problem.field): problem.message for problem in problems}
        account, party = known.get(line.index), partners.get(line.index)
        answer: dict[str, Any] = {"_errors": errors, "name": account.label if account else "", "party_name": ""}
        if account is not None:
            answer |= {"account": str(account.pk), "account_code": account.code}
        if party is not None:
            answer |= {"party": str(party.pk), "party_code": party.code, "party_name": party.label}
        answers[str(line.index)] = answer
    debit, credit = total(sums["debit"]), total(sums["credit"])
    words = _("Balanced") if debit == credit else _("Differs by %(amount)s") % {"amount": formats.money(debit - credit)}
    totals = {"debit": formats.money(debit), "credit": formats.money(credit)}
    return JsonResponse({"lines": answers, "totals": totals, "summary": words})
