"""Bins over the API: the places of a warehouse, what lies in each, and moves between them."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import UUID_PATTERN, Page, ReadView, unsafe
from backend.api.documents import Empty, Reason, document_view
from backend.api.shapes import DOCUMENT, shape
from backend.api.stock_documents import StockDocumentView
from backend.inventory.models import Bin, BinBalance, BinMove, BinMoveLine
from backend.inventory.selectors.bins import contents
from backend.inventory.services import bin_moves
from backend.inventory.services.inputs import BinMoveLineInput


class ByWalk(Page):
    ordering = ("warehouse_id", "sequence", "code")


class ByKey(Page):
    ordering = "id"


class BinView(ReadView):
    """The places inside warehouses, in the order people walk."""

    serializer_class = shape(
        Bin, ("id", "warehouse", "code", "zone", "sequence", "active", "is_default"), depth_names=("warehouse",)
    )
    pagination_class, reads = ByWalk, "inventory.stock.view"
    lookup_value_regex = UUID_PATTERN

    def rows(self) -> Any:
        return Bin.objects.select_related("warehouse")


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

    @unsafe(Empty, BinMoveShape)
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
