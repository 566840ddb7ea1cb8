"""Locking several orders with their lines, in the one order that cannot deadlock: orders by id, then balances."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from django.utils.translation import gettext as _

from backend.availability.services.supply import SupplyInput
from backend.inventory.models import Warehouse
from backend.inventory.services import balances
from backend.inventory.services.balances import LockedBalance, Pair
from backend.inventory.services.transit import supplier_location
from backend.kernel.actor import Actor
from backend.kernel.bulk import Batch
from backend.kernel.document import Document
from backend.kernel.errors import NotFoundRefused
from backend.kernel.prepared import Prepared
from backend.parties.models import Party
from backend.purchasing import schedule
from backend.purchasing.models import OrderKind, PurchaseOrder, PurchaseOrderLine, SubcontractComponent
from backend.purchasing.schedule import Plan
from backend.purchasing.services import supplies
from backend.purchasing.services.axes import derive_axes, derive_closing
from backend.purchasing.services.plans import load_plans, save_plans

LINE_PROGRESS = ("shipped_qty", "received_qty")
GIVEN_UP = ("cancelled_qty", "light_qty")  # once all pieces of a line are here
AHEAD = ("ahead_qty",)
ORDER_PROGRESS = ("confirmed", "received", "invoiced", "closing", "version", "updated_at")


@dataclass
class Locked:
    """Orders locked for shipping or receiving some of their lines.

    ``lines`` are all lines of these orders; ``plans`` those of the lines asked for, to be changed by
    the caller and written by ``store_progress``, as is what is invoiced ahead when ``ahead_changed``. ``components`` by
    line and ``location`` are those of subcontract orders, once their stock is locked.
    """

    supplier: Party
    orders: dict[UUID, PurchaseOrder]
    lines: dict[UUID, PurchaseOrderLine]
    stored: dict[UUID, Plan]
    plans: dict[UUID, Plan]
    balances: dict[Pair, LockedBalance] = field(default_factory=dict)
    components: dict[UUID, list[SubcontractComponent]] = field(default_factory=dict)
    location: Warehouse | None = None
    ahead_changed: bool = False

    def order_of(self, line: PurchaseOrderLine) -> PurchaseOrder:
        return self.orders[line.document_id]

    def asked_lines(self, order: PurchaseOrder) -> list[PurchaseOrderLine]:
        """The lines asked for that belong to an order."""
        return [line for line in self.lines.values() if line.pk in self.plans and line.document_id == order.pk]


_orders = Prepared(
    lambda lines: (
        PurchaseOrder.objects.select_for_update(of=("self",))
        .select_related("warehouse", "supplier__supplier")
        .filter(pk__in=PurchaseOrderLine.objects.filter(pk__in=lines).values("document_id"))
        .order_by("pk")
    )
)
_lines = Prepared(
    lambda orders: (
        PurchaseOrderLine.objects.select_related("item__unit", "item__category")
        .filter(document_id__in=orders)
        .order_by("document_id", "line_no")
    )
)


def lock_orders_of(line_ids: Sequence[UUID]) -> Locked:
    """Lock the orders these lines belong to; raises NotFoundRefused. Three statements and one for parameters."""
    wanted = set(line_ids)
    orders = {order.pk: order for order in _orders(wanted)}
    lines = {line.pk: line for line in _lines(orders.keys())}
    if not wanted or wanted - lines.keys():
        raise NotFoundRefused(_("There is no such line."), value=min(wanted - lines.keys(), default=None))
    plans = load_plans(wanted)
    return Locked(next(iter(orders.values())).supplier, orders, lines, plans, dict(plans))


def lock_stock_of(locked: Locked) -> None:
    """Lock the balances of the lines asked for, before any number is taken."""
    pairs = {
        (line.item_id, order.warehouse_id)
        for order in locked.orders.values()
        for line in locked.asked_lines(order)
        if line.item.is_stocked
    } | _material_of(locked)
    if pairs:
        locked.balances = balances.lock_balances(sorted(pairs))


def _material_of(locked: Locked) -> set[Pair]:
    """Read what the lines asked for are made of, where a processor makes them; where it lies."""
    made = [
        line
        for order in locked.orders.values()
        if order.kind == OrderKind.SUBCONTRACT
        for line in locked.asked_lines(order)
    ]
    if not made:
        return set()
    locked.location = supplier_location(locked.supplier)
    rows = SubcontractComponent.objects.select_related("item__unit").filter(order_line__in=made).order_by("line_no")
    for row in rows:
        locked.components.setdefault(row.order_line_id, []).append(row)
    return {(row.item_id, locked.location.pk) for row in rows}


def store_progress(locked: Locked, at: datetime, batch: Batch | None = None) -> list[PurchaseOrder]:
    """Write the plans of the lines asked for and what follows from them; returns the orders that closed by it.

    With a batch, lines and orders are written by whoever writes the batch.
    """
    together = batch or Batch()
    touched = [locked.lines[line_id] for line_id in sorted(locked.plans)]
    for line in touched:
        line.shipped_qty, line.received_qty = (
            schedule.sent(locked.plans[line.pk]),
            schedule.arrived(locked.plans[line.pk]),
        )
    given_up = GIVEN_UP if any(line.light_qty for line in touched) else ()
    together.update(touched, (*LINE_PROGRESS, *given_up, *(AHEAD if locked.ahead_changed else ())))
    save_plans(locked.stored, locked.plans, together)
    closed = []
    for order in locked.orders.values():
        own = [line for line in locked.lines.values() if line.document_id == order.pk]
        derive_axes(order, own)
        if derive_closing(order, own):
            closed.append(order)
        order.version += 1
        order.updated_at = at
    together.update(locked.orders.values(), ORDER_PROGRESS)
    if batch is None:
        together.write()
    return closed


def announce(
    locked: Locked,
    document: Document,
    kind: str,
    text: str,
    *,
    actor: Actor,
    at: datetime,
    customer_reason: str = "",
    also: Mapping[UUID, list[SupplyInput]] = MappingProxyType({}),
) -> None:
    """Tell availability what is still to come on the lines asked for, and which document changed it."""
    cause = supplies.cause_of(document, kind, text, customer_reason=customer_reason)
    lines = [line for line in locked.lines.values() if line.pk in locked.plans]
    supplies.replace(
        locked.orders.values(), lines, locked.plans, cause=cause, actor=actor, at=at, held=locked.balances, also=also
    )
