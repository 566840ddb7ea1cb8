"""The life of a purchase order: saved, approved, sent, seen, closed, taken back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from backend.availability.services import suggestions
from backend.catalog.services import pricing
from backend.kernel import audit, clock, events, links
from backend.kernel.actor import Actor
from backend.kernel.audit import AuditEntry
from backend.kernel.bulk import Batch, update_rows
from backend.kernel.currency import settle_rate
from backend.kernel.document import Approval, claim_version, load_locked
from backend.kernel.language import in_books
from backend.kernel.lifecycle import APPROVAL, CLOSING
from backend.kernel.money import ZERO
from backend.kernel.numbering import next_number
from backend.kernel.prepared import Prepared
from backend.purchasing import schedule
from backend.purchasing.events import (
    PurchaseOrderApproved,
    PurchaseOrderClosed,
    PurchaseOrderReopened,
    PurchaseOrderSent,
    PurchaseOrderUnapproved,
    PurchaseOrderViewed,
    PurchaseOrderVoided,
)
from backend.purchasing.models import (
    CallOff,
    ConfirmationState,
    LineState,
    OrderKind,
    PurchaseOrder,
    PurchaseOrderLine,
    ScheduleLine,
    Sending,
)
from backend.purchasing.services import material_demand, nodes, prices, supplies
from backend.purchasing.services.ahead_floor import refuse_below
from backend.purchasing.services.amendments import amend_order
from backend.purchasing.services.axes import derive_axes
from backend.purchasing.services.checks import (
    CannotApproveOrder,
    CannotEditOrder,
    refuse_ahead,
    refuse_stopped_supplier,
    require_own,
    require_running,
    supplier_of,
)
from backend.purchasing.services.from_suggestions import order_from_suggestions
from backend.purchasing.services.inputs import LineInput, OrderData
from backend.purchasing.services.lines import build_lines, price_line, price_of, sum_up
from backend.purchasing.services.order_checks import require_approvable, require_nothing_downstream
from backend.purchasing.services.parts import copy_parts
from backend.purchasing.services.plans import load_plans
from backend.purchasing.services.requisition_counts import recount
from backend.purchasing.services.requisition_holds import hold_drafts, lock_requisitions
from backend.purchasing.services.saving import keep_requisitions, known_once, store_lines, warehouse_of
from backend.purchasing.services.submitting import reject_order, submit_order, withdraw_order
from backend.workflow import parameters
from backend.workflow.approvals import engine
from backend.workflow.services import complete_tasks

__all__ = [
    "LineInput",
    "OrderData",
    "amend_order",
    "approve_order",
    "close_order",
    "copy_order",
    "mark_viewed",
    "order_from_suggestions",
    "reject_order",
    "reopen_order",
    "save_order",
    "send_order",
    "submit_order",
    "unapprove_order",
    "void_order",
    "withdraw_order",
]
NUMBERED_AS = {OrderKind.GOODS: PurchaseOrder.DOC_TYPE, OrderKind.SUBCONTRACT: "purchasing.subcontract"}
APPROVED = (
    "approval",
    "approved_at",
    "approved_by_id",
    "approved_by_name",
    "updated_at",
    "version",
    "sending",
    "sent_at",
)
UNCUT = ("cancelled_qty", "light_qty", "unit_price", "tax_incl_price", "net_amount", "tax_amount", "gross_amount")
HEADER = ("supplier_ref", "external_ref", "requested_date", "price_includes_tax", "payment_days", "remark")


def save_order(
    *,
    data: OrderData,
    actor: Actor,
    at: datetime,
    order_id: UUID | None = None,
    version: int | None = None,
    kind: str = OrderKind.GOODS,
) -> PurchaseOrder:
    """Write a draft, new or existing; raises CannotEditOrder once it is approved, StaleVersion, ValidationRefused.

    Raises OrderExists where another has the same external number.
    """
    with transaction.atomic():
        order = _open_draft(order_id, version, actor, at)
        before = {name: getattr(order, name) for name in HEADER} if order_id else {}
        old = {line.pk: line for line in order.lines.all()} if order_id else {}
        _fill_header(order, data, actor, at)
        lines = build_lines(order, [_of_this_order(line, old) for line in data.lines])
        sum_up(order, lines)
        if order_id:
            with known_once(order):
                order.save()
            lock_requisitions(line.requisition_line_id for line in old.values())
            keep_requisitions(lines, old)
            hold_drafts([(order, line) for line in lines], actor=actor, at=at)
            store_lines(order, lines, old, actor=actor, at=at)
            recount((line.requisition_line_id for line in old.values()), actor=actor, at=at)
            changes = audit.changed_fields(before, {name: getattr(order, name) for name in HEADER})
            audit.record(order, "save", actor=actor, at=at, changes=changes)
        else:
            order.kind = kind
            order.number = next_number(NUMBERED_AS[OrderKind(order.kind)], order.doc_date)
            _insert(order, lines, actor, at)
    return order


def _insert(order: PurchaseOrder, lines: Sequence[PurchaseOrderLine], actor: Actor, at: datetime) -> None:
    """A new order with its lines and the first entry of its trail, in one statement."""
    batch = Batch()
    batch.insert([order])
    batch.insert(lines)
    batch.insert([audit.entry(order, "create", actor=actor, at=at)])
    with known_once(order):
        batch.write()


def _open_draft(order_id: UUID | None, version: int | None, actor: Actor, at: datetime) -> PurchaseOrder:
    if order_id is None:
        order = PurchaseOrder()
        order.stamp_created(actor, at)
        return order
    order = load_locked(PurchaseOrder, order_id)
    if not order.is_draft:
        raise CannotEditOrder(
            _("%(order)s is %(state)s and is not edited any more.")
            % {"order": order, "state": order.state_label("approval").lower()},
            document=order.number,
            field="approval",
            value=order.approval,
            way_out=_("Amend it: the supplier sees what changed."),
        )
    claim_version(order, version, at)
    return order


def _fill_header(order: PurchaseOrder, data: OrderData, actor: Actor, at: datetime) -> None:
    supplier = supplier_of(data.supplier_id)
    refuse_stopped_supplier(supplier, order.number, draft=True)
    order.supplier = supplier
    order.warehouse = warehouse_of(data.warehouse_id)
    order.doc_date = data.doc_date or (clock.day_of(at) if order.doc_date is None else order.doc_date)
    order.supplier_ref = data.supplier_ref
    order.external_ref = data.external_ref.strip() or order.external_ref
    order.requested_date = data.requested_date
    settle_rate(order, supplier.currency, data.exchange_rate)
    order.price_includes_tax = data.price_includes_tax
    order.payment_days = supplier.supplier.payment_days if data.payment_days is None else data.payment_days
    order.buyer_id = data.buyer_id or order.buyer_id or actor.member_id
    order.buyer_name = data.buyer_name or order.buyer_name or actor.name
    order.remark = data.remark


def _of_this_order(line: LineInput, old: dict[UUID, PurchaseOrderLine]) -> LineInput:
    """Ids and suggestions only of lines that are this order's."""
    known = old.get(line.id) if line.id else None
    if known is None:
        return replace(line, id=None)
    return replace(line, suggestion_id=known.suggestion_id) if known.item_id == line.item_id else line


