"""A recall: one step holds the lot and everything it went into, and stops what is being picked of it.

Who has it already is read from the lot graph (``inventory.selectors.recall``). Calling the customers is a to-do of its own.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.inventory.models import Lot
from backend.inventory.selectors.recall import Holder, ReachedLot, holders_of, lots_below
from backend.inventory.services.lots import hold_lots
from backend.kernel import audit
from backend.kernel.actor import Actor
from backend.kernel.document import Approval
from backend.kernel.errors import NotFoundRefused
from backend.sales.models import SalesDeliveryLine
from backend.workflow.services import create_task


@dataclass(frozen=True)
class OpenPick:
    """A delivery that is not booked yet and names a lot of the recall."""

    line_id: UUID
    delivery_id: UUID
    number: str
    customer: str
    lot_no: str
    qty: Decimal


@dataclass(frozen=True)
class Recall:
    """What a recall reaches."""

    lots: tuple[ReachedLot, ...]
    picks: tuple[OpenPick, ...]
    holders: tuple[Holder, ...]


def recall_of(lot_id: UUID) -> Recall:
    """What a recall of the lot would reach, in three statements; raises NotFoundRefused."""
    lots = tuple(lots_below(lot_id))
    if not lots:
        raise NotFoundRefused(_("There is no such lot."), value=lot_id)
    return Recall(lots, open_picks([lot.lot_id for lot in lots]), tuple(holders_of(lot.lot_id for lot in lots)))


def open_picks(lot_ids: list[UUID]) -> tuple[OpenPick, ...]:
    """Deliveries under way that name one of the lots; one statement."""
    lines = SalesDeliveryLine.objects.filter(
        lot__in=lot_ids, document__approval__in=[Approval.DRAFT, Approval.SUBMITTED, Approval.REJECTED]
    ).select_related("document__customer", "lot")
    return tuple(
        OpenPick(
            line.pk,
            line.document_id,
            line.document.number,
            line.document.customer.label,
            line.lot.lot_no if line.lot else "",
            line.qty,
        )
        for line in lines.order_by("document__number", "line_no")
    )


def recall_lot(*, lot_id: UUID, reason: str, actor: Actor, at: datetime) -> Recall:
    """Hold every lot that the recall reaches and take them off deliveries that are being picked.

    Raises CannotChangeLot without a reason. Done again it holds what has come since.
    """
    with transaction.atomic():
        found = recall_of(lot_id)
        hold_lots(lot_ids=[lot.lot_id for lot in found.lots], reason=reason, actor=actor, at=at)
        SalesDeliveryLine.objects.filter(pk__in=[pick.line_id for pick in found.picks]).update(lot=None)
        lot = Lot.objects.select_related("item").get(pk=lot_id)
        audit.record(lot, "recall", actor=actor, at=at, reason=reason, changes=_figures(found))
        if found.holders:
            _ask_to_call(lot, found, reason, at)
    return found


def _figures(found: Recall) -> dict[str, list[str]]:
    customers = {holder.party_id for holder in found.holders}
    return {
        "lots": ["", str(len(found.lots))],
        "picks": ["", str(len(found.picks))],
        "customers": ["", str(len(customers))],
    }


def _ask_to_call(lot: Lot, found: Recall, reason: str, at: datetime) -> None:
    create_task(
        kind="inventory.recall",
        params={
            "lot": lot.lot_no,
            "item": str(lot.item),
            "customers": len({holder.party_id for holder in found.holders}),
            "reason": reason[:200],
        },
        dedupe_key=f"recall:{lot.pk}",
        permission="inventory.lot.edit",
        subject=lot,
        at=at,
    )
