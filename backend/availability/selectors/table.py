"""The table of supply and demand as people look at it: who holds the stock, who waits, what comes, for whom."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import F, QuerySet, Sum
from django.db.models.functions import TruncWeek

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


@dataclass(frozen=True)
class SourceView:
    """What comes for a demand: from which document's line, when, how firm."""

    demand_id: UUID
    ref_type: str
    ref_id: UUID
    ref_number: str
    ref_line_id: UUID
    line_no: int
    party_name: str
    qty: Decimal
    supply_date: date
    former_date: date | None
    firmness: str
    required_date: date

    @property
    def days_late(self) -> int:
        return max((self.supply_date - self.required_date).days, 0)


def sources_of(demand_ids: Collection[UUID]) -> list[SourceView]:
    """What these demands hang on, in the order of their lines and dates; one statement."""
    rows = Peg.objects.filter(demand_id__in=list(demand_ids), supply__isnull=False).select_related(
        "supply__party", "demand"
    )
    found = []
    for row in rows.order_by("demand__ref_line_no", "supply__supply_date", "id"):
        supply = row.supply
        assert supply is not None
        found.append(
            SourceView(
                demand_id=row.demand_id,
                ref_type=supply.ref_type,
                ref_id=supply.ref_id,
                ref_number=supply.ref_number,
                ref_line_id=supply.ref_line_id,
                line_no=supply.ref_line_no,
                party_name=supply.party.label if supply.party else "",
                qty=row.qty,
                supply_date=supply.supply_date,
                former_date=supply.former_date,
                firmness=supply.firmness,
                required_date=row.demand.required_date,
            )
        )
    return found


def demand_by_week(item_ids: Collection[UUID]) -> dict[UUID, list[tuple[date, Decimal]]]:
    """What is still wanted of items by the Monday of its week, whoever wants it; one statement."""
    found: dict[UUID, list[tuple[date, Decimal]]] = {id: [] for id in item_ids}
    rows = DemandLine.objects.filter(item_id__in=list(found), open_qty__gt=0)
    weeks = rows.annotate(week=TruncWeek("required_date")).values("item_id", "week").annotate(qty=Sum("open_qty"))
    for row in weeks.order_by("item_id", "week"):
        found[row["item_id"]].append((row["week"], row["qty"]))
    return found
