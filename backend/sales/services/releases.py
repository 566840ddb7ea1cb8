"""Releasing an order over the credit limit: by right, with a reason, for an amount and a time (FIN-14)."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.kernel import audit, clock, events
from backend.kernel.actor import Actor
from backend.kernel.currency import gross_at_home
from backend.kernel.document import Approval
from backend.kernel.errors import ValidationRefused
from backend.kernel.money import ZERO
from backend.sales.events import CreditReleased
from backend.sales.models import CreditState, SalesOrder
from backend.sales.services import credit
from backend.sales.services.approvals import approve_order
from backend.sales.services.checks import CannotReleaseCredit, load_order
from backend.workflow import parameters
from backend.workflow.services import complete_tasks, notify


def release_credit(
    *, order_id: UUID, reason: str, actor: Actor, at: datetime, amount: Decimal | None = None, days: int | None = None
) -> SalesOrder:
    """Answer for an order over the limit; one that was held at its approval is approved with this.

    ``amount`` (the order's own when left out) bounds later amendments too. Raises PermissionRefused,
    CannotReleaseCredit (own order, nothing to release), ValidationRefused (no reason).
    """
    actor.require(credit.RELEASE)
    with transaction.atomic():
        order = load_order(order_id)
        _check(order, reason, actor)
        held = order.credit_state == CreditState.HOLD
        days = days if days is not None else parameters.get("sales.credit_release_days")
        order.credit_state = CreditState.RELEASED
        order.credit_released_until = clock.day_of(at) + timedelta(days=days)
        worth = gross_at_home(order) or ZERO
        order.credit_released_amount = max(amount or worth, worth)
        order.version += 1
        order.updated_at = at
        order.save()
        _record(order, reason, actor, at)
        events.publish(CreditReleased(order.pk, order.number, order.customer_id, reason), actor=actor)
        if held and order.approval == Approval.SUBMITTED:
            order = approve_order(order_id=order.pk, actor=actor, at=at)
    return order


def _check(order: SalesOrder, reason: str, actor: Actor) -> None:
    if not reason.strip():
        raise ValidationRefused(_("Say why the order may go over the limit."), document=order.number, field="reason")
    if credit.mind_own_customer(order, actor):
        raise CannotReleaseCredit(
            _("Who writes or sells an order does not release its credit."),
            code="own_order",
            document=order.number,
            field="credit_state",
            way_out=_("Ask a colleague who may release credit."),
        )
    releasable = order.credit_state == CreditState.HOLD or order.is_approved
    if not releasable:
        raise CannotReleaseCredit(
            _("%(order)s is not on credit hold.") % {"order": order},
            document=order.number,
            field="credit_state",
            value=order.credit_state,
            way_out=_("Approve it: the limit is checked then."),
        )


def _record(order: SalesOrder, reason: str, actor: Actor, at: datetime) -> None:
    until = f"{order.credit_released_until:%Y-%m-%d}"
    audit.record(
        order,
        "release_credit",
        actor=actor,
        at=at,
        reason=reason,
        changes={
            "credit_released_until": ["", until],
            "credit_released_amount": ["", str(order.credit_released_amount)],
        },
    )
    complete_tasks(dedupe_key=credit.task_key(order), actor=actor, at=at)
    if order.salesperson_id:
        notify(
            kind="sales.credit_released",
            params={"number": order.number, "by": actor.name, "reason": reason},
            url=f"/sales/orders/{order.number}/",
            dedupe_key=f"sales.credit_released:{order.pk}:{order.version}",
            members=[order.salesperson_id],
            actor=actor,
            at=at,
        )
