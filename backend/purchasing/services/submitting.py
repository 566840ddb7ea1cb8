"""Handing a draft to somebody who may approve it, taking it back, sending it back with a reason."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.kernel import audit, events
from backend.kernel.actor import Actor
from backend.kernel.document import claim_version, load_locked
from backend.kernel.errors import ValidationRefused
from backend.kernel.lifecycle import APPROVAL
from backend.purchasing.events import PurchaseOrderRejected, PurchaseOrderSubmitted
from backend.purchasing.models import PurchaseOrder
from backend.purchasing.services import prices
from backend.purchasing.services.checks import refuse_stopped_supplier, supplier_of
from backend.workflow.approvals import engine
from backend.workflow.services import complete_tasks, create_task

APPROVE = "purchasing.order.approve"


def submit_order(*, order_id: UUID, actor: Actor, at: datetime, version: int | None = None) -> PurchaseOrder:
    """Ask those who may approve orders; raises IllegalTransition, PriceReasonNeeded, CannotOrderFrom, StaleVersion."""
    with transaction.atomic():
        order, before = _step(order_id, "submit", at, seen=version)
        supplier = supplier_of(order.supplier_id)
        refuse_stopped_supplier(supplier, order.number, draft=True)
        prices.require_reasons(order, list(order.lines.select_related("item").order_by("line_no")))
        if not engine.ask(order, actor=actor, at=at):
            _ask_by_right(order, supplier.label, at)
        _log(order, "submit", before, actor, at)
        events.publish(PurchaseOrderSubmitted(order.pk, order.number, order.supplier_id), actor=actor)
    return order


def _ask_by_right(order: PurchaseOrder, supplier: str, at: datetime) -> None:
    create_task(
        kind="purchasing.order_to_approve",
        params={"number": order.number, "supplier": supplier, "amount": f"{order.gross_amount:,.2f}"},
        dedupe_key=f"approve:{order.pk}",
        permission=APPROVE,
        subject=order,
        at=at,
    )


def withdraw_order(*, order_id: UUID, actor: Actor, at: datetime) -> PurchaseOrder:
    """Take the draft back before anybody has decided."""
    with transaction.atomic():
        order, before = _step(order_id, "withdraw", at)
        engine.withdraw(order, actor=actor, at=at)
        complete_tasks(dedupe_key=f"approve:{order.pk}", actor=actor, at=at)
        _log(order, "withdraw", before, actor, at)
    return order


def reject_order(*, order_id: UUID, reason: str, actor: Actor, at: datetime, level: int | None = None) -> PurchaseOrder:
    """Send the draft back with a reason; it may be changed and submitted again."""
    if not reason.strip():
        raise ValidationRefused(_("Say why, so that it can be mended."), field="reason")
    with transaction.atomic():
        order, before = _step(order_id, "reject", at)
        engine.reject(order, reason=reason.strip(), actor=actor, at=at, level=level)
        complete_tasks(dedupe_key=f"approve:{order.pk}", actor=actor, at=at)
        _log(order, "reject", before, actor, at, reason.strip())
        events.publish(
            PurchaseOrderRejected(order.pk, order.number, order.supplier_id, reason=reason.strip()), actor=actor
        )
    return order


def _step(order_id: UUID, verb: str, at: datetime, *, seen: int | None = None) -> tuple[PurchaseOrder, str]:
    order = load_locked(PurchaseOrder, order_id, seen=seen)
    before = APPROVAL.advance(order, verb)
    claim_version(order, None, at)
    order.save()
    return order, before


def _log(order: PurchaseOrder, verb: str, before: str, actor: Actor, at: datetime, reason: str = "") -> None:
    audit.record(order, verb, actor=actor, at=at, axis="approval", before=before, after=order.approval, reason=reason)
