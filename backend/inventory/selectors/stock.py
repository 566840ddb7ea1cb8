"""What lies where, and how it came and went."""

from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from backend.inventory.models import StockBalance, StockMove, Warehouse


def default_warehouse() -> Warehouse | None:
    """The warehouse that new documents start with."""
    return Warehouse.objects.filter(active=True).order_by("-is_default", "code").first()


def active_warehouses() -> QuerySet[Warehouse]:
    """Warehouses to choose from, the default first."""
    return Warehouse.objects.filter(active=True).order_by("-is_default", "code")


def stock_by_warehouse(item_id: UUID) -> QuerySet[StockBalance]:
    """The balances of an item, warehouse by warehouse."""
    return StockBalance.objects.filter(item_id=item_id).select_related("warehouse").order_by("warehouse__code")


def stock_lying_at(kind: str) -> QuerySet[Any]:
    """What of ours lies at places of a kind (processors, the workshop), with what a piece of it is worth as ``unit_value``."""
    lies = StockBalance.objects.select_related("item__unit", "warehouse__party").filter(warehouse__kind=kind)
    return lies.exclude(on_hand=0).annotate(unit_value=F("value") / F("on_hand"))


def moves_of_item(item_id: UUID, *, warehouse_id: UUID | None = None) -> QuerySet[StockMove]:
    """The stock ledger of an item, newest first."""
    moves = StockMove.objects.filter(item_id=item_id).select_related("warehouse", "lot", "party")
    return (moves.filter(warehouse_id=warehouse_id) if warehouse_id else moves).order_by("-id")
