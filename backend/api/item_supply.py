"""Where an item lies and where it comes from, over the API (SCM-01). What a caller may not see is left out."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.computed import Computed, cost, money, percent, quantity
from backend.api.inputs import Text
from backend.reporting.supply import supply_of

COST, SUPPLIERS, STOCK = "catalog.cost.view", "parties.supplier.view", "inventory.stock.view"


class SiteStock(Computed):
    """What lies in a warehouse."""

    warehouse_id = serializers.UUIDField()
    warehouse = Text(source="warehouse.name")
    on_hand = quantity()
    reserved = quantity()
    available = quantity()


class SupplyWay(Computed):
    """A lane from the supplier to a warehouse of ours."""

    guarded = {"base_cost": COST}
    lane_id = serializers.UUIDField(source="lane.pk")
    from_region = Text(source="lane.from_region")
    to_region = Text(source="lane.to_region")
    carrier = Text(source="lane.carrier.name")
    warehouse = Text(source="warehouse.name")
    days = serializers.IntegerField(source="lane.days")
    base_cost = money(source="lane.base_cost")


class SupplySource(Computed):
    """A supplier: ``total_days`` are its own and those of the way; shares are per cent of what came, null before."""

    guarded = {"price": COST}
    supplier_id = serializers.UUIDField(source="supplier.pk")
    supplier = Text(source="supplier.name")
    is_main = serializers.BooleanField()
    price = cost(allow_null=True)
    lead_days = serializers.IntegerField()
    transport_days = serializers.IntegerField()
    total_days = serializers.IntegerField()
    receipts = serializers.IntegerField()
    last_receipt = serializers.DateField(allow_null=True)
    good_pct = percent(allow_null=True)
    on_time_pct = percent(allow_null=True)
    ways = SupplyWay(many=True)


class ItemSupply(Computed):
    """Stock by site, and suppliers with price, days, quality and ways."""

    guarded = {"stock": STOCK, "sources": SUPPLIERS}
    item_id = serializers.UUIDField(source="item.pk")
    code = Text(source="item.code")
    name = Text(source="item.name")
    spec = Text(source="item.spec", allow_blank=True)
    stock = SiteStock(many=True)
    sources = SupplySource(many=True)


class ItemSupplyMixin:
    """The supply below an item's address."""

    @extend_schema(responses=ItemSupply)
    @action(detail=True)
    def supply(self: Any, request: Request, pk: Any = None) -> Response:
        """Where the item lies and where it comes from."""
        return Response(ItemSupply(supply_of(self.get_object()), context={"actor": self.actor}).data)
