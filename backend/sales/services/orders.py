"""The life of a sales order: saved, submitted, approved, taken back, closed, reopened, thrown away."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.access.models import Member
from backend.inventory.services import holding
from backend.kernel import audit, clock, events, links
from backend.kernel.actor import Actor
from backend.kernel.bulk import Batch
from backend.kernel.currency import settle_rate
from backend.kernel.document import Approval, claim_version
from backend.kernel.errors import ValidationRefused
from backend.kernel.lifecycle import APPROVAL, CLOSING
from backend.kernel.numbering import next_number
from backend.sales.events import (
    SalesOrderClosed,
    SalesOrderRejected,
    SalesOrderReopened,
    SalesOrderSubmitted,
    SalesOrderUnapproved,
    SalesOrderVoided,
)
from backend.sales.models import CreditState, SalesDelivery, SalesOrder, SalesOrderLine
from backend.sales.services import credit, demands
from backend.sales.services.amendments import amend_order
from backend.sales.services.approvals import approve_order, check_approvable, hold_order, log
from backend.sales.services.checks import (
    CannotEditOrder,
    CannotUnapproveOrder,
    customer_of,
    link_to,
    load_order,
    require_own,
    require_running,
    warehouse_of,
)
from backend.sales.services.inputs import AmendmentData, LineInput, OrderData
from backend.sales.services.line_units import keyed_again
from backend.sales.services.lines import build_lines, store_lines, sum_up
from backend.sales.services.releases import release_credit
from backend.workflow.approvals import engine
from backend.workflow.services import complete_tasks, create_task, notify

__all__ = [
    "AmendmentData",
    "LineInput",
    "OrderData",
    "amend_order",
    "approve_order",
    "close_order",
    "copy_order",
    "reject_order",
    "release_credit",
    "reopen_order",
    "save_order",
    "submit_order",
    "unapprove_order",
    "void_order",
    "withdraw_order",
]
HEADER = (
    "customer_ref",
    "requested_date",
    "ship_to",
    "price_includes_tax",
    "payment_days",
    "salesperson_name",
    "remark",
)
APPROVE = "sales.order.approve"


def save_order(
    *, data: OrderData, actor: Actor, at: datetime, order_id: UUID | None = None, version: int | None = None
) -> SalesOrder:
    """Write a draft, new or existing; raises CannotEditOrder once it is approved, StaleVersion, ValidationRefused."""
    with transaction.atomic():
        order = _open_draft(order_id, version, actor, at)
        before = {name: getattr(order, name) for name in HEADER} if order_id else {}
        old = {line.pk: line for line in order.lines.all()} if order_id else {}
        _fill_header(order, data, actor, at)
        lines = build_lines(order, SalesOrderLine, data.lines, actor=actor, old=old)
        sum_up(order, lines)
        if order_id:
            order.save()
            store_lines(order, SalesOrderLine, lines, old)
            changes = audit.changed_fields(before, {name: getattr(order, name) for name in HEADER})
            audit.record(order, "save", actor=actor, at=at, changes=changes)
        else:
            order.number = next_number(order.DOC_TYPE, order.doc_date)
            _insert(order, lines, actor, at)
    return order


def _insert(order: SalesOrder, lines: Sequence[SalesOrderLine], actor: Actor, at: datetime) -> None:
    """A new order with its lines and the first entry of its trail, in one statement."""
    batch = Batch()
    batch.insert([order])
    batch.insert(lines)
    batch.insert([audit.entry(order, "create", actor=actor, at=at)])
    batch.write()


def _open_draft(order_id: UUID | None, version: int | None, actor: Actor, at: datetime) -> SalesOrder:
    if order_id is None:
        order = SalesOrder()
        order.stamp_created(actor, at)
        return order
    order = load_order(order_id)
    require_own(actor, order, order.customer_id)
    if not order.is_draft:
        raise CannotEditOrder(
            _("%(order)s is %(state)s and is not edited any more.")
            % {"order": order, "state": order.state_label("approval").lower()},
            document=order.number,
            field="approval",
            value=order.approval,
            way_out=_("Amend it: what changed is kept.") if order.is_approved else _("Withdraw it first."),
        )
    claim_version(order, version, at)
    return order


def _fill_header(order: SalesOrder, data: OrderData, actor: Actor, at: datetime) -> None:
    customer = customer_of(data.customer_id)
    require_own(actor, order, customer.pk)
    order.customer = customer
    order.warehouse = warehouse_of(data.warehouse_id)
    order.doc_date = data.doc_date or order.doc_date or clock.day_of(at)
    order.requested_date = data.requested_date
    order.customer_ref, order.ship_to, order.remark = data.customer_ref[:60], data.ship_to[:250], data.remark
    settle_rate(order, customer.currency, data.exchange_rate)
    order.price_includes_tax = data.price_includes_tax
    keyed_days = data.payment_days if actor.kind != "customer" else None
    order.payment_days = customer.customer.payment_days if keyed_days is None else keyed_days
    _set_salesperson(order, data, actor)


def _set_salesperson(order: SalesOrder, data: OrderData, actor: Actor) -> None:
    """Who was named, who had it before, the customer's own salesperson, or who of the staff writes it."""
    before = order.salesperson_id
    keyed = data.salesperson_id if actor.kind != "customer" else None
    own = actor.member_id if actor.kind == "staff" else None
    order.salesperson_id = keyed or before or order.customer.customer.salesperson_id or own
    if order.salesperson_id == actor.member_id and actor.member_id:
        order.salesperson_name = actor.name
    elif data.salesperson_name and keyed:
        order.salesperson_name = data.salesperson_name
    elif order.salesperson_id and (order.salesperson_id != before or not order.salesperson_name):
        member = Member.objects.filter(pk=order.salesperson_id).first()
        order.salesperson_name = member.name if member else ""


