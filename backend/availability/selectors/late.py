"""Material that comes after the day it is needed: what is made of it comes that much later, and says why (SCM-21)."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from backend.availability.models import DemandLine


@dataclass(frozen=True)
class LateMaterial:
    """A component that is not here in time; ``comes`` nothing while nobody knows when."""

    demand: DemandLine
    comes: date | None

    @property
    def days(self) -> int:
        return (self.comes - self.demand.required_date).days if self.comes else 0


def late_material(order_id: UUID) -> list[LateMaterial]:
    """What of an order's components is neither issued nor set aside and comes too late, or on no known day; one statement."""
    rows = DemandLine.objects.filter(ref_id=order_id, open_qty__gt=F("reserved_qty")).select_related("item", "promise")
    found = [LateMaterial(row, row.promise.promise_date) for row in rows.order_by("ref_line_no")]
    return [row for row in found if row.comes is None or row.days > 0]


def days_late(order_id: UUID) -> int:
    """By how many days the latest component delays what an order makes; one statement."""
    return max((row.days for row in late_material(order_id)), default=0)


def words_of_material(order: Any, why: str) -> str:
    """What is to be said of an order whose material moved; ``why`` is why that did. One statement."""
    late = late_material(order.pk)
    if not late:
        return _("The material of %(order)s comes in time.") % {"order": order}
    row = max(late, key=lambda each: each.days)
    day = date_format(row.comes, "SHORT_DATE_FORMAT") if row.comes else "–"
    values = {"order": order, "item": row.demand.item.name, "day": day, "cause": why}
    return _("%(item)s for %(order)s comes on %(day)s. %(cause)s") % values
