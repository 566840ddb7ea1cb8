"""Customers who asked for an item that runs low: each is to be called by whoever looks after them (INT-09, CRM-10).

Asked has who is offered the item, or ordered it and has not all of it set aside, by a document of the last 90 days. The
salesperson of the newest of them calls; nobody is asked to call twice while the item stays low.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from backend.inventory.models import StockAlert
from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.kernel.bulk import uuid_array
from backend.workflow.services import TaskInput, complete_tasks, create_tasks, notify

DAYS = 90
EVERYONES = "sales.order.view_all"
_TOLD, _NAMES = "inventory.low_asked", 8
_CALL = "inventory.low_call"

_ASKED = """
WITH low AS (
    SELECT DISTINCT ON (item_id) item_id, id FROM inventory_alert
    WHERE kind = 'low' AND cleared_at IS NULL AND item_id = ANY(%(items)s::uuid[]) ORDER BY item_id, raised_at, id
), asked AS (
    SELECT l.item_id, d.customer_id, coalesce(c.salesperson_id, d.created_by_id) AS member_id, d.doc_date,
           'sales.quote' AS doc_type, d.id AS doc_id, d.number
    FROM sales_quote_line l JOIN sales_quote d ON d.id = l.document_id
    LEFT JOIN party_customer c ON c.party_id = d.customer_id
    WHERE l.item_id = ANY(%(items)s::uuid[]) AND d.doc_date > %(since)s AND d.state IN ('open', 'sent')
      AND d.approval NOT IN ('rejected', 'voided') AND d.closing = 'open' AND l.ordered_qty < l.qty
    UNION ALL
    SELECT l.item_id, d.customer_id, coalesce(d.salesperson_id, c.salesperson_id, d.created_by_id), d.doc_date,
           'sales.order', d.id, d.number
    FROM sales_order_line l JOIN sales_order d ON d.id = l.document_id
    LEFT JOIN party_customer c ON c.party_id = d.customer_id
    WHERE l.item_id = ANY(%(items)s::uuid[]) AND d.doc_date > %(since)s AND d.closing = 'open'
      AND d.approval NOT IN ('rejected', 'voided') AND l.shipped_qty < l.qty - l.cancelled_qty
      AND NOT EXISTS (SELECT FROM availability_demand_line n
                      WHERE n.ref_line_id = l.id AND n.open_qty > 0 AND n.reserved_qty >= n.open_qty)
)
SELECT DISTINCT ON (a.item_id, p.name, p.id)
       a.item_id, low.id, p.id, p.name, a.member_id, a.doc_type, a.doc_id, a.number
FROM asked a JOIN low ON low.item_id = a.item_id JOIN party p ON p.id = a.customer_id
ORDER BY a.item_id, p.name, p.id, a.doc_date DESC, a.doc_id DESC
"""


@dataclass(frozen=True)
class Inquirer:
    """A customer who asked for an item that is low, with the newest document that says so and who looks after it."""

    item_id: UUID
    alert_id: UUID  # the first of those that stand
    customer_id: UUID
    customer: str
    member_id: UUID | None
    doc_type: str
    doc_id: UUID
    number: str


def inquirers_of(item_ids: Collection[UUID], at: datetime) -> list[Inquirer]:
    """Who asked for items that are low, by item and name; one statement."""
    if not item_ids:
        return []
    values: dict[str, Any] = {"items": uuid_array(item_ids), "since": clock.day_of(at) - timedelta(days=DAYS)}
    with connection.cursor() as cursor:
        cursor.execute(_ASKED, values)
        return [Inquirer(*row) for row in cursor.fetchall()]


def tell_sellers(
    words: dict[UUID, dict[str, str]], *, sellers: Collection[UUID], at: datetime
) -> dict[UUID, set[UUID]]:
    """A to-do for each inquirer and one word for each salesperson and item; returns who is told of each item.

    ``words`` say of each item what is left of it. Only those who sell are told: what belongs to anybody else is asked of
    those who see all orders.
    """
    found = inquirers_of(words, at)
    create_tasks([_call(row, words[row.item_id], sellers) for row in found], at=at)
    asking: dict[tuple[UUID, UUID, UUID], list[str]] = defaultdict(list)
    for row in found:
        if row.member_id and row.member_id in sellers:
            asking[row.item_id, row.alert_id, row.member_id].append(row.customer)
    told: dict[UUID, set[UUID]] = defaultdict(set)
    for (item_id, alert_id, member_id), customers in asking.items():
        told[item_id].add(member_id)
        notify(
            kind=_TOLD,
            params=words[item_id] | {"customers": _listed(customers)},
            url=f"/inventory/stock/{item_id}/",
            dedupe_key=f"asked:{item_id}:{alert_id}",
            members=[member_id],
            mail=False,
            at=at,
        )
    return told


def calls_are_over(item_ids: Iterable[UUID], *, actor: Actor, at: datetime) -> None:
    """Nobody need be called about items that are low nowhere any more."""
    items = set(item_ids)
    low = StockAlert.objects.filter(kind="low", cleared_at=None, item__in=items) if items else StockAlert.objects.none()
    for item_id in items - set(low.values_list("item_id", flat=True)):
        complete_tasks(dedupe_start=_key(item_id), actor=actor, at=at)


def _key(item_id: Any, customer_id: Any = "") -> str:
    return f"asked:{item_id}:{customer_id}"


def _call(row: Inquirer, words: dict[str, str], sellers: Collection[UUID]) -> TaskInput:
    theirs = row.member_id in sellers
    return TaskInput(
        _CALL,
        _key(row.item_id, row.customer_id),
        words | {"customer": row.customer, "number": row.number},
        assignee_id=row.member_id if theirs else None,
        permission="" if theirs else EVERYONES,
        subject_type=row.doc_type,
        subject_id=row.doc_id,
        subject_number=row.number,
    )


def _listed(customers: list[str]) -> str:
    more = "…" if len(customers) > _NAMES else ""
    return ", ".join(customers[:_NAMES]) + more
