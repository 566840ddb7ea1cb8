"""Stock that runs low: known to purchasing and sales as soon as goods are sold or leave (INV-03)."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from backend.access.selectors import members_with
from backend.availability.models import DemandLine
from backend.catalog.models import Item
from backend.inventory.events import (
    AssemblyApproved,
    OtherIssueApproved,
    OtherReceiptApproved,
    StockCountApproved,
    TransferReceived,
    TransferShipped,
)
from backend.inventory.models import StockMove, Warehouse
from backend.inventory.services.alerts import Alerted, look_at_stock
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.processes.inquirers import calls_are_over, tell_sellers
from backend.processes.telling import plain_qty
from backend.purchasing.events import PurchaseReceiptApproved
from backend.sales.events import SalesDeliveryApproved, SalesOrderApproved
from backend.workflow.services import TaskInput, complete_tasks, create_tasks, notify

BUYERS, SELLERS = "purchasing.suggestion.edit", "sales.order.edit"


def _key(item_id: Any, warehouse_id: Any) -> str:
    return f"low:{item_id}:{warehouse_id}"


def tell(found: Alerted, actor: Actor) -> int:
    """A to-do for buyers, and sales know, of each item that is low now; to-dos of what is not low any more go.

    Who looks after customers that asked for it reads their names (``inquirers``), the others who sell what is left.
    """
    at, over = timezone.now(), [row for row in found.over if row[0] == "low"]
    for _kind, item_id, warehouse_id in over:
        complete_tasks(dedupe_key=_key(item_id, warehouse_id), actor=actor, at=at)
    calls_are_over((row[1] for row in over), actor=actor, at=at)
    low = [row for row in found.fresh if row[0] == "low"]
    if not low:
        return 0
    items = Item.objects.in_bulk([row[1] for row in low])
    places = Warehouse.objects.in_bulk([row[2] for row in low])
    words = {
        (item_id, warehouse_id): {
            "item": str(items[item_id]),
            "warehouse": str(places[warehouse_id]),
            "qty": plain_qty(qty),
            "threshold": plain_qty(threshold),
        }
        for _kind, item_id, warehouse_id, qty, threshold in low
    }
    sellers = {member.pk for member in members_with(SELLERS)}
    told = tell_sellers({item_id: params for (item_id, _place), params in words.items()}, sellers=sellers, at=at)
    tasks = []
    for (item_id, warehouse_id), params in words.items():
        key = _key(item_id, warehouse_id)
        tasks.append(TaskInput("inventory.low", key, params, permission=BUYERS, subject=items[item_id]))
        notify(
            kind="inventory.low",
            params=params,
            url=f"/inventory/stock/{item_id}/",
            dedupe_key=f"{key}:{at:%Y%m%d}",
            members=sellers - told[item_id],
            mail=False,
            actor=actor,
            at=at,
        )
    create_tasks(tasks, at=at)
    return len(low)


def _look(item_ids: set[UUID], actor: Actor) -> None:
    if item_ids:
        tell(look_at_stock(at=timezone.now(), item_ids=item_ids), actor)


@subscribe(SalesOrderApproved, when="after_commit")
def watch_what_is_sold(event: SalesOrderApproved, actor: Actor) -> None:
    """What is promised to a customer is not free any more."""
    _look(set(DemandLine.objects.filter(ref_id=event.aggregate_id).values_list("item_id", flat=True)), actor)


@subscribe(SalesDeliveryApproved, when="after_commit")
@subscribe(PurchaseReceiptApproved, when="after_commit")
@subscribe(OtherReceiptApproved, when="after_commit")
@subscribe(OtherIssueApproved, when="after_commit")
@subscribe(TransferShipped, when="after_commit")
@subscribe(TransferReceived, when="after_commit")
@subscribe(StockCountApproved, when="after_commit")
@subscribe(AssemblyApproved, when="after_commit")
def watch_what_moved(event: Any, actor: Actor) -> None:
    """What left may be low now; what came may not be any more."""
    _look(set(StockMove.objects.filter(doc_id=event.aggregate_id).values_list("item_id", flat=True)), actor)
