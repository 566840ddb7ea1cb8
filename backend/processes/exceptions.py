"""Exceptions of purchasing open and close by themselves: at once when a document moves, and every hour for what time alone does.

The buyer gets a to-do for what nobody else tells them; it is done when its cause is gone.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from backend.kernel.actor import Actor
from backend.kernel.comments import add_comment
from backend.kernel.events import subscribe
from backend.kernel.language import in_books
from backend.processes.telling import plain_qty
from backend.purchasing.events import (
    AsnEvent,
    AsnMoved,
    AsnSubmitted,
    AsnWithdrawn,
    ConfirmationDecided,
    NodesPlanned,
    ProgressReported,
    PurchaseOrderAmended,
    PurchaseOrderAnswered,
    PurchaseOrderClosed,
    PurchaseOrderEvent,
    PurchaseOrderReopened,
    PurchaseOrderSent,
    PurchaseOrderUnapproved,
    PurchaseOrderViewed,
    PurchaseReceiptApproved,
    PurchaseReceiptEvent,
    PurchaseReceiptUnapproved,
)
from backend.purchasing.models import ExceptionKind, Node, PurchaseException
from backend.purchasing.services.exceptions import Outcome, acknowledge_exception, refresh_exceptions
from backend.workflow.models import Task
from backend.workflow.services import TaskInput, create_tasks
from backend.workflow.texts import readable

TASK = "purchasing.exception"
# Answers, silence and late goods have to-dos of their own.
TOLD = frozenset({ExceptionKind.NODE_LATE, ExceptionKind.ASN_LATE, ExceptionKind.ASN_DIFFERS})


def look_for_exceptions(*, at: datetime, order_ids: Collection[UUID] | None = None) -> Outcome:
    """Bring exceptions and their to-dos in step with the documents."""
    found = refresh_exceptions(at=at, order_ids=order_ids)
    told = [row for row in found.opened if row.kind in TOLD]
    if told:
        rows = PurchaseException.objects.select_related("order", "order_line__item", "asn", "supplier")
        create_tasks([_task(row) for row in rows.filter(pk__in=[row.pk for row in told])], at=at)
    done = [_key(row) for row in found.solved if row.kind in TOLD]
    if done:
        Task.objects.filter(dedupe_key__in=done, done_at=None).update(done_at=at, done_by_name=Actor.system().name)
    return found


def _key(row: PurchaseException) -> str:
    return f"exception:{row.kind}:{row.subject_id}"


def _task(row: PurchaseException) -> TaskInput:
    return TaskInput(
        kind=TASK,
        dedupe_key=_key(row),
        params={
            "number": row.asn.number if row.asn else row.order.number,
            "supplier": row.supplier.label,
            "note": in_books(lambda: words_of(row)),
        },
        assignee_id=row.buyer_id,
        permission="purchasing.order.edit",
        subject=row.order,
        due_date=row.due_date,
    )


def words_of(row: PurchaseException) -> str:
    """What is wrong, in one line of the reader's language."""
    facts = row.facts
    if row.kind == ExceptionKind.NODE_LATE and row.order_line:
        return _("Line %(line)s: “%(node)s” was planned for %(date)s.") % {
            "line": row.order_line.line_no,
            "node": Node(facts["node"]).label,
            "date": readable("planned_date", facts["planned"]),
        }
    if row.kind == ExceptionKind.ASN_LATE:
        return _("Expected on %(date)s and not here.") % {"date": readable("due_date", facts["due"])}
    announced, received = plain_qty(_decimal(facts["qty"])), plain_qty(_decimal(facts["received"]))
    return _("%(announced)s announced, %(received)s counted.") % {"announced": announced, "received": received}


def _decimal(value: object) -> Decimal:
    return Decimal(str(value))


# --- at once -----------------------------------------------------------------------------------
def _look(order_ids: Iterable[UUID | str]) -> None:
    ids: Sequence[UUID] = [one if isinstance(one, UUID) else UUID(one) for one in order_ids]
    if ids:
        look_for_exceptions(at=timezone.now(), order_ids=ids)


@subscribe(PurchaseOrderSent, when="after_commit")
@subscribe(PurchaseOrderViewed, when="after_commit")
@subscribe(PurchaseOrderAnswered, when="after_commit")
@subscribe(ConfirmationDecided, when="after_commit")
@subscribe(ProgressReported, when="after_commit")
@subscribe(NodesPlanned, when="after_commit")
@subscribe(PurchaseOrderAmended, when="after_commit")
@subscribe(PurchaseOrderUnapproved, when="after_commit")
@subscribe(PurchaseOrderClosed, when="after_commit")
@subscribe(PurchaseOrderReopened, when="after_commit")
def look_at_order(event: PurchaseOrderEvent, actor: Actor) -> None:
    """The order moved."""
    _look([event.aggregate_id])


@subscribe(AsnSubmitted, when="after_commit")
@subscribe(AsnMoved, when="after_commit")
@subscribe(AsnWithdrawn, when="after_commit")
def look_at_shipment(event: AsnEvent, actor: Actor) -> None:
    """Goods on their way moved."""
    _look(event.order_ids)


@subscribe(PurchaseReceiptApproved, when="after_commit")
@subscribe(PurchaseReceiptUnapproved, when="after_commit")
def look_at_receipt(event: PurchaseReceiptEvent, actor: Actor) -> None:
    """Goods came, or were taken back."""
    _look(event.order_ids)


# --- asking the supplier -----------------------------------------------------------------------
def remind_supplier(*, exception_id: UUID, actor: Actor, at: datetime) -> PurchaseException:
    """Ask in the order's messages, in the supplier's language, and note that somebody takes care of it."""
    with transaction.atomic():
        row = acknowledge_exception(exception_id=exception_id, actor=actor, at=at)
        found = PurchaseException.objects.select_related("order", "order_line__item", "supplier").get(pk=row.pk)
        with translation.override(found.supplier.language):
            words = _question(found)
        add_comment(
            subject=found.order, text=words, visibility="supplier", party_id=found.supplier_id, actor=actor, at=at
        )
    return found


def _question(row: PurchaseException) -> str:
    kind, line = row.kind, row.order_line
    about = {"number": row.order.number, "line": line.line_no if line else "", "item": line.item.name if line else ""}
    if kind in {ExceptionKind.NOT_VIEWED, ExceptionKind.NOT_CONFIRMED}:
        return _("Please confirm order %(number)s.") % about
    if kind == ExceptionKind.NODE_LATE:
        about["node"] = str(Node(row.facts["node"]).label)
        return _("Line %(line)s, %(item)s: how far is “%(node)s”?") % about
    if kind == ExceptionKind.CONFIRMED_LATE:
        return _("Line %(line)s, %(item)s: we need it earlier than you confirmed. Can you help?") % about
    if kind == ExceptionKind.ASN_LATE:
        return _("Your shipment for order %(number)s is not here yet. When will it arrive?") % about
    if kind == ExceptionKind.ASN_DIFFERS:
        return _("What arrived for order %(number)s differs from your notice. Please look into it.") % about
    if kind == ExceptionKind.RECEIPT_LATE:
        return _("Line %(line)s, %(item)s: it was due and has not been sent. When will it leave?") % about
    return _("We are looking at your answer to %(number)s.") % about
