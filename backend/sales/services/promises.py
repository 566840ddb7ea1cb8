"""Dates that people answer for: another date than the computed one, and words for the customer (G-02, CPT-01)."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.availability.services.promises import set_customer_reason
from backend.kernel import audit, clock
from backend.kernel.actor import Actor
from backend.kernel.document import claim_version
from backend.kernel.errors import NotFoundRefused, Refusal, ValidationRefused
from backend.sales.models import SalesOrder, SalesOrderLine
from backend.sales.services.checks import CannotEditOrder, load_order, require_running

__all__ = ["clear_override", "override_promise", "set_customer_reason"]
OVERRIDE = "sales.promise.override"


def override_promise(
    *, order_id: UUID, line_id: UUID, day: date, reason: str, actor: Actor, at: datetime
) -> SalesOrderLine:
    """Promise a line for another day than the computed one; needs a right, a reason, and stays in the trail."""
    actor.require(OVERRIDE)
    problems: list[Refusal] = []
    if not reason.strip():
        problems.append(
            ValidationRefused(_("Say why this date will hold although the plan says otherwise."), field="reason")
        )
    if day < clock.day_of(at):
        problems.append(ValidationRefused(_("A promise is not made for the past."), field="override_date", value=day))
    if problems:
        raise Refusal.many(problems)
    return _set(order_id, line_id, day, reason.strip()[:300], "override_promise", actor, at)


def clear_override(*, order_id: UUID, line_id: UUID, actor: Actor, at: datetime) -> SalesOrderLine:
    """Let the computed date hold again."""
    actor.require(OVERRIDE)
    return _set(order_id, line_id, None, "", "clear_override", actor, at)


def _set(
    order_id: UUID, line_id: UUID, day: date | None, reason: str, verb: str, actor: Actor, at: datetime
) -> SalesOrderLine:
    with transaction.atomic():
        order: SalesOrder = load_order(order_id)
        require_running(order, CannotEditOrder)
        line = SalesOrderLine.objects.select_related("item").filter(pk=line_id, document=order).first()
        if line is None:
            raise NotFoundRefused(_("There is no such line."), value=line_id)
        before = line.override_date
        line.override_date, line.override_reason = day, reason
        line.save(update_fields=["override_date", "override_reason"])
        claim_version(order, None, at)
        order.save(update_fields=["version", "updated_at"])
        changes = {f"{line.line_no} {line.item.code} override_date": [str(before or ""), str(day or "")]}
        audit.record(order, verb, actor=actor, at=at, changes=changes, reason=reason)
    return line
