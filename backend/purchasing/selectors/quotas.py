"""Reading quotas: which holds on a day, and what was ordered of each supplier since it began.

What is ordered are the lines of orders that are not thrown away, drafts too: what was just given to one supplier counts
when the next quantity is given. Of an order that was closed only what came. What a requisition still asks of a supplier
counts as ordered there.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import connection
from django.db.models import Prefetch, Q, QuerySet

from backend.parties.models import Party
from backend.parties.services.suppliers import with_standing
from backend.purchasing.models import ItemQuota, QuotaShare

_ORDERED = """
WITH asked AS (SELECT id, item_id, valid_from, coalesce(valid_to, 'infinity'::date) AS until
               FROM purchasing_quota WHERE id = ANY (%s::uuid[]))
SELECT q.id, o.supplier_id, sum(CASE WHEN o.closing = 'manual_closed' THEN least(l.received_qty, l.qty - l.cancelled_qty)
                                     ELSE l.qty - l.cancelled_qty END)
FROM asked q JOIN purchasing_order_line l ON l.item_id = q.item_id
JOIN purchasing_order o ON o.id = l.document_id AND o.kind = 'goods' AND o.approval NOT IN ('voided', 'rejected')
     AND o.doc_date BETWEEN q.valid_from AND q.until
GROUP BY q.id, o.supplier_id
UNION ALL
SELECT q.id, l.supplier_id, sum(greatest(l.qty - l.ordered_qty - l.asked_qty, 0))
FROM asked q JOIN purchasing_requisition_line l ON l.item_id = q.item_id AND l.supplier_id IS NOT NULL
JOIN purchasing_requisition r ON r.id = l.document_id AND r.closing = 'open' AND r.approval NOT IN ('voided', 'rejected')
     AND r.doc_date BETWEEN q.valid_from AND q.until
GROUP BY q.id, l.supplier_id
"""


def quotas() -> QuerySet[ItemQuota]:
    """Quotas with their item, shares and suppliers, the largest share first."""
    suppliers = with_standing(Party.objects.select_related("supplier"))
    shares = QuotaShare.objects.order_by("-share", "id").prefetch_related(Prefetch("supplier", suppliers))
    return ItemQuota.objects.select_related("item__unit").prefetch_related(Prefetch("shares", shares))


def quotas_on(item_ids: Collection[UUID], day: date, *, lock: bool = False) -> dict[UUID, ItemQuota]:
    """The quota of each item that has one on this day; one statement where none has. ``lock``: others wait."""
    found = quotas().filter(Q(valid_to=None) | Q(valid_to__gte=day), item__in=set(item_ids), valid_from__lte=day)
    if lock:
        found = found.select_for_update(of=("self",), no_key=True)
    return {quota.item_id: quota for quota in found.order_by("pk")}


def ordered_since(found: Iterable[ItemQuota]) -> dict[UUID, dict[UUID, Decimal]]:
    """What was ordered of each supplier in the time of each quota, from others too; one statement, none without quotas."""
    ids = [quota.pk for quota in found]
    sums: dict[UUID, dict[UUID, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(_ORDERED, [ids])
            for quota_id, supplier_id, qty in cursor.fetchall():
                sums[quota_id][supplier_id] += qty
    return sums
