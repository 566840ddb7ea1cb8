"""Material of production orders: issued to the workshop, returned unused, or lost there.

What is issued lies in the workshop at its cost, on the account of work in progress. Each component knows what went out, came
back, was used and was lost. Locks: paper, order, balances.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.availability.services import demand
from backend.availability.services.planning import replan
from backend.inventory.models import StockMove, Warehouse
from backend.inventory.services import drafting, material
from backend.inventory.services.balances import LockedBalance, Pair, lock_balances
from backend.inventory.services.moves import reverse_moves
from backend.inventory.services.transit import workshop_location
from backend.kernel import events, links
from backend.kernel.actor import Actor
from backend.kernel.document import load_locked
from backend.kernel.errors import ValidationRefused
from backend.kernel.language import in_books
from backend.kernel.money import plain
from backend.production.events import (
    ProductionMaterialEvent,
    ProductionMaterialMoved,
    ProductionMaterialUnapproved,
)
from backend.production.models import (
    MaterialKind,
    ProductionComponent,
    ProductionMaterial,
    ProductionMaterialLine,
    ProductionOrder,
)
from backend.production.services import planning, workshop
from backend.production.services.checks import CannotMoveMaterial, require_not_given_up, require_running
from backend.production.services.components import components_of, left_to_move
from backend.production.services.inputs import MaterialLineInput
from backend.production.services.progress import follow_papers


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
    remark: str = "",
    document_id: UUID | None = None,
    version: int | None = None,
) -> ProductionMaterial:
    """Write a draft; without lines everything that is still to be moved. Raises CannotMoveMaterial, ValidationRefused."""
    if kind not in MaterialKind.values:
        raise ValidationRefused(_("Choose what happens to the material."), field="kind", value=kind)
    with transaction.atomic():
        document = drafting.open_draft(ProductionMaterial, document_id, version, actor, at)
        order = running_order(order_id)
        components = {row.item_id: row for row in components_of([order.pk])}
        document.order, document.kind = order, kind
        document.warehouse = drafting.warehouse_of(warehouse_id or order.warehouse_id)
        document.doc_date, document.remark = doc_date, remark
        wanted = list(lines) or _all_of(components.values(), order, kind)
        made = drafting.lines_of(
            wanted, lambda *given: material.line_of(ProductionMaterialLine, document, components, *given)
        )
        material.require_lots(document, made, workshop_location())
        if document_id:
            links.unlink(document.pk)
        drafting.store(document, made, actor=actor, at=at)
        links.link(order, document, lines=[(row.component_id, row.pk, row.qty) for row in made])
    return document


def running_order(order_id: UUID) -> ProductionOrder:
    """The order that a paper is written for; raises unless it runs."""
    order = ProductionOrder.objects.select_related("item").filter(pk=order_id).first()
    if order is None:
        raise ValidationRefused(_("Choose a production order."), field="order", value=order_id)
    require_running(order, CannotMoveMaterial)
    return order


def _all_of(components: Iterable[ProductionComponent], order: ProductionOrder, kind: str) -> list[MaterialLineInput]:
    rows = [MaterialLineInput(row.item_id, left_to_move(row, order, kind)) for row in components]
    return [row for row in rows if row.qty]


def void_material(*, document_id: UUID, actor: Actor, at: datetime, reason: str = "") -> ProductionMaterial:
    """Throw a draft away."""
    with transaction.atomic():
        document = drafting.void(ProductionMaterial, document_id, actor=actor, at=at, reason=reason)
        links.unlink(document.pk)
    return document


# --- booking -----------------------------------------------------------------------------------
def approve_material(
    *, document_id: UUID, actor: Actor, at: datetime, version: int | None = None
) -> ProductionMaterial:
    """Move it; raises CannotMoveMaterial, CannotIssueStock, IllegalTransition. A fixed number of statements."""
    with transaction.atomic():
        document, order = _load(document_id)
        drafting.advance(document, "approve", version=version, actor=actor, at=at)
        require_running(order, CannotMoveMaterial)
        lines = list(document.lines.select_related("item").order_by("line_no"))
        components = {row.pk: row for row in components_of([order.pk])}
        place = workshop_location()
        material.require_held(document, lines, components, place.name, CannotMoveMaterial)
        balances = _lock(order, document, lines, components.values(), place)
        moves = _move(document, order, lines, place, balances, actor, at)
        material.note_values(document, lines, moves)
        material.count(document, lines, components, 1)
        _follow(document, order, lines, components.values(), "production_material_moved", actor, at)
        events.publish(_told(ProductionMaterialMoved, document, moves, place), actor=actor)
    return document


def _load(document_id: UUID) -> tuple[ProductionMaterial, ProductionOrder]:
    document = load_locked(ProductionMaterial, document_id)
    return document, load_locked(ProductionOrder, document.order_id)


def _lock(
    order: ProductionOrder,
    document: ProductionMaterial,
    lines: Sequence[ProductionMaterialLine],
    components: Collection[ProductionComponent],
    place: Warehouse,
) -> dict[Pair, LockedBalance]:
    """The balances that anything of this touches, in one go: where it moves, and what the order needs and brings."""
    moved = {(line.item_id, where) for line in lines for where in (document.warehouse_id, place.pk)}
    return lock_balances(moved | planning.pairs_of(order, components))


def _move(
    document: ProductionMaterial,
    order: ProductionOrder,
    lines: Sequence[ProductionMaterialLine],
    place: Warehouse,
    balances: dict[Pair, LockedBalance],
    actor: Actor,
    at: datetime,
) -> list[StockMove]:
    source, target = material.way_of(document, place)
    out = material.moves_out(document, lines, source)
    if document.kind != MaterialKind.ISSUE:
        out = workshop.take_own(out, order, place, document, balances, CannotMoveMaterial)
    elif source.pk == order.warehouse_id:
        demand.consume_reserved(material.moved_by_component(lines), actor=actor, at=at)
    return material.post_material(document, out, target, actor=actor, at=at)


def _follow(
    document: ProductionMaterial,
    order: ProductionOrder,
    lines: Sequence[ProductionMaterialLine],
    components: Iterable[ProductionComponent],
    kind: str,
    actor: Actor,
    at: datetime,
) -> None:
    """The order needs more or less than before, and our warehouse has it: who waits for it is looked at again."""
    names = {"number": document, "order": order}
    text = in_books(lambda: _("%(number)s: material of %(order)s was moved.") % names)
    follow_papers(order, list(components), kind=kind, document=document, text=text, actor=actor, at=at)
    if document.kind != MaterialKind.LOSS:
        pairs = {(line.item_id, document.warehouse_id) for line in lines}
        replan(pairs, cause=planning.cause_of(document, kind, text), actor=actor, at=at)


def _told(
    kind: type[ProductionMaterialEvent], document: ProductionMaterial, moves: Sequence[StockMove], place: Warehouse
) -> ProductionMaterialEvent:
    """The event; values are those of our warehouse."""
    return kind(
        document.pk,
        document.number,
        document.doc_date,
        document.kind,
        document.order_id,
        material.booked_values(document, moves, {place.pk}),
        document.total_value,
    )


# --- taking back -------------------------------------------------------------------------------
def unapprove_material(
    *, document_id: UUID, actor: Actor, at: datetime, reason: str = "", version: int | None = None
) -> ProductionMaterial:
    """Bring it back to where it was, while the order holds it. Raises CannotMoveMaterial, CannotReverseMoves."""
    with transaction.atomic():
        document, order = _load(document_id)
        drafting.advance(document, "unapprove", version=version, actor=actor, at=at, reason=reason)
        require_not_given_up(order, CannotMoveMaterial)
        lines = list(document.lines.select_related("item").order_by("line_no"))
        components = {row.pk: row for row in components_of([order.pk])}
        place = workshop_location()
        _require_still_held(document, lines, components)
        _lock(order, document, lines, components.values(), place)
        moves = reverse_moves(document=document, actor=actor, at=at)
        workshop.require_own(order, place, document, CannotMoveMaterial)
        material.count(document, lines, components, -1)
        _follow(document, order, lines, components.values(), "production_material_unapproved", actor, at)
        events.publish(_told(ProductionMaterialUnapproved, document, moves, place), actor=actor)
    return document


def _require_still_held(
    document: ProductionMaterial,
    lines: Sequence[ProductionMaterialLine],
    components: dict[UUID, ProductionComponent],
) -> None:
    """An issue goes back while the order holds what it brought: others' material in the workshop does not count."""
    if document.kind != MaterialKind.ISSUE:
        return
    for component_id, qty in material.moved_by_component(lines).items():
        row = components[component_id]
        if qty > row.held_qty:
            raise CannotMoveMaterial(
                _("%(document)s cannot be taken back: of %(item)s only %(held)s are still in the workshop.")
                % {"document": document, "item": row.item.name, "held": plain(row.held_qty)},
                document=document.number,
                field="qty",
                value=plain(qty),
                way_out=_("Take the papers of the order back that came after it, the newest first."),
            )
