"""Purchase returns: goods of booked receipts go back to the supplier, for credit or to be replaced (PUR-05).

A return takes its exact share of the receipt's line: quantity, amounts and what it was booked at; all returns of a line
together never take more than came. Held goods may go back too: what an inspection rejected goes first, from the lot it was
set aside in. Approval moves stock and progress; what is to be replaced
is expected again. Locks: return, receipts by id, orders by id, balances, numbers.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.inventory.services import moves
from backend.inventory.services.inputs import MoveInput
from backend.kernel import audit, clock, events, links
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.document import Approval, claim_version, load_locked
from backend.kernel.errors import Refusal, ValidationRefused, WayOut
from backend.kernel.lifecycle import APPROVAL
from backend.kernel.models import DocumentLink
from backend.kernel.money import ZERO, cents, plain, total
from backend.kernel.numbering import next_number
from backend.purchasing.events import PurchaseReturnApproved, PurchaseReturnEvent, PurchaseReturnUnapproved
from backend.purchasing.goods import rejected_lots, standing_moves
from backend.purchasing.models import PurchaseReceipt, PurchaseReturn, PurchaseReturnLine, ReturnOutcome, ReturnReason
from backend.purchasing.services import inspections, processing
from backend.purchasing.services.checks import CannotReturnLine, CannotUnapproveReturn
from backend.purchasing.services.inputs import ReturnData, ReturnLineInput
from backend.purchasing.services.lines import fits_unit, wrong_quantity
from backend.purchasing.services.locking import Locked, lock_orders_of, lock_stock_of
from backend.purchasing.services.returned_goods import (
    Sources,
    count_returned,
    give_back,
    lock_sources,
    price_line,
    store_sources,
    take_shares,
)

__all__ = ["ReturnData", "ReturnLineInput", "approve_return", "save_return", "unapprove_return", "void_return"]

SHARES = ("net_amount", "tax_amount", "gross_amount", "booked_value")


# --- drafts ------------------------------------------------------------------------------------
def save_return(
    *, data: ReturnData, actor: Actor, at: datetime, return_id: UUID | None = None, version: int | None = None
) -> PurchaseReturn:
    """Write a draft; raises ValidationRefused and CannotReturnLine naming every line that is wrong."""
    if not data.lines:
        raise ValidationRefused(_("Nothing goes back."), field="lines", way_out=_("Say how much of a line goes back."))
    if data.outcome not in ReturnOutcome.values:
        raise ValidationRefused(_("Choose credit or replacement."), field="outcome", value=data.outcome)
    with transaction.atomic():
        document = load_locked(PurchaseReturn, return_id) if return_id else PurchaseReturn()
        if return_id:
            _require_draft(document)
            claim_version(document, version, at)
            links.unlink(document.pk)
            document.lines.all().delete()
        sources = lock_sources([line.receipt_line_id for line in data.lines])
        _check(sources, data.lines, document)
        _fill(document, sources, data, actor, at)
        lines = [_make(document, sources, number, given) for number, given in enumerate(data.lines, 1)]
        _sum_up(document, lines)
        if not return_id:
            document.number = next_number(document.DOC_TYPE, document.doc_date)
        document.save(force_insert=not return_id)
        PurchaseReturnLine.objects.bulk_create(lines)
        _link(document, sources, lines)
        audit.record(document, "save" if return_id else "create", actor=actor, at=at)
    return document


def _require_draft(document: PurchaseReturn) -> None:
    if not document.is_draft:
        raise CannotReturnLine(
            _("%(number)s is %(state)s and is not edited any more.")
            % {"number": document, "state": document.state_label("approval").lower()},
            code="cannot_edit_return",
            document=document.number,
            field="approval",
            value=document.approval,
            way_out=_("Take it back first."),
        )


def _check(sources: Sources, lines: Sequence[ReturnLineInput | PurchaseReturnLine], document: PurchaseReturn) -> None:
    """Raise for every line that cannot go back like that."""
    parties = {(receipt.supplier_id, receipt.warehouse_id) for receipt in sources.receipts.values()}
    if len(parties) > 1:
        raise ValidationRefused(_("One return has one supplier and one warehouse."), field="lines")
    taken: dict[UUID, Decimal] = {}
    problems: list[Refusal] = []
    for number, given in enumerate(lines, 1):
        line = sources.lines[given.receipt_line_id]
        receipt, left = sources.of(line), line.qty - line.returned_qty - taken.get(line.pk, ZERO)
        taken[line.pk] = taken.get(line.pk, ZERO) + given.qty
        if given.qty <= 0 or not fits_unit(given.qty, line.item):
            problems.append(wrong_quantity(number, given.qty, line.item))
        elif given.reason not in ReturnReason.values:
            problems.append(ValidationRefused(_("Say why it goes back."), line=number, field="reason"))
        elif not receipt.is_approved:
            problems.append(_refused(number, receipt, _("%(receipt)s is not booked."), given.qty, left))
        elif given.qty > left:
            text = _("%(receipt)s line %(line)s: %(qty)s to go back, but only %(left)s of it are left here.")
            problems.append(_refused(line.line_no, receipt, text, given.qty, left, number=number))
    if problems:
        raise CannotReturnLine.many(problems)


def _refused(
    line_no: int, receipt: PurchaseReceipt, text: str, qty: Decimal, left: Decimal, *, number: int = 0
) -> CannotReturnLine:
    return CannotReturnLine(
        text % {"receipt": receipt, "line": line_no, "qty": plain(qty), "left": plain(left)},
        line=number or line_no,
        field="qty",
        value=plain(qty),
        way_out=_("Send at most %(left)s back.") % {"left": plain(left)} if number else None,
        links=[WayOut(receipt.number, doc_type=receipt.DOC_TYPE, number=receipt.number)],
    )


def _fill(document: PurchaseReturn, sources: Sources, data: ReturnData, actor: Actor, at: datetime) -> None:
    receipt = next(iter(sources.receipts.values()))
    document.supplier, document.warehouse = receipt.supplier, receipt.warehouse
    document.currency, document.outcome = receipt.currency, data.outcome
    document.doc_date = data.doc_date or document.doc_date or clock.day_of(at)
    document.supplier_ref, document.remark = data.supplier_ref.strip()[:60], data.remark
    if not document.number:
        document.stamp_created(actor, at)


def _make(document: PurchaseReturn, sources: Sources, number: int, given: ReturnLineInput) -> PurchaseReturnLine:
    source = sources.lines[given.receipt_line_id]
    line = PurchaseReturnLine(
        document=document,
        line_no=number,
        receipt_line=source,
        receipt_number=sources.of(source).number,
        order_number=source.order_number,
        item=source.item,
        lot_id=source.lot_id,
        qty=given.qty,
        reason=given.reason,
        note=given.note.strip()[:200],
        unit_price=source.unit_price,
        tax_incl_price=source.tax_incl_price,
        tax_rate=source.tax_rate,
        discount_pct=source.discount_pct,
    )
    part = min((source.returned_qty + given.qty) / source.qty, Decimal(1))
    price_line(line, cents(source.net_amount * part) - source.returned_net, source, part)
    return line


def _sum_up(document: PurchaseReturn, lines: Sequence[PurchaseReturnLine]) -> None:
    document.net_amount = total(line.net_amount for line in lines)
    document.tax_amount = total(line.tax_amount for line in lines)
    document.gross_amount = total(line.gross_amount for line in lines)


def _link(document: PurchaseReturn, sources: Sources, lines: Sequence[PurchaseReturnLine]) -> None:
    DocumentLink.objects.bulk_create(
        DocumentLink(
            source_type=PurchaseReceipt.DOC_TYPE,
            source_id=sources.lines[line.receipt_line_id].document_id,
            source_line_id=line.receipt_line_id,
            target_type=PurchaseReturn.DOC_TYPE,
            target_id=document.pk,
            target_line_id=line.pk,
            qty=line.qty,
        )
        for line in lines
    )


# --- booking -----------------------------------------------------------------------------------
def approve_return(*, return_id: UUID, actor: Actor, at: datetime, version: int | None = None) -> PurchaseReturn:
    """Send the goods back: raises CannotReturnLine, CannotIssueStock, IllegalTransition."""
    with transaction.atomic():
        document, lines, sources, locked = _open(return_id, seen=version)
        before = APPROVAL.advance(document, "approve")
        _check(sources, lines, document)
        _require_inspected(document, lines)
        take_shares(lines, sources)
        _sum_up(document, lines)
        _issue(document, lines, sources, locked, actor, at)
        document.stamp_approved(actor, at)
        document.version += 1
        document.save()
        update_rows(lines, [*SHARES, "cost_amount", "material_value", "debit_qty", "lot"])
        store_sources(lines, sources)
        count_returned(document, lines, sources, locked, actor, at, sign=1)
        audit.record(document, "approve", actor=actor, at=at, axis="approval", before=before, after=Approval.APPROVED)
        events.publish(_event(PurchaseReturnApproved, document), actor=actor)
    return document


def _open(
    return_id: UUID, *, seen: int | None = None
) -> tuple[PurchaseReturn, list[PurchaseReturnLine], Sources, Locked]:
    document = load_locked(PurchaseReturn, return_id, seen=seen)
    lines = list(document.lines.select_related("item", "receipt_line").order_by("line_no"))
    sources = lock_sources([line.receipt_line_id for line in lines])
    locked = lock_orders_of([sources.lines[line.receipt_line_id].order_line_id for line in lines])
    return document, lines, sources, locked


def _require_inspected(document: PurchaseReturn, lines: Sequence[PurchaseReturnLine]) -> None:
    """Raise for goods that nobody has decided about: until then all that came counts as what will be good."""
    waiting = inspections.waiting_for(line.receipt_line_id for line in lines)
    problems = [
        CannotReturnLine(
            _("%(receipt)s: the goods of line %(line)s are still being inspected with %(inspection)s.")
            % {"receipt": line.receipt_number, "line": line.line_no, "inspection": found},
            code="not_inspected",
            document=document.number,
            line=line.line_no,
            field="qty",
            value=plain(line.qty),
            way_out=_("Decide %(inspection)s first: what it rejects goes back from where it is set aside.")
            % {"inspection": found},
            links=[WayOut(found.number, doc_type=found.DOC_TYPE, number=found.number)],
        )
        for line in lines
        if (found := waiting.get(line.receipt_line_id))
    ]
    if problems:
        raise CannotReturnLine.many(problems)


def _issue(
    document: PurchaseReturn,
    lines: Sequence[PurchaseReturnLine],
    sources: Sources,
    locked: Locked,
    actor: Actor,
    at: datetime,
) -> None:
    stocked = [line for line in lines if line.item.is_stocked]
    if not stocked:
        return
    lock_stock_of(locked)
    origins = standing_moves([line.receipt_line_id for line in stocked])
    aside = rejected_lots([line.receipt_line_id for line in stocked], warehouse_id=document.warehouse_id)
    wanted = [
        MoveInput(
            kind="purchase_return",
            item_id=line.item_id,
            warehouse_id=document.warehouse_id,
            qty_out=qty,
            lot_id=lot_id,
            party_id=document.supplier_id,
            order_id=locked.lines[sources.lines[line.receipt_line_id].order_line_id].document_id,
            doc_line_id=line.pk,
            origin_id=origins.get(line.receipt_line_id),
        )
        for line in stocked
        for lot_id, qty in _leaving(line, aside)
    ]
    by_line = {line.pk: line for line in stocked}
    for move in moves.post_moves(wanted, document=document, actor=actor, at=at):
        line = by_line[move.doc_line_id]  # type: ignore[index]
        line.cost_amount += move.value_out
        line.lot_id = move.lot_id
    processing.return_material(locked, document, stocked, sources.lines, actor, at)
    document.cost_amount = total(line.cost_amount for line in stocked)


def _leaving(
    line: PurchaseReturnLine, aside: dict[UUID, list[tuple[UUID, Decimal]]]
) -> Iterator[tuple[UUID | None, Decimal]]:
    """What was rejected, from where it was set aside, then the receipt's own lot; takes it off ``aside``."""
    rest, left = line.qty, []
    for lot_id, lying in aside.get(line.receipt_line_id, ()):
        part = min(rest, lying)
        if part:
            yield lot_id, part
        rest -= part
        left.append((lot_id, lying - part))
    aside[line.receipt_line_id] = left
    if rest:
        yield line.receipt_line.lot_id, rest


