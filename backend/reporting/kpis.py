"""Key figures: each with numerator, denominator, number of cases and the former range beside it.

A figure whose denominator is zero has no value: pages show “–”, never 0 %.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from backend.kernel.money import HUNDRED, ZERO
from backend.reporting.ageing import cash_position


@dataclass(frozen=True)
class Kpi:
    """``value`` = numerator ÷ denominator in percent, or the numerator where there is no denominator.

    ``n`` is the number of cases counted; ``formula`` says what is divided by what; ``better`` is up or down.
    """

    code: str
    label: Any
    unit: str
    formula: Any
    better: str = "up"
    numerator: Decimal = ZERO
    denominator: Decimal | None = None
    n: int = 0
    former_numerator: Decimal | None = None
    former_denominator: Decimal | None = None

    @property
    def value(self) -> Decimal | None:
        return _value(self.numerator, self.denominator)

    @property
    def former(self) -> Decimal | None:
        return None if self.former_numerator is None else _value(self.former_numerator, self.former_denominator)


def _value(numerator: Decimal, denominator: Decimal | None) -> Decimal | None:
    if denominator is None:
        return numerator
    return (numerator * HUNDRED / denominator).quantize(Decimal("0.1")) if denominator else None


@dataclass(frozen=True)
class Range:
    """Days from, to, and the same number of days before."""

    first: date
    last: date

    @property
    def former(self) -> "Range":
        days = self.last - self.first + timedelta(days=1)
        return Range(self.first - days, self.last - days)


def month_of(today: date) -> Range:
    """The month so far."""
    return Range(today.replace(day=1), today)


def quarter_of(today: date) -> Range:
    """The quarter so far."""
    return Range(date(today.year, 3 * ((today.month - 1) // 3) + 1, 1), today)


def home_kpis(today: date, within: Range | None = None) -> list[Kpi]:
    """Sales, margin, on-time delivery, receivables, payables and money; five statements."""
    within = within or month_of(today)
    return [*sales(within), on_time_delivery(within, today), *open_balances(today), money()]


_SALES = """
SELECT coalesce(sum(l.net_amount) FILTER (WHERE {now}), 0), coalesce(sum(l.cost_amount) FILTER (WHERE {now}), 0),
       count(DISTINCT i.id) FILTER (WHERE {now}),
       coalesce(sum(l.net_amount) FILTER (WHERE NOT ({now})), 0), coalesce(sum(l.cost_amount) FILTER (WHERE NOT ({now})), 0)
FROM invoicing_sales_invoice i JOIN invoicing_sales_invoice_line l ON l.document_id = i.id
WHERE i.approval = 'approved' AND (
    i.doc_date BETWEEN %(first)s AND %(last)s OR i.doc_date BETWEEN %(first_before)s AND %(last_before)s)
""".format(now="i.doc_date BETWEEN %(first)s AND %(last)s")


def sales(within: Range) -> list[Kpi]:
    """Invoiced sales without VAT, and what is left of them after the cost of the goods; one statement."""
    net, cost, count, net_before, cost_before = _row(_SALES, _days(within))
    return [
        Kpi(
            "sales_net",
            _("Sales"),
            "money",
            _("Net amount of approved sales invoices"),
            numerator=net,
            n=count,
            former_numerator=net_before,
        ),
        Kpi(
            "gross_margin",
            _("Gross margin"),
            "percent",
            _("(Net sales − cost of the goods) ÷ net sales"),
            numerator=net - cost,
            denominator=net,
            n=count,
            former_numerator=net_before - cost_before,
            former_denominator=net_before,
        ),
    ]


# A line is due on the date first promised; it is on time when all of it had been shipped by then.
_ON_TIME = """
WITH due AS (
    SELECT l.id, l.qty - l.cancelled_qty AS qty, p.first_date AS day
    FROM availability_promise p
    JOIN availability_demand_line d ON d.id = p.demand_id AND d.ref_type = 'sales.order'
    JOIN sales_order_line l ON l.id = d.ref_line_id JOIN sales_order o ON o.id = l.document_id AND o.approval = 'approved'
    WHERE l.qty > l.cancelled_qty AND p.first_date <= %(today)s
      AND (p.first_date BETWEEN %(first)s AND %(last)s OR p.first_date BETWEEN %(first_before)s AND %(last_before)s)
), judged AS (
    SELECT due.day, coalesce(sum(dl.qty) FILTER (WHERE dd.doc_date <= due.day), 0) >= due.qty AS on_time
    FROM due LEFT JOIN sales_delivery_line dl ON dl.order_line_id = due.id
    LEFT JOIN sales_delivery dd ON dd.id = dl.document_id AND dd.approval = 'approved'
    GROUP BY due.id, due.day, due.qty
)
SELECT count(*) FILTER (WHERE {now} AND on_time), count(*) FILTER (WHERE {now}),
       count(*) FILTER (WHERE NOT ({now}) AND on_time), count(*) FILTER (WHERE NOT ({now}))
