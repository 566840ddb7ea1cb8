"""Goods of a transfer arrive: transit −, destination +, in parts if need be; what never arrives is given up as lost.

Lots and values are those that left: each arrival takes its part of what the transfer still has under way.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.inventory.errors import CannotReceiveTransfer, CannotSaveStockDocument
from backend.inventory.events import TransferReceiptUnapproved, TransferReceived
from backend.inventory.models import (
    MoveKind,
    StockMove,
    Transfer,
    TransferLine,
    TransferReceipt,
    TransferReceiptLine,
)
from backend.inventory.services import drafting
from backend.inventory.services.balances import lock_balances
from backend.inventory.services.costs import origin_costs
from backend.inventory.services.inputs import ArrivalInput, MoveInput
from backend.inventory.services.moves import reverse_moves, values_by_role
from backend.inventory.services.transfers import move_goods
from backend.inventory.services.transit import transit_warehouse
from backend.inventory.words import plain
from backend.kernel import clock, events, links
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.document import Closing, load_locked, progress_of
from backend.kernel.errors import NotFoundRefused, Refusal
from backend.kernel.money import total


def receive_transfer(
    *,
    transfer_id: UUID,
    actor: Actor,
    at: datetime,
    lines: Sequence[ArrivalInput] | None = None,
    doc_date: date | None = None,
    remark: str = "",
) -> TransferReceipt:
    """Write and book a receipt in one go; without lines everything that is under way arrives."""
    with transaction.atomic():
        receipt = save_transfer_receipt(
            transfer_id=transfer_id, lines=lines, doc_date=doc_date, remark=remark, actor=actor, at=at
        )
        return approve_transfer_receipt(document_id=receipt.pk, actor=actor, at=at)


def save_transfer_receipt(
    *,
    transfer_id: UUID,
    actor: Actor,
    at: datetime,
    lines: Sequence[ArrivalInput] | None = None,
    doc_date: date | None = None,
    remark: str = "",
    document_id: UUID | None = None,
    version: int | None = None,
) -> TransferReceipt:
    """Write a draft, new or again."""
    with transaction.atomic():
        transfer = load_locked(Transfer, transfer_id)
        known = {line.pk: line for line in transfer.lines.select_related("item__unit").order_by("line_no")}
        receipt = drafting.open_draft(TransferReceipt, document_id, version, actor, at)
        if document_id and receipt.transfer_id != transfer_id:
            raise NotFoundRefused(_("There is no such document."), value=document_id)
        receipt.transfer, receipt.warehouse_id = transfer, transfer.destination_id
        receipt.doc_date, receipt.remark = doc_date or max(clock.day_of(at), transfer.doc_date), remark
        _require_under_way(transfer, receipt)
        made = _lines(receipt, known, lines)
        drafting.store(receipt, made, actor=actor, at=at)
        if document_id is None:
            links.link(transfer, receipt)
    return receipt


def _require_under_way(transfer: Transfer, receipt: TransferReceipt) -> None:
    if not transfer.is_approved or transfer.one_step or transfer.closing != Closing.OPEN:
        raise CannotReceiveTransfer(
            _("Nothing of %(document)s is under way.") % {"document": transfer}, document=transfer.number
        )
    if receipt.doc_date < transfer.doc_date:
        raise CannotSaveStockDocument(
            _("Goods cannot arrive before they leave."), field="doc_date", value=receipt.doc_date
        )


def _open(line: TransferLine) -> Decimal:
    return line.qty - line.received_qty - line.lost_qty


def _lines(
    receipt: TransferReceipt, known: dict[UUID, TransferLine], given: Sequence[ArrivalInput] | None
) -> list[TransferReceiptLine]:
    if given is None:
        given = [ArrivalInput(line.pk, _open(line)) for line in known.values() if _open(line) > 0]
    given = [row for row in given if row.qty or row.lost_qty]
    if not given:
        raise CannotSaveStockDocument(_("There is no line yet."), field="lines", way_out=_("Enter what has arrived."))
    problems: list[Refusal] = []
    made = []
    for number, row in enumerate(given, start=1):
        line = known.get(row.transfer_line_id)
        problem = _problem(number, row, line)
        if problem:
            problems.append(problem)
        elif line:
            made.append(
                TransferReceiptLine(
                    document=receipt,
                    line_no=number,
                    transfer_line=line,
                    item_id=line.item_id,
                    qty=row.qty,
                    lost_qty=row.lost_qty,
                )
            )
    if len({row.transfer_line_id for row in given}) < len(given):
        problems.append(drafting.wrong(1, "lines", _("Each line of the transfer is named once.")))
    drafting.refuse(problems)
    return made


def _problem(number: int, row: ArrivalInput, line: TransferLine | None) -> Refusal | None:
    if line is None:
        return drafting.wrong(number, "qty", _("Line %(line)s is not part of the transfer.") % {"line": number})
    unit = line.item.unit
    if row.qty < 0 or row.lost_qty < 0 or any(q != round(q, unit.decimals) for q in (row.qty, row.lost_qty)):
        words = _("Line %(line)s, %(item)s: a quantity is not below 0 and has at most %(decimals)s decimals.")
        return drafting.wrong(number, "qty", words % {"line": number, "item": line.item, "decimals": unit.decimals})
    if row.qty + row.lost_qty > _open(line):
        return _too_much(number, line)
    return None


def _too_much(number: int, line: TransferLine) -> CannotReceiveTransfer:
    return CannotReceiveTransfer(
        _("Line %(line)s, %(item)s: only %(open)s are under way.")
        % {"line": number, "item": line.item, "open": plain(_open(line))},
        line=number,
        field="qty",
        value=plain(_open(line)),
        way_out=_("More than was sent cannot arrive: count again, or correct the stock with a count."),
    )


# --- booking -------------------------------------------------------------------------------------
@dataclass
class _UnderWay:
    """What is left in transit of one of the moves that a transfer line left with."""

    move: StockMove
    qty: Decimal


def approve_transfer_receipt(
    *, document_id: UUID, actor: Actor, at: datetime, version: int | None = None
) -> TransferReceipt:
    """Put what has arrived into the destination; waiting orders get it at once."""
    with transaction.atomic():
        receipt, transfer = _locked(document_id)
        drafting.advance(receipt, "approve", version=version, actor=actor, at=at)
        lines = list(receipt.lines.select_related("transfer_line__item").order_by("line_no"))
        transit = transit_warehouse()
        lock_balances((line.item_id, place) for line in lines for place in (transit.pk, receipt.warehouse_id))
        problems = [_too_much(line.line_no, line.transfer_line) for line in lines if _exceeds(line)]
        drafting.refuse(problems)
        issues = _issues(lines, _under_way(transfer))
        moves = move_goods(issues, MoveKind.TRANSFER_IN, receipt.warehouse_id, document=receipt, actor=actor, at=at)
        _note_values(receipt, lines, moves)
        _progress(transfer, lines, 1)
        events.publish(TransferReceived(**_told(receipt, lines, moves, at)), actor=actor)
    return receipt


def _locked(document_id: UUID) -> tuple[TransferReceipt, Transfer]:
    """The transfer's row first, so that arrivals of one transfer wait for each other."""
    transfer_id = TransferReceipt.objects.filter(pk=document_id).values_list("transfer_id", flat=True).first()
    if transfer_id is None:
        raise NotFoundRefused(_("There is no such document."), value=document_id)
    transfer = load_locked(Transfer, transfer_id)
    return load_locked(TransferReceipt, document_id), transfer


