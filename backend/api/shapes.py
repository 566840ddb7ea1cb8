"""How rows look in answers: field lists per model, and the fields that need a right of their own.

A field guarded by a right is left out, not blanked, for those who lack it.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from operator import attrgetter
from typing import Any

from django.db import models
from rest_framework import serializers

from backend.kernel.actor import Actor


def sees(actor: Actor, code: str) -> bool:
    """Whether the actor may read a guarded field; partners see prices by their own right and costs never."""
    if actor.kind in {"staff", "system"}:
        return actor.may(code)
    return code == "catalog.price.view" and actor.may(f"{actor.kind}.price.view")


def _reader(context: Any) -> Actor | None:
    """Who reads, where somebody does: a view knows whether the caller sees more of this very row than of others."""
    request, view = context.get("request"), context.get("view")
    if getattr(getattr(request, "user", None), "actor", None) is None:
        return None
    return getattr(view, "reader", None) or request.user.actor


class Rows(serializers.ListSerializer[Any]):
    """Rows below a document in their order: the database gives rows without one as they lie, which a change moves."""

    def to_representation(self, data: Any) -> list[Any]:
        found = data.all() if isinstance(data, models.manager.BaseManager) else data
        if isinstance(found, models.QuerySet) and not found.ordered:
            model: Any = found.model
            found = sorted(found, key=_order_of(model))
        return super().to_representation(found)


@cache
def _order_of(model: Any) -> Callable[[Any], Any]:
    """What its rows are sorted by: their number or time where they have one, then as they were made."""
    counted = (models.IntegerField, models.DateTimeField)  # a contact's position is a title
    known = {field.name for field in model._meta.concrete_fields if isinstance(field, counted)}
    return attrgetter(*(name for name in ("line_no", "position", "at") if name in known), "pk")


class Shape(serializers.ModelSerializer[Any]):
    """A model's serializer whose guarded fields follow the caller's rights."""

    guarded: Mapping[str, str] = {}

    def include_extra_kwargs(self, kwargs: Any, extra_kwargs: Any) -> Any:
        """A choice that may be empty says so, although nobody writes it."""
        blank = "choices" in kwargs and kwargs.get("allow_blank", False)
        made = super().include_extra_kwargs(kwargs, extra_kwargs)
        return {**made, "allow_blank": True} if blank else made

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        actor = _reader(self.context)
        if actor is None:
            return fields
        return {n: field for n, field in fields.items() if n not in self.guarded or sees(actor, self.guarded[n])}


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
    shown = list(fields)
    meta = type("Meta", (), {"model": model, "fields": shown, "read_only_fields": shown, "list_serializer_class": Rows})
    body = {"Meta": meta, "guarded": dict(guarded or {}), **described}
    return type(name or f"{model.__name__}Shape", (Shape,), body)


def _reference(model: type[models.Model], field: str) -> Any:
    key: Any = model._meta.get_field(field)
    return _reference_class(key.related_model)(read_only=True, allow_null=key.null)


@cache
def _reference_class(related: Any) -> Any:
    known = {column.name for column in related._meta.concrete_fields}
    shown = [name for name in ("id", "number", "code", "lot_no", "name") if name in known]
    meta = type("Meta", (), {"model": related, "fields": shown, "read_only_fields": shown})
    return type(f"{related.__name__}Reference", (serializers.ModelSerializer,), {"Meta": meta})


DOCUMENT = (
    "id", "number", "doc_date", "approval", "closing", "revision", "version", "remark",
    "created_at", "created_by_name", "approved_at", "approved_by_name", "updated_at",
)  # fmt: skip