def approve_order(
    *,
    order_id: UUID,
    actor: Actor,
    at: datetime,
    override_reason: str = "",
    level: int | None = None,
    version: int | None = None,
) -> PurchaseOrder:
    """Bind the company: lines become expected supply and take over the pegs of the suggestions they came from.

    Where rules of approval ask for levels this agrees to the one that waits; the last one binds.

    Sends the order at once when the company wants that (``purchasing.auto_send``). Raises
    CannotApproveOrder, PriceReasonNeeded, IllegalTransition, StaleVersion, CannotOrderFrom: ``override_reason`` lets
    one order to a suspended supplier pass, for those who may (SRM-02).
    """
    with transaction.atomic():
        order = load_locked(PurchaseOrder, order_id, seen=version)
        before = APPROVAL.advance(order, "approve")
        order.supplier = supplier_of(order.supplier_id)
        lines = lines_of(order)
        forced = require_approvable(order, lines, actor, override_reason)
        rises = prices.require_reasons(order, lines)
        if not engine.passes(order, before, actor=actor, at=at, level=level):
            return order
        order.stamp_approved(actor, at)
        order.version += 1
        reasons = [override_reason] if forced else []
        reasons += [rise.line.price_reason for rise in rises]
        changes, reason = prices.changes_of(rises), " · ".join(reasons)[:500]
        trail = [_entry(order, "approve", actor, at, before, changes=changes, reason=reason)]
        calls_off = any(line.calls_off for line in lines)  # type: ignore[attr-defined]
        told: list[events.Event] = [
            PurchaseOrderApproved(order.pk, order.number, order.supplier_id, calls_off=calls_off)
        ]
        if parameters.get("purchasing.auto_send"):
            trail.append(_mark_sent(order, actor, at))
            told.append(_sent(order))
        _bind(order, lines, trail)
        plans = {line.pk: schedule.requested(line.qty, line.requested_date) for line in lines}
        text = in_books(
            lambda: _("%(order)s to %(supplier)s was approved.") % {"order": order, "supplier": order.supplier.label}
        )
        cause = supplies.cause_of(order, "purchase_order_approved", text)
        material_demand.keep(order, cause=cause, actor=actor, at=at)
        supplies.register(order, lines, plans, cause=cause, actor=actor, at=at)
        if before == Approval.SUBMITTED:
            complete_tasks(dedupe_key=f"approve:{order.pk}", actor=actor, at=at)
        _remember_prices(order, lines)
        events.publish_all(told, actor=actor)
    return order


