"""Reading counts."""

from django.db.models import Count, QuerySet

from backend.inventory.models import StockCount
from backend.kernel.document import Approval


def running_counts() -> QuerySet[StockCount]:
    """Counts that are being made, the oldest first, with ``counted`` of ``lines_all`` lines; one statement."""
    found = StockCount.objects.select_related("warehouse").filter(approval=Approval.SUBMITTED)
    lines = {"lines_all": Count("lines"), "counted": Count("lines__counted_qty")}
    return found.annotate(**lines).order_by("doc_date", "number")
