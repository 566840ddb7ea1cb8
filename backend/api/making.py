"""What is made of components, by a processor or by ourselves: the shapes that both have over the API."""

from typing import Any

from rest_framework import serializers

COMPONENT = ("id", "line_no", "item", "qty_per", "scrap_pct", "issued_qty", "returned_qty", "used_qty", "lost_qty")


class SourceShape(serializers.Serializer[Any]):
    """An order that a component waits for, bought or made by us: how much of it, when it comes, and by how many days that
    is late."""

    doc_type = serializers.CharField(source="source.ref_type")
    number = serializers.CharField(source="source.ref_number")
    line_no = serializers.IntegerField(source="source.line_no")
    supplier = serializers.CharField(source="source.party_name")
    qty = serializers.DecimalField(max_digits=18, decimal_places=4, source="source.qty")
    date = serializers.DateField(source="source.supply_date")
    former_date = serializers.DateField(allow_null=True, source="source.former_date")
    firmness = serializers.CharField(source="source.firmness")
    days_late = serializers.IntegerField(source="source.days_late")
    progress = serializers.CharField()


class ComponentSupplyBase(serializers.Serializer[Any]):
    """Where a component comes from: what is set aside in stock, what is on order, and the day the last of it comes."""

    needed_qty = serializers.DecimalField(max_digits=18, decimal_places=4, source="row.needed")
    to_issue_qty = serializers.DecimalField(max_digits=18, decimal_places=4, source="row.to_issue")
    reserved_qty = serializers.DecimalField(max_digits=18, decimal_places=4, source="row.reserved")
    comes_on = serializers.DateField(allow_null=True, source="row.comes")
    sources = SourceShape(many=True)
