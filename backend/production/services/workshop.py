"""The workshop is one place for all orders: who takes goods out of it takes those that were issued for his own order.

Quantities are told apart by the components of the order, lots and pieces by the moves of its papers.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from backend.inventory.models import LotState, MoveKind, Warehouse
from backend.inventory.services.balances import LockedBalance, Pair
from backend.inventory.services.inputs import MoveInput
from backend.inventory.services.material import pieces_issued_first
from backend.kernel.document import Document
from backend.kernel.errors import Conflict
from backend.kernel.money import ZERO, plain
from backend.production.models import ProductionOrder

_LOTS = """
SELECT m.item_id, i.name, m.lot_id, coalesce(l.lot_no, ''), coalesce(l.state, %(released)s), l.expiry_date,
       sum(m.qty_in - m.qty_out)
FROM inventory_stock_move m JOIN catalog_item i ON i.id = m.item_id AND i.lot_tracked
LEFT JOIN inventory_lot l ON l.id = m.lot_id
WHERE m.warehouse_id = %(place)s AND m.doc_id IN (
    SELECT id FROM production_material WHERE order_id = %(order)s
    UNION ALL SELECT id FROM production_receipt WHERE order_id = %(order)s)
GROUP BY 1, 2, 3, 4, 5, 6, l.created_at HAVING sum(m.qty_in - m.qty_out) <> 0
ORDER BY m.lot_id IS NULL, l.expiry_date NULLS LAST, l.created_at, 4
"""


@dataclass
class OwnLot:
    """What of a lot lies in the workshop for an order; what lies there without a lot has none."""

    item_id: UUID
    item_name: str
    lot_id: UUID | None
    lot_no: str
    state: str
    expiry_date: date | None
    qty: Decimal

    def may_leave(self, kind: str, day: date) -> bool:
        released = self.state == LotState.RELEASED and (self.expiry_date is None or self.expiry_date >= day)
        return released or kind == MoveKind.SUBCONTRACT_LOSS


def take_own(
    wanted: Sequence[MoveInput],
    order: ProductionOrder,
    place: Warehouse,
    document: Document,
    balances: Mapping[Pair, LockedBalance],
    refusal: type[Conflict],
) -> list[MoveInput]:
    """The same moves out of the workshop, by the order's own lots (those that expire first, where none is named) and pieces.

    Raises the refusal for a lot of which the order has less. One statement if there are lots, one if there are pieces.
    """
    return pieces_issued_first(list(_by_lots(wanted, order, place, document, balances, refusal)), balances, place)


def _by_lots(
    wanted: Sequence[MoveInput],
    order: ProductionOrder,
    place: Warehouse,
    document: Document,
    balances: Mapping[Pair, LockedBalance],
    refusal: type[Conflict],
) -> Iterator[MoveInput]:
    tracked = {move.pair for move in wanted if balances[move.pair].lot_tracked}
    own: dict[UUID, list[OwnLot]] = defaultdict(list)
    for lot in own_lots(order, place) if tracked else ():
        own[lot.item_id].append(lot)
    for move in sorted(wanted, key=lambda each: each.lot_id is None):  # what is named is taken before the rest is dealt
        if move.pair in tracked:
            yield from _dealt(move, own[move.item_id], balances[move.pair], document, refusal)
        else:
            yield move


def _dealt(
    move: MoveInput, lots: Sequence[OwnLot], balance: LockedBalance, document: Document, refusal: type[Conflict]
) -> Iterator[MoveInput]:
    rest = move.qty_out
    for lot in lots:
        fits = lot.lot_id == move.lot_id if move.lot_id else lot.may_leave(move.kind, document.doc_date)
        take = min(rest, lot.qty) if fits else ZERO
        if take > 0:
            lot.qty -= take
            rest -= take
            yield replace(move, lot_id=lot.lot_id, qty_out=take)
    if rest:
        raise _short(balance.item_name, move.qty_out, document, refusal)


def _short(item: str, qty: Decimal, document: Document, refusal: type[Conflict]) -> Conflict:
    return refusal(
        _("%(item)s: no lots that were issued for this order and may be used have %(qty)s.")
        % {"item": item, "qty": plain(qty)},
        code="lot_not_issued",
        document=document.number,
        field="lot_id",
        value=plain(qty),
        way_out=_("Release the lot, or issue another one."),
    )


def own_lots(order: ProductionOrder, place: Warehouse) -> list[OwnLot]:
    """What of lots lies in the workshop for an order, those that expire first before the others; one statement."""
    values: dict[str, Any] = {"order": order.pk, "place": place.pk, "released": str(LotState.RELEASED)}
    with connection.cursor() as cursor:
        cursor.execute(_LOTS, values)
        return [OwnLot(*row) for row in cursor.fetchall()]


def require_own(order: ProductionOrder, place: Warehouse, document: Document, refusal: type[Conflict]) -> None:
    """Refuse to take a paper back whose lots the order has used or sent back since, though others lie there; one statement."""
    lot = next((lot for lot in own_lots(order, place) if lot.qty < 0), None)
    if lot is not None:
        raise refusal(
            _("%(document)s cannot be taken back: %(item)s, lot %(lot)s was used or went back since.")
            % {"document": document, "item": lot.item_name, "lot": lot.lot_no},
            document=document.number,
            field="lot_id",
            value=lot.lot_no,
            way_out=_("Take the papers of the order back that came after it, the newest first."),
        )
