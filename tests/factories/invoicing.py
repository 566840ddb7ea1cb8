"""Goods that came and left, invoices and money, for tests of invoicing, posting and reporting.

Receipts and deliveries are written as rows with their moves and events, as their own services do.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from backend.inventory.models import MoveKind, StockMove, Warehouse
from backend.inventory.services.inputs import MoveInput
from backend.inventory.services.moves import post_moves, reverse_moves, values_by_role
from backend.invoicing import sources
from backend.invoicing.models import FundAccount
from backend.invoicing.services import purchase_invoices, sales_invoices
from backend.invoicing.services.drafts import InvoiceData, InvoiceLineInput
from backend.invoicing.services.money import MoneyData
from backend.invoicing.sources import GoodsLine
from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.money import line_amounts, total
from backend.purchasing.events import PurchaseReceiptApproved, PurchaseReceiptUnapproved
from backend.purchasing.models import PurchaseOrder, PurchaseOrderLine, PurchaseReceipt, PurchaseReceiptLine
from backend.sales.events import SalesDeliveryApproved, SalesDeliveryUnapproved
from backend.sales.models import SalesDelivery, SalesDeliveryLine, SalesOrder, SalesOrderLine
from tests.factories.accounting import AT, DAY, D

ROBOT = Actor.system("Test")
_serial = count(1)
Wanted = Sequence[tuple[Any, Any, Any]]


def warehouse() -> Warehouse:
    """The company's default warehouse."""
    return Warehouse.objects.order_by("-is_default", "code").first() or Warehouse.objects.create(
        code="MAIN", name="Main", is_default=True
    )


def priced(qty: Any, price: Any, rate: Any = 13, *, gross: bool = False) -> dict[str, Any]:
    """The columns of a priced line; the price is net unless ``gross``."""
    made = line_amounts(qty=D(qty), price=D(price), price_includes_tax=gross, tax_rate=D(rate))
    return {
        "qty": D(qty),
        "unit_price": made.unit_price,
        "tax_incl_price": made.tax_incl_price,
        "tax_rate": D(rate),
        "net_amount": made.net_amount,
        "tax_amount": made.tax_amount,
        "gross_amount": made.gross_amount,
    }


def _sums(lines: Sequence[Any]) -> dict[str, Decimal]:
    return {name: total(getattr(line, name) for line in lines) for name in ("net_amount", "tax_amount", "gross_amount")}


def _header(number: str, day: date, approval: str = "approved") -> dict[str, Any]:
    return {"number": number, "doc_date": day, "approval": approval, "created_at": AT, "updated_at": AT}


# --- goods in ----------------------------------------------------------------------------------
def receive(
    supplier: Any, wanted: Wanted, *, day: date = DAY, rate: Any = 13, gross_value: bool = False, at: datetime = AT
) -> PurchaseReceipt:
    """Receive (item, qty, net price) rows; ``gross_value`` books stock with the VAT (small-scale taxpayers)."""
    with transaction.atomic():
        number, place = next(_serial), warehouse()
        order = PurchaseOrder.objects.create(
            supplier=supplier, warehouse=place, requested_date=day, **_header(f"TPO-{number:05d}", day)
        )
        receipt = PurchaseReceipt(supplier=supplier, warehouse=place, **_header(f"TGRN-{number:05d}", day))
        lines, moves = [], []
        for line_no, (item, qty, price) in enumerate(wanted, 1):
            columns = priced(qty, price, rate)
            order_line = PurchaseOrderLine.objects.create(
                document=order, line_no=line_no, item=item, requested_date=day, received_qty=D(qty), **columns
            )
            lines.append(
                PurchaseReceiptLine(document=receipt, line_no=line_no, item=item, order_line=order_line, **columns)
            )
            value = columns["gross_amount" if gross_value else "net_amount"]
            if item.is_stocked:
                moves.append(
                    MoveInput(
                        kind=MoveKind.PURCHASE_RECEIPT,
                        item_id=item.pk,
                        warehouse_id=place.pk,
                        qty_in=D(qty),
                        value_in=value,
                        party_id=supplier.pk,
                        doc_line_id=lines[-1].pk,
                    )
                )
        for name, value in _sums(lines).items():
            setattr(receipt, name, value)
        receipt.save(force_insert=True)
        PurchaseReceiptLine.objects.bulk_create(lines)
        made = post_moves(moves, document=receipt, actor=ROBOT, at=at)
        events.publish(_receipt_event(PurchaseReceiptApproved, receipt, values_by_role(made)), actor=ROBOT)
    return receipt


