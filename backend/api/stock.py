"""Stock over the API: what lies where, opening stock, lots."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import UUID_PATTERN, VERSION, Page, ReadView, unsafe
from backend.api.computed import Computed, quantity
from backend.api.documents import DocumentView, Empty, Reason, document_view
from backend.api.inputs import Text
from backend.api.shapes import DOCUMENT, shape
from backend.availability.selectors import reservations_of
from backend.inventory.models import Lot, OpeningStock, OpeningStockLine, StockBalance, Warehouse
from backend.inventory.services import lots, opening
from backend.inventory.services.inputs import OpeningLineInput
from backend.processes.recall import recall_lot, recall_of

COST = dict.fromkeys(("value", "total_value", "unit_cost"), "catalog.cost.view")


class ById(Page):
    ordering = "id"


class Newest(Page):
    ordering = ("-created_at", "-id")


class AvailableField(serializers.DecimalField):
    """on hand − reserved − blocked (AMB-1)."""

    def __init__(self) -> None:
        super().__init__(max_digits=18, decimal_places=4, read_only=True)


BalanceShape = shape(
    StockBalance,
    ("id", "item", "warehouse", "on_hand", "reserved", "blocked", "available", "value"),
    depth_names=("item", "warehouse"),
    guarded=COST,
    nested={"available": AvailableField()},
)


class ReservationShape(Computed):
    """An order line that holds so much of the stock."""

    doc_type = Text(source="ref_type")
    number = Text(source="ref_number")
    line_no = serializers.IntegerField()
    party = Text(source="party_name", allow_blank=True)
    reserved_qty = quantity()
    open_qty = quantity()
    required_date = serializers.DateField()
    promise_date = serializers.DateField(allow_null=True)


class StockView(ReadView):
    """On hand, reserved, blocked and available per item and warehouse."""

    serializer_class, pagination_class, reads = BalanceShape, ById, "inventory.stock.view"
    lookup_value_regex = "[0-9]{1,18}"

    def rows(self) -> Any:
        return StockBalance.objects.select_related("item", "warehouse")

    @extend_schema(responses=ReservationShape(many=True))
    @action(detail=True, pagination_class=None)
    def reservations(self, request: Request, pk: Any = None) -> Response:
        """Who holds what is reserved of it: their quantities add up to ``reserved`` (INV-17)."""
        row = self.get_object()
        held = reservations_of(row.item_id, warehouse_id=row.warehouse_id)
        return Response(ReservationShape.rows(held, self.actor))


class WarehouseView(ReadView):
    """Where stock lies: the company's own warehouses (kind "stock"), what is under way, and places at partners."""

    class pagination_class(Page):  # noqa: N801 - DRF's name
        ordering = "code"

    serializer_class = shape(Warehouse, ("id", "code", "name", "address", "kind", "is_default", "active"))
    reads = "inventory.stock.view"
    lookup_value_regex = UUID_PATTERN

    def rows(self) -> Any:
        return Warehouse.objects.all()


LotShape = shape(
    Lot,
    (
        "id", "item", "lot_no", "supplier_lot_no", "supplier", "mfg_date", "expiry_date", "state", "hold_reason",
        "created_at",
    ),
    depth_names=("item", "supplier"),
)  # fmt: skip


class HoldBody(serializers.Serializer[Any]):
    """Why the lot is stopped."""

    reason = Text(max_length=200)


class ReachedLotShape(serializers.Serializer[Any]):
    """A lot that the recall reaches."""

    id = serializers.UUIDField(source="lot_id")
    lot_no = Text()
    state = Text()
    item_code = Text()
    item_name = Text()
    on_hand = serializers.DecimalField(max_digits=18, decimal_places=4)


class OpenPickShape(serializers.Serializer[Any]):
    """A delivery under way that names one of the lots."""

    number = Text()
    customer = Text()
    lot_no = Text()
    qty = serializers.DecimalField(max_digits=18, decimal_places=4)


class HolderShape(serializers.Serializer[Any]):
    """A customer who has goods of it."""

    customer_id = serializers.UUIDField(source="party_id")
    code = Text()
    name = Text()
    contact = Text()
    phone = Text()
    email = Text()
    item_code = Text()
    item_name = Text()
    qty = serializers.DecimalField(max_digits=18, decimal_places=4)
    last_at = serializers.DateTimeField()
    last_number = Text()


