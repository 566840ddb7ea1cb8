"""Writing columns of many rows in one statement.

``UPDATE … FROM UNNEST`` with one array per column: the statement's text does not depend on the number of
rows, so it is prepared once and planned once. (The ORM's own bulk update writes a CASE of all rows per
column: building and planning it took longer than the update.)

A ``Batch`` collects inserts and updates of several tables and writes them all as one statement.

Invariant: a statement writes a row once. PostgreSQL takes one of two updates of a row and drops the other without a word,
so whoever hands the same row over twice is told.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection, models


class RowGivenTwice(RuntimeError):
    """A mistake in the program: one statement was to write the same row twice, and one of both would be lost."""

    def __init__(self, row: models.Model) -> None:
        super().__init__(f"{row._meta.label} {row.pk} is given twice to one statement; one of both would be lost.")


# ``WHERE id {AMONG}``: PostgreSQL does not look into the array when it plans, so it keeps one plan for every number of ids.
# (An array that it sees makes each plan look cheaper than the one it could keep, and it plans anew for every run.)
AMONG = "= ANY((SELECT %s::uuid[])::uuid[])"


def uuid_array(ids: Iterable[UUID]) -> str:
    """Ids as the text of a PostgreSQL array: much cheaper to hand over than a list."""
    return "{" + ",".join(map(str, ids)) + "}"


def text_array(values: Iterable[str]) -> str:
    """Words as the text of a PostgreSQL array."""
    return "{" + ",".join(map(_quoted, values)) + "}"


def update_rows(rows: Iterable[models.Model], fields: Sequence[str]) -> int:
    """Write ``fields`` of saved rows of one model; returns how many rows there were to write."""
    found = _once(rows, set())
    if not found:
        return 0
    model = type(found[0])
    with connection.cursor() as cursor:
        cursor.execute(_update(model, tuple(fields)), _arrays(found, _ways_over(model, tuple(fields))))
        return cursor.rowcount


def insert_rows(rows: Sequence[models.Model]) -> None:
    """New rows of one model whose keys the database makes, with these keys read back; one statement."""
    if not rows:
        return
    model = type(rows[0])
    key = _key(model)
    with connection.cursor() as cursor:
        sql = f"{_insert(model)} RETURNING {connection.ops.quote_name(key.column)}"
        cursor.execute(sql, _arrays(rows, _ways_in(model)))
        for row, (value,) in zip(rows, cursor.fetchall(), strict=True):
            setattr(row, key.attname, value)
            row._state.adding, row._state.db = False, connection.alias


Written = set[tuple[type[models.Model], Any]]


def _once(rows: Iterable[models.Model], written: Written) -> list[models.Model]:
    """The rows as a list, noted as ``written``; the same object twice counts once, the same row twice is refused."""
    found: dict[int, models.Model] = {id(row): row for row in rows}
    for row in found.values():
        mark = (type(row), row.pk)
        if mark in written and row.pk is not None:
            raise RowGivenTwice(row)
        written.add(mark)
    return list(found.values())


@dataclass
class Batch:
    """Rows of different tables to be written together, once each, by one statement.

    What triggers and foreign keys check, they check when the statement ends. Keys that the database makes are not
    read back.
    """

    parts: list[tuple[str, list[str]]] = field(default_factory=list)
    written: Written = field(default_factory=set)

    def insert(self, rows: Iterable[models.Model]) -> None:
        """New rows of one model."""
        found = _once(rows, self.written)
        if not found:
            return
        model = type(found[0])
        self.parts.append((_insert(model), _arrays(found, _ways_in(model))))
        for row in found:
            row._state.adding = False

    def upsert(self, rows: Iterable[models.Model], *, unique: Sequence[str], fields: Sequence[str]) -> None:
        """New rows of one model; where one with the same ``unique`` values stands, its ``fields`` are written instead."""
        found = list(rows)
        if found:
            model = type(found[0])
            self.parts.append((_upsert(model, tuple(unique), tuple(fields)), _arrays(found, _ways_in(model))))

    def update(self, rows: Iterable[models.Model], fields: Sequence[str]) -> None:
        """Columns of saved rows of one model; raises RowGivenTwice for one that the batch writes already."""
        found = _once(rows, self.written)
        if found:
            model = type(found[0])
            self.parts.append((_update(model, tuple(fields)), _arrays(found, _ways_over(model, tuple(fields)))))

    def run(self, sql: str, values: Sequence[Any]) -> None:
        """A statement of one's own that writes other rows than the rest of the batch."""
        self.parts.append((sql, list(values)))

    def write(self) -> None:
        """Write everything that was collected, in one statement."""
        if not self.parts:
            return
        *others, last = [sql for sql, _values in self.parts]
        made = ", ".join(f"w{place} AS ({sql})" for place, sql in enumerate(others))
        with connection.cursor() as cursor:
            cursor.execute(f"WITH {made} {last}" if made else last, [row for _sql, rows in self.parts for row in rows])
        self.parts.clear()
        self.written.clear()