def take_back_receipt(receipt: PurchaseReceipt) -> None:
    """Unapprove a receipt."""
    with transaction.atomic():
        made = reverse_moves(document=receipt, actor=ROBOT, at=AT)
        PurchaseReceipt.objects.filter(pk=receipt.pk).update(approval="draft")
        events.publish(_receipt_event(PurchaseReceiptUnapproved, receipt, values_by_role(made)), actor=ROBOT)


def _receipt_event(kind: Any, receipt: PurchaseReceipt, values: Any) -> Any:
    return kind(
        aggregate_id=receipt.pk,
        number=receipt.number,
        doc_date=receipt.doc_date,
        supplier_id=receipt.supplier_id,
        net=receipt.net_amount,
        tax=receipt.tax_amount,
        gross=receipt.gross_amount,
        values=values,
    )


# --- goods out ---------------------------------------------------------------------------------
def deliver(customer: Any, wanted: Wanted, *, day: date = DAY, rate: Any = 13, at: datetime = AT) -> SalesDelivery:
    """Ship (item, qty, net price) rows."""
    register_deliveries()
    with transaction.atomic():
        number, place = next(_serial), warehouse()
        order = SalesOrder.objects.create(
            customer=customer, warehouse=place, requested_date=day, **_header(f"TSO-{number:05d}", day)
        )
        delivery = SalesDelivery(customer=customer, warehouse=place, **_header(f"TDN-{number:05d}", day))
        lines, moves = [], []
        for line_no, (item, qty, price) in enumerate(wanted, 1):
            columns = priced(qty, price, rate)
            order_line = SalesOrderLine.objects.create(
                document=order, line_no=line_no, item=item, requested_date=day, shipped_qty=D(qty), **columns
            )
            lines.append(
                SalesDeliveryLine(
                    document=delivery,
                    line_no=line_no,
                    item=item,
                    order_line=order_line,
                    order_number=order.number,
                    **columns,
                )
            )
            moves.append(
                MoveInput(
                    kind=MoveKind.SALES_DELIVERY,
                    item_id=item.pk,
                    warehouse_id=place.pk,
                    qty_out=D(qty),
                    party_id=customer.pk,
                    doc_line_id=lines[-1].pk,
                )
            )
        for name, value in _sums(lines).items():
            setattr(delivery, name, value)
        made = post_moves(moves, document=delivery, actor=ROBOT, at=at)
        costs = {move.doc_line_id: move.value_out for move in made}
        for line in lines:
            line.cost_amount = costs[line.pk]
        delivery.cost_amount = total(costs.values())
        delivery.save(force_insert=True)
        SalesDeliveryLine.objects.bulk_create(lines)
        events.publish(_delivery_event(SalesDeliveryApproved, delivery, values_by_role(made)), actor=ROBOT)
    return delivery


def take_back_delivery(delivery: SalesDelivery) -> None:
    """Unapprove a delivery."""
    with transaction.atomic():
        lines = SalesDeliveryLine.objects.filter(document=delivery)
        costs = tuple(lines.values_list("item__category__inventory_role").annotate(cost=Sum("cost_amount")).order_by())
        reverse_moves(document=delivery, actor=ROBOT, at=AT)
        SalesDelivery.objects.filter(pk=delivery.pk).update(approval="draft", cost_amount=0)
        lines.update(cost_amount=0)
        events.publish(_delivery_event(SalesDeliveryUnapproved, delivery, costs), actor=ROBOT)


def _delivery_event(kind: Any, delivery: SalesDelivery, costs: Any) -> Any:
    order_ids = SalesDeliveryLine.objects.filter(document=delivery).values_list("order_line__document_id", flat=True)
    return kind(
        aggregate_id=delivery.pk,
        number=delivery.number,
        doc_date=delivery.doc_date,
        customer_id=delivery.customer_id,
        net=delivery.net_amount,
        tax=delivery.tax_amount,
        gross=delivery.gross_amount,
        costs=costs,
        order_ids=tuple(set(order_ids)),
    )


