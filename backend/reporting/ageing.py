"""Receivables and payables by age, by week, and net of each other for partners that are both."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import connection

from backend.kernel.money import ZERO, total

# Upper ends of the buckets in days overdue; the last has none.
BUCKETS = (30, 60, 90)


@dataclass(frozen=True)
class AgeingRow:
    """One party: what is not due, what is overdue by bucket, and advances (which lower the balance)."""

    party_id: UUID
    party_name: str
    not_due: Decimal
    overdue: tuple[Decimal, ...]
    advances: Decimal
    oldest_due: date | None

    @property
    def total_overdue(self) -> Decimal:
        return total(self.overdue)

    @property
    def open_amount(self) -> Decimal:
        """Everything open, advances not taken off."""
        return self.not_due + self.total_overdue

    @property
    def balance(self) -> Decimal:
        return self.open_amount - self.advances


@dataclass(frozen=True)
class Ageing:
    """``kind`` is receivable or payable; ``totals`` is a row without a party."""

    kind: str
    today: date
    rows: list[AgeingRow]

    @property
    def totals(self) -> AgeingRow:
        sums = [total(row.overdue[at] for row in self.rows) for at in range(len(BUCKETS) + 1)]
        not_due, advances = total(row.not_due for row in self.rows), total(row.advances for row in self.rows)
        return AgeingRow(UUID(int=0), "", not_due, tuple(sums), advances, None)


def ageing(kind: str, today: date, *, party_id: UUID | None = None) -> Ageing:
    """Open amounts by days overdue, most overdue party first; one statement."""
    columns, values = _bucket_columns(today)
    sql = (
        f"SELECT p.id, p.name, {columns}, min(i.due_date) FILTER (WHERE i.open_amount > 0) "
        "FROM accounting_open_item i JOIN party p ON p.id = i.party_id "
        "WHERE i.kind = %s AND i.open_amount <> 0"
        + (" AND i.party_id = %s" if party_id else "")
        + " GROUP BY p.id, p.name"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, kind, *([party_id] if party_id else [])])
        rows = [AgeingRow(row[0], row[1], row[2], tuple(row[4:-1]), row[3], row[-1]) for row in cursor.fetchall()]
    rows.sort(key=lambda row: (-row.total_overdue, -row.open_amount, row.party_name, row.party_id))
    return Ageing(kind, today, rows)


def _bucket_columns(today: date) -> tuple[str, list[date]]:
    conditions = ["i.open_amount > 0 AND i.due_date >= %s"]
    values, newest = [today], today
    for days in BUCKETS:
        edge = today - timedelta(days=days)
        conditions.append("i.open_amount > 0 AND i.due_date < %s AND i.due_date >= %s")
        values += [newest, edge]
        newest = edge
    conditions.append("i.open_amount > 0 AND i.due_date < %s")
    values.append(newest)
    parts = [f"coalesce(sum(i.open_amount) FILTER (WHERE {condition}), 0)" for condition in conditions]
    parts.insert(1, "coalesce(-sum(i.open_amount) FILTER (WHERE i.open_amount < 0), 0)")
    return ", ".join(parts), values


@dataclass(frozen=True)
class Week:
    """What falls due in a week; the first week also holds what is overdue. ``balance`` is the money after it."""

    first_day: date
    incoming: Decimal
    outgoing: Decimal
    balance: Decimal


_WEEKS = """
SELECT greatest((due_date - %(monday)s) / 7, 0) AS week,
       coalesce(sum(open_amount) FILTER (WHERE kind = 'receivable'), 0),
       coalesce(sum(open_amount) FILTER (WHERE kind = 'payable'), 0)
FROM accounting_open_item WHERE open_amount > 0 AND due_date < %(end)s GROUP BY 1
"""


def funds_by_week(today: date, *, weeks: int = 13) -> list[Week]:
    """Money today, plus what is due from customers and less what is due to suppliers, week by week; two statements."""
    monday = today - timedelta(days=today.weekday())
    with connection.cursor() as cursor:
        cursor.execute(_WEEKS, {"monday": monday, "end": monday + timedelta(weeks=weeks)})
        due = {row[0]: (row[1], row[2]) for row in cursor.fetchall()}
    balance, made = cash_position(), []
    for number in range(weeks):
        incoming, outgoing = due.get(number, (ZERO, ZERO))
        balance += incoming - outgoing
        made.append(Week(monday + timedelta(weeks=number), incoming, outgoing, balance))
    return made


_CASH = """
SELECT coalesce(sum(b.debit - b.credit), 0) FROM accounting_account_balance b
JOIN accounting_account a ON a.id = b.account_id
JOIN accounting_account_role r ON r.role IN ('cash', 'bank', 'other_cash')
JOIN accounting_account top ON top.id = r.account_id AND (a.code = top.code OR a.code LIKE top.code || '.%')
"""


def cash_position() -> Decimal:
    """Cash, bank and other monetary funds together; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_CASH)
        amount: Decimal = cursor.fetchone()[0]
    return amount


@dataclass(frozen=True)
class NetRow:
    """A partner that is customer and supplier: what it owes, what we owe, and the rest."""

    party_id: UUID
    party_name: str
    receivable: Decimal
    payable: Decimal

    @property
    def net(self) -> Decimal:
        return self.receivable - self.payable


_NET = """
SELECT p.id, p.name, coalesce(sum(i.open_amount) FILTER (WHERE i.kind = 'receivable'), 0),
       coalesce(sum(i.open_amount) FILTER (WHERE i.kind = 'payable'), 0)
FROM accounting_open_item i JOIN party p ON p.id = i.party_id
WHERE i.open_amount <> 0 GROUP BY p.id, p.name
HAVING bool_or(i.kind = 'receivable') AND bool_or(i.kind = 'payable') ORDER BY p.name, p.id
"""


def both_sides() -> list[NetRow]:
    """Partners with something open on both sides (FIN-04); one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_NET)
        return [NetRow(*row) for row in cursor.fetchall()]
