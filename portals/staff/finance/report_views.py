"""The reports of the books: each is a table on the page and a workbook, with a way from every figure to what is behind it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from backend.accounting.models import Period
from backend.accounting.selectors import accounts, period_of, periods
from backend.kernel import clock
from backend.kernel.errors import NotFoundRefused
from backend.reporting.ageing import BUCKETS, ageing
from backend.reporting.ledger import general_ledger as read_ledger
from backend.reporting.statements import Statement
from backend.reporting.statements import balance_sheet as read_sheet
from backend.reporting.statements import income_statement as read_income
from backend.reporting.trial_balance import trial_balance as read_trial
from portals.staff.sales.entry import uuid_of
from portals.ui import formats
from portals.ui.chips import Chip
from portals.ui.components import Crumb
from portals.ui.guards import staff_view
from portals.ui.lists import Column, export
from portals.ui.navigation import document_address
from portals.ui.typed import count_of

VIEW, EXPORT = "accounting.report.view", "accounting.report.export"


@dataclass(frozen=True)
class Cell:
    """A figure or a text; `url` leads to what is behind it."""

    value: Any
    url: str = ""
    sub: Any = ""


@dataclass(frozen=True)
class Row:
    cells: Sequence[Cell]
    depth: int = 0
    strong: bool = False
    heading: bool = False


@dataclass(frozen=True)
class Head:
    label: Any
    kind: str = "text"

    @property
    def numeric(self) -> bool:
        return self.kind != "text" and self.kind != "date"


@dataclass(frozen=True)
class Report:
    """A table with its conditions."""

    title: Any
    heads: Sequence[Head]
    rows: Sequence[Row]
    foot: Row | None = None
    chips: Sequence[Chip] = ()
    note: Any = ""
    empty: Any = ""
    more_url: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


def draw(request: HttpRequest, report: Report, **context: Any) -> HttpResponse:
    """The page, or the workbook when `export=xlsx` is asked for."""
    actor = request.actor  # type: ignore[attr-defined]
    if request.GET.get("export") == "xlsx":
        actor.require(EXPORT)
        columns = [
            Column(
                f"c{at}",
                head.label,
                "money" if head.kind == "money" else "date" if head.kind == "date" else "text",
                value=_reader(at),
            )
            for at, head in enumerate(report.heads)
        ]
        rows = [*report.rows, *([report.foot] if report.foot else [])]
        return export.xlsx(str(report.title), columns, rows, {})
    query = request.GET.copy()
    query["export"] = "xlsx"
    shared = {
        "report": report,
        "crumbs": [Crumb(_("Finance"))],
        "months": [period.code for period in periods()[:60]],
        "export_url": f"?{query.urlencode()}" if actor.may(EXPORT) else "",
    }
    return render(request, "staff/finance/report.html", shared | context)


def _reader(at: int) -> Callable[[Row], Any]:
    def read(row: Row) -> Any:
        value = row.cells[at].value if at < len(row.cells) else ""
        return ("  " * row.depth + value) if at < 2 and isinstance(value, str) and row.depth else value

    return read


def _month(request: HttpRequest, name: str, otherwise: str = "") -> str:
    """A month of the books from the address; the running one when none is given."""
    asked = request.GET.get(name, "")
    if asked:
        return asked
    if otherwise:
        return otherwise
    found = period_of(clock.today()) or Period.objects.order_by("start_date").last()
    if found is None:
        raise NotFoundRefused(_("The books have no period yet."))
    return found.code


def _balances_url(first: str, last: str) -> str:
    """Where the accounts behind a line of several are listed."""
    return f"{reverse('staff:trial_balance')}?{urlencode({'from': first, 'to': last})}"


def _ledger_url(code: str, first: str, last: str, party: Any = None) -> str:
    query = {"account": code, "from": first, "to": last}
    if party:
        query["party"] = str(party)
    return f"{reverse('staff:general_ledger')}?{urlencode(query)}"


@staff_view(VIEW)
def trial_balance(request: HttpRequest) -> HttpResponse:
    """Opening, movement and closing of every account; a figure opens the ledger."""
    first = _month(request, "from")
    last = _month(request, "to", first)
    depth = request.GET.get("depth", "")
    found = read_trial(first, last, depth=count_of(depth), with_empty=bool(request.GET.get("empty")))
    names = ("opening_debit", "opening_credit", "debit", "credit", "closing_debit", "closing_credit")
    rows = [
        Row(
            [
                Cell(row.account.code, _ledger_url(row.account.code, first, last)),
                Cell(row.account.label),
                *(Cell(getattr(row, name) or None) for name in names),
            ],
            row.depth,
            strong=row.depth == 0,
        )
        for row in found.rows
    ]
    heads = [
        Head(pgettext("ledger", "Account")),
        Head(_("Name")),
        Head(_("Opening debit"), "money"),
        Head(_("Opening credit"), "money"),
        Head(_("Debit"), "money"),
        Head(_("Credit"), "money"),
        Head(_("Closing debit"), "money"),
        Head(_("Closing credit"), "money"),
    ]
    foot = Row([Cell(_("Total")), Cell(""), *(Cell(found.totals[name]) for name in names)], strong=True)
    state = Chip("ok", _("Balanced")) if found.balanced else Chip("bad", _("Debit and credit differ"))
    report = Report(_("Trial balance"), heads, rows, foot, [state], empty=_("Nothing is posted in these months."))
    return draw(request, report, first=first, last=last, spans=True, depth=depth)


@staff_view(VIEW)
def general_ledger(request: HttpRequest) -> HttpResponse:
    """Every posting of an account with the balance after it; each leads to its voucher and its document."""
    first = _month(request, "from")
    last = _month(request, "to", first)
    code = request.GET.get("account", "") or str(
        accounts(leaves_only=True).values_list("code", flat=True).first() or ""
    )
    if not accounts().filter(code=code).exists():
        raise NotFoundRefused(_("There is no account %(code)s.") % {"code": code[:20]}, value=code[:20])
    party = uuid_of(request.GET.get("party", ""))
    page = read_ledger(code, first, last, party_id=party, after=request.GET.get("after", ""))
    rows = [
        Row(
            [
                Cell(""),
                Cell(""),
                Cell(_("Carried over") if request.GET.get("after") else _("Opening balance")),
                Cell(""),
                Cell(None),
                Cell(None),
                Cell(page.carried),
            ],
            heading=True,
        )
    ]
    for entry in page.entries:
        line = entry.line
        number = entry.voucher_number
        rows.append(
            Row(
                [
                    Cell(line.voucher_date),
                    Cell(number, reverse("staff:voucher_detail", kwargs={"number": number})),
                    Cell(line.summary, "", line.party.label if line.party else ""),
                    Cell(entry.source_number or "", document_address(entry.source_type, entry.source_number)),
                    Cell(line.debit or None),
                    Cell(line.credit or None),
                    Cell(entry.balance),
                ]
            )
        )
    heads = [
        Head(_("Date"), "date"),
        Head(_("Voucher")),
        Head(_("Summary")),
        Head(_("Document")),
        Head(_("Debit"), "money"),
        Head(_("Credit"), "money"),
        Head(_("Balance"), "money"),
    ]
    foot = Row(
        [
            Cell(""),
            Cell(""),
            Cell(_("In these months")),
            Cell(""),
            Cell(page.debit),
            Cell(page.credit),
            Cell(page.closing),
        ],
        strong=True,
    )
    more = ""
    if page.after:
        query = request.GET.copy()
        query["after"] = page.after
        more = f"?{query.urlencode()}"
    title = f"{_('General ledger')} {page.account}"
    report = Report(title, heads, rows, foot, note=page.account.get_direction_display(), more_url=more)
    chart = [(row.code, f"{row.code} {row.label}") for row in accounts()]
    return draw(request, report, first=first, last=last, spans=True, chart=chart, account=code, party=party or "")


def _statement_rows(found: Statement, first: str, last: str) -> list[Row]:
    rows = []
    for line in found.lines:
        heading = line.rule.kind == "heading"
        codes = line.accounts
        url = _ledger_url(codes[0], first, last) if len(codes) == 1 else _balances_url(first, last) if codes else ""
        amounts = [Cell("" if heading else line.amounts.get(column) or None) for column in found.columns]
        rows.append(
            Row(
                [Cell(line.label, url), Cell(str(line.line)), *amounts],
                strong=line.rule.kind in {"total", "sum"},
                heading=heading,
            )
        )
    return rows


def _column_label(name: str) -> str:
    return {
        "closing": _("Closing balance"),
        "opening": _("Opening of the year"),
        "year_to_date": _("Year to date"),
        "period": _("This period"),
    }[name]


@staff_view(VIEW)
def balance_sheet(request: HttpRequest) -> HttpResponse:
    last = _month(request, "to")
    found = read_sheet(last)
    heads = [
        Head(_("Item of the statement")),
        Head(_("Line")),
        *(Head(_column_label(name), "money") for name in found.columns),
    ]
    state = Chip("ok", _("Balanced")) if found.balanced else Chip("bad", _("It does not balance"))
    report = Report(
        _("Balance sheet"),
        heads,
        _statement_rows(found, f"{last[:4]}-01", last),
        None,
        [state],
        formats.day(found.span.end_date),
    )
    return draw(request, report, last=last)


@staff_view(VIEW)
def income_statement(request: HttpRequest) -> HttpResponse:
    first = _month(request, "from")
    last = _month(request, "to", first)
    found = read_income(first, last)
    heads = [
        Head(_("Item of the statement")),
        Head(_("Line")),
        *(Head(_column_label(name), "money") for name in found.columns),
    ]
    report = Report(_("Income statement"), heads, _statement_rows(found, first, last))
    return draw(request, report, first=first, last=last, spans=True)


@staff_view("accounting.open_item.view")
def ageing_report(request: HttpRequest) -> HttpResponse:
    """What is open with whom and since when."""
    kind = "payable" if request.GET.get("kind") == "payable" else "receivable"
    found = ageing(kind, clock.today())
    detail = "staff:supplier_detail" if kind == "payable" else "staff:customer_detail"
    edges = [0, *BUCKETS]
    labels = [
        _("%(first)s–%(last)s days late") % {"first": low + 1, "last": high}
        for low, high in zip(edges, BUCKETS, strict=False)
    ]
    labels.append(_("over %(days)s days late") % {"days": BUCKETS[-1]})
    heads = [
        Head(_("Partner")),
        Head(_("Not due"), "money"),
        *(Head(label, "money") for label in labels),
        Head(_("Advances"), "money"),
        Head(_("Balance"), "money"),
        Head(_("Oldest due"), "date"),
    ]

    def row_of(each: Any, name: Cell) -> Row:
        amounts = [each.not_due, *each.overdue, -each.advances if each.advances else None, each.balance]
        return Row([name, *(Cell(amount or None) for amount in amounts), Cell(each.oldest_due)])

    rows = [row_of(each, Cell(each.party_name, reverse(detail, kwargs={"pk": each.party_id}))) for each in found.rows]
    foot = row_of(found.totals, Cell(_("Total"))) if rows else None
    title = _("Payables by age") if kind == "payable" else _("Receivables by age")
    report = Report(title, heads, rows, foot, note=formats.day(clock.today()), empty=_("Nothing is open."))
    return draw(request, report, kinds=[("receivable", _("Receivables")), ("payable", _("Payables"))], kind=kind)
