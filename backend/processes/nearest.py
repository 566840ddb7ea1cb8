"""From which warehouse an order goes (SCM-11): the nearest that has the goods; split or complete, with days and cost.

A plan is computed, never stored: stock that is free, and the best lane from each warehouse's region to the
customer's. Taking it up writes draft orders only, one for each warehouse, so that every order leaves from one place.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.inventory.models import StockBalance, Warehouse
from backend.kernel import links
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict
from backend.kernel.money import ZERO, plain, total
from backend.logistics.models import Lane
from backend.logistics.regions import region_in
from backend.logistics.services import lanes as ways
from backend.processes.ways import region_of_warehouse
from backend.sales.models import SalesOrder, SalesOrderLine
from backend.sales.services import orders
from backend.sales.services.inputs import LineInput, OrderData
from backend.sales.services.lines import price_of

SPLIT, COMPLETE = "split", "complete"
FAR = 10_000


class CannotAllocateOrder(Conflict):
    """The order is no draft, or there is no such way to ship it."""

    code = "cannot_allocate_order"


@dataclass(frozen=True)
class Place:
    """A warehouse with what is free of each item there, and the lane to the customer, if there is one."""

    warehouse: Warehouse
    lane: Lane | None
    free: Mapping[UUID, Decimal]

    @property
    def days(self) -> int | None:
        return self.lane.days if self.lane else None

    @property
    def nearness(self) -> tuple[int, Decimal, str]:
        cost = self.lane.cost_of(pieces=Decimal(1)) if self.lane else ZERO
        return (self.lane.days if self.lane else FAR, cost, self.warehouse.code)


@dataclass(frozen=True)
class Part:
    """What goes from one warehouse: (order line, quantity)."""

    place: Place
    lines: tuple[tuple[SalesOrderLine, Decimal], ...]

    @property
    def qty(self) -> Decimal:
        return total(qty for _line, qty in self.lines)

    @property
    def cost(self) -> Decimal | None:
        return self.place.lane.cost_of(pieces=self.qty) if self.place.lane else None


@dataclass(frozen=True)
class Option:
    """One way to ship it: all from one place, or parts from several."""

    key: str
    parts: tuple[Part, ...]
    missing: Decimal = ZERO

    @property
    def cost(self) -> Decimal | None:
        costs = [part.cost for part in self.parts]
        return None if None in costs else total(cost for cost in costs if cost is not None)

    @property
    def days(self) -> int | None:
        found = [part.place.days for part in self.parts]
        return None if None in found else max((day for day in found if day is not None), default=None)

    @property
    def words(self) -> str:
        return " + ".join(f"{part.place.warehouse} {plain(part.qty)}" for part in self.parts)


@dataclass(frozen=True)
class Allocation:
    """The places, nearest first, the ways to ship, which one the company's policy takes, and why."""

    order: SalesOrder
    region: str
    places: tuple[Place, ...]
    options: tuple[Option, ...]
    chosen: str
    reasons: tuple[str, ...] = field(default=())

    def option(self, key: str) -> Option | None:
        return next((option for option in self.options if option.key == key), None)


def allocate(order: SalesOrder) -> Allocation:
    """How an order can be shipped; five statements."""
    lines = [line for line in order.lines.select_related("item__unit").order_by("line_no") if line.item.is_stocked]
    places, region = _places(order, {line.item_id for line in lines})
    options = _options(lines, places)
    complete_only = bool(order.customer.customer.ship_complete)
    chosen = _choose(options, complete_only=complete_only)
    reasons = _reasons(options, chosen, complete_only, region) + _lacking(options, chosen, lines)
    return Allocation(order, region, tuple(places), options, chosen, reasons)


def _places(order: SalesOrder, item_ids: set[UUID]) -> tuple[list[Place], str]:
    all_lanes = list(Lane.objects.select_related("carrier"))
    starts = {lane.from_region for lane in all_lanes}
    region = region_in(order.ship_to, {lane.to_region for lane in all_lanes})
    free: dict[UUID, dict[UUID, Decimal]] = {}
    for row in StockBalance.objects.filter(item_id__in=item_ids, on_hand__gt=0):
        free.setdefault(row.warehouse_id, {})[row.item_id] = max(row.available, ZERO)
    places = [
        Place(
            warehouse,
            ways.best(all_lanes, region_of_warehouse(warehouse, starts), region) if region else None,
            free.get(warehouse.pk, {}),
        )
        for warehouse in Warehouse.objects.filter(active=True)
    ]
    return sorted(places, key=lambda place: place.nearness), region


def _options(lines: Sequence[SalesOrderLine], places: Sequence[Place]) -> tuple[Option, ...]:
    complete = next((place for place in places if _has_all(place, lines)), None)
    found = []
    if complete is not None:
        found.append(Option(COMPLETE, (Part(complete, tuple((line, line.qty) for line in lines)),)))
    split = _split(lines, places)
    if split.parts and (complete is None or len(split.parts) > 1):
        found.append(split)
    return tuple(found)


def _has_all(place: Place, lines: Iterable[SalesOrderLine]) -> bool:
    wanted: dict[UUID, Decimal] = {}
    for line in lines:
        wanted[line.item_id] = wanted.get(line.item_id, ZERO) + line.qty
    return bool(wanted) and all(place.free.get(item, ZERO) >= qty for item, qty in wanted.items())


