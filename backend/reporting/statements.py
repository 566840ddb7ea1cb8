"""Balance sheet and income statement of 《小企业会计准则》, from formulas over balances (``data/small_enterprise.json``).

The balance sheet balances at any moment: profit that is not transferred yet counts as undistributed profit.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

from backend.kernel.language import reads_chinese
from backend.kernel.money import ZERO
from backend.reporting import balances
from backend.reporting.balances import Books, Span

DATA = Path(__file__).parent / "data" / "small_enterprise.json"
_TERM = re.compile(r"([+-]?)\s*(?:L(\d+)|(\w+)\(([\d.]*)\)|(\d+))\s*")


@dataclass(frozen=True)
class LineRule:
    """One line of a statement as the standard has it. Memo lines are parts of the line above."""

    line: int
    zh: str
    en: str
    kind: str
    formula: str
    side: str = ""


@dataclass(frozen=True)
class Line:
    """One line with an amount for each column."""

    rule: LineRule
    amounts: Mapping[str, Decimal]

    @property
    def line(self) -> int:
        return self.rule.line

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return self.rule.zh if reads_chinese() else self.rule.en

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts behind the line, to look closer."""
        return tuple(found[3] for found in _TERM.findall(self.rule.formula) if found[3])


@dataclass(frozen=True)
class Statement:
    """A statement with its columns in the order they are shown."""

    name: str
    span: Span
    columns: tuple[str, ...]
    lines: list[Line]

    def amount(self, line: int, column: str = "") -> Decimal:
        """The amount of a line, in the first column when none is named."""
        return self.lines[line - 1].amounts[column or self.columns[0]]

    @property
    def balanced(self) -> bool:
        """Assets equal liabilities and equity, in every column (always true of an income statement)."""
        if self.name != "balance_sheet":
            return True
        return all(self.amount(30, column) == self.amount(53, column) for column in self.columns)


@cache
def rules_of(name: str) -> tuple[LineRule, ...]:
    """The lines of ``balance_sheet`` or ``income_statement``."""
    return tuple(LineRule(**row) for row in json.loads(DATA.read_text(encoding="utf-8"))[name])


def balance_sheet(code: str) -> Statement:
    """At the end of a month, beside the beginning of its year; two statements."""
    span = balances.span_of(code)
    year_begin = date(span.end_date.year, 1, 1)
    columns: dict[str, tuple[date | None, date]] = {
        "closing": (None, span.end_date),
        "opening": (None, year_begin - timedelta(days=1)),
    }
    return _statement("balance_sheet", span, columns)


def income_statement(code_from: str, code_to: str = "") -> Statement:
    """Of a month or several, beside the year so far; two statements."""
    span = balances.span_of(code_from, code_to)
    year_begin = date(span.end_date.year, 1, 1)
    columns: dict[str, tuple[date | None, date]] = {
        "year_to_date": (year_begin, span.end_date),
        "period": (span.start_date, span.end_date),
    }
    return _statement("income_statement", span, columns)


def _statement(name: str, span: Span, columns: dict[str, tuple[date | None, date]]) -> Statement:
    found = balances.sums(columns)
    amounts = {column: _amounts(name, Books(found, column)) for column in columns}
    lines = [Line(rule, {column: amounts[column][rule.line] for column in columns}) for rule in rules_of(name)]
    return Statement(name, span, tuple(columns), lines)


def _amounts(name: str, books: Books) -> dict[int, Decimal]:
    """Every line of one column; a formula may name lines before it."""
    amounts: dict[int, Decimal] = {}
    for rule in rules_of(name):
        amounts[rule.line] = sum((_term(found, books, amounts) for found in _TERM.findall(rule.formula)), ZERO)
    return amounts


def _term(found: tuple[str, ...], books: Books, amounts: Mapping[int, Decimal]) -> Decimal:
    sign, line, function, code, number = found
    if line:
        amount = amounts[int(line)]
    elif function:
        amount = FUNCTIONS[function](books, code)
    else:
        amount = Decimal(number)
    return -amount if sign == "-" else amount


# --- what formulas may say ---------------------------------------------------------------------
def _nets(books: Books, code: str) -> list[Decimal]:
    return [cell.net for cell in books.by_party(code).values()]


FUNCTIONS: dict[str, Callable[[Books, str], Decimal]] = {
    "dr": lambda books, code: books.of(code).net,
    "cr": lambda books, code: -books.of(code).net,
    "dr_partners": lambda books, code: sum((net for net in _nets(books, code) if net > 0), ZERO),
    "cr_partners": lambda books, code: -sum((net for net in _nets(books, code) if net < 0), ZERO),
    "pdr": lambda books, code: books.of(code).earned,
    "pcr": lambda books, code: -books.of(code).earned,
    "profit": lambda books, code: books.profit,
}
