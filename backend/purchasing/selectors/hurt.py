"""Which customers' lines hang on what an exception is about: at risk is one whose promise is later than wanted, or unknown."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import connection

# `live` is put before this. `about`: the order lines an exception speaks of.
_HURT = """
about AS (
    SELECT id, order_line_id AS line_id FROM live WHERE asn_id IS NULL AND order_line_id IS NOT NULL
    UNION ALL
    SELECT x.id, l.id FROM live x JOIN purchasing_order_line l ON l.document_id = x.order_id
    WHERE x.asn_id IS NULL AND x.order_line_id IS NULL
    UNION ALL
    SELECT x.id, l.order_line_id FROM live x JOIN purchasing_asn_line l ON l.document_id = x.asn_id
), hurt AS MATERIALIZED (
    SELECT a.id, d.id AS demand_id, d.ref_type, d.ref_number, d.ref_line_no, d.party_id, g.qty, d.required_date,
        p.promise_date, (p.promise_date IS NULL OR p.promise_date > d.required_date) AS at_risk
    FROM about a
    JOIN availability_supply_line s ON s.ref_line_id = a.line_id AND s.open_qty > 0
    JOIN availability_peg g ON g.supply_id = s.id
    JOIN availability_demand_line d ON d.id = g.demand_id
    JOIN availability_promise p ON p.demand_id = d.id
)
"""
_LIVE = "live AS MATERIALIZED (SELECT id, order_id, order_line_id, asn_id FROM purchasing_exception WHERE {which})"
_WEIGH = f"""
WITH {_LIVE}, {_HURT}, weight AS (
    SELECT x.id, min(h.required_date) FILTER (WHERE h.at_risk) AS risk_date,
        count(DISTINCT h.demand_id) FILTER (WHERE h.at_risk) AS risk_lines
    FROM live x LEFT JOIN hurt h ON h.id = x.id GROUP BY x.id
)
UPDATE purchasing_exception e SET risk_date = w.risk_date, risk_lines = w.risk_lines FROM weight w
WHERE w.id = e.id AND (e.risk_date, e.risk_lines) IS DISTINCT FROM (w.risk_date, w.risk_lines::int)
"""
_FIRST = f"""
WITH {_LIVE}, {_HURT}
SELECT DISTINCT ON (id) id, ref_type, ref_number, ref_line_no, party_id, qty, required_date, promise_date, at_risk,
    count(*) OVER (PARTITION BY id) FROM hurt ORDER BY id, at_risk DESC, required_date, demand_id
"""


@dataclass(frozen=True)
class Hurt:
    """The customer's line that is hurt first; ``lines`` counts all that hang on the exception."""

    ref_type: str
    ref_number: str
    line_no: int
    party_id: UUID | None
    qty: Decimal
    required_date: date
    promise_date: date | None
    at_risk: bool
    lines: int

    @property
    def days_late(self) -> int | None:
        return (self.promise_date - self.required_date).days if self.promise_date else None


def first_hurt(exception_ids: Collection[UUID]) -> dict[UUID, Hurt]:
    """For each of these exceptions the customer's line that is hurt first; one statement."""
    if not exception_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_FIRST.format(which="id = ANY(%(ids)s)"), {"ids": list(exception_ids)})
        return {row[0]: Hurt(*row[1:]) for row in cursor.fetchall()}


def weigh_risks(order_ids: Collection[UUID] | None) -> None:
    """Note on the exceptions that are not solved (all, or those of some orders) how much they put at risk; one statement."""
    which = "state <> 'solved'" + ("" if order_ids is None else " AND order_id = ANY(%(orders)s)")
    with connection.cursor() as cursor:
        cursor.execute(_WEIGH.format(which=which), {"orders": list(order_ids or ())})
