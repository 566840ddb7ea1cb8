"""Balances by account, read once and summed up the chart: what every report of the books stands on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from backend.accounting.models import Period
from backend.kernel.errors import NotFoundRefused
from backend.kernel.money import ZERO


@dataclass(frozen=True)
class Span:
    """A range of whole months."""

    first: Period
    last: Period

    @property
    def start_date(self) -> date:
        return self.first.start_date

    @property
    def end_date(self) -> date:
        return self.last.end_date

    def __str__(self) -> str:
        return self.first.code if self.first == self.last else f"{self.first.code} – {self.last.code}"


def span_of(code_from: str, code_to: str = "") -> Span:
    """The months from ``2026-01`` to ``2026-11``; raises NotFoundRefused for months the books do not have."""
    codes = (code_from, code_to or code_from)
    found = {period.code: period for period in Period.objects.filter(code__in=codes)}
    missing = [code for code in codes if code not in found]
    if missing or codes[0] > codes[1]:
        raise NotFoundRefused(
            _("The books have no period %(code)s.") % {"code": (missing or codes)[0]}, value=code_from
        )
    return Span(found[codes[0]], found[codes[1]])


@dataclass(frozen=True)
class Cell:
    """Sums of one account (and party) over some months; ``closing_*`` came from transfers to profit."""

    debit: Decimal = ZERO
    credit: Decimal = ZERO
    closing_debit: Decimal = ZERO
    closing_credit: Decimal = ZERO

    @property
    def net(self) -> Decimal:
        """Debit minus credit."""
        return self.debit - self.credit

    @property
    def earned(self) -> Decimal:
        """Debit minus credit without transfers to profit."""
        return self.net - self.closing_debit + self.closing_credit

    def plus(self, other: "Cell") -> "Cell":
        return Cell(
            self.debit + other.debit,
            self.credit + other.credit,
            self.closing_debit + other.closing_debit,
            self.closing_credit + other.closing_credit,
        )


_COLUMNS = ("debit", "credit", "closing_debit", "closing_credit")

Key = tuple[str, str, Any]  # account code, kind, party id


def sums(columns: Mapping[str, tuple[date | None, date]]) -> dict[Key, dict[str, Cell]]:
    """By account and party, one Cell for each named range of days (from None: since the beginning); one statement."""
    parts, values = [], []
    for first, last in columns.values():
        condition = "p.end_date <= %s" + (" AND p.start_date >= %s" if first else "")
        for column in _COLUMNS:
            parts.append(f"coalesce(sum(b.{column}) FILTER (WHERE {condition}), 0)")
            values += [last, first] if first else [last]
    sql = (
        f"SELECT a.code, a.kind, b.party_id, {', '.join(parts)} FROM accounting_account_balance b "
        "JOIN accounting_account a ON a.id = b.account_id JOIN accounting_period p ON p.id = b.period_id "
        "WHERE p.end_date <= %s GROUP BY a.code, a.kind, b.party_id"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, max(last for _first, last in columns.values())])
        return {(row[0], row[1], row[2]): _cells(columns, row[3:]) for row in cursor.fetchall()}


def _cells(columns: Iterable[str], numbers: tuple[Decimal, ...]) -> dict[str, Cell]:
    width = len(_COLUMNS)
    return {name: Cell(*numbers[at * width : (at + 1) * width]) for at, name in enumerate(columns)}


def lineage(code: str) -> list[str]:
    """An account's code and those above it: 2221.01.05, 2221.01, 2221."""
    parts = code.split(".")
    return [".".join(parts[:length]) for length in range(len(parts), 0, -1)]


class Books:
    """One column of ``sums``, added up the chart once: by account, and by account and party."""

    def __init__(self, found: Mapping[Key, Mapping[str, Cell]], column: str) -> None:
        self.cells: dict[str, Cell] = {}
        self.parties: dict[str, dict[Any, Cell]] = {}
        self.profit = ZERO
        for (code, kind, party_id), columns in found.items():
            self._add(code, party_id, columns[column])
            if kind == "pl":
                self.profit -= columns[column].net

    def _add(self, code: str, party_id: Any, cell: Cell) -> None:
        for upper in lineage(code):
            self.cells[upper] = self.cells.get(upper, Cell()).plus(cell)
            if party_id:
                parties = self.parties.setdefault(upper, {})
                parties[party_id] = parties.get(party_id, Cell()).plus(cell)

    def of(self, code: str) -> Cell:
        """The account with everything below it."""
        return self.cells.get(code, Cell())

    def by_party(self, code: str) -> dict[Any, Cell]:
        """The account with everything below it, party by party."""
        return self.parties.get(code, {})
