"""What lines of requisitions count for while they are not ordered, when a suggestion stands behind them.

The demands that the suggestion served stay served: by the requisition's line as far as it is open, by the draft order's
line as far as it was taken. One call to ``availability`` for any number of lines, none where nobody suggested anything.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from backend.availability.services.suggestions import Held, hold_accepted
from backend.kernel.actor import Actor
from backend.kernel.document import Approval, Closing
from backend.kernel.money import ZERO
from backend.purchasing.models import PurchaseOrder, PurchaseOrderLine, PurchaseRequisition, RequisitionLine


def lock_requisitions(line_ids: Iterable[UUID | None]) -> None:
    """Hold the requisitions of these lines before any balance is locked, as whoever orders from one does.

    Every change of an order that counts them anew afterwards calls it first; nothing is read where no line is named.
    """
    named = {line_id for line_id in line_ids if line_id}
    if named:
        owners = RequisitionLine.objects.filter(pk__in=named).values("document_id")
        list(PurchaseRequisition.objects.select_for_update().filter(pk__in=owners).order_by("pk").values_list("pk"))


def hold_rest(
    rows: Iterable[tuple[PurchaseRequisition, RequisitionLine]], *, actor: Actor, at: datetime, gone: bool = False
) -> None:
    """What of these lines is not ordered counts as coming; of a void or closed requisition, or ``gone`` lines, nothing."""
    held = [_rest(document, line, gone) for document, line in rows if line.suggestion_id]
    if held:
        hold_accepted(held, actor=actor, at=at)


def _rest(document: PurchaseRequisition, line: RequisitionLine, gone: bool) -> Held:
    over = gone or document.approval == Approval.VOIDED or document.closing == Closing.MANUAL_CLOSED
    return Held(
        PurchaseRequisition.DOC_TYPE,
        document.pk,
        document.number,
        line.pk,
        line.item_id,
        document.warehouse_id,
        line.supplier_id,
        ZERO if over else max(line.qty - line.ordered_qty, ZERO),
        line.requested_date,
    )


def hold_drafts(rows: Sequence[tuple[PurchaseOrder, PurchaseOrderLine]], *, actor: Actor, at: datetime) -> None:
    """Draft orders' lines that buy what was suggested count as coming, and know by which suggestion (not saved)."""
    named = {line.requisition_line_id for _order, line in rows if line.requisition_line_id}
    if not named:
        return
    lock_requisitions(named)
    suggested = set(
        RequisitionLine.objects.filter(pk__in=named, suggestion_id__isnull=False).values_list("pk", flat=True)
    )
    mine = [(order, line) for order, line in rows if line.requisition_line_id in suggested]
    if not mine:
        return
    found = hold_accepted([_draft(order, line) for order, line in mine], actor=actor, at=at)
    for _order, line in mine:
        line.suggestion_id = found.get(line.pk)


def _draft(order: PurchaseOrder, line: PurchaseOrderLine) -> Held:
    return Held(
        PurchaseOrder.DOC_TYPE,
        order.pk,
        order.number,
        line.pk,
        line.item_id,
        order.warehouse_id,
        order.supplier_id,
        line.qty,
        line.requested_date,
    )