def register_deliveries() -> None:
    """Read delivery lines by this file's loader until sales registers its own."""
    if "sales.delivery" not in sources._LOADERS:
        sources.register("sales.delivery", _delivery_goods)


def _delivery_goods(line_ids: Collection[UUID], *, lock: bool = False) -> dict[UUID, GoodsLine]:
    if lock:
        documents = SalesDelivery.objects.filter(
            pk__in=SalesDeliveryLine.objects.filter(pk__in=line_ids).values("document")
        )
        list(documents.select_for_update().order_by("pk").values_list("pk"))
    found = SalesDeliveryLine.objects.select_related("document", "order_line__document").filter(pk__in=line_ids)
    return {
        line.pk: GoodsLine(
            line_id=line.pk,
            doc_type="sales.delivery",
            document_id=line.document_id,
            number=line.document.number,
            doc_date=line.document.doc_date,
            party_id=line.document.customer_id,
            approved=line.document.is_approved,
            item_id=line.item_id,
            qty=line.qty,
            unit_price=line.unit_price,
            tax_incl_price=line.tax_incl_price,
            tax_rate=line.tax_rate,
            net=line.net_amount,
            tax=line.tax_amount,
            gross=line.gross_amount,
            value=line.cost_amount,
            order_id=line.order_line.document_id,
            order_number=line.order_number,
            order_line_id=line.order_line_id,
            payment_days=line.order_line.document.payment_days,
        )
        for line in found
    }


# --- invoices and money ------------------------------------------------------------------------
def draft(side: str, party: Any, goods: Sequence[Any], *, lines: Sequence[InvoiceLineInput] = (), **more: Any) -> Any:
    """A draft over whole documents (all that is left of each line), or over given lines."""
    register_deliveries()
    doc_type = "sales.delivery" if side == "sales" else "purchasing.receipt"
    wanted = list(lines) or [
        InvoiceLineInput(source_type=doc_type, source_line_id=line.pk)
        for document in goods
        for line in document.lines.order_by("line_no")
    ]
    data = InvoiceData(party_id=party.pk, doc_date=more.pop("day", DAY), lines=wanted, **more)
    service = sales_invoices if side == "sales" else purchase_invoices
    return service.save_invoice(data=data, actor=ROBOT, at=AT)


def over(document: Any, qty: Any = None, *, line: int = 0, price: Any = None, **more: Any) -> InvoiceLineInput:
    """A line over one line of a delivery or receipt."""
    source = list(document.lines.order_by("line_no"))[line]
    return InvoiceLineInput(
        source_type=document.DOC_TYPE,
        source_line_id=source.pk,
        qty=None if qty is None else D(qty),
        price=None if price is None else D(price),
        **more,
    )


def sell(customer: Any, *goods: Any, **more: Any) -> Any:
    """An approved sales invoice."""
    made = draft("sales", customer, goods, **more)
    return sales_invoices.approve_invoice(invoice_id=made.pk, actor=ROBOT, at=AT)


def buy(supplier: Any, *goods: Any, accept: bool = False, **more: Any) -> Any:
    """An approved purchase invoice."""
    made = draft("purchases", supplier, goods, **more)
    return purchase_invoices.approve_invoice(invoice_id=made.pk, actor=ROBOT, at=AT, accept_differences=accept)


def fund(kind: str = "bank") -> FundAccount:
    """A seeded bank account or cash box."""
    return FundAccount.objects.filter(kind=kind).order_by("code").first()  # type: ignore[return-value]


def money_data(party: Any, amount: Any, allocations: Any = (), **more: Any) -> MoneyData:
    """What is keyed on a receipt or payment."""
    return MoneyData(
        party_id=party.pk,
        fund_account_id=fund().pk,
        doc_date=more.pop("day", DAY),
        amount=D(amount),
        allocations=allocations if allocations is None else [(invoice.pk, D(part)) for invoice, part in allocations],
        **more,
    )


def stock_value() -> Decimal:
    """The value of all stock, from its moves."""
    sums = StockMove.objects.aggregate(into=Sum("value_in"), out=Sum("value_out"))
    return (sums["into"] or Decimal(0)) - (sums["out"] or Decimal(0))
