"""What the page of a sales order reads, in a fixed number of statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from backend.availability.models import DemandLine, PromiseRevision
from backend.availability.selectors import Preview, PreviewInput, preview_promises
from backend.inventory.models import StockBalance
from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.kernel.currency import amount_at_home
from backend.kernel.document import Approval, Closing
from backend.kernel.errors import NotFoundRefused
from backend.kernel.money import ZERO, total
from backend.processes.promise_words import untold_revisions
from backend.sales.models import SalesOrder, SalesOrderLine
from backend.sales.services import credit
from portals.staff.sales.scope import visible_orders
from portals.staff.shared.approvals import Standing, decides, standing_of

_NOT_YET = {Approval.DRAFT, Approval.SUBMITTED, Approval.REJECTED}


@dataclass(frozen=True)
class OrderData:
    """Everything the page of an order reads, in a fixed number of statements."""

    order: SalesOrder
    lines: list[SalesOrderLine]
    demands: Mapping[UUID, DemandLine] = field(default_factory=dict)
    moved: Sequence[PromiseRevision] = ()
    balances: Mapping[UUID, StockBalance] = field(default_factory=dict)
    exposure: credit.Exposure | None = None
    previews: Mapping[UUID, Preview] = field(default_factory=dict)
    standing: Standing = field(default_factory=Standing)

    @property
    def reserved(self) -> Decimal:
        return total(demand.reserved_qty for demand in self.demands.values())

    @property
    def waiting(self) -> dict[UUID, SalesOrderLine]:
        """The lines that are not all in stock, by their demands."""
        lines = {line.pk: line for line in self.lines}
        waits = [row for row in self.demands.values() if row.open_qty > row.reserved_qty]
        return {row.pk: lines[row.ref_line_id] for row in waits if row.ref_line_id in lines}

    @property
    def only_unit(self) -> str:
        """The unit of what is reserved, when all lines share it."""
        units = {str(line.item.unit) for line in self.lines if self._reserved_of(line)}
        return units.pop() if len(units) == 1 else ""

    def _reserved_of(self, line: SalesOrderLine) -> Decimal:
        demand = self.demands.get(line.pk)
        return demand.reserved_qty if demand else ZERO


def load_order(actor: Any, number: str) -> SalesOrder:
    """The order, when this actor may see it; not found otherwise."""
    found = visible_orders(actor).select_related("customer__customer", "warehouse").filter(number=number).first()
    if found is None:
        raise NotFoundRefused(_("There is no such order."), value=number)
    return found


def load_to_decide(actor: Any, number: str) -> SalesOrder:
    """The order as `load_order` finds it, or one whose level waits for this actor, whoever's customer it is."""
    try:
        return load_order(actor, number)
    except NotFoundRefused:
        order = SalesOrder.objects.filter(number=number).first()
        if order is None or not decides(order, actor):
            raise
        return load_order(Actor.system(), number)


def read_order(actor: Any, order: SalesOrder) -> OrderData:
    """The order with its lines, promises, stock and the customer's credit."""
    standing = standing_of(order, actor)
    actor = standing.reader(actor)
    lines = list(order.lines.select_related("item__unit", "line_unit").order_by("line_no"))
    demands = {row.ref_line_id: row for row in DemandLine.objects.filter(ref_id=order.pk).select_related("promise")}
    revised = [row for row in demands.values() if hasattr(row, "promise") and row.promise.revision]
    stocked = {line.item_id for line in lines if line.item.is_stocked}
    balances = StockBalance.objects.filter(item_id__in=stocked, warehouse_id=order.warehouse_id)
    limit = order.customer.customer.credit_limit
    asks = limit is not None and actor.may("catalog.price.view")
    return OrderData(
        order=order,
        standing=standing,
        lines=lines,
        demands=demands,
        moved=untold_revisions(order.pk) if revised and order.is_approved else (),
        balances={row.item_id: row for row in balances},
        previews=_previews(order, lines) if order.approval in _NOT_YET else {},
        exposure=credit.exposure_of(order.customer_id, order=order, amount=_own_amount(order, lines)) if asks else None,
    )


def _previews(order: SalesOrder, lines: Sequence[SalesOrderLine]) -> dict[UUID, Preview]:
    """What approving the order now would promise, line by line; three statements."""
    stocked = [line for line in lines if line.item.is_stocked]
    asked = [PreviewInput(line.item_id, order.warehouse_id, line.qty, line.requested_date) for line in stocked]
    found = preview_promises(asked, at=clock.now()) if asked else []
    return {line.pk: seen for line, seen in zip(stocked, found, strict=True)}


def _own_amount(order: SalesOrder, lines: Sequence[SalesOrderLine]) -> Decimal | None:
    """What the order itself adds to the exposure: what is not shipped of it; None while its rate is not known."""
    if order.approval == Approval.VOIDED or order.closing != Closing.OPEN:
        return ZERO
    parts = (line.gross_amount * line.open_qty / line.wanted_qty for line in lines if line.wanted_qty > 0)
    return amount_at_home(total(parts).quantize(Decimal("0.01")), order)