def _split(lines: Sequence[SalesOrderLine], places: Sequence[Place]) -> Option:
    """Each line from the nearest places that have it."""
    left = {place.warehouse.pk: dict(place.free) for place in places}
    taken: dict[UUID, list[tuple[SalesOrderLine, Decimal]]] = {place.warehouse.pk: [] for place in places}
    missing = ZERO
    for line in lines:
        rest = line.qty
        for place in places:
            part = min(rest, left[place.warehouse.pk].get(line.item_id, ZERO))
            if part > 0:
                left[place.warehouse.pk][line.item_id] -= part
                taken[place.warehouse.pk].append((line, part))
                rest -= part
        missing += rest
    parts = tuple(Part(place, tuple(rows)) for place in places if (rows := taken[place.warehouse.pk]))
    return Option(SPLIT, parts, missing)


def _choose(options: Sequence[Option], *, complete_only: bool) -> str:
    """Complete where the customer wants it or where the nearest place has everything; else in parts from the nearest."""
    keys = [option.key for option in options]
    if COMPLETE in keys and (complete_only or SPLIT not in keys):
        return COMPLETE
    return SPLIT if SPLIT in keys and not complete_only else ""


def _reasons(options: Sequence[Option], chosen: str, complete_only: bool, region: str) -> tuple[str, ...]:
    found = []
    if not region:
        found.append(_("The delivery address lies in no region of a lane: days and cost are not known."))
    if complete_only:
        found.append(_("The customer takes complete deliveries only."))
    if not options:
        found.append(_("No warehouse has any of it."))
    elif not chosen:
        found.append(_("No warehouse has all of it: it waits until one has."))
    elif chosen == COMPLETE:
        found.append(_("The nearest warehouse that has everything ships it."))
    else:
        found.append(_("The nearest warehouse ships what it has, the next one the rest."))
    return tuple(found)


def _lacking(options: Sequence[Option], chosen: str, lines: Sequence[SalesOrderLine]) -> tuple[str, ...]:
    """What the nearest place lacks, where that is why the order is split."""
    split = next((option for option in options if option.key == SPLIT), None)
    if chosen != SPLIT or split is None:
        return ()
    place = split.parts[0].place
    wanted: dict[UUID, Decimal] = {}
    for line in lines:
        wanted[line.item_id] = wanted.get(line.item_id, ZERO) + line.qty
    names = {line.item_id: line.item.name for line in lines}
    found = (
        _("%(place)s has %(have)s of %(wanted)s: %(item)s.")
        % {"place": place.warehouse, "have": plain(have), "wanted": plain(qty), "item": names[item]}
        for item, qty in wanted.items()
        if (have := place.free.get(item, ZERO)) < qty
    )
    return tuple(islice(found, 3))


def better_way(order: SalesOrder) -> Allocation | None:
    """How a draft would better leave than from its own warehouse; nothing where no lane says what is near."""
    if not order.is_draft or not Lane.objects.exists():
        return None
    plan = allocate(order)
    option = plan.option(plan.chosen)
    if option is None or not plan.region:
        return None
    stays = [part.place.warehouse.pk for part in option.parts] == [order.warehouse_id]
    return None if stays else plan


# --- taking it up ------------------------------------------------------------------------------
def take_up(*, order_id: UUID, key: str, actor: Actor, at: datetime) -> list[SalesOrder]:
    """Let a draft leave from where the option says: its warehouse changes; other parts become drafts beside it."""
    with transaction.atomic():
        order = SalesOrder.objects.select_for_update(of=("self",)).select_related("customer__customer").get(pk=order_id)
        if not order.is_draft:
            raise CannotAllocateOrder(
                _("%(order)s is no draft any more.") % {"order": order},
                document=order.number,
                field="approval",
                value=order.approval,
                way_out=_("Take it back first."),
            )
        option = allocate(order).option(key)
        if option is None:
            raise CannotAllocateOrder(
                _("%(order)s cannot be shipped like that any more.") % {"order": order},
                document=order.number,
                field="option",
                value=key,
                way_out=_("Look at the stock again."),
            )
        return _write(order, option, actor, at)


def _write(order: SalesOrder, option: Option, actor: Actor, at: datetime) -> list[SalesOrder]:
    all_lines = list(order.lines.select_related("item").order_by("line_no"))
    first, *others = option.parts
    elsewhere = {line.pk: ZERO for line in all_lines}
    for part in others:
        for line, qty in part.lines:
            elsewhere[line.pk] += qty
    stays = tuple(
        _line(line, line.qty - elsewhere[line.pk], order, keep=True)
        for line in all_lines
        if line.qty > elsewhere[line.pk]
    )
    head = _head(order, stays)
    data = replace(head, warehouse_id=first.place.warehouse.pk)
    made = [orders.save_order(data=data, order_id=order.pk, actor=actor, at=at)]
    for part in others:
        lines = tuple(_line(line, qty, order) for line, qty in part.lines)
        data = replace(head, lines=lines, warehouse_id=part.place.warehouse.pk)
        beside = orders.save_order(data=data, actor=actor, at=at)
        links.link(order, beside)
        made.append(beside)
    return made


def _line(line: SalesOrderLine, qty: Decimal, order: SalesOrder, *, keep: bool = False) -> LineInput:
    return LineInput(
        item_id=line.item_id,
        qty=qty,
        price=price_of(line, order),
        discount_pct=line.discount_pct,
        tax_rate=line.tax_rate,
        requested_date=line.requested_date,
        description=line.description,
        id=line.pk if keep else None,
    )


def _head(order: SalesOrder, lines: tuple[LineInput, ...]) -> OrderData:
    return OrderData(
        customer_id=order.customer_id,
        requested_date=order.requested_date,
        lines=lines,
        doc_date=order.doc_date,
        warehouse_id=order.warehouse_id,
        customer_ref=order.customer_ref,
        ship_to=order.ship_to,
        exchange_rate=order.exchange_rate,
        price_includes_tax=order.price_includes_tax,
        payment_days=order.payment_days,
        salesperson_id=order.salesperson_id,
        salesperson_name=order.salesperson_name,
        remark=order.remark,
    )
