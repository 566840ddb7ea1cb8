"""Goods that go back over the API: purchase returns and sales returns. A partner's token sees its own."""

from typing import Any

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import VERSION, unsafe
from backend.api.documents import DocumentView, Empty, Reason, document_view
from backend.api.inputs import Text, serializer_for
from backend.api.purchasing import AMOUNTS, TOTALS
from backend.api.shapes import DOCUMENT, shape
from backend.processes.returns import ship_exchange
from backend.purchasing.models import PurchaseReturn, PurchaseReturnLine
from backend.purchasing.selectors import returns as purchase_reads
from backend.purchasing.services import returns as purchase_returns
from backend.purchasing.services.inputs import ReturnData as PurchaseReturnData
from backend.sales.models import SalesDelivery, SalesReturn, SalesReturnLine
from backend.sales.selectors import returns as sales_reads
from backend.sales.services import returns as sales_returns
from backend.sales.services.inputs import DecisionInput, ReturnData

COST = dict.fromkeys(("cost_amount", "scrap_amount", "booked_value"), "catalog.cost.view")
_LINE = ("id", "line_no", "item", "lot", "qty", "reason", "note", "unit_price", "tax_incl_price", "tax_rate", *TOTALS)

PurchaseReturnLineShape = shape(
    PurchaseReturnLine,
    (*_LINE, "receipt_line", "receipt_number", "order_number", "debit_qty", "booked_value", "cost_amount"),
    depth_names=("item", "lot"),
    guarded=AMOUNTS | COST,
)
_PURCHASE = (*DOCUMENT, "supplier", "warehouse", "outcome", "supplier_ref", "currency", *TOTALS, "cost_amount")
PurchaseReturnShape = shape(
    PurchaseReturn,
    (*_PURCHASE, "lines"),
    depth_names=("supplier", "warehouse"),
    guarded=AMOUNTS | COST,
    nested={"lines": PurchaseReturnLineShape(many=True, read_only=True)},
)
PurchaseReturnRow = shape(
    PurchaseReturn,
    _PURCHASE,
    name="PurchaseReturnRow",
    depth_names=("supplier", "warehouse"),
    guarded=AMOUNTS | COST,
)


