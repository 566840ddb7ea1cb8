"""The chart of accounts a company begins with, from this area's own data file.

``data/small_enterprise.csv`` follows 《小企业会计准则》(财会〔2011〕17号): its 66 accounts, the VAT columns of
财会〔2016〕22号 under 2221, and sub-accounts by convention. A row with a taxpayer type is laid for that
type alone: small-scale taxpayers have no input VAT.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class ChartRow:
    """One account of the chart. ``role`` is empty when no posting asks for the account."""

    code: str
    name_zh: str
    name_en: str
    kind: str
    direction: str
    by_party: bool
    control: str
    taxpayer: str
    role: str

    @property
    def parent_code(self) -> str:
        return self.code.rpartition(".")[0]


@cache
def _rows(chart: str) -> tuple[ChartRow, ...]:
    with (DATA / f"{chart}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(_row(**row) for row in csv.DictReader(file))


def _row(*, by_party: str, **texts: str) -> ChartRow:
    return ChartRow(by_party=bool(by_party), **texts)


def rows_for(chart: str, taxpayer_type: str) -> list[ChartRow]:
    """The accounts for one kind of taxpayer, parents before children."""
    fitting = [row for row in _rows(chart) if row.taxpayer in {"", taxpayer_type}]
    return sorted(fitting, key=lambda row: (row.code.count("."), row.code))
