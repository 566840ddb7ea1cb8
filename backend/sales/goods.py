"""How invoicing reads deliveries: registered with it, since invoices live below sales."""

from collections.abc import Collection
from uuid import UUID

from backend.invoicing.sources import GoodsLine
from backend.kernel.document import Approval
from backend.sales.models import SalesDelivery, SalesDeliveryLine, SalesOrder


def delivered_goods(line_ids: Collection[UUID], *, lock: bool = False) -> dict[UUID, GoodsLine]:
    """Delivery lines as goods to invoice; with ``lock`` their deliveries, then orders, are locked by id."""
    if lock:
        _lock(line_ids)
    found = SalesDeliveryLine.objects.filter(pk__in=line_ids).select_related("document", "order_line__document")
    return {line.pk: _goods(line) for line in found}


def _lock(line_ids: Collection[UUID]) -> None:
    deliveries = SalesDelivery.objects.filter(lines__in=line_ids).values("pk")
    list(SalesDelivery.objects.select_for_update().filter(pk__in=deliveries).order_by("pk").values_list("pk"))
    orders = SalesOrder.objects.filter(lines__delivery_lines__in=line_ids).values("pk")
    list(SalesOrder.objects.select_for_update().filter(pk__in=orders).order_by("pk").values_list("pk"))


def _goods(line: SalesDeliveryLine) -> GoodsLine:
    delivery, order = line.document, line.order_line.document
    return GoodsLine(
        line_id=line.pk,
        doc_type=delivery.DOC_TYPE,
        document_id=delivery.pk,
        number=delivery.number,
        doc_date=delivery.doc_date,
        party_id=delivery.customer_id,
        approved=delivery.approval == Approval.APPROVED,
        item_id=line.item_id,
        qty=line.qty - line.returned_qty,
        unit_price=line.unit_price,
        tax_incl_price=line.tax_incl_price,
        tax_rate=line.tax_rate,
        net=line.net_amount,
        tax=line.tax_amount,
        gross=line.gross_amount,
        value=line.cost_amount,
        discount_pct=line.discount_pct,
        description=line.description,
        order_id=order.pk,
        order_number=line.order_number,
        order_line_id=line.order_line_id,
        payment_days=order.payment_days,
    )
