"""Ways over the API: lanes with days and cost, and what carriers break."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import UUID_PATTERN, VERSION, ApiView, Page, ReadView, unsafe
from backend.api.computed import Computed, percent
from backend.api.documents import Reason
from backend.api.inputs import Text, serializer_for
from backend.api.shapes import shape
from backend.kernel import clock
from backend.logistics import damage
from backend.logistics.models import Lane
from backend.logistics.services import LaneData, resume_lane, save_lane, suspend_lane
from backend.logistics.services.lanes import COSTS
from backend.service.complaints import CAUSES, complaint_shares

LaneShape = shape(
    Lane,
    ("id", "carrier", "from_region", "to_region", "days", *COSTS, "suspended_on", "suspended_reason", "version"),
    depth_names=("carrier",),
    guarded=dict.fromkeys(COSTS, "catalog.price.view"),
)
LaneBody = serializer_for(LaneData, Lane)


class LaneView(ReadView):
    """Lanes: how long and how dear a carrier is between two regions; suppliers' days follow them."""

    class pagination_class(Page):  # noqa: N801 - DRF's name
        ordering = ("from_region", "to_region", "id")

    serializer_class = LaneShape
    lookup_value_regex = UUID_PATTERN
    reads = {"staff": "logistics.lane.view"}
    writes = {"staff": "logistics.lane.edit"}

    def rows(self) -> Any:
        return Lane.objects.select_related("carrier")

    def _saved(self, **known: Any) -> Any:
        lane = save_lane(data=self.checked(LaneBody), actor=self.actor, at=self.at, **known)
        return self.shown(self.rows().get(pk=lane.pk))

    @unsafe(LaneBody, LaneShape, status=201)
    def create(self, request: Request) -> Response:
        """Write a lane."""
        return self.act(self._saved, status=201)

    @unsafe(LaneBody, LaneShape, parameters=[VERSION])
    def update(self, request: Request, pk: Any = None) -> Response:
        """Change a lane whole."""
        lane, version = self.get_object(), self.version_asked()
        return self.act(lambda: self._saved(lane_id=lane.pk, version=version))

    @unsafe(Reason, LaneShape)
    @action(detail=True, methods=["post"])
    def suspension(self, request: Request, pk: Any = None) -> Response:
        """Send nothing more over it: the next best carrier takes its place."""
        return self._step(suspend_lane, **self.body(Reason))

    @unsafe(None, LaneShape)
    @suspension.mapping.delete
    def resumption(self, request: Request, pk: Any = None) -> Response:
        """Use it again."""
        return self._step(resume_lane)

    def _step(self, service: Any, **words: Any) -> Response:
        lane = self.get_object()

        def run() -> Any:
            service(lane_id=lane.pk, actor=self.actor, at=self.at, **words)
            return self.shown(self.rows().get(pk=lane.pk))

        return self.act(run)


class CarrierRate(Computed):
    """So many of a carrier's shipments into a region came damaged, over the last ninety days."""

    carrier_id = serializers.UUIDField()
    carrier = Text()
    region = Text()
    shipments = serializers.IntegerField()
    damaged = serializers.IntegerField()
    percent = percent()
    alarming = serializers.BooleanField()


class ComplaintCause(Computed):
    """So many complaints had this cause, in per cent of all of them; null where there were none."""

    cause = serializers.ChoiceField(choices=list(CAUSES))
    complaints = serializers.IntegerField()
    of = serializers.IntegerField()
    before = serializers.IntegerField()
    of_before = serializers.IntegerField()
    percent_before = percent(allow_null=True)
    percent = percent(allow_null=True)


class CarrierView(ApiView):
    """What carriers break, by region; carriers themselves are partners (``parties/?role=carrier``)."""

    reads = {"staff": "logistics.lane.view"}
    pagination_class = None

    @extend_schema(responses=CarrierRate(many=True))
    def list(self, request: Request) -> Response:
        """Carriers by region, the worst first."""
        return Response(CarrierRate.rows(damage.damage_rates(clock.today()), self.actor))

    @extend_schema(responses=ComplaintCause(many=True))
    @action(detail=False)
    def complaints(self, request: Request) -> Response:
        """What customers complain about over the last ninety days, beside the ninety before: damage and other causes."""
        self.require({"staff": "service.ticket.view"})
        return Response(ComplaintCause.rows(complaint_shares(clock.today()), self.actor))
