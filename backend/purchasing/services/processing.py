"""Goods that a processor made: they use material of ours at his location, and are worth it and the fee.

What a receipt uses follows from all that was made so far, so roundings do not add up. Goods that go back to the processor
bring their material back to his location, at what it was used at.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext as _

from backend.inventory.models import MoveKind, StockMove
from backend.inventory.services import moves
from backend.inventory.services.inputs import MoveInput
from backend.inventory.services.making import to_use
from backend.inventory.services.material import pieces_issued_first
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.money import ZERO, plain, total
from backend.purchasing.models import (
    PurchaseReceipt,
    PurchaseReceiptLine,
    PurchaseReturn,
    PurchaseReturnLine,
    SubcontractComponent,
)
from backend.purchasing.services.checks import CannotReceiveLine
from backend.purchasing.services.locking import Locked


def use_material(
    locked: Locked, receipt: PurchaseReceipt, lines: Sequence[PurchaseReceiptLine], actor: Actor, at: datetime
) -> dict[UUID, Decimal]:
    """Take what the received goods used out of the processor's stock; its value by receipt line.

    The order's progress has been counted already. Raises CannotReceiveLine when less lies there.
    """
    if not locked.components:
        return {}
    wanted = _wanted(locked, receipt, lines)
    _require_there(locked, receipt, wanted)
    if wanted:
        assert locked.location is not None
        wanted = pieces_issued_first(wanted, locked.balances, locked.location)
        used = moves.post_moves(wanted, document=receipt, actor=actor, at=at, held=locked.balances)
    values: dict[UUID, Decimal] = defaultdict(Decimal)
    for move in used if wanted else ():
        values[move.doc_line_id] += move.value_out  # type: ignore[index]
    made = [line for line in lines if line.order_line_id in locked.components]
    for line in made:
        line.material_value = values[line.pk]
    update_rows(made, ("material_value",))
    _store(locked)
    return dict(values)


def _wanted(locked: Locked, receipt: PurchaseReceipt, lines: Sequence[PurchaseReceiptLine]) -> list[MoveInput]:
    assert locked.location is not None
    made: dict[UUID, Decimal] = {}
    for line in reversed(lines):
        row = locked.lines[line.order_line_id]
        made[row.pk] = made.get(row.pk, row.received_qty - row.returned_qty) - line.qty
    found = []
    for line in lines:
        row = locked.lines[line.order_line_id]
        made[row.pk] += line.qty
        for component in locked.components.get(row.pk, ()):
            qty = to_use(component, made[row.pk])
            component.used_qty += qty
            if qty:
                found.append(
                    MoveInput(
                        kind=MoveKind.SUBCONTRACT_USED,
                        item_id=component.item_id,
                        warehouse_id=locked.location.pk,
                        qty_out=qty,
                        party_id=receipt.supplier_id,
                        order_id=row.document_id,
                        doc_line_id=line.pk,
                    )
                )
    return found


def _require_there(locked: Locked, receipt: PurchaseReceipt, wanted: Sequence[MoveInput]) -> None:
    """Refuse goods whose material was never issued, naming what is missing."""
    needed: dict[tuple[UUID, UUID], Decimal] = defaultdict(Decimal)
    for move in wanted:
        needed[move.pair] += move.qty_out
    problems = [
        CannotReceiveLine(
            _("%(item)s: %(wanted)s are used, %(there)s lie at %(supplier)s.")
            % {
                "item": locked.balances[pair].item_name,
                "wanted": plain(qty),
                "there": plain(locked.balances[pair].available),
                "supplier": locked.supplier.label,
            },
            code="material_short",
            document=receipt.number,
            field="qty",
            value=plain(qty),
            way_out=_("Issue the material to the processor first, or receive less."),
        )
        for pair, qty in needed.items()
        if qty > locked.balances[pair].available
    ]
    if problems:
        raise CannotReceiveLine.many(problems)


def _store(locked: Locked) -> None:
    update_rows([row for rows in locked.components.values() for row in rows], ["used_qty"])


def with_material(worth: Mapping[UUID, Decimal], material: Mapping[UUID, Decimal]) -> dict[UUID, Decimal]:
    """What each line adds to stock: the fee and the material."""
    return {line_id: value + material.get(line_id, ZERO) for line_id, value in worth.items()}


def fee_of(locked: Locked, lines: Sequence[PurchaseReceiptLine], worth: Mapping[UUID, Decimal]) -> Decimal:
    """The fees among what the goods are worth."""
    return total(worth[line.pk] for line in lines if line.order_line_id in locked.components and line.pk in worth)


def restore_material(locked: Locked, receipt: PurchaseReceipt, lines: Sequence[PurchaseReceiptLine]) -> None:
    """The receipt is about to be taken back: what its goods used is not used any more."""
    if not locked.components:
        return
    rows = {line.pk: line for line in lines}
    for move in StockMove.objects.filter(doc_id=receipt.pk, kind=MoveKind.SUBCONTRACT_USED, reversed_by=None):
        line = rows[move.doc_line_id]  # type: ignore[index]
        _component(locked, line.order_line_id, move.item_id).used_qty -= move.qty_out
        line.material_value = ZERO
    update_rows(lines, ("material_value",))
    _store(locked)


def _component(locked: Locked, order_line_id: UUID, item_id: UUID) -> SubcontractComponent:
    return next(row for row in locked.components[order_line_id] if row.item_id == item_id)


# --- goods that go back --------------------------------------------------------------------------
def return_material(
    locked: Locked,
    document: PurchaseReturn,
    lines: Sequence[PurchaseReturnLine],
    sources: Mapping[UUID, PurchaseReceiptLine],
    actor: Actor,
    at: datetime,
) -> None:
    """Put the material of goods that go back to the processor's location again; sets the lines' ``material_value``.

    ``sources`` know already what goes back with this return.
    """
    made = [line for line in lines if sources[line.receipt_line_id].order_line_id in locked.components]
    if not made:
        return
    wanted = _coming_back(locked, document, made, sources)
    back: dict[UUID, Decimal] = defaultdict(Decimal)
    for move in moves.post_moves(wanted, document=document, actor=actor, at=at) if wanted else ():
        back[move.doc_line_id] += move.value_in  # type: ignore[index]
    for line in made:
        line.material_value = back[line.pk]
        line.cost_amount -= line.material_value
    _store(locked)


def _coming_back(
    locked: Locked,
    document: PurchaseReturn,
    lines: Sequence[PurchaseReturnLine],
    sources: Mapping[UUID, PurchaseReceiptLine],
) -> list[MoveInput]:
    """The share of each use that belongs to what went back up to now, less what came back before."""
    used = _uses([line.receipt_line_id for line in lines])
    known = {component.item_id: component.item for rows in locked.components.values() for component in rows}
    before = _back_before([move.pk for rows in used.values() for move in rows])
    found = []
    for line in lines:
        source = sources[line.receipt_line_id]
        for move in used[line.receipt_line_id]:
            share = move.qty_out * source.returned_qty / source.qty
            qty = min(round(share, known[move.item_id].unit.decimals), move.qty_out) - before.get(move.pk, ZERO)
            if qty <= 0:
                continue
            before[move.pk] = before.get(move.pk, ZERO) + qty
            _component(locked, source.order_line_id, move.item_id).used_qty -= qty
            found.append(
                MoveInput(
                    kind=MoveKind.SUBCONTRACT_IN,
                    item_id=move.item_id,
                    warehouse_id=move.warehouse_id,
                    lot_id=move.lot_id,
                    qty_in=qty,
                    value_in=None,
                    origin_id=move.pk,
                    party_id=document.supplier_id,
                    order_id=move.order_id,
                    doc_line_id=line.pk,
                )
            )
    return found


def _uses(receipt_line_ids: Sequence[UUID]) -> dict[UUID, list[StockMove]]:
    found: dict[UUID, list[StockMove]] = defaultdict(list)
    rows = StockMove.objects.filter(
        doc_line_id__in=receipt_line_ids, kind=MoveKind.SUBCONTRACT_USED, reversed_by=None
    ).order_by("id")
    for move in rows:
        found[move.doc_line_id].append(move)  # type: ignore[index]
    return found


def _back_before(move_ids: Sequence[int]) -> dict[int, Decimal]:
    rows = StockMove.objects.filter(origin__in=move_ids, kind=MoveKind.SUBCONTRACT_IN, reversed_by=None)
    found = rows.values("origin").annotate(qty=Sum("qty_in")).values_list("origin", "qty")
    return {origin: qty for origin, qty in found if origin is not None}


def use_again(
    locked: Locked,
    document: PurchaseReturn,
    lines: Sequence[PurchaseReturnLine],
    sources: Mapping[UUID, PurchaseReceiptLine],
) -> None:
    """The return is about to be taken back: its goods hold their material again."""
    if not locked.components:
        return
    rows = {line.pk: line for line in lines}
    for move in StockMove.objects.filter(doc_id=document.pk, kind=MoveKind.SUBCONTRACT_IN, reversed_by=None):
        source = sources[rows[move.doc_line_id].receipt_line_id]  # type: ignore[index]
        _component(locked, source.order_line_id, move.item_id).used_qty += move.qty_in
    for line in lines:
        line.material_value = ZERO
    update_rows(lines, ["material_value"])
    _store(locked)
