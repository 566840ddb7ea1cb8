"""What a style's variants look like: their codes, their words, and the matrix of rows and columns they stand in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from backend.catalog.models import Attribute, AttributeValue, Item, Style, StyleValue
from backend.catalog.selectors import with_stock

Combination = tuple[AttributeValue, ...]


def in_order(values: Iterable[AttributeValue]) -> list[AttributeValue]:
    """Values as codes name them: by attribute, then by their own order."""
    return sorted(values, key=lambda row: (row.attribute.position, row.attribute.code, row.position, row.code))


def key_of(values: Iterable[AttributeValue]) -> str:
    """``RED-M``."""
    return "-".join(value.code for value in in_order(values))


def code_of(style: Style, values: Iterable[AttributeValue]) -> str:
    """``STYLE-RED-M``."""
    return f"{style.code}-{key_of(values)}"


def spec_of(values: Iterable[AttributeValue], names: Mapping[UUID, str] | None = None) -> str:
    """``红 / M``."""
    known = names or {}
    return " / ".join(known.get(value.pk, value.name) for value in in_order(values))


def axes_of(values: Iterable[AttributeValue]) -> list[tuple[Attribute, list[AttributeValue]]]:
    """The attributes of a style in their order, each with the values it exists in."""
    axes: dict[UUID, tuple[Attribute, list[AttributeValue]]] = {}
    for value in in_order(values):
        axes.setdefault(value.attribute_id, (value.attribute, []))[1].append(value)
    return list(axes.values())


def combinations_of(values: Iterable[AttributeValue]) -> list[Combination]:
    """Every combination of one value of each attribute."""
    axes = axes_of(values)
    return [tuple(found) for found in product(*(each for _attribute, each in axes))] if axes else []


@dataclass(frozen=True)
class MatrixRow:
    """The variants of one colour by size; None where the style has no such variant."""

    label: str
    values: Combination
    cells: tuple[Any, ...]


@dataclass(frozen=True)
class Matrix:
    """A style's variants: rows by all attributes but the last, columns by the last."""

    style: Style
    row_label: str
    column_label: str
    columns: tuple[AttributeValue, ...]
    rows: tuple[MatrixRow, ...]

    @property
    def items(self) -> list[Any]:
        return [item for row in self.rows for item in row.cells if item is not None]


def values_of(style: Style) -> list[AttributeValue]:
    """The values that the style exists in, with their attributes; from what was prefetched, or one statement."""
    return in_order(row.value for row in style.chosen.select_related("value__attribute"))


def styles(*, active_only: bool = False) -> QuerySet[Style]:
    """Styles with what they refer to and the values they exist in, by name; two statements."""
    values = Prefetch("chosen", queryset=StyleValue.objects.select_related("value__attribute"))
    found = Style.objects.select_related("category", "unit", "tax_code", "supplier")
    found = found.prefetch_related(values)
    return (found.filter(active=True) if active_only else found).order_by("sort_key", "id")


def matrices_of(found: Sequence[Style], *, warehouse_id: UUID | None = None) -> list[Matrix]:
    """The matrices of styles, each variant with ``on_hand``, ``reserved`` and ``available``; one statement for all."""
    rows = with_stock(Item.objects.filter(style__in=found), warehouse_id=warehouse_id).select_related("unit")
    by_key = {(item.style_id, item.variant_key): item for item in rows}
    return [_matrix(style, by_key) for style in found]


def _matrix(style: Style, by_key: Mapping[tuple[Any, str], Item]) -> Matrix:
    axes = axes_of(row.value for row in style.chosen.all())
    if not axes:
        return Matrix(style, "", "", (), ())
    *others, (last, columns) = axes
    rows = []
    for values in product(*(each for _attribute, each in others)):
        cells = tuple(by_key.get((style.pk, key_of([*values, column]))) for column in columns)
        rows.append(MatrixRow(spec_of(values) if values else style.name, tuple(values), cells))
    label = " / ".join(attribute.name for attribute, _values in others)
    return Matrix(style, label, last.name, tuple(columns), tuple(rows))


def search_styles(text: str, *, limit: int = 4) -> list[Style]:
    """Active styles by code, name or pinyin initials; one statement."""
    found = Style.objects.filter(active=True)
    for word in text.split():
        found = (
            found.filter(code__istartswith=word)
            | found.filter(name__icontains=word)
            | found.filter(mnemonic__contains=word.upper())
        )
    return list(found.order_by("sort_key", "id")[:limit]) if text.split() else []
