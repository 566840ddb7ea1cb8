"""Rows that are computed and never stored, as answers: plain serializers whose guarded fields follow the caller's rights."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from rest_framework import serializers

from backend.api.shapes import sees
from backend.kernel.actor import Actor


class Computed(serializers.Serializer[Any]):
    """A computed row. A field guarded by a right is left out for those who lack it."""

    guarded: ClassVar[Mapping[str, str]] = {}

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        actor: Actor | None = self.context.get("actor")
        for name in self.guarded:
            fields[name].required = False
            if actor is not None and not sees(actor, self.guarded[name]):
                del fields[name]
        return fields

    @classmethod
    def rows(cls, found: Iterable[Any], actor: Actor) -> Any:
        """The rows as this actor may read them."""
        return cls(list(found), many=True, context={"actor": actor}).data


def quantity(**options: Any) -> serializers.DecimalField:
    """A quantity that is read."""
    return serializers.DecimalField(max_digits=None, decimal_places=4, **options)  # type: ignore[arg-type]


def cost(**options: Any) -> serializers.DecimalField:
    """A cost per unit that is read."""
    return serializers.DecimalField(max_digits=None, decimal_places=6, **options)  # type: ignore[arg-type]


def money(**options: Any) -> serializers.DecimalField:
    """An amount that is read."""
    return serializers.DecimalField(max_digits=None, decimal_places=2, **options)  # type: ignore[arg-type]


def percent(**options: Any) -> serializers.DecimalField:
    """A share that is read."""
    return serializers.DecimalField(max_digits=None, decimal_places=2, **options)  # type: ignore[arg-type]
