"""Shipping a delivery and taking it back. Both directions move everything or nothing."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.availability.services import demand, planning
from backend.availability.services.causes import Cause
from backend.catalog.services.counting import split_count
from backend.inventory.models import MoveKind, StockMove
from backend.inventory.services import holding, moves
from backend.inventory.services.inputs import MoveInput
from backend.invoicing.models import SalesInvoice
from backend.kernel import audit, events, links
from backend.kernel.actor import Actor
from backend.kernel.bulk import Batch, update_rows
from backend.kernel.currency import HOME
from backend.kernel.document import Approval, claim_version, load_locked
from backend.kernel.errors import Refusal
from backend.kernel.ids import uuid7
from backend.kernel.lifecycle import APPROVAL
from backend.kernel.money import ZERO, allocate
from backend.kernel.numbering import next_number
from backend.sales.events import SalesDeliveryApproved, SalesDeliveryEvent, SalesDeliveryUnapproved
from backend.sales.models import SalesDelivery, SalesDeliveryLine, SalesOrder, SalesOrderLine
from backend.sales.services import demands, drafting, weighing
from backend.sales.services.axes import derive_order
from backend.sales.services.checks import CannotDeliver, CannotUnapproveDelivery, link_to, require_running

SPLIT = ("net_amount", "tax_amount", "gross_amount")


def approve_delivery(*, delivery_id: UUID, actor: Actor, at: datetime, version: int | None = None) -> SalesDelivery:
    """Ship: raises CannotDeliver (more than is open), CannotIssueStock, IllegalTransition."""
    with transaction.atomic():
        delivery = load_locked(SalesDelivery, delivery_id, seen=version)
        lines = list(delivery.lines.select_related("item").order_by("line_no"))
        orders = drafting.lock_orders(
            SalesOrderLine.objects.filter(pk__in={line.order_line_id for line in lines}).values_list(
                "document_id", flat=True
            )
        )
        if weighing.follow(lines, orders, actor=actor, at=at):
            orders = drafting.lock_orders(order.pk for order in orders)
        batch = Batch()
        made = issue(delivery, lines, orders, batch, actor=actor, at=at)
        batch.write()
        delivery.save()
        if [line.pk for line in made] != [line.pk for line in lines] or any(line.lot_id for line in made):
            _rewrite(delivery, made, orders)
        else:
            update_rows(made, ["cost_amount"])
        tell_shipped(delivery, made, orders, actor)
    return delivery


def issue(
    delivery: SalesDelivery,
    lines: Sequence[SalesDeliveryLine],
    orders: Sequence[SalesOrder],
    batch: Batch,
    *,
    actor: Actor,
    at: datetime,
    held: demand.Held | None = None,
) -> list[SalesDeliveryLine]:
    """Move the goods of a delivery whose orders are locked; returns its lines, one per lot (delivery not saved).

    The orders' progress and the entry in the trail wait in ``batch`` for the caller to write them.
    """
    before = APPROVAL.advance(delivery, "approve")
    sources = {line.pk: line for order in orders for line in order.loaded_lines}  # type: ignore[attr-defined]
    _check(delivery, lines, orders, sources)
    stocked = [line for line in lines if line.item.is_stocked]
    held = held or demands.hold((sources[line.order_line_id], delivery.warehouse_id) for line in stocked)
    wanted = [(line.order_line_id, line.qty) for line in stocked]
    beyond = demand.consume_demand(wanted, held=held, actor=actor, at=at)
    delivery.number = delivery.number or next_number(delivery.DOC_TYPE, delivery.doc_date)
    leaving = _moves(delivery, stocked, sources)
    posted = moves.post_moves(leaving, document=delivery, held=held.balances, actor=actor, at=at)
    if beyond:
        planning.replan(beyond, cause=Cause.of("shipped_before_it_came", delivery, by=actor), actor=actor, at=at)
    made = _by_lot(lines, posted)
    delivery.cost_amount = sum((line.cost_amount for line in made), ZERO)
    delivery.stamp_approved(actor, at)
    delivery.version += 1
    _count(orders, lines, batch, sign=1)
    _free_pieces(delivery, lines, sources)
    step = audit.entry(delivery, "approve", actor=actor, at=at, axis="approval", before=before, after=delivery.approval)
    batch.insert([step])
    return made


def _free_pieces(
    delivery: SalesDelivery, lines: Sequence[SalesDeliveryLine], sources: dict[UUID, SalesOrderLine]
) -> None:
    """Pieces that left, and those beyond what a line still wants, are kept no more; nothing for other items."""
    shipped = {line.order_line_id: line.pk for line in lines if line.item.serial_tracked}
    if shipped:
        holding.release_shipped(shipped, [line_id for line_id in shipped if sources[line_id].open_qty <= 0], delivery)


def _keep_pieces(lines: Sequence[SalesDeliveryLine], orders: Sequence[SalesOrder], actor: Actor, at: datetime) -> None:
    """Pieces that were kept for their order before they left are kept for it again; nothing for other items."""
    order_of = {line.pk: order for order in orders for line in order.loaded_lines}  # type: ignore[attr-defined]
    back = {line.pk: (line.order_line_id, order_of[line.order_line_id]) for line in lines if line.item.serial_tracked}
    if back:
        holding.keep_again(back, actor, at)


def tell_shipped(
    delivery: SalesDelivery, lines: Sequence[SalesDeliveryLine], orders: Sequence[SalesOrder], actor: Actor
) -> None:
    """Publish that the goods have left, once the delivery is written: those who listen read it."""
    events.publish(_event(SalesDeliveryApproved, delivery, lines, orders), actor=actor)


def _check(
    delivery: SalesDelivery,
    lines: Sequence[SalesDeliveryLine],
    orders: Sequence[SalesOrder],
    sources: dict[UUID, SalesOrderLine],
) -> None:
    for order in orders:
        require_running(order, CannotDeliver)
    if delivery.currency != HOME:
        raise _foreign_figures(delivery)
    problems = drafting.over_shipped([(sources[line.order_line_id], line.qty) for line in lines])
    if problems:
        raise Refusal.many(problems)


def _foreign_figures(delivery: SalesDelivery) -> CannotDeliver:
    """Drafts once had the figures of their order; those in another currency are no figures of goods."""
    return CannotDeliver(
        _("%(delivery)s has its figures in %(currency)s: goods and books are in %(home)s.")
        % {"delivery": delivery, "currency": delivery.currency, "home": HOME},
        document=delivery.number,
        field="currency",
        value=delivery.currency,
        way_out=_("Edit and save it: its lines take their prices anew."),
    )


def _moves(
    delivery: SalesDelivery, lines: Sequence[SalesDeliveryLine], sources: dict[UUID, SalesOrderLine]
) -> list[MoveInput]:
    return [
        MoveInput(
            kind=MoveKind.SALES_DELIVERY,
            item_id=line.item_id,
            warehouse_id=delivery.warehouse_id,
            qty_out=line.qty,
            lot_id=line.lot_id,
            party_id=delivery.customer_id,
            order_id=sources[line.order_line_id].document_id,
            doc_line_id=line.pk,
        )
        for line in lines
    ]


def _by_lot(lines: Sequence[SalesDeliveryLine], posted: Sequence[StockMove]) -> list[SalesDeliveryLine]:
    """The lines with cost and lot; a line that left in several lots becomes one line for each."""
    by_line: dict[UUID | None, list[StockMove]] = defaultdict(list)
    for move in posted:
        by_line[move.doc_line_id].append(move)
    made: list[SalesDeliveryLine] = []
    for line in lines:
        found = by_line[line.pk]
        made += _split(line, found) if len(found) > 1 else [_single(line, found)]
    for no, line in enumerate(made, 1):
        line.line_no = no
    return made


def _single(line: SalesDeliveryLine, found: Sequence[StockMove]) -> SalesDeliveryLine:
    line.cost_amount = found[0].value_out if found else ZERO
    line.lot_id = found[0].lot_id if found else line.lot_id
    return line


def _split(line: SalesDeliveryLine, found: Sequence[StockMove]) -> list[SalesDeliveryLine]:
    """One line per lot; the amounts are split so that they add up to the cent."""
    weights = [move.qty_out for move in found]
    shares = {name: allocate(getattr(line, name), weights) for name in SPLIT}
    counts = split_count(line, weights)
    parts = []
    for place, move in enumerate(found):
        values = {f.attname: getattr(line, f.attname) for f in SalesDeliveryLine._meta.concrete_fields}
        part = SalesDeliveryLine(**values | {"id": line.pk if place == 0 else uuid7()})
        part.item, part.order_line, part.document = line.item, line.order_line, line.document
        part.qty, part.lot_id, part.cost_amount = move.qty_out, move.lot_id, move.value_out
        part.line_qty = counts[place]
        part.net_amount, part.gross_amount = shares["net_amount"][place], shares["gross_amount"][place]
        part.tax_amount = part.gross_amount - part.net_amount
        parts.append(part)
    return parts


def _rewrite(delivery: SalesDelivery, lines: Sequence[SalesDeliveryLine], orders: Sequence[SalesOrder]) -> None:
    """Write lines that were split or got lots, and the links that follow them."""
    fields = [field.name for field in SalesDeliveryLine._meta.concrete_fields if field.name not in {"id", "document"}]
    SalesDeliveryLine.objects.filter(document=delivery).exclude(pk__in=[line.pk for line in lines[:1]]).delete()
    SalesDeliveryLine.objects.bulk_create(lines, update_conflicts=True, unique_fields=["id"], update_fields=fields)
    links.unlink(delivery.pk)
    for order in orders:
        own = [(line.order_line_id, line.pk, line.qty) for line in lines if line.order_number == order.number]
        links.link(order, delivery, lines=own)


def _count(orders: Sequence[SalesOrder], lines: Sequence[SalesDeliveryLine], batch: Batch, *, sign: int) -> None:
    """Add what left (or came back) to the order lines and derive the orders' progress; ``batch`` writes both."""
    sums: dict[UUID, Decimal] = defaultdict(Decimal)
    for line in lines:
        sums[line.order_line_id] += sign * line.qty
    changed = []
    for order in orders:
        for line in order.loaded_lines:  # type: ignore[attr-defined]
            if line.pk in sums:
                line.shipped_qty += sums[line.pk]
                changed.append(line)
        derive_order(order, order.loaded_lines)  # type: ignore[attr-defined]
        order.version += 1
    batch.update(changed, ["shipped_qty"])
    batch.update(orders, ["shipped", "invoiced", "closing", "version"])


