"""Quality claims: opened by us, answered by the supplier in the 8D way, accepted or sent back (SRM-20)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.catalog.models import Item
from backend.inventory.models import Lot
from backend.kernel import audit, clock, events
from backend.kernel.actor import Actor
from backend.kernel.document import DOC_TYPES, Approval, claim_version, load_locked
from backend.kernel.errors import Conflict, NotFoundRefused, Refusal, ValidationRefused, WayOut
from backend.kernel.files import attach_file
from backend.kernel.lifecycle import LifeCycle
from backend.kernel.links import link
from backend.kernel.numbering import next_number
from backend.srm.events import ClaimAnswered, ClaimOpened, ClaimReviewed
from backend.srm.models import ClaimState, QualityClaim
from backend.srm.selectors.claims import claims_standing_over
from backend.srm.selectors.qualification import supplier_for
from backend.srm.services.messages import ask_staff, tell_supplier, todo
from backend.workflow import parameters
from backend.workflow.models import Task
from backend.workflow.services import complete_tasks, create_tasks

ANSWER, REVIEW = "supplier.claim.answer", "srm.claim.review"
SOURCES = frozenset({"purchasing.inspection", "purchasing.receipt", "service.ticket"})
CLAIM = LifeCycle(
    {
        "answer": ({ClaimState.OPEN, ClaimState.RETURNED}, ClaimState.ANSWERED),
        "accept": ({ClaimState.ANSWERED}, ClaimState.ACCEPTED),
        "return": ({ClaimState.ANSWERED}, ClaimState.RETURNED),
        "cancel": ({ClaimState.OPEN, ClaimState.RETURNED, ClaimState.ANSWERED}, ClaimState.CANCELLED),
    },
    axis="state",
)


@dataclass(frozen=True)
class ClaimData:
    """``due_date`` None: as many days as the company gives. The lot, when given, decides the item."""

    supplier_id: UUID
    description: str
    item_id: UUID | None = None
    lot_id: UUID | None = None
    qty: Decimal | None = None
    due_date: date | None = None
    source_type: str = ""
    source_id: UUID | None = None


@dataclass(frozen=True)
class ClaimAnswer:
    """The four answers of the 8D report that a supplier owes."""

    containment: str
    cause: str
    corrective: str
    preventive: str = ""


def open_claim(*, data: ClaimData, actor: Actor, at: datetime, files: Any = ()) -> QualityClaim:
    """Open a claim; the supplier finds it in the portal with the day by which we expect the answer."""
    supplier = supplier_for(actor, data.supplier_id)
    today = clock.day_of(at)
    due = data.due_date or today + timedelta(days=int(parameters.get("srm.claim_days")))
    _check(data, due, today)
    source = _source(data)
    lot = Lot.objects.filter(pk=data.lot_id).first() if data.lot_id else None
    _refuse_twin(source, lot)
    with transaction.atomic():
        made = QualityClaim(
            supplier=supplier,
            item_id=lot.item_id if lot else data.item_id,
            lot=lot,
            qty=data.qty,
            description=data.description.strip()[:2000],
            due_date=due,
            doc_date=today,
            approval=Approval.APPROVED,
            source_type=data.source_type if source is not None else "",
            source_id=source.pk if source is not None else None,
            source_number=str(source) if source is not None else "",
        )
        made.stamp_created(actor, at)
        made.number = next_number(QualityClaim.DOC_TYPE, today)
        made.save(force_insert=True)
        if source is not None:
            link(source, made)
        _keep_files(made, files, actor, at)
        audit.record(made, "open", actor=actor, at=at, axis="state", after=made.state)
        events.publish(ClaimOpened(made.pk, made.number, str(supplier.pk)), actor=actor)
        _tell(made, "supplier.claim_opened", actor, at, f"claim:{made.pk}:open")
    return made


def _check(data: ClaimData, due: date, today: date) -> None:
    problems: list[Refusal] = []
    if not data.description.strip():
        problems.append(ValidationRefused(_("Say what is wrong with the goods."), field="description"))
    if due < today:
        problems.append(
            ValidationRefused(_("The answer cannot be due before today."), field="due_date", value=data.due_date)
        )
    if data.qty is not None and data.qty <= 0:
        problems.append(ValidationRefused(_("A quantity is more than zero."), field="qty", value=data.qty))
    if data.item_id and not Item.objects.filter(pk=data.item_id).exists():
        problems.append(ValidationRefused(_("There is no such item."), field="item_id", value=data.item_id))
    if data.lot_id and not Lot.objects.filter(pk=data.lot_id).exists():
        problems.append(ValidationRefused(_("There is no such lot."), field="lot_id", value=data.lot_id))
    if problems:
        raise Refusal.many(problems)


def _refuse_twin(source: Any, lot: Lot | None) -> None:
    """One claim for what an inspection rejected of a lot; one that was dropped may be followed by another."""
    if source is None or lot is None:
        return
    twin = claims_standing_over(source.pk).filter(lot=lot).first()
    if twin is not None:
        raise Conflict(
            _("%(claim)s was opened for this already.") % {"claim": twin.number},
            code="claim_exists",
            document=twin.number,
            way_out=_("Open it and go on there."),
            links=[WayOut(twin.number, doc_type=twin.DOC_TYPE, number=twin.number)],
        )


def _source(data: ClaimData) -> Any:
    """The document the claim comes from."""
    model = DOC_TYPES.get(data.source_type) if data.source_type in SOURCES else None
    return model._default_manager.filter(pk=data.source_id).first() if model and data.source_id else None


def _keep_files(claim: QualityClaim, files: Any, actor: Actor, at: datetime) -> None:
    for upload in files:
        attach_file(subject=claim, upload=upload, actor=actor, at=at, visibility="supplier", party_id=claim.supplier_id)


def answer_claim(*, claim_id: UUID, answer: ClaimAnswer, actor: Actor, at: datetime, files: Any = ()) -> QualityClaim:
    """What the supplier did at once, why it happened, what it changed, and how it will not come again."""
    problems: list[Refusal] = []
    for name in ("containment", "cause", "corrective"):
        if not getattr(answer, name).strip():
            problems.append(ValidationRefused(_("This answer is needed."), field=name))
    with transaction.atomic():
        claim = _locked(claim_id, actor)
        if problems:
            raise Refusal.many(problems)
        before = CLAIM.advance(claim, "answer")
        for name in ("containment", "cause", "corrective", "preventive"):
            setattr(claim, name, getattr(answer, name).strip()[:4000])
        claim.answered_at, claim.answered_by_name = at, actor.name
        claim.first_answered_at = claim.first_answered_at or at
        _save(claim, "answer", before, actor, at)
        _keep_files(claim, files, actor, at)
        complete_tasks(actor=actor, at=at, dedupe_key=f"claim_overdue:{claim.pk}")
        events.publish(ClaimAnswered(claim.pk, claim.number, str(claim.supplier_id)), actor=actor)
        ask_staff(
            todo(
                "srm.claim_to_review",
                _words(claim),
                key=f"claim:{claim.pk}",
                page=QualityClaim.DOC_TYPE,
                pk=claim.pk,
                permission=REVIEW,
                number=claim.number,
            ),
            at,
        )
    return claim


def review_claim(*, claim_id: UUID, accepted: bool, actor: Actor, at: datetime, reason: str = "") -> QualityClaim:
    """The answer is enough, or goes back with what is missing."""
    if not accepted and not reason.strip():
        raise ValidationRefused(_("Say what is missing in the answer."), field="reason")
    with transaction.atomic():
        claim = _locked(claim_id, actor)
        before = CLAIM.advance(claim, "accept" if accepted else "return")
        claim.review_reason, claim.reviewed_at, claim.reviewed_by_name = reason.strip()[:300], at, actor.name
        _save(claim, "accept" if accepted else "return", before, actor, at, reason)
        complete_tasks(actor=actor, at=at, dedupe_key=f"claim:{claim.pk}")
        events.publish(ClaimReviewed(claim.pk, claim.number, str(claim.supplier_id), accepted), actor=actor)
        kind = "supplier.claim_accepted" if accepted else "supplier.claim_returned"
        _tell(claim, kind, actor, at, f"claim:{claim.pk}:{at.isoformat()}")
    return claim


def cancel_claim(*, claim_id: UUID, reason: str, actor: Actor, at: datetime) -> QualityClaim:
    """Drop a claim that was none; it counts against nobody."""
    if not reason.strip():
        raise ValidationRefused(_("Say why the claim is dropped."), field="reason")
    with transaction.atomic():
        claim = _locked(claim_id, actor)
        before = CLAIM.advance(claim, "cancel")
        claim.review_reason, claim.reviewed_at, claim.reviewed_by_name = reason.strip()[:300], at, actor.name
        _save(claim, "cancel", before, actor, at, reason)
        complete_tasks(actor=actor, at=at, subject_id=claim.pk)
    return claim


def _locked(claim_id: UUID, actor: Actor) -> QualityClaim:
    claim = load_locked(QualityClaim, claim_id)
    if actor.kind == "customer" or (actor.kind == "supplier" and claim.supplier_id != actor.party_id):
        raise NotFoundRefused(_("There is no such document."), value=claim_id)
    return claim


def _save(claim: QualityClaim, verb: str, before: str, actor: Actor, at: datetime, reason: str = "") -> None:
    claim_version(claim, None, at)
    claim.save()
    audit.record(
        claim, verb, actor=actor, at=at, axis="state", before=before, after=str(claim.state), reason=reason.strip()
    )


def _words(claim: QualityClaim) -> dict[str, Any]:
    return {
        "number": claim.number,
        "supplier": claim.supplier.label,
        "item": claim.item.name if claim.item else claim.description[:60],
        "due_date": claim.due_date,
        "reason": claim.review_reason,
    }


def _tell(claim: QualityClaim, kind: str, actor: Actor | None, at: datetime, key: str) -> None:
    tell_supplier(
        claim.supplier,
        kind,
        _words(claim),
        key=key,
        actor=actor,
        at=at,
        url=f"/supplier/claims/{claim.number}/",
        permission=ANSWER,
    )


def remind_of_overdue(*, at: datetime) -> int:
    """A to-do for us and a word to the supplier, once, for each claim that was not answered by its day."""
    today = clock.day_of(at)
    rows = QualityClaim.objects.select_related("supplier__supplier", "item").filter(
        state=ClaimState.OPEN, first_answered_at=None, due_date__lt=today
    )
    tasks = {
        claim: todo(
            "srm.claim_overdue",
            _words(claim),
            key=f"claim_overdue:{claim.pk}",
            page=QualityClaim.DOC_TYPE,
            pk=claim.pk,
            permission=REVIEW,
            assignee_id=claim.supplier.supplier.buyer_id,
            due_date=claim.due_date,
            number=claim.number,
        )
        for claim in rows
    }
    keys = [task.dedupe_key for task in tasks.values()]
    known = set(Task.objects.filter(dedupe_key__in=keys).values_list("dedupe_key", flat=True))
    fresh = {claim: task for claim, task in tasks.items() if task.dedupe_key not in known}
    with transaction.atomic():
        create_tasks(list(fresh.values()), at=at)
        for claim in fresh:
            _tell(claim, "supplier.claim_overdue", None, at, f"claim_overdue:{claim.pk}")
    return len(fresh)
