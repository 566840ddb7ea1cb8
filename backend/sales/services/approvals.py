"""Approving a sales order: the one step that binds the company, with the credit guard before it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.catalog.services import pricing
from backend.kernel import audit, clock, events
from backend.kernel.actor import Actor
from backend.kernel.audit import AuditEntry
from backend.kernel.bulk import Batch
from backend.kernel.currency import gross_at_home, rate_of
from backend.kernel.document import Approval, claim_version
from backend.kernel.lifecycle import APPROVAL
from backend.kernel.money import ZERO
from backend.kernel.prepared import Prepared
from backend.sales.events import CreditHeld, SalesOrderApproved
from backend.sales.models import SalesOrder, SalesOrderLine
from backend.sales.services import credit, demands
from backend.sales.services.checks import CannotApproveOrder, load_order
from backend.workflow import parameters
from backend.workflow.approvals import engine
from backend.workflow.services import complete_tasks

APPROVED = (
    "approval",
    "approved_at",
    "approved_by_id",
    "approved_by_name",
    "updated_at",
    "version",
    "promise_date",
    "credit_state",
    "credit_note",
)


_lines = Prepared(
    lambda order: SalesOrderLine.objects.filter(document_id=order).select_related("item").order_by("line_no")
)


def approve_order(
    *, order_id: UUID, actor: Actor, at: datetime, level: int | None = None, version: int | None = None
) -> SalesOrder:
    """Bind the company: lines become demand with promises.

    Where rules of approval ask for levels this agrees to the one that waits; the last one goes on to the credit guard.
    Over the credit limit the order is kept on hold instead (``approval`` submitted, ``credit_state``
    credit_hold) or refused, as the company wants. Raises CannotApproveOrder, CreditExceeded, IllegalTransition.
    """
    with transaction.atomic():
        order = load_order(order_id, seen=version)
        before = APPROVAL.advance(order, "approve")
        lines = _lines(order.pk)
        check_approvable(order, lines)
        if not engine.passes(order, before, actor=actor, at=at, level=level):
            return order
        exposure = credit.locked_exposure(order, gross_at_home(order) or ZERO)
        if exposure and not credit.passes(order, exposure, today=clock.day_of(at)):
            return hold_order(order, exposure, before, actor=actor, at=at)
        credit.settle_state(order, exposure)
        order.stamp_approved(actor, at)
        order.version += 1
        order.promise_date = demands.register(order, lines, actor=actor, at=at)
        batch = Batch()
        batch.update([order], APPROVED)
        batch.insert([entry(order, "approve", actor, at, before)])
        batch.write()
        if before == Approval.SUBMITTED:
            complete_tasks(subject_id=order.pk, actor=actor, at=at)
        events.publish(SalesOrderApproved(order.pk, order.number, order.customer_id), actor=actor)
    return order


def check_approvable(order: SalesOrder, lines: Sequence[SalesOrderLine]) -> None:
    rate_of(order, binds=False)
    stale = [line for line in lines if not (line.item.active and line.item.sellable)]
    unpriced = [line for line in lines if line.price_source == pricing.NONE]
    if order.customer.active and lines and not stale and not unpriced:
        return
    wrong = next(iter([*stale, *unpriced]), None)
    if not order.customer.active:
        message = _("%(customer)s is not active any more.") % {"customer": order.customer}
    elif wrong is None:
        message = _("At least one line is needed.")
    elif stale:
        message = _("Line %(line)s: %(item)s is not sold.") % {"line": wrong.line_no, "item": wrong.item}
    else:
        message = _("Line %(line)s: %(item)s has no price yet.") % {"line": wrong.line_no, "item": wrong.item}
    raise CannotApproveOrder(
        message,
        document=order.number,
        line=wrong.line_no if wrong else None,
        field="price" if unpriced and not stale else "lines",
        way_out=_("Edit the order."),
    )


def hold_order(
    order: SalesOrder, exposure: credit.Exposure, before: str, *, actor: Actor, at: datetime, axis: str = "approval"
) -> SalesOrder:
    """Keep the order waiting for a release, or refuse, as the company wants; the row is locked by the caller."""
    if parameters.get("sales.credit_policy") == "refuse":
        raise credit.exceeded(order, exposure)
    if axis == "approval":
        order.approval = Approval.SUBMITTED
    credit.hold(order, exposure, at=at)
    claim_version(order, None, at)
    order.save()
    log(order, "hold", actor, at, before, axis=axis, reason=order.credit_note)
    held = CreditHeld(order.pk, order.number, order.customer_id, exposure.total, exposure.limit or ZERO)
    events.publish(held, actor=actor)
    return order


def log(order: SalesOrder, verb: str, actor: Actor, at: datetime, before: str, **details: Any) -> None:
    """Write a step of the order into the trail."""
    entry(order, verb, actor, at, before, **details).save(force_insert=True)


def entry(order: SalesOrder, verb: str, actor: Actor, at: datetime, before: str, **details: Any) -> AuditEntry:
    """A step of the order, for the trail (not saved)."""
    axis = details.pop("axis", "approval")
    after = str(getattr(order, axis))
    return audit.entry(order, verb, actor=actor, at=at, axis=axis, before=before, after=after, **details)
