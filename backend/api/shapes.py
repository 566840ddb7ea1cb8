"""How rows look in answers: field lists per model, and the fields that need a right of their own.

A field guarded by a right is left out, not blanked, for those who lack it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models
from rest_framework import serializers

# Fields a reader needs a right for, by the end of their name; partners' rights are checked by kind.
SALE_AMOUNTS = {
    "unit_price", "tax_incl_price", "discount_pct", "net_amount", "tax_amount", "gross_amount",
    "sale_price", "min_sale_price", "settled_amount", "open_amount",
}  # fmt: skip
COSTS = {"cost_amount", "unit_cost", "value", "purchase_price", "value_in", "value_out", "total_value"}


class Shape(serializers.ModelSerializer[Any]):
    """A model's serializer whose guarded fields follow the caller's rights."""

    guarded: Mapping[str, str] = {}

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        request = self.context.get("request")
        actor = getattr(getattr(request, "user", None), "actor", None)
        if actor is None:
            return fields
        return {name: field for name, field in fields.items() if name not in self.guarded or actor.may(self.guarded[name])}


def shape(
    model: type[models.Model],
    fields: Sequence[str],
    *,
    name: str = "",
    guarded: Mapping[str, str] | None = None,
    nested: Mapping[str, Any] | None = None,
    depth_names: Sequence[str] = (),
) -> Any:
    """A serializer class: ``fields`` are shown; ``nested`` gives serializers for some of them.

    ``depth_names`` are foreign keys shown as {id, code, name} instead of an id.
    """
    described: dict[str, Any] = {key: _reference(model, key) for key in depth_names}
    described |= dict(nested or {})
    meta = type("Meta", (), {"model": model, "fields": list(fields), "read_only_fields": list(fields)})
    body = {"Meta": meta, "guarded": dict(guarded or {}), **described}
    return type(name or f"{model.__name__}Shape", (Shape,), body)


def _reference(model: type[models.Model], field: str) -> Any:
    related: Any = model._meta.get_field(field).related_model
    known = {column.name for column in related._meta.concrete_fields}
    shown = [name for name in ("id", "number", "code", "lot_no", "name") if name in known]
    meta = type("Meta", (), {"model": related, "fields": shown, "read_only_fields": shown})
    cls = type(f"{related.__name__}Reference", (serializers.ModelSerializer,), {"Meta": meta})
    return cls(read_only=True)


DOCUMENT = (
    "id", "number", "doc_date", "approval", "closing", "revision", "version", "remark",
    "created_at", "created_by_name", "approved_at", "approved_by_name", "updated_at",
)  # fmt: skip