def _exceeds(line: TransferReceiptLine) -> bool:
    return line.qty + line.lost_qty > _open(line.transfer_line)


def _under_way(transfer: Transfer) -> dict[UUID, list[_UnderWay]]:
    """What is in transit of each transfer line, lot by lot; two statements."""
    sent = list(
        StockMove.objects.filter(
            doc_id=transfer.pk, kind=MoveKind.TRANSIT, qty_in__gt=0, reverses=None, reversed_by=None
        ).order_by("lot__expiry_date", "id")
    )
    left = origin_costs(move.pk for move in sent)
    found: dict[UUID, list[_UnderWay]] = defaultdict(list)
    for move in sent:
        if move.doc_line_id and left[move.pk].qty > 0:
            found[move.doc_line_id].append(_UnderWay(move, left[move.pk].qty))
    return found


def _issues(lines: Iterable[TransferReceiptLine], under_way: dict[UUID, list[_UnderWay]]) -> list[MoveInput]:
    """Out of transit, at the value it left with: what arrives, then what is lost, lot after lot."""
    made = []
    for line in lines:
        for kind, wanted in ((MoveKind.TRANSIT, line.qty), (MoveKind.TRANSFER_LOSS, line.lost_qty)):
            for part in under_way[line.transfer_line_id]:
                qty = min(wanted, part.qty)
                if qty <= 0:
                    continue
                wanted, part.qty = wanted - qty, part.qty - qty
                made.append(
                    MoveInput(
                        kind=kind,
                        item_id=part.move.item_id,
                        warehouse_id=part.move.warehouse_id,
                        qty_out=qty,
                        lot_id=part.move.lot_id,
                        order_id=part.move.order_id,
                        doc_line_id=line.transfer_line_id,
                        origin_id=part.move.pk,
                    )
                )
    return made


