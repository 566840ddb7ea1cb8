"""Attributes, styles and their variants over the API (INV-14)."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import unsafe
from backend.api.inputs import refuse_unknown
from backend.api.masters import ByCode, ByName, MasterView, master
from backend.api.shapes import shape
from backend.catalog import variants as catalog
from backend.catalog.inputs import AttributeData, StyleData
from backend.catalog.models import Attribute, AttributeValue, Item, Style
from backend.catalog.services.attributes import save_attribute
from backend.catalog.services.styles import MOST_VARIANTS, make_variants, save_style

ValueShape = shape(AttributeValue, ("id", "code", "name", "position"))
AttributeShape = shape(
    Attribute,
    ("id", "code", "name", "position", "version", "values"),
    nested={"values": ValueShape(many=True, read_only=True)},
)


class AttributeView(MasterView):
    """Colour, size, … with their values in order."""

    pagination_class = ByCode
    reads, writes = "catalog.item.view", "catalog.item.edit"

    def rows(self) -> Any:
        return Attribute.objects.prefetch_related("values").all()

    def save(self, data: Any, pk: Any = None, version: int | None = None) -> Any:
        return save_attribute(data=data, attribute_id=pk, version=version, actor=self.actor, at=self.at)


AttributeView = master(AttributeData, AttributeShape)(AttributeView)  # type: ignore[misc]


StyleValueShape = shape(
    AttributeValue, ("id", "code", "name", "attribute"), name="StyleValue", depth_names=("attribute",)
)
StyleShape = shape(
    Style,
    (
        "id", "code", "name", "category", "unit", "tax_code", "supplier", "lead_days", "sale_price", "purchase_price",
        "min_sale_price", "active", "remark", "version", "values",
    ),
    depth_names=("category", "unit", "tax_code", "supplier"),
    nested={"values": StyleValueShape(many=True, read_only=True)},
    guarded={
        "purchase_price": "catalog.cost.view",
        "sale_price": "catalog.price.view",
        "min_sale_price": "catalog.price.view",
    },
)  # fmt: skip
VariantShape = shape(
    Item,
    ("id", "code", "spec", "barcode", "variant_key", "sale_price", "active", "on_hand", "reserved", "available"),
    name="Variant",
    nested={
        name: serializers.DecimalField(max_digits=18, decimal_places=4, read_only=True)
        for name in ("on_hand", "reserved", "available")
    },
    guarded={"sale_price": "catalog.price.view"},
)


class CombinationBody(serializers.Serializer[Any]):
    """One value of each attribute of the style."""

    value_ids = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=3)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            refuse_unknown(self, data)
        return super().to_internal_value(data)


class VariantsBody(serializers.Serializer[Any]):
    """The combinations to make; without them all that the style exists in."""

    combinations = CombinationBody(many=True, required=False, allow_null=True, default=None, max_length=MOST_VARIANTS)  # type: ignore[call-arg]


class StyleView(MasterView):
    """Styles with the values they exist in; their variants are items."""

    pagination_class = ByName
    reads, writes = "catalog.item.view", "catalog.item.edit"

    def rows(self) -> Any:
        return catalog.styles().prefetch_related("values__attribute")

    def save(self, data: Any, pk: Any = None, version: int | None = None) -> Any:
        return save_style(data=data, style_id=pk, version=version, actor=self.actor, at=self.at)

    @extend_schema(responses=VariantShape(many=True))
    @action(detail=True, pagination_class=None)
    def variants(self, request: Request, pk: Any = None) -> Response:
        """The items of the style with their stock, as they stand in its matrix."""
        return Response(self._variants(self.get_object()))

    @unsafe(VariantsBody, VariantShape(many=True), status=201)
    @variants.mapping.post
    def make(self, request: Request, pk: Any = None) -> Response:
        """Make the variants that are not there yet; answers all of them."""
        style, wanted = self.get_object(), self.body(VariantsBody)["combinations"]
        chosen = None if wanted is None else [each["value_ids"] for each in wanted]

        def run() -> Any:
            make_variants(style_id=style.pk, combinations=chosen, actor=self.actor, at=self.at)
            return self._variants(style)

        return self.act(run, status=201)

    def _variants(self, style: Style) -> Any:
        [matrix] = catalog.matrices_of([style])
        return VariantShape(matrix.items, many=True, context=self.get_serializer_context()).data


StyleView = master(StyleData, StyleShape)(StyleView)  # type: ignore[misc]
