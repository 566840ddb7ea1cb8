"""A document's way through its levels: handed in, agreed to level by level, sent back, taken back.

The document's own services call it under the lock of the document's row. Invariants: the next level opens when the one
before has agreed; nobody decides a level that is not his; who wrote a document does not decide about it unless the company
allows it; without rules nothing is asked and nothing is read; amounts are compared in the company's own currency.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from backend.access import selectors as access
from backend.access.models import Role
from backend.kernel import audit, clock, events
from backend.kernel.actor import Actor
from backend.kernel.currency import HOME, RateMissing, gross_at_home
from backend.kernel.document import Approval as Axis
from backend.kernel.document import Document, claim_version
from backend.kernel.errors import Conflict, PermissionRefused
from backend.kernel.language import in_books
from backend.workflow.approvals.people import Deciders, People
from backend.workflow.approvals.rules import Level, levels_for, offered, rules_of
from backend.workflow.events import ApprovalAsked, ApprovalEnded
from backend.workflow.models import Approval, ApprovalState, ApprovalStep, StepState, Task
from backend.workflow.services.tasks import TaskInput, complete_tasks, create_tasks

KIND = "workflow.to_approve"


class NotTheApprover(PermissionRefused):
    """Somebody else decides this level."""

    code = "not_the_approver"


class NobodyApproves(Conflict):
    """Nobody is there who may decide this level."""

    code = "nobody_approves"


class LevelDecided(Conflict):
    """Somebody decided this level in the meantime."""

    code = "level_decided"


def ask(document: Document, *, actor: Actor, at: datetime) -> bool:
    """Open the first level of a document that was handed in; False where no rule asks anything of it."""
    levels = _levels_of(document)
    if not levels:
        return False
    approval = _begin(document, levels, actor, at)
    _open(approval, approval.steps.get(level=levels[0].level), People(clock.day_of(at)), actor, at)
    return True


def passes(document: Document, before: str, *, actor: Actor, at: datetime, level: int | None = None) -> bool:
    """Decide the level that waits; True when nothing waits after it, so that the document is approved now.

    Otherwise the document was kept as submitted and the next level asked. ``level`` is the one the actor saw: another
    one means that somebody was faster. Raises NotTheApprover, LevelDecided, NobodyApproves.
    """
    if not rules_of(document.DOC_TYPE):
        return True
    approval = _last(document)
    if approval is not None and approval.state == ApprovalState.APPROVED and before == Axis.SUBMITTED:
        return True  # every level agreed; something else kept it waiting
    if approval is None or approval.state != ApprovalState.OPEN:
        levels = _levels_of(document)
        if not levels:
            return True
        approval = _begin(document, levels, actor, at)
    done = _agree(document, approval, actor, at, level)
    if not done:
        document.approval = Axis.SUBMITTED
        claim_version(document, None, at)
        document.save(update_fields=["approval", "version", "updated_at"])
    return done


def _agree(document: Document, approval: Approval, actor: Actor, at: datetime, level: int | None) -> bool:
    people, steps = People(clock.day_of(at)), list(approval.steps.select_for_update().order_by("level"))
    step = _current(document, approval, steps, level)
    _decide(step, StepState.APPROVED, people, approval, actor, at)
    audit.record(document, "agree", actor=actor, at=at, reason=in_books(lambda: _level_words(step)))
    complete_tasks(subject_id=document.pk, kinds=[KIND], actor=actor, at=at)
    rest = [each for each in steps if each.state == StepState.WAITING]
    if rest:
        _open(approval, rest[0], people, actor, at)
        return False
    _end(approval, ApprovalState.APPROVED, actor, at)
    return True


def reject(document: Document, *, reason: str, actor: Actor, at: datetime, level: int | None = None) -> None:
    """Say no to the level that waits; what comes after it is not asked any more. Raises NotTheApprover."""
    approval = _open_one(document)
    if approval is None:
        return
    people, steps = People(clock.day_of(at)), list(approval.steps.select_for_update().order_by("level"))
    step = _current(document, approval, steps, level)
    step.reason = reason[:300]
    _decide(step, StepState.REJECTED, people, approval, actor, at)
    _drop(document, approval, ApprovalState.REJECTED, actor, at, reason)


def withdraw(document: Document, *, actor: Actor, at: datetime) -> None:
    """Nobody is asked any more: the document is a draft again, or void."""
    approval = _open_one(document)
    if approval is not None:
        _drop(document, approval, ApprovalState.WITHDRAWN, actor, at)


def free_all(doc_type: str, *, actor: Actor, at: datetime) -> None:
    """No rule asks for approvals of this kind any more: what waits is approved like before there were rules."""
    for approval in Approval.objects.select_for_update().filter(subject_type=doc_type, state=ApprovalState.OPEN):
        approval.steps.filter(decided_at=None).update(state=StepState.DROPPED)
        complete_tasks(subject_id=approval.subject_id, kinds=[KIND], actor=actor, at=at)
        _end(approval, ApprovalState.WITHDRAWN, actor, at, tell=False)


def hand_over(*, at: datetime) -> int:
    """To-dos follow who is absent today; returns how many levels are open."""
    people = People(clock.day_of(at))
    steps = list(
        ApprovalStep.objects.select_for_update(of=("self",))
        .filter(state=StepState.OPEN)
        .select_related("approval")
        .order_by("id")
    )
    tasks = [task for step in steps for task in _tasks(step, _deciders(step, step.approval, people))]
    _close_stale({task.dedupe_key for task in tasks}, at)
    create_tasks(tasks, at=at)
    return len(steps)


def _close_stale(live: set[str], at: datetime) -> None:
    levels = Task.objects.filter(kind=KIND, done_at=None, dedupe_key__startswith="approval:")
    stale = levels.exclude(dedupe_key__in=live)
    stale.update(done_at=at, done_by_name=Actor.system().name)


# --- parts -------------------------------------------------------------------------------------
def _levels_of(document: Document) -> list[Level]:
    """What rules ask of the document; raises RateMissing where its amount cannot be compared."""
    levels = levels_for(document)
    if levels and gross_at_home(document) is None:
        raise RateMissing(
            _("%(document)s has no exchange rate: rules of approval compare amounts in %(home)s.")
            % {"document": document, "home": HOME},
            document=document.number,
            field="exchange_rate",
            way_out=_("Edit it and enter the rate."),
        )
    return levels


def _begin(document: Document, levels: Sequence[Level], actor: Actor, at: datetime) -> Approval:
    approval = Approval.objects.create(
        subject_type=document.DOC_TYPE,
        subject_id=document.pk,
        subject_number=document.number,
        amount=gross_at_home(document),
        authors=_authors(document),
        asked_at=at,
        asked_by_name=actor.name,
    )
    roles = Role.objects.in_bulk([level.role_id for level in levels if level.role_id])
    names = People(clock.day_of(at))
    steps = []
    for level in levels:
        name = access.role_label(roles[level.role_id]) if level.role_id else names.name_of(level.member_id)
        member_id, role_id = level.member_id, level.role_id
        steps.append(
            ApprovalStep(approval=approval, level=level.level, role_id=role_id, member_id=member_id, approver=name)
        )
    steps[0].state, steps[0].opened_at = StepState.OPEN, at
    ApprovalStep.objects.bulk_create(steps)
    return approval


def _authors(document: Document) -> list[UUID]:
    """Who wrote it or wants it."""
    return sorted({each for each in (document.created_by_id, getattr(document, "requester_id", None)) if each})


def _open(approval: Approval, step: ApprovalStep, people: People, actor: Actor, at: datetime) -> None:
    deciders = _deciders(step, approval, people)
    if not deciders.asked:
        raise NobodyApproves(
            _("Nobody is there to approve level %(level)s (%(who)s).") % {"level": step.level, "who": step.approver},
            document=approval.subject_number,
            field="approval",
            value=step.level,
            way_out=_("Give the role to a colleague, or change the rules under Settings, Approvals."),
        )
    step.state, step.opened_at = StepState.OPEN, at
    step.save(update_fields=["state", "opened_at"])
    create_tasks(_tasks(step, deciders), at=at)
    asked = tuple(str(pk) for pk in deciders.asked)
    told = ApprovalAsked(approval.subject_id, approval.subject_type, approval.subject_number, str(step.pk), asked)
    events.publish(told, actor=actor)


def task_params(step: ApprovalStep) -> dict[str, str]:
    """What a to-do or a message about a level says."""
    approval = step.approval
    return {
        "number": approval.subject_number,
        "level": str(step.level),
        "amount": f"{approval.amount:,.2f}",
        "by": approval.asked_by_name,
    }


def _tasks(step: ApprovalStep, deciders: Deciders) -> list[TaskInput]:
    approval = step.approval
    return [
        TaskInput(
            kind=KIND,
            dedupe_key=f"approval:{step.pk}:{member_id}",
            params=task_params(step),
            assignee_id=member_id,
            subject_type=approval.subject_type,
            subject_id=approval.subject_id,
            subject_number=approval.subject_number,
        )
        for member_id in deciders.asked
    ]


def _deciders(step: ApprovalStep, approval: Approval, people: People) -> Deciders:
    return people.deciders(step.role_id, step.member_id, approval.authors)


def _current(document: Document, approval: Approval, steps: Sequence[ApprovalStep], level: int | None) -> ApprovalStep:
    step = next(each for each in steps if each.state == StepState.OPEN)
    step.approval = approval
    if level is not None and step.level != level:
        raise LevelDecided(
            _("Level %(level)s of %(document)s is decided already.") % {"level": level, "document": document},
            document=document.number,
            field="level",
            value=level,
            way_out=_("Reload the document to see its current state."),
        )
    return step


def _decide(
    step: ApprovalStep, state: StepState, people: People, approval: Approval, actor: Actor, at: datetime
) -> None:
    deciders = _deciders(step, approval, people)
    if actor.member_id not in deciders.may:
        raise _not_yours(step, approval, deciders, people, actor)
    step.state, step.decided_at = state, at
    step.decided_by_id, step.decided_by_name = actor.member_id, actor.name
    step.for_name = people.name_of(deciders.may[actor.member_id])
    step.save()


def _not_yours(
    step: ApprovalStep, approval: Approval, deciders: Deciders, people: People, actor: Actor
) -> NotTheApprover:
    words = {"document": approval.subject_number, "level": step.level, "who": people.names(deciders.asked)}
    own = actor.member_id in approval.authors
    return NotTheApprover(
        _("%(document)s is yours: %(who)s approves level %(level)s.") % words
        if own and deciders.asked
        else _("Level %(level)s of %(document)s is approved by %(who)s.")
        % (words | {"who": words["who"] or step.approver}),
        document=approval.subject_number,
        field="approval",
        value=step.level,
        way_out=_("Once it is handed in, it stands among their to-dos."),
    )


def _level_words(step: ApprovalStep) -> str:
    level = _("Level %(level)s") % {"level": step.level}
    return f"{level}, {_('for %(name)s') % {'name': step.for_name}}" if step.for_name else level


def _last(document: Document) -> Approval | None:
    return Approval.objects.filter(subject_id=document.pk).order_by("-id").first()


def _open_one(document: Document) -> Approval | None:
    """The open round, if rules ask for any; without rules nothing is read."""
    if not rules_of(document.DOC_TYPE):
        return None
    return Approval.objects.filter(subject_id=document.pk, state=ApprovalState.OPEN).first()


def _drop(
    document: Document, approval: Approval, state: ApprovalState, actor: Actor, at: datetime, reason: str = ""
) -> None:
    approval.steps.filter(decided_at=None).update(state=StepState.DROPPED)
    complete_tasks(subject_id=document.pk, kinds=[KIND], actor=actor, at=at)
    _end(approval, state, actor, at, reason=reason)


def _end(
    approval: Approval, state: ApprovalState, actor: Actor, at: datetime, *, reason: str = "", tell: bool = True
) -> None:
    approval.state, approval.ended_at = state, at
    approval.save(update_fields=["state", "ended_at"])
    if tell:
        told = ApprovalEnded(
            approval.subject_id,
            doc_type=approval.subject_type,
            number=approval.subject_number,
            approval_id=str(approval.pk),
            state=str(state),
            author_ids=tuple(str(pk) for pk in approval.authors),
            reason=reason,
        )
        events.publish(told, actor=actor)


def deciders_now(document: Document, *, at: datetime) -> tuple[People, Deciders] | None:
    """Who decides what waits, or would decide it first; None where no rule asks."""
    levels = levels_for(document)
    approval = _open_one(document)
    people = People(clock.day_of(at))
    if approval is not None:
        step = approval.steps.get(state=StepState.OPEN)
        return people, _deciders(step, approval, people)
    if not levels:
        return None
    return people, people.deciders(levels[0].role_id, levels[0].member_id, _authors(document))


def may_decide(document: Any, *, actor: Actor, at: datetime) -> bool:
    """Whether the actor decides what waits; where no rule asks, whether he holds the kind's right to approve."""
    if not rules_of(document.DOC_TYPE):
        return actor.may(offered()[document.DOC_TYPE])
    found = deciders_now(document, at=at)
    if found is None:
        return actor.may(offered()[document.DOC_TYPE])
    return actor.member_id in found[1].may


def require_right(document: Any, *, actor: Actor, at: datetime) -> None:
    """Faces call it before a decision: raises PermissionRefused for who has neither the right nor the level."""
    right = offered()[document.DOC_TYPE]
    if not actor.may(right) and not may_decide(document, actor=actor, at=at):
        actor.require(right)