def _bind(order: PurchaseOrder, lines: Sequence[PurchaseOrderLine], trail: Sequence[AuditEntry]) -> None:
    """Write the approval with the first schedule and the nodes of its lines, in one statement."""
    batch = Batch()
    batch.update([order], APPROVED)
    batch.insert(ScheduleLine(order_line=line, schedule_no=1, qty=line.qty, date=line.requested_date) for line in lines)
    batch.insert(nodes.laid_by_category(order, lines))
    batch.insert(trail)
    batch.write()


def _remember_prices(order: PurchaseOrder, lines: Sequence[PurchaseOrderLine]) -> None:
    pricing.remember_prices(
        kind="purchase",
        party_id=order.supplier_id,
        prices=[(line.item_id, price_of(line, order), order.price_includes_tax) for line in lines],
        doc_number=order.number,
        doc_date=order.doc_date,
        currency=order.currency,
    )


def lines_of(order: PurchaseOrder) -> list[PurchaseOrderLine]:
    """The order's lines with their items, in order, each with ``node_template`` and whether the order ``calls_off``."""
    return [*_lines(order.pk)]


_lines = Prepared(
    lambda order: (
        PurchaseOrderLine.objects.select_related("item__unit", "item__category")
        .filter(document_id=order)
        .annotate(
            node_template=nodes.template_of(OuterRef("item__category")),
            calls_off=Exists(CallOff.objects.filter(order=order, undone_at=None)),
        )
        .order_by("line_no")
    )
)


def _log(order: PurchaseOrder, verb: str, actor: Actor, at: datetime, before: str, **details: Any) -> None:
    _entry(order, verb, actor, at, before, **details).save(force_insert=True)


def _entry(
    order: PurchaseOrder, verb: str, actor: Actor, at: datetime, before: str, *, axis: str = "approval", **details: Any
) -> AuditEntry:
    """A step of the order, for the trail (not saved)."""
    after = str(getattr(order, axis))
    return audit.entry(order, verb, actor=actor, at=at, axis=axis, before=before, after=after, **details)


