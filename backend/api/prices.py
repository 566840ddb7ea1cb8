"""Material prices over the API: what was heard, and the alerts that jumps raise. For those who may see cost."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import UUID_PATTERN, Page, ReadView, unsafe
from backend.api.computed import Computed, cost, money, percent, quantity
from backend.api.inputs import Text, serializer_for
from backend.api.shapes import shape
from backend.catalog.models import Item
from backend.catalog.services.agreeing import ListedPrice, list_prices
from backend.kernel import clock
from backend.processes.price_impact import impact_of
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

    note = Text(max_length=300, allow_blank=True, default="")


class TouchedGood(Computed):
    """A good with so much of the material in it: cost, price with tax, margin of the net price, and what is proposed."""

    item_id = serializers.UUIDField(source="item.pk")
    code = serializers.CharField(source="item.code")
    name = serializers.CharField(source="item.name")
    qty = quantity()
    cost_before = cost()
    cost_after = cost()
    listed = money(allow_null=True)
    margin_before = percent(source="before.percent", default=None, allow_null=True)
    margin_after = percent(source="after.percent", default=None, allow_null=True)
    proposed = money(allow_null=True)


class TouchedQuote(Computed):
    """A line of an open quotation with its margin before and after."""

    number = serializers.CharField(source="line.document.number")
    line_no = serializers.IntegerField(source="line.line_no")
    item_id = serializers.UUIDField(source="line.item_id")
    margin_before = percent(source="before.percent", allow_null=True)
    margin_after = percent(source="after.percent", allow_null=True)


class ImpactShape(Computed):
    """What a jump touches as of today."""

    goods = TouchedGood(many=True)
    quotes = TouchedQuote(many=True)


class ListingBody(serializers.Serializer[Any]):
    """Prices with tax for everybody, from a day on."""

    prices = serializer_for(ListedPrice)(many=True, min_length=1, max_length=500)


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

    @extend_schema(responses=ImpactShape)
    @action(detail=True, pagination_class=None)
    def impact(self, request: Request, pk: Any = None) -> Response:
        """Goods and open quotations that the jump touches, their margins, and the prices that keep them."""
        found = impact_of(self.get_object(), today=clock.today())
        return Response(ImpactShape(found, context={"actor": self.actor}).data)

    @unsafe(ListingBody, AlertShape)
    @action(detail=True, methods=["post"])
    def prices(self, request: Request, pk: Any = None) -> Response:
        """Put new prices of goods that it touches on the general price list."""
        self.require({"staff": "catalog.price_list.edit"})
        alert, words = self.get_object(), self.body(ListingBody)
        touched = {good.item.pk for good in impact_of(alert, today=clock.today()).goods}
        self.require_visible(Item.objects.filter(pk__in=touched), [row.item_id for row in words["prices"]])

        def run() -> Any:
            list_prices(reason=str(alert), actor=self.actor, at=self.at, **words)
            return self.shown(self.rows().get(pk=alert.pk))

        return self.act(run)

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
