"""Filling warehouses up: transfer first, then purchase (SCM-06, INV-08).

Two needs, one way. Orders that are short in a warehouse get goods that lie free in another; what is left is bought. And a
warehouse with a rule is filled up to ``factor`` × what it sold. What is under way, ordered or drafted counts, so that running
twice proposes nothing twice.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backend.availability.events import ShortageFound
from backend.availability.models import Suggestion, SuggestionState
from backend.availability.services.loading import load_terms
from backend.availability.terms import ItemTerms
from backend.inventory.models import ReplenishmentRule, StockBalance, StockMove, Transfer, WarehouseKind
from backend.inventory.selectors.abc import abc_classes
from backend.inventory.services import transfers
from backend.inventory.services.drafting import warehouse_of
from backend.inventory.services.inputs import TransferLineInput
from backend.kernel import audit, clock
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.kernel.language import in_books
from backend.kernel.locking import hold_lock
from backend.kernel.money import ZERO
from backend.processes.procure_to_pay import remind_buyer_of_shortage
from backend.purchasing.models import PurchaseOrder, PurchaseRequisition
from backend.purchasing.services import orders, requisitions
from backend.purchasing.services.inputs import LineInput, OrderData, RequisitionData, RequisitionLineInput
from backend.purchasing.services.lines import items_of
from backend.purchasing.services.quota_sharing import Want, share_out
from backend.sales.events import SalesDeliveryApproved
from backend.workflow import parameters
from backend.workflow.services import create_task


@dataclass(frozen=True)
class Source:
    """So much can be had from another warehouse."""

    warehouse_id: UUID
    warehouse_name: str
    qty: Decimal


@dataclass
class Split:
    """How a need is met: so much from other warehouses, the rest bought as the supplier sells it."""

    item_id: UUID
    warehouse_id: UUID
    need: Decimal
    sources: list[Source] = field(default_factory=list)
    to_buy: Decimal = ZERO

    @property
    def to_move(self) -> Decimal:
        return sum((source.qty for source in self.sources), ZERO)


def free_elsewhere(item_ids: Collection[UUID]) -> dict[UUID, list[Source]]:
    """What lies free of items in the warehouses of the company, the most first; one statement."""
    rows = (
        StockBalance.objects.filter(
            item_id__in=item_ids, warehouse__kind=WarehouseKind.STOCK, warehouse__active=True, on_hand__gt=0
        )
        .select_related("warehouse")
        .order_by("item_id", "warehouse_id")
    )
    found: dict[UUID, list[Source]] = defaultdict(list)
    for row in rows:
        if row.available > 0:
            found[row.item_id].append(Source(row.warehouse_id, row.warehouse.name, row.available))
    for sources in found.values():
        sources.sort(key=lambda source: (-source.qty, str(source.warehouse_id)))
    return found


def split(needs: Sequence[tuple[UUID, UUID, Decimal]]) -> list[Split]:
    """Share what lies free elsewhere among (item, warehouse, quantity) needs in their order; two statements."""
    items = {item_id for item_id, _place, _qty in needs}
    left = {item_id: dict[UUID, Source]() for item_id in items}
    for item_id, sources in free_elsewhere(items).items():
        left[item_id] = {source.warehouse_id: source for source in sources}
    terms = load_terms(items)
    wanting = {(item_id, place) for item_id, place, _qty in needs}
    made = []
    for item_id, place, need in needs:
        found = Split(item_id, place, need)
        rest = need
        for key, source in list(left[item_id].items()):
            take = min(rest, source.qty)
            if key == place or take <= 0 or (item_id, key) in wanting:
                continue
            found.sources.append(Source(key, source.warehouse_name, take))
            left[item_id][key] = Source(key, source.warehouse_name, source.qty - take)
            rest -= take
        found.to_buy = terms[item_id].order_qty(rest) if rest > 0 else ZERO
        made.append(found)
    return made


# --- orders that are short -----------------------------------------------------------------------
def splits_of(suggestions: Iterable[Suggestion]) -> dict[UUID, Split]:
    """How the shortages behind suggestions could be met; those who need it first are served first."""
    rows = sorted(suggestions, key=lambda row: (row.need_date, row.pk))
    made = split([(row.item_id, row.warehouse_id, row.need_qty) for row in rows])
    return {row.pk: found for row, found in zip(rows, made, strict=True)}


def transfer_first(*, suggestion_ids: Collection[UUID], actor: Actor, at: datetime) -> list[Transfer]:
    """Ask for what lies free elsewhere; the suggestions keep what is to be bought. One transfer for two warehouses."""
    with transaction.atomic():
        hold_lock("inventory.replenishment")
        rows = Suggestion.objects.filter(pk__in=suggestion_ids, state=SuggestionState.LIVE)
        found = splits_of(rows)
        return _transfers(found.values(), actor, at, {(row.item_id, row.warehouse_id): row.pk for row in rows})


@subscribe(ShortageFound, when="after_commit")
def move_what_lies_elsewhere(event: ShortageFound, actor: Actor) -> None:
    """Where the company wants it: transfers are asked for at once, and the buyer reads what is left to be bought."""
    if not parameters.get("inventory.auto_transfer"):
        return
    made = transfer_first(suggestion_ids=[UUID(str(event.suggestion_id))], actor=Actor.system(), at=timezone.now())
    if made:
        remind_buyer_of_shortage(event, actor)


def _transfers(
    splits: Iterable[Split], actor: Actor, at: datetime, suggestions: dict[tuple[UUID, UUID], UUID] | None = None
) -> list[Transfer]:
    lines: dict[tuple[UUID, UUID], list[TransferLineInput]] = defaultdict(list)
    for row in splits:
        for source in row.sources:
            known = (suggestions or {}).get((row.item_id, row.warehouse_id))
            lines[source.warehouse_id, row.warehouse_id].append(TransferLineInput(row.item_id, source.qty, None, known))
    today = clock.day_of(at)
    days = timedelta(days=int(parameters.get("inventory.transfer_days")))
    made = []
    for (source_id, destination_id), wanted in sorted(lines.items()):
        draft = transfers.save_transfer(
            doc_date=today,
            source_id=source_id,
            destination_id=destination_id,
            expected_date=today + days,
            lines=wanted,
            actor=actor,
            at=at,
        )
        made.append(transfers.submit_transfer(document_id=draft.pk, actor=actor, at=at))
    return made


# --- filling up ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Proposal:
    """An item of a warehouse: need = target − free − coming − drafted, where target = sold × factor."""

    item_id: UUID
    code: str
    name: str
    unit: str
    sold: Decimal
    target: Decimal
    free: Decimal
    coming: Decimal
    drafted: Decimal
    need: Decimal
    reorder_point: Decimal
    abc: str
    split: Split
    terms: ItemTerms

    @property
    def due(self) -> bool:
        """At or below the point at which it has to be ordered so as not to run out."""
        return self.free + self.coming + self.drafted <= self.reorder_point


_NEEDS = """
WITH sold AS (
    SELECT m.item_id, sum(m.qty_out - m.qty_in) AS qty FROM inventory_stock_move m
    LEFT JOIN inventory_stock_move o ON o.id = m.reverses_id
    WHERE m.warehouse_id = %(place)s AND coalesce(o.kind, m.kind) = 'sales_delivery' AND m.move_date > %(since)s
    GROUP BY m.item_id
)
SELECT i.id, i.code, i.name, u.name, u.decimals, s.qty, i.safety_stock,
       coalesce(b.on_hand - b.reserved - b.blocked, 0),
       coalesce((SELECT sum(l.open_qty - coalesce((SELECT sum(p.qty) FROM availability_peg p WHERE p.supply_id = l.id), 0))
                 FROM availability_supply_line l
                 WHERE l.item_id = i.id AND l.warehouse_id = %(place)s AND l.open_qty > 0), 0),
       coalesce((SELECT sum(l.qty) FROM purchasing_order_line l JOIN purchasing_order d ON d.id = l.document_id
                 WHERE l.item_id = i.id AND d.warehouse_id = %(place)s AND l.suggestion_id IS NULL
                   AND d.approval IN ('draft', 'submitted')), 0)
       + coalesce((SELECT sum(greatest(l.qty - l.ordered_qty, 0)) FROM purchasing_requisition_line l
                   JOIN purchasing_requisition d ON d.id = l.document_id
                   WHERE l.item_id = i.id AND d.warehouse_id = %(place)s AND l.suggestion_id IS NULL
                     AND d.approval IN ('draft', 'submitted', 'approved') AND d.closing = 'open'), 0)
