"""Where a lot came from and where it went: read from the lot graph."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import F, QuerySet, Sum

from backend.inventory.models import Lot, LotBalance, LotEdge


@dataclass(frozen=True)
class LotStep:
    """An activity that the lot came out of or went into, with what of it was taken back taken off."""

    doc_type: str
    doc_id: UUID
    number: str
    party_id: UUID | None
    party_name: str
    qty: Decimal
    at: datetime


@dataclass(frozen=True)
class LotTrace:
    """A lot with its sources, what is left where, and who has received it."""

    lot: Lot
    came_from: tuple[LotStep, ...]
    lies_in: tuple[LotBalance, ...]
    went_to: tuple[LotStep, ...]


def lots_of_item(item_id: UUID) -> QuerySet[Lot]:
    """Lots of an item with what is left of them (``left``), earliest expiry first."""
    return (
        Lot.objects.filter(item_id=item_id)
        .annotate(left=Sum("balances__on_hand"))
        .order_by(F("expiry_date").asc(nulls_last=True), "created_at")
    )


def trace_lot(lot_id: UUID) -> LotTrace | None:
    """The lot's story, in three statements whatever its length."""
    lot = Lot.objects.select_related("item", "supplier").filter(pk=lot_id).first()
    if lot is None:
        return None
    sums: dict[UUID, Decimal] = {}
    first: dict[UUID, LotEdge] = {}
    for edge in LotEdge.objects.filter(lot=lot).select_related("party").order_by("id"):
        first.setdefault(edge.activity_id, edge)
        sums[edge.activity_id] = sums.get(edge.activity_id, Decimal(0)) + (
            edge.qty if edge.direction == "out" else -edge.qty
        )
    balances = LotBalance.objects.filter(lot=lot, on_hand__gt=0).select_related("warehouse").order_by("warehouse__code")
    return LotTrace(
        lot=lot,
        came_from=tuple(_step(first[key], qty) for key, qty in sums.items() if qty > 0),
        lies_in=tuple(balances),
        went_to=tuple(_step(first[key], -qty) for key, qty in sums.items() if qty < 0),
    )


def _step(edge: LotEdge, qty: Decimal) -> LotStep:
    return LotStep(
        doc_type=edge.activity_type,
        doc_id=edge.activity_id,
        number=edge.activity_number,
        party_id=edge.party_id,
        party_name=edge.party.label if edge.party else "",
        qty=qty,
        at=edge.at,
    )
