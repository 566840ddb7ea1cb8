"""Incoming inspections: what is inspected lies in quarantine until somebody says what is good.

Booking a receipt opens one. Its decision releases what is accepted; what is rejected goes into a lot of its own, on
hold, for its return to the supplier. Until then the goods count as supply of tomorrow, so promises hold and nothing is
bought twice. A decision takes a fixed number of statements.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.availability.services import supply
from backend.availability.services.causes import Cause
from backend.availability.services.supply import SupplyInput
from backend.catalog.models import Item
from backend.inventory.models import Lot, LotState, MoveKind, StockMove
from backend.inventory.services import lots, moves
from backend.inventory.services.balances import lock_balances
from backend.kernel import audit, clock, events
from backend.kernel.actor import Actor
from backend.kernel.bulk import Batch, update_rows
from backend.kernel.document import Approval, claim_version, load_locked
from backend.kernel.errors import Refusal, ValidationRefused, WayOut
from backend.kernel.language import in_books
from backend.kernel.lifecycle import APPROVAL
from backend.kernel.models import DocumentLink
from backend.kernel.money import ZERO
from backend.kernel.numbering import next_number
from backend.purchasing.events import InspectionDecided
from backend.purchasing.models import (
    Inspection,
    InspectionLine,
    InspectionState,
    PurchaseReceipt,
    PurchaseReceiptLine,
)
from backend.purchasing.sampling import sample_size
from backend.purchasing.services.checks import CannotDecideInspection, CannotUnapproveReceipt
from backend.purchasing.services.inputs import InspectionResult
from backend.purchasing.services.lines import fits_unit
from backend.purchasing.services.supplies import quantity

DAYS = 1  # what an inspection takes, as long as nobody decided
_HEADER = [
    "doc_date",
    "approval",
    "state",
    "remark",
    "version",
    "updated_at",
    "approved_at",
    "approved_by_id",
    "approved_by_name",
]
_DECIDED = ["sample_qty", "defect_qty", "accepted_qty", "rejected_qty", "reason", "rejected_lot"]


# --- with the receipt --------------------------------------------------------------------------
def open_inspection(
    receipt: PurchaseReceipt, lines: Sequence[PurchaseReceiptLine], batch: Batch, actor: Actor, at: datetime
) -> dict[UUID, list[SupplyInput]]:
    """Put the inspection of a receipt into the batch; returns what it brings when it is decided, by its lines."""
    inspected = [line for line in lines if line.item.is_inspected]
    if not inspected:
        return {}
    made = Inspection(
        number=next_number(Inspection.DOC_TYPE, receipt.doc_date),
        doc_date=receipt.doc_date,
        supplier_id=receipt.supplier_id,
        warehouse_id=receipt.warehouse_id,
        receipt=receipt,
    )
    made.stamp_created(actor, at)
    rows = [_row(made, number, line) for number, line in enumerate(inspected, 1)]
    batch.insert([made])
    batch.insert(rows)
    batch.insert(_link(receipt, made, row) for row in rows)
    return {row.pk: [_supply(made, row)] for row in rows}


def _row(made: Inspection, number: int, line: PurchaseReceiptLine) -> InspectionLine:
    return InspectionLine(
        document=made,
        line_no=number,
        receipt_line_id=line.pk,
        item=line.item,
        lot=line.lot,
        qty=line.qty,
        sample_qty=sample_size(line.qty, line.item.inspection),
    )


def _link(receipt: PurchaseReceipt, made: Inspection, row: InspectionLine) -> DocumentLink:
    return DocumentLink(
        source_type=PurchaseReceipt.DOC_TYPE,
        source_id=receipt.pk,
        source_line_id=row.receipt_line_id,
        target_type=Inspection.DOC_TYPE,
        target_id=made.pk,
        target_line_id=row.pk,
        qty=row.qty,
    )


def _supply(made: Inspection, row: InspectionLine) -> SupplyInput:
    return SupplyInput(
        ref_line_id=row.pk,
        schedule_no=1,
        item_id=row.item_id,
        warehouse_id=made.warehouse_id,
        qty=row.qty,
        date=made.doc_date + timedelta(days=DAYS),
        firmness="inspected",
        party_id=made.supplier_id,
        ref_line_no=row.line_no,
        ref_type=Inspection.DOC_TYPE,
        ref_id=made.pk,
        ref_number=made.number,
    )


def withdraw_inspections(receipt: PurchaseReceipt, actor: Actor, at: datetime) -> dict[UUID, list[SupplyInput]]:
    """Void the open inspections of a receipt that is taken back; returns their lines, which bring nothing more.

    Raises CannotUnapproveReceipt when one is decided.
    """
    found = list(receipt.inspections.select_for_update(of=("self",)).exclude(approval=Approval.VOIDED).order_by("pk"))
    if not found:
        return {}
    for made in found:
        if made.state != InspectionState.OPEN:
            raise _decided_already(receipt, made)
        before = APPROVAL.advance(made, "void")
        claim_version(made, None, at)
        audit.record(made, "void", actor=actor, at=at, axis="approval", before=before, after=made.approval)
    update_rows(found, ["approval", "version", "updated_at"])
    rows = InspectionLine.objects.filter(document__in=found).values_list("pk", flat=True)
    return {row: [] for row in rows}


def _decided_already(receipt: PurchaseReceipt, made: Inspection) -> CannotUnapproveReceipt:
    return CannotUnapproveReceipt(
        _("%(receipt)s is inspected: %(inspection)s is decided.") % {"receipt": receipt, "inspection": made},
        document=receipt.number,
        field="inspection",
        value=made.number,
        way_out=_("Send back what is not wanted with a purchase return."),
        links=[WayOut(made.number, doc_type=made.DOC_TYPE, number=made.number)],
    )


def waiting_for(receipt_line_ids: Iterable[UUID]) -> dict[UUID, Inspection]:
    """By the receipts' lines the inspections that nobody has decided; one statement."""
    found = InspectionLine.objects.select_related("document").filter(
        receipt_line_id__in=list(receipt_line_ids),
        document__state=InspectionState.OPEN,
        document__approval=Approval.DRAFT,
    )
    return {row.receipt_line_id: row.document for row in found}