@document_view(PurchaseReturnData, PurchaseReturnShape, PurchaseReturnRow)
class PurchaseReturnView(DocumentView):
    """Goods of receipts that go back to the supplier; the debit note follows the booking by itself."""

    reads = {"staff": "purchasing.return.view", "supplier": "supplier.order.view"}
    edits = {"staff": "purchasing.return.edit"}

    def rows(self) -> Any:
        return purchase_reads.returns_visible_to(self.actor).prefetch_related("lines__item", "lines__lot")

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        known = document.pk if document else None
        return purchase_returns.save_return(data=data, return_id=known, version=version, actor=self.actor, at=self.at)

    @unsafe(Empty, PurchaseReturnShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def approval(self, request: Request, number: str = "") -> Response:
        """Send the goods back: stock, books and debit note in one transaction."""
        return self.step(
            purchase_returns.approve_return,
            needs={"staff": "purchasing.return.approve"},
            name="return_id",
            as_read=True,
        )

    @unsafe(None, PurchaseReturnShape)
    @approval.mapping.delete
    def unapproval(self, request: Request, number: str = "") -> Response:
        """Take it back, with its debit note."""
        return self.step(
            purchase_returns.unapprove_return, needs={"staff": "purchasing.return.unapprove"}, name="return_id"
        )

    @unsafe(Reason, PurchaseReturnShape)
    @action(detail=True, methods=["post"])
    def voiding(self, request: Request, number: str = "") -> Response:
        """Throw the draft away."""
        words = self.words(Reason)
        return self.step(purchase_returns.void_return, needs=self.edits, name="return_id", **words)


SalesReturnLineShape = shape(
    SalesReturnLine,
    (
        *_LINE, "delivery_line", "delivery_number", "order_number", "received_qty", "restock_qty", "scrap_qty",
        "credit_qty", "cost_amount", "scrap_amount",
    ),
    depth_names=("item", "lot"),
    guarded=AMOUNTS | COST,
)  # fmt: skip
_SALES = (
    *DOCUMENT, "customer", "warehouse", "state", "outcome", "asked_by_customer", "decision_note", "currency", *TOTALS,
    "cost_amount", "scrap_amount",
)  # fmt: skip
SalesReturnShape = shape(
    SalesReturn,
    (*_SALES, "lines"),
    depth_names=("customer", "warehouse"),
    guarded=AMOUNTS | COST,
    nested={"lines": SalesReturnLineShape(many=True, read_only=True)},
)
SalesReturnRow = shape(
    SalesReturn, _SALES, name="SalesReturnRow", depth_names=("customer", "warehouse"), guarded=AMOUNTS | COST
)


class ReturnCountBody(serializers.Serializer[Any]):
    """What was counted by line of the return; without it everything is as allowed."""

    quantities = serializers.DictField(
        child=serializers.DecimalField(max_digits=14, decimal_places=4), required=False, allow_null=True, default=None
    )


class DecisionsBody(serializers.Serializer[Any]):
    """What becomes of each line; without lines all goes to stock."""

    decisions = serializer_for(DecisionInput, SalesReturnLine)(many=True, required=False, allow_null=True, default=None)
    note = Text(max_length=300, allow_blank=True, default="")


@document_view(ReturnData, SalesReturnShape, SalesReturnRow)
class SalesReturnView(DocumentView):
    """Goods that customers send back: asked for, authorised, received, decided."""

    reads = {"staff": "sales.return.view", "customer": "customer.order.view"}
    edits = {"staff": "sales.return.edit", "customer": "customer.order.return"}

    def rows(self) -> Any:
        return sales_reads.returns_visible_to(self.actor).prefetch_related("lines__item", "lines__lot")

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        if document is not None:
            self.require({"staff": "sales.return.edit"})
        known = document.pk if document else None
        return sales_returns.save_return(data=data, return_id=known, version=version, actor=self.actor, at=self.at)

    def _do(self, service: Any, needs: str = "sales.return.edit", **words: Any) -> Response:
        return self.step(service, needs={"staff": needs}, name="return_id", **words)

    @unsafe(Empty, SalesReturnShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def authorisation(self, request: Request, number: str = "") -> Response:
        """The customer may send the goods."""
        return self._do(sales_returns.authorise_return, as_read=True)

    @unsafe(Reason, SalesReturnShape)
    @action(detail=True, methods=["post"])
    def refusal(self, request: Request, number: str = "") -> Response:
        """The goods stay with the customer."""
        return self._do(sales_returns.refuse_return, **self.words(Reason))

    @unsafe(ReturnCountBody, SalesReturnShape)
    @action(detail=True, methods=["post"])
    def receiving(self, request: Request, number: str = "") -> Response:
        """The goods are here and go into inspection."""
        counted, ids = self.words(ReturnCountBody)["quantities"], serializers.UUIDField()
        if counted is not None:
            counted = {ids.run_validation(key): qty for key, qty in counted.items()}
        return self._do(sales_returns.receive_return, quantities=counted)

    @unsafe(DecisionsBody, SalesReturnShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def decision(self, request: Request, number: str = "") -> Response:
        """To stock or to scrap, line by line; stock, books and credit note in one transaction."""
        return self._do(sales_returns.decide_return, "sales.return.approve", as_read=True, **self.words(DecisionsBody))

    @unsafe(None, SalesReturnShape)
    @decision.mapping.delete
    def undecision(self, request: Request, number: str = "") -> Response:
        """Take the decision back, with its credit note."""
        return self._do(sales_returns.unapprove_return, "sales.return.unapprove")

    @unsafe(Reason, SalesReturnShape)
    @action(detail=True, methods=["post"])
    def voiding(self, request: Request, number: str = "") -> Response:
        """Throw away what is not decided."""
        return self._do(sales_returns.void_return, **self.words(Reason))

    @unsafe(Empty, shape(SalesDelivery, ("id", "number"), name="ExchangeDelivery"), status=201)
    @action(detail=True, methods=["post"])
    def exchange(self, request: Request, number: str = "") -> Response:
        """Ship what is exchanged; its invoice and the credit note set each other off."""
        self.require({"staff": "sales.delivery.approve"})
        document = self.get_object()

        def run() -> Any:
            made = ship_exchange(return_id=document.pk, actor=self.actor, at=self.at)
            return {"id": str(made.pk), "number": made.number}

        return self.act(run, status=201)