def submit_order(*, order_id: UUID, actor: Actor, at: datetime, version: int | None = None) -> SalesOrder:
    """Hand a draft to those who may approve it; a customer's own order comes in this way."""
    with transaction.atomic():
        order = load_order(order_id, seen=version)
        require_own(actor, order, order.customer_id)
        before = APPROVAL.advance(order, "submit")
        claim_version(order, None, at)
        order.save()
        log(order, "submit", actor, at, before)
        if not engine.ask(order, actor=actor, at=at):
            _ask_by_right(order, at)
        events.publish(SalesOrderSubmitted(order.pk, order.number, order.customer_id), actor=actor)
    return order


def _ask_by_right(order: SalesOrder, at: datetime) -> None:
    create_task(
        kind="sales.order_to_approve",
        params={
            "number": order.number,
            "customer": order.customer.label,
            "amount": f"{order.gross_amount:,.2f}",
        },
        dedupe_key=f"sales.order_to_approve:{order.pk}",
        permission=APPROVE,
        subject=order,
        at=at,
    )


def withdraw_order(*, order_id: UUID, actor: Actor, at: datetime) -> SalesOrder:
    """Take a submitted order back to a draft; a credit hold ends with it."""
    with transaction.atomic():
        order = load_order(order_id)
        require_own(actor, order, order.customer_id)
        before = APPROVAL.advance(order, "withdraw")
        engine.withdraw(order, actor=actor, at=at)
        order.credit_state, order.credit_note = CreditState.OK, ""
        claim_version(order, None, at)
        order.save()
        complete_tasks(subject_id=order.pk, actor=actor, at=at)
        log(order, "withdraw", actor, at, before)
    return order


def reject_order(*, order_id: UUID, reason: str, actor: Actor, at: datetime, level: int | None = None) -> SalesOrder:
    """Say no to a submitted order; whoever wrote it may change it and submit it again. A customer is told why."""
    if not reason.strip():
        raise ValidationRefused(
            _("Say why the order is rejected."), field="reason", way_out=_("Whoever wrote it will read it.")
        )
    with transaction.atomic():
        order = load_order(order_id)
        before = APPROVAL.advance(order, "reject")
        engine.reject(order, reason=reason.strip(), actor=actor, at=at, level=level)
        order.credit_state, order.credit_note = CreditState.OK, ""
        claim_version(order, None, at)
        order.save()
        complete_tasks(subject_id=order.pk, actor=actor, at=at)
        log(order, "reject", actor, at, before, reason=reason)
        rejected = SalesOrderRejected(order.pk, order.number, order.customer_id, reason)
        events.publish(rejected, actor=actor)
        _tell_author(order, reason, actor, at)
    return order


def _tell_author(order: SalesOrder, reason: str, actor: Actor, at: datetime) -> None:
    author = Member.objects.filter(pk=order.created_by_id).first() if order.created_by_id else None
    if author is None:
        return
    face = "/customer/orders" if author.kind == "customer" else "/sales/orders"
    notify(
        kind="sales.order_rejected",
        params={"number": order.number, "by": actor.name, "reason": reason},
        url=f"{face}/{order.number}/",
        dedupe_key=f"sales.order_rejected:{order.pk}:{order.version}",
        members=[author],
        actor=actor,
        at=at,
    )


def unapprove_order(*, order_id: UUID, actor: Actor, at: datetime, reason: str = "") -> SalesOrder:
    """Back to a draft while nothing is delivered; raises CannotUnapproveOrder naming what stands in the way."""
    with transaction.atomic():
        order = load_order(order_id)
        before = APPROVAL.advance(order, "unapprove")
        _require_nothing_downstream(order)
        order.closing, order.promise_date = "open", None
        order.credit_state, order.credit_note = CreditState.OK, ""
        order.approved_at, order.approved_by_id, order.approved_by_name = None, None, ""
        claim_version(order, None, at)
        order.save()
        order.lines.update(override_date=None, override_reason="")
        demands.withdraw(order, kind="sales_order_unapproved", reason=reason, actor=actor, at=at)
        log(order, "unapprove", actor, at, before, reason=reason)
        events.publish(SalesOrderUnapproved(order.pk, order.number, order.customer_id), actor=actor)
    return order


