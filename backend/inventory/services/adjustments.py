"""Cost adjustments: what lies there is worth more, or less; quantities stay.

A line says the new unit cost, or the difference. A unit cost is turned into a difference when the document is booked,
by what lies there at that moment, so goods that moved since it was written do not distort it.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.catalog.models import Item
from backend.inventory.errors import CannotSaveCostAdjustment
from backend.inventory.events import CostAdjustmentApproved, CostAdjustmentUnapproved
from backend.inventory.models import AdjustmentReason, CostAdjustment, CostAdjustmentLine, MoveKind, Warehouse
from backend.inventory.services import drafting
from backend.inventory.services.balances import LockedBalance, lock_balances
from backend.inventory.services.inputs import CostLineInput, MoveInput
from backend.inventory.services.moves import post_moves, reverse_moves
from backend.inventory.words import plain
from backend.kernel import audit, events
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.document import Approval, claim_version, load_locked
from backend.kernel.errors import Refusal
from backend.kernel.lifecycle import APPROVAL
from backend.kernel.money import ZERO, cents, total
from backend.kernel.numbering import next_number
from backend.parties.models import Party


def save_cost_adjustment(
    *,
    doc_date: date,
    warehouse_id: UUID,
    reason: str,
    lines: Sequence[CostLineInput],
    actor: Actor,
    at: datetime,
    supplier_id: UUID | None = None,
    remark: str = "",
    document_id: UUID | None = None,
    version: int | None = None,
) -> CostAdjustment:
    """Write a draft, new or again; its lines are replaced. Raises CannotSaveCostAdjustment naming every line.

    ``supplier_id`` is whom we owe the difference (or who owes it to us), for the reason that says so alone.
    """
    with transaction.atomic():
        document = drafting.open_draft(CostAdjustment, document_id, version, actor, at)
        document.doc_date, document.remark, document.reason = doc_date, remark, _reason(reason)
        document.supplier = _supplier(reason, supplier_id)
        document.warehouse = _warehouse(warehouse_id)
        made = _lines(document, lines)
        document.total_amount = total(line.amount or ZERO for line in made)
        if document_id is None:
            document.number = next_number(document.DOC_TYPE, doc_date)
        document.save(force_insert=document_id is None)
        if document_id is not None:
            document.lines.all().delete()
        CostAdjustmentLine.objects.bulk_create(made)
        audit.record(document, "edit" if document_id else "create", actor=actor, at=at)
    return document


def _reason(reason: str) -> str:
    if reason not in AdjustmentReason.values:
        raise CannotSaveCostAdjustment(_("Choose where the difference goes."), field="reason", value=reason)
    return reason


def _supplier(reason: str, supplier_id: UUID | None) -> Party | None:
    if reason != AdjustmentReason.SUPPLIER:
        return None
    return drafting.supplier_of(supplier_id, "supplier_id", CannotSaveCostAdjustment)


def _warehouse(warehouse_id: UUID) -> Warehouse:
    found = Warehouse.objects.filter(pk=warehouse_id, active=True).first()
    if found is None:
        raise CannotSaveCostAdjustment(_("Choose a warehouse."), field="warehouse", value=warehouse_id)
    return found


def _lines(document: CostAdjustment, given: Sequence[CostLineInput]) -> list[CostAdjustmentLine]:
    items = {item.pk: item for item in Item.objects.filter(pk__in={line.item_id for line in given})}
    problems = list(_problems(given, items))
    if problems:
        raise Refusal.many(problems) if len(problems) > 1 else problems[0]
    return [
        CostAdjustmentLine(
            document=document,
            line_no=number,
            item_id=line.item_id,
            unit_cost=line.unit_cost,
            amount=None if line.amount is None else cents(line.amount),
            note=line.note.strip()[:120],
        )
        for number, line in enumerate(given, start=1)
    ]


def _problems(given: Sequence[CostLineInput], items: dict[UUID, Item]) -> Iterator[Refusal]:
    if not given:
        yield CannotSaveCostAdjustment(
            _("There is no line yet."), field="lines", way_out=_("Add an item with its new cost.")
        )
    seen: set[UUID] = set()
    for number, line in enumerate(given, start=1):
        item = items.get(line.item_id)
        text, field = "", "item"
        if item is None or not item.is_stocked:
            text = _("Line %(line)s: choose an item that is kept in stock.")
        elif line.item_id in seen:
            text = _("Line %(line)s: %(item)s is there twice.")
        elif (line.unit_cost is None) == (line.amount is None):
            text, field = _("Line %(line)s, %(item)s: enter the new unit cost or the difference."), "unit_cost"
        elif line.unit_cost is not None and line.unit_cost < 0:
            text, field = _("Line %(line)s, %(item)s: a cost cannot be less than 0."), "unit_cost"
        seen.add(line.item_id)
        if text:
            yield CannotSaveCostAdjustment(text % {"line": number, "item": item}, line=number, field=field)


def approve_cost_adjustment(
    *, document_id: UUID, actor: Actor, at: datetime, version: int | None = None
) -> CostAdjustment:
    """Book the differences; raises CannotSaveCostAdjustment where nothing lies, or less value than is taken."""
    with transaction.atomic():
        document = load_locked(CostAdjustment, document_id, seen=version)
        before = APPROVAL.advance(document, "approve")
        claim_version(document, None, at)
        lines = list(document.lines.select_related("item").order_by("line_no"))
        balances = lock_balances((line.item_id, document.warehouse_id) for line in lines)
        held = {line.pk: balances[line.item_id, document.warehouse_id] for line in lines}
        _settle_amounts(lines, held)
        document.total_amount = total(line.amount or ZERO for line in lines)
        document.stamp_approved(actor, at)
        document.save()
        update_rows(lines, ["amount", "qty_before", "value_before"])
        post_moves(_moves(document, lines), document=document, actor=actor, at=at)
        audit.record(document, "approve", actor=actor, at=at, axis="approval", before=before, after=document.approval)
        values: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for line in lines:
            values[held[line.pk].inventory_role] += line.amount or ZERO
        told = CostAdjustmentApproved(
            document.pk,
            document.number,
            document.doc_date,
            document.reason,
            tuple(sorted(values.items())),
            document.supplier_id,
        )
        events.publish(told, actor=actor)
    return document


def _settle_amounts(lines: Sequence[CostAdjustmentLine], held: dict[UUID, LockedBalance]) -> None:
    problems: list[Refusal] = []
    for line in lines:
        balance = held[line.pk]
        line.qty_before, line.value_before = balance.on_hand, balance.value
        if line.unit_cost is not None:
            worth = line.unit_cost * balance.on_hand
            line.amount = cents(worth, line=line.line_no, field="unit_cost") - balance.value
        text = ""
        if balance.on_hand <= 0:
            text = _("Line %(line)s: nothing of %(item)s lies in this warehouse.")
        elif balance.value + (line.amount or ZERO) < 0:
            text = _("Line %(line)s: %(item)s is worth %(value)s; no more can be taken off.")
        if text:
            values = {"line": line.line_no, "item": line.item, "value": plain(balance.value)}
            problems.append(CannotSaveCostAdjustment(text % values, line=line.line_no, field="amount"))
    if problems:
        raise Refusal.many(problems) if len(problems) > 1 else problems[0]


def _moves(document: CostAdjustment, lines: Sequence[CostAdjustmentLine]) -> list[MoveInput]:
    return [
        MoveInput(
            kind=MoveKind.REVALUATION,
            item_id=line.item_id,
            warehouse_id=document.warehouse_id,
            value_in=line.amount,
            doc_line_id=line.pk,
        )
        for line in lines
        if line.amount
    ]


def unapprove_cost_adjustment(
    *, document_id: UUID, actor: Actor, at: datetime, reason: str = "", version: int | None = None
) -> CostAdjustment:
    """Take the differences back, as long as the goods have not carried them away."""
    with transaction.atomic():
        document = load_locked(CostAdjustment, document_id, seen=version)
        before = APPROVAL.advance(document, "unapprove")
        claim_version(document, None, at)
        document.approved_at, document.approved_by_id, document.approved_by_name = None, None, ""
        document.save()
        reverse_moves(document=document, actor=actor, at=at)
        lines = list(document.lines.exclude(unit_cost=None))
        for line in lines:
            line.amount = None
        update_rows(lines, ["amount"])
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
        events.publish(
            CostAdjustmentUnapproved(document.pk, document.number, document.doc_date, document.reason), actor=actor
        )
    return document


def void_cost_adjustment(*, document_id: UUID, actor: Actor, at: datetime, reason: str = "") -> CostAdjustment:
    """Throw a draft away; its number stays taken."""
    with transaction.atomic():
        document = load_locked(CostAdjustment, document_id)
        before = APPROVAL.advance(document, "void")
        claim_version(document, None, at)
        document.save()
        audit.record(
            document, "void", actor=actor, at=at, axis="approval", before=before, after=Approval.VOIDED, reason=reason
        )
    return document
