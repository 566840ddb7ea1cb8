"""Purchase orders, answers, shipping notices and receipts for tests, made by the same services as in life."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from backend.catalog.models import Item
from backend.kernel.actor import Actor
from backend.parties.models import Party
from backend.purchasing.models import Asn, PurchaseOrder, PurchaseOrderLine, PurchaseReceipt
from backend.purchasing.services import asns, confirmations, orders, receipts
from backend.purchasing.services.inputs import AsnData, AsnLineInput, LineInput, OrderData, ReceiptLineInput
from tests.factories.parties import AT, make_supplier

DAY = AT.date()
BUYER = Actor.system("Buyer")


def supplier_actor(supplier: Party, name: str = "李经理") -> Actor:
    """Somebody at the supplier."""
    return Actor(kind="supplier", name=name, party_id=supplier.pk, channel="portal")


def day(days: int) -> date:
    """So many days after the tests' today."""
    return DAY + timedelta(days=days)


def make_purchase_order(
    *lines: tuple[Item, Any] | tuple[Item, Any, Any],
    supplier: Party | None = None,
    requested: date | None = None,
    approve: bool = True,
    **header: Any,
) -> PurchaseOrder:
    """An order of (item, quantity[, price]); price 11.30 with tax, wanted in seven days, approved."""
    supplier = supplier or make_supplier()
    inputs = [
        LineInput(line[0].pk, Decimal(str(line[1])), price=Decimal(str(line[2] if len(line) > 2 else "11.30")))
        for line in lines
    ]
    data = OrderData(supplier_id=supplier.pk, requested_date=requested or day(7), lines=inputs, **header)
    order = orders.save_order(data=data, actor=BUYER, at=AT)
    return orders.approve_order(order_id=order.pk, actor=BUYER, at=AT) if approve else order


def lines_of(order: PurchaseOrder) -> list[PurchaseOrderLine]:
    """The order's lines as they stand in the database."""
    return list(PurchaseOrderLine.objects.filter(document=order).select_related("item").order_by("line_no"))


def confirm(order: PurchaseOrder) -> None:
    """The supplier says yes to everything."""
    confirmations.confirm_order_all(order_id=order.pk, actor=supplier_actor(order.supplier), at=AT)


def ship(order: PurchaseOrder, *quantities: Any, expected: date | None = None, lots: tuple[str, ...] = ()) -> Asn:
    """A shipping notice over the order's lines in their order."""
    rows = lines_of(order)
    inputs = [
        AsnLineInput(
            row.pk,
            Decimal(str(quantities[place] if quantities else row.qty)),
            lot_no=(lots[place] if lots else f"L-{row.line_no}") if row.item.lot_tracked else "",
            expiry_date=day(365) if row.item.expiry_tracked else None,
        )
        for place, row in enumerate(rows)
        if not quantities or (place < len(quantities) and quantities[place])
    ]
    data = AsnData(lines=inputs, expected_date=expected or day(6), carrier_name="顺丰", tracking_no="SF100")
    return asns.submit_asn(data=data, actor=supplier_actor(order.supplier), at=AT)


def receive(order: PurchaseOrder, *quantities: Any, lot: str = "L-1") -> PurchaseReceipt:
    """Goods on the ramp, straight from the order."""
    inputs = [
        ReceiptLineInput(
            row.pk,
            Decimal(str(qty)),
            lot_no=lot if row.item.lot_tracked else "",
            expiry_date=day(365) if row.item.expiry_tracked else None,
        )
        for row, qty in zip(lines_of(order), quantities, strict=False)
        if qty
    ]
    return receipts.receive_order(order_id=order.pk, lines=inputs, actor=BUYER, at=AT)
