"""Incoming inspections over the API: what waits, and its decision."""

from typing import Any

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import unsafe
from backend.api.documents import DocumentView, document_view
from backend.api.inputs import Text
from backend.api.shapes import DOCUMENT, shape
from backend.purchasing.models import Inspection, InspectionLine
from backend.purchasing.selectors.inspections import inspections_visible_to
from backend.purchasing.services.inputs import InspectionResult
from backend.purchasing.services.inspections import decide_inspection

LineShape = shape(
    InspectionLine,
    (
        "id", "line_no", "item", "lot", "qty", "sample_qty", "defect_qty", "accepted_qty", "rejected_qty", "reason",
        "rejected_lot",
    ),
    depth_names=("item", "lot", "rejected_lot"),
)  # fmt: skip
InspectionShape = shape(
    Inspection,
    (*DOCUMENT, "supplier", "warehouse", "receipt", "state", "lines"),
    depth_names=("supplier", "warehouse", "receipt"),
    nested={"lines": LineShape(many=True, read_only=True)},
)
InspectionRow = shape(
    Inspection,
    (*DOCUMENT, "supplier", "warehouse", "receipt", "state"),
    name="InspectionRow",
    depth_names=("supplier", "warehouse", "receipt"),
)
_QTY: dict[str, Any] = {"max_digits": 18, "decimal_places": 4, "min_value": 0}


class InspectionResultBody(serializers.Serializer[Any]):
    """What was found on a line."""

    line_id = serializers.UUIDField()
    rejected_qty = serializers.DecimalField(**_QTY)
    defect_qty = serializers.DecimalField(**_QTY, required=False, allow_null=True, default=None)
    sample_qty = serializers.DecimalField(**_QTY, required=False, allow_null=True, default=None)
    reason = Text(max_length=200, allow_blank=True, default="")


class InspectionDecisionBody(serializers.Serializer[Any]):
    """The decision; lines that are not named are accepted."""

    results = InspectionResultBody(many=True, required=False, default=list)
    remark = Text(max_length=2000, allow_blank=True, default="")


@document_view(None, InspectionShape, InspectionRow)
class InspectionView(DocumentView):
    """Incoming inspections: goods in quarantine, and what was decided of them."""

    reads = {"staff": "purchasing.inspection.view"}

    def rows(self) -> Any:
        lines = ("lines__item", "lines__lot", "lines__rejected_lot")
        return inspections_visible_to(self.actor).prefetch_related(*lines)

    @unsafe(InspectionDecisionBody, InspectionShape)
    @action(detail=True, methods=["post"])
    def decision(self, request: Request, number: str = "") -> Response:
        """Release what is good; what is rejected waits for its return."""
        words = self.words(InspectionDecisionBody)
        results = [InspectionResult(**row) for row in words["results"]]
        needs = {"staff": "purchasing.inspection.decide"}
        return self.step(decide_inspection, needs=needs, results=results, remark=words["remark"])