def _event(kind: type[SalesDeliveryEvent], delivery: SalesDelivery, lines: Sequence[Any], orders: Sequence[Any]) -> Any:
    roles: dict[str, Decimal] = defaultdict(Decimal)
    categories = {line.item_id: line.item.category.inventory_role for order in orders for line in order.loaded_lines}
    for line in lines:
        roles[categories[line.item_id]] += line.cost_amount
    return kind(
        aggregate_id=delivery.pk,
        number=delivery.number,
        doc_date=delivery.doc_date,
        customer_id=delivery.customer_id,
        customer_name=orders[0].customer.label if orders else "",
        ship_to=delivery.ship_to,
        carrier_id=delivery.carrier_id,
        tracking_no=delivery.tracking_no,
        expected_date=delivery.expected_date,
        approved_at=delivery.approved_at,
        net=delivery.net_amount,
        tax=delivery.tax_amount,
        gross=delivery.gross_amount,
        costs=tuple(sorted((role, value) for role, value in roles.items() if value)),
        order_ids=tuple(order.pk for order in orders),
    )


def unapprove_delivery(*, delivery_id: UUID, actor: Actor, at: datetime, reason: str = "") -> SalesDelivery:
    """Take a delivery back: stock, cost, demand and progress are as before. Raises CannotUnapproveDelivery."""
    with transaction.atomic():
        delivery = load_locked(SalesDelivery, delivery_id)
        before = APPROVAL.advance(delivery, "unapprove")
        lines = list(delivery.lines.select_related("item").order_by("line_no"))
        orders = drafting.lock_orders(
            SalesOrderLine.objects.filter(pk__in={line.order_line_id for line in lines}).values_list(
                "document_id", flat=True
            )
        )
        _require_undoable(delivery, lines, orders)
        event = _event(SalesDeliveryUnapproved, delivery, lines, orders)
        moves.reverse_moves(document=delivery, actor=actor, at=at)
        batch = Batch()
        _count(orders, lines, batch, sign=-1)
        batch.write()
        stocked = [(line.order_line_id, line.qty) for line in lines if line.item.is_stocked]
        if stocked:
            cause = Cause.of("sales_delivery_unapproved", delivery, reason, by=actor)
            demand.restore_demand(stocked, cause=cause, actor=actor, at=at)
        _keep_pieces(lines, orders, actor, at)
        _reset(delivery, lines, at)
        audit.record(
            delivery,
            "unapprove",
            actor=actor,
            at=at,
            axis="approval",
            before=before,
            after=delivery.approval,
            reason=reason,
        )
        events.publish(event, actor=actor)
    return delivery


