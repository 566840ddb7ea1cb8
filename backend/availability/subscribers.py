"""What availability does when stock itself changes below: reservations give way, waiting demand is served."""

from datetime import datetime

from backend.availability import transfers  # noqa: F401 - imported for what it subscribes
from backend.availability.services import planning
from backend.availability.services.causes import Cause
from backend.inventory.events import (
    AssemblyApproved,
    AssemblyUnapproved,
    LotsChanged,
    OpeningStockApproved,
    OtherIssueUnapproved,
    OtherReceiptApproved,
    OtherReceiptUnapproved,
    StockClaimed,
    StockCountApproved,
    StockCountUnapproved,
    StockDocumentEvent,
)
from backend.kernel import events
from backend.kernel.actor import Actor


def _moment(at: datetime | str) -> datetime:
    """Handlers inside the transaction get the event as it was made, with its time."""
    assert isinstance(at, datetime)
    return at


@events.subscribe(StockClaimed, when="now")
def let_reservations_give_way(event: StockClaimed, actor: Actor) -> None:
    """Free what a hold or reversal takes, or name who holds it."""
    planning.release_stock(event.claims, release=event.release, document=event.number)


@events.subscribe(LotsChanged, when="now")
def plan_after_lots_changed(event: LotsChanged, actor: Actor) -> None:
    """Held stock is promised no more; released stock goes to those who wait."""
    cause = Cause(f"lot_{event.verb}", "inventory.lot", event.aggregate_id, event.lots[0][1], event.reason)
    planning.replan(event.pairs, cause=cause, actor=actor, at=_moment(event.at))


@events.subscribe(OpeningStockApproved, when="now")
def plan_after_opening_stock(event: OpeningStockApproved, actor: Actor) -> None:
    """The first stock goes to those who wait."""
    cause = Cause("opening_stock", "inventory.opening_stock", event.aggregate_id, event.number)
    planning.replan(event.pairs, cause=cause, actor=actor, at=_moment(event.at))


@events.subscribe(OtherReceiptApproved, when="now")
@events.subscribe(OtherReceiptUnapproved, when="now")
@events.subscribe(OtherIssueUnapproved, when="now")
def plan_after_stock_document(event: StockDocumentEvent, actor: Actor) -> None:
    """What came in goes to those who wait; what was taken from them is looked for elsewhere."""
    kind = "other_issue" if isinstance(event, OtherIssueUnapproved) else "other_receipt"
    cause = Cause(kind, f"inventory.{kind}", event.aggregate_id, event.number)
    planning.replan(event.pairs, cause=cause, actor=actor, at=_moment(event.at))


@events.subscribe(StockCountApproved, when="now")
@events.subscribe(StockCountUnapproved, when="now")
def plan_after_count(event: StockDocumentEvent, actor: Actor) -> None:
    """What was found can be promised; what is missing is looked for elsewhere."""
    cause = Cause("stock_count", "inventory.count", event.aggregate_id, event.number)
    planning.replan(event.pairs, cause=cause, actor=actor, at=_moment(event.at))


@events.subscribe(AssemblyApproved, when="now")
@events.subscribe(AssemblyUnapproved, when="now")
def plan_after_assembly(event: StockDocumentEvent, actor: Actor) -> None:
    """Kits go to those who wait for kits, components to those who wait for components."""
    cause = Cause("assembly", "inventory.assembly", event.aggregate_id, event.number)
    planning.replan(event.pairs, cause=cause, actor=actor, at=_moment(event.at))
