"""Goods sold by the carton and weighed when they leave: the order follows what the scales said.

An order line of two cartons of about 12.3 kg holds 24.6 kg until they leave; when they weigh 24.1 kg, the order becomes
24.1 kg before it is shipped, by a revision like any other. Nothing here costs a statement for lines that were not
weighed: their count is in proportion.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext as _

from backend.catalog.services.counting import Weighed, fixed_problems, is_weighed
from backend.kernel.actor import Actor
from backend.kernel.document import Approval
from backend.kernel.errors import Refusal
from backend.kernel.language import in_books
from backend.kernel.money import ZERO
from backend.sales.models import SalesDeliveryLine, SalesOrder, SalesOrderLine
from backend.sales.services.amendments import amend_order
from backend.sales.services.inputs import AmendmentData, DeliveryLineInput, LineInput
from backend.sales.services.line_units import keyed_again
from backend.sales.services.lines import price_of

_NOTHING = Decimal("0.001")


def problems_of(keyed: Sequence[DeliveryLineInput], sources: Mapping[UUID, SalesOrderLine]) -> list[Refusal]:
    """What is wrong with the counts: a box that always holds twelve holds twelve."""
    rows = [
        Weighed(number, source.item, source.line_unit_id, line.qty, line.unit_qty)
        for number, line in enumerate(keyed, 1)
        if line.unit_qty is not None and (source := sources[line.order_line_id]).is_counted
    ]
    return list(fixed_problems(rows))


def fitting(keyed: Sequence[DeliveryLineInput], sources: Mapping[UUID, SalesOrderLine]) -> Collection[UUID]:
    """The order lines of which no more is counted than is left, whatever it weighs."""
    counts: dict[UUID, Decimal] = defaultdict(Decimal)
    for line in keyed:
        source = sources[line.order_line_id]
        if line.unit_qty is not None and source.is_counted and source.open_qty > 0:
            counts[source.pk] += line.unit_qty
    left = _left(sources[pk] for pk in counts)
    return {pk for pk, counted in counts.items() if counted <= left[pk]}


def _left(lines: Iterable[SalesOrderLine]) -> dict[UUID, Decimal]:
    """How many of its unit each order line still waits for; one statement, none without lines."""
    wanted = {line.pk: line.line_qty or ZERO for line in lines}
    if not wanted:
        return {}
    shipped = SalesDeliveryLine.objects.filter(order_line__in=wanted, document__approval=Approval.APPROVED)
    sums = shipped.order_by().values_list("order_line").annotate(Sum("line_qty"))
    for pk, counted in sums:
        wanted[pk] -= counted or ZERO
    return wanted


def follow(
    lines: Sequence[SalesDeliveryLine], orders: Sequence[SalesOrder], *, actor: Actor, at: datetime
) -> list[SalesOrder]:
    """Amend the orders (locked, with their lines) to what was weighed; returns those that changed."""
    sources = {line.pk: line for order in orders for line in order.loaded_lines}  # type: ignore[attr-defined]
    weighed = {line.order_line_id for line in lines if is_weighed(line, sources[line.order_line_id])}
    left = _left(sources[pk] for pk in weighed)
    wanted = {
        pk: _true_qty(sources[pk], [line for line in lines if line.order_line_id == pk], left[pk]) for pk in weighed
    }
    wanted = {pk: qty for pk, qty in wanted.items() if qty != sources[pk].wanted_qty}
    changed = [order for order in orders if any(sources[pk].document_id == order.pk for pk in wanted)]
    for order in changed:
        reason = in_books(lambda: _("Weighed at delivery"))
        amend_order(order_id=order.pk, data=_as_weighed(order, wanted), reason=reason, actor=actor, at=at)
    return changed


def _true_qty(source: SalesOrderLine, lines: Sequence[SalesDeliveryLine], left: Decimal) -> Decimal:
    """What the line comes to: shipped, weighed now, and what is left to count at what one holds."""
    rest = left - sum((line.line_qty or ZERO for line in lines), ZERO)
    holding = rest * source.holds if rest > _NOTHING else ZERO
    decimals = source.item.unit.decimals
    return source.shipped_qty + sum((line.qty for line in lines), ZERO) + round(holding, decimals)


def _as_weighed(order: SalesOrder, wanted: Mapping[UUID, Decimal]) -> AmendmentData:
    lines: list[LineInput] = []
    for line in order.loaded_lines:  # type: ignore[attr-defined]
        if line.wanted_qty <= 0:
            continue
        again = keyed_again(
            line,
            qty=wanted.get(line.pk, line.wanted_qty),
            counted=line.line_qty if line.pk in wanted else None,
            id=line.pk,
            price=price_of(line, order),
            discount_pct=line.discount_pct,
            tax_rate=line.tax_rate,
            requested_date=line.requested_date,
            description=line.description,
        )
        lines.append(again)
    return AmendmentData(lines=tuple(lines))
