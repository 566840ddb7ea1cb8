"""What is not as it should be, as the documents say now: one statement over all running orders, or over some."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.purchasing.models import PurchaseException
from backend.workflow import parameters

# `running`: approved, open orders. `waiting`: their lines of which something is to come. `part`: what of them is to come.
_FOUND = """
WITH running AS MATERIALIZED (
    SELECT o.id, o.supplier_id, coalesce(o.buyer_id, s.buyer_id) AS buyer_id, o.sent_at, o.viewed_at, o.sending,
        s.date_tolerance_days AS tolerance
    FROM purchasing_order o JOIN party_supplier s ON s.party_id = o.supplier_id
    WHERE o.approval = 'approved' AND o.closing = 'open' AND {orders}
), waiting AS MATERIALIZED (
    SELECT l.id, l.document_id, l.line_no, l.state, l.requested_date, l.item_id
    FROM purchasing_order_line l JOIN running r ON r.id = l.document_id
    WHERE l.qty - l.cancelled_qty > l.received_qty
), part AS MATERIALIZED (
    SELECT p.order_line_id, p.confirmed, p.shipped_qty, p.qty - p.received_qty AS qty, p.date,
        coalesce(p.arrival_date, p.date) AS due
    FROM purchasing_schedule_line p JOIN waiting w ON w.id = p.order_line_id
    WHERE p.qty > p.received_qty
), silent AS (
    SELECT r.id, count(*) AS lines, min(w.requested_date) AS wanted
    FROM running r JOIN waiting w ON w.document_id = r.id
    WHERE w.state = 'open' AND r.sending <> 'not_sent' AND r.sent_at < %(silent_since)s
    GROUP BY r.id
), notice AS (
    SELECT a.id, a.number, a.state, a.outcome, a.expected_date, a.supplier_id,
        (array_agg(l.order_line_id ORDER BY l.line_no))[1] AS line_id,
        sum(l.qty) AS qty, sum(l.received_qty) AS received, sum(l.damaged_qty) AS damaged
    FROM purchasing_asn a JOIN purchasing_asn_line l ON l.document_id = a.id
    WHERE (a.state IN ('submitted', 'in_transit') AND a.expected_date < %(today)s)
        OR (a.state = 'received' AND a.outcome NOT IN ('', 'match'))
    GROUP BY a.id
)
SELECT CASE WHEN r.viewed_at IS NULL THEN 'not_viewed' ELSE 'not_confirmed' END AS kind, r.id AS subject_id,
    r.id AS order_id, NULL::uuid AS line_id, NULL::uuid AS asn_id, r.supplier_id, r.buyer_id, x.wanted AS due_date,
    jsonb_build_object('lines', x.lines, 'sent_at', r.sent_at) AS facts
FROM silent x JOIN running r ON r.id = x.id
UNION ALL
SELECT 'proposal', r.id, r.id, NULL, NULL, r.supplier_id, r.buyer_id, (c.at AT TIME ZONE %(zone)s)::date,
    jsonb_build_object('revision', c.revision, 'by', c.by_name,
        'price', coalesce(bool_or(l.price IS NOT NULL), false), 'rejected', coalesce(bool_or(l.rejected), false),
        'date', max(l.date))
FROM running r JOIN purchasing_confirmation c ON c.order_id = r.id AND c.state = 'proposed'
LEFT JOIN purchasing_confirmation_line l ON l.confirmation_id = c.id
GROUP BY r.id, r.supplier_id, r.buyer_id, c.id
UNION ALL
SELECT 'confirmed_late', w.id, r.id, w.id, NULL, r.supplier_id, r.buyer_id, w.requested_date,
    jsonb_build_object('qty', sum(p.qty), 'date', max(p.date), 'wanted', w.requested_date)
FROM part p JOIN waiting w ON w.id = p.order_line_id JOIN running r ON r.id = w.document_id
WHERE p.confirmed AND p.shipped_qty = 0 AND p.date > w.requested_date + r.tolerance AND p.date >= %(today)s
GROUP BY w.id, w.requested_date, r.id, r.supplier_id, r.buyer_id
UNION ALL
SELECT 'node_late', n.id, r.id, w.id, NULL, r.supplier_id, r.buyer_id, n.planned_date,
    jsonb_build_object('node', n.node, 'planned', n.planned_date)
FROM purchasing_production_node n JOIN waiting w ON w.id = n.order_line_id JOIN running r ON r.id = w.document_id
WHERE n.actual_date IS NULL AND n.planned_date < %(today)s
UNION ALL
SELECT 'receipt_late', w.id, r.id, w.id, NULL, r.supplier_id, r.buyer_id, min(p.due),
    jsonb_build_object('qty', sum(p.qty), 'due', min(p.due))
FROM part p JOIN waiting w ON w.id = p.order_line_id JOIN running r ON r.id = w.document_id
WHERE p.due < %(today)s AND p.shipped_qty = 0
GROUP BY w.id, r.id, r.supplier_id, r.buyer_id
UNION ALL
SELECT CASE WHEN a.state = 'received' THEN 'asn_differs' ELSE 'asn_late' END, a.id, o.id, a.line_id, a.id,
    a.supplier_id, coalesce(o.buyer_id, s.buyer_id), a.expected_date,
    jsonb_build_object('outcome', a.outcome, 'qty', a.qty, 'received', a.received, 'damaged', a.damaged,
        'due', a.expected_date)
FROM notice a JOIN purchasing_order_line l ON l.id = a.line_id JOIN purchasing_order o ON o.id = l.document_id
JOIN party_supplier s ON s.party_id = a.supplier_id
WHERE {orders}
"""
ALL, SOME = "true", "o.id = ANY(%(orders)s)"


@dataclass(frozen=True)
class Found:
    """One thing that is wrong now."""

    kind: str
    subject_id: UUID
    order_id: UUID
    line_id: UUID | None
    asn_id: UUID | None
    supplier_id: UUID
    buyer_id: UUID | None
    due_date: date
    facts: dict[str, Any]

    @property
    def key(self) -> tuple[str, UUID]:
        return self.kind, self.subject_id


def find_exceptions(*, at: datetime, order_ids: Collection[UUID] | None = None) -> list[Found]:
    """Everything that is wrong with the running orders (or with these) at a moment; one statement."""
    values: dict[str, Any] = {
        "today": clock.day_of(at),
        "silent_since": at - timedelta(hours=parameters.get("purchasing.answer_hours")),
        "zone": str(clock.time_zone()),
        "orders": list(order_ids or ()),
    }
    with connection.cursor() as cursor:
        cursor.execute(_FOUND.format(orders=ALL if order_ids is None else SOME), values)
        return [Found(*row[:-1], facts=_read(row[-1])) for row in cursor.fetchall()]  # type: ignore[misc]


def _read(facts: Any) -> dict[str, Any]:
    """A raw cursor hands JSON over as text."""
    read: dict[str, Any] = json.loads(facts) if isinstance(facts, str) else facts
    return read


def unsolved() -> Any:
    """Exceptions that have life in them, with what their cards say."""
    return PurchaseException.objects.select_related("order", "order_line__item__unit", "asn", "supplier").exclude(
        state="solved"
    )


def exceptions_visible_to(actor: Actor) -> Any:
    """Staff see all; partners have no board."""
    return unsolved() if actor.kind in {"staff", "system"} else PurchaseException.objects.none()