def _reset(delivery: SalesDelivery, lines: Sequence[SalesDeliveryLine], at: datetime) -> None:
    delivery.cost_amount = ZERO
    delivery.approved_at, delivery.approved_by_id, delivery.approved_by_name = None, None, ""
    claim_version(delivery, None, at)
    delivery.save()
    SalesDeliveryLine.objects.filter(document=delivery).update(cost_amount=ZERO, picked_at=None)


def _require_undoable(
    delivery: SalesDelivery, lines: Sequence[SalesDeliveryLine], orders: Sequence[SalesOrder]
) -> None:
    """Raise naming what stands in the way: an invoice, a signature, goods returned, an order closed by hand."""
    over = SalesInvoice.objects.filter(lines__source_line_id__in=[line.pk for line in lines])
    invoice = over.exclude(approval=Approval.VOIDED).order_by("id").first()
    closed = next((order for order in orders if order.closing == "manual_closed"), None)
    if invoice:
        raise _in_the_way(
            delivery,
            _("%(delivery)s is invoiced with %(other)s.") % {"delivery": delivery, "other": invoice},
            _("Take %(other)s back and void it first.") % {"other": invoice},
            invoice,
        )
    if any(line.returned_qty for line in lines):
        raise _in_the_way(
            delivery,
            _("Goods of %(delivery)s came back as a return.") % {"delivery": delivery},
            _("Void the return first."),
        )
    if delivery.signed_at:
        raise _in_the_way(
            delivery,
            _("%(delivery)s was received and signed by %(name)s.") % {"delivery": delivery, "name": delivery.signed_by},
            _("Goods the customer has come back with a return."),
        )
    if closed:
        raise _in_the_way(
            delivery,
            _("%(order)s is closed by hand.") % {"order": closed},
            _("Reopen the order first."),
            closed,
        )


def _in_the_way(delivery: SalesDelivery, message: str, way_out: str, other: Any = None) -> CannotUnapproveDelivery:
    return CannotUnapproveDelivery(
        message,
        document=delivery.number,
        field="approval",
        value=other.number if other else None,
        way_out=way_out,
        links=[link_to(other)] if other else [],
    )
