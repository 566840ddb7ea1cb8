"""How much of a requisition is ordered and asked for: counted from the lines that name its lines, never typed.

Invariant: ordered and asked together never grow beyond what was approved and the company's tolerance. Whoever changes lines
that name a requisition's line calls ``recount`` after writing them, inside the same transaction.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Model, QuerySet, Sum
from django.utils.translation import gettext as _

from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.document import Approval, Closing, progress_of
from backend.kernel.errors import Conflict
from backend.kernel.money import HUNDRED, ZERO, plain, total
from backend.purchasing.events import RequisitionClosed
from backend.purchasing.models import (
    PurchaseOrderLine,
    PurchaseRequisition,
    RequisitionLine,
    RfqLine,
    RfqState,
)
from backend.purchasing.services.requisition_holds import hold_rest
from backend.workflow import parameters
from backend.workflow.services import complete_tasks, create_task

TO_ORDER = "purchasing.requisition_to_order"


class CannotOrderRequisition(Conflict):
    """More is ordered than was approved, or the requisition is not to be ordered."""

    code = "cannot_order_requisition"


def recount(line_ids: Iterable[UUID | None], *, actor: Actor, at: datetime) -> None:
    """Count these requisition lines anew; raises CannotOrderRequisition naming every line of which too much is taken.

    Six statements at most, and those of availability where a line came from a suggestion; none when no line is named.
    """
    wanted = {line_id for line_id in line_ids if line_id}
    if not wanted:
        return
    with transaction.atomic(savepoint=False):
        owners = RequisitionLine.objects.filter(pk__in=wanted).values("document_id")
        documents = {row.pk: row for row in _locked(owners)}
        lines = list(RequisitionLine.objects.filter(document__in=documents).select_related("item").order_by("line_no"))
        counted = [line for line in lines if line.pk in wanted]
        _count(counted, [documents[line.document_id] for line in counted])
        update_rows(counted, ("ordered_qty", "asked_qty"))
        for document in documents.values():
            derive(document, [line for line in lines if line.document_id == document.pk], actor, at)
        update_rows(documents.values(), ("ordered", "closing"))
        hold_rest([(documents[line.document_id], line) for line in counted], actor=actor, at=at)


def _locked(owners: QuerySet[RequisitionLine, Any]) -> QuerySet[PurchaseRequisition]:
    return PurchaseRequisition.objects.select_for_update().filter(pk__in=owners).order_by("pk")


def _count(lines: list[RequisitionLine], documents: list[PurchaseRequisition]) -> None:
    ids = [line.pk for line in lines]
    ordered = _sums(
        PurchaseOrderLine.objects.exclude(document__approval=Approval.VOIDED), ids, F("qty") - F("cancelled_qty")
    )
    running = (RfqState.DRAFT, RfqState.PUBLISHED, RfqState.CLOSED)
    asked = _sums(RfqLine.objects.filter(document__state__in=running), ids, F("qty"))
    most = 1 + Decimal(parameters.get("purchasing.requisition_tolerance_pct")) / HUNDRED
    problems = []
    for line, document in zip(lines, documents, strict=True):
        before = line.ordered_qty + line.asked_qty
        line.ordered_qty, line.asked_qty = ordered.get(line.pk, ZERO), asked.get(line.pk, ZERO)
        taken = line.ordered_qty + line.asked_qty
        if taken > max(line.qty * most, before):
            problems.append(_too_much(document, line, taken - before, max(line.qty * most - before, ZERO)))
    if problems:
        raise CannotOrderRequisition.many(problems)


def _sums(rows: QuerySet[Model], ids: list[UUID], qty: object) -> dict[UUID, Decimal]:
    found = rows.filter(requisition_line_id__in=ids).order_by().values_list("requisition_line_id")
    return dict(found.annotate(sum=Sum(qty)))  # type: ignore[arg-type]


def _too_much(
    document: PurchaseRequisition, line: RequisitionLine, more: Decimal, left: Decimal
) -> CannotOrderRequisition:
    return CannotOrderRequisition(
        _("%(item)s: %(left)s of %(approved)s are left, %(wanted)s are to be ordered.")
        % {"item": line.item, "left": plain(left), "approved": plain(line.qty), "wanted": plain(more)},
        code="more_than_approved",
        document=document.number,
        line=line.line_no,
        field=f"qty-{line.pk}",
        value=left,
        way_out=_("Order what is left, or hand in another requisition for the rest."),
    )


def derive(document: PurchaseRequisition, lines: Iterable[RequisitionLine], actor: Actor, at: datetime) -> None:
    """Set how far a requisition is ordered, and close or open it with that (not saved). Closed by hand stays closed."""
    lines = list(lines)
    document.ordered = progress_of(
        total(min(line.ordered_qty, line.qty) for line in lines), total(line.qty for line in lines)
    )
    complete = all(line.ordered_qty >= line.qty for line in lines)
    if complete and document.closing == Closing.OPEN:
        document.closing = Closing.AUTO_CLOSED
        finish_tasks(document, actor, at)
        closed = RequisitionClosed(document.pk, document.number, document.requester_id, by_itself=True)
        events.publish(closed, actor=actor)
    elif not complete and document.closing == Closing.AUTO_CLOSED:
        document.closing = Closing.OPEN
        ask_buyers(document, at)


def ask_buyers(document: PurchaseRequisition, at: datetime) -> None:
    """Somebody who writes orders is to buy it."""
    create_task(
        kind=TO_ORDER,
        params={
            "number": document.number,
            "by": document.requester_name,
            "need_date": document.need_date,
            "amount": f"{document.gross_amount:,.2f}",
        },
        dedupe_key=f"requisition:{document.pk}",
        permission="purchasing.order.edit",
        subject=document,
        due_date=document.need_date,
        at=at,
    )


def finish_tasks(document: PurchaseRequisition, actor: Actor, at: datetime) -> None:
    complete_tasks(subject_id=document.pk, kinds=[TO_ORDER], actor=actor, at=at)


def follow_order(order_id: UUID, *, actor: Actor, at: datetime) -> None:
    """An order was changed, voided or taken back: what it takes of requisitions is counted anew."""
    recount(_named(PurchaseOrderLine.objects.filter(document=order_id)), actor=actor, at=at)


def follow_rfq(rfq_id: UUID, *, actor: Actor, at: datetime) -> None:
    """A request for quotation was cancelled or decided."""
    recount(_named(RfqLine.objects.filter(document=rfq_id)), actor=actor, at=at)


def _named(rows: QuerySet[Model]) -> list[UUID]:
    return list(rows.filter(requisition_line_id__isnull=False).values_list("requisition_line_id", flat=True))
