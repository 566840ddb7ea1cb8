"""Orders as availability sees them: references with lines that need or bring goods."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from backend.availability import selectors
from backend.availability.models import DemandLine, Suggestion
from backend.availability.selectors.consistency import violations
from backend.availability.services import demand, supply
from backend.availability.services.causes import Cause
from backend.availability.services.demand_lines import DemandInput
from backend.availability.services.supply import SupplyInput
from backend.catalog.models import Item
from backend.inventory.models import Warehouse
from backend.inventory.services.inputs import MoveInput
from backend.inventory.services.moves import post_moves, reverse_moves
from backend.kernel.ids import uuid7
from tests.factories.inventory import AT, SYSTEM, TODAY, main_warehouse

_serial = count(1)
CAUSE = Cause("test", text="a reason")


def day(offset: int) -> date:
    """Days after the day of the tests."""
    return TODAY + timedelta(days=offset)


@dataclass
class Paper:
    """What stands for a document of another area: enough of one to post moves for."""

    DOC_TYPE: str = "test.paper"
    pk: UUID = field(default_factory=uuid7)
    number: str = field(default_factory=lambda: f"D-{next(_serial):05d}")
    doc_date: date = TODAY


@dataclass
class Order:
    """A sales order: one line id for each (item, quantity)."""

    number: str
    id: UUID
    lines: list[DemandLine]

    def line(self, index: int = 0) -> DemandLine:
        return DemandLine.objects.get(pk=self.lines[index].pk)

    def ship(self, qty: Any, index: int = 0, *, at: datetime = AT) -> Paper:
        """Consume the reservation and issue the goods."""
        line, paper = self.lines[index], Paper("test.delivery")
        demand.consume_demand([(line.ref_line_id, Decimal(str(qty)))], actor=SYSTEM, at=at)
        issue(line.item_id, qty, line.warehouse_id, paper=paper)
        return paper

    def take_back(self, paper: Paper, qty: Any, index: int = 0) -> None:
        """Undo a shipment."""
        reverse_moves(document=paper, actor=SYSTEM, at=AT)  # type: ignore[arg-type]
        demand.restore_demand([(self.lines[index].ref_line_id, Decimal(str(qty)))], actor=SYSTEM, at=AT)

    def withdraw(self) -> None:
        demand.withdraw_demand(self.id, actor=SYSTEM, at=AT)

    def promise(self, index: int = 0) -> list[tuple[Decimal, date | None, str]]:
        """The promise as (quantity, date, source) parts."""
        view = selectors.promise_of([self.lines[index].ref_line_id])[self.lines[index].ref_line_id]
        return [(part.qty, part.date, part.source) for part in view.parts]


def order(
    *wanted: tuple[Item, Any], by: int = 10, warehouse: Warehouse | None = None, priority: int = 0, at: datetime = AT
) -> Order:
    """Register an order that wants its goods so many days from now."""
    number, order_id = f"SO-{next(_serial)}", uuid7()
    place = (warehouse or main_warehouse()).pk
    lines = [
        DemandInput(uuid7(), index, item.pk, place, Decimal(str(qty)), day(by))
        for index, (item, qty) in enumerate(wanted, start=1)
    ]
    made = demand.register_demand(
        lines, ref_type="sales.order", ref_id=order_id, ref_number=number, actor=SYSTEM, at=at, priority=priority
    )
    return Order(number, order_id, made)


@dataclass
class Purchase:
    """A purchase order of one line with its schedule."""

    item: Item
    place: UUID
    number: str = field(default_factory=lambda: f"PO-{next(_serial)}")
    id: UUID = field(default_factory=uuid7)
    line_id: UUID = field(default_factory=uuid7)
    suggestion_id: UUID | None = None

    def schedule(self, parts: tuple[tuple[Any, int], ...], firmness: str) -> list[SupplyInput]:
        return [
            SupplyInput(
                ref_line_id=self.line_id,
                schedule_no=number,
                item_id=self.item.pk,
                warehouse_id=self.place,
                qty=Decimal(str(qty)),
                date=day(offset),
                firmness=firmness,
                suggestion_id=self.suggestion_id,
                ref_line_no=1,
            )
            for number, (qty, offset) in enumerate(parts, start=1)
        ]

    def names(self) -> dict[str, Any]:
        return {"ref_type": "purchasing.order", "ref_id": self.id, "ref_number": self.number, "actor": SYSTEM, "at": AT}

    def register(self, *parts: tuple[Any, int]) -> "Purchase":
        supply.register_supply(self.schedule(parts, "requested"), cause=CAUSE, **self.names())
        return self

    def move(self, *parts: tuple[Any, int], cause: Cause = CAUSE) -> None:
        """The supplier answers with this schedule for what is still to come."""
        supply.reschedule_supply({self.line_id: self.schedule(parts, "confirmed")}, cause=cause, **self.names())

    def receive(self, qty: Any, value: Any = 0, lot_id: UUID | None = None) -> Paper:
        paper = Paper("test.receipt")
        receive(self.item, qty, value, self.place, paper=paper, lot_id=lot_id)
        supply.receive_supply([(self.line_id, Decimal(str(qty)))], cause=CAUSE, actor=SYSTEM, at=AT)
        return paper

    def withdraw(self) -> None:
        supply.withdraw_supply(self.id, cause=CAUSE, actor=SYSTEM, at=AT)


def purchase(
    item: Item, *parts: tuple[Any, int], warehouse: Warehouse | None = None, suggestion: Suggestion | None = None
) -> Purchase:
    """An approved purchase order: (quantity, days from now) parts."""
    made = Purchase(item, (warehouse or main_warehouse()).pk, suggestion_id=suggestion.pk if suggestion else None)
    return made.register(*parts)


def receive(item: Item, qty: Any, value: Any, place: UUID, *, paper: Any = None, lot_id: UUID | None = None) -> Any:
    """Goods come in."""
    paper = paper or Paper("test.receipt")
    move = MoveInput(
        "purchase_receipt", item.pk, place, qty_in=Decimal(str(qty)), value_in=Decimal(str(value)), lot_id=lot_id
    )
    post_moves([move], document=paper, actor=SYSTEM, at=AT)
    return paper


def issue(item_id: UUID, qty: Any, place: UUID, *, paper: Any = None, lot_id: UUID | None = None) -> Any:
    """Goods leave."""
    paper = paper or Paper("test.delivery")
    move = MoveInput("sales_delivery", item_id, place, qty_out=Decimal(str(qty)), lot_id=lot_id)
    post_moves([move], document=paper, actor=SYSTEM, at=AT)
    return paper


def suggestion_of(item: Item) -> Suggestion | None:
    """The undecided suggestion of an item."""
    return Suggestion.objects.filter(item=item).exclude(state="accepted").first()


def assert_sound() -> None:
    """Every invariant holds."""
    assert violations() == []
