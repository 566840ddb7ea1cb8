"""Production over the API: orders with their components, papers of material, product receipts."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import VERSION, unsafe
from backend.api.documents import DocumentView, Empty, Reason, document_view
from backend.api.making import COMPONENT, ComponentSupplyBase
from backend.api.shapes import DOCUMENT, shape
from backend.api.stock_documents import COST, StockDocumentView
from backend.availability.selectors.material import waiting_for
from backend.production import selectors as reads
from backend.production.models import (
    ProductionComponent,
    ProductionMaterial,
    ProductionMaterialLine,
    ProductionOrder,
    ProductReceipt,
    ProductReceiptLine,
)
from backend.production.services import materials, orders, receipts
from backend.production.services.inputs import MaterialLineInput, ProductionData
from backend.purchasing.selectors.coming import with_sources

APPROVE = "production.order.approve"
ComponentShape = shape(ProductionComponent, COMPONENT, depth_names=("item",))
OrderShape = shape(
    ProductionOrder,
    (
        *DOCUMENT, "item", "qty", "warehouse", "start_date", "finish_date", "received_qty", "issue", "receipt",
        "components",
    ),
    depth_names=("item", "warehouse"),
    nested={"components": ComponentShape(many=True, read_only=True)},
)  # fmt: skip


class ProductionSupplyShape(ComponentSupplyBase):
    component = ComponentShape(source="row.component")


@document_view(ProductionData, OrderShape)
class ProductionOrderView(DocumentView):
    """Orders of our own workshop: so many of an item, made of its components between two days."""

    reads, edits = "production.order.view", {"staff": "production.order.edit"}

    def rows(self) -> Any:
        return reads.orders_visible_to(self.actor).prefetch_related("components__item")

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        known = document.pk if document else None
        return orders.save_order(data=data, order_id=known, version=version, actor=self.actor, at=self.at)

    @extend_schema(responses=ProductionSupplyShape(many=True))
    @action(detail=True, pagination_class=None)
    def components(self, request: Request, number: str = "") -> Response:
        """Where each component comes from: set aside in stock, or on order and when it comes."""
        self.require(self.reads)
        rows = reads.components_of_order(self.get_object())
        sourced = with_sources(rows, waiting_for(rows))
        return Response(ProductionSupplyShape(sourced, many=True, context={"actor": self.actor}).data)

    @unsafe(Empty, OrderShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def approval(self, request: Request, number: str = "") -> Response:
        """It is to be made: its components are needed, its goods expected."""
        return self.step(orders.approve_order, needs=APPROVE, as_read=True)

    @unsafe(None, OrderShape)
    @approval.mapping.delete
    def unapproval(self, request: Request, number: str = "") -> Response:
        """Make it a draft again, as long as nothing was issued or made."""
        return self.step(orders.unapprove_order, needs=APPROVE)

    @unsafe(Reason, OrderShape)
    @action(detail=True, methods=["post"])
    def closing(self, request: Request, number: str = "") -> Response:
        """Make no more of it."""
        return self.step(orders.close_order, needs=APPROVE, **self.words(Reason))

    @unsafe(None, OrderShape)
    @closing.mapping.delete
    def reopening(self, request: Request, number: str = "") -> Response:
        """Make the rest after all."""
        return self.step(orders.reopen_order, needs=APPROVE)

    @unsafe(Reason, OrderShape)
    @action(detail=True, methods=["post"])
    def voiding(self, request: Request, number: str = "") -> Response:
        """Throw the draft away."""
        return self.step(orders.void_order, needs=self.edits, **self.words(Reason))


# --- material --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class ProductionMaterialData:
    """Material to be issued, taken back or written off; without lines all that is still to be moved."""

    order_id: UUID
    kind: str
    doc_date: date
    lines: tuple[MaterialLineInput, ...] = ()
    warehouse_id: UUID | None = None
    remark: str = ""


MaterialLineShape = shape(
    ProductionMaterialLine, ("id", "line_no", "item", "qty", "lot", "value"), depth_names=("item", "lot"), guarded=COST
)
MaterialShape = shape(
    ProductionMaterial,
    (*DOCUMENT, "kind", "order", "warehouse", "total_value", "lines"),
    depth_names=("order", "warehouse"),
    guarded=COST,
    nested={"lines": MaterialLineShape(many=True, read_only=True)},
)


class WorkshopView(StockDocumentView):
    """Who books a paper of the workshop may take it back."""

    def take_back(self) -> Response:
        return self.step(self.services[1], needs=f"{self.right}.approve", name="document_id")


@document_view(ProductionMaterialData, MaterialShape)
class ProductionMaterialView(WorkshopView):
    """Material of production orders."""

    reads, edits, right = "production.material.view", "production.material.edit", "production.material"
    services = (materials.approve_material, materials.unapprove_material, materials.void_material)

    def rows(self) -> Any:
        return reads.materials_visible_to(self.actor).prefetch_related("lines__item", "lines__lot")

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        return materials.save_material(**vars(data), **self.kept(document, version))

    @unsafe(Empty, MaterialShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def approval(self, request: Request, number: str = "") -> Response:
        """Move it."""
        return self.book()

    @unsafe(None, MaterialShape)
    @approval.mapping.delete
    def unapproval(self, request: Request, number: str = "") -> Response:
        """Bring it back to where it was."""
        return self.take_back()

    @unsafe(Reason, MaterialShape)
    @action(detail=True, methods=["post"])
    def voiding(self, request: Request, number: str = "") -> Response:
        """Throw the draft away."""
        return self.throw_away()


# --- receipts --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class ProductReceiptData:
    """Goods that an order made; without a quantity all that is still to be made."""

    order_id: UUID
    doc_date: date
    qty: Decimal | None = None
    warehouse_id: UUID | None = None
    lot_no: str = ""
    expiry_date: date | None = None
    remark: str = ""


UsedShape = shape(ProductReceiptLine, ("id", "line_no", "item", "qty", "value"), depth_names=("item",), guarded=COST)
ReceiptShape = shape(
    ProductReceipt,
    (*DOCUMENT, "order", "item", "warehouse", "qty", "lot_no", "expiry_date", "total_value", "lines"),
    depth_names=("order", "item", "warehouse"),
    guarded=COST,
    nested={"lines": UsedShape(many=True, read_only=True)},
)


@document_view(ProductReceiptData, ReceiptShape)
class ProductReceiptView(WorkshopView):
    """What production orders brought into the warehouse; its lines are the material that was used."""

    reads, edits, right = "production.receipt.view", "production.receipt.edit", "production.receipt"
    services = (receipts.approve_receipt, receipts.unapprove_receipt, receipts.void_receipt)

    def rows(self) -> Any:
        return reads.receipts_visible_to(self.actor).prefetch_related("lines__item")

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        return receipts.save_receipt(**vars(data), **self.kept(document, version))

    @unsafe(Empty, ReceiptShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def approval(self, request: Request, number: str = "") -> Response:
        """Put the goods into stock at what they used."""
        return self.book()

    @unsafe(None, ReceiptShape)
    @approval.mapping.delete
    def unapproval(self, request: Request, number: str = "") -> Response:
        """Take the goods out again: their material lies in the workshop as before."""
        return self.take_back()

    @unsafe(Reason, ReceiptShape)
    @action(detail=True, methods=["post"])
    def voiding(self, request: Request, number: str = "") -> Response:
        """Throw the draft away."""
        return self.throw_away()
