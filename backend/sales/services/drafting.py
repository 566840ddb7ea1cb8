"""What a delivery takes from its orders: fills what is left and reserved, checks what was keyed."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from backend.catalog.services.counting import counted_share
from backend.inventory.services import holding
from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.kernel.currency import HOME
from backend.kernel.document import Approval
from backend.kernel.errors import NotFoundRefused, Refusal
from backend.kernel.ids import uuid7
from backend.kernel.money import ZERO
from backend.kernel.prepared import Prepared
from backend.sales.models import SalesDelivery, SalesDeliveryLine, SalesOrder, SalesOrderLine
from backend.sales.services import demands, weighing
from backend.sales.services.checks import CannotDeliver, CannotEditOrder, require_running
from backend.sales.services.inputs import DeliveryData, DeliveryLineInput
from backend.sales.services.lines import price_goods, sum_up

COPIED = ("item", "description", "price_source", "discount_pct", "tax_rate")


_orders = Prepared(
    lambda ids: (
        SalesOrder.objects.select_for_update(of=("self",))
        .select_related("customer__customer")
        .filter(pk__in=ids)
        .order_by("pk")
    )
)
_lines = Prepared(
    lambda orders: (
        SalesOrderLine.objects.filter(document_id__in=orders)
        .select_related("item__unit", "item__category")
        .order_by("document_id", "line_no")
    )
)


def lock_orders(order_ids: Iterable[UUID]) -> list[SalesOrder]:
    """The orders with their lines (``order.loaded_lines``), locked by id; two statements."""
    wanted = sorted(set(order_ids))
    orders = _orders(wanted)
    if len(orders) != len(wanted) or not orders:
        raise NotFoundRefused(_("There is no such order."), value=wanted[0] if wanted else None)
    by_order: dict[UUID, list[SalesOrderLine]] = defaultdict(list)
    for line in _lines(wanted):
        by_order[line.document_id].append(line)
    for order in orders:
        order.loaded_lines = by_order[order.pk]  # type: ignore[attr-defined]
        for line in by_order[order.pk]:
            line.document = order
    return orders


def build_delivery(
    orders: Sequence[SalesOrder],
    keyed: Sequence[DeliveryLineInput] | None,
    data: DeliveryData,
    *,
    actor: Actor,
    at: datetime,
    reserved: Mapping[UUID, Decimal] | None = None,
) -> tuple[SalesDelivery, list[SalesDeliveryLine]]:
    """An unsaved delivery (without number) and its lines; raises CannotDeliver.

    ``reserved`` = what lies ready for each order line, where the caller knows it already.
    """
    for order in orders:
        require_running(order, CannotDeliver)
    first = orders[0]
    if any(other.customer_id != first.customer_id or other.warehouse_id != first.warehouse_id for other in orders):
        raise CannotDeliver(
            _("One delivery goes to one customer from one warehouse."),
            document=first.number,
            field="orders",
            way_out=_("Deliver the orders separately."),
        )
    delivery = SalesDelivery(
        customer=first.customer,
        warehouse_id=first.warehouse_id,
        ship_to=first.ship_to,
        doc_date=clock.day_of(at),
    )
    delivery.stamp_created(actor, at)
    fill_header(delivery, data, at)
    return delivery, build_lines(delivery, orders, what_is_ready(orders, reserved) if keyed is None else keyed)


def hand_pieces_on(delivery: SalesDelivery, lines: Iterable[SalesDeliveryLine]) -> None:
    """The pieces that are kept for the orders' lines are those that leave; one statement, none without such items."""
    wanted = [(line.order_line_id, line.pk, line.qty) for line in lines if line.item.serial_tracked]
    holding.hand_on(wanted, delivery)


def fill_header(delivery: SalesDelivery, data: DeliveryData | None, at: datetime) -> None:
    """Set what was keyed beside the lines (not saved)."""
    if data is None:
        return
    delivery.doc_date = data.doc_date or delivery.doc_date or clock.day_of(at)
    delivery.carrier_id = data.carrier_id
    delivery.tracking_no = data.tracking_no.strip()[:60]
    delivery.expected_date = data.expected_date
    delivery.remark = data.remark
    if data.ship_to is not None:
        delivery.ship_to = data.ship_to[:250]


def what_is_ready(
    orders: Sequence[SalesOrder], reserved: Mapping[UUID, Decimal] | None = None
) -> list[DeliveryLineInput]:
    """What can leave now: reserved and not on another draft; services as far as they are open.

    A customer who wants all at once gets nothing before all is there.
    """
    on_drafts = drafted([line.pk for order in orders for line in order.loaded_lines])  # type: ignore[attr-defined]
    if reserved is None:
        reserved = demands.reserved_of(order.pk for order in orders)
    ready = []
    for order in orders:
        short = False
        for line in order.loaded_lines:  # type: ignore[attr-defined]
            open_qty = line.open_qty - on_drafts.get(line.pk, ZERO)
            can = min(open_qty, reserved.get(line.pk, ZERO) - on_drafts.get(line.pk, ZERO))
            qty = can if line.item.is_stocked else open_qty
            short = short or qty < open_qty
            if qty > 0:
                ready.append(DeliveryLineInput(order_line_id=line.pk, qty=qty))
        if short and order.customer.customer.ship_complete:
            raise _not_ready(order, _("%(customer)s wants everything in one delivery.") % {"customer": order.customer})
    if not ready:
        raise _not_ready(orders[0], _("Nothing of %(order)s can leave now.") % {"order": orders[0]})
    return ready


