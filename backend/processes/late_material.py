"""A component of something that is made runs late: one to-do for its order, about the latest of them, while there is one."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from backend.availability.models import DemandLine
from backend.availability.selectors.late import late_material
from backend.kernel.actor import Actor
from backend.sales.models import SalesOrder
from backend.workflow.services import complete_tasks, create_task

MOST = 5


def watch_order(order: Any, *, runs: bool, kind: str, assignee_id: UUID | None, permission: str, actor: Actor) -> None:
    """Tell who looks after the order, by the task of that kind, for whom its goods are; nobody needs one that does not run."""
    key, late = f"material:{order.pk}", late_material(order.pk) if runs else []
    if not late:
        complete_tasks(dedupe_key=key, actor=actor, at=timezone.now())
        return
    row = max(late, key=lambda each: (each.comes is None, each.days))
    create_task(
        kind=kind,
        params={
            "number": order.number,
            "item": row.demand.item.name,
            "required_date": row.demand.required_date.isoformat(),
            "new_date": row.comes.isoformat() if row.comes else None,
            "orders": ", ".join(_waiting_for(order)) or "–",
        },
        dedupe_key=key,
        assignee_id=assignee_id,
        permission=permission,
        subject=order,
        at=timezone.now(),
    )


def _waiting_for(order: Any) -> list[str]:
    """Sales orders that the goods of an order are for."""
    found = DemandLine.objects.filter(
        ref_type=SalesOrder.DOC_TYPE, open_qty__gt=0, pegs__supply__ref_id=order.pk
    ).order_by("required_date", "ref_number")
    return list(dict.fromkeys(found.values_list("ref_number", flat=True)))[:MOST]