FROM judged WHERE on_time OR day < %(today)s
""".format(now="day BETWEEN %(first)s AND %(last)s")


def on_time_delivery(within: Range, today: date) -> Kpi:
    """Order lines shipped in full by the date first promised ÷ lines due; one statement."""
    on_time, due, on_time_before, due_before = _row(_ON_TIME, {**_days(within), "today": today})
    return Kpi(
        "on_time_delivery",
        _("On-time delivery"),
        "percent",
        _("Order lines shipped in full by the date first promised ÷ order lines due"),
        numerator=Decimal(on_time),
        denominator=Decimal(due),
        n=due,
        former_numerator=Decimal(on_time_before),
        former_denominator=Decimal(due_before),
    )


_OPEN = """
SELECT kind, coalesce(sum(open_amount), 0), coalesce(sum(open_amount) FILTER (WHERE due_date < %(today)s), 0),
       count(DISTINCT party_id) FILTER (WHERE due_date < %(today)s)
FROM accounting_open_item WHERE open_amount > 0 GROUP BY kind
"""


def open_balances(today: date) -> list[Kpi]:
    """Receivables and payables with the share that is overdue; ``n`` parties are late. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, {"today": today})
        found = {row[0]: row[1:] for row in cursor.fetchall()}
    made = []
    for kind, label in (("receivable", _("Receivables")), ("payable", _("Payables"))):
        amount, late, parties = found.get(kind, (ZERO, ZERO, 0))
        made.append(
            Kpi(
                kind,
                label,
                "money",
                _("Open amounts; the smaller figure is overdue"),
                better="down",
                numerator=amount,
                n=parties,
            )
        )
        made.append(
            Kpi(
                f"{kind}_overdue",
                _("Overdue"),
                "percent",
                _("Overdue amount ÷ open amount"),
                better="down",
                numerator=late,
                denominator=amount,
                n=parties,
            )
        )
    return made


def money() -> Kpi:
    """Cash and bank; one statement."""
    return Kpi(
        "cash",
        _("Cash and bank"),
        "money",
        _("Balance of cash, bank and other monetary funds"),
        numerator=cash_position(),
    )


_AUTOMATIC = """
SELECT count(*) FILTER (WHERE source_id IS NOT NULL), count(*) FROM accounting_voucher
WHERE voucher_date BETWEEN %(first)s AND %(last)s
"""


def automatic_vouchers(within: Range) -> Kpi:
    """Vouchers made by documents ÷ all vouchers (FIN-12); one statement."""
    automatic, count = _row(_AUTOMATIC, {"first": within.first, "last": within.last})
    return Kpi(
        "automatic_vouchers",
        _("Automatic vouchers"),
        "percent",
        _("Vouchers posted by documents ÷ all vouchers"),
        numerator=Decimal(automatic),
        denominator=Decimal(count),
        n=count,
    )


@dataclass(frozen=True)
class Month:
    """A month's revenue and cost of sales, from the books."""

    code: str
    revenue: Decimal
    cost: Decimal


_MONTHS = """
SELECT p.code,
       coalesce(sum(b.credit - b.closing_credit - b.debit + b.closing_debit)
                FILTER (WHERE r.role IN ('revenue', 'other_revenue')), 0),
       coalesce(sum(b.debit - b.closing_debit - b.credit + b.closing_credit)
                FILTER (WHERE r.role IN ('cogs', 'other_cost')), 0)
FROM accounting_period p LEFT JOIN accounting_account_balance b ON b.period_id = p.id
LEFT JOIN accounting_account_role r ON r.account_id = b.account_id
WHERE p.start_date <= %(today)s GROUP BY p.code ORDER BY p.code DESC LIMIT %(months)s
"""


def revenue_by_month(today: date, *, months: int = 12) -> list[Month]:
    """The last months, oldest first, for a chart; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_MONTHS, {"today": today, "months": months})
        return [Month(*row) for row in reversed(cursor.fetchall())]


def _days(within: Range) -> dict[str, date]:
    return {
        "first": within.first,
        "last": within.last,
        "first_before": within.former.first,
        "last_before": within.former.last,
    }


def _row(sql: str, values: dict[str, Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()


RANGES: dict[str, Callable[[date], Range]] = {
    "today": lambda today: Range(today, today),
    "month": month_of,
    "quarter": quarter_of,
}
