"""Taking back a booked receipt: everything it did is undone, or the refusal names what stands in the way."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.availability.services.supply import SupplyInput
from backend.inventory.services import moves
from backend.invoicing.models import PurchaseInvoice, PurchaseInvoiceLine
from backend.invoicing.services import standing
from backend.kernel import audit, events
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.document import Approval, claim_version, load_locked
from backend.kernel.errors import WayOut
from backend.kernel.language import in_books
from backend.kernel.lifecycle import APPROVAL
from backend.kernel.money import ZERO
from backend.logistics.services import shipments
from backend.purchasing import schedule
from backend.purchasing.events import PurchaseReceiptUnapproved
from backend.purchasing.models import Asn, AsnLine, PurchaseReceipt, PurchaseReceiptLine, PurchaseReturn
from backend.purchasing.services import ahead, inspections, pieces, processing, receiving
from backend.purchasing.services.checks import CannotUnapproveReceipt
from backend.purchasing.services.landed_costs import refuse_while_landed
from backend.purchasing.services.locking import Locked, announce, lock_orders_of, lock_stock_of, store_progress
from backend.purchasing.states import ASN


def unapprove_receipt(*, receipt_id: UUID, actor: Actor, at: datetime, reason: str = "") -> PurchaseReceipt:
    """Back to a draft: stock, value, progress and supply are as before.

    Raises CannotUnapproveReceipt when it is invoiced, StandsOnAgreedStatement, and inventory's refusal
    naming what has consumed the goods.
    """
    with transaction.atomic():
        receipt = load_locked(PurchaseReceipt, receipt_id)
        before = APPROVAL.advance(receipt, "unapprove")
        _require_free(receipt)
        refuse_while_landed(receipt_id=receipt.pk)
        lines = list(receipt.lines.order_by("line_no"))
        _require_nothing_returned(receipt, lines)
        notice = load_locked(Asn, receipt.asn_id) if receipt.asn_id else None
        rows = list(notice.lines.order_by("line_no")) if notice else []
        locked = lock_orders_of([*(line.order_line_id for line in lines), *(row.order_line_id for row in rows)])
        inspected = inspections.withdraw_inspections(receipt, actor, at)
        lock_stock_of(locked)
        values = receiving.values_by_role(locked, lines, receiving.stock_values(locked, lines))
        ahead.give_back(locked, receipt, lines)
        processing.restore_material(locked, receipt, lines)
        moves.reverse_moves(document=receipt, actor=actor, at=at)
        _undo_progress(locked, receipt, lines, notice, rows, inspected, actor, at)
        receipt.approved_at, receipt.approved_by_id, receipt.approved_by_name = None, None, ""
        claim_version(receipt, None, at)
        receipt.save()
        audit.record(
            receipt,
            "unapprove",
            actor=actor,
            at=at,
            axis="approval",
            before=before,
            after=receipt.approval,
            reason=reason,
        )
        events.publish(receiving.event_of(PurchaseReceiptUnapproved, locked, receipt, values), actor=actor)
    return receipt


def _require_free(receipt: PurchaseReceipt) -> None:
    """Raise while an invoice, a draft too, is made over the receipt, or both sides agreed to it on a statement."""
    lines = PurchaseInvoiceLine.objects.filter(source_id=receipt.pk).exclude(document__approval=Approval.VOIDED)
    invoice = PurchaseInvoice.objects.filter(pk__in=lines.values("document_id")).order_by("id").first()
    if invoice is None:
        standing.refuse_agreed(standing.lines_of(receipt.pk))
        return
    raise CannotUnapproveReceipt(
        _("%(receipt)s is invoiced with %(other)s.") % {"receipt": receipt, "other": invoice},
        document=receipt.number,
        field="invoiced",
        value=invoice.number,
        way_out=_("Take %(other)s back first.") % {"other": invoice}
        if invoice.is_approved
        else _("Void %(other)s first.") % {"other": invoice},
        links=[WayOut(invoice.number, doc_type=invoice.DOC_TYPE, number=invoice.number)],
    )


def _require_nothing_returned(receipt: PurchaseReceipt, lines: Sequence[PurchaseReceiptLine]) -> None:
    if not any(line.returned_qty for line in lines):
        return
    found = PurchaseReturn.objects.filter(lines__receipt_line__document=receipt, approval=Approval.APPROVED)
    other = found.order_by("id").first()
    raise CannotUnapproveReceipt(
        _("Goods of %(receipt)s went back with %(other)s.") % {"receipt": receipt, "other": other},
        document=receipt.number,
        field="returned_qty",
        value=other.number if other else None,
        way_out=_("Take %(other)s back first.") % {"other": other},
        links=[WayOut(other.number, doc_type=other.DOC_TYPE, number=other.number)] if other else [],
    )


def _undo_progress(
    locked: Locked,
    receipt: PurchaseReceipt,
    lines: Sequence[PurchaseReceiptLine],
    notice: Asn | None,
    rows: Sequence[AsnLine],
    inspected: Mapping[UUID, list[SupplyInput]],
    actor: Actor,
    at: datetime,
) -> None:
    arrival = notice.expected_date if notice else None
    pieces.expect_light_again(locked, (line.order_line_id for line in lines))
    for line in lines:
        order_line = locked.lines[line.order_line_id]
        plan = locked.plans[order_line.pk]
        locked.plans[order_line.pk] = schedule.unreceive(plan, line.qty, wanted=order_line.wanted_qty, arrival=arrival)
    if notice is not None:
        _put_on_its_way(locked, notice, rows)
        if receipt.approved_at:
            shipments.take_back_delivery(source_id=notice.pk, at=receipt.approved_at)
    store_progress(locked, at)
    announce(
        locked,
        receipt,
        "purchase_receipt_unapproved",
        in_books(lambda: _("%(receipt)s was taken back.") % {"receipt": receipt}),
        actor=actor,
        at=at,
        also=inspected,
    )


def _put_on_its_way(locked: Locked, notice: Asn, rows: Sequence[AsnLine]) -> None:
    """The notice is open again; what had come short is on its way again too, unless another notice has sent it since."""
    ASN.advance(notice, "receive_again")
    for row in rows:
        plan = locked.plans[row.order_line_id]
        short = min(row.qty - row.received_qty, schedule.to_ship(plan))
        if short > 0:
            locked.plans[row.order_line_id] = schedule.ship(plan, short, notice.expected_date)
        row.received_qty = row.damaged_qty = ZERO
    update_rows(rows, ["received_qty", "damaged_qty"])
    notice.outcome = ""
    notice.save(update_fields=["state", "outcome"])
