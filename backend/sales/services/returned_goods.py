"""What comes back of goods that were delivered: the lines of deliveries and orders that count it, and their shares."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from backend.availability.services import demand, planning
from backend.availability.services.causes import Cause
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.document import Closing
from backend.kernel.money import ZERO, cents
from backend.sales.models import ReturnOutcome, SalesOrder, SalesOrderLine, SalesReturn, SalesReturnLine
from backend.sales.services.axes import derive_delivery, derive_order
from backend.sales.services.checks import CannotReturn, link_to
from backend.sales.services.return_lines import Sources, price_line, too_much

WORTH = ["net_amount", "tax_amount", "gross_amount", "cost_amount", "scrap_amount", "credit_qty"]


RETURNED = ["returned_qty", "returned_net", "returned_tax", "returned_cost"]


def take_shares(document: SalesReturn, lines: Sequence[SalesReturnLine], sources: Sources) -> None:
    """Set each line's amounts, cost and what of it was invoiced; add them to the deliveries' lines."""
    for line in lines:
        source = sources.lines[line.delivery_line_id]
        if line.received_qty > source.qty - source.returned_qty:
            left = source.qty - source.returned_qty
            raise too_much(line.line_no, sources.of(source), line.received_qty, left)
        price_line(line, source, line.received_qty)
        part = line.scrap_qty / line.received_qty if line.received_qty else ZERO
        line.scrap_amount = cents(line.cost_amount * part)
        not_invoiced = max(source.qty - source.returned_qty - source.invoiced_qty, ZERO)
        line.credit_qty = max(line.received_qty - not_invoiced, ZERO)
        source.returned_qty += line.received_qty
        source.returned_net += line.net_amount
        source.returned_tax += line.tax_amount
        source.returned_cost += line.cost_amount


def store_sources(lines: Sequence[SalesReturnLine], sources: Sources) -> None:
    touched = {line.delivery_line_id for line in lines}
    update_rows([sources.lines[line_id] for line_id in sorted(touched)], RETURNED)
    for delivery in sources.deliveries.values():
        derive_delivery(delivery, [line for line in sources.lines.values() if line.document_id == delivery.pk])
    update_rows(sources.deliveries.values(), ["invoiced"])


def count_returned(
    document: SalesReturn,
    lines: Sequence[SalesReturnLine],
    sources: Sources,
    orders: Sequence[SalesOrder],
    actor: Actor,
    at: datetime,
    *,
    sign: int,
) -> None:
    """The orders know what came back; what is exchanged is to be delivered again."""
    sums: dict[UUID, Decimal] = {}
    for line in lines:
        key = sources.lines[line.delivery_line_id].order_line_id
        sums[key] = sums.get(key, ZERO) + sign * line.received_qty
    exchanged = document.outcome == ReturnOutcome.EXCHANGE
    rows = {row.pk: row for order in orders for row in order.loaded_lines}  # type: ignore[attr-defined]
    for key, qty in sums.items():
        row: SalesOrderLine = rows[key]
        if exchanged:
            row.shipped_qty -= qty
        else:
            row.returned_qty += qty
    if exchanged and sign > 0:
        require_open_orders(document, orders)
    for order in orders:
        derive_order(order, order.loaded_lines)  # type: ignore[attr-defined]
        order.version += 1
    update_rows([rows[key] for key in sums], ["shipped_qty", "returned_qty"])
    update_rows(orders, ["shipped", "invoiced", "closing", "version"])
    cause = Cause.of("sales_return_decided" if sign > 0 else "sales_return_undone", document, by=actor)
    stocked = {line.item_id for line in lines if line.item.is_stocked}
    if exchanged:
        again = [(key, abs(qty)) for key, qty in sums.items() if rows[key].item_id in stocked and qty]
        if sign > 0:
            demand.restore_demand(again, cause=cause, actor=actor, at=at)
        else:
            demand.consume_demand(again, actor=actor, at=at)
    planning.replan({(item, document.warehouse_id) for item in stocked}, cause=cause, actor=actor, at=at)


def require_open_orders(document: SalesReturn, orders: Sequence[SalesOrder]) -> None:
    closed = next((order for order in orders if order.closing == Closing.MANUAL_CLOSED), None)
    if closed:
        raise CannotReturn(
            _("%(order)s is closed by hand: nothing more is delivered on it.") % {"order": closed},
            document=document.number,
            field="outcome",
            value=document.outcome,
            way_out=_("Reopen the order, or give credit instead."),
            links=[link_to(closed)],
        )


def give_back(lines: Sequence[SalesReturnLine], sources: Sources) -> None:
    for line in lines:
        source = sources.lines[line.delivery_line_id]
        source.returned_qty -= line.received_qty
        source.returned_net -= line.net_amount
        source.returned_tax -= line.tax_amount
        source.returned_cost -= line.cost_amount
        line.restock_qty = line.scrap_qty = line.credit_qty = ZERO
        line.scrap_amount = ZERO
