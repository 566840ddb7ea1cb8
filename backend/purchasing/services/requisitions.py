"""The life of a purchase requisition (PUR-01): written, handed in, agreed to level by level, closed, taken back."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.access.models import Member
from backend.catalog.models import Item
from backend.catalog.services.pricing import paid_last
from backend.kernel import audit, clock, events, links
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.currency import HOME
from backend.kernel.document import Approval, claim_version, load_locked
from backend.kernel.errors import Conflict, ValidationRefused
from backend.kernel.ids import uuid7
from backend.kernel.lifecycle import APPROVAL, CLOSING
from backend.kernel.money import ZERO, cents, total_amount
from backend.kernel.numbering import next_number
from backend.parties.models import Party
from backend.purchasing.events import (
    RequisitionApproved,
    RequisitionClosed,
    RequisitionRejected,
    RequisitionReopened,
    RequisitionSubmitted,
    RequisitionUnapproved,
    RequisitionVoided,
)
from backend.purchasing.models import PurchaseRequisition, RequisitionLine
from backend.purchasing.services.inputs import LineInput, RequisitionData, RequisitionLineInput
from backend.purchasing.services.line_units import in_own_units, keyed_as
from backend.purchasing.services.lines import check_line, items_of
from backend.purchasing.services.prices import in_mode
from backend.purchasing.services.requisition_counts import ask_buyers, derive, finish_tasks
from backend.purchasing.services.requisition_holds import hold_rest
from backend.purchasing.services.saving import warehouse_of
from backend.workflow.approvals import engine
from backend.workflow.services import complete_tasks, create_task

APPROVE = "purchasing.requisition.approve"
HEADER = ("requester_name", "department", "need_date", "reason", "remark")
LINE_FIELDS = (
    "line_no",
    "item",
    "description",
    "qty",
    "line_unit",
    "line_qty",
    "price",
    "price_source",
    "gross_amount",
    "requested_date",
    "supplier",
    "suggestion_id",
)


class CannotEditRequisition(Conflict):
    code = "cannot_edit_requisition"


class CannotSubmitRequisition(Conflict):
    code = "cannot_submit_requisition"


class CannotUnapproveRequisition(Conflict):
    code = "cannot_unapprove_requisition"


def save_requisition(
    *, data: RequisitionData, actor: Actor, at: datetime, requisition_id: UUID | None = None, version: int | None = None
) -> PurchaseRequisition:
    """Write a draft, new or existing; raises CannotEditRequisition once it is handed in, ValidationRefused by line."""
    with transaction.atomic():
        document = _open_draft(requisition_id, version, actor, at)
        before = {name: getattr(document, name) for name in HEADER} if requisition_id else {}
        old = {line.pk: line for line in document.lines.all()} if requisition_id else {}
        _fill_header(document, data, actor, at)
        lines = _lines_of(document, data.lines, old)
        document.gross_amount = total_amount(line.gross_amount for line in lines)
        if not requisition_id:
            document.number = next_number(document.DOC_TYPE, document.doc_date)
        document.save(force_insert=not requisition_id)
        _store(document, lines, old, actor, at)
        changes = audit.changed_fields(before, {name: getattr(document, name) for name in HEADER}) if before else {}
        audit.record(document, "save" if requisition_id else "create", actor=actor, at=at, changes=changes)
    return document


def _open_draft(requisition_id: UUID | None, version: int | None, actor: Actor, at: datetime) -> PurchaseRequisition:
    if requisition_id is None:
        document = PurchaseRequisition()
        document.stamp_created(actor, at)
        return document
    document = load_locked(PurchaseRequisition, requisition_id)
    if not document.is_draft:
        raise CannotEditRequisition(
            _("%(document)s is %(state)s and is not edited any more.")
            % {"document": document, "state": document.state_label("approval").lower()},
            document=document.number,
            field="approval",
            value=document.approval,
            way_out=_("Take it back to a draft first."),
        )
    claim_version(document, version, at)
    return document


def _fill_header(document: PurchaseRequisition, data: RequisitionData, actor: Actor, at: datetime) -> None:
    document.warehouse = warehouse_of(data.warehouse_id)
    document.doc_date = data.doc_date or document.doc_date or clock.day_of(at)
    wanted = data.requester_id or document.requester_id or actor.member_id
    if wanted != document.requester_id or not document.requester_name:
        member = Member.objects.filter(pk=wanted, kind="staff").first() if wanted else None
        if wanted and member is None:
            raise ValidationRefused(_("There is no such colleague."), field="requester_id", value=wanted)
        document.requester_id = member.pk if member else None
        document.requester_name = member.name if member else actor.name[:60]
    document.department, document.reason = data.department.strip()[:60], data.reason.strip()[:300]
    document.need_date, document.remark = data.need_date, data.remark


def _lines_of(
    document: PurchaseRequisition, inputs: Sequence[RequisitionLineInput], old: dict[UUID, RequisitionLine]
) -> list[RequisitionLine]:
    if not inputs:
        raise ValidationRefused(
            _("A requisition needs at least one line."), field="lines", way_out=_("Add what is needed.")
        )
    plain = in_own_units(
        [LineInput(each.item_id, each.qty, each.price, unit_id=each.unit_id, factor=each.factor) for each in inputs]
    )
    items = items_of(line.item_id for line in plain)
    suppliers = _suppliers(inputs)
    problems = [found for no, line in enumerate(plain, 1) for found in check_line(no, line, items.get(line.item_id))]
    problems += [
        ValidationRefused(_("There is no such supplier."), line=no, field="supplier_id", value=each.supplier_id)
        for no, each in enumerate(inputs, 1)
        if each.supplier_id and each.supplier_id not in suppliers
    ]
    if problems:
        raise ValidationRefused.many(problems)
    usual = _estimates([items[line.item_id] for line in plain if line.price is None])
    return [
        _line(document, no, given, line, items[line.item_id], usual.get(line.item_id, (ZERO, "none")), old)
        for no, (given, line) in enumerate(zip(inputs, plain, strict=True), 1)
    ]


def _estimates(items: Sequence[Item]) -> dict[UUID, tuple[Decimal, str]]:
    """What items usually cost, tax included: the item's own price, else the newest that anybody was paid."""
    found = {item.pk: (item.purchase_price, "item") for item in items if item.purchase_price}
    others = {item.pk: item for item in items if item.pk not in found}
    paid = paid_last(kind="purchase", party_id=None, currency=HOME, item_ids=others) if others else {}
    for item_id, last in paid.items():
        if last.standing is not None:
            rate = others[item_id].tax_code.rate
            found[item_id] = (in_mode(last.standing, includes_tax=True, tax_rate=rate), "last")
    return found


