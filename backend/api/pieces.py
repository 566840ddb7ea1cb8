"""Single pieces over the API: where one is and how it got there, and naming those of a document."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import UUID_PATTERN, Page, ReadView, unsafe
from backend.api.inputs import Text
from backend.api.shapes import shape
from backend.inventory.models import Serial, StockMove
from backend.inventory.selectors.pieces import all_pieces, state_of, trace_piece
from backend.inventory.services import naming
from backend.sales.selectors.orders import require_in_reach


class StateField(serializers.CharField):
    """in_stock, transit, consignment, at_processor, in_workshop, with_customer, with_supplier, used, lost or none."""

    def __init__(self) -> None:
        super().__init__(read_only=True, source="*")

    def to_representation(self, value: Any) -> str:
        return state_of(value)


class KeptForField(serializers.CharField):
    """The order that a piece is kept for, by its number; empty when it is free."""

    def __init__(self) -> None:
        super().__init__(read_only=True, source="*")

    def to_representation(self, value: Any) -> str:
        return str(getattr(value, "hold", ""))


class NewestPiece(Page):
    ordering = ("-created_at", "-id")


SerialShape = shape(
    Serial,
    ("id", "item", "serial_no", "warehouse", "bin", "state", "kept_for", "created_at"),
    depth_names=("item", "warehouse", "bin"),
    nested={"state": StateField(), "kept_for": KeptForField()},
)
StepShape = shape(
    StockMove,
    ("id", "kind", "warehouse", "qty_in", "qty_out", "move_date", "doc_type", "doc_id", "doc_number", "party"),
    depth_names=("warehouse", "party"),
)


class HistoryShape(serializers.Serializer[Any]):
    """A piece with all its moves, the newest first."""

    piece = SerialShape()
    state = Text()
    warranty_from = serializers.DateField(allow_null=True)
    steps = StepShape(many=True)


class NamedLine(serializers.Serializer[Any]):
    """The numbers of a line, in place of those it had."""

    line_id = serializers.UUIDField()
    serial_nos = serializers.ListField(child=Text(max_length=60), max_length=naming.MOST)


class NamingBody(serializers.Serializer[Any]):
    """The document and its lines; the document itself is the line of what an assembly makes."""

    doc_type = serializers.ChoiceField(choices=sorted(naming.PAPERS))
    doc_id = serializers.UUIDField()
    lines: Any = NamedLine(many=True, max_length=500)  # type: ignore[call-arg]


class NamedShape(serializers.Serializer[Any]):
    """A line with its numbers."""

    line_id = serializers.UUIDField()
    serial_nos = serializers.ListField(child=serializers.CharField(), source="numbers")


class NamingShape(serializers.Serializer[Any]):
    """What is named now."""

    lines = NamedShape(many=True)


class SerialView(ReadView):
    """Pieces of items that are kept by serial number."""

    serializer_class, pagination_class, reads = SerialShape, NewestPiece, "inventory.stock.view"
    lookup_value_regex = UUID_PATTERN

    def rows(self) -> Any:
        found = all_pieces()
        number = self.request.query_params.get("serial_no")
        return found.filter(serial_no=number) if number and "\x00" not in number else found

    @extend_schema(parameters=[OpenApiParameter("serial_no", str, description="Exactly this number.")])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(responses=HistoryShape)
    @action(detail=True, methods=["get"])
    def history(self, request: Request, pk: str = "") -> Response:
        """Supplier, receipt, customer, delivery: every move of the piece."""
        trace = trace_piece(self.get_object().pk)
        return Response(HistoryShape(trace, context=self.get_serializer_context()).data)

    @unsafe(NamingBody, NamingShape)
    @action(detail=False, methods=["post"])
    def naming(self, request: Request) -> Response:
        """Name the pieces of a document's lines before it is booked."""
        body = self.body(NamingBody)
        document = naming.find_document(body["doc_type"], body["doc_id"])
        self.actor.require(naming.PAPERS[document.DOC_TYPE].edit)
        require_in_reach(document, self.actor)
        numbers = {row["line_id"]: list(dict.fromkeys(row["serial_nos"])) for row in body["lines"]}

        def run() -> Any:
            named = naming.name_serials(document=document, numbers=numbers, actor=self.actor, at=self.at)
            return NamingShape({"lines": named}).data

        return self.act(run)
