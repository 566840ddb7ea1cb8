"""Writing columns of many rows in one statement.

``UPDATE … FROM UNNEST`` with one array per column: the statement's text does not depend on the number of
rows, so it is prepared once and planned once. (The ORM's own bulk update writes a CASE of all rows per
column: building and planning it took longer than the update.)
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection, models


def update_rows(rows: Iterable[models.Model], fields: Sequence[str]) -> int:
    """Write ``fields`` of saved rows of one model; returns how many rows there were to write."""
    found = list(rows)
    if not found:
        return 0
    model = type(found[0])
    columns = [model._meta.pk, *(model._meta.get_field(name) for name in fields)]
    arrays = [
        [column.get_db_prep_save(getattr(row, column.attname), connection) for row in found]  # type: ignore[union-attr]
        for column in columns
    ]
    with connection.cursor() as cursor:
        cursor.execute(_statement(model, tuple(fields)), arrays)
        return cursor.rowcount


@lru_cache(maxsize=256)
def _statement(model: type[models.Model], fields: tuple[str, ...]) -> str:
    quote = connection.ops.quote_name
    columns: list[Any] = [model._meta.get_field(name) for name in fields]
    key: Any = model._meta.pk
    arrays = ", ".join(f"%s::{_type(column)}[]" for column in [key, *columns])
    names = ", ".join(["key", *(f"c{place}" for place in range(len(columns)))])
    written = ", ".join(f"{quote(column.column)} = x.c{place}" for place, column in enumerate(columns))
    table = quote(model._meta.db_table)
    return (
        f"UPDATE {table} SET {written} FROM UNNEST({arrays}) AS x ({names}) WHERE {table}.{quote(key.column)} = x.key"
    )


def _type(column: Any) -> str:
    """The column's type as an array element."""
    return str(column.rel_db_type(connection) if column.is_relation else column.db_type(connection))
