"""From where a sales order leaves, as answers: places, ways to ship it, the one that the company's policy takes."""

from typing import Any

from rest_framework import serializers

from backend.api.computed import Computed, money, quantity
from backend.api.inputs import Text
from backend.processes.nearest import COMPLETE, SPLIT


class PlaceShape(Computed):
    """A warehouse; days and carrier of the best lane to the customer, where there is one."""

    warehouse_id = serializers.UUIDField(source="warehouse.pk")
    warehouse = serializers.CharField(source="warehouse.name")
    days = serializers.IntegerField(allow_null=True)


class TakenLine(Computed):
    """So much of a line of the order."""

    order_line_id = serializers.UUIDField(source="line.pk")
    line_no = serializers.IntegerField(source="line.line_no")
    qty = quantity()

    def to_representation(self, instance: Any) -> Any:
        line, qty = instance
        return super().to_representation({"line": line, "qty": qty})


class PartOfWay(Computed):
    """What leaves from one warehouse."""

    place = PlaceShape()
    qty = quantity()
    lines = TakenLine(many=True)


class WayShape(Computed):
    """One way to ship it: all from one place, or parts from several."""

    guarded = {"cost": "catalog.price.view"}
    key = serializers.ChoiceField(choices=[COMPLETE, SPLIT])
    parts = PartOfWay(many=True)
    missing = quantity()
    days = serializers.IntegerField(allow_null=True)
    cost = money(allow_null=True)


class AllocationShape(Computed):
    """Places nearest first, the ways, which one is taken by the company's policy (empty: none), and why."""

    region = Text(allow_blank=True)
    places = PlaceShape(many=True)
    options = WayShape(many=True)
    chosen = Text(allow_blank=True)
    reasons = serializers.ListField(child=Text())


class OptionBody(serializers.Serializer[Any]):
    """Which way is taken."""

    option = serializers.ChoiceField(choices=[COMPLETE, SPLIT])
