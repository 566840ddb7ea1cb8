"""How much of receipts and orders is invoiced, and of orders paid: written by the processes that hear of it."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from backend.invoicing.models import PurchaseInvoice
from backend.kernel.bulk import update_rows
from backend.kernel.document import Approval, Progress, progress_of
from backend.kernel.money import ZERO
from backend.purchasing.models import PurchaseOrder, PurchaseOrderLine, PurchaseReceipt, PurchaseReceiptLine
from backend.purchasing.services.axes import derive_axes


def record_invoiced(quantities: Iterable[tuple[UUID, Decimal]]) -> None:
    """Add (receipt line, quantity) to what is invoiced; negative quantities take it back. Eight statements at most."""
    added: dict[UUID, Decimal] = defaultdict(Decimal)
    for line_id, qty in quantities:
        added[line_id] += qty
    if not added:
        return
    with transaction.atomic(savepoint=False):
        receipts = _locked_receipts(added)
        lines = list(PurchaseReceiptLine.objects.filter(document__in=receipts).order_by("document", "line_no"))
        for line in lines:
            line.invoiced_qty += added.get(line.pk, ZERO)
        _store_receipts(receipts, lines, added)
        _store_orders([line for line in lines if line.pk in added], added)


def _locked_receipts(added: Iterable[UUID]) -> dict[UUID, PurchaseReceipt]:
    owners = PurchaseReceiptLine.objects.filter(pk__in=list(added)).values("document_id")
    found = PurchaseReceipt.objects.select_for_update().filter(pk__in=owners).order_by("pk")
    return {receipt.pk: receipt for receipt in found}


def _store_receipts(
    receipts: dict[UUID, PurchaseReceipt], lines: list[PurchaseReceiptLine], added: dict[UUID, Decimal]
) -> None:
    update_rows([line for line in lines if line.pk in added], ["invoiced_qty"])
    for receipt in receipts.values():
        receipt.invoiced = progress_of_receipt([line for line in lines if line.document_id == receipt.pk])
    update_rows(receipts.values(), ["invoiced"])


def progress_of_receipt(lines: list[PurchaseReceiptLine]) -> str:
    """How far a receipt is invoiced; what went back is not waited for."""
    left = sum((line.qty - line.returned_qty for line in lines), ZERO)
    if not left:
        return Progress.FULL
    return progress_of(sum((min(line.invoiced_qty, line.qty - line.returned_qty) for line in lines), ZERO), left)


def _store_orders(touched: list[PurchaseReceiptLine], added: dict[UUID, Decimal]) -> None:
    by_order_line: dict[UUID, Decimal] = defaultdict(Decimal)
    for line in touched:
        by_order_line[line.order_line_id] += added[line.pk]
    owners = PurchaseOrderLine.objects.filter(pk__in=by_order_line).values("document_id")
    orders = list(PurchaseOrder.objects.select_for_update().filter(pk__in=owners).order_by("pk"))
    rows = list(PurchaseOrderLine.objects.filter(document__in=orders).order_by("document", "line_no"))
    for row in rows:
        row.invoiced_qty += by_order_line.get(row.pk, ZERO)
    update_rows([row for row in rows if row.pk in by_order_line], ["invoiced_qty"])
    for order in orders:
        derive_axes(order, [row for row in rows if row.document_id == order.pk])
    update_rows(orders, ["invoiced"])


def record_paid(order_ids: Iterable[UUID]) -> None:
    """Derive how far orders are paid from their invoices: full when all is invoiced and every invoice is paid.

    Call inside a transaction; three statements.
    """
    orders = list(PurchaseOrder.objects.select_for_update().filter(pk__in=list(order_ids)).order_by("pk"))
    if not orders:
        return
    invoices = PurchaseInvoice.objects.filter(approval=Approval.APPROVED, lines__order_id__in=[o.pk for o in orders])
    rows = invoices.values_list("lines__order_id", "pk").annotate(
        settled=Max("settled_amount"), owed=Max("gross_amount")
    )
    paid: dict[UUID, list[tuple[Decimal, Decimal]]] = defaultdict(list)
    for order_id, _invoice, settled, owed in rows:
        paid[order_id].append((settled, owed))
    for order in orders:
        order.paid = _paid(order, paid[order.pk])
    update_rows(orders, ["paid"])


def _paid(order: PurchaseOrder, invoices: list[tuple[Decimal, Decimal]]) -> str:
    if not any(settled > ZERO for settled, _owed in invoices):
        return Progress.NONE
    complete = order.invoiced == Progress.FULL and all(settled >= owed for settled, owed in invoices)
    return Progress.FULL if complete else Progress.PARTIAL