class RecallShape(serializers.Serializer[Any]):
    """What a recall reaches."""

    lots = ReachedLotShape(many=True)
    picks = OpenPickShape(many=True)
    holders = HolderShape(many=True)


class LotView(ReadView):
    """Lots; holding one stops its sale at once."""

    serializer_class, pagination_class, reads = LotShape, Newest, "inventory.lot.view"
    lookup_value_regex = UUID_PATTERN

    def rows(self) -> Any:
        return Lot.objects.select_related("item", "supplier")

    @unsafe(HoldBody, LotShape)
    @action(detail=True, methods=["post"])
    def hold(self, request: Request, pk: Any = None) -> Response:
        """Stop the lot."""
        self.require("inventory.lot.edit")
        lot, words = self.get_object(), self.body(HoldBody)

        def run() -> Any:
            lots.hold_lot(lot_id=lot.pk, actor=self.actor, at=self.at, **words)
            return self.shown(self.rows().get(pk=lot.pk))

        return self.act(run)

    @extend_schema(responses=RecallShape)
    @action(detail=True, pagination_class=None)
    def recall(self, request: Request, pk: Any = None) -> Response:
        """What a recall of the lot reaches: lots, deliveries under way, customers with contact and quantity."""
        self.require("inventory.lot.edit")
        return Response(RecallShape(recall_of(self.get_object().pk)).data)

    @unsafe(HoldBody, RecallShape)
    @recall.mapping.post
    def recalling(self, request: Request, pk: Any = None) -> Response:
        """Hold the lot and everything it went into, and take it off deliveries under way."""
        self.require("inventory.lot.edit")
        lot, words = self.get_object(), self.body(HoldBody)
        return self.act(lambda: RecallShape(recall_lot(lot_id=lot.pk, actor=self.actor, at=self.at, **words)).data)

    @unsafe(None, LotShape)
    @hold.mapping.delete
    def release(self, request: Request, pk: Any = None) -> Response:
        """Let the lot be sold again."""
        self.require("inventory.lot.edit")
        lot = self.get_object()

        def run() -> Any:
            lots.release_lot(lot_id=lot.pk, actor=self.actor, at=self.at)
            return self.shown(self.rows().get(pk=lot.pk))

        return self.act(run)


@dataclass(frozen=True)
class OpeningData:
    """First quantities and values of a warehouse."""

    doc_date: date
    warehouse_id: UUID
    lines: tuple[OpeningLineInput, ...]
    remark: str = ""


OpeningLineShape = shape(
    OpeningStockLine,
    ("id", "line_no", "item", "qty", "unit_cost", "value", "lot_no", "expiry_date"),
    depth_names=("item",),
    guarded=COST,
)
OpeningShape = shape(
    OpeningStock,
    (*DOCUMENT, "warehouse", "total_value", "lines"),
    depth_names=("warehouse",),
    guarded=COST,
    nested={"lines": OpeningLineShape(many=True, read_only=True)},
)


@document_view(OpeningData, OpeningShape)
class OpeningStockView(DocumentView):
    """Opening stock, booked with its voucher."""

    reads, edits = "inventory.opening_stock.view", "inventory.opening_stock.edit"

    def rows(self) -> Any:
        return OpeningStock.objects.select_related("warehouse").prefetch_related("lines__item")

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        return opening.save_opening_stock(
            doc_date=data.doc_date,
            warehouse_id=data.warehouse_id,
            lines=data.lines,
            remark=data.remark,
            document_id=document.pk if document else None,
            version=version,
            actor=self.actor,
            at=self.at,
        )

    @unsafe(Empty, OpeningShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def approval(self, request: Request, number: str = "") -> Response:
        """Book the quantities and values."""
        return self.step(
            opening.approve_opening_stock, needs="inventory.opening_stock.approve", name="document_id", as_read=True
        )

    @unsafe(None, OpeningShape)
    @approval.mapping.delete
    def unapproval(self, request: Request, number: str = "") -> Response:
        """Take the booking back while it is untouched."""
        needs = "inventory.opening_stock.unapprove"
        return self.step(opening.unapprove_opening_stock, needs=needs, name="document_id")

    @unsafe(Reason, OpeningShape)
    @action(detail=True, methods=["post"])
    def voiding(self, request: Request, number: str = "") -> Response:
        """Throw the draft away."""
        words = self.words(Reason)
        return self.step(opening.void_opening_stock, needs="inventory.opening_stock.edit", name="document_id", **words)
