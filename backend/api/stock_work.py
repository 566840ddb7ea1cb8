"""Work in the warehouse over the API: counts and assemblies."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import UUID_PATTERN, VERSION, Page, ReadView, unsafe
from backend.api.documents import Empty, Reason, document_view
from backend.api.shapes import DOCUMENT, shape
from backend.api.stock_documents import COST, StockDocumentView
from backend.inventory.models import Assembly, AssemblyLine, Disposition, StockAlert, StockCount, StockCountLine
from backend.inventory.services import assembly, count_booking, counting
from backend.inventory.services.counted_serials import may_be_told, pieces_so_far
from backend.inventory.services.inputs import ComponentInput, CountedInput, Seen

MONEY = COST | dict.fromkeys(("diff_value", "gain_value", "loss_value", "tax_amount"), "catalog.cost.view")


@dataclass(frozen=True)
class CountData:
    """What is to be counted: all of a warehouse, or what fits all conditions that are given."""

    doc_date: date
    warehouse_id: UUID
    category_id: UUID | None = None
    abc: str = ""
    item_ids: tuple[UUID, ...] = ()
    zone: str = ""
    bin_from: str = ""
    bin_to: str = ""
    blind: bool = True
    remark: str = ""


class LineSeenBody(serializers.Serializer[Any]):
    """What a line told before: its ``counted_qty`` and ``counted_at``, null of one that was not counted."""

    counted_qty = serializers.DecimalField(max_digits=14, decimal_places=4, allow_null=True)
    counted_at = serializers.DateTimeField(allow_null=True)


class CountedBody(serializers.Serializer[Any]):
    """So much lies there; ``counted_at`` when it was counted before it is sent. With ``seen`` it replaces nothing that
    somebody else has counted since (``counted_meanwhile``)."""

    line_id = serializers.UUIDField()
    qty = serializers.DecimalField(max_digits=14, decimal_places=4, min_value=0)
    counted_at = serializers.DateTimeField(required=False)
    seen = LineSeenBody(required=False)

    def validate_seen(self, value: dict[str, Any]) -> Seen:
        return Seen(value["counted_qty"], value["counted_at"])


class CountingBody(serializers.Serializer[Any]):
    """What was counted."""

    lines: Any = CountedBody(many=True, max_length=1000)  # type: ignore[call-arg]


class SettlementBody(serializers.Serializer[Any]):
    """What the differences are."""

    disposition = serializers.ChoiceField(choices=Disposition.values)
    abnormal = serializers.BooleanField(default=False)


class SeenPiece(serializers.Serializer[Any]):
    """A piece, and where it lies by the books."""

    serial_no = serializers.CharField()
    warehouse = serializers.CharField(source="warehouse.code", allow_null=True, default=None)
    bin = serializers.CharField(source="bin.code", allow_null=True, default=None)


class LinePiecesShape(serializers.Serializer[Any]):
    """What the pieces of a counted line tell before it is booked: on the books and not seen, seen and not on the books,
    of another bin, of another warehouse; ``unnamed``: counted, and nobody said which."""

    line_id = serializers.UUIDField(source="line.pk")
    line_no = serializers.IntegerField(source="line.line_no")
    item = serializers.CharField(source="line.item.code")
    bin = serializers.CharField(source="line.bin.code", allow_null=True, default=None)
    missing = SeenPiece(many=True)
    found = SeenPiece(many=True)
    carried = SeenPiece(many=True)
    elsewhere = SeenPiece(many=True)
    unnamed = serializers.BooleanField()


CountLineShape = shape(
    StockCountLine,
    (
        "id",
        "line_no",
        "item",
        "lot",
        "bin",
        "counted_qty",
        "expected_qty",
        "counted_at",
        "counted_by_name",
        "diff_value",
    ),
    depth_names=("item", "lot", "bin"),
    guarded=MONEY,
)
CountShape = shape(
    StockCount,
    (
        *DOCUMENT, "warehouse", "category", "abc", "zone", "bin_from", "bin_to", "blind", "frozen_at", "accuracy_qty",
        "accuracy_value", "gain_value", "loss_value", "disposition", "abnormal", "tax_amount", "lines",
    ),
    depth_names=("warehouse", "category"),
    guarded=MONEY,
    nested={"lines": CountLineShape(many=True, read_only=True)},
)  # fmt: skip


@document_view(CountData, CountShape)
class CountView(StockDocumentView):
    """Counts while the warehouse works."""

    reads, edits, right = "inventory.count.view", "inventory.count.edit", "inventory.count"
    services = (count_booking.approve_count, count_booking.unapprove_count, counting.void_count)

    def rows(self) -> Any:
        found = StockCount.objects.select_related("warehouse", "category")
        return found.prefetch_related("lines__item", "lines__lot", "lines__bin")

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        return counting.save_count(**vars(data), **self.kept(document, version))

    @unsafe(Empty, CountShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def start(self, request: Request, number: str = "") -> Response:
        """Freeze what the books say."""
        return self.step(counting.start_count, needs=self.edits, name="document_id", as_read=True)

    @unsafe(CountingBody, CountShape)
    @action(detail=True, methods=["post"])
    def counting(self, request: Request, number: str = "") -> Response:
        """Note what lies there, again if need be."""
        self.require("inventory.count.enter")
        document, body = self.get_object(), self.body(CountingBody)
        counted = [CountedInput(**row) for row in body["lines"]]

        def run() -> Any:
            counting.record_counts(document_id=document.pk, counted=counted, actor=self.actor, at=self.at)
            return self.again(document)

        return self.act(run)

    @extend_schema(responses=LinePiecesShape(many=True))
    @action(detail=True, pagination_class=None)
    def pieces(self, request: Request, number: str = "") -> Response:
        """The single pieces that booking would miss and find, line by line. Of a blind count only who books it reads them,
        and only when every line is counted."""
        self.require(self.reads)
        document = self.get_object()
        lines = list(document.lines.select_related("item", "bin").order_by("line_no"))
        told = pieces_so_far(document, lines) if may_be_told(document, lines, self.actor) else []
        return Response(LinePiecesShape(told, many=True).data)

    @unsafe(Empty, CountShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def approval(self, request: Request, number: str = "") -> Response:
        """Book the differences."""
        return self.book()

    @unsafe(None, CountShape)
    @approval.mapping.delete
    def unapproval(self, request: Request, number: str = "") -> Response:
        """Take the differences back."""
        return self.take_back()

    @unsafe(SettlementBody, CountShape)
    @action(detail=True, methods=["post"])
    def settlement(self, request: Request, number: str = "") -> Response:
        """Decide what the differences are."""
        body = self.body(SettlementBody)
        return self.step(count_booking.settle_count, needs="inventory.count.approve", name="document_id", **body)

    @unsafe(Reason, CountShape)
    @action(detail=True, methods=["post"])
    def voiding(self, request: Request, number: str = "") -> Response:
        """Give the count up."""
        return self.throw_away()


@dataclass(frozen=True)
class AssemblyData:
    """Kits to make or to take apart; without lines the kit's template says of what. A ``fee`` is owed to its supplier."""

    doc_date: date
    warehouse_id: UUID
    item_id: UUID
    qty: Decimal
    lines: tuple[ComponentInput, ...] = ()
    kind: str = "assemble"
    lot_no: str = ""
    expiry_date: date | None = None
    fee: Decimal = Decimal(0)
    fee_supplier_id: UUID | None = None
    remark: str = ""


