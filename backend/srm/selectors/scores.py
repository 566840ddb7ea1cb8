"""Reading scores: one supplier's months, the ranking, and how long buying takes."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, QuerySet

from backend.srm.models import DeliveryFact, SupplierScore


def months_of(party_id: UUID, *, last: int = 12) -> list[SupplierScore]:
    """A supplier's scored months, the oldest first."""
    return list(SupplierScore.objects.filter(party=party_id).order_by("-month")[:last])[::-1]


def ranking() -> QuerySet[SupplierScore]:
    """Scores with their suppliers; the best of the newest month first."""
    return SupplierScore.objects.select_related("party__supplier").order_by("-month", "-score", "party__sort_key", "id")


def rank_of(row: SupplierScore) -> tuple[int, int]:
    """The place of a month's score among all suppliers of that month, and how many there are."""
    month = SupplierScore.objects.filter(month=row.month)
    return month.filter(score__gt=row.score).count() + 1, month.count()


def late_deliveries(party_id: UUID, *, most: int = 20) -> list[DeliveryFact]:
    """The latest deliveries that came after their day."""
    found = DeliveryFact.objects.filter(party=party_id, received_date__gt=F("promised_date")).select_related("item")
    return list(found.order_by("-received_date", "-id")[:most])


@dataclass(frozen=True)
class CycleTime:
    """How many days buying took at one supplier: median and 90th percentile of each stretch; None without orders."""

    party_id: UUID
    name: str
    orders: int
    to_approval: tuple[float | None, float | None]
    to_confirmation: tuple[float | None, float | None]
    to_receipt: tuple[float | None, float | None]
    whole: tuple[float | None, float | None]


_CYCLES = """
WITH orders AS (
    SELECT o.id, o.supplier_id, o.approved_at,
        coalesce((SELECT min(q.approved_at) FROM purchasing_order_line l
                    JOIN purchasing_requisition_line ql ON ql.id = l.requisition_line_id
                    JOIN purchasing_requisition q ON q.id = ql.document_id
                  WHERE l.document_id = o.id), o.created_at) AS began_at,
        (SELECT min(c.at) FROM purchasing_confirmation c WHERE c.order_id = o.id) AS confirmed_at,
        (SELECT max(r.approved_at) FROM purchasing_receipt r WHERE r.approval = 'approved' AND r.id IN (
            SELECT rl.document_id FROM purchasing_receipt_line rl
            JOIN purchasing_order_line l ON l.id = rl.order_line_id WHERE l.document_id = o.id)) AS received_at
    FROM purchasing_order o
    WHERE o.approval = 'approved' AND o.received = 'full'
      AND o.doc_date >= %(since)s AND o.doc_date <= %(until)s
), spans AS (
    SELECT supplier_id, extract(epoch FROM approved_at - began_at) / 86400 AS a,
        extract(epoch FROM confirmed_at - approved_at) / 86400 AS c,
        extract(epoch FROM received_at - approved_at) / 86400 AS r,
        extract(epoch FROM received_at - began_at) / 86400 AS w
    FROM orders
)
SELECT s.supplier_id, p.name, count(*),
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY s.a),
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY s.c),
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY s.r),
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY s.w)
FROM spans s JOIN party p ON p.id = s.supplier_id
GROUP BY s.supplier_id, p.name, p.sort_key ORDER BY 7 DESC NULLS LAST, p.sort_key
"""


def cycle_times(since: date, until: date) -> list[CycleTime]:
    """How long buying took for orders of a period that came whole, by supplier, the slowest first (SRM-22).

    From the approval of the requisition (without one from the first writing of the order) to the booking of the last
    goods: every moment is that of an event, nothing is typed. One statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CYCLES, {"since": since, "until": until})
        return [CycleTime(row[0], row[1], row[2], *(_pair(value) for value in row[3:])) for row in cursor.fetchall()]


def _pair(value: Any) -> tuple[float | None, float | None]:
    return (value[0], value[1]) if value else (None, None)
