"""The other units of items over the API: a box of twelve, a carton of about 12.3 kg."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import unsafe
from backend.api.inputs import Text
from backend.api.shapes import shape
from backend.catalog.models import ItemUnit, Unit
from backend.catalog.services.units import ItemUnitData, put_item_unit, remove_item_unit, units_of
from backend.kernel.errors import ValidationRefused

UNIT = OpenApiParameter("unit_id", UUID, required=True, description="The other unit.")
FROM_NOW_ON = OpenApiParameter("from_now_on", bool, description="Even when lines are counted in it; those keep theirs.")
ItemUnitShape = shape(ItemUnit, ("id", "unit", "factor", "floating", "barcode"), depth_names=("unit",))


class ItemUnitBody(serializers.Serializer[Any]):
    """``factor`` of the item's own unit make one; ``from_now_on`` lets a rate change that lines are counted by."""

    unit_id = serializers.UUIDField()
    factor = serializers.DecimalField(max_digits=14, decimal_places=4)
    floating = serializers.BooleanField(default=False)
    barcode = Text(max_length=40, allow_blank=True, default="")
    from_now_on = serializers.BooleanField(default=False)


class ItemUnitsMixin:
    """The units below an item's address."""

    @extend_schema(responses=ItemUnitShape(many=True))
    @action(detail=True, pagination_class=None)
    def units(self: Any, request: Request, pk: Any = None) -> Response:
        """What the item is counted in besides its own unit, the smallest first."""
        return Response(self._units(self.get_object().pk))

    @unsafe(ItemUnitBody, ItemUnitShape(many=True), status=201)
    @units.mapping.post
    def add_unit(self: Any, request: Request, pk: Any = None) -> Response:
        """Count the item in one more unit."""
        return self._put_unit(self.body(ItemUnitBody), new=True)

    @unsafe(ItemUnitBody, ItemUnitShape(many=True))
    @units.mapping.put
    def change_unit(self: Any, request: Request, pk: Any = None) -> Response:
        """Change what one of the unit holds; a rate in use changes only ``from_now_on``."""
        return self._put_unit(self.body(ItemUnitBody), new=False)

    @unsafe(None, ItemUnitShape(many=True), parameters=[UNIT, FROM_NOW_ON])
    @units.mapping.delete
    def remove_unit(self: Any, request: Request, pk: Any = None) -> Response:
        """Count the item in this unit no more; one that lines are counted in goes only ``from_now_on``."""
        item, unit_id = self.get_object(), self.id_asked("unit_id")
        if unit_id is None:
            raise ValidationRefused(_("Say which unit."), field="unit_id")
        from_now_on = self.choice_asked("from_now_on", ("true", "false")) == "true"

        def run() -> Any:
            remove_item_unit(item_id=item.pk, unit_id=unit_id, from_now_on=from_now_on, actor=self.actor, at=self.at)
            return self._units(item.pk)

        return self.act(run)

    def _put_unit(self: Any, words: dict[str, Any], *, new: bool) -> Response:
        item, from_now_on = self.get_object(), words.pop("from_now_on")
        if not Unit.objects.filter(pk=words["unit_id"]).exists():
            raise ValidationRefused(_("There is no such unit."), field="unit_id", value=words["unit_id"])

        def run() -> Any:
            put_item_unit(
                item_id=item.pk,
                unit=ItemUnitData(**words),
                new=new,
                from_now_on=from_now_on,
                actor=self.actor,
                at=self.at,
            )
            return self._units(item.pk)

        return self.act(run, status=201 if new else 200)

    def _units(self: Any, item_id: Any) -> Any:
        rows = units_of([item_id])[item_id]
        return ItemUnitShape(rows, many=True, context=self.get_serializer_context()).data
