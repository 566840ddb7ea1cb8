"""Production orders: written, approved, taken back, closed and reopened.

Nothing of an approved order changes: who wants it otherwise takes it back, which papers refuse that are booked for it or
written. Closing gives up what is not made yet and is refused while material lies in the workshop for the order.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from backend.catalog.models import Item
from backend.inventory.models import Warehouse
from backend.inventory.services import drafting, making
from backend.kernel import audit, clock, events, links
from backend.kernel.actor import Actor
from backend.kernel.document import Closing, claim_version, load_locked
from backend.kernel.errors import ValidationRefused
from backend.kernel.language import in_books
from backend.kernel.lifecycle import CLOSING, LifeCycle
from backend.kernel.numbering import next_number
from backend.production.events import (
    ProductionOrderApproved,
    ProductionOrderClosed,
    ProductionOrderReopened,
    ProductionOrderUnapproved,
)
from backend.production.models import ProductionComponent, ProductionOrder
from backend.production.services import planning
from backend.production.services.checks import (
    CannotCloseProduction,
    CannotEditProduction,
    require_nothing_booked,
    require_nothing_held,
    require_running,
)
from backend.production.services.components import components_of
from backend.production.services.inputs import ProductionData


# --- drafts ------------------------------------------------------------------------------------
def save_order(
    *, data: ProductionData, actor: Actor, at: datetime, order_id: UUID | None = None, version: int | None = None
) -> ProductionOrder:
    """Write a draft with its components; raises IllegalTransition, StaleVersion, ValidationRefused."""
    with transaction.atomic():
        order = drafting.open_draft(ProductionOrder, order_id, version, actor, at)
        order.item = _made(data)
        order.qty, order.start_date, order.finish_date = data.qty, data.start_date, data.finish_date
        order.warehouse = _warehouse(data.warehouse_id)
        order.doc_date, order.remark = data.doc_date or clock.day_of(at), data.remark
        parts = making.parts_for(order.item_id, data.parts)
        new = not order.number
        if new:
            order.number = next_number(order.DOC_TYPE, order.doc_date)
        order.save(force_insert=new)
        known = order.components.all()
        _drop(order, making.write_parts(known, parts, lambda item: ProductionComponent(order=order, item_id=item)))
        audit.record(order, "create" if new else "edit", actor=actor, at=at)
    return order


def _made(data: ProductionData) -> Item:
    item = Item.objects.select_related("unit").filter(pk=data.item_id).first()
    if item is None or not item.is_stocked:
        raise ValidationRefused(_("Choose an item that is kept in stock."), field="item_id", value=data.item_id)
    if data.qty <= 0 or data.qty != round(data.qty, min(item.unit.decimals, 4)):
        words = _("The quantity is more than 0 and has at most %(decimals)s decimals.")
        raise ValidationRefused(words % {"decimals": item.unit.decimals}, field="qty", value=data.qty)
    if data.finish_date < data.start_date:
        raise ValidationRefused(
            _("It cannot be finished before it is started."), field="finish_date", value=data.finish_date
        )
    return item


def _warehouse(warehouse_id: UUID | None) -> Warehouse:
    """The warehouse named, else the default one."""
    usual = Warehouse.objects.filter(is_default=True).values_list("pk", flat=True).first()
    found = warehouse_id or usual
    if found is None:
        raise ValidationRefused(_("Choose a warehouse."), field="warehouse_id")
    return drafting.warehouse_of(found, "warehouse_id")


def _drop(order: ProductionOrder, rows: list[ProductionComponent]) -> None:
    try:
        ProductionComponent.objects.filter(pk__in=[row.pk for row in rows]).delete()
    except ProtectedError as problem:
        raise CannotEditProduction(
            _("Material papers of %(order)s name a component that is left out.") % {"order": order},
            document=order.number,
            field="lines",
            way_out=_("Leave the component in."),
        ) from problem


def void_order(*, order_id: UUID, actor: Actor, at: datetime, reason: str = "") -> ProductionOrder:
    """Throw a draft away."""
    with transaction.atomic():
        order = drafting.void(ProductionOrder, order_id, actor=actor, at=at, reason=reason)
        links.unlink(order.pk)
    return order


# --- its life ----------------------------------------------------------------------------------
def approve_order(*, order_id: UUID, actor: Actor, at: datetime, version: int | None = None) -> ProductionOrder:
    """Make it: its components are set aside or awaited, its goods are expected. A fixed number of statements."""
    with transaction.atomic():
        order = load_locked(ProductionOrder, order_id)
        drafting.advance(order, "approve", version=version, actor=actor, at=at)
        text = in_books(lambda: _("%(order)s is to be made.") % {"order": order})
        _plan(order, "production_approved", text, actor, at)
        events.publish(ProductionOrderApproved(order.pk, order.number), actor=actor)
    return order


def unapprove_order(
    *, order_id: UUID, actor: Actor, at: datetime, reason: str = "", version: int | None = None
) -> ProductionOrder:
    """Back to a draft; raises CannotUnapproveProduction naming the paper that stands in the way."""
    with transaction.atomic():
        order = load_locked(ProductionOrder, order_id)
        require_nothing_booked(order)
        order.closing = Closing.OPEN
        drafting.advance(order, "unapprove", version=version, actor=actor, at=at, reason=reason)
        text = in_books(lambda: _("%(order)s was taken back.") % {"order": order})
        _plan(order, "production_unapproved", text, actor, at)
        events.publish(ProductionOrderUnapproved(order.pk, order.number), actor=actor)
    return order


def close_order(*, order_id: UUID, actor: Actor, at: datetime, reason: str = "") -> ProductionOrder:
    """Give up what is not made yet; raises CannotCloseProduction while material lies in the workshop for it."""
    with transaction.atomic():
        order = load_locked(ProductionOrder, order_id)
        require_running(order, CannotCloseProduction)
        require_nothing_held(order, components_of([order.pk]))
        _step(order, CLOSING, "close", actor, at, reason)
        text = in_books(lambda: _("%(order)s was closed before all was made.") % {"order": order})
        _plan(order, "production_closed", text, actor, at)
        events.publish(ProductionOrderClosed(order.pk, order.number), actor=actor)
    return order


def reopen_order(*, order_id: UUID, actor: Actor, at: datetime, reason: str = "") -> ProductionOrder:
    """Make the rest after all; raises CannotEditProduction when there is none."""
    with transaction.atomic():
        order = load_locked(ProductionOrder, order_id)
        if order.left_qty <= 0:
            raise CannotEditProduction(
                _("All of %(order)s is made.") % {"order": order},
                document=order.number,
                field="closing",
                value=order.closing,
                way_out=_("Write another order."),
            )
        _step(order, CLOSING, "reopen", actor, at, reason)
        text = in_books(lambda: _("%(order)s was reopened.") % {"order": order})
        _plan(order, "production_reopened", text, actor, at)
        events.publish(ProductionOrderReopened(order.pk, order.number), actor=actor)
    return order


def _step(order: ProductionOrder, cycle: LifeCycle, verb: str, actor: Actor, at: datetime, reason: str) -> None:
    before = cycle.advance(order, verb)
    claim_version(order, None, at)
    order.save()
    after: Any = getattr(order, cycle.axis)
    audit.record(order, verb, actor=actor, at=at, axis=cycle.axis, before=before, after=str(after), reason=reason)


def _plan(order: ProductionOrder, kind: str, text: str, actor: Actor, at: datetime) -> None:
    rows = components_of([order.pk])
    planning.keep(order, rows, cause=planning.cause_of(order, kind, text), actor=actor, at=at)