# --- the decision ------------------------------------------------------------------------------
def decide_inspection(
    *,
    inspection_id: UUID,
    results: Sequence[InspectionResult],
    actor: Actor,
    at: datetime,
    version: int | None = None,
    remark: str = "",
) -> Inspection:
    """Release what is good, keep the rest on hold in lots of its own; lines without a result are accepted.

    Raises CannotDecideInspection, ValidationRefused for every line that cannot be.
    """
    with transaction.atomic():
        made = load_locked(Inspection, inspection_id)
        before = APPROVAL.advance(made, "approve")
        claim_version(made, version, at)
        made.doc_date = clock.day_of(at)
        rows = list(InspectionLine.objects.select_related("item__unit").filter(document=made).order_by("line_no"))
        _fill(rows, results)
        held = _lock_lots(made, rows)
        lock_balances({(row.item_id, made.warehouse_id) for row in rows})
        _release(made, rows, held)
        _set_aside(made, rows, held, actor, at)
        made.state, made.remark = _outcome(rows), remark or made.remark
        made.stamp_approved(actor, at)
        _write(made, rows, held, before, actor, at)
        _tell(made, rows, actor, at)
    return made


def _fill(rows: Sequence[InspectionLine], results: Sequence[InspectionResult]) -> None:
    found = {result.line_id: result for result in results}
    if found.keys() - {row.pk for row in rows}:
        raise ValidationRefused(_("There is no such line."), field="lines")
    problems: list[Refusal] = []
    for row in rows:
        result = found.get(row.pk) or InspectionResult(row.pk, ZERO)
        row.sample_qty = row.sample_qty if result.sample_qty is None else result.sample_qty
        row.defect_qty = result.rejected_qty if result.defect_qty is None else result.defect_qty
        row.rejected_qty, row.accepted_qty = result.rejected_qty, row.qty - result.rejected_qty
        row.reason = result.reason.strip()[:200]
        problems += _problems(row)
    if problems:
        raise CannotDecideInspection.many(problems)


