"""Booking a count: differences become stock and a voucher, with accuracy; above a limit by a second person.

What is missing is gone, whoever had reserved it: reservations give way. What the differences are (wastage, a claim,
non-operating) is decided in a step of its own.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.inventory.errors import CannotCount
from backend.inventory.events import (
    StockClaimed,
    StockCountApproved,
    StockCountSettled,
    StockCountUnapproved,
)
from backend.inventory.models import Disposition, LineBin, LotState, MoveKind, StockCount, StockCountLine, StockMove
from backend.inventory.services import drafting
from backend.inventory.services.balances import LockedBalance, Pair, lock_balances
from backend.inventory.services.counted_serials import PieceDifference, carry_back, carry_seen, piece_differences
from backend.inventory.services.counting import LIFE
from backend.inventory.services.inputs import MoveInput
from backend.inventory.services.moves import post_moves, reverse_moves, values_by_role
from backend.kernel import audit, events
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.document import claim_version, load_locked
from backend.kernel.money import HUNDRED, ZERO, cents, total
from backend.workflow import parameters


@dataclass(frozen=True)
class Accuracy:
    """1 − Σ|difference| ÷ Σbook in per cent; None where the books said there was nothing."""

    qty: Decimal | None
    value: Decimal | None


def accuracy_of(lines: Sequence[StockCountLine]) -> Accuracy:
    """By quantity and by value, of what is counted so far."""
    done = [line for line in lines if line.diff_qty is not None]
    qty = _share((abs(line.diff_qty or ZERO), line.expected_qty or ZERO) for line in done)
    value = _share(
        (abs(line.diff_qty or ZERO) * line.unit_cost, (line.expected_qty or ZERO) * line.unit_cost) for line in done
    )
    return Accuracy(qty, value)


def _share(pairs: Any) -> Decimal | None:
    off, book = ZERO, ZERO
    for diff, said in pairs:
        off, book = off + diff, book + said
    return round(max(HUNDRED - HUNDRED * off / book, ZERO), 4) if book > 0 else None


def approve_count(*, document_id: UUID, actor: Actor, at: datetime, version: int | None = None) -> StockCount:
    """Book the differences; a fixed number of statements whatever the lines."""
    with transaction.atomic():
        document = load_locked(StockCount, document_id)
        drafting.advance(document, "approve", version=version, actor=actor, at=at, cycle=LIFE)
        lines = list(document.lines.select_related("lot", "item", "bin").order_by("line_no"))
        _require_counted(document, lines)
        _require_second_person(document, lines, actor)
        wanted = [line for line in lines if line.diff_qty or line.item.serial_tracked]
        balances = lock_balances((line.item_id, document.warehouse_id) for line in wanted)
        pieces = piece_differences(document, wanted, at)
        off = [line for line in wanted if line.diff_qty or line.pk in pieces]
        _claim(document, off, balances, actor)
        carry_seen(document, off, pieces, actor, at)
        _name_bins(document, off, pieces)
        moves = _post(document, off, balances, pieces, actor, at)
        _note(document, lines, moves)
        events.publish(StockCountApproved(**_told(document, moves, at)), actor=actor)
    return document


def _require_counted(document: StockCount, lines: Sequence[StockCountLine]) -> None:
    left = [line for line in lines if line.counted_qty is None]
    if left:
        raise CannotCount(
            _("Lines not counted yet: %(count)s, the first is %(item)s.") % {"count": len(left), "item": left[0].item},
            document=document.number,
            line=left[0].line_no,
            field="counted_qty",
            way_out=_("Count them; enter 0 where nothing lies."),
        )


def _require_second_person(document: StockCount, lines: Sequence[StockCountLine], actor: Actor) -> None:
    limit = Decimal(parameters.get("inventory.count_limit"))
    off = total(cents(abs(line.diff_qty or ZERO) * line.unit_cost) for line in lines)
    involved = {document.created_by_id, *(line.counted_by_id for line in lines)}
    if off > limit and actor.member_id and actor.member_id in involved:
        raise CannotCount(
            _("Differences of %(value)s need a second person: you set the count up, or counted.")
            % {"value": f"{off:,.2f}"},
            code="second_person_needed",
            document=document.number,
            field="approval",
            value=off,
            status=403,
            way_out=_("Ask a colleague who did neither to book it. The limit is %(limit)s.") % {"limit": limit},
        )


def _released(line: StockCountLine) -> bool:
    return line.lot is None or line.lot.state == LotState.RELEASED


def _claim(
    document: StockCount, lines: Sequence[StockCountLine], balances: dict[Pair, LockedBalance], actor: Actor
) -> None:
    """Reservations of what is missing give way."""
    needed: dict[Pair, Decimal] = defaultdict(Decimal)
    for line in lines:
        if _released(line):
            needed[line.item_id, document.warehouse_id] -= line.diff_qty or ZERO
    claims = tuple(
        (*pair, qty)
        for pair, qty in sorted(needed.items())
        if balances[pair].available < qty <= balances[pair].on_hand - balances[pair].blocked
    )
    if claims:
        events.publish(StockClaimed(document.pk, claims, release=True, number=document.number), actor=actor)


def _post(
    document: StockCount,
    lines: Sequence[StockCountLine],
    balances: dict[Pair, LockedBalance],
    pieces: Mapping[UUID, PieceDifference],
    actor: Actor,
    at: datetime,
) -> list[StockMove]:
    """What was found first, so that within an item a find in one lot makes up for a loss in another."""
    found, missing = [], []
    for line in lines:
        diff, own = line.diff_qty or ZERO, pieces.get(line.pk)
        if own is None:
            found += [_gain(document, line, diff, balances)] if diff > 0 else []
            missing += [_loss(document, line, -diff)] if diff < 0 else []
            continue
        if own.found:
            gain = _gain(document, line, Decimal(len(own.found)), balances)
            found.append(replace(gain, serial_ids=own.found))
        if own.missing:
            loss = _loss(document, line, Decimal(len(own.missing)))
            missing.append(replace(loss, serial_ids=own.missing))
    made = post_moves(found, document=document, actor=actor, at=at) if found else []
    return [*made, *(post_moves(missing, document=document, actor=actor, at=at) if missing else ())]


def _name_bins(document: StockCount, lines: Sequence[StockCountLine], pieces: Mapping[UUID, PieceDifference]) -> None:
    """Differences are in the bins where they were counted; two statements, none without bins.

    Of single pieces those that were found: what is missing leaves its own bin.
    """
    placed = [
        (line, Decimal(len(pieces[line.pk].found)) if line.pk in pieces else abs(line.diff_qty or ZERO))
        for line in lines
        if line.bin_id
    ]
    if not placed:
        return
    LineBin.objects.filter(doc_id=document.pk).delete()
    LineBin.objects.bulk_create(
        LineBin(line_id=line.pk, doc_id=document.pk, bin_id=line.bin_id, qty=qty)
        for line, qty in placed
        if line.bin_id and qty
    )


def _gain(document: StockCount, line: StockCountLine, qty: Decimal, balances: dict[Pair, LockedBalance]) -> MoveInput:
    """Goods that were found cost what the others do; where there are none, the last known cost."""
    balance = balances[line.item_id, document.warehouse_id]
    return MoveInput(
        kind=MoveKind.COUNT_GAIN,
        item_id=line.item_id,
        warehouse_id=document.warehouse_id,
        qty_in=qty,
        value_in=cents(qty * balance.value / balance.on_hand) if balance.on_hand > 0 else None,
        lot_id=line.lot_id,
        doc_line_id=line.pk,
    )


def _loss(document: StockCount, line: StockCountLine, qty: Decimal) -> MoveInput:
    return MoveInput(
        kind=MoveKind.COUNT_LOSS,
        item_id=line.item_id,
        warehouse_id=document.warehouse_id,
        qty_out=qty,
        lot_id=line.lot_id,
        doc_line_id=line.pk,
    )


def _note(document: StockCount, lines: Sequence[StockCountLine], moves: Sequence[StockMove]) -> None:
    values: dict[UUID | None, Decimal] = defaultdict(Decimal)
    for move in moves:
        values[move.doc_line_id] += move.value_in - move.value_out
    for line in lines:
        line.diff_value = values[line.pk]
    update_rows([line for line in lines if line.diff_qty or line.diff_value], ("diff_value",))
    accuracy = accuracy_of(lines)
    document.accuracy_qty, document.accuracy_value = accuracy.qty, accuracy.value
    document.gain_value = total(move.value_in for move in moves)
    document.loss_value = total(move.value_out for move in moves)
    document.disposition = ""
    document.save(update_fields=["accuracy_qty", "accuracy_value", "gain_value", "loss_value", "disposition"])


def _told(document: StockCount, moves: Sequence[StockMove], at: datetime) -> dict[str, Any]:
    gains = [move for move in moves if move.value_in]
    losses = [move for move in moves if move.value_out]
    return {
        **drafting.told(document, moves, at),
        "gains": values_by_role(gains) if gains else (),
        "losses": values_by_role(losses) if losses else (),
    }


def unapprove_count(
    *, document_id: UUID, actor: Actor, at: datetime, reason: str = "", version: int | None = None
) -> StockCount:
    """Take the differences back, and what was decided about them; the count can be corrected and booked again."""
    with transaction.atomic():
        document = load_locked(StockCount, document_id)
        drafting.advance(document, "unapprove", version=version, actor=actor, at=at, reason=reason, cycle=LIFE)
        moves = reverse_moves(document=document, actor=actor, at=at)
        carry_back(document, actor, at, reason)
        document.disposition, document.abnormal, document.tax_amount = "", False, ZERO
        document.save(update_fields=["disposition", "abnormal", "tax_amount"])
        events.publish(StockCountUnapproved(**_told(document, moves, at)), actor=actor)
    return document


def _input_tax(document: StockCount) -> Decimal:
    """The VAT that was deducted when the lost goods were bought; nothing for small-scale taxpayers."""
    if parameters.get("accounting.taxpayer_type") == "small_scale":
        return ZERO
    lost = document.lines.filter(diff_value__lt=0).select_related("item__tax_code")
    return total(cents(-line.diff_value * line.item.tax_code.rate / HUNDRED) for line in lost)


def settle_count(
    *,
    document_id: UUID,
    disposition: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
    abnormal: bool = False,
) -> StockCount:
    """Decide what the differences are: from the suspense account to where they belong.

    An ``abnormal`` loss is not deducted: its input VAT is part of it.
    """
    with transaction.atomic():
        document = load_locked(StockCount, document_id)
        if disposition not in Disposition.values:
            raise CannotCount(_("Choose what the differences are."), field="disposition", status=400)
        if not document.is_approved or document.disposition or not (document.gain_value or document.loss_value):
            raise CannotCount(
                _("%(document)s has no differences to decide.") % {"document": document}, document=document.number
            )
        claim_version(document, version, at)
        document.disposition, document.abnormal = disposition, abnormal
        document.tax_amount = _input_tax(document) if abnormal else ZERO
        document.save(update_fields=["disposition", "abnormal", "tax_amount", "version", "updated_at"])
        audit.record(document, "settle", actor=actor, at=at, reason=document.get_disposition_display())
        told = StockCountSettled(
            document.pk,
            number=document.number,
            doc_date=document.doc_date,
            at=at,
            gains=(("", document.gain_value),),
            losses=(("", document.loss_value),),
            disposition=disposition,
            tax=document.tax_amount,
        )
        events.publish(told, actor=actor)
    return document
