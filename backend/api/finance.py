"""Invoices and money over the API. Partners see their own."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import VERSION, unsafe
from backend.api.documents import DocumentView, Empty, Reason, document_view
from backend.api.inputs import Text, serializer_for
from backend.api.shapes import DOCUMENT, shape
from backend.invoicing import selectors as invoicing
from backend.invoicing.models import (
    Payment,
    PaymentLine,
    PurchaseInvoice,
    PurchaseInvoiceLine,
    Receipt,
    ReceiptLine,
    SalesInvoice,
    SalesInvoiceLine,
)
from backend.invoicing.services import money, purchase_invoices, sales_invoices
from backend.invoicing.services.allowances import AllowanceData, allow
from backend.invoicing.services.drafts import InvoiceData
from backend.invoicing.services.money import MoneyData
from backend.processes.order_to_cash import invoice_deliveries
from backend.processes.procure_to_pay import invoice_orders, invoice_receipts
from backend.purchasing.selectors.orders import orders_visible_to
from backend.purchasing.selectors.receipts import receipts_visible_to
from backend.sales.selectors import deliveries_visible_to

COST = {"cost_amount": "catalog.cost.view"}
MATCH = dict.fromkeys(("match_state", "difference"), "invoicing.purchase_invoice.view")
_LINE = (
    "id", "line_no", "item", "description", "qty", "line_unit", "line_qty", "unit_price", "tax_incl_price",
    "tax_rate", "discount_pct", "net_amount", "tax_amount", "gross_amount", "source_number", "order_number",
)  # fmt: skip
_INVOICE = (
    *DOCUMENT, "invoice_kind", "external_no", "currency", "due_date", "net_amount", "tax_amount", "gross_amount",
    "settled_amount", "settled",
)  # fmt: skip
SalesInvoiceShape = shape(
    SalesInvoice,
    (*_INVOICE, "customer", "lines"),
    depth_names=("customer",),
    nested={
        "lines": shape(SalesInvoiceLine, (*_LINE, "cost_amount"), depth_names=("item",), guarded=COST)(
            many=True, read_only=True
        )
    },
)
SalesInvoiceRow = shape(SalesInvoice, (*_INVOICE, "customer"), name="SalesInvoiceRow", depth_names=("customer",))


class ScheduledField(serializers.DecimalField):
    """What payments that are written and not booked yet are to pay of it: nothing right after it was written (SRM-17)."""

    def __init__(self) -> None:
        super().__init__(max_digits=18, decimal_places=2, read_only=True, default=Decimal(0))


PurchaseInvoiceShape = shape(
    PurchaseInvoice,
    (*_INVOICE, "scheduled_amount", "supplier", "match_state", "lines"),
    depth_names=("supplier",),
    guarded=MATCH,
    nested={
        "scheduled_amount": ScheduledField(),
        "lines": shape(
            PurchaseInvoiceLine, (*_LINE, "match_state", "difference"), depth_names=("item",), guarded=MATCH
        )(many=True, read_only=True),
    },
)
PurchaseInvoiceRow = shape(
    PurchaseInvoice,
    (*_INVOICE, "scheduled_amount", "supplier", "match_state"),
    name="PurchaseInvoiceRow",
    depth_names=("supplier",),
    guarded=MATCH,
    nested={"scheduled_amount": ScheduledField()},
)


Allowance = serializer_for(AllowanceData, PurchaseInvoice)


class FromDeliveries(serializers.Serializer[Any]):
    """The deliveries to invoice."""

    delivery_ids = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=200)


class FromReceipts(serializers.Serializer[Any]):
    """The receipts an invoice came for, and its number."""

    receipt_ids = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=200)
    external_no = Text(max_length=40, allow_blank=True, default="")
    invoice_kind = serializers.ChoiceField(choices=["vat_special", "vat_ordinary"], default="vat_special")


class FromOrders(FromReceipts):
    """The orders an invoice came for before their goods, the receipts of what has come besides, and its number."""

    order_ids = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=200)
    receipt_ids = serializers.ListField(child=serializers.UUIDField(), max_length=200, default=list)


class AcceptDifferences(serializers.Serializer[Any]):
    """Whether differences that were found are accepted."""

    accept_differences = serializers.BooleanField(default=False)


@document_view(InvoiceData, SalesInvoiceShape, SalesInvoiceRow)
class SalesInvoiceView(DocumentView):
    """Invoices to customers."""

    reads = {"staff": "invoicing.sales_invoice.view", "customer": "customer.invoice.view"}
    edits = {"staff": "invoicing.sales_invoice.edit"}

    def rows(self) -> Any:
        return invoicing.sales_invoices_visible_to(self.actor).prefetch_related("lines__item")

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        known = document.pk if document else None
        return sales_invoices.save_invoice(data=data, invoice_id=known, version=version, actor=self.actor, at=self.at)

    @unsafe(FromDeliveries, SalesInvoiceShape, status=201)
    @action(detail=False, methods=["post"], url_path="from-deliveries")
    def from_deliveries(self, request: Request) -> Response:
        """A draft over everything of these deliveries that is not invoiced yet."""
        self.require(self.edits)
        words = self.body(FromDeliveries)
        self.require_visible(deliveries_visible_to(self.actor), words["delivery_ids"])
        return self.act(lambda: self.again(invoice_deliveries(actor=self.actor, at=self.at, **words)), status=201)

    @unsafe(Empty, SalesInvoiceShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def approval(self, request: Request, number: str = "") -> Response:
        """Make it a receivable; posts in the same transaction."""
        return self.step(
            sales_invoices.approve_invoice, needs={"staff": "invoicing.sales_invoice.approve"}, as_read=True
        )

    @unsafe(None, SalesInvoiceShape)
    @approval.mapping.delete
    def unapproval(self, request: Request, number: str = "") -> Response:
        """Take it back while no money settles it."""
        return self.step(sales_invoices.unapprove_invoice, needs={"staff": "invoicing.sales_invoice.unapprove"})

    @unsafe(Reason, SalesInvoiceShape)
    @action(detail=True, methods=["post"])
    def voiding(self, request: Request, number: str = "") -> Response:
        """Throw the draft away."""
        words = self.words(Reason)
        return self.step(sales_invoices.void_invoice, needs={"staff": "invoicing.sales_invoice.edit"}, **words)


@document_view(InvoiceData, PurchaseInvoiceShape, PurchaseInvoiceRow)
class PurchaseInvoiceView(DocumentView):
    """Invoices of suppliers, matched with order and receipt."""

    reads = {"staff": "invoicing.purchase_invoice.view", "supplier": "supplier.invoice.edit"}
    edits = {"staff": "invoicing.purchase_invoice.edit"}

    def rows(self) -> Any:
        return invoicing.with_scheduled(
            invoicing.purchase_invoices_visible_to(self.actor).prefetch_related("lines__item")
        )

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        known = document.pk if document else None
        return purchase_invoices.save_invoice(
            data=data, invoice_id=known, version=version, actor=self.actor, at=self.at
        )

    @unsafe(FromReceipts, PurchaseInvoiceShape, status=201)
    @action(detail=False, methods=["post"], url_path="from-receipts")
    def from_receipts(self, request: Request) -> Response:
        """A draft over everything of these receipts that is not invoiced yet."""
        self.require({"staff": "invoicing.purchase_invoice.edit", "supplier": "supplier.invoice.edit"})
        words = self.body(FromReceipts)
        self.require_visible(receipts_visible_to(self.actor), words["receipt_ids"])
        return self.act(lambda: self.again(invoice_receipts(actor=self.actor, at=self.at, **words)), status=201)

    @unsafe(FromOrders, PurchaseInvoiceShape, status=201)
    @action(detail=False, methods=["post"], url_path="from-orders")
    def from_orders(self, request: Request) -> Response:
        """A draft over what of these orders has not come and is not invoiced yet; suppliers where the company allows it."""
        self.require({"staff": "invoicing.purchase_invoice.edit", "supplier": "supplier.invoice.edit"})
        words = self.body(FromOrders)
        self.require_visible(orders_visible_to(self.actor), words["order_ids"])
        self.require_visible(receipts_visible_to(self.actor), words["receipt_ids"])
        return self.act(lambda: self.again(invoice_orders(actor=self.actor, at=self.at, **words)), status=201)

    @unsafe(Allowance, PurchaseInvoiceShape, status=201)
    @action(detail=True, methods=["post"])
    def allowance(self, request: Request, number: str = "") -> Response:
        """A draft debit note: goods of this invoice cost less afterwards."""
        self.require(self.edits)
        invoice, data = self.get_object(), self.checked(Allowance)
        return self.act(
            lambda: self.again(allow(invoice_id=invoice.pk, data=data, actor=self.actor, at=self.at)), status=201
        )

    @unsafe(AcceptDifferences, PurchaseInvoiceShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def approval(self, request: Request, number: str = "") -> Response:
        """Match and make it a payable; differences beyond the tolerance are refused, each by name."""
        words = self.words(AcceptDifferences)
        needs = {"staff": "invoicing.purchase_invoice.approve"}
        return self.step(purchase_invoices.approve_invoice, needs=needs, as_read=True, **words)

    @unsafe(None, PurchaseInvoiceShape)
    @approval.mapping.delete
    def unapproval(self, request: Request, number: str = "") -> Response:
        """Take it back while no money settles it."""
        return self.step(purchase_invoices.unapprove_invoice, needs={"staff": "invoicing.purchase_invoice.unapprove"})

    @unsafe(Reason, PurchaseInvoiceShape)
    @action(detail=True, methods=["post"])
    def voiding(self, request: Request, number: str = "") -> Response:
        """Throw the draft away."""
        words = self.words(Reason)
        return self.step(purchase_invoices.void_invoice, needs={"staff": "invoicing.purchase_invoice.edit"}, **words)


_MONEY = (*DOCUMENT, "fund_account", "method", "reference", "amount", "matched_amount")


def _money_shape(model: Any, line: Any, party: str) -> Any:
    lines = shape(line, ("invoice", "amount"), depth_names=("invoice",))
    return shape(
        model,
        (*_MONEY, party, "lines"),
        depth_names=(party, "fund_account"),
        guarded={"fund_account": f"invoicing.{model.__name__.lower()}.view"},
        nested={"lines": lines(many=True, read_only=True)},
    )


ReceiptShape = _money_shape(Receipt, ReceiptLine, "customer")
PaymentShape = _money_shape(Payment, PaymentLine, "supplier")


@document_view(MoneyData, ReceiptShape)
class ReceiptView(DocumentView):
    """Money received and what it settles."""

    reads = {"staff": "invoicing.receipt.view", "customer": "customer.invoice.view"}
    edits = {"staff": "invoicing.receipt.edit"}

    def rows(self) -> Any:
        return invoicing.receipts_visible_to(self.actor).prefetch_related("lines__invoice")

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        known = document.pk if document else None
        return money.save_receipt(data=data, receipt_id=known, version=version, actor=self.actor, at=self.at)

    @unsafe(Empty, ReceiptShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def approval(self, request: Request, number: str = "") -> Response:
        """Book it and settle its invoices."""
        return self.step(money.approve_receipt, needs={"staff": "invoicing.receipt.approve"}, as_read=True)

    @unsafe(None, ReceiptShape)
    @approval.mapping.delete
    def unapproval(self, request: Request, number: str = "") -> Response:
        """Take it back: its invoices are open again."""
        return self.step(money.unapprove_receipt, needs={"staff": "invoicing.receipt.unapprove"})

    @unsafe(Reason, ReceiptShape)
    @action(detail=True, methods=["post"])
    def voiding(self, request: Request, number: str = "") -> Response:
        """Throw the draft away."""
        return self.step(money.void_receipt, needs=self.edits, **self.words(Reason))


@document_view(MoneyData, PaymentShape)
class PaymentView(DocumentView):
    """Payments and what they settle."""

    reads = {"staff": "invoicing.payment.view", "supplier": "supplier.invoice.edit"}
    edits = {"staff": "invoicing.payment.edit"}

    def rows(self) -> Any:
        return invoicing.payments_visible_to(self.actor).prefetch_related("lines__invoice")

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        known = document.pk if document else None
        return money.save_payment(data=data, payment_id=known, version=version, actor=self.actor, at=self.at)

    @unsafe(Empty, PaymentShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def approval(self, request: Request, number: str = "") -> Response:
        """Book it and settle its invoices."""
        return self.step(money.approve_payment, needs={"staff": "invoicing.payment.approve"}, as_read=True)

    @unsafe(None, PaymentShape)
    @approval.mapping.delete
    def unapproval(self, request: Request, number: str = "") -> Response:
        """Take it back: its invoices are open again."""
        return self.step(money.unapprove_payment, needs={"staff": "invoicing.payment.unapprove"})

    @unsafe(Reason, PaymentShape)
    @action(detail=True, methods=["post"])
    def voiding(self, request: Request, number: str = "") -> Response:
        """Throw the draft away."""
        return self.step(money.void_payment, needs=self.edits, **self.words(Reason))
