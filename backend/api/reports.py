"""What stock tells, over the API: ages, slow movers, turnover, what hurry costs. Each report is computed when it is asked for."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import MONTH, ApiView
from backend.api.computed import Computed, money, percent, quantity
from backend.api.inputs import Text
from backend.inventory.selectors import reports
from backend.kernel import clock
from backend.workflow import parameters

COST = "catalog.cost.view"
WAREHOUSE = OpenApiParameter("warehouse_id", UUID, description="One warehouse instead of all.")
BY = ("category", "warehouse", "item")


class _Lying(Computed):
    """An item that lies in a warehouse."""

    guarded = {"value": COST}
    item_id = serializers.UUIDField()
    code = Text()
    name = Text()
    unit = Text()
    warehouse = Text()
    on_hand = quantity()
    value = money()


class StockAge(_Lying):
    """How long stock has been lying: quantities up to 30, 60, 90, 180 days, and older."""

    guarded = {"value": COST, "value_over_180": COST}
    to_30 = quantity(source="parts.0")
    to_60 = quantity(source="parts.1")
    to_90 = quantity(source="parts.2")
    to_180 = quantity(source="parts.3")
    over_180 = quantity(source="parts.4")
    value_over_180 = money(source="oldest")

    def to_representation(self, instance: Any) -> Any:
        return super().to_representation(_Parts(instance))


class _Parts:
    """A row of ages whose parts are found by their place."""

    def __init__(self, row: Any) -> None:
        self._row = row
        self.parts = {str(place): qty for place, qty in enumerate(row.parts)}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, name)


class SlowMover(_Lying):
    """Goods that do not sell, with a discount to clear them."""

    guarded = {"value": COST, "unit_cost": COST, "clearance_price": "catalog.price.view"}
    days = serializers.IntegerField()
    cover = serializers.DecimalField(max_digits=None, decimal_places=0, allow_null=True)  # type: ignore[arg-type]
    sold = quantity()
    discount = serializers.IntegerField()
    clearance_price = money(allow_null=True)
    unit_cost = money()


class Turnover(Computed):
    """Cost of what was sold or used up in a month beside the average value of the stock, and beside the month before.

    ``change`` is that of ``pace``, what the turns of a month that still runs come to.
    """

    key = Text(source="row.key")
    label = Text(source="row.label")  # type: ignore[assignment]
    cost = money(source="row.cost")
    average = money(source="row.average")
    turns = percent(source="row.turns", allow_null=True)
    pace = percent(allow_null=True)
    before = percent(allow_null=True)
    change = percent(allow_null=True)


class TurnoverChange(Computed):
    """Turns of the whole stock: ``pace`` is what those of a month that still runs come to; ``target`` is the company's."""

    turns = percent(allow_null=True)
    pace = percent(allow_null=True)
    before = percent(allow_null=True)
    change = percent(allow_null=True)
    target = percent()
    reached = serializers.BooleanField()


class SlowMoverChange(Computed):
    """What slow movers are worth now and were worth a period ago; ``target`` is the change that is wanted, in per cent."""

    goods = serializers.IntegerField()
    value = money()
    goods_before = serializers.IntegerField()
    value_before = money()
    change = percent(allow_null=True)
    target = percent()
    reached = serializers.BooleanField()


class HurriedMonth(Computed):
    """Transfers of a month and their freight, and what of it was hurry."""

    month = serializers.DateField()
    transfers = serializers.IntegerField()
    urgent = serializers.IntegerField()
    freight = money()
    urgent_freight = money()
    share = percent(allow_null=True)
    causes = serializers.DictField(child=serializers.IntegerField())


class StockReportView(ApiView):
    """Reports of stock."""

    reads = {"staff": "inventory.stock.view"}
    pagination_class = None

    def _warehouse(self) -> UUID | None:
        raw = self.request.query_params.get("warehouse_id")
        return None if raw is None else serializers.UUIDField().run_validation(raw)

    @extend_schema(parameters=[WAREHOUSE], responses=StockAge(many=True))
    @action(detail=False)
    def ages(self, request: Request) -> Response:
        """How long stock has been lying."""
        return Response(StockAge.rows(reports.stock_ages(clock.today(), warehouse_id=self._warehouse()), self.actor))

    @extend_schema(parameters=[WAREHOUSE], responses=SlowMover(many=True))
    @action(detail=False, url_path="slow-movers")
    def slow_movers(self, request: Request) -> Response:
        """What does not sell, by the company's own limits."""
        days, cover = (int(parameters.get(f"inventory.{key}_days")) for key in ("slow", "cover"))
        found = reports.slow_movers(clock.today(), days=days, cover_days=cover, warehouse_id=self._warehouse())
        return Response(SlowMover.rows(found, self.actor))

    @extend_schema(parameters=[WAREHOUSE], responses=SlowMoverChange)
    @action(detail=False, url_path="slow-movers-change")
    def slow_movers_change(self, request: Request) -> Response:
        """The value of slow movers beside that of as many days ago as make goods slow, and the target."""
        self.require({"staff": COST})
        days, cover = (int(parameters.get(f"inventory.{key}_days")) for key in ("slow", "cover"))
        found = reports.slow_change(clock.today(), days=days, cover_days=cover, warehouse_id=self._warehouse())
        return Response(SlowMoverChange(found, context={"actor": self.actor}).data)

    @extend_schema(
        parameters=[MONTH, OpenApiParameter("by", str, enum=list(BY))],
        responses=Turnover(many=True),
    )
    @action(detail=False)
    def turnover(self, request: Request) -> Response:
        """Cost of sales ÷ average stock value of a month (this one unless said otherwise)."""
        first, last = self._month()
        rows = reports.turnover_beside(first, last, by=self.choice_asked("by", BY) or "category")
        return Response(Turnover.rows(rows, self.actor))

    @extend_schema(parameters=[MONTH], responses=TurnoverChange)
    @action(detail=False, url_path="turnover-change")
    def turnover_change(self, request: Request) -> Response:
        """How often the whole stock turns over in a month, beside the month before and the target."""
        return Response(TurnoverChange(reports.turn_change(*self._month()), context={"actor": self.actor}).data)

    def _month(self) -> tuple[date, date]:
        """The month that is asked for, up to today; what it tells is for those who may see cost."""
        self.require({"staff": COST})
        today, first = clock.today(), self.month_asked()
        return first, min(first.replace(day=monthrange(first.year, first.month)[1]), max(today, first))

    @extend_schema(responses=HurriedMonth(many=True))
    @action(detail=False, url_path="urgent-transfers")
    def urgent_transfers(self, request: Request) -> Response:
        """What hurry costs, month by month over a year."""
        self.require({"staff": "inventory.transfer.view"})
        first = (clock.today() - timedelta(days=365)).replace(day=1)
        return Response(HurriedMonth.rows(reports.hurried_transfers(first), self.actor))
