"""Kits: assembled at what their components cost, taken apart into components that share the cost by ratio.

Value is conserved to the cent: what goes out comes in, and with it the fee of who did the work. Templates say what a kit
is made of; an assembly without lines takes them from there.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.catalog.models import Item
from backend.inventory.errors import CannotSaveStockDocument
from backend.inventory.events import AssemblyApproved, AssemblyUnapproved
from backend.inventory.models import (
    Assembly,
    AssemblyKind,
    AssemblyLine,
    KitLine,
    Lot,
    MoveKind,
    StockMove,
)
from backend.inventory.services import drafting
from backend.inventory.services.balances import lock_balances
from backend.inventory.services.inputs import ComponentInput, LotInput, MoveInput
from backend.inventory.services.lots import ensure_lots
from backend.inventory.services.moves import post_moves, reverse_moves, values_by_role
from backend.inventory.services.other import costs_of, values_by_line
from backend.kernel import audit, events
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.document import load_locked
from backend.kernel.errors import NotFoundRefused, Refusal
from backend.kernel.money import HUNDRED, ZERO, allocate, in_cents, round_qty, total

NUMBERED_AS: dict[str, str] = {AssemblyKind.CONVERT: "inventory.conversion"}


# --- templates -------------------------------------------------------------------------------------
def save_kit(*, kit_id: UUID, lines: Sequence[ComponentInput], actor: Actor, at: datetime) -> list[KitLine]:
    """Write what a kit is made of (quantities for one); without lines it is no kit any more."""
    with transaction.atomic():
        kit = Item.objects.select_for_update(of=("self",)).filter(pk=kit_id).first()
        if kit is None or not kit.is_stocked:
            raise NotFoundRefused(_("There is no such item."), value=kit_id)
        made = drafting.lines_of(lines, lambda number, line, item: _kit_line(kit, number, line, item)) if lines else []
        if len({line.item_id for line in made}) < len(made):
            raise CannotSaveStockDocument(_("A component is named once."), field="lines")
        KitLine.objects.filter(kit=kit).delete()
        KitLine.objects.bulk_create(made)
        audit.record(kit, "edit", actor=actor, at=at, changes={"kit": ["", str(len(made))]})
    return made


def _kit_line(kit: Item, number: int, line: ComponentInput, item: Item) -> KitLine:
    if item.pk == kit.pk:
        raise drafting.wrong(number, "item_id", _("Line %(line)s: a kit is not made of itself.") % {"line": number})
    if line.ratio < 0:
        raise drafting.wrong(number, "ratio", _("Line %(line)s: a ratio is not below 0.") % {"line": number})
    if not 0 <= line.scrap_pct < HUNDRED:
        words = _("Line %(line)s: scrap lies between 0 and 100 %%.") % {"line": number}
        raise drafting.wrong(number, "scrap_pct", words, line.scrap_pct)
    return KitLine(kit=kit, line_no=number, item_id=item.pk, qty=line.qty, ratio=line.ratio, scrap_pct=line.scrap_pct)


def kit_of(item_id: UUID, qty: Decimal) -> list[ComponentInput]:
    """What so many kits are made of, by the template; one statement."""
    rows = KitLine.objects.filter(kit_id=item_id).order_by("line_no")
    return [ComponentInput(row.item_id, round_qty(row.qty * qty), row.ratio) for row in rows]


# --- the document ----------------------------------------------------------------------------------
def save_assembly(
    *,
    doc_date: date,
    warehouse_id: UUID,
    item_id: UUID,
    qty: Decimal,
    actor: Actor,
    at: datetime,
    lines: Sequence[ComponentInput] = (),
    kind: str = AssemblyKind.ASSEMBLE,
    lot_no: str = "",
    expiry_date: date | None = None,
    fee: Decimal = ZERO,
    fee_supplier_id: UUID | None = None,
    remark: str = "",
    document_id: UUID | None = None,
    version: int | None = None,
) -> Assembly:
    """Write a draft, new or again; without lines the components come from the kit's template."""
    if kind not in AssemblyKind.values:
        raise CannotSaveStockDocument(_("Choose assembly, disassembly or conversion."), field="kind", value=kind)
    with transaction.atomic():
        document = drafting.open_draft(Assembly, document_id, version, actor, at)
        document.doc_date, document.remark, document.kind = doc_date, remark, kind
        document.warehouse = drafting.warehouse_of(warehouse_id)
        document.item = _kit(item_id, qty)
        document.qty, document.lot_no, document.expiry_date = qty, lot_no.strip(), expiry_date
        _check_lot(document)
        _set_fee(document, fee, fee_supplier_id)
        made = drafting.lines_of(
            _given(kind, lines, item_id, qty), lambda number, line, item: _line(document, number, line, item)
        )
        drafting.store(document, made, actor=actor, at=at, numbered_as=NUMBERED_AS.get(kind))
    return document


