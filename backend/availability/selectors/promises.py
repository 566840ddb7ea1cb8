"""The promises that stand, and the ledger of how they moved."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from backend.availability.models import DemandLine, PromiseRevision
from backend.availability.parts import Parts, from_json, trim


@dataclass(frozen=True)
class PromiseView:
    """A line's promise. ``parts`` cover what is still to be shipped; ``first_date`` is what was promised first."""

    ref_line_id: UUID
    demand_id: UUID
    line_no: int
    qty: Decimal
    open_qty: Decimal
    reserved_qty: Decimal
    required_date: date
    parts: Parts
    promise_date: date | None
    first_parts: Parts
    first_date: date | None
    revision: int
    revised_at: datetime

    @property
    def moved(self) -> bool:
        """Whether the date is another one than was promised first."""
        return self.promise_date != self.first_date

    @property
    def days_late(self) -> int:
        """Days after the day that was asked for; 0 when in time or unknown."""
        return max((self.promise_date - self.required_date).days, 0) if self.promise_date else 0

    @property
    def complete(self) -> bool:
        """Whether all that is open lies ready."""
        return self.reserved_qty >= self.open_qty


def promise_of(ref_line_ids: Collection[UUID]) -> dict[UUID, PromiseView]:
    """The promises of document lines; one statement."""
    return _views(DemandLine.objects.filter(ref_line_id__in=list(ref_line_ids)))


def promises_of_document(ref_id: UUID) -> dict[UUID, PromiseView]:
    """The promises of a document by its lines; one statement."""
    return _views(DemandLine.objects.filter(ref_id=ref_id))


def _views(demands: QuerySet[DemandLine]) -> dict[UUID, PromiseView]:
    return {row.ref_line_id: _view(row) for row in demands.select_related("promise").order_by("ref_line_no")}


def _view(row: DemandLine) -> PromiseView:
    promise = row.promise
    return PromiseView(
        ref_line_id=row.ref_line_id,
        demand_id=row.pk,
        line_no=row.ref_line_no,
        qty=row.qty,
        open_qty=row.open_qty,
        reserved_qty=row.reserved_qty,
        required_date=row.required_date,
        parts=trim(from_json(promise.parts), row.open_qty),
        promise_date=promise.promise_date,
        first_parts=from_json(promise.first_parts),
        first_date=promise.first_date,
        revision=promise.revision,
        revised_at=promise.revised_at,
    )


def reserved_of(ref_id: UUID) -> dict[UUID, Decimal]:
    """What lies ready for each line of a document."""
    return dict(DemandLine.objects.filter(ref_id=ref_id).values_list("ref_line_id", "reserved_qty"))


def revisions_of(ref_id: UUID, *, ref_line_id: UUID | None = None) -> QuerySet[PromiseRevision]:
    """How the promises of a document (or of one line) moved and why, newest first."""
    filters: dict[str, Any] = {"demand__ref_id": ref_id}
    if ref_line_id:
        filters["demand__ref_line_id"] = ref_line_id
    return PromiseRevision.objects.filter(**filters).select_related("demand__item").order_by("-id")
