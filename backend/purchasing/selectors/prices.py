"""What items cost when they were bought: approved order lines, newest first (PUR-07)."""

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from backend.kernel.document import Approval
from backend.purchasing.models import PurchaseOrder, PurchaseOrderLine


def purchases() -> QuerySet[PurchaseOrderLine]:
    """Lines of approved orders with order, supplier and unit; what was cancelled whole was not bought."""
    return (
        PurchaseOrderLine.objects.select_related("document__supplier", "item__unit")
        .filter(document__approval=Approval.APPROVED, qty__gt=F("cancelled_qty"))
        .order_by("-document__approved_at", "-id")
    )


def purchases_of(item_id: UUID) -> QuerySet[PurchaseOrderLine]:
    """Every purchase of an item, newest first."""
    return purchases().filter(item=item_id)


def recent_purchases(
    item_ids: Collection[UUID], *, each: int = 4, before: PurchaseOrder | None = None
) -> dict[UUID, list[PurchaseOrderLine]]:
    """The newest purchases of each item, in one statement; with ``before`` only those that this order followed."""
    if not item_ids:
        return {}
    place = Window(RowNumber(), partition_by=F("item_id"), order_by=[F("document__approved_at").desc(), F("id").desc()])
    rows = purchases().filter(item__in=set(item_ids))
    if before is not None:
        rows = rows.exclude(document=before)
        if before.approved_at is not None:
            rows = rows.filter(document__approved_at__lt=before.approved_at)
    found: dict[UUID, list[PurchaseOrderLine]] = defaultdict(list)
    for row in rows.annotate(place=place).filter(place__lte=each).order_by("place"):
        found[row.item_id].append(row)
    return dict(found)