def _suppliers(inputs: Sequence[RequisitionLineInput]) -> set[UUID]:
    wanted = {each.supplier_id for each in inputs if each.supplier_id}
    if not wanted:
        return set()
    return set(Party.objects.filter(pk__in=wanted, is_supplier=True, active=True).values_list("pk", flat=True))


def _line(
    document: PurchaseRequisition,
    line_no: int,
    given: RequisitionLineInput,
    line: LineInput,
    item: Item,
    estimate: tuple[Decimal, str],
    old: dict[UUID, RequisitionLine],
) -> RequisitionLine:
    price, source = line.price, "manual"
    if price is None:
        price, source = estimate
    known = old.get(given.id) if given.id else None
    return RequisitionLine(
        id=given.id if given.id in old else uuid7(),
        document=document,
        line_no=line_no,
        item=item,
        description=given.description[:200],
        qty=line.qty,
        **keyed_as(line),
        price=price,
        price_source=source,
        gross_amount=cents(price * line.qty, line=line_no, field="price"),
        requested_date=given.requested_date or document.need_date,
        supplier_id=given.supplier_id,
        ordered_qty=known.ordered_qty if known else ZERO,
        suggestion_id=known.suggestion_id if known and known.item_id == line.item_id else None,
    )


def _store(
    document: PurchaseRequisition,
    lines: Sequence[RequisitionLine],
    old: dict[UUID, RequisitionLine],
    actor: Actor,
    at: datetime,
) -> None:
    kept = {line.pk: line for line in lines}
    gone = old.keys() - kept.keys()
    if gone:
        document.lines.filter(pk__in=gone).delete()
    update_rows([line for line in lines if line.pk in old], LINE_FIELDS)
    RequisitionLine.objects.bulk_create([line for line in lines if line.pk not in old])
    dropped = [line for line in old.values() if line.pk in gone or not kept[line.pk].suggestion_id]
    hold_rest([(document, line) for line in dropped], actor=actor, at=at, gone=True)
    hold_rest([(document, line) for line in lines], actor=actor, at=at)


