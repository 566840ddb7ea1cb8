"""From the ramp to the shelf: somebody inspects what waits, somebody sends back what is rejected."""

from uuid import UUID

from django.utils import timezone

from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.parties.models import Party
from backend.processes.telling import plain_qty
from backend.purchasing.events import InspectionDecided, PurchaseReceiptApproved, PurchaseReceiptUnapproved
from backend.purchasing.models import Inspection, InspectionLine, InspectionState
from backend.workflow.services import complete_tasks, create_task


@subscribe(PurchaseReceiptApproved, when="after_commit")
def ask_for_inspection(event: PurchaseReceiptApproved, actor: Actor) -> None:
    """Goods lie in quarantine: somebody looks at them."""
    waiting = Inspection.objects.select_related("supplier").filter(
        receipt_id=event.aggregate_id, state=InspectionState.OPEN, approval="draft"
    )
    for made in waiting:
        create_task(
            kind="purchasing.inspection_to_do",
            params={"number": made.number, "supplier": made.supplier.label, "receipt": event.number},
            dedupe_key=f"inspection:{made.pk}",
            permission="purchasing.inspection.decide",
            subject=made,
            due_date=made.doc_date,
            at=timezone.now(),
        )


@subscribe(PurchaseReceiptUnapproved, when="after_commit")
def forget_inspection(event: PurchaseReceiptUnapproved, actor: Actor) -> None:
    """The receipt was taken back: nothing is left to look at."""
    for inspection_id in Inspection.objects.filter(receipt_id=event.aggregate_id).values_list("pk", flat=True):
        complete_tasks(dedupe_key=f"inspection:{inspection_id}", actor=actor, at=timezone.now())


@subscribe(InspectionDecided, when="after_commit")
def propose_return(event: InspectionDecided, actor: Actor) -> None:
    """What is rejected goes back to the supplier: the buyer is asked, once for the whole inspection."""
    complete_tasks(dedupe_key=f"inspection:{event.aggregate_id}", actor=actor, at=timezone.now())
    rejected = InspectionLine.objects.select_related("item").filter(document=event.aggregate_id, rejected_qty__gt=0)
    lines = list(rejected.order_by("line_no"))
    if not lines:
        return
    supplier = Party.objects.select_related("supplier").get(pk=UUID(str(event.supplier_id)))
    goods = "; ".join(f"{line.item} × {plain_qty(line.rejected_qty)}: {line.reason}" for line in lines[:5])
    create_task(
        kind="purchasing.rejected_goods",
        params={"number": event.number, "supplier": supplier.label, "goods": goods[:300]},
        dedupe_key=f"rejected:{event.aggregate_id}",
        assignee_id=supplier.supplier.buyer_id,
        permission="purchasing.order.edit",
        subject=Inspection.objects.get(pk=event.aggregate_id),
        at=timezone.now(),
    )
