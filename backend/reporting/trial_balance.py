"""Trial balance (科目余额表): opening, movement and closing of every account, summed up the chart."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from backend.accounting.models import Account
from backend.kernel.money import ZERO, total
from backend.parties.models import Party
from backend.reporting import balances
from backend.reporting.balances import Books, Span


@dataclass(frozen=True)
class Row:
    """One account. Opening and closing stand on the side they fall on."""

    account: Account
    opening: Decimal = ZERO
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    depth: int = 0

    @property
    def closing(self) -> Decimal:
        return self.opening + self.debit - self.credit

    @property
    def opening_debit(self) -> Decimal:
        return max(self.opening, ZERO)

    @property
    def opening_credit(self) -> Decimal:
        return max(-self.opening, ZERO)

    @property
    def closing_debit(self) -> Decimal:
        return max(self.closing, ZERO)

    @property
    def closing_credit(self) -> Decimal:
        return max(-self.closing, ZERO)

    @property
    def is_empty(self) -> bool:
        return not (self.opening or self.debit or self.credit)


@dataclass(frozen=True)
class TrialBalance:
    """``totals`` add up the first level: opening debit and credit, movements, closing debit and credit."""

    span: Span
    rows: list[Row]
    totals: dict[str, Decimal] = field(default_factory=dict)

    @property
    def balanced(self) -> bool:
        pairs = (("opening_debit", "opening_credit"), ("debit", "credit"), ("closing_debit", "closing_credit"))
        return all(self.totals[one] == self.totals[other] for one, other in pairs)


_TOTALS = ("opening_debit", "opening_credit", "debit", "credit", "closing_debit", "closing_credit")


def trial_balance(
    code_from: str, code_to: str = "", *, with_empty: bool = False, depth: int | None = None
) -> TrialBalance:
    """The accounts from one month to another; three statements, whatever the number of vouchers."""
    span = balances.span_of(code_from, code_to)
    found = balances.sums(_columns(span))
    before, within = Books(found, "before"), Books(found, "within")
    rows = []
    for account in Account.objects.order_by("code"):
        movement = within.of(account.code)
        row = Row(account, before.of(account.code).net, movement.debit, movement.credit, account.depth)
        if (with_empty or not row.is_empty) and (depth is None or row.depth <= depth):
            rows.append(row)
    first_level = [row for row in rows if row.depth == 0]
    totals = {name: total(getattr(row, name) for row in first_level) for name in _TOTALS}
    return TrialBalance(span, rows, totals)


def _columns(span: Span) -> dict[str, tuple[date | None, date]]:
    return {
        "before": (None, span.start_date - timedelta(days=1)),
        "within": (span.start_date, span.end_date),
    }


# --- by party ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class PartyRow:
    """A party on an account that is kept by party; amounts on the account's own side are positive."""

    party: Party
    opening: Decimal
    debit: Decimal
    credit: Decimal
    closing: Decimal


def party_balances(account_code: str, code_from: str, code_to: str = "") -> list[PartyRow]:
    """The sub-ledger's balances: every party of an account (and those below it); four statements."""
    span = balances.span_of(code_from, code_to)
    account = Account.objects.get(code=account_code)
    sign = 1 if account.direction == "debit" else -1
    found = balances.sums(_columns(span))
    before, within = Books(found, "before").by_party(account_code), Books(found, "within").by_party(account_code)
    rows = []
    for party in Party.objects.in_bulk(list(before)).values():
        opening, movement = before[party.pk].net, within[party.pk]
        if opening or movement.debit or movement.credit:
            closing = sign * (opening + movement.net)
            rows.append(PartyRow(party, sign * opening, movement.debit, movement.credit, closing))
    return sorted(rows, key=lambda row: (row.party.sort_key, row.party.name))
