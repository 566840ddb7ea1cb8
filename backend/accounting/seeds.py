"""The books of a new company: chart, roles and the months of its first two years, in three statements."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime

from backend.accounting import chart
from backend.accounting.models import Account, AccountRole, Period
from backend.kernel.actor import Actor
from backend.kernel.company import CompanyProfile
from backend.kernel.ids import uuid7


def seed(*, company: CompanyProfile, actor: Actor, at: datetime) -> None:
    """Lay chart, roles and periods."""
    rows = chart.rows_for(company.chart, company.taxpayer_type)
    ids = {row.code: uuid7() for row in rows}
    parents = {row.parent_code for row in rows}
    Account.objects.bulk_create(
        Account(
            id=ids[row.code],
            code=row.code,
            name=row.name_zh,
            name_en=row.name_en,
            parent_id=ids.get(row.parent_code),
            kind=row.kind,
            direction=row.direction,
            is_leaf=row.code not in parents,
            by_party=row.by_party,
            control=row.control,
        )
        for row in rows
    )
    AccountRole.objects.bulk_create(AccountRole(role=row.role, account_id=ids[row.code]) for row in rows if row.role)
    year = company.start_date.year
    Period.objects.bulk_create(months_between(date(year, 1, 1), date(year + 1, 12, 31)))


def months_between(first: date, last: date) -> Iterator[Period]:
    """The months from the one of ``first`` to the one of ``last``, not saved."""
    year, month = first.year, first.month
    while (year, month) <= (last.year, last.month):
        yield Period(
            code=f"{year:04d}-{month:02d}",
            start_date=date(year, month, 1),
            end_date=date(year, month, monthrange(year, month)[1]),
        )
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