def _note_values(receipt: TransferReceipt, lines: Sequence[TransferReceiptLine], moves: Iterable[StockMove]) -> None:
    sums: dict[tuple[str, UUID | None], Decimal] = defaultdict(Decimal)
    for move in moves:
        if move.qty_out:
            sums[move.kind, move.doc_line_id] += move.value_out
    for line in lines:
        line.value = sums[MoveKind.TRANSIT, line.transfer_line_id]
        line.lost_value = sums[MoveKind.TRANSFER_LOSS, line.transfer_line_id]
    update_rows(lines, ("value", "lost_value"))
    receipt.total_value = total(line.value for line in lines)
    receipt.lost_value = total(line.lost_value for line in lines)
    receipt.save(update_fields=["total_value", "lost_value"])


def _progress(transfer: Transfer, lines: Sequence[TransferReceiptLine], sign: int) -> None:
    """Carry what arrived into the transfer and derive its state."""
    done = {line.transfer_line_id: line for line in lines}
    every = list(transfer.lines.all())
    for line in every:
        if line.pk in done:
            line.received_qty += sign * done[line.pk].qty
            line.lost_qty += sign * done[line.pk].lost_qty
    update_rows([line for line in every if line.pk in done], ("received_qty", "lost_qty"))
    arrived, sent = total(line.qty - _open(line) for line in every), total(line.qty for line in every)
    transfer.received = progress_of(arrived, sent)
    transfer.closing = Closing.AUTO_CLOSED if arrived >= sent else Closing.OPEN
    transfer.save(update_fields=["received", "closing"])


def _told(
    receipt: TransferReceipt, lines: Iterable[TransferReceiptLine], moves: list[StockMove], at: datetime
) -> dict[str, Any]:
    lost = [move for move in moves if move.kind == MoveKind.TRANSFER_LOSS]
    return {
        **drafting.told(receipt, moves, at),
        "transfer_id": receipt.transfer_id,
        "arrived": tuple((line.transfer_line_id, line.qty + line.lost_qty) for line in lines),
        "lost": values_by_role(lost) if lost else (),
    }


def unapprove_transfer_receipt(
    *, document_id: UUID, actor: Actor, at: datetime, reason: str = "", version: int | None = None
) -> TransferReceipt:
    """The goods are under way again, as long as they still lie at the destination."""
    with transaction.atomic():
        receipt, transfer = _locked(document_id)
        drafting.advance(receipt, "unapprove", version=version, actor=actor, at=at, reason=reason)
        lines = list(receipt.lines.all())
        moves = reverse_moves(document=receipt, actor=actor, at=at)
        _progress(transfer, lines, -1)
        events.publish(TransferReceiptUnapproved(**_told(receipt, lines, moves, at)), actor=actor)
    return receipt


def void_transfer_receipt(*, document_id: UUID, actor: Actor, at: datetime, reason: str = "") -> TransferReceipt:
    """Throw a draft away."""
    return drafting.void(TransferReceipt, document_id, actor=actor, at=at, reason=reason)
