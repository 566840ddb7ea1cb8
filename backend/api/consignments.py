"""Consignment over the API: out to the agent, back, and settled as sold."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import unsafe
from backend.api.documents import Empty, Reason, document_view
from backend.api.shapes import DOCUMENT, shape
from backend.api.stock_documents import StockDocumentView
from backend.sales.models import Consignment, ConsignmentLine
from backend.sales.services import consignments
from backend.sales.services.inputs import ConsignmentLineInput

COST = {"cost_amount": "catalog.cost.view"}
AMOUNTS = ("cost_amount", "net_amount", "tax_amount", "gross_amount")


@dataclass(frozen=True)
class ConsignmentData:
    """``kind``: out (to the agent), back (unsold), sold (settled)."""

    kind: str
    customer_id: UUID
    warehouse_id: UUID
    doc_date: date
    lines: tuple[ConsignmentLineInput, ...]
    remark: str = ""


ConsignmentLineShape = shape(
    ConsignmentLine,
    ("id", "line_no", "item", "lot", "qty", "tax_incl_price", "tax_rate", *AMOUNTS),
    depth_names=("item", "lot"),
    guarded=COST,
)
ConsignmentShape = shape(
    Consignment,
    (*DOCUMENT, "kind", "reported", "customer", "warehouse", *AMOUNTS, "lines"),
    depth_names=("customer", "warehouse"),
    guarded=COST,
    nested={"lines": ConsignmentLineShape(many=True, read_only=True)},
)


@document_view(ConsignmentData, ConsignmentShape)
class ConsignmentView(StockDocumentView):
    """Goods on consignment."""

    reads, edits, right = "sales.consignment.view", "sales.consignment.edit", "sales.consignment"
    services = (
        consignments.approve_consignment,
        consignments.unapprove_consignment,
        consignments.void_consignment,
    )

    def rows(self) -> Any:
        found = Consignment.objects.select_related("customer", "warehouse")
        return found.prefetch_related("lines__item", "lines__lot")

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        return consignments.save_consignment(**vars(data), **self.kept(document, version))

    @unsafe(Empty, ConsignmentShape)
    @action(detail=True, methods=["post"])
    def approval(self, request: Request, number: str = "") -> Response:
        """Let it happen."""
        return self.book()

    @unsafe(None, ConsignmentShape)
    @approval.mapping.delete
    def unapproval(self, request: Request, number: str = "") -> Response:
        """Take it back while the goods are there."""
        return self.take_back()

    @unsafe(Reason, ConsignmentShape)
    @action(detail=True, methods=["post"])
    def voiding(self, request: Request, number: str = "") -> Response:
        """Throw the draft away."""
        return self.throw_away()
