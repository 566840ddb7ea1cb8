"""Consignment over the API: out to the agent, back, and settled as sold.

An agent's token reads what lies with its company and the documents about it, and reports what was sold; the rest is ours.
"""

from collections.abc import Sequence
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

from backend.api.base import VERSION, unsafe
from backend.api.computed import Computed, cost, quantity
from backend.api.documents import Empty, Reason, document_view
from backend.api.inputs import Text
from backend.api.shapes import DOCUMENT, shape
from backend.api.stock_documents import StockDocumentView
from backend.kernel.errors import NotFoundRefused, ValidationRefused
from backend.parties.models import Party
from backend.sales.models import Consignment, ConsignmentLine
from backend.sales.selectors.consignments import Consigned, consigned_with, consignments_visible_to
from backend.sales.services import consignments
from backend.sales.services.consignment_reports import agent_prices, report_sold
from backend.sales.services.inputs import ConsignmentLineInput

AMOUNTS = ("cost_amount", "net_amount", "tax_amount", "gross_amount")
GUARDED = {
    **dict.fromkeys(("tax_incl_price", "net_amount", "tax_amount", "gross_amount"), "catalog.price.view"),
    "cost_amount": "catalog.cost.view",
}


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
    guarded=GUARDED,
)
ConsignmentShape = shape(
    Consignment,
    (*DOCUMENT, "kind", "reported", "customer", "warehouse", *AMOUNTS, "lines"),
    depth_names=("customer", "warehouse"),
    guarded=GUARDED,
    nested={"lines": ConsignmentLineShape(many=True, read_only=True)},
)


class ConsignedShape(Computed):
    """Goods of an item (and lot) with an agent: unsold, how much of it is reported and not booked yet, what he pays for one."""

    guarded = {"price": "catalog.price.view"}

    item_id = serializers.UUIDField(source="row.item.pk")
    code = serializers.CharField(source="row.item.code")
    name = serializers.CharField(source="row.item.name")
    unit = serializers.CharField(source="row.item.unit.name")
    lot_id = serializers.UUIDField(source="row.lot.pk", default=None, allow_null=True)
    lot_no = serializers.CharField(source="row.lot.lot_no", default="")
    unsold = quantity(source="row.unsold")
    reported = quantity(source="row.reported")
    free = quantity(source="row.free")
    price = cost(allow_null=True)


class SoldBody(serializers.Serializer[Any]):
    """So much of the goods was sold; the lot where they have one."""

    item_id = serializers.UUIDField()
    qty = serializers.DecimalField(max_digits=14, decimal_places=4, min_value=0)
    lot_id = serializers.UUIDField(required=False, allow_null=True, default=None)


class ReportBody(serializers.Serializer[Any]):
    """What an agent sold; the prices are the agreed ones."""

    lines: Any = SoldBody(many=True, max_length=1000, allow_empty=False)  # type: ignore[call-arg]
    remark = Text(max_length=200, allow_blank=True, default="")


CUSTOMER = OpenApiParameter("customer_id", UUID, description="The agent; for an agent's own token it is its company.")


@document_view(ConsignmentData, ConsignmentShape)
class ConsignmentView(StockDocumentView):
    """Goods on consignment."""

    reads = {"staff": "sales.consignment.view", "customer": "customer.consignment.view"}
    edits, right = {"staff": "sales.consignment.edit"}, "sales.consignment"
    services = (
        consignments.approve_consignment,
        consignments.unapprove_consignment,
        consignments.void_consignment,
    )

    def rows(self) -> Any:
        return consignments_visible_to(self.actor).prefetch_related("lines__item", "lines__lot")

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        return consignments.save_consignment(**vars(data), **self.kept(document, version))

    @unsafe(Empty, ConsignmentShape, parameters=[VERSION])
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

    @extend_schema(parameters=[CUSTOMER], responses=ConsignedShape(many=True))
    @action(detail=False, pagination_class=None)
    def goods(self, request: Request) -> Response:
        """What lies with an agent, item by item and lot by lot."""
        agent = self._agent()
        rows = consigned_with(agent.pk)
        prices = agent_prices(agent, rows)
        shown = [{"row": row, "price": prices.get(row.item.pk)} for row in rows]
        return Response(ConsignedShape.rows(shown, self.actor))

    def _agent(self) -> Party:
        """The agent who asks, or the one that staff asks about; another's goods are as unknown as none."""
        asked, own = self.id_asked("customer_id"), self.actor.party_id
        wanted = asked or own
        if wanted is None:
            raise ValidationRefused(_("Choose a customer."), field="customer_id")
        found = Party.objects.filter(is_customer=True, pk=wanted).first()
        if found is None or (self.actor.kind == "customer" and wanted != own):
            raise NotFoundRefused(_("There is no such thing here."), value=asked)
        return found

    @unsafe(ReportBody, ConsignmentShape, status=201)
    @action(detail=False, methods=["post"])
    def reports(self, request: Request) -> Response:
        """An agent says what was sold of the goods with it: checked and booked by us, the invoice follows."""
        self.require({"customer": "customer.consignment.report"})
        body = self.body(ReportBody)
        lines = [ConsignmentLineInput(**row) for row in body["lines"]]

        def run() -> Any:
            _require_there(lines, consigned_with(self.actor.party_id))
            return self.again(report_sold(lines=lines, remark=body["remark"], actor=self.actor, at=self.at))

        return self.act(run, status=201)


def _require_there(lines: Sequence[ConsignmentLineInput], there: Sequence[Consigned]) -> None:
    """Items and lots that do not lie with the agent are unknown to it."""
    known = {row.item.pk for row in there} | {row.lot.pk for row in there if row.lot} | {None}
    for line in lines:
        for wanted in (line.item_id, line.lot_id):
            if wanted not in known:
                raise NotFoundRefused(_("There is no such thing here."), value=wanted)
