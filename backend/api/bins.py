"""Bins over the API: the places of a warehouse, what lies in each, and moves between them."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import UUID_PATTERN, VERSION, Page, ReadView, unsafe
from backend.api.documents import Empty, Reason, document_view
from backend.api.inputs import Text
from backend.api.shapes import DOCUMENT, shape
from backend.api.stock_documents import StockDocumentView
from backend.inventory.models import Bin, BinBalance, BinMove, BinMoveLine
from backend.inventory.selectors.bins import contents, stops_of
from backend.inventory.services import bin_moves, bins, naming
from backend.inventory.services.inputs import BinMoveLineInput
from backend.kernel.errors import ValidationRefused


class ByWalk(Page):
    ordering = ("warehouse_id", "sequence", "code")


class ByKey(Page):
    ordering = "id"


_NAMEABLE = sorted(
    key for key, paper in naming.PAPERS.items() if paper.bins and paper.place and "qty" in paper.quantities
)


class BinShareBody(serializers.Serializer[Any]):
    """So much of a line in the bin of this code."""

    code = Text(max_length=30)
    qty = serializers.DecimalField(max_digits=14, decimal_places=4)


class LineBinsBody(serializers.Serializer[Any]):
    """The bins of a line, in place of those it had; what is named nowhere goes where the proposal says."""

    line_id = serializers.UUIDField()
    bins: Any = BinShareBody(many=True, max_length=100)  # type: ignore[call-arg]


class BinNamingBody(serializers.Serializer[Any]):
    """A document that is not booked, and its lines."""

    doc_type = serializers.ChoiceField(choices=_NAMEABLE)
    doc_id = serializers.UUIDField()
    lines: Any = LineBinsBody(many=True, max_length=500)  # type: ignore[call-arg]


class StopShape(serializers.Serializer[Any]):
    """So much of a line at a bin."""

    bin = serializers.CharField(source="bin.code")
    zone = serializers.CharField(source="bin.zone")
    line_id = serializers.UUIDField(allow_null=True)
    item_id = serializers.UUIDField(source="item.pk")
    item_code = serializers.CharField(source="item.code")
    lot_no = Text()
    qty = serializers.DecimalField(max_digits=18, decimal_places=4)


DOC_TYPE = OpenApiParameter("doc_type", str, enum=_NAMEABLE, required=True)
DOC_ID = OpenApiParameter("doc_id", UUID, required=True)


class BinView(ReadView):
    """The places inside warehouses, in the order people walk."""

    serializer_class = shape(
        Bin, ("id", "warehouse", "code", "zone", "sequence", "active", "is_default"), depth_names=("warehouse",)
    )
    pagination_class, reads = ByWalk, "inventory.stock.view"
    lookup_value_regex = UUID_PATTERN

    def rows(self) -> Any:
        return Bin.objects.select_related("warehouse")

    @extend_schema(parameters=[DOC_TYPE, DOC_ID], responses=StopShape(many=True))
    @action(detail=False, pagination_class=None)
    def walk(self, request: Request) -> Response:
        """Where a document's goods go to or come from, in the order people walk: booked, or as it will be."""
        doc_type, doc_id = self.choice_asked("doc_type", _NAMEABLE), self.id_asked("doc_id")
        if not doc_type or doc_id is None:
            raise ValidationRefused(_("Say which document."), field="doc_id" if doc_type else "doc_type")
        document = naming.find_moving(doc_type, doc_id)
        self.actor.require(naming.PAPERS[doc_type].view)
        return Response(StopShape(stops_of(document), many=True).data)

    @unsafe(BinNamingBody, StopShape(many=True))
    @action(detail=False, methods=["post"])
    def naming(self, request: Request) -> Response:
        """Name the bins that a document's goods go to or come from, before it is booked."""
        body = self.body(BinNamingBody)
        document = naming.find_moving(body["doc_type"], body["doc_id"])
        self.actor.require(naming.PAPERS[document.DOC_TYPE].edit)
        named = {row["line_id"]: [bins.NamedBin(**each) for each in row["bins"]] for row in body["lines"]}

        def run() -> Any:
            bins.name_bins(document=document, bins=named, actor=self.actor, at=self.at)
            return StopShape(stops_of(document), many=True).data

        return self.act(run)


class BinStockView(ReadView):
    """What lies in each bin: together it is what lies in the warehouse."""

    serializer_class = shape(
        BinBalance,
        ("id", "warehouse", "bin", "item", "lot", "on_hand"),
        depth_names=("warehouse", "bin", "item", "lot"),
    )
    pagination_class, reads = ByKey, "inventory.stock.view"
    lookup_value_regex = "[0-9]{1,18}"

    def rows(self) -> Any:
        return contents()


@dataclass(frozen=True)
class BinMoveData:
    """Goods to be put into other bins of a warehouse."""

    doc_date: date
    warehouse_id: UUID
    lines: tuple[BinMoveLineInput, ...]
    remark: str = ""


BinMoveLineShape = shape(
    BinMoveLine,
    ("id", "line_no", "item", "lot", "qty", "source", "destination"),
    depth_names=("item", "lot", "source", "destination"),
)
BinMoveShape = shape(
    BinMove,
    (*DOCUMENT, "warehouse", "lines"),
    depth_names=("warehouse",),
    nested={"lines": BinMoveLineShape(many=True, read_only=True)},
)


@document_view(BinMoveData, BinMoveShape)
class BinMoveView(StockDocumentView):
    """Moves between bins of a warehouse."""

    reads, edits, right = "inventory.transfer.view", "inventory.transfer.edit", "inventory.transfer"
    services = (bin_moves.approve_bin_move, bin_moves.unapprove_bin_move, bin_moves.void_bin_move)

    def rows(self) -> Any:
        found = BinMove.objects.select_related("warehouse")
        return found.prefetch_related("lines__item", "lines__lot", "lines__source", "lines__destination")

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        return bin_moves.save_bin_move(**vars(data), **self.kept(document, version))

    @unsafe(Empty, BinMoveShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def approval(self, request: Request, number: str = "") -> Response:
        """Put the goods where they belong."""
        return self.book()

    @unsafe(None, BinMoveShape)
    @approval.mapping.delete
    def unapproval(self, request: Request, number: str = "") -> Response:
        """Put them back."""
        return self.take_back()

    @unsafe(Reason, BinMoveShape)
    @action(detail=True, methods=["post"])
    def voiding(self, request: Request, number: str = "") -> Response:
        """Throw the draft away."""
        return self.throw_away()
