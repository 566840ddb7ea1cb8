"""Opening stock: the first quantities and values of a warehouse, booked with their voucher.

Approval posts the moves (and makes the lots); it can be taken back while nothing of it has left and no order needs it.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.catalog.models import Item
from backend.inventory.errors import CannotSaveOpeningStock, CannotUnapproveOpeningStock
from backend.inventory.events import OpeningStockApproved, OpeningStockUnapproved, StockClaimed
from backend.inventory.models import MoveKind, OpeningStock, OpeningStockLine, StockMove, Warehouse
from backend.inventory.services.balances import Pair, lock_balances
from backend.inventory.services.drafting import open_draft
from backend.inventory.services.inputs import LotInput, MoveInput, OpeningLineInput
from backend.inventory.services.lots import ensure_lots
from backend.inventory.services.moves import post_moves, reverse_moves, values_by_role
from backend.inventory.words import plain
from backend.kernel import audit, events
from backend.kernel.actor import Actor
from backend.kernel.document import Approval, claim_version, load_locked
from backend.kernel.errors import Refusal, WayOut
from backend.kernel.lifecycle import APPROVAL
from backend.kernel.money import LARGEST, ZERO, cents, round_price, total
from backend.kernel.numbering import next_number


def save_opening_stock(
    *,
    doc_date: date,
    warehouse_id: UUID,
    lines: Sequence[OpeningLineInput],
    actor: Actor,
    at: datetime,
    remark: str = "",
    document_id: UUID | None = None,
    version: int | None = None,
) -> OpeningStock:
    """Write a draft, new or again; its lines are replaced."""
    with transaction.atomic():
        document = open_draft(OpeningStock, document_id, version, actor, at)
        document.doc_date, document.remark = doc_date, remark
        document.warehouse = _warehouse(warehouse_id)
        made = _lines(document, lines)
        document.total_value = total(line.value for line in made)
        if document_id is None:
            document.number = next_number(document.DOC_TYPE, doc_date)
        document.save(force_insert=document_id is None)
        if document_id is not None:
            document.lines.all().delete()
        OpeningStockLine.objects.bulk_create(made)
        audit.record(document, "edit" if document_id else "create", actor=actor, at=at)
    return document


def _warehouse(warehouse_id: UUID) -> Warehouse:
    found = Warehouse.objects.filter(pk=warehouse_id, active=True).first()
    if found is None:
        raise CannotSaveOpeningStock(_("Choose a warehouse."), field="warehouse", value=warehouse_id)
    return found


def _lines(document: OpeningStock, given: Sequence[OpeningLineInput]) -> list[OpeningStockLine]:
    if not given:
        raise CannotSaveOpeningStock(
            _("There is no line yet."), field="lines", way_out=_("Add an item with its quantity and cost.")
        )
    items = {item.pk: item for item in Item.objects.filter(pk__in={line.item_id for line in given})}
    problems: list[Refusal] = []
    made = []
    for number, line in enumerate(given, start=1):
        problem = line_problem(number, line, items.get(line.item_id))
        if problem:
            problems.append(problem)
        else:
            made.append(_line(document, number, line))
    if problems:
        raise Refusal.many(problems) if len(problems) > 1 else problems[0]
    return made


def line_problem(number: int, line: OpeningLineInput, item: Item | None) -> CannotSaveOpeningStock | None:
    """What is wrong with a line, if anything."""
    if item is None or not item.is_stocked:
        return CannotSaveOpeningStock(
            _("Line %(line)s: choose an item that is kept in stock.") % {"line": number}, line=number, field="item"
        )
    where = {"line": number, "item": item}
    if line.qty <= 0:
        text, field, value = _("Line %(line)s, %(item)s: the quantity must be more than 0."), "qty", plain(line.qty)
    elif line.value is None and line.unit_cost is None:
        text, field, value = _("Line %(line)s, %(item)s: enter the unit cost or the value."), "unit_cost", ""
    elif (line.value or ZERO) < 0 or (line.unit_cost or ZERO) < 0:
        text, field, value = _("Line %(line)s, %(item)s: a cost cannot be less than 0."), "unit_cost", ""
    elif (line.qty * (line.unit_cost or ZERO) if line.value is None else line.value) >= LARGEST:
        text, field, value = _("Line %(line)s, %(item)s: no stock is worth that much."), "unit_cost", ""
    elif item.lot_tracked and not line.lot_no.strip():
        text, field, value = (
            _("Line %(line)s, %(item)s: this item is kept by lots, enter the lot number."),
            "lot_no",
            "",
        )
    elif item.expiry_tracked and line.expiry_date is None:
        text, field, value = _("Line %(line)s, %(item)s: enter the expiry date."), "expiry_date", ""
    else:
        return None
    return CannotSaveOpeningStock(text % where, line=number, field=field, value=value)


def _line(document: OpeningStock, number: int, line: OpeningLineInput) -> OpeningStockLine:
    value = cents(line.qty * (line.unit_cost or ZERO)) if line.value is None else cents(line.value)
    unit_cost = round_price(value / line.qty) if line.unit_cost is None else line.unit_cost
    return OpeningStockLine(
        document=document,
        line_no=number,
        item_id=line.item_id,
        qty=line.qty,
        unit_cost=unit_cost,
        value=value,
        lot_no=line.lot_no.strip(),
        expiry_date=line.expiry_date,
    )


def approve_opening_stock(*, document_id: UUID, actor: Actor, at: datetime, version: int | None = None) -> OpeningStock:
    """Book the quantities and values; waiting orders get their stock at once."""
    with transaction.atomic():
        document = load_locked(OpeningStock, document_id, seen=version)
        before = APPROVAL.advance(document, "approve")
        claim_version(document, None, at)
        document.stamp_approved(actor, at)
        document.save()
        moves = post_moves(_moves(document, at), document=document, actor=actor, at=at)
        audit.record(document, "approve", actor=actor, at=at, axis="approval", before=before, after=document.approval)
        events.publish(_event(OpeningStockApproved, document, moves, at), actor=actor)
    return document


def _moves(document: OpeningStock, at: datetime) -> list[MoveInput]:
    lines = list(document.lines.order_by("line_no"))
    lots = ensure_lots(
        (LotInput(line.item_id, line.lot_no, expiry_date=line.expiry_date) for line in lines if line.lot_no), at=at
    )
    return [
        MoveInput(
            kind=MoveKind.OPENING,
            item_id=line.item_id,
            warehouse_id=document.warehouse_id,
            qty_in=line.qty,
            value_in=line.value,
            lot_id=lots[line.item_id, line.lot_no].pk if line.lot_no else None,
            doc_line_id=line.pk,
        )
        for line in lines
    ]


def _event(
    kind: type[OpeningStockApproved] | type[OpeningStockUnapproved],
    document: OpeningStock,
    moves: list[StockMove],
    at: datetime,
) -> OpeningStockApproved | OpeningStockUnapproved:
    return kind(
        document.pk,
        number=document.number,
        doc_date=document.doc_date,
        values=values_by_role(moves),
        pairs=tuple(sorted({(move.item_id, move.warehouse_id) for move in moves})),
        at=at,
    )


def unapprove_opening_stock(
    *, document_id: UUID, actor: Actor, at: datetime, reason: str = "", version: int | None = None
) -> OpeningStock:
    """Take the booking back while it is untouched; says which documents or orders stand in the way otherwise."""
    with transaction.atomic():
        document = load_locked(OpeningStock, document_id, seen=version)
        before = APPROVAL.advance(document, "unapprove")
        claim_version(document, None, at)
        _require_untouched(document, actor)
        document.approved_at, document.approved_by_id, document.approved_by_name = None, None, ""
        document.save()
        moves = reverse_moves(document=document, actor=actor, at=at)
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
        events.publish(_event(OpeningStockUnapproved, document, moves, at), actor=actor)
    return document


def _require_untouched(document: OpeningStock, actor: Actor) -> None:
    """Raise CannotUnapproveOpeningStock naming what has left since; reservations name their orders (``StockClaimed``)."""
    needed: dict[Pair, Decimal] = {}
    for item_id, qty in document.lines.values_list("item_id", "qty"):
        pair = (item_id, document.warehouse_id)
        needed[pair] = needed.get(pair, ZERO) + qty
    balances = lock_balances(needed)
    first = StockMove.objects.filter(doc_id=document.pk, reverses=None, reversed_by=None).order_by("id").first()
    if first is not None:
        _require_no_issues(document, first, needed)
    claims = tuple((*pair, qty) for pair, qty in sorted(needed.items()) if qty > balances[pair].available)
    if claims:
        events.publish(StockClaimed(document.pk, claims, release=False, number=document.number), actor=actor)


def _require_no_issues(document: OpeningStock, first: StockMove, needed: dict[Pair, Decimal]) -> None:
    issues = StockMove.objects.filter(
        id__gt=first.pk, item_id__in={item for item, _ in needed}, warehouse_id=document.warehouse_id, qty_out__gt=0
    ).exclude(kind=MoveKind.REVERSAL)
    found = list(issues.filter(reversed_by=None).order_by("id").values_list("doc_number", "doc_type").distinct()[:3])
    if not found:
        return
    links = [WayOut(number, doc_type=doc_type, number=number) for number, doc_type in dict(found).items()]
    raise CannotUnapproveOpeningStock(
        _("%(document)s cannot be taken back: goods of it have left with %(others)s.")
        % {"document": document, "others": ", ".join(link.number for link in links)},
        document=document.number,
        field="approval",
        value=links[0].number,
        way_out=_("Take those documents back first."),
        links=links,
    )


def void_opening_stock(*, document_id: UUID, actor: Actor, at: datetime, reason: str = "") -> OpeningStock:
    """Throw a draft away; its number stays taken."""
    with transaction.atomic():
        document = load_locked(OpeningStock, document_id)
        before = APPROVAL.advance(document, "void")
        claim_version(document, None, at)
        document.save()
        audit.record(
            document, "void", actor=actor, at=at, axis="approval", before=before, after=Approval.VOIDED, reason=reason
        )
    return document
