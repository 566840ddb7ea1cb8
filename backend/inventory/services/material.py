"""Material on its way to where something is made of it, back from there, or lost there: a processor's place or the workshop.

It moves at its cost and stays ours; the account follows the place. Papers of material have ``kind``, ``warehouse`` and lines
(``models.making.MaterialLine``); each component knows what went out, came back, was used and was lost.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Protocol, TypeVar
from uuid import UUID

from django.utils.translation import gettext as _

from backend.catalog.models import Item
from backend.inventory.models import (
    ISSUE,
    LOSS,
    RETURN,
    MakingComponent,
    MaterialLine,
    MoveKind,
    Serial,
    StockMove,
    Warehouse,
)
from backend.inventory.services import drafting
from backend.inventory.services.balances import LockedBalance, Pair
from backend.inventory.services.inputs import MoveInput
from backend.inventory.services.making import MaterialLineInput
from backend.inventory.services.moves import post_moves, values_by_role
from backend.inventory.services.transfers import move_goods
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.errors import Conflict, Refusal
from backend.kernel.money import ZERO, plain, total

COUNTED = {ISSUE: "issued_qty", RETURN: "returned_qty", LOSS: "lost_qty"}
C = TypeVar("C", bound=MakingComponent)
L = TypeVar("L", bound=MaterialLine)


class Paper(Protocol):
    """What a paper of material has beside what every document has."""

    pk: Any
    number: str
    kind: str
    order: Any
    warehouse: Any
    total_value: Decimal

    def save(self, *args: Any, **kwargs: Any) -> None: ...


# --- drafts ------------------------------------------------------------------------------------
def line_of(
    model: type[L], document: Any, components: Mapping[UUID, Any], number: int, line: MaterialLineInput, item: Item
) -> L:
    """A line of a paper; raises naming an item that is no component of the order."""
    component = components.get(item.pk)
    if component is None:
        words = _("Line %(line)s: %(item)s is no component of %(order)s.")
        raise drafting.wrong(number, "item_id", words % {"line": number, "item": item, "order": document.order})
    fields: dict[str, Any] = {"document": document, "component": component}
    return model(line_no=number, item_id=item.pk, qty=line.qty, lot_id=line.lot_id, **fields)


def require_lots(document: Any, lines: Sequence[MaterialLine], place: Warehouse) -> None:
    """Named lots lie where the goods leave from."""
    if any(line.lot_id for line in lines):
        source, _target = way_of(document, place)
        drafting.require_lots([(line.line_no, line.item_id, line.lot_id) for line in lines], source.pk)


def way_of(document: Any, place: Warehouse) -> tuple[Warehouse, Warehouse]:
    """From where to where."""
    return (document.warehouse, place) if document.kind == ISSUE else (place, document.warehouse)


# --- booking -----------------------------------------------------------------------------------
def moved_by_component(lines: Iterable[Any]) -> dict[UUID, Decimal]:
    """How much of each component a paper moves."""
    found: dict[UUID, Decimal] = defaultdict(Decimal)
    for line in lines:
        found[line.component_id] += line.qty
    return found


def require_held(
    document: Any, lines: Sequence[Any], components: Mapping[UUID, C], place: str, refusal: type[Conflict]
) -> None:
    """What comes back or is lost is held for this order, at the ``place`` of that name; raises the refusal for each line."""
    if document.kind == ISSUE:
        return
    wanted: dict[UUID, Decimal] = defaultdict(Decimal)
    problems: list[Refusal] = []
    for line in lines:
        wanted[line.component_id] += line.qty
        held = max(components[line.component_id].held_qty, ZERO)
        if wanted[line.component_id] > held:
            names = {"item": line.item, "qty": plain(wanted[line.component_id]), "held": plain(held), "supplier": place}
            problems.append(
                refusal(
                    _("%(item)s: %(qty)s wanted, %(held)s of this order lie at %(supplier)s.") % names,
                    document=document.number,
                    line=line.line_no,
                    field="qty",
                    value=plain(line.qty),
                    way_out=_("Enter at most %(held)s.") % {"held": plain(held)},
                )
            )
    drafting.refuse(problems)


def moves_out(
    document: Any, lines: Iterable[MaterialLine], source: Warehouse, *, party_id: UUID | None = None
) -> list[MoveInput]:
    """What leaves the place that it comes from."""
    kind = MoveKind.SUBCONTRACT_LOSS if document.kind == LOSS else MoveKind.SUBCONTRACT_OUT
    return [
        MoveInput(
            kind=kind,
            item_id=line.item_id,
            warehouse_id=source.pk,
            qty_out=line.qty,
            lot_id=line.lot_id,
            doc_line_id=line.pk,
            party_id=party_id,
            order_id=document.order_id,
        )
        for line in lines
    ]


def post_material(
    document: Any, out: Sequence[MoveInput], target: Warehouse, *, actor: Actor, at: Any
) -> list[StockMove]:
    """Out of one place and, unless it is lost, into the other: the same lots and pieces at the same value."""
    if document.kind == LOSS:
        return post_moves(out, document=document, actor=actor, at=at)
    return move_goods(out, MoveKind.SUBCONTRACT_IN, target.pk, document=document, actor=actor, at=at)


def note_values(document: Paper, lines: Sequence[MaterialLine], moves: Iterable[StockMove]) -> None:
    """Write on paper and lines what the material is worth."""
    values: dict[Any, Decimal] = defaultdict(Decimal)
    for move in moves:
        values[move.doc_line_id] += move.value_out
    for line in lines:
        line.value = values[line.pk]
    update_rows(lines, ("value",))
    document.total_value = total(line.value for line in lines)
    document.save(update_fields=["total_value"])


def count(document: Any, lines: Iterable[Any], components: Mapping[UUID, C], sign: int) -> None:
    """Add what a paper moves to its components; with −1 take it off again."""
    name = COUNTED[str(document.kind)]
    for line in lines:
        component = components[line.component_id]
        setattr(component, name, getattr(component, name) + sign * line.qty)
    update_rows(components.values(), [name])


def booked_values(
    document: Any, moves: Iterable[StockMove], elsewhere: Collection[UUID]
) -> tuple[tuple[str, Decimal], ...]:
    """What left our warehouses by the role of the account, red when it comes back to them; ``elsewhere`` are the places
    where goods are made."""
    ours = [move for move in moves if move.warehouse_id not in elsewhere]
    sign = -1 if document.kind == RETURN else 1
    return tuple((role, sign * value) for role, value in values_by_role(ours)) if ours else ()


# --- what is used ------------------------------------------------------------------------------
def pieces_issued_first(
    wanted: Sequence[MoveInput], balances: Mapping[Pair, LockedBalance], place: Warehouse
) -> list[MoveInput]:
    """Single pieces are used as they were issued for their order, of the lot that is named; no statement when no component
    has serial numbers. Where lots are kept and none is named, the papers say which pieces."""
    tracked = {move.item_id for move in wanted if balances[move.pair].serial_tracked}
    if not tracked:
        return list(wanted)
    lie = Serial.objects.filter(item__in=tracked, warehouse=place).order_by("last_move_id", "serial_no")
    pools: dict[tuple[UUID, UUID | None, UUID | None], list[UUID]] = defaultdict(list)
    for item_id, order_id, lot_id, piece in lie.values_list(
        "item_id", "last_move__order_id", "last_move__lot_id", "pk"
    ):
        pools[item_id, order_id, lot_id].append(piece)
    found = []
    for move in wanted:
        pool, pieces = pools[move.item_id, move.order_id, move.lot_id], int(move.qty_out)
        known = bool(move.lot_id) or not balances[move.pair].lot_tracked
        named = move.item_id in tracked and known and len(pool) >= pieces
        found.append(replace(move, serial_ids=tuple(pool[:pieces])) if named else move)
        del pool[: pieces if named else 0]
    return found
