"""Facts of scores, written after something happened. Writing the same fact twice changes nothing."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum

from backend.kernel.document import Approval
from backend.purchasing.models import (
    InspectionLine,
    PurchaseReceipt,
    PurchaseReceiptLine,
    PurchaseReturn,
    ReturnReason,
    ScheduleLine,
)
from backend.srm.models import DeliveryFact, QualityFact

ZERO = Decimal(0)
# Reasons of a return that speak of the goods; too many or the wrong ones are no matter of quality.
BAD_GOODS = (ReturnReason.DAMAGED, ReturnReason.QUALITY, ReturnReason.EXPIRED)
Parts = list[tuple[date, Decimal]]


def note_delivery(receipt_id: UUID) -> DeliveryFact | None:
    """The facts of a booked receipt, in four statements; returns one of them, or nothing when it was taken back."""
    receipt = PurchaseReceipt.objects.filter(pk=receipt_id, approval=Approval.APPROVED).first()
    if receipt is None:
        return None
    lines = list(receipt.lines.select_related("asn_line", "order_line"))
    qty: dict[UUID, Decimal] = defaultdict(Decimal)
    announced: dict[UUID, dict[UUID, Decimal]] = defaultdict(dict)
    for line in lines:
        qty[line.order_line_id] += line.qty
        if line.asn_line is not None:
            announced[line.order_line_id][line.asn_line.pk] = line.asn_line.qty
    before, parts = _before(receipt, list(qty)), _parts(list(qty))
    known = {line.order_line_id: line for line in lines}
    facts = [
        DeliveryFact(
            party_id=receipt.supplier_id,
            receipt_id=receipt.pk,
            receipt_number=receipt.number,
            order_line_id=key,
            order_number=known[key].order_number,
            item_id=known[key].item_id,
            promised_date=promised_for(parts[key], before[key]) or known[key].order_line.requested_date,
            received_date=receipt.doc_date,
            expected_qty=sum(announced[key].values(), ZERO)
            or due_by(parts[key], before[key], receipt.doc_date)
            or qty[key],
            qty=qty[key],
        )
        for key in qty
    ]
    DeliveryFact.objects.bulk_create(facts, ignore_conflicts=True)
    return facts[0] if facts else None


def _before(receipt: PurchaseReceipt, order_lines: list[UUID]) -> dict[UUID, Decimal]:
    """What had arrived of each line before this receipt was booked."""
    earlier = PurchaseReceiptLine.objects.filter(
        order_line__in=order_lines,
        document__approval=Approval.APPROVED,
        document__approved_at__lt=receipt.approved_at,
    ).exclude(document=receipt.pk)
    found: dict[UUID, Decimal] = defaultdict(Decimal)
    for line_id, total in earlier.values_list("order_line").annotate(total=Sum("qty")).order_by():
        found[line_id] = total
    return found


def _parts(order_lines: list[UUID]) -> dict[UUID, Parts]:
    """The schedule that stands for each line, by day."""
    found: dict[UUID, Parts] = defaultdict(list)
    rows = ScheduleLine.objects.filter(order_line__in=order_lines).order_by("date", "schedule_no")
    for line_id, day, qty in rows.values_list("order_line_id", "date", "qty"):
        found[line_id].append((day, qty))
    return found


def promised_for(parts: Parts, before: Decimal) -> date | None:
    """The day of the first part that had not come yet."""
    reached = ZERO
    for day, qty in parts:
        reached += qty
        if reached > before:
            return day
    return parts[-1][0] if parts else None


def due_by(parts: Parts, before: Decimal, day: date) -> Decimal:
    """What should have come by a day and had not; before its day the first open part counts."""
    due = sum((qty for when, qty in parts if when <= day), ZERO) - before
    if due > ZERO:
        return due
    reached = ZERO
    for _when, qty in parts:
        reached += qty
        if reached > before:
            return reached - before
    return ZERO


def forget_delivery(receipt_id: UUID) -> list[tuple[UUID, date]]:
    """A receipt that was taken back was no delivery; returns whose months change."""
    found = DeliveryFact.objects.filter(receipt_id=receipt_id)
    touched = sorted(set(found.values_list("party_id", "received_date")))
    found.delete()
    return touched


def note_quality(
    *,
    party_id: UUID,
    inspection_id: UUID,
    number: str,
    lot_id: UUID,
    item_id: UUID,
    accepted: Decimal,
    rejected: Decimal,
    day: date,
) -> None:
    """What an inspection decided of a lot."""
    QualityFact.objects.update_or_create(
        inspection_id=inspection_id,
        lot_id=lot_id,
        defaults={
            "party_id": party_id,
            "inspection_number": number,
            "item_id": item_id,
            "decided_date": day,
            "accepted_qty": accepted,
            "rejected_qty": rejected,
        },
    )


def decided_of(inspection_id: UUID, lot_id: UUID) -> tuple[Decimal, Decimal, str]:
    """What an inspection accepted and rejected of a lot over all its lines, and what was wrong; one statement."""
    rows = InspectionLine.objects.filter(document=inspection_id, lot=lot_id).order_by("line_no")
    found = list(rows.values_list("accepted_qty", "rejected_qty", "reason"))
    reasons = dict.fromkeys(reason for _accepted, rejected, reason in found if rejected and reason)
    return sum((row[0] for row in found), ZERO), sum((row[1] for row in found), ZERO), "; ".join(reasons)


def note_return(return_id: UUID) -> tuple[UUID, date] | None:
    """What goes back as bad is a second look at its receipt's line: that part was bad, the rest of the line stood.

    What an inspection had rejected counted already and goes back first, so it is not counted again. Four statements;
    returns whose month changes, or nothing when nothing of it is about quality or the return was taken back.
    """
    made = PurchaseReturn.objects.filter(pk=return_id, approval=Approval.APPROVED).first()
    if made is None:
        return None
    lines = list(made.lines.filter(reason__in=BAD_GOODS).select_related("receipt_line"))
    rejected = _rejected([line.receipt_line_id for line in lines])
    found = [
        QualityFact(
            party_id=made.supplier_id,
            inspection_id=made.pk,
            inspection_number=made.number,
            lot_id=line.pk,
            item_id=line.item_id,
            decided_date=made.doc_date,
            accepted_qty=line.receipt_line.qty - bad,
            rejected_qty=bad,
        )
        for line in lines
        if (bad := min(line.qty, line.receipt_line.returned_qty - rejected[line.receipt_line_id])) > ZERO
    ]
    QualityFact.objects.bulk_create(found, ignore_conflicts=True)
    return (made.supplier_id, made.doc_date) if found else None


def _rejected(receipt_lines: list[UUID]) -> dict[UUID, Decimal]:
    """What inspections rejected of each line of a receipt."""
    found: dict[UUID, Decimal] = defaultdict(Decimal)
    decided = InspectionLine.objects.filter(receipt_line_id__in=receipt_lines).exclude(
        document__approval=Approval.VOIDED
    )
    for line_id, total in decided.values_list("receipt_line_id").annotate(total=Sum("rejected_qty")).order_by():
        found[line_id] = total
    return found


def forget_return(return_id: UUID) -> list[tuple[UUID, date]]:
    """A return that was taken back says nothing; returns whose months change."""
    found = QualityFact.objects.filter(inspection_id=return_id)
    touched = sorted(set(found.values_list("party_id", "decided_date")))
    found.delete()
    return touched