# --- handed in, decided ------------------------------------------------------------------------
def submit_requisition(
    *, requisition_id: UUID, actor: Actor, at: datetime, version: int | None = None
) -> PurchaseRequisition:
    """Ask for leave to buy; raises CannotSubmitRequisition while a line has no estimate: by the amount goes who decides."""
    with transaction.atomic():
        document = load_locked(PurchaseRequisition, requisition_id, seen=version)
        before = APPROVAL.advance(document, "submit")
        _require_estimates(document)
        claim_version(document, None, at)
        document.save()
        if not engine.ask(document, actor=actor, at=at):
            _ask_by_right(document, at)
        _log(document, "submit", before, actor, at)
        events.publish(_told(RequisitionSubmitted, document), actor=actor)
    return document


def _ask_by_right(document: PurchaseRequisition, at: datetime) -> None:
    create_task(
        kind="workflow.to_approve",
        params={
            "number": document.number,
            "by": document.requester_name,
            "amount": f"{document.gross_amount:,.2f}",
            "level": "1",
        },
        dedupe_key=f"approve:{document.pk}",
        permission=APPROVE,
        subject=document,
        at=at,
    )


def _require_estimates(document: PurchaseRequisition) -> None:
    lines = document.lines.select_related("item").order_by("line_no")
    problems = [
        CannotSubmitRequisition(
            _("%(item)s has no estimated price.") % {"item": line.item}
            if line.item.active and line.item.purchasable
            else _("%(item)s is not bought any more.") % {"item": line.item},
            document=document.number,
            line=line.line_no,
            field="price",
            way_out=_("Edit the requisition: by the amount goes who has to agree."),
        )
        for line in lines
        if not line.price or not (line.item.active and line.item.purchasable)
    ]
    if problems:
        raise CannotSubmitRequisition.many(problems)


def approve_requisition(
    *, requisition_id: UUID, actor: Actor, at: datetime, level: int | None = None, version: int | None = None
) -> PurchaseRequisition:
    """Agree to the level that waits; after the last one it is to be bought. Raises NotTheApprover naming who decides."""
    with transaction.atomic():
        document = load_locked(PurchaseRequisition, requisition_id, seen=version)
        before = APPROVAL.advance(document, "approve")
        if before != Approval.SUBMITTED:
            _require_estimates(document)
        if not engine.passes(document, before, actor=actor, at=at, level=level):
            return document
        document.stamp_approved(actor, at)
        claim_version(document, None, at)
        document.save()
        complete_tasks(dedupe_key=f"approve:{document.pk}", actor=actor, at=at)
        ask_buyers(document, at)
        _log(document, "approve", before, actor, at)
        events.publish(_told(RequisitionApproved, document), actor=actor)
    return document


def reject_requisition(
    *, requisition_id: UUID, reason: str, actor: Actor, at: datetime, level: int | None = None
) -> PurchaseRequisition:
    """Send it back with a reason; it may be changed and handed in again."""
    if not reason.strip():
        raise ValidationRefused(_("Say why, so that it can be mended."), field="reason")
    with transaction.atomic():
        document, before = _step(requisition_id, "reject", at)
        engine.reject(document, reason=reason.strip(), actor=actor, at=at, level=level)
        complete_tasks(dedupe_key=f"approve:{document.pk}", actor=actor, at=at)
        _log(document, "reject", before, actor, at, reason.strip())
        events.publish(_told(RequisitionRejected, document, reason=reason.strip()), actor=actor)
    return document


def withdraw_requisition(*, requisition_id: UUID, actor: Actor, at: datetime) -> PurchaseRequisition:
    """Take it back before everybody has decided."""
    with transaction.atomic():
        document, before = _step(requisition_id, "withdraw", at)
        _stop_asking(document, actor, at)
        _log(document, "withdraw", before, actor, at)
    return document


