"""How much of receipts and orders is invoiced, and of orders paid: written by the processes that hear of it."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from backend.invoicing.models import PurchaseInvoice
from backend.kernel.bulk import Batch, update_rows
from backend.kernel.document import Approval, Closing, Progress, progress_of
from backend.kernel.errors import Conflict, WayOut
from backend.kernel.money import ZERO
from backend.kernel.prepared import Prepared
from backend.purchasing.goods import lock_received
from backend.purchasing.models import PurchaseOrder, PurchaseOrderLine, PurchaseReceiptLine
from backend.purchasing.services.ahead_floor import floor_of
from backend.purchasing.services.axes import derive_axes

# All that progress is derived from: whole rows would cost more than the rest of the work.
_RECEIVED = ("pk", "order_line_id", "qty", "returned_qty", "invoiced_qty", "document__invoiced")
_ORDERED = (
    "pk",
    "line_no",
    "qty",
    "cancelled_qty",
    "confirmed_qty",
    "received_qty",
    "invoiced_qty",
    "returned_qty",
    "ahead_qty",
    "document__number",
    "document__closing",
    "document__confirmed",
    "document__received",
    "document__invoiced",
)

_received = Prepared(
    lambda lines: (
        PurchaseReceiptLine.objects.filter(
            document__in=PurchaseReceiptLine.objects.filter(pk__in=lines).values("document")
        )
        .select_related("document")
        .only(*_RECEIVED)
    )
)
_ordered = Prepared(
    lambda lines: (
        PurchaseOrderLine.objects.filter(document__in=PurchaseOrderLine.objects.filter(pk__in=lines).values("document"))
        .select_related("document")
        .only(*_ORDERED)
    )
)


Quantities = Iterable[tuple[UUID, Decimal]]


def record_invoiced(quantities: Quantities, *, ahead: Quantities = (), locked: bool = False) -> None:
    """Add (receipt line, quantity) to what is invoiced; negative quantities take it back. Four statements.

    ``ahead`` are (order line, quantity) invoiced before the goods came. Receipts are locked first, then orders, by id;
    ``locked`` when the caller has done that in a statement before.
    """
    added, early = _summed(quantities), _summed(ahead)
    if not added and not early:
        return
    with transaction.atomic(savepoint=False):
        if not locked:
            lock_received(added, early)
        batch = Batch()
        _count_orders(_count_receipts(added, batch), early, batch)
        batch.write()


def _summed(quantities: Quantities) -> dict[UUID, Decimal]:
    sums: dict[UUID, Decimal] = defaultdict(Decimal)
    for line_id, qty in quantities:
        sums[line_id] += qty
    return sums


def _count_receipts(added: dict[UUID, Decimal], batch: Batch) -> dict[UUID, Decimal]:
    """Add to the receipts' lines and derive the receipts; returns how much by order line."""
    by_receipt: dict[UUID, list[PurchaseReceiptLine]] = defaultdict(list)
    for line in _received(list(added)):
        line.invoiced_qty += added.get(line.pk, ZERO)
        by_receipt[line.document_id].append(line)
    receipts = [lines[0].document for lines in by_receipt.values()]
    for receipt in receipts:
        receipt.invoiced = progress_of_receipt(by_receipt[receipt.pk])
    touched = [line for lines in by_receipt.values() for line in lines if line.pk in added]
    batch.update(touched, ["invoiced_qty"])
    batch.update(receipts, ["invoiced"])
    return _summed((line.order_line_id, added[line.pk]) for line in touched)


def progress_of_receipt(lines: list[PurchaseReceiptLine]) -> str:
    """How far a receipt is invoiced; what went back is not waited for."""
    left = sum((line.qty - line.returned_qty for line in lines), ZERO)
    if not left:
        return Progress.FULL
    return progress_of(sum((min(line.invoiced_qty, line.qty - line.returned_qty) for line in lines), ZERO), left)


def _count_orders(arrived: dict[UUID, Decimal], ahead: dict[UUID, Decimal], batch: Batch) -> None:
    """Add to the order lines what is invoiced of goods that came, and of goods that did not; derive their orders."""
    counted = arrived.keys() | ahead.keys()
    by_order: dict[PurchaseOrder, list[PurchaseOrderLine]] = defaultdict(list)
    for row in _ordered(list(counted)):
        row.invoiced_qty += arrived.get(row.pk, ZERO) + ahead.get(row.pk, ZERO)
        row.ahead_qty += ahead.get(row.pk, ZERO)
        by_order[row.document].append(row)
    for order, rows in by_order.items():
        _refuse_unwanted(order, [row for row in rows if ahead.get(row.pk, ZERO) > 0])
        derive_axes(order, rows)
    touched = [row for rows in by_order.values() for row in rows if row.pk in counted]
    batch.update(touched, ["invoiced_qty", "ahead_qty"] if ahead else ["invoiced_qty"])
    batch.update(by_order, ["invoiced"])


def _refuse_unwanted(order: PurchaseOrder, rows: Iterable[PurchaseOrderLine]) -> None:
    """Raise where goods are to come again, as a note over them is taken back, that the order does not want any more."""
    for row in rows:
        if order.closing == Closing.OPEN and floor_of(row) <= row.wanted_qty:
            continue
        raise Conflict(
            _("%(order)s does not want the goods of line %(line)s any more.") % {"order": order, "line": row.line_no},
            code="order_wants_less",
            document=order.number,
            line=row.line_no,
            field="ahead_qty",
            value=row.ahead_qty,
            way_out=_("Reopen or amend the order first."),
            links=[WayOut(order.number, doc_type=order.DOC_TYPE, number=order.number)],
        )


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
