"""Processors make goods of our material: the buyer hears when a component of theirs runs late, and for whom (SCM-21, SRM-09)."""

from uuid import UUID

from django.utils import timezone

from backend.availability.events import PromiseRevised
from backend.availability.models import DemandLine
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.purchasing.events import PurchaseOrderApproved, PurchaseOrderClosed, PurchaseOrderUnapproved
from backend.purchasing.models import OrderKind, PurchaseOrder
from backend.purchasing.services.late_material import late_material
from backend.purchasing.services.material_demand import runs
from backend.sales.models import SalesOrder
from backend.workflow.services import complete_tasks, create_task

MOST = 5


@subscribe(PromiseRevised, when="after_commit")
def watch_component(event: PromiseRevised, actor: Actor) -> None:
    """A component comes on another day."""
    if event.ref_type == PurchaseOrder.DOC_TYPE:
        _watch(event.aggregate_id, actor)


@subscribe(PurchaseOrderApproved, when="after_commit")
@subscribe(PurchaseOrderUnapproved, when="after_commit")
@subscribe(PurchaseOrderClosed, when="after_commit")
def watch_components(event: PurchaseOrderApproved, actor: Actor) -> None:
    """What is ordered from a processor may be late from the start; what nobody expects any more is not."""
    _watch(event.aggregate_id, actor)


def _watch(order_id: UUID, actor: Actor) -> None:
    """One to-do for an order, about its latest component, while there is one."""
    order = PurchaseOrder.objects.filter(pk=order_id, kind=OrderKind.SUBCONTRACT).first()
    if order is None:
        return
    key, late = f"material:{order.pk}", late_material(order.pk) if runs(order) else []
    if not late:
        complete_tasks(dedupe_key=key, actor=actor, at=timezone.now())
        return
    row = max(late, key=lambda each: (each.comes is None, each.days))
    create_task(
        kind="purchasing.material_late",
        params={
            "number": order.number,
            "item": row.demand.item.name,
            "required_date": row.demand.required_date.isoformat(),
            "new_date": row.comes.isoformat() if row.comes else None,
            "orders": ", ".join(_waiting_for(order)) or "–",
        },
        dedupe_key=key,
        assignee_id=order.buyer_id,
        permission="purchasing.order.edit",
        subject=order,
        at=timezone.now(),
    )


def _waiting_for(order: PurchaseOrder) -> list[str]:
    """Sales orders that the goods of a subcontract order are for."""
    found = DemandLine.objects.filter(
        ref_type=SalesOrder.DOC_TYPE, open_qty__gt=0, pegs__supply__ref_id=order.pk
    ).order_by("required_date", "ref_number")
    return list(dict.fromkeys(found.values_list("ref_number", flat=True)))[:MOST]