FROM sold s JOIN catalog_item i ON i.id = s.item_id AND i.active AND i.item_type = 'goods'
JOIN catalog_unit u ON u.id = i.unit_id
LEFT JOIN inventory_stock_balance b ON b.item_id = i.id AND b.warehouse_id = %(place)s
WHERE s.qty > 0 ORDER BY i.sort_key, i.code
"""


def proposals(rule: ReplenishmentRule, day: date) -> list[Proposal]:
    """What the warehouse lacks of what it sells, and where it would come from; four statements."""
    with connection.cursor() as cursor:
        cursor.execute(_NEEDS, {"place": rule.warehouse_id, "since": day - timedelta(days=rule.days)})
        rows = cursor.fetchall()
    needs = {}
    for row in rows:
        step = Decimal(1).scaleb(-min(row[4], 4))
        target = (row[5] * rule.factor).quantize(step, ROUND_CEILING)
        need = target - row[7] - row[8] - row[9]
        if need > 0:
            needs[row[0]] = (row, target, need)
    if not needs:
        return []
    splits = split([(item_id, rule.warehouse_id, need) for item_id, (_row, _target, need) in needs.items()])
    terms, classes = load_terms(set(needs)), abc_classes(day, warehouse_id=rule.warehouse_id)
    return [
        _proposal(rule, *needs[found.item_id], found, terms[found.item_id], classes.get(found.item_id, "C"))
        for found in splits
    ]


def _proposal(
    rule: ReplenishmentRule, row: Any, target: Decimal, need: Decimal, found: Split, terms: ItemTerms, abc: str
) -> Proposal:
    days = (terms.lead_days or 0) + (terms.transport_days or 0)
    point = row[6] + row[5] / rule.days * days
    return Proposal(
        item_id=row[0],
        code=row[1],
        name=row[2],
        unit=row[3],
        sold=row[5],
        target=target,
        free=row[7],
        coming=row[8],
        drafted=row[9],
        need=need,
        reorder_point=point,
        abc=abc,
        split=found,
        terms=terms,
    )


@dataclass(frozen=True)
class Filled:
    """What was written: transfers asked for, draft orders or a requisition, and items that nobody is known to sell."""

    transfers: tuple[Transfer, ...]
    orders: tuple[PurchaseOrder, ...]
    without_supplier: tuple[str, ...]
    requisitions: tuple[PurchaseRequisition, ...] = ()

    @property
    def bought(self) -> tuple[PurchaseOrder | PurchaseRequisition, ...]:
        return (*self.orders, *self.requisitions)


def fill_up(
    *, rule_id: UUID, actor: Actor, at: datetime, item_ids: Collection[UUID] | None = None, only_due: bool = False
) -> Filled:
    """Ask for what lies elsewhere and draft orders for the rest; ``only_due``: class A at its reorder point.

    Where the company buys on request the rest becomes one draft requisition.
    """
    with transaction.atomic():
        hold_lock("inventory.replenishment")
        rule = ReplenishmentRule.objects.select_related("warehouse").get(pk=rule_id)
        found = [row for row in proposals(rule, clock.day_of(at)) if item_ids is None or row.item_id in item_ids]
        if only_due:
            found = [row for row in found if row.due and row.abc == "A"]
        moved = _transfers([row.split for row in found], actor, at)
        if parameters.get("purchasing.request_first"):
            return Filled(tuple(moved), (), (), _requests(rule, found, actor, at))
        bought, left = _orders(rule, found, actor, at)
    return Filled(tuple(moved), tuple(bought), tuple(left))


def _requests(
    rule: ReplenishmentRule, found: Iterable[Proposal], actor: Actor, at: datetime
) -> tuple[PurchaseRequisition, ...]:
    """One draft for the warehouse; whoever orders it chooses suppliers that nobody knows yet."""
    today = clock.day_of(at)
    lines = [
        RequisitionLineInput(
            row.item_id, qty, requested_date=row.terms.arrival(today) or today, supplier_id=supplier_id
        )
        for row, supplier_id, qty in _sources(found, today)
    ]
    if not lines:
        return ()
    reason = in_books(lambda: _("To fill up %(place)s") % {"place": rule.warehouse})
    days = [line.requested_date for line in lines if line.requested_date]
    data = RequisitionData(max(days), lines, reason=reason, warehouse_id=rule.warehouse_id, doc_date=today)
    return (requisitions.save_requisition(data=data, actor=actor, at=at),)


def _orders(
    rule: ReplenishmentRule, found: Iterable[Proposal], actor: Actor, at: datetime
) -> tuple[list[PurchaseOrder], list[str]]:
    """One draft for each supplier, wanted on the day its goods could be here."""
    by_supplier: dict[UUID, list[tuple[Proposal, Decimal]]] = defaultdict(list)
    left, today, made = [], clock.day_of(at), []
    for row, supplier_id, qty in _sources(found, today):
        if supplier_id is None:
            left.append(row.code)
        else:
            by_supplier[supplier_id].append((row, qty))
    for supplier_id, rows in sorted(by_supplier.items()):
        wanted = max(row.terms.arrival(today) or today for row, _qty in rows)
        data = OrderData(
            supplier_id=supplier_id,
            requested_date=wanted,
            warehouse_id=rule.warehouse_id,
            lines=[LineInput(row.item_id, qty) for row, qty in rows],
        )
        made.append(orders.save_order(data=data, actor=actor, at=at))
    return made, left


def _sources(found: Iterable[Proposal], today: date) -> list[tuple[Proposal, UUID | None, Decimal]]:
    """How much of each proposal is bought where: by the item's quota, else from its own supplier; None: nobody sells it."""
    rows = [row for row in found if row.split.to_buy > 0]
    items = items_of(row.item_id for row in rows)
    shared = share_out([Want(row.item_id, items[row.item_id], row.split.to_buy) for row in rows], day=today, lock=True)
    made: list[tuple[Proposal, UUID | None, Decimal]] = []
    for row in rows:
        if row.item_id not in shared:
            made.append((row, row.terms.supplier_id, row.split.to_buy))
        elif parts := shared[row.item_id].parts:
            made += [(row, part.supplier.pk, part.qty) for part in parts]
        else:
            made.append((row, None, row.split.to_buy))
    return made


