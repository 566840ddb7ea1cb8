"""Material of subcontract orders: issued to the processor, returned unused, or lost there.

What is issued goes to the processor's location at its cost and stays ours; it changes its account (1408). Each component
knows what went out, came back, was used and was lost. Locks: paper, order, balances.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.availability.services import planning
from backend.catalog.models import Item
from backend.inventory.models import MoveKind, StockMove, Warehouse
from backend.inventory.services import drafting
from backend.inventory.services.balances import lock_balances
from backend.inventory.services.inputs import MoveInput
from backend.inventory.services.moves import post_moves, reverse_moves, values_by_role
from backend.inventory.services.transfers import move_goods
from backend.inventory.services.transit import supplier_location
from backend.kernel import events, links
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.document import load_locked
from backend.kernel.errors import Refusal, ValidationRefused
from backend.kernel.language import in_books
from backend.kernel.money import ZERO, plain, total
from backend.purchasing.events import MaterialMoved, MaterialMoveEvent, MaterialMoveUnapproved
from backend.purchasing.models import (
    LossBearer,
    MaterialKind,
    MaterialMove,
    MaterialMoveLine,
    OrderKind,
    PurchaseOrder,
    SubcontractComponent,
)
from backend.purchasing.services import material_demand, supplies
from backend.purchasing.services.checks import CannotMoveMaterial
from backend.purchasing.services.components import components_of, left_to_move
from backend.purchasing.services.inputs import MaterialLineInput

COUNTED = {MaterialKind.ISSUE: "issued_qty", MaterialKind.RETURN: "returned_qty", MaterialKind.LOSS: "lost_qty"}


# --- drafts ------------------------------------------------------------------------------------
def save_material(
    *,
    order_id: UUID,
    kind: str,
    doc_date: date,
    actor: Actor,
    at: datetime,
    lines: Sequence[MaterialLineInput] = (),
    warehouse_id: UUID | None = None,
    bearer: str = LossBearer.US,
    remark: str = "",
    document_id: UUID | None = None,
    version: int | None = None,
) -> MaterialMove:
    """Write a draft; without lines everything that is still to be moved. Raises CannotMoveMaterial, ValidationRefused."""
    if kind not in MaterialKind.values or bearer not in LossBearer.values:
        raise ValidationRefused(_("Choose what happens to the material."), field="kind", value=kind)
    with transaction.atomic():
        document = drafting.open_draft(MaterialMove, document_id, version, actor, at)
        order = _order(order_id)
        components = {row.item_id: row for row in components_of([order.pk])}
        document.order, document.supplier, document.kind, document.bearer = order, order.supplier, kind, bearer
        document.warehouse = drafting.warehouse_of(warehouse_id or order.warehouse_id)
        document.doc_date, document.remark = doc_date, remark
        wanted = list(lines) or _all_of(components.values(), kind)
        made = drafting.lines_of(wanted, lambda number, line, item: _line(document, components, number, line, item))
        _require_lots(document, made)
        if document_id:
            links.unlink(document.pk)
        drafting.store(document, made, actor=actor, at=at)
        links.link(order, document, lines=[(row.component.order_line_id, row.pk, row.qty) for row in made])
    return document


def _order(order_id: UUID) -> PurchaseOrder:
    found = (
        PurchaseOrder.objects.select_related("supplier__supplier")
        .filter(pk=order_id, kind=OrderKind.SUBCONTRACT)
        .first()
    )
    if found is None:
        raise ValidationRefused(_("Choose a subcontract order."), field="order", value=order_id)
    if not found.is_approved:
        raise CannotMoveMaterial(
            _("%(order)s is not approved.") % {"order": found},
            document=found.number,
            field="order",
            value=found.approval,
            way_out=_("Approve the order first."),
        )
    return found


def _all_of(components: Iterable[SubcontractComponent], kind: str) -> list[MaterialLineInput]:
    rows = [MaterialLineInput(row.item_id, left_to_move(row, kind)) for row in components]
    return [row for row in rows if row.qty]


def _line(
    document: MaterialMove,
    components: Mapping[UUID, SubcontractComponent],
    number: int,
    line: MaterialLineInput,
    item: Item,
) -> MaterialMoveLine:
    component = components.get(item.pk)
    if component is None:
        words = _("Line %(line)s: %(item)s is no component of %(order)s.")
        raise drafting.wrong(number, "item_id", words % {"line": number, "item": item, "order": document.order})
    return MaterialMoveLine(
        document=document, line_no=number, component=component, item_id=item.pk, qty=line.qty, lot_id=line.lot_id
    )


def _require_lots(document: MaterialMove, lines: Sequence[MaterialMoveLine]) -> None:
    if any(line.lot_id for line in lines):
        source, _target = _way(document, supplier_location(document.supplier))
        drafting.require_lots([(line.line_no, line.item_id, line.lot_id) for line in lines], source.pk)


def _way(document: MaterialMove, location: Warehouse) -> tuple[Warehouse, Warehouse]:
    """From where to where."""
    here = document.warehouse
    return (here, location) if document.kind == MaterialKind.ISSUE else (location, here)


# --- booking -----------------------------------------------------------------------------------
def approve_material(*, document_id: UUID, actor: Actor, at: datetime, version: int | None = None) -> MaterialMove:
    """Move it; raises CannotMoveMaterial, CannotIssueStock, IllegalTransition. A fixed number of statements."""
    with transaction.atomic():
        document = _load(document_id)
        order = _order(document.order_id)
        drafting.advance(document, "approve", version=version, actor=actor, at=at)
        lines, components = _lines_of(document)
        _check(document, lines)
        location = supplier_location(document.supplier)
        source, target = _way(document, location)
        _lock(order, lines, components, source.pk, target.pk)
        if document.kind == MaterialKind.ISSUE and source.pk == order.warehouse_id:
            _free_reserved(order, lines, actor, at)
        moves = _move(document, lines, source, target, actor, at)
        _note(document, lines, moves)
        _count(document, lines, components, 1)
        _plan(document, order, lines, "material_moved", actor, at)
        events.publish(_told(MaterialMoved, document, moves, {location.pk}), actor=actor)
    return document


def _load(document_id: UUID) -> MaterialMove:
    document = load_locked(MaterialMove, document_id)
    load_locked(PurchaseOrder, document.order_id)
    return document


def _lines_of(document: MaterialMove) -> tuple[list[MaterialMoveLine], dict[UUID, SubcontractComponent]]:
    lines = list(document.lines.select_related("item").order_by("line_no"))
    return lines, {row.pk: row for row in components_of([document.order_id])}


def _check(document: MaterialMove, lines: Sequence[MaterialMoveLine]) -> None:
    """What comes back or is lost lies there for this order."""
    if document.kind == MaterialKind.ISSUE:
        return
    wanted: dict[UUID, Decimal] = defaultdict(Decimal)
    components = {row.pk: row for row in components_of([document.order_id])}
    problems: list[Refusal] = []
    for line in lines:
        wanted[line.component_id] += line.qty
        held = max(components[line.component_id].held_qty, ZERO)
        if wanted[line.component_id] > held:
            problems.append(
                CannotMoveMaterial(
                    _("%(item)s: %(qty)s wanted, %(held)s of this order lie at %(supplier)s.")
                    % {
                        "item": line.item,
                        "qty": plain(wanted[line.component_id]),
                        "held": plain(held),
                        "supplier": document.supplier.label,
                    },
                    document=document.number,
                    line=line.line_no,
                    field="qty",
                    value=plain(line.qty),
                    way_out=_("Enter at most %(held)s.") % {"held": plain(held)},
                )
            )
    drafting.refuse(problems)


def _move(
    document: MaterialMove,
    lines: Sequence[MaterialMoveLine],
    source: Warehouse,
    target: Warehouse,
    actor: Actor,
    at: datetime,
) -> list[StockMove]:
    """Out of one place and, unless it is lost, into the other: the same lots and pieces at the same value."""
    lost = document.kind == MaterialKind.LOSS
    common: dict[str, Any] = {"party_id": document.supplier_id, "order_id": document.order_id}
    out = [
        MoveInput(
            kind=MoveKind.SUBCONTRACT_LOSS if lost else MoveKind.SUBCONTRACT_OUT,
            item_id=line.item_id,
            warehouse_id=source.pk,
            qty_out=line.qty,
            lot_id=line.lot_id,
            doc_line_id=line.pk,
            **common,
        )
        for line in lines
    ]
    if lost:
        return post_moves(out, document=document, actor=actor, at=at)
    return move_goods(out, MoveKind.SUBCONTRACT_IN, target.pk, document=document, actor=actor, at=at)


def _note(document: MaterialMove, lines: Sequence[MaterialMoveLine], moves: Iterable[StockMove]) -> None:
    values: dict[Any, Decimal] = defaultdict(Decimal)
    for move in moves:
        values[move.doc_line_id] += move.value_out
    for line in lines:
        line.value = values[line.pk]
    update_rows(lines, ("value",))
    document.total_value = total(line.value for line in lines)
    document.save(update_fields=["total_value"])


def _count(
    document: MaterialMove,
    lines: Sequence[MaterialMoveLine],
    components: Mapping[UUID, SubcontractComponent],
    sign: int,
) -> None:
    name = COUNTED[MaterialKind(document.kind)]
    for line in lines:
        component = components[line.component_id]
        setattr(component, name, getattr(component, name) + sign * line.qty)
    update_rows(components.values(), [name])


def _lock(
    order: PurchaseOrder,
    lines: Sequence[MaterialMoveLine],
    components: Mapping[UUID, SubcontractComponent],
    *places: UUID,
) -> None:
    """The balances that anything of this touches, in one go: where it moves, and what the order needs."""
    moved = {(line.item_id, place) for line in lines for place in places}
    lock_balances(moved | material_demand.pairs_of(order, list(components.values())))


def _free_reserved(order: PurchaseOrder, lines: Sequence[MaterialMoveLine], actor: Actor, at: datetime) -> None:
    wanted: dict[UUID, Decimal] = defaultdict(Decimal)
    for line in lines:
        wanted[line.component_id] += line.qty
    material_demand.take_reserved(wanted, actor=actor, at=at)


def _plan(
    document: MaterialMove,
    order: PurchaseOrder,
    lines: Sequence[MaterialMoveLine],
    kind: str,
    actor: Actor,
    at: datetime,
) -> None:
    """The order needs more or less than before, and our warehouse has it: who waits for it is looked at again."""
    names = {"number": document, "supplier": document.supplier.label}
    text = in_books(lambda: _("%(number)s: material of %(supplier)s was moved.") % names)
    cause = supplies.cause_of(document, kind, text)
    material_demand.keep(order, cause=cause, actor=actor, at=at)
    if document.kind != MaterialKind.LOSS:
        planning.replan({(line.item_id, document.warehouse_id) for line in lines}, cause=cause, actor=actor, at=at)


def _told(
    kind: type[MaterialMoveEvent], document: MaterialMove, moves: Sequence[StockMove], at_suppliers: Collection[UUID]
) -> MaterialMoveEvent:
    """The event; values are those of our warehouse, red when the goods come back to it."""
    ours = [move for move in moves if move.warehouse_id not in at_suppliers]
    sign = -1 if document.kind == MaterialKind.RETURN else 1
    values = tuple((role, sign * value) for role, value in values_by_role(ours)) if ours else ()
    return kind(
        document.pk,
        document.number,
        document.doc_date,
        document.supplier_id,
        document.kind,
        document.bearer,
        values,
        document.total_value,
    )


# --- taking back -------------------------------------------------------------------------------
def unapprove_material(
    *, document_id: UUID, actor: Actor, at: datetime, reason: str = "", version: int | None = None
) -> MaterialMove:
    """Bring it back to where it was, while it lies there. Raises CannotReverseMoves naming what used it."""
    with transaction.atomic():
        document = _load(document_id)
        drafting.advance(document, "unapprove", version=version, actor=actor, at=at, reason=reason)
        lines, components = _lines_of(document)
        location = supplier_location(document.supplier)
        order = PurchaseOrder.objects.select_related("supplier__supplier").get(pk=document.order_id)
        _lock(order, lines, components, document.warehouse_id, location.pk)
        moves = reverse_moves(document=document, actor=actor, at=at)
        _count(document, lines, components, -1)
        _plan(document, order, lines, "material_unapproved", actor, at)
        events.publish(_told(MaterialMoveUnapproved, document, moves, {location.pk}), actor=actor)
    return document


def void_material(*, document_id: UUID, actor: Actor, at: datetime, reason: str = "") -> MaterialMove:
    """Throw a draft away."""
    with transaction.atomic():
        document = drafting.void(MaterialMove, document_id, actor=actor, at=at, reason=reason)
        links.unlink(document.pk)
    return document
