"""Material of subcontract orders: issued to the processor, returned unused, or lost there.

What is issued goes to the processor's location at its cost and stays ours; it changes its account (1408). Each component
knows what went out, came back, was used and was lost. Locks: paper, order, balances.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.availability.services import demand, planning
from backend.inventory.models import StockMove, Warehouse
from backend.inventory.services import drafting, material
from backend.inventory.services.balances import lock_balances
from backend.inventory.services.moves import reverse_moves
from backend.inventory.services.transit import supplier_location
from backend.kernel import events, links
from backend.kernel.actor import Actor
from backend.kernel.document import load_locked
from backend.kernel.errors import ValidationRefused
from backend.kernel.language import in_books
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
        made = drafting.lines_of(
            wanted, lambda *given: material.line_of(MaterialMoveLine, document, components, *given)
        )
        material.require_lots(document, made, supplier_location(document.supplier))
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


# --- booking -----------------------------------------------------------------------------------
def approve_material(*, document_id: UUID, actor: Actor, at: datetime, version: int | None = None) -> MaterialMove:
    """Move it; raises CannotMoveMaterial, CannotIssueStock, IllegalTransition. A fixed number of statements."""
    with transaction.atomic():
        document = _load(document_id)
        order = _order(document.order_id)
        drafting.advance(document, "approve", version=version, actor=actor, at=at)
        lines, components = _lines_of(document)
        material.require_held(document, lines, components, document.supplier.label, CannotMoveMaterial)
        location = supplier_location(document.supplier)
        source, target = material.way_of(document, location)
        _lock(order, lines, components, source.pk, target.pk)
        if document.kind == MaterialKind.ISSUE and source.pk == order.warehouse_id:
            demand.consume_reserved(material.moved_by_component(lines), actor=actor, at=at)
        out = material.moves_out(document, lines, source, party_id=document.supplier_id)
        moves = material.post_material(document, out, target, actor=actor, at=at)
        material.note_values(document, lines, moves)
        material.count(document, lines, components, 1)
        _plan(document, order, lines, "material_moved", actor, at)
        events.publish(_told(MaterialMoved, document, moves, location), actor=actor)
    return document


def _load(document_id: UUID) -> MaterialMove:
    document = load_locked(MaterialMove, document_id)
    load_locked(PurchaseOrder, document.order_id)
    return document


def _lines_of(document: MaterialMove) -> tuple[list[MaterialMoveLine], dict[UUID, SubcontractComponent]]:
    lines = list(document.lines.select_related("item").order_by("line_no"))
    return lines, {row.pk: row for row in components_of([document.order_id])}


def _lock(
    order: PurchaseOrder,
    lines: Sequence[MaterialMoveLine],
    components: Mapping[UUID, SubcontractComponent],
    *places: UUID,
) -> None:
    """The balances that anything of this touches, in one go: where it moves, and what the order needs."""
    moved = {(line.item_id, place) for line in lines for place in places}
    lock_balances(moved | material_demand.pairs_of(order, list(components.values())))


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
    kind: type[MaterialMoveEvent], document: MaterialMove, moves: Sequence[StockMove], location: Warehouse
) -> MaterialMoveEvent:
    """The event; values are those of our warehouse."""
    return kind(
        document.pk,
        document.number,
        document.doc_date,
        document.supplier_id,
        document.kind,
        document.bearer,
        material.booked_values(document, moves, {location.pk}),
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
        material.count(document, lines, components, -1)
        _plan(document, order, lines, "material_unapproved", actor, at)
        events.publish(_told(MaterialMoveUnapproved, document, moves, location), actor=actor)
    return document


def void_material(*, document_id: UUID, actor: Actor, at: datetime, reason: str = "") -> MaterialMove:
    """Throw a draft away."""
    with transaction.atomic():
        document = drafting.void(MaterialMove, document_id, actor=actor, at=at, reason=reason)
        links.unlink(document.pk)
    return document
