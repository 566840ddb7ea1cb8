"""Receipt lines as invoicing reads them: what came and did not go back, at which price, and what it was booked at."""

from collections.abc import Collection
from decimal import Decimal
from uuid import UUID

from django.db.models import F, Sum

from backend.catalog.services.counting import counted_share
from backend.inventory.models import StockMove
from backend.invoicing.sources import GoodsLine
from backend.kernel.money import ZERO
from backend.purchasing.models import InspectionLine, PurchaseOrder, PurchaseReceipt, PurchaseReceiptLine


def receipt_goods(line_ids: Collection[UUID], *, lock: bool = False) -> dict[UUID, GoodsLine]:
    """The lines by id, in two statements, two more with ``lock``: receipts, then their orders, in id order.

    Orders are locked here because the invoice's progress is written on them after the party is locked.
    """
    if lock:
        lines = PurchaseReceiptLine.objects.filter(pk__in=line_ids)
        receipts = PurchaseReceipt.objects.filter(pk__in=lines.values("document_id"))
        list(receipts.select_for_update().order_by("pk").values_list("pk"))
        orders = PurchaseOrder.objects.filter(pk__in=lines.values("order_line__document_id"))
        list(orders.select_for_update().order_by("pk").values_list("pk"))
    found = PurchaseReceiptLine.objects.select_related("document", "order_line__document").filter(pk__in=line_ids)
    booked = booked_values(line_ids)
    return {line.pk: _goods(line, booked.get(line.pk, ZERO)) for line in found}


def booked_values(line_ids: Collection[UUID]) -> dict[UUID, Decimal]:
    """What the standing moves of the lines brought into stock."""
    moves = StockMove.objects.filter(doc_line_id__in=line_ids, doc_type=PurchaseReceipt.DOC_TYPE)
    sums = moves.values("doc_line_id").annotate(worth=Sum(F("value_in") - F("value_out")))
    return {line_id: worth for line_id, worth in sums.values_list("doc_line_id", "worth") if line_id}


def standing_moves(line_ids: Collection[UUID]) -> dict[UUID, int]:
    """The move that brought each line into stock."""
    moves = StockMove.objects.filter(doc_line_id__in=line_ids, doc_type=PurchaseReceipt.DOC_TYPE, qty_in__gt=0)
    found = moves.filter(reverses=None, reversed_by=None).order_by("id").values_list("doc_line_id", "pk")
    return {line_id: pk for line_id, pk in found if line_id}


def rejected_lots(line_ids: Collection[UUID], *, warehouse_id: UUID) -> dict[UUID, list[tuple[UUID, Decimal]]]:
    """The lots in which what inspections rejected of each line still lies there, and how much; one statement."""
    lying = InspectionLine.objects.filter(
        receipt_line_id__in=line_ids,
        rejected_lot__balances__warehouse=warehouse_id,
        rejected_lot__balances__on_hand__gt=0,
    ).order_by("rejected_lot_id")
    found: dict[UUID, list[tuple[UUID, Decimal]]] = {}
    for line_id, lot_id, qty in lying.values_list("receipt_line_id", "rejected_lot", "rejected_lot__balances__on_hand"):
        found.setdefault(line_id, []).append((lot_id, qty))
    return found


def _goods(line: PurchaseReceiptLine, value: Decimal) -> GoodsLine:
    receipt, order = line.document, line.order_line.document
    return GoodsLine(
        line_id=line.pk,
        doc_type=receipt.DOC_TYPE,
        document_id=receipt.pk,
        number=receipt.number,
        doc_date=receipt.doc_date,
        party_id=receipt.supplier_id,
        approved=receipt.is_approved,
        item_id=line.item_id,
        qty=line.qty - line.returned_qty,
        unit_price=line.unit_price,
        tax_incl_price=line.tax_incl_price,
        tax_rate=line.tax_rate,
        discount_pct=line.discount_pct,
        net=line.net_amount - line.returned_net,
        tax=line.tax_amount - line.returned_tax,
        gross=line.gross_amount - line.returned_net - line.returned_tax,
        value=value - line.returned_value,
        description=line.order_line.description,
        order_id=order.pk,
        order_number=order.number,
        order_line_id=line.order_line_id,
        payment_days=order.payment_days,
        **counted_share(line, line.qty - line.returned_qty),
    )