def save_rule(
    *, warehouse_id: UUID, days: int, factor: Decimal, automatic: bool, active: bool, actor: Actor, at: datetime
) -> ReplenishmentRule:
    """Write how a warehouse is filled up."""
    with transaction.atomic():
        place = warehouse_of(warehouse_id)
        rule, made = ReplenishmentRule.objects.update_or_create(
            warehouse=place, defaults={"days": days, "factor": factor, "automatic": automatic, "active": active}
        )
        changes = {"replenishment": ["", f"{days} × {factor}"]}
        audit.record(place, "create" if made else "edit", actor=actor, at=at, changes=changes)
    return rule


# --- without a click -----------------------------------------------------------------------------
@subscribe(SalesDeliveryApproved, when="after_commit")
def fill_up_hot_items(event: SalesDeliveryApproved, actor: Actor) -> None:
    """Items of class A that fell to their reorder point are asked for and drafted at once, where the rule says so."""
    moved = StockMove.objects.filter(doc_id=event.aggregate_id, warehouse__replenishmentrule__automatic=True)
    places = set(moved.filter(warehouse__replenishmentrule__active=True).values_list("warehouse_id", "item_id"))
    for rule in ReplenishmentRule.objects.filter(warehouse__in={place for place, _item in places}).select_related(
        "warehouse"
    ):
        items = {item for place, item in places if place == rule.warehouse_id}
        done = fill_up(rule_id=rule.pk, item_ids=items, only_due=True, actor=Actor.system(), at=timezone.now())
        for order in done.bought:
            params = {"warehouse": str(rule.warehouse), "number": order.number, "lines": str(order.lines.count())}
            create_task(
                kind="inventory.replenished",
                params=params,
                dedupe_key=f"replenished:{order.pk}",
                permission="purchasing.order.approve" if done.orders else "purchasing.requisition.edit",
                subject=order,
                at=timezone.now(),
            )
