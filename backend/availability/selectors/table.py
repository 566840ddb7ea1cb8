"""The table of supply and demand as people look at it: who holds the stock, who waits, what comes, for whom."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import F, QuerySet

from backend.availability.models import DemandLine, Peg, SupplyLine


@dataclass(frozen=True)
class DemandView:
    """An order line that holds stock or waits for it."""

    ref_type: str
    ref_id: UUID
    ref_number: str
    ref_line_id: UUID
    line_no: int
    party_id: UUID | None
    party_name: str
    warehouse_name: str
    open_qty: Decimal
    reserved_qty: Decimal
    required_date: date
    promise_date: date | None

    @property
    def waiting_qty(self) -> Decimal:
        return self.open_qty - self.reserved_qty


def reservations_of(item_id: UUID, *, warehouse_id: UUID | None = None) -> list[DemandView]:
    """Who holds the reserved stock of an item; their ``reserved_qty`` add up to what is reserved. One statement."""
    return _demands(DemandLine.objects.filter(item_id=item_id, reserved_qty__gt=0), warehouse_id)


def waiting_of(item_id: UUID, *, warehouse_id: UUID | None = None) -> list[DemandView]:
    """Who waits for an item. One statement."""
    open_lines = DemandLine.objects.filter(item_id=item_id, open_qty__gt=F("reserved_qty"))
    return _demands(open_lines, warehouse_id)


def _demands(rows: QuerySet[DemandLine], warehouse_id: UUID | None) -> list[DemandView]:
    if warehouse_id:
        rows = rows.filter(warehouse_id=warehouse_id)
    rows = rows.select_related("party", "warehouse", "promise").order_by("-priority", "required_date", "id")
    return [
        DemandView(
            ref_type=row.ref_type,
            ref_id=row.ref_id,
            ref_number=row.ref_number,
            ref_line_id=row.ref_line_id,
            line_no=row.ref_line_no,
            party_id=row.party_id,
            party_name=row.party.label if row.party else "",
            warehouse_name=row.warehouse.name,
            open_qty=row.open_qty,
            reserved_qty=row.reserved_qty,
            required_date=row.required_date,
            promise_date=row.promise.promise_date,
        )
        for row in rows
    ]


@dataclass(frozen=True)
class SupplyView:
    """Something that comes, and how much of it nobody has yet."""

    ref_type: str
    ref_id: UUID
    ref_number: str
    ref_line_id: UUID
    line_no: int
    party_name: str
    warehouse_name: str
    open_qty: Decimal
    free_qty: Decimal
    supply_date: date
    firmness: str
    dated_at: datetime
    former_date: date | None


def supplies_of(item_id: UUID, *, warehouse_id: UUID | None = None) -> list[SupplyView]:
    """What comes of an item, earliest first; two statements."""
    rows = SupplyLine.objects.filter(item_id=item_id, open_qty__gt=0)
    if warehouse_id:
        rows = rows.filter(warehouse_id=warehouse_id)
    rows = rows.select_related("party", "warehouse").prefetch_related("pegs").order_by("supply_date", "id")
    return [
        SupplyView(
            ref_type=row.ref_type,
            ref_id=row.ref_id,
            ref_number=row.ref_number,
            ref_line_id=row.ref_line_id,
            line_no=row.ref_line_no,
            party_name=row.party.label if row.party else "",
            warehouse_name=row.warehouse.name,
            open_qty=row.open_qty,
            free_qty=row.open_qty - sum((peg.qty for peg in row.pegs.all()), Decimal(0)),
            supply_date=row.supply_date,
            firmness=row.firmness,
            dated_at=row.dated_at,
            former_date=row.former_date,
        )
        for row in rows
    ]


@dataclass(frozen=True)
class PegView:
    """Which customer's line hangs on an order line, and how much of it."""

    supply_line_id: UUID
    ref_type: str
    ref_id: UUID
    ref_number: str
    line_no: int
    party_id: UUID | None
    party_name: str
    qty: Decimal
    required_date: date
    promise_date: date | None


def pegs_of_supply(ref_line_ids: Collection[UUID]) -> dict[UUID, list[PegView]]:
    """The customers' lines that hang on these order lines; one statement."""
    found: dict[UUID, list[PegView]] = {id: [] for id in ref_line_ids}
    rows = Peg.objects.filter(supply__ref_line_id__in=list(found)).select_related(
        "supply", "demand__party", "demand__promise"
    )
    for row in rows.order_by("supply__supply_date", "demand__required_date", "id"):
        demand = row.demand
        assert row.supply is not None
        found[row.supply.ref_line_id].append(
            PegView(
                supply_line_id=row.supply.pk,
                ref_type=demand.ref_type,
                ref_id=demand.ref_id,
                ref_number=demand.ref_number,
                line_no=demand.ref_line_no,
                party_id=demand.party_id,
                party_name=demand.party.label if demand.party else "",
                qty=row.qty,
                required_date=demand.required_date,
                promise_date=demand.promise.promise_date,
            )
        )
    return found