def _problems(row: InspectionLine) -> list[Refusal]:
    values = {"line": row.line_no, "item": row.item, "qty": quantity(row.qty)}
    problems: list[Refusal] = []
    if not 0 <= row.rejected_qty <= row.qty or not fits_unit(row.rejected_qty, row.item):
        problems.append(
            ValidationRefused(
                _("Line %(line)s, %(item)s: between 0 and %(qty)s are rejected.") % values,
                line=row.line_no,
                field="rejected_qty",
                value=row.rejected_qty,
            )
        )
    if not 0 <= row.sample_qty <= row.qty:
        problems.append(
            ValidationRefused(
                _("Line %(line)s, %(item)s: a sample has at most %(qty)s.") % values,
                line=row.line_no,
                field="sample_qty",
                value=row.sample_qty,
            )
        )
    if not 0 <= row.defect_qty <= row.qty:
        problems.append(
            ValidationRefused(
                _("Line %(line)s, %(item)s: at most %(qty)s can be bad.") % values,
                line=row.line_no,
                field="defect_qty",
                value=row.defect_qty,
            )
        )
    if row.rejected_qty > 0 and not row.reason:
        problems.append(
            ValidationRefused(
                _("Line %(line)s, %(item)s: say what is wrong with the goods.") % values,
                line=row.line_no,
                field="reason",
                way_out=_("The supplier reads it."),
            )
        )
    return problems


def _lock_lots(made: Inspection, rows: Sequence[InspectionLine]) -> dict[UUID, Lot]:
    """The lots, locked; each must still be in quarantine with all that came."""
    found = Lot.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=[row.lot_id for row in rows])
    held = {lot.pk: lot for lot in found.order_by("pk")}
    problems = [
        CannotDecideInspection(
            _("Lot %(lot)s is %(state)s, not in inspection any more.")
            % {"lot": lot, "state": lot.state_label("state").lower()},
            document=made.number,
            field="state",
            value=lot.state,
            way_out=_("Decide about it on the page of the lot."),
            links=[WayOut(lot.lot_no, doc_type="inventory.lot", number=str(lot.pk))],
        )
        for lot in held.values()
        if lot.state != LotState.QUARANTINE
    ]
    if problems:
        raise Refusal.many(problems) if len(problems) > 1 else problems[0]
    return held


def _release(made: Inspection, rows: Sequence[InspectionLine], held: dict[UUID, Lot]) -> None:
    """Lots with anything good are released; those without are held. The trigger moves what is blocked."""
    good = {row.lot_id for row in rows if row.accepted_qty > 0}
    words = _words(made)
    for lot in held.values():
        lot.state = LotState.RELEASED if lot.pk in good else LotState.HELD
        lot.hold_reason = "" if lot.pk in good else words
    update_rows(held.values(), ["state", "hold_reason"])


def _words(made: Inspection) -> str:
    return in_books(lambda: _("Rejected by inspection %(number)s") % {"number": made.number})[:200]