def unapprove_order(*, order_id: UUID, actor: Actor, at: datetime, reason: str = "") -> PurchaseOrder:
    """Back to a draft while nothing was shipped or received; raises CannotUnapproveOrder naming what was."""
    with transaction.atomic():
        order = load_locked(PurchaseOrder, order_id)
        before, sent = APPROVAL.advance(order, "unapprove"), order.sending != Sending.NOT_SENT
        require_nothing_downstream(order)
        lock_requisitions(order.lines.values_list("requisition_line_id", flat=True))
        ScheduleLine.objects.filter(order_line__document=order).delete()
        nodes.forget_nodes([order.pk])
        order.confirmations.filter(state=ConfirmationState.PROPOSED).update(state=ConfirmationState.SUPERSEDED)
        _want_all_again(order)
        order.sending, order.sent_at, order.viewed_at = Sending.NOT_SENT, None, None
        order.closing, order.confirmed = "open", "none"
        order.approved_at, order.approved_by_id, order.approved_by_name = None, None, ""
        claim_version(order, None, at)
        order.save()
        text = in_books(lambda: _("%(order)s was taken back.") % {"order": order})
        cause = supplies.cause_of(order, "purchase_order_unapproved", text)
        material_demand.keep(order, cause=cause, actor=actor, at=at)
        supplies.withdraw(order, cause=cause, actor=actor, at=at)
        _log(order, "unapprove", actor, at, before, reason=reason)
        events.publish(PurchaseOrderUnapproved(order.pk, order.number, order.supplier_id, sent), actor=actor)
    return order


def _want_all_again(order: PurchaseOrder) -> None:
    """Nobody has answered the draft's lines, and what was cancelled of them is wanted and paid for again (order not saved)."""
    order.lines.update(state=LineState.OPEN, confirmed_qty=0, progress_pct=0, progress_node="")
    lines = list(order.lines.all())
    cut = [line for line in lines if line.cancelled_qty]
    for line in cut:
        line.cancelled_qty = line.light_qty = ZERO
        price_line(line, price_of(line, order), includes_tax=order.price_includes_tax)
    if cut:
        update_rows(cut, UNCUT)
        sum_up(order, lines)


def void_order(*, order_id: UUID, actor: Actor, at: datetime, reason: str = "") -> PurchaseOrder:
    """Throw a draft away; what it was to buy is suggested again."""
    with transaction.atomic():
        order = load_locked(PurchaseOrder, order_id)
        before = APPROVAL.advance(order, "void")
        refuse_ahead(order, CannotEditOrder)
        claim_version(order, None, at)
        order.save()
        if before == Approval.SUBMITTED:
            engine.withdraw(order, actor=actor, at=at)
        links.unlink(order.pk)
        _log(order, "void", actor, at, before, reason=reason)
        events.publish(PurchaseOrderVoided(order.pk, order.number, order.supplier_id), actor=actor)
        suggestions.restore_suggestions(
            order_id=order.pk, actor=actor, at=at
        )  # requisitions hold their share again by now
    return order


def send_order(*, order_id: UUID, actor: Actor, at: datetime) -> PurchaseOrder:
    """Show the order to the supplier and let them know. Sending again reminds them."""
    with transaction.atomic():
        order = load_locked(PurchaseOrder, order_id)
        require_running(order, CannotApproveOrder)
        entry = _mark_sent(order, actor, at)
        order.save(update_fields=["sending", "sent_at"])
        entry.save(force_insert=True)
        events.publish(_sent(order), actor=actor)
    return order


def _mark_sent(order: PurchaseOrder, actor: Actor, at: datetime) -> AuditEntry:
    """Set that the supplier has it now; order and entry are not saved."""
    before = order.sending
    order.sending = Sending.VIEWED if before == Sending.VIEWED else Sending.SENT
    order.sent_at = at
    return _entry(order, "send", actor, at, before, axis="sending")


