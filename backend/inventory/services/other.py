"""Other receipts and issues: goods that come and go without a purchase or a sale, each for a reason.

Approval posts the moves; the reason decides the account on the other side. Goods given away are taxed as if they had been
sold: the VAT is computed when they leave.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.catalog.models import Item
from backend.inventory.errors import CannotSaveStockDocument
from backend.inventory.events import (
    OtherIssueApproved,
    OtherIssueUnapproved,
    OtherReceiptApproved,
    OtherReceiptUnapproved,
)
from backend.inventory.models import (
    IssueReason,
    MoveKind,
    OtherIssue,
    OtherIssueLine,
    OtherReceipt,
    OtherReceiptLine,
    ReceiptReason,
    StockBalance,
    StockMove,
)
from backend.inventory.services import drafting
from backend.inventory.services.inputs import LotInput, MoveInput, OtherIssueLineInput, OtherReceiptLineInput
from backend.inventory.services.lots import ensure_lots
from backend.inventory.services.moves import post_moves, reverse_moves, values_by_role
from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.document import load_locked
from backend.kernel.money import HUNDRED, ZERO, cents, round_price, total

# Given away: VAT is due as if the goods had been sold.
DEEMED_SALES = frozenset({IssueReason.SAMPLE, IssueReason.GIFT, IssueReason.DONATION})


# --- receipts ----------------------------------------------------------------------------------
def save_other_receipt(
    *,
    doc_date: date,
    warehouse_id: UUID,
    reason: str,
    lines: Sequence[OtherReceiptLineInput],
    actor: Actor,
    at: datetime,
    party_id: UUID | None = None,
    remark: str = "",
    document_id: UUID | None = None,
    version: int | None = None,
) -> OtherReceipt:
    """Write a draft, new or again; its lines are replaced."""
    with transaction.atomic():
        document = drafting.open_draft(OtherReceipt, document_id, version, actor, at)
        document.doc_date, document.remark, document.party_id = doc_date, remark, party_id
        document.warehouse = drafting.warehouse_of(warehouse_id)
        document.reason = _reason(reason, ReceiptReason)
        costs = costs_of((line.item_id for line in lines if line.unit_cost is None), warehouse_id)
        made = drafting.lines_of(lines, lambda number, line, item: _receipt_line(document, number, line, item, costs))
        document.total_value = total(line.value for line in made)
        drafting.store(document, made, actor=actor, at=at)
    return document


def _reason(given: str, reasons: type[ReceiptReason] | type[IssueReason]) -> str:
    if given not in reasons.values:
        raise CannotSaveStockDocument(_("Choose the reason."), field="reason", value=given)
    return given


def costs_of(item_ids: Iterable[UUID], warehouse_id: UUID) -> dict[UUID, Decimal]:
    """What items cost now: in the warehouse, else in all of them; one statement. Items that lie nowhere are left out."""
    wanted = set(item_ids)
    if not wanted:
        return {}
    rows = StockBalance.objects.filter(item_id__in=wanted, on_hand__gt=0)
    found: dict[UUID, Decimal] = {}
    sums: dict[UUID, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for item_id, place, on_hand, value in rows.values_list("item_id", "warehouse_id", "on_hand", "value"):
        sums[item_id][0] += value
        sums[item_id][1] += on_hand
        if place == warehouse_id:
            found[item_id] = value / on_hand
    return {item_id: value / on_hand for item_id, (value, on_hand) in sums.items()} | found


def _receipt_line(
    document: OtherReceipt, number: int, line: OtherReceiptLineInput, item: Item, costs: dict[UUID, Decimal]
) -> OtherReceiptLine:
    where = {"line": number, "item": item}
    cost = costs.get(item.pk) if line.unit_cost is None else line.unit_cost
    if cost is None or cost < 0:
        raise drafting.wrong(number, "unit_cost", _("Line %(line)s, %(item)s: enter the unit cost.") % where)
    if item.lot_tracked and not line.lot_no.strip():
        words = _("Line %(line)s, %(item)s: this item is kept by lots, enter the lot number.")
        raise drafting.wrong(number, "lot_no", words % where)
    if item.expiry_tracked and line.expiry_date is None:
        raise drafting.wrong(number, "expiry_date", _("Line %(line)s, %(item)s: enter the expiry date.") % where)
    return OtherReceiptLine(
        document=document,
        line_no=number,
        item_id=item.pk,
        qty=line.qty,
        unit_cost=round_price(cost),
        value=cents(line.qty * cost, line=number, field="unit_cost"),
        lot_no=line.lot_no.strip(),
        expiry_date=line.expiry_date,
    )


def approve_other_receipt(*, document_id: UUID, actor: Actor, at: datetime, version: int | None = None) -> OtherReceipt:
    """Put the goods into stock; waiting orders get them at once."""
    with transaction.atomic():
        document = load_locked(OtherReceipt, document_id)
        drafting.advance(document, "approve", version=version, actor=actor, at=at)
        moves = post_moves(_receipt_moves(document, at), document=document, actor=actor, at=at)
        events.publish(OtherReceiptApproved(**_told(document, moves, at)), actor=actor)
    return document


def _receipt_moves(document: OtherReceipt, at: datetime) -> list[MoveInput]:
    lines = list(document.lines.order_by("line_no"))
    lots = ensure_lots(
        (LotInput(line.item_id, line.lot_no, expiry_date=line.expiry_date) for line in lines if line.lot_no), at=at
    )
    return [
        MoveInput(
            kind=MoveKind.OTHER_RECEIPT,
            item_id=line.item_id,
            warehouse_id=document.warehouse_id,
            qty_in=line.qty,
            value_in=line.value,
            lot_id=lots[line.item_id, line.lot_no].pk if line.lot_no else None,
            party_id=document.party_id,
            doc_line_id=line.pk,
        )
        for line in lines
    ]


def unapprove_other_receipt(
    *, document_id: UUID, actor: Actor, at: datetime, reason: str = "", version: int | None = None
) -> OtherReceipt:
    """Take the goods out again while they are there; reservations give way."""
    with transaction.atomic():
        document = load_locked(OtherReceipt, document_id)
        drafting.advance(document, "unapprove", version=version, actor=actor, at=at, reason=reason)
        moves = reverse_moves(document=document, actor=actor, at=at)
        events.publish(OtherReceiptUnapproved(**_told(document, moves, at)), actor=actor)
    return document


def void_other_receipt(*, document_id: UUID, actor: Actor, at: datetime, reason: str = "") -> OtherReceipt:
    """Throw a draft away."""
    return drafting.void(OtherReceipt, document_id, actor=actor, at=at, reason=reason)


# --- issues ------------------------------------------------------------------------------------
def save_other_issue(
    *,
    doc_date: date,
    warehouse_id: UUID,
    reason: str,
    lines: Sequence[OtherIssueLineInput],
    actor: Actor,
    at: datetime,
    party_id: UUID | None = None,
    remark: str = "",
    document_id: UUID | None = None,
    version: int | None = None,
) -> OtherIssue:
    """Write a draft, new or again; its lines are replaced."""
    with transaction.atomic():
        document = drafting.open_draft(OtherIssue, document_id, version, actor, at)
        document.doc_date, document.remark, document.party_id = doc_date, remark, party_id
        document.warehouse = drafting.warehouse_of(warehouse_id)
        document.reason = _reason(reason, IssueReason)
        made = drafting.lines_of(lines, lambda number, line, item: _issue_line(document, number, line))
        drafting.require_lots(((line.line_no, line.item_id, line.lot_id) for line in made), warehouse_id)
        drafting.store(document, made, actor=actor, at=at)
    return document


def _issue_line(document: OtherIssue, number: int, line: OtherIssueLineInput) -> OtherIssueLine:
    return OtherIssueLine(document=document, line_no=number, item_id=line.item_id, qty=line.qty, lot_id=line.lot_id)


def approve_other_issue(*, document_id: UUID, actor: Actor, at: datetime, version: int | None = None) -> OtherIssue:
    """Let the goods leave at their cost; scrapping may take lots that are held or expired."""
    with transaction.atomic():
        document = load_locked(OtherIssue, document_id)
        drafting.advance(document, "approve", version=version, actor=actor, at=at)
        lines = list(document.lines.select_related("item__tax_code").order_by("line_no"))
        moves = post_moves([_issue_move(document, line) for line in lines], document=document, actor=actor, at=at)
        _value_lines(document, lines, moves)
        events.publish(OtherIssueApproved(**_told(document, moves, at), tax=document.tax_amount), actor=actor)
    return document


def _issue_move(document: OtherIssue, line: OtherIssueLine) -> MoveInput:
    return MoveInput(
        kind=MoveKind.SCRAP if document.reason == IssueReason.SCRAP else MoveKind.OTHER_ISSUE,
        item_id=line.item_id,
        warehouse_id=document.warehouse_id,
        qty_out=line.qty,
        lot_id=line.lot_id,
        party_id=document.party_id,
        doc_line_id=line.pk,
    )


def _value_lines(document: OtherIssue, lines: Sequence[OtherIssueLine], moves: Iterable[StockMove]) -> None:
    """Note what left at what cost, and the VAT where it was given away: on its price, on its cost without one."""
    values = values_by_line(moves)
    for line in lines:
        line.value, line.tax_amount = values[line.pk], ZERO
        if document.reason in DEEMED_SALES:
            line.tax_amount = _deemed_tax(line)
    update_rows(lines, ("value", "tax_amount"))
    document.total_value = total(line.value for line in lines)
    document.tax_amount = total(line.tax_amount for line in lines)
    document.save(update_fields=["total_value", "tax_amount"])


def values_by_line(moves: Iterable[StockMove]) -> dict[UUID, Decimal]:
    """What moved by document line."""
    sums: dict[UUID, Decimal] = defaultdict(Decimal)
    for move in moves:
        if move.doc_line_id:
            sums[move.doc_line_id] += move.value_out or move.value_in
    return sums


def _deemed_tax(line: OtherIssueLine) -> Decimal:
    """Formula: price incl. tax × quantity ÷ (1 + rate) × rate; without a price cost × rate."""
    rate = line.item.tax_code.rate / HUNDRED
    if line.item.sale_price is None:
        return cents(line.value * rate)
    return cents(line.qty * line.item.sale_price / (1 + rate) * rate)


def unapprove_other_issue(
    *, document_id: UUID, actor: Actor, at: datetime, reason: str = "", version: int | None = None
) -> OtherIssue:
    """Put the goods back at the value they left with."""
    with transaction.atomic():
        document = load_locked(OtherIssue, document_id)
        drafting.advance(document, "unapprove", version=version, actor=actor, at=at, reason=reason)
        moves = reverse_moves(document=document, actor=actor, at=at)
        events.publish(OtherIssueUnapproved(**_told(document, moves, at), tax=document.tax_amount), actor=actor)
    return document


def void_other_issue(*, document_id: UUID, actor: Actor, at: datetime, reason: str = "") -> OtherIssue:
    """Throw a draft away."""
    return drafting.void(OtherIssue, document_id, actor=actor, at=at, reason=reason)


def _told(document: OtherReceipt | OtherIssue, moves: list[StockMove], at: datetime) -> dict[str, Any]:
    return {
        **drafting.told(document, moves, at),
        "reason": document.reason,
        "party_id": document.party_id,
        "values": values_by_role(moves),
    }
