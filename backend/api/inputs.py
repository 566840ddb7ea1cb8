"""Request bodies from the dataclasses that services take: one declaration for pages, API and import.

Types give the fields, the model beside gives lengths, choices and bounds. Dates lie between 2000 and
2099: beyond that a date is a typing error, and arithmetic with it would fail.
"""

import dataclasses
import types
import typing
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext as _
from rest_framework import serializers

EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)
MOST_LINES = 1000
LONG_TEXTS = {"remark", "description", "text", "solution"}


class Text(serializers.CharField):
    """Text as it is described: a number in its place is a mistake, not a text of digits."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class PlausibleDate(serializers.DateField):
    """A date of this century."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.validators += [MinValueValidator(EARLIEST), MaxValueValidator(LATEST)]


class PlausibleMoment(serializers.DateTimeField):
    """A moment of this century."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        first, last = (datetime.combine(day, time.min, UTC) for day in (EARLIEST, LATEST))
        self.validators += [MinValueValidator(first), MaxValueValidator(last)]


class AllocationSerializer(serializers.Serializer[Any]):
    """So much of the money for an invoice."""

    invoice_id = serializers.UUIDField()
    amount = serializers.DecimalField(max_digits=14, decimal_places=2)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            refuse_unknown(self, data)
        found = super().to_internal_value(data)
        return found["invoice_id"], found["amount"]


def refuse_unknown(serializer: Any, data: Any) -> None:
    """A field that is not known is most likely a known one misspelt: better said than silently left out."""
    unknown = [str(name)[:60] for name in data if name not in serializer.fields]
    if unknown:
        raise serializers.ValidationError({name: [_("There is no such field.")] for name in unknown[:20]})


class DataclassSerializer(serializers.Serializer[Any]):
    """Checks a body and turns it into its dataclass."""

    dataclass: Any = None

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            refuse_unknown(self, data)
        return self.dataclass(**super().to_internal_value(data))


@cache
def serializer_for(cls: Any, model: type[models.Model] | None = None, exclude: frozenset[str] = frozenset()) -> Any:
    """The serializer class of a dataclass; ``model`` is where lengths and choices are looked up."""
    hints = typing.get_type_hints(cls)
    made = {
        field.name: _field(field, hints[field.name], model)
        for field in dataclasses.fields(cls)
        if field.name not in exclude and typing.get_origin(hints[field.name]) is not dict
    }
    name = f"{cls.__module__.split('.')[1].title()}{cls.__name__}{model.__name__ if model else ''}"
    return type(name, (DataclassSerializer,), {"dataclass": cls, **made})


def _field(field: Any, hint: Any, model: type[models.Model] | None) -> serializers.Field[Any, Any, Any, Any]:
    required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    optional, hint = _without_none(hint)
    options: dict[str, Any] = {"required": required}
    if optional:
        options["allow_null"] = True
    origin = typing.get_origin(hint)
    if origin is not None:
        (inner, *_rest) = typing.get_args(hint)
        return _many(inner, model, options)
    if _is_dataclass(hint):
        return serializer_for(hint, _related(model, field.name))(**options)
    return _plain(field.name, hint, model, options)


def _is_dataclass(hint: Any) -> bool:
    return dataclasses.is_dataclass(hint)


def _without_none(hint: Any) -> tuple[bool, Any]:
    if typing.get_origin(hint) in {types.UnionType, typing.Union}:
        rest = [part for part in typing.get_args(hint) if part is not type(None)]
        return len(rest) < len(typing.get_args(hint)), rest[0]
    return False, hint


def _many(inner: Any, model: type[models.Model] | None, options: dict[str, Any]) -> Any:
    if inner == tuple[UUID, Decimal]:
        made: Any = AllocationSerializer
        return made(many=True, max_length=MOST_LINES, **options)
    if _is_dataclass(inner):
        return serializer_for(inner, _line_model(model))(many=True, max_length=MOST_LINES, **options)
    return serializers.ListField(child=_plain("", inner, None, {}), max_length=MOST_LINES, **options)


def _line_model(model: type[models.Model] | None) -> type[models.Model] | None:
    return _related(model, "lines")


def _related(model: type[models.Model] | None, name: str) -> type[models.Model] | None:
    try:
        found = model._meta.get_field(name).related_model if model else None
    except FieldDoesNotExist:
        return None
    return found if isinstance(found, type) else None


def _plain(name: str, hint: Any, model: type[models.Model] | None, options: dict[str, Any]) -> Any:
    stored = _stored(model, name)
    if hint is bool:
        return serializers.BooleanField(**options)
    if hint is UUID:
        return serializers.UUIDField(**options)
    if hint is datetime:
        return PlausibleMoment(**options)
    if hint is date:
        return PlausibleDate(**options)
    if hint is Decimal:
        return _decimal(name, stored, options)
    if hint is int:
        return serializers.IntegerField(min_value=0, max_value=32767, **options)
    if stored is not None and stored.choices:
        return serializers.ChoiceField(choices=stored.flatchoices, allow_blank=stored.blank, **options)
    longest = getattr(stored, "max_length", None) or (4000 if name in LONG_TEXTS else 200)
    return Text(max_length=longest, allow_blank=True, **options)


def _stored(model: type[models.Model] | None, name: str) -> Any:
    try:
        return model._meta.get_field(name) if model else None
    except FieldDoesNotExist:
        return None


def _decimal(name: str, stored: Any, options: dict[str, Any]) -> serializers.DecimalField:
    digits, places = 18, 4
    if isinstance(stored, models.DecimalField):
        digits, places = stored.max_digits or digits, stored.decimal_places or places
    elif name.endswith(("price", "cost")):
        digits, places = 20, 6
    elif name.endswith(("pct", "rate")):
        digits, places = 9, 4
    elif name.endswith(("amount", "limit", "freight")):
        digits, places = 18, 2
    # Two digits below what the column holds leave room for quantity times price.
    return serializers.DecimalField(max_digits=min(digits - 2, 14), decimal_places=places, **options)
