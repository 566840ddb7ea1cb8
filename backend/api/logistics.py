"""Ways over the API: lanes with days and cost, and what carriers break."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import MONTH, UUID_PATTERN, VERSION, ApiView, Page, ReadView, unsafe
from backend.api.computed import Computed, money, percent
from backend.api.documents import Reason
from backend.api.inputs import Text, serializer_for
from backend.api.shapes import shape
from backend.kernel import clock
from backend.logistics import damage
from backend.logistics.models import Lane
from backend.logistics.services import LaneData, resume_lane, save_lane, suspend_lane
from backend.logistics.services.lanes import COSTS
from backend.reporting.freight import freight_share
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
    """So many complaints had this cause, in per cent of all of them; null where there were none.

    The tickets are those of ``service/tickets/?category=…&since=…&until=…``.
    """

    cause = serializers.ChoiceField(choices=list(CAUSES))
    since = serializers.DateField()
    until = serializers.DateField()
    complaints = serializers.IntegerField()
    of = serializers.IntegerField()
    before = serializers.IntegerField()
    of_before = serializers.IntegerField()
    percent_before = percent(allow_null=True)
    percent = percent(allow_null=True)


class DamageSide(serializers.Serializer[Any]):
    """Shipments, how many of them came damaged, and their share."""

    shipments = serializers.IntegerField()
    damaged = serializers.IntegerField()
    percent = percent(allow_null=True)


class SuspensionEffect(Computed):
    """A suspended lane: what its carrier broke before that day, and what all others have broken there since."""

    lane_id = serializers.UUIDField(source="lane.pk")
    carrier_id = serializers.UUIDField(source="lane.carrier_id")
    carrier = Text(source="lane.carrier.name")
    region = Text(source="lane.to_region")
    suspended_on = serializers.DateField(source="lane.suspended_on")
    reason = Text(source="lane.suspended_reason")
    before = DamageSide()
    after = DamageSide()


class FreightOfRevenue(Computed):
    """What carriers charged in a month beside what was invoiced without VAT; the share is null while nothing is."""

    freight = money()
    revenue = money()
    shipments = serializers.IntegerField()
    invoices = serializers.IntegerField()
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

    @extend_schema(responses=SuspensionEffect(many=True))
    @action(detail=False)
    def suspensions(self, request: Request) -> Response:
        """What came of suspending a carrier, lane by lane, the latest first."""
        return Response(SuspensionEffect.rows(damage.suspensions(), self.actor))

    @extend_schema(parameters=[MONTH], responses=FreightOfRevenue)
    @action(detail=False, url_path="freight-share")
    def freight_share(self, request: Request) -> Response:
        """Freight as a share of revenue in a month (this one unless said otherwise)."""
        self.require({"staff": "catalog.price.view"})
        return Response(FreightOfRevenue(freight_share(self.month_asked()), context={"actor": self.actor}).data)