def _event(kind: type[PurchaseReturnEvent], document: PurchaseReturn) -> PurchaseReturnEvent:
    return kind(
        document.pk,
        document.number,
        document.doc_date,
        document.supplier_id,
        document.gross_amount,
        document.outcome,
    )


# --- taking back -------------------------------------------------------------------------------
def unapprove_return(*, return_id: UUID, actor: Actor, at: datetime, reason: str = "") -> PurchaseReturn:
    """Back to a draft: stock, value and progress are as before. Raises when the replacement has come."""
    with transaction.atomic():
        document, lines, sources, locked = _open(return_id)
        before = APPROVAL.advance(document, "unapprove")
        _require_not_replaced(document, lines, sources, locked)
        events.publish(_event(PurchaseReturnUnapproved, document), actor=actor)
        sources = lock_sources([line.receipt_line_id for line in lines])  # a debit note taken back has changed them
        lock_stock_of(locked)
        processing.use_again(locked, document, lines, sources.lines)
        moves.reverse_moves(document=document, actor=actor, at=at)
        give_back(lines, sources)
        store_sources(lines, sources)
        locked = lock_orders_of([sources.lines[line.receipt_line_id].order_line_id for line in lines])
        count_returned(document, lines, sources, locked, actor, at, sign=-1)
        _reset(document, lines, at)
        audit.record(
            document,
            "unapprove",
            actor=actor,
            at=at,
            axis="approval",
            before=before,
            after=document.approval,
            reason=reason,
        )
    return document


