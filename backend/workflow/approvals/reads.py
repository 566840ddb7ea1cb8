"""Reading approvals: what waits for somebody, and how far a document has come."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from backend.kernel.actor import Actor
from backend.workflow.approvals.people import People
from backend.workflow.approvals.rules import rules_of
from backend.workflow.approvals.setup import MANAGE
from backend.workflow.models import Approval, ApprovalDelegation, ApprovalState, ApprovalStep, StepState


@dataclass(frozen=True)
class Progress:
    """The last round of a document. ``asked`` are those the open level waits for, ``may`` those who may decide it."""

    approval: Approval
    steps: tuple[ApprovalStep, ...]
    asked: str = ""
    stands_in: str = ""
    may: frozenset[UUID] = frozenset()

    @property
    def current(self) -> ApprovalStep | None:
        return next((step for step in self.steps if step.state == StepState.OPEN), None)

    def waits_for(self, actor: Actor) -> bool:
        """Whether this actor decides the level that is open."""
        return actor.member_id in self.may


def progress_of(document: Any, day: date) -> Progress | None:
    """How far the approvals of a document are; nothing is read where no rule asks for any."""
    if not rules_of(document.DOC_TYPE):
        return None
    steps = list(
        ApprovalStep.objects.filter(approval__subject_id=document.pk)
        .select_related("approval", "role")
        .order_by("-approval_id", "level")
    )
    if not steps:
        return None
    last = tuple(step for step in steps if step.approval_id == steps[0].approval_id)
    approval = steps[0].approval
    current = next((step for step in last if step.state == StepState.OPEN), None)
    if current is None or approval.state != ApprovalState.OPEN:
        return Progress(approval, last)
    people = People(day)
    found = people.deciders(current.role_id, current.member_id, approval.authors)
    away = people.names({holder for acting, holder in found.may.items() if holder and acting in found.asked})
    return Progress(approval, last, people.names(found.asked), away, frozenset(found.may))


def substitutions_of(actor: Actor) -> QuerySet[ApprovalDelegation]:
    """Who stands in for the actor; for those who manage settings, who stands in for anybody."""
    found = ApprovalDelegation.objects.select_related("person", "substitute")
    return found if actor.may(MANAGE) else found.filter(person=actor.member_id)


def waiting_for(actor: Actor, day: date) -> list[ApprovalStep]:
    """Every open level this actor may decide, the oldest first; four statements whatever waits."""
    steps = list(
        ApprovalStep.objects.filter(state=StepState.OPEN).select_related("approval").order_by("opened_at", "id")[:500]
    )
    people = People(day)
    return [
        step
        for step in steps
        if actor.member_id in people.deciders(step.role_id, step.member_id, step.approval.authors).may
    ]