def _given(kind: str, lines: Sequence[ComponentInput], item_id: UUID, qty: Decimal) -> list[ComponentInput]:
    """The components; those of the kit when none is named. A conversion has one, and no template."""
    if kind != AssemblyKind.CONVERT:
        return list(lines) or kit_of(item_id, qty)
    if len(lines) > 1:
        raise drafting.wrong(2, "item_id", _("A conversion makes one item of one other."))
    return list(lines)


def _kit(item_id: UUID, qty: Decimal) -> Item:
    item = Item.objects.select_related("unit").filter(pk=item_id).first()
    if item is None or not item.is_stocked:
        raise CannotSaveStockDocument(_("Choose an item that is kept in stock."), field="item_id", value=item_id)
    if qty <= 0 or qty != round(qty, item.unit.decimals):
        raise CannotSaveStockDocument(
            _("The quantity is more than 0 and has at most %(decimals)s decimals.") % {"decimals": item.unit.decimals},
            field="qty",
            value=qty,
        )
    return item


def _check_lot(document: Assembly) -> None:
    if document.kind == AssemblyKind.TAKE_APART:
        return
    if document.item.lot_tracked and not document.lot_no:
        raise CannotSaveStockDocument(
            _("%(item)s is kept by lots: name the lot.") % {"item": document.item}, field="lot_no"
        )
    if document.item.expiry_tracked and document.expiry_date is None:
        raise CannotSaveStockDocument(
            _("%(item)s needs an expiry date.") % {"item": document.item}, field="expiry_date"
        )


def _set_fee(document: Assembly, fee: Decimal, supplier_id: UUID | None) -> None:
    if fee < 0 or not in_cents(fee):
        raise CannotSaveStockDocument(_("A fee is not below 0, in whole cents."), field="fee", value=fee)
    document.fee = fee
    document.fee_supplier = drafting.supplier_of(supplier_id, "fee_supplier_id") if fee else None


def _line(document: Assembly, number: int, line: ComponentInput, item: Item) -> AssemblyLine:
    if item.pk == document.item_id:
        raise drafting.wrong(number, "item_id", _("Line %(line)s: a kit is not made of itself.") % {"line": number})
    if line.ratio < 0:
        raise drafting.wrong(number, "ratio", _("Line %(line)s: a ratio is not below 0.") % {"line": number})
    if document.kind == AssemblyKind.TAKE_APART and item.lot_tracked and not line.lot_no.strip():
        words = _("Line %(line)s, %(item)s: this item is kept by lots, enter the lot number.")
        raise drafting.wrong(number, "lot_no", words % {"line": number, "item": item})
    return AssemblyLine(
        document=document,
        line_no=number,
        item_id=item.pk,
        qty=line.qty,
        ratio=line.ratio,
        lot_no=line.lot_no.strip(),
    )


def approve_assembly(*, document_id: UUID, actor: Actor, at: datetime, version: int | None = None) -> Assembly:
    """Use what goes in, make what comes out; a fixed number of statements whatever the lines."""
    with transaction.atomic():
        document = load_locked(Assembly, document_id)
        drafting.advance(document, "approve", version=version, actor=actor, at=at)
        lines = list(document.lines.order_by("line_no"))
        pairs = [(item_id, document.warehouse_id) for item_id in {document.item_id, *(line.item_id for line in lines)}]
        lock_balances(pairs)
        book = _take_apart if document.kind == AssemblyKind.TAKE_APART else _assemble
        moves = book(document, lines, actor, at)
        values = values_by_line(move for move in moves if move.doc_line_id != document.pk)
        for line in lines:
            line.value = values[line.pk]
        update_rows(lines, ("value",))
        document.total_value = total(move.value_in for move in moves)
        document.save(update_fields=["total_value"])
        events.publish(AssemblyApproved(**_told(document, moves, at)), actor=actor)
    return document


def _assemble(document: Assembly, lines: Sequence[AssemblyLine], actor: Actor, at: datetime) -> list[StockMove]:
    """Components −, kit + at what they and the work cost."""
    lots = _named_lots(document, lines)
    used = post_moves([_out(document, line, lots) for line in lines], document=document, actor=actor, at=at)
    kit = _in(document, document.item_id, document.qty, _cost(document, used), document.pk)
    lot = [LotInput(document.item_id, document.lot_no, expiry_date=document.expiry_date)] if document.lot_no else []
    made = ensure_lots(lot, at=at)
    lot_id = made[document.item_id, document.lot_no].pk if document.lot_no else None
    return [*used, *post_moves([MoveInput(**kit, lot_id=lot_id)], document=document, actor=actor, at=at)]