def _require_not_replaced(
    document: PurchaseReturn, lines: Sequence[PurchaseReturnLine], sources: Sources, locked: Locked
) -> None:
    if document.outcome != ReturnOutcome.REPLACEMENT:
        return
    awaited: dict[UUID, Decimal] = defaultdict(Decimal)
    for line in lines:
        row = locked.lines[sources.lines[line.receipt_line_id].order_line_id]
        awaited[row.pk] += line.qty
        if row.open_qty < awaited[row.pk]:
            order = locked.order_of(row)
            raise CannotUnapproveReturn(
                _("%(order)s line %(line)s: the replacement has come already.") % {"order": order, "line": row.line_no},
                document=document.number,
                line=line.line_no,
                field="approval",
                value=order.number,
                way_out=_("Take the receipt of the replacement back first."),
                links=[WayOut(order.number, doc_type=order.DOC_TYPE, number=order.number)],
            )


def _reset(document: PurchaseReturn, lines: Sequence[PurchaseReturnLine], at: datetime) -> None:
    for line in lines:
        line.booked_value = line.cost_amount = ZERO
        line.debit_qty = ZERO
    update_rows(lines, ["booked_value", "cost_amount", "debit_qty"])
    document.cost_amount = ZERO
    document.approved_at, document.approved_by_id, document.approved_by_name = None, None, ""
    claim_version(document, None, at)
    document.save()


def void_return(*, return_id: UUID, actor: Actor, at: datetime, reason: str = "") -> PurchaseReturn:
    """Throw a draft away; raises IllegalTransition when it is booked."""
    with transaction.atomic():
        document = load_locked(PurchaseReturn, return_id)
        before = APPROVAL.advance(document, "void")
        claim_version(document, None, at)
        document.save()
        links.unlink(document.pk)
        audit.record(
            document, "void", actor=actor, at=at, axis="approval", before=before, after=document.approval, reason=reason
        )
    return document
