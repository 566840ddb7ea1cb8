"""Filling up over the API: rules by warehouse, what each lacks, and writing transfers and draft orders for it.

A supplier's token reads the stock that is shared with it, and nothing else of this.
"""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import UUID_PATTERN, Page, ReadView, unsafe
from backend.api.computed import Computed, quantity
from backend.api.inputs import Text
from backend.api.shapes import shape
from backend.catalog.models import Item
from backend.inventory.models import ReplenishmentRule
from backend.kernel import clock
from backend.processes import replenishment
from backend.purchasing.selectors.shared_stock import items_shared_with, shared_item, shared_stock

RuleShape = shape(
    ReplenishmentRule, ("id", "warehouse", "days", "factor", "automatic", "active"), depth_names=("warehouse",)
)


class RuleBody(serializers.Serializer[Any]):
    """A warehouse is filled up to ``factor`` × what it sold in so many days."""

    warehouse_id = serializers.UUIDField()
    days = serializers.IntegerField(min_value=1, max_value=365)
    factor = serializers.DecimalField(max_digits=7, decimal_places=4, min_value=1, max_value=100)
    automatic = serializers.BooleanField(default=False)
    active = serializers.BooleanField(default=True)


class FillBody(serializers.Serializer[Any]):
    """Which items; all that are lacking when none is named."""

    item_ids = serializers.ListField(
        child=serializers.UUIDField(), max_length=1000, required=False, allow_null=True, default=None
    )


class FilledShape(Computed):
    """Numbers of what was written, and codes of items that nobody is known to sell.

    Where the company buys on request there is a requisition instead of orders.
    """

    transfers = serializers.ListField(child=Text())
    orders = serializers.ListField(child=Text())
    requisitions = serializers.ListField(child=Text())
    without_supplier = serializers.ListField(child=Text())


class Elsewhere(Computed):
    """So much can be had from another warehouse."""

    warehouse_id = serializers.UUIDField()
    warehouse_name = Text()
    qty = quantity()


class ProposalShape(Computed):
    """An item that a warehouse lacks: need = target − free − coming − drafted."""

    item_id = serializers.UUIDField()
    code = Text()
    name = Text()
    unit = Text()
    sold = quantity()
    target = quantity()
    free = quantity()
    coming = quantity()
    drafted = quantity()
    need = quantity()
    reorder_point = quantity()
    abc = Text()
    due = serializers.BooleanField()
    sources = Elsewhere(many=True, source="split.sources")
    to_buy = quantity(source="split.to_buy")


class ReplenishmentView(ReadView):
    """How warehouses are filled up: by transfer first, then by purchase."""

    class pagination_class(Page):  # noqa: N801 - DRF's name
        ordering = ("warehouse__code", "id")

    serializer_class = RuleShape
    lookup_value_regex = UUID_PATTERN
    reads = {"staff": "inventory.replenishment.view"}
    writes = {"staff": "inventory.replenishment.edit"}

    def rows(self) -> Any:
        return ReplenishmentRule.objects.select_related("warehouse")

    @unsafe(RuleBody, RuleShape)
    def create(self, request: Request) -> Response:
        """Write the rule of a warehouse; it has one at most."""
        words = self.body(RuleBody)

        def run() -> Any:
            rule = replenishment.save_rule(actor=self.actor, at=self.at, **words)
            return self.shown(self.rows().get(pk=rule.pk))

        return self.act(run)

    @extend_schema(responses=ProposalShape(many=True))
    @action(detail=True, pagination_class=None)
    def proposals(self, request: Request, pk: Any = None) -> Response:
        """What the warehouse lacks today, and where it would come from."""
        return Response(ProposalShape.rows(replenishment.proposals(self.get_object(), clock.today()), self.actor))

    @unsafe(FillBody, FilledShape, status=201)
    @action(detail=True, methods=["post"])
    def filling(self, request: Request, pk: Any = None) -> Response:
        """Ask for transfers and draft orders for what is lacking."""
        rule, words = self.get_object(), self.body(FillBody)
        chosen = None if words["item_ids"] is None else set(words["item_ids"])

        def run() -> Any:
            done = replenishment.fill_up(rule_id=rule.pk, item_ids=chosen, actor=self.actor, at=self.at)
            return {
                "transfers": [made.number for made in done.transfers],
                "orders": [made.number for made in done.orders],
                "requisitions": [made.number for made in done.requisitions],
                "without_supplier": list(done.without_supplier),
            }

        return self.act(run, status=201)


# --- what a supplier may know of our stock -------------------------------------------------------
class WantedWeek(Computed):
    """What is wanted in the week that begins on that day."""

    week = serializers.DateField(source="0")
    qty = quantity(source="1")

    def to_representation(self, instance: Any) -> Any:
        return super().to_representation({"0": instance[0], "1": instance[1]})


class SharedStockShape(Computed):
    """An item that is shared with its supplier: what lies there, what comes from it, what is wanted by week."""

    id = serializers.UUIDField(source="item.pk")
    code = serializers.CharField(source="item.code")
    name = serializers.CharField(source="item.name")
    unit = serializers.CharField(source="item.unit.name")
    on_hand = quantity(source="stock.on_hand")
    available = quantity(source="stock.available")
    coming = quantity()
    wanted = quantity()
    short = quantity()
    weeks = WantedWeek(many=True)


class SharedStockView(ReadView):
    """The buyer's stock and demand of items shared with the supplier who asks; anybody else's do not exist."""

    class pagination_class(Page):  # noqa: N801 - DRF's name
        ordering = ("sort_key", "id")

    serializer_class = shape(Item, ("id",), name="SharedItemKey")
    lookup_value_regex = UUID_PATTERN
    reads = {"supplier": "supplier.order.view"}

    def rows(self) -> Any:
        return items_shared_with(self.actor)

    @extend_schema(responses=SharedStockShape(many=True))
    def list(self, request: Request) -> Response:
        """What lies there, what comes from us and what is wanted."""
        page = self.paginate_queryset(self.rows())
        return self.get_paginated_response(SharedStockShape.rows(shared_stock(self.actor, page), self.actor))

    @extend_schema(responses=SharedStockShape)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One item, week by week."""
        row = shared_item(self.actor, self.get_object().pk)
        return Response(SharedStockShape(row, context={"actor": self.actor}).data)
