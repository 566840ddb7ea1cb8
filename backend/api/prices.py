"""Material prices over the API: what was heard, and the alerts that jumps raise. For those who may see cost."""

from typing import Any

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import UUID_PATTERN, Page, ReadView, unsafe
from backend.api.inputs import serializer_for
from backend.api.shapes import shape
from backend.purchasing.models import MaterialPrice, PriceAlert
from backend.purchasing.services.material_prices import PriceHeard, note_price, settle_alert

READS, KEYS = {"staff": "catalog.cost.view"}, {"staff": "purchasing.rfq.edit"}
PriceShape = shape(
    MaterialPrice,
    ("id", "item", "day", "price", "source", "supplier", "reference", "note", "by_name", "at"),
    depth_names=("item", "supplier"),
)
AlertShape = shape(
    PriceAlert,
    (
        "id", "item", "price", "mean", "change_pct", "days", "raised_at", "state", "settled_at", "settled_by_name",
        "note",
    ),
    depth_names=("item",),
)  # fmt: skip
PriceBody = serializer_for(PriceHeard, MaterialPrice)


class AlertSettlementBody(serializers.Serializer[Any]):
    """What was decided."""

    note = serializers.CharField(max_length=300, allow_blank=True, default="")


class MaterialPriceView(ReadView):
    """Prices that were heard: net, per own unit, in the company's currency; the newest first."""

    class pagination_class(Page):  # noqa: N801 - DRF's name
        ordering = ("-day", "-id")

    serializer_class = PriceShape
    lookup_value_regex = UUID_PATTERN
    reads = READS

    def rows(self) -> Any:
        return MaterialPrice.objects.select_related("item", "supplier")

    @unsafe(PriceBody, PriceShape, status=201)
    def create(self, request: Request) -> Response:
        """Note what a material costs on the market; a jump becomes an alert at once."""
        self.require(KEYS)
        data = self.checked(PriceBody)

        def run() -> Any:
            heard = note_price(data=data, actor=self.actor, at=self.at)
            return self.shown(self.rows().get(pk=heard.pk))

        return self.act(run, status=201)


class PriceAlertView(ReadView):
    """Materials that jumped above the mean of the days before."""

    class pagination_class(Page):  # noqa: N801 - DRF's name
        ordering = ("-raised_at", "-id")

    serializer_class = AlertShape
    lookup_value_regex = UUID_PATTERN
    reads = READS

    def rows(self) -> Any:
        return PriceAlert.objects.select_related("item")

    @unsafe(AlertSettlementBody, AlertShape)
    @action(detail=True, methods=["post"])
    def settlement(self, request: Request, pk: Any = None) -> Response:
        """What follows from it is decided."""
        self.require(KEYS)
        alert, words = self.get_object(), self.body(AlertSettlementBody)

        def run() -> Any:
            settle_alert(alert_id=alert.pk, actor=self.actor, at=self.at, **words)
            return self.shown(self.rows().get(pk=alert.pk))

        return self.act(run)
