"""Transfers: goods go from one warehouse to another, and lie in the transit warehouse on the way.

Submitting sets the goods aside and announces them (availability listens). Approval lets them leave: source −, transit +; a
transfer in one step arrives at once. Quantity, lots and value are conserved: what is taken out of one place goes into the
next with the same lots at the same value.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.inventory.errors import CannotSaveStockDocument, CannotUnapproveTransfer
from backend.inventory.events import (
    TransferLeaving,
    TransferShipped,
    TransferSubmitted,
    TransferTakenBack,
    TransferWithdrawn,
)
from backend.inventory.models import MoveKind, StockMove, Transfer, TransferLine, TransferReceipt, UrgentCause
from backend.inventory.services import drafting
from backend.inventory.services.balances import Pair, lock_balances
from backend.inventory.services.inputs import MoveInput, TransferLineInput
from backend.inventory.services.moves import post_moves, reverse_moves
from backend.inventory.services.other import values_by_line
from backend.inventory.services.transit import transit_warehouse
from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.document import Approval, Closing, Document, Progress, load_locked
from backend.kernel.errors import WayOut
from backend.kernel.money import ZERO, total


def save_transfer(
    *,
    doc_date: date,
    source_id: UUID,
    destination_id: UUID,
    lines: Sequence[TransferLineInput],
    actor: Actor,
    at: datetime,
    expected_date: date | None = None,
    one_step: bool = False,
    urgent: bool = False,
    urgent_cause: str = "",
    freight_amount: Decimal = ZERO,
    remark: str = "",
    document_id: UUID | None = None,
    version: int | None = None,
) -> Transfer:
    """Write a draft, new or again; its lines are replaced."""
    with transaction.atomic():
        document = drafting.open_draft(Transfer, document_id, version, actor, at)
        document.doc_date, document.remark, document.one_step = doc_date, remark, one_step
        document.source = drafting.warehouse_of(source_id, "source")
        document.destination = drafting.warehouse_of(destination_id, "destination")
        document.expected_date = expected_date or doc_date
        document.freight_amount = freight_amount
        _check_head(document, urgent, urgent_cause)
        made = drafting.lines_of(lines, lambda number, line, item: _line(document, number, line))
        drafting.require_lots(((line.line_no, line.item_id, line.lot_id) for line in made), source_id)
        drafting.store(document, made, actor=actor, at=at)
    return document


def _check_head(document: Transfer, urgent: bool, cause: str) -> None:
    if document.source_id == document.destination_id:
        raise CannotSaveStockDocument(
            _("Goods are moved between two different warehouses."), field="destination", value=document.destination
        )
    if document.expected_date < document.doc_date:
        raise CannotSaveStockDocument(
            _("Goods cannot arrive before they leave."), field="expected_date", value=document.expected_date
        )
    if document.freight_amount < 0:
        raise CannotSaveStockDocument(
            _("Freight cannot be less than 0."), field="freight_amount", value=document.freight_amount
        )
    if urgent and cause not in UrgentCause.values:
        raise CannotSaveStockDocument(
            _("Say why the transfer is urgent."),
            field="urgent_cause",
            value=cause,
            way_out=_("What is counted by cause can be avoided."),
        )
    document.urgent, document.urgent_cause = urgent, cause if urgent else ""


def _line(document: Transfer, number: int, line: TransferLineInput) -> TransferLine:
    return TransferLine(
        document=document,
        line_no=number,
        item_id=line.item_id,
        qty=line.qty,
        lot_id=line.lot_id,
        suggestion_id=line.suggestion_id,
    )


# --- asked for -----------------------------------------------------------------------------------
def submit_transfer(*, document_id: UUID, actor: Actor, at: datetime, version: int | None = None) -> Transfer:
    """Ask for the goods: they are set aside at the source and expected at the destination."""
    with transaction.atomic():
        document = load_locked(Transfer, document_id)
        drafting.advance(document, "submit", version=version, actor=actor, at=at)
        events.publish(TransferSubmitted(**_planned(document, at)), actor=actor)
    return document


def withdraw_transfer(
    *, document_id: UUID, actor: Actor, at: datetime, reason: str = "", version: int | None = None
) -> Transfer:
    """Not asked for any more: it is a draft again."""
    with transaction.atomic():
        document = load_locked(Transfer, document_id)
        drafting.advance(document, "withdraw", version=version, actor=actor, at=at, reason=reason)
        events.publish(TransferWithdrawn(**_planned(document, at)), actor=actor)
    return document


def void_transfer(*, document_id: UUID, actor: Actor, at: datetime, reason: str = "") -> Transfer:
    """Throw it away before anything has left; what was set aside is free again."""
    with transaction.atomic():
        document = load_locked(Transfer, document_id)
        before = drafting.advance(document, "void", version=None, actor=actor, at=at, reason=reason)
        if before == Approval.SUBMITTED:
            events.publish(TransferWithdrawn(**_planned(document, at)), actor=actor)
    return document


def _planned(document: Transfer, at: datetime) -> dict[str, Any]:
    items = set(document.lines.values_list("item_id", flat=True))
    return {
        "aggregate_id": document.pk,
        "number": document.number,
        "doc_date": document.doc_date,
        "pairs": _pairs(items, document.source_id, document.destination_id),
        "at": at,
    }


def _pairs(items: Iterable[UUID], *places: UUID) -> tuple[Pair, ...]:
    return tuple(sorted((item, place) for item in set(items) for place in places))


# --- leaving -------------------------------------------------------------------------------------
def approve_transfer(*, document_id: UUID, actor: Actor, at: datetime, version: int | None = None) -> Transfer:
    """Let the goods leave the source; a fixed number of statements whatever the lines."""
    with transaction.atomic():
        document = load_locked(Transfer, document_id)
        before = drafting.advance(document, "approve", version=version, actor=actor, at=at)
        place = document.destination if document.one_step else transit_warehouse()
        lines = list(document.lines.order_by("line_no"))
        items = {line.item_id for line in lines}
        lock_balances(_pairs(items, document.source_id, document.destination_id, place.pk))
        if before == Approval.SUBMITTED:
            events.publish(TransferLeaving(**_planned(document, at)), actor=actor)
        moves = move_goods(
            [_out(document, line) for line in lines],
            MoveKind.TRANSFER_IN if document.one_step else MoveKind.TRANSIT,
            place.pk,
            document=document,
            actor=actor,
            at=at,
        )
        _note_values(document, lines, moves)
        events.publish(TransferShipped(**drafting.told(document, moves, at)), actor=actor)
    return document


def _out(document: Transfer, line: TransferLine) -> MoveInput:
    return MoveInput(
        kind=MoveKind.TRANSFER_OUT,
        item_id=line.item_id,
        warehouse_id=document.source_id,
        qty_out=line.qty,
        lot_id=line.lot_id,
        order_id=document.pk,
        doc_line_id=line.pk,
    )


def move_goods(
    issues: Sequence[MoveInput],
    kind: str,
    place_id: UUID,
    *,
    document: Document,
    actor: Actor,
    at: datetime,
) -> list[StockMove]:
    """Take goods out and put the same lots with the same value into another place; losses go nowhere."""
    left = post_moves(issues, document=document, actor=actor, at=at)
    arriving = [
        MoveInput(
            kind=kind,
            item_id=move.item_id,
            warehouse_id=place_id,
            qty_in=move.qty_out,
            value_in=move.value_out,
            lot_id=move.lot_id,
            party_id=move.party_id,
            order_id=move.order_id,
            doc_line_id=move.doc_line_id,
            serial_ids=tuple(move.serial_ids) if move.serial_ids else None,
        )
        for move in left
        if move.kind != MoveKind.TRANSFER_LOSS
    ]
    return [*left, *(post_moves(arriving, document=document, actor=actor, at=at) if arriving else ())]


def _note_values(document: Transfer, lines: Sequence[TransferLine], moves: Iterable[StockMove]) -> None:
    values = values_by_line(move for move in moves if move.qty_out)
    for line in lines:
        line.value = values[line.pk]
        line.received_qty = line.qty if document.one_step else ZERO
    update_rows(lines, ("value", "received_qty"))
    document.total_value = total(line.value for line in lines)
    document.received = Progress.FULL if document.one_step else Progress.NONE
    document.closing = Closing.AUTO_CLOSED if document.one_step else Closing.OPEN
    document.save(update_fields=["total_value", "received", "closing"])


def unapprove_transfer(
    *, document_id: UUID, actor: Actor, at: datetime, reason: str = "", version: int | None = None
) -> Transfer:
    """Bring the goods back to the source, as long as none have arrived."""
    with transaction.atomic():
        document = load_locked(Transfer, document_id)
        _require_not_received(document)
        drafting.advance(document, "unapprove", version=version, actor=actor, at=at, reason=reason)
        lines = list(document.lines.all())
        moves = reverse_moves(document=document, actor=actor, at=at)
        for line in lines:
            line.received_qty = ZERO
        update_rows(lines, ("received_qty",))
        document.received, document.closing = Progress.NONE, Closing.OPEN
        document.save(update_fields=["received", "closing"])
        events.publish(TransferTakenBack(**drafting.told(document, moves, at)), actor=actor)
    return document


def _require_not_received(document: Transfer) -> None:
    numbers = list(
        document.receipts.exclude(approval=Approval.VOIDED).order_by("number").values_list("number", flat=True)
    )
    if not numbers:
        return
    raise CannotUnapproveTransfer(
        _("%(document)s cannot be taken back: goods have arrived with %(others)s.")
        % {"document": document, "others": ", ".join(numbers[:3])},
        document=document.number,
        field="approval",
        value=numbers[0],
        way_out=_("Take those receipts back and void them first."),
        links=[WayOut(number, doc_type=TransferReceipt.DOC_TYPE, number=number) for number in numbers[:3]],
    )
