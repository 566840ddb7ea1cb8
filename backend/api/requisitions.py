"""Purchase requisitions over the API: written, handed in, decided level by level, ordered. The company's own affair."""

from typing import Any

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import VERSION, unsafe
from backend.api.deciding import DecidedView, LevelBody, RejectionBody
from backend.api.documents import Empty, Reason, document_view
from backend.api.inputs import serializer_for
from backend.api.shapes import DOCUMENT, shape
from backend.purchasing.models import PurchaseOrder, PurchaseRequisition, RequisitionLine, Rfq
from backend.purchasing.selectors import requisitions as reads
from backend.purchasing.services import requisition_orders, requisitions
from backend.purchasing.services.inputs import OrderChoice, RequisitionData

AMOUNTS = dict.fromkeys(("price", "gross_amount"), "catalog.price.view")
EDIT = {"staff": "purchasing.requisition.edit"}
KEY = {"name": "requisition_id"}

RequisitionLineShape = shape(
    RequisitionLine,
    (
        "id", "line_no", "item", "description", "qty", "line_unit", "line_qty", "price", "gross_amount",
        "requested_date", "supplier", "ordered_qty", "asked_qty",
    ),
    depth_names=("item", "supplier"),
    guarded=AMOUNTS,
)  # fmt: skip
_HEAD = (
    *DOCUMENT, "requester_id", "requester_name", "department", "warehouse", "need_date", "reason", "gross_amount",
    "ordered",
)  # fmt: skip
RequisitionShape = shape(
    PurchaseRequisition,
    (*_HEAD, "lines"),
    depth_names=("warehouse",),
    guarded=AMOUNTS,
    nested={"lines": RequisitionLineShape(many=True, read_only=True)},
)
RequisitionRow = shape(
    PurchaseRequisition, _HEAD, name="PurchaseRequisitionRow", depth_names=("warehouse",), guarded=AMOUNTS
)
MadeOrders = shape(PurchaseOrder, ("id", "number"), name="OrderOfRequisition")
MadeRfq = shape(Rfq, ("id", "number"), name="RfqOfRequisition")


class OrderingBody(serializers.Serializer[Any]):
    """So much of each line from which supplier; without one the line's, then the item's."""

    choices = serializer_for(OrderChoice)(many=True)


class AskedLinesBody(serializers.Serializer[Any]):
    """Lines to ask for; none: all that are open."""

    line_ids = serializers.ListField(child=serializers.UUIDField(), max_length=500, required=False, default=list)


@document_view(RequisitionData, RequisitionShape, RequisitionRow)
class RequisitionView(DecidedView):
    """What somebody needs, until it is ordered."""

    reads = {"staff": "purchasing.requisition.view"}
    edits = EDIT
    model = PurchaseRequisition

    def rows(self) -> Any:
        return reads.requisitions_visible_to(self.reader).prefetch_related("lines__item", "lines__supplier")

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        self.require_members(requester_id=data.requester_id)
        known = document.pk if document else None
        return requisitions.save_requisition(
            data=data, requisition_id=known, version=version, actor=self.actor, at=self.at
        )

    def _do(self, service: Any, needs: str = "edit", **words: Any) -> Response:
        return self.step(service, needs={"staff": f"purchasing.requisition.{needs}"}, name="requisition_id", **words)

    @unsafe(Empty, RequisitionShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def submission(self, request: Request, number: str = "") -> Response:
        """Hand it in: the first level is asked."""
        return self._do(requisitions.submit_requisition, as_read=True)

    @unsafe(None, RequisitionShape)
    @submission.mapping.delete
    def withdrawal(self, request: Request, number: str = "") -> Response:
        """Take it back before everybody has decided."""
        return self._do(requisitions.withdraw_requisition)

    @unsafe(LevelBody, RequisitionShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def approval(self, request: Request, number: str = "") -> Response:
        """Agree to the level that waits; after the last one it is approved."""
        return self.decide(requisitions.approve_requisition, **KEY, as_read=True, **self.words(LevelBody))

    @unsafe(None, RequisitionShape)
    @approval.mapping.delete
    def unapproval(self, request: Request, number: str = "") -> Response:
        """Back to a draft while nothing of it is ordered."""
        return self._do(requisitions.unapprove_requisition, "unapprove")

    @unsafe(RejectionBody, RequisitionShape)
    @action(detail=True, methods=["post"])
    def rejection(self, request: Request, number: str = "") -> Response:
        """Send it back with a reason."""
        return self.decide(requisitions.reject_requisition, **KEY, **self.words(RejectionBody))

    @unsafe(OrderingBody, MadeOrders(many=True), status=201)
    @action(detail=True, methods=["post"])
    def orders(self, request: Request, number: str = "") -> Response:
        """Draft orders, one for each supplier."""
        self.require({"staff": "purchasing.order.edit"})
        document, words = self.get_object(), self.words(OrderingBody)

        def run() -> Any:
            made = requisition_orders.order_requisition(
                requisition_id=document.pk, actor=self.actor, at=self.at, **words
            )
            return [{"id": str(order.pk), "number": order.number} for order in made]

        return self.act(run, status=201)

    @unsafe(AskedLinesBody, MadeRfq, status=201)
    @action(detail=True, methods=["post"])
    def rfq(self, request: Request, number: str = "") -> Response:
        """A draft request for quotation over what is open."""
        self.require({"staff": "purchasing.rfq.edit"})
        document, words = self.get_object(), self.words(AskedLinesBody)

        def run() -> Any:
            made = requisition_orders.ask_for_quotes(requisition_id=document.pk, actor=self.actor, at=self.at, **words)
            return {"id": str(made.pk), "number": made.number}

        return self.act(run, status=201)

    @unsafe(Reason, RequisitionShape)
    @action(detail=True, methods=["post"])
    def closing(self, request: Request, number: str = "") -> Response:
        """Buy no more for it."""
        return self._do(requisitions.close_requisition, **self.words(Reason))

    @unsafe(None, RequisitionShape)
    @closing.mapping.delete
    def reopening(self, request: Request, number: str = "") -> Response:
        """Buy the rest after all."""
        return self._do(requisitions.reopen_requisition)

    @unsafe(Reason, RequisitionShape)
    @action(detail=True, methods=["post"])
    def voiding(self, request: Request, number: str = "") -> Response:
        """It is not needed."""
        return self._do(requisitions.void_requisition, **self.words(Reason))
