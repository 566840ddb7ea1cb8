"""Approvals told to people: who is asked learns of it, who wrote the document learns how it ended."""

from uuid import UUID

from django.utils import timezone

from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.processes import addresses
from backend.purchasing.models import PurchaseOrder
from backend.sales.models import SalesOrder
from backend.workflow.approvals.engine import KIND, task_params
from backend.workflow.events import ApprovalAsked, ApprovalEnded, SubstituteNamed
from backend.workflow.models import ApprovalDelegation, ApprovalState, ApprovalStep
from backend.workflow.services import notify

# These tell of a rejection themselves.
TELL_THEMSELVES = {PurchaseOrder.DOC_TYPE, SalesOrder.DOC_TYPE}


@subscribe(ApprovalAsked, when="after_commit")
def tell_approvers(event: ApprovalAsked, actor: Actor) -> None:
    """A line in the bell and a mail for everybody who may decide the level."""
    step = ApprovalStep.objects.select_related("approval").filter(pk=event.step_id).first()
    if step is None or step.decided_at:
        return
    notify(
        kind=KIND,
        params=task_params(step),
        url=addresses.staff(event.doc_type, event.number),
        dedupe_key=f"approval:{step.pk}",
        members=[UUID(str(member_id)) for member_id in event.member_ids],
        actor=actor,
        at=timezone.now(),
    )


@subscribe(SubstituteNamed, when="after_commit")
def tell_substitute(event: SubstituteNamed, actor: Actor) -> None:
    """Who stands in learns for whom and how long; told again when the days change."""
    kept = ApprovalDelegation.objects.select_related("person").filter(pk=event.aggregate_id).first()
    if kept is None:
        return
    notify(
        kind="workflow.stands_in",
        params={"person": kept.person.name, "date_from": kept.date_from, "date_to": kept.date_to},
        url="/approvals/",
        dedupe_key=f"stands-in:{kept.pk}:{kept.date_from}:{kept.date_to}",
        members=[kept.substitute_id],
        actor=actor,
        at=timezone.now(),
    )


@subscribe(ApprovalEnded, when="after_commit")
def tell_authors(event: ApprovalEnded, actor: Actor) -> None:
    """Agreed to at every level, or sent back with a reason."""
    if event.state == ApprovalState.WITHDRAWN or (
        event.state == ApprovalState.REJECTED and event.doc_type in TELL_THEMSELVES
    ):
        return
    notify(
        kind=f"workflow.{event.state}",
        params={"number": event.number, "by": actor.name, "reason": event.reason},
        url=addresses.staff(event.doc_type, event.number),
        dedupe_key=f"approval-ended:{event.approval_id}",
        members=[UUID(str(member_id)) for member_id in event.author_ids],
        actor=actor,
        at=timezone.now(),
    )
