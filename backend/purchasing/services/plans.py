"""Reading and writing the schedules of order lines: one statement to read, at most two to write."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from uuid import UUID

from django.db.models import Q

from backend.kernel.bulk import Batch
from backend.kernel.prepared import Prepared
from backend.purchasing.models import ScheduleLine
from backend.purchasing.schedule import Part, Plan

_FIELDS = ("qty", "date", "arrival_date", "shipped_qty", "received_qty", "confirmed", "revision", "reason")


_rows = Prepared(
    lambda lines: ScheduleLine.objects.filter(order_line_id__in=lines).order_by("order_line_id", "schedule_no")
)


def load_plans(line_ids: Collection[UUID]) -> dict[UUID, Plan]:
    """The plans of these lines; their orders must be locked by the caller. Lines without one get an empty plan."""
    found: dict[UUID, list[Part]] = defaultdict(list)
    for row in _rows(line_ids):
        found[row.order_line_id].append(
            Part(row.schedule_no, **{name: getattr(row, name) for name in _FIELDS})  # type: ignore[arg-type]
        )
    return {line_id: tuple(found.get(line_id, ())) for line_id in line_ids}


def save_plans(before: Mapping[UUID, Plan], after: Mapping[UUID, Plan], batch: Batch | None = None) -> None:
    """Write what differs. With a batch, what is new or changed is written by whoever writes the batch."""
    together, gone, changed = batch or Batch(), Q(), []
    for line_id, plan in after.items():
        old = {part.number: part for part in before.get(line_id, ())}
        changed += [_row(line_id, part) for part in plan if old.get(part.number) != part]
        lost = old.keys() - {part.number for part in plan}
        if lost:
            gone |= Q(order_line=line_id, schedule_no__in=sorted(lost))
    if gone:
        ScheduleLine.objects.filter(gone).delete()
    together.upsert(changed, unique=("order_line", "schedule_no"), fields=_FIELDS)
    if batch is None:
        together.write()


def _row(line_id: UUID, part: Part) -> ScheduleLine:
    cut = replace(part, reason=part.reason[:300])
    return ScheduleLine(
        order_line_id=line_id, schedule_no=part.number, **{name: getattr(cut, name) for name in _FIELDS}
    )