def _set_aside(
    made: Inspection, rows: Sequence[InspectionLine], held: dict[UUID, Lot], actor: Actor, at: datetime
) -> None:
    """What is rejected of lots that are partly good goes into lots of its own, at the value it leaves with."""
    for row in rows:
        row.rejected_lot = held[row.lot_id] if row.rejected_qty and held[row.lot_id].state == LotState.HELD else None
    parts = [row for row in rows if row.rejected_qty > 0 and row.rejected_lot is None]
    if not parts:
        return
    items: dict[UUID, Item] = {row.item_id: row.item for row in parts}
    wanted = {row.pk: _rejected_lot(held[row.lot_id], row) for row in parts}
    found = lots.ensure_lots(wanted.values(), at=at, items=items)
    fresh = list({lot.pk: lot for lot in found.values()}.values())
    for lot in fresh:
        lot.hold_reason = _words(made)
    update_rows(fresh, ["hold_reason"])
    out = [
        moves.MoveInput(
            MoveKind.LOT_SPLIT,
            row.item_id,
            made.warehouse_id,
            qty_out=row.rejected_qty,
            lot_id=row.lot_id,
            party_id=made.supplier_id,
            doc_line_id=row.pk,
        )
        for row in parts
    ]
    gone = {move.doc_line_id: move for move in moves.post_moves(out, document=made, actor=actor, at=at)}
    for row in parts:
        row.rejected_lot = found[row.item_id, wanted[row.pk].lot_no]
    moves.post_moves([_back(row, gone[row.pk], made) for row in parts], document=made, actor=actor, at=at)


def _rejected_lot(lot: Lot, row: InspectionLine) -> lots.LotInput:
    return lots.LotInput(
        item_id=row.item_id,
        lot_no=f"{lot.lot_no[:36]}-R{row.line_no}"[:40],
        supplier_lot_no=lot.supplier_lot_no,
        supplier_id=lot.supplier_id,
        mfg_date=lot.mfg_date,
        expiry_date=lot.expiry_date,
        state=LotState.HELD,
    )


def _back(row: InspectionLine, gone: StockMove, made: Inspection) -> moves.MoveInput:
    return moves.MoveInput(
        MoveKind.LOT_SPLIT,
        row.item_id,
        made.warehouse_id,
        qty_in=row.rejected_qty,
        value_in=gone.value_out,
        lot_id=row.rejected_lot_id,
        party_id=made.supplier_id,
        doc_line_id=row.pk,
    )


def _outcome(rows: Sequence[InspectionLine]) -> str:
    rejected = sum((row.rejected_qty for row in rows), Decimal(0))
    if not rejected:
        return InspectionState.ACCEPTED
    return InspectionState.PARTIAL if any(row.accepted_qty for row in rows) else InspectionState.REJECTED


def _write(
    made: Inspection,
    rows: Sequence[InspectionLine],
    held: dict[UUID, Lot],
    before: str,
    actor: Actor,
    at: datetime,
) -> None:
    batch = Batch()
    batch.update([made], _HEADER)
    batch.update(rows, _DECIDED)
    batch.insert(
        [
            audit.entry(
                made,
                "decide",
                actor=actor,
                at=at,
                axis="approval",
                before=before,
                after=made.approval,
                changes={str(row.line_no): [quantity(row.qty), quantity(row.accepted_qty)] for row in rows},
            ),
            *(
                audit.entry(
                    lot,
                    "release" if lot.state == LotState.RELEASED else "hold",
                    actor=actor,
                    at=at,
                    axis="state",
                    before=LotState.QUARANTINE,
                    after=lot.state,
                    reason=lot.hold_reason,
                )
                for lot in held.values()
            ),
        ]
    )
    batch.write()


def _tell(made: Inspection, rows: Sequence[InspectionLine], actor: Actor, at: datetime) -> None:
    """What waits for the goods gets what is good; what was rejected is missed."""
    text = in_books(lambda: _("%(number)s is decided.") % {"number": made.number})
    supply.reschedule_supply(
        {row.pk: [] for row in rows},
        ref_type=made.DOC_TYPE,
        ref_id=made.pk,
        ref_number=made.number,
        cause=replace(Cause.of("inspection_decided", made, text), by_name=actor.name),
        actor=actor,
        at=at,
    )
    events.publish_all(
        [
            InspectionDecided(
                made.pk,
                number=made.number,
                supplier_id=made.supplier_id,
                item_id=row.item_id,
                lot_id=row.lot_id,
                accepted=row.accepted_qty,
                rejected=row.rejected_qty,
                rejected_lot_id=row.rejected_lot_id,
                receipt_line_id=row.receipt_line_id,
                reason=row.reason,
            )
            for row in rows
        ],
        actor=actor,
    )
