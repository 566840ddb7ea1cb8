"""General ledger and sub-ledgers: the lines of an account (and party) with their running balance, page by page.

A page costs four statements. What lies before it is summed from balances up to its month and from the
index within it, so the running balance is true on every page.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from backend.accounting.models import Account, AccountBalance, VoucherLine
from backend.kernel.errors import NotFoundRefused, ValidationRefused
from backend.kernel.money import ZERO
from backend.reporting.balances import Span, span_of

PAGE = 50


@dataclass(frozen=True)
class Entry:
    """One line with the balance after it, on the account's own side; ``source_*`` lead to the document."""

    line: VoucherLine
    balance: Decimal

    @property
    def voucher_number(self) -> str:
        return self.line.voucher.number

    @property
    def source_type(self) -> str:
        return self.line.voucher.source_type

    @property
    def source_number(self) -> str:
        return self.line.voucher.source_number


@dataclass(frozen=True)
class LedgerPage:
    """``opening`` is the balance before the span, ``carried`` the one before this page; ``after`` fetches the next."""

    account: Account
    span: Span
    opening: Decimal
    carried: Decimal
    entries: list[Entry]
    debit: Decimal
    credit: Decimal
    after: str

    @property
    def closing(self) -> Decimal:
        """The balance at the end of the span."""
        return self.opening + self.side * (self.debit - self.credit)

    @property
    def side(self) -> int:
        """1 for accounts that stand on the debit side, −1 for the others."""
        return 1 if self.account.direction == "debit" else -1


def general_ledger(
    account_code: str,
    code_from: str,
    code_to: str = "",
    *,
    party_id: UUID | None = None,
    after: str = "",
    limit: int = PAGE,
) -> LedgerPage:
    """A page of the lines of an account and those below it, oldest first."""
    span = span_of(code_from, code_to)
    account = Account.objects.filter(code=account_code).first()
    if account is None:
        raise NotFoundRefused(_("There is no account %(code)s.") % {"code": account_code}, value=account_code)
    sign = 1 if account.direction == "debit" else -1
    opening, debit, credit = _sums(account, span, party_id)
    lines = _lines(account, span, party_id)
    carried = sign * opening
    if after:
        before = lines.filter(_up_to(after)).aggregate(debit=Sum("debit"), credit=Sum("credit"))
        carried += sign * ((before["debit"] or ZERO) - (before["credit"] or ZERO))
        lines = lines.exclude(_up_to(after))
    rows = list(lines.select_related("voucher", "account", "party").order_by("voucher_date", "id")[: limit + 1])
    entries, balance = [], carried
    for row in rows[:limit]:
        balance += sign * (row.debit - row.credit)
        entries.append(Entry(row, balance))
    next_after = _cursor(rows[limit - 1]) if len(rows) > limit else ""
    return LedgerPage(account, span, sign * opening, carried, entries, debit, credit, next_after)


def _under(account: Account, prefix: str = "account__") -> Q:
    return Q(**{f"{prefix}code": account.code}) | Q(**{f"{prefix}code__startswith": f"{account.code}."})


def _sums(account: Account, span: Span, party_id: UUID | None) -> tuple[Decimal, Decimal, Decimal]:
    """Debit minus credit before the span, and the movements within it, from balances."""
    rows = AccountBalance.objects.filter(_under(account), period__end_date__lte=span.end_date)
    if party_id:
        rows = rows.filter(party_id=party_id)
    before, within = Q(period__end_date__lt=span.start_date), Q(period__start_date__gte=span.start_date)
    found = rows.aggregate(
        debit_before=Sum("debit", filter=before),
        credit_before=Sum("credit", filter=before),
        debit=Sum("debit", filter=within),
        credit=Sum("credit", filter=within),
    )
    sums = {name: value or ZERO for name, value in found.items()}
    return sums["debit_before"] - sums["credit_before"], sums["debit"], sums["credit"]


def _lines(account: Account, span: Span, party_id: UUID | None) -> QuerySet[VoucherLine]:
    leaves = Account.objects.filter(_under(account, ""), is_leaf=True).values("pk")
    lines = VoucherLine.objects.filter(
        account__in=leaves, voucher_date__gte=span.start_date, voucher_date__lte=span.end_date
    )
    return lines.filter(party_id=party_id) if party_id else lines


def _cursor(line: VoucherLine) -> str:
    return f"{line.voucher_date.isoformat()}.{line.pk}"


def _up_to(cursor: str) -> Any:
    """Lines up to and with the one a cursor names."""
    try:
        day_text, line_id = cursor.rsplit(".", 1)
        day, pk = date.fromisoformat(day_text), int(line_id)
    except ValueError:
        raise ValidationRefused(_("This page does not exist."), field="after", value=cursor) from None
    return Q(voucher_date__lt=day) | Q(voucher_date=day, pk__lte=pk)
