"""The checklist before a month is closed. Areas above add checks of their own with ``register``.

A check gets the period and answers with a CheckResult; ``count`` 0 is green, otherwise it blocks (red) or
warns (amber).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from backend.accounting.models import Period, PeriodState


@dataclass(frozen=True)
class CheckResult:
    """What a check found. ``links`` name documents to open as (doc_type, number)."""

    code: str
    title: str
    count: int
    blocks: bool
    detail: str = ""
    way_out: str = ""
    links: tuple[tuple[str, str], ...] = ()

    @property
    def level(self) -> str:
        """green, amber or red."""
        return "green" if not self.count else "red" if self.blocks else "amber"


Check = Callable[[Period], CheckResult]
_CHECKS: dict[str, Check] = {}


def register(check: Check) -> Check:
    """Add a check to the list; the same function once."""
    _CHECKS[f"{check.__module__}.{check.__qualname__}"] = check
    return check


def run(period: Period) -> list[CheckResult]:
    """All checks, red ones first."""
    found = [check(period) for check in _CHECKS.values()]
    return sorted(found, key=lambda result: ("red", "amber", "green").index(result.level))


@register
def earlier_periods(period: Period) -> CheckResult:
    """Months are closed in order."""
    codes = list(
        Period.objects.filter(start_date__lt=period.start_date, state=PeriodState.OPEN, voucher__isnull=False)
        .distinct()
        .order_by("code")
        .values_list("code", flat=True)
    )
    return CheckResult(
        "earlier_periods",
        _("Earlier periods are closed"),
        len(codes),
        True,
        ", ".join(codes),
        _("Close the earlier periods first."),
    )


_GAPS = """
SELECT coalesce(sum(last - numbers), 0) FROM (
    SELECT max(serial) AS last, count(*) AS numbers FROM accounting_voucher WHERE period_id = %s GROUP BY word
) words
"""


@register
def voucher_numbers(period: Period) -> CheckResult:
    """Numbers follow each other without a gap."""
    return CheckResult("voucher_numbers", _("Voucher numbers have no gap"), int(_one(_GAPS, [period.pk])), True)


_NOT_TRANSFERRED = """
SELECT count(*) FROM (
    SELECT b.account_id FROM accounting_account_balance b
    JOIN accounting_account a ON a.id = b.account_id JOIN accounting_period p ON p.id = b.period_id
    WHERE a.kind = 'pl' AND p.end_date <= %s GROUP BY b.account_id HAVING sum(b.debit) <> sum(b.credit)
) left_over
"""


@register
def profit_transferred(period: Period) -> CheckResult:
    """Profit and loss accounts may be transferred each month; statements are right either way."""
    return CheckResult(
        "profit_transferred",
        _("Profit and loss is transferred"),
        int(_one(_NOT_TRANSFERRED, [period.end_date])),
        False,
        way_out=_("Transfer it now, or at the end of the year."),
    )


_NEGATIVE_CASH = """
SELECT count(*) FROM (
    SELECT b.account_id FROM accounting_account_balance b
    JOIN accounting_account_role r ON r.account_id = b.account_id JOIN accounting_period p ON p.id = b.period_id
    WHERE r.role IN ('cash', 'bank', 'other_cash') AND p.end_date <= %s
    GROUP BY b.account_id HAVING sum(b.debit - b.credit) < 0
) below
"""


@register
def negative_cash(period: Period) -> CheckResult:
    """Money accounts are not below zero."""
    return CheckResult(
        "negative_cash", _("Cash and bank are not below zero"), int(_one(_NEGATIVE_CASH, [period.end_date])), False
    )


def _one(sql: str, values: list[Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()[0]