AssemblyLineShape = shape(
    AssemblyLine,
    ("id", "line_no", "item", "qty", "ratio", "lot_no", "value"),
    depth_names=("item",),
    guarded=COST,
)
AssemblyShape = shape(
    Assembly,
    (
        *DOCUMENT,
        "kind",
        "warehouse",
        "item",
        "qty",
        "lot_no",
        "expiry_date",
        "fee",
        "fee_supplier",
        "total_value",
        "lines",
    ),
    depth_names=("warehouse", "item", "fee_supplier"),
    guarded=COST | {"fee": "catalog.cost.view"},
    nested={"lines": AssemblyLineShape(many=True, read_only=True)},
)


@document_view(AssemblyData, AssemblyShape)
class AssemblyView(StockDocumentView):
    """Assembly and disassembly of kits."""

    reads, edits, right = "inventory.assembly.view", "inventory.assembly.edit", "inventory.assembly"
    services = (assembly.approve_assembly, assembly.unapprove_assembly, assembly.void_assembly)

    def rows(self) -> Any:
        return Assembly.objects.select_related("warehouse", "item", "fee_supplier").prefetch_related("lines__item")

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        return assembly.save_assembly(**vars(data), **self.kept(document, version))

    @unsafe(Empty, AssemblyShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def approval(self, request: Request, number: str = "") -> Response:
        """Use what goes in, make what comes out."""
        return self.book()

    @unsafe(None, AssemblyShape)
    @approval.mapping.delete
    def unapproval(self, request: Request, number: str = "") -> Response:
        """Take it back while what was made lies there."""
        return self.take_back()

    @unsafe(Reason, AssemblyShape)
    @action(detail=True, methods=["post"])
    def voiding(self, request: Request, number: str = "") -> Response:
        """Throw the draft away."""
        return self.throw_away()


class NewestAlert(Page):
    ordering = ("-raised_at", "-id")


AlertShape = shape(
    StockAlert,
    ("id", "kind", "item", "warehouse", "lot", "qty", "threshold", "raised_at", "cleared_at"),
    depth_names=("item", "warehouse", "lot"),
)


class AlertView(ReadView):
    """Low, too much, slow-moving and expiring stock; ``cleared_at`` is null while it stands."""

    serializer_class, pagination_class, reads = AlertShape, NewestAlert, "inventory.stock.view"
    lookup_value_regex = UUID_PATTERN

    def rows(self) -> Any:
        return StockAlert.objects.select_related("item", "warehouse", "lot")
