"""What sending goods costs beside what they bring in (SCM-10). Read only."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from backend.kernel import clock
from backend.kernel.money import HUNDRED


@dataclass(frozen=True)
class FreightShare:
    """``freight`` is what carriers charged for the month's deliveries, ``revenue`` what was invoiced in it without VAT."""

    freight: Decimal
    revenue: Decimal
    shipments: int
    invoices: int

    @property
    def percent(self) -> Decimal | None:
        """Σ freight ÷ Σ revenue; nothing while nothing is invoiced."""
        return (HUNDRED * self.freight / self.revenue).quantize(Decimal("0.1")) if self.revenue else None


_SHARE = """
SELECT freight.sum, revenue.sum, freight.n, revenue.n FROM
    (SELECT coalesce(sum(freight), 0) AS sum, count(*) AS n FROM logistics_shipment
     WHERE direction = 'out' AND dispatched_at >= %(since)s AND dispatched_at < %(until)s) freight,
    (SELECT coalesce(sum(net_amount), 0) AS sum, count(*) AS n FROM invoicing_sales_invoice
     WHERE approval = 'approved' AND doc_date >= %(first)s AND doc_date < %(next)s) revenue
"""


def freight_share(day: date) -> FreightShare:
    """Of the month that a day lies in, one statement."""
    first = day.replace(day=1)
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    edges = {"first": first, "next": after, "since": clock.start_of(first), "until": clock.start_of(after)}
    with connection.cursor() as cursor:
        cursor.execute(_SHARE, edges)
        return FreightShare(*cursor.fetchone())
