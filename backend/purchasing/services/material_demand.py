"""Components of a subcontract order are set aside for it; one that is late moves the day its goods come (SCM-21).

What is still to be issued of each component is the order's demand in its warehouse: reserved from stock like a sales
order's, else awaited from what is bought, else suggested. It follows the order's life and every movement of material;
an order that does not run needs nothing. Locks: order, then the balances of its goods and components together.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from backend.availability.events import PromiseRevised
from backend.availability.models import DemandLine
from backend.availability.selectors.late import words_of_material
from backend.availability.services import demand
from backend.availability.services.causes import Cause
from backend.availability.services.demand_lines import DemandInput
from backend.inventory.services.balances import Pair, lock_balances
from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.kernel.document import Approval, Closing, load_locked
from backend.kernel.language import in_books
from backend.kernel.money import ZERO
from backend.purchasing.models import MaterialKind, OrderKind, PurchaseOrder, PurchaseOrderLine, SubcontractComponent
from backend.purchasing.services import supplies
from backend.purchasing.services.components import components_of, left_to_move
from backend.purchasing.services.plans import load_plans


def keep(order: PurchaseOrder, *, actor: Actor, at: datetime, cause: Cause | None = None) -> None:
    """Need what is still to be issued, no more and no less; nothing (and no statement) for any other order."""
    if order.kind != OrderKind.SUBCONTRACT:
        return
    rows = components_of([order.pk])
    lock_balances(pairs_of(order, rows))
    needed = runs(order)
    demand.change_demand(
        [
            DemandInput(
                ref_line_id=row.pk,
                line_no=row.line_no,
                item_id=row.item_id,
                warehouse_id=order.warehouse_id,
                qty=left_to_move(row, MaterialKind.ISSUE) if needed else ZERO,
                required_date=_needed_on(order, row),
            )
            for row in rows
        ],
        ref_type=order.DOC_TYPE,
        ref_id=order.pk,
        ref_number=order.number,
        cause=cause,
        actor=actor,
        at=at,
    )


def runs(order: PurchaseOrder) -> bool:
    """Whether something is still expected of it."""
    return order.is_approved and order.closing == Closing.OPEN


def pairs_of(order: PurchaseOrder, rows: Sequence[SubcontractComponent]) -> set[Pair]:
    """Where the order's components are set aside and its goods are expected."""
    return {(item, order.warehouse_id) for row in rows for item in (row.item_id, row.order_line.item_id)}


def _needed_on(order: PurchaseOrder, row: SubcontractComponent) -> date:
    """The processor needs the material his lead time before the goods are wanted, when it was ordered at the earliest."""
    begins = row.order_line.requested_date - timedelta(days=order.supplier.supplier.lead_days)
    return max(begins, clock.day_of(order.approved_at) if order.approved_at else order.doc_date)


def keep_forgotten(*, actor: Actor, at: datetime) -> int:
    """Orders that were approved before components were set aside need theirs, too; returns how many there were."""
    known = DemandLine.objects.filter(ref_line_id=OuterRef("pk"))
    document = "order_line__document"
    rows = SubcontractComponent.objects.filter(
        ~Exists(known), **{f"{document}__approval": Approval.APPROVED, f"{document}__closing": Closing.OPEN}
    ).select_related("item__unit", "order_line")
    wanted = {row.order_line.document_id for row in rows if left_to_move(row, MaterialKind.ISSUE)}
    for order_id in sorted(wanted):
        with transaction.atomic():
            keep(load_locked(PurchaseOrder, order_id), actor=actor, at=at)
    return len(wanted)


def follow_material(event: PromiseRevised, *, actor: Actor, at: datetime) -> None:
    """Expect the goods when their material lets them come; who waits for them reads why. A transaction of its own."""
    with transaction.atomic():
        found = PurchaseOrder.objects.select_for_update(of=("self",)).select_related("supplier")
        order = found.filter(pk=event.aggregate_id, kind=OrderKind.SUBCONTRACT).first()
        if order is None or not runs(order):
            return
        lines = list(PurchaseOrderLine.objects.select_related("item").filter(document=order).order_by("line_no"))
        plans = load_plans([line.pk for line in lines])
        cause = supplies.cause_of(
            order, "material_moved_in_time", in_books(lambda: words_of_material(order, event.cause_text))
        )
        supplies.replace([order], lines, plans, cause=cause, actor=actor, at=at)