_drafted = Prepared(
    lambda ids: (
        SalesDeliveryLine.objects.filter(order_line_id__in=ids, document__approval=Approval.DRAFT)
        .only("order_line_id", "qty")
        .order_by()
    )
)


def drafted(order_line_ids: Iterable[UUID]) -> dict[UUID, Decimal]:
    """Order line → quantity on deliveries that have not left yet."""
    sums: dict[UUID, Decimal] = defaultdict(Decimal)
    for line in _drafted(list(order_line_ids)):
        sums[line.order_line_id] += line.qty
    return sums


def _not_ready(order: SalesOrder, message: str) -> CannotDeliver:
    return CannotDeliver(
        message,
        code="nothing_to_deliver",
        document=order.number,
        field="qty",
        way_out=_("See the promise of each line: it says when the goods come, or what another draft holds."),
    )


def build_lines(
    delivery: SalesDelivery, orders: Sequence[SalesOrder], keyed: Sequence[DeliveryLineInput]
) -> list[SalesDeliveryLine]:
    """Unsaved lines with their amounts; raises CannotDeliver for every line that is not possible."""
    by_id: dict[UUID, SalesOrderLine] = {
        line.pk: line
        for order in orders
        for line in order.loaded_lines  # type: ignore[attr-defined]
    }
    wanted = [line for line in keyed if line.qty != 0]
    problems: list[Refusal] = [
        found for no, line in enumerate(wanted, 1) if (found := _problem(no, line, by_id)) is not None
    ]
    known = [line for line in wanted if line.order_line_id in by_id]
    problems += weighing.problems_of(known, by_id)
    problems += over_shipped([(by_id[line.order_line_id], line.qty) for line in known], weighing.fitting(known, by_id))
    if problems:
        raise Refusal.many(problems)
    if not wanted:
        raise _not_ready(orders[0], _("Nothing of %(order)s is on this delivery.") % {"order": orders[0]})
    lines = [make_line(delivery, no, by_id[line.order_line_id], line) for no, line in enumerate(wanted, 1)]
    sum_up(delivery, lines)
    delivery.currency = HOME
    return lines


def _problem(no: int, line: DeliveryLineInput, by_id: dict[UUID, SalesOrderLine]) -> CannotDeliver | None:
    source = by_id.get(line.order_line_id)
    if source is None:
        return CannotDeliver(_("Line %(line)s is not of this order.") % {"line": no}, line=no, field="order_line")
    if line.qty < 0 or line.qty != round(line.qty, source.item.unit.decimals):
        return CannotDeliver(
            _("Line %(line)s: %(qty)s %(unit)s of %(item)s is not a quantity.")
            % {"line": no, "qty": line.qty, "unit": source.item.unit, "item": source.item},
            line=no,
            field="qty",
            value=line.qty,
        )
    return None


def over_shipped(
    wanted: Iterable[tuple[SalesOrderLine, Decimal]], weighed: Collection[UUID] = ()
) -> list[CannotDeliver]:
    """A refusal for each order line of which more would leave than is open; the ``weighed`` are measured by count."""
    sums: dict[UUID, Decimal] = defaultdict(Decimal)
    lines: dict[UUID, SalesOrderLine] = {}
    for line, qty in wanted:
        sums[line.pk] += qty
        lines[line.pk] = line
    return [
        CannotDeliver(
            _("%(order)s line %(line)s: only %(open)s of %(item)s are open, not %(qty)s.")
            % {
                "order": lines[pk].document.number,
                "line": lines[pk].line_no,
                "open": _plain(lines[pk].open_qty),
                "item": lines[pk].item,
                "qty": _plain(qty),
            },
            code="over_shipment",
            document=lines[pk].document.number,
            line=lines[pk].line_no,
            field="qty",
            value=qty,
            way_out=_("Deliver at most what is open, or amend the order first."),
        )
        for pk, qty in sums.items()
        if qty > lines[pk].open_qty and pk not in weighed
    ]


def _plain(value: Any) -> str:
    return f"{value.normalize():f}"


def make_line(delivery: SalesDelivery, no: int, source: SalesOrderLine, given: DeliveryLineInput) -> SalesDeliveryLine:
    """One unsaved line over so much of an order line, at the order's price."""
    order = source.document
    made = SalesDeliveryLine(
        id=uuid7(),
        document=delivery,
        line_no=no,
        order_line=source,
        order_number=order.number,
        lot_id=given.lot_id,
        qty=given.qty,
        **counted_share(source, given.qty, given.unit_qty),
        **{name: getattr(source, name) for name in COPIED},
    )
    price_goods(made, source, order, given.qty)
    return made


def require_draft(delivery: SalesDelivery) -> None:
    """Raise unless the delivery is still a draft."""
    if delivery.is_draft:
        return
    raise CannotEditOrder(
        _("%(delivery)s is %(state)s and is not edited any more.")
        % {"delivery": delivery, "state": delivery.state_label("approval").lower()},
        document=delivery.number,
        field="approval",
        value=delivery.approval,
        way_out=_("Take it back first."),
    )
