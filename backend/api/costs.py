"""Costs over the API: landed costs, cost adjustments, the costing of a month, what stock is worth."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import VERSION, ApiView, Page, ReadView, unsafe
from backend.api.documents import DocumentView, Empty, Reason, document_view
from backend.api.inputs import PlausibleDate, Text
from backend.api.shapes import DOCUMENT, shape
from backend.inventory.models import CostAdjustment, CostAdjustmentLine, CostingRun
from backend.inventory.selectors.valuation import BY, stock_value, total_of
from backend.inventory.services import adjustments
from backend.inventory.services.costing_runs import run_costing
from backend.inventory.services.inputs import CostLineInput
from backend.kernel import clock
from backend.purchasing.models import LandedCost, LandedCostLine
from backend.purchasing.services import landed_costs
from backend.purchasing.services.landed_costs import LandedCostData

COST = dict.fromkeys(
    (
        "net_amount",
        "tax_amount",
        "gross_amount",
        "stock_amount",
        "sold_amount",
        "goods_amount",
        "amount",
        "total_amount",
        "unit_cost",
        "value_before",
        "issued_value",
        "difference",
    ),
    "catalog.cost.view",
)
VIEW, EDIT, APPROVE, UNAPPROVE = (f"inventory.cost.{verb}" for verb in ("view", "edit", "approve", "unapprove"))


# --- landed cost -----------------------------------------------------------------------------------
LandedLineShape = shape(
    LandedCostLine,
    ("id", "line_no", "receipt_line", "receipt_number", "item", "qty", "goods_amount", "measure", "amount"),
    depth_names=("item",),
    guarded=COST,
)
LandedShape = shape(
    LandedCost,
    (
        *DOCUMENT, "supplier", "fee_name", "basis", "invoice_kind", "external_no", "tax_rate", "net_amount",
        "tax_amount", "gross_amount", "stock_amount", "sold_amount", "invoice_number", "lines",
    ),
    depth_names=("supplier",),
    guarded=COST,
    nested={
        "lines": LandedLineShape(many=True, read_only=True),
        "invoice_number": serializers.CharField(source="invoice.number", read_only=True, default=None, allow_null=True),
    },
)  # fmt: skip


@document_view(LandedCostData, LandedShape)
class LandedCostView(DocumentView):
    """Fees that came with goods, shared out over them."""

    reads, edits = VIEW, EDIT

    def rows(self) -> Any:
        return LandedCost.objects.select_related("supplier", "invoice").prefetch_related("lines__item")

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        known = document.pk if document else None
        return landed_costs.save_landed_cost(
            data=data, document_id=known, version=version, actor=self.actor, at=self.at
        )

    @unsafe(Empty, LandedShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def approval(self, request: Request, number: str = "") -> Response:
        """Make the fee a payable and put it where the goods are."""
        return self.step(landed_costs.approve_landed_cost, needs=APPROVE, name="document_id", as_read=True)

    @unsafe(None, LandedShape)
    @approval.mapping.delete
    def unapproval(self, request: Request, number: str = "") -> Response:
        """Take the fee back with its invoice, while it is not paid."""
        return self.step(landed_costs.unapprove_landed_cost, needs=UNAPPROVE, name="document_id")

    @unsafe(Reason, LandedShape)
    @action(detail=True, methods=["post"])
    def voiding(self, request: Request, number: str = "") -> Response:
        """Throw the draft away."""
        return self.step(landed_costs.void_landed_cost, needs=EDIT, name="document_id", **self.words(Reason))


# --- cost adjustments ------------------------------------------------------------------------------
@dataclass(frozen=True)
class CostAdjustmentData:
    """Items with their new unit cost, or with the difference itself; ``supplier_id`` is whom reason ``ap_trade`` owes it."""

    doc_date: date
    warehouse_id: UUID
    lines: tuple[CostLineInput, ...]
    reason: str = "cogs"
    supplier_id: UUID | None = None
    remark: str = ""


AdjustmentLineShape = shape(
    CostAdjustmentLine,
    ("id", "line_no", "item", "unit_cost", "amount", "qty_before", "value_before", "note"),
    depth_names=("item",),
    guarded=COST,
)
AdjustmentShape = shape(
    CostAdjustment,
    (*DOCUMENT, "warehouse", "reason", "supplier", "total_amount", "lines"),
    depth_names=("warehouse", "supplier"),
    guarded=COST,
    nested={"lines": AdjustmentLineShape(many=True, read_only=True)},
)


@document_view(CostAdjustmentData, AdjustmentShape)
class CostAdjustmentView(DocumentView):
    """Corrections of what stock is worth."""

    reads, edits = VIEW, EDIT

    def rows(self) -> Any:
        return CostAdjustment.objects.select_related("warehouse", "supplier").prefetch_related("lines__item")

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        return adjustments.save_cost_adjustment(
            doc_date=data.doc_date,
            warehouse_id=data.warehouse_id,
            reason=data.reason,
            supplier_id=data.supplier_id,
            lines=data.lines,
            remark=data.remark,
            document_id=document.pk if document else None,
            version=version,
            actor=self.actor,
            at=self.at,
        )

    @unsafe(Empty, AdjustmentShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def approval(self, request: Request, number: str = "") -> Response:
        """Book the differences."""
        return self.step(adjustments.approve_cost_adjustment, needs=APPROVE, name="document_id", as_read=True)

    @unsafe(None, AdjustmentShape)
    @approval.mapping.delete
    def unapproval(self, request: Request, number: str = "") -> Response:
        """Take the differences back while the goods are there."""
        return self.step(adjustments.unapprove_cost_adjustment, needs=UNAPPROVE, name="document_id")

    @unsafe(Reason, AdjustmentShape)
    @action(detail=True, methods=["post"])
    def voiding(self, request: Request, number: str = "") -> Response:
        """Throw the draft away."""
        return self.step(adjustments.void_cost_adjustment, needs=EDIT, name="document_id", **self.words(Reason))


# --- the costing of a month ------------------------------------------------------------------------
RunShape = shape(
    CostingRun,
    (
        "id", "number", "doc_date", "month", "item_count", "issue_count", "issued_value", "difference", "created_at",
        "created_by_name",
    ),
    guarded=COST,
)  # fmt: skip


class RunBody(serializers.Serializer[Any]):
    """Any day of the month that is to be costed."""

    month = PlausibleDate()


class CostingRunView(ReadView):
    """Runs that put the issues of a month at its average."""

    serializer_class, reads = RunShape, VIEW
    lookup_field, lookup_value_regex = "number", "[^/]+"

    class pagination_class(Page):  # noqa: N801 - DRF's name
        ordering = ("-created_at", "-id")

    def rows(self) -> Any:
        return CostingRun.objects.all()

    @unsafe(RunBody, RunShape, status=201)
    def create(self, request: Request) -> Response:
        """Cost a month."""
        self.require({"staff": "inventory.cost.run"})
        words = self.body(RunBody)
        return self.act(lambda: self.shown(run_costing(actor=self.actor, at=self.at, **words)), status=201)


# --- what stock is worth ---------------------------------------------------------------------------
class WorthShape(serializers.Serializer[Any]):
    """An item, a warehouse or a category with what lay of it and what that was worth."""

    id = serializers.UUIDField()
    code = Text()
    name = Text()
    qty = serializers.DecimalField(max_digits=18, decimal_places=4)
    unit_cost = serializers.DecimalField(max_digits=20, decimal_places=6, allow_null=True)
    value = serializers.DecimalField(max_digits=18, decimal_places=2)


class StockValueShape(serializers.Serializer[Any]):
    """The rows of a day and their sum."""

    day = serializers.DateField()
    value = serializers.DecimalField(max_digits=18, decimal_places=2)
    rows = WorthShape(many=True)


class StockValueQuery(serializers.Serializer[Any]):
    """Of which day, by what, and of which part of stock."""

    day = PlausibleDate(required=False)
    by = serializers.ChoiceField(choices=BY, required=False, default="item")
    warehouse = serializers.UUIDField(required=False)
    category = serializers.UUIDField(required=False)
    item = serializers.UUIDField(required=False)


class StockValueView(ApiView):
    """What stock was worth at the end of a day."""

    reads = VIEW
    pagination_class = None

    @extend_schema(
        parameters=[
            OpenApiParameter("day", date, description="Without it today."),
            OpenApiParameter("by", str, enum=BY, description="By item, warehouse or category."),
            OpenApiParameter("warehouse", UUID),
            OpenApiParameter("category", UUID),
            OpenApiParameter("item", UUID),
        ],
        responses=forced_singular_serializer(StockValueShape),
    )
    def list(self, request: Request) -> Response:
        """By item, warehouse or category."""
        self.require({"staff": "catalog.cost.view"})
        query = StockValueQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        day = asked.get("day") or clock.today()
        rows = stock_value(
            day=day,
            by=asked["by"],
            warehouse_id=asked.get("warehouse"),
            category_id=asked.get("category"),
            item_id=asked.get("item"),
        )
        return Response(StockValueShape({"day": day, "value": total_of(rows)[1], "rows": rows}).data)
