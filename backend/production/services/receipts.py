"""Product receipts: goods that are done come into the warehouse and use the material that was issued for them.

What a receipt uses follows from all that was made so far, so roundings do not add up; the goods are worth what they used, to
the cent. Material that was never issued is refused: nothing is made of nothing. Locks: paper, order, balances.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.availability.services.planning import replan
from backend.inventory.models import MoveKind, StockMove, Warehouse
from backend.inventory.services import drafting
from backend.inventory.services.balances import LockedBalance, Pair, lock_balances
from backend.inventory.services.inputs import LotInput, MoveInput
from backend.inventory.services.lots import ensure_lots
from backend.inventory.services.making import to_use
from backend.inventory.services.moves import post_moves, reverse_moves, values_by_role
from backend.inventory.services.transit import workshop_location
from backend.kernel import audit, events, links
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.document import load_locked
from backend.kernel.errors import ValidationRefused
from backend.kernel.language import in_books
from backend.kernel.money import ZERO, plain, total
from backend.kernel.numbering import next_number
from backend.production.events import ProductReceiptApproved, ProductReceiptEvent, ProductReceiptUnapproved
from backend.production.models import ProductionComponent, ProductionOrder, ProductReceipt, ProductReceiptLine
from backend.production.services import planning, workshop
from backend.production.services.checks import CannotReceiveProduct, require_not_given_up, require_running
from backend.production.services.components import components_of
from backend.production.services.progress import follow_papers

Balances = dict[Pair, LockedBalance]


# --- drafts ------------------------------------------------------------------------------------
def save_receipt(
    *,
    order_id: UUID,
    doc_date: date,
    actor: Actor,
    at: datetime,
    qty: Decimal | None = None,
    warehouse_id: UUID | None = None,
    lot_no: str = "",
    expiry_date: date | None = None,
    remark: str = "",
    document_id: UUID | None = None,
    version: int | None = None,
) -> ProductReceipt:
    """Write a draft; without a quantity all that is left to make. Raises CannotReceiveProduct, ValidationRefused."""
    with transaction.atomic():
        document = drafting.open_draft(ProductReceipt, document_id, version, actor, at)
        order = _order(order_id)
        document.order, document.item = order, order.item
        document.warehouse = drafting.warehouse_of(warehouse_id or order.warehouse_id)
        document.qty = order.left_qty if qty is None else qty
        document.doc_date, document.remark = doc_date, remark
        document.lot_no, document.expiry_date = lot_no.strip(), expiry_date
        _check(document, order)
        new = not document.number
        if new:
            document.number = next_number(document.DOC_TYPE, doc_date)
        else:
            links.unlink(document.pk)
        document.save(force_insert=new)
        links.link(order, document, lines=[(None, None, document.qty)])
        audit.record(document, "create" if new else "edit", actor=actor, at=at)
    return document


def _order(order_id: UUID) -> ProductionOrder:
    order = ProductionOrder.objects.select_related("item__unit").filter(pk=order_id).first()
    if order is None:
        raise ValidationRefused(_("Choose a production order."), field="order", value=order_id)
    require_running(order, CannotReceiveProduct)
    return order


def _check(document: ProductReceipt, order: ProductionOrder) -> None:
    item = order.item
    if document.qty <= 0 or document.qty != round(document.qty, min(item.unit.decimals, 4)):
        words = _("The quantity is more than 0 and has at most %(decimals)s decimals.")
        raise ValidationRefused(words % {"decimals": item.unit.decimals}, field="qty", value=plain(document.qty))
    _require_left(document, order)
    if item.lot_tracked and not document.lot_no:
        raise ValidationRefused(_("%(item)s is kept by lots: name the lot.") % {"item": item}, field="lot_no")
    if item.expiry_tracked and document.expiry_date is None:
        raise ValidationRefused(_("%(item)s needs an expiry date.") % {"item": item}, field="expiry_date")


def _require_left(document: ProductReceipt, order: ProductionOrder) -> None:
    if document.qty > order.left_qty:
        raise CannotReceiveProduct(
            _("%(qty)s received, %(left)s of %(order)s are left to make.")
            % {"qty": plain(document.qty), "left": plain(order.left_qty), "order": order},
            code="more_than_ordered",
            document=document.number,
            field="qty",
            value=plain(document.qty),
            way_out=_("Receive at most %(left)s, or write another order for the rest.")
            % {"left": plain(order.left_qty)},
        )


def void_receipt(*, document_id: UUID, actor: Actor, at: datetime, reason: str = "") -> ProductReceipt:
    """Throw a draft away."""
    with transaction.atomic():
        document = drafting.void(ProductReceipt, document_id, actor=actor, at=at, reason=reason)
        links.unlink(document.pk)
    return document


# --- booking -----------------------------------------------------------------------------------
def approve_receipt(*, document_id: UUID, actor: Actor, at: datetime, version: int | None = None) -> ProductReceipt:
    """Use the material, bring the goods; raises CannotReceiveProduct, IllegalTransition. A fixed number of statements."""
    with transaction.atomic():
        document, order = _load(document_id)
        drafting.advance(document, "approve", version=version, actor=actor, at=at)
        require_running(order, CannotReceiveProduct)
        _require_left(document, order)
        components = components_of([order.pk])
        place = workshop_location()
        balances = _lock(document, order, components, place)
        order.received_qty += document.qty
        used = _use(document, order, components, place, balances, actor, at)
        document.total_value = total(move.value_out for move in used)
        made = _make(document, balances, actor, at)
        document.save(update_fields=["total_value"])
        _write_lines(document, components, used)
        _follow(document, order, components, "product_received", actor, at)
        events.publish(_told(ProductReceiptApproved, document, made), actor=actor)
    return document


def _load(document_id: UUID) -> tuple[ProductReceipt, ProductionOrder]:
    document = load_locked(ProductReceipt, document_id)
    return document, load_locked(ProductionOrder, document.order_id)


def _lock(
    document: ProductReceipt, order: ProductionOrder, components: Sequence[ProductionComponent], place: Warehouse
) -> Balances:
    """The balances that anything of this touches, in one go: the workshop, the goods, and what the order needs and brings."""
    moved = {(row.item_id, place.pk) for row in components} | {(document.item_id, document.warehouse_id)}
    return lock_balances(moved | planning.pairs_of(order, components))


def _use(
    document: ProductReceipt,
    order: ProductionOrder,
    components: Sequence[ProductionComponent],
    place: Warehouse,
    balances: Balances,
    actor: Actor,
    at: datetime,
) -> list[StockMove]:
    """Take what all that is made by now takes, less what was used before."""
    wanted = {row.pk: to_use(row, order.received_qty) for row in components}
    _require_issued(document, components, wanted)
    out = [_used(document, order, row, wanted[row.pk], place) for row in components if wanted[row.pk]]
    if not out:
        return []
    out = workshop.take_own(out, order, place, document, balances, CannotReceiveProduct)
    for row in components:
        row.used_qty += wanted[row.pk]
    update_rows(components, ["used_qty"])
    return post_moves(out, document=document, actor=actor, at=at, held=balances)


def _used(
    document: ProductReceipt, order: ProductionOrder, row: ProductionComponent, qty: Decimal, place: Warehouse
) -> MoveInput:
    return MoveInput(
        kind=MoveKind.SUBCONTRACT_USED,
        item_id=row.item_id,
        warehouse_id=place.pk,
        qty_out=qty,
        order_id=order.pk,
        doc_line_id=document.pk,
    )


def _require_issued(
    document: ProductReceipt, components: Sequence[ProductionComponent], wanted: dict[UUID, Decimal]
) -> None:
    """Refuse goods whose material was never issued, naming what is missing."""
    problems = [
        CannotReceiveProduct(
            _("%(item)s: %(wanted)s are used, %(there)s of this order lie in the workshop.")
            % {"item": row.item.name, "wanted": plain(wanted[row.pk]), "there": plain(row.held_qty)},
            code="material_short",
            document=document.number,
            field="qty",
            value=plain(wanted[row.pk]),
            way_out=_("Issue the material first, or receive less."),
        )
        for row in components
        if wanted[row.pk] > row.held_qty
    ]
    if problems:
        raise CannotReceiveProduct.many(problems)


def _make(document: ProductReceipt, balances: Balances, actor: Actor, at: datetime) -> list[StockMove]:
    """The goods come at what they used."""
    lot = [LotInput(document.item_id, document.lot_no, expiry_date=document.expiry_date)] if document.lot_no else []
    lots = ensure_lots(lot, at=at)
    move = MoveInput(
        kind=MoveKind.PRODUCTION_IN,
        item_id=document.item_id,
        warehouse_id=document.warehouse_id,
        qty_in=document.qty,
        value_in=document.total_value,
        lot_id=lots[document.item_id, document.lot_no].pk if document.lot_no else None,
        order_id=document.order_id,
        doc_line_id=document.pk,
    )
    return post_moves([move], document=document, actor=actor, at=at, held=balances)


def _write_lines(
    document: ProductReceipt, components: Sequence[ProductionComponent], used: Sequence[StockMove]
) -> None:
    """What went into the goods, component by component."""
    made = []
    for row in components:
        moves = [move for move in used if move.item_id == row.item_id]
        if moves:
            qty, value = sum((move.qty_out for move in moves), ZERO), total(move.value_out for move in moves)
            made.append(
                ProductReceiptLine(
                    document=document, line_no=row.line_no, component=row, item_id=row.item_id, qty=qty, value=value
                )
            )
    ProductReceiptLine.objects.bulk_create(made)


def _follow(
    document: ProductReceipt,
    order: ProductionOrder,
    components: list[ProductionComponent],
    kind: str,
    actor: Actor,
    at: datetime,
) -> None:
    names: dict[str, Any] = {"number": document, "order": order}
    text = in_books(lambda: _("%(number)s: goods of %(order)s were received.") % names)
    if kind == "product_unapproved":
        text = in_books(lambda: _("%(number)s: the receipt of %(order)s was taken back.") % names)
    follow_papers(order, components, kind=kind, document=document, text=text, actor=actor, at=at)
    pairs = {(document.item_id, document.warehouse_id)}
    replan(pairs, cause=planning.cause_of(document, kind, text), actor=actor, at=at)


def _told(kind: type[ProductReceiptEvent], document: ProductReceipt, made: Sequence[StockMove]) -> ProductReceiptEvent:
    return kind(
        document.pk,
        document.number,
        document.doc_date,
        document.order_id,
        values_by_role(made),
        document.total_value,
    )


# --- taking back -------------------------------------------------------------------------------
def unapprove_receipt(
    *, document_id: UUID, actor: Actor, at: datetime, reason: str = "", version: int | None = None
) -> ProductReceipt:
    """Take the goods back while they lie there, and their material into the workshop. Raises CannotReverseMoves."""
    with transaction.atomic():
        document, order = _load(document_id)
        drafting.advance(document, "unapprove", version=version, actor=actor, at=at, reason=reason)
        require_not_given_up(order, CannotReceiveProduct)
        components = components_of([order.pk])
        _lock(document, order, components, workshop_location())
        moves = reverse_moves(document=document, actor=actor, at=at)
        order.received_qty -= document.qty
        _use_no_more(document, components)
        told = _told(ProductReceiptUnapproved, document, [move for move in moves if move.item_id == document.item_id])
        document.total_value = ZERO
        document.save(update_fields=["total_value"])
        _follow(document, order, components, "product_unapproved", actor, at)
        events.publish(told, actor=actor)
    return document


def _use_no_more(document: ProductReceipt, components: Sequence[ProductionComponent]) -> None:
    used = dict(document.lines.values_list("component_id", "qty"))
    for row in components:
        row.used_qty -= used.get(row.pk, ZERO)
    update_rows(components, ["used_qty"])
    document.lines.all().delete()