def void_requisition(*, requisition_id: UUID, actor: Actor, at: datetime, reason: str = "") -> PurchaseRequisition:
    """It is not needed after all."""
    with transaction.atomic():
        document, before = _step(requisition_id, "void", at)
        _stop_asking(document, actor, at)
        links.unlink(document.pk)
        hold_rest([(document, line) for line in document.lines.all()], actor=actor, at=at)
        _log(document, "void", before, actor, at, reason)
        events.publish(_told(RequisitionVoided, document), actor=actor)
    return document


def _stop_asking(document: PurchaseRequisition, actor: Actor, at: datetime) -> None:
    engine.withdraw(document, actor=actor, at=at)
    complete_tasks(dedupe_key=f"approve:{document.pk}", actor=actor, at=at)


def unapprove_requisition(*, requisition_id: UUID, actor: Actor, at: datetime, reason: str = "") -> PurchaseRequisition:
    """Back to a draft while nothing of it is ordered or asked for."""
    with transaction.atomic():
        document, before = _step(requisition_id, "unapprove", at)
        if any(line.ordered_qty or line.asked_qty for line in document.lines.all()):
            raise CannotUnapproveRequisition(
                _("%(document)s is ordered or asked for already.") % {"document": document},
                document=document.number,
                field="ordered",
                way_out=_("Void its orders and requests first, or close the rest."),
            )
        document.closing = "open"
        document.approved_at, document.approved_by_id, document.approved_by_name = None, None, ""
        document.save()
        finish_tasks(document, actor, at)
        _log(document, "unapprove", before, actor, at, reason)
        events.publish(_told(RequisitionUnapproved, document), actor=actor)
    return document


def close_requisition(*, requisition_id: UUID, actor: Actor, at: datetime, reason: str = "") -> PurchaseRequisition:
    """Buy no more for it; reopening brings the rest back."""
    with transaction.atomic():
        document, before = _closing(requisition_id, "close", at)
        finish_tasks(document, actor, at)
        hold_rest([(document, line) for line in document.lines.all()], actor=actor, at=at)
        _log(document, "close", before, actor, at, reason, axis="closing")
        events.publish(_told(RequisitionClosed, document), actor=actor)
    return document


def reopen_requisition(*, requisition_id: UUID, actor: Actor, at: datetime) -> PurchaseRequisition:
    """Buy the rest after all."""
    with transaction.atomic():
        document, before = _closing(requisition_id, "reopen", at)
        ask_buyers(document, at)
        derive(document, document.lines.all(), actor, at)
        document.save(update_fields=["ordered", "closing"])
        hold_rest([(document, line) for line in document.lines.all()], actor=actor, at=at)
        _log(document, "reopen", before, actor, at, axis="closing")
        events.publish(_told(RequisitionReopened, document), actor=actor)
    return document


def _step(requisition_id: UUID, verb: str, at: datetime) -> tuple[PurchaseRequisition, str]:
    document = load_locked(PurchaseRequisition, requisition_id)
    before = APPROVAL.advance(document, verb)
    claim_version(document, None, at)
    document.save()
    return document, before


def _closing(requisition_id: UUID, verb: str, at: datetime) -> tuple[PurchaseRequisition, str]:
    document = load_locked(PurchaseRequisition, requisition_id)
    require_approved(document)
    before = CLOSING.advance(document, verb)
    claim_version(document, None, at)
    document.save()
    return document, before


def require_approved(document: PurchaseRequisition) -> None:
    """Only what every level agreed to is bought."""
    if not document.is_approved:
        raise CannotEditRequisition(
            _("%(document)s is %(state)s.") % {"document": document, "state": document.state_label("approval").lower()},
            document=document.number,
            field="approval",
            value=document.approval,
            way_out=_("Approve it first."),
        )


def _told(event: type, document: PurchaseRequisition, **more: Any) -> Any:
    return event(document.pk, document.number, document.requester_id, **more)


def _log(
    document: PurchaseRequisition,
    verb: str,
    before: str,
    actor: Actor,
    at: datetime,
    reason: str = "",
    axis: str = "approval",
) -> None:
    after = str(getattr(document, axis))
    audit.record(document, verb, actor=actor, at=at, axis=axis, before=before, after=after, reason=reason)
