"""Transfers between warehouses as demand and supply: wanted from the source, dated at the destination.

A submitted transfer holds its goods at the source like an order does, and is a supply of the destination; once it has left
it is on its way. Both warehouses are locked together before anything is written.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from backend.availability.models import DemandLine
from backend.availability.models.lines import Firmness
from backend.availability.services import demand, planning, supply
from backend.availability.services.causes import Cause
from backend.availability.services.demand_lines import DemandInput
from backend.availability.services.supply import SupplyInput
from backend.inventory.events import (
    TransferLeaving,
    TransferReceiptUnapproved,
    TransferReceived,
    TransferShipped,
    TransferSubmitted,
    TransferTakenBack,
    TransferWithdrawn,
)
from backend.inventory.models import Transfer, TransferLine
from backend.inventory.services.balances import lock_balances
from backend.kernel import events
from backend.kernel.actor import Actor


def _at(event: Any) -> datetime:
    """Handlers inside the transaction get the event as it was made, with its time."""
    assert isinstance(event.at, datetime)
    return event.at


def _ref(transfer: Transfer) -> dict[str, Any]:
    return {"ref_type": transfer.DOC_TYPE, "ref_id": transfer.pk, "ref_number": transfer.number}


def _lines(transfer_id: UUID) -> list[TransferLine]:
    found = TransferLine.objects.filter(document_id=transfer_id).select_related("document__source")
    return list(found.order_by("line_no"))


def _coming(lines: Iterable[TransferLine], firmness: str) -> dict[UUID, list[SupplyInput]]:
    """What is still to come of each line."""
    return {
        line.pk: [
            SupplyInput(
                ref_line_id=line.pk,
                schedule_no=1,
                item_id=line.item_id,
                warehouse_id=line.document.destination_id,
                qty=line.qty - line.received_qty - line.lost_qty,
                date=line.document.expected_date,
                firmness=firmness,
                ref_line_no=line.line_no,
            )
        ]
        for line in lines
    }


def _cause(kind: str, transfer: Transfer) -> Cause:
    return Cause.of(kind, transfer, _("From %(warehouse)s") % {"warehouse": transfer.source})


@events.subscribe(TransferSubmitted, when="now")
def ask_for_goods(event: TransferSubmitted, actor: Actor) -> None:
    """Set the goods aside at the source; the destination expects them."""
    at = _at(event)
    lock_balances(event.pairs)
    lines = _lines(event.aggregate_id)
    transfer = lines[0].document
    demand.register_demand(
        [
            DemandInput(line.pk, line.line_no, line.item_id, transfer.source_id, line.qty, transfer.doc_date)
            for line in lines
        ],
        **_ref(transfer),
        actor=actor,
        at=at,
    )
    coming = [part for parts in _coming(lines, Firmness.REQUESTED).values() for part in parts]
    supply.register_supply(coming, **_ref(transfer), cause=_cause("transfer_planned", transfer), actor=actor, at=at)


@events.subscribe(TransferWithdrawn, when="now")
def stop_asking(event: TransferWithdrawn, actor: Actor) -> None:
    """What was set aside is free again, and the destination expects nothing."""
    at = _at(event)
    lock_balances(event.pairs)
    cause = Cause("transfer_withdrawn", "inventory.transfer", event.aggregate_id, event.number)
    demand.withdraw_demand(event.aggregate_id, cause=cause, actor=actor, at=at)
    supply.withdraw_supply(event.aggregate_id, cause=cause, actor=actor, at=at)


@events.subscribe(TransferLeaving, when="now")
def free_for_leaving(event: TransferLeaving, actor: Actor) -> None:
    """The reservation ends where the goods leave; what is not there yet is refused."""
    held = DemandLine.objects.filter(ref_id=event.aggregate_id, open_qty__gt=0)
    demand.consume_demand(list(held.values_list("ref_line_id", "open_qty")), actor=actor, at=_at(event))


@events.subscribe(TransferShipped, when="now")
def expect_arrival(event: TransferShipped, actor: Actor) -> None:
    """The goods are on their way; those of a transfer in one step are there."""
    lines, at = _lines(event.aggregate_id), _at(event)
    transfer = lines[0].document
    cause = _cause("transfer_shipped", transfer)
    if transfer.one_step:
        supply.withdraw_supply(transfer.pk, cause=cause, actor=actor, at=at)
        planning.replan(event.pairs, cause=cause, actor=actor, at=at)
        return
    supply.reschedule_supply(_coming(lines, Firmness.SHIPPED), **_ref(transfer), cause=cause, actor=actor, at=at)


@events.subscribe(TransferTakenBack, when="now")
def expect_nothing(event: TransferTakenBack, actor: Actor) -> None:
    """The goods lie at the source again, free for those who wait there."""
    at = _at(event)
    lock_balances(event.pairs)
    cause = Cause("transfer_taken_back", "inventory.transfer", event.aggregate_id, event.number)
    shipped = DemandLine.objects.filter(ref_id=event.aggregate_id).values_list("ref_line_id", "qty", "open_qty")
    gone: list[tuple[UUID, Decimal]] = [(line, qty - open_qty) for line, qty, open_qty in shipped if qty > open_qty]
    demand.restore_demand(gone, actor=actor, at=at, cause=cause)
    demand.withdraw_demand(event.aggregate_id, cause=cause, actor=actor, at=at)
    supply.withdraw_supply(event.aggregate_id, cause=cause, actor=actor, at=at)
    planning.replan(event.pairs, cause=cause, actor=actor, at=at)


@events.subscribe(TransferReceived, when="now")
def serve_from_arrival(event: TransferReceived, actor: Actor) -> None:
    """Waiting demand is served by what has arrived; what was lost is looked for elsewhere."""
    cause = Cause("transfer_received", "inventory.transfer_receipt", event.aggregate_id, event.number)
    supply.receive_supply(event.arrived, cause=cause, actor=actor, at=_at(event))


@events.subscribe(TransferReceiptUnapproved, when="now")
def expect_again(event: TransferReceiptUnapproved, actor: Actor) -> None:
    """The goods are under way again."""
    lines = [line for line in _lines(UUID(str(event.transfer_id))) if line.pk in dict(event.arrived)]
    transfer = lines[0].document
    cause = _cause("transfer_receipt_taken_back", transfer)
    supply.reschedule_supply(
        _coming(lines, Firmness.SHIPPED), **_ref(transfer), cause=cause, actor=actor, at=_at(event)
    )
