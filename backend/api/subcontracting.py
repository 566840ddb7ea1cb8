"""Subcontracting over the API: orders with their components, and the papers that move material."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import VERSION, unsafe
from backend.api.documents import DocumentView, Empty, Reason, document_view
from backend.api.making import COMPONENT, ComponentSupplyBase
from backend.api.purchasing import AMOUNTS, READS, TOTALS
from backend.api.shapes import DOCUMENT, shape
from backend.api.stock_documents import COST, StockDocumentView
from backend.availability.selectors.material import waiting_for
from backend.purchasing.models import (
    MaterialMove,
    MaterialMoveLine,
    PurchaseOrder,
    PurchaseOrderLine,
    SubcontractComponent,
)
from backend.purchasing.selectors import subcontract as reads
from backend.purchasing.selectors.coming import with_sources
from backend.purchasing.services import materials
from backend.purchasing.services.inputs import MaterialLineInput, SubcontractData
from backend.purchasing.services.subcontracting import save_subcontract_order

ComponentShape = shape(
    SubcontractComponent,
    COMPONENT,
    depth_names=("item",),
)
SubcontractLineShape = shape(
    PurchaseOrderLine,
    (
        "id", "line_no", "item", "qty", "unit_price", "tax_incl_price", "tax_rate", *TOTALS, "requested_date", "state",
        "confirmed_qty", "shipped_qty", "received_qty", "invoiced_qty", "cancelled_qty", "returned_qty", "components",
    ),
    name="SubcontractLine",
    depth_names=("item",),
    guarded=AMOUNTS,
    nested={"components": ComponentShape(many=True, read_only=True)},
)  # fmt: skip
SubcontractShape = shape(
    PurchaseOrder,
    (
        *DOCUMENT, "supplier", "supplier_ref", "warehouse", "requested_date", "price_includes_tax", *TOTALS, "sending",
        "confirmed", "received", "invoiced", "lines",
    ),
    name="SubcontractOrder",
    depth_names=("supplier", "warehouse"),
    guarded=AMOUNTS,
    nested={"lines": SubcontractLineShape(many=True, read_only=True)},
)  # fmt: skip


class ComponentSupplyShape(ComponentSupplyBase):
    component = ComponentShape(source="row.component")


@document_view(SubcontractData, SubcontractShape)
class SubcontractView(DocumentView):
    """Subcontract orders. They are purchase orders: approved, answered, received and invoiced as such."""

    reads = READS
    edits = {"staff": "purchasing.order.edit"}

    def rows(self) -> Any:
        return reads.subcontracts_visible_to(self.actor).prefetch_related("lines__item", "lines__components__item")

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        known = document.pk if document else None
        return save_subcontract_order(data=data, order_id=known, version=version, actor=self.actor, at=self.at)

    @extend_schema(responses=ComponentSupplyShape(many=True))
    @action(detail=True, pagination_class=None)
    def components(self, request: Request, number: str = "") -> Response:
        """Where each component comes from: set aside in stock, or on order and when it comes."""
        self.require({"staff": READS["staff"]})
        rows = reads.material_of(self.get_object())
        supplied = with_sources(rows, waiting_for(rows))
        return Response(ComponentSupplyShape(supplied, many=True, context={"actor": self.actor}).data)


@dataclass(frozen=True)
class MaterialData:
    """Material to be issued, taken back or written off; without lines all that is still to be moved."""

    order_id: UUID
    kind: str
    doc_date: date
    lines: tuple[MaterialLineInput, ...] = ()
    warehouse_id: UUID | None = None
    bearer: str = "us"
    remark: str = ""


MaterialLineShape = shape(
    MaterialMoveLine, ("id", "line_no", "item", "qty", "lot", "value"), depth_names=("item", "lot"), guarded=COST
)
MaterialShape = shape(
    MaterialMove,
    (*DOCUMENT, "kind", "order", "supplier", "warehouse", "bearer", "total_value", "lines"),
    depth_names=("order", "supplier", "warehouse"),
    guarded=COST,
    nested={"lines": MaterialLineShape(many=True, read_only=True)},
)


@document_view(MaterialData, MaterialShape)
class MaterialView(StockDocumentView):
    """Material of subcontract orders."""

    reads, edits, right = "purchasing.material.view", "purchasing.material.edit", "purchasing.material"
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