Way = tuple[str, Callable[[Any], str]]


def _arrays(rows: Sequence[models.Model], ways: Iterable[Way]) -> list[str]:
    """Each column's values as the text of an array: handing over a list costs a call of the driver for each value."""
    return [_array(name, text, rows) for name, text in ways]


def _array(name: str, text: Callable[[Any], str], rows: Sequence[models.Model]) -> str:
    values = ["NULL" if (value := getattr(row, name)) is None else text(value) for row in rows]
    return "{" + ",".join(values) + "}"


@lru_cache(maxsize=256)
def _ways_in(model: type[models.Model]) -> tuple[Way, ...]:
    """The attributes of a new row, and how each of their values is written."""
    return tuple((column.attname, _text_of(column)) for column in _insertable(model))


@lru_cache(maxsize=256)
def _ways_over(model: type[models.Model], names: tuple[str, ...]) -> tuple[Way, ...]:
    """The key and the attributes that are written anew."""
    return tuple((column.attname, _text_of(column)) for column in [_key(model), *_fields(model, names)])


def _text_of(column: Any) -> Callable[[Any], str]:
    """How a value of the column stands in the text of an array."""
    kind = (column.target_field if column.is_relation else column).get_internal_type()
    if kind in _PLAIN:
        return str
    if kind == "DateTimeField":
        return _moment
    if kind in {"CharField", "TextField"}:
        return _quoted
    if kind == "ArrayField":
        return lambda values: _quoted("{" + ",".join(map(_text_of(column.base_field), values)) + "}")
    if kind == "JSONField":
        return lambda value: _quoted(json.dumps(value, cls=column.encoder))
    return lambda value: _quoted(column.get_db_prep_save(value, connection))


_PLAIN = {
    "UUIDField",
    "DecimalField",
    "DateField",
    "BooleanField",
    "AutoField",
    "BigAutoField",
    "IntegerField",
    "SmallIntegerField",
    "BigIntegerField",
    "PositiveIntegerField",
    "PositiveSmallIntegerField",
    "PositiveBigIntegerField",
}


def _moment(value: Any) -> str:
    return str(value.isoformat())


def _quoted(value: Any) -> str:
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _key(model: type[models.Model]) -> Any:
    return model._meta.pk


def _fields(model: type[models.Model], names: tuple[str, ...]) -> list[Any]:
    return [model._meta.get_field(name) for name in names]


def _insertable(model: type[models.Model]) -> list[Any]:
    """All columns but a key that the database makes."""
    return [column for column in model._meta.concrete_fields if not isinstance(column, models.AutoField)]


@lru_cache(maxsize=256)
def _insert(model: type[models.Model]) -> str:
    quote, columns = connection.ops.quote_name, _insertable(model)
    names = ", ".join(quote(column.column) for column in columns)
    arrays = ", ".join(f"%s::{_travels_as(column)}[]" for column in columns)
    places = [f"x.c{place}" for place in range(len(columns))]
    values = ", ".join(_as_stored(column, place) for column, place in zip(columns, places, strict=True))
    known = ", ".join(f"c{place}" for place in range(len(columns)))
    return f"INSERT INTO {quote(model._meta.db_table)} ({names}) SELECT {values} FROM UNNEST({arrays}) AS x ({known})"


@lru_cache(maxsize=256)
def _upsert(model: type[models.Model], unique: tuple[str, ...], fields: tuple[str, ...]) -> str:
    quote = connection.ops.quote_name
    known = ", ".join(quote(column.column) for column in _fields(model, unique))
    columns = [quote(column.column) for column in _fields(model, fields)]
    written = ", ".join(f"{column} = excluded.{column}" for column in columns)
    return f"{_insert(model)} ON CONFLICT ({known}) DO UPDATE SET {written}"


@lru_cache(maxsize=256)
def _update(model: type[models.Model], fields: tuple[str, ...]) -> str:
    quote = connection.ops.quote_name
    columns, key = _fields(model, fields), _key(model)
    arrays = ", ".join(f"%s::{_travels_as(column)}[]" for column in [key, *columns])
    names = ", ".join(["key", *(f"c{place}" for place in range(len(columns)))])
    written = ", ".join(
        f"{quote(column.column)} = {_as_stored(column, f'x.c{place}')}" for place, column in enumerate(columns)
    )
    table = quote(model._meta.db_table)
    return (
        f"UPDATE {table} SET {written} FROM UNNEST({arrays}) AS x ({names}) WHERE {table}.{quote(key.column)} = x.key"
    )


def _travels_as(column: Any) -> str:
    """The type of the column's values on their way: arrays as text, since ``UNNEST`` opens arrays of arrays wholly."""
    return "text" if _is_array(column) else _type(column)


def _as_stored(column: Any, place: str) -> str:
    return f"{place}::{_type(column)}" if _is_array(column) else place


def _is_array(column: Any) -> bool:
    return column.get_internal_type() == "ArrayField"


def _type(column: Any) -> str:
    return str(column.rel_db_type(connection) if column.is_relation else column.db_type(connection))