def _take_apart(document: Assembly, lines: Sequence[AssemblyLine], actor: Actor, at: datetime) -> list[StockMove]:
    """Kit −, components + with their share of what it and the work cost."""
    lot_id = _kit_lot(document)
    out = MoveInput(
        kind=MoveKind.ASSEMBLY_OUT,
        item_id=document.item_id,
        warehouse_id=document.warehouse_id,
        qty_out=document.qty,
        lot_id=lot_id,
        doc_line_id=document.pk,
    )
    used = post_moves([out], document=document, actor=actor, at=at)
    shares = allocate(_cost(document, used), _weights(document, lines))
    lots = ensure_lots((LotInput(line.item_id, line.lot_no) for line in lines if line.lot_no), at=at)
    made = [
        MoveInput(
            **_in(document, line.item_id, line.qty, value, line.pk),
            lot_id=lots[line.item_id, line.lot_no].pk if line.lot_no else None,
        )
        for line, value in zip(lines, shares, strict=True)
    ]
    return [*used, *post_moves(made, document=document, actor=actor, at=at)]


def _cost(document: Assembly, used: Sequence[StockMove]) -> Decimal:
    """30: what was used, and the fee."""
    return total(move.value_out for move in used) + document.fee


def _weights(document: Assembly, lines: Sequence[AssemblyLine]) -> list[Decimal]:
    """The ratios; without any, quantities at what they cost now; without a cost, quantities."""
    if any(line.ratio for line in lines):
        return [line.ratio for line in lines]
    costs = costs_of((line.item_id for line in lines), document.warehouse_id)
    known = [line.qty * costs.get(line.item_id, ZERO) for line in lines]
    return known if all(known) else [line.qty for line in lines]


def _out(document: Assembly, line: AssemblyLine, lots: dict[tuple[UUID, str], UUID]) -> MoveInput:
    return MoveInput(
        kind=MoveKind.ASSEMBLY_OUT,
        item_id=line.item_id,
        warehouse_id=document.warehouse_id,
        qty_out=line.qty,
        lot_id=lots[line.item_id, line.lot_no] if line.lot_no else None,
        doc_line_id=line.pk,
    )


def _in(document: Assembly, item_id: UUID, qty: Decimal, value: Decimal, line_id: UUID) -> dict[str, Any]:
    return {
        "kind": MoveKind.ASSEMBLY_IN,
        "item_id": item_id,
        "warehouse_id": document.warehouse_id,
        "qty_in": qty,
        "value_in": value,
        "doc_line_id": line_id,
    }


def _named_lots(document: Assembly, lines: Sequence[AssemblyLine]) -> dict[tuple[UUID, str], UUID]:
    """The lots that components are taken from; one statement. Raises for one that is not there."""
    named = [line for line in lines if line.lot_no]
    rows = Lot.objects.filter(item__in=[line.item_id for line in named], lot_no__in=[line.lot_no for line in named])
    found = (
        {(item_id, lot_no): pk for pk, item_id, lot_no in rows.values_list("pk", "item_id", "lot_no")} if named else {}
    )
    problems: list[Refusal] = [
        drafting.wrong(
            line.line_no,
            "lot_no",
            _("Line %(line)s: the item has no lot “%(lot)s”.") % {"line": line.line_no, "lot": line.lot_no},
            line.lot_no,
        )
        for line in named
        if (line.item_id, line.lot_no) not in found
    ]
    drafting.refuse(problems)
    return found


def _kit_lot(document: Assembly) -> UUID | None:
    if not document.lot_no:
        return None
    found = Lot.objects.filter(item_id=document.item_id, lot_no=document.lot_no).values_list("pk", flat=True).first()
    if found is None:
        raise CannotSaveStockDocument(
            _("The item has no lot “%(lot)s”.") % {"lot": document.lot_no}, field="lot_no", value=document.lot_no
        )
    return found


def _told(document: Assembly, moves: list[StockMove], at: datetime) -> dict[str, Any]:
    return {
        **drafting.told(document, moves, at),
        "values_in": values_by_role(move for move in moves if move.qty_in),
        "values_out": values_by_role(move for move in moves if move.qty_out),
        "fee": document.fee,
        "supplier_id": document.fee_supplier_id,
    }


def unapprove_assembly(
    *, document_id: UUID, actor: Actor, at: datetime, reason: str = "", version: int | None = None
) -> Assembly:
    """Take it back while what was made lies there."""
    with transaction.atomic():
        document = load_locked(Assembly, document_id)
        drafting.advance(document, "unapprove", version=version, actor=actor, at=at, reason=reason)
        moves = reverse_moves(document=document, actor=actor, at=at)
        events.publish(AssemblyUnapproved(**_told(document, moves, at)), actor=actor)
    return document


def void_assembly(*, document_id: UUID, actor: Actor, at: datetime, reason: str = "") -> Assembly:
    """Throw a draft away."""
    return drafting.void(Assembly, document_id, actor=actor, at=at, reason=reason)