def _require_nothing_downstream(order: SalesOrder) -> None:
    """Raise CannotUnapproveOrder naming the delivery that stands in the way."""
    found = SalesDelivery.objects.filter(lines__order_line__document=order).exclude(approval=Approval.VOIDED)
    delivery = found.order_by("id").first()
    if delivery is None:
        return
    raise CannotUnapproveOrder(
        _("%(order)s is delivered with %(other)s (%(state)s).")
        % {"order": order, "other": delivery, "state": delivery.state_label("approval").lower()},
        document=order.number,
        field="shipped",
        value=delivery.number,
        way_out=_("Take %(other)s back and void it first, or amend the order.") % {"other": delivery},
        links=[link_to(delivery)],
    )


def void_order(*, order_id: UUID, actor: Actor, at: datetime, reason: str = "") -> SalesOrder:
    """Throw a draft away; an approved order says what stands in the way."""
    with transaction.atomic():
        order = load_order(order_id)
        require_own(actor, order, order.customer_id)
        if order.is_approved:
            _require_nothing_downstream(order)
        before = APPROVAL.advance(order, "void")
        if before == Approval.SUBMITTED:
            engine.withdraw(order, actor=actor, at=at)
        order.credit_state, order.credit_note = CreditState.OK, ""
        claim_version(order, None, at)
        order.save()
        links.unlink(order.pk)
        holding.release(order.pk)
        complete_tasks(subject_id=order.pk, actor=actor, at=at)
        log(order, "void", actor, at, before, reason=reason)
        events.publish(SalesOrderVoided(order.pk, order.number, order.customer_id), actor=actor)
    return order


def close_order(*, order_id: UUID, actor: Actor, at: datetime, reason: str = "") -> SalesOrder:
    """Deliver nothing more on the order: what it held back is free for others."""
    with transaction.atomic():
        order = load_order(order_id)
        require_running(order, CannotEditOrder)
        _require_no_draft_delivery(order)
        before = CLOSING.advance(order, "close")
        claim_version(order, None, at)
        order.save()
        holding.release(order.pk)
        demands.withdraw(order, kind="sales_order_closed", reason=reason, actor=actor, at=at)
        log(order, "close", actor, at, before, axis="closing", reason=reason)
        events.publish(SalesOrderClosed(order.pk, order.number, order.customer_id), actor=actor)
    return order


def _require_no_draft_delivery(order: SalesOrder) -> None:
    waiting = SalesDelivery.objects.filter(lines__order_line__document=order, approval=Approval.DRAFT)
    delivery = waiting.order_by("id").first()
    if delivery:
        raise CannotEditOrder(
            _("%(other)s for %(order)s is not shipped yet.") % {"order": order, "other": delivery},
            document=order.number,
            field="shipped",
            value=delivery.number,
            way_out=_("Ship it or void it first."),
            links=[link_to(delivery)],
        )


def reopen_order(*, order_id: UUID, actor: Actor, at: datetime, reason: str = "") -> SalesOrder:
    """Deliver the rest after all. The credit guard looks again: over the limit the order stays closed, on hold."""
    with transaction.atomic():
        order = load_order(order_id)
        before = CLOSING.advance(order, "reopen")
        lines = demands.lines_of(order)
        check_approvable(order, lines)
        exposure = credit.locked_exposure(order, demands.open_amount(order, lines))
        if exposure and not credit.passes(order, exposure, today=clock.day_of(at)):
            order.closing = before
            return hold_order(order, exposure, before, actor=actor, at=at, axis="closing")
        credit.settle_state(order, exposure)
        claim_version(order, None, at)
        order.promise_date = demands.register(order, lines, actor=actor, at=at)
        order.save()
        log(order, "reopen", actor, at, before, axis="closing", reason=reason)
        events.publish(SalesOrderReopened(order.pk, order.number, order.customer_id), actor=actor)
    return order


def copy_order(*, order_id: UUID, actor: Actor, at: datetime) -> SalesOrder:
    """A new draft with the same lines at today's prices; nothing of the old one's state comes along."""
    with transaction.atomic():
        source = SalesOrder.objects.filter(pk=order_id).first() or load_order(order_id)
        require_own(actor, source, source.customer_id)
        today = clock.day_of(at)
        lines = tuple(keyed_again(line, description=line.description) for line in source.lines.order_by("line_no"))
        data = OrderData(
            customer_id=source.customer_id,
            requested_date=max(today, source.requested_date),
            lines=lines,
            warehouse_id=source.warehouse_id,
            ship_to=source.ship_to,
            price_includes_tax=source.price_includes_tax,
        )
        return save_order(data=replace(data, doc_date=today), actor=actor, at=at)
