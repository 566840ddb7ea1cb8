"""What an order needs and brings, as availability knows it: components on the day it starts, goods on the day it is done.

It follows the order's life and every paper of it: an order that does not run needs and brings nothing. A component that
comes late moves the day of the goods, and with it every promise that hangs on them. The balances of the goods and
components are locked together, before anything of them is read.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from backend.availability.events import PromiseRevised
from backend.availability.models import Firmness, SupplyKind
from backend.availability.selectors.late import days_late, words_of_material
from backend.availability.services import demand, supply
from backend.availability.services.causes import Cause
from backend.availability.services.demand_lines import DemandInput
from backend.inventory.services.balances import Pair, lock_balances
from backend.kernel.actor import Actor
from backend.kernel.document import Closing
from backend.kernel.language import in_books
from backend.kernel.money import ZERO
from backend.production.models import ProductionComponent, ProductionOrder
from backend.production.services.components import components_of, left_to_move


def runs(order: ProductionOrder) -> bool:
    """Whether something is still expected of it."""
    return order.is_approved and order.closing == Closing.OPEN


def pairs_of(order: ProductionOrder, rows: Iterable[ProductionComponent]) -> set[Pair]:
    """Where the order's components are set aside and its goods are expected."""
    return {(item, order.warehouse_id) for item in (order.item_id, *(row.item_id for row in rows))}


def keep(
    order: ProductionOrder, rows: Sequence[ProductionComponent], *, cause: Cause, actor: Actor, at: datetime
) -> None:
    """Need what is still to be issued and bring what is still to be made, no more and no less."""
    lock_balances(pairs_of(order, rows))
    demand.change_demand(
        [_needed(order, row) for row in rows],
        ref_type=order.DOC_TYPE,
        ref_id=order.pk,
        ref_number=order.number,
        cause=cause,
        actor=actor,
        at=at,
    )
    bring(order, cause=cause, actor=actor, at=at)


def _needed(order: ProductionOrder, row: ProductionComponent) -> DemandInput:
    return DemandInput(
        ref_line_id=row.pk,
        line_no=row.line_no,
        item_id=row.item_id,
        warehouse_id=order.warehouse_id,
        qty=left_to_move(row, order) if runs(order) else ZERO,
        required_date=order.start_date,
    )


def bring(order: ProductionOrder, *, cause: Cause, actor: Actor, at: datetime) -> None:
    """Expect what is still to be made when its material lets it be done."""
    supply.reschedule_supply(
        {order.pk: [_brought(order)] if runs(order) and order.left_qty > 0 else []},
        ref_type=order.DOC_TYPE,
        ref_id=order.pk,
        ref_number=order.number,
        cause=cause,
        actor=actor,
        at=at,
    )


def _brought(order: ProductionOrder) -> supply.SupplyInput:
    return supply.SupplyInput(
        kind=SupplyKind.PRODUCTION,
        ref_line_id=order.pk,
        ref_line_no=1,
        schedule_no=1,
        item_id=order.item_id,
        warehouse_id=order.warehouse_id,
        qty=order.left_qty,
        date=order.finish_date + timedelta(days=days_late(order.pk)),
        firmness=Firmness.CONFIRMED,
    )


def follow_material(event: PromiseRevised, *, actor: Actor, at: datetime) -> None:
    """Expect the goods when their material lets them be done; who waits for them reads why. A transaction of its own."""
    with transaction.atomic():
        order = ProductionOrder.objects.select_for_update(of=("self",)).filter(pk=event.aggregate_id).first()
        if order is None or not runs(order):
            return
        lock_balances(pairs_of(order, components_of([order.pk])))
        words = in_books(lambda: words_of_material(order, event.cause_text))
        bring(order, cause=cause_of(order, "material_moved_in_time", words), actor=actor, at=at)


def cause_of(document: object, kind: str, text: str) -> Cause:
    """Why promises change: the document to open and the words to read."""
    return Cause.of(kind, document, text[:300])