def _sent(order: PurchaseOrder) -> PurchaseOrderSent:
    return PurchaseOrderSent(order.pk, order.number, order.supplier_id, order.revision)


def mark_viewed(*, order_id: UUID, actor: Actor, at: datetime) -> bool:
    """Note that the supplier opened the order, the first time only; returns whether this was it."""
    if actor.kind != "supplier":
        return False
    with transaction.atomic():
        order = load_locked(PurchaseOrder, order_id)
        require_own(order, actor)
        if order.sending != Sending.SENT or order.viewed_at:
            return False
        order.sending, order.viewed_at = Sending.VIEWED, at
        order.save(update_fields=["sending", "viewed_at"])
        _log(order, "view", actor, at, Sending.SENT, axis="sending")
        events.publish(PurchaseOrderViewed(order.pk, order.number, order.supplier_id), actor=actor)
    return True


def close_order(*, order_id: UUID, actor: Actor, at: datetime, reason: str = "") -> PurchaseOrder:
    """Expect nothing more on the order; reopening brings the rest back."""
    with transaction.atomic():
        order = load_locked(PurchaseOrder, order_id)
        require_running(order, CannotEditOrder)
        lines = lines_of(order)
        refuse_below(order, [(line, line.received_qty) for line in lines], CannotEditOrder, field="closing")
        before = CLOSING.advance(order, "close")
        claim_version(order, None, at)
        order.save()
        text = in_books(
            lambda: (
                _("%(order)s to %(supplier)s was closed before all had arrived.")
                % {"order": order, "supplier": order.supplier.label}
            )
        )
        cause = supplies.cause_of(order, "purchase_order_closed", text)
        material_demand.keep(order, cause=cause, actor=actor, at=at)
        supplies.replace([order], lines, {line.pk: () for line in lines}, cause=cause, actor=actor, at=at)
        _log(order, "close", actor, at, before, axis="closing", reason=reason)
        events.publish(PurchaseOrderClosed(order.pk, order.number, order.supplier_id), actor=actor)
    return order


def reopen_order(*, order_id: UUID, actor: Actor, at: datetime, reason: str = "") -> PurchaseOrder:
    """Expect the rest again; the supplier must still be one we buy from."""
    with transaction.atomic():
        order = load_locked(PurchaseOrder, order_id)
        before = CLOSING.advance(order, "reopen")
        refuse_stopped_supplier(supplier_of(order.supplier_id), order.number)
        lines = lines_of(order)
        derive_axes(order, lines)
        claim_version(order, None, at)
        order.save()
        text = in_books(lambda: _("%(order)s was reopened.") % {"order": order})
        cause = supplies.cause_of(order, "purchase_order_reopened", text)
        plans = load_plans([line.pk for line in lines])
        material_demand.keep(order, cause=cause, actor=actor, at=at)
        supplies.replace([order], lines, plans, cause=cause, actor=actor, at=at)
        _log(order, "reopen", actor, at, before, axis="closing", reason=reason)
        events.publish(PurchaseOrderReopened(order.pk, order.number, order.supplier_id), actor=actor)
    return order


def copy_order(*, order_id: UUID, requested_date: Any, actor: Actor, at: datetime) -> PurchaseOrder:
    """A new draft with the same supplier and lines at today's prices; nothing of the old one's fate comes along."""
    source = PurchaseOrder.objects.get(pk=order_id)
    lines = [
        LineInput(line.item_id, line.qty, discount_pct=line.discount_pct, tax_rate=line.tax_rate)
        for line in lines_of(source)
    ]
    data = OrderData(
        supplier_id=source.supplier_id,
        warehouse_id=source.warehouse_id,
        requested_date=requested_date,
        price_includes_tax=source.price_includes_tax,
        lines=lines,
    )
    with transaction.atomic():
        order = save_order(data=data, actor=actor, at=at, kind=source.kind)
        if source.kind == OrderKind.SUBCONTRACT:
            copy_parts(source, order)
    return order
