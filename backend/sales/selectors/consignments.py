"""Reads of consignments: the documents, and what lies with an agent."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet, Sum

from backend.inventory.models import LotBalance, StockBalance
from backend.kernel.actor import Actor
from backend.kernel.document import Approval
from backend.kernel.money import ZERO
from backend.sales.models import Consignment, ConsignmentKind, ConsignmentLine
from backend.sales.selectors.scope import numbered, scope

OPEN = (Approval.DRAFT, Approval.SUBMITTED, Approval.REJECTED)


@dataclass(frozen=True)
class Consigned:
    """Goods of an item (and lot) with an agent; ``reported`` of them are in settlements that nobody has booked yet."""

    item: Any
    lot: Any
    unsold: Decimal
    reported: Decimal

    @property
    def key(self) -> tuple[UUID, UUID | None]:
        return self.item.pk, self.lot.pk if self.lot else None

    @property
    def free(self) -> Decimal:
        return max(self.unsold - self.reported, ZERO)


def consignments_visible_to(actor: Actor) -> QuerySet[Consignment]:
    """Consignments, newest first; an agent sees what was booked with him and what he reported."""
    allowed = scope(
        actor,
        permission="sales.consignment.view",
        customer=Q(approval=Approval.APPROVED) | Q(reported=True),
        partner="customer.consignment.view",
    )
    return Consignment.objects.filter(allowed).select_related("customer", "warehouse").order_by("-doc_date", "-id")


def consignment_for(actor: Actor, number: str) -> Consignment | None:
    """One consignment with its lines, or None when it is not for this actor."""
    lines = ConsignmentLine.objects.select_related("item__unit", "lot").order_by("line_no")
    return numbered(consignments_visible_to(actor).prefetch_related(Prefetch("lines", queryset=lines)), number)


def is_agent(actor: Actor) -> bool:
    """Whether anything ever went on consignment to the actor's company that he may see."""
    return consignments_visible_to(actor).exists()


def consigned_with(party_id: UUID | None) -> Sequence[Consigned]:
    """What lies with an agent, by item and lot; three statements, one where nothing does."""
    here: dict[str, Any] = {"warehouse__party": party_id, "warehouse__kind": "customer", "on_hand__gt": 0}
    balances = (
        StockBalance.objects.filter(**here)
        .select_related("item__unit", "item__tax_code")
        .order_by("item__sort_key", "id")
    )
    if not balances:
        return []
    pending = _pending(party_id)
    by_lot = LotBalance.objects.filter(**here).select_related("item__unit", "lot").order_by("lot__lot_no", "id")
    lots: dict[UUID, list[Any]] = defaultdict(list)
    for row in by_lot:
        lots[row.item_id].append(row)
    found = []
    for balance in balances:
        rows = lots.get(balance.item_id) if balance.item.lot_tracked else None
        for row in rows or [balance]:
            lot = row.lot if rows else None
            reported = pending.get((balance.item_id, lot.pk if lot else None), ZERO)
            found.append(Consigned(balance.item, lot, row.on_hand, reported))
    return found


def _pending(party_id: UUID | None) -> dict[tuple[UUID, UUID | None], Decimal]:
    """Quantities in settlements that are not booked, by item and lot."""
    lines = ConsignmentLine.objects.filter(
        document__customer=party_id, document__kind=ConsignmentKind.SOLD, document__approval__in=OPEN
    )
    sums = lines.order_by().values_list("item_id", "lot_id").annotate(qty=Sum("qty"))
    return {(item_id, lot_id): qty for item_id, lot_id, qty in sums}
